// Hyperscan names paragraphs, PCRE2 confirms in them.
// LIMITS: 64 matches of a rule in one paragraph, 1,000 in one view; 64 of its places in one view
// are kept; 500,000 candidates in one view, then every paragraph is one. All linear in the text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/view_scan.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "src/base/utf8.h"
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
constexpr size_t kMostCandidates = 500'000;
constexpr size_t kLongText = 16U << 10;  // where a search could take long
constexpr uint64_t kMostWork = uint64_t{4}
                               << 20;  // bytes searched for one expression in a paragraph

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 || c == '@' || c == '.' || c == '-' || c == '_' ||
         c == '+' || c == '%' || c == '=';
}

// Scanning one view. Paragraphs are numbered from 0; `ends` holds where each ends.
class ViewScan {
 public:
  ViewScan(const Program& program, const Plan& plan, const TextView& view, uint32_t number,
           uint32_t evidence, std::vector<uint32_t>* evidence_count, Matches* out)
      : program_(program),
        plan_(plan),
        view_(view),
        number_(number),
        evidence_(evidence),
        evidence_count_(evidence_count),
        out_(out),
        work_(program.work) {}

  void Run() {
    if (!Prepare()) {
      return;
    }
    work_.candidates.clear();
    for (const int32_t net : plan_.nets) {
      CastNet(net);
    }
    ScanDatabase(plan_.lines, view_.utf8);
    ScanDatabase(plan_.paragraphs, *text_);
    if (!plan_.listing.empty()) {
      FindListed();
    }
    for (const auto& [rule, expression] : plan_.everywhere) {
      TryEverywhere(rule, expression);
    }
    if (work_.candidates.empty() && !overflow_) {
      return;
    }
    Confirm();
  }

 private:
  // False: nothing to scan.
  bool Prepare() {
    work_.ends.clear();
    if (view_.utf8.empty() || view_.utf8.size() >= UINT32_MAX) {
      return false;
    }
    assert(view_.form == text::Form::kBytes || IsUtf8(view_.utf8));
    text_ = &view_.utf8;
    if (!view_.soft.empty()) {
      work_.paragraphs = view_.utf8;
      for (const uint32_t at : view_.soft) {
        if (at < work_.paragraphs.size() && work_.paragraphs[at] == '\n') {
          work_.paragraphs[at] = ' ';
        }
      }
      text_ = &work_.paragraphs;
    }
    return true;
  }

  void ScanDatabase(int32_t index, Bytes text) {
    if (index == kNoDatabase || !program_.databases[static_cast<size_t>(index)].compiled.valid()) {
      return;  // or Hyperscan refused all of it
    }
    database_ = &program_.databases[static_cast<size_t>(index)];
    std::fill(work_.last.begin(), work_.last.end(), UINT32_MAX);
    const bool good = work_.scratch.Scan(
        database_->compiled, text,
        [](void* self, uint32_t id, uint64_t end) {
          static_cast<ViewScan*>(self)->OnMatch(id, static_cast<uint32_t>(end));
        },
        this);
    if (!good) {
      for (size_t rule = 0; rule < plan_.active.size(); ++rule) {
        if (plan_.active[rule]) {
          out_->failed.push_back(static_cast<uint32_t>(rule));
        }
      }
    }
  }

  // Words in the folded text. A line end is a blank to them, so the paragraphs serve for lines,
  // too.
  void CastNet(int32_t index) {
    if (index == kNoNet) {
      return;
    }
    const Net& net = program_.nets[static_cast<size_t>(index)];
    const bool kept = FoldText(net.fold, *text_, &work_.folded, &work_.kept);
    net.sieve.Scan(work_.folded, [&](uint32_t id, uint32_t at) {
      const Net::Word& word = net.words[id];
      if (plan_.active[word.rule]) {
        at = kept ? work_.kept[at] : at;
        AddCandidate({word.rule, ParagraphAt(at), word.expression, at, &word});
      }
    });
  }

  void TryEverywhere(uint32_t rule, uint32_t expression) {
    if (work_.ends.empty()) {
      FindEnds();
    }
    for (uint32_t p = 0; p < work_.ends.size(); ++p) {
      if (ParagraphRange(p).size() > 0) {
        AddCandidate({rule, p, expression, 0, nullptr});
      }
    }
  }

  void FindEnds() {
    if (!view_.pieces.empty()) {
      work_.ends = view_.pieces;
      return;
    }
    const char* begin = text_->data();
    const char* end = begin + text_->size();
    for (const char* at = begin; at < end;) {
      const auto* found =
          static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
      if (found == nullptr) {
        break;
      }
      work_.ends.push_back(static_cast<uint32_t>(found - begin));
      at = found + 1;
    }
    work_.ends.push_back(static_cast<uint32_t>(text_->size()));
  }

