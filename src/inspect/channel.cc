// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/base/clock.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kHeaderBytes = 8;
constexpr size_t kFirstRead = 8 << 10;  // most frames arrive in one call
constexpr int64_t kKeepAliveMs = 1'000;

enum class Waited { kReady, kLate, kFailed };

Waited WaitFor(int socket, int16_t events, int64_t deadline_ms,
               const std::function<void()>* keep_alive) {
  int64_t next_sign = SteadyMs() + kKeepAliveMs;
  while (true) {
    const int64_t now = SteadyMs();
    int64_t wait = -1;
    if (deadline_ms >= 0) {
      wait = std::max<int64_t>(deadline_ms - now, 0);
    }
    if (keep_alive != nullptr && *keep_alive) {
      const int64_t to_sign = std::max<int64_t>(next_sign - now, 0);
      wait = wait < 0 ? to_sign : std::min(wait, to_sign);
    }
    pollfd poll_fd{socket, events, 0};
    const int ready = poll(&poll_fd, 1, static_cast<int>(std::min<int64_t>(wait, 60'000)));
    if (ready > 0) {
      return Waited::kReady;  // a hang-up too: the call that follows tells
    }
    if (ready < 0 && errno != EINTR) {
      return Waited::kFailed;
    }
    const int64_t after = SteadyMs();
    if (deadline_ms >= 0 && after >= deadline_ms) {
      return Waited::kLate;
    }
    if (keep_alive != nullptr && *keep_alive && after >= next_sign) {
      (*keep_alive)();
      next_sign = after + kKeepAliveMs;
    }
  }
}

uint32_t Little(const char* bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

void PutLittle(uint32_t value, char* bytes) {
  for (size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<char>(value >> (8 * i));
  }
}

void TakeFds(msghdr* message, std::vector<Fd>* fds) {
  for (cmsghdr* control = CMSG_FIRSTHDR(message); control != nullptr;
       control = CMSG_NXTHDR(message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      fds->emplace_back(fd);
    }
  }
}

}  // namespace

Result<std::array<Fd, 2>> SocketPair() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return Status::FromErrno("inspector: socketpair", errno);
  }
  return std::array<Fd, 2>{Fd(pair[0]), Fd(pair[1])};
}

Status SendFrame(int socket, FrameKind kind, Bytes payload, const std::vector<int>& fds,
                 int64_t deadline_ms) {
  char header[kHeaderBytes];
  PutLittle(static_cast<uint32_t>(kind), header);
  PutLittle(static_cast<uint32_t>(payload.size()), header + 4);
  alignas(cmsghdr) char control[CMSG_SPACE(kMostFds * sizeof(int))] = {};
  const size_t total = kHeaderBytes + payload.size();
  size_t sent = 0;
  while (sent < total) {
    iovec parts[2];
    int count = 0;
    if (sent < kHeaderBytes) {
      parts[count++] = {header + sent, kHeaderBytes - sent};
    }
    const size_t done = sent < kHeaderBytes ? 0 : sent - kHeaderBytes;
    if (done < payload.size()) {
      // sendmsg does not write through it.
      parts[count++] = {const_cast<char*>(payload.data()) + done,  // NOLINT
                        payload.size() - done};
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = static_cast<size_t>(count);
    if (sent == 0 && !fds.empty()) {
      const size_t bytes = std::min(fds.size(), kMostFds) * sizeof(int);
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(bytes);
      cmsghdr* rights = CMSG_FIRSTHDR(&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(bytes);
      std::memcpy(CMSG_DATA(rights), fds.data(), bytes);
    }
    const ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      sent += static_cast<size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      const Waited waited = WaitFor(socket, POLLOUT, deadline_ms, nullptr);
      if (waited == Waited::kReady) {
        continue;
      }
    }
    return Status::Unavailable("inspector: the peer of a socket is gone or stuck");
  }
  return Status::Ok();
}

Result<Frame> ReceiveFrame(int socket, const ReceiveOptions& options) {
  Frame frame;
  std::string buffer(kFirstRead, '\0');
  size_t got = 0;
  size_t total = kHeaderBytes;
  bool header_known = false;
  while (got < total) {
    const Waited waited = WaitFor(socket, POLLIN, options.deadline_ms, options.keep_alive);
    if (waited == Waited::kLate) {
      return Status::NotFound("inspector: no answer in time");
    }
    if (waited == Waited::kFailed) {
      return Status::Unavailable("inspector: a socket cannot be waited for");
    }
    // Never beyond this frame once its length is known; before that, a peer that sends more than
    // one frame unasked breaks the protocol (control sockets read exactly).
    const size_t room = header_known || options.take_fds ? total - got : buffer.size() - got;
    iovec part{buffer.data() + got, room};
    alignas(cmsghdr) char control[CMSG_SPACE(kMostFds * sizeof(int))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (options.take_fds) {
      message.msg_control = control;
      message.msg_controllen = sizeof(control);
    }
    const ssize_t n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) {
      continue;
    }
    if (n <= 0) {
      return Status::Unavailable("inspector: the peer closed its socket");
    }
    if (options.take_fds) {
      TakeFds(&message, &frame.fds);
    }
    got += static_cast<size_t>(n);
    if (!header_known && got >= kHeaderBytes) {
      header_known = true;
      const uint32_t length = Little(buffer.data() + 4);
      if (length > options.most_bytes) {
        return Status::Invalid("inspector: a frame of " + std::to_string(length) +
                               " bytes where at most " + std::to_string(options.most_bytes) +
                               " are allowed");
      }
      total = kHeaderBytes + length;
      if (got > total) {
        return Status::Invalid("inspector: bytes behind a frame");
      }
      buffer.resize(std::max(total, got));
    }
  }
  frame.kind = static_cast<FrameKind>(Little(buffer.data()));
  frame.payload.assign(buffer, kHeaderBytes, total - kHeaderBytes);
  return frame;
}

}  // namespace gatepost::inspect
