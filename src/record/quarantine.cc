// The store of held mail. Order of every change: a mark in tmp/ (ID.touch), the files, their
// folder, the index, the mark away. Open() finishes or takes back whatever mark it finds that
// nobody holds a lock on.
// LIMITS: none of its own; the size of a message is the gateway's limit.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/quarantine.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/base/journal.h"
#include "src/record/held_file.h"
#include "src/record/held_index.h"

namespace gatepost::record {

namespace {

constexpr int64_t kSameMessageMs = 86'400'000;  // how long a repeated message is the same

// Names in a folder, without "." and "..".
Result<std::vector<std::string>> Names(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (folder == nullptr) {
    return Status::FromErrno(path, errno);
  }
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT: a DIR of our own
    const std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool IsNumber(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Status Unlink(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? Status() : Status::FromErrno(path, errno);
}

Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? Status() : Status::FromErrno(to, errno);
}

// The mark that an entry is being changed; locked while its maker lives.
class Touch {
 public:
  // kUnavailable: another process is at it.
  static Result<Touch> Make(const std::string& path, bool wait) {
    for (;;) {
      Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
      if (!fd.valid()) {
        return Status::FromErrno(path, errno);
      }
      if (flock(fd.get(), LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
        if (errno == EWOULDBLOCK) {
          return Status::Unavailable(path + ": another process is changing this entry");
        }
        if (errno != EINTR) {
          return Status::FromErrno(path, errno);
        }
        continue;
      }
      // Whoever held it before may have unlinked it: a lock on an unlinked file locks nobody.
      struct stat there {};
      struct stat ours {};
      if (stat(path.c_str(), &there) == 0 && fstat(fd.get(), &ours) == 0 &&
          there.st_ino == ours.st_ino) {
        Touch touch;
        touch.path_ = path;
        touch.fd_ = std::move(fd);
        return touch;
      }
    }
  }
  // The change is complete in files and index.
  void Done() { unlink(path_.c_str()); }

 private:
  std::string path_;
  Fd fd_;
};

struct Digests {
  std::string key, sha256;
  uint64_t size = 0;
};

// The key of a hold: sender, sorted recipients, bytes; every piece closed by a NUL, which no
// address holds.
Result<Digests> DigestsOf(const mail::Envelope& envelope, int fd) {
  std::set<std::string> recipients;
  for (const mail::Recipient& one : envelope.recipients) {
    recipients.insert(one.address.spelling());
  }
  Sha256 key;
  Sha256 whole;
  const std::string end(1, '\0');
  key.Update(envelope.sender.spelling() + end);
  for (const std::string& one : recipients) {
    key.Update(one + end);
  }
  key.Update(end);
  Digests digests;
  std::string buffer(1U << 16, '\0');
  for (;;) {
    const ssize_t got = pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(digests.size));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Status::FromErrno("read of the message", errno);
    }
    if (got == 0) {
      break;
    }
    const Bytes piece(buffer.data(), static_cast<size_t>(got));
    key.Update(piece);
    whole.Update(piece);
    digests.size += piece.size();
  }
  digests.key = key.FinishHex();
  digests.sha256 = whole.FinishHex();
  return digests;
}

Held MakeHeld(const Decision& decision) {
  Held held;
  held.id = decision.id;
  held.decision_id = decision.id;
  held.category = decision.verdict.category;
  held.clause = decision.verdict.clause;
  held.held_at_ms = NowUnixMs();
  held.changed_at_ms = held.held_at_ms;
  held.envelope = decision.envelope;
  held.envelope.recipients.clear();
  for (const policy::RecipientVerdict& one : decision.verdict.recipients) {
    if (one.action == policy::Action::kQuarantine) {
      mail::Recipient recipient;
      recipient.address = one.recipient;
      recipient.direction = one.direction;
      held.envelope.recipients.push_back(std::move(recipient));
    }
  }
  for (const inspect::RuleHit& hit : decision.findings.hits) {
    held.rules.push_back(hit.id);
  }
  held.score = decision.findings.score;
  held.marked = HasMarking(decision);
  if (!held.marked) {
    held.subject = decision.findings.subject;
    held.header_from = decision.findings.header_from;
    held.message_id = decision.findings.message_id;
  }
  return held;
}

bool IsReleased(const Held& held, const mail::Address& recipient) {
  return std::any_of(held.released.begin(), held.released.end(), [&](const ReleaseMark& one) {
    return one.recipient.spelling() == recipient.spelling();
  });
}

}  // namespace

struct Quarantine::Store {
  std::string folder;
  std::mutex mutex;  // guards index
  std::unique_ptr<HeldIndex> index;

