// The writing side of the decision log.
// LIMITS: one writer (flock); a commit takes at most 1,000 records.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/decision_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/record/chain.h"
#include "src/record/held_file.h"
#include "src/record/reserve.h"

namespace gatepost::record {

namespace {

constexpr size_t kMaxCommit = 1'000;
constexpr int64_t kRefillEveryMs = 5'000;
constexpr int64_t kHeadEveryMs = 1'000;
constexpr size_t kHeadEvery = 1'000;
constexpr std::chrono::milliseconds kLockAgain{50};

// One caller of Append, waiting.
struct Ticket {
  std::string record;
  bool done = false;
  Status status;
};

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

// Everything below `commit` is touched only by the thread that commits (or by Open).
struct DecisionLog::Writer {
  Options options;
  bool single = false;
  Fd lock;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Ticket*> waiting;
  bool committing = false;

  Fd file;
  std::string path;        // of the segment that is open
  int64_t day = -1;        // of the segment that is open; folders only
  uint64_t good_size = 0;  // bytes of whole, durable records
  uint64_t seq = 0;        // of the last record
  std::string prev = ChainStart();
  bool broken = false;  // a failed commit could not be undone: recover before the next
  Reserve reserve;
  int64_t refill_at_ms = 0;
  bool reserve_told = false;
  std::atomic<bool> on_reserve{false};
  std::vector<std::string> unsigned_hashes;  // of the newest records
  int64_t head_at_ms = 0;                    // steady clock, of the latest head
  bool heads_told = false;

  Status Recover();
  void Continue(const LastLine& last) {
    if (last.seq != 0) {
      seq = last.seq;
      prev = last.hash;
    }
  }
  Status OpenSegment(const std::string& segment);
  Status SetTornAside(const std::string& reason, std::string* event);
  Status Rotate();
  Status Put(const std::vector<std::string>& records);
  Status WriteAndSync(const std::string& lines);
  void Undo(uint64_t was_seq, const std::string& was_prev);
  void Refill();
  Status Commit(std::vector<std::string> records);
  Status FindUnsigned();
  Status WriteHeads();
  void MaybeWriteHeads(bool all);
};

// Opens the newest segment and finds the end of the chain in it or in those before.
Status DecisionLog::Writer::Recover() {
  broken = false;
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments,
                            ListSegments(options.path, options.name));
  const int64_t today = NowUnixMs() / kDayMs;
  std::string newest;
  if (single) {
    newest = options.path;
  } else {
    newest =
        segments.empty() ? options.path + "/" + SegmentName(today, options.name) : segments.back();
    day = SegmentDay(newest.substr(newest.rfind('/') + 1), options.name);
  }
  seq = 0;
  prev = ChainStart();
  std::vector<std::string> events;
  GATEPOST_RETURN_IF_ERROR(OpenSegment(newest));
  std::string torn;
  GATEPOST_RETURN_IF_ERROR(SetTornAside(newest, &torn));
  if (!torn.empty()) {
    events.push_back(std::move(torn));
  }
  // The newest record may stand in an earlier segment (killed between making one and writing it).
  for (size_t i = segments.size(); i-- > 0 && seq == 0;) {
    GATEPOST_ASSIGN_OR_RETURN(const LastLine last, FindLastRecord(segments[i]));
    Continue(last);
  }
  GATEPOST_RETURN_IF_ERROR(FindUnsigned());
  return events.empty() ? Status() : Put(events);
}

// What a crash left without a head.
Status DecisionLog::Writer::FindUnsigned() {
  unsigned_hashes.clear();
  if (options.signer == nullptr || seq == 0) {
    return {};
  }
  uint64_t covered = 0;
  const std::string heads = HeadsFile(path);
  if (access(heads.c_str(), F_OK) == 0) {
    GATEPOST_RETURN_IF_ERROR(ReadHeads(heads, [&](const Head& head) { covered = head.seq; }));
  }
  if (covered < seq) {
    GATEPOST_ASSIGN_OR_RETURN(unsigned_hashes, HashesSince(path, covered + 1, kMaxCovers));
  }
  return {};
}

// Not synced each time: a head that a power cut takes is signed again at the next start.
Status DecisionLog::Writer::WriteHeads() {
  if (options.signer == nullptr || unsigned_hashes.empty()) {
    return {};
  }
  Head head;
  head.log = options.name;
  head.node = options.node;
  head.at = Rfc3339(NowUnixMs());
  head.seq = seq;
  const size_t skipped =
      unsigned_hashes.size() > kMaxCovers ? unsigned_hashes.size() - kMaxCovers : 0;
  head.covers.assign(unsigned_hashes.begin() + static_cast<ptrdiff_t>(skipped),
                     unsigned_hashes.end());
  SignHead(*options.signer, &head);
  const std::string heads = HeadsFile(path);
  const Fd fd(open(heads.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0660));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) {
    return Status::FromErrno(heads, errno);
  }
  GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(FolderOf(heads), fd.get()));
  // A line that a crash cut must not swallow this one.
  char last = '\n';
  const bool torn =
      info.st_size > 0 && pread(fd.get(), &last, 1, info.st_size - 1) == 1 && last != '\n';
  const Status written = WriteAll(fd.get(), (torn ? "\n" : "") + DumpJson(HeadToJson(head)) + "\n");
  if (!written.ok()) {
    static_cast<void>(ftruncate(fd.get(), info.st_size) == 0);
    return {written.code(), heads + ": " + written.message()};
  }
  unsigned_hashes.clear();
  head_at_ms = SteadyMs();
  return {};
}

