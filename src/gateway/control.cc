// LIMITS: requests up to 1 MB, answers up to 64 MB, 16 askers at a time.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/control.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/base/utf8.h"
#include "src/gateway/generations.h"
#include "src/gateway/report.h"
#include "src/record/blocks.h"
#include "src/record/exceptions.h"

namespace gatepost::gateway {

namespace {

constexpr uint32_t kMaxRequest = 1U << 20;
constexpr uint32_t kMaxAnswer = 64U << 20;
constexpr size_t kMaxAskers = 16;
constexpr int kServeSeconds = 120;
constexpr size_t kMaxReason = 1'000;

Result<sockaddr_un> SocketAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Status::Invalid(path + ": longer than a Unix socket's name may be (107 bytes)");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

void SetTimeout(int fd, int timeout_ms) {
  const timeval time{timeout_ms / 1000, (timeout_ms % 1000) * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

Status SendFrame(int fd, const Json& value, int attached) {
  const std::string body = DumpJson(value);
  std::string frame(4, '\0');
  for (size_t i = 0; i < 4; ++i) {
    frame[i] = static_cast<char>((body.size() >> (8 * i)) & 0xFF);
  }
  frame += body;
  iovec piece{frame.data(), frame.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  if (attached >= 0) {
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    cmsghdr* const control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(control), &attached, sizeof(int));
  }
  const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
  if (sent < 0) {
    return Status::FromErrno("send", errno);
  }
  size_t at = static_cast<size_t>(sent);
  while (at < frame.size()) {
    const ssize_t more = send(fd, frame.data() + at, frame.size() - at, MSG_NOSIGNAL);
    if (more <= 0) {
      return Status::FromErrno("send", errno);
    }
    at += static_cast<size_t>(more);
  }
  return {};
}

// At least one byte with whatever descriptor comes along; 0: closed.
Result<size_t> ReceiveSome(int fd, char* out, size_t size, Fd* attached) {
  iovec piece{out, size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  const ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) {
    return errno == EAGAIN ? Status::Unavailable("no answer in time")
                           : Status::FromErrno("receive", errno);
  }
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS) {
      int received = -1;
      std::memcpy(&received, CMSG_DATA(control), sizeof(int));
      attached->Reset(received);
    }
  }
  return static_cast<size_t>(got);
}

Result<Json> ReceiveFrame(int fd, uint32_t most, Fd* attached) {
  std::string body;
  std::array<char, 4> head{};
  size_t have = 0;
  while (have < head.size()) {
    GATEPOST_ASSIGN_OR_RETURN(const size_t got,
                              ReceiveSome(fd, head.data() + have, head.size() - have, attached));
    if (got == 0) {
      return Status::Unavailable("the other side closed the connection");
    }
    have += got;
  }
  uint32_t size = 0;
  for (size_t i = 0; i < 4; ++i) {
    size |= static_cast<uint32_t>(static_cast<unsigned char>(head[i])) << (8 * i);
  }
  if (size > most) {
    return Status::Invalid("frame larger than " + std::to_string(most) + " bytes");
  }
  body.resize(size);
  for (size_t at = 0; at < size;) {
    GATEPOST_ASSIGN_OR_RETURN(const size_t got,
                              ReceiveSome(fd, body.data() + at, size - at, attached));
    if (got == 0) {
      return Status::Unavailable("the other side closed the connection");
    }
    at += got;
  }
  GATEPOST_ASSIGN_OR_RETURN(Json value, ParseJson("control socket", body));
  if (!value.is_object()) {
    return Status::Invalid("control socket: not an object");
  }
  return value;
}

std::vector<std::string> Words(const Json& request, const char* key) {
  std::vector<std::string> words;
  if (const auto found = request.find(key); found != request.end() && found->is_array()) {
    for (const Json& one : *found) {
      words.push_back(one.is_string() ? one.get<std::string>() : "");
    }
  }
  return words;
}

mail::Envelope EnvelopeFromRequest(const mail::Site& site, const Json& request) {
  constexpr const char* kOutside = "192.0.2.1";  // RFC 5737: nobody's
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse(Word(request, "from"));
  if (const auto list = request.find("rcpt"); list != request.end() && list->is_array()) {
    for (const Json& one : *list) {
      if (one.is_string()) {
        mail::Recipient recipient;
        recipient.address = mail::Address::Parse(one.get<std::string>());
        envelope.recipients.push_back(std::move(recipient));
      }
    }
  }
  envelope.client_ip = Word(request, "client_ip");
  envelope.auth_user = Word(request, "auth");
  const bool assumed = envelope.client_ip.empty() && envelope.auth_user.empty();
  if (envelope.client_ip.empty()) {
    envelope.client_ip = kOutside;
  }
  mail::ClassifyDirections(site, &envelope);
  for (mail::Recipient& recipient : envelope.recipients) {
    // A mail file out of its context: whoever it names, it is looked at as if it came in here.
    if (assumed && recipient.direction == mail::Direction::kRelay) {
      recipient.direction = mail::Direction::kInbound;
    }
  }
  return envelope;
}

Json ErrorAnswer(const std::string& message) { return {{"error", message}}; }

}  // namespace

std::string ControlSocket(const std::string& state_folder) {
  return state_folder + "/control.sock";
}

Result<Json> AnswerInspection(const Generation& generation, const Config& config,
                              const Json& request, int message_fd) {
  const std::string what = Word(request, "do");
  if (what == "scan") {
    // A broken file of exceptions is the daemon's to tell; here none applies either.
    const Result<policy::Exceptions> exceptions =
        record::ReadExceptions(record::ExceptionsFile(config.state));
    const Result<policy::Blocks> blocks = record::ReadBlocks(record::BlocksFile(config.state));
    const Standing standing{exceptions.ok() ? &*exceptions : nullptr,
                            blocks.ok() ? &*blocks : nullptr, nullptr, nullptr};
    struct stat info {};
    // Only for who asks what a client would hear; who releases asks what is in the message.
    if (request.value("over_limit", Json()) == "refuse" && fstat(message_fd, &info) == 0 &&
        static_cast<uint64_t>(info.st_size) > config.limits.message_bytes) {
      return ScanReport(Word(request, "file"),
                        TooLong(generation, config, EnvelopeFromRequest(config.site, request),
                                static_cast<uint64_t>(info.st_size)),
                        *generation.inspector->rules());
    }
    return ScanReport(Word(request, "file"),
                      Consider(generation, config, EnvelopeFromRequest(config.site, request),
                               message_fd, {}, standing, inspect::Detail::kPerson),
                      *generation.inspector->rules());
  }
  if (what == "show") {
    GATEPOST_ASSIGN_OR_RETURN(inspect::Shown shown,
                              generation.inspector->Show(EnvelopeFromRequest(config.site, request),
                                                         Word(request, "password"), message_fd));
    return ShowReport(std::move(shown), *generation.inspector->rules());
  }
  if (what == "pictures") {
    GATEPOST_ASSIGN_OR_RETURN(const inspect::DrawnPictures drawn,
                              generation.inspector->Draw(Word(request, "password"), message_fd));
    return PicturesReport(drawn);
  }
  if (what == "rules") {
    return RulesReport(*generation.inspector->rules());
  }
  if (what == "read") {
    GATEPOST_ASSIGN_OR_RETURN(const inspect::ReadText text,
                              generation.inspector->Read(Word(request, "name"), message_fd));
    return ReadReport(text);
  }
  return Status::Invalid("unknown request '" + what + "'");
}

struct ControlServer::Server {
  Gateway* gateway = nullptr;
  ReloadCall reload;
  std::string path;
  Fd listener;
  Fd stop;  // eventfd
  std::mutex mutex;
  std::condition_variable gone;
  std::set<int> askers;  // open connections; shut down when the server leaves
  std::thread thread;

