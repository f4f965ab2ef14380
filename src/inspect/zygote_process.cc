// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/zygote_process.h"

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/protocol.h"
#include "src/inspect/spawn.h"
#include "src/inspect/zygote.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kHelloMs = 10'000;
// Compiling thousands of rules and loading millions of signatures takes a minute, not ten.
constexpr int64_t kLoadMs = 600'000;
constexpr int64_t kLeaveMs = 5'000;
constexpr int64_t kRefusedMs = 50;

Status Refusal(const Frame& frame, Diagnostics* diagnostics) {
  const Result<Json> json = ParseJson("inspector", frame.payload);
  if (!json.ok() || !json->is_object()) {
    return Status::Internal("inspector: the zygote refused and gave no reason");
  }
  AddDiagnostics(json->value("diagnostics", Json::array()), diagnostics);
  return {static_cast<Code>(json->value("code", static_cast<int>(Code::kInternal))),
          json->value("message", "inspector: the zygote refused to start")};
}

}  // namespace

Result<std::unique_ptr<ZygoteProcess>> ZygoteProcess::Start(const std::string& program,
                                                            const InspectorOptions& options,
                                                            Diagnostics* diagnostics) {
  GATEPOST_ASSIGN_OR_RETURN(auto pair, SocketPair());
  GATEPOST_ASSIGN_OR_RETURN(
      const pid_t pid,
      Spawn(program, {"gatepost-zygote", kZygoteArgument, std::to_string(kChildControl)},
            pair[1].get()));
  pair[1].Reset();
  std::unique_ptr<ZygoteProcess> zygote(new ZygoteProcess(pid, std::move(pair[0])));
  GATEPOST_RETURN_IF_ERROR(zygote->Load(options, diagnostics));
  return zygote;
}

Status ZygoteProcess::Load(const InspectorOptions& options, Diagnostics* diagnostics) {
  const std::string build_id = BuildId();
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.deadline_ms = SteadyMs() + kHelloMs;
  const Result<Frame> hello = ReceiveFrame(control(), receive);
  if (!hello.ok() || hello->kind != FrameKind::kHello) {
    return Status::Unavailable(
        "inspector: the zygote did not answer (does main() begin with RunZygoteIfAsked?)");
  }
  GATEPOST_RETURN_IF_ERROR(CheckHello(hello->payload, build_id));
  GATEPOST_RETURN_IF_ERROR(SendFrame(control(), FrameKind::kHello, HelloText(build_id)));
  GATEPOST_RETURN_IF_ERROR(SendFrame(control(), FrameKind::kOptions, DumpJson(ToJson(options))));
  receive.deadline_ms = SteadyMs() + kLoadMs;
  receive.most_bytes = 64 << 20;
  const Result<Frame> answer = ReceiveFrame(control(), receive);
  if (!answer.ok()) {
    return Status::Unavailable("inspector: the zygote ended while it loaded rules and signatures");
  }
  if (answer->kind != FrameKind::kLoaded) {
    return Refusal(*answer, diagnostics);
  }
  GATEPOST_ASSIGN_OR_RETURN(const Json state, ParseJson("inspector", answer->payload));
  AddDiagnostics(state.value("diagnostics", Json::array()), diagnostics);
  versions_.rules = state.value("rules_version", "");
  versions_.antivirus = state.value("antivirus_version", "");
  versions_.antivirus_built_at = state.value("antivirus_built_at", int64_t{0});
  versions_.signatures = state.value("signatures", 0U);
  loaded_ = true;
  return Status::Ok();
}

ZygoteProcess::~ZygoteProcess() {
  control_.Reset();  // it leaves when it sees this
  // One that has not loaded may be compiling for minutes, and has no worker to end first.
  Reap(pid_, loaded_ ? kLeaveMs : kRefusedMs);
}

}  // namespace gatepost::inspect
