// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/exceptions.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/base/utf8.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

namespace {

constexpr size_t kMostExceptions = 5'000;
constexpr size_t kMostText = 500;
constexpr size_t kMostRules = 200;

bool IsSha256(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsText(const std::string& text) {
  return text.size() <= kMostText && IsUtf8(text) && PrintableUtf8(text, kMostText) == text;
}

bool IsRule(const std::string& text) {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != ',' && c != '"';
  });
}

Result<policy::Exception> FromJson(const std::string& where, const Json& json) {
  constexpr std::array<const char*, 8> kKeys = {"id",    "sender", "sha256",  "rules",
                                                "owner", "reason", "created", "expires"};
  if (!json.is_object()) {
    return Status::Invalid(where + ": is not an object");
  }
  policy::Exception one;
  for (const auto& [key, value] : json.items()) {
    const std::string name = key;
    if (std::none_of(kKeys.begin(), kKeys.end(), [&](const char* k) { return name == k; })) {
      return Status::Invalid(where + ": unknown key '" + PrintableUtf8(name, 40) + "'");
    }
    if (name == "rules") {
      if (!value.is_array()) {
        return Status::Invalid(where + ": 'rules' must be a list");
      }
      for (const Json& rule : value) {
        if (!rule.is_string()) {
          return Status::Invalid(where + ": 'rules' must be a list of rule ids");
        }
        one.rules.push_back(rule.get<std::string>());
      }
      continue;
    }
    if (!value.is_string()) {
      return Status::Invalid(where + ": '" + name + "' must be a text");
    }
    const std::string text = value.get<std::string>();
    if (name == "created" || name == "expires") {
      const int64_t at = ParseTime(text, 0);
      if (at <= 0) {
        return Status::Invalid(where + ": '" + name + "' must be a time such as " +
                               "2026-11-23T20:45:00Z");
      }
      (name == "created" ? one.created_ms : one.expires_ms) = at;
      continue;
    }
    (name == "id"       ? one.id
     : name == "sender" ? one.sender
     : name == "sha256" ? one.sha256
     : name == "owner"  ? one.owner
                        : one.reason) = text;
  }
  if (one.id.empty() || !IsRule(one.id)) {
    return Status::Invalid(where + ": 'id' is missing");
  }
  if (const Status checked = CheckException(one); !checked.ok()) {
    return Status::Invalid(where + ": " + checked.message());
  }
  return one;
}

