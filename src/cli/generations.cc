// `gatepost rules generations | activations | rollback | accept | overrides`: what decides, who
// changed that, and how to change it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/generations.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <filesystem>

#include "src/base/clock.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/cli/waiting.h"
#include "src/gateway/control.h"
#include "src/gateway/difference.h"

namespace gatepost::cli {

namespace {

namespace fs = std::filesystem;

constexpr int kStatusMs = 5'000;
constexpr int kReloadMs = 600'000;

std::string Short(const std::string& version) { return version.substr(0, 12); }

// "2026-11-23 20:45", for tables.
std::string Minute(std::string at) {
  at = at.substr(0, 16);
  std::replace(at.begin(), at.end(), 'T', ' ');
  return at;
}

// Asks the daemon for a change and prints what came of it.
int Change(const Common& common, const gateway::Config& config, const Json& request) {
  const Result<Json> answer = gateway::AskDaemon(config.state, request, -1, kReloadMs);
  if (!answer.ok()) {
    PrintError(answer.status().message());
    return kUsage;
  }
  const bool ok = answer->value("ok", false);
  if (common.json) {
    PrintLine(DumpJson(*answer));
  } else if (!ok) {
    PrintError(answer->value("message", ""));
  } else {
    if (const auto accepted = answer->find("accepted"); accepted != answer->end()) {
      PrintLine(Paint(Colour::kGreen, Plural(accepted->size(), "rule", "rules") + " accepted"));
    }
    PrintChange(*answer);
  }
  return ok ? kDone : kIncomplete;
}

Result<gateway::Config> Configured(const Common& common) {
  Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
  }
  return config;
}

// The rules in the folders, with what waits in shadow; null: printed why.
std::shared_ptr<const ruleset::RuleSet> LoadRules(const gateway::Config& config,
                                                  const gateway::Packages& packages) {
  Diagnostics diagnostics;
  ruleset::Sources sources = config.RuleFolders();
  sources.SetKnownRules(packages.known());
  const Result<std::shared_ptr<const ruleset::RuleSet>> rules =
      ruleset::RuleSet::Load(&sources, &diagnostics);
  if (!rules.ok()) {
    PrintError(rules.status().message());
    return nullptr;
  }
  return *rules;
}

int ShowOne(const GenerationsOptions& options, const gateway::Shelf& shelf) {
  const Result<uint64_t> number = shelf.Find(options.id);
  if (!number.ok()) {
    PrintError(number.status().message());
    return kUsage;
  }
  if (!options.out.empty()) {
    const Result<gateway::RuleFiles> files = shelf.Get(*number);
    if (!files.ok()) {
      PrintError(files.status().message());
      return kIncomplete;
    }
    for (const auto& [name, content] : files->sources.files()) {
      const fs::path path =
          fs::path(options.out) / ("rules-" + std::to_string(name.first)) / name.second;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (const Status written = WriteFileDurably(path.string(), *content); !written.ok()) {
        PrintError(written.message());
        return kIncomplete;
      }
    }
    if (const Status written = WriteFileDurably(options.out + "/policy.yaml", files->policy);
        !written.ok()) {
      PrintError(written.message());
      return kIncomplete;
    }
    PrintLine(std::to_string(files->sources.files().size() + 1) + " files written to " +
              options.out);
    return kDone;
  }
  for (const Json& one : shelf.List()) {
    if (one.value("number", uint64_t{0}) == *number) {
      PrintLine(options.common.json ? DumpJson(one) : one["difference"].dump(2));
    }
  }
  return kDone;
}

// False: it was said which of the names is that of no override.
bool AllHide(const std::vector<std::string>& names, const std::vector<gateway::Override>& all) {
  std::vector<std::string> ids;
  for (const gateway::Override& one : all) {
    ids.push_back(one.rule.id);
  }
  for (const std::string& name : names) {
    if (std::find(ids.begin(), ids.end(), name) == ids.end()) {
      const std::string near = Nearest(name, ids);
      PrintError("no rule '" + name + "' hides another" +
                 (near.empty() ? "; 'gatepost rules overrides' lists those that do"
                               : ", did you mean '" + near + "'?"));
      return false;
    }
  }
  return true;
}

}  // namespace

int RulesGenerations(const GenerationsOptions& options) {
  const Result<gateway::Config> config = Configured(options.common);
  if (!config.ok()) {
    return kUsage;
  }
  const gateway::Shelf shelf(config->state);
  if (!options.id.empty()) {
    return ShowOne(options, shelf);
  }
  const gateway::Shelf::Active active = shelf.active();
  Table table({"", "id", "activated", "by", "how", "rules", "policy", "difference, reason"}, 7);
  for (const Json& one : shelf.List()) {
    const auto number = one.value("number", uint64_t{0});
    if (options.common.json) {
      Json line = one;
      line["active"] = number == active.number;
      line.erase("files");
      PrintLine(DumpJson(line));
      continue;
    }
    const std::string why = Word(one, "why");
    table.Add({number == active.number ? "*" : "", std::to_string(number), Minute(Word(one, "at")),
               gateway::InWords(one.value("who", Json()), "daemon"), Word(one, "how"),
               Short(Word(one["versions"], "rules")), Short(Word(one["versions"], "policy")),
               gateway::InWords(one.value("difference", Json::object())) +
                   (why.empty() ? "" : "; " + why)});
  }
  if (!options.common.json) {
    if (table.empty()) {
      PrintError("no generation has been loaded yet by a daemon with state " + config->state);
      return kIncomplete;
    }
    std::fputs(table.ToString().c_str(), stdout);
    if (active.rollback.is_object()) {
      PrintLine("A rollback is in force since " + Word(active.rollback, "at") + ": " +
                Word(active.rollback, "why") + ". End it with: gatepost rules rollback --off");
    }
  }
  return kDone;
}

