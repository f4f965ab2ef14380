// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/desk.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "src/base/clock.h"
#include "src/base/command.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/notice/digest.h"
#include "src/notice/events.h"
#include "src/notice/link.h"
#include "src/notice/queue.h"
#include "src/record/held_watch.h"
#include "src/record/submit.h"

namespace gatepost::notice {

namespace {

constexpr int kLookMs = 1'000;
constexpr size_t kMostALook = 60;
constexpr int64_t kCommandMs = 30'000;
constexpr int kSendMs = 15'000;
constexpr int64_t kTooLongEveryMs = 60'000;
constexpr int64_t kPlaceEveryMs = 60'000;
constexpr int64_t kSayAgainMs = 600'000;
constexpr size_t kMostListed = 50;
constexpr size_t kMostFresh = 50'000;  // entries of all digests together, the newest
// Between the time in a record and its place in the index.
constexpr int64_t kSettleMs = 2'000;

std::string PlaceFile(const std::string& folder) { return folder + "/place.json"; }

// How far the store has been read; read too far back is harmless, the keys are known.
struct Remembered {
  record::HeldPlace place;
  int64_t too_long_until_ms = 0;  // held before this: the alarm has been given
  int64_t digest_slot_ms = 0;     // the last set time that has had its digests
  int64_t digest_until_ms = 0;    // held before this: in a digest

  static Remembered Load(const std::string& folder) {
    Remembered out;
    const Result<std::string> text = ReadFile(PlaceFile(folder));
    const Json json = text.ok() ? Json::parse(*text, nullptr, false) : Json();
    if (json.is_object()) {
      out.place.made = json.value("made", "");
      out.place.turn = json.value("turn", int64_t{0});
      out.too_long_until_ms = json.value("too_long_until_ms", int64_t{0});
      out.digest_slot_ms = json.value("digest_slot_ms", int64_t{0});
      out.digest_until_ms = json.value("digest_until_ms", int64_t{0});
    }
    return out;
  }
  Status Save(const std::string& folder) const {
    const Json json = {{"v", 1},
                       {"made", place.made},
                       {"turn", place.turn},
                       {"too_long_until_ms", too_long_until_ms},
                       {"digest_slot_ms", digest_slot_ms},
                       {"digest_until_ms", digest_until_ms}};
    return WriteFileDurably(PlaceFile(folder), DumpJson(json) + "\n");
  }
};

bool InSomeDigest(const Options& options, const record::Held& held) {
  return (options.digest_recipients && options.digest_categories.count(held.category) > 0) ||
         std::any_of(options.clerks.begin(), options.clerks.end(), [&](const Clerk& clerk) {
           return clerk.categories.empty() || clerk.categories.count(held.category) > 0;
         });
}

}  // namespace

struct Desk::Inside {
  record::Quarantine* quarantine = nullptr;
  std::function<House()> house;

  // The thread's alone.
  std::unique_ptr<Queue> queue;
  std::unique_ptr<record::HeldWatch> watch;
  Remembered remembered;
  std::vector<std::string> priority;
  std::unique_ptr<LinkSigner> signer;  // where there is a recipients' page
  std::string folder;
  int64_t placed_at = 0, too_long_at = 0, said_at = 0;
  std::future<void> command;  // the one that runs
  std::pair<Item, Status> command_end;
  bool command_runs = false;

  mutable std::mutex mutex;  // guards all below
  std::condition_variable wake;
  bool stop = false;
  size_t waiting = 0;
  std::string trouble;
  std::thread thread;

  Status Open(const House& now);
  Status Read(const House& now);
  Status TooLong(const House& now);
  Status WriteDigests(const House& now);
  Status Send(const House& now);
  Status SendOne(const House& now, const Item& item);
  Status LookAgain(const House& now, const Item& item);
  void RunCommandOf(const Item& item);
  Status EndCommand();
  void Complain(const Status& status);
};

Desk::Desk(record::Quarantine* quarantine, std::function<House()> house)
    : inside_(std::make_unique<Inside>()) {
  inside_->quarantine = quarantine;
  inside_->house = std::move(house);
}

Desk::~Desk() {
  {
    const std::lock_guard<std::mutex> lock(inside_->mutex);
    inside_->stop = true;
  }
  inside_->wake.notify_all();
  if (inside_->thread.joinable()) {
    inside_->thread.join();
  }
  if (inside_->command.valid()) {
    inside_->command.wait();
  }
}

void Desk::Start() {
  inside_->thread = std::thread([this] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // they are the main thread's
    std::unique_lock<std::mutex> lock(inside_->mutex);
    while (!inside_->stop) {
      lock.unlock();
      try {
        Look();
      } catch (const std::exception& error) {
        inside_->Complain(Status::Internal(error.what()));
      }
      lock.lock();
      inside_->wake.wait_for(lock, std::chrono::milliseconds(kLookMs),
                             [this] { return inside_->stop; });
    }
  });
}

void Desk::Inside::Complain(const Status& status) {
  if (status.ok() || SteadyMs() - said_at < kSayAgainMs) {
    return;
  }
  said_at = SteadyMs();
  Journal(Loudness::kError, "GP8001", "notices cannot be written or sent; they wait",
          {{"reason", status.message()}});
}

