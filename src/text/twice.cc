// UTF-8 encoded twice. LIMITS: one page a text; twice only once (a third time is found by reading
// the result again, which ReadLegacy does). SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/twice.h"

#include <array>
#include <string>

#include "src/base/utf8.h"
#include "src/text/legacy_writer.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

// Runs of characters beyond ASCII that are well-formed UTF-8 when taken as bytes.
struct Runs {
  size_t good = 0;
  size_t bad = 0;
  size_t vietnamese = 0;
};

// Precomposed, with a horn, or a tone that stands by itself.
bool IsVietnamese(char32_t c) {
  return (c >= 0x1EA0 && c <= 0x1EF9) || c == 0x1A1 || c == 0x1B0 || c == 0x300 || c == 0x301 ||
         c == 0x303 || c == 0x309 || c == 0x323;
}

void CountRun(const std::string& run, Runs* runs) {
  for (size_t i = 0; i < run.size();) {
    const Utf8Unit unit = DecodeUtf8(run, i);
    const bool lost = !unit.valid && i + 2 >= run.size();  // its last byte became a blank
    runs->good += unit.valid ? 1U : 0U;
    runs->bad += !unit.valid && !lost ? 1U : 0U;
    runs->vietnamese += unit.valid && IsVietnamese(unit.code_point) ? 1U : 0U;
    i += unit.bytes;
  }
}

}  // namespace

size_t TwiceScore(std::string_view utf8, Page page) {
  Runs runs;
  std::string run;
  for (size_t i = 0; i < utf8.size();) {
    const char32_t c = NextCodePoint(utf8, &i);
    const int byte = c < 0x80 ? -1 : ByteIn(page, c);
    if (byte >= 0x80) {
      run.push_back(static_cast<char>(byte));
      continue;
    }
    runs.bad += IsVietnamese(c) ? 1U : 0U;
    CountRun(run, &runs);
    run.clear();
  }
  CountRun(run, &runs);
  return runs.vietnamese > 0 && runs.good >= 3 * runs.bad ? runs.good - runs.bad : 0;
}

LegacyText DecodeTwice(std::string_view utf8, Page page) {
  LegacyText out;
  LegacyWriter writer(&out);
  for (size_t i = 0; i < utf8.size();) {
    // At most four bytes make one character.
    std::string bytes;
    size_t at = i;
    std::array<size_t, 5> ends{};
    while (at < utf8.size() && bytes.size() < 4) {
      size_t after = at;
      const char32_t c = NextCodePoint(utf8, &after);
      const int byte = c < 0x80 ? -1 : ByteIn(page, c);
      if (byte < 0x80) {
        break;
      }
      at = after;
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
      // E1 BA, and AD is gone (a soft hyphen) or A0 a blank; C3, and A0 a blank.
      const bool blank = at < utf8.size() && utf8[at] == ' ';
      if (bytes == "\xE1\xBA" && at < utf8.size()) {
        writer.Put(blank ? 0x1EA0 : 0x1EAD, start);
        i = at + (blank ? 1U : 0U);
        continue;
      }
      if (bytes == "\xC3" && blank) {
        writer.Put(0xE0, start);
        i = at + 1;
        continue;
      }
    }
    writer.Put(NextCodePoint(utf8, &i), start);
  }
  writer.Finish(utf8.size());
  return out;
}

}  // namespace gatepost::text
