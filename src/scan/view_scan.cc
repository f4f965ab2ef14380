// Words and Hyperscan name where rules may match; confirm.h decides.
// LIMITS: 500,000 candidates in one view, then every paragraph is one. All linear in the text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/view_scan.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "src/base/utf8.h"

namespace gatepost::scan {

namespace {

using text::TextView;

constexpr size_t kMostCandidates = 500'000;

// Scanning one view. Paragraphs are numbered from 0; `ends` holds where each ends.
class ViewScan {
 public:
  // Null where there is nothing to scan.
  static const std::string* TextOf(const TextView& view, Work* work) {
    work->ends.clear();
    if (view.utf8.empty() || view.utf8.size() >= UINT32_MAX) {
      return nullptr;
    }
    assert(view.form == text::Form::kBytes || IsUtf8(view.utf8));
    if (view.soft.empty()) {
      return &view.utf8;
    }
    work->paragraphs = view.utf8;
    for (const uint32_t at : view.soft) {
      if (at < work->paragraphs.size() && work->paragraphs[at] == '\n') {
        work->paragraphs[at] = ' ';
      }
    }
    return &work->paragraphs;
  }

  // `text`: with soft line ends as blanks.
  ViewScan(const Program& program, const Plan& plan, const TextView& view, uint32_t number,
           const std::string& text, const Results& results, Times* times)
      : program_(program),
        plan_(plan),
        view_(view),
        text_(text),
        out_(results.out),
        times_(times),
        work_(program.work),
        confirmer_(program, plan, view, number, text, results) {}

  void Run() {
    work_.candidates.clear();
    for (const int32_t net : plan_.nets) {
      CastNet(net);
    }
    FindBeginnings();
    ScanDatabase(plan_.lines, view_.utf8);
    ScanDatabase(plan_.paragraphs, text_);
    if (!plan_.listing.empty()) {
      FindListed();
    }
    for (const auto& [rule, expression] : plan_.everywhere) {
      TryEverywhere(rule, expression);
    }
    if (!work_.candidates.empty() || overflow_) {
      Confirm();
    }
  }

 private:
  // What passed since the last booking.
  void Book(const Shared& shared) {
    if (times_ != nullptr) {
      times_->shared[shared] += watch_.Lap();
    }
  }
  void Book(uint32_t rule) {
    if (times_ != nullptr) {
      times_->rules[rule] += watch_.Lap();
    }
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
    Book(database_->shared);
  }

  // Words in the folded text. A line end is a blank to them, so the paragraphs serve for lines,
  // too.
  void CastNet(int32_t index) {
    if (index == kNoNet) {
      return;
    }
    const Net& net = program_.nets[static_cast<size_t>(index)];
    const bool kept = FoldText(net.fold, text_, &work_.folded, &work_.kept);
    net.sieve.Scan(work_.folded, [&](uint32_t id, uint32_t at) {
      const Net::Word& word = net.words[id];
      if (plan_.active[word.rule]) {
        at = kept ? work_.kept[at] : at;
        if (at < word.least || IsNone(word, at)) {
          return;
        }
        AddCandidate({word.rule, ParagraphAt(at), word.expression, at, &word});
      }
    });
    Book(net.shared);
  }

  // Is there no match that has the word here? Where it may begin in few places, each is tried at
  // once; FindInWindows tries the others.
  bool IsNone(const Net::Word& word, uint32_t at) const {
    constexpr uint32_t kFew = 16;
    if (word.trial == nullptr || word.most - word.least > kFew) {
      return false;
    }
    const uint32_t last = at - word.least;
    return word.trial->FirstBegin(text_, at - std::min(at, word.most), last, &work_.trials) > last;
  }

  void FindBeginnings() {
    if (plan_.beginnings != kNoNet) {
      FindBeginnings(program_.beginnings[static_cast<size_t>(plan_.beginnings)], text_, 0);
    }
    if (plan_.beginnings_beyond == kNoNet) {
      return;
    }
    FindBeyondAscii();
    const Beginnings& beyond = program_.beginnings[static_cast<size_t>(plan_.beginnings_beyond)];
    for (const uint32_t p : work_.beyond_ascii) {
      const Range range = confirmer_.ParagraphRange(p);
      FindBeginnings(beyond, Slice(text_, range), range.begin);
    }
  }
  void FindBeginnings(const Beginnings& beginnings, Bytes text, uint32_t offset) {
    beginnings.trial->RunAll(text, &work_.trials, [&](uint32_t id, uint32_t at) {
      const Net::Word& word = beginnings.words[id];
      if (plan_.active[word.rule]) {
        AddCandidate({word.rule, ParagraphAt(at + offset), word.expression, at + offset, &word});
      }
    });
    Book(beginnings.shared);
  }

  void TryEverywhere(uint32_t rule, uint32_t expression) {
    if (work_.ends.empty()) {
      FindEnds();
    }
    if (expression != kEvery && program_.text[rule].match[expression].words_in_ascii) {
      FindBeyondAscii();
      for (const uint32_t p : work_.beyond_ascii) {
        AddCandidate({rule, p, expression, 0, nullptr});
      }
    } else {
      for (uint32_t p = 0; p < work_.ends.size(); ++p) {
        if (confirmer_.ParagraphRange(p).size() > 0) {
          AddCandidate({rule, p, expression, 0, nullptr});
        }
      }
    }
    Book(rule);
  }

