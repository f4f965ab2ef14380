// LIMITS: 20,000 pages of properties of each kind, 4,000 styles, 11 ancestors of a style.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/doc_fonts.h"

#include <algorithm>

#include "src/decode/charset.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr uint64_t kMostPages = 20'000;
constexpr uint32_t kMostStyles = 4000;
constexpr int kMostAncestors = 11;
constexpr uint64_t kPageSize = 512;

}  // namespace

DocFonts::DocFonts(Bytes document, Bytes table, FontMarks* marks) {
  const LittleEndian fib(document);
  const LittleEndian in(table);
  ReadNames(in.Slice(fib.U32(0x0112), fib.U32(0x0116)), marks);
  ReadStyles(in.Slice(fib.U32(0x00a2), fib.U32(0x00a6)));
  ReadSpans(document, in.Slice(fib.U32(0x00fa), fib.U32(0x00fe)), false, &characters_);
  ReadSpans(document, in.Slice(fib.U32(0x0102), fib.U32(0x0106)), true, &paragraphs_);
}

// SttbfFfn (MS-DOC 2.9.286): names of fonts, UTF-16 behind 40 fixed bytes each.
void DocFonts::ReadNames(Bytes list, FontMarks* marks) {
  const LittleEndian in(list);
  const uint32_t count = in.U16(0);
  uint64_t at = 4;
  unknown_in_capitals_ = marks->InCapitals(0);
  for (uint32_t i = 0; i < count && at < list.size(); ++i) {
    const uint32_t length = in.U8(at);
    const std::string name = Utf16LeToUtf8(in.Slice(at + 40, length < 39 ? 0 : length - 39));
    const std::string first = name.substr(0, name.find('\0'));
    fonts_.push_back(marks->NumberOf(first));
    capitals_.push_back(marks->InCapitals(fonts_.back()));
    if (!first.empty()) {
      names_ += first + "\n";
    }
    at += 1ULL + length;
  }
}

// STSH (2.9.271): a header, then one STD for each style.
void DocFonts::ReadStyles(Bytes sheet) {
  const LittleEndian in(sheet);
  const uint32_t header = in.U16(0);
  const uint32_t count = std::min(in.U16(2), kMostStyles);
  const uint32_t fixed = in.U16(4);
  default_font_ = header < 18 ? -1 : static_cast<int32_t>(in.U16(2 + 16));  // ftcOther
  uint64_t at = 2ULL + header;
  for (uint32_t i = 0; i < count && at + 2 <= sheet.size(); ++i) {
    const LittleEndian entry(in.Slice(at + 2, in.U16(at)));
    at += 2ULL + in.U16(at);
    Style style;
    const uint32_t kind = entry.U16(2) & 0x0f;
    style.base = entry.U16(2) >> 4;
    const uint32_t parts = entry.U16(4) & 0x0f;
    // The name, then the properties: of a paragraph and of its characters, or of characters only.
    uint64_t part = fixed + 2ULL + 2ULL * entry.U16(fixed) + 2;
    for (uint32_t p = 0; p < std::min(parts, 3U); ++p) {
      part += part & 1;
      const uint32_t length = entry.U16(part);
      if ((kind == 1 && p == 1) || (kind == 2 && p == 0)) {
        Span span;
        const bool hid = hides_text_;
        Properties(entry.Slice(part + 2, length), &span);
        hides_text_ = hid;  // a style that nobody may use
        style.font = span.font;
        style.capitals = span.capitals;
      }
      part += 2ULL + length;
    }
    styles_.push_back(style);
  }
}

// PlcBteChpx, PlcBtePapx (2.8.5, 2.8.6): pages of 512 bytes of the document stream.
void DocFonts::ReadSpans(Bytes document, Bytes pages, bool paragraphs, std::vector<Span>* spans) {
  const LittleEndian in(pages);
  const uint64_t count = pages.size() < 4 ? 0 : std::min((pages.size() - 4) / 8, kMostPages);
  const uint64_t numbers = 4 * ((pages.size() < 4 ? 0 : (pages.size() - 4) / 8) + 1);
  for (uint64_t i = 0; i < count; ++i) {
    ReadPage(document, kPageSize * (in.U32(numbers + 4 * i) & 0x3fffffU), paragraphs, spans);
  }
  std::stable_sort(spans->begin(), spans->end(),
                   [](const Span& a, const Span& b) { return a.begin < b.begin; });
}

