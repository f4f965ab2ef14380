// LIMITS: a changed list is taken over at most every two seconds.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/generations.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/gateway/difference.h"
#include "src/gateway/settings.h"
#include "src/virus/engine.h"

namespace gatepost::gateway {

namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr int64_t kListsEveryMs = 2'000;

Json ToJson(const record::Generation& versions) {
  return {{"number", versions.number},
          {"rules", versions.rules},
          {"policy", versions.policy},
          {"antivirus", versions.antivirus}};
}

Compared AsCompared(const Generation* generation) {
  if (generation == nullptr) {
    return {};
  }
  return {generation->inspector->rules().get(), generation->policy.get(), generation->versions};
}

std::string Short(const std::string& version) { return version.substr(0, 12); }

}  // namespace

Generations::Generations(const Config& config, record::AuditTrail* audit)
    : shelf_(config.state), packages_(config.state), audit_(audit) {}

Generations::~Generations() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (watcher_.joinable()) {
    watcher_.join();
  }
}

Result<std::unique_ptr<Generations>> Generations::Open(const Config& config,
                                                       record::AuditTrail* audit,
                                                       Diagnostics* diagnostics) {
  std::unique_ptr<Generations> all(new Generations(config, audit));  // NOLINT: private constructor
  GATEPOST_RETURN_IF_ERROR(all->Begin(config, diagnostics));
  Order start;
  start.how = "start";
  TellOfSettings(config, start, audit);
  return all;
}

Status Generations::Begin(const Config& config, Diagnostics* diagnostics) {
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  const auto shared = std::make_shared<const Config>(config);
  const Shelf::Active active = shelf_.active();
  if (active.damaged) {
    Journal(Loudness::kError, "GP2029",
            "which generation was in force cannot be read, nor whether a rollback was: the "
            "configured folders decide",
            {{"file", config.state + "/generations/active.json"}});
  }
  Order order;
  order.how = "start";
  Status status;
  if (!active.rollback.is_null()) {
    const Result<RuleFiles> files = shelf_.Get(active.number);
    status = files.ok() ? Activate(shared, &*files, order, active.rollback, diagnostics, nullptr)
                        : files.status();
    if (status.ok()) {
      Journal(Loudness::kWarning, "GP2021",
              "a rollback is in force: the rules and the policy of an earlier generation decide; "
              "'gatepost rules rollback --off' ends it",
              {{"generation", std::to_string(active.number)}});
      return {};
    }
    Journal(Loudness::kError, "GP2022",
            "the generation of the rollback cannot be loaded: the configured folders decide",
            {{"generation", std::to_string(active.number)}, {"reason", status.message()}});
  }
  status = Activate(shared, nullptr, order, nullptr, diagnostics, nullptr);
  if (status.ok()) {
    return {};
  }
  if (!BeginWithLastGood(shared, active.number)) {
    return status;
  }
  Journal(Loudness::kError, "GP2011",
          "the configured rules or policy are broken: starting with the LAST GOOD generation; "
          "run 'gatepost check'",
          {{"reason", status.message()}});
  const std::lock_guard<std::mutex> lock(mutex_);
  last_reload_ = "failed: " + status.message();
  return {};
}

bool Generations::BeginWithLastGood(const std::shared_ptr<const Config>& config, uint64_t active) {
  std::vector<uint64_t> numbers;
  if (active != 0) {
    numbers.push_back(active);
  }
  for (const Json& one : shelf_.List()) {
    if (const auto number = one["number"].get<uint64_t>(); number != active) {
      numbers.push_back(number);
    }
  }
  Order order;
  order.how = "last-good";
  for (const uint64_t number : numbers) {
    const Result<RuleFiles> files = shelf_.Get(number);
    Diagnostics ignored;  // of the last good one; what is broken now is what matters
    const Status status =
        files.ok() ? Activate(config, &*files, order, nullptr, &ignored, nullptr) : files.status();
    if (status.ok()) {
      return true;
    }
    Journal(Loudness::kError, "GP2029",
            "a kept generation is damaged or does not load: the one before it is tried",
            {{"generation", std::to_string(number)}, {"reason", status.message()}});
  }
  return false;
}

Generations::Present Generations::present() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return present_;
}

