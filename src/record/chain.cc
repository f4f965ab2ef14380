// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/chain.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"

namespace gatepost::record {

namespace {

constexpr std::string_view kHashKey = ",\"hash\":\"";
constexpr size_t kHashSize = 64;
constexpr std::string_view kSuffix = ".jsonl";

bool IsHash(std::string_view text) {
  return text.size() == kHashSize &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string ChainStart() { return std::string(kHashSize, '0'); }

std::string SealLine(std::string_view record, uint64_t seq, const std::string& prev,
                     std::string* hash) {
  // The object is closed again after seq and prev: what is hashed is itself a whole JSON object.
  std::string line(record.substr(0, record.size() - 1));
  line += line.size() > 1 ? "," : "";
  line += "\"seq\":" + std::to_string(seq) + ",\"prev\":\"" + prev + "\"}";
  *hash = Sha256Hex(line);
  line.pop_back();
  line += kHashKey;
  line += *hash;
  line += "\"}\n";
  return line;
}

bool ReadLink(std::string_view line, Link* out) {
  const size_t tail = kHashKey.size() + kHashSize + 2;
  if (line.size() <= tail || line.substr(line.size() - 2) != "\"}" ||
      line.substr(line.size() - tail, kHashKey.size()) != kHashKey) {
    return false;
  }
  Json record = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) {
    return false;
  }
  const auto seq = record.find("seq");
  const auto prev = record.find("prev");
  if (seq == record.end() || !seq->is_number_unsigned() || prev == record.end() ||
      !prev->is_string()) {
    return false;
  }
  out->seq = seq->get<uint64_t>();
  out->prev = prev->get<std::string>();
  out->hash = std::string(line.substr(line.size() - 2 - kHashSize, kHashSize));
  if (!IsHash(out->hash) || !IsHash(out->prev)) {
    return false;
  }
  Sha256 sum;
  sum.Update(line.substr(0, line.size() - tail));
  sum.Update("}");
  out->hash_fits = sum.FinishHex() == out->hash;
  out->record = std::move(record);
  return true;
}

std::string SegmentName(int64_t day, std::string_view log) {
  return std::string(log) + "-" + Rfc3339(day * kDayMs).substr(0, 10) + std::string(kSuffix);
}

int64_t SegmentDay(std::string_view name, std::string_view log) {
  constexpr size_t kDate = 10;
  const size_t prefix = log.size() + 1;
  if (name.size() != prefix + kDate + kSuffix.size() || name.substr(0, log.size()) != log ||
      name[log.size()] != '-' || name.substr(prefix + kDate) != kSuffix) {
    return -1;
  }
  const int64_t ms = ParseTime(name.substr(prefix, kDate), 0);
  return ms < 0 ? -1 : ms / kDayMs;
}

bool IsSingleFile(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) {
    return !S_ISDIR(info.st_mode);
  }
  return path.size() > kSuffix.size() &&
         path.compare(path.size() - kSuffix.size(), kSuffix.size(), kSuffix) == 0;
}

Result<std::vector<std::string>> ListSegments(const std::string& path, std::string_view log) {
  std::vector<std::string> found;
  if (IsSingleFile(path)) {
    if (access(path.c_str(), F_OK) == 0) {
      found.push_back(path);
    }
    return found;
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (folder == nullptr) {
    return Status::FromErrno(path, errno);
  }
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT: a DIR of our own
    if (SegmentDay(entry->d_name, log) >= 0) {
      found.push_back(path + "/" + entry->d_name);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Status ReadLines(
    const std::string& file,
    const std::function<bool(uint64_t number, std::string_view line, bool whole)>& visit,
    uint64_t start, uint64_t* end_of_line) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || lseek(fd.get(), static_cast<off_t>(start), SEEK_SET) < 0) {
    return Status::FromErrno(file, errno);
  }
  uint64_t at = start;
  const auto passed = [&](uint64_t bytes) {
    at += bytes;
    if (end_of_line != nullptr) {
      *end_of_line = at;
    }
  };
  std::string chunk(1U << 16, '\0');
  std::string line;
  bool too_long = false;
  uint64_t number = 1;
  for (;;) {
    const ssize_t got = read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Status::FromErrno(file, errno);
    }
    if (got == 0) {
      if (!line.empty() || too_long) {
        visit(number, line, /*whole=*/false);
      }
      return {};
    }
    std::string_view rest(chunk.data(), static_cast<size_t>(got));
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      const std::string_view piece = rest.substr(0, end);
      too_long = too_long || line.size() + piece.size() > kMaxLine;
      if (too_long) {
        line.clear();
      } else {
        line += piece;
      }
      passed(piece.size() + (end == std::string_view::npos ? 0 : 1));
      if (end == std::string_view::npos) {
        break;
      }
      if (!visit(number++, line, !too_long)) {
        return {};
      }
      line.clear();
      too_long = false;
      rest.remove_prefix(end + 1);
    }
  }
}

