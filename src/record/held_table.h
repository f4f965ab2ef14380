// The list of held mail in memory, for people who look at it: every filter, sort and page is one
// walk over plain columns, so that the slowest question costs no more than a million rows do. Fed
// from the index, which other processes go on writing; each question first reads what has changed.
// LIMITS: about 300 bytes an entry; the first reading takes some seconds for a million.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace gatepost::record {

enum class HeldSort : uint8_t { kTime, kSender, kRecipient, kCategory, kState, kSize, kScore };
// False: no such word ("time", "sender", "recipient", "category", "state", "size", "score").
bool HeldSortFromString(std::string_view word, HeldSort* out);

// Whose mail may be seen: one of these is enough. An empty list of either kind: all.
struct HeldScope {
  std::vector<std::string> categories;
  // A recipient in ASCII lower case: an address, or "@domain" for all of a domain.
  std::vector<std::string> recipients;
  bool subjects = false;  // free text may look into subjects
};
// Is that address meant by one of a scope's recipients (or are there none)?
bool InRecipients(const std::vector<std::string>& recipients, std::string_view address);

// As HeldQuery::text looks for texts.
bool ContainsFolded(std::string_view text, std::string_view wanted);

// Empty fields do not restrict. Texts are found anywhere, without regard to case (ASCII, Latin and
// Vietnamese letters).
struct HeldQuery {
  std::vector<HeldScope> scopes;  // none: nothing may be seen
  std::vector<std::string> states, categories;
  std::string sender, recipient, text;
  std::string rule;  // an id, or the beginning of one with '*' behind it
  int64_t since_ms = 0, until_ms = 0;
  HeldSort sort = HeldSort::kTime;
  bool descending = true;
  uint32_t limit = 50;  // 1 to 1,000
  // Where a page begins: an entry's id. The page behind it, or the one that ends before it.
  std::string after, before;
  bool last = false;  // the last page
};

struct HeldRow {
  std::string id, state, category, sender, subject, message_id, queue_id;
  std::vector<std::string> recipients, rules;
  int64_t held_at_ms = 0;
  uint64_t size = 0;
  double score = 0;
};

struct HeldPage {
  std::vector<HeldRow> rows;
  uint64_t total = 0;   // of all pages
  uint64_t before = 0;  // rows in front of this page
};

// Thread-safe: questions wait for each other.
class HeldTable {
 public:
  // folder: the quarantine's (STATE/held). The index is made by whoever holds mail; kNotFound or an
  // empty table as long as there is none.
  explicit HeldTable(std::string folder);
  ~HeldTable();
  HeldTable(const HeldTable&) = delete;
  HeldTable& operator=(const HeldTable&) = delete;

  // Reads what has changed in the index.
  Status Refresh();
  // Refreshes, then answers.
  Result<HeldPage> List(const HeldQuery& query);
  // How many are in that state, by category, within the scopes.
  Result<std::vector<std::pair<std::string, uint64_t>>> Count(const std::vector<HeldScope>& scopes,
                                                              const std::string& state);

 private:
  struct Columns;
  std::unique_ptr<Columns> columns_;
};

}  // namespace gatepost::record
