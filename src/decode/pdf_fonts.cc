// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_fonts.h"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/hex.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostTableBytes = 1U << 20;
constexpr size_t kMostTableCodes = 65'536;

struct CmapToken {
  enum class Kind : uint8_t { kEnd, kHex, kWord } kind = Kind::kEnd;
  Bytes text;  // of a hex string: what stands between the brackets
};

CmapToken NextToken(Bytes s, size_t* at) {
  constexpr Bytes kSpace("\0\t\n\f\r ", 6);
  while (true) {
    *at = std::min(s.find_first_not_of(kSpace, *at), s.size());
    if (*at == s.size()) {
      return {};
    }
    if (s[*at] != '%') {
      break;
    }
    *at = std::min(s.find_first_of("\r\n", *at), s.size());
  }
  const size_t begin = *at;
  if (s[begin] == '<' && s.substr(begin, 2) != "<<") {
    const size_t end = std::min(s.find('>', begin), s.size());
    *at = std::min(end + 1, s.size());
    return {CmapToken::Kind::kHex, s.substr(begin + 1, end - begin - 1)};
  }
  *at = begin + 1;
  if (Bytes("[]<>()").find(s[begin]) == Bytes::npos) {
    constexpr Bytes kEnds("\0\t\n\f\r []<>()/%", 14);
    *at = std::min(s.find_first_of(kEnds, begin + 1), s.size());
  }
  return {CmapToken::Kind::kWord, s.substr(begin, *at - begin)};
}

// The first `most` digits as a number.
uint32_t HexNumber(Bytes digits, int most) {
  uint32_t value = 0;
  for (const char c : digits) {
    const int digit = HexValue(c);
    if (digit >= 0 && most-- > 0) {
      value = value << 4 | static_cast<uint32_t>(digit);
    }
  }
  return value;
}

uint16_t CodeOf(Bytes digits) { return static_cast<uint16_t>(HexNumber(digits, 4)); }

// How a letter that a table tells can be read.
enum class Told : uint8_t { kNone, kBlank, kPrivate, kLetter };

Told HowTold(uint32_t letter) {
  if (letter == 0 || letter == 0xfffd) {
    return Told::kNone;
  }
  if (letter <= 0x20 || (letter >= 0x7f && letter <= 0xa0) || letter == 0xad ||
      (letter >= 0x2000 && letter <= 0x200f) || (letter >= 0x2028 && letter <= 0x202f) ||
      (letter >= 0x205f && letter <= 0x206f) || letter == 0xfeff) {
    return Told::kBlank;
  }
  return letter >= 0xe000 && letter <= 0xf8ff ? Told::kPrivate : Told::kLetter;
}

// The name of a glyph is a number of its maker's (g12, c7, index34), which means no letter; those
// of the lists of glyph names that end in digits do.
bool IsNumber(std::string_view name, unsigned code) {
  const size_t digits = name.find_first_of("0123456789");
  if (digits == std::string_view::npos || digits == 0 || digits > 6 ||
      name.find_first_not_of("0123456789", digits) != std::string_view::npos) {
    return false;
  }
  const std::string_view head = name.substr(0, digits);
  for (const std::string_view known : {"uni", "u", "afii", "SF", "H", "char"}) {
    if (head == known) {
      return false;
    }
  }
  // With the code itself for a number (a65) it is the letter of the code, as poppler takes it.
  return name.substr(digits) != std::to_string(code);
}

// A TrueType font in the document, which may number its glyphs from 1 as it likes.
bool HasTrueType(QPDFObjectHandle font) {
  QPDFObjectHandle descriptor = font.getKey("/FontDescriptor");
  return descriptor.isDictionary() && descriptor.hasKey("/FontFile2");
}

