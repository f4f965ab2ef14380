// Which rule sets have passed all their examples with this very program and engine: an unchanged
// set need not run them again at each start. Kept beside the compiled databases, sealed as they
// are. LIMITS: the last 64 sets. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace gatepost::inspect {

class PassedExamples {
 public:
  // Without folder or key nothing is remembered.
  PassedExamples(std::string cache_folder, std::string cache_key);
  bool Has(const std::string& rules_version) const;
  void Add(const std::string& rules_version) const;

 private:
  std::string Seal(const std::string& rules_version) const;

  std::string path_;
  std::string key_;
};

}  // namespace gatepost::inspect
