// Which encoding, decided by syllables; then decoding and the repair of capitals.
// LIMITS: one decision a text; codes of BKHCM1 below 80 (five rare capitals) are left as they are.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/unicode.h"
#include "src/text/viqr.h"

namespace gatepost::text {

namespace {

constexpr size_t kEncodings = 10;
constexpr std::array<std::string_view, kEncodings> kNames = {
    "tcvn3",        "vn1",    "vni",    "vps",        "viscii",
    "windows-1258", "bkhcm1", "bkhcm2", "vietware-f", "vietware-x"};
// In these a capital with a tone has the code of its small letter.
constexpr std::array<bool, kEncodings> kLosesCase = {true,  false, false, true, false,
                                                     false, false, false, true, false};
constexpr std::string_view kTwice = "utf-8-twice";

struct Row {
  char32_t letter;
  std::array<uint16_t, kEncodings> code;
};
constexpr Row kRows[] = {
#include "src/text/vietnamese_tables.inc"
};

struct Table {
  std::array<char32_t, 256> single{};
  std::unordered_map<uint16_t, char32_t> pairs;
};

const std::array<Table, kEncodings>& Tables() {
  static const std::array<Table, kEncodings> tables = [] {
    std::array<Table, kEncodings> out;
    for (const Row& row : kRows) {
      for (size_t e = 0; e < kEncodings; ++e) {
        const uint16_t code = row.code[e];
        if (code > 0xFF) {
          out[e].pairs[code] = row.letter;
        } else if ((code >= 0x80 || code < 0x20)) {
          out[e].single[code] = row.letter;  // the small letter comes last and wins
        }
      }
    }
    // What keyboards compose, converters write in one byte where windows-1258 has it.
    for (const size_t c : {0xC0U, 0xC1U, 0xC8U, 0xC9U, 0xCDU, 0xD3U, 0xD9U, 0xDAU, 0xE0U, 0xE1U,
                           0xE8U, 0xE9U, 0xEDU, 0xF3U, 0xF9U, 0xFAU}) {
      out[5].single[c] = static_cast<char32_t>(c);
    }
    return out;
  }();
  return tables;
}

// The byte a character stands for, windows-1254 included (Turkish software showed the text so).
int LegacyByte(char32_t c) {
  switch (c) {
    case 0x11E:
      return 0xD0;
    case 0x130:
      return 0xDD;
    case 0x15E:
      return 0xDE;
    case 0x11F:
      return 0xF0;
    case 0x131:
      return 0xFD;
    case 0x15F:
      return 0xFE;
    default:
      // Symbol fonts stand at U+F000 + byte.
      return c >= 0xF020 && c <= 0xF0FF ? static_cast<int>(c - 0xF000) : ByteOf(c);
  }
}

bool IsAsciiLetter(int byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

// Controls that VISCII and VN1 use as letters.
bool IsLetterControl(int byte) {
  return byte > 0 && byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\v' && byte != '\f' &&
         byte != '\r' && byte != 0x1B;
}

bool InWord(int byte) { return IsAsciiLetter(byte) || byte >= 0x80 || IsLetterControl(byte); }

struct Unit {
  char32_t c;
  size_t bytes;  // of the word that it took: 1, 2, or 0 for none (unknown)
};

// The letter at word[i]; c == 0: this encoding has none there.
Unit LetterAt(const std::string& word, size_t i, const Table& table) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(word[k]); };
  if (i + 1 < word.size() && byte(i + 1) >= 0x80) {
    const auto found = table.pairs.find(static_cast<uint16_t>(byte(i) << 8U | byte(i + 1)));
    if (found != table.pairs.end()) {
      return {found->second, 2};
    }
  }
  if (IsAsciiLetter(byte(i))) {
    return {byte(i), 1};
  }
  return {table.single[byte(i)], 1};
}

// Is every piece of the word, cut at what is punctuation in this encoding, a syllable?
bool IsValidIn(const std::string& word, const Table* table, uint64_t* hash) {
  std::u32string piece;
  bool marked = false;
  bool some = false;
  for (size_t i = 0; i <= word.size();) {
    char32_t c = 0;
    size_t took = 1;
    if (i < word.size()) {
      const auto byte = static_cast<unsigned char>(word[i]);
      if (table == nullptr) {
        c = byte < 0x80 ? byte : Windows1252(byte);
        c = c >= 0x80 && c < 0xC0 ? 0 : c;
      } else {
        const Unit unit = LetterAt(word, i, *table);
        c = unit.c;
        took = unit.bytes;
      }
      if (c == 0 && byte >= 0xC0) {
        return false;  // a letter to the eye, but no letter of this encoding
      }
      marked = marked || (c != 0 && byte >= 0x80) || took == 2 || IsLetterControl(byte);
    }
    if (c != 0) {
      piece.push_back(c);
      *hash = *hash * 1'000'003 + c;
    } else {
      if (marked && !IsSyllable(piece)) {
        return false;
      }
      some = some || marked;
      marked = false;
      piece.clear();
    }
    i += took;
  }
  return some;
}

// The different words with something beyond ASCII, as bytes.
struct Words {
  std::vector<std::string> words;
  size_t unicode_letters = 0;  // that no 8-bit text shows: it is Unicode already
  bool pieces_of_utf8 = false;
};

Words CollectWords(std::string_view utf8) {
  constexpr size_t kMost = 300;
  constexpr size_t kLongest = 24;  // bytes; the longest syllable has 7 letters
  Words out;
  std::unordered_set<std::string> seen;
  std::string word;
  bool beyond = false;
  bool letters = false;
  for (size_t i = 0; i <= utf8.size() && out.words.size() < kMost;) {
    const char32_t c = i < utf8.size() ? NextCodePoint(utf8, &i) : (++i, U'\n');
    const int byte = c < 0x80 ? static_cast<int>(c) : LegacyByte(c);
    if (InWord(byte)) {
      if (word.size() <= kLongest) {
        word.push_back(static_cast<char>(byte));
      }
      beyond = beyond || byte >= 0x80 || byte < 0x20;
      letters = letters || IsAsciiLetter(byte) || byte >= 0xC0;
      continue;
    }
    if ((c >= 0x1EA0 && c <= 0x1EF9) || (c >= 0x300 && c <= 0x323) || c == 0x1A1 || c == 0x1B0 ||
        c == 0x103 || c == 0x111) {
      ++out.unicode_letters;
    }
    if (beyond && letters && word.size() <= kLongest && seen.insert(word).second) {
      out.words.push_back(word);
    }
    word.clear();
    beyond = false;
    letters = false;
  }
  return out;
}

// Runs of characters beyond ASCII that are well-formed UTF-8 when taken as bytes.
struct Runs {
  size_t good = 0;
  size_t bad = 0;
  size_t vietnamese = 0;
};

void CountRun(const std::string& run, Runs* runs) {
  if (run.empty()) {
    return;
  }
  if (run.size() < 2 || !IsUtf8(run)) {
    ++runs->bad;
    return;
  }
  ++runs->good;
  for (size_t i = 0; i < run.size();) {
    const char32_t c = NextCodePoint(run, &i);
    runs->vietnamese += (c >= 0x1EA0 && c <= 0x1EF9) ? 1U : 0U;
  }
}

bool IsTwice(std::string_view utf8) {
  if (utf8.find("\u00E1\u00BA") == std::string_view::npos &&
      utf8.find("\u00E1\u00BB") == std::string_view::npos) {
    return false;  // no letter of U+1E80..1EFF: not Vietnamese
  }
  Runs runs;
  std::string run;
  for (size_t i = 0; i < utf8.size();) {
    const char32_t c = NextCodePoint(utf8, &i);
    const int byte = c < 0x80 ? -1 : LegacyByte(c);
    if (byte >= 0x80) {
      run.push_back(static_cast<char>(byte));
      continue;
    }
    if (c >= 0x1EA0 && c <= 0x1EF9) {
      ++runs.bad;
    }
    CountRun(run, &runs);
    run.clear();
  }
  CountRun(run, &runs);
  return runs.vietnamese > 0 && runs.good >= 3 * runs.bad;
}

const std::unordered_set<std::u32string_view>& CommonWords() {
  static const std::unordered_set<std::u32string_view> words = {
      U"và",   U"của",  U"các",   U"có",   U"là",    U"được", U"cho",  U"với",  U"không", U"những",
      U"một",  U"để",   U"người", U"đã",   U"về",    U"việc", U"này",  U"theo", U"số",    U"định",
      U"quy",  U"tại",  U"từ",    U"công", U"đảng",  U"tỉnh", U"ngày", U"đến",  U"phải",  U"hội",
      U"việt", U"đồng", U"chính", U"bộ",   U"quyết", U"mật",  U"bảo",  U"nước", U"nhà",   U"đơn"};
  return words;
}

size_t CountCommon(const std::vector<std::string>& words, const Table& table) {
  size_t common = 0;
  for (const std::string& word : words) {
    std::u32string letters;
    for (size_t i = 0; i < word.size();) {
      const Unit unit = LetterAt(word, i, table);
      letters.push_back(ToLower(unit.c));
      i += unit.bytes;
    }
    common += CommonWords().count(letters);
  }
  return common;
}

std::string Decide(const Words& found, std::string_view hint) {
  struct Score {
    size_t valid = 0;
    uint64_t hash = 0;
  };
  const auto& tables = Tables();
  std::array<Score, kEncodings> scores;
  size_t unicode = 0;
  const size_t total = found.words.size();
  for (size_t w = 0; w < total; ++w) {
    uint64_t unused = 0;
    unicode += IsValidIn(found.words[w], nullptr, &unused) ? 1U : 0U;
    size_t best = 0;
    for (size_t e = 0; e < kEncodings; ++e) {
      scores[e].valid += IsValidIn(found.words[w], &tables[e], &scores[e].hash) ? 1U : 0U;
      best = std::max(best, scores[e].valid);
    }
    if (w == 31 && best < 16) {
      return "";
    }
  }
  for (size_t e = 0; e < kEncodings && !hint.empty(); ++e) {
    if (kNames[e] == hint && scores[e].valid > unicode && scores[e].valid * 4 >= total * 3) {
      return std::string(hint);
    }
  }
  size_t best = 0;
  for (size_t e = 1; e < kEncodings; ++e) {
    best = scores[e].valid > scores[best].valid ? e : best;
  }
  if (total < 3 || scores[best].valid < 3 || scores[best].valid * 4 < total * 3 ||
      unicode >= scores[best].valid) {
    return "";
  }
  // A tie with another reading: the one with more of the commonest words, else no decision.
  size_t common = CountCommon(found.words, tables[best]);
  bool tie = false;
  for (size_t e = 0; e < kEncodings; ++e) {
    if (e == best || scores[e].valid != scores[best].valid || scores[e].hash == scores[best].hash) {
      continue;
    }
    if (best == 0 && e == 1) {
      continue;  // VN1 shares TCVN3's small letters; fonts are what is met
    }
    const size_t other = CountCommon(found.words, tables[e]);
    if (other > common) {
      best = e;
      common = other;
      tie = false;
    } else if (other == common) {
      tie = true;
    }
  }
  return tie ? "" : std::string(kNames[best]);
}

// Writes decoded characters, with the way back.
class Writer {
 public:
  explicit Writer(LegacyText* out) : out_(out) {}
  void Put(char32_t c, size_t source) {
    const auto view = static_cast<uint32_t>(out_->utf8.size());
    const auto at = static_cast<uint32_t>(source);
    if (out_->pieces.empty() ? view != at
                             : at - out_->pieces.back().source != view - out_->pieces.back().view) {
      if (out_->pieces.empty()) {
        out_->pieces.push_back({0, 0});
      }
      out_->pieces.push_back({view, at});
    }
    AppendUtf8(c, &out_->utf8);
  }

