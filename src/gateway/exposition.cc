// SPDX-License-Identifier: GPL-2.0-or-later
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>

#include "src/base/clock.h"
#include "src/gateway/counters.h"
#include "src/gateway/generations.h"
#include "src/gateway/metrics.h"

namespace gatepost::gateway {

namespace {

constexpr int64_t kDeadMs = 30LL * 86'400'000;

using Labels = std::vector<std::pair<const char*, std::string>>;

class Page {
 public:
  // Begins a family; the values that follow are its.
  Page& Counter(const char* name, const char* help) {
    return Begin(name, help, prometheus::MetricType::Counter);
  }
  Page& Gauge(const char* name, const char* help) {
    return Begin(name, help, prometheus::MetricType::Gauge);
  }
  // Counts up to 2^53 are exact.
  template <typename Number>
  Page& Value(Number number, const Labels& labels = {}) {
    prometheus::ClientMetric metric;
    for (const auto& [name, text] : labels) {
      metric.label.push_back({name, text});
    }
    metric.counter.value = static_cast<double>(number);
    metric.gauge.value = metric.counter.value;
    families_.back().metric.push_back(std::move(metric));
    return *this;
  }
  void Histogram(const char* name, const char* help, const Tally::Times& times) {
    Begin(name, help, prometheus::MetricType::Histogram);
    prometheus::ClientMetric metric;
    metric.histogram.sample_count = times.count;
    metric.histogram.sample_sum = times.sum;
    uint64_t below = 0;
    for (size_t i = 0; i < Tally::kBounds.size(); ++i) {
      below += times.buckets[i];
      metric.histogram.bucket.push_back({below, Tally::kBounds[i]});
    }
    families_.back().metric.push_back(std::move(metric));
  }
  std::string ToString() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  Page& Begin(const char* name, const char* help, prometheus::MetricType type) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    families_.push_back(std::move(family));
    return *this;
  }

  std::vector<prometheus::MetricFamily> families_;
};

void AddMessages(const Tally& tally, Page* page) {
  page->Counter("gatepost_messages_total", "Messages decided, by what the SMTP client was told.");
  for (const char* action : {"accept", "tag", "quarantine", "reject", "defer"}) {
    const auto found = tally.messages.find(action);
    page->Value(found == tally.messages.end() ? 0 : found->second, {{"action", action}});
  }
  page->Counter("gatepost_recipients_total", "Recipients, by what became of their copy.");
  for (const auto& [key, count] : tally.recipients) {
    page->Value(count, {{"action", key[0]}, {"direction", key[1]}});
  }
  page->Counter("gatepost_clause_recipients_total", "Recipients, by the clause that decided.");
  for (const auto& [key, count] : tally.clauses) {
    page->Value(count, {{"clause", key[0]}, {"action", key[1]}});
  }
  page->Counter("gatepost_shadow_clause_recipients_total",
                "Recipients for whom a clause in shadow would have decided otherwise.");
  for (const auto& [clause, count] : tally.shadow_clauses) {
    page->Value(count, {{"clause", clause}});
  }
  page->Counter("gatepost_unscannable_total", "Things that could not be read, by reason.");
  for (const auto& [reason, count] : tally.unscannable) {
    page->Value(count, {{"reason", reason}});
  }
  page->Counter("gatepost_defects_total", "Oddities of messages, by grade.");
  for (const auto& [grade, count] : tally.defects) {
    page->Value(count, {{"grade", grade}});
  }
  const auto infections = tally.infections.find("found");
  page->Counter("gatepost_infections_total", "Infections found.")
      .Value(infections == tally.infections.end() ? 0 : infections->second);
  page->Counter("gatepost_message_bytes_total", "Bytes of the messages decided.")
      .Value(tally.bytes);
  page->Histogram("gatepost_message_seconds",
                  "From the end of a message to its answer, hold and log included.", tally.times);
  page->Counter("gatepost_stage_seconds_total", "Time spent, by stage of the inspection.");
  for (const auto& [stage, seconds] : tally.stage_seconds) {
    page->Value(seconds, {{"stage", stage}});
  }
}

void AddTimes(const Tally& tally, const ruleset::RuleSet& rules, Page* page) {
  page->Counter("gatepost_rule_seconds_total",
                "Time that a rule of the present set took by itself (PCRE2, lists, conditions), by "
                "messages that stand for all; anew when it is changed.");
  for (const ruleset::Rule& rule : rules.rules()) {
    const auto found = tally.rules.find(rule.id);
    page->Value(found == tally.rules.end() ? 0 : found->second.seconds,
                {{"rule", rule.id}, {"pack", rule.pack}});
  }
  page->Counter("gatepost_scan_seconds_total",
                "Time of what rules share, words and Hyperscan's databases, by messages that stand "
                "for all; anew when rules change.");
  for (const auto& [database, seconds] : tally.shared_seconds) {
    page->Value(seconds, {{"database", database}});
  }
  page->Counter("gatepost_measured_messages_total", "Messages from which these times are.")
      .Value(tally.measured);
}

void AddRules(const Tally& tally, const ruleset::RuleSet& rules, Page* page) {
  size_t enforced = 0;
  size_t waiting = 0;
  uint64_t dead = 0;
  const int64_t now = NowUnixMs();
  page->Counter("gatepost_rule_hits_total",
                "Messages in which a rule of the present set hit, kept over restarts.");
  for (const ruleset::Rule& rule : rules.rules()) {
    const bool enforces = rule.mode == ruleset::Mode::kEnforce;
    enforced += enforces ? 1 : 0;
    waiting += rule.arrived ? 1 : 0;
    const auto found = tally.rules.find(rule.id);
    const RuleCount count = found == tally.rules.end() ? RuleCount() : found->second;
    dead += now - std::max({count.last_ms, count.known_ms, tally.since_ms}) > kDeadMs ? 1 : 0;
    // One line a rule; a second only for one that was in both modes.
    if (enforces || count.enforced > 0) {
      page->Value(count.enforced, {{"rule", rule.id}, {"pack", rule.pack}, {"mode", "enforce"}});
    }
    if (!enforces || count.shadow > 0) {
      page->Value(count.shadow, {{"rule", rule.id}, {"pack", rule.pack}, {"mode", "shadow"}});
    }
  }
  AddTimes(tally, rules, page);
  page->Gauge("gatepost_rules", "Rules of the present set, by mode.")
      .Value(enforced, {{"mode", "enforce"}})
      .Value(rules.rules().size() - enforced, {{"mode", "shadow"}});
  page->Gauge("gatepost_rules_waiting", "New rules of packages that nobody has accepted yet.")
      .Value(waiting);
  page->Gauge("gatepost_rules_dead", "Rules without a hit in 30 days.").Value(dead);
}

void AddWorkers(const inspect::Inspector::State& state, Page* page) {
  page->Gauge("gatepost_workers", "Worker processes of the present generation.")
      .Value(state.busy, {{"state", "busy"}})
      .Value(state.workers - std::min(state.workers, state.busy), {{"state", "free"}});
  page->Gauge("gatepost_queue_messages", "Messages that wait for a worker.").Value(state.waiting);
  page->Gauge("gatepost_generation_worker_ends",
              "Workers of the present generation that ended, by reason.")
      .Value(state.crashed, {{"reason", "crashed"}})
      .Value(state.timed_out, {{"reason", "timed-out"}})
      .Value(state.recycled, {{"reason", "recycled"}});
}

}  // namespace

