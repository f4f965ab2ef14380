// `gatepost status` and `gatepost reload`: the running daemon, asked over its control socket.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"
#include "src/cli/ailments.h"
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
    out.push_back("  waiting     " +
                  Plural(waiting.size(), "new rule of a package is", "new rules of packages are") +
                  " in shadow (gatepost rules accept)");
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
  if (answer.contains("number")) {  // another generation is in force
    PrintLine("  generation  " + GenerationText(answer));
    PrintLine("  difference  " + answer.value("words", ""));
  }
  if (const std::string note = answer.value("note", ""); !note.empty()) {
    PrintLine("  " + Paint(Colour::kYellow, note));
  }
}

int StatusCommand(const Common& common) {
  const Result<gateway::Config> config = LoadHouse(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  Result<Json> state = gateway::AskDaemon(config->state, {{"do", "status"}}, -1, kStatusMs);
  if (!state.ok()) {
    if (common.json) {
      PrintLine(DumpJson({{"status", "down"},
                          {"reason", state.status().message()},
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
    Json answer = {{"status", ailments.empty() ? "well" : "degraded"},
                   {"reasons", ailments},
                   {"warnings", Warnings(*state)}};
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
  PrintLine("  generation  " + GenerationText(generation) + ", from the " +
            generation.value("from", ""));
  for (const std::string& one : Warnings(*state)) {
    PrintLine("  warning     " + one);
  }
  for (const std::string& line : Notes(*state)) {
    PrintLine(line);
  }
  PrintLine("  rules       " + generation.value("rules", "").substr(0, 12) + " (" +
            std::to_string(generation.value("rule_count", 0)) + "), loaded " +
            generation.value("loaded_at", ""));
  PrintLine("  policy      " + generation.value("policy", "").substr(0, 12));
  PrintLine("  antivirus   " + (*state)["antivirus"].value("mode", "") + ", " +
            std::to_string((*state)["antivirus"].value("signatures", 0)) + " signatures of " +
            (*state)["antivirus"].value("built_at", "") +
            ((*state)["antivirus"].value("too_old", false) ? ", TOO OLD" : ""));
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
  const Result<gateway::Config> config = LoadHouse(options.common.config);
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
