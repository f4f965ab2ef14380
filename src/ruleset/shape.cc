// One pass over an expression with a stack of open groups: what Hyperscan's own analysis would
// find, near enough to tell an author. LIMITS: counts stop at 10^12. SPDX-License-Identifier:
// GPL-2.0-or-later
#include "src/ruleset/shape.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "src/base/utf8.h"

namespace gatepost::ruleset {

namespace {

constexpr uint64_t kMost = 1'000'000'000'000;
constexpr uint64_t kNoEnd = UINT64_MAX;

uint64_t Times(uint64_t a, uint64_t b) {
  return a == 0 || b == 0 ? 0 : a > kMost / b ? kMost : a * b;
}

size_t LettersOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

struct Repeat {
  uint64_t least = 1;
  uint64_t most = 1;  // kNoEnd
  bool given = false;
};

// What is known of a sequence of atoms.
struct Sequence {
  std::string best;  // the longest run so far; of alternatives the shortest
  std::vector<std::string> choices;  // alternatives one of which it is; empty: best alone
  std::string run;   // the one under way
  bool pure = true;  // nothing but characters so far
  uint64_t shortest = 0;
  bool endless = false;  // holds a repeat without end
  size_t atoms = 0;
  bool last_is_gap = false;
  bool first_is_idle = false;  // `.*`: at an edge it changes nothing
  bool last_is_idle = false;
  bool fixed = false;  // holds an atom without a repeat
};

struct Group {
  std::vector<Sequence> done;  // alternatives
  Sequence now;
  bool aside = false;  // looks around: takes no text of its own
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { groups_.emplace_back(); }

  Shape Read() {
    while (at_ < text_.size()) {
      Step();
    }
    while (groups_.size() > 1) {
      CloseGroup();
    }
    Sequence whole = Finish(&groups_.back());
    shape_.literal = whole.best;
    shape_.literals = AllOf(whole);
    shape_.literal_letters = LettersOf(whole.best);
    shape_.shortest = whole.shortest;
    shape_.open_edge = whole.first_is_idle || whole.last_is_idle;
    return std::move(shape_);
  }

 private:
  Sequence& now() { return groups_.back().now; }
  char Peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void Step() {
    switch (text_[at_]) {
      case '(':
        OpenGroup();
        return;
      case ')':
        if (groups_.size() > 1) {
          CloseGroup();
        } else {
          ++at_;
        }
        return;
      case '|':
        ++at_;
        EndRun();
        groups_.back().done.push_back(std::move(now()));
        now() = {};
        return;
      case '^':
      case '$':
        ++at_;
        EndRun();
        now().pure = false;
        return;
      case '[':
        Class();
        return;
      case '.':
        ++at_;
        Wide(true);
        return;
      case '\\':
        Escape();
        return;
      default: {
        const Utf8Unit unit = DecodeUtf8(text_, at_);
        at_ += unit.bytes;
        Character(unit.code_point);
      }
    }
  }