std::string FolderOf(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

// Held while the file is read and written anew.
Result<Fd> Lock(const std::string& file) {
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

// What root writes stays readable for the daemon: the file is its folder's owner's from the start.
Status Write(const std::string& file, const policy::Exceptions& all) {
  std::string text = "{\"v\": 1, \"exceptions\": [";
  for (size_t i = 0; i < all.size(); ++i) {
    text += (i == 0 ? "\n" : ",\n") + DumpJson(ToJson(all[i]));
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

// Mail of these kinds never passes by an exception.
constexpr std::array<const char*, 4> kGuarded = {"virus", "marking", "unscannable", "ambiguous"};

}  // namespace

Result<policy::Exceptions> ExceptionsLike(const Held& held, const std::string& log, bool by_file) {
  const auto never = [&held](const std::string& why) {
    return Status::Invalid(held.id + ": " + why);
  };
  if (held.marked) {
    return never("a marking was found, and no exception ever lets such mail pass");
  }
  if (std::find(kGuarded.begin(), kGuarded.end(), held.category) != kGuarded.end()) {
    return never("it is held as '" + held.category +
                 "', and no exception ever lets such mail pass");
  }
  if (held.rules.empty()) {
    return never("no rule hit; clause '" + held.clause +
                 "' holds it for what it is, which an exception cannot take away");
  }
  policy::Exception like;
  like.rules = held.rules;
  if (!by_file) {
    if (held.envelope.sender.is_null()) {
      return never("it has no sender; name its attachments instead");
    }
    like.sender = held.envelope.sender.key();
    return policy::Exceptions{like};
  }
  policy::Exceptions files;
  GATEPOST_RETURN_IF_ERROR(ReadLog(
      log,
      [&](const Json& record) {
        if (record.value("id", "") != held.decision_id) {
          return true;
        }
        for (const Json& part : record.value("parts", Json::array())) {
          like.sha256 = part.is_object() ? part.value("sha256", "") : "";
          if (!like.sha256.empty()) {
            files.push_back(like);
          }
        }
        return false;
      },
      held.held_at_ms - 86'400'000));
  if (files.empty()) {
    return never("the log knows no attachment of it");
  }
  return files;
}

std::string ExceptionsFile(const std::string& state_folder) {
  return state_folder + "/exceptions.json";
}

Json ToJson(const policy::Exception& exception) {
  Json out = {{"id", exception.id}};
  if (!exception.sender.empty()) {
    out["sender"] = exception.sender;
  }
  if (!exception.sha256.empty()) {
    out["sha256"] = exception.sha256;
  }
  if (!exception.rules.empty()) {
    out["rules"] = exception.rules;
  }
  out["owner"] = exception.owner;
  out["reason"] = exception.reason;
  out["created"] = Rfc3339(exception.created_ms);
  out["expires"] = Rfc3339(exception.expires_ms);
  return out;
}

Status CheckException(const policy::Exception& exception) {
  if (exception.sender.empty() && exception.sha256.empty() && exception.rules.empty()) {
    return Status::Invalid("an exception names a sender, a file's sha256 or rules");
  }
  if (!exception.sender.empty()) {
    const std::string& sender = exception.sender;
    const size_t at = sender.find('@');
    const std::string probe = at != std::string::npos ? sender
                              : sender.front() == '.' ? "x@" + sender.substr(1)
                                                      : "x@" + sender;
    const mail::Address address = mail::Address::Parse(probe);
    if (!IsText(sender) || !address.valid() || address.domain().empty()) {
      return Status::Invalid("'" + PrintableUtf8(sender, 100) +
                             "' is no sender: write a@b.example, b.example or .b.example");
    }
  }
  if (!exception.sha256.empty() && !IsSha256(exception.sha256)) {
    return Status::Invalid("'sha256' must be 64 characters of 0-9 and a-f");
  }
  if (exception.rules.size() > kMostRules ||
      !std::all_of(exception.rules.begin(), exception.rules.end(), IsRule)) {
    return Status::Invalid("'rules' must be at most 200 rule ids, * and ? allowed");
  }
  if (exception.owner.empty() || !IsText(exception.owner)) {
    return Status::Invalid("somebody must answer for an exception: 'owner' is missing");
  }
  if (exception.reason.empty() || !IsText(exception.reason)) {
    return Status::Invalid("an exception needs a reason of at most 500 bytes");
  }
  if (exception.expires_ms <= exception.created_ms ||
      exception.expires_ms - exception.created_ms > kLongestExceptionMs) {
    return Status::Invalid("an exception ends within 366 days");
  }
  return {};
}

Result<policy::Exceptions> ReadExceptions(const std::string& file) {
  const Result<std::string> text = ReadFile(file);
  if (!text.ok()) {
    if (text.status().code() == Code::kNotFound) {
      return policy::Exceptions();
    }
    return text.status();
  }
  GATEPOST_ASSIGN_OR_RETURN(const Json root, ParseJson(file, *text));
  const auto list = root.is_object() ? root.find("exceptions") : root.end();
  const auto version = root.is_object() ? root.find("v") : root.end();
  if (!root.is_object() || list == root.end() || !list->is_array() || version == root.end() ||
      *version != 1) {
    return Status::Invalid(file + ": must be {\"v\": 1, \"exceptions\": [...]}");
  }
  if (list->size() > kMostExceptions) {
    return Status::Invalid(file + ": more than " + std::to_string(kMostExceptions) +
                           " exceptions; 'gatepost exceptions remove --expired' makes room");
  }
  policy::Exceptions all;
  std::set<std::string> ids;
  for (size_t i = 0; i < list->size(); ++i) {
    GATEPOST_ASSIGN_OR_RETURN(policy::Exception one,
                              FromJson(file + ": exception " + std::to_string(i + 1), (*list)[i]));
    if (!ids.insert(one.id).second) {
      return Status::Invalid(file + ": the id '" + one.id + "' is given twice");
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<policy::Exception> AddException(const std::string& file, policy::Exception exception) {
  exception.id = "EX-" + MakeId(exception.created_ms).substr(3);
  GATEPOST_RETURN_IF_ERROR(CheckException(exception));
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, Lock(file));
  GATEPOST_ASSIGN_OR_RETURN(policy::Exceptions all, ReadExceptions(file));
  if (all.size() >= kMostExceptions) {
    return Status::NoSpace("there are " + std::to_string(kMostExceptions) +
                           " exceptions; 'gatepost exceptions remove --expired' makes room");
  }
  all.push_back(exception);
  GATEPOST_RETURN_IF_ERROR(Write(file, all));
  return exception;
}

Result<policy::Exceptions> RemoveExceptions(
    const std::string& file, const std::function<bool(const policy::Exception&)>& which) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, Lock(file));
  GATEPOST_ASSIGN_OR_RETURN(policy::Exceptions all, ReadExceptions(file));
  policy::Exceptions removed;
  policy::Exceptions rest;
  for (policy::Exception& one : all) {
    (which(one) ? removed : rest).push_back(std::move(one));
  }
  if (!removed.empty()) {
    GATEPOST_RETURN_IF_ERROR(Write(file, rest));
  }
  return removed;
}

ExceptionsWatch::ExceptionsWatch(const std::string& state_folder)
    : file_(ExceptionsFile(state_folder)), present_(std::make_shared<policy::Exceptions>()) {}

std::shared_ptr<const policy::Exceptions> ExceptionsWatch::Current() {
  struct stat info {};
  Stamp now;
  if (stat(file_.c_str(), &info) == 0) {
    now = {info.st_dev, info.st_ino, info.st_size,
           info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (now == stamp_) {
    return present_;
  }
  // Read after the stamp was taken: what changes meanwhile is seen at the next message.
  Result<policy::Exceptions> read = ReadExceptions(file_);
  if (read.ok() || read.status().code() == Code::kInvalid) {
    stamp_ = now;  // otherwise (out of descriptors...) it is tried again
  }
  problem_ = read.ok() ? "" : read.status().message();
  told_ = problem_.empty();
  present_ = std::make_shared<const policy::Exceptions>(read.ok() ? std::move(read).value()
                                                                  : policy::Exceptions());
  return present_;
}

std::string ExceptionsWatch::Problem(bool* fresh) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (fresh != nullptr) {
    *fresh = !std::exchange(told_, true);
  }
  return problem_;
}

}  // namespace gatepost::record
