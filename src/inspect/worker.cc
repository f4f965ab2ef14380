// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/worker.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "src/decode/passwords.h"
#include "src/inspect/channel.h"
#include "src/inspect/codec.h"
#include "src/inspect/picture_pass.h"
#include "src/inspect/protocol.h"
#include "src/inspect/sandbox.h"
#include "src/inspect/show.h"
#include "src/inspect/wire.h"

namespace gatepost::inspect {

namespace {

constexpr uint32_t kCpuSeconds = 3'600;       // RLIMIT_CPU
constexpr int64_t kRetireCpuSeconds = 1'800;  // a worker leaves of itself long before
constexpr size_t kTrimAbove = 256ULL << 20;   // of free heap after a message
constexpr uint32_t kTrimEvery = 64;           // messages, at the latest
constexpr uint64_t kMostRequest = 16ULL << 20;

// A sealed memfd, mapped read-only.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping() {
    if (data_ != nullptr) {
      munmap(data_, size_);
    }
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // False: not a sealed memfd of a size we take. Without the seals, a change of the file under our
  // hands would be a second reading, or SIGBUS.
  bool Map(int fd, uint64_t most) {
    constexpr int kNeeded = F_SEAL_WRITE | F_SEAL_SHRINK;
    struct stat info {};
    if ((fcntl(fd, F_GET_SEALS) & kNeeded) != kNeeded || fstat(fd, &info) != 0 ||
        static_cast<uint64_t>(info.st_size) > most) {
      return false;
    }
    size_ = static_cast<size_t>(info.st_size);
    if (size_ == 0) {
      return true;
    }
    void* data = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (data == MAP_FAILED) {
      return false;
    }
    data_ = data;
    return true;
  }
  Bytes bytes() const {
    return data_ == nullptr ? Bytes() : Bytes(static_cast<const char*>(data_), size_);
  }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

bool LooksLikeMessage(const std::string& name, Bytes bytes) {
  if (name.size() >= 4 && AsciiEqualsIgnoreCase(Bytes(name).substr(name.size() - 4), ".eml")) {
    return true;
  }
  return decode::Sniff(bytes, name, "") == decode::Type::kMessage;
}

std::string ReadReply(const std::string& name, Bytes bytes, const Limits& limits) {
  // A document stands in an empty message, so that one function writes both.
  const bool is_message = LooksLikeMessage(name, bytes);
  const mail::Message message = mail::Message::Parse(is_message ? bytes : Bytes(), limits);
  const decode::Leaves leaves =
      is_message ? decode::Decode(message, limits) : decode::DecodeDocument(name, bytes, limits);
  Writer out;
  const auto count = std::min<size_t>(leaves.unscannable.size(), kMostUnscannable);
  out.U32(static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    out.U8(static_cast<uint8_t>(leaves.unscannable[i].reason));
    out.Text(leaves.unscannable[i].path, kMostPath);
  }
  out.Text(text::ReadableText(message, leaves, limits), limits.text_bytes);
  return out.Take();
}

class Worker {
 public:
  Worker(const Inheritance& inheritance, Fd socket)
      : inheritance_(inheritance),
        limits_(inheritance.options->limits),
        socket_(std::move(socket)) {
    tools_.scanner = inheritance.scanner;
    tools_.engine = inheritance.engine;
    tools_.antivirus = inheritance.options->antivirus;
    tools_.site = inheritance.options->site;
    tools_.digest = false;
    // Workers of one generation do not all leave at the same time.
    const uint32_t spread = std::max<uint32_t>(limits_.worker_messages / 10, 1);
    messages_left_ = std::max<uint32_t>(limits_.worker_messages, 1) -
                     static_cast<uint32_t>(inheritance.id % spread);
  }

  // The exit status.
  int Run() {
    while (true) {
      ReceiveOptions receive;
      receive.most_bytes = kMostRequest;
      receive.take_fds = true;
      Result<Frame> request = ReceiveFrame(socket_.get(), receive);
      if (!request.ok()) {
        return 0;  // the daemon let go of us
      }
      FrameKind kind{};
      std::string reply;
      if (!Answer(*request, &kind, &reply)) {
        return 1;
      }
      request->fds.clear();
      const bool clean = !inheritance_.options->sandbox || EmptyFolder(inheritance_.scratch);
      const bool last = --messages_left_ == 0 || !clean || TooMuchCpu();
      reply.front() = last ? 1 : 0;
      if (!SendFrame(socket_.get(), kind, reply).ok() || last) {
        return 0;
      }
      Trim();
    }
  }

