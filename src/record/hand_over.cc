// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/hand_over.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/clock.h"
#include "src/base/command.h"
#include "src/base/files.h"
#include "src/record/chain.h"
#include "src/record/held_file.h"
#include "src/record/house_mail.h"

namespace gatepost::record {

namespace {

constexpr int64_t kCommandMs = 60'000;
constexpr int kMostFilesADay = 100;

std::string SentFile(const std::string& state_folder) { return state_folder + "/heads-sent.json"; }

Json ReadSent(const std::string& state_folder) {
  const Result<std::string> text = ReadFile(SentFile(state_folder));
  Json json = text.ok() ? Json::parse(*text, nullptr, /*allow_exceptions=*/false) : Json();
  return json.is_object() ? json : Json::object();
}

std::string Today(int64_t now_ms) { return Rfc3339(now_ms).substr(0, 10); }

// Names of hosts are safe in a file's name; whatever else somebody put there is not.
std::string Safe(const std::string& node) {
  std::string out;
  for (const char c : node) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '-' || c == '.';
    out.push_back(plain ? c : '_');
  }
  return out;
}

Status ToFolder(const std::string& folder, const std::string& node, const std::string& lines,
                int64_t now_ms) {
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, 0750));
  const std::string stem = folder + "/heads-" + Safe(node) + "-" + Today(now_ms);
  for (int n = 1; n <= kMostFilesADay; ++n) {
    const std::string file = stem + (n == 1 ? "" : "." + std::to_string(n)) + ".jsonl";
    const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd.valid() && errno == EEXIST) {
      continue;
    }
    if (!fd.valid()) {
      return Status::FromErrno(file, errno);
    }
    GATEPOST_RETURN_IF_ERROR(WriteAll(fd.get(), lines));
    return fsync(fd.get()) == 0 ? SyncFolder(folder) : Status::FromErrno(file, errno);
  }
  return Status::Invalid(stem + ": too many files of one day");
}

Status ToCommand(const std::string& command, const std::string& lines) {
  // With a shell: this one is the administrator's own line.
  return RunCommand("heads: the command", {"/bin/sh", "-c", command}, lines, kCommandMs);
}

Status ToMail(const CustodyOptions& options, const std::string& node, const std::string& lines,
              int64_t now_ms) {
  HouseMail mail;
  mail.from = options.mail_from;
  mail.to = options.heads_mail;
  mail.subject = "Gatepost " + node + ": heads of " + Today(now_ms);
  // Each line is whole in the body: saved as a file it is what `gatepost log verify --heads` reads.
  mail.body = lines;
  const Status sent = SendHouseMail(mail, node, options.listener, now_ms);
  return sent.ok() ? sent : Status(sent.code(), "heads: " + sent.message());
}

}  // namespace

Result<std::vector<Head>> NewestHeads(const std::vector<LogName>& logs) {
  std::vector<Head> newest;
  for (const LogName& log : logs) {
    const Result<std::vector<std::string>> segments = ListSegments(log.path, log.name);
    if (!segments.ok() && segments.status().code() != Code::kNotFound) {
      return segments.status();
    }
    Head last;
    for (size_t i = segments.ok() ? segments->size() : 0; i-- > 0 && last.seq == 0;) {
      const std::string file = HeadsFile((*segments)[i]);
      if (access(file.c_str(), F_OK) == 0) {
        GATEPOST_RETURN_IF_ERROR(ReadHeads(file, [&](Head head) { last = std::move(head); }));
      }
    }
    if (last.seq != 0) {
      newest.push_back(std::move(last));
    }
  }
  return newest;
}

std::string HeadLines(const std::vector<Head>& heads) {
  std::string lines;
  for (const Head& head : heads) {
    lines += DumpJson(HeadToJson(head)) + "\n";
  }
  return lines;
}

bool HeadsDue(const std::string& state_folder, int64_t now_ms) {
  return Word(ReadSent(state_folder), "day") != Today(now_ms);
}

std::string HeadsTrouble(const std::string& state_folder) {
  return Word(ReadSent(state_folder), "trouble");
}

Status HandOverHeads(const CustodyOptions& options, const std::string& state_folder,
                     const std::string& node, const std::vector<Head>& heads, int64_t now_ms) {
  const std::string lines = HeadLines(heads);
  Status status;
  if (!options.heads_folder.empty()) {
    status = ToFolder(options.heads_folder, node, lines, now_ms);
  }
  if (status.ok() && !options.heads_command.empty()) {
    status = ToCommand(options.heads_command, lines);
  }
  if (status.ok() && !options.heads_mail.empty()) {
    status = ToMail(options, node, lines, now_ms);
  }
  Json sent = ReadSent(state_folder);
  sent["v"] = 1;
  sent["trouble"] = status.message();
  if (status.ok()) {
    sent["day"] = Today(now_ms);
    sent["at"] = Rfc3339(now_ms);
  }
  GATEPOST_RETURN_IF_ERROR(
      ReplaceSynced(state_folder, SentFile(state_folder), DumpJson(sent) + "\n"));
  return status;
}

}  // namespace gatepost::record
