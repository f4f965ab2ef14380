// Candidates of one view to matches: masks, PCRE2, `unless`, counts and evidence.
// LIMITS: 64 matches of a rule in one paragraph, 1,000 in one view; 64 of its places in one view
// are kept. All linear in the text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/scan/program.h"

namespace gatepost::scan {

// Where the results go, of all views together.
struct Results {
  uint32_t evidence = 0;                  // so much of it a rule
  std::vector<uint32_t>* evidence_count;  // per rule: so much there is
  Matches* out;
};

// Uses Program::work, whose `ends` are those of the text's paragraphs before anything is confirmed.
class Confirmer {
 public:
  // `text`: the view's, with soft line ends as blanks; all outlive this.
  Confirmer(const Program& program, const Plan& plan, const text::TextView& view, uint32_t number,
            const std::string& text, const Results& results);

  // The next rule.
  void Begin() {
    in_view_ = 0;
    places_ = 0;
  }
  // Has it all the matches that it may have?
  bool IsFull() const;
  // What the candidates (all of one rule and paragraph, as `Before` orders them) say; without any,
  // all of the rule is tried.
  void Confirm(uint32_t rule, uint32_t paragraph, const Candidate* first, const Candidate* last);

  // Appends the places of listed words to Work::ranges, at most so many.
  void FindWords(const TextRule& rule, Bytes paragraph, size_t most);

  Range ParagraphRange(uint32_t paragraph) const {
    return {paragraph == 0 ? 0 : work_.ends[paragraph - 1] + 1, work_.ends[paragraph]};
  }

 private:
  bool FindCandidates(const TextRule& rule, Range range, Bytes text, const Candidate* first,
                      const Candidate* last);
  bool FindNear(const TextRule::Expression& expression, Range range, Bytes text,
                const Candidate* first, const Candidate* last);
  bool FindInWindows(const TextRule::Expression& expression, uint32_t number, Bytes text,
                     uint32_t offset);
  bool FindEverything(const TextRule& rule, Range range, Bytes text);
  bool FindIn(const TextRule::Expression& expression, uint32_t number, Range range, Bytes text);
  bool FindAll(const TextRule::Expression& expression, uint32_t number, Bytes text,
               uint32_t offset);
  bool HyperscanFinds(uint32_t index, Range range, Bytes text);
  Bytes Masked(uint32_t mask, uint32_t paragraph, Bytes text);
  void Record(uint32_t index, uint32_t paragraph, uint32_t offset);
  Range Tidy(Range range) const;

  const Program& program_;
  const Plan& plan_;
  const text::TextView& view_;
  const uint32_t number_;
  const std::string& text_;
  const Results results_;
  Work& work_;
  bool undecided_ = false;  // a search ran into its limit, and Hyperscan's silence says nothing
  size_t most_ = 0;         // matches of an expression that are looked for
  uint32_t in_view_ = 0;    // matches of the current rule
  uint32_t places_ = 0;     // and its paragraphs
  uint32_t masked_mask_ = kNoMask;
  uint32_t masked_paragraph_ = 0;
};

}  // namespace gatepost::scan