  HeldPaths PathsOf(const std::string& id) const { return {folder, id}; }
  std::string IndexPath() const { return folder + "/index.sqlite"; }

  Status OpenIndex();
  Status RemakeIndex(const Status& why);
  Status Fill();
  Status RecoverAll();
  Status RecoverOne(const std::string& id);
  Status PutIndex(const Held& held);
  Status RemoveIndex(const std::string& id);
  Result<std::string> FindSame(const std::string& key);
  Status WriteNew(const Held& held, int message_fd);
  Status TakeBack(const std::string& id);
  Result<std::string> IndexNew(const Held& held);
  Status Change(const std::string& id, const std::function<Status(Held*)>& change,
                bool remove_content = false);
};

Status Quarantine::Store::OpenIndex() {
  bool fresh = false;
  Result<std::unique_ptr<HeldIndex>> opened = HeldIndex::Open(IndexPath(), &fresh);
  if (!opened.ok()) {
    return opened.status().code() == Code::kInternal ? RemakeIndex(opened.status())
                                                     : opened.status();
  }
  index = std::move(opened).value();
  return fresh ? Fill() : Status();
}

Status Quarantine::Store::RemakeIndex(const Status& why) {
  Journal(Loudness::kError, "GP3010",
          "the index of held mail is damaged: making it anew from the files",
          {{"file", IndexPath()}, {"reason", why.message()}});
  index.reset();
  GATEPOST_RETURN_IF_ERROR(Rename(IndexPath(), IndexPath() + ".damaged"));
  for (const char* rest : {"-wal", "-shm"}) {
    GATEPOST_RETURN_IF_ERROR(Unlink(IndexPath() + rest));
  }
  bool fresh = false;
  GATEPOST_ASSIGN_OR_RETURN(index, HeldIndex::Open(IndexPath(), &fresh));
  return Fill();
}

// Files to index. One transaction: others see the old index or the new one.
Status Quarantine::Store::Fill() {
  Transaction transaction(index->database());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  GATEPOST_RETURN_IF_ERROR(index->Clear());
  // Level by level: years, months, days.
  std::vector<std::string> folders{folder};
  for (int level = 0; level < 3; ++level) {
    std::vector<std::string> below;
    for (const std::string& one : folders) {
      GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names(one));
      for (const std::string& name : names) {
        if (IsNumber(name)) {
          below.push_back(one + "/" + name);
        }
      }
    }
    folders = std::move(below);
  }
  for (const std::string& day : folders) {
    GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names(day));
    for (const std::string& name : names) {
      constexpr size_t kIdSize = 27;
      const std::string id = name.substr(0, kIdSize);
      if (name != id + ".json" || !IsId(id)) {
        continue;
      }
      const Result<Held> held = ReadHeld(day + "/" + name);
      if (!held.ok() || held->id != id ||
          (held->state != HeldState::kDeleted && !Exists(day + "/" + id + ".eml"))) {
        Journal(Loudness::kError, "GP3011", "a held message is damaged and left out of the index",
                {{"id", id}, {"reason", held.ok() ? "no content" : held.status().message()}});
        continue;
      }
      GATEPOST_RETURN_IF_ERROR(index->Put(*held));
    }
  }
  GATEPOST_RETURN_IF_ERROR(index->MarkFilled());
  return transaction.Commit();
}

Status Quarantine::Store::RecoverAll() {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names(folder + "/tmp"));
  std::set<std::string> ids;
  for (const std::string& name : names) {
    const std::string id = name.substr(0, name.find('.'));
    if (IsId(id)) {
      ids.insert(id);
    }
  }
  for (const std::string& id : ids) {
    Result<Touch> touch = Touch::Make(PathsOf(id).touch, /*wait=*/false);
    if (!touch.ok()) {
      if (touch.status().code() == Code::kUnavailable) {
        continue;  // somebody is at it right now
      }
      return touch.status();
    }
    const Status recovered = RecoverOne(id);
    if (recovered.ok()) {
      touch->Done();
    } else if (recovered.code() == Code::kInternal || recovered.code() == Code::kInvalid) {
      // One damaged entry must not keep the house closed; a person has to look at it.
      Journal(Loudness::kError, "GP3011", "a held message is damaged",
              {{"id", id}, {"reason", recovered.message()}});
    } else {
      return recovered;
    }
  }
  return {};
}

