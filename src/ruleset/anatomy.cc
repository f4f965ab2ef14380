// One look at an expression: what the engines would not agree on, and what they need to know.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/ruleset/expression.h"

namespace gatepost::ruleset {

namespace {

// One pass over an expression, an atom at a time.
class Examiner {
 public:
  explicit Examiner(std::string_view text) : text_(text) {}

  Anatomy Run() {
    if (text_.empty()) {
      Refuse("the expression is empty");
    }
    if (!IsUtf8(text_) || text_.find('\0') != std::string_view::npos) {
      Refuse("the expression is not UTF-8 or holds a zero byte: write \\x00");
      return std::move(anatomy_);
    }
    while (at_ < text_.size()) {
      Step();
    }
    return std::move(anatomy_);
  }

 private:
  void Refuse(const std::string& message) {
    if (said_.insert(message).second) {
      anatomy_.errors.push_back(message);
    }
  }
  void Warn(const std::string& message) {
    if (said_.insert(message).second) {
      anatomy_.warnings.push_back(message);
    }
  }
  // What PCRE2 knows and Hyperscan does not: taken, and said.
  void Slow(const std::string& what, const std::string& instead) {
    anatomy_.beyond_hyperscan = true;
    Warn("Hyperscan knows no " + what +
         ", so PCRE2 tries the expression where its rarest word stands, or in every paragraph: " +
         instead);
  }
  char Peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void Step() {
    const char c = text_[at_];
    bool wide = false;
    switch (c) {
      case '\\':
        wide = Escape(false);
        break;
      case '[':
        wide = Class();
        break;
      case '(':
        Open();
        return;
      case '.':
        wide = true;
        ++at_;
        break;
      case '^':
      case '$':
        anatomy_.anchored = true;
        ++at_;
        return;
      case '*':
      case '+':
      case '?':
        Quantifier(false);
        return;
      case '{':
        if (CountedLength() > 0) {
          Quantifier(false);
        } else {
          ++at_;
        }
        return;
      default:
        if (static_cast<unsigned char>(c) >= 0x80) {
          anatomy_.utf8 = true;
        }
        ++at_;
        break;
    }
    Quantifier(wide);
  }

  // Bytes of "{2}", "{2,}" or "{2,5}" at the place, else 0.
  size_t CountedLength() const {
    size_t end = at_ + 1;
    const size_t digits = end;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') {
      ++end;
    }
    if (end == digits) {
      return 0;
    }
    if (end < text_.size() && text_[end] == ',') {
      ++end;
      while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') {
        ++end;
      }
    }
    return end < text_.size() && text_[end] == '}' ? end + 1 - at_ : 0;
  }

  // An atom that stands for any character outside ASCII takes one character, not one byte of it;
  // only where it repeats without a count are the two the same.
  void Quantifier(bool wide) {
    const char c = Peek(0);
    size_t length = 0;
    if (at_ < text_.size() && (c == '*' || c == '+' || c == '?')) {
      length = 1;
    } else if (c == '{') {
      length = CountedLength();
    }
    if (wide && c != '*' && c != '+') {
      anatomy_.utf8 = true;
    }
    if (length == 0) {
      return;
    }
    at_ += length;
    if (Peek(0) == '+') {
      Slow("possessive repeats ('*+')", "leave out the '+', it rarely changes what matches");
      ++at_;
    } else if (Peek(0) == '?') {
      ++at_;  // lazy: the same matches for us
    }
  }

