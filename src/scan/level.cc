// LIMITS: an accented vowel in at most 6 code points.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/level.h"

#include <algorithm>
#include <string>

#include "src/base/utf8.h"

namespace gatepost::scan {

using ruleset::Level;

namespace {

constexpr size_t kMostVowel = 6;
constexpr char kForeign = '?';  // any code point outside ASCII

bool IsInvisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF;
}

// ASCII letters in lower case, code points outside ASCII as '?', a blank as ' '; no signs, digits
// or invisible characters.
std::string Shape(Bytes utf8) {
  std::string shape;
  for (size_t at = 0; at < utf8.size();) {
    const Utf8Unit unit = DecodeUtf8(utf8, at);
    at += unit.bytes;
    if (unit.code_point >= 0x80) {
      if (!IsInvisible(unit.code_point)) {
        shape += kForeign;
      }
      continue;
    }
    const char c = AsciiLower(static_cast<char>(unit.code_point));
    if (c >= 'a' && c <= 'z') {
      shape += c;
    }
  }
  return shape;
}

// Behind a run of one to six code points out of `letters` or foreign ones, or npos.
size_t SkipVowel(const std::string& shape, size_t at, std::string_view letters) {
  size_t end = at;
  while (end < shape.size() && end - at < kMostVowel &&
         (shape[end] == kForeign || letters.find(shape[end]) != std::string_view::npos)) {
    ++end;
  }
  return end > at ? end : std::string::npos;
}

// "m?t" at the place: Telex writes its tone as j behind the vowel or the t.
bool IsMat(const std::string& shape, size_t at) {
  if (at >= shape.size() || shape[at] != 'm') {
    return false;
  }
  const size_t t = SkipVowel(shape, at + 1, "ajey");
  return t != std::string::npos && t < shape.size() && shape[t] == 't';
}

bool IsTuyetMat(const std::string& shape, size_t at) {
  if (shape.compare(at, 3, "tuy") != 0) {
    return false;
  }
  const size_t t = SkipVowel(shape, at + 3, "ejao");
  if (t == std::string::npos || t >= shape.size() || shape[t] != 't') {
    return false;
  }
  return IsMat(shape, t + 1) ||
         (t + 1 < shape.size() && shape[t + 1] == 'j' && IsMat(shape, t + 2));
}

bool IsToiMat(const std::string& shape, size_t at) {
  if (shape[at] != 't') {
    return false;
  }
  size_t i = SkipVowel(shape, at + 1, "os");
  if (i == std::string::npos || i >= shape.size() || shape[i] != 'i') {
    return false;
  }
  ++i;
  while (i < shape.size() && (shape[i] == 's' || shape[i] == 'o')) {
    ++i;
  }
  return IsMat(shape, i);
}

int Rank(Level level) {
  switch (level) {
    case Level::kTuyetMat:
      return 4;
    case Level::kToiMat:
      return 3;
    case Level::kMat:
      return 2;
    case Level::kOther:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

Level LevelInText(Bytes utf8) {
  const std::string shape = Shape(utf8);
  Level level = Level::kOther;
  for (size_t at = 0; at < shape.size(); ++at) {
    if (IsTuyetMat(shape, at)) {
      return Level::kTuyetMat;
    }
    if (IsToiMat(shape, at)) {
      level = Stronger(level, Level::kToiMat);
    } else if (IsMat(shape, at)) {
      level = Stronger(level, Level::kMat);
    }
  }
  return level;
}

Level Stronger(Level a, Level b) { return Rank(b) > Rank(a) ? b : a; }

}  // namespace gatepost::scan
