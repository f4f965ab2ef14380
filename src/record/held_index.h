// The index over held mail: SQLite beside the files, so that lists and the search for a repeated
// message need not read every file. Can be made anew from the files at any time. Private to the
// room.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/quarantine.h"
#include "src/record/sqlite.h"

namespace gatepost::record {

// What lists show of an entry; UTF-8, addresses in ASCII lower case.
struct HeldLine {
  std::string id, state, category, sender, queue_id, message_id, subject;
  std::string recipients, rules;  // with '\n' between them
  int64_t held_at_ms = 0;
  uint64_t size = 0;
  double score = 0;
};

// Not thread-safe.
class HeldIndex {
 public:
  // *fresh: it holds nothing yet and must be filled from the files.
  static Result<std::unique_ptr<HeldIndex>> Open(const std::string& path, bool* fresh);

  Database* database() { return database_.get(); }
  // Inserts or replaces. Inside a transaction of the caller.
  Status Put(const Held& held);
  Status Remove(const std::string& id);
  // What was put or removed behind *place, which then stands behind it. gone("") comes first where
  // everything known so far is void.
  Status Changes(HeldPlace* place, const std::function<void(const HeldLine&)>& changed,
                 const std::function<void(const std::string& id)>& gone);
  Status Clear();
  Status MarkFilled();
  // Entries in state held with that key, newest first, since since_ms.
  Result<std::vector<std::string>> FindHeld(const std::string& key, int64_t since_ms);
  Result<std::vector<Held>> List(const HeldFilter& filter);

 private:
  Result<int64_t> NextTurn();
  Status Forget(const std::string& id);
  Status ReadChanges(HeldPlace* place, const std::function<void(const HeldLine&)>& changed,
                     const std::function<void(const std::string& id)>& gone);
  explicit HeldIndex(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  std::unique_ptr<Database> database_;
};

}  // namespace gatepost::record
