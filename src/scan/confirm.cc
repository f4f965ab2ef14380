// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/confirm.h"

#include <algorithm>

#include "src/scan/level.h"

namespace gatepost::scan {

namespace {

using ruleset::Level;
using ruleset::Rule;
using text::TextView;

constexpr size_t kMostInParagraph = 64;
constexpr uint32_t kMostInView = 1'000;
constexpr uint32_t kMostCount = 65'535;
constexpr uint32_t kGuessedBytes = 100;
constexpr size_t kLongText = 16U << 10;  // where a search could take long
constexpr uint64_t kMostWork = uint64_t{4}
                               << 20;  // bytes searched for one expression in a paragraph

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 || c == '@' || c == '.' || c == '-' || c == '_' ||
         c == '+' || c == '%' || c == '=';
}

bool IsInside(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Confirmer::Confirmer(const Program& program, const Plan& plan, const TextView& view,
                     uint32_t number, const std::string& text, const Results& results)
    : program_(program),
      plan_(plan),
      view_(view),
      number_(number),
      text_(text),
      results_(results),
      work_(program.work) {}

bool Confirmer::IsFull() const { return in_view_ >= kMostInView; }

// Appends the places of listed words to work_.ranges, at most so many.
void Confirmer::FindWords(const TextRule& rule, Bytes paragraph, size_t most) {
  size_t found = 0;
  for (size_t at = 0; at < paragraph.size() && found < most;) {
    if (!IsTokenChar(paragraph[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < paragraph.size() && IsTokenChar(paragraph[end])) {
      ++end;
    }
    Range token = {static_cast<uint32_t>(at), static_cast<uint32_t>(end)};
    at = end;
    // What a sentence puts around an address is not part of it.
    constexpr std::string_view kTrim = ".-=+%_";
    while (!token.empty() && kTrim.find(paragraph[token.begin]) != std::string_view::npos) {
      ++token.begin;
    }
    while (!token.empty() && kTrim.find(paragraph[token.end - 1]) != std::string_view::npos) {
      --token.end;
    }
    const Bytes word = Slice(paragraph, token);
    const auto listed =
        std::find_if(rule.lists.begin(), rule.lists.end(),
                     [&](const ruleset::List* list) { return list->Contains(word); });
    if (listed != rule.lists.end()) {
      const auto list = static_cast<size_t>(listed - rule.lists.begin());
      work_.ranges.push_back({token, static_cast<uint32_t>(rule.match.size() + list)});
      ++found;
    }
  }
}

// What the order is does not matter to the result, and most candidates are none: view, mask,
// match, then unless. Without candidates all of the rule is tried.
void Confirmer::Confirm(uint32_t index, uint32_t paragraph, const Candidate* first,
                        const Candidate* last) {
  const TextRule& rule = program_.text[index];
  if (rule.first_lines > 0 && paragraph >= rule.first_lines) {
    return;
  }
  if (rule.times > 0 && results_.out->counts[index] >= rule.times) {
    return;
  }
  most_ = rule.times == 1 ? 1 : view_.form == text::Form::kBytes ? kMostInView : kMostInParagraph;
  const Range range = ParagraphRange(paragraph);
  Bytes text = Slice(text_, range);
  if (rule.mask != kNoMask) {
    text = Masked(rule.mask, paragraph, text);
  }
  const bool every = first == last || (last - 1)->expression == kEvery;
  const bool limited =
      every ? !FindEverything(rule, range, text) : !FindCandidates(rule, range, text, first, last);
  if (work_.ranges.empty() && !limited) {
    return;
  }
  for (const Pattern& unless : rule.unless) {
    Range unused;
    if (work_.matcher.Find(unless, text, 0, &unused) == Matcher::Outcome::kMatch) {
      return;  // a search that ran into its limit does not excuse
    }
  }
  if (work_.ranges.empty() && !HyperscanFinds(index, range, text) && undecided_) {
    results_.out->failed.push_back(index);
  }
  if (work_.ranges.empty()) {
    return;
  }
  Record(index, paragraph, range.begin);
}

// The matches of the expressions that the candidates name to work_.ranges; false when a search
// ran into its limit.
bool Confirmer::FindCandidates(const TextRule& rule, Range range, Bytes text,
                               const Candidate* first, const Candidate* last) {
  work_.ranges.clear();
  undecided_ = false;
  bool whole = true;
  for (const Candidate* at = first; at != last;) {
    const Candidate* end = at;
    while (end != last && end->expression == at->expression) {
      ++end;
    }
    const TextRule::Expression& expression = rule.match[at->expression];
    whole = (at->word == nullptr ? FindIn(expression, at->expression, range, text)
                                 : FindNear(expression, range, text, at, end)) &&
            whole;
    at = end;
  }
  return whole;
}

// The matches that begin where the candidates' words let them. Exactly those that a search of the
// whole would find: no other match exists.
bool Confirmer::FindNear(const TextRule::Expression& expression, Range range, Bytes text,
                         const Candidate* first, const Candidate* last) {
  bool whole = true;
  const uint32_t number = first->expression;
  for (const Candidate* at = first; at != last;) {
    Range line = range;
    if (expression.anchored) {
      const auto soft = std::lower_bound(view_.soft.begin(), view_.soft.end(), at->at);
      line.end = soft != view_.soft.end() ? std::min(*soft, range.end) : range.end;
      line.begin =
          soft != view_.soft.begin() ? std::max(*(soft - 1) + 1, range.begin) : range.begin;
    }
    work_.windows.clear();
    for (; at != last && at->at <= line.end; ++at) {
      const uint32_t place = at->at - line.begin;
      if (place >= at->word->least) {
        const uint32_t most = std::min(at->word->most, place);
        work_.windows.push_back({place - most, place - at->word->least});
      }
    }
    const uint32_t offset = line.begin - range.begin;
    whole = FindInWindows(expression, number, text.substr(offset, line.size()), offset) && whole;
  }
  return whole;
}

bool Confirmer::FindInWindows(const TextRule::Expression& expression, uint32_t number, Bytes text,
                              uint32_t offset) {
  std::sort(work_.windows.begin(), work_.windows.end(), [](const Range& a, const Range& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  // One search for neighbours: what lies between them costs less than asking again.
  constexpr uint32_t kNeighbour = 8;
  constexpr uint32_t kMostTrials = 1U << 16;  // beginnings that are tried one by one
  size_t merged = 0;
  for (size_t i = 1; i < work_.windows.size(); ++i) {
    Range& last = work_.windows[merged];
    const Range& next = work_.windows[i];
    if (next.begin <= last.end || next.begin - last.end <= kNeighbour) {
      last.end = std::max(last.end, next.end);
    } else {
      work_.windows[++merged] = next;
    }
  }
  work_.windows.resize(std::min(work_.windows.size(), merged + 1));
  const bool careful = expression.careful && text.size() > kLongText;
  uint64_t work = 0;
  size_t from = 0;
  size_t count = 0;
  for (const Range& window : work_.windows) {
    size_t begin = window.begin;
    while (begin > 0 && begin < text.size() && IsInside(text[begin])) {
      --begin;  // an expression of characters begins at one
    }
    begin = std::max(begin, from);
    while (begin <= window.end && count < most_) {
      if (expression.trial != nullptr && window.end - begin <= kMostTrials) {
        begin = expression.trial->FirstBegin(text, begin, window.end, &work_.trials);
        if (begin > window.end) {
          break;
        }
        while (begin > 0 && begin < text.size() && IsInside(text[begin])) {
          --begin;
        }
      }
      Range found;
      const Matcher::Outcome outcome =
          work_.matcher.FindFromTo(expression.pattern, text, begin, window.end, careful, &found);
      work += expression.endless ? text.size() - begin : 0;
      if (outcome == Matcher::Outcome::kLimit || work > kMostWork) {
        undecided_ = undecided_ || !expression.spare;
        return count > 0;
      }
      if (outcome == Matcher::Outcome::kNone) {
        break;
      }
      ++count;
      work_.ranges.push_back({{found.begin + offset, found.end + offset}, number});
      if (found.end <= begin) {
        return true;
      }
      begin = found.end;
      from = begin;
    }
  }
  return true;
}

// The rule's matches in a paragraph (or its masked copy) to work_.ranges; false when a search ran
// into its limit.
bool Confirmer::FindEverything(const TextRule& rule, Range range, Bytes text) {
  work_.ranges.clear();
  undecided_ = false;
  bool whole = true;
  for (uint32_t number = 0; number < rule.match.size(); ++number) {
    whole = FindIn(rule.match[number], number, range, text) && whole;
  }
  if (!rule.lists.empty()) {
    FindWords(rule, text, kMostInParagraph);
  }
  return whole;
}

// One expression's, appended.
bool Confirmer::FindIn(const TextRule::Expression& expression, uint32_t number, Range range,
                       Bytes text) {
  if (!expression.anchored) {
    return FindAll(expression, number, text, 0);
  }
  bool whole = true;
  uint32_t line = range.begin;
  auto soft = std::lower_bound(view_.soft.begin(), view_.soft.end(), range.begin);
  while (line <= range.end) {
    const uint32_t end = soft != view_.soft.end() && *soft < range.end ? *soft++ : range.end;
    const uint32_t offset = line - range.begin;
    whole = FindAll(expression, number, text.substr(offset, end - line), offset) && whole;
    line = end + 1;
  }
  return whole;
}

// Where PCRE2 gave up (a padded line makes it try quadratically many ways), Hyperscan, which is
// linear, decides on this paragraph alone: one range, whose begin is a guess. False: it cannot
// tell either, because it has the expression as a prefilter or does not find it.
bool Confirmer::HyperscanFinds(uint32_t index, Range range, Bytes text) {
  std::string lines(text);
  for (auto soft = std::lower_bound(view_.soft.begin(), view_.soft.end(), range.begin);
       soft != view_.soft.end() && *soft < range.end; ++soft) {
    lines[*soft - range.begin] = '\n';
  }
  struct Search {
    const Database* database;
    uint32_t rule;
    uint32_t end;
  };
  for (const int32_t at :
       {plan_.paragraphs, plan_.lines, plan_.spare_paragraphs, plan_.spare_lines}) {
    if (at == kNoDatabase || !program_.databases[static_cast<size_t>(at)].compiled.valid()) {
      continue;
    }
    Search search = {&program_.databases[static_cast<size_t>(at)], index, 0};
    const auto on_match = [](void* context, uint32_t id, uint64_t end) {
      auto* self = static_cast<Search*>(context);
      const Target target = self->database->targets[id];
      if (!target.is_mask && target.index == self->rule && !self->database->prefiltered[id] &&
          self->end == 0) {
        self->end = static_cast<uint32_t>(end);
      }
    };
    const bool paragraphs = at == plan_.paragraphs || at == plan_.spare_paragraphs;
    const Bytes searched = paragraphs ? text : Bytes(lines);
    if (work_.scratch.Scan(search.database->compiled, searched, on_match, &search) &&
        search.end > 0) {
      work_.ranges.push_back(
          {{search.end - std::min(search.end, kGuessedBytes), search.end}, kUnknownExpression});
      return true;
    }
  }
  return false;
}

// The paragraph with every match of the mask as spaces; kept until the next is asked for.
Bytes Confirmer::Masked(uint32_t mask, uint32_t paragraph, Bytes text) {
  if (masked_mask_ == mask && masked_paragraph_ == paragraph) {
    return work_.masked;
  }
  masked_mask_ = mask;
  masked_paragraph_ = paragraph;
  work_.masked.assign(text);
  for (const Pattern& pattern : program_.masks[mask].patterns) {
    Range found;
    size_t from = 0;
    while (from <= text.size() &&
           work_.matcher.Find(pattern, text, from, &found) == Matcher::Outcome::kMatch) {
      std::fill(work_.masked.begin() + found.begin, work_.masked.begin() + found.end, ' ');
      from = found.end > from ? found.end : from + 1;
    }
  }
  return work_.masked;
}

// Appends the matches in `text` to work_.ranges, moved by `offset`; false when a search ran into
// its limit before it found anything.
bool Confirmer::FindAll(const TextRule::Expression& expression, uint32_t number, Bytes text,
                        uint32_t offset) {
  if (expression.letters != nullptr) {
    size_t at = 0;
    for (size_t i = 0; i < most_; ++i) {
      const uint32_t length = expression.letters->Find(text, &at);
      if (length == 0) {
        break;
      }
      const auto begin = static_cast<uint32_t>(at) + offset;
      work_.ranges.push_back({{begin, begin + length}, number});
      at += length;
    }
    return true;
  }
  // A vain search must end, and so must the one behind the last match.
  const bool careful = expression.careful && text.size() > kLongText;
  size_t from = 0;
  for (size_t i = 0; i < most_ && from <= text.size(); ++i) {
    Range found;
    const Matcher::Outcome outcome =
        work_.matcher.Find(expression.pattern, text, from, careful, &found);
    if (outcome != Matcher::Outcome::kMatch) {
      undecided_ = undecided_ || outcome == Matcher::Outcome::kLimit;
      return outcome == Matcher::Outcome::kNone || i > 0;
    }
    work_.ranges.push_back({{found.begin + offset, found.end + offset}, number});
    if (found.end <= from) {
      break;
    }
    from = found.end;
  }
  return true;
}

void Confirmer::Record(uint32_t index, uint32_t paragraph, uint32_t offset) {
  const Rule& rule = program_.rules->rules()[index];
  std::sort(work_.ranges.begin(), work_.ranges.end(), [](const Found& a, const Found& b) {
    if (a.range.begin != b.range.begin) {
      return a.range.begin < b.range.begin;
    }
    return a.range.end != b.range.end ? a.range.end > b.range.end : a.expression < b.expression;
  });
  uint32_t covered = 0;
  bool first = true;
  for (const Found& found : work_.ranges) {
    const Range range = Tidy({found.range.begin + offset, found.range.end + offset});
    if (!first && range.begin < covered) {
      continue;  // another expression's view of the same place
    }
    if (program_.text[index].times > 0 &&
        results_.out->counts[index] >= program_.text[index].times) {
      break;
    }
    first = false;
    covered = range.end;
    ++in_view_;
    results_.out->counts[index] = std::min(results_.out->counts[index] + 1, kMostCount);
    if (rule.level == Level::kFromMatch) {
      results_.out->levels[index] =
          Stronger(results_.out->levels[index], LevelInText(Slice(view_.utf8, range)));
    }
    if ((*results_.evidence_count)[index] < results_.evidence) {
      ++(*results_.evidence_count)[index];
      const auto soft =
          std::lower_bound(view_.soft.begin(), view_.soft.end(), range.begin) - view_.soft.begin();
      results_.out->matches.push_back(
          {index, number_, range, paragraph + static_cast<uint32_t>(soft) + 1, found.expression});
    }
  }
  results_.out->hit[index] = true;
  if (rule.level != Level::kFromMatch) {
    results_.out->levels[index] = rule.level;
  }
  if (places_ < kMostPlaces) {
    ++places_;
    results_.out->places.push_back({index, number_, paragraph});
  }
}

// To code points' edges (an expression of bytes may end within one), without blanks at the ends.
Range Confirmer::Tidy(Range range) const {
  const std::string& text = view_.utf8;
  const auto inside = [&](uint32_t at) {
    return view_.form != text::Form::kBytes && at < text.size() &&
           (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  while (range.begin > 0 && inside(range.begin)) {
    --range.begin;
  }
  while (inside(range.end)) {
    ++range.end;
  }
  const Range whole = range;
  while (!range.empty() && IsBlank(text[range.begin])) {
    ++range.begin;
  }
  while (!range.empty() && IsBlank(text[range.end - 1])) {
    --range.end;
  }
  return range.empty() ? whole : range;
}

}  // namespace gatepost::scan
