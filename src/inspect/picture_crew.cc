// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/picture_crew.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/journal.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kGraceMs = 1'500;  // a worker ends by itself when its budget is up; almost always
constexpr int64_t kLeastMs = 100;    // less is not worth a try
constexpr int64_t kStartAgainMs = 5'000;
constexpr int64_t kKeepAliveMs = 1'000;
constexpr size_t kMostRemembered = 4'096;
constexpr size_t kMostRememberedBytes = 16 << 20;

size_t SizeOf(const picture::Reading& reading) {
  size_t size = 200 + reading.text.size();
  for (const std::string& code : reading.codes) {
    size += code.size();
  }
  return size;
}

}  // namespace

bool PictureCache::Find(const std::string& key, picture::Reading* out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = places_.find(key);
  if (it == places_.end()) {
    return false;
  }
  entries_.splice(entries_.begin(), entries_, it->second);
  *out = it->second->second;
  return true;
}

void PictureCache::Keep(const std::string& key, const picture::Reading& reading) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (places_.count(key) > 0) {
    return;
  }
  entries_.emplace_front(key, reading);
  places_[key] = entries_.begin();
  bytes_ += SizeOf(reading);
  while (entries_.size() > kMostRemembered || bytes_ > kMostRememberedBytes) {
    bytes_ -= SizeOf(entries_.back().second);
    places_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

PictureCrew::PictureCrew(const picture::Settings& settings, bool sandbox)
    : settings_(settings), sandbox_(sandbox) {}

Result<std::unique_ptr<PictureCrew>> PictureCrew::Start(const picture::Settings& settings,
                                                        bool sandbox) {
  std::unique_ptr<PictureCrew> crew(new PictureCrew(settings, sandbox));
  const size_t workers = std::max<size_t>(settings.workers, 1);
  crew->pids_.assign(workers, 0);
  for (size_t i = 0; i < workers; ++i) {
    crew->threads_.emplace_back([self = crew.get(), i] { self->Work(i); });
  }
  Status first;
  {
    std::unique_lock<std::mutex> lock(crew->mutex_);
    crew->changed_.wait(lock, [&crew] { return crew->begun_; });
    first = crew->first_;
  }
  GATEPOST_RETURN_IF_ERROR(first);
  return crew;
}

PictureCrew::~PictureCrew() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

std::shared_ptr<PictureCrew::Job> PictureCrew::Take() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) {
    return nullptr;
  }
  std::shared_ptr<Job> job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

bool PictureCrew::EnsureProcess(size_t self, std::unique_ptr<PictureProcess>* process) {
  if (*process != nullptr && (*process)->Lives()) {
    return true;
  }
  process->reset();
  Result<std::unique_ptr<PictureProcess>> started = PictureProcess::Start(settings_, sandbox_);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!begun_) {
    begun_ = true;
    first_ = started.status();
    changed_.notify_all();
  }
  pids_[self] = 0;
  if (!started.ok()) {
    Journal(Loudness::kError, "GP2107", "a picture worker could not be started",
            {{"reason", started.status().message()}});
    return false;
  }
  *process = std::move(started).value();
  pids_[self] = (*process)->pid();
  description_ = (*process)->sandbox();
  return true;
}

void PictureCrew::Work(size_t self) {
  std::unique_ptr<PictureProcess> process;
  int64_t not_before = 0;
  while (true) {
    // At once, not when the next picture waits for it.
    if (SteadyMs() >= not_before && !EnsureProcess(self, &process)) {
      not_before = SteadyMs() + kStartAgainMs;
    }
    const std::shared_ptr<Job> job = Take();
    if (job == nullptr) {
      return;
    }
    if (process != nullptr && !process->Lives()) {
      EnsureProcess(self, &process);  // it left between two pictures
    }
    Do(self, job.get(), &process);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job->done = true;
    }
    changed_.notify_all();
  }
}

