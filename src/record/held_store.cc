// LIMITS: none of its own; the size of a message is the gateway's limit.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/journal.h"
#include "src/record/held_json.h"

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

Status Unlink(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? Status() : Status::FromErrno(path, errno);
}

Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? Status() : Status::FromErrno(to, errno);
}

}  // namespace

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Result<Touch> Touch::Make(const std::string& path, bool wait) {
  for (;;) {
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
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

void Touch::Done() { unlink(path_.c_str()); }

Status Quarantine::Store::OnReserve(const std::function<Status()>& step) {
  constexpr uint64_t kPiece = 64U << 10;
  for (;;) {
    Status status = step();
    if (status.code() != Code::kNoSpace) {
      return status;
    }
    {
      const std::lock_guard<std::mutex> lock(reserve_mutex);
      if (!reserve.Give(kPiece)) {
        return status;
      }
    }
    const std::lock_guard<std::mutex> lock(mutex);
    if (index != nullptr) {
      // The index's log begins anew instead of growing. Waits for nobody.
      static_cast<void>(index->database()
                            ->Query("PRAGMA wal_checkpoint(PASSIVE)", {},
                                    [](const Database::Row& /*row*/) { return true; })
                            .ok());
    }
  }
}

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
  Journal(Loudness::kError, "GP4010",
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
          (held->state != HeldState::kDeleted && !HasContent(*held, PathsOf(id)))) {
        Journal(Loudness::kError, "GP4011", "a held message is damaged and left out of the index",
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
      Journal(Loudness::kError, "GP4011", "a held message is damaged",
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
  for (const std::string& path :
       {paths.new_message, paths.new_sealed, paths.new_keys, paths.new_record}) {
    GATEPOST_RETURN_IF_ERROR(Unlink(path));
  }
  if (!Exists(paths.record)) {
    for (const std::string& path : {paths.message, paths.keys, paths.sealed}) {
      GATEPOST_RETURN_IF_ERROR(Unlink(path));
    }
    return RemoveIndex(id);
  }
  GATEPOST_ASSIGN_OR_RETURN(const Held held, ReadHeld(paths.record));
  if (held.state != HeldState::kDeleted && !HasContent(held, paths)) {
    return Status::Internal(paths.record + ": the content of this entry is missing");
  }
  GATEPOST_RETURN_IF_ERROR(RemoveStrays(held));
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
        held->key == key && HasContent(*held, paths)) {
      return id;
    }
  }
  return std::string();
}

// After this the entry exists.
Status Quarantine::Store::WriteNew(Held* held, int message_fd) {
  const HeldPaths paths = PathsOf(held->id);
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<RingKey> keys, KeysFor(held->category));
  held->sealed = !keys.empty();
  if (held->sealed) {
    const SealedWords words{std::move(held->subject), std::move(held->header_from)};
    held->subject.clear();
    held->header_from.clear();
    GATEPOST_RETURN_IF_ERROR(WriteSealedNew(*held, words, keys, message_fd));
  } else {
    GATEPOST_RETURN_IF_ERROR(CopySynced(folder, paths.new_message, message_fd));
  }
  GATEPOST_RETURN_IF_ERROR(
      WriteSynced(folder, paths.new_record, DumpJson(HeldToJson(*held)) + "\n"));
  GATEPOST_RETURN_IF_ERROR(MakeDayFolder(folder, paths.day));
  GATEPOST_RETURN_IF_ERROR(held->sealed ? PlaceSealed(held->id)
                                        : Rename(paths.new_message, paths.message));
  GATEPOST_RETURN_IF_ERROR(Rename(paths.new_record, paths.record));
  return SyncFolder(paths.day);
}

Status Quarantine::Store::TakeBack(const std::string& id) {
  const HeldPaths paths = PathsOf(id);
  for (const std::string& path :
       {paths.record, paths.message, paths.keys, paths.sealed, paths.new_record, paths.new_message,
        paths.new_keys, paths.new_sealed}) {
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
                                 const std::function<Status()>& afterwards) {
  if (!IsId(id)) {
    return Status::NotFound("'" + id + "' is not an id (GP-...)");
  }
  const HeldPaths paths = PathsOf(id);
  if (!Exists(paths.record)) {
    return Status::NotFound(id + ": nothing is held under this id");
  }
  // Not the touch itself: it is unlinked at the end, and a lock on an unlinked file locks nobody.
  const std::string lock_path = folder + "/.lock";
  const Fd lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
  if (!lock.valid()) {
    return Status::FromErrno(lock_path, errno);
  }
  GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(folder, lock.get()));
  while (flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return Status::FromErrno(lock_path, errno);
    }
  }
  // Before the change, which may put files of its own beside the record.
  GATEPOST_ASSIGN_OR_RETURN(Touch touch, Touch::Make(paths.touch, /*wait=*/true));
  Result<Held> before = ReadHeld(paths.record);
  if (!before.ok()) {
    touch.Done();
    return before.status();
  }
  Held held = *before;
  if (const Status changed = change(&held); !changed.ok()) {
    GATEPOST_RETURN_IF_ERROR(RemoveStrays(*before));
    touch.Done();
    return changed;
  }
  held.changed_at_ms = NowUnixMs();
  const auto write = [&] {
    return WriteSynced(folder, paths.new_record, DumpJson(HeldToJson(held)) + "\n");
  };
  // What ends with less on the disk than it began with may use the reserve.
  const bool frees = held.state == HeldState::kDeleted;
  GATEPOST_RETURN_IF_ERROR(frees ? OnReserve(write) : write());
  GATEPOST_RETURN_IF_ERROR(Rename(paths.new_record, paths.record));
  GATEPOST_RETURN_IF_ERROR(SyncFolder(paths.day));
  if (afterwards) {
    GATEPOST_RETURN_IF_ERROR(afterwards());
  }
  const auto put = [&] { return PutIndex(held); };
  GATEPOST_RETURN_IF_ERROR(frees ? OnReserve(put) : put());
  touch.Done();
  return {};
}

}  // namespace gatepost::record