Status Desk::Inside::Open(const House& now) {
  if (queue != nullptr) {
    return {};
  }
  folder = NoticeFolder(now.state);
  GATEPOST_ASSIGN_OR_RETURN(queue, Queue::Open(folder));
  remembered = Remembered::Load(folder);
  watch = std::make_unique<record::HeldWatch>(now.state + "/held");
  return {};
}

void Desk::Look() {
  Inside& in = *inside_;
  const House now = in.house();
  Status status = in.Open(now);
  if (status.ok()) {
    for (const Status& one :
         {in.Read(now), in.TooLong(now), in.WriteDigests(now), in.EndCommand()}) {
      status = status.ok() ? one : status;
    }
    in.Complain(in.Send(now));  // what waits has its own trouble, once it has waited
  }
  in.Complain(status);
  const std::lock_guard<std::mutex> lock(in.mutex);
  in.waiting = in.queue == nullptr ? 0 : in.queue->waiting();
  in.trouble = !status.ok() || in.queue == nullptr ? status.message() : in.queue->trouble();
}

Status Desk::Inside::Read(const House& now) {
  const int64_t wall = NowUnixMs();
  Context context{now.options, now.site, {}, wall};
  if (!now.options.priority_list.empty()) {
    Result<std::vector<std::string>> list = ReadAddressFile(now.options.priority_list);
    if (list.ok()) {
      priority = std::move(list).value();
    } else {
      Complain(list.status());  // half written: the old one stays
    }
    context.priority = priority;
  }
  record::HeldPlace place = remembered.place;
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                            watch->Changes(&place, wall - kNewsMs));
  bool added = false;
  for (const std::string& id : ids) {
    const Result<record::Held> held = quarantine->Find(id);
    if (!held.ok()) {
      // One damaged record must not keep everybody else's notices back.
      if (held.status().code() == Code::kIo) {
        return held.status();
      }
      if (held.status().code() != Code::kNotFound) {
        Complain(held.status());
      }
      continue;
    }
    for (const Item& item : NewsOf(*held, context)) {
      GATEPOST_ASSIGN_OR_RETURN(const bool fresh, queue->Add(item));
      added |= fresh;
    }
  }
  remembered.place = place;
  if (added || (!ids.empty() && SteadyMs() - placed_at > kPlaceEveryMs)) {
    placed_at = SteadyMs();
    return remembered.Save(folder);
  }
  return {};
}

// What a person must decide and nobody has. Each entry is in one alarm.
Status Desk::Inside::TooLong(const House& now) {
  const int64_t limit = now.options.too_long_ms;
  const std::vector<mail::Address> officers = now.options.Officers();
  if (limit == 0 || officers.empty() ||
      (too_long_at != 0 && SteadyMs() - too_long_at < std::min(limit, kTooLongEveryMs))) {
    return {};
  }
  too_long_at = SteadyMs();
  const int64_t wall = NowUnixMs();
  record::HeldFilter filter;
  filter.state = record::ToString(record::HeldState::kHeld);
  filter.until_ms = wall - limit;
  filter.since_ms = std::max(remembered.too_long_until_ms, wall - limit - kNewsMs);
  const std::set<std::string>& wanted = now.options.too_long_categories;
  std::deque<record::Held> oldest;  // the last ones that Each visits
  size_t count = 0;
  GATEPOST_RETURN_IF_ERROR(watch->Each(filter, [&](record::Held held) {
    if (wanted.empty() ? held.category == "spam" : wanted.count(held.category) == 0) {
      return;
    }
    ++count;
    oldest.push_front(std::move(held));
    if (oldest.size() > kMostListed) {
      oldest.pop_back();
    }
  }));
  if (count > 0) {
    const std::vector<record::Held> all(oldest.begin(), oldest.end());
    const std::string first = all.front().id;
    const Text text = TooLongText(all, count, now.options);
    for (const mail::Address& officer : officers) {
      GATEPOST_RETURN_IF_ERROR(queue
                                   ->Add(MakeItem("too-long:" + first + ":" + officer.key(),
                                                  "too-long", officer, text, now.options, wall))
                                   .status());
    }
  }
  remembered.too_long_until_ms = filter.until_ms;
  return count == 0 ? Status() : remembered.Save(folder);
}

