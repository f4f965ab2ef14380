// What is peculiar to a message: runs of words that good mail does not have. For `gatepost rules new`,
// which begins a rule with them; a person decides. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gatepost::cli {

struct Phrase {
  std::string words;  // as they stand, NFC, single blanks
  std::string line;   // in which they stand
  bool in_subject = false;
};

class PhraseFinder {
 public:
  // The message: its subject, and its text in lines. UTF-8.
  PhraseFinder(std::string_view subject, std::string_view text);
  // One good message's text: phrases that it has are no longer peculiar.
  void AddGood(std::string_view text);
  // At most `most`, the best first, of different lines; phrases of three to five words with ten letters
  // or more. Greetings, numbers, addresses and links make none.
  std::vector<Phrase> Find(size_t most) const;
  // Lines, of good mail first, that have some of the phrases' words but no phrase.
  std::vector<std::string> NearMisses(const std::vector<Phrase>& phrases, size_t most) const;

 private:
  struct Candidate {
    Phrase phrase;
    std::string folded;
    std::vector<std::string> keys;  // its words, folded
    double weight = 0;
    uint32_t good = 0;  // good messages that have it
  };
  void AddLine(const std::string& line, bool in_subject);

  std::vector<Candidate> candidates_;
  std::unordered_map<std::string, std::vector<size_t>> by_folded_;
  std::unordered_map<std::string, uint32_t> good_with_;  // word of a candidate -> good messages
  std::vector<std::string> lines_;
  std::vector<std::string> good_lines_;
  uint32_t good_ = 0;
};

// A word or phrase without accents and case, as rules of form fold see it.
std::string FoldedText(std::string_view text);

}  // namespace gatepost::cli