  Repeat TakeRepeat() {
    Repeat repeat;
    const char c = Peek(0);
    if (c == '*' || c == '+' || c == '?') {
      repeat = {c == '+' ? 1ULL : 0ULL, c == '?' ? 1 : kNoEnd, true};
      ++at_;
    } else if (c == '{') {
      size_t end = at_ + 1;
      const auto number = [&](uint64_t* out) {
        const size_t begin = end;
        *out = 0;
        for (; end < text_.size() && text_[end] >= '0' && text_[end] <= '9'; ++end) {
          *out = std::min(*out * 10 + static_cast<uint64_t>(text_[end] - '0'), kMost);
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
        most = number(&most) ? most : kNoEnd;
      }
      if (end >= text_.size() || text_[end] != '}') {
        return repeat;
      }
      repeat = {least, most, true};
      at_ = end + 1;
    } else {
      return repeat;
    }
    if (Peek(0) == '?' || Peek(0) == '+') {
      ++at_;  // lazy, possessive
    }
    return repeat;
  }

  void EndRun() {
    Sequence& sequence = now();
    if (!sequence.run.empty()) {
      shape_.runs.push_back(sequence.run);
      if (LettersOf(sequence.run) > LettersOf(sequence.best)) {
        sequence.best = sequence.run;
        sequence.choices.clear();
      }
      sequence.run.clear();
    }
  }

  void Name(char32_t c, bool in_class) {
    if (named_.emplace(c, in_class).second) {
      shape_.letters.push_back({c, in_class});
    }
  }

  // Every atom comes by here. A gap counts when something stands on both of its sides.
  void NoteAtom(bool gap, bool idle, bool repeated) {
    Sequence& sequence = now();
    if (sequence.last_is_gap && sequence.atoms > 1) {
      shape_.open_gap = true;
    }
    if (sequence.atoms == 0) {
      sequence.first_is_idle = idle;
    }
    ++sequence.atoms;
    sequence.last_is_gap = gap;
    sequence.last_is_idle = idle;
    sequence.fixed = sequence.fixed || !repeated;
  }

  void Character(char32_t c) {
    const Repeat repeat = TakeRepeat();
    Name(c, false);
    NoteAtom(false, false, repeat.given);
    Sequence& sequence = now();
    sequence.shortest = std::min(sequence.shortest + repeat.least, kMost);
    std::string utf8;
    AppendUtf8(c, &utf8);
    if (!repeat.given) {
      if (c == ' ' && !sequence.run.empty() && sequence.run.back() == ' ') {
        shape_.doubled_blank = true;
      }
      sequence.run += utf8;
      return;
    }
    sequence.pure = false;
    Count(repeat);
    if (c == ' ' && repeat.least > 1) {
      shape_.doubled_blank = true;
    }
    if (repeat.least > 0) {
      sequence.run += utf8;
    }
    EndRun();
    sequence.endless = sequence.endless || repeat.most == kNoEnd;
  }

  void Count(const Repeat& repeat) {
    if (repeat.given && repeat.most != kNoEnd) {
      shape_.largest_count = std::max(shape_.largest_count, repeat.most);
    }
  }

  // Any character, or any but a few.
  void Wide(bool any_at_all = false) {
    const Repeat repeat = TakeRepeat();
    const bool gap = repeat.most == kNoEnd;
    Other(repeat, gap, gap && any_at_all && repeat.least == 0);
  }

  // An atom that is no single character.
  void Other(const Repeat& repeat, bool gap = false, bool idle = false) {
    EndRun();
    NoteAtom(gap, idle, repeat.given);
    Sequence& sequence = now();
    sequence.pure = false;
    sequence.shortest = std::min(sequence.shortest + repeat.least, kMost);
    sequence.endless = sequence.endless || repeat.most == kNoEnd;
    Count(repeat);
  }

  void Escape() {
    const char c = Peek(1);
    at_ = std::min(at_ + 2, text_.size());
    switch (c) {
      case 'b':
      case 'B':
      case 'A':
      case 'z':
      case 'Z':
        EndRun();
        now().pure = false;
        return;
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9':
        while (Peek(0) >= '0' && Peek(0) <= '9') {
          ++at_;
        }
        BackReference();
        return;
      case 'k':
      case 'g': {
        const char open = Peek(0);
        if (open == '{' || open == '<' || open == '\'') {
          const char shut = open == '{' ? '}' : open == '<' ? '>' : '\'';
          at_ = std::min(text_.find(shut, at_ + 1), text_.size() - 1) + 1;
        } else {
          at_ = std::min(at_ + 1, text_.size());
        }
        BackReference();
        return;
      }
      case 'D':
      case 'S':
      case 'W':
      case 'H':
        Wide();
        return;
      case 'd':
      case 's':
      case 'w':
      case 'h':
        Other(TakeRepeat());
        return;
      case 'p':
      case 'P':
        SkipBraces();
        if (c == 'P') {
          Wide();
        } else {
          Other(TakeRepeat());
        }
        return;
      case 'x':
        Character(Hex());
        return;
      case 'n':
        Character('\n');
        return;
      case 't':
        Character('\t');
        return;
      case 'r':
      case 'f':
      case 'e':
      case 'a':
        Other(TakeRepeat());
        return;
      default: {
        --at_;
        const Utf8Unit unit = DecodeUtf8(text_, at_);
        at_ += unit.bytes;
        Character(unit.code_point);
      }
    }
  }

  // What a group took, which may be nothing.
  void BackReference() {
    Repeat repeat = TakeRepeat();
    repeat.least = 0;
    Other(repeat);
  }

  void SkipBraces() {
    if (Peek(0) == '{') {
      at_ = std::min(text_.find('}', at_), text_.size() - 1) + 1;
    } else if (at_ < text_.size()) {
      ++at_;
    }
  }

  char32_t Hex() {
    size_t end = at_;
    std::string_view digits;
    if (Peek(0) == '{') {
      end = std::min(text_.find('}', at_), text_.size());
      digits = text_.substr(at_ + 1, end - at_ - 1);
      end = std::min(end + 1, text_.size());
    } else {
      digits = text_.substr(at_, 2);
      end = at_ + digits.size();
    }
    at_ = end;
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

  // One member of a class; nullopt: a set of its own (\w, [:alpha:]).
  std::optional<char32_t> Member() {
    if (text_[at_] == '[' && (Peek(1) == ':' || Peek(1) == '.' || Peek(1) == '=')) {
      const size_t close = text_.find(']', at_ + 2);
      at_ = close == std::string_view::npos ? text_.size() : close + 1;
      return std::nullopt;
    }
    if (text_[at_] != '\\') {
      const Utf8Unit unit = DecodeUtf8(text_, at_);
      at_ += unit.bytes;
      return unit.code_point;
    }
    const char c = Peek(1);
    at_ = std::min(at_ + 2, text_.size());
    if (c == 'x') {
      return Hex();
    }
    if (c == 'p' || c == 'P') {
      SkipBraces();
      return std::nullopt;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      return std::nullopt;
    }
    --at_;
    const Utf8Unit unit = DecodeUtf8(text_, at_);
    at_ += unit.bytes;
    return unit.code_point;
  }

  void Class() {
    ++at_;
    const bool negated = Peek(0) == '^';
    at_ += negated ? 1 : 0;
    std::vector<char32_t> members;
    bool plain = !negated;
    for (bool first = true; at_ < text_.size() && (first || text_[at_] != ']'); first = false) {
      const std::optional<char32_t> member = Member();
      const bool range = Peek(0) == '-' && Peek(1) != ']' && at_ + 1 < text_.size();
      if (!member.has_value() || range) {
        plain = false;
        if (range) {
          ++at_;
          (void)Member();
        }
        continue;
      }
      members.push_back(*member);
      if (!negated) {
        Name(*member, true);
      }
    }
    at_ = std::min(at_ + 1, text_.size());
    if (plain) {
      shape_.classes.push_back(std::move(members));
    }
    if (negated) {
      Wide();
    } else {
      Other(TakeRepeat());
    }
  }

  void OpenGroup() {
    ++at_;
    if (Peek(0) == '?') {
      // (?:  (?<name>  (?P<name>  (?'name'  (?i)  (?i:
      const char c = Peek(1);
      const bool behind = c == '<' && (Peek(2) == '=' || Peek(2) == '!');
      if (behind || c == '=' || c == '!' || c == '>' || c == '|') {
        at_ = std::min(at_ + (behind ? 3 : 2), text_.size());
        groups_.emplace_back();
        groups_.back().aside = c != '>' && c != '|';
        return;
      }
      const bool named = c == '<' || c == 'P' || c == '\'';
      size_t end = at_ + 1;
      if (named) {
        end = text_.find(c == '\'' ? '\'' : '>', at_ + 2);
      } else {
        while (end < text_.size() && text_[end] != ':' && text_[end] != ')') {
          ++end;
        }
      }
      end = std::min(end, text_.size());
      const bool options_only = end < text_.size() && text_[end] == ')';
      at_ = std::min(end + 1, text_.size());
      if (options_only && !named) {
        return;  // no group: options for what follows
      }
    }
    groups_.emplace_back();  // a run goes on through a group that is characters alone
  }

  static std::vector<std::string> AllOf(const Sequence& sequence) {
    return sequence.choices.empty() ? std::vector<std::string>{sequence.best} : sequence.choices;
  }

  Sequence Finish(Group* group) {
    Sequence& last = group->now;
    if (!last.run.empty()) {
      shape_.runs.push_back(last.run);
      if (LettersOf(last.run) > LettersOf(last.best)) {
        last.best = last.run;
        last.choices.clear();
      }
    }
    group->done.push_back(std::move(last));
    Sequence out = group->done.front();
    std::vector<std::string> all = AllOf(out);
    for (size_t i = 1; i < group->done.size(); ++i) {
      const Sequence& other = group->done[i];
      if (LettersOf(other.best) < LettersOf(out.best)) {
        out.best = other.best;
      }
      for (const std::string& one : AllOf(other)) {
        if (std::find(all.begin(), all.end(), one) == all.end()) {
          all.push_back(one);
        }
      }
      out.shortest = std::min(out.shortest, other.shortest);
      out.endless = out.endless || other.endless;
      out.first_is_idle = out.first_is_idle || other.first_is_idle;
      out.last_is_idle = out.last_is_idle || other.last_is_idle;
      out.last_is_gap = out.last_is_gap || other.last_is_gap;
      out.fixed = out.fixed && other.fixed;
      out.pure = false;
    }
    if (group->done.size() > 1) {
      out.choices = out.best.empty() ? std::vector<std::string>() : std::move(all);
    }
    return out;
  }

  void CloseGroup() {
    ++at_;
    Sequence inner = Finish(&groups_.back());
    const bool aside = groups_.back().aside;
    groups_.pop_back();
    if (aside) {
      (void)TakeRepeat();
      EndRun();
      now().pure = false;
      return;
    }
    const Repeat repeat = TakeRepeat();
    const bool gap = inner.atoms == 1 && inner.last_is_gap;
    NoteAtom(gap, gap && inner.last_is_idle, repeat.given);
    Sequence& sequence = now();
    if (inner.pure && !repeat.given) {
      sequence.run += inner.run.empty() ? inner.best : inner.run;
      sequence.shortest = std::min(sequence.shortest + inner.shortest, kMost);
      return;
    }
    EndRun();
    sequence.pure = false;
    if (repeat.least > 0 && LettersOf(inner.best) > LettersOf(sequence.best)) {
      sequence.best = inner.best;
      sequence.choices = inner.choices;
    }
    sequence.shortest = std::min(sequence.shortest + Times(inner.shortest, repeat.least), kMost);
    const bool again = repeat.most == kNoEnd;
    // A part of its own between two rounds keeps them apart.
    shape_.nested_repeat = shape_.nested_repeat || (again && inner.endless && !inner.fixed);
    sequence.endless = sequence.endless || inner.endless || again;
    if (repeat.given && repeat.most != kNoEnd) {
      shape_.largest_count =
          std::max(shape_.largest_count, Times(repeat.most, std::max<uint64_t>(inner.shortest, 1)));
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Group> groups_;
  std::set<std::pair<char32_t, bool>> named_;
  Shape shape_;
};

}  // namespace

Shape ShapeOf(std::string_view expression) { return Reader(expression).Read(); }

}  // namespace gatepost::ruleset
