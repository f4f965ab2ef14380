// `gatepost status` and `gatepost reload`: the running daemon, asked over its control socket.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/cli/terminal.h"
#include "src/gateway/control.h"
#include "src/gateway/order.h"
#include "src/record/outages.h"

namespace gatepost::cli {

namespace {

constexpr int kStatusMs = 5'000;
constexpr int kReloadMs = 600'000;

// What keeps the daemon from being well, in words; empty: nothing.
std::vector<std::string> Ailments(const Json& state) {
  std::vector<std::string> out;
  if (state.value("log_on_reserve", false)) {
    out.emplace_back(
        "the disk is full: the decision log lives on its reserve and mail that must "
        "be held gets 451; free some space");
  }
  if (state["generation"].value("from", "") == "last good generation") {
    out.emplace_back(
        "running on the last good generation: run 'gatepost check' and mend the rules");
  }
  if (const Json stale = state.value("stale_lists", Json::array()); !stale.empty()) {
    out.push_back("a list has changed and could not be taken: " + stale[0].value("path", "") +
                  ": " + stale[0].value("why", ""));
  }
  if (const std::string last = state.value("last_reload", ""); last.rfind("failed", 0) == 0) {
    out.emplace_back("the last reload " + last.substr(0, last.find('\n')));
  }
  if (const std::string problem = state.value("exceptions", Json::object()).value("problem", "");
      !problem.empty()) {
    out.emplace_back("no exception applies: " + problem);
  }
  if (const std::string problem = state.value("blocks", Json::object()).value("problem", "");
      !problem.empty()) {
    out.emplace_back("the blocks of before stay in force: " + problem);
  }
  for (const Json& one : state.value("outbreaks", Json::array())) {
    if (const std::string trouble = one.value("trouble", ""); !trouble.empty()) {
      out.push_back("the IT desk could not be told of the outbreak " + one.value("id", "") + ": " +
                    trouble);
    }
  }
  if (state["antivirus"].value("mode", "") == "required" &&
      state["antivirus"].value("signatures", 0) == 0) {
    out.emplace_back("no virus signatures: all mail gets 451; run freshclam");
  }
  const auto custody = state.find("custody");
  if (custody != state.end() && custody->is_object()) {
    for (const char* key : {"clock", "heads", "quota", "keys"}) {
      if (const std::string trouble = custody->value(key, ""); !trouble.empty()) {
        out.push_back(trouble);
      }
    }
  }
  if (const auto notices = state.find("notices"); notices != state.end() && notices->is_object()) {
    if (const std::string trouble = notices->value("trouble", ""); !trouble.empty()) {
      out.push_back(std::to_string(notices->value("waiting", 0)) +
                    " notices wait to be sent: " + trouble);
    }
  }
  return out;
}

Json OpenOutages(const std::string& state_folder) {
  Json open = Json::array();
  const Result<std::vector<record::Outage>> all =
      record::ReadOutages(record::OutagesFile(state_folder));
  for (const record::Outage& one : all.ok() ? *all : std::vector<record::Outage>()) {
    if (one.open()) {
      open.push_back(record::ToJson(one));
    }
  }
  return open;
}

// What is no ailment and should not be forgotten.
std::vector<std::string> Notes(const Json& state) {
  std::vector<std::string> out;
  if (const Json rollback = state.value("rollback", Json()); rollback.is_object()) {
    out.push_back("  rollback    since " + rollback.value("at", "") + " by " +
                  gateway::InWords(rollback.value("who", Json()), "daemon") + ": " +
                  rollback.value("why", "") + " (ends: gatepost rules rollback --off)");
  }
  if (const Json waiting = state.value("waiting_rules", Json::array()); !waiting.empty()) {
    out.push_back("  waiting     " + std::to_string(waiting.size()) +
                  " new rules of packages are in shadow (gatepost rules accept)");
  }
  if (const Json overrides = state.value("overrides", Json::object());
      !overrides.value("changed", Json::array()).empty()) {
    out.push_back("  overrides   " + std::to_string(overrides["changed"].size()) +
                  " local rules hide a rule that has changed since (gatepost rules overrides)");
  }
  return out;
}

// ": virus, marking" where the rest is sealed.
std::string InClear(const Json& custody) {
  std::string out;
  for (const Json& one : custody.value("in_clear", Json::array())) {
    out += (out.empty() ? ": " : ", ") + one.get<std::string>();
  }
  return out;
}

}  // namespace

void PrintChange(const Json& answer) {
  PrintLine("  generation  " + std::to_string(answer.value("number", 0)));
  PrintLine("  difference  " + answer.value("words", ""));
  if (const std::string note = answer.value("note", ""); !note.empty()) {
    PrintLine("  " + Paint(Colour::kYellow, note));
  }
}

int StatusCommand(const Common& common) {
  const Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  Result<Json> state = gateway::AskDaemon(config->state, {{"do", "status"}}, -1, kStatusMs);
  if (!state.ok()) {
    if (common.json) {
      PrintLine(DumpJson({{"status", "down"}, {"reason", state.status().message()},
                          {"outages", OpenOutages(config->state)}}));
    } else {
      PrintLine(Paint(Colour::kRed, "down") + ": " + state.status().message());
      for (const std::string& line : IncidentNotes(Json::object(), config->state)) {
        PrintLine(line);
      }
    }
    return kUsage;
  }
  const std::vector<std::string> ailments = Ailments(*state);
  if (common.json) {
    Json answer = {{"status", ailments.empty() ? "well" : "degraded"}, {"reasons", ailments}};
    answer.update(*state);
    answer["outages"] = OpenOutages(config->state);
    PrintLine(DumpJson(answer));
    return ailments.empty() ? kDone : kIncomplete;
  }
  PrintLine(ailments.empty() ? Paint(Colour::kGreen, "well") : Paint(Colour::kYellow, "degraded"));
  for (const std::string& one : ailments) {
    PrintLine("  " + one);
  }
  const Json& workers = (*state)["workers"];
  const Json& generation = (*state)["generation"];
  PrintLine("  mode        " + state->value("mode", "") + ", since " +
            state->value("started_at", "") + ", version " + state->value("version", ""));
  PrintLine("  messages    " + std::to_string(state->value("handled", 0)) + " handled, " +
            std::to_string(state->value("deferred", 0)) + " deferred");
  PrintLine("  workers     " + std::to_string(workers.value("count", 0)) + ", " +
            std::to_string(workers.value("busy", 0)) + " busy, " +
            std::to_string(workers.value("crashed", 0)) + " crashed, " +
            std::to_string(workers.value("timed_out", 0)) + " timed out, " +
            std::to_string(workers.value("recycled", 0)) + " recycled");
  PrintLine("  sandbox     " + workers.value("sandbox", ""));
  PrintLine("  generation  " + std::to_string(generation.value("number", 0)) + " from the " +
            generation.value("from", ""));
  for (const std::string& line : Notes(*state)) {
    PrintLine(line);
  }
  PrintLine("  rules       " + generation.value("rules", "").substr(0, 12) + " (" +
            std::to_string(generation.value("rule_count", 0)) + "), loaded " +
            generation.value("loaded_at", ""));
  PrintLine("  policy      " + generation.value("policy", "").substr(0, 12));
  PrintLine("  antivirus   " + (*state)["antivirus"].value("mode", "") + ", " +
            std::to_string((*state)["antivirus"].value("signatures", 0)) + " signatures of " +
            (*state)["antivirus"].value("built_at", ""));
  if (const auto held = state->find("custody"); held != state->end() && held->is_object()) {
    PrintLine("  quarantine  " + std::to_string(held->value("used_bytes", 0ULL) >> 20) + " MiB" +
              (held->value("quota_bytes", 0ULL) > 0
                   ? " of " + std::to_string(held->value("quota_bytes", 0ULL) >> 20)
                   : "") +
              (held->value("sealed", false) ? ", sealed" : ", stored in clear") + InClear(*held));
    if (const std::string warning = held->value("warning", ""); !warning.empty()) {
      PrintLine("  warning     " + warning);
    }
  }
  if (const Json exceptions = state->value("exceptions", Json::object());
      exceptions.value("active", 0) + exceptions.value("expired", 0) > 0) {
    PrintLine("  exceptions  " + std::to_string(exceptions.value("active", 0)) + " active, " +
              std::to_string(exceptions.value("expired", 0)) +
              " expired (gatepost exceptions list)");
  }
  for (const std::string& line : IncidentNotes(*state, config->state)) {
    PrintLine(line);
  }
  PrintLine("  last reload " + state->value("last_reload", ""));
  return ailments.empty() ? kDone : kIncomplete;
}

int Reload(const ReloadOptions& options) {
  const Result<gateway::Config> config = LoadConfig(options.common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  const int64_t begun = SteadyMs();
  const Result<Json> answer =
      gateway::AskDaemon(config->state, {{"do", "reload"}, {"why", options.reason}}, -1, kReloadMs);
  if (!answer.ok()) {
    PrintError(answer.status().message());
    return kUsage;
  }
  const bool ok = answer->value("ok", false);
  if (options.common.json) {
    PrintLine(DumpJson(*answer));
  } else if (ok) {
    PrintLine(Paint(Colour::kGreen, "reloaded") + " in " + std::to_string(SteadyMs() - begun) +
              " ms");
    PrintChange(*answer);
  } else {
    PrintError("reload failed, the present generation stays:\n" + answer->value("message", ""));
  }
  return ok ? kDone : kIncomplete;
}

}  // namespace gatepost::cli
