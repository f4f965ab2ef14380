// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/outbreak.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/digest.h"
#include "src/inspect/likeness.h"

namespace gatepost::gateway {

namespace {

constexpr size_t kMostContents = 2'048;
constexpr size_t kMostParties = 65'536;  // of all contents
constexpr size_t kMostCounted = 1'000;   // of one content
constexpr size_t kMostAttachments = 32;  // looked at in one message
constexpr uint64_t kLeastBytes = 512;    // smaller files are the same by chance
// Of the eight hashes of a sketch: about two thirds of the text are the same.
constexpr size_t kNear = 5;
constexpr const char* kLikeness = "body.likeness";

struct Party {
  uint64_t who;
  int64_t at_ms;
};

struct Message {
  std::string id;
  int64_t at_ms;
};

using Name = OutbreakName;

struct Content {
  Name name;
  int64_t at_ms = 0;     // last seen
  uint64_t touched = 0;  // ascending in the order of `contents`
  std::vector<Party> senders, recipients;
  std::vector<Message> messages;  // the oldest first
  size_t weight() const { return senders.size() + recipients.size() + messages.size(); }
};

}  // namespace

bool SameContent(const OutbreakName& a, const OutbreakName& b) {
  if (a.size() == 1 || b.size() == 1) {
    return a == b;
  }
  size_t shared = 0;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    shared += a[i] == b[j] ? 1 : 0;
    const bool step_a = a[i] <= b[j];
    const bool step_b = b[j] <= a[i];
    i += step_a ? 1 : 0;
    j += step_b ? 1 : 0;
  }
  return shared >= kNear;
}

namespace {

Name ParseSketch(std::string_view text) {
  Name name;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end && name.size() < inspect::kLikenessHashes) {
    uint64_t hash = 0;
    const auto [stop, error] = std::from_chars(at, end, hash);
    if (error != std::errc()) {
      return {};
    }
    name.push_back(hash);
    at = stop + 1;
  }
  return name.size() == inspect::kLikenessHashes ? name : Name();
}

