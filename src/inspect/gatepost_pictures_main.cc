// gatepost-pictures: reads one picture after the other in the sandbox of all workers, or draws them
// for a person. Started by
// the inspector alone, over a socket. A program of its own because of licences
// (src/picture/README.md); it loads its languages before it locks itself in, and forks nothing.
// LIMITS: leaves after kMostServed pictures or kRetireCpuSeconds; another is started then.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/message_fd.h"
#include "src/inspect/picture_wire.h"
#include "src/inspect/sandbox.h"
#include "src/inspect/spawn.h"
#include "src/picture/draw.h"
#include "src/picture/reader.h"

namespace gatepost::inspect {
namespace {

constexpr int64_t kHelloMs = 10'000;
constexpr uint32_t kMostServed = 500;
constexpr int64_t kRetireCpuSeconds = 1'800;
constexpr uint32_t kCpuSeconds = 3'600;
constexpr uint64_t kMemoryBytes = 1'500ULL
                                  << 20;  // beyond what is mapped with all languages loaded
constexpr uint64_t kScratchBytes = 16ULL << 20;

// The libraries complain about pictures on stderr.
void SilenceOutput() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; null >= 0 && fd <= 2; ++fd) {
    dup2(null, fd);
  }
  if (null > 2) {
    close(null);
  }
}

void PrepareProcess() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
    signal(number, SIG_IGN);  // the daemon decides
  }
  prctl(PR_SET_NAME, "gatepost-pics");
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  setlocale(LC_CTYPE, "C.UTF-8");
  setenv("TZ", "UTC0", 1);
  tzset();
  mallopt(M_ARENA_MAX, 1);
}

bool Retires() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) != 0 ||
         usage.ru_utime.tv_sec + usage.ru_stime.tv_sec > kRetireCpuSeconds;
}

// Reads, or draws where `reader` is null: the answer to one frame. False: it is not one of ours.
bool Answer(const Frame& frame, picture::Reader* reader, FrameKind* kind, std::string* reply) {
  if (frame.fds.size() != 1) {
    return false;
  }
  const Result<MessageFd> file = MessageFd::Seal(frame.fds.front().get());
  const auto stretch = [&file](uint64_t offset, uint64_t length, Bytes* out) {
    if (!file.ok() || offset > file->bytes().size() || length > file->bytes().size() - offset) {
      return false;
    }
    *out = file->bytes().substr(offset, length);
    return true;
  };
  Bytes bytes;
  if (reader == nullptr) {
    const Result<picture::DrawRequest> request = DecodeDrawRequest(frame.payload);
    if (frame.kind != FrameKind::kDraw || !request.ok() ||
        !stretch(request->offset, request->length, &bytes)) {
      return false;
    }
    *kind = FrameKind::kDrawn;
    *reply = EncodeDrawing(picture::Draw(*request, bytes));
    return true;
  }
  const Result<picture::Request> request = DecodeRequest(frame.payload);
  if (frame.kind != FrameKind::kPicture || !request.ok() ||
      !stretch(request->offset, request->length, &bytes)) {
    return false;
  }
  *kind = FrameKind::kReading;
  *reply = EncodeReading(reader->Read(*request, bytes));
  return true;
}

// Until the daemon lets go. The exit status.
int Serve(int socket, picture::Reader* reader) {
  for (uint32_t left = kMostServed; left > 0; --left) {
    ReceiveOptions receive;
    receive.most_bytes = 1'024;
    receive.take_fds = true;
    const Result<Frame> frame = ReceiveFrame(socket, receive);
    if (!frame.ok()) {
      return 0;
    }
    FrameKind kind{};
    std::string reply;
    if (!Answer(*frame, reader, &kind, &reply)) {
      return 1;
    }
    const bool last = left == 1 || Retires();
    if (!SendFrame(socket, kind, (last ? '\1' : '\0') + reply).ok() || last) {
      return 0;
    }
    malloc_trim(0);  // a page is 30 MB, and the next one may be long in coming
  }
  return 0;
}

int Refuse(int socket, const Status& status) {
  (void)SendFrame(socket, FrameKind::kNoWorker, status.message()).ok();
  return 1;
}

int Run(int socket) {
  close_range(static_cast<unsigned>(socket) + 1, ~0U, 0);
  PrepareProcess();
  if (!SendFrame(socket, FrameKind::kHello, kPicturesHello).ok()) {
    return 1;
  }
  ReceiveOptions receive;
  receive.deadline_ms = SteadyMs() + kHelloMs;
  const Result<Frame> told = ReceiveFrame(socket, receive);
  if (!told.ok() || told->kind != FrameKind::kOptions) {
    return 1;
  }
  const Result<PictureWorkerOptions> options = DecodePictureOptions(told->payload);
  if (!options.ok()) {
    return Refuse(socket, options.status());
  }
  std::unique_ptr<picture::Reader> reader;  // null: it draws
  if (!options->draws) {
    picture::Settings settings;
    settings.data = options->data;
    Result<std::unique_ptr<picture::Reader>> loaded = picture::Reader::Load(settings);
    if (!loaded.ok()) {
      return Refuse(socket, loaded.status());
    }
    reader = std::move(loaded).value();
  }
  const auto warm_up = [&reader] {
    if (reader == nullptr) {
      return picture::WarmUpDrawing();
    }
    reader->WarmUp();
    return true;
  };
  // Fonts and the like, which lie where the sandbox does not let it look.
  warm_up();
  SandboxOptions sandbox;
  sandbox.scratch_bytes = kScratchBytes;
  sandbox.memory_bytes = kMemoryBytes;
  sandbox.cpu_seconds = kCpuSeconds;
  sandbox.parent = options->parent;
  std::string description = "no sandbox";
  Status entered;
  if (options->sandbox) {
    SilenceOutput();
    entered = EnterSandbox(sandbox, &description);
  } else {
    entered = EnterMinimum(sandbox);
  }
  if (!entered.ok()) {
    return Refuse(socket, entered);
  }
  // Out of memory under RLIMIT_AS throws; the process is not fit to go on then.
  try {
    // Proves that the sandbox lets it work.
    if (!warm_up()) {
      return Refuse(socket, Status::Unavailable("pictures: a page of ours could not be drawn"));
    }
    return SendFrame(socket, FrameKind::kReady, description).ok() ? Serve(socket, reader.get())
                                                                  : 1;
  } catch (const std::exception&) {
    return 2;
  }
}

}  // namespace
}  // namespace gatepost::inspect

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("gatepost-pictures " GATEPOST_VERSION);
    return 0;
  }
  if (argc != 3 || std::strcmp(argv[1], gatepost::inspect::kPicturesArgument) != 0) {
    std::fputs(
        "gatepost-pictures reads pictures for gatepostd and gatepost, which start it when the\n"
        "configuration says `pictures: on`. There is nothing to start by hand.\n",
        argc == 2 && std::strcmp(argv[1], "--help") == 0 ? stdout : stderr);
    return argc == 2 && std::strcmp(argv[1], "--help") == 0 ? 0 : 2;
  }
  // exit handlers of the libraries are not worth running.
  _exit(gatepost::inspect::Run(gatepost::inspect::kChildControl));
}
