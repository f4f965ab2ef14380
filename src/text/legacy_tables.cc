// Tables are made once, from vietnamese_tables.inc and ICU's code pages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy_tables.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "src/base/bytes.h"
#include "src/text/charset.h"
#include "src/text/legacy.h"
#include "src/text/unicode.h"

namespace gatepost::text {

const std::array<std::string_view, kEncodings> kEncodingNames = {
    "tcvn3",        "vn1",    "vni",    "vps",        "viscii",
    "windows-1258", "bkhcm1", "bkhcm2", "vietware-f", "vietware-x"};

namespace {

constexpr size_t kWindows1258 = 5;

struct Row {
  char32_t letter;
  std::array<uint16_t, kEncodings> code;
};
constexpr Row kRows[] = {
#include "src/text/vietnamese_tables.inc"
};

struct Table {
  std::array<char32_t, 256> single{};
  // Two bytes: rows[first] is 0 (none) or a number into `second`, less 1.
  std::array<uint8_t, 256> rows{};
  std::vector<std::array<char32_t, 256>> second;
};

void AddPair(uint16_t code, char32_t letter, Table* table) {
  const size_t first = code >> 8U;
  if (table->rows[first] == 0) {
    table->second.emplace_back();
    table->rows[first] = static_cast<uint8_t>(table->second.size());
  }
  table->second[table->rows[first] - 1U][code & 0xFFU] = letter;
}

const std::array<Table, kEncodings>& Tables() {
  static const std::array<Table, kEncodings> tables = [] {
    std::array<Table, kEncodings> out;
    for (const Row& row : kRows) {
      for (size_t e = 0; e < kEncodings; ++e) {
        const uint16_t code = row.code[e];
        if (code > 0xFF) {
          AddPair(code, row.letter, &out[e]);
        } else {
          out[e].single[code] = row.letter;  // the small letter comes last and wins
        }
      }
    }
    for (Table& table : out) {
      for (size_t c = 'A'; c <= 'z'; ++c) {
        if (IsAsciiLetter(static_cast<int>(c))) {
          table.single[c] = static_cast<char32_t>(c);
        }
      }
    }
    // What keyboards compose, converters write in one byte where windows-1258 has it.
    for (const size_t c : {0xC0U, 0xC1U, 0xC8U, 0xC9U, 0xCDU, 0xD3U, 0xD9U, 0xDAU, 0xE0U, 0xE1U,
                           0xE8U, 0xE9U, 0xEDU, 0xF3U, 0xF9U, 0xFAU}) {
      out[kWindows1258].single[c] = static_cast<char32_t>(c);
    }
    return out;
  }();
  return tables;
}

// Characters of the Basic Latin to Latin Extended blocks and beyond, to bytes.
using Inverse = std::unordered_map<char32_t, uint8_t>;

const std::array<Inverse, kPages>& Inverses() {
  static const std::array<Inverse, kPages> inverses = [] {
    std::array<Inverse, kPages> out;
    const std::array<const char*, kPages> names = {"windows-1252", "windows-1250", "iso-8859-2",
                                                   "macintosh",    "windows-1258", "iso-8859-15"};
    for (size_t page = 0; page < kPages; ++page) {
      for (unsigned byte = 0x80; byte < 0x100; ++byte) {
        if (byte < 0xA0) {  // empty places of a page show as C1 controls
          out[page].emplace(static_cast<char32_t>(byte), static_cast<uint8_t>(byte));
        }
      }
      for (unsigned byte = 0x80; byte < 0x100; ++byte) {
        const auto one = static_cast<unsigned char>(byte);
        const char32_t seen = page == 0 ? Windows1252(one) : OneByte(one, names[page]);
        if (seen >= 0x80 && seen != 0xFFFD) {
          out[page][seen] = static_cast<uint8_t>(byte);
        }
      }
    }
    for (const auto& [c, byte] : Inverse{{0x11E, 0xD0},
                                         {0x130, 0xDD},
                                         {0x15E, 0xDE},
                                         {0x11F, 0xF0},
                                         {0x131, 0xFD},
                                         {0x15F, 0xFE},
                                         // Readers of PDF show the soft hyphen so.
                                         {0x2010, 0xAD},
                                         {0x2212, 0xAD}}) {
      out[0].emplace(c, byte);
    }
    return out;
  }();
  return inverses;
}

}  // namespace

size_t EncodingNamed(std::string_view name) {
  const auto found = std::find(kEncodingNames.begin(), kEncodingNames.end(), name);
  return static_cast<size_t>(found - kEncodingNames.begin());
}

uint32_t EncodingsNamed(std::string_view names) {
  uint32_t out = 0;
  while (!names.empty()) {
    const size_t end = std::min(names.find(' '), names.size());
    const size_t encoding = EncodingNamed(names.substr(0, end));
    out |= encoding < kEncodings ? 1U << encoding : 0U;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return out;
}

std::string_view EncodingsOfLabel(std::string_view label) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kLabels = {
      {{"viscii", "viscii"},
       {"tcvn", "tcvn3 vn1"},
       {"viqr", "viqr"},
       {"vni", "vni"},
       {"vps", "vps"},
       {"bkhcm", "bkhcm1 bkhcm2"},
       {"bk-hcm", "bkhcm1 bkhcm2"},
       {"vietware", "vietware-f vietware-x"},
       {"-abc", "tcvn3"}}};
  const std::string lower = AsciiLower(label.substr(0, 60));
  for (const auto& [part, encodings] : kLabels) {
    if (lower.find(part) != std::string::npos) {
      return encodings;
    }
  }
  return "";
}

bool LosesCase(size_t encoding) { return encoding == 0 || encoding == 3 || encoding == 8; }

LegacyLetter LetterAt(std::string_view word, size_t i, size_t encoding) {
  const Table& table = Tables()[encoding];
  const auto first = static_cast<unsigned char>(word[i]);
  if (table.rows[first] != 0 && i + 1 < word.size()) {
    const char32_t c =
        table.second[table.rows[first] - 1U][static_cast<unsigned char>(word[i + 1])];
    if (c != 0) {
      return {c, 2};
    }
  }
  return {table.single[first], 1};
}

int ByteIn(Page page, char32_t c) {
  if (c < 0x80) {
    return static_cast<int>(c);
  }
  if (c >= 0xF020 && c <= 0xF0FF) {
    return static_cast<int>(c - 0xF000);
  }
  if (page == Page::kWindows1252 && c < 0x100) {
    return static_cast<int>(c);
  }
  const Inverse& inverse = Inverses()[static_cast<size_t>(page)];
  const auto found = inverse.find(c);
  return found == inverse.end() ? -1 : found->second;
}

std::string_view EncodingOfFont(std::string_view font, bool* capitals) {
  *capitals = false;
  std::string name = AsciiLower(AsciiTrim(font));
  // A subset in a PDF: six letters and a plus sign.
  if (name.size() > 7 && name[6] == '+') {
    name.erase(0, 7);
  }
  // Word's "@font" is the same font for vertical lines.
  if (!name.empty() && name[0] == '@') {
    name.erase(0, 1);
  }
  const std::string_view all = name;
  const auto starts = [&](std::initializer_list<std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
      return all.substr(0, prefix.size()) == prefix;
    });
  };
  if (starts({"vntimes new", "vnottawa"})) {
    return kEncodingNames[9];
  }
  if (starts({".vn", "vntime", "vnarial", "vnhelve", "vncourier", "abc "})) {
    // ".VnTimeH", ".VnArial NarrowH Bold": the H ends the family, and no family ends in h
    // otherwise.
    for (const std::string_view style : {"bold", "italic", "oblique", "regular", "normal"}) {
      const size_t at = name.find(style);
      name.resize(at == std::string::npos || at == 0 ? name.size() : at);
    }
    while (!name.empty() && (name.back() == ' ' || name.back() == ',' || name.back() == '-')) {
      name.pop_back();
    }
    *capitals = !name.empty() && name.back() == 'h';
    return kEncodingNames[0];
  }
  if (starts({"vni-", "vni ", "vni_"})) {
    return kEncodingNames[2];
  }
  if (starts({"vps ", "vps-", "vps_"})) {
    return kEncodingNames[3];
  }
  if (starts({"vi times", "vi arial", "viscii"})) {
    return kEncodingNames[4];
  }
  if (starts({"bk hcm", "bkhcm", "bk-hcm"})) {
    return kEncodingNames[7];
  }
  if (starts({"svntimes"})) {
    return kEncodingNames[8];
  }
  return "";
}

}  // namespace gatepost::text
