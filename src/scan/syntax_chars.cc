// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/syntax_chars.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace gatepost::scan {

namespace {

constexpr uint32_t kMostRepeat = 65'535;

ByteSet Digits() { return ByteRange('0', '9'); }
ByteSet Words() { return Digits() | ByteRange('a', 'z') | ByteRange('A', 'Z') | ByteSetOf("_"); }
ByteSet Spaces() { return ByteSetOf(" \t\n\v\f\r"); }
ByteSet Everything() { return ByteRange(0, 255); }

// The classes of [[:name:]]; everything for a name that is not known.
ByteSet PosixClass(std::string_view name) {
  if (name == "alpha") return ByteRange('a', 'z') | ByteRange('A', 'Z');
  if (name == "alnum") return Words() & ~ByteSetOf("_");
  if (name == "digit") return Digits();
  if (name == "word") return Words();
  if (name == "space") return Spaces();
  if (name == "blank") return ByteSetOf(" \t");
  if (name == "upper" || name == "lower") return ByteRange('a', 'z') | ByteRange('A', 'Z');
  if (name == "xdigit") return Digits() | ByteRange('a', 'f') | ByteRange('A', 'F');
  if (name == "punct") return (ByteRange(33, 126) & ~Words()) | ByteSetOf("_");
  if (name == "cntrl") return ByteRange(0, 31) | ByteRange(127, 127);
  return Everything();
}

class ClassReader {
 public:
  ClassReader(ExpressionReader* in, bool utf8, bool caseless)
      : in_(*in), utf8_(utf8), caseless_(caseless) {}

  CharSet Run() {
    ++in_.at;
    const bool negated = in_.Peek(0) == '^';
    in_.at += negated ? 1 : 0;
    for (bool first = true; in_.at < in_.text.size() && (in_.Peek(0) != ']' || first);
         first = false) {
      Next();
      if (!in_.good) {
        return {};
      }
    }
    if (in_.at >= in_.text.size()) {
      in_.good = false;
      return {};
    }
    ++in_.at;
    if (!negated && set_.wide && caseless_ && utf8_) {
      set_.bytes |= ByteSetOf("kKsS");  // the Kelvin sign and the long s match those
    }
    if (negated) {
      // Without regard to case both cases are excluded; leaving one in says too much, no harm.
      set_.bytes = whole_ ? ~set_.bytes : Everything();
      set_.wide = true;
    }
    return set_;
  }

 private:
  static constexpr uint32_t kNoValue = UINT32_MAX;
  static constexpr uint32_t kSomeWide = 0xFFFF;  // some character of several bytes

  void Next() {
    const size_t end = in_.Next("[:") ? in_.text.find(":]", in_.at) : std::string_view::npos;
    if (end != std::string_view::npos) {
      const std::string_view name = in_.text.substr(in_.at + 2, end - in_.at - 2);
      const bool none = !name.empty() && name[0] == '^';
      set_.bytes |= none ? ~PosixClass(name.substr(1)) : PosixClass(name);
      set_.wide = true;
      whole_ = false;
      in_.at = end + 2;
      previous_ = kNoValue;
      return;
    }
    const uint32_t value = Item();
    if (value == kNoValue) {
      previous_ = kNoValue;
      return;
    }
    if (previous_ != kNoValue && range_) {
      Add(previous_, value);
      range_ = false;
      previous_ = kNoValue;
      return;
    }
    Add(value, value);
    previous_ = value;
    if (in_.Peek(0) != '-' || in_.Peek(1) == ']' || in_.Peek(1) == '\0' ||
        (in_.Peek(1) == '\\' && IsSetEscape(in_.Peek(2)))) {
      return;  // [a-\d]: a hyphen
    }
    ++in_.at;
    range_ = true;
  }

  static bool IsSetEscape(char c) {
    return std::string_view("dDwWsShHvVNpPR").find(c) != std::string_view::npos;
  }

  // One item: a character's value, or kNoValue for a set, which is added.
  uint32_t Item() {
    const auto c = static_cast<unsigned char>(in_.Peek(0));
    if (c == '\\') {
      ++in_.at;
      return Escaped();
    }
    ++in_.at;
    if (!utf8_ || c < 0x80) {
      return c;
    }
    while ((static_cast<unsigned char>(in_.Peek(0)) & 0xC0) == 0x80) {
      ++in_.at;
    }
    return kSomeWide;
  }

  uint32_t Escaped() {
    const char c = in_.Peek(0);
    CharSet set;
    if (in_.at >= in_.text.size()) {
      in_.good = false;
    } else if (c == 'b') {
      ++in_.at;
      return '\b';
    } else if (EscapedSet(c, &set)) {
      ++in_.at;
      if (set.bytes.count() == 1) {
        uint32_t value = 0;
        while (!set.bytes.test(value)) {
          ++value;
        }
        return value;
      }
      set_.bytes |= set.bytes;
      set_.wide = set_.wide || set.wide;
      whole_ = whole_ && !set.wide;
    } else if (c == 'x') {
      return ReadHex(&in_);
    } else if (c == 'p' || c == 'P') {
      SkipProperty(&in_);
      set_.bytes = Everything();
      set_.wide = true;
      whole_ = false;
    } else if (c == 'E') {
      ++in_.at;
    } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      in_.good = false;
    } else {
      ++in_.at;
      return static_cast<unsigned char>(c);
    }
    return kNoValue;
  }

