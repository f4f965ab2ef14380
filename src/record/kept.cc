// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/kept.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <utility>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/ids.h"

namespace gatepost::record {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kTidyEveryMs = 60'000;

// "GP-20261126-204512-7F3K9QZ2" to milliseconds; ids bear their time, UTC.
int64_t TimeOf(const std::string& id) {
  return ParseTime(id.substr(3, 4) + "-" + id.substr(7, 2) + "-" + id.substr(9, 2) + "T" +
                       id.substr(12, 2) + ":" + id.substr(14, 2) + ":" + id.substr(16, 2) + "Z",
                   0);
}

Status WritePrivate(const std::string& path, Bytes data) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) {
    return Status::FromErrno(path, errno);
  }
  return WriteAll(fd.get(), data);
}

Json EnvelopeJson(const Decision& decision) {
  const mail::Envelope& envelope = decision.envelope;
  Json out = {{"v", 1},
              {"id", decision.id},
              {"at", Rfc3339(envelope.received_at_ms)},
              {"from", envelope.sender.spelling()},
              {"client_ip", envelope.client_ip},
              {"client_name", envelope.client_name},
              {"helo", envelope.helo},
              {"auth_user", envelope.auth_user},
              {"daemon_name", envelope.daemon_name},
              {"sha256", decision.findings.sha256}};
  out["recipients"] = Json::array();
  for (const mail::Recipient& one : envelope.recipients) {
    out["recipients"].push_back(one.address.spelling());
  }
  return out;
}

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// All records below the folder, as paths without extension, oldest first.
std::vector<std::string> Records(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto day = fs::directory_iterator(folder, error); !error && day != fs::directory_iterator();
       day.increment(error)) {
    std::error_code inside;
    for (auto it = fs::directory_iterator(day->path(), inside);
         !inside && it != fs::directory_iterator(); it.increment(inside)) {
      const fs::path& path = it->path();
      if (path.extension() == ".eml" && IsId(path.stem().string())) {
        paths.push_back((path.parent_path() / path.stem()).string());
      }
    }
  }
  // The id begins with the time.
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string IdOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool MayBeKept(const Decision& decision) {
  const policy::Verdict& verdict = decision.verdict;
  const auto delivered = [](policy::Action action) {
    return action == policy::Action::kAccept || action == policy::Action::kTag;
  };
  return delivered(verdict.action) &&
         std::all_of(verdict.recipients.begin(), verdict.recipients.end(),
                     [&](const auto& one) { return delivered(one.action); }) &&
         !HasMarking(decision) && decision.findings.infections.empty() &&
         std::all_of(decision.findings.unscannable.begin(), decision.findings.unscannable.end(),
                     [](const decode::Unscannable& one) {
                       return one.reason == decode::Reason::kNoSignatures;
                     });
}

bool InSample(const std::string& sha256, double sample) {
  uint64_t value = 0;
  const std::string head = sha256.substr(0, 13);  // 52 bits: exact in a double
  const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), value, 16);
  return error == std::errc() && end == head.data() + head.size() && head.size() == 13 &&
         static_cast<double>(value) / 4503599627370496.0 < sample;
}

void KeptMail::Load() {
  if (std::exchange(loaded_, true)) {
    return;
  }
  for (const std::string& path : Records(folder_)) {
    struct stat info {};
    if (stat((path + ".eml").c_str(), &info) == 0) {
      entries_.push_back({path, TimeOf(IdOf(path)), static_cast<uint64_t>(info.st_size)});
      bytes_ += entries_.back().bytes;
    }
  }
}

void KeptMail::Remove(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    unlink((entries_[i].path + ".eml").c_str());
    unlink((entries_[i].path + ".json").c_str());
    bytes_ -= entries_[i].bytes;
    const std::string day = entries_[i].path.substr(0, entries_[i].path.rfind('/'));
    if (i + 1 >= entries_.size() || entries_[i + 1].path.rfind(day + "/", 0) != 0) {
      rmdir(day.c_str());  // stays when something else lies there
    }
  }
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
}

Status KeptMail::Tidy(const KeepOptions& options, int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool too_much = loaded_ && bytes_ > options.bytes;
  if (!too_much && now_ms - tidied_at_ms_ < kTidyEveryMs) {
    return {};
  }
  tidied_at_ms_ = now_ms;
  Load();
  size_t leaving = 0;
  uint64_t left = bytes_;
  while (leaving < entries_.size() &&
         (options.sample <= 0 || entries_[leaving].at_ms + options.for_ms <= now_ms ||
          left > options.bytes)) {
    left -= entries_[leaving].bytes;
    ++leaving;
  }
  Remove(leaving);
  return {};
}

Status KeptMail::Keep(const KeepOptions& options, const Decision& decision, int message_fd) {
  if (options.sample > 0 && MayBeKept(decision) &&
      InSample(decision.findings.sha256, options.sample) && IsId(decision.id)) {
    const std::string& id = decision.id;
    const std::string day =
        folder_ + "/" + id.substr(3, 4) + "-" + id.substr(7, 2) + "-" + id.substr(9, 2);
    GATEPOST_RETURN_IF_ERROR(MakeFolder(folder_, 0700));
    GATEPOST_RETURN_IF_ERROR(MakeFolder(day, 0700));
    GATEPOST_ASSIGN_OR_RETURN(const std::string bytes, ReadFd(message_fd));
    // The record first: bytes without one are not mail that anybody can replay.
    const std::string path = day + "/" + id;
    GATEPOST_RETURN_IF_ERROR(WritePrivate(path + ".json", DumpJson(EnvelopeJson(decision)) + "\n"));
    Status written = WritePrivate(path + ".eml", bytes);
    if (!written.ok()) {
      unlink((path + ".eml").c_str());
      unlink((path + ".json").c_str());
      return written;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (loaded_) {
      entries_.push_back({path, TimeOf(id), bytes.size()});
      bytes_ += bytes.size();
    }
  }
  return Tidy(options, NowUnixMs());
}

Result<std::vector<KeptMessage>> ListKept(const std::string& state_folder, int64_t since_ms) {
  const std::string folder = state_folder + "/kept";
  if (access(folder.c_str(), R_OK | X_OK) != 0) {
    return errno == ENOENT ? Status::NotFound(folder +
                                              ": nothing is kept; 'keep: {sample: 5%, "
                                              "for: 7d}' in the configuration begins it")
                           : Status::FromErrno(folder, errno);
  }
  std::vector<KeptMessage> all;
  for (const std::string& path : Records(folder)) {
    KeptMessage one;
    one.id = IdOf(path);
    one.file = path + ".eml";
    const Result<std::string> text = ReadFile(path + ".json");
    const Json json = text.ok() ? Json::parse(*text, nullptr, /*allow_exceptions=*/false) : Json();
    if (TimeOf(one.id) < since_ms || !json.is_object()) {
      continue;
    }
    one.envelope.sender = mail::Address::Parse(Text(json, "from"));
    one.envelope.client_ip = Text(json, "client_ip");
    one.envelope.client_name = Text(json, "client_name");
    one.envelope.helo = Text(json, "helo");
    one.envelope.auth_user = Text(json, "auth_user");
    one.envelope.daemon_name = Text(json, "daemon_name");
    one.envelope.received_at_ms = TimeOf(one.id);
    for (const Json& recipient : json.value("recipients", Json::array())) {
      if (recipient.is_string()) {
        one.envelope.recipients.emplace_back();
        one.envelope.recipients.back().address = mail::Address::Parse(recipient.get<std::string>());
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace gatepost::record
