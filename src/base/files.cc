// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace gatepost {

namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void Fd::Reset(int fd) {
  if (fd_ >= 0) {
    close(fd_);
  }
  fd_ = fd;
}

Result<std::string> ReadFd(int fd) {
  std::string out;
  struct stat info {};
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    out.reserve(static_cast<size_t>(info.st_size));
  }
  char buffer[65'536];
  off_t at = 0;
  for (;;) {
    const ssize_t got = pread(fd, buffer, sizeof buffer, at);
    if (got == 0) {
      return out;
    }
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return Status::FromErrno("read", errno);
    }
    out.append(buffer, static_cast<size_t>(got));
    at += got;
  }
}

Result<std::string> ReadFile(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return Status::FromErrno(path, errno);
  }
  // A pipe has no offsets; everything else is read by position.
  struct stat info {};
  if (fstat(fd.get(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return Status::Invalid(path + ": is a folder");
  }
  if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
    std::string out;
    char buffer[65'536];
    ssize_t got = 0;
    while ((got = read(fd.get(), buffer, sizeof buffer)) > 0) {
      out.append(buffer, static_cast<size_t>(got));
    }
    return out;
  }
  Result<std::string> content = ReadFd(fd.get());
  if (!content.ok()) {
    return Status(content.status().code(), path + ": " + content.status().message());
  }
  return content;
}

Status WriteAll(int fd, Bytes data) {
  while (!data.empty()) {
    const ssize_t put = write(fd, data.data(), data.size());
    if (put < 0) {
      if (errno == EINTR) {
        continue;
      }
      return Status::FromErrno("write", errno);
    }
    data.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

Status WriteFileDurably(const std::string& path, Bytes data) {
  const std::string temporary = path + ".tmp." + std::to_string(getpid());
  const Fd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) {
    return Status::FromErrno(temporary, errno);
  }
  Status status = WriteAll(fd.get(), data);
  if (status.ok() && fsync(fd.get()) != 0) {
    status = Status::FromErrno(temporary, errno);
  }
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = Status::FromErrno(path, errno);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncFolder(FolderOf(path));
}

Status SyncFolder(const std::string& folder) {
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) {
    return Status::FromErrno(folder, errno);
  }
  return {};
}

Status MakeFolder(const std::string& path, unsigned mode) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) {
      return Status::FromErrno(parent, errno);
    }
  }
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return Status::FromErrno(path, errno);
  }
  return {};
}

Result<Fd> MemFd(const char* name, Bytes data) {
  Fd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) {
    return Status::FromErrno("memfd_create", errno);
  }
  GATEPOST_RETURN_IF_ERROR(WriteAll(fd.get(), data));
  return fd;
}

}  // namespace gatepost
