// The good generations kept on disk: rules and policy exactly as they decided, so that a restart
// can live from the last and a person can go back to an earlier one.
//   STATE/generations/blobs/SHA256      contents, each once
//   STATE/generations/NUMBER.json       what a generation is made of; who activated it, when, why
//   STATE/generations/active.json       {"number", "rollback": null | {"at", "who", "why"}}
// LIMITS: kMostKept generations; of those that a changed list made, kMostOfLists.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/ruleset/sources.h"

namespace gatepost::gateway {

// What decides apart from configuration and signatures.
struct RuleFiles {
  ruleset::Sources sources;  // closed
  std::string policy_file;   // as people see it
  std::string policy;        // its content
};

// One writer (the daemon); the command line reads.
class Shelf {
 public:
  static constexpr size_t kMostKept = 10;
  static constexpr size_t kMostOfLists = 2;

  explicit Shelf(const std::string& state_folder) : folder_(state_folder + "/generations") {}

  // Durable on return. The number of the generation with these files: its old one where it is kept
  // already. A content that is not what it was any more is written anew (journal GP2028). `about`:
  // at, how, who, why, versions, difference.
  Result<uint64_t> Put(const RuleFiles& files, const Json& about);
  // kNotFound; kInvalid when a content is not what it was.
  Result<RuleFiles> Get(uint64_t number) const;

  // Last activated first. What cannot be read is left out.
  std::vector<Json> List() const;
  // `which`: a number, or the beginning (4 characters) of a rules version; "" the one activated
  // before the present one. kNotFound says what there is.
  Result<uint64_t> Find(const std::string& which) const;

  struct Active {
    uint64_t number = 0;   // 0: none yet
    Json rollback;         // null: the configured folders decide
    bool damaged = false;  // the file is there and says nothing: number 0, no rollback
  };
  Active active() const;
  Status SetActive(const Active& active);

 private:
  std::string Path(uint64_t number) const;
  Result<std::string> PutBlob(const std::string& content) const;
  Result<std::string> GetBlob(const Json& digest) const;
  void Clear(uint64_t keep) const;

  std::string folder_;
};

}  // namespace gatepost::gateway