// An entry exists exactly when its record does; then content and index must fit it.
Status Quarantine::Store::RecoverOne(const std::string& id) {
  const HeldPaths paths = PathsOf(id);
  for (const std::string& path : {paths.new_message, paths.new_record}) {
    GATEPOST_RETURN_IF_ERROR(Unlink(path));
  }
  if (!Exists(paths.record)) {
    GATEPOST_RETURN_IF_ERROR(Unlink(paths.message));
    return RemoveIndex(id);
  }
  GATEPOST_ASSIGN_OR_RETURN(const Held held, ReadHeld(paths.record));
  if (held.state == HeldState::kDeleted && Exists(paths.message)) {
    GATEPOST_RETURN_IF_ERROR(Unlink(paths.message));
    GATEPOST_RETURN_IF_ERROR(SyncFolder(paths.day));
  }
  if (held.state != HeldState::kDeleted && !Exists(paths.message)) {
    return Status::Internal(paths.record + ": the content of this entry is missing");
  }
  return PutIndex(held);
}

Status Quarantine::Store::PutIndex(const Held& held) {
  const std::lock_guard<std::mutex> lock(mutex);
  Transaction transaction(index->database());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  GATEPOST_RETURN_IF_ERROR(index->Put(held));
  return transaction.Commit();
}

Status Quarantine::Store::RemoveIndex(const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex);
  Transaction transaction(index->database());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  GATEPOST_RETURN_IF_ERROR(index->Remove(id));
  return transaction.Commit();
}

// "" none. The files have the last word: an index that is behind must not make mail disappear.
Result<std::string> Quarantine::Store::FindSame(const std::string& key) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                            index->FindHeld(key, NowUnixMs() - kSameMessageMs));
  for (const std::string& id : ids) {
    const HeldPaths paths = PathsOf(id);
    const Result<Held> held = ReadHeld(paths.record);
    if (held.ok() && held->state == HeldState::kHeld && held->released.empty() &&
        held->key == key && Exists(paths.message)) {
      return id;
    }
  }
  return std::string();
}

// After this the entry exists.
Status Quarantine::Store::WriteNew(const Held& held, int message_fd) {
  const HeldPaths paths = PathsOf(held.id);
  GATEPOST_RETURN_IF_ERROR(CopySynced(folder, paths.new_message, message_fd));
  GATEPOST_RETURN_IF_ERROR(
      WriteSynced(folder, paths.new_record, DumpJson(HeldToJson(held)) + "\n"));
  GATEPOST_RETURN_IF_ERROR(MakeDayFolder(folder, paths.day));
  GATEPOST_RETURN_IF_ERROR(Rename(paths.new_message, paths.message));
  GATEPOST_RETURN_IF_ERROR(Rename(paths.new_record, paths.record));
  return SyncFolder(paths.day);
}

Status Quarantine::Store::TakeBack(const std::string& id) {
  const HeldPaths paths = PathsOf(id);
  for (const std::string& path :
       {paths.record, paths.message, paths.new_record, paths.new_message}) {
    GATEPOST_RETURN_IF_ERROR(Unlink(path));
  }
  return {};
}

// The id under which the message is held: its own, or that of the same message which another
// thread or process held in the meantime.
Result<std::string> Quarantine::Store::IndexNew(const Held& held) {
  const std::lock_guard<std::mutex> lock(mutex);
  Transaction transaction(index->database());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  GATEPOST_ASSIGN_OR_RETURN(const std::string same, FindSame(held.key));
  if (!same.empty()) {
    return same;
  }
  GATEPOST_RETURN_IF_ERROR(index->Put(held));
  GATEPOST_RETURN_IF_ERROR(transaction.Commit());
  return held.id;
}