void PictureCrew::Do(size_t self, Job* job, std::unique_ptr<PictureProcess>* process) {
  // The same picture may have been read while this one waited.
  if (cache_.Find(job->key, &job->reading)) {
    ++remembered_;
    job->come = true;
    return;
  }
  const int64_t left = job->deadline_ms - SteadyMs();
  if (left < kLeastMs || *process == nullptr) {
    return;
  }
  job->request.budget_ms = static_cast<uint32_t>(left);
  Result<picture::Reading> reading =
      (*process)->Ask(job->request, job->file.get(), job->deadline_ms + kGraceMs);
  if (!reading.ok()) {
    ++failed_;
    const bool late = reading.status().code() == Code::kNotFound;
    Journal(
        Loudness::kWarning, "GP2108",
        late ? "a picture worker overran its time and was killed"
             : "a picture worker failed at a picture",
        {{"worker", std::to_string((*process)->pid())}, {"reason", reading.status().message()}});
    process->reset();
    if (late && job->request.budget_ms >= settings_.time.count() * 3 / 4) {
      // It had its time. A thousand copies of it shall not cost a thousand times as much.
      picture::Reading hopeless;
      hopeless.outcome = picture::Outcome::kDamaged;
      cache_.Keep(job->key, hopeless);
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    pids_[self] = 0;
    return;
  }
  ++read_;
  job->come = true;
  job->reading = std::move(reading).value();
  // What was cut short for want of time or of what others had taken would be read the next time.
  const bool whole = !job->reading.regions_left || job->reading.regions >= settings_.images;
  if (job->reading.outcome != picture::Outcome::kPartly && whole) {
    cache_.Keep(job->key, job->reading);
  }
}

std::vector<PictureAnswer> PictureCrew::Read(const std::vector<WantedPicture>& wanted,
                                             const MessageFd& file, int64_t deadline_ms,
                                             const std::function<void()>& keep_alive) {
  std::vector<PictureAnswer> answers;
  uint32_t left = settings_.images;
  // As many again of what need not be read: it must take nothing from what must.
  uint32_t more = settings_.images;
  for (const WantedPicture& one : wanted) {
    PictureAnswer& answer = answers.emplace_back();
    answer.leaf = one.leaf;
    answer.length = one.length;
    if (one.offset > file.bytes().size() || one.length > file.bytes().size() - one.offset) {
      continue;  // the worker said so of a file that it cut
    }
    // What was read of a PDF and of a picture differs, even where the bytes are the same.
    const std::string key = (one.kind == picture::Kind::kPdf ? 'p' : 'i') +
                            Sha256Hex(file.bytes().substr(one.offset, one.length));
    if (cache_.Find(key, &answer.reading)) {
      ++remembered_;
      answer.come = true;
      continue;
    }
    // The codes of a document whose text is known cost no picture.
    if ((left == 0 && one.needed()) || SteadyMs() + kLeastMs >= deadline_ms) {
      continue;
    }
    const auto job = std::make_shared<Job>();
    job->file.Reset(fcntl(file.fd(), F_DUPFD_CLOEXEC, 0));
    job->request.kind = one.kind;
    job->request.offset = one.offset;
    job->request.length = one.length;
    job->request.pixels = settings_.pixels;
    const bool only_codes = !one.needed() && one.kind == picture::Kind::kImage;
    job->request.pages = only_codes ? 0 : left;
    job->request.drawn_pages = one.drawn_pages;
    job->request.regions = one.regions;
    job->request.more = more;
    job->request.code_pages = one.code_pages;
    job->key = key;
    job->rank = one.rank;
    job->deadline_ms = deadline_ms;
    std::unique_lock<std::mutex> lock(mutex_);
    // A scanned paper does not wait behind the pictures of newsletters.
    queue_.insert(std::find_if(queue_.begin(), queue_.end(),
                               [&job](const auto& other) { return other->rank > job->rank; }),
                  job);
    changed_.notify_all();
    while (!job->done && SteadyMs() < deadline_ms + 2 * kGraceMs) {
      const bool done = changed_.wait_for(lock, std::chrono::milliseconds(kKeepAliveMs),
                                          [&job] { return job->done; });
      if (!done && keep_alive) {
        lock.unlock();
        keep_alive();
        lock.lock();
      }
    }
    if (job->done && job->come) {
      answer.come = true;
      answer.reading = std::move(job->reading);
      left -= std::min(left, std::max<uint32_t>(answer.reading.pages, one.needed() ? 1 : 0));
      more -= std::min(more, answer.reading.regions);
    } else if (one.needed() && left > 0) {
      --left;
    }
  }
  return answers;
}

PictureCrew::State PictureCrew::state() const {
  State state;
  state.read = read_;
  state.remembered = remembered_;
  state.failed = failed_;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const int pid : pids_) {
    if (pid > 0) {
      state.pids.push_back(pid);
    }
  }
  state.sandbox = description_;
  return state;
}

}  // namespace gatepost::inspect
