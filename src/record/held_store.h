// The inside of the quarantine: files, index and what keeps them together over a crash. Private to
// the room. Order of every change: a mark in tmp/ (ID.touch), the files, their folder, the index,
// the mark away. Recovery finishes or takes back whatever mark it finds that nobody holds a lock
// on. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "src/base/files.h"
#include "src/base/result.h"
#include "src/record/held_file.h"
#include "src/record/held_index.h"
#include "src/record/quarantine.h"
#include "src/record/reserve.h"
#include "src/record/sealed_file.h"

namespace gatepost::record {

bool Exists(const std::string& path);

// The mark that an entry is being changed; locked while its maker lives.
class Touch {
 public:
  // kUnavailable: another process is at it.
  static Result<Touch> Make(const std::string& path, bool wait);
  // The change is complete in files and index.
  void Done();

 private:
  std::string path_;
  Fd fd_;
};

struct Quarantine::Store {
  std::string folder;
  StoreOptions options;
  std::mutex ring_mutex;  // guards ring, ring_stamp
  KeyRing ring;           // as of ring_stamp; Ring() gives the present one
  std::string ring_stamp;
  std::atomic<uint64_t> used_bytes{0};
  std::mutex mutex;  // guards index
  std::unique_ptr<HeldIndex> index;
  std::mutex reserve_mutex;  // guards reserve
  Reserve reserve;           // what a deletion needs of a full disk before it frees any

  HeldPaths PathsOf(const std::string& id) const { return {folder, id}; }
  std::string IndexPath() const { return folder + "/index.sqlite"; }

  // The step, again with some of the reserve each time that the disk is full.
  Status OnReserve(const std::function<Status()>& step);
  Status OpenIndex();
  Status RemakeIndex(const Status& why);
  Status Fill();
  Status RecoverAll();
  Status RecoverOne(const std::string& id);
  Status PutIndex(const Held& held);
  Status RemoveIndex(const std::string& id);
  Result<std::string> FindSame(const std::string& key);
  Status WriteNew(Held* held, int message_fd);
  Status TakeBack(const std::string& id);
  Result<std::string> IndexNew(const Held& held);
  Status Change(const std::string& id, const std::function<Status(Held*)>& change,
                const std::function<Status()>& afterwards = {});
  // held_content.cc
  Result<KeyRing> Ring();
  Result<std::vector<RingKey>> KeysFor(const std::string& category);
  Status WriteSealedNew(const Held& held, const SealedWords& words,
                        const std::vector<RingKey>& keys, int message_fd);
  Status PlaceSealed(const std::string& id) const;
  Status DestroyContent(const std::string& id) const;
  Status RemoveStrays(const Held& held) const;
  Status ReplaceKeys(const std::string& id, const std::string& text);
};

// Is the content there that the record tells of?
bool HasContent(const Held& held, const HeldPaths& paths);

// The granted request that covers everybody whom the entry is releasing to; null: there is none.
ReleaseRequest* FindGranted(Held* held);
// For `held.releasing`; the category is what the error names.
Status MustBeGranted(const Held& held, const std::string& category);
// Somebody approved their release although it is infected.
bool MayOverrideInfection(const Held& held);
std::vector<mail::Address> StillHeld(const Held& held);

}  // namespace gatepost::record