  // Which paragraphs have a byte from 80 up. Once a view.
  void FindBeyondAscii() {
    if (std::exchange(knows_beyond_ascii_, true)) {
      return;
    }
    work_.beyond_ascii.clear();
    if (IsAscii(text_)) {
      return;
    }
    if (work_.ends.empty()) {
      FindEnds();
    }
    for (uint32_t p = 0; p < work_.ends.size(); ++p) {
      if (!IsAscii(Slice(text_, confirmer_.ParagraphRange(p)))) {
        work_.beyond_ascii.push_back(p);
      }
    }
  }

  void FindEnds() {
    if (!view_.pieces.empty()) {
      work_.ends = view_.pieces;
      return;
    }
    const char* begin = text_.data();
    const char* end = begin + text_.size();
    for (const char* at = begin; at < end;) {
      const auto* found =
          static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
      if (found == nullptr) {
        break;
      }
      work_.ends.push_back(static_cast<uint32_t>(found - begin));
      at = found + 1;
    }
    work_.ends.push_back(static_cast<uint32_t>(text_.size()));
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
        const Range range = confirmer_.ParagraphRange(p);
        work_.ranges.clear();
        if (text.mask == kNoMask) {
          confirmer_.FindWords(text, Slice(text_, range), 1);
        }
        if (text.mask != kNoMask || !work_.ranges.empty()) {
          AddCandidate({rule, p, kEvery, 0, nullptr});
        }
      }
      Book(rule);
    }
  }

  void Confirm() {
    if (work_.ends.empty()) {
      FindEnds();
    }
    SortCandidates();
    uint32_t current = UINT32_MAX;
    const std::vector<Candidate>& all = work_.candidates;
    if (times_ != nullptr) {
      watch_.Lap();  // the sorting is nobody's
    }
    for (size_t i = 0; i < all.size();) {
      const uint32_t rule = all[i].rule;
      size_t end = i + 1;
      while (end < all.size() && all[end].rule == rule && all[end].paragraph == all[i].paragraph) {
        ++end;
      }
      if (rule != current) {
        if (current != UINT32_MAX) {
          Book(current);
        }
        current = rule;
        confirmer_.Begin();
      }
      if (!work_.everywhere[rule] && !confirmer_.IsFull()) {
        confirmer_.Confirm(rule, all[i].paragraph, &all[i], &all[end - 1] + 1);
      }
      i = end;
    }
    if (current != UINT32_MAX) {
      Book(current);
    }
    if (!overflow_) {
      return;
    }
    for (uint32_t rule = 0; rule < work_.everywhere.size(); ++rule) {
      if (!work_.everywhere[rule]) {
        continue;
      }
      work_.everywhere[rule] = false;
      confirmer_.Begin();
      for (uint32_t p = 0; p < work_.ends.size() && !confirmer_.IsFull(); ++p) {
        confirmer_.Confirm(rule, p, nullptr, nullptr);
      }
      Book(rule);
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

  // Sorts the candidates rule by rule: what one net or database named of a rule comes in the order
  // of the text, so that there is next to nothing to do, where sorting all of them together was a
  // sixth of a scan.
  void SortCandidates() {
    std::vector<Candidate>& all = work_.candidates;
    if (all.size() < program_.text.size() / 8) {
      std::sort(all.begin(), all.end(), Before);
      return;
    }
    work_.of_rule.assign(program_.text.size() + 1, 0);
    for (const Candidate& one : all) {
      ++work_.of_rule[one.rule + 1];
    }
    for (size_t rule = 1; rule < work_.of_rule.size(); ++rule) {
      work_.of_rule[rule] += work_.of_rule[rule - 1];
    }
    work_.sorted.resize(all.size());
    for (const Candidate& one : all) {
      work_.sorted[work_.of_rule[one.rule]++] = one;
    }
    all.swap(work_.sorted);
    for (auto begin = all.begin(); begin != all.end();) {
      const auto end = std::find_if(begin, all.end(),
                                    [&](const Candidate& one) { return one.rule != begin->rule; });
      if (!std::is_sorted(begin, end, Before)) {
        std::sort(begin, end, Before);
      }
      begin = end;
    }
  }

  const Program& program_;
  const Plan& plan_;
  const TextView& view_;
  const std::string& text_;
  Matches* out_;
  Times* const times_;
  Stopwatch watch_;
  Work& work_;
  Confirmer confirmer_;
  const Database* database_ = nullptr;
  bool overflow_ = false;
  bool knows_beyond_ascii_ = false;
  uint32_t near_ = 0;  // the paragraph that was asked for last
};

}  // namespace

void ScanView(const Program& program, const Plan& plan, const TextView& view, uint32_t number,
              const Results& results, Times* times) {
  const std::string* text = ViewScan::TextOf(view, &program.work);
  if (text != nullptr) {
    ViewScan(program, plan, view, number, *text, results, times).Run();
  }
}

}  // namespace gatepost::scan
