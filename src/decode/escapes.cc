// Text that a program reads out of text: strings of JSON and of sources (\u1ed0), and the letters
// of TeX (\'{\^O}). What they mean is a second text of the leaf, a string or a paragraph a line.
// LIMITS: the first 8 MiB of a text, escapes behind them are named as too big; accents in accents
// 4 deep. One pass each, linear.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/hex.h"
#include "src/base/utf8.h"
#include "src/decode/openers.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostEscaped = 8U << 20;
constexpr size_t kShortestString = 3;

// `digits` hexadecimal digits at `at`; -1: there are none.
int64_t HexNumber(Bytes s, size_t at, size_t digits) {
  int64_t value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int digit = at + i < s.size() ? HexValue(s[at + i]) : -1;
    if (digit < 0) {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

// What the escape behind the backslash at `at` means is appended; where it ends. `*wide` is set
// where it names a letter by its number.
size_t ReadEscape(Bytes s, size_t at, std::string* out, bool* wide) {
  if (at + 1 >= s.size()) {
    out->push_back('\\');
    return at + 1;
  }
  const char kind = s[at + 1];
  if (kind == 'u' || kind == 'U' || kind == 'x') {
    size_t begin = at + 2;
    const bool braces = kind != 'U' && begin < s.size() && s[begin] == '{';
    size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    if (braces) {
      ++begin;
      digits = std::min<size_t>(s.substr(begin, 9).find('}'), 9);
    }
    int64_t code = digits > 0 && digits <= 8 ? HexNumber(s, begin, digits) : -1;
    size_t end = begin + digits + (braces ? 1 : 0);
    if (code >= 0xD800 && code < 0xDC00 && s.substr(end, 2) == "\\u") {
      const int64_t low = HexNumber(s, end + 2, 4);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        end += 6;
      }
    }
    if (code >= 0 && code <= 0x10FFFF && (code < 0xD800 || code >= 0xE000)) {
      *wide = true;
      if (code >= 0x20 || code == '\t' || code == '\n') {
        AppendUtf8(static_cast<char32_t>(code), out);
      }
      return end;
    }
  }
  switch (kind) {
    case 'n':
    case 'r':
      out->push_back('\n');
      break;
    case 't':
      out->push_back('\t');
      break;
    case 'b':
    case 'f':
      out->push_back(' ');
      break;
    default:
      out->push_back(kind);
  }
  return at + 2;
}

// \u1ed0 or \u{1ed0} stands somewhere.
bool NamesLetters(Bytes text) {
  for (size_t at = text.find("\\u"); at != Bytes::npos; at = text.find("\\u", at + 2)) {
    if (text.substr(at + 2, 1) == "{" || HexNumber(text, at + 2, 4) >= 0) {
      return true;
    }
  }
  return false;
}

bool IsJson(Bytes text) {
  text = AsciiTrim(text.substr(0, 4096));
  if (text.substr(0, 3) == "\xef\xbb\xbf") {
    text = AsciiTrim(text.substr(3));
  }
  if (text.size() < 2 || (text[0] != '{' && text[0] != '[')) {
    return false;
  }
  const Bytes inner = AsciiTrim(text.substr(1));
  return !inner.empty() &&
         (inner[0] == '"' || (text[0] == '[' && (inner[0] == '{' || inner[0] == '[')));
}

void AddLineOf(std::string_view words, std::string* out) {
  words = AsciiTrim(words);
  if (words.size() >= kShortestString) {
    out->append(words).push_back('\n');
  }
}

// Strings in quotes, and lines with letters by number outside of them. `all`: also strings that
// read as they stand.
std::string StringsOf(Bytes text, bool all) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t line_end = std::min(text.find('\n', at), text.size());
    const Bytes line = text.substr(at, line_end - at);
    const bool escaped = line.find('\\') != Bytes::npos;
    if (!escaped && !all) {
      at = line_end + 1;
      continue;
    }
    std::string loose;  // the line, undone
    bool loose_wide = false;
    for (size_t i = 0; i < line.size();) {
      if (line[i] == '\\') {
        i = ReadEscape(line, i, &loose, &loose_wide);
        continue;
      }
      if (line[i] != '"' && line[i] != '\'') {
        loose.push_back(line[i++]);
        continue;
      }
      std::string words;
      bool wide = false;
      bool any = false;
      size_t end = i + 1;
      while (end < line.size() && line[end] != line[i]) {
        if (line[end] == '\\') {
          any = true;
          end = ReadEscape(line, end, &words, &wide);
        } else {
          words.push_back(line[end++]);
        }
      }
      if (end >= line.size()) {
        loose.push_back(line[i++]);  // an apostrophe
        continue;
      }
      if (wide || (all && (any || line[i] == '"'))) {
        AddLineOf(words, &out);
      }
      loose += words;
      i = end + 1;
    }
    if (loose_wide) {
      AddLineOf(loose, &out);
      AddLineOf(
          std::string_view(loose).substr(std::min(loose.find_first_of("=:"), loose.size() - 1) + 1),
          &out);
    }
    at = line_end + 1;
  }
  return out;
}

