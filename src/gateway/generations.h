// The generation in force and all that puts another in its place: reload, rollback, consent to a
// package's new rules, a changed list, new signatures. Each is loaded off to the side, kept on
// disk, recorded (who, why, what changes), and only then decides; messages under way keep the one
// they began with. On any failure the present one stays. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/gateway/generation.h"
#include "src/gateway/list_watch.h"
#include "src/gateway/order.h"
#include "src/gateway/packages.h"
#include "src/gateway/shelf.h"
#include "src/record/audit_trail.h"

namespace gatepost::gateway {

// Thread-safe.
class Generations {
 public:
  // Loads the configured generation, or the one that a rollback has put in force, or, when the
  // configured one is broken, the last good one, saying so in the journal.
  // audit: where activations are recorded; must outlive this.
  static Result<std::unique_ptr<Generations>> Open(const Config& config, record::AuditTrail* audit,
                                                   Diagnostics* diagnostics);
  ~Generations();
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  struct Present {
    std::shared_ptr<const Config> config;
    std::shared_ptr<const Generation> generation;
  };
  Present present() const;

  // Each blocks while the new generation loads. *report (may be null) says what came of it:
  // {"number", "versions", "difference", "words", "load_ms", "note"?}.
  // What cannot change in a running daemon (listen, state, log) is reported as a warning. While a
  // rollback is in force only an order that ends it reads the folders; others take over
  // configuration and signatures.
  Status Reload(const Config& config, const Order& order, Diagnostics* diagnostics, Json* report);
  // `which` as Shelf::Find has it.
  Status Rollback(const std::string& which, const Order& order, Json* report);
  // Ids or packs of waiting rules.
  Status Accept(const std::vector<std::string>& what, bool all, const Order& order, Json* report);
  // Somebody has compared these overrides with what they hide (none named: all).
  Status OverridesSeen(const std::vector<std::string>& ids);
  // Reloads when the signature folder holds something new; rules and policy stay as they are.
  void LookAtSignatures();
  // Looks at the list files every second, on a thread of its own, until destroyed.
  void WatchLists();
  // One look; what has changed is in force when it returns. For WatchLists and tests.
  void LookAtLists();

  // For `gatepost status`: generation, rollback, waiting, overrides, stale_lists, last_reload.
  void AddState(Json* state) const;
  size_t stale_lists() const;
  // How often an order of each kind came to a good or a bad end: {"reload": {"ok": n, "failed":
  // n}}.
  std::map<std::string, std::pair<uint64_t, uint64_t>> outcomes() const;

 private:
  Generations(const Config& config, record::AuditTrail* audit);
  Status Begin(const Config& config, Diagnostics* diagnostics);
  // The newest good one on disk that still loads; false: there is none.
  bool BeginWithLastGood(const std::shared_ptr<const Config>& config, uint64_t active);
  // With reloading_ held. files: null for the configured folders.
  Status Activate(std::shared_ptr<const Config> config, const RuleFiles* files, const Order& order,
                  const Json& rollback, Diagnostics* diagnostics, Json* report);
  void Record(const Order& order, const Generation* before, const Generation& after,
              const Json& difference);
  void PutInForce(std::shared_ptr<const Config> config, std::shared_ptr<Generation> generation,
                  const Json& rollback);
  void Count(const std::string& how, bool good);

  Shelf shelf_;
  Packages packages_;
  record::AuditTrail* const audit_;

  std::mutex reloading_;  // one at a time; guards the next two
  ListWatch lists_;
  int64_t lists_taken_at_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  Present present_;
  Json rollback_;
  Json stale_lists_ = Json::array();
  Json overrides_ = Json::array();
  std::string last_reload_ = "none";
  std::string signatures_;  // Engine::FolderVersion of the generation
  std::map<std::string, std::pair<uint64_t, uint64_t>> outcomes_;

  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread watcher_;
};

}  // namespace gatepost::gateway
