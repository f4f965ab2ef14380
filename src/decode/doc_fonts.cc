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
  NoteUnseen();
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
        Properties(entry.Slice(part + 2, length), &span);
        style.look = span.look;
      }
      part += 2ULL + length;
    }
    styles_.push_back(style);
  }
  for (size_t i = 0; i < styles_.size(); ++i) {
    Look look;
    auto index = static_cast<uint32_t>(i);
    for (int n = 0; n < kMostAncestors && index < styles_.size(); ++n) {
      look.Inherit(styles_[index].look);
      index = styles_[index].base;
    }
    looks_.push_back(look);
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
    if (sprm == 0x4a4f) {  // sprmCRgFtc0
      ascii = static_cast<int32_t>(in.U16(at));
    } else if (sprm == 0x4a30) {  // sprmCIstd
      span->style = static_cast<int32_t>(in.U16(at));
    } else if (sprm == 0x0800) {  // sprmCFRMarkDel
      span->deleted = span->deleted || in.U8(at) == 1;
    } else {
      Property(sprm, in, at, &span->look);
    }
    static constexpr uint8_t kSizes[8] = {1, 1, 2, 4, 2, 2, 0, 3};
    const uint32_t kind = sprm >> 13;
    at += kind == 6 ? 1ULL + in.U8(at) : kSizes[kind];
  }
  span->look.font = span->look.font < 0 ? ascii : span->look.font;
}

void DocFonts::Property(uint32_t sprm, const LittleEndian& in, uint64_t at, Look* look) {
  constexpr uint32_t kWhite = 8;  // of the sixteen colours of old
  const auto is_white = [&in](uint64_t color) {
    return std::min({in.U8(color), in.U8(color + 1), in.U8(color + 2)}) >= 0xf8 &&
           in.U8(color + 3) == 0;
  };
  const auto flag = [](bool value) { return static_cast<int8_t>(value ? 1 : 0); };
  switch (sprm) {
    case 0x4a51:  // sprmCRgFtc2: letters beyond ASCII
      look->font = static_cast<int32_t>(in.U16(at));
      break;
    case 0x083a:  // sprmCFSmallCaps, sprmCFCaps; either may say yes
    case 0x083b:
      Toggle(in.U8(at), look->capitals == 1, &look->capitals);
      break;
    case 0x083c:  // sprmCFVanish
      Toggle(in.U8(at), false, &look->vanishes);
      break;
    case 0x4a43:  // sprmCHps, in half points
      look->tiny = flag(in.U16(at) <= 2);
      break;
    case 0x2a42:  // sprmCIco
      look->white = flag(in.U8(at) == kWhite);
      break;
    case 0x6870:  // sprmCCv
      look->white = flag(is_white(at));
      break;
    case 0x2a0c:  // sprmCHighlight
      look->colored = flag(in.U8(at) != 0 && in.U8(at) != kWhite);
      break;
    case 0x4866: {  // sprmCShd80
      const uint32_t back = in.U16(at) >> 5 & 0x1f;
      look->colored = flag(back != 0 && back != kWhite);
      break;
    }
    case 0xca71:  // sprmCShd
      look->colored = flag(in.U8(at + 8) == 0 && !is_white(at + 5));
      break;
    default:
      break;
  }
}

// 80h: as the style; 81h: not as the style.
void DocFonts::Toggle(uint32_t value, bool keep, int8_t* to) {
  if (value == 1 || value == 0x81) {
    *to = 1;
  } else if (value == 0 && !keep) {
    *to = 0;
  }
}

void DocFonts::Look::Inherit(const Look& under) {
  font = font < 0 ? under.font : font;
  for (int8_t Look::*part :
       {&Look::capitals, &Look::vanishes, &Look::white, &Look::tiny, &Look::colored}) {
    this->*part = this->*part < 0 ? under.*part : this->*part;
  }
}

DocFonts::Look DocFonts::OfStyle(int32_t style) const {
  return style >= 0 && static_cast<size_t>(style) < looks_.size()
             ? looks_[static_cast<size_t>(style)]
             : Look();
}

void DocFonts::NoteUnseen() {
  for (const std::vector<Span>* spans : {&characters_, &paragraphs_}) {
    for (const Span& span : *spans) {
      Look look = span.look;
      look.Inherit(OfStyle(span.style));
      hides_text_ = hides_text_ || look.vanishes == 1;
      has_unseen_ = has_unseen_ || span.deleted || look.unseen();
    }
  }
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
  Look look = character == nullptr ? Look() : character->look;
  const int8_t said = look.vanishes;
  const Look of_character = OfStyle(character == nullptr ? -1 : character->style);
  const Look of_paragraph =
      OfStyle(paragraph == nullptr || paragraph->style < 0 ? 0 : paragraph->style);
  look.Inherit(of_character);
  look.Inherit(of_paragraph);
  if (said < 0 && of_character.vanishes == 1 && of_paragraph.vanishes == 1) {
    look.vanishes = 0;  // what both styles hide is shown
  }
  run.unseen = look.unseen() || (character != nullptr && character->deleted);
  const int32_t font = look.font < 0 ? default_font_ : look.font;
  const bool known = font >= 0 && static_cast<size_t>(font) < fonts_.size();
  if (look.capitals == 1) {
    run.font = known ? capitals_[static_cast<size_t>(font)] : unknown_in_capitals_;
  } else if (known) {
    run.font = fonts_[static_cast<size_t>(font)];
  }
  return run;
}

}  // namespace gatepost::decode
