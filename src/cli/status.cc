// `gatepost status` and `gatepost reload`: the running daemon, asked over its control socket.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/gateway/control.h"

namespace gatepost::cli {

namespace {

constexpr int kStatusMs = 5'000;
constexpr int kReloadMs = 120'000;

// What keeps the daemon from being well, in words; empty: nothing.
std::vector<std::string> Ailments(const Json& state) {
  std::vector<std::string> out;
  if (state.value("log_on_reserve", false)) {
    out.emplace_back(
        "the disk is full: the decision log lives on its reserve and mail that must "
        "be held gets 451; free some space");
  }
  if (state["generation"].value("from", "") != "configuration") {
    out.emplace_back(
        "running on the last good generation: run 'gatepost check' and mend the rules");
  }
  if (const std::string last = state.value("last_reload", ""); last.rfind("failed", 0) == 0) {
    out.emplace_back("the last reload " + last.substr(0, last.find('\n')));
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
  return out;
}

}  // namespace

int StatusCommand(const Common& common) {
  const Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  Result<Json> state = gateway::AskDaemon(config->state, {{"do", "status"}}, -1, kStatusMs);
  if (!state.ok()) {
    if (common.json) {
      PrintLine(DumpJson({{"status", "down"}, {"reason", state.status().message()}}));
    } else {
      PrintLine(Paint(Colour::kRed, "down") + ": " + state.status().message());
    }
    return kUsage;
  }
  const std::vector<std::string> ailments = Ailments(*state);
  if (common.json) {
    Json answer = {{"status", ailments.empty() ? "well" : "degraded"}, {"reasons", ailments}};
    answer.update(*state);
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
              (held->value("sealed", false) ? ", sealed" : ", stored in clear"));
    if (const std::string warning = held->value("warning", ""); !warning.empty()) {
      PrintLine("  warning     " + warning);
    }
  }
  PrintLine("  last reload " + state->value("last_reload", ""));
  return ailments.empty() ? kDone : kIncomplete;
}

int Reload(const Common& common) {
  const Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  const int64_t begun = SteadyMs();
  const Result<Json> answer = gateway::AskDaemon(config->state, {{"do", "reload"}}, -1, kReloadMs);
  if (!answer.ok()) {
    PrintError(answer.status().message());
    return kUsage;
  }
  const bool ok = answer->value("ok", false);
  if (common.json) {
    PrintLine(DumpJson(*answer));
  } else if (ok) {
    PrintLine(Paint(Colour::kGreen, "reloaded") + " in " + std::to_string(SteadyMs() - begun) +
              " ms");
  } else {
    PrintError("reload failed, the present generation stays:\n" + answer->value("message", ""));
  }
  return ok ? kDone : kIncomplete;
}

}  // namespace gatepost::cli