// The combining mark of TeX's accents; 0: it is none.
char32_t MarkOf(char c) {
  switch (c) {
    case '\'':
      return 0x301;
    case '`':
      return 0x300;
    case '^':
      return 0x302;
    case '~':
      return 0x303;
    case 'd':
      return 0x323;
    case 'h':
      return 0x309;
    case 'u':
      return 0x306;
    case '"':
      return 0x308;
    case 'v':
      return 0x30C;
    default:
      return 0;
  }
}

bool IsAsciiAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class TexReader {
 public:
  explicit TexReader(Bytes text) : s_(text) {}

  std::string Run() {
    while (at_ < s_.size()) {
      const char c = s_[at_];
      if (c == '\\') {
        Command(0);
      } else if (c == '{' || c == '}' || c == '$') {
        ++at_;
      } else if (c == '~') {
        out_.push_back(' ');
        ++at_;
      } else if (c == '%') {
        out_.push_back('\n');  // a comment, on a line of its own
        ++at_;
      } else {
        out_.push_back(c);
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  static constexpr int kDeepest = 4;

  // REQUIRES: a backslash at at_.
  // NOLINTNEXTLINE(misc-no-recursion): kDeepest bounds it.
  void Command(int depth) {
    ++at_;
    if (at_ >= s_.size()) {
      return;
    }
    const char c = s_[at_];
    size_t end = at_;
    while (end < s_.size() && IsAsciiAlpha(s_[end])) {
      ++end;
    }
    const Bytes name = end > at_ ? s_.substr(at_, end - at_) : s_.substr(at_, 1);
    const char32_t mark = name.size() == 1 ? MarkOf(c) : 0;
    if (mark != 0 && depth < kDeepest) {
      ++at_;
      Letter(depth);
      AppendUtf8(mark, &out_);
      return;
    }
    at_ += name.size();
    if (Named(name)) {
      SkipBlanks(depth > 0);
      return;
    }
    if (name == "\\" || name == "par" || name == "newline" || name == "item") {
      out_.push_back('\n');
    } else if (name == "begin" || name == "end") {
      out_.push_back('\n');
      constexpr size_t kLongest = 61;  // "{environment}", and what may stand before it
      const size_t close = s_.substr(at_, kLongest).find('}');
      at_ += close == Bytes::npos ? 0 : close + 1;
    } else if (name.size() == 1 && !IsAsciiAlpha(c)) {
      out_.push_back(c == ',' || c == ';' || c == '/' || c == '-' ? ' ' : c);
    } else if (at_ < s_.size() && s_[at_] == ' ') {
      ++at_;  // the blank that ends a command's name
    }
  }

  // What an accent stands on: a letter, another accent, either in braces.
  // NOLINTNEXTLINE(misc-no-recursion): as above.
  void Letter(int depth) {
    SkipBlanks(false);
    const bool braces = at_ < s_.size() && s_[at_] == '{';
    at_ += braces ? 1 : 0;
    if (at_ < s_.size() && s_[at_] == '\\') {
      Command(depth + 1);
    } else if (at_ < s_.size() && s_[at_] != '}') {
      do {
        out_.push_back(s_[at_++]);
      } while (at_ < s_.size() && (static_cast<unsigned char>(s_[at_]) & 0xC0U) == 0x80);
    }
    if (braces && at_ < s_.size() && s_[at_] == '}') {
      ++at_;
    }
  }

  void SkipBlanks(bool braces) {
    while (at_ < s_.size() && s_[at_] == ' ') {
      ++at_;
    }
    if (braces && s_.substr(at_, 2) == "{}") {
      at_ += 2;
    }
  }

  // Letters by name (fontenc T5). True: it was one.
  bool Named(Bytes name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kNames = {{
        {"ACIRCUMFLEX", "Â"},
        {"acircumflex", "â"},
        {"ECIRCUMFLEX", "Ê"},
        {"ecircumflex", "ê"},
        {"OCIRCUMFLEX", "Ô"},
        {"ocircumflex", "ô"},
        {"ABREVE", "Ă"},
        {"abreve", "ă"},
        {"OHORN", "Ơ"},
        {"ohorn", "ơ"},
        {"UHORN", "Ư"},
        {"uhorn", "ư"},
        {"DJ", "Đ"},
        {"dj", "đ"},
        {"i", "i"},
        {"j", "j"},
        {"TeX", "TeX"},
        {"LaTeX", "LaTeX"},
    }};
    const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                     [name](const auto& one) { return one.first == name; });
    if (found == kNames.end()) {
      return false;
    }
    out_.append(found->second);
    if (s_.substr(at_, 2) == "{}") {
      at_ += 2;
    }
    return true;
  }

  Bytes s_;
  size_t at_ = 0;
  std::string out_;
};

bool IsTex(Bytes text) {
  return text.find("\\documentclass") != Bytes::npos || text.find("\\begin{") != Bytes::npos ||
         text.find("\\documentstyle") != Bytes::npos;
}

// An accent command that a letter can follow. Regular expressions (\d{3}) and RTF (\'e1) look
// alike.
bool HasTexAccents(Bytes text) {
  if (text.substr(0, 64).find("{\\rtf") != Bytes::npos) {
    return false;
  }
  size_t found = 0;
  for (size_t at = text.find('\\'); at != Bytes::npos && found < 2; at = text.find('\\', at + 2)) {
    const Bytes rest = text.substr(at + 1, 4);
    if (rest.size() < 3 || MarkOf(rest[0]) == 0) {
      continue;
    }
    const bool braces = rest[1] == '{';
    const char on = braces ? rest[2] : rest[1];
    const char behind = braces && rest.size() > 3 ? rest[3] : rest[2];
    const bool sign = !IsAsciiAlpha(rest[0]);
    const bool letter = IsAsciiAlpha(on) && !(behind >= '0' && behind <= '9');
    const bool stacked = on == '\\' && (sign || braces || rest[2] == '^');
    found += (letter && (sign || braces)) || stacked ? 1 : 0;
  }
  return found >= 2;
}

// AutoCAD's way to write letters in a drawing as text: \U+1EC6.
std::string LettersOfDxf(Bytes text) {
  std::string out;
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const int64_t code = text.substr(at, 3) == "\\U+" ? HexNumber(text, at + 3, 4) : -1;
    if (code >= 0x20 && (code < 0xD800 || code >= 0xE000)) {
      AppendUtf8(static_cast<char32_t>(code), &out);
      at += 7;
      any = true;
    } else {
      out.push_back(text[at++]);
    }
  }
  return any ? out : std::string();
}

}  // namespace

void OpenEscapes(size_t leaf, Collector* out) {
  const Bytes all = out->leaf(leaf).bytes;
  const Bytes text = all.substr(0, kMostEscaped);
  if (NamesLetters(all.substr(text.size()))) {
    out->AddUnscannable(Reason::kTooBig, out->leaf(leaf));
  }
  const bool json = IsJson(text);
  if (!json && text.find('\\') == Bytes::npos) {
    return;
  }
  if (json || text.find("\\u") != Bytes::npos || text.find("\\x") != Bytes::npos) {
    out->AddText(leaf, "attachment", "strings", StringsOf(text, json));
  }
  if (text.find("\\U+") != Bytes::npos) {
    out->AddText(leaf, "attachment", "letters", LettersOfDxf(text));
  }
  if (text.substr(0, 4096).find('\0') == Bytes::npos && (IsTex(text) || HasTexAccents(text))) {
    out->AddText(leaf, "attachment", "TeX", TexReader(text).Run());
  }
}

}  // namespace gatepost::decode