 private:
  LegacyText* out_;
};

LegacyText DecodeTwice(std::string_view utf8) {
  LegacyText out;
  Writer writer(&out);
  for (size_t i = 0; i < utf8.size();) {
    // At most four bytes make one character.
    std::string bytes;
    size_t at = i;
    std::array<size_t, 5> ends{};
    while (at < utf8.size() && bytes.size() < 4) {
      const char32_t c = NextCodePoint(utf8, &at);
      const int byte = c < 0x80 ? -1 : LegacyByte(c);
      if (byte < 0x80) {
        break;
      }
      bytes.push_back(static_cast<char>(byte));
      ends[bytes.size()] = at;
    }
    const size_t start = i;
    if (!bytes.empty()) {
      const Utf8Unit unit = DecodeUtf8(bytes, 0);
      if (unit.valid && unit.bytes > 1) {
        writer.Put(unit.code_point, start);
        i = ends[unit.bytes];
        continue;
      }
    }
    writer.Put(NextCodePoint(utf8, &i), start);
  }
  writer.Put('\n', utf8.size());
  out.utf8.pop_back();
  return out;
}

// One line of decoded characters, so that capitals can be repaired by their neighbours.
struct Letter {
  char32_t c;
  size_t source;
  bool in_word;
  bool decoded;  // by a table, so its case may be lost
};

// 1 capitals, 0 small, -1 does not tell.
int CaseOf(const std::vector<Letter>& line, size_t begin, size_t end) {
  size_t capitals = 0;
  for (size_t i = begin; i < end; ++i) {
    if (line[i].c >= 'a' && line[i].c <= 'z') {
      return 0;
    }
    capitals += line[i].c >= 'A' && line[i].c <= 'Z' ? 1U : 0U;
  }
  return capitals >= 2 ? 1 : -1;
}

void RepairCase(std::vector<Letter>* line) {
  struct Word {
    size_t begin;
    size_t end;
    int letter_case;
  };
  std::vector<Word> words;
  for (size_t i = 0; i < line->size(); ++i) {
    if (!(*line)[i].in_word) {
      continue;
    }
    size_t end = i;
    while (end < line->size() && (*line)[end].in_word) {
      ++end;
    }
    words.push_back({i, end, CaseOf(*line, i, end)});
    i = end;
  }
  int next = -1;
  std::vector<int> after(words.size(), -1);
  for (size_t w = words.size(); w-- > 0;) {
    after[w] = next;
    next = words[w].letter_case >= 0 ? words[w].letter_case : next;
  }
  int before = -1;
  for (size_t w = 0; w < words.size(); ++w) {
    const int own = words[w].letter_case;
    const int seen = own >= 0 ? own : before >= 0 ? before : after[w];
    before = own >= 0 ? own : before;
    for (size_t i = words[w].begin; seen == 1 && i < words[w].end; ++i) {
      if ((*line)[i].decoded) {
        (*line)[i].c = ToUpper((*line)[i].c);
      }
    }
  }
}

LegacyText DecodeTable(std::string_view utf8, const Table& table, bool repair) {
  LegacyText out;
  Writer writer(&out);
  std::vector<Letter> line;
  const auto flush = [&] {
    if (repair) {
      RepairCase(&line);
    }
    for (const Letter& letter : line) {
      writer.Put(letter.c, letter.source);
    }
    line.clear();
  };
  for (size_t i = 0; i < utf8.size();) {
    const size_t source = i;
    const char32_t c = NextCodePoint(utf8, &i);
    const int byte = c < 0x80 ? static_cast<int>(c) : LegacyByte(c);
    if (c == '\n') {
      flush();
      writer.Put(c, source);
      continue;
    }
    if (byte < 0 || !InWord(byte)) {
      line.push_back(
          {byte > 0 && c >= 0xF000 ? static_cast<char32_t>(byte) : c, source, false, false});
      continue;
    }
    std::string two(1, static_cast<char>(byte));
    size_t second_end = i;
    if (i < utf8.size()) {
      const char32_t second = NextCodePoint(utf8, &second_end);
      const int second_byte = second < 0x80 ? -1 : LegacyByte(second);
      if (second_byte >= 0x80) {
        two.push_back(static_cast<char>(second_byte));
      }
    }
    const Unit unit = LetterAt(two, 0, table);
    if (unit.c == 0) {
      line.push_back({c, source, byte >= 0xC0, false});
      continue;
    }
    i = unit.bytes == 2 ? second_end : i;
    line.push_back({unit.c, source, true, byte >= 0x80 || unit.bytes == 2});
  }
  flush();
  writer.Put('\n', utf8.size());  // leaves the last piece behind
  out.utf8.pop_back();
  return out;
}

}  // namespace

std::string FindLegacy(std::string_view utf8, std::string_view hint) {
  if (IsAscii(utf8)) {
    return IsViqr(utf8) ? "viqr" : "";
  }
  if (IsTwice(utf8)) {
    return std::string(kTwice);
  }
  const Words words = CollectWords(utf8);
  if (words.words.empty() || words.unicode_letters * 4 > words.words.size()) {
    return "";
  }
  return Decide(words, hint);
}

LegacyText DecodeLegacy(std::string_view utf8, std::string_view encoding) {
  if (encoding == kTwice) {
    return DecodeTwice(utf8);
  }
  if (encoding == "viqr") {
    return DecodeViqr(utf8);
  }
  const auto found = std::find(kNames.begin(), kNames.end(), encoding);
  const auto index = static_cast<size_t>(found - kNames.begin());
  return index < kEncodings ? DecodeTable(utf8, Tables()[index], kLosesCase[index])
                            : LegacyText{std::string(utf8), {}};
}

}  // namespace gatepost::text