Status Desk::Inside::WriteDigests(const House& now) {
  const Options& options = now.options;
  if (options.mailbox.on && signer == nullptr) {
    GATEPOST_ASSIGN_OR_RETURN(const LinkSigner made, LinkSigner::Open(now.state, /*make=*/true));
    signer = std::make_unique<LinkSigner>(made);
  }
  if (!options.digests) {
    return {};
  }
  const int64_t wall = NowUnixMs();
  const int64_t slot = LastDigestTime(options.digest_at, wall);
  if (remembered.digest_until_ms == 0) {  // from now on
    remembered.digest_slot_ms = slot;
    remembered.digest_until_ms = wall;
    return remembered.Save(folder);
  }
  const std::string asked = DigestNowFile(now.state);
  const bool at_once = access(asked.c_str(), F_OK) == 0;
  if (slot <= remembered.digest_slot_ms && !at_once) {
    return {};
  }
  record::HeldFilter filter;
  filter.state = record::ToString(record::HeldState::kHeld);
  filter.since_ms = std::max(remembered.digest_until_ms, wall - kNewsMs);
  filter.until_ms = wall - kSettleMs;
  std::vector<record::Held> fresh;
  GATEPOST_RETURN_IF_ERROR(watch->Each(filter, [&](record::Held held) {
    if (fresh.size() < kMostFresh && InSomeDigest(options, held)) {
      fresh.push_back(std::move(held));
    }
  }));
  std::reverse(fresh.begin(), fresh.end());
  const DigestRun run{options,
                      now.site,
                      options.mailbox.on ? signer.get() : nullptr,
                      at_once ? wall : slot,
                      wall,
                      wall + options.mailbox.links_ms};
  for (const Item& item : Digests(fresh, run)) {
    GATEPOST_RETURN_IF_ERROR(queue->Add(item).status());
  }
  remembered.digest_slot_ms = slot;
  remembered.digest_until_ms = filter.until_ms;
  GATEPOST_RETURN_IF_ERROR(remembered.Save(folder));
  unlink(asked.c_str());
  if (const Result<UsedLinks> used = UsedLinks::Open(now.state); options.mailbox.on && used.ok()) {
    used->Tidy(wall);
  }
  return {};
}

Status Desk::Inside::LookAgain(const House& now, const Item& item) {
  const int64_t wall = NowUnixMs();
  const Result<record::Held> held = quarantine->Find(item.held_id);
  if (held.ok()) {
    const Context context{now.options, now.site, {}, wall};
    for (const Item& one : NewsOfCheck(item, *held, context)) {
      GATEPOST_RETURN_IF_ERROR(queue->Add(one).status());
    }
  } else if (held.status().code() != Code::kNotFound) {
    return held.status();
  }
  return queue->Finish(item, "done", "", wall);
}

// Beside us, one at a time: a pager may take its time, a notice must not wait for it.
void Desk::Inside::RunCommandOf(const Item& item) {
  command_runs = true;
  command_end.first = item;
  command = std::async(std::launch::async, [this, item] {
    command_end.second = RunCommand("the priority command", item.argv, item.input, kCommandMs);
  });
}

Status Desk::Inside::EndCommand() {
  if (!command_runs || command.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    return {};
  }
  command.get();
  command_runs = false;
  const auto& [item, status] = command_end;
  if (!status.ok()) {
    Journal(Loudness::kError, "GP8003", "the command that alerts the officer failed",
            {{"id", item.held_id}, {"reason", status.message()}});
    if (item.attempts < 3) {
      return queue->Postpone(item, status.message(), NowUnixMs()).status();
    }
  }
  return queue->Finish(item, status.ok() ? "done" : "refused", status.message(), NowUnixMs());
}

Status Desk::Inside::SendOne(const House& now, const Item& item) {
  using Outcome = record::Submission::Outcome;
  const record::Submission sent =
      record::Submit(now.release, mail::Address(), mail::Address::Parse(item.to), item.message,
                     item.held_id.empty() ? "notice" : item.held_id, kSendMs);
  const int64_t wall = NowUnixMs();
  if (sent.outcome == Outcome::kTaken) {
    return queue->Finish(item, "sent", sent.said, wall);
  }
  if (sent.outcome == Outcome::kNever) {
    Journal(Loudness::kWarning, "GP8002", "a notice was refused and is given up",
            {{"id", item.held_id}, {"kind", item.kind}, {"reason", sent.said}});
    return queue->Finish(item, "refused", sent.said, wall);
  }
  GATEPOST_ASSIGN_OR_RETURN(const bool again, queue->Postpone(item, sent.said, wall));
  if (!again) {
    Journal(Loudness::kWarning, "GP8002", "a notice was refused and is given up",
            {{"id", item.held_id}, {"kind", item.kind}, {"reason", sent.said}});
  }
  return Status::Unavailable(sent.said);
}

Status Desk::Inside::Send(const House& now) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<Item> due, queue->Due(NowUnixMs(), kMostALook));
  for (const Item& item : due) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      if (stop) {
        return {};
      }
    }
    if (item.kind == "command") {
      if (!command_runs) {
        RunCommandOf(item);
      }
    } else if (item.kind.rfind("check", 0) == 0) {
      GATEPOST_RETURN_IF_ERROR(LookAgain(now, item));
    } else {
      // The listener that does not answer now will not answer for the next one either.
      GATEPOST_RETURN_IF_ERROR(SendOne(now, item));
    }
  }
  return {};
}

std::string DigestNowFile(const std::string& state_folder) {
  return NoticeFolder(state_folder) + "/digest.now";
}

Json Desk::State() const {
  const std::lock_guard<std::mutex> lock(inside_->mutex);
  return {{"waiting", inside_->waiting}, {"trouble", inside_->trouble}};
}

}  // namespace gatepost::notice