// Reads the record, lets `change` alter it, writes it durably, then the index. Changes of one
// entry are one after the other, in all processes.
Status Quarantine::Store::Change(const std::string& id, const std::function<Status(Held*)>& change,
                                 bool remove_content) {
  if (!IsId(id)) {
    return Status::NotFound("'" + id + "' is not an id (GP-...)");
  }
  const HeldPaths paths = PathsOf(id);
  if (!Exists(paths.record)) {
    return Status::NotFound(id + ": nothing is held under this id");
  }
  // Not the touch itself: it is unlinked at the end, and a lock on an unlinked file locks nobody.
  const std::string lock_path = folder + "/.lock";
  const Fd lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!lock.valid()) {
    return Status::FromErrno(lock_path, errno);
  }
  while (flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return Status::FromErrno(lock_path, errno);
    }
  }
  GATEPOST_ASSIGN_OR_RETURN(Held held, ReadHeld(paths.record));
  GATEPOST_RETURN_IF_ERROR(change(&held));
  held.changed_at_ms = NowUnixMs();
  GATEPOST_ASSIGN_OR_RETURN(Touch touch, Touch::Make(paths.touch, /*wait=*/true));
  GATEPOST_RETURN_IF_ERROR(
      WriteSynced(folder, paths.new_record, DumpJson(HeldToJson(held)) + "\n"));
  GATEPOST_RETURN_IF_ERROR(Rename(paths.new_record, paths.record));
  GATEPOST_RETURN_IF_ERROR(SyncFolder(paths.day));
  if (remove_content) {
    GATEPOST_RETURN_IF_ERROR(Unlink(paths.message));
    GATEPOST_RETURN_IF_ERROR(SyncFolder(paths.day));
  }
  GATEPOST_RETURN_IF_ERROR(PutIndex(held));
  touch.Done();
  return {};
}

Quarantine::Quarantine(std::unique_ptr<Store> store) : store_(std::move(store)) {}
Quarantine::~Quarantine() = default;

Result<std::unique_ptr<Quarantine>> Quarantine::Open(const std::string& folder) {
  auto store = std::make_unique<Store>();
  store->folder = folder;
  while (store->folder.size() > 1 && store->folder.back() == '/') {
    store->folder.pop_back();
  }
  GATEPOST_RETURN_IF_ERROR(MakeFolder(store->folder, 0750));
  GATEPOST_RETURN_IF_ERROR(MakeDayFolder(store->folder, store->folder + "/tmp"));
  GATEPOST_RETURN_IF_ERROR(store->OpenIndex());
  GATEPOST_RETURN_IF_ERROR(store->RecoverAll());
  return std::unique_ptr<Quarantine>(new Quarantine(std::move(store)));  // NOLINT: private
}

Result<std::string> Quarantine::Hold(const Decision& decision, int message_fd) {
  if (!IsId(decision.id)) {
    return Status::Internal("'" + decision.id + "' is not an id to hold a message under");
  }
  Held held = MakeHeld(decision);
  if (held.envelope.recipients.empty()) {
    return Status::Internal(decision.id + ": no recipient's copy is to be held");
  }
  GATEPOST_ASSIGN_OR_RETURN(const Digests digests, DigestsOf(held.envelope, message_fd));
  held.key = digests.key;
  held.sha256 = digests.sha256;
  held.size = digests.size;
  {
    const std::lock_guard<std::mutex> lock(store_->mutex);
    Result<std::string> same = store_->FindSame(held.key);
    if (!same.ok() && same.status().code() == Code::kInternal) {
      GATEPOST_RETURN_IF_ERROR(store_->RemakeIndex(same.status()));
      same = store_->FindSame(held.key);
    }
    if (!same.ok() || !same->empty()) {
      return same;
    }
  }
  const HeldPaths paths = store_->PathsOf(held.id);
  GATEPOST_ASSIGN_OR_RETURN(Touch touch, Touch::Make(paths.touch, /*wait=*/false));
  if (Exists(paths.record)) {
    return Status::Internal(held.id + ": another message is held under this id");
  }
  const Status written = store_->WriteNew(held, message_fd);
  Result<std::string> id = written.ok() ? store_->IndexNew(held) : Result<std::string>(written);
  if (!id.ok() || *id != held.id) {
    const Status back = store_->TakeBack(held.id);
    if (!back.ok()) {
      return back;  // the touch stays: the next Open takes it back
    }
  }
  touch.Done();
  return id;
}

Result<Held> Quarantine::Find(const std::string& id) const {
  if (!IsId(id)) {
    return Status::NotFound("'" + id + "' is not an id (GP-...)");
  }
  Result<Held> held = ReadHeld(store_->PathsOf(id).record);
  if (!held.ok() && held.status().code() == Code::kNotFound) {
    return Status::NotFound(id + ": nothing is held under this id");
  }
  return held;
}

