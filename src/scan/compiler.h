// Sets of expressions to Hyperscan databases: from an authenticated cache, or compiled in children
// with a limit on their time.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/scan/hyperscan.h"

namespace gatepost::scan {

// One database to be: expressions (ids 0, 1, 2...) and whose they are.
struct CompileSet {
  std::vector<HsExpression> expressions;
  std::vector<uint32_t> owners;  // per expression: a rule, or anything the caller can name
};

struct CompileBudget {
  std::string cache_folder;  // "" none
  std::string cache_key;     // "" no cache: a database that anyone could have written is code
  int64_t owner_ms = 0;      // CPU
  uint64_t owner_bytes = 0;
};

struct CompiledSet {
  HsDatabase database;               // not valid with failures, and where all were refused
  std::vector<bool> prefiltered;     // per expression
  std::vector<std::string> refused;  // per expression: the library's words; "" it is in
  struct Failure {
    uint32_t owner;
    std::string message;  // what to do, for a person
  };
  std::vector<Failure> failures;
  double cpu_ms = 0;  // 0: from the cache
};

// In the order of the sets. An expression that Hyperscan refuses is tried as a prefilter, then left
// out. An owner whose expressions alone cost more than the budget is a failure.
std::vector<CompiledSet> CompileSets(const std::vector<CompileSet>& sets,
                                     const CompileBudget& budget);

// HMAC-SHA-256 (hex) of name and content, then the content; what the cache's files hold. Exposed
// for tests.
std::string SealCacheEntry(const std::string& key, const std::string& name,
                           const std::string& content);
// Not found when the seal is wrong.
Result<std::string> OpenCacheEntry(const std::string& key, const std::string& name,
                                   const std::string& file);

}  // namespace gatepost::scan