 private:
  // *reply begins with one byte to be set by the caller.
  bool Answer(const Frame& request, FrameKind* kind, std::string* reply) {
    if (request.kind == FrameKind::kInspectPictures) {
      *kind = FrameKind::kFindingsPictures;
      return InspectPictures(request, reply);
    }
    if (request.kind == FrameKind::kCollect) {
      *kind = FrameKind::kCollected;
      return CollectPictures(request, reply);
    }
    if (request.fds.size() != 1) {
      return false;
    }
    Mapping mapping;
    if (request.kind == FrameKind::kInspect) {
      const Result<InspectRequest> asked = DecodeInspectRequest(request.payload);
      if (!asked.ok() || !mapping.Map(request.fds.front().get(), limits_.message_bytes)) {
        return false;
      }
      Tools tools = tools_;
      tools.detail = asked->detail;
      const Findings findings = Inspect(asked->envelope, mapping.bytes(), tools, limits_);
      *kind = FrameKind::kFindings;
      *reply = '\0' + EncodeFindingsWithin(findings, limits_);
      return true;
    }
    if (request.kind == FrameKind::kShow) {
      Reader in(request.payload);
      Result<mail::Envelope> envelope = DecodeEnvelope(in.Raw(kMostRequest));
      Tools tools = tools_;
      if (const Bytes password = in.Raw(1'000); !password.empty()) {
        tools.passwords.emplace_back(password);
      }
      if (!envelope.ok() || !in.AtEnd() ||
          !mapping.Map(request.fds.front().get(), limits_.message_bytes)) {
        return false;
      }
      *kind = FrameKind::kShown;
      *reply = '\0' + EncodeShown(Show(*envelope, mapping.bytes(), tools, limits_), limits_);
      return true;
    }
    if (request.kind == FrameKind::kRead) {
      if (!mapping.Map(request.fds.front().get(),
                       std::max(limits_.message_bytes, limits_.leaf_bytes))) {
        return false;
      }
      *kind = FrameKind::kText;
      *reply = '\0' + ReadReply(request.payload, mapping.bytes(), limits_);
      return true;
    }
    return false;
  }

  // The first pass over pictures without an inspection: they are wanted for a person to see.
  bool CollectPictures(const Frame& request, std::string* reply) {
    Reader in(request.payload);
    std::vector<std::string> passwords = tools_.passwords;
    if (const Bytes password = in.Raw(1'000); !password.empty()) {
      passwords.emplace_back(password);
    }
    Mapping mapping;
    if (!in.AtEnd() || request.fds.size() != 2 ||
        !mapping.Map(request.fds.front().get(), limits_.message_bytes)) {
      return false;
    }
    const mail::Message message = mail::Message::Parse(mapping.bytes(), limits_);
    decode::Leaves leaves = decode::DecodeWith(message, limits_, passwords);
    PicturePass pass(inheritance_.options->pictures.pixels, request.fds[1].get());
    pass.Visit(&leaves);
    std::vector<WantedPicture> wanted = pass.wanted();
    for (WantedPicture& one : wanted) {
      for (const std::string& name : pass.OtherNames(one, leaves)) {
        one.path = CappedUtf8(one.path + " = " + name, kMostPath);
      }
    }
    Writer out;
    PutWanted(wanted, &out);
    const size_t count = std::min<size_t>(pass.passed_over().size(), kMostPictures);
    out.U32(static_cast<uint32_t>(count));
    for (size_t i = 0; i < count; ++i) {
      out.Text(pass.passed_over()[i], kMostPath);
    }
    *reply = '\0' + out.Take();
    return true;
  }

  // Two descriptors: the first pass, which fills the second of them. One: the second pass.
  bool InspectPictures(const Frame& request, std::string* reply) {
    Reader in(request.payload);
    const Result<InspectRequest> asked = DecodeInspectRequest(in.Raw(kMostRequest));
    std::vector<PictureAnswer> answers = GetAnswers(&in);
    Mapping mapping;
    if (!asked.ok() || !in.AtEnd() || request.fds.empty() ||
        !mapping.Map(request.fds.front().get(), limits_.message_bytes)) {
      return false;
    }
    const uint64_t pixels = inheritance_.options->pictures.pixels;
    PicturePass pass = request.fds.size() == 2 ? PicturePass(pixels, request.fds[1].get())
                                               : PicturePass(pixels, std::move(answers));
    Tools tools = tools_;
    tools.pictures = &pass;
    tools.detail = asked->detail;
    const Findings findings = Inspect(asked->envelope, mapping.bytes(), tools, limits_);
    Writer out;
    out.Raw(EncodeFindingsWithin(findings, limits_));
    PutWanted(pass.wanted(), &out);
    *reply = '\0' + out.Take();
    return true;
  }

  bool TooMuchCpu() {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
      return true;
    }
    grown_ |= usage.ru_maxrss > peak_kb_;
    peak_kb_ = usage.ru_maxrss;
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec > kRetireCpuSeconds;
  }

  // The heap is kept warm between messages, but not what one giant left behind. Asking the heap
  // walks all its free pieces: done when the process has grown, and now and then.
  void Trim() {
    if (!grown_ && ++untrimmed_ < kTrimEvery) {
      return;
    }
    grown_ = false;
    untrimmed_ = 0;
    const struct mallinfo2 info = mallinfo2();
    if (info.fordblks > kTrimAbove) {
      malloc_trim(kTrimAbove / 4);
    }
  }

  const Inheritance& inheritance_;
  const Limits& limits_;
  Fd socket_;
  Tools tools_;
  uint32_t messages_left_ = 0;
  long peak_kb_ = 0;
  bool grown_ = false;
  uint32_t untrimmed_ = 0;
};

void CloseAllBut(int keep) {
  if (keep > 3) {
    close_range(3, static_cast<unsigned>(keep) - 1, 0);
  }
  close_range(static_cast<unsigned>(keep) + 1, ~0U, 0);
}

// Libraries write complaints about a mail to stderr, and those may quote it.
void SilenceOutput() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) {
    return;
  }
  for (int fd = 0; fd <= 2; ++fd) {
    dup2(null, fd);
  }
  if (null > 2) {
    close(null);
  }
}

}  // namespace

