// LIMITS: recursion, conditions, verbs and call-outs are not understood.
// Source of the grammar: pcre2pattern(3), PCRE2 10.42.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/syntax.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace gatepost::scan {

namespace {

using Kind = SyntaxNode::Kind;
using Set = std::bitset<256>;

constexpr uint32_t kMostRepeat = 65'535;

Set Range(unsigned first, unsigned last) {
  Set set;
  for (unsigned c = first; c <= last; ++c) {
    set.set(c);
  }
  return set;
}
Set Chars(std::string_view text) {
  Set set;
  for (const char c : text) {
    set.set(static_cast<unsigned char>(c));
  }
  return set;
}
Set Digits() { return Range('0', '9'); }
Set Words() { return Digits() | Range('a', 'z') | Range('A', 'Z') | Chars("_"); }
Set Spaces() { return Chars(" \t\n\v\f\r"); }

// The classes of [[:name:]]; everything for a name that is not known.
Set PosixClass(std::string_view name) {
  if (name == "alpha") return Range('a', 'z') | Range('A', 'Z');
  if (name == "alnum") return Words() & ~Chars("_");
  if (name == "digit") return Digits();
  if (name == "word") return Words();
  if (name == "space") return Spaces();
  if (name == "blank") return Chars(" \t");
  if (name == "upper" || name == "lower") return Range('a', 'z') | Range('A', 'Z');
  if (name == "xdigit") return Digits() | Range('a', 'f') | Range('A', 'F');
  if (name == "punct") return (Range(33, 126) & ~Words()) | Chars("_");
  if (name == "cntrl") return Range(0, 31) | Range(127, 127);
  return Range(0, 255);
}

class Parser {
 public:
  Parser(std::string_view text, bool utf8, bool caseless)
      : text_(text), utf8_(utf8), caseless_(caseless) {}

  Syntax Run() {
    frames_.emplace_back();
    while (at_ < text_.size() && good_) {
      Step();
    }
    if (!good_ || frames_.size() != 1) {
      return {};
    }
    FinishFrame();
    out_.understood = true;
    out_.exotic = exotic_;
    return std::move(out_);
  }

 private:
  struct Frame {
    std::vector<uint32_t> sequence;
    std::vector<uint32_t> alternatives;
    bool zero_width = false;   // look-around
    bool caseless = false;     // to be restored behind it
    bool extended = false;     // (?x)
    size_t relaxed_begin = 0;  // in out_.relaxed
  };

  char Peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool Next(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  uint32_t Add(SyntaxNode node) {
    out_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(out_.nodes.size() - 1);
  }
  void Push(SyntaxNode node) { frames_.back().sequence.push_back(Add(std::move(node))); }
  void PushChars(const Set& bytes, bool wide) {
    SyntaxNode node;
    node.kind = Kind::kChars;
    node.chars.bytes = utf8_ ? bytes & Range(0, 127) : bytes;
    node.chars.wide = utf8_ && (wide || HasWideFold(bytes));
    Push(std::move(node));
  }
  // Without regard to case k is also the Kelvin sign and s the long s.
  bool HasWideFold(const Set& bytes) const {
    return utf8_ && caseless_ &&
           (bytes.test('k') || bytes.test('K') || bytes.test('s') || bytes.test('S'));
  }
  void PushRepeat(uint32_t node, uint32_t least, uint32_t most) {
    SyntaxNode repeat;
    repeat.kind = Kind::kRepeat;
    repeat.children = {node};
    repeat.least = least;
    repeat.most = most;
    Push(std::move(repeat));
  }
  // Anything at all, so often.
  void PushAnything(uint32_t least, uint32_t most) {
    PushChars(Range(0, 255), true);
    const uint32_t node = frames_.back().sequence.back();
    frames_.back().sequence.pop_back();
    PushRepeat(node, least, most);
  }

  uint32_t FinishSequence(Frame* frame) {
    SyntaxNode node;
    node.kind = frame->sequence.empty() ? Kind::kEmpty : Kind::kConcat;
    node.children = std::move(frame->sequence);
    frame->sequence.clear();
    return Add(std::move(node));
  }
  uint32_t FinishFrame() {
    Frame& frame = frames_.back();
    const uint32_t last = FinishSequence(&frame);
    if (frame.alternatives.empty()) {
      return last;
    }
    SyntaxNode node;
    node.kind = Kind::kAlternate;
    node.children = std::move(frame.alternatives);
    node.children.push_back(last);
    return Add(std::move(node));
  }

  void Copy(size_t begin) { out_.relaxed.append(text_.substr(begin, at_ - begin)); }

  void Step() {
    const size_t begin = at_;
    const char c = text_[at_];
    if (frames_.back().extended && IsSpace(c)) {
      ++at_;
      return;
    }
    if (frames_.back().extended && c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    }
    switch (c) {
      case '\\':
        Escape();
        return;
      case '[':
        Class();
        Copy(begin);
        break;
      case '(':
        Open();
        return;
      case ')':
        Close();
        return;
      case '|':
        ++at_;
        Copy(begin);
        frames_.back().alternatives.push_back(FinishSequence(&frames_.back()));
        return;
      case '.':
        ++at_;
        Copy(begin);
        PushChars(Range(0, 255), true);
        break;
      case '^':
      case '$':
        ++at_;
        Copy(begin);
        Push({});
        break;
      default:
        Character();
        Copy(begin);
        break;
    }
    Quantifiers();
  }

  static bool IsSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
  }

