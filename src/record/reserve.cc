// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr uint64_t kPiece = 64U << 10;

}  // namespace

Reserve::Reserve(std::string path, uint64_t bytes, unsigned mode)
    : path_(std::move(path)), wanted_(bytes), mode_(mode) {}

bool Reserve::Fill() {
  if (wanted_ == 0) {
    return true;
  }
  const Fd fd(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) {
    return false;
  }
  if (info.st_size == 0 && !GiveToOwnerOf(path_.substr(0, path_.rfind('/')), fd.get()).ok()) {
    return false;
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size >= wanted_ && static_cast<uint64_t>(info.st_blocks) * 512 >= wanted_) {
    return true;
  }
  // Taking the last free blocks back would only make the next record need them again.
  struct statvfs room {};
  if (fstatvfs(fd.get(), &room) == 0 && static_cast<uint64_t>(room.f_bavail) * room.f_frsize <
                                            2 * (wanted_ - std::min(size, wanted_))) {
    return false;
  }
  if (posix_fallocate(fd.get(), 0, static_cast<off_t>(wanted_)) != 0) {
    // What was allocated before the failure is given back: half a reserve would look like one.
    static_cast<void>(ftruncate(fd.get(), static_cast<off_t>(size)) == 0);
    return false;
  }
  return fsync(fd.get()) == 0;
}

bool Reserve::Give(uint64_t bytes) {
  const Fd fd(open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || info.st_size == 0) {
    return false;
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  const uint64_t less = std::min(size, (bytes / kPiece + 1) * kPiece);
  return ftruncate(fd.get(), static_cast<off_t>(size - less)) == 0 && fsync(fd.get()) == 0;
}

}  // namespace gatepost::record
