// `gatepost rules slow`: what each rule costs by itself, and what rules share, of an average
// message. By what the gateway has measured, or by inspecting mail now. LIMITS: wall clock, so a
// busy machine makes all of it larger; shares are what to look at. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "src/base/files.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/past_mail.h"
#include "src/cli/progress.h"
#include "src/cli/rules_common.h"
#include "src/cli/terminal.h"
#include "src/gateway/counters.h"
#include "src/inspect/inspector.h"

namespace gatepost::cli {

namespace {

using ruleset::Rule;

struct OfRule {
  const Rule* rule = nullptr;
  double us = 0;  // of an average message
  uint64_t hits = 0;
};

struct Costs {
  uint64_t measured = 0;                 // messages
  std::vector<OfRule> rules;             // that were measured
  std::map<std::string, double> shared;  // us
  double all = 0;                        // us
};

// The dearest first.
void SortAndSum(Costs* costs) {
  std::stable_sort(costs->rules.begin(), costs->rules.end(),
                   [](const OfRule& a, const OfRule& b) { return a.us > b.us; });
  for (const OfRule& one : costs->rules) {
    costs->all += one.us;
  }
  for (const auto& [name, us] : costs->shared) {
    costs->all += us;
  }
}

Costs CostsOfGateway(const gateway::Tally& tally, const ruleset::RuleSet& rules) {
  Costs costs;
  costs.measured = tally.measured;
  for (const Rule& rule : rules.rules()) {
    if (const double us = tally.Microseconds(rule); us >= 0) {
      const gateway::RuleCount& count = tally.rules.at(rule.id);
      costs.rules.push_back({&rule, us, count.enforced + count.shadow});
    }
  }
  if (tally.timed > tally.shared_from) {
    for (const auto& [name, seconds] : tally.shared_seconds) {
      costs.shared[name] = seconds * 1e6 / static_cast<double>(tally.timed - tally.shared_from);
    }
  }
  return costs;
}

// By one worker, so that nothing else of ours is in the way. Antivirus and pictures aside.
Result<Costs> MeasureNow(const LoadedRules& loaded, const std::string& on) {
  PastOptions past;
  past.on = on;
  GATEPOST_ASSIGN_OR_RETURN(const std::unique_ptr<PastMail> mail,
                            PastMail::Open(loaded.config, past));
  inspect::InspectorOptions options = loaded.config.ToInspectorOptions();
  options.sources = std::make_shared<const ruleset::Sources>(loaded.sources);
  options.antivirus.need = inspect::AntivirusOptions::Need::kOff;
  options.pictures.on = false;
  options.run_examples = false;
  options.workers = 1;
  Diagnostics diagnostics;
  const auto inspector = inspect::Inspector::Start(options, &diagnostics);
  if (!inspector.ok()) {
    PrintFindings(diagnostics, /*errors_only=*/true);
    return inspector.status();
  }
  Costs costs;
  for (const Rule& rule : loaded.rules->rules()) {
    costs.rules.push_back({&rule, 0, 0});
  }
  const auto add = [&](const std::string& id, double us, uint64_t hits) {
    if (const int index = loaded.rules->IndexOf(id); index >= 0) {
      costs.rules[static_cast<size_t>(index)].us += us;
      costs.rules[static_cast<size_t>(index)].hits += hits;
    }
  };
  Progress progress(mail->size());
  for (size_t i = 0; i < mail->size(); ++i) {
    progress.Show(i);
    const Result<PastMessage> message = mail->Read(i);
    if (!message.ok()) {
      PrintError(message.status().message());
      continue;
    }
    GATEPOST_ASSIGN_OR_RETURN(const Fd memory, MemFd("gatepost-slow", message->bytes));
    const Result<inspect::Findings> findings =
        (*inspector)->InspectFor(inspect::Detail::kMeasured, message->envelope, memory.get(), {});
    if (!findings.ok() || !findings->times.measured) {
      PrintError(message->name + ": " +
                 (findings.ok() ? "was not measured" : findings.status().message()));
      continue;
    }
    ++costs.measured;
    for (const inspect::RuleHit& hit : findings->hits) {
      add(hit.id, 0, 1);
    }
    for (const auto& one : findings->times.rules) {
      add(one.id, static_cast<double>(one.ns) / 1e3, 0);
    }
    for (const auto& one : findings->times.shared) {
      costs.shared[one.name] += static_cast<double>(one.ns) / 1e3;
    }
  }
  const double messages = static_cast<double>(std::max<uint64_t>(costs.measured, 1));
  for (OfRule& one : costs.rules) {
    one.us /= messages;
  }
  for (auto& [name, us] : costs.shared) {
    us /= messages;
  }
  return costs;
}

double Thousandths(double us) { return std::round(us * 1'000) / 1'000; }

std::string Decimal(double value, int places) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  return text;
}

void PrintCostsAsJson(const Costs& costs, size_t shown) {
  const auto share = [&](double us) { return costs.all > 0 ? Thousandths(us / costs.all) : 0; };
  for (size_t i = 0; i < shown; ++i) {
    const OfRule& one = costs.rules[i];
    PrintLine(DumpJson({{"id", one.rule->id},
                        {"pack", one.rule->pack},
                        {"mode", ruleset::ToString(one.rule->mode)},
                        {"us_per_message", Thousandths(one.us)},
                        {"share", share(one.us)},
                        {"hits", one.hits}}));
  }
  for (const auto& [name, us] : costs.shared) {
    PrintLine(
        DumpJson({{"database", name}, {"us_per_message", Thousandths(us)}, {"share", share(us)}}));
  }
}

void PrintCosts(const Costs& costs, size_t shown) {
  const bool vi = Vietnamese();
  const auto percent = [&](double us) {
    return Decimal(costs.all > 0 ? 100 * us / costs.all : 0, 1) + " %";
  };
  Table table({"id", "us a message", "share", "hits", "pack", "title"}, 5);
  double rest = 0;
  for (size_t i = 0; i < costs.rules.size(); ++i) {
    const OfRule& one = costs.rules[i];
    if (i >= shown) {
      rest += one.us;
      continue;
    }
    table.Add({one.rule->id, Decimal(one.us, 2), percent(one.us), std::to_string(one.hits),
               one.rule->pack, vi ? one.rule->title_vi : one.rule->title_en});
  }
  if (costs.rules.size() > shown) {
    table.Add(
        {"", Decimal(rest, 2), percent(rest), "", "",
         std::to_string(costs.rules.size() - shown) + (vi ? " quy tắc khác" : " other rules")});
  }
  for (const auto& [name, us] : costs.shared) {
    table.Add({"", Decimal(us, 2), percent(us), "", "",
               (vi ? "phần dùng chung: " : "shared by rules: ") + name});
  }
  std::fputs(table.ToString().c_str(), stdout);
  PrintLine(vi ? "Một thư trung bình mất " + Decimal(costs.all, 1) + " us; đã đo " +
                     std::to_string(costs.measured) + " thư."
               : "An average message takes " + Decimal(costs.all, 1) + " us; " +
                     std::to_string(costs.measured) + " messages were measured.");
}

}  // namespace

int RulesSlow(const SlowOptions& options) {
  int exit_code = kDone;
  const auto loaded = LoadRules(options.common, options.files, &exit_code);
  if (loaded == nullptr) {
    return exit_code;
  }
  Costs costs;
  if (options.on.empty()) {
    costs = CostsOfGateway(gateway::ReadRuleCounts(loaded->config.state), *loaded->rules);
  } else {
    Result<Costs> measured = MeasureNow(*loaded, options.on);
    if (!measured.ok()) {
      PrintError(measured.status().message());
      return kUsage;
    }
    costs = std::move(measured).value();
  }
  if (costs.measured == 0) {
    PrintError(
        options.on.empty()
            ? "the gateway has measured no message yet (it writes what it has once a minute); "
              "'--on FOLDER' measures with mail of yours"
            : options.on + ": no message could be measured");
    return kIncomplete;
  }
  SortAndSum(&costs);
  const size_t shown =
      options.limit == 0 ? costs.rules.size() : std::min<size_t>(costs.rules.size(), options.limit);
  if (options.common.json) {
    PrintCostsAsJson(costs, shown);
  } else {
    PrintCosts(costs, shown);
  }
  return kDone;
}

}  // namespace gatepost::cli
