// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/stem_process.h"

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/codec.h"
#include "src/inspect/protocol.h"
#include "src/inspect/spawn.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kHelloMs = 10'000;
// Millions of signatures take a minute, not ten.
constexpr int64_t kLoadMs = 600'000;
constexpr int64_t kForkMs = 20'000;
constexpr int64_t kLeaveMs = 5'000;
constexpr int64_t kRefusedMs = 50;

}  // namespace

Result<std::shared_ptr<StemProcess>> StemProcess::Start(const std::string& program,
                                                        const InspectorOptions& options,
                                                        Diagnostics* diagnostics) {
  GATEPOST_ASSIGN_OR_RETURN(auto pair, SocketPair());
  GATEPOST_ASSIGN_OR_RETURN(
      const pid_t pid,
      Spawn(program, {"gatepost-stem", kStemArgument, std::to_string(kChildControl)},
            pair[1].get()));
  pair[1].Reset();
  std::shared_ptr<StemProcess> stem(new StemProcess(pid, std::move(pair[0])));
  const Status loaded = stem->Load(options);
  AddDiagnostics(ToJson(stem->diagnostics_), diagnostics);
  GATEPOST_RETURN_IF_ERROR(loaded);
  return stem;
}

std::string StemProcess::KeyOf(const InspectorOptions& options) {
  // The folder is looked at before it is loaded: what changes meanwhile is then a difference.
  const std::string signatures = options.antivirus.need == AntivirusOptions::Need::kOff
                                     ? ""
                                     : virus::Engine::FolderVersion(options.antivirus.database);
  const Json json = ToJson(options);
  return DumpJson({json["antivirus"], json["limits"], json["sandbox"]}) + signatures;
}

bool StemProcess::Fits(const InspectorOptions& options) const { return key_ == KeyOf(options); }

Status StemProcess::Load(const InspectorOptions& options) {
  key_ = KeyOf(options);
  const std::string build_id = BuildId();
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.deadline_ms = SteadyMs() + kHelloMs;
  const Result<Frame> hello = ReceiveFrame(control_.get(), receive);
  if (!hello.ok() || hello->kind != FrameKind::kHello) {
    return Status::Unavailable(
        "inspector: the stem did not answer (does main() begin with RunZygoteIfAsked?)");
  }
  GATEPOST_RETURN_IF_ERROR(CheckHello(hello->payload, build_id));
  GATEPOST_RETURN_IF_ERROR(SendFrame(control_.get(), FrameKind::kHello, HelloText(build_id)));
  GATEPOST_RETURN_IF_ERROR(
      SendFrame(control_.get(), FrameKind::kOptions, DumpJson(ToJson(options))));
  receive.deadline_ms = SteadyMs() + kLoadMs;
  receive.most_bytes = 64 << 20;
  const Result<Frame> answer = ReceiveFrame(control_.get(), receive);
  if (!answer.ok()) {
    return Status::Unavailable("inspector: the stem ended while it loaded signatures");
  }
  if (answer->kind != FrameKind::kLoaded) {
    return Refusal(answer->payload, &diagnostics_);
  }
  GATEPOST_ASSIGN_OR_RETURN(const Json state, ParseJson("inspector", answer->payload));
  AddDiagnostics(state.value("diagnostics", Json::array()), &diagnostics_);
  versions_.antivirus = state.value("antivirus_version", "");
  versions_.antivirus_built_at = state.value("antivirus_built_at", int64_t{0});
  versions_.signatures = state.value("signatures", 0U);
  loaded_ = true;
  return Status::Ok();
}

Result<StemProcess::Forked> StemProcess::ForkZygote(const InspectorOptions& options, int control,
                                                    int sources) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t deadline = SteadyMs() + kForkMs;
  GATEPOST_RETURN_IF_ERROR(SendFrame(control_.get(), FrameKind::kOptions, DumpJson(ToJson(options)),
                                     {control, sources}, deadline));
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.deadline_ms = deadline;
  Result<Frame> answer = ReceiveFrame(control_.get(), receive);
  if (!answer.ok()) {
    return Status::Unavailable("inspector: the stem is gone");
  }
  if (answer->kind != FrameKind::kForked || answer->fds.size() != 1) {
    return Status::Unavailable(answer->payload);
  }
  Reader in(answer->payload);
  Forked forked;
  forked.pid = static_cast<pid_t>(in.U32());
  forked.pidfd = std::move(answer->fds[0]);
  return forked;
}

StemProcess::~StemProcess() {
  control_.Reset();  // it leaves when it sees this
  Reap(pid_, loaded_ ? kLeaveMs : kRefusedMs);
}

}  // namespace gatepost::inspect
