// What loaders tell a person: every problem they find, not the first, each as
// `file:line:column: error|warning: message`, the message saying what to do.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"

namespace gatepost {

struct Place {
  std::string file;
  int line = 0;    // from 1; 0: the file as a whole
  int column = 0;  // from 1
};

struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  Place place;
  std::string message;
  std::string ToString() const;
};

// Collects; owned by the caller of a loader. Not thread-safe.
class Diagnostics {
 public:
  void Error(const Place& place, std::string message);
  void Warning(const Place& place, std::string message);
  bool has_errors() const { return errors_ > 0; }
  const std::vector<Diagnostic>& all() const { return all_; }
  // All errors in one message, a line each; Ok without errors.
  Status ToStatus() const;

 private:
  std::vector<Diagnostic> all_;
  int errors_ = 0;
};

// The candidate nearest to `word` by edit distance when it is near enough to be meant, else "".
std::string Nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace gatepost
