// The door to Hyperscan: sets of expressions to databases, texts to end offsets. Nothing of hs.h
// shows through.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost::scan {

// One expression of a set. `^` and `$` are the edges of lines (MULTILINE), `.` ends at '\n'.
struct HsExpression {
  std::string text;
  uint32_t id = 0;
  bool utf8 = false;
  bool caseless = false;
  bool prefilter = false;  // reports a superset of the places
};

// What the library could not do with a set.
struct HsFailure {
  int index = -1;  // into the set; -1: the set as a whole
  std::string message;
};

struct HsDatabaseFree {
  void operator()(void* database) const;
};

// A compiled set. Immutable, shareable.
class HsDatabase {
 public:
  HsDatabase() = default;
  // One call of hs_compile_multi. Takes from milliseconds to minutes: see compiler.h. On failure
  // *failure says which expression.
  static Result<HsDatabase> Compile(const std::vector<HsExpression>& set, HsFailure* failure);
  // Does the library know what the expression is made of? Quick; a compilation may still fail.
  static Status Check(const HsExpression& expression);
  // Of this library's version and platform only; anything else is an error, but a blob that was
  // tampered with is not detected: authenticate it first.
  static Result<HsDatabase> Deserialize(Bytes blob);
  Result<std::string> Serialize() const;
  bool valid() const { return database_ != nullptr; }
  size_t bytes() const;

 private:
  friend class HsScratch;
  std::unique_ptr<void, HsDatabaseFree> database_;
};

// Working memory of one thread for any number of databases.
class HsScratch {
 public:
  HsScratch();
  ~HsScratch();
  HsScratch(const HsScratch&) = delete;
  HsScratch& operator=(const HsScratch&) = delete;
  // Before the first Scan of a database.
  Status Prepare(const HsDatabase& database);
  // Calls on_match(context, id, end) for every match's end offset, in no promised order. Ids whose
  // expressions have HS_FLAG_UTF8 need well-formed UTF-8. False: the library failed.
  using OnMatch = void (*)(void* context, uint32_t id, uint64_t end);
  bool Scan(const HsDatabase& database, Bytes text, OnMatch on_match, void* context);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "5.4.0 2021-01-26", with what the processor offers: what a compiled database depends on.
std::string HsVersionAndPlatform();

}  // namespace gatepost::scan
