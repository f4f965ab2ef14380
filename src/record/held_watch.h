// What has changed in the store of held mail, whoever changed it: the daemon, the command line, the
// console, the recipients' page. A connection of its own to the index, so that nobody who holds
// mail waits for it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

// Not thread-safe.
class HeldWatch {
 public:
  explicit HeldWatch(std::string folder);  // the quarantine's (STATE/held)
  ~HeldWatch();
  HeldWatch(const HeldWatch&) = delete;
  HeldWatch& operator=(const HeldWatch&) = delete;

  // The ids of entries that changed behind *place, which then stands behind them. When all must be
  // read anew (a first time, an index that was made anew): those held since `since_ms`. Nothing
  // while there is no index yet.
  Result<std::vector<std::string>> Changes(HeldPlace* place, int64_t since_ms);
  // As Quarantine::List.
  Result<std::vector<Held>> List(const HeldFilter& filter);
  // Each of them, newest first, read in pieces: a store of a million never lies in memory. Its
  // limit is not looked at.
  Status Each(HeldFilter filter, const std::function<void(Held)>& visit);

 private:
  struct Inside;
  Status Open();
  std::unique_ptr<Inside> inside_;
};

}  // namespace gatepost::record
