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
    ScanDatabase(plan_.lines, view_.utf8);
    ScanDatabase(plan_.paragraphs, *text_);
    if (!plan_.listing.empty()) {
      FindListed();
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
    if (index == kNoDatabase) {
      return;
    }
    database_ = &program_.databases[static_cast<size_t>(index)];
    std::fill(work_.last.begin(), work_.last.end(), UINT64_MAX);
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
    const auto at = std::lower_bound(work_.ends.begin(), work_.ends.end(), end);
    return static_cast<uint32_t>(std::min<std::ptrdiff_t>(
        at - work_.ends.begin(), static_cast<std::ptrdiff_t>(work_.ends.size()) - 1));
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
      AddCandidate(target.index, paragraph);
      return;
    }
    for (const uint32_t rule : plan_.masked[target.index]) {
      AddCandidate(rule, paragraph);
    }
  }

  void AddCandidate(uint32_t rule, uint32_t paragraph) {
    if (work_.everywhere[rule]) {
      return;
    }
    if (work_.candidates.size() >= kMostCandidates) {
      work_.everywhere[rule] = true;
      overflow_ = true;
      return;
    }
    work_.candidates.push_back((static_cast<uint64_t>(rule) << 32) | paragraph);
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
          AddCandidate(rule, p);
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
    std::sort(work_.candidates.begin(), work_.candidates.end());
    work_.candidates.erase(std::unique(work_.candidates.begin(), work_.candidates.end()),
                           work_.candidates.end());
    uint32_t current = UINT32_MAX;
    for (const uint64_t candidate : work_.candidates) {
      const auto rule = static_cast<uint32_t>(candidate >> 32);
      if (work_.everywhere[rule]) {
        continue;
      }
      if (rule != current) {
        current = rule;
        in_view_ = 0;
        places_ = 0;
      }
      if (in_view_ < kMostInView) {
        ConfirmIn(rule, static_cast<uint32_t>(candidate));
      }
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
        ConfirmIn(rule, p);
      }
    }
  }

  // View, mask, unless, match: in this order.
  void ConfirmIn(uint32_t index, uint32_t paragraph) {
    const TextRule& rule = program_.text[index];
    if (rule.first_lines > 0 && paragraph >= rule.first_lines) {
      return;
    }
    const uint32_t times = program_.rules->rules()[index].times;
    if (times > 0 && out_->counts[index] >= times) {
      return;
    }
    const Range range = ParagraphRange(paragraph);
    Bytes text = Slice(*text_, range);
    if (rule.mask != kNoMask) {
      text = Masked(rule.mask, paragraph, text);
    }
    for (const Pattern& unless : rule.unless) {
      Range unused;
      if (work_.matcher.Find(unless, text, 0, &unused) == Matcher::Outcome::kMatch) {
        return;  // a search that ran into its limit does not excuse
      }
    }
    const bool limited = !FindMatches(rule, range, text);
    if (work_.ranges.empty() && limited && !HyperscanFinds(index, range, text)) {
      out_->failed.push_back(index);
    }
    if (work_.ranges.empty()) {
      return;
    }
    Record(index, paragraph, range.begin);
  }

  // The rule's matches in a paragraph (or its masked copy) to work_.ranges; false when a search ran
  // into its limit.
  bool FindMatches(const TextRule& rule, Range range, Bytes text) {
    work_.ranges.clear();
    bool whole = true;
    most_ = rule.times == 1 ? 1 : view_.form == text::Form::kBytes ? kMostInView : kMostInParagraph;
    for (uint32_t number = 0; number < rule.match.size(); ++number) {
      const TextRule::Expression& expression = rule.match[number];
      if (!expression.anchored) {
        whole = FindAll(expression.pattern, text, 0, number) && whole;
        continue;
      }
      uint32_t line = range.begin;
      auto soft = std::lower_bound(view_.soft.begin(), view_.soft.end(), range.begin);
      while (line <= range.end) {
        const uint32_t end = soft != view_.soft.end() && *soft < range.end ? *soft++ : range.end;
        const uint32_t offset = line - range.begin;
        whole =
            FindAll(expression.pattern, text.substr(offset, end - line), offset, number) && whole;
        line = end + 1;
      }
    }
    if (!rule.lists.empty()) {
      FindWords(rule, text, kMostInParagraph);
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
    for (const int32_t at : {plan_.paragraphs, plan_.lines}) {
      if (at == kNoDatabase) {
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
      const Bytes searched = at == plan_.paragraphs ? text : Bytes(lines);
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
  bool FindAll(const Pattern& pattern, Bytes text, uint32_t offset, uint32_t number) {
    size_t from = 0;
    for (size_t i = 0; i < most_ && from <= text.size(); ++i) {
      Range found;
      const Matcher::Outcome outcome = work_.matcher.Find(pattern, text, from, &found);
      if (outcome != Matcher::Outcome::kMatch) {
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
      if (rule.times > 0 && out_->counts[index] >= rule.times) {
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
  size_t most_ = kMostInParagraph;  // matches in one paragraph
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