void DocFonts::ReadPage(Bytes document, uint64_t page, bool paragraphs, std::vector<Span>* spans) {
  const LittleEndian in(LittleEndian(document).Slice(page, kPageSize));
  const uint32_t count = in.U8(kPageSize - 1);
  const uint64_t offsets = 4ULL * (count + 1);
  for (uint32_t i = 0; i < count; ++i) {
    Span span;
    span.begin = in.U32(4ULL * i);
    span.end = in.U32(4ULL * i + 4);
    const uint64_t at = 2ULL * in.U8(offsets + i * (paragraphs ? 13ULL : 1ULL));
    if (at != 0 && paragraphs) {
      const bool padded = in.U8(at) == 0;
      span.style = static_cast<int32_t>(in.U16(at + (padded ? 2 : 1)));
    } else if (at != 0) {
      Properties(in.Slice(at + 1, in.U8(at)), &span);
    }
    if (span.end > span.begin) {
      spans->push_back(span);
    }
  }
}

void DocFonts::Properties(Bytes grpprl, Span* span) {
  const LittleEndian in(grpprl);
  int32_t ascii = -1;
  uint64_t at = 0;
  while (at + 2 < grpprl.size()) {
    const uint32_t sprm = in.U16(at);
    at += 2;
    if (sprm == 0x4a51) {  // sprmCRgFtc2: letters beyond ASCII
      span->font = static_cast<int32_t>(in.U16(at));
    } else if (sprm == 0x4a4f) {  // sprmCRgFtc0
      ascii = static_cast<int32_t>(in.U16(at));
    } else if (sprm == 0x4a30) {  // sprmCIstd
      span->style = static_cast<int32_t>(in.U16(at));
    } else if (sprm == 0x083a || sprm == 0x083b) {  // sprmCFSmallCaps, sprmCFCaps
      // 80h and 81h: as the style, and not as the style.
      const uint32_t value = in.U8(at);
      span->capitals = value == 1 || value == 0x81        ? int8_t{1}
                       : value == 0 && span->capitals < 0 ? int8_t{0}
                                                          : span->capitals;
    } else if (sprm == 0x083c) {  // sprmCFVanish
      hides_text_ = hides_text_ || in.U8(at) == 1;
      span->unseen = span->unseen || in.U8(at) == 1;
    } else if (sprm == 0x0800) {  // sprmCFRMarkDel
      span->unseen = span->unseen || in.U8(at) == 1;
    }
    static constexpr uint8_t kSizes[8] = {1, 1, 2, 4, 2, 2, 0, 3};
    const uint32_t kind = sprm >> 13;
    at += kind == 6 ? 1ULL + in.U8(at) : kSizes[kind];
  }
  span->font = span->font < 0 ? ascii : span->font;
  has_unseen_ = has_unseen_ || span->unseen;
}

int32_t DocFonts::OfStyle(int32_t style) const {
  auto index = static_cast<uint32_t>(style);
  for (int i = 0; i < kMostAncestors && index < styles_.size(); ++i) {
    if (styles_[index].font >= 0) {
      return styles_[index].font;
    }
    index = styles_[index].base;
  }
  return -1;
}

int8_t DocFonts::CapitalsOfStyle(int32_t style) const {
  auto index = static_cast<uint32_t>(style);
  for (int i = 0; i < kMostAncestors && index < styles_.size(); ++i) {
    if (styles_[index].capitals >= 0) {
      return styles_[index].capitals;
    }
    index = styles_[index].base;
  }
  return -1;
}

DocRun DocFonts::At(uint64_t at) const {
  DocRun run;
  const auto find = [at, &run](const std::vector<Span>& spans) -> const Span* {
    auto next = std::upper_bound(spans.begin(), spans.end(), at,
                                 [](uint64_t value, const Span& s) { return value < s.begin; });
    if (next != spans.end()) {
      run.end = std::min<uint64_t>(run.end, next->begin);
    }
    if (next == spans.begin()) {
      return nullptr;
    }
    --next;
    if (at >= next->end) {
      return nullptr;
    }
    run.end = std::min<uint64_t>(run.end, next->end);
    return &*next;
  };
  const Span* character = find(characters_);
  const Span* paragraph = find(paragraphs_);
  run.unseen = character != nullptr && character->unseen;
  int32_t font = character == nullptr ? -1 : character->font;
  if (font < 0 && character != nullptr && character->style >= 0) {
    font = OfStyle(character->style);
  }
  if (font < 0) {
    font = OfStyle(paragraph == nullptr || paragraph->style < 0 ? 0 : paragraph->style);
  }
  if (font < 0) {
    font = default_font_;
  }
  int8_t capitals = character == nullptr ? int8_t{-1} : character->capitals;
  if (capitals < 0 && character != nullptr && character->style >= 0) {
    capitals = CapitalsOfStyle(character->style);
  }
  if (capitals < 0) {
    capitals = CapitalsOfStyle(paragraph == nullptr || paragraph->style < 0 ? 0 : paragraph->style);
  }
  const bool known = font >= 0 && static_cast<size_t>(font) < fonts_.size();
  if (capitals == 1) {
    run.font = known ? capitals_[static_cast<size_t>(font)] : unknown_in_capitals_;
  } else if (known) {
    run.font = fonts_[static_cast<size_t>(font)];
  }
  return run;
}

}  // namespace gatepost::decode