namespace {

// Where the first line begins that starts at `from` or later; the size where none does.
Result<uint64_t> LineStart(int fd, uint64_t from, uint64_t size) {
  std::string chunk(1U << 16, '\0');
  for (uint64_t at = from - 1; at < size;) {
    const ssize_t got = pread(fd, chunk.data(), chunk.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return got < 0 ? Result<uint64_t>(Status::FromErrno("decision log", errno)) : size;
    }
    const size_t end = std::string_view(chunk.data(), static_cast<size_t>(got)).find('\n');
    if (end != std::string_view::npos) {
      return at + end + 1;
    }
    at += static_cast<uint64_t>(got);
  }
  return size;
}

}  // namespace

namespace {

// The records of the end of a file, farther and farther back until `enough` says so: what a crash
// left behind may be long. Visits a record again each time it goes farther back.
Status ReadBack(const std::string& file, uint64_t window, const std::function<void()>& again,
                const std::function<void(const Link& link, uint64_t end)>& visit,
                const std::function<bool()>& enough) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) {
    return Status::FromErrno(file, errno);
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  for (;; window *= 16) {
    again();
    uint64_t start = 0;
    if (window < size) {
      GATEPOST_ASSIGN_OR_RETURN(start, LineStart(fd.get(), size - window, size));
    }
    uint64_t end = start;
    GATEPOST_RETURN_IF_ERROR(ReadLines(
        file,
        [&](uint64_t /*number*/, std::string_view line, bool whole) {
          Link link;
          if (whole && ReadLink(line, &link)) {
            visit(link, end);
          }
          return true;
        },
        start, &end));
    if (window >= size || enough()) {
      return {};
    }
  }
}

}  // namespace

Result<LastLine> FindLastRecord(const std::string& file) {
  LastLine last;
  // A record has one to four kilobytes: most often the first window is enough.
  GATEPOST_RETURN_IF_ERROR(ReadBack(
      file, 1U << 16, [&] { last = LastLine(); },
      [&](const Link& link, uint64_t end) {
        last = {link.seq, link.hash, end};
      },
      [&] { return last.seq != 0; }));
  return last;
}

Result<std::vector<std::string>> HashesSince(const std::string& file, uint64_t seq, size_t most) {
  std::deque<std::string> hashes;
  bool reached = false;
  GATEPOST_RETURN_IF_ERROR(ReadBack(
      file, 1U << 20,
      [&] {
        hashes.clear();
        reached = false;
      },
      [&](const Link& link, uint64_t /*end*/) {
        reached = reached || link.seq <= seq;
        if (link.seq >= seq) {
          hashes.push_back(link.hash);
        }
        if (hashes.size() > most) {
          hashes.pop_front();
        }
      },
      [&] { return reached || hashes.size() == most; }));
  return std::vector<std::string>(hashes.begin(), hashes.end());
}

}  // namespace gatepost::record
