// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/standing.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/mail/address.h"

namespace gatepost::record {

namespace {

constexpr size_t kMostText = 500;

std::string FolderOf(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

}  // namespace

Result<Fd> LockStanding(const std::string& file) {
  const std::string path = file + ".lock";
  Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
  if (!fd.valid()) {
    return Status::FromErrno(path, errno);
  }
  // Root, daemon and console lock the same file; whoever made it may open it to the group.
  struct stat folder {};
  if (geteuid() == 0 && (stat(FolderOf(file).c_str(), &folder) != 0 ||
                         fchown(fd.get(), folder.st_uid, folder.st_gid) != 0)) {
    return Status::FromErrno(path, errno);
  }
  static_cast<void>(fchmod(fd.get(), 0660));
  while (flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return Status::FromErrno(path, errno);
    }
  }
  return fd;
}

Result<std::vector<Json>> ReadStanding(const std::string& file, const std::string& name,
                                       size_t most, const std::string& advice) {
  const Result<std::string> text = ReadFile(file);
  if (!text.ok()) {
    if (text.status().code() == Code::kNotFound) {
      return std::vector<Json>();
    }
    return text.status();
  }
  GATEPOST_ASSIGN_OR_RETURN(const Json root, ParseJson(file, *text));
  const auto list = root.is_object() ? root.find(name) : root.end();
  const auto version = root.is_object() ? root.find("v") : root.end();
  if (!root.is_object() || list == root.end() || !list->is_array() || version == root.end() ||
      *version != 1) {
    return Status::Invalid(file + ": must be {\"v\": 1, \"" + name + "\": [...]}");
  }
  if (list->size() > most) {
    return Status::Invalid(file + ": more than " + std::to_string(most) + " " + name + "; " +
                           advice);
  }
  return std::vector<Json>(list->begin(), list->end());
}

Status WriteStanding(const std::string& file, const std::string& name,
                     const std::vector<Json>& all) {
  std::string text = "{\"v\": 1, \"" + name + "\": [";
  for (size_t i = 0; i < all.size(); ++i) {
    text += (i == 0 ? "\n" : ",\n") + DumpJson(all[i]);
  }
  text += "\n]}\n";
  const std::string fresh = file + ".new";
  unlink(fresh.c_str());
  struct stat folder {};
  const Fd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) {
    return Status::FromErrno(fresh, errno);
  }
  Status status = WriteAll(fd.get(), text);
  if (status.ok() && geteuid() == 0 &&
      (stat(FolderOf(file).c_str(), &folder) != 0 ||
       fchown(fd.get(), folder.st_uid, folder.st_gid) != 0)) {
    status = Status::FromErrno(fresh, errno);
  }
  if (status.ok() && (fsync(fd.get()) != 0 || rename(fresh.c_str(), file.c_str()) != 0)) {
    status = Status::FromErrno(file, errno);
  }
  if (!status.ok()) {
    unlink(fresh.c_str());
    return status;
  }
  return SyncFolder(FolderOf(file));
}

Status EachText(const std::string& where, const Json& object,
                const std::function<bool(const std::string& key, const std::string& text)>& set) {
  if (!object.is_object()) {
    return Status::Invalid(where + ": is not an object");
  }
  for (const auto& [key, value] : object.items()) {
    const std::string name = PrintableUtf8(key, 40);
    if (!value.is_string()) {
      return Status::Invalid(where + ": '" + name + "' must be a text");
    }
    if (!set(key, value.get<std::string>())) {
      return Status::Invalid(where + ": unknown key '" + name +
                             "', or a value that it cannot have");
    }
  }
  return {};
}

bool IsPersonsText(const std::string& text) {
  return text.size() <= kMostText && IsUtf8(text) && PrintableUtf8(text, kMostText) == text;
}

bool IsReason(std::string_view text) { return AsciiTrim(text).size() >= 3; }

bool IsSha256Hex(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsSenderPattern(const std::string& text) {
  if (text.empty() || !IsPersonsText(text)) {
    return false;
  }
  const std::string probe = text.find('@') != std::string::npos ? text
                            : text.front() == '.'               ? "x@" + text.substr(1)
                                                                : "x@" + text;
  const mail::Address address = mail::Address::Parse(probe);
  return address.valid() && !address.domain().empty();
}

}  // namespace gatepost::record
