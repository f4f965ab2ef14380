// `gatepost console`: the server in the foreground.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/console.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/diagnostic.h"
#include "src/base/journal.h"
#include "src/cli/accounts.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/cli/serve.h"
#include "src/cli/terminal.h"
#include "src/console/app.h"
#include "src/console/options.h"
#include "src/gateway/control.h"
#include "src/web/server.h"

namespace gatepost::cli {

namespace {

constexpr int kAskMs = 90'000;
constexpr int kFollowMs = 5'000;
constexpr web::ServerLimits kConsoleLimits{16, 256 * 1024};

}  // namespace

Result<LoadedConsole> LoadConsole(const Common& common) {
  LoadedConsole loaded;
  GATEPOST_ASSIGN_OR_RETURN(loaded.config, LoadConfig(common.config));
  if (loaded.config.file.empty()) {
    return Status::Invalid("name a configuration with --config FILE");
  }
  Diagnostics diagnostics;
  Result<console::Options> options = console::LoadOptions(loaded.config.file, &diagnostics);
  if (!options.ok()) {
    return Status::Invalid(diagnostics.has_errors() ? diagnostics.ToStatus().message()
                                                    : options.status().message());
  }
  loaded.options = std::move(options).value();
  return loaded;
}

int ConsoleRun(const Common& common) {
  Result<LoadedConsole> loaded = LoadConsole(common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const sigset_t ends = PrepareToServe();
  const gateway::Config& config = loaded->config;
  console::House house;
  house.state = config.state;
  house.log = config.log;
  house.release = config.release;
  house.node = config.node;
  house.config = config.file;
  house.custody = config.custody;
  house.priority_list = config.notices.priority_list;
  house.countersign_ms = config.notices.countersign_ms;
  house.observe = config.observe;
  house.blocks_hold = config.blocks != policy::BlockAction::kReject;
  house.outbreaks = [state = config.state,
                     log = config.log](const std::string& id) -> Result<Json> {
    GATEPOST_ASSIGN_OR_RETURN(const auto found, FindOutbreaks(state, log, id));
    Json all = Json::array();
    for (const gateway::OutbreakCase& one : found) {
      all.push_back(gateway::ToJson(one, /*brief=*/true));
    }
    return all;
  };
  house.ask = [state = config.state](const Json& request, int fd) {
    return gateway::AskDaemon(state, request, fd, kAskMs);
  };
  Result<std::unique_ptr<console::App>> app = console::App::Open(std::move(house), loaded->options);
  if (!app.ok()) {
    PrintError(app.status().message());
    return kIncomplete;
  }
  Result<std::unique_ptr<web::Server>> server =
      web::Server::Bind("console", loaded->options.listener, kConsoleLimits,
                        [&app](const web::Request& request) { return (*app)->Handle(request); });
  if (!server.ok()) {
    PrintError(server.status().message());
    return server.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  Journal(Loudness::kNotice, "GP7001", "the console is open", {{"url", (*server)->url()}});
  std::atomic<bool> stop{false};
  std::thread follower([&] {
    for (int64_t next = 0; !stop;) {
      if (SteadyMs() >= next) {
        (*app)->Follow();
        next = SteadyMs() + kFollowMs;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const bool served = ServeUntilTold(server->get(), ends);
  stop = true;
  follower.join();
  if (!served) {
    return kIncomplete;
  }
  Journal(Loudness::kNotice, "GP7002", "the console is closed");
  return kDone;
}

}  // namespace gatepost::cli
