// The index over held mail: SQLite beside the files, so that lists and the search for a repeated
// message need not read every file. Can be made anew from the files at any time. Private to the
// room.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/quarantine.h"
#include "src/record/sqlite.h"

namespace gatepost::record {

// Not thread-safe.
class HeldIndex {
 public:
  // *fresh: it holds nothing yet and must be filled from the files.
  static Result<std::unique_ptr<HeldIndex>> Open(const std::string& path, bool* fresh);

  Database* database() { return database_.get(); }
  // Inserts or replaces. Inside a transaction of the caller.
  Status Put(const Held& held);
  Status Remove(const std::string& id);
  Status Clear();
  Status MarkFilled();
  // Entries in state held with that key, newest first, since since_ms.
  Result<std::vector<std::string>> FindHeld(const std::string& key, int64_t since_ms);
  Result<std::vector<Held>> List(const HeldFilter& filter);

 private:
  explicit HeldIndex(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  std::unique_ptr<Database> database_;
};

}  // namespace gatepost::record
