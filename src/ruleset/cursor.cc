// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/cursor.h"

#include "src/base/utf8.h"

namespace gatepost::ruleset {

char32_t Cursor::Take() {
  const Utf8Unit unit = DecodeUtf8(text_, at_);
  at_ += unit.bytes;
  return unit.code_point;
}

Repeat Cursor::TakeRepeat() {
  Repeat repeat;
  const char c = Peek();
  if (c == '*' || c == '+' || c == '?') {
    repeat = {c == '+' ? 1ULL : 0ULL, c == '?' ? 1 : Repeat::kNoEnd, true};
    ++at_;
  } else if (c == '{') {
    size_t end = at_ + 1;
    const auto number = [&](uint64_t* out) {
      const size_t begin = end;
      *out = 0;
      for (; end < text_.size() && text_[end] >= '0' && text_[end] <= '9'; ++end) {
        *out = std::min(*out * 10 + static_cast<uint64_t>(text_[end] - '0'), Repeat::kMost);
      }
      return end > begin;
    };
    uint64_t least = 0;
    if (!number(&least)) {
      return repeat;
    }
    uint64_t most = least;
    if (end < text_.size() && text_[end] == ',') {
      ++end;
      most = number(&most) ? most : Repeat::kNoEnd;
    }
    if (end >= text_.size() || text_[end] != '}') {
      return repeat;
    }
    repeat = {least, most, true};
    at_ = end + 1;
  } else {
    return repeat;
  }
  if (Peek() == '?' || Peek() == '+') {
    ++at_;  // lazy, possessive
  }
  return repeat;
}

void Cursor::SkipPast(char sign, size_t from) {
  const size_t found = text_.find(sign, from);
  at_ = found == std::string_view::npos ? text_.size() : found + 1;
}

char32_t Cursor::TakeHex() {
  std::string_view digits;
  if (Peek() == '{') {
    const size_t begin = at_ + 1;
    digits = text_.substr(begin, text_.find('}', begin) - begin);
    SkipPast('}', begin);
  } else {
    digits = text_.substr(at_, 2);
    at_ += digits.size();
  }
  uint32_t value = 0;
  for (const char d : digits) {
    const char lower = static_cast<char>(d | 0x20);
    const int digit = d >= '0' && d <= '9'           ? d - '0'
                      : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                     : 0;
    value = std::min<uint32_t>(value * 16 + static_cast<uint32_t>(digit), 0x110000);
  }
  return value > 0x10FFFF ? kReplacement : value;
}

void Cursor::SkipProperty() {
  if (Peek() == '{') {
    SkipPast('}', at_);
  } else {
    Skip(1);
  }
}

void Cursor::SkipReference() {
  const char open = Peek();
  if (open == '{' || open == '<' || open == '\'') {
    SkipPast(open == '{' ? '}' : open == '<' ? '>' : '\'', at_ + 1);
    return;
  }
  Skip(1);
  SkipDigits();
}

void Cursor::SkipDigits() {
  while (Peek() >= '0' && Peek() <= '9') {
    Skip(1);
  }
}

std::optional<char32_t> Cursor::TakeMember() {
  if (Peek() == '[' && (Peek(1) == ':' || Peek(1) == '.' || Peek(1) == '=')) {
    SkipPast(']', at_ + 2);
    return std::nullopt;
  }
  if (Peek() != '\\') {
    return Take();
  }
  if (AtLast()) {
    return Take();
  }
  Skip(1);
  const char32_t c = Take();
  if (c == 'x') {
    return TakeHex();
  }
  const bool set = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c == 'p' || c == 'P') {
    SkipProperty();
  }
  return set ? std::nullopt : std::optional<char32_t>(c);
}

Cursor::Opening Cursor::TakeOpening() {
  Skip(1);
  if (Peek() != '?') {
    return Opening::kGroup;
  }
  // (?:  (?<name>  (?P<name>  (?'name'  (?i)  (?i:  (?=  (?<!  (?>  (?|
  const char c = Peek(1);
  const bool behind = c == '<' && (Peek(2) == '=' || Peek(2) == '!');
  if (behind || c == '=' || c == '!' || c == '>' || c == '|') {
    Skip(behind ? 3 : 2);
    return c == '>' || c == '|' ? Opening::kGroup : Opening::kAside;
  }
  if (c == '<' || c == 'P' || c == '\'') {
    SkipPast(c == '\'' ? '\'' : '>', at_ + 2);
    return Opening::kGroup;
  }
  const size_t end = std::min(text_.find_first_of(":)", at_ + 1), text_.size());
  const bool options_only = end < text_.size() && text_[end] == ')';
  at_ = end;
  Skip(1);
  return options_only ? Opening::kOptions : Opening::kGroup;
}

}  // namespace gatepost::ruleset
