// Lists of addresses, domains, file-name endings and words (README: "Lists").
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// A list while it is read. Entries keep their order and spelling for expressions (@NAME).
class WordList : public List {
 public:
  // One entry; a bad one is an error at place.
  void Add(std::string_view entry, const Place& place, Diagnostics* diagnostics);
  // The file format: UTF-8, an entry a line, '#' to the end of the line is a comment (at the
  // start of a line or behind a blank), empty lines do not count.
  void AddFile(const std::string& file, std::string_view content, Diagnostics* diagnostics);

  bool Contains(std::string_view key) const override;
  size_t size() const override { return entries_.size(); }
  const std::vector<std::string>& entries() const override { return entries_; }
  // What no word, domain or address is equal to (LintEntry), and entries that stand there twice, as
  // warnings with their places; at most 50. Entries that are spelled out by @NAME may be anything.
  const std::vector<Diagnostic>& doubtful() const { return doubtful_; }
  // Entries with a blank: they serve as @NAME only, no single word is equal to one.
  size_t phrases() const { return phrases_; }

 private:
  bool ContainsDomain(const std::string& domain) const;

  std::vector<std::string> entries_;
  std::unordered_set<std::string> exact_;     // lower case
  std::unordered_set<std::string> suffixes_;  // ".example.com", lower case
  std::vector<std::string> globs_;            // with '*', lower case
  size_t phrases_ = 0;
  void Doubt(const Place& place, std::string message);
  std::vector<Diagnostic> doubtful_;
};

}  // namespace gatepost::ruleset