  Json Answer(const Json& request, int attached, int asker);
  Json Obey(const std::string& what, const Json& request, int asker);
  void Serve(Fd asker);
  void Run();
};

// What changes the generation.
Json ControlServer::Server::Obey(const std::string& what, const Json& request, int asker) {
  Order order;
  order.how = what;
  order.why = PrintableUtf8(Word(request, "why"), kMaxReason);
  order.who = PeerOf(asker);
  Json report = Json::object();
  Status status;
  if (what == "overrides-seen") {
    status = gateway->generations()->OverridesSeen(Words(request, "what"));
  } else if (what == "rollback") {
    status = gateway->generations()->Rollback(Word(request, "which"), order, &report);
  } else if (what == "accept") {
    status = gateway->generations()->Accept(Words(request, "what"),
                                            request.value("all", Json()) == true, order, &report);
  } else {
    status = reload(order, &report);
  }
  Json answer = {{"ok", status.ok()}, {"message", status.message()}};
  answer.update(report);
  return answer;
}

Json ControlServer::Server::Answer(const Json& request, int attached, int asker) {
  const std::string what = Word(request, "do");
  if (what == "status") {
    return gateway->State();
  }
  if (what == "reload" || what == "rollback" || what == "rollback-off" || what == "accept" ||
      what == "overrides-seen") {
    return Obey(what, request, asker);
  }
  if (attached < 0 && what != "rules") {
    return ErrorAnswer("'" + what + "' needs a descriptor, or is not a request");
  }
  const Result<Json> answer =
      AnswerInspection(*gateway->generation(), gateway->config(), request, attached);
  return answer.ok() ? *answer : ErrorAnswer(answer.status().message());
}

void ControlServer::Server::Serve(Fd asker) {
  SetTimeout(asker.get(), kServeSeconds * 1000);
  for (;;) {
    Fd attached;
    const Result<Json> request = ReceiveFrame(asker.get(), kMaxRequest, &attached);
    if (!request.ok() ||
        !SendFrame(asker.get(), Answer(*request, attached.get(), asker.get()), -1).ok()) {
      break;
    }
  }
  // Notified under the lock: after it, the server may be gone.
  const std::lock_guard<std::mutex> lock(mutex);
  askers.erase(asker.get());
  gone.notify_all();
}

void ControlServer::Server::Run() {
  for (;;) {
    std::array<pollfd, 2> wait = {{{listener.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (wait[1].revents != 0) {
      return;
    }
    if (wait[0].revents == 0) {
      continue;
    }
    Fd asker(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!asker.valid()) {
      continue;
    }
    {
      const std::lock_guard<std::mutex> lock(mutex);
      if (askers.size() >= kMaxAskers) {
        continue;  // closed: the command line then does the work itself
      }
      askers.insert(asker.get());
    }
    const int fd = asker.Release();
    std::thread([this, fd] { Serve(Fd(fd)); }).detach();
  }
}

ControlServer::ControlServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::Start(Gateway* gateway, const Config& config,
                                                            ReloadCall reload) {
  auto server = std::make_unique<Server>();
  server->gateway = gateway;
  server->reload = std::move(reload);
  server->path = ControlSocket(config.state);
  GATEPOST_ASSIGN_OR_RETURN(const sockaddr_un address, SocketAddress(server->path));
  server->listener.Reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  server->stop.Reset(eventfd(0, EFD_CLOEXEC));
  unlink(server->path.c_str());
  if (!server->listener.valid() || !server->stop.valid() ||
      bind(server->listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
          0 ||
      chmod(server->path.c_str(), 0660) != 0 ||
      listen(server->listener.get(), static_cast<int>(kMaxAskers)) != 0) {
    return Status::FromErrno(server->path, errno);
  }
  Server* const running = server.get();
  server->thread = std::thread([running] { running->Run(); });
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(server)));  // NOLINT: private
}

ControlServer::~ControlServer() {
  const uint64_t one = 1;
  static_cast<void>(
      WriteAll(server_->stop.get(), Bytes(reinterpret_cast<const char*>(&one), sizeof one)));
  server_->thread.join();
  unlink(server_->path.c_str());
  std::unique_lock<std::mutex> lock(server_->mutex);
  for (const int asker : server_->askers) {
    shutdown(asker, SHUT_RD);
  }
  server_->gone.wait(lock, [this] { return server_->askers.empty(); });
}

Result<Json> AskDaemon(const std::string& state_folder, const Json& request, int fd,
                       int timeout_ms) {
  GATEPOST_ASSIGN_OR_RETURN(const sockaddr_un address, SocketAddress(ControlSocket(state_folder)));
  const Fd connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SetTimeout(connection.get(), timeout_ms);
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Status(errno == ENOENT ? Code::kNotFound : Code::kUnavailable,
                  "no daemon answers at " + ControlSocket(state_folder));
  }
  GATEPOST_RETURN_IF_ERROR(SendFrame(connection.get(), request, fd));
  Fd ignored;
  GATEPOST_ASSIGN_OR_RETURN(Json answer, ReceiveFrame(connection.get(), kMaxAnswer, &ignored));
  if (const auto error = answer.find("error"); error != answer.end() && answer.size() == 1) {
    return Status::Internal(error->is_string() ? error->get<std::string>() : "unknown error");
  }
  return answer;
}

}  // namespace gatepost::gateway