int RulesActivations(const GenerationsOptions& options) {
  const Result<gateway::Config> config = Configured(options.common);
  if (!config.ok()) {
    return kUsage;
  }
  std::deque<Json> newest;
  const Status read = record::ReadAudit(record::AuditFolder(config->state), [&](const Json& one) {
    if (Word(one, "event") == "rule-change" &&
        !Word(one.value("details", Json::object()), "how").empty()) {
      newest.push_back(one);
      if (newest.size() > options.limit) {
        newest.pop_front();
      }
    }
    return true;
  });
  if (!read.ok()) {
    PrintError(read.message());
    return kIncomplete;
  }
  Table table({"at", "by", "how", "from", "to", "difference, reason"}, 5);
  for (const Json& one : newest) {
    if (options.common.json) {
      PrintLine(DumpJson(one));
      continue;
    }
    const Json& details = one["details"];
    const std::string why = Word(one, "reason");
    const auto numbered = [](const std::string& number, const char* none) {
      return number == "0" ? none : number;
    };
    table.Add({Minute(Word(one, "at")), Word(one, "actor"), Word(details, "how"),
               numbered(Word(details, "from"), "-"), numbered(Word(details, "to"), "not kept"),
               Word(details, "difference") + (why.empty() ? "" : "; " + why)});
  }
  if (!options.common.json) {
    std::fputs(table.ToString().c_str(), stdout);
  }
  return kDone;
}

int RulesRollback(const GenerationsOptions& options) {
  const Result<gateway::Config> config = Configured(options.common);
  if (!config.ok()) {
    return kUsage;
  }
  if (!options.off && options.reason.empty()) {
    PrintError("a rollback needs --reason: who reads the record later wants to know why");
    return kUsage;
  }
  return Change(options.common, *config,
                {{"do", options.off ? "rollback-off" : "rollback"},
                 {"which", options.id},
                 {"why", options.reason}});
}

int RulesAccept(const GenerationsOptions& options) {
  const Result<gateway::Config> config = Configured(options.common);
  if (!config.ok()) {
    return kUsage;
  }
  if (options.all || !options.names.empty()) {
    const int code = Change(
        options.common, *config,
        {{"do", "accept"}, {"what", options.names}, {"all", options.all}, {"why", options.reason}});
    if (code == kIncomplete && !options.common.json) {
      if (const std::string why = WhyNotAccepted(options.common, options.names); !why.empty()) {
        PrintError(why);
      }
    }
    return code;
  }
  return ListWaiting(options.common);
}

int RulesOverrides(const GenerationsOptions& options) {
  const Result<gateway::Config> config = Configured(options.common);
  if (!config.ok()) {
    return kUsage;
  }
  gateway::Packages packages(config->state);
  const std::shared_ptr<const ruleset::RuleSet> rules = LoadRules(*config, packages);
  if (rules == nullptr) {
    return kUsage;
  }
  if (!AllHide(options.names, packages.OverridesOf(*rules))) {
    return kUsage;
  }
  if (options.seen) {
    const char* const said = Vietnamese() ? "đã ghi nhận: các quy tắc bị che được xem như không đổi"
                                          : "noted: what they hide counts as it is now";
    if (gateway::AskDaemon(config->state, {{"do", "status"}}, -1, kStatusMs).ok()) {
      const int code =
          Change(options.common, *config, {{"do", "overrides-seen"}, {"what", options.names}});
      if (code == kDone && !options.common.json) {
        PrintLine(said);
      }
      return code;
    }
    const Status done = packages.Looked(*rules, options.names);
    if (!done.ok()) {
      PrintError(done.message());
    } else if (!options.common.json) {
      PrintLine(said);
    }
    return done.ok() ? kDone : kIncomplete;
  }
  const auto place = [](const Place& at) { return at.file + ":" + std::to_string(at.line); };
  const bool vi = Vietnamese();
  Table table({"id", vi ? "quy tắc bị che" : "hidden rule", vi ? "của gói" : "its package",
               vi ? "quy tắc tại chỗ" : "local rule", vi ? "che" : "hides"},
              3);
  size_t changed = 0;
  for (const gateway::Override& one : packages.OverridesOf(*rules)) {
    const auto& names = options.names;
    if (!names.empty() && std::find(names.begin(), names.end(), one.rule.id) == names.end()) {
      continue;
    }
    changed += one.changed ? 1 : 0;
    if (options.common.json) {
      PrintLine(DumpJson({{"id", one.rule.id},
                          {"changed", one.changed},
                          {"package", one.rule.package},
                          {"local", place(one.rule.by)},
                          {"hides", place(one.rule.place)},
                          {"since", one.known_since}}));
      continue;
    }
    table.Add({one.rule.id,
               one.changed ? (vi ? "ĐÃ ĐỔI" : "CHANGED") : (vi ? "như cũ" : "as it was"),
               one.rule.package ? (vi ? "có" : "yes") : (vi ? "không" : "no"), place(one.rule.by),
               place(one.rule.place)});
  }
  if (!options.common.json) {
    std::fputs((table.empty() ? std::string(vi ? "không quy tắc nào che quy tắc khác\n"
                                               : "no rule hides another\n")
                              : table.ToString())
                   .c_str(),
               stdout);
    if (changed > 0) {
      PrintLine(vi ? "Hãy so sánh các quy tắc ĐÃ ĐỔI, rồi: gatepost rules overrides --seen ID"
                   : "Compare those that have CHANGED, then: gatepost rules overrides --seen ID");
    }
  }
  return kDone;
}

}  // namespace gatepost::cli
