// The key `notices` of the configuration: who is told what, when, in which language, and where
// recipients look at their own held mail. Explained in contrib/gatepost.yaml.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/base/yaml.h"
#include "src/mail/address.h"
#include "src/web/listener.h"

namespace gatepost::notice {

enum class Language : uint8_t { kVietnamese, kEnglish };
const char* ToString(Language language);  // "vi", "en"
bool LanguageFromString(std::string_view word, Language* out);

// A clerk's digest: what is held for the recipients of a unit.
struct Clerk {
  std::vector<mail::Address> to;
  std::vector<std::string> recipients;  // addresses or "@domain", lower case
  std::set<std::string> categories;     // empty: all
  Language language = Language::kVietnamese;
};

struct MailboxOptions {
  bool on = false;
  web::Listener listener{"inet:8026@127.0.0.1"};
  std::string url;                           // what links begin with, without a slash at the end
  std::set<std::string> release = {"spam"};  // categories that recipients release by themselves
  int64_t links_ms = 3 * 86'400'000LL;       // how long a link works
};

struct Options {
  bool senders = true;  // tell our own senders
  Language language = Language::kVietnamese;
  mail::Address from;   // header field From; the envelope's sender is always null
  std::string contact;  // whom to ask, in words; "" the address in `from`

  std::vector<mail::Address> officers;
  std::string
      on_duty;  // file of addresses, read at each use; wins over `officers` while it has any
  std::map<std::string, mail::Address> people;  // an actor's name to an address
  int64_t too_long_ms = 86'400'000;             // 0: no alarm
  std::set<std::string> too_long_categories;    // empty: all but spam

  std::string priority_list;                  // file: addresses and "@domain"; "" none
  std::vector<std::string> priority_command;  // argv; empty: none
  int64_t countersign_ms = 86'400'000;

  bool digests = false;
  bool digest_recipients = true;
  std::vector<int> digest_at = {450, 660, 810, 990};  // minutes after midnight, local time
  std::set<std::string> digest_categories = {"spam"};
  std::vector<Clerk> clerks;

  MailboxOptions mailbox;

  // Takes `notices` out of the whole configuration. own_domain: for the default of `from`.
  void Read(const YamlNode& root, const std::string& own_domain,
            const std::function<std::string(std::string)>& resolve, Diagnostics* diagnostics);
  // Whom to alarm now: who is on duty by the file, else `officers`.
  std::vector<mail::Address> Officers() const;
  // Where a person of the audit trail reads mail: by `people`, or because the name is an address;
  // invalid or null: nobody knows.
  mail::Address AddressOf(const std::string& actor) const;
};
// JSON Schema of the key.
Json OptionsSchema();

// Addresses and "@domain", one a line, '#' begins a comment. Lower case. kInvalid names the line.
Result<std::vector<std::string>> ReadAddressFile(const std::string& path);

}  // namespace gatepost::notice