uint32_t LowerAscii(uint32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

bool IsAsciiLetter(uint32_t c) { return LowerAscii(c) >= 'a' && LowerAscii(c) <= 'z'; }

// Names of glyphs by code, of the letters of ASCII and of what an encoding says apart. False: the
// font itself has them, or ignores those of the dictionary.
bool NamesOf(QPDFObjectHandle font, std::array<std::string, 256>* names) {
  QPDFObjectHandle encoding = font.getKey("/Encoding");
  QPDFObjectHandle descriptor = font.getKey("/FontDescriptor");
  constexpr int64_t kSymbolic = 4;
  bool embedded = false;
  bool symbolic = false;
  if (descriptor.isDictionary()) {
    embedded = descriptor.hasKey("/FontFile") || descriptor.hasKey("/FontFile2") ||
               descriptor.hasKey("/FontFile3");
    symbolic = descriptor.getKey("/Flags").isInteger() &&
               (descriptor.getKey("/Flags").getIntValue() & kSymbolic) != 0;
  }
  if (symbolic && IsPdfName(font.getKey("/Subtype"), "/TrueType")) {
    return false;
  }
  // Two of the fonts that every reader has show no letters of ASCII.
  if (!embedded && !encoding.isDictionary() &&
      (IsPdfName(font.getKey("/BaseFont"), "/Symbol") ||
       IsPdfName(font.getKey("/BaseFont"), "/ZapfDingbats"))) {
    return false;
  }
  const bool says =
      encoding.isName() || (encoding.isDictionary() && encoding.getKey("/BaseEncoding").isName());
  if (says || (!embedded && !symbolic && !IsPdfName(font.getKey("/Subtype"), "/Type3"))) {
    for (unsigned c = 'A'; c <= 'z'; ++c) {
      if (IsAsciiLetter(c)) {
        (*names)[c] = static_cast<char>(c);
      }
    }
  }
  if (!encoding.isDictionary() || !encoding.getKey("/Differences").isArray()) {
    return says || !embedded;
  }
  QPDFObjectHandle list = encoding.getKey("/Differences");
  unsigned code = 0;
  for (int i = 0; i < std::min(list.getArrayNItems(), 1024); ++i) {
    QPDFObjectHandle one = list.getArrayItem(i);
    if (one.isInteger()) {
      code = static_cast<unsigned>(std::clamp<int64_t>(one.getIntValue(), 0, 256));
    } else if (one.isName() && code < 256) {
      (*names)[code++] = one.getName().substr(1, 64);
    }
  }
  return true;
}

std::string BytesOfTable(QPDFObjectHandle stream, bool* cut) {
  PdfPipe pipe(kMostTableBytes);
  try {
    bool decoded = false;
    stream.pipeStreamData(&pipe, &decoded, 0, qpdf_dl_generalized, true, false);
  } catch (const std::exception&) {
    // What came before counts.
  }
  *cut = pipe.cut();
  return pipe.Take();
}

// The codes of an encoding (a CMap) have one byte: its first range of codes says so.
bool TakesBytes(Bytes cmap) {
  size_t at = std::min(cmap.find("begincodespacerange"), cmap.size());
  NextToken(cmap, &at);
  const CmapToken first = NextToken(cmap, &at);
  constexpr size_t kDigitsOfAByte = 2;
  return first.kind == CmapToken::Kind::kHex && AsciiTrim(first.text).size() <= kDigitsOfAByte;
}

}  // namespace

