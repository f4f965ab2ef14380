// A preloaded library that stands before libclamav's cl_fmap_open_memory and misbehaves when the
// message says so: "X-Fault: crash" and so on. It plays the part of a parser that a crafted mail has
// taken over, inside the real sandbox.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

// What must not succeed did: the worker dies, and the test sees "crashed".
[[noreturn]] void Breach() { std::abort(); }

size_t Entries(const char* folder) {
  size_t count = 0;
  DIR* dir = opendir(folder);
  if (dir == nullptr) {
    return 0;
  }
  while (readdir(dir) != nullptr) {
    ++count;
  }
  closedir(dir);
  return count - 2;
}

void OpenOutside() {
  for (const char* path : {"/etc/passwd", "/etc/hostname", "/proc/self/maps", "/proc/1/status",
                           "/root", "/home", "/var", "/", "/dev/mem"}) {
    if (open(path, O_RDONLY) >= 0) {
      Breach();
    }
  }
  for (const char* path : {"/var/tmp/gatepost-breach", "/usr/lib/gatepost-breach",
                           "/dev/shm/gatepost-breach", "/gatepost-breach"}) {
    if (open(path, O_CREAT | O_WRONLY, 0600) >= 0) {
      Breach();
    }
  }
}

void Litter() {
  if (Entries(".") != 0) {
    Breach();  // the message before left something
  }
  mkdir("a", 0700);
  mkdir("a/b", 0700);
  for (const char* name : {"one", "a/two", "a/b/three"}) {
    const int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || write(fd, name, std::strlen(name)) < 0) {
      Breach();
    }
    close(fd);
  }
  chmod("a/b", 0);
}

// More files than one: RLIMIT_FSIZE alone would not stop this.
void FillScratch() {
  static char block[1 << 20];
  uint64_t written = 0;
  for (int i = 0; i < 64; ++i) {
    const int fd = open(("fill" + std::to_string(i)).c_str(), O_CREAT | O_WRONLY, 0600);
    if (fd < 0) {
      return;
    }
    for (int j = 0; j < 4; ++j) {
      const ssize_t n = write(fd, block, sizeof(block));
      written += n > 0 ? static_cast<uint64_t>(n) : 0;
    }
    close(fd);
  }
  if (written > (20U << 20)) {
    Breach();
  }
}

void RunNewCode() {
  void* page = mmap(nullptr, 4'096, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED) {
    Breach();
  }
  page = mmap(nullptr, 4'096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mprotect(page, 4'096, PROT_READ | PROT_EXEC) == 0) {
    Breach();
  }
}

// An answer of its own making before the real one.
void Forge() {
  const char frame[] = "\x22\0\0\0\x06\0\0\0\0GPF1!";
  for (int fd = 3; fd < 64; ++fd) {
    struct stat info {};
    if (fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode)) {
      iovec part{const_cast<char*>(frame), 14};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      sendmsg(fd, &message, 0);
    }
  }
}

void Misbehave(std::string_view what) {
  if (what == "crash") {
    raise(SIGSEGV);
    std::abort();
  } else if (what == "hang") {
    volatile bool forever = true;
    while (forever) {
    }
  } else if (what == "socket") {
    socket(AF_INET, SOCK_STREAM, 0);
  } else if (what == "unix-socket") {
    socket(AF_UNIX, SOCK_STREAM, 0);
  } else if (what == "fork") {
    if (fork() == 0) {
      _exit(0);
    }
  } else if (what == "exec") {
    execl("/bin/true", "true", nullptr);
  } else if (what == "kill") {
    kill(getppid(), SIGKILL);
  } else if (what == "open") {
    OpenOutside();
  } else if (what == "litter") {
    Litter();
  } else if (what == "fill") {
    FillScratch();
  } else if (what == "code") {
    RunNewCode();
  } else if (what == "forge") {
    Forge();
  }
}

}  // namespace

extern "C" void* cl_fmap_open_memory(const void* start, size_t size) {
  constexpr std::string_view kMark = "X-Fault: ";
  const std::string_view message(static_cast<const char*>(start), size);
  const size_t at = message.find(kMark);
  if (at != std::string_view::npos) {
    const size_t begin = at + kMark.size();
    Misbehave(message.substr(begin, message.find('\r', begin) - begin));
  }
  using Function = void* (*)(const void*, size_t);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "cl_fmap_open_memory"));
  return real(start, size);
}