  void Add(uint32_t first, uint32_t last) {
    const uint32_t most = utf8_ ? 0x7F : 0xFF;
    for (uint32_t c = first; c <= std::min(last, most); ++c) {
      set_.bytes.set(c);
    }
    set_.wide = set_.wide || last > most;
  }

  ExpressionReader& in_;
  const bool utf8_;
  const bool caseless_;
  CharSet set_;
  bool whole_ = true;  // the set is exactly what was read: it may be negated
  bool range_ = false;
  uint32_t previous_ = kNoValue;
};

}  // namespace

ByteSet ByteRange(unsigned first, unsigned last) {
  ByteSet set;
  for (unsigned c = first; c <= last; ++c) {
    set.set(c);
  }
  return set;
}

ByteSet ByteSetOf(std::string_view text) {
  ByteSet set;
  for (const char c : text) {
    set.set(static_cast<unsigned char>(c));
  }
  return set;
}

bool IsWordChar(char c) { return Words().test(static_cast<unsigned char>(c)); }

bool EscapedSet(char c, CharSet* set) {
  const auto is = [set](const ByteSet& bytes, bool wide) {
    *set = {bytes, wide};
    return true;
  };
  switch (c) {
    case 'd':
      return is(Digits(), false);
    case 'w':
      return is(Words(), false);
    case 's':
      return is(Spaces(), false);
    case 'h':
      return is(ByteSetOf(" \t\xA0"), true);
    case 'v':
      return is(ByteSetOf("\n\v\f\r\x85"), true);
    case 'D':
      return is(~Digits(), true);
    case 'W':
      return is(~Words(), true);
    case 'S':
      return is(~Spaces(), true);
    case 'H':
      return is(~ByteSetOf(" \t\xA0"), true);
    case 'V':
      return is(~ByteSetOf("\n\v\f\r\x85"), true);
    case 'N':
      return is(~ByteSetOf("\n"), true);
    case 'a':
      return is(ByteSetOf("\a"), false);
    case 'e':
      return is(ByteSetOf("\x1b"), false);
    case 'f':
      return is(ByteSetOf("\f"), false);
    case 'n':
      return is(ByteSetOf("\n"), false);
    case 'r':
      return is(ByteSetOf("\r"), false);
    case 't':
      return is(ByteSetOf("\t"), false);
    default:
      return false;
  }
}

uint32_t ReadHex(ExpressionReader* in) {
  ++in->at;
  uint32_t value = 0;
  const bool braces = in->Peek(0) == '{';
  in->at += braces ? 1 : 0;
  for (size_t i = 0; in->at < in->text.size() && (braces || i < 2); ++i, ++in->at) {
    const char c = AsciiLower(in->text[in->at]);
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + static_cast<uint32_t>(c - 'a' + 10);
    } else {
      break;
    }
    if (value > 0x10FFFF) {
      in->good = false;
      return value;
    }
  }
  if (braces) {
    in->good = in->good && in->Peek(0) == '}';
    ++in->at;
  }
  return value;
}

void SkipProperty(ExpressionReader* in) {
  ++in->at;
  in->at = in->Peek(0) == '{' ? std::min(in->text.find('}', in->at), in->text.size() - 1) + 1
                              : in->at + 1;
  in->at = std::min(in->at, in->text.size());
}

bool ReadCount(ExpressionReader* in, uint32_t* least, uint32_t* most) {
  switch (in->Peek(0)) {
    case '*':
      ++in->at;
      return true;
    case '+':
      *least = 1;
      ++in->at;
      return true;
    case '?':
      *most = 1;
      ++in->at;
      return true;
    case '{':
      break;
    default:
      return false;
  }
  const std::string_view text = in->text;
  size_t end = in->at + 1;
  const auto number = [&](uint32_t* value) {
    const size_t first = end;
    *value = 0;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
      *value = std::min(*value * 10 + static_cast<uint32_t>(text[end] - '0'), kMostRepeat);
      ++end;
    }
    return end > first;
  };
  if (!number(least)) {
    return false;
  }
  *most = *least;
  if (end < text.size() && text[end] == ',') {
    ++end;
    if (!number(most)) {
      *most = kEndless;
    }
  }
  if (end >= text.size() || text[end] != '}') {
    return false;
  }
  in->at = end + 1;
  return true;
}

CharSet ReadClass(ExpressionReader* in, bool utf8, bool caseless) {
  return ClassReader(in, utf8, caseless).Run();
}

}  // namespace gatepost::scan
