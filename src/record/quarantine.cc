// The quarantine as others see it; how it survives a crash is in held_store.h.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/quarantine.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/mail/automatic.h"
#include "src/record/held_store.h"

namespace gatepost::record {

namespace {

// What a deletion writes before it frees anything: a record, and the pages of the index.
constexpr uint64_t kReserve = 512U << 10;

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

// Enough of it to see what kind of mail it is; where it cannot be read the digests fail, too.
std::string HeaderBytes(int fd) {
  std::string header(mail::kAutomaticBytes, '\0');
  size_t size = 0;
  while (size < header.size()) {
    const ssize_t got =
        pread(fd, header.data() + size, header.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    size += static_cast<size_t>(got);
  }
  header.resize(size);
  return header;
}

bool IsReleased(const Held& held, const mail::Address& recipient) {
  return std::any_of(held.released.begin(), held.released.end(), [&](const ReleaseMark& one) {
    return one.recipient.spelling() == recipient.spelling();
  });
}

// The address as it is held, of a copy that nobody has got yet; null: there is none.
const mail::Address* FindCopy(const Held& held, const mail::Address& wanted) {
  const auto found =
      std::find_if(held.envelope.recipients.begin(), held.envelope.recipients.end(),
                   [&](const mail::Recipient& one) { return one.address == wanted; });
  return found == held.envelope.recipients.end() || IsReleased(held, found->address)
             ? nullptr
             : &found->address;
}

}  // namespace

Quarantine::Quarantine(std::unique_ptr<Store> store) : store_(std::move(store)) {}
Quarantine::~Quarantine() = default;

Result<std::unique_ptr<Quarantine>> Quarantine::Open(const StoreOptions& options) {
  auto store = std::make_unique<Store>();
  store->folder = options.folder;
  store->options = options;
  while (store->folder.size() > 1 && store->folder.back() == '/') {
    store->folder.pop_back();
  }
  if (!options.make && !Exists(store->folder)) {
    return Status::NotFound("no quarantine in " + store->folder +
                            " yet: gatepostd makes it when it starts; is 'state' right in the "
                            "configuration?");
  }
  GATEPOST_RETURN_IF_ERROR(MakeOwnedFolder(store->folder, 0770));
  GATEPOST_RETURN_IF_ERROR(MakeDayFolder(store->folder, store->folder + "/tmp"));
  store->reserve = Reserve(store->folder + "/.reserve", kReserve, 0660);
  GATEPOST_RETURN_IF_ERROR(store->OnReserve([&] { return store->OpenIndex(); }));
  GATEPOST_RETURN_IF_ERROR(store->OnReserve([&] { return store->RecoverAll(); }));
  static_cast<void>(store->reserve.Fill());
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
  held.tell_sender = held.envelope.sender_is_ours && !held.envelope.sender.is_null() &&
                     !mail::IsAutomatic(HeaderBytes(message_fd));
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
  const uint64_t quota = store_->options.quota_bytes;
  if (quota > 0 && store_->used_bytes + held.size > quota) {
    return Status::NoSpace("the quarantine has reached its quota of " +
                           std::to_string(quota >> 20) +
                           " MiB: delete or release what is held, or raise 'quota'");
  }
  const HeldPaths paths = store_->PathsOf(held.id);
  GATEPOST_ASSIGN_OR_RETURN(Touch touch, Touch::Make(paths.touch, /*wait=*/false));
  if (Exists(paths.record)) {
    return Status::Internal(held.id + ": another message is held under this id");
  }
  const Status written = store_->WriteNew(&held, message_fd);
  Result<std::string> id = written.ok() ? store_->IndexNew(held) : Result<std::string>(written);
  if (!id.ok() || *id != held.id) {
    const Status back = store_->TakeBack(held.id);
    if (!back.ok()) {
      return back;  // the touch stays: the next Open takes it back
    }
  }
  touch.Done();
  store_->used_bytes += id.ok() && *id == held.id ? held.size : 0;
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
      [&] { return store_->DestroyContent(id); });
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
      const mail::Address* const found = FindCopy(*held, wanted);
      if (found == nullptr) {
        return Status::Invalid(id + ": no copy for " + wanted.spelling() + " is held");
      }
      held->releasing.push_back(*found);
    }
    if (store_->options.two_persons.count(held->category) > 0) {
      GATEPOST_RETURN_IF_ERROR(MustBeGranted(*held, held->category));
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
    if (ReleaseRequest* const granted = FindGranted(held); granted != nullptr) {
      granted->state = RequestState::kUsed;
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
    // Nothing has left, so that nothing is to be countersigned, and nobody may go on alone by it.
    if (ReleaseRequest* const granted = FindGranted(held);
        granted != nullptr && granted->WantsCountersign()) {
      held->requests.erase(held->requests.begin() + (granted - held->requests.data()));
    }
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