void WarmUp(const Inheritance& inheritance) {
  Tools tools;
  tools.scanner = inheritance.scanner;
  tools.engine = inheritance.engine;
  tools.antivirus = inheritance.options->antivirus;
  tools.site = inheritance.options->site;
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse("a@example.org");
  envelope.recipients.push_back({mail::Address::Parse("b@example.net"), {}, false});
  const std::string raw = WarmUpMessage();
  const Findings findings = Inspect(envelope, raw, tools, inheritance.options->limits);
  // The encoder and its buffers too.
  EncodeFindingsWithin(findings, inheritance.options->limits);
}

void RunWorker(const Inheritance& inheritance, Fd socket) {
  prctl(PR_SET_NAME, "gatepost-worker");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  CloseAllBut(socket.get());
  const InspectorOptions& options = *inheritance.options;
  SandboxOptions sandbox;
  sandbox.scratch = inheritance.scratch;
  sandbox.scratch_bytes = options.limits.scratch_bytes;
  sandbox.memory_bytes = options.limits.worker_memory_bytes;
  sandbox.cpu_seconds = kCpuSeconds;
  sandbox.parent = inheritance.zygote;
  std::string description = "no sandbox";
  Status entered;
  if (options.sandbox) {
    SilenceOutput();
    entered = EnterSandbox(sandbox, &description);
  } else {
    entered = EnterMinimum(sandbox);
  }
  if (!entered.ok()) {
    (void)SendFrame(socket.get(), FrameKind::kNoWorker, entered.message()).ok();
    _exit(1);
  }
  int code = 1;
  // Out of memory under RLIMIT_AS throws; whatever it was, the process is not fit to go on.
  try {
    WarmUp(inheritance);
    if (options.sandbox) {
      EmptyFolder(inheritance.scratch);
    }
    if (SendFrame(socket.get(), FrameKind::kReady, description).ok()) {
      code = Worker(inheritance, std::move(socket)).Run();
    }
  } catch (const std::exception&) {
    code = 2;
  }
  _exit(code);
}

}  // namespace gatepost::inspect
