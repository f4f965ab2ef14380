// The content of an entry: in clear (ID.eml) or sealed (ID.sealed with ID.keys), written, read,
// destroyed, sealed later, sealed for others.
// LIMITS: overwriting before unlinking is no promise on flash or journalling disks; that the key is
// gone is what counts.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/record/held_store.h"
#include "src/record/sealed_file.h"

namespace gatepost::record {

namespace {

Status Unlink(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? Status() : Status::FromErrno(path, errno);
}

Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? Status() : Status::FromErrno(to, errno);
}

// Zeros over it, then away. Ok when there is nothing.
Status Shred(const std::string& path) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  if (!fd.valid()) {
    return errno == ENOENT ? Status() : Status::FromErrno(path, errno);
  }
  if (fstat(fd.get(), &info) != 0) {
    return Status::FromErrno(path, errno);
  }
  const std::string zeros(1U << 16, '\0');
  for (auto left = static_cast<size_t>(info.st_size); left > 0;) {
    const size_t piece = std::min(left, zeros.size());
    GATEPOST_RETURN_IF_ERROR(WriteAll(fd.get(), Bytes(zeros.data(), piece)));
    left -= piece;
  }
  if (fsync(fd.get()) != 0) {
    return Status::FromErrno(path, errno);
  }
  return Unlink(path);
}

Status About(const std::string& id, const Status& status) {
  return status.ok() ? status : Status(status.code(), id + ": " + status.message());
}

Status NeedsKey(const std::string& id) {
  return Status::Unavailable(id + ": is sealed; name a key that opens it (--key FILE)");
}

}  // namespace

bool HasContent(const Held& held, const HeldPaths& paths) {
  return held.sealed ? Exists(paths.sealed) && Exists(paths.keys) : Exists(paths.message);
}

// Read anew when the file has changed: a reviewer who was added must not wait for a reload.
Result<KeyRing> Quarantine::Store::Ring() {
  if (options.keys_folder.empty()) {
    return KeyRing();
  }
  const std::lock_guard<std::mutex> lock(ring_mutex);
  struct stat info {};
  const std::string file = RingFile(options.keys_folder);
  const bool there = stat(file.c_str(), &info) == 0;
  if (!there && errno != ENOENT) {
    return Status::FromErrno(file, errno);
  }
  const std::string stamp =
      there ? std::to_string(info.st_ino) + "." + std::to_string(info.st_mtim.tv_sec) + "." +
                  std::to_string(info.st_mtim.tv_nsec) + "." + std::to_string(info.st_size)
            : "none";
  if (stamp != ring_stamp) {
    GATEPOST_ASSIGN_OR_RETURN(ring, KeyRing::Load(options.keys_folder));
    ring_stamp = stamp;
  }
  return ring;
}

Result<std::vector<RingKey>> Quarantine::Store::KeysFor(const std::string& category) {
  GATEPOST_ASSIGN_OR_RETURN(const KeyRing now, Ring());
  return now.For(category, options.online);
}

Status Quarantine::Store::WriteSealedNew(const Held& held, const SealedWords& words,
                                         const std::vector<RingKey>& keys, int message_fd) {
  const HeldPaths paths = PathsOf(held.id);
  const Secret key = MakeStreamKey();
  GATEPOST_ASSIGN_OR_RETURN(const std::string wrapped, WrapKey(key, keys));
  GATEPOST_RETURN_IF_ERROR(WriteSealed(folder, paths.new_sealed, held.id, key, words, message_fd));
  return WriteSynced(folder, paths.new_keys, wrapped);
}

Status Quarantine::Store::PlaceSealed(const std::string& id) const {
  const HeldPaths paths = PathsOf(id);
  GATEPOST_RETURN_IF_ERROR(Rename(paths.new_sealed, paths.sealed));
  return Rename(paths.new_keys, paths.keys);
}

// The keys first: without them the rest is noise.
Status Quarantine::Store::DestroyContent(const std::string& id) const {
  const HeldPaths paths = PathsOf(id);
  for (const std::string& path : {paths.keys, paths.sealed, paths.message}) {
    if (Exists(path)) {
      GATEPOST_RETURN_IF_ERROR(path == paths.sealed ? Unlink(path) : Shred(path));
    }
  }
  return SyncFolder(paths.day);
}

// What an interrupted change left beside the content that the record tells of.
Status Quarantine::Store::RemoveStrays(const Held& held) const {
  const HeldPaths paths = PathsOf(held.id);
  if (held.state == HeldState::kDeleted) {
    return Exists(paths.keys) || Exists(paths.sealed) || Exists(paths.message)
               ? DestroyContent(held.id)
               : Status();
  }
  if (held.sealed) {
    return Shred(paths.message);
  }
  GATEPOST_RETURN_IF_ERROR(Shred(paths.keys));
  return Unlink(paths.sealed);
}

