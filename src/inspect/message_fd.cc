// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/message_fd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace gatepost::inspect {

namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

bool IsSealed(int fd) {
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && ((seals & kSeals) == kSeals || fcntl(fd, F_ADD_SEALS, kSeals) == 0);
}

}  // namespace

Result<MessageFd> MessageFd::Seal(int fd) {
  MessageFd message;
  message.fd_ = fd;
  if (!IsSealed(fd)) {
    GATEPOST_ASSIGN_OR_RETURN(const std::string copy, ReadFd(fd));
    GATEPOST_ASSIGN_OR_RETURN(message.own_, MemFd("message", copy));
    message.fd_ = message.own_.get();
    if (!IsSealed(message.fd_)) {
      return Status::FromErrno("inspector: sealing a message", errno);
    }
  }
  struct stat info {};
  if (fstat(message.fd_, &info) != 0) {
    return Status::FromErrno("inspector: a message", errno);
  }
  if (info.st_size > 0) {
    const auto size = static_cast<size_t>(info.st_size);
    void* data = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, message.fd_, 0);
    if (data == MAP_FAILED) {
      return Status::FromErrno("inspector: mapping a message", errno);
    }
    message.bytes_ = Bytes(static_cast<const char*>(data), size);
  }
  return message;
}

MessageFd::MessageFd(MessageFd&& other) noexcept
    : own_(std::move(other.own_)),
      fd_(std::exchange(other.fd_, -1)),
      bytes_(std::exchange(other.bytes_, {})) {}

MessageFd::~MessageFd() {
  if (!bytes_.empty()) {
    munmap(const_cast<char*>(bytes_.data()), bytes_.size());  // NOLINT: as it was mapped
  }
}

}  // namespace gatepost::inspect
