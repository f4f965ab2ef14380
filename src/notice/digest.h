// Digests: what was newly held for somebody since the last one, at set times of the day, to the
// recipients and to the clerks of a unit, with signed links where there is a recipients' page.
// LIMITS: 100 entries a digest; the page lists the rest.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/mail/envelope.h"
#include "src/notice/link.h"
#include "src/notice/options.h"
#include "src/notice/queue.h"
#include "src/record/quarantine.h"

namespace gatepost::notice {

// The latest of the set times that is not after now; local time.
int64_t LastDigestTime(const std::vector<int>& minutes, int64_t now_ms);

struct DigestRun {
  const Options& options;
  const mail::Site& site;
  const LinkSigner* signer = nullptr;  // null: no page, no links
  int64_t slot_ms = 0;                 // which digest it is: part of the keys
  int64_t now_ms = 0;
  int64_t expires_ms = 0;  // of its links
};
// One for each recipient of our own domains with something new, one for each clerk. `fresh`: what
// is held, oldest first.
std::vector<Item> Digests(const std::vector<record::Held>& fresh, const DigestRun& run);

// The link for the whole list of somebody, by mail to nobody but him.
Item BoxLink(const mail::Address& reader, const DigestRun& run);
// "https://mail.office.example/m/TOKEN"; "" when it cannot be made.
std::string EntryUrl(const DigestRun& run, const std::string& reader, const std::string& recipient,
                     const record::Held& held);

}  // namespace gatepost::notice
