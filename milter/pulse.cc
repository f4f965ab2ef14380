// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/pulse.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>

#include "src/base/files.h"
#include "src/base/journal.h"

namespace gatepost::milter {

namespace {

// SMFIC_OPTNEG, version 6, all actions, all steps; what Postfix begins with.
constexpr std::string_view kNegotiate("\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff", 17);
constexpr std::string_view kQuit("\0\0\0\x01Q", 5);

Fd Connected(int family, const sockaddr* address, socklen_t size, int timeout_ms) {
  Fd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  timeval most{};
  most.tv_sec = timeout_ms / 1'000;
  most.tv_usec = timeout_ms % 1'000 * 1'000;
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) != 0 ||
      setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) != 0 ||
      connect(fd.get(), address, size) != 0) {
    return Fd();
  }
  return fd;
}

// inet:PORT@HOST; without a host, or with the wildcard, libmilter takes every address of ours.
Fd ConnectInet(int family, const std::string& where, int timeout_ms) {
  const size_t at = where.find('@');
  std::string host = at == std::string::npos ? std::string() : where.substr(at + 1);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "0.0.0.0" || host == "::") {
    host.clear();
  }
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), where.substr(0, at).c_str(), &hints,
                  &found) != 0) {
    return Fd();
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    Fd fd = Connected(one->ai_family, one->ai_addr, one->ai_addrlen, timeout_ms);
    if (fd.valid()) {
      return fd;
    }
  }
  return Fd();
}

Fd Connect(const std::string& listen, int timeout_ms) {
  const size_t colon = listen.find(':');
  const std::string kind = listen.substr(0, colon);
  const std::string where = colon == std::string::npos ? "" : listen.substr(colon + 1);
  if (kind != "unix") {
    return ConnectInet(kind == "inet6" ? AF_INET6 : AF_INET, where, timeout_ms);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (where.size() >= sizeof address.sun_path) {
    return Fd();
  }
  std::memcpy(address.sun_path, where.data(), where.size());
  return Connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address,
                   timeout_ms);
}

}  // namespace

bool Knock(const std::string& listen, int timeout_ms) {
  return Connect(listen, timeout_ms).valid();
}

Status ProbeMilter(const std::string& listen, int timeout_ms) {
  const Fd fd = Connect(listen, timeout_ms);
  if (!fd.valid()) {
    return Status::Unavailable("no connection to our own socket " + listen);
  }
  std::array<char, 5> answer{};
  const bool heard = send(fd.get(), kNegotiate.data(), kNegotiate.size(), MSG_NOSIGNAL) ==
                         static_cast<ssize_t>(kNegotiate.size()) &&
                     recv(fd.get(), answer.data(), answer.size(), MSG_WAITALL) ==
                         static_cast<ssize_t>(answer.size()) &&
                     answer[4] == 'O';
  static_cast<void>(send(fd.get(), kQuit.data(), kQuit.size(), MSG_NOSIGNAL));
  return heard ? Status::Ok() : Status::Unavailable("no answer on our own socket " + listen);
}

Status ProbeWorkers(inspect::Inspector* inspector, uint64_t* finished) {
  constexpr std::string_view kLine = "pulse\n";
  const Fd line(memfd_create("pulse", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!line.valid() ||
      write(line.get(), kLine.data(), kLine.size()) != static_cast<ssize_t>(kLine.size())) {
    return Status::FromErrno("pulse", errno);
  }
  const Result<inspect::ReadText> read = inspector->Read("pulse.txt", line.get());
  const uint64_t before = std::exchange(*finished, inspector->state().inspected);
  if ((read.ok() && read->utf8.find("pulse") != std::string::npos) || *finished != before) {
    return Status::Ok();
  }
  return Status::Unavailable("no worker answers" +
                             (read.ok() ? std::string() : ": " + read.status().message()));
}

Pulse::Pulse(std::function<Status()> probe, int64_t interval_ms)
    : probe_(std::move(probe)), interval_ms_(interval_ms), thread_([this] { Run(); }) {}

Pulse::~Pulse() {
  Stop();
  thread_.join();
}

void Pulse::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopping_ = true;
  wake_.notify_all();
}

void Pulse::Run() {
  bool was_well = true;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    Status status;
    try {
      status = probe_();
    } catch (const std::exception& error) {
      status = Status::Internal(error.what());
    }
    well_ = status.ok();
    lock.lock();
    if (status.ok() != was_well && !stopping_) {
      was_well = status.ok();
      if (was_well) {
        Journal(Loudness::kNotice, "GP3020", "answering again; the watchdog is fed");
      } else {
        Journal(Loudness::kError, "GP3019",
                "we would not answer Postfix: the watchdog is not fed and systemd will restart us",
                {{"reason", status.message()}});
      }
    }
    wake_.wait_for(lock, std::chrono::milliseconds(interval_ms_), [this] { return stopping_; });
  }
}

}  // namespace gatepost::milter
