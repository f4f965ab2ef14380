// The quarantine store: held mail as files, byte for byte as Postfix handed it over, with what is
// known beside it; an SQLite index that can be rebuilt from the files.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/decision.h"
#include "src/record/key_ring.h"

namespace gatepost::record {

enum class HeldState : uint8_t { kHeld, kReleasing, kReleased, kDeleted };
const char* ToString(HeldState state);

// A recipient whose copy was released.
struct ReleaseMark {
  mail::Address recipient;
  std::string release_id;
  int64_t at_ms = 0;
  std::string actor;
};

// Somebody asks that a held message be released, somebody else says yes or no. Kept with the entry.
enum class RequestState : uint8_t { kPending, kApproved, kDenied, kUsed };
const char* ToString(RequestState state);
struct ReleaseRequest {
  std::string id;  // "GP-..."
  RequestState state = RequestState::kPending;
  std::string by, reason;
  int64_t at_ms = 0;
  int64_t expires_at_ms = 0;              // of the request and of what was granted on it
  std::vector<mail::Address> recipients;  // empty: all that are still held
  std::string decided_by, decision_reason;
  int64_t decided_at_ms = 0;
  bool override_infection = false;  // the approver lets it go although it is infected
  // Not 0: one person released it because it could not wait, and until then somebody else must
  // countersign; who did is decided_by.
  int64_t countersign_by_ms = 0;

  bool WantsCountersign() const { return countersign_by_ms > 0 && decided_by.empty(); }
  // Pending or granted, and its time is over.
  bool Expired(int64_t now_ms) const {
    return now_ms >= expires_at_ms &&
           (state == RequestState::kPending || state == RequestState::kApproved);
  }
};
// "lan" of the actor "lan as root": two names of one person are one person.
std::string PersonOf(const std::string& actor);

struct Held {
  std::string id;  // "GP-..." of the decision that held it first
  HeldState state = HeldState::kHeld;
  std::string decision_id;
  std::string category, clause;
  int64_t held_at_ms = 0;
  uint64_t size = 0;
  mail::Envelope envelope;                       // recipients: only the held ones
  std::string subject, header_from, message_id;  // "" where a marking was found
  std::vector<std::string> rules;
  double score = 0;
  std::string release_id;                // kReleasing, kReleased: the latest release
  std::vector<mail::Address> releasing;  // kReleasing: whom that release is for
  std::vector<ReleaseMark> released;     // who has got it; those not here are still held
  bool sealed = false;                   // subject, header_from and content need a key
  bool marked = false;                   // a marking was found: no names, no digests after deletion
  std::string key;         // of Hold's idempotence; "" after the deletion of a marked one
  std::string sha256;      // hex, of the bytes; likewise
  std::string last_actor;  // who released or deleted
  int64_t changed_at_ms = 0;
  std::vector<ReleaseRequest> requests;  // oldest first
  // The sender is one of ours and wrote it himself, so he is told what becomes of it: never a null
  // sender, an automatic answer or a list (mail/automatic.h).
  bool tell_sender = false;
};

// Empty fields do not restrict. sender and recipient: any part of the address, without regard to
// ASCII case; rule: an id or a glob; state: as ToString; the rest exactly.
struct HeldFilter {
  std::string category, sender, recipient, state, rule, queue_id, message_id;
  int64_t since_ms = 0, until_ms = 0;  // 0: open
  uint32_t limit = 0;                  // 0: all
};

// How far somebody has read what changes in the index; an index that was made anew is read from its
// beginning.
struct HeldPlace {
  std::string made;
  int64_t turn = 0;
};

// How a store is kept; from the configuration (custody.h).
struct StoreOptions {
  std::string folder;                 // STATE/held
  std::set<std::string> two_persons;  // categories whose release somebody else must grant
  std::string keys_folder;            // of the key ring; "": held in clear
  std::set<std::string> online;       // categories that the release service's key opens
  uint64_t quota_bytes = 0;           // 0: none
  bool make = true;                   // the folder, where it is missing; else kNotFound
};

// What is sealed with the content.
struct HeldWords {
  std::string subject, header_from;
};

// Thread-safe; several processes may have it open (SQLite and rename do the locking).
class Quarantine {
 public:
  ~Quarantine();
  // folder: the store itself (STATE/held), made when missing (unless options.make forbids it).
  // Finishes or takes back what a crash left half done, and makes the index anew when it is missing
  // or damaged.
  static Result<std::unique_ptr<Quarantine>> Open(const StoreOptions& options);
  static Result<std::unique_ptr<Quarantine>> Open(const std::string& folder) {
    StoreOptions options;
    options.folder = folder;
    return Open(options);
  }

