// One pass over an expression with a stack of open groups: what Hyperscan's own analysis would
// find, near enough to tell an author. LIMITS: counts stop at 10^12. SPDX-License-Identifier:
// GPL-2.0-or-later
#include "src/ruleset/shape.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "src/base/utf8.h"
#include "src/ruleset/cursor.h"

namespace gatepost::ruleset {

namespace {

uint64_t Times(uint64_t a, uint64_t b) {
  return a == 0 || b == 0 ? 0 : a > Repeat::kMost / b ? Repeat::kMost : a * b;
}

size_t LettersOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// What is known of a sequence of atoms.
struct Sequence {
  std::string best;                  // the longest run so far; of alternatives the shortest
  std::vector<std::string> choices;  // alternatives one of which it is; empty: best alone
  std::string run;                   // the one under way
  bool pure = true;                  // nothing but characters so far
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
  explicit Reader(std::string_view text) : at_(text) { groups_.emplace_back(); }

  Shape Read() {
    while (!at_.done()) {
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

  void Step() {
    switch (at_.Peek()) {
      case '(':
        OpenGroup();
        return;
      case ')':
        if (groups_.size() > 1) {
          CloseGroup();
        } else {
          at_.Skip(1);
        }
        return;
      case '|':
        at_.Skip(1);
        EndRun();
        groups_.back().done.push_back(std::move(now()));
        now() = {};
        return;
      case '^':
      case '$':
        at_.Skip(1);
        EndRun();
        now().pure = false;
        return;
      case '[':
        Class();
        return;
      case '.':
        at_.Skip(1);
        Wide(true);
        return;
      case '\\':
        Escape();
        return;
      default:
        Character(at_.Take());
    }
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
    const Repeat repeat = at_.TakeRepeat();
    Name(c, false);
    NoteAtom(false, false, repeat.given);
    Sequence& sequence = now();
    sequence.shortest = std::min(sequence.shortest + repeat.least, Repeat::kMost);
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
    sequence.endless = sequence.endless || repeat.most == Repeat::kNoEnd;
  }

  void Count(const Repeat& repeat) {
    if (repeat.given && repeat.most != Repeat::kNoEnd) {
      shape_.largest_count = std::max(shape_.largest_count, repeat.most);
    }
  }

  // Any character, or any but a few.
  void Wide(bool any_at_all = false) {
    const Repeat repeat = at_.TakeRepeat();
    const bool gap = repeat.most == Repeat::kNoEnd;
    Other(repeat, gap, gap && any_at_all && repeat.least == 0);
  }

  // An atom that is no single character.
  void Other(const Repeat& repeat, bool gap = false, bool idle = false) {
    EndRun();
    NoteAtom(gap, idle, repeat.given);
    Sequence& sequence = now();
    sequence.pure = false;
    sequence.shortest = std::min(sequence.shortest + repeat.least, Repeat::kMost);
    sequence.endless = sequence.endless || repeat.most == Repeat::kNoEnd;
    Count(repeat);
  }

  void Escape() {
    at_.Skip(1);
    if (at_.done()) {
      return;
    }
    const char32_t c = at_.Take();
    if (c >= '1' && c <= '9') {
      at_.SkipDigits();
      BackReference();
      return;
    }
    switch (c) {
      case 'b':
      case 'B':
      case 'A':
      case 'z':
      case 'Z':
        EndRun();
        now().pure = false;
        return;
      case 'k':
      case 'g':
        at_.SkipReference();
        BackReference();
        return;
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
        Other(at_.TakeRepeat());
        return;
      case 'p':
      case 'P':
        at_.SkipProperty();
        if (c == 'P') {
          Wide();
        } else {
          Other(at_.TakeRepeat());
        }
        return;
      case 'x':
        Character(at_.TakeHex());
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
        Other(at_.TakeRepeat());
        return;
      default:
        Character(c);
    }
  }

  // What a group took, which may be nothing.
  void BackReference() {
    Repeat repeat = at_.TakeRepeat();
    repeat.least = 0;
    Other(repeat);
  }

  void Class() {
    at_.Skip(1);
    const bool negated = at_.Peek() == '^';
    at_.Skip(negated ? 1 : 0);
    std::vector<char32_t> members;
    bool plain = !negated;
    for (bool first = true; !at_.done() && (first || at_.Peek() != ']'); first = false) {
      const std::optional<char32_t> member = at_.TakeMember();
      const bool range = at_.Peek() == '-' && at_.Peek(1) != ']' && !at_.AtLast();
      if (!member.has_value() || range) {
        plain = false;
        if (range) {
          at_.Skip(1);
          (void)at_.TakeMember();
        }
        continue;
      }
      members.push_back(*member);
      if (!negated) {
        Name(*member, true);
      }
    }
    at_.Skip(1);
    if (plain) {
      shape_.classes.push_back(std::move(members));
    }
    if (negated) {
      Wide();
    } else {
      Other(at_.TakeRepeat());
    }
  }

  void OpenGroup() {
    const Cursor::Opening opening = at_.TakeOpening();
    if (opening == Cursor::Opening::kOptions) {
      return;
    }
    groups_.emplace_back();  // a run goes on through a group that is characters alone
    groups_.back().aside = opening == Cursor::Opening::kAside;
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
    at_.Skip(1);
    Sequence inner = Finish(&groups_.back());
    const bool aside = groups_.back().aside;
    groups_.pop_back();
    if (aside) {
      (void)at_.TakeRepeat();
      EndRun();
      now().pure = false;
      return;
    }
    const Repeat repeat = at_.TakeRepeat();
    const bool gap = inner.atoms == 1 && inner.last_is_gap;
    NoteAtom(gap, gap && inner.last_is_idle, repeat.given);
    Sequence& sequence = now();
    if (inner.pure && !repeat.given) {
      sequence.run += inner.run.empty() ? inner.best : inner.run;
      sequence.shortest = std::min(sequence.shortest + inner.shortest, Repeat::kMost);
      return;
    }
    EndRun();
    sequence.pure = false;
    if (repeat.least > 0 && LettersOf(inner.best) > LettersOf(sequence.best)) {
      sequence.best = inner.best;
      sequence.choices = inner.choices;
    }
    sequence.shortest =
        std::min(sequence.shortest + Times(inner.shortest, repeat.least), Repeat::kMost);
    const bool again = repeat.most == Repeat::kNoEnd;
    // A part of its own between two rounds keeps them apart.
    shape_.nested_repeat = shape_.nested_repeat || (again && inner.endless && !inner.fixed);
    sequence.endless = sequence.endless || inner.endless || again;
    if (repeat.given && repeat.most != Repeat::kNoEnd) {
      shape_.largest_count =
          std::max(shape_.largest_count, Times(repeat.most, std::max<uint64_t>(inner.shortest, 1)));
    }
  }

  Cursor at_;
  std::vector<Group> groups_;
  std::set<std::pair<char32_t, bool>> named_;
  Shape shape_;
};

}  // namespace

Shape ShapeOf(std::string_view expression) { return Reader(expression).Read(); }

}  // namespace gatepost::ruleset