void Generations::Record(const Order& order, const Generation* before, const Generation& after,
                         const Json& difference) {
  record::AuditEvent event;
  event.kind = record::AuditKind::kRuleChange;
  event.actor = InWords(order.who, "gatepostd");
  event.via = order.who.contains("user") ? "cli" : "gatepostd";
  event.reason = order.why;
  const record::Generation none;
  const record::Generation& from = before == nullptr ? none : before->versions;
  const record::Generation& to = after.versions;
  event.details = {{"how", order.how},
                   {"from", std::to_string(from.number)},
                   {"to", std::to_string(to.number)},
                   {"difference", InWords(difference)},
                   {"rules", to.rules},
                   {"policy", to.policy},
                   {"antivirus", to.antivirus},
                   {"rules_before", from.rules},
                   {"policy_before", from.policy},
                   {"antivirus_before", from.antivirus}};
  if (const Status recorded = audit_->Append(event); !recorded.ok()) {
    Journal(Loudness::kError, "GP2024", "an activation could not be recorded",
            {{"reason", recorded.message()}});
  }
}

Status Generations::Activate(std::shared_ptr<const Config> config, const RuleFiles* files,
                             const Order& order, const Json& rollback, Diagnostics* diagnostics,
                             Json* report) {
  const std::shared_ptr<const Generation> before = present().generation;
  // Looked at before the load: what comes meanwhile is then found by the next look.
  const std::string signatures = virus::Engine::FolderVersion(config->antivirus.database);
  Result<std::shared_ptr<const Generation>> loaded =
      Generation::Load(*config, diagnostics, files, before.get());
  Count(order.how, loaded.ok());
  if (!loaded.ok()) {
    return loaded.status();
  }
  auto next = std::make_shared<Generation>(**loaded);
  loaded = Status::Internal("moved");
  if (!rollback.is_null()) {
    next->loaded_from = "rollback";
  } else if (order.how == "last-good") {
    next->loaded_from = "last good generation";
  }
  const Json difference = DifferenceOf(AsCompared(before.get()), AsCompared(next.get()));
  Json about = {{"at", Rfc3339(NowUnixMs())},
                {"how", order.how},
                {"who", order.who},
                {"why", order.why},
                {"versions", ToJson(next->versions)},
                {"rules", next->inspector->rules()->rules().size()},
                {"difference", difference}};
  const uint64_t last = shelf_.active().number;
  const Result<uint64_t> number = shelf_.Put(next->files, about);
  if (number.ok()) {
    next->versions.number = *number;
  } else {
    Journal(Loudness::kWarning, "GP2010", "this generation could not be kept for later",
            {{"reason", number.status().message()}});
  }
  // A start with what decided before the stop is no activation, nor is one that nobody ordered and
  // that changes nothing.
  const bool told = before == nullptr ? next->versions.number != last || last == 0
                                      : !difference.empty() || order.who.contains("user");
  if (told) {
    Record(order, before.get(), *next, difference);
  }
  if (report != nullptr) {
    (*report)["number"] = next->versions.number;
    (*report)["versions"] = ToJson(next->versions);
    (*report)["difference"] = difference;
    (*report)["words"] = InWords(difference);
    (*report)["load_ms"] = next->inspector->state().load_ms;
  }
  if (before != nullptr) {
    Journal(Loudness::kNotice, "GP2013", "reloaded",
            {{"generation", std::to_string(next->versions.number)},
             {"how", order.how},
             {"who", InWords(order.who, "daemon")},
             {"why", order.why},
             {"difference", InWords(difference)},
             {"rules", Short(next->versions.rules)},
             {"policy", Short(next->versions.policy)},
             {"antivirus", Short(next->versions.antivirus)}});
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    signatures_ = signatures;
  }
  PutInForce(std::move(config), std::move(next), rollback);
  return {};
}