namespace {

Result<Secret> FileKey(const HeldPaths& paths, const std::string& id, const PrivateKey* key) {
  if (key == nullptr) {
    return NeedsKey(id);
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::string wrapped, ReadFile(paths.keys));
  Result<Secret> opened = UnwrapKey(paths.keys, wrapped, *key);
  return opened.ok() ? std::move(opened) : Result<Secret>(About(id, opened.status()));
}

}  // namespace

Result<std::string> Quarantine::ReadMessage(const std::string& id, const PrivateKey* key) const {
  GATEPOST_ASSIGN_OR_RETURN(const Held held, Find(id));
  if (held.state == HeldState::kDeleted) {
    return Status::NotFound(id + ": the content was deleted");
  }
  const HeldPaths paths = store_->PathsOf(id);
  std::string bytes;
  if (held.sealed) {
    GATEPOST_ASSIGN_OR_RETURN(const Secret file_key, FileKey(paths, id, key));
    GATEPOST_ASSIGN_OR_RETURN(const std::string sealed, ReadFile(paths.sealed));
    SealedWords words;
    const Status opened = OpenSealed(sealed, id, file_key, &words, &bytes);
    if (!opened.ok()) {
      return Status::Internal(id + ": " + opened.message());
    }
  } else {
    GATEPOST_ASSIGN_OR_RETURN(bytes, ReadFile(paths.message));
  }
  if (Sha256Hex(bytes) != held.sha256) {
    return Status::Internal(id + ": the content is not what was held (its digest differs)");
  }
  return bytes;
}

Result<HeldWords> Quarantine::ReadWords(const Held& held, const PrivateKey* key) const {
  HeldWords words{held.subject, held.header_from};
  if (!held.sealed || held.state == HeldState::kDeleted) {
    return words;
  }
  const HeldPaths paths = store_->PathsOf(held.id);
  GATEPOST_ASSIGN_OR_RETURN(const Secret file_key, FileKey(paths, held.id, key));
  const Fd fd(open(paths.sealed.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::string head(kSealedHead, '\0');
  const ssize_t got = fd.valid() ? pread(fd.get(), head.data(), head.size(), 0) : -1;
  if (got < 0) {
    return Status::FromErrno(paths.sealed, errno);
  }
  head.resize(static_cast<size_t>(got));
  SealedWords sealed;
  const Status opened = OpenSealedWords(head, held.id, file_key, &sealed);
  if (!opened.ok()) {
    return Status::Internal(held.id + ": " + opened.message());
  }
  words.subject = sealed.subject;
  words.header_from = sealed.header_from;
  return words;
}

// Sealed files beside the clear one, then the record (from here on it is sealed), then the clear
// one away. Whatever of it a crash leaves, Open tells by the record and tidies up.
Result<bool> Quarantine::Seal(const std::string& id) {
  bool sealed_now = false;
  const Status status = store_->Change(
      id,
      [&](Held* held) {
        if (held->sealed || held->state == HeldState::kDeleted) {
          return Status::Ok();
        }
        if (held->state == HeldState::kReleasing) {
          return Status::Unavailable(id + ": is being released; settle that first");
        }
        GATEPOST_ASSIGN_OR_RETURN(const std::vector<RingKey> keys, store_->KeysFor(held->category));
        if (keys.empty()) {
          return Status::Invalid(id + ": no key is there for the category '" + held->category +
                                 "'; 'gatepost keys init' makes one");
        }
        const HeldPaths paths = store_->PathsOf(id);
        GATEPOST_ASSIGN_OR_RETURN(const std::string bytes, ReadMessage(id));
        GATEPOST_ASSIGN_OR_RETURN(const Fd fd, MemFd("gatepost-held", bytes));
        GATEPOST_RETURN_IF_ERROR(
            store_->WriteSealedNew(*held, {held->subject, held->header_from}, keys, fd.get()));
        GATEPOST_RETURN_IF_ERROR(store_->PlaceSealed(id));
        GATEPOST_RETURN_IF_ERROR(SyncFolder(paths.day));
        held->sealed = true;
        held->subject.clear();
        held->header_from.clear();
        sealed_now = true;
        return Status::Ok();
      },
      [&] { return sealed_now ? Shred(store_->PathsOf(id).message) : Status(); });
  return status.ok() ? Result<bool>(sealed_now) : Result<bool>(status);
}

namespace {

bool SameKeys(const std::vector<WrappedKey>& wrapped, const std::vector<RingKey>& keys) {
  return wrapped.size() == keys.size() &&
         std::all_of(keys.begin(), keys.end(), [&](const RingKey& key) {
           return std::any_of(wrapped.begin(), wrapped.end(),
                              [&](const WrappedKey& one) { return one.key_id == key.id; });
         });
}

}  // namespace

// One file replaced by a rename: the old keys or the new ones, nothing between.
Result<bool> Quarantine::Rewrap(const std::string& id, const PrivateKey& key) {
  GATEPOST_ASSIGN_OR_RETURN(const Held held, Find(id));
  if (!held.sealed || held.state == HeldState::kDeleted) {
    return false;
  }
  const HeldPaths paths = store_->PathsOf(id);
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(paths.keys));
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<WrappedKey> wrapped, ReadWrapped(paths.keys, text));
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<RingKey> keys, store_->KeysFor(held.category));
  if (keys.empty()) {
    return Status::Invalid(id + ": the ring has no key for the category '" + held.category +
                           "'; nobody could open it");
  }
  if (SameKeys(wrapped, keys)) {
    return false;
  }
  GATEPOST_ASSIGN_OR_RETURN(const Secret file_key, FileKey(paths, id, &key));
  GATEPOST_ASSIGN_OR_RETURN(const std::string again, WrapKey(file_key, keys));
  GATEPOST_RETURN_IF_ERROR(store_->ReplaceKeys(id, again));
  return true;
}

