// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/passed_examples.h"

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/inspect/protocol.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kMostSets = 64;
constexpr size_t kSealSize = 64;

}  // namespace

PassedExamples::PassedExamples(std::string cache_folder, std::string cache_key)
    : path_(cache_folder.empty() || cache_key.empty() ? "" : cache_folder + "/examples-passed"),
      key_(std::move(cache_key)) {}

// Another program may understand the same rules otherwise.
std::string PassedExamples::Seal(const std::string& rules_version) const {
  return HmacSha256Hex(key_, "examples passed\n" + BuildId() + "\n" + rules_version);
}

bool PassedExamples::Has(const std::string& rules_version) const {
  if (path_.empty()) {
    return false;
  }
  const Result<std::string> seals = ReadFile(path_);
  return seals.ok() && seals->find(Seal(rules_version)) != std::string::npos;
}

void PassedExamples::Add(const std::string& rules_version) const {
  if (path_.empty()) {
    return;
  }
  const Result<std::string> known = ReadFile(path_);
  const std::string all = (known.ok() ? *known : "") + Seal(rules_version) + "\n";
  constexpr size_t kMost = kMostSets * (kSealSize + 1);
  // What cannot be written costs time at the next start, nothing else.
  (void)WriteFileDurably(path_, all.size() > kMost ? all.substr(all.size() - kMost) : all).ok();
}

}  // namespace gatepost::inspect