  // Durable on return: file written, fsynced, renamed, folder fsynced; then the index. Idempotent:
  // the key is SHA-256 over sender, sorted held recipients and raw bytes; while an entry with that
  // key is held (within a day), its id is returned. message_fd is read from offset 0.
  // Only the recipients whose verdict is kQuarantine are held. kNoSpace: the disk is full.
  Result<std::string> Hold(const Decision& decision, int message_fd);
  Result<Held> Find(const std::string& id) const;
  // Newest first.
  Result<std::vector<Held>> List(const HeldFilter& filter) const;
  // Raw bytes, checked against the digest taken when they were held (kInternal: they differ, or
  // the sealed file is damaged). Sealed: kUnavailable without a key, kInvalid with one that does
  // not open it.
  Result<std::string> ReadMessage(const std::string& id, const PrivateKey* key = nullptr) const;
  // Subject and From, which a sealed entry does not tell without a key.
  Result<HeldWords> ReadWords(const Held& held, const PrivateKey* key) const;
  // Seals what is held in clear; false: there was nothing to do. Crash-safe.
  Result<bool> Seal(const std::string& id);
  // Seals the message's key for the keys that the ring has now; false: it is already. kInvalid:
  // `key` does not open it.
  Result<bool> Rewrap(const std::string& id, const PrivateKey& key);
  // Takes one key's way in away; false: it had none. kInvalid: no person's or escrow key of the
  // ring would be left, so it stays.
  Result<bool> Strip(const std::string& id, const std::string& key_id);
  // Ids of the keys that open it; empty: stored in clear, or deleted.
  Result<std::vector<std::string>> KeysOf(const Held& held) const;
  // After sealing many: nothing of their subjects stays in the index's file.
  Status Scrub();
  // What the store takes on disk, as of the last Measure() and what was held since; with a quota
  // Hold says kNoSpace above it. Measure also makes the reserve whole again.
  uint64_t used_bytes() const;
  Status Measure();
  // The content is gone on return, the record stays. Not while it is being released. Works on a
  // full disk, too: a reserve in the store is there for it.
  Status Delete(const std::string& id, const std::string& actor);
  // Does the release of such mail need a second person?
  bool NeedsTwo(const std::string& category) const;
  bool NeedsTwo(const Held& held) const { return NeedsTwo(held.category); }
  // Asks for a release; a person and an entry have one open request at a time (kUnavailable: there
  // is one). kInvalid: no reason, or one of the recipients has no copy here. Returns the request.
  Result<ReleaseRequest> RequestRelease(const std::string& id, const std::string& by,
                                        const std::string& reason,
                                        const std::vector<mail::Address>& recipients,
                                        int64_t valid_ms);
  // Decides the open request. Nobody decides their own (kInvalid); two who decide together: the
  // second hears kNotFound. A denial needs a reason. Returns the request.
  struct RequestDecision {
    bool approve = false;
    std::string by, reason;
    bool override_infection = false;
  };
  Result<ReleaseRequest> DecideRequest(const std::string& id, const RequestDecision& decision);
  // Priority mail: one person grants a release for a reason, which somebody else must countersign
  // within that time. kInvalid: no reason, a virus or a marking.
  Result<ReleaseRequest> GrantUrgent(const std::string& id, const std::string& by,
                                     const std::string& reason,
                                     const std::vector<mail::Address>& recipients,
                                     int64_t countersign_ms);
  // The second person's word on that. Nobody countersigns their own (kInvalid); kNotFound: nothing
  // waits for it.
  Result<ReleaseRequest> Countersign(const std::string& id, const std::string& by,
                                     const std::string& reason);

  // kHeld -> kReleasing durably, with the release id that XFORWARD IDENT will carry.
  // Empty `recipients`: all that are still held; otherwise these (kInvalid: one of them is not).
  // Where two persons are needed: kUnavailable without a granted request that covers them, which is
  // used up when the release is finished.
  Result<std::string> BeginRelease(const std::string& id, const std::string& actor,
                                   const std::vector<mail::Address>& recipients = {});
  // kReleased when everybody has got it, otherwise kHeld for the rest.
  Status FinishRelease(const std::string& id, const std::string& release_id);
  // SMTP said no before the end of data: back to kHeld. An urgent grant is taken back with it.
  Status AbortRelease(const std::string& id, const std::string& release_id);
  // Takes back what GrantUrgent granted, while it is neither used nor countersigned.
  Status WithdrawUrgent(const std::string& id, const std::string& request_id);
  // Makes the index anew from the files.
  Status Rebuild();

 private:
  struct Store;
  explicit Quarantine(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

// The request that waits for a decision; null: none does.
const ReleaseRequest* OpenRequest(const Held& held);
// Could this decision be taken now? As DecideRequest, which asks it.
Status MayDecide(const Held& held, const Quarantine::RequestDecision& decision);

}  // namespace gatepost::record
