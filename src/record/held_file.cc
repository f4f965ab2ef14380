// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "src/base/files.h"
#include "src/record/held_json.h"

namespace gatepost::record {

HeldPaths::HeldPaths(const std::string& folder, const std::string& id)
    // "GP-20261123-..."
    : day(folder + "/" + id.substr(3, 4) + "/" + id.substr(7, 2) + "/" + id.substr(9, 2)),
      message(day + "/" + id + ".eml"),
      sealed(day + "/" + id + ".sealed"),
      keys(day + "/" + id + ".keys"),
      record(day + "/" + id + ".json"),
      new_message(folder + "/tmp/" + id + ".eml"),
      new_sealed(folder + "/tmp/" + id + ".sealed"),
      new_keys(folder + "/tmp/" + id + ".keys"),
      new_record(folder + "/tmp/" + id + ".json"),
      touch(folder + "/tmp/" + id + ".touch") {}

Status GiveToOwnerOf(const std::string& folder, int fd) {
  struct stat info {};
  if (geteuid() != 0) {
    return {};
  }
  if (stat(folder.c_str(), &info) != 0 || fchown(fd, info.st_uid, info.st_gid) != 0) {
    return Status::FromErrno(folder, errno);
  }
  return {};
}

Status GiveFileToOwnerOf(const std::string& folder, const std::string& file) {
  if (geteuid() != 0) {
    return {};
  }
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) {
    return errno == ENOENT ? Status() : Status::FromErrno(file, errno);
  }
  return GiveToOwnerOf(folder, fd.get());
}

Status MakeOwnedFolder(const std::string& folder, unsigned mode) {
  std::vector<std::string> missing;
  for (std::string at = folder; access(at.c_str(), F_OK) != 0 && errno == ENOENT;) {
    missing.push_back(at);
    const size_t slash = at.rfind('/');
    if (slash == std::string::npos || slash == 0) {
      break;
    }
    at.resize(slash);
  }
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, mode));
  for (size_t i = missing.size(); i-- > 0;) {
    const size_t slash = missing[i].rfind('/');
    const std::string above = slash == std::string::npos ? "."
                              : slash == 0               ? "/"
                                                         : missing[i].substr(0, slash);
    GATEPOST_RETURN_IF_ERROR(GiveFileToOwnerOf(above, missing[i]));
  }
  return {};
}

Result<Fd> CreateHeld(const std::string& folder, const std::string& path) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0660));
  if (!fd.valid()) {
    return Status::FromErrno(path, errno);
  }
  GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(folder, fd.get()));
  return fd;
}

namespace {

Status SyncNamed(int fd, const std::string& path) {
  return fsync(fd) == 0 ? Status() : Status::FromErrno(path, errno);
}

Status Named(const Status& status, const std::string& path) {
  return status.ok() ? status : Status(status.code(), path + ": " + status.message());
}

}  // namespace

Status WriteSynced(const std::string& folder, const std::string& path, Bytes data) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd fd, CreateHeld(folder, path));
  GATEPOST_RETURN_IF_ERROR(Named(WriteAll(fd.get(), data), path));
  return SyncNamed(fd.get(), path);
}

Status CopySynced(const std::string& folder, const std::string& path, int from_fd) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd fd, CreateHeld(folder, path));
  std::string buffer(1U << 16, '\0');
  off_t at = 0;
  for (;;) {
    const ssize_t got = pread(from_fd, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Status::FromErrno("read of the message", errno);
    }
    if (got == 0) {
      return SyncNamed(fd.get(), path);
    }
    GATEPOST_RETURN_IF_ERROR(
        Named(WriteAll(fd.get(), Bytes(buffer.data(), static_cast<size_t>(got))), path));
    at += got;
  }
}

Status ReplaceSynced(const std::string& folder, const std::string& path, Bytes data) {
  const std::string draft = path + ".new." + std::to_string(getpid());
  GATEPOST_RETURN_IF_ERROR(WriteSynced(folder, draft, data));
  if (rename(draft.c_str(), path.c_str()) != 0) {
    return Status::FromErrno(path, errno);
  }
  return SyncFolder(folder);
}

Status MakeDayFolder(const std::string& folder, const std::string& day) {
  // Each level's entry is made durable by its parent's fsync; on most calls all are there.
  for (size_t slash = folder.size(); slash != std::string::npos;) {
    slash = day.find('/', slash + 1);
    const std::string level = day.substr(0, slash);
    if (mkdir(level.c_str(), 0770) == 0) {
      const Fd fd(open(level.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!fd.valid()) {
        return Status::FromErrno(level, errno);
      }
      GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(folder, fd.get()));
      GATEPOST_RETURN_IF_ERROR(SyncFolder(level.substr(0, level.rfind('/'))));
    } else if (errno != EEXIST) {
      return Status::FromErrno(level, errno);
    }
  }
  return {};
}

Result<Held> ReadHeld(const std::string& path) {
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseJson(path, text));
  return HeldFromJson(path, json);
}

}  // namespace gatepost::record
