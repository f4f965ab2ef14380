// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/zygote_process.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/protocol.h"

namespace gatepost::inspect {

namespace {

// Compiling thousands of rules takes a minute, not ten.
constexpr int64_t kLoadMs = 600'000;
constexpr int kLeaveMs = 5'000;
constexpr int kRefusedMs = 50;

}  // namespace

Result<std::unique_ptr<ZygoteProcess>> ZygoteProcess::Start(std::shared_ptr<StemProcess> stem,
                                                            const InspectorOptions& options,
                                                            int sources) {
  GATEPOST_ASSIGN_OR_RETURN(auto pair, SocketPair());
  GATEPOST_ASSIGN_OR_RETURN(StemProcess::Forked forked,
                            stem->ForkZygote(options, pair[1].get(), sources));
  return std::unique_ptr<ZygoteProcess>(
      new ZygoteProcess(std::move(stem), std::move(forked), std::move(pair[0])));  // NOLINT
}

Status ZygoteProcess::WaitUntilLoaded(Diagnostics* diagnostics) {
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.deadline_ms = SteadyMs() + kLoadMs;
  receive.most_bytes = 64 << 20;
  const Result<Frame> answer = ReceiveFrame(control(), receive);
  if (!answer.ok()) {
    return Status::Unavailable("inspector: the zygote ended while it loaded the rules");
  }
  if (answer->kind != FrameKind::kLoaded) {
    return Refusal(answer->payload, diagnostics);
  }
  GATEPOST_ASSIGN_OR_RETURN(const Json state, ParseJson("inspector", answer->payload));
  AddDiagnostics(state.value("diagnostics", Json::array()), diagnostics);
  versions_.rules = state.value("rules_version", "");
  versions_.signatures = stem_->versions();
  load_ms_ = state.value("ms", Json::object());
  loaded_ = true;
  return Status::Ok();
}

ZygoteProcess::~ZygoteProcess() {
  control_.Reset();  // it leaves when it sees this
  pollfd left{pidfd_.get(), POLLIN, 0};
  // One that has not loaded may be compiling for minutes, and has no worker to end first.
  if (poll(&left, 1, loaded_ ? kLeaveMs : kRefusedMs) <= 0) {
    syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  }
}

}  // namespace gatepost::inspect
