// The picture workers of one generation: one thread for each, which starts it, asks it, kills it
// when it is late and starts another. Nothing of plain mail waits here. What a picture said is
// remembered by its hash, so that the logo under every letter is read once. LIMITS: 4,096 readings
// of 16 MB together are remembered; pages that were read in part are not. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/files.h"
#include "src/base/result.h"
#include "src/inspect/message_fd.h"
#include "src/inspect/picture_process.h"
#include "src/inspect/picture_wire.h"

namespace gatepost::inspect {

// Thread-safe; the least recently used go first.
class PictureCache {
 public:
  bool Find(const std::string& key, picture::Reading* out);
  void Keep(const std::string& key, const picture::Reading& reading);

 private:
  using Entry = std::pair<std::string, picture::Reading>;
  std::mutex mutex_;
  std::list<Entry> entries_;  // last used first
  std::unordered_map<std::string, std::list<Entry>::iterator> places_;
  size_t bytes_ = 0;
};

// Thread-safe.
class PictureCrew {
 public:
  // Starts the workers; an error of the first one (no program, no languages, no sandbox) is the
  // result.
  static Result<std::unique_ptr<PictureCrew>> Start(const picture::Settings& settings,
                                                    bool sandbox);
  ~PictureCrew();
  PictureCrew(const PictureCrew&) = delete;
  PictureCrew& operator=(const PictureCrew&) = delete;

  // Reads them in their order, one answer for each, until deadline_ms (SteadyMs) and
  // Settings::images pages and pictures (those that are remembered do not count). `keep_alive` is
  // called about every second; may be empty.
  std::vector<PictureAnswer> Read(const std::vector<WantedPicture>& wanted, const MessageFd& file,
                                  int64_t deadline_ms, const std::function<void()>& keep_alive);

  struct State {
    uint64_t read = 0;        // by a worker
    uint64_t remembered = 0;  // from the cache
    uint64_t failed = 0;      // the worker was killed or died
    std::vector<int> pids;    // of the workers that live
    std::string sandbox;
  };
  State state() const;

 private:
  struct Job {
    Fd file;
    picture::Request request;
    std::string key;
    PictureRank rank = PictureRank::kShown;
    int64_t deadline_ms = 0;
    bool done = false;
    bool come = false;
    picture::Reading reading;
  };

  PictureCrew(const picture::Settings& settings, bool sandbox);
  void Work(size_t self);
  // Null: stopping.
  std::shared_ptr<Job> Take();
  void Do(size_t self, Job* job, std::unique_ptr<PictureProcess>* process);
  // False: it could not be started.
  bool EnsureProcess(size_t self, std::unique_ptr<PictureProcess>* process);

  const picture::Settings settings_;
  const bool sandbox_;
  PictureCache cache_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Job>> queue_;
  bool stopping_ = false;
  bool begun_ = false;  // the first start was tried
  Status first_;        // how it went
  std::vector<int> pids_;
  std::string description_;
  std::atomic<uint64_t> read_{0}, remembered_{0}, failed_{0};
  std::vector<std::thread> threads_;
};

}  // namespace gatepost::inspect
