// How many got, or sent, the same content lately: the fact outbreak.count (464-QD/TU article 10.5,
// danger of mass spreading), and what an alert is made of. Counted in memory; a restart forgets.
// LIMITS: 2,048 contents and 65,536 parties and messages at a time, the oldest leave first; a count
// stops at 1,000. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/inspect/findings.h"
#include "src/mail/envelope.h"

namespace gatepost::gateway {

// One thing that a message shares with others: an attachment (one number), the shape of its body
// (eight, ascending), the account of ours that sent it (one). Keyed digests.
using OutbreakName = std::vector<uint64_t>;

struct Shared {
  enum class Kind : uint8_t { kAttachment, kBody, kAccount };
  Kind kind = Kind::kAttachment;
  OutbreakName name;
  std::string what;  // the attachment's SHA-256, the account's name; "" for a body
  // Different ones within the window, this message's included.
  uint64_t senders = 0, recipients = 0;
};

struct Spread {
  uint64_t most = 0;  // outbreak.count; accounts do not count
  std::vector<Shared> all;
};

// Thread-safe.
class Outbreak {
 public:
  static constexpr int64_t kWindowMs = 3'600'000;

  // key: of this site; contents and parties are kept as keyed digests only.
  explicit Outbreak(std::string key);
  ~Outbreak();
  Outbreak(const Outbreak&) = delete;
  Outbreak& operator=(const Outbreak&) = delete;

  // Counts this message in: for each attachment (by its bytes; pictures, calendars, cards and
  // signatures are left out, because every letter of an office has its logo) and for its body (by
  // likeness) the different recipients and the different senders within the window; for an account
  // of ours its different recipients. Spread::most is the highest of these numbers without
  // accounts; 0 when nothing of the message can be recognised. The same message again (a retry)
  // changes no number. Takes body.likeness out of the facts: it is nobody else's business.
  Spread Count(const mail::Envelope& envelope, const std::string& decision_id,
               inspect::Findings* findings);
  // The decisions that had it within the window, the oldest first, at most 1,000.
  std::vector<std::string> Decisions(const OutbreakName& name);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// Are they the same, or (bodies) nearly?
bool SameContent(const OutbreakName& a, const OutbreakName& b);

}  // namespace gatepost::gateway
