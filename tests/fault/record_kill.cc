// A preloaded library that kills its process at the n-th call that changes a disk (write, fsync,
// rename and so on) or speaks to somebody (send). GATEPOST_KILL_AT=n counts from 1;
// GATEPOST_KILL_HOW=before, after or half (of a write: half of its bytes are written first).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

enum class How { kBefore, kAfter, kHalf };

long KillAt() {
  static const long at = [] {
    const char* text = getenv("GATEPOST_KILL_AT");
    return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  }();
  return at;
}

How KillHow() {
  static const How how = [] {
    const char* text = getenv("GATEPOST_KILL_HOW");
    return text == nullptr                   ? How::kBefore
           : std::strcmp(text, "after") == 0 ? How::kAfter
           : std::strcmp(text, "half") == 0  ? How::kHalf
                                             : How::kBefore;
  }();
  return how;
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  for (;;) {
    pause();
  }
}

// `half` does a part of the call's work, where there is such a part.
template <typename Whole, typename Half>
auto Counted(Whole whole, Half half) {
  const bool mine = KillAt() > 0 && ++calls == KillAt();
  if (mine && KillHow() != How::kAfter) {
    if (KillHow() == How::kHalf) {
      half();
    }
    Die();
  }
  auto result = whole();
  if (mine) {
    Die();
  }
  return result;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t)>("write");
  if (fd <= STDERR_FILENO) {
    return real(fd, data, size);
  }
  return Counted([&] { return real(fd, data, size); },
                 [&] { static_cast<void>(real(fd, data, size / 2)); });
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return Counted([&] { return real(fd, data, size, at); },
                 [&] { static_cast<void>(real(fd, data, size / 2, at)); });
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t, int)>("send");
  return Counted([&] { return real(fd, data, size, flags); },
                 [&] { static_cast<void>(real(fd, data, size / 2, flags)); });
}

#define GATEPOST_COUNT_FD(name)                         \
  int name(int fd) {                                    \
    static const auto real = Real<int (*)(int)>(#name); \
    return Counted([&] { return real(fd); }, [] {});    \
  }
GATEPOST_COUNT_FD(fsync)
GATEPOST_COUNT_FD(fdatasync)

int rename(const char* from, const char* to) noexcept {
  static const auto real = Real<int (*)(const char*, const char*)>("rename");
  return Counted([&] { return real(from, to); }, [] {});
}

int unlink(const char* path) noexcept {
  static const auto real = Real<int (*)(const char*)>("unlink");
  return Counted([&] { return real(path); }, [] {});
}

int ftruncate64(int fd, off64_t size) noexcept {
  static const auto real = Real<int (*)(int, off64_t)>("ftruncate64");
  return Counted([&] { return real(fd, size); }, [] {});
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto real = Real<int (*)(int, off_t)>("ftruncate");
  return Counted([&] { return real(fd, size); }, [] {});
}

}  // extern "C"