Result<bool> Quarantine::Strip(const std::string& id, const std::string& key_id) {
  GATEPOST_ASSIGN_OR_RETURN(const Held held, Find(id));
  if (!held.sealed || held.state == HeldState::kDeleted) {
    return false;
  }
  const HeldPaths paths = store_->PathsOf(id);
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(paths.keys));
  GATEPOST_ASSIGN_OR_RETURN(std::vector<WrappedKey> wrapped, ReadWrapped(paths.keys, text));
  const auto end = std::remove_if(wrapped.begin(), wrapped.end(),
                                  [&](const WrappedKey& one) { return one.key_id == key_id; });
  if (end == wrapped.end()) {
    return false;
  }
  wrapped.erase(end, wrapped.end());
  // The release service reads for nobody, and what is no longer in the ring may be lost.
  GATEPOST_ASSIGN_OR_RETURN(const KeyRing ring, store_->Ring());
  const bool left = std::any_of(wrapped.begin(), wrapped.end(), [&](const WrappedKey& one) {
    const RingKey* const key = ring.FindId(one.key_id);
    return key != nullptr && key->kind != KeyKind::kService;
  });
  if (!left) {
    return Status::Invalid(id +
                           ": no other person's or escrow key opens it, so this one still does; "
                           "run 'gatepost keys rewrap --key FILE' with it first, or delete the "
                           "mail");
  }
  GATEPOST_RETURN_IF_ERROR(store_->ReplaceKeys(id, WrappedToText(wrapped)));
  return true;
}

Result<std::vector<std::string>> Quarantine::KeysOf(const Held& held) const {
  std::vector<std::string> ids;
  if (!held.sealed || held.state == HeldState::kDeleted) {
    return ids;
  }
  const HeldPaths paths = store_->PathsOf(held.id);
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(paths.keys));
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<WrappedKey> wrapped, ReadWrapped(paths.keys, text));
  for (const WrappedKey& one : wrapped) {
    ids.push_back(one.key_id);
  }
  return ids;
}

Status Quarantine::Store::ReplaceKeys(const std::string& id, const std::string& text) {
  return Change(id, [&](Held* held) {
    if (!held->sealed || held->state == HeldState::kDeleted) {
      return Status::NotFound(id + ": was deleted meanwhile");
    }
    const HeldPaths paths = PathsOf(id);
    GATEPOST_RETURN_IF_ERROR(WriteSynced(folder, paths.new_keys, text));
    GATEPOST_RETURN_IF_ERROR(Rename(paths.new_keys, paths.keys));
    return SyncFolder(paths.day);
  });
}

uint64_t Quarantine::used_bytes() const { return store_->used_bytes; }

// Blocks, not lengths: that is what the disk runs out of.
Status Quarantine::Measure() {
  uint64_t bytes = 0;
  std::error_code error;
  namespace fs = std::filesystem;
  for (fs::recursive_directory_iterator at(store_->folder, error), end; !error && at != end;
       at.increment(error)) {
    struct stat info {};
    if (at->path().filename() != ".reserve" && stat(at->path().c_str(), &info) == 0 &&
        S_ISREG(info.st_mode)) {
      bytes += static_cast<uint64_t>(info.st_blocks) * 512;
    }
  }
  store_->used_bytes = bytes;
  {
    const std::lock_guard<std::mutex> lock(store_->reserve_mutex);
    static_cast<void>(store_->reserve.Fill());  // there may be room again
  }
  return error ? Status::Io(store_->folder + ": " + error.message()) : Status();
}

// A name's old rows must not linger in the index's free pages after what they told was sealed.
Status Quarantine::Scrub() {
  const std::lock_guard<std::mutex> lock(store_->mutex);
  Database* const database = store_->index->database();
  GATEPOST_RETURN_IF_ERROR(database->Run("VACUUM"));
  return database->Query("PRAGMA wal_checkpoint(TRUNCATE)", {},
                         [](const Database::Row& /*row*/) { return true; });
}

}  // namespace gatepost::record
