// What is still to be sent, durably: one file each in STATE/notices/queue, and a line in
// STATE/notices/done-YYYY-MM.jsonl for each that was sent or given up. A key is queued once, ever
// (for two months), so that whoever finds the same reason again may say so again.
// A notice is sent once. The window in which it may be sent twice: after Postfix has said 250, or
// after a connection broke behind the final dot, and before the line is in the file (one fsync);
// both copies bear the same Message-ID.
// LIMITS: 100,000 waiting.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::notice {

struct Item {
  std::string key;      // what it is about: "GP-...:held", one for each reason and reader
  std::string kind;     // as Letter::kind; "command": argv; "check...": look again when it is due
  std::string held_id;  // "" not about one held message
  std::string about;    // of a check: the request
  std::string to;       // an address
  std::string message;  // composed: a retry sends the same bytes
  std::vector<std::string> argv;
  std::string input;  // of a command
  int64_t made_ms = 0;
  int64_t due_ms = 0;
  uint32_t attempts = 0;
  std::string trouble;  // what the last attempt met
};

std::string NoticeFolder(const std::string& state_folder);
// Puts an item into the folder, durably; nothing happens when one with this key lies there. For
// processes that have no Queue. Folders are made when missing.
Status Drop(const std::string& folder, const Item& item);

// Not thread-safe but for Waiting(); one process has it, others may Drop.
class Queue {
 public:
  static Result<std::unique_ptr<Queue>> Open(const std::string& folder);
  // Durable on return. False: its key has been here before.
  Result<bool> Add(const Item& item);
  // Reads what others dropped. Then the items that are due, the oldest first, at most `most`.
  Result<std::vector<Item>> Due(int64_t now_ms, size_t most);
  // It is over; `outcome`: "sent", "refused", "expired", "done". Durable on return.
  Status Finish(const Item& item, const std::string& outcome, const std::string& said,
                int64_t now_ms);
  // Not now; the next time by the number of attempts. False: given up, three days are over.
  Result<bool> Postpone(Item item, const std::string& trouble, int64_t now_ms);

  size_t waiting() const { return waiting_; }
  // The oldest that has failed for more than a minute: why; "" none.
  std::string trouble() const;

 private:
  struct Entry {
    int64_t due_ms = 0, made_ms = 0;
    uint32_t attempts = 0;
    bool check = false;
    std::string trouble;
  };
  explicit Queue(std::string folder) : folder_(std::move(folder)) {}
  Status ReadDone();
  Status LookForNew();
  void Know(const std::string& name, const Item& item);
  void Forget(const std::string& name);
  std::string folder_;
  std::map<std::string, Entry> entries_;  // by file name
  std::set<std::string> done_;            // file names
  std::atomic<size_t> waiting_{0};
};

// What was sent or given up since then, oldest first: {at, outcome, kind, key, held_id, to, said}.
Result<std::vector<Json>> ReadFinished(const std::string& folder, int64_t since_ms);
// What waits, the next first; without texts.
Result<std::vector<Item>> ReadWaiting(const std::string& folder);

}  // namespace gatepost::notice
