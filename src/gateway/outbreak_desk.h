// Outbreaks: what has spread too far is told to the IT desk (464-QD/TU article 10.5), once when it
// is noticed, then at intervals while it goes on, and when it is over. Known outbreaks are in
// STATE/outbreaks.json, so that a restart tells nothing twice; who was touched comes from the
// decision log alone. Format in README.md.
// LIMITS: 100 outbreaks, the oldest that are over leave first; 5,000 messages of each are named.
// An alert that was taken while we die is told again: twice rather than never.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/gateway/outbreak.h"
#include "src/record/audit_trail.h"
#include "src/record/decision.h"

namespace gatepost::gateway {

struct OutbreakCase {
  std::string id;  // "OB-20261126-204512-7F3K9QZ2"
  Shared::Kind kind = Shared::Kind::kAttachment;
  OutbreakName name;
  std::string what;  // SHA-256 of the attachment, name of the account; "" for a body
  int64_t begun_ms = 0, seen_ms = 0;
  int64_t told_ms = 0;                 // 0: not yet
  uint64_t messages = 0, told_of = 0;  // messages seen, and when it was told last
  uint32_t tellings = 0;
  bool over = false;       // silent for an hour
  bool told_over = false;  // and the desk knows
  std::string trouble;     // why the last telling failed
  std::vector<std::string> decisions;
  // As told last: address to what became of its copy; senders; the attachment's name and type.
  std::map<std::string, std::string> recipients;
  std::set<std::string> senders;
  std::string file, type;
};

const char* ToString(Shared::Kind kind);  // "attachment", "body", "account"
std::string OutbreaksFile(const std::string& state_folder);
// With the recipients; `decisions` and `name` are left out where `brief`.
Json ToJson(const OutbreakCase& one, bool brief);
Result<std::vector<OutbreakCase>> ReadOutbreaks(const std::string& file);
// Fills in who was touched, from the log.
Status FillIn(const std::string& log, OutbreakCase* one);

// Thread-safe.
class OutbreakDesk {
 public:
  // outbreak must outlive it.
  OutbreakDesk(const std::string& state_folder, Outbreak* outbreak);
  // A decision that is logged, and what it shares with others. Cheap: no disk. Nothing of mail with
  // a marking is noted.
  void Note(const OutbreakOptions& options, const record::Decision& decision, const Spread& spread);
  // Tells what is due and keeps the file. To be called every few seconds by one thread; blocks for
  // up to 80 s while mail or command hang.
  void Tend(const Config& config, record::AuditTrail* audit);
  // For `gatepost status`: those that are not over.
  Json State() const;

 private:
  // REQUIRES: mutex_ is held.
  void Open(const Shared& shared, int64_t now_ms);
  Status Tell(const Config& config, record::AuditTrail* audit, OutbreakCase* one);
  const std::string file_;
  Outbreak* const outbreak_;
  mutable std::mutex mutex_;  // guards all below
  std::vector<OutbreakCase> cases_;
  bool changed_ = false;
  int64_t try_again_ms_ = 0;  // steady clock: not before, after a failure
};

}  // namespace gatepost::gateway
