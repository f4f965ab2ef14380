// Small files in the state folder that people change and the daemon looks at with every message:
// {"v": 1, "NAME": [{...}, ...]}, one object a line. A change is whole or not at all, durable on
// return, and made under a lock. What they hold is in exceptions.h
// and its like.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/files.h"
#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::record {

// Held while the file is read and written anew (FILE.lock).
Result<Fd> LockStanding(const std::string& file);
// The objects; none when there is no file. kInvalid: it is not of that form, or holds more than
// `most` ("... `advice`").
Result<std::vector<Json>> ReadStanding(const std::string& file, const std::string& name,
                                       size_t most, const std::string& advice);
// What root writes stays readable for the daemon: the file is its folder's owner's from the start.
Status WriteStanding(const std::string& file, const std::string& name,
                     const std::vector<Json>& all);

// Hands each member of an object over. kInvalid, with `where` before it: no object, a member that
// `set` does not know (returns false), one that is no text.
Status EachText(const std::string& where, const Json& object,
                const std::function<bool(const std::string& key, const std::string& text)>& set);
// Printable UTF-8 of at most 500 bytes: what a person may write into such a file.
bool IsPersonsText(const std::string& text);
// At least three characters besides blanks at its ends: what a person must give who acts.
bool IsReason(std::string_view text);
bool IsSha256Hex(const std::string& text);
// "a@b.example", "b.example", ".b.example".
bool IsSenderPattern(const std::string& text);

// The present content of such a file, read anew when it has changed. Thread-safe.
template <typename List>
class StandingWatch {
 public:
  // What is in force while the file cannot be understood: nothing, or what was before.
  enum class OnDamage { kNothing, kAsBefore };
  using Read = Result<List> (*)(const std::string& file);

  StandingWatch(std::string file, Read read, OnDamage on_damage)
      : file_(std::move(file)),
        read_(read),
        on_damage_(on_damage),
        present_(std::make_shared<const List>()) {}

  // One stat(2) where nothing changed. Never null; problem() says why it is not what the file says.
  std::shared_ptr<const List> Current() {
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
    Result<List> read = read_(file_);
    if (read.ok() || read.status().code() == Code::kInvalid) {
      stamp_ = now;  // otherwise (out of descriptors...) it is tried again
    }
    problem_ = read.ok() ? "" : read.status().message();
    told_ = problem_.empty();
    if (read.ok()) {
      present_ = std::make_shared<const List>(std::move(read).value());
    } else if (on_damage_ == OnDamage::kNothing) {
      present_ = std::make_shared<const List>();
    }
    return present_;
  }

  // "" or what is wrong with the file; *fresh: this was not told before.
  std::string Problem(bool* fresh = nullptr) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (fresh != nullptr) {
      *fresh = !std::exchange(told_, true);
    }
    return problem_;
  }

 private:
  struct Stamp {
    uint64_t device = 0, inode = 0;
    int64_t size = -1, changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  const std::string file_;
  const Read read_;
  const OnDamage on_damage_;
  std::mutex mutex_;  // guards all below
  Stamp stamp_;
  std::shared_ptr<const List> present_;
  std::string problem_;
  bool told_ = true;
};

}  // namespace gatepost::record
