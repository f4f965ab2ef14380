// What opens as an archive beside what it is: self-extracting programs and scripts, files of two
// kinds, a tar behind a tar.
// LIMITS: the first 64 places of each magic number that nothing else confirms; more are
// ReadingsCut. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/decode/inflate.h"
#include "src/decode/leaf.h"
#include "src/decode/openers.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

using mail::DefectId;

// A zip by its end: the record ends the file and its directory is where it says. What merely holds
// a zip somewhere (an uncompressed tar, an album of files) is not that.
bool EndsAsZip(Bytes b) {
  constexpr size_t kTail = 66'000;  // an end record with the longest comment
  const size_t from = b.size() > kTail ? b.size() - kTail : 0;
  const LittleEndian in(b);
  for (size_t at = b.rfind(Bytes("PK\x05\x06", 4)); at != Bytes::npos && at >= from;
       at = b.rfind(Bytes("PK\x05\x06", 4), at - 1)) {
    const uint64_t size = in.U32(at + 12);
    if (at + 22 + in.U16(at + 20) == b.size() && size > 0 && size <= at &&
        b.substr(at - size, 4) == Bytes("PK\x01\x02", 4)) {
      return true;
    }
    if (at == 0) {
      break;
    }
  }
  return false;
}

// A local header that no end record confirms: its name is one, or what follows unpacks.
bool IsPlausibleEntry(Bytes b, size_t at, Collector* out) {
  constexpr uint64_t kEnough = 1 << 16;
  const LittleEndian in(b);
  const size_t name_end = at + 30 + in.U16(at + 26);
  const size_t data = name_end + in.U16(at + 28);
  if (data >= b.size()) {
    return false;
  }
  const Bytes name = b.substr(at + 30, name_end - at - 30);
  if (std::all_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; })) {
    return true;
  }
  const Inflated inflated =
      in.U16(at + 8) == 8 ? Inflate(b.substr(data, kEnough), kEnough) : Inflated();
  out->Spend(inflated.bytes.size());
  return inflated.complete || inflated.bytes.size() >= kEnough / 2 ||
         (in.U16(at + 8) == 0 && in.U32(at + 18) == in.U32(at + 22) && in.U32(at + 18) > 0 &&
          in.U32(at + 18) <= b.size() - data);
}

// A zip within other bytes, wherever: a local header that a writer could have made. Viewers that
// repair look for headers from either side and never ask how much junk there is. `at` is where it
// begins, `whole` whether there is an end record behind it.
bool HoldsZip(const Leaf& leaf, size_t* begin, bool* whole, Collector* out) {
  constexpr int kTries = 64;  // what has more is opened as one
  const Bytes b = leaf.bytes;
  const LittleEndian in(b);
  const size_t end = b.rfind(Bytes("PK\x05\x06", 4));
  int tries = 0;
  for (size_t at = b.find(Bytes("PK\x03\x04", 4)); at != Bytes::npos;
       at = b.find(Bytes("PK\x03\x04", 4), at + 4)) {
    const uint32_t name = in.U16(at + 26);
    // A file that a PDF embeds as it is has been read as such.
    const bool of_pdf =
        leaf.type == Type::kPdf && at >= 8 && b.substr(at - 8, 8).find("stream") != Bytes::npos;
    if (in.U16(at + 4) % 256 > 63 || in.U16(at + 8) >= 100 || name == 0 || name >= 4096 || of_pdf) {
      continue;
    }
    *begin = at;
    *whole = end != Bytes::npos && end >= at + 30;
    if (*whole || ++tries > kTries || IsPlausibleEntry(b, at, out)) {
      return true;
    }
  }
  return false;
}

constexpr size_t kTarBlock = 512;
constexpr Bytes kTarMagic = "ustar";
constexpr size_t kTarMagicAt = 257;

// Where a tar ends, or where readers may disagree about how it goes on: files that end in zeros
// stand in many, and what follows one of these is no second archive. 0: it is none.
size_t EndOfTar(Bytes b) {
  constexpr size_t kSizeAt = 124;
  constexpr size_t kSizeDigits = 12;
  constexpr size_t kKindAt = 156;
  size_t at = 0;
  while (at + kTarBlock <= b.size() && b.substr(at + kTarMagicAt, 5) == kTarMagic) {
    uint64_t size = 0;
    for (const char c : AsciiTrim(b.substr(at + kSizeAt, kSizeDigits))) {
      if (c == '\0' || c == ' ') {
        break;
      }
      if (c < '0' || c > '7') {
        return at + kTarBlock;
      }
      size = size * 8 + static_cast<uint64_t>(c - '0');
    }
    const char kind = b[at + kKindAt];
    at += kTarBlock;
    const Bytes data = b.substr(at, size);
    // Links and folders have no data, whatever they say; an extended header may say another size.
    const bool odd = (kind >= '1' && kind <= '6' && size > 0) ||
                     ((kind == 'x' || kind == 'g') && data.find("size=") != Bytes::npos);
    if (odd || data.size() < size) {
      return at;
    }
    at += (data.size() + kTarBlock - 1) / kTarBlock * kTarBlock;
  }
  return std::min(at, b.size());
}

// A tar behind the end of another, or behind zeros: what stops at an empty block does not see it,
// what looks for the next header does (tar --ignore-zeros). npos: none.
size_t FindSecondTar(Bytes b) {
  const size_t from = std::max(EndOfTar(b), kTarBlock) + kTarMagicAt;
  for (size_t at = b.find(kTarMagic, from); at != Bytes::npos; at = b.find(kTarMagic, at + 5)) {
    if (at % kTarBlock != kTarMagicAt) {
      continue;
    }
    const size_t header = at - kTarMagicAt;
    if (b.substr(header - kTarBlock, kTarBlock).find_first_not_of('\0') == Bytes::npos) {
      return header;
    }
  }
  return Bytes::npos;
}