std::string Exposition(const Gateway& gateway, const Outside& outside,
                       const std::vector<HeldCount>& held) {
  const Generations::Present now = gateway.generations()->present();
  const inspect::Inspector::State state = now.generation->inspector->state();
  const Tally tally = gateway.counters().tally();
  const double seconds = static_cast<double>(NowUnixMs()) / 1000;
  Page page;
  page.Gauge("gatepost_info", "Constant 1; the labels say what is in force.")
      .Value(1.0, {{"version", GATEPOST_VERSION},
                   {"rules", now.generation->versions.rules.substr(0, 12)},
                   {"policy", now.generation->versions.policy.substr(0, 12)},
                   {"mode", now.config->observe ? "observe" : "enforce"}});
  AddMessages(tally, &page);
  AddRules(tally, *now.generation->inspector->rules(), &page);
  AddWorkers(state, &page);
  page.Gauge("gatepost_spool_bytes", "Bytes of messages under way.")
      .Value(outside.spool_bytes ? outside.spool_bytes() : 0);
  page.Gauge("gatepost_log_on_reserve", "1 while the decision log lives on its reserve.")
      .Value(gateway.log_on_reserve() ? 1.0 : 0.0);
  page.Gauge("gatepost_held_messages", "Mail in the quarantine, by category and state.");
  for (const HeldCount& one : held) {
    page.Value(one.count, {{"category", one.category}, {"state", one.state}});
  }
  page.Gauge("gatepost_generation_number", "As 'gatepost rules generations' counts.")
      .Value(now.generation->versions.number);
  page.Gauge("gatepost_generation_age_seconds", "Since the present generation was loaded.")
      .Value(seconds - static_cast<double>(now.generation->loaded_at_ms) / 1000);
  page.Gauge("gatepost_rollback", "1 while a rollback is in force.")
      .Value(now.generation->loaded_from == "rollback" ? 1.0 : 0.0);
  page.Gauge("gatepost_stale_lists", "Lists whose file has changed and could not be taken.")
      .Value(gateway.generations()->stale_lists());
  page.Counter("gatepost_reloads_total", "Loads of a generation, by occasion and outcome.");
  for (const auto& [how, outcome] : gateway.generations()->outcomes()) {
    page.Value(outcome.first, {{"how", how}, {"outcome", "ok"}})
        .Value(outcome.second, {{"how", how}, {"outcome", "failed"}});
  }
  page.Gauge("gatepost_signatures", "Virus signatures loaded.").Value(state.signatures);
  if (state.antivirus_built_at > 0) {
    page.Gauge("gatepost_signature_age_seconds", "Since the virus signatures were built.")
        .Value(seconds - static_cast<double>(state.antivirus_built_at));
  }
  return page.ToString();
}

}  // namespace gatepost::gateway
