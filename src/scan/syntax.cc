// LIMITS: recursion, conditions, verbs and call-outs are not understood.
// Source of the grammar: pcre2pattern(3), PCRE2 10.42.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/syntax.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/scan/syntax_chars.h"

namespace gatepost::scan {

namespace {

using Kind = SyntaxNode::Kind;

class Parser {
 public:
  Parser(std::string_view text, bool utf8, bool caseless)
      : in_{text}, utf8_(utf8), caseless_(caseless) {}

  Syntax Run() {
    frames_.emplace_back();
    while (in_.at < in_.text.size() && in_.good) {
      Step();
    }
    if (!in_.good || frames_.size() != 1) {
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

  uint32_t Add(SyntaxNode node) {
    out_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(out_.nodes.size() - 1);
  }
  void Push(SyntaxNode node) { frames_.back().sequence.push_back(Add(std::move(node))); }
  void PushChars(const ByteSet& bytes, bool wide) {
    SyntaxNode node;
    node.kind = Kind::kChars;
    node.chars.bytes = utf8_ ? bytes & ByteRange(0, 127) : bytes;
    node.chars.wide = utf8_ && (wide || HasWideFold(bytes));
    Push(std::move(node));
  }
  void PushClass(const CharSet& set, size_t begin) {
    Copy(begin);
    PushChars(set.bytes, set.wide);
  }
  // Without regard to case k is also the Kelvin sign and s the long s.
  bool HasWideFold(const ByteSet& bytes) const {
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
    PushChars(ByteRange(0, 255), true);
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

  void Copy(size_t begin) { out_.relaxed.append(in_.text.substr(begin, in_.at - begin)); }

  void Step() {
    const size_t begin = in_.at;
    const char c = in_.text[in_.at];
    if (frames_.back().extended && IsSpace(c)) {
      ++in_.at;
      return;
    }
    if (frames_.back().extended && c == '#') {
      in_.at = std::min(in_.text.find('\n', in_.at), in_.text.size());
      return;
    }
    switch (c) {
      case '\\':
        Escape();
        return;
      case '[':
        PushClass(ReadClass(&in_, utf8_, caseless_), begin);
        break;
      case '(':
        Open();
        return;
      case ')':
        Close();
        return;
      case '|':
        ++in_.at;
        Copy(begin);
        frames_.back().alternatives.push_back(FinishSequence(&frames_.back()));
        return;
      case '.':
        ++in_.at;
        Copy(begin);
        PushChars(ByteRange(0, 255), true);
        break;
      case '^':
      case '$':
        ++in_.at;
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
    const auto c = static_cast<unsigned char>(in_.text[in_.at]);
    ++in_.at;
    if (!utf8_ || c < 0x80) {
      ByteSet set;
      set.set(c);
      PushChars(set, false);
      return;
    }
    const size_t begin = in_.at - 1;
    while (in_.at < in_.text.size() &&
           (static_cast<unsigned char>(in_.text[in_.at]) & 0xC0) == 0x80) {
      ++in_.at;
    }
    PushCodePoint(in_.text.substr(begin, in_.at - begin));
  }
  // Not ASCII.
  void PushCodePoint(std::string_view bytes) {
    if (caseless_) {
      PushChars(ByteSetOf("kKsS"), true);  // the Kelvin sign and the long s match those
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
        while (in_.at < in_.text.size() && IsSpace(in_.text[in_.at])) {
          ++in_.at;
        }
      }
      const size_t begin = in_.at;
      uint32_t least = 0;
      uint32_t most = kEndless;
      if (!ReadCount(&in_, &least, &most)) {
        return;
      }
      const size_t end = in_.at;
      if (in_.Peek(0) == '+') {
        exotic_ = true;
        ++in_.at;
      } else if (in_.Peek(0) == '?') {
        ++in_.at;
      }
      out_.relaxed.append(in_.text.substr(begin, end - begin));
      if (frames_.back().sequence.empty()) {
        in_.good = false;
        return;
      }
      const uint32_t node = frames_.back().sequence.back();
      frames_.back().sequence.pop_back();
      PushRepeat(node, least, most);
    }
  }
  // Outside of classes; with its quantifier.
  void Escape() {
    const size_t begin = in_.at;
    ++in_.at;
    if (in_.at >= in_.text.size()) {
      in_.good = false;
      return;
    }
    const char c = in_.text[in_.at];
    CharSet set;
    if (c == 'Q') {
      Quoted();
      return;
    }
    if (c == 'E') {
      ++in_.at;
      MoreQuantifiers();
      return;
    }
    if (EscapedSet(c, &set)) {
      ++in_.at;
      Copy(begin);
      PushChars(set.bytes, set.wide);
    } else if (c == 'x') {
      const uint32_t value = ReadHex(&in_);
      Copy(begin);
      if (value < 0x80 || (!utf8_ && value < 0x100)) {
        set.bytes.set(value);
        PushChars(set.bytes, false);
      } else {
        std::string utf8;
        AppendUtf8(value, &utf8);
        PushCodePoint(utf8);
      }
    } else if (c == 'p' || c == 'P') {
      SkipProperty(&in_);
      Copy(begin);
      PushChars(ByteRange(0, 255), true);
    } else if (c == 'b' || c == 'B') {
      ++in_.at;
      Copy(begin);
      Push({});
    } else if (c == 'A' || c == 'G') {
      ++in_.at;
      exotic_ = true;
      out_.relaxed += "(?:)";
      Push({});
    } else if (c == 'z' || c == 'Z' || c == 'K') {
      ++in_.at;
      exotic_ = true;
      out_.relaxed += c == 'K' ? "(?:)" : "$";
      Push({});
    } else if (c >= '0' && c <= '9') {
      while (in_.at < in_.text.size() && in_.text[in_.at] >= '0' && in_.text[in_.at] <= '9') {
        ++in_.at;
      }
      Anything(0, kEndless);
    } else if (c == 'k' || c == 'g') {
      ++in_.at;
      const char open = in_.Peek(0);
      const char close = open == '{' ? '}' : open == '<' ? '>' : open == '\'' ? '\'' : '\0';
      if (c == 'g' && open != '{' && close != '\0') {
        in_.good = false;  // a subroutine
      } else if (close != '\0') {
        in_.at = std::min(in_.text.find(close, in_.at + 1), in_.text.size() - 1) + 1;
      } else {
        while (in_.at < in_.text.size() &&
               ((in_.text[in_.at] >= '0' && in_.text[in_.at] <= '9') || in_.text[in_.at] == '-')) {
          ++in_.at;
        }
      }
      Anything(0, kEndless);
    } else if (c == 'R') {
      ++in_.at;
      exotic_ = true;
      out_.relaxed += "[\\r\\n\\x0b\\x0c\\x80-\\xff]{1,3}";
      PushAnything(1, 3);
    } else if (c == 'X') {
      ++in_.at;
      exotic_ = true;
      out_.relaxed += ".+";
      PushAnything(1, kEndless);
    } else if (c == 'c') {
      in_.at = std::min(in_.at + 2, in_.text.size());
      Copy(begin);
      PushChars(ByteRange(0, 127), false);
    } else if (c == 'o' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      in_.good = false;
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
    ++in_.at;
    exotic_ = true;
    while (in_.at < in_.text.size() && !in_.Next("\\E")) {
      const size_t begin = in_.at;
      Character();
      if (static_cast<unsigned char>(in_.text[begin]) < 0x80 && !IsWordChar(in_.text[begin])) {
        out_.relaxed += '\\';
      }
      Copy(begin);
    }
    in_.at = std::min(in_.at + 2, in_.text.size());
    MoreQuantifiers();
  }
  // Behind what is nothing itself they are those of the atom before it.
  void MoreQuantifiers() {
    if (!frames_.back().sequence.empty()) {
      Quantifiers();
    }
  }
  void Open() {
    Frame frame;
    frame.caseless = caseless_;
    frame.extended = frames_.back().extended;
    frame.relaxed_begin = out_.relaxed.size();
    const size_t begin = in_.at;
    if (in_.Next("(?#")) {
      in_.at = std::min(in_.text.find(')', in_.at), in_.text.size() - 1) + 1;
      MoreQuantifiers();
      return;
    }
    if (in_.Next("(*")) {
      in_.good = false;
      return;
    }
    if (!in_.Next("(?")) {
      ++in_.at;
      Copy(begin);
      frames_.push_back(std::move(frame));
      return;
    }
    const char c = in_.Peek(2);
    const char d = in_.Peek(3);
    if (c == '=' || c == '!' || (c == '<' && (d == '=' || d == '!'))) {
      in_.at += c == '<' ? 4 : 3;
      frame.zero_width = true;
      exotic_ = true;
    } else if (c == '>' || c == '|') {
      in_.at += 3;
      exotic_ = true;
      out_.relaxed += "(?:";
    } else if (c == ':') {
      in_.at += 3;
      Copy(begin);
    } else if (c == '<' || c == '\'' || (c == 'P' && d == '<')) {
      in_.at = std::min(in_.text.find(c == '\'' ? '\'' : '>', in_.at + 3), in_.text.size() - 1) + 1;
      out_.relaxed += "(?:";
    } else if (c == 'P' && d == '=') {
      in_.at = std::min(in_.text.find(')', in_.at), in_.text.size() - 1) + 1;
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
    in_.at += 2;
    bool on = true;
    bool extended = frame.extended;
    std::string kept = "(?";
    for (; in_.at < in_.text.size() && in_.text[in_.at] != ':' && in_.text[in_.at] != ')';
         ++in_.at) {
      const char c = in_.text[in_.at];
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
          in_.good = false;
          return;  // conditions, recursion, call-outs, (?^)
      }
    }
    if (in_.at >= in_.text.size()) {
      in_.good = false;
      return;
    }
    const bool group = in_.text[in_.at] == ':';
    ++in_.at;
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
      in_.good = false;
      return;
    }
    const uint32_t node = FinishFrame();
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    caseless_ = frame.caseless;
    ++in_.at;
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

  ExpressionReader in_;
  const bool utf8_;
  bool caseless_;
  bool exotic_ = false;
  std::vector<Frame> frames_;
  Syntax out_;
};

}  // namespace

std::bitset<256> InAnyCase(const std::bitset<256>& bytes) {
  std::bitset<256> out = bytes;
  for (size_t letter = 'a'; letter <= 'z'; ++letter) {
    constexpr size_t kToCapital = 'a' - 'A';
    if (bytes.test(letter) || bytes.test(letter - kToCapital)) {
      out.set(letter).set(letter - kToCapital);
    }
  }
  return out;
}

Syntax ParseSyntax(std::string_view expression, bool utf8, bool caseless) {
  return Parser(expression, utf8, caseless).Run();
}

}  // namespace gatepost::scan
