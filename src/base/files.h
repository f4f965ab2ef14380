// Durable files: what these report as done survives a power cut (fsync of file and folder).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost {

// Owns a descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { Reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset(std::exchange(other.fd_, -1));
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1);

 private:
  int fd_ = -1;
};

Result<std::string> ReadFile(const std::string& path);
// All of it, from offset 0.
Result<std::string> ReadFd(int fd);
Status WriteAll(int fd, Bytes data);
// Temporary file in the same folder, fsync, rename, fsync of the folder. Mode 0640.
Status WriteFileDurably(const std::string& path, Bytes data);
Status SyncFolder(const std::string& folder);
// mkdir -p with mode for the last one; Ok when it is there.
Status MakeFolder(const std::string& path, unsigned mode);
// A sealed-able memfd holding data, for tests and the command line.
Result<Fd> MemFd(const char* name, Bytes data);

}  // namespace gatepost
