// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/smtp_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "src/base/clock.h"

namespace gatepost::record {

namespace {

constexpr size_t kMaxLine = 2'000;
constexpr int kMaxLines = 100;

// Ok when fd is ready for `events` before the deadline (steady clock).
Status WaitFor(int fd, short events, int64_t deadline_ms) {  // NOLINT: poll's own type
  for (;;) {
    const int64_t left = deadline_ms - SteadyMs();
    if (left <= 0) {
      return Status::Unavailable("no answer in time");
    }
    pollfd one{fd, events, 0};
    const int ready = poll(&one, 1, static_cast<int>(left));
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return Status::FromErrno("poll", errno);
    }
  }
}

Status FinishConnect(int fd, const sockaddr* address, socklen_t size, const std::string& target,
                     int timeout_ms) {
  if (connect(fd, address, size) == 0) {
    return {};
  }
  if (errno != EINPROGRESS && errno != EAGAIN) {
    return Status::Unavailable(target + ": " + Status::FromErrno("connect", errno).message());
  }
  GATEPOST_RETURN_IF_ERROR(WaitFor(fd, POLLOUT, SteadyMs() + timeout_ms));
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
    return Status::Unavailable(target + ": " + Status::FromErrno("connect", error).message());
  }
  return {};
}

Result<Fd> ConnectUnix(const std::string& path, const std::string& target, int timeout_ms) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Status::Invalid(target + ": a socket's path has 1 to 107 bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) {
    return Status::FromErrno("socket", errno);
  }
  GATEPOST_RETURN_IF_ERROR(FinishConnect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                                         sizeof address, target, timeout_ms));
  return fd;
}

Result<Fd> ConnectInet(const std::string& target, int timeout_ms) {
  const size_t colon = target.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == target.size()) {
    return Status::Invalid(target + ": must be unix:PATH or host:port");
  }
  std::string host = target.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(host.c_str(), target.substr(colon + 1).c_str(), &hints, &raw);
  if (code != 0) {
    return Status::Unavailable(target + ": " + gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(raw, &freeaddrinfo);
  Status last = Status::Unavailable(target + ": no address");
  for (const addrinfo* one = all.get(); one != nullptr; one = one->ai_next) {
    Fd fd(socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) {
      last = Status::FromErrno("socket", errno);
      continue;
    }
    last = FinishConnect(fd.get(), one->ai_addr, one->ai_addrlen, target, timeout_ms);
    if (last.ok()) {
      return fd;
    }
  }
  return last;
}

}  // namespace

Result<SmtpClient> SmtpClient::Connect(const std::string& target, int timeout_ms) {
  const bool local = target.rfind("unix:", 0) == 0;
  Result<Fd> fd =
      local ? ConnectUnix(target.substr(5), target, timeout_ms) : ConnectInet(target, timeout_ms);
  if (!fd.ok()) {
    return fd.status();
  }
  SmtpClient client;
  client.fd_ = std::move(fd).value();
  client.timeout_ms_ = timeout_ms;
  return client;
}

Status SmtpClient::Send(Bytes data) {
  const int64_t deadline = SteadyMs() + timeout_ms_;
  while (!data.empty()) {
    // No SIGPIPE: the peer may leave at any time.
    const ssize_t put = send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (put >= 0) {
      data.remove_prefix(static_cast<size_t>(put));
    } else if (errno == EAGAIN) {
      GATEPOST_RETURN_IF_ERROR(WaitFor(fd_.get(), POLLOUT, deadline));
    } else if (errno != EINTR) {
      return Status::FromErrno("send", errno);
    }
  }
  return {};
}

Result<SmtpReply> SmtpClient::ReadReply(int timeout_ms) {
  const int64_t deadline = SteadyMs() + timeout_ms;
  SmtpReply reply;
  for (int lines = 0; lines < kMaxLines;) {
    const size_t end = buffered_.find('\n');
    if (end == std::string::npos) {
      if (buffered_.size() > kMaxLine) {
        return Status::Unavailable("the peer does not speak SMTP");
      }
      GATEPOST_RETURN_IF_ERROR(WaitFor(fd_.get(), POLLIN, deadline));
      char chunk[2'048];
      const ssize_t got = recv(fd_.get(), chunk, sizeof chunk, 0);
      if (got == 0) {
        return Status::Unavailable("the peer closed the connection");
      }
      if (got > 0) {
        buffered_.append(chunk, static_cast<size_t>(got));
      } else if (errno != EINTR && errno != EAGAIN) {
        return Status::FromErrno("recv", errno);
      }
      continue;
    }
    const std::string line(AsciiTrim(Bytes(buffered_).substr(0, end)));
    buffered_.erase(0, end + 1);
    ++lines;
    const auto digit = [&](size_t i) {
      return i < line.size() && line[i] >= '0' && line[i] <= '9';
    };
    if (!digit(0) || !digit(1) || !digit(2)) {
      return Status::Unavailable("the peer does not speak SMTP");
    }
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    reply.text += (reply.text.empty() ? "" : "\n") + (line.size() > 4 ? line.substr(4) : "");
    if (line.size() == 3 || line[3] != '-') {
      return reply;
    }
  }
  return Status::Unavailable("the peer's reply does not end");
}

Result<SmtpReply> SmtpClient::Command(const std::string& line) {
  if (line.find_first_of(std::string("\r\n\0", 3)) != std::string::npos) {
    return Status::Invalid("an address of this message cannot be sent over SMTP");
  }
  GATEPOST_RETURN_IF_ERROR(Send(line + "\r\n"));
  return ReadReply(timeout_ms_);
}

std::string DotStuffed(Bytes message) {
  std::string out;
  out.reserve(message.size() + message.size() / 64 + 2);
  bool line_start = true;
  for (const char c : message) {
    if (line_start && c == '.') {
      out.push_back('.');
    }
    out.push_back(c);
    line_start = c == '\n';
  }
  if (message.size() < 2 || message.substr(message.size() - 2) != "\r\n") {
    out += "\r\n";
  }
  return out;
}

std::string Xtext(Bytes value) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : value) {
    if (c > 0x20 && c < 0x7F && c != '+' && c != '=') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('+');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace gatepost::record