  // The paragraph in which a match ends: one that ends at a line end belongs before it.
  uint32_t ParagraphAt(uint32_t end) {
    if (work_.ends.empty()) {
      FindEnds();
    }
    // Matches come by the hundred in one paragraph, and roughly in the order of the text.
    if (end <= work_.ends[near_] && (near_ == 0 || end > work_.ends[near_ - 1])) {
      return near_;
    }
    if (near_ + 1 < work_.ends.size() && end > work_.ends[near_] && end <= work_.ends[near_ + 1]) {
      return ++near_;
    }
    const auto at = std::lower_bound(work_.ends.begin(), work_.ends.end(), end);
    near_ = static_cast<uint32_t>(std::min<std::ptrdiff_t>(
        at - work_.ends.begin(), static_cast<std::ptrdiff_t>(work_.ends.size()) - 1));
    return near_;
  }
  Range ParagraphRange(uint32_t paragraph) const {
    return {paragraph == 0 ? 0 : work_.ends[paragraph - 1] + 1, work_.ends[paragraph]};
  }

  void OnMatch(uint32_t id, uint32_t end) {
    const Target target = database_->targets[id];
    if (!target.is_mask && !plan_.active[target.index]) {
      return;
    }
    const uint32_t paragraph = ParagraphAt(end);
    if (work_.last[id] == paragraph) {
      return;
    }
    work_.last[id] = paragraph;
    if (!target.is_mask) {
      AddCandidate({target.index, paragraph, target.expression, 0, nullptr});
      return;
    }
    for (const uint32_t rule : plan_.masked[target.index]) {
      AddCandidate({rule, paragraph, kEvery, 0, nullptr});
    }
  }

  void AddCandidate(const Candidate& candidate) {
    if (work_.everywhere[candidate.rule]) {
      return;
    }
    if (work_.candidates.size() >= kMostCandidates) {
      work_.everywhere[candidate.rule] = true;
      overflow_ = true;
      return;
    }
    work_.candidates.push_back(candidate);
  }

  // Rules with lists: candidates are the paragraphs that hold a listed word; with a mask, which may
  // split words, all are.
  void FindListed() {
    if (work_.ends.empty()) {
      FindEnds();
    }
    for (const uint32_t rule : plan_.listing) {
      const TextRule& text = program_.text[rule];
      for (uint32_t p = 0; p < work_.ends.size(); ++p) {
        const Range range = ParagraphRange(p);
        work_.ranges.clear();
        if (text.mask == kNoMask) {
          FindWords(text, Slice(*text_, range), 1);
        }
        if (text.mask != kNoMask || !work_.ranges.empty()) {
          AddCandidate({rule, p, kEvery, 0, nullptr});
        }
      }
    }
  }

  // Appends the places of listed words to work_.ranges, at most so many.
  void FindWords(const TextRule& rule, Bytes paragraph, size_t most) {
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

  void Confirm() {
    if (work_.ends.empty()) {
      FindEnds();
    }
    std::sort(work_.candidates.begin(), work_.candidates.end(), Before);
    uint32_t current = UINT32_MAX;
    const std::vector<Candidate>& all = work_.candidates;
    for (size_t i = 0; i < all.size();) {
      const uint32_t rule = all[i].rule;
      size_t end = i + 1;
      while (end < all.size() && all[end].rule == rule && all[end].paragraph == all[i].paragraph) {
        ++end;
      }
      if (rule != current) {
        current = rule;
        in_view_ = 0;
        places_ = 0;
      }
      if (!work_.everywhere[rule] && in_view_ < kMostInView) {
        ConfirmIn(rule, all[i].paragraph, &all[i], &all[end - 1] + 1);
      }
      i = end;
    }
    if (!overflow_) {
      return;
    }
    for (uint32_t rule = 0; rule < work_.everywhere.size(); ++rule) {
      if (!work_.everywhere[rule]) {
        continue;
      }
      work_.everywhere[rule] = false;
      in_view_ = 0;
      places_ = 0;
      for (uint32_t p = 0; p < work_.ends.size() && in_view_ < kMostInView; ++p) {
        ConfirmIn(rule, p, nullptr, nullptr);
      }
    }
  }

  // By rule, paragraph, expression (kEvery last), then whole paragraphs before words, by place.
  static bool Before(const Candidate& a, const Candidate& b) {
    if (a.rule != b.rule) {
      return a.rule < b.rule;
    }
    if (a.paragraph != b.paragraph) {
      return a.paragraph < b.paragraph;
    }
    if (a.expression != b.expression) {
      return a.expression < b.expression;
    }
    if ((a.word == nullptr) != (b.word == nullptr)) {
      return a.word == nullptr;
    }
    return a.at < b.at;
  }

  // What the order is does not matter to the result, and most candidates are none: view, mask,
  // match, then unless. Without candidates all of the rule is tried.
  void ConfirmIn(uint32_t index, uint32_t paragraph, const Candidate* first,
                 const Candidate* last) {
    const TextRule& rule = program_.text[index];
    if (rule.first_lines > 0 && paragraph >= rule.first_lines) {
      return;
    }
    if (rule.times > 0 && out_->counts[index] >= rule.times) {
      return;
    }
    most_ = rule.times == 1 ? 1 : view_.form == text::Form::kBytes ? kMostInView : kMostInParagraph;
    const Range range = ParagraphRange(paragraph);
    Bytes text = Slice(*text_, range);
    if (rule.mask != kNoMask) {
      text = Masked(rule.mask, paragraph, text);
    }
    const bool every = first == last || (last - 1)->expression == kEvery;
    const bool limited = every ? !FindEverything(rule, range, text)
                               : !FindCandidates(rule, range, text, first, last);
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
      out_->failed.push_back(index);
    }
    if (work_.ranges.empty()) {
      return;
    }
    Record(index, paragraph, range.begin);
  }

