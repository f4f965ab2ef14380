// What is not understood is no formula: rulers, spacings of lines, other versions.
// LIMITS: a compound file of 1 MiB.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/equation.h"

#include <algorithm>
#include <string>

#include "src/decode/ole.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostStorage = 1U << 20;

// Records of MTEF 3 one behind the other: lists end in records of their own, so that depth need not
// be kept.
class Records {
 public:
  explicit Records(Bytes bytes) : in_(bytes) {}

  bool Understood() {
    while (in_.ok() && !in_.rest().empty()) {
      const unsigned tag = in_.Byte();
      if (!Record(tag & 0x0fU, tag >> 4U)) {
        return false;
      }
    }
    return in_.ok();
  }

  bool overruns() const { return overruns_; }

 private:
  enum : unsigned { kEnd, kLine, kChar, kTemplate, kPile, kMatrix, kMark, kRuler, kFont, kSize };
  static constexpr unsigned kMoved = 8;
  static constexpr unsigned kRulerOrSpacing = 2 | 4;

  bool Record(unsigned kind, unsigned options) {
    if (kind >= kLine && kind <= kMark && (options & kMoved) != 0) {
      const Bytes nudge = in_.Take(2);
      if (nudge == "\x80\x80") {
        in_.Take(4);
      }
    }
    switch (kind) {
      case kLine:
        return (options & kRulerOrSpacing) == 0;
      case kChar:  // typeface, character
        in_.Take(3);
        return true;
      case kTemplate: {  // selector, variation, options
        constexpr unsigned kTemplates = 48;
        const unsigned selector = in_.Byte();
        in_.Take(2);
        return selector < kTemplates;
      }
      case kPile:  // how it is set
        in_.Take(2);
        return (options & kRulerOrSpacing) == 0;
      case kMatrix: {
        constexpr unsigned kMost = 31;  // two bits for each line around them, in eight bytes
        in_.Take(3);
        const unsigned rows = in_.Byte();
        const unsigned columns = in_.Byte();
        in_.Take((2 * (rows + 1) + 7) / 8 + (2 * (columns + 1) + 7) / 8);
        overruns_ = rows > kMost || columns > kMost;
        return !overruns_;
      }
      case kMark:
        in_.Take(1);
        return true;
      case kFont:
        return Font();
      case kSize: {
        const unsigned first = in_.Byte();
        in_.Take(first == 101 ? 2 : first == 100 ? 3 : 1);
        return true;
      }
      default:  // sizes by name have no more than their tag
        return kind != kRuler && kind <= 14;
    }
  }

  // Typeface, style, and a name that Windows has room for.
  bool Font() {
    in_.Take(2);
    constexpr size_t kMostName = 31;
    const size_t end = in_.rest().substr(0, kMostName + 1).find('\0');
    if (end == Bytes::npos) {
      overruns_ = in_.ok() && in_.rest().size() > kMostName;
      return false;
    }
    const Bytes name = in_.Take(end + 1);
    return std::all_of(name.begin(), name.end() - 1,
                       [](char c) { return static_cast<unsigned char>(c) >= ' '; });
  }

  Cursor in_;
  bool overruns_ = false;
};

bool IsPlainStream(const OleStream& stream) {
  if (stream.path == "\x01Ole") {  // no link, no moniker
    return stream.bytes.size() <= 20 && (LittleEndian(stream.bytes).U8(4) & 1) == 0;
  }
  return stream.path ==
             "\x01"
             "CompObj" ||
         stream.path == "\x03ObjInfo" || stream.path == "\x02OlePres000";
}

// The records behind both headers, of version 3 of the equation editor on Windows; to_length: as
// many as the first header says, else all that there are. Empty: something else.
Bytes BodyOf(Bytes native, bool to_length) {
  const LittleEndian in(native);
  constexpr uint32_t kHeader = 28;
  constexpr uint32_t kVersion = 0x20000;
  if (native.size() < kHeader || in.U16(0) != kHeader || in.U32(2) != kVersion ||
      (to_length && in.U32(8) > native.size() - kHeader)) {
    return {};
  }
  const Bytes body = in.Slice(kHeader, to_length ? in.U32(8) : native.size());
  return body.substr(0, 3) == "\x03\x01\x01" ? body.substr(std::min<size_t>(5, body.size()))
                                             : Bytes();
}

// The class of the compound file's root (MS-CFB 2.6.1).
bool IsOfEquationEditor(Bytes file) {
  const LittleEndian in(file);
  constexpr Bytes kClass{"\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16};
  return in.U16(30) == 9 && in.Slice((uint64_t{in.U32(0x30)} + 1) * 512 + 0x50, 16) == kClass;
}

}  // namespace

bool IsSoundFormula(Bytes native) {
  const Bytes body = BodyOf(native, true);
  return !body.empty() && Records(body).Understood();
}

bool IsOverrun(Bytes native) {
  const Bytes body = BodyOf(native, false);
  Records records(body);
  return !body.empty() && !records.Understood() && records.overruns();
}

bool IsSoundFormulaObject(Bytes object) {
  constexpr Bytes kClass{"\x0b\0\0\0Equation.3\0\0\0\0\0\0\0\0\0", 23};
  const LittleEndian in(object);
  const uint64_t begin = 8 + kClass.size() + 4;
  const Bytes file = in.Slice(begin, in.U32(begin - 4));
  const uint64_t behind = begin + in.U32(begin - 4);
  // Behind it stands how it looks, a metafile, or nothing.
  if (in.U32(0) != 0x501 || in.U32(4) != 2 || in.Slice(8, kClass.size()) != kClass ||
      file.size() > kMostStorage || behind > object.size() ||
      (behind < object.size() &&
       (in.U32(behind) != 0x501 || (in.U32(behind + 4) != 0 && in.U32(behind + 4) != 5))) ||
      !IsOfEquationEditor(file)) {
    return false;
  }
  const OleFile opened = ReadOle(file, kMostStorage);
  size_t formulas = 0;
  for (const OleStream& stream : opened.streams) {
    if (stream.path == "Equation Native") {
      formulas += IsSoundFormula(stream.bytes) ? 1 : 2;
    } else if (!IsPlainStream(stream)) {
      return false;
    }
  }
  return opened.opened && !opened.damaged && !opened.too_big && formulas == 1;
}

}  // namespace gatepost::decode