Result<std::vector<Held>> Quarantine::List(const HeldFilter& filter) const {
  const std::lock_guard<std::mutex> lock(store_->mutex);
  Result<std::vector<Held>> found = store_->index->List(filter);
  if (!found.ok() && found.status().code() == Code::kInternal) {
    GATEPOST_RETURN_IF_ERROR(store_->RemakeIndex(found.status()));
    found = store_->index->List(filter);
  }
  return found;
}

Result<std::string> Quarantine::ReadMessage(const std::string& id) const {
  GATEPOST_ASSIGN_OR_RETURN(const Held held, Find(id));
  if (held.state == HeldState::kDeleted) {
    return Status::NotFound(id + ": the content was deleted");
  }
  GATEPOST_ASSIGN_OR_RETURN(std::string bytes, ReadFile(store_->PathsOf(id).message));
  if (Sha256Hex(bytes) != held.sha256) {
    return Status::Internal(id + ": the content is not what was held (its digest differs)");
  }
  return bytes;
}

Status Quarantine::Delete(const std::string& id, const std::string& actor) {
  return store_->Change(
      id,
      [&](Held* held) {
        if (held->state == HeldState::kReleasing) {
          return Status::Unavailable(id + ": is being released; settle that first");
        }
        if (held->state == HeldState::kDeleted) {
          return Status::NotFound(id + ": is deleted already");
        }
        held->state = HeldState::kDeleted;
        held->last_actor = actor;
        if (held->marked) {
          // Whoever has the document must not be able to prove that it was here.
          held->key.clear();
          held->sha256.clear();
        }
        return Status();
      },
      /*remove_content=*/true);
}

Result<std::string> Quarantine::BeginRelease(const std::string& id, const std::string& actor,
                                             const std::vector<mail::Address>& recipients) {
  std::string release_id;
  const Status status = store_->Change(id, [&](Held* held) {
    if (held->state == HeldState::kReleasing) {
      return Status::Unavailable(id + ": is being released already (" + held->release_id +
                                 "); settle that first");
    }
    if (held->state != HeldState::kHeld) {
      return Status::Invalid(id + ": is " + ToString(held->state) + ", not held");
    }
    held->releasing.clear();
    for (const mail::Recipient& one : held->envelope.recipients) {
      if (recipients.empty() && !IsReleased(*held, one.address)) {
        held->releasing.push_back(one.address);
      }
    }
    for (const mail::Address& wanted : recipients) {
      const auto found =
          std::find_if(held->envelope.recipients.begin(), held->envelope.recipients.end(),
                       [&](const mail::Recipient& one) { return one.address == wanted; });
      if (found == held->envelope.recipients.end() || IsReleased(*held, found->address)) {
        return Status::Invalid(id + ": no copy for " + wanted.spelling() + " is held");
      }
      held->releasing.push_back(found->address);
    }
    release_id = MakeId(NowUnixMs());
    held->state = HeldState::kReleasing;
    held->release_id = release_id;
    held->last_actor = actor;
    return Status();
  });
  return status.ok() ? Result<std::string>(release_id) : Result<std::string>(status);
}

namespace {

Status MustBeReleasing(const Held& held, const std::string& release_id) {
  return held.state == HeldState::kReleasing && held.release_id == release_id
             ? Status()
             : Status::Invalid(held.id + ": the release " + release_id + " is not under way");
}

}  // namespace

Status Quarantine::FinishRelease(const std::string& id, const std::string& release_id) {
  return store_->Change(id, [&](Held* held) {
    GATEPOST_RETURN_IF_ERROR(MustBeReleasing(*held, release_id));
    for (const mail::Address& one : held->releasing) {
      held->released.push_back({one, release_id, NowUnixMs(), held->last_actor});
    }
    held->releasing.clear();
    const bool all =
        std::all_of(held->envelope.recipients.begin(), held->envelope.recipients.end(),
                    [&](const mail::Recipient& one) { return IsReleased(*held, one.address); });
    held->state = all ? HeldState::kReleased : HeldState::kHeld;
    return Status();
  });
}

Status Quarantine::AbortRelease(const std::string& id, const std::string& release_id) {
  return store_->Change(id, [&](Held* held) {
    GATEPOST_RETURN_IF_ERROR(MustBeReleasing(*held, release_id));
    held->state = HeldState::kHeld;
    held->releasing.clear();
    held->release_id.clear();
    return Status();
  });
}

Status Quarantine::Rebuild() {
  const std::lock_guard<std::mutex> lock(store_->mutex);
  return store_->Fill();
}

}  // namespace gatepost::record
