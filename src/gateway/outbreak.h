// How many got, or sent, the same content lately: the fact outbreak.count (464-QD/TU article 10.5,
// danger of mass spreading). Counted in memory; a restart forgets.
// LIMITS: 2,048 contents and 65,536 parties at a time, the oldest leave first; a count stops at
// 1,000. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/inspect/findings.h"
#include "src/mail/envelope.h"

namespace gatepost::gateway {

// Thread-safe.
class Outbreak {
 public:
  static constexpr int64_t kWindowMs = 3'600'000;

  // key: of this process or site; contents and parties are kept as keyed digests only.
  explicit Outbreak(std::string key);
  ~Outbreak();
  Outbreak(const Outbreak&) = delete;
  Outbreak& operator=(const Outbreak&) = delete;

  // Counts this message in: for each attachment (by its bytes; pictures, calendars, cards and
  // signatures are left out, because every letter of an office has its logo) and for its body (by
  // likeness) the different recipients and the different senders within the window. The highest of
  // these numbers; 0 when nothing of the message can be recognised. The same message again (a
  // retry) changes nothing. Takes body.likeness out of the facts: it is nobody else's business.
  uint64_t Count(const mail::Envelope& envelope, inspect::Findings* findings);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace gatepost::gateway