void Generations::PutInForce(std::shared_ptr<const Config> config,
                             std::shared_ptr<Generation> generation, const Json& rollback) {
  const std::shared_ptr<const ruleset::RuleSet> rules = generation->inspector->rules();
  if (rollback.is_null() && generation->loaded_from == "configuration") {
    if (const Status learnt = packages_.Learn(*rules, generation->files.sources); !learnt.ok()) {
      Journal(Loudness::kWarning, "GP2025", "what is known of the packages could not be kept",
              {{"reason", learnt.message()}});
    }
  }
  Json overrides = Json::array();
  for (const Override& one : packages_.OverridesOf(*rules)) {
    if (one.changed) {
      overrides.push_back(one.rule.id);
    }
  }
  if (generation->versions.number != 0) {
    if (const Status kept = shelf_.SetActive({generation->versions.number, rollback}); !kept.ok()) {
      Journal(Loudness::kWarning, "GP2010", "this generation could not be kept for later",
              {{"reason", kept.message()}});
    }
  }
  lists_.Begin(rules->list_files(), generation->files.sources, !rollback.is_null());
  Present previous{std::move(config), std::move(generation)};
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // The old one leaves when the last message under way lets go of it.
    std::swap(present_, previous);
    rollback_ = rollback;
    overrides_ = std::move(overrides);
    stale_lists_ = lists_.Stale();
    last_reload_ = "ok at " + Rfc3339(NowUnixMs());
  }
}

Status Generations::Reload(const Config& config, const Order& order, Diagnostics* diagnostics,
                           Json* report) {
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  const Present now = present();
  auto next = std::make_shared<Config>(config);
  const auto keep = [&](const char* key, const std::string& running, std::string* wanted) {
    if (*wanted != running) {
      diagnostics->Warning(
          {config.file, 0, 0},
          std::string("'") + key + "' changes only with a restart; still " + running);
      *wanted = running;
    }
  };
  keep("listen", now.config->listen, &next->listen);
  keep("state", now.config->state, &next->state);
  keep("log", now.config->log, &next->log);
  Json rollback;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    rollback = rollback_;
  }
  const bool stays = !rollback.is_null() && !order.ends_rollback();
  const Status status = Activate(next, stays ? &now.generation->files : nullptr, order,
                                 stays ? rollback : Json(), diagnostics, report);
  if (!status.ok()) {
    Journal(Loudness::kError, "GP2012", "reload failed: the present generation stays",
            {{"reason", status.message()}});
    const std::lock_guard<std::mutex> lock(mutex_);
    last_reload_ = "failed: " + status.message();
    return status;
  }
  TellOfSettings(*next, order, audit_);
  if (stays) {
    diagnostics->Warning({config.file, 0, 0},
                         "a rollback is in force: configuration and signatures were loaded anew, "
                         "rules and policy stay; 'gatepost rules rollback --off' ends it");
  } else if (!rollback.is_null() && report != nullptr) {
    (*report)["note"] = "the rollback to generation " +
                        std::to_string(now.generation->versions.number) + " (" +
                        rollback.value("why", "") + ") has ended";
  }
  return {};
}

Status Generations::Rollback(const std::string& which, const Order& order, Json* report) {
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  const Present now = present();
  GATEPOST_ASSIGN_OR_RETURN(const uint64_t number, shelf_.Find(which));
  GATEPOST_ASSIGN_OR_RETURN(const RuleFiles files, shelf_.Get(number));
  const Json rollback = {{"at", Rfc3339(NowUnixMs())}, {"who", order.who}, {"why", order.why}};
  Diagnostics diagnostics;
  const Status status = Activate(now.config, &files, order, rollback, &diagnostics, report);
  if (!status.ok()) {
    return Status(status.code(), "generation " + std::to_string(number) +
                                     " does not load, the present one stays: " + status.message());
  }
  return {};
}

Status Generations::Accept(const std::vector<std::string>& what, bool all, const Order& order,
                           Json* report) {
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  const Present now = present();
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> accepted,
                            packages_.Accept(*now.generation->inspector->rules(), what, all));
  if (report != nullptr) {
    (*report)["accepted"] = accepted;
  }
  if (accepted.empty()) {
    return {};
  }
  Json rollback;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    rollback = rollback_;
  }
  if (!rollback.is_null()) {
    if (report != nullptr) {
      (*report)["note"] = "a rollback is in force; accepted for when it ends";
    }
    return {};
  }
  // Nothing but the consent changes, whatever lies in the folders by now.
  RuleFiles files = now.generation->files;
  files.sources.SetKnownRules(packages_.known());
  Diagnostics diagnostics;
  return Activate(now.config, &files, order, nullptr, &diagnostics, report);
}