PdfLetterTable ReadLetterTable(Bytes cmap) {
  PdfLetterTable out;
  enum class In : uint8_t { kNothing, kChars, kRanges, kList } in = In::kNothing;
  std::vector<Bytes> operands;
  uint32_t next = 0;
  const auto put = [&out](uint32_t code, uint32_t letter) {
    code &= 0xffff;
    if (code >= out.letters.size()) {
      out.letters.resize(std::min<size_t>(2 * size_t{code} + 256, kMostTableCodes));
    }
    out.letters[code] = letter == 0 ? 0xfffd : letter;  // told, and no letter
    ++out.told;
  };
  // One unit of UTF-16; the first half of a pair is a letter as well as any.
  const auto letter_of = [](Bytes digits) { return HexNumber(digits, 4); };
  size_t at = 0;
  for (CmapToken token = NextToken(cmap, &at); token.kind != CmapToken::Kind::kEnd;
       token = NextToken(cmap, &at)) {
    if (out.told > 4 * kMostTableCodes) {
      PdfLetterTable none;
      none.cut = true;
      return none;
    }
    if (token.kind == CmapToken::Kind::kWord) {
      if (token.text == "[" && in == In::kRanges && operands.size() == 2) {
        in = In::kList;
        next = CodeOf(operands[0]);
      } else if (token.text == "]" && in == In::kList) {
        in = In::kRanges;
        operands.clear();
      } else if (token.text == "beginbfchar" || token.text == "beginbfrange") {
        in = token.text == "beginbfchar" ? In::kChars : In::kRanges;
        operands.clear();
      } else if (token.text == "endbfchar" || token.text == "endbfrange") {
        in = In::kNothing;
      }
      continue;
    }
    if (in == In::kList) {
      put(next++, letter_of(token.text));
      continue;
    }
    operands.push_back(token.text);
    if (in == In::kChars && operands.size() == 2) {
      put(CodeOf(operands[0]), letter_of(operands[1]));
      operands.clear();
    } else if (in == In::kRanges && operands.size() == 3) {
      const uint32_t first = CodeOf(operands[0]);
      const uint32_t letter = letter_of(operands[2]);
      for (uint32_t code = first; code <= CodeOf(operands[1]); ++code) {
        put(code, letter + (code - first));
      }
      operands.clear();
    } else if (operands.size() > 3) {
      operands.clear();
    }
  }
  return out;
}

bool PdfFonts::Untold::Enough() const {
  // A bullet, an arrow, the signs of a form are no words; a short stamp has five letters that
  // differ (TOI MAT). Spaces and hyphens are blanks of every font.
  constexpr size_t kOfOneFont[] = {5, 6, 12};
  constexpr size_t kOfAll = 8;
  size_t none = 0;
  for (const auto& [font, sets] : codes) {
    for (size_t i = 0; i < sets.size(); ++i) {
      if (sets[i].size() >= kOfOneFont[i]) {
        return true;
      }
    }
    none += sets[0].size();
  }
  return none >= kOfAll;
}

void PdfFonts::Count(const Font& font, const PdfFontUse& use, Untold* out) {
  const auto count = [&](uint16_t code) {
    const uint32_t letter = font.table == nullptr ? 0 : font.table->Of(code);
    if (letter == 0 && !font.composite && !font.meaningless.test(code)) {
      return;
    }
    const Told told = HowTold(letter);
    if (told != Told::kLetter) {
      out->codes[&font][static_cast<size_t>(told)].insert(code);
    }
  };
  if (font.tells_all) {
    return;
  }
  if (font.composite && !font.by_bytes) {
    std::for_each(use.pairs.begin(), use.pairs.end(), count);
    return;
  }
  for (uint16_t code = 0; code < 256; ++code) {
    if (use.bytes.test(code)) {
      count(code);
    }
  }
}

void PdfFonts::ReadComposite(QPDFObjectHandle object, Font* font) {
  font->composite = true;
  QPDFObjectHandle encoding = object.getKey("/Encoding");
  if (encoding.isStream()) {
    bool cut = false;
    font->by_bytes = TakesBytes(BytesOfTable(encoding, &cut));
  }
  if (object.getKey("/ToUnicode").isStream()) {
    return;
  }
  // One of the character collections whose letters are known.
  QPDFObjectHandle below = object.getKey("/DescendantFonts");
  bool known = false;
  if (below.isArray() && below.getArrayNItems() > 0 && below.getArrayItem(0).isDictionary()) {
    QPDFObjectHandle system = below.getArrayItem(0).getKey("/CIDSystemInfo");
    if (system.isDictionary() && system.getKey("/Ordering").isString()) {
      const std::string ordering = system.getKey("/Ordering").getUTF8Value();
      for (const char* one : {"Japan1", "GB1", "CNS1", "Korea1", "KR", "UCS"}) {
        known = known || ordering == one;
      }
    }
  }
  // A name of a table is the identity, or none that anybody knows; so is one of an encoding that
  // belongs to no collection.
  QPDFObjectHandle table = object.getKey("/ToUnicode");
  font->tells_all = known || IsPdfName(table, "/Identity-H") || IsPdfName(table, "/Identity-V");
}