// A head that cannot be written fails nobody's message: its records go into the next one.
void DecisionLog::Writer::MaybeWriteHeads(bool all) {
  if (!all && unsigned_hashes.size() < kHeadEvery && SteadyMs() - head_at_ms < kHeadEveryMs) {
    return;
  }
  const Status written = WriteHeads();
  if (!written.ok() && !heads_told) {
    Journal(Loudness::kError, "GP4003", "the head of a log could not be signed",
            {{"log", options.name}, {"reason", written.message()}});
  }
  heads_told = !written.ok();
}

Status DecisionLog::Writer::OpenSegment(const std::string& segment) {
  const mode_t mode = options.wait ? 0660 : 0640;  // several writers: those of the group, too
  file.Reset(open(segment.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) {
    return Status::FromErrno(segment, errno);
  }
  path = segment;
  struct stat info {};
  if (fstat(file.get(), &info) != 0) {
    return Status::FromErrno(segment, errno);
  }
  good_size = static_cast<uint64_t>(info.st_size);
  if (good_size > 0) {
    return {};
  }
  GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(FolderOf(segment), file.get()));
  return SyncFolder(FolderOf(segment));
}

// Whatever follows the last line that is a record goes to SEGMENT.torn: a line that a crash cut, or
// the zeros that some file systems leave. A line that is a record but does not hash stays where it
// is: that is for VerifyLog to name.
Status DecisionLog::Writer::SetTornAside(const std::string& segment, std::string* event) {
  GATEPOST_ASSIGN_OR_RETURN(const LastLine last, FindLastRecord(segment));
  Continue(last);
  const uint64_t good = last.end;
  if (good == good_size) {
    return {};
  }
  std::string rest(static_cast<size_t>(std::min<uint64_t>(good_size - good, 1U << 20)), '\0');
  const ssize_t got = pread(file.get(), rest.data(), rest.size(), static_cast<off_t>(good));
  if (got < 0) {
    return Status::FromErrno(segment, errno);
  }
  rest.resize(static_cast<size_t>(got));
  const std::string aside = segment + ".torn";
  const Fd fd(open(aside.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  Status kept =
      fd.valid() ? GiveToOwnerOf(FolderOf(segment), fd.get()) : Status::FromErrno(aside, errno);
  if (kept.ok()) {
    kept = WriteAll(fd.get(), rest + "\n");
  }
  if (kept.ok() && fsync(fd.get()) != 0) {
    kept = Status::FromErrno(aside, errno);
  }
  if (!kept.ok() && kept.code() != Code::kNoSpace) {
    return kept;  // on a full disk the remains are given up: logging must go on
  }
  Json record;
  record["v"] = 1;
  record["event"] = "torn-line";
  record["at"] = Rfc3339(NowUnixMs());
  record["file"] = segment.substr(segment.rfind('/') + 1);
  record["offset"] = good;
  record["bytes"] = good_size - good;
  record["sha256"] = Sha256Hex(rest);
  record["kept"] = kept.ok();
  *event = DumpJson(record);
  Journal(Loudness::kWarning, "GP4001", "a torn line at the end of the decision log was set aside",
          {{"file", segment}, {"bytes", std::to_string(good_size - good)}});
  if (ftruncate(file.get(), static_cast<off_t>(good)) != 0 || fsync(file.get()) != 0) {
    return Status::FromErrno(segment, errno);
  }
  good_size = good;
  return {};
}

// A new day, or somebody renamed the file.
Status DecisionLog::Writer::Rotate() {
  if (single) {
    struct stat there {};
    struct stat ours {};
    if (stat(path.c_str(), &there) == 0 && fstat(file.get(), &ours) == 0 &&
        there.st_ino == ours.st_ino && there.st_dev == ours.st_dev) {
      return {};
    }
    return OpenSegment(options.path);
  }
  const int64_t today = NowUnixMs() / kDayMs;
  if (today <= day) {  // a clock that went back does not reopen an older segment
    return {};
  }
  MaybeWriteHeads(/*all=*/true);  // a segment's heads stand beside it
  const std::string next = options.path + "/" + SegmentName(today, options.name);
  const Status opened = OpenSegment(next);
  if (opened.ok()) {
    day = today;
    return {};
  }
  if (opened.code() != Code::kNoSpace) {
    return opened;
  }
  // No room for a new segment: yesterday's goes on.
  return OpenSegment(path);
}

Status DecisionLog::Writer::WriteAndSync(const std::string& lines) {
  for (;;) {
    const Status written = WriteAll(file.get(), lines);
    if (!written.ok()) {
      if (ftruncate(file.get(), static_cast<off_t>(good_size)) != 0) {
        return Status::FromErrno(path, errno);
      }
      if (written.code() == Code::kNoSpace && reserve.Give(lines.size())) {
        on_reserve = true;
        continue;
      }
      return {written.code(), path + ": " + written.message()};
    }
    if (fdatasync(file.get()) == 0) {
      return {};
    }
    const int error = errno;
    if (error == ENOSPC && ftruncate(file.get(), static_cast<off_t>(good_size)) == 0 &&
        reserve.Give(lines.size())) {
      on_reserve = true;
      continue;
    }
    return Status::FromErrno(path, error);
  }
}

Status DecisionLog::Writer::Put(const std::vector<std::string>& records) {
  const uint64_t was_seq = seq;
  const std::string was_prev = prev;
  std::string lines;
  std::vector<std::string> hashes;
  for (const std::string& record : records) {
    lines += SealLine(record, ++seq, prev, &prev);
    hashes.push_back(prev);
  }
  const Status status = WriteAndSync(lines);
  if (!status.ok()) {
    Undo(was_seq, was_prev);
    return status;
  }
  good_size += lines.size();
  if (options.signer != nullptr) {
    unsigned_hashes.insert(unsigned_hashes.end(), hashes.begin(), hashes.end());
    MaybeWriteHeads(/*all=*/false);
  }
  return {};
}

// Nothing of a failed commit may stay: its senders are told 451, and the chain goes on from before.
void DecisionLog::Writer::Undo(uint64_t was_seq, const std::string& was_prev) {
  seq = was_seq;
  prev = was_prev;
  if (ftruncate(file.get(), static_cast<off_t>(good_size)) != 0 || fdatasync(file.get()) != 0) {
    broken = true;
  }
}

void DecisionLog::Writer::Refill() {
  if (!on_reserve || SteadyMs() < refill_at_ms) {
    return;
  }
  refill_at_ms = SteadyMs() + kRefillEveryMs;
  if (reserve.Fill()) {
    on_reserve = false;
  }
}

Status DecisionLog::Writer::Commit(std::vector<std::string> records) {
  if (broken) {
    GATEPOST_RETURN_IF_ERROR(Recover());
  }
  Refill();
  GATEPOST_RETURN_IF_ERROR(Rotate());
  GATEPOST_RETURN_IF_ERROR(Put(records));
  // Several writers would each say it, with every record.
  if (on_reserve != reserve_told && !options.wait) {
    // Said once each way, after the records themselves; a failure here fails nobody's message.
    reserve_told = on_reserve;
    Json event;
    event["v"] = 1;
    event["event"] = on_reserve ? "disk-full" : "disk-well";
    event["at"] = Rfc3339(NowUnixMs());
    Journal(on_reserve ? Loudness::kError : Loudness::kNotice, "GP4002",
            on_reserve ? "the disk of the decision log is full: writing on the reserve"
                       : "the disk of the decision log has room again",
            {{"file", path}});
    static_cast<void>(Put({DumpJson(event)}));
  }
  return {};
}

DecisionLog::DecisionLog(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
DecisionLog::~DecisionLog() {
  if (writer_ != nullptr) {
    writer_->MaybeWriteHeads(/*all=*/true);
  }
}

Status DecisionLog::SignHeads() {
  std::unique_lock<std::mutex> lock(writer_->mutex);
  writer_->wake.wait(lock, [&] { return !writer_->committing; });
  return writer_->WriteHeads();
}

Result<std::unique_ptr<DecisionLog>> DecisionLog::Open(const Options& options) {
  auto writer = std::make_unique<Writer>();
  writer->options = options;
  while (writer->options.path.size() > 1 && writer->options.path.back() == '/') {
    writer->options.path.pop_back();
  }
  const std::string& path = writer->options.path;
  writer->single = IsSingleFile(path);
  const std::string folder = writer->single ? FolderOf(path) : path;
  GATEPOST_RETURN_IF_ERROR(MakeOwnedFolder(folder, options.wait ? 0770 : 0750));
  const std::string lock = writer->single ? path + ".lock" : folder + "/.lock";
  writer->lock.Reset(
      open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, options.wait ? 0660 : 0640));
  if (!writer->lock.valid()) {
    return Status::FromErrno(lock, errno);
  }
  GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(folder, writer->lock.get()));
  // A daemon that is told to leave finishes its messages first, and the next one may be here.
  const int64_t until = SteadyMs() + options.lock_wait_ms;
  while (flock(writer->lock.get(), LOCK_EX | (options.wait ? 0 : LOCK_NB)) != 0) {
    if (errno == EINTR) {
      continue;
    }
    if (errno == EWOULDBLOCK && SteadyMs() < until) {
      std::this_thread::sleep_for(kLockAgain);
      continue;
    }
    return errno == EWOULDBLOCK
               ? Status::Unavailable(path + ": another process writes this log; stop it first")
               : Status::FromErrno(lock, errno);
  }
  writer->reserve = Reserve(writer->single ? path + ".reserve" : folder + "/.reserve",
                            options.reserve_bytes, options.wait ? 0660 : 0640);
  GATEPOST_RETURN_IF_ERROR(writer->Recover());
  writer->on_reserve = !writer->reserve.Fill();
  return std::unique_ptr<DecisionLog>(new DecisionLog(std::move(writer)));  // NOLINT: private
}

Status DecisionLog::Append(Json record) {
  // The chain's own keys are ours; whatever a caller put there would come twice.
  for (const char* key : {"seq", "prev", "hash"}) {
    record.erase(key);
  }
  Ticket ticket;
  ticket.record = DumpJson(record);
  if (ticket.record.size() > kMaxLine / 2) {
    return Status::Internal("a record of " + std::to_string(ticket.record.size()) +
                            " bytes is too long for the decision log");
  }
  Writer& writer = *writer_;
  std::unique_lock<std::mutex> lock(writer.mutex);
  writer.waiting.push_back(&ticket);
  writer.wake.wait(lock, [&] { return ticket.done || !writer.committing; });
  if (ticket.done) {
    return ticket.status;
  }
  // This thread commits for all that wait, itself among them.
  writer.committing = true;
  if (writer.options.group_commit_us > 0) {
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::microseconds(writer.options.group_commit_us));
    lock.lock();
  }
  while (!ticket.done) {
    std::vector<Ticket*> batch;
    std::vector<std::string> records;
    size_t bytes = 0;
    while (!writer.waiting.empty() && batch.size() < kMaxCommit && bytes < kMaxLine) {
      batch.push_back(writer.waiting.front());
      writer.waiting.pop_front();
      bytes += batch.back()->record.size();
      records.push_back(std::move(batch.back()->record));
    }
    lock.unlock();
    const Status status = writer.Commit(std::move(records));
    lock.lock();
    for (Ticket* one : batch) {
      one->status = status;
      one->done = true;
    }
    writer.wake.notify_all();
  }
  writer.committing = false;
  writer.wake.notify_all();
  return ticket.status;
}

bool DecisionLog::on_reserve() const { return writer_->on_reserve; }

}  // namespace gatepost::record
