// Kept mail: a sample of what was accepted, for `gatepost rules replay`. Off unless the
// configuration asks for it. Format and consequences in README.md.
// LIMITS: best effort; a crash may lose what was kept last, and never touches a decision.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/decision.h"

namespace gatepost::record {

struct KeepOptions {
  double sample = 0;            // share of accepted mail, 0 to 1; 0: off
  int64_t for_ms = 0;           // then it is removed
  uint64_t bytes = 1ULL << 30;  // all kept mail together; above it the oldest is removed
};

// Is this mail one that may be kept at all: delivered to everybody, read to its end, nothing found
// in it that must not lie around (a marking or the suspicion of one, a virus, an encrypted part).
bool MayBeKept(const Decision& decision);
// The same digest is always in the sample or always out of it, so a letter to many is one case.
bool InSample(const std::string& sha256, double sample);

struct KeptMessage {
  std::string id;
  std::string file;  // its bytes
  mail::Envelope envelope;
};

// Thread-safe; one process writes.
class KeptMail {
 public:
  // STATE/kept, made at the first need with mode 0700.
  explicit KeptMail(const std::string& state_folder) : folder_(state_folder + "/kept") {}
  // Keeps a copy when the mail may be kept and is in the sample, and removes what is too old or
  // too much. With sample 0 everything that was kept is removed.
  Status Keep(const KeepOptions& options, const Decision& decision, int message_fd);
  // Removes what is too old or too much; looks at most once a minute.
  Status Tidy(const KeepOptions& options, int64_t now_ms);

 private:
  struct Entry {
    std::string path;  // without extension
    int64_t at_ms = 0;
    uint64_t bytes = 0;
  };
  void Load();
  void Remove(size_t count);

  const std::string folder_;
  std::mutex mutex_;  // guards all below
  bool loaded_ = false;
  std::vector<Entry> entries_;  // oldest first
  uint64_t bytes_ = 0;
  int64_t tidied_at_ms_ = 0;
};

// Oldest first; what cannot be read is left out.
Result<std::vector<KeptMessage>> ListKept(const std::string& state_folder, int64_t since_ms);

}  // namespace gatepost::record
