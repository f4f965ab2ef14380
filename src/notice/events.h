// What is to be said about one held message, as it stands now: a function of its record and the
// configuration. Whoever changed it, and however often it is looked at: the keys of what comes out
// are the same, and a key is sent once.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/mail/envelope.h"
#include "src/notice/options.h"
#include "src/notice/queue.h"
#include "src/notice/words.h"
#include "src/record/quarantine.h"

namespace gatepost::notice {

// News older than this is not told any more; nobody wants a notice about last month after a disk
// was restored.
constexpr int64_t kNewsMs = 7 * 86'400'000LL;

struct Context {
  const Options& options;
  const mail::Site& site;
  std::vector<std::string> priority;  // addresses and "@domain", lower case
  int64_t now_ms = 0;
};

// Who on the list has sent this or is to get it; "" nobody. An empty list is nobody's.
std::string PriorityPerson(const record::Held& held, const std::vector<std::string>& list);

// May one officer release it at once, to be countersigned later? kInvalid says why not: a virus, a
// marking, or nobody on the list (a file of the configuration; "" none) has sent or is to get it.
Status MayBeUrgent(const record::Held& held, const std::string& priority_list);

// Notices to the sender, alarms for priority people, news of requests, and "check" items that look
// again when a request expires or a countersignature is due.
std::vector<Item> NewsOf(const record::Held& held, const Context& context);
// A check that is due: what is to be said now; nothing where it was settled meanwhile.
std::vector<Item> NewsOfCheck(const Item& check, const record::Held& held, const Context& context);

// A composed item.
Item MakeItem(const std::string& key, const std::string& kind, const mail::Address& to,
              const Text& text, const Options& options, int64_t now_ms);

}  // namespace gatepost::notice