  // The matches of the expressions that the candidates name to work_.ranges; false when a search
  // ran into its limit.
  bool FindCandidates(const TextRule& rule, Range range, Bytes text, const Candidate* first,
                      const Candidate* last) {
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
  bool FindNear(const TextRule::Expression& expression, Range range, Bytes text,
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

  bool FindInWindows(const TextRule::Expression& expression, uint32_t number, Bytes text,
                     uint32_t offset) {
    std::sort(work_.windows.begin(), work_.windows.end(), [](const Range& a, const Range& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
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

  static bool IsInside(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

  // The rule's matches in a paragraph (or its masked copy) to work_.ranges; false when a search ran
  // into its limit.
  bool FindEverything(const TextRule& rule, Range range, Bytes text) {
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
  bool FindIn(const TextRule::Expression& expression, uint32_t number, Range range, Bytes text) {
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
  bool HyperscanFinds(uint32_t index, Range range, Bytes text) {
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
  Bytes Masked(uint32_t mask, uint32_t paragraph, Bytes text) {
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
  bool FindAll(const TextRule::Expression& expression, uint32_t number, Bytes text,
               uint32_t offset) {
    // Where Hyperscan named the paragraph there is a match; elsewhere a vain search must end.
    const bool careful =
        expression.careful && expression.engine != Engine::kHyperscan && text.size() > kLongText;
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

  void Record(uint32_t index, uint32_t paragraph, uint32_t offset) {
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
      if (program_.text[index].times > 0 && out_->counts[index] >= program_.text[index].times) {
        break;
      }
      first = false;
      covered = range.end;
      ++in_view_;
      out_->counts[index] = std::min(out_->counts[index] + 1, kMostCount);
      if (rule.level == Level::kFromMatch) {
        out_->levels[index] = Stronger(out_->levels[index], LevelInText(Slice(view_.utf8, range)));
      }
      if ((*evidence_count_)[index] < evidence_) {
        ++(*evidence_count_)[index];
        const auto soft = std::lower_bound(view_.soft.begin(), view_.soft.end(), range.begin) -
                          view_.soft.begin();
        out_->matches.push_back(
            {index, number_, range, paragraph + static_cast<uint32_t>(soft) + 1, found.expression});
      }
    }
    out_->hit[index] = true;
    if (rule.level != Level::kFromMatch) {
      out_->levels[index] = rule.level;
    }
    if (places_ < kMostPlaces) {
      ++places_;
      out_->places.push_back({index, number_, paragraph});
    }
  }

  // To code points' edges (an expression of bytes may end within one), without blanks at the ends.
  Range Tidy(Range range) const {
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

  const Program& program_;
  const Plan& plan_;
  const TextView& view_;
  const uint32_t number_;
  const uint32_t evidence_;
  std::vector<uint32_t>* evidence_count_;
  Matches* out_;
  Work& work_;
  const std::string* text_ = nullptr;  // paragraphs
  const Database* database_ = nullptr;
  bool overflow_ = false;
  bool undecided_ = false;  // a search ran into its limit, and Hyperscan's silence says nothing
  size_t most_ = kMostInParagraph;  // matches of an expression that are looked for
  uint32_t near_ = 0;               // the paragraph that was asked for last
  uint32_t in_view_ = 0;            // matches of the current rule
  uint32_t places_ = 0;             // and its paragraphs
  uint32_t masked_mask_ = kNoMask;
  uint32_t masked_paragraph_ = 0;
};

}  // namespace

void ScanView(const Program& program, const Plan& plan, const TextView& view, uint32_t number,
              uint32_t evidence, std::vector<uint32_t>* evidence_count, Matches* out) {
  ViewScan(program, plan, view, number, evidence, evidence_count, out).Run();
}

}  // namespace gatepost::scan