  // After '\\'; returns whether it stands for characters outside ASCII too.
  bool Escape(bool in_class) {
    if (at_ + 1 >= text_.size()) {
      Refuse("the expression ends in a backslash");
      ++at_;
      return false;
    }
    const char c = text_[at_ + 1];
    at_ += 2;
    if (c == '0' || (in_class && c >= '0' && c <= '9')) {
      Refuse("octal numbers (\\" + std::string(1, c) + ") are not supported: write \\x{..}");
      return false;
    }
    if (c >= '1' && c <= '9') {
      Slow("back-references (\\" + std::string(1, c) + ")",
           "write the text again where it is known");
      return false;
    }
    if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z')) {
      if (static_cast<unsigned char>(c) >= 0x80) {
        anatomy_.utf8 = true;
      }
      return false;
    }
    switch (c) {
      case 'x':
        Hex();
        return false;
      case 'p':
      case 'P':
        Property(c);
        return true;
      case 'n':
      case 'r':
      case 't':
      case 'f':
      case 'e':
      case 'a':
        return false;
      case 'b':
      case 'B':
        if (in_class) {
          Refuse("\\b in a class is not supported: write \\x08");
        }
        Warn(
            "\\" + std::string(1, c) +
            " knows ASCII letters only and sees an edge inside Vietnamese words: write <B> or <E>");
        return false;
      case 'w':
      case 'W':
        Warn("\\" + std::string(1, c) +
             " knows ASCII letters only: write [A-Za-z0-9À-ỹ] or the class that is meant");
        return c == 'W';
      case 'd':
      case 's':
      case 'h':
        return false;
      case 'D':
      case 'S':
      case 'H':
        return true;
      case 'A':
      case 'z':
      case 'Z':
        anatomy_.anchored = true;
        Slow("\\" + std::string(1, c), "write ^ or $ (they mean the line)");
        return false;
      case 'k':
      case 'g':
        if (c == 'g' && (Peek(0) == '<' || Peek(0) == '\'')) {
          Refuse("recursion (\\g<..>) is not supported: write the part again");
        }
        Slow("back-references (\\" + std::string(1, c) + ")",
             "write the text again where it is known");
        return false;
      default:
        Refuse("\\" + std::string(1, c) + " is not supported");
        return false;
    }
  }

  void Hex() {
    std::string digits;
    if (Peek(0) == '{') {
      const size_t close = text_.find('}', at_);
      if (close == std::string_view::npos) {
        Refuse("\\x{ has no closing brace");
        at_ = text_.size();
        return;
      }
      digits = std::string(text_.substr(at_ + 1, close - at_ - 1));
      at_ = close + 1;
    } else {
      digits = std::string(text_.substr(at_, 2));
      at_ += digits.size();
    }
    uint32_t value = 0;
    for (const char c : digits) {
      const char lower = AsciiLower(c);
      if ((lower < '0' || lower > '9') && (lower < 'a' || lower > 'f')) {
        value = 0xFFFFFFFF;
        break;
      }
      value = value * 16 + static_cast<uint32_t>(lower <= '9' ? lower - '0' : lower - 'a' + 10);
      if (value > 0x10FFFF) {
        break;
      }
    }
    if (digits.size() < 2 || digits.size() > 8 || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF)) {
      Refuse("\\x needs two hexadecimal digits, or a code point in braces: \\x{1EAD}");
      return;
    }
    if (value > 0x7F) {
      anatomy_.utf8 = true;
    }
  }

  void Property(char letter) {
    anatomy_.utf8 = true;
    if (Peek(0) == '{') {
      const size_t close = text_.find('}', at_);
      at_ = close == std::string_view::npos ? text_.size() : close + 1;
    } else if (at_ < text_.size()) {
      ++at_;
    }
    const char next = Peek(0);
    if (next == '*' || next == '+' || next == '{') {
      Warn("\\" + std::string(1, letter) +
           "{..} next to a repeat makes large, slow programs: write [A-Za-zÀ-ỹ] or the like");
    }
  }

  // '[' to ']'; returns whether the class stands for characters outside ASCII.
  bool Class() {
    bool wide = false;
    ++at_;
    if (Peek(0) == '^') {
      wide = true;
      ++at_;
    }
    if (Peek(0) == ']') {
      ++at_;
    }
    while (at_ < text_.size() && text_[at_] != ']') {
      if (text_[at_] == '\\') {
        wide = Escape(true) || wide;
      } else if (text_[at_] == '[' && (Peek(1) == ':' || Peek(1) == '.' || Peek(1) == '=')) {
        const size_t close = text_.find(']', at_ + 2);
        wide = wide || Peek(2) == '^';
        at_ = close == std::string_view::npos ? text_.size() : close + 1;
      } else {
        if (static_cast<unsigned char>(text_[at_]) >= 0x80) {
          anatomy_.utf8 = true;
        }
        ++at_;
      }
    }
    if (at_ >= text_.size()) {
      Refuse("a class '[' is not closed");
      return wide;
    }
    ++at_;
    return wide;
  }

  void Open() {
    if (Peek(1) == '*') {
      Refuse("verbs such as (*SKIP) are not supported");
      at_ += 2;
      return;
    }
    if (Peek(1) != '?') {
      ++at_;
      return;
    }
    const char c = Peek(2);
    const char d = Peek(3);
    if (c == '=' || c == '!' || (c == '<' && (d == '=' || d == '!'))) {
      Slow("look-around '(?" + std::string(c == '<' ? "<" : "") + (c == '<' ? d : c) + "'",
           "'mask' or 'unless' often say the same");
      at_ += c == '<' ? 1 : 0;
    } else if (c == '>') {
      Slow("atomic groups '(?>'", "write (?:");
    } else if (c == '(' || c == 'R' || c == '&' || (c >= '0' && c <= '9') ||
               (c == 'P' && d != '<') || c == 'C' ||
               ((c == '+' || c == '-') && d >= '0' && d <= '9')) {
      Refuse("'(?" + std::string(1, c) + "' is not supported: write (?:");
    } else if (c == '|') {
      Slow("groups that share numbers '(?|'", "write (?:");
    } else if (c == '#') {
      Refuse("comments '(?#' are not supported: use a YAML comment");
    } else if (c == ':' || c == '<' || c == 'P' || c == '\'') {
      at_ += 3;  // named groups: the names are not used
      const size_t close = c == ':' ? at_ - 1 : text_.find(c == '\'' ? '\'' : '>', at_);
      at_ = close == std::string_view::npos ? text_.size() : close + 1;
      return;
    } else {
      at_ += 2;
      while (at_ < text_.size() && text_[at_] != ':' && text_[at_] != ')') {
        if (text_[at_] != 'i' && text_[at_] != 's' && text_[at_] != 'm' && text_[at_] != '-') {
          Refuse("option '" + std::string(1, text_[at_]) +
                 "' in '(?..)' is not supported: only i, s and m are");
        }
        ++at_;
      }
      at_ = std::min(at_ + 1, text_.size());
      return;
    }
    at_ += 3;
  }

  std::string_view text_;
  size_t at_ = 0;
  Anatomy anatomy_;
  std::set<std::string> said_;
};

}  // namespace

Anatomy Examine(std::string_view expression) { return Examiner(expression).Run(); }

}  // namespace gatepost::ruleset