void PdfFonts::ReadSimple(QPDFObjectHandle object, Font* font) {
  std::array<std::string, 256> names;
  const bool named = NamesOf(object, &names);
  constexpr unsigned kFirstLetter = 0x21;
  const bool numbers = HasTrueType(object);
  const std::string base =
      object.getKey("/BaseFont").isName() ? object.getKey("/BaseFont").getName() : "";
  const bool dingbats = base.find("Dingbats") != std::string::npos;  // a1 to a206 are its names
  constexpr int kFewLies = 3;
  int lies = 0;
  int letters = 0;
  for (unsigned code = 0; code < 256; ++code) {
    const std::string& name = names[code];
    if ((!dingbats && IsNumber(name, code)) || (numbers && name.empty() && code < kFirstLetter)) {
      font->meaningless.set(code);
    }
    const uint32_t told = font->table == nullptr ? 0 : font->table->Of(static_cast<uint16_t>(code));
    if (name.size() == 1 && told != 0) {
      const auto shown = static_cast<uint8_t>(name[0]);
      const bool lie = IsAsciiLetter(shown) && LowerAscii(told) != LowerAscii(shown);
      const bool latin = told < 0x250 || (told >= 0x1e00 && told < 0x1f00);
      lies += lie ? 1 : 0;
      letters += lie && (latin || HowTold(told) < Told::kPrivate) ? 1 : 0;
    }
  }
  font->lies = (named && lies >= kFewLies) || (font->table != nullptr && font->table->cut);
  font->deceives = named && letters >= kFewLies;
}

std::shared_ptr<const PdfLetterTable> PdfFonts::TableOf(QPDFObjectHandle stream) {
  std::shared_ptr<const PdfLetterTable>& table = tables_[stream.getObjGen()];
  if (table == nullptr) {
    bool cut = false;
    const std::string bytes = BytesOfTable(stream, &cut);
    PdfLetterTable read = cut ? PdfLetterTable() : ReadLetterTable(bytes);
    read.cut = read.cut || cut;
    scales_->Look(1 + bytes.size() / 64 + read.letters.size() / 16);
    table = std::make_shared<const PdfLetterTable>(std::move(read));
  }
  return table;
}

const PdfFonts::Font* PdfFonts::FontOf(QPDFObjectHandle object) {
  if (!object.isDictionary()) {
    return nullptr;
  }
  if (object.isIndirect()) {
    const auto found = fonts_.find(object.getObjGen());
    if (found != fonts_.end()) {
      return &found->second;
    }
  }
  Font font;
  font.object = object;
  QPDFObjectHandle table = object.getKey("/ToUnicode");
  if (table.isStream()) {
    font.table = TableOf(table);
  }
  if (IsPdfName(object.getKey("/Subtype"), "/Type0")) {
    ReadComposite(object, &font);
  } else {
    ReadSimple(object, &font);
  }
  constexpr size_t kNamesOfAFont = 16;  // of 256, which cost less than other names
  scales_->Look(kNamesOfAFont);
  // One without a number of its own is known by the order of its coming.
  const QPDFObjGen key = object.isIndirect() ? object.getObjGen()
                                             : QPDFObjGen(-1 - static_cast<int>(fonts_.size()), 0);
  return &fonts_.emplace(key, std::move(font)).first->second;
}

bool PdfFonts::DropLies() {
  bool any = false;
  for (auto& [key, font] : fonts_) {
    if (font.lies) {
      font.object.removeKey("/ToUnicode");
      deceives_ = deceives_ || font.deceives;
      any = true;
    }
  }
  return any;
}

}  // namespace gatepost::decode
