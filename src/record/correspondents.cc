// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/correspondents.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <mutex>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/record/sqlite.h"

namespace gatepost::record {

namespace {

constexpr int64_t kKeepMs = 90LL * 86'400'000;
constexpr size_t kBatch = 256;        // pairs gathered before they are written
constexpr int64_t kBatchMs = 10'000;  // or so long
constexpr int64_t kPruneEveryMs = 3'600'000;
constexpr size_t kKeyBytes = 32;

// Two processes may start at once: whoever links first has made the key.
Result<std::string> SiteKey(const std::string& path) {
  Result<std::string> key = ReadFile(path);
  if (key.ok() && key->size() == kKeyBytes) {
    return key;
  }
  if (key.ok()) {
    return Status::Internal(path + ": is damaged; remove it (known correspondents are forgotten)");
  }
  if (key.status().code() != Code::kNotFound) {
    return key;
  }
  const std::string fresh = path + ".new." + std::to_string(getpid());
  const Fd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) {
    return Status::FromErrno(fresh, errno);
  }
  Status written = WriteAll(fd.get(), RandomBytes(kKeyBytes));
  if (written.ok() && fsync(fd.get()) != 0) {
    written = Status::FromErrno(fresh, errno);
  }
  if (written.ok() && link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    written = Status::FromErrno(path, errno);
  }
  unlink(fresh.c_str());
  GATEPOST_RETURN_IF_ERROR(written);
  return ReadFile(path);
}

Result<std::unique_ptr<Database>> OpenPairs(const std::string& path) {
  GATEPOST_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                            Database::Open(path, Database::Durability::kNone));
  GATEPOST_RETURN_IF_ERROR(
      database->Run("CREATE TABLE IF NOT EXISTS pair (hash TEXT PRIMARY KEY, at INTEGER NOT NULL)"
                    " WITHOUT ROWID"));
  return database;
}

}  // namespace

struct Correspondents::Store {
  std::string path, key;
  std::mutex mutex;  // guards all below
  std::unique_ptr<Database> database;
  std::map<std::string, int64_t> fresh;  // not written yet
  int64_t write_at_ms = 0;               // steady clock
  int64_t prune_at_ms = 0;

  std::string HashOf(const mail::Address& outside, const mail::Address& ours) const {
    return HmacSha256Hex(key, outside.key() + "|" + ours.key());
  }
  Status Reopen();
  Status Write();
  void WriteOrForget();
};

Status Correspondents::Store::Reopen() {
  Result<std::unique_ptr<Database>> opened = OpenPairs(path);
  if (!opened.ok() && opened.status().code() == Code::kInternal) {
    Journal(Loudness::kWarning, "GP4020", "known correspondents are forgotten: the file is damaged",
            {{"file", path}, {"reason", opened.status().message()}});
    for (const char* rest : {"", "-wal", "-shm"}) {
      unlink((path + rest).c_str());
    }
    opened = OpenPairs(path);
  }
  if (!opened.ok()) {
    return opened.status();
  }
  database = std::move(opened).value();
  return {};
}

Status Correspondents::Store::Write() {
  Transaction transaction(database.get());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  for (const auto& [hash, at] : fresh) {
    GATEPOST_RETURN_IF_ERROR(
        database->Run("INSERT INTO pair (hash, at) VALUES (?1, ?2)"
                      " ON CONFLICT (hash) DO UPDATE SET at=max(at, excluded.at)",
                      {hash, at}));
  }
  if (SteadyMs() >= prune_at_ms) {
    prune_at_ms = SteadyMs() + kPruneEveryMs;
    GATEPOST_RETURN_IF_ERROR(
        database->Run("DELETE FROM pair WHERE at<?1", {NowUnixMs() - kKeepMs}));
  }
  GATEPOST_RETURN_IF_ERROR(transaction.Commit());
  fresh.clear();
  return {};
}

// A full disk must not grow our memory instead: what cannot be written is forgotten.
void Correspondents::Store::WriteOrForget() {
  write_at_ms = SteadyMs() + kBatchMs;
  const Status status = Write();
  if (!status.ok()) {
    Journal(Loudness::kWarning, "GP4021", "known correspondents could not be written",
            {{"file", path}, {"reason", status.message()}});
    fresh.clear();
    if (status.code() == Code::kInternal) {
      database.reset();
      static_cast<void>(Reopen());
    }
  }
}

Correspondents::Correspondents(std::unique_ptr<Store> store) : store_(std::move(store)) {}

Correspondents::~Correspondents() {
  const std::lock_guard<std::mutex> lock(store_->mutex);
  if (store_->database != nullptr && !store_->fresh.empty()) {
    store_->WriteOrForget();
  }
}

Result<std::unique_ptr<Correspondents>> Correspondents::Open(const std::string& folder) {
  auto store = std::make_unique<Store>();
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, 0750));
  store->path = folder + "/correspondents.sqlite";
  GATEPOST_ASSIGN_OR_RETURN(store->key, SiteKey(folder + "/correspondents.key"));
  GATEPOST_RETURN_IF_ERROR(store->Reopen());
  store->write_at_ms = SteadyMs() + kBatchMs;
  return std::unique_ptr<Correspondents>(
      new Correspondents(std::move(store)));  // NOLINT: private constructor
}

void Correspondents::Remember(const mail::Address& outside, const mail::Address& ours,
                              int64_t at_ms) {
  if (outside.is_null() || ours.is_null()) {
    return;
  }
  const std::string hash = store_->HashOf(outside, ours);
  const std::lock_guard<std::mutex> lock(store_->mutex);
  int64_t& at = store_->fresh[hash];
  at = std::max(at, at_ms);
  if (store_->database != nullptr &&
      (store_->fresh.size() >= kBatch || SteadyMs() >= store_->write_at_ms)) {
    store_->WriteOrForget();
  }
}

bool Correspondents::Knows(const mail::Address& outside, const mail::Address& ours, int64_t at_ms) {
  if (outside.is_null() || ours.is_null()) {
    return false;
  }
  const std::string hash = store_->HashOf(outside, ours);
  const std::lock_guard<std::mutex> lock(store_->mutex);
  const int64_t since = at_ms - kKeepMs;
  if (const auto found = store_->fresh.find(hash);
      found != store_->fresh.end() && found->second >= since) {
    return true;
  }
  bool known = false;
  if (store_->database != nullptr) {
    // What cannot be read is not known.
    static_cast<void>(store_->database->Query("SELECT 1 FROM pair WHERE hash=?1 AND at>=?2",
                                              {hash, since}, [&](const Database::Row&) {
                                                known = true;
                                                return false;
                                              }));
  }
  return known;
}

}  // namespace gatepost::record