// Near the end, where every reader looks.
bool HasZipParts(Bytes b) {
  constexpr size_t kTail = 66'000;
  const size_t from = b.size() > kTail ? b.size() - kTail : 0;
  return b.substr(from).find(Bytes("PK\x05\x06", 4)) != Bytes::npos &&
         b.find(Bytes("PK\x03\x04", 4)) != Bytes::npos;
}

}  // namespace

void OpenAppended(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  const bool program = leaf.type == Type::kExecutable;
  const bool loose = program || leaf.type == Type::kImage || leaf.type == Type::kPdf ||
                     leaf.type == Type::kBinary || leaf.type == Type::kHtml;
  if (leaf.type == Type::kZip || leaf.type == Type::kOoxml || leaf.type == Type::kOdf) {
    return;
  }
  // What holds an archive at the last depth is said to, as an archive there is.
  const auto too_deep = [&] {
    const bool deep = leaf.depth >= out->limits().archive_depth;
    if (deep) {
      out->AddUnscannable(Reason::kTooDeep, leaf);
    }
    return deep;
  };
  const bool other = IsOtherData(leaf);
  const auto appended = [&] {
    out->AddDefect(DefectId::kArchiveAppended, other ? mail::Grade::kB : mail::Grade::kC, leaf.part,
                   other ? "within other data" : "");
  };
  // Readers look for a PDF's header in the first KiB, whatever stands before it.
  constexpr size_t kPdfHead = 2048;
  const bool unopened = leaf.type == Type::kArchive && !leaf.is_container;
  if ((program || leaf.type == Type::kImage || unopened) &&
      leaf.bytes.substr(0, kPdfHead).find("%PDF-") != Bytes::npos &&
      leaf.bytes.find("endobj") != Bytes::npos) {
    out->AddDefect(DefectId::kArchiveAppended, mail::Grade::kB, leaf.part,
                   "a PDF behind other data");
    Leaf inner = leaf;
    inner.type = Type::kPdf;
    inner.is_typed = true;
    inner.is_container = false;
    inner.is_alternative = true;
    out->AddPending(std::move(inner));
  }
  const bool tar = leaf.type == Type::kArchive && leaf.bytes.size() > kTarBlock &&
                   leaf.bytes.substr(kTarMagicAt, 5) == kTarMagic;
  if (tar || leaf.type == Type::kBinary) {
    const size_t at = FindSecondTar(leaf.bytes);
    if (at != Bytes::npos) {
      if (too_deep()) {
        return;
      }
      out->AddDefect(DefectId::kArchiveAppended, mail::Grade::kB, leaf.part, "a tar behind zeros");
      out->AddMember(index, "appended", leaf.bytes.substr(at)).is_alternative = true;
    }
  }
  if ((loose && HasZipParts(leaf.bytes)) || EndsAsZip(leaf.bytes)) {
    if (too_deep()) {
      return;
    }
    if (!program) {
      appended();
    }
    OpenZip(index, out);
    return;
  }
  size_t begin = 0;
  bool whole = false;
  if ((loose || leaf.type == Type::kText || leaf.type == Type::kXml) &&
      HoldsZip(leaf, &begin, &whole, out)) {
    if (too_deep()) {
      return;
    }
    if (!program) {
      // Some formats of programs hold zip files of their own.
      out->AddDefect(DefectId::kArchiveAppended, mail::Grade::kB, leaf.part, "within other data");
    }
    if (whole) {
      OpenZip(index, out);
    } else if (out->TakeMember(leaf.path + "/appended")) {
      Leaf& inner = out->AddMember(index, "appended", leaf.bytes.substr(begin));
      inner.is_alternative = true;
      inner.is_within = other;
    }
    return;
  }
  if (!loose) {
    return;
  }
  static constexpr Bytes kMagics[] = {Bytes("Rar!\x1a\x07", 6), Bytes("7z\xbc\xaf\x27\x1c", 6)};
  // Programs that unpack themselves: a cabinet behind a stub, a compressed tar behind a script.
  static constexpr Bytes kOfPrograms[] = {Bytes("MSCF\0\0\0\0", 8), Bytes("\n\x1f\x8b\x08", 4),
                                          Bytes("\n\xfd"
                                                "7zXZ\0",
                                                7),
                                          Bytes("\nBZh91AY&SY", 11)};
  const auto open = [&](Bytes magic, bool of_programs) {
    // A stub may hold the magic as data: what does not open there is no finding, but no number of
    // such places hides what stands behind them.
    constexpr int kPlaces = 64;
    int places = 0;
    for (size_t at = leaf.bytes.find(magic, 1); at != Bytes::npos;
         at = leaf.bytes.find(magic, at + 1)) {
      if (too_deep()) {
        return false;
      }
      if (++places > kPlaces) {
        out->AddDefect(DefectId::kReadingsCut, leaf.part);
        break;
      }
      if (!out->TakeMember(leaf.path + "/appended")) {
        return false;
      }
      Leaf& inner =
          out->AddMember(index, "appended", leaf.bytes.substr(magic[0] == '\n' ? at + 1 : at));
      inner.is_alternative = true;
      inner.is_within = other;
      if (!program && !of_programs) {
        appended();
      }
    }
    return true;
  };
  for (const Bytes magic : kMagics) {
    if (!open(magic, false)) {
      return;
    }
  }
  for (const Bytes magic : kOfPrograms) {
    if (program && !open(magic, true)) {
      return;
    }
  }
}

}  // namespace gatepost::decode