Status Generations::OverridesSeen(const std::vector<std::string>& ids) {
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  const std::shared_ptr<const ruleset::RuleSet> rules = present().generation->inspector->rules();
  GATEPOST_RETURN_IF_ERROR(packages_.Looked(*rules, ids));
  Json changed = Json::array();
  for (const Override& one : packages_.OverridesOf(*rules)) {
    if (one.changed) {
      changed.push_back(one.rule.id);
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  overrides_ = std::move(changed);
  return {};
}

void Generations::LookAtSignatures() {
  std::string known;
  Json rollback;
  Present now;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    now = present_;
    known = signatures_;
  }
  if (now.config->antivirus.need == inspect::AntivirusOptions::Need::kOff ||
      virus::Engine::FolderVersion(now.config->antivirus.database) == known) {
    return;
  }
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    now = present_;
    rollback = rollback_;
  }
  Order order;
  order.how = "signatures";
  order.why = "the signature folder has changed";
  Diagnostics diagnostics;
  // Rules that somebody is just editing are none of its business.
  const Status status =
      Activate(now.config, &now.generation->files, order, rollback, &diagnostics, nullptr);
  if (!status.ok()) {
    Journal(Loudness::kError, "GP2012", "reload failed: the present generation stays",
            {{"reason", status.message()}});
    const std::lock_guard<std::mutex> lock(mutex_);
    last_reload_ = "failed: " + status.message();
    // Do not try the same broken folder again and again.
    signatures_ = virus::Engine::FolderVersion(now.config->antivirus.database);
  }
}

void Generations::LookAtLists() {
  const std::lock_guard<std::mutex> one_at_a_time(reloading_);
  if (SteadyMs() - lists_taken_at_ < kListsEveryMs) {
    return;
  }
  const std::vector<ListWatch::Changed> changed = lists_.Look();
  if (!changed.empty()) {
    lists_taken_at_ = SteadyMs();
    const Present now = present();
    Json rollback;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      rollback = rollback_;
    }
    Order order;
    order.how = "lists";
    RuleFiles files = now.generation->files;
    for (const ListWatch::Changed& one : changed) {
      order.why += (order.why.empty() ? "changed: " : ", ") + one.file.path;
      files.sources.Replace(one.file.folder, one.file.relative, one.content);
    }
    Diagnostics diagnostics;
    const Status status = Activate(now.config, &files, order, rollback, &diagnostics, nullptr);
    if (!status.ok()) {
      lists_.Refused(changed, status.message());
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  stale_lists_ = lists_.Stale();
}

void Generations::WatchLists() {
  watcher_ = std::thread([this] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // they are the main thread's
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stop_.wait_for(lock, kLookEvery, [this] { return stopping_; })) {
      lock.unlock();
      try {
        LookAtLists();
      } catch (const std::exception& error) {
        Journal(Loudness::kError, "GP2012", "reload failed: the present generation stays",
                {{"reason", error.what()}});
      }
      lock.lock();
    }
  });
}

void Generations::Count(const std::string& how, bool good) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++(good ? outcomes_[how].first : outcomes_[how].second);
}

std::map<std::string, std::pair<uint64_t, uint64_t>> Generations::outcomes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return outcomes_;
}

size_t Generations::stale_lists() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stale_lists_.size();
}

void Generations::AddState(Json* state) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Generation& now = *present_.generation;
  const ruleset::RuleSet& rules = *now.inspector->rules();
  Json generation = ToJson(now.versions);
  generation["from"] = now.loaded_from;
  generation["loaded_at"] = Rfc3339(now.loaded_at_ms);
  generation["rule_count"] = rules.rules().size();
  (*state)["generation"] = std::move(generation);
  (*state)["rollback"] = rollback_;
  Json waiting = Json::array();
  for (const ruleset::Rule& rule : rules.rules()) {
    if (rule.arrived) {
      waiting.push_back(rule.id);
    }
  }
  (*state)["waiting_rules"] = std::move(waiting);
  (*state)["overrides"] = {{"count", rules.hidden().size()}, {"changed", overrides_}};
  (*state)["stale_lists"] = stale_lists_;
  (*state)["last_reload"] = last_reload_;
}

}  // namespace gatepost::gateway
