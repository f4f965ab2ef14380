// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/waiting.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "src/cli/rules_common.h"
#include "src/cli/terminal.h"
#include "src/gateway/control.h"

namespace gatepost::cli {

namespace {

constexpr int kAskMs = 5'000;

Json StateOfDaemon(const std::string& state_folder) {
  Result<Json> state = gateway::AskDaemon(state_folder, {{"do", "status"}}, -1, kAskMs);
  return state.ok() ? std::move(state).value() : Json();
}

Json WaitingJson(const WaitingRule& one) {
  Json out = {{"id", one.id}, {"loaded", one.loaded}};
  if (one.rule != nullptr) {
    out["pack"] = one.rule->pack;
    out["severity"] = ruleset::ToString(one.rule->severity);
    out["score"] = one.rule->score;
    out["place"] = PlaceText(one.rule->place);
  }
  return out;
}

Table TableOf(const std::vector<WaitingRule>& rules, bool loaded, bool vi) {
  Table table({"id", vi ? "gói" : "pack", vi ? "mức" : "severity", vi ? "điểm" : "score",
               vi ? "tên" : "title"},
              4);
  for (const WaitingRule& one : rules) {
    if (one.loaded != loaded) {
      continue;
    }
    if (one.rule == nullptr) {
      table.Add({one.id, "", "", "",
                 vi ? "(không còn trong các thư mục)" : "(no longer in the folders)"});
      continue;
    }
    table.Add({one.id, one.rule->pack, ruleset::ToString(one.rule->severity),
               OneDecimal(one.rule->score), Clean(vi ? one.rule->title_vi : one.rule->title_en)});
  }
  return table;
}

// What to do about those that lie in the folders only.
const char* NotLoaded(const Json& daemon, bool vi) {
  if (daemon.is_null()) {
    return vi ? "Các quy tắc này mới có trong thư mục của gói và chưa được nạp: gatepostd không "
                "chạy. Khi khởi động, nó sẽ để chúng chạy thử (shadow) cho đến khi được chấp nhận."
              : "These are new in the folders of packages and not loaded: no gatepostd runs. When "
                "it starts it holds them in shadow until they are accepted.";
  }
  if (!daemon.value("rollback", Json()).is_null()) {
    return vi ? "Các quy tắc này mới có trong thư mục của gói và chưa được nạp, vì đang áp dụng "
                "một thế hệ cũ: gatepost rules rollback --off nạp chúng ở chế độ thử (shadow)."
              : "These are new in the folders of packages and not loaded, because a rollback is in "
                "force: gatepost rules rollback --off loads them, in shadow.";
  }
  return vi ? "Các quy tắc này mới có trong thư mục của gói và chưa được nạp; gatepost reload nạp "
              "chúng ở chế độ thử (shadow), sau đó mới chấp nhận được."
            : "These are new in the folders of packages and not loaded yet; gatepost reload loads "
              "them, in shadow, and then they can be accepted.";
}

void PrintWrapped(const std::string& text) {
  for (const std::string& line : Wrapped(text, TerminalColumns())) {
    PrintLine(line);
  }
}

}  // namespace

std::vector<WaitingRule> WaitingRules(const ruleset::RuleSet& folders, const Json& daemon) {
  std::set<std::string> loaded;
  if (daemon.is_object()) {
    for (const Json& id : daemon.value("waiting_rules", Json::array())) {
      loaded.insert(id.is_string() ? id.get<std::string>() : "");
    }
  }
  std::vector<WaitingRule> out;
  for (const std::string& id : loaded) {
    out.push_back({id, folders.Find(id), true});
  }
  for (const ruleset::Rule& rule : folders.rules()) {
    if (rule.arrived && loaded.count(rule.id) == 0) {
      out.push_back({rule.id, &rule, false});
    }
  }
  return out;
}

int ListWaiting(const Common& common) {
  int exit_code = 0;
  const auto loaded = LoadRules(common, {}, &exit_code);
  if (loaded == nullptr) {
    return exit_code;
  }
  const Json daemon = StateOfDaemon(loaded->config.state);
  const std::vector<WaitingRule> waiting = WaitingRules(*loaded->rules, daemon);
  if (common.json) {
    for (const WaitingRule& one : waiting) {
      PrintLine(DumpJson(WaitingJson(one)));
    }
    return exit_code;
  }
  const bool vi = Vietnamese();
  const Table ready = TableOf(waiting, true, vi);
  const Table later = TableOf(waiting, false, vi);
  if (waiting.empty()) {
    PrintLine(vi ? "không có quy tắc nào đang chờ" : "no rule waits");
  }
  if (!ready.empty()) {
    std::fputs(ready.ToString().c_str(), stdout);
    PrintWrapped(vi ? "Các quy tắc này đang chạy thử (shadow); gatepost rules accept với ID, tên "
                      "gói hoặc --all sẽ áp dụng chúng."
                    : "They are in shadow; gatepost rules accept ID, PACK or --all enforces them.");
  }
  if (!later.empty()) {
    std::fputs(((ready.empty() ? "" : "\n") + later.ToString()).c_str(), stdout);
    PrintWrapped(NotLoaded(daemon, vi));
  }
  return exit_code;
}

std::string WhyNotAccepted(const Common& common, const std::vector<std::string>& names) {
  int exit_code = 0;
  const auto loaded = LoadRules(common, {}, &exit_code);
  if (loaded == nullptr) {
    return {};
  }
  const Json daemon = StateOfDaemon(loaded->config.state);
  for (const WaitingRule& one : WaitingRules(*loaded->rules, daemon)) {
    const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return name == one.id || (one.rule != nullptr && name == one.rule->pack);
    });
    if (named && !one.loaded) {
      return one.id + ": " + NotLoaded(daemon, Vietnamese());
    }
  }
  return {};
}

}  // namespace gatepost::cli
