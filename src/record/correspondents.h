// Who wrote to us: outside addresses whose mail to one of ours was delivered, for 90 days, so that
// an answer is not taken for unasked mail. Only a keyed hash of each pair is kept.
// LIMITS: a power cut may lose the newest pairs (an answer is then held, never the other way).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/mail/address.h"

namespace gatepost::record {

// Thread-safe; several processes may have it open. Neither method waits for the disk.
class Correspondents {
 public:
  // Writes what is still in memory.
  ~Correspondents();
  // folder: the house's state; correspondents.sqlite and its key are made there when missing. A
  // damaged file is put aside and begun anew.
  static Result<std::unique_ptr<Correspondents>> Open(const std::string& folder);
  void Remember(const mail::Address& outside, const mail::Address& ours, int64_t at_ms);
  // Did `outside` write to `ours` in the 90 days before at_ms? False in doubt.
  bool Knows(const mail::Address& outside, const mail::Address& ours, int64_t at_ms);

 private:
  struct Store;
  explicit Correspondents(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace gatepost::record
