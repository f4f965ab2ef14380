// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/picture_process.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/picture_wire.h"
#include "src/inspect/spawn.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kHelloMs = 10'000;
constexpr int64_t kLoadMs = 60'000;

// The packages put it beside the other two programs.
std::string ProgramBesideUs() {
  std::array<char, 4'096> own{};
  const ssize_t size = readlink("/proc/self/exe", own.data(), own.size() - 1);
  const std::string path = size > 0 ? std::string(own.data(), static_cast<size_t>(size)) : "";
  return path.substr(0, path.rfind('/') + 1) + "gatepost-pictures";
}

}  // namespace

Result<std::unique_ptr<PictureProcess>> PictureProcess::Start(const picture::Settings& settings,
                                                              bool sandbox, Work work,
                                                              int64_t deadline_ms) {
  const std::string program = settings.program.empty() ? ProgramBesideUs() : settings.program;
  GATEPOST_ASSIGN_OR_RETURN(auto pair, SocketPair());
  // OpenMP reads it when it is loaded; a second thread could not be started in the sandbox.
  Result<pid_t> pid =
      Spawn(program, {"gatepost-pictures", kPicturesArgument, std::to_string(kChildControl)},
            pair[1].get(), {"OMP_THREAD_LIMIT=1"});
  if (!pid.ok()) {
    return Status::Unavailable("pictures: " + pid.status().message());
  }
  pair[1].Reset();
  std::unique_ptr<PictureProcess> process(new PictureProcess(*pid, std::move(pair[0])));
  GATEPOST_RETURN_IF_ERROR(process->Begin(settings, sandbox, work, deadline_ms));
  return process;
}

Status PictureProcess::Begin(const picture::Settings& settings, bool sandbox, Work work,
                             int64_t deadline_ms) {
  const auto within = [deadline_ms](int64_t ms) {
    const int64_t end = SteadyMs() + ms;
    return deadline_ms < 0 ? end : std::min(end, deadline_ms);
  };
  ReceiveOptions receive;
  receive.deadline_ms = within(kHelloMs);
  const Result<Frame> hello = ReceiveFrame(socket_.get(), receive);
  if (!hello.ok() || hello->kind != FrameKind::kHello) {
    return Status::Unavailable("pictures: gatepost-pictures did not start");
  }
  if (hello->payload != kPicturesHello) {
    return Status::Unavailable("pictures: gatepost-pictures is not of our version (" +
                               PrintableUtf8(hello->payload, 120) + " instead of " +
                               kPicturesHello + ")");
  }
  PictureWorkerOptions options;
  options.draws = work == Work::kDraw;
  options.data = settings.data;
  options.sandbox = sandbox;
  options.parent = getpid();
  GATEPOST_RETURN_IF_ERROR(
      SendFrame(socket_.get(), FrameKind::kOptions, EncodePictureOptions(options)));
  receive.deadline_ms = within(kLoadMs);
  const Result<Frame> ready = ReceiveFrame(socket_.get(), receive);
  if (!ready.ok()) {
    return Status::Unavailable("pictures: gatepost-pictures ended while it started");
  }
  if (ready->kind != FrameKind::kReady) {
    return Status::Unavailable(PrintableUtf8(ready->payload, 500));
  }
  sandbox_ = ready->payload;
  return Status::Ok();
}

PictureProcess::~PictureProcess() {
  socket_.Reset();
  kill(pid_, SIGKILL);
  Reap(pid_, 1'000);
}

Result<std::string> PictureProcess::Exchange(FrameKind kind, const std::string& payload, int file,
                                             FrameKind reply_kind, size_t most_reply,
                                             int64_t deadline_ms) {
  GATEPOST_RETURN_IF_ERROR(SendFrame(socket_.get(), kind, payload, {file}, deadline_ms));
  ReceiveOptions receive;
  receive.deadline_ms = deadline_ms;
  receive.most_bytes = most_reply;
  GATEPOST_ASSIGN_OR_RETURN(Frame reply, ReceiveFrame(socket_.get(), receive));
  if (reply.kind != reply_kind || reply.payload.empty()) {
    return Status::Invalid("pictures: the answer is not valid");
  }
  last_ = reply.payload.front() != 0;
  reply.payload.erase(0, 1);
  return std::move(reply.payload);
}

Result<picture::Reading> PictureProcess::Ask(const picture::Request& request, int file,
                                             int64_t deadline_ms) {
  GATEPOST_ASSIGN_OR_RETURN(
      const std::string reply,
      Exchange(FrameKind::kPicture, EncodeRequest(request), file, FrameKind::kReading,
               kMostReadingBytes, deadline_ms));
  return DecodeReading(reply);
}

Result<picture::Drawing> PictureProcess::Draw(const picture::DrawRequest& request, int file,
                                              int64_t deadline_ms) {
  GATEPOST_ASSIGN_OR_RETURN(
      const std::string reply,
      Exchange(FrameKind::kDraw, EncodeDrawRequest(request), file, FrameKind::kDrawn,
               kMostDrawingBytes, deadline_ms));
  return DecodeDrawing(reply, request.longest);
}

bool PictureProcess::Lives() {
  // Nobody asked it anything: what can be read from its socket is its end.
  pollfd wait{socket_.get(), POLLIN, 0};
  return !last_ && poll(&wait, 1, 0) == 0;
}

}  // namespace gatepost::inspect
