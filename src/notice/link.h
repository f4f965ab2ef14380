// Links in our mail: what a link lets its holder see and do stands in it, signed (HMAC-SHA-256)
// with a key of this site's, and ends at a time. Opening one shows; posting to one acts, once: its
// number is claimed on disk before anything is done.
// LIMITS: the key is STATE/mailbox/link.key; whoever reads it can make links, whoever has a link is
// taken for its reader, as anybody who reads their mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost::notice {

struct Link {
  enum class Kind { kEntry, kBox };  // one held message; the list of all that is held for somebody
  Kind kind = Kind::kEntry;
  std::string reader;     // whose link it is: who acts
  std::string recipient;  // whose copy it is about
  std::string held_id;    // kEntry
  int64_t expires_ms = 0;
  std::string number;  // what can be claimed once
};

std::string MailboxFolder(const std::string& state_folder);

class LinkSigner {
 public:
  // make: a missing key is made (the daemon's business); otherwise it is kNotFound.
  static Result<LinkSigner> Open(const std::string& state_folder, bool make);
  // Letters, digits, '-', '_' and '.'; "" when a field cannot stand in a link.
  std::string Sign(const Link& link) const;
  // kInvalid: not made by us. kNotFound: its time is over.
  Result<Link> Read(std::string_view token, int64_t now_ms) const;
  // A number that is the same for the same words, and nobody's guess.
  std::string NumberOf(const std::string& words) const;

 private:
  using Key = std::array<char, 32>;
  explicit LinkSigner(const Key& key) : key_(key) {}
  Bytes key() const { return {key_.data(), key_.size()}; }
  Key key_;
};

// Which numbers are used up: a file each in STATE/mailbox/used.
// Thread-safe and safe beside other processes.
class UsedLinks {
 public:
  static Result<UsedLinks> Open(const std::string& state_folder);
  // Durable on return. False: it was claimed before.
  Result<bool> Claim(const std::string& number) const;
  bool IsClaimed(const std::string& number) const;
  // Nothing came of it.
  void GiveBack(const std::string& number) const;
  // Forgets what is older than any link lives (31 days).
  void Tidy(int64_t now_ms) const;

 private:
  explicit UsedLinks(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace gatepost::notice
