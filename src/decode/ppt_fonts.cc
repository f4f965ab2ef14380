// LIMITS: 4,000 fonts, 100,000 runs of a text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/ppt_fonts.h"

#include <algorithm>

#include "src/decode/charset.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostPptFonts = 4'000;
constexpr size_t kMostPptRuns = 100'000;

constexpr uint32_t kFontEntityAtom = 0x0fb7;
constexpr uint32_t kTextMasterStyleAtom = 0x0fa3;
constexpr uint32_t kTextCfExceptionAtom = 0x0fa4;

// Steps over a TextPFException (2.9.18): which fields are there, its mask says.
uint64_t BehindParagraph(const LittleEndian& in, uint64_t at) {
  struct Field {
    uint32_t mask;
    uint32_t bytes;
  };
  constexpr std::array<Field, 12> kFields = {{{0x0000000f, 2},    // bulletFlags
                                              {0x00000080, 2},    // bulletChar
                                              {0x00000010, 2},    // bulletFontRef
                                              {0x00000040, 2},    // bulletSize
                                              {0x00000020, 4},    // bulletColor
                                              {0x00000800, 2},    // textAlignment
                                              {0x00001000, 2},    // lineSpacing
                                              {0x00002000, 2},    // spaceBefore
                                              {0x00004000, 2},    // spaceAfter
                                              {0x00000100, 2},    // leftMargin
                                              {0x00000400, 2},    // indent
                                              {0x00008000, 2}}};  // defaultTabSize
  const uint32_t mask = in.U32(at);
  at += 4;
  for (const Field& field : kFields) {
    at += (mask & field.mask) != 0 ? field.bytes : 0;
  }
  if ((mask & 0x00100000) != 0) {  // tabStops
    at += 2 + 4ULL * in.U16(at);
  }
  at += (mask & 0x00010000) != 0 ? 2 : 0;          // fontAlign
  at += (mask & 0x000e0000) != 0 ? 2 : 0;          // wrapFlags
  return at + ((mask & 0x00200000) != 0 ? 2 : 0);  // textDirection
}

// The same for a TextCFException (2.9.13); *font: its fontRef, else its ansiFontRef, else as it
// was.
uint64_t BehindCharacters(const LittleEndian& in, uint64_t at, uint32_t* font) {
  const uint32_t mask = in.U32(at);
  at += 4;
  at += (mask & 0x0000ffff) != 0 ? 2 : 0;  // fontStyle
  if ((mask & 0x00010000) != 0) {
    *font = in.U16(at);
    at += 2;
  }
  at += (mask & 0x00200000) != 0 ? 2 : 0;  // oldEAFontRef
  if ((mask & 0x00400000) != 0) {
    *font = (mask & 0x00010000) != 0 ? *font : in.U16(at);
    at += 2;
  }
  at += (mask & 0x00800000) != 0 ? 2 : 0;          // symbolFontRef
  at += (mask & 0x00020000) != 0 ? 2 : 0;          // fontSize
  at += (mask & 0x00040000) != 0 ? 4 : 0;          // color
  return at + ((mask & 0x00080000) != 0 ? 2 : 0);  // position
}

}  // namespace

void PptFonts::Add(uint32_t type, uint32_t instance, Bytes data) {
  const LittleEndian in(data);
  if (type == kFontEntityAtom) {
    if (names_.size() < kMostPptFonts) {
      const std::string name = Utf16LeToUtf8(data.substr(0, 64));
      names_[instance] = name.substr(0, name.find('\0'));
    }
  } else if (type == kTextMasterStyleAtom && instance < kKinds && in.U16(0) > 0) {
    uint32_t font = kNone;
    BehindCharacters(in, BehindParagraph(in, instance >= 5 ? 4 : 2), &font);
    if (font != kNone) {
      of_kind_[instance] = font;
    }
  } else if (type == kTextCfExceptionAtom) {
    BehindCharacters(in, 0, &default_);
  }
}

std::string PptFonts::names() const {
  std::string out;
  for (const auto& [index, name] : names_) {
    out += name + "\n";
  }
  return out;
}

std::string_view PptFonts::NameOf(uint32_t font) const {
  const auto found = names_.find(font);
  return found == names_.end() ? std::string_view() : found->second;
}

// Centred, half and quarter texts say only what differs from title or body (2.9.35).
uint32_t PptFonts::OfKind(uint32_t kind) const {
  const uint32_t base = kind == 6 ? 0 : kind == 5 || kind == 7 || kind == 8 ? 1 : kind;
  for (const uint32_t one : {kind, base}) {
    if (const auto found = of_kind_.find(one); found != of_kind_.end()) {
      return found->second;
    }
  }
  return default_;
}

std::vector<PptFonts::Run> PptFonts::RunsOf(uint32_t kind, Bytes style, uint32_t characters) const {
  const LittleEndian in(style);
  const uint32_t usual = OfKind(kind);
  std::vector<Run> runs;
  // The runs of either kind cover the text and the paragraph end behind it.
  uint64_t at = 0;
  for (uint64_t covered = 0; covered <= characters && at + 10 <= style.size();) {
    covered += in.U32(at);
    at = BehindParagraph(in, at + 6);
  }
  uint32_t covered = 0;
  while (covered < characters && at + 8 <= style.size() && runs.size() < kMostPptRuns) {
    const uint32_t count = std::min(in.U32(at), characters - covered);
    uint32_t font = usual;
    at = BehindCharacters(in, at + 4, &font);
    if (count > 0) {
      runs.push_back({count, NameOf(font)});
    }
    covered += count;
  }
  if (covered < characters) {
    runs.push_back({characters - covered, NameOf(usual)});
  }
  return runs;
}

}  // namespace gatepost::decode