  // One character as it stands, of one or more bytes.
  void Character() {
    const auto c = static_cast<unsigned char>(text_[at_]);
    ++at_;
    if (!utf8_ || c < 0x80) {
      Set set;
      set.set(c);
      PushChars(set, false);
      return;
    }
    const size_t begin = at_ - 1;
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80) {
      ++at_;
    }
    PushCodePoint(text_.substr(begin, at_ - begin));
  }
  // Not ASCII.
  void PushCodePoint(std::string_view bytes) {
    if (caseless_) {
      PushChars(Chars("kKsS"), true);  // the Kelvin sign and the long s match those
      return;
    }
    SyntaxNode sequence;
    sequence.kind = Kind::kConcat;
    for (const char byte : bytes) {
      SyntaxNode one;
      one.kind = Kind::kChars;
      one.chars.bytes.set(static_cast<unsigned char>(byte));
      sequence.children.push_back(Add(std::move(one)));
    }
    Push(std::move(sequence));
  }

  // Behind an atom: how often.
  void Quantifiers() {
    for (;;) {
      if (frames_.back().extended) {
        while (at_ < text_.size() && IsSpace(text_[at_])) {
          ++at_;
        }
      }
      const size_t begin = at_;
      uint32_t least = 0;
      uint32_t most = kEndless;
      if (!ReadCount(&least, &most)) {
        return;
      }
      const size_t end = at_;
      if (Peek(0) == '+') {
        exotic_ = true;
        ++at_;
      } else if (Peek(0) == '?') {
        ++at_;
      }
      out_.relaxed.append(text_.substr(begin, end - begin));
      if (frames_.back().sequence.empty()) {
        good_ = false;
        return;
      }
      const uint32_t node = frames_.back().sequence.back();
      frames_.back().sequence.pop_back();
      PushRepeat(node, least, most);
    }
  }
  bool ReadCount(uint32_t* least, uint32_t* most) {
    switch (Peek(0)) {
      case '*':
        ++at_;
        return true;
      case '+':
        *least = 1;
        ++at_;
        return true;
      case '?':
        *most = 1;
        ++at_;
        return true;
      case '{':
        break;
      default:
        return false;
    }
    size_t end = at_ + 1;
    const auto number = [&](uint32_t* value) {
      const size_t first = end;
      *value = 0;
      while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') {
        *value = std::min(*value * 10 + static_cast<uint32_t>(text_[end] - '0'), kMostRepeat);
        ++end;
      }
      return end > first;
    };
    if (!number(least)) {
      return false;
    }
    *most = *least;
    if (end < text_.size() && text_[end] == ',') {
      ++end;
      if (!number(most)) {
        *most = kEndless;
      }
    }
    if (end >= text_.size() || text_[end] != '}') {
      return false;
    }
    at_ = end + 1;
    return true;
  }

  // What stands in both places: the set of an escape. False: it is no set.
  bool EscapedSet(char c, Set* bytes, bool* wide) const {
    *wide = false;
    switch (c) {
      case 'd':
        *bytes = Digits();
        return true;
      case 'w':
        *bytes = Words();
        return true;
      case 's':
        *bytes = Spaces();
        return true;
      case 'h':
        *bytes = Chars(" \t\xA0");
        *wide = true;
        return true;
      case 'v':
        *bytes = Chars("\n\v\f\r\x85");
        *wide = true;
        return true;
      case 'D':
        *bytes = ~Digits();
        *wide = true;
        return true;
      case 'W':
        *bytes = ~Words();
        *wide = true;
        return true;
      case 'S':
        *bytes = ~Spaces();
        *wide = true;
        return true;
      case 'H':
        *bytes = ~Chars(" \t\xA0");
        *wide = true;
        return true;
      case 'V':
        *bytes = ~Chars("\n\v\f\r\x85");
        *wide = true;
        return true;
      case 'N':
        *bytes = ~Chars("\n");
        *wide = true;
        return true;
      case 'a':
        *bytes = Chars("\a");
        return true;
      case 'e':
        *bytes = Chars("\x1b");
        return true;
      case 'f':
        *bytes = Chars("\f");
        return true;
      case 'n':
        *bytes = Chars("\n");
        return true;
      case 'r':
        *bytes = Chars("\r");
        return true;
      case 't':
        *bytes = Chars("\t");
        return true;
      default:
        return false;
    }
  }

  // At the 'x' of \x: the value; beyond 10FFFF when it cannot be read.
  uint32_t Hex() {
    ++at_;
    uint32_t value = 0;
    const bool braces = Peek(0) == '{';
    at_ += braces ? 1 : 0;
    for (size_t i = 0; at_ < text_.size() && (braces || i < 2); ++i, ++at_) {
      const char c = AsciiLower(text_[at_]);
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        value = value * 16 + static_cast<uint32_t>(c - 'a' + 10);
      } else {
        break;
      }
      if (value > 0x10FFFF) {
        good_ = false;
        return value;
      }
    }
    if (braces) {
      good_ = good_ && Peek(0) == '}';
      ++at_;
    }
    return value;
  }

  // At the 'p' of \p.
  void Property() {
    ++at_;
    at_ = Peek(0) == '{' ? std::min(text_.find('}', at_), text_.size() - 1) + 1 : at_ + 1;
    at_ = std::min(at_, text_.size());
  }

  // Outside of classes; with its quantifier.
  void Escape() {
    const size_t begin = at_;
    ++at_;
    if (at_ >= text_.size()) {
      good_ = false;
      return;
    }
    const char c = text_[at_];
    Set bytes;
    bool wide = false;
    if (c == 'Q') {
      Quoted();
      return;
    }
    if (c == 'E') {
      ++at_;
      MoreQuantifiers();
      return;
    }
    if (EscapedSet(c, &bytes, &wide)) {
      ++at_;
      Copy(begin);
      PushChars(bytes, wide);
    } else if (c == 'x') {
      const uint32_t value = Hex();
      Copy(begin);
      if (value < 0x80 || (!utf8_ && value < 0x100)) {
        bytes.set(value);
        PushChars(bytes, false);
      } else {
        PushCodePoint(Utf8Of(value));
      }
    } else if (c == 'p' || c == 'P') {
      Property();
      Copy(begin);
      PushChars(Range(0, 255), true);
    } else if (c == 'b' || c == 'B') {
      ++at_;
      Copy(begin);
      Push({});
    } else if (c == 'A' || c == 'G') {
      ++at_;
      exotic_ = true;
      out_.relaxed += "(?:)";
      Push({});
    } else if (c == 'z' || c == 'Z' || c == 'K') {
      ++at_;
      exotic_ = true;
      out_.relaxed += c == 'K' ? "(?:)" : "$";
      Push({});
    } else if (c >= '0' && c <= '9') {
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
        ++at_;
      }
      Anything(0, kEndless);
    } else if (c == 'k' || c == 'g') {
      ++at_;
      const char open = Peek(0);
      const char close = open == '{' ? '}' : open == '<' ? '>' : open == '\'' ? '\'' : '\0';
      if (c == 'g' && open != '{' && close != '\0') {
        good_ = false;  // a subroutine
      } else if (close != '\0') {
        at_ = std::min(text_.find(close, at_ + 1), text_.size() - 1) + 1;
      } else {
        while (at_ < text_.size() &&
               ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '-')) {
          ++at_;
        }
      }
      Anything(0, kEndless);
    } else if (c == 'R') {
      ++at_;
      exotic_ = true;
      out_.relaxed += "[\\r\\n\\x0b\\x0c\\x80-\\xff]{1,3}";
      PushAnything(1, 3);
    } else if (c == 'X') {
      ++at_;
      exotic_ = true;
      out_.relaxed += ".+";
      PushAnything(1, kEndless);
    } else if (c == 'c') {
      at_ = std::min(at_ + 2, text_.size());
      Copy(begin);
      PushChars(Range(0, 127), false);
    } else if (c == 'o' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      good_ = false;
      return;
    } else {
      Character();
      Copy(begin);
    }
    Quantifiers();
  }
  void Anything(uint32_t least, uint32_t most) {
    exotic_ = true;
    out_.relaxed += "(?:.*)";
    PushAnything(least, most);
  }
  // From the Q of \Q to \E.
  void Quoted() {
    ++at_;
    exotic_ = true;
    while (at_ < text_.size() && !Next("\\E")) {
      const size_t begin = at_;
      Character();
      if (static_cast<unsigned char>(text_[begin]) < 0x80 && !IsWordChar(text_[begin])) {
        out_.relaxed += '\\';
      }
      Copy(begin);
    }
    at_ = std::min(at_ + 2, text_.size());
    MoreQuantifiers();
  }
  // Behind what is nothing itself they are those of the atom before it.
  void MoreQuantifiers() {
    if (!frames_.back().sequence.empty()) {
      Quantifiers();
    }
  }
  static bool IsWordChar(char c) { return Words().test(static_cast<unsigned char>(c)); }

  static std::string Utf8Of(uint32_t value) {
    std::string out;
    const auto byte = [&](uint32_t b) { out += static_cast<char>(b); };
    if (value < 0x800) {
      byte(0xC0 | value >> 6);
    } else if (value < 0x10000) {
      byte(0xE0 | value >> 12);
      byte(0x80 | (value >> 6 & 0x3F));
    } else {
      byte(0xF0 | value >> 18);
      byte(0x80 | (value >> 12 & 0x3F));
      byte(0x80 | (value >> 6 & 0x3F));
    }
    byte(0x80 | (value & 0x3F));
    return out;
  }

  // '[' to ']'.
  void Class() {
    ++at_;
    Set bytes;
    bool wide = false;
    const bool negated = Peek(0) == '^';
    at_ += negated ? 1 : 0;
    bool first = true;
    bool whole = true;  // the set is exactly what was read: it may be negated
    uint32_t previous = kEndless;
    while (at_ < text_.size() && (text_[at_] != ']' || first)) {
      first = false;
      if (Next("[:") && text_.find(":]", at_) != std::string_view::npos) {
        const size_t end = text_.find(":]", at_);
        std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
        const bool none = !name.empty() && name[0] == '^';
        bytes |= none ? ~PosixClass(name.substr(1)) : PosixClass(name);
        wide = true;
        whole = false;
        at_ = end + 2;
        previous = kEndless;
        continue;
      }
      uint32_t value = kEndless;
      if (!ClassItem(&value, &bytes, &wide, &whole)) {
        return;
      }
      if (value == kEndless) {
        previous = kEndless;
        continue;
      }
      if (previous != kEndless && range_) {
        AddRange(previous, value, &bytes, &wide);
        range_ = false;
        previous = kEndless;
        continue;
      }
      AddRange(value, value, &bytes, &wide);
      previous = value;
      if (Peek(0) == '-' && Peek(1) != ']' && Peek(1) != '\0') {
        if (Peek(1) == '\\' && (IsSetEscape(Peek(2)))) {
          continue;  // [a-\d]: a hyphen
        }
        ++at_;
        range_ = true;
      }
    }
    range_ = false;
    if (at_ >= text_.size()) {
      good_ = false;
      return;
    }
    ++at_;
    if (!negated && wide && caseless_ && utf8_) {
      bytes |= Chars("kKsS");  // see PushCodePoint
    }
    if (negated) {
      // Without regard to case both cases are excluded; leaving one in says too much, no harm.
      bytes = whole ? ~bytes : Range(0, 255);
      wide = true;
    }
    PushChars(bytes, wide);
  }
  static bool IsSetEscape(char c) {
    return std::string_view("dDwWsShHvVNpPR").find(c) != std::string_view::npos;
  }
  // One item of a class: a character (its value) or a set. False: not understood.
  bool ClassItem(uint32_t* value, Set* bytes, bool* wide, bool* whole) {
    if (text_[at_] != '\\') {
      const auto c = static_cast<unsigned char>(text_[at_]);
      ++at_;
      *value = c;
      if (utf8_ && c >= 0x80) {
        while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80) {
          ++at_;
        }
        *value = 0xFFFF;  // some character of several bytes
      }
      return true;
    }
    ++at_;
    if (at_ >= text_.size()) {
      good_ = false;
      return false;
    }
    const char c = text_[at_];
    Set set;
    bool set_wide = false;
    if (c == 'b') {
      ++at_;
      *value = 8;
    } else if (EscapedSet(c, &set, &set_wide)) {
      ++at_;
      if (set.count() == 1) {
        for (uint32_t i = 0; i < 256; ++i) {
          *value = set.test(i) ? i : *value;
        }
      } else {
        *bytes |= set;
        *wide = *wide || set_wide;
        *whole = *whole && !set_wide;
      }
    } else if (c == 'x') {
      *value = Hex();
    } else if (c == 'p' || c == 'P') {
      Property();
      *bytes = Range(0, 255);
      *wide = true;
      *whole = false;
    } else if (c == 'E') {
      ++at_;
    } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      good_ = false;
      return false;
    } else {
      return AfterBackslash(value);
    }
    return true;
  }
  bool AfterBackslash(uint32_t* value) {
    *value = static_cast<unsigned char>(text_[at_]);
    ++at_;
    return true;
  }
  void AddRange(uint32_t first, uint32_t last, Set* bytes, bool* wide) const {
    const uint32_t most = utf8_ ? 0x7F : 0xFF;
    for (uint32_t c = first; c <= std::min(last, most); ++c) {
      bytes->set(c);
    }
    *wide = *wide || last > most;
  }

  void Open() {
    Frame frame;
    frame.caseless = caseless_;
    frame.extended = frames_.back().extended;
    frame.relaxed_begin = out_.relaxed.size();
    const size_t begin = at_;
    if (Next("(?#")) {
      at_ = std::min(text_.find(')', at_), text_.size() - 1) + 1;
      MoreQuantifiers();
      return;
    }
    if (Next("(*")) {
      good_ = false;
      return;
    }
    if (!Next("(?")) {
      ++at_;
      Copy(begin);
      frames_.push_back(std::move(frame));
      return;
    }
    const char c = Peek(2);
    const char d = Peek(3);
    if (c == '=' || c == '!' || (c == '<' && (d == '=' || d == '!'))) {
      at_ += c == '<' ? 4 : 3;
      frame.zero_width = true;
      exotic_ = true;
    } else if (c == '>' || c == '|') {
      at_ += 3;
      exotic_ = true;
      out_.relaxed += "(?:";
    } else if (c == ':') {
      at_ += 3;
      Copy(begin);
    } else if (c == '<' || c == '\'' || (c == 'P' && d == '<')) {
      at_ = std::min(text_.find(c == '\'' ? '\'' : '>', at_ + 3), text_.size() - 1) + 1;
      out_.relaxed += "(?:";
    } else if (c == 'P' && d == '=') {
      at_ = std::min(text_.find(')', at_), text_.size() - 1) + 1;
      Anything(0, kEndless);
      Quantifiers();
      return;
    } else {
      Options(std::move(frame));
      return;
    }
    frames_.push_back(std::move(frame));
  }
  // (?i-sm) or (?i-sm:
  void Options(Frame frame) {
    at_ += 2;
    bool on = true;
    bool extended = frame.extended;
    std::string kept = "(?";
    for (; at_ < text_.size() && text_[at_] != ':' && text_[at_] != ')'; ++at_) {
      const char c = text_[at_];
      switch (c) {
        case '-':
          on = false;
          kept += '-';
          break;
        case 'i':
          caseless_ = on;
          kept += c;
          break;
        case 's':
        case 'm':
          kept += c;
          break;
        case 'x':
          extended = on;
          exotic_ = true;
          break;
        case 'n':
        case 'J':
        case 'U':
          exotic_ = true;
          break;
        default:
          good_ = false;
          return;  // conditions, recursion, call-outs, (?^)
      }
    }
    if (at_ >= text_.size()) {
      good_ = false;
      return;
    }
    const bool group = text_[at_] == ':';
    ++at_;
    if (kept.back() == '-') {
      kept.pop_back();
    }
    if (group) {
      frame.extended = extended;
      out_.relaxed += kept == "(?" ? "(?:" : kept + ":";
      frames_.push_back(std::move(frame));
      return;
    }
    frames_.back().extended = extended;
    if (kept != "(?") {
      out_.relaxed += kept + ")";
    }
  }
  void Close() {
    if (frames_.size() < 2) {
      good_ = false;
      return;
    }
    const uint32_t node = FinishFrame();
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    caseless_ = frame.caseless;
    ++at_;
    if (frame.zero_width) {
      out_.relaxed.resize(frame.relaxed_begin);
      out_.relaxed += "(?:)";
      Push({});
    } else {
      out_.relaxed += ')';
      frames_.back().sequence.push_back(node);
    }
    Quantifiers();
  }

  std::string_view text_;
  const bool utf8_;
  bool caseless_;
  size_t at_ = 0;
  bool good_ = true;
  bool exotic_ = false;
  bool range_ = false;
  std::vector<Frame> frames_;
  Syntax out_;
};

}  // namespace

Syntax ParseSyntax(std::string_view expression, bool utf8, bool caseless) {
  return Parser(expression, utf8, caseless).Run();
}

}  // namespace gatepost::scan