bool IsEverywhere(std::string_view type) {
  constexpr std::array<std::string_view, 6> kTypes = {"image", "calendar", "vcard",
                                                      "pkcs7", "pgp",      "empty"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace

struct Outbreak::Memory {
  std::string key;
  std::mutex mutex;             // guards all below
  std::list<Content> contents;  // the one seen last at the back
  // Who has this hash in its name: those that are alike share at least one.
  std::unordered_map<uint64_t, std::vector<std::list<Content>::iterator>> by_hash;
  uint64_t touches = 0;
  size_t parties = 0;  // and messages

  uint64_t Digest(std::string_view text) const {
    const std::string hex = HmacSha256Hex(key, text).substr(0, 16);
    uint64_t value = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    return value;
  }

  void Forget(int64_t now_ms) {
    while (!contents.empty() && (contents.front().at_ms + kWindowMs < now_ms ||
                                 contents.size() > kMostContents || parties > kMostParties)) {
      parties -= contents.front().weight();
      Unlist(contents.begin());
      contents.pop_front();
    }
  }

  void Unlist(std::list<Content>::iterator content) {
    for (const uint64_t hash : content->name) {
      const auto entry = by_hash.find(hash);
      auto& those = entry->second;
      those.erase(std::find(those.begin(), those.end(), content));
      if (those.empty()) {
        by_hash.erase(entry);
      }
    }
  }

  // Of those alike the one seen last; the end when there is none.
  std::list<Content>::iterator Find(const Name& name) {
    auto best = contents.end();
    for (const uint64_t hash : name) {
      const auto entry = by_hash.find(hash);
      if (entry == by_hash.end()) {
        continue;
      }
      for (const auto& one : entry->second) {
        if ((best == contents.end() || one->touched > best->touched) &&
            SameContent(one->name, name)) {
          best = one;
        }
      }
    }
    return best;
  }

  // The content, moved to the back.
  Content* Touch(const Name& name, int64_t now_ms) {
    auto found = Find(name);
    if (found == contents.end()) {
      found = contents.insert(contents.end(), Content());
      found->name = name;
      for (const uint64_t hash : name) {
        by_hash[hash].push_back(found);
      }
    } else {
      contents.splice(contents.end(), contents, found);
    }
    found->at_ms = std::max(found->at_ms, now_ms);
    found->touched = ++touches;
    return &contents.back();
  }

  void Meet(uint64_t who, int64_t now_ms, std::vector<Party>* met) {
    const size_t before = met->size();
    met->erase(
        std::remove_if(met->begin(), met->end(),
                       [now_ms](const Party& one) { return one.at_ms + kWindowMs < now_ms; }),
        met->end());
    const auto found =
        std::find_if(met->begin(), met->end(), [who](const Party& one) { return one.who == who; });
    if (found != met->end()) {
      found->at_ms = now_ms;
    } else if (met->size() < kMostCounted) {
      met->push_back({who, now_ms});
    }
    parties = parties + met->size() - before;
  }

  void Remember(const std::string& decision_id, int64_t now_ms, Content* content) {
    std::vector<Message>& all = content->messages;
    const size_t before = all.size();
    const auto young = std::find_if(all.begin(), all.end(), [now_ms](const Message& one) {
      return one.at_ms + kWindowMs >= now_ms;
    });
    all.erase(all.begin(), young);
    if (all.size() >= kMostCounted) {
      all.erase(all.begin());
    }
    all.push_back({decision_id, now_ms});
    parties = parties + all.size() - before;
  }
};

Outbreak::Outbreak(std::string key) : memory_(std::make_unique<Memory>()) {
  memory_->key = std::move(key);
}

Outbreak::~Outbreak() = default;

Spread Outbreak::Count(const mail::Envelope& envelope, const std::string& decision_id,
                       inspect::Findings* findings) {
  Spread spread;
  if (const auto body = findings->facts.find(kLikeness); body != findings->facts.end()) {
    if (const Name sketch = ParseSketch(body->second); !sketch.empty()) {
      Shared one;
      one.kind = Shared::Kind::kBody;
      for (const uint64_t hash : sketch) {
        one.name.push_back(memory_->Digest(std::to_string(hash)));
      }
      std::sort(one.name.begin(), one.name.end());
      spread.all.push_back(std::move(one));
    }
    findings->facts.erase(body);
  }
  for (const inspect::FoundPart& part : findings->parts) {
    if (spread.all.size() > kMostAttachments) {
      break;
    }
    if (!part.sha256.empty() && part.size >= kLeastBytes && !IsEverywhere(part.type)) {
      spread.all.push_back(
          {Shared::Kind::kAttachment, {memory_->Digest(part.sha256)}, part.sha256, 0, 0});
    }
  }
  const std::string account = !envelope.auth_user.empty() ? envelope.auth_user
                              : envelope.sender_is_ours   ? envelope.sender.key()
                                                          : std::string();
  if (!account.empty()) {
    spread.all.push_back(
        {Shared::Kind::kAccount, {memory_->Digest("account " + account)}, account, 0, 0});
  }
  if (spread.all.empty()) {
    return spread;
  }
  // Digests before the lock.
  const uint64_t sender = memory_->Digest(envelope.sender.key());
  std::vector<uint64_t> recipients;
  for (const mail::Recipient& one : envelope.recipients) {
    if (recipients.size() < kMostCounted) {
      recipients.push_back(memory_->Digest(one.address.key()));
    }
  }
  const int64_t now_ms = envelope.received_at_ms;
  const std::lock_guard<std::mutex> lock(memory_->mutex);
  for (Shared& one : spread.all) {
    Content* const content = memory_->Touch(one.name, now_ms);
    memory_->Meet(sender, now_ms, &content->senders);
    for (const uint64_t recipient : recipients) {
      memory_->Meet(recipient, now_ms, &content->recipients);
    }
    memory_->Remember(decision_id, now_ms, content);
    one.senders = content->senders.size();
    one.recipients = content->recipients.size();
    if (one.kind != Shared::Kind::kAccount) {
      spread.most = std::max({spread.most, one.senders, one.recipients});
    }
    memory_->Forget(now_ms);
  }
  return spread;
}

std::vector<std::string> Outbreak::Decisions(const OutbreakName& name) {
  std::vector<std::string> ids;
  const std::lock_guard<std::mutex> lock(memory_->mutex);
  if (const auto found = memory_->Find(name); found != memory_->contents.end()) {
    for (const Message& one : found->messages) {
      ids.push_back(one.id);
    }
  }
  return ids;
}

}  // namespace gatepost::gateway
