// `gatepost keys`: whose keys open held mail. How to live with them: src/record/KEYS.md.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/cli/known.h"
#include "src/cli/ring_tools.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

using record::AuditKind;
using record::KeyKind;
using record::KeyRing;
using record::PrivateKey;
using record::RingKey;

int KeysInit(const KeysOptions& options) {
  if (options.name.empty() || options.out.empty()) {
    return Fail(Status::Invalid(
        std::string("'keys init' needs ") + (options.name.empty() ? "the reviewer's name" : "") +
        (options.name.empty() && options.out.empty() ? " and " : "") +
        (options.out.empty() ? "the file for their private key (--out)" : "") +
        ": gatepost keys init lan --out /media/stick/lan.key"));
  }
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody =
      Custody::Open(options.common, &exit_code, /*set_up=*/true);
  if (custody == nullptr) {
    return exit_code;
  }
  Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  if (!ring.ok()) {
    return Fail(ring.status());
  }
  if (!ring->empty()) {
    return Fail(Status::Invalid("there is a key ring already; 'gatepost keys add' adds to it"));
  }
  // The service's first: with the reviewer's in the ring the gateway begins to seal.
  const std::string service_file = ServiceKeyFile(custody->config);
  const PrivateKey service = record::MakePrivateKey("release service", KeyKind::kService);
  Status status = MakeFolder(RingFolder(*custody), 0755);
  if (status.ok()) {
    status = record::WritePrivateKey(service_file, service, nullptr, {}, custody->config.state);
  }
  if (!status.ok()) {
    return Fail(status);
  }
  const Result<PrivateKey> person = MakeKeyFile(options, options.name, KeyKind::kPerson);
  if (!person.ok()) {
    std::remove(service_file.c_str());
    return Fail(person.status());
  }
  status = EnterKey(*custody, &*ring, record::PublicPart(*person), "made");
  if (status.ok()) {
    status = EnterKey(*custody, &*ring, record::PublicPart(service), "made");
  }
  if (!status.ok()) {
    return Fail(status);
  }
  PrintKey(options.common, record::PublicPart(*person), options.out);
  PrintKey(options.common, record::PublicPart(service), service_file);
  if (!options.common.json) {
    PrintLine(
        "from now on held mail is sealed; 'gatepost held migrate' seals what is there, "
        "'gatepost keys escrow' makes the key for the day this one is lost");
  }
  return kDone;
}

int KeysMake(const KeysOptions& options) {
  const Result<PrivateKey> key = MakeKeyFile(options, options.name, KeyKind::kPerson);
  if (!key.ok()) {
    return Fail(key.status());
  }
  PrintLine(record::PublicLine(record::PublicPart(*key)));
  return kDone;
}

int KeysAdd(const KeysOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  if (!ring.ok()) {
    return Fail(ring.status());
  }
  // Before a file is made: a key for what does not exist would open nothing, and nobody would know.
  if (!AreCategories(custody->config, options.categories, custody->quarantine.get())) {
    return kUsage;
  }
  RingKey key;
  if (!options.public_file.empty()) {
    const Result<std::string> text = ReadFile(options.public_file);
    const Result<RingKey> read = text.ok() ? record::ReadPublicLine(options.public_file, *text)
                                           : Result<RingKey>(text.status());
    if (!read.ok()) {
      return Fail(read.status());
    }
    key = *read;
    key.name = options.name.empty() ? key.name : options.name;
  } else {
    if (options.name.empty()) {
      return Fail(Status::Invalid("name the reviewer, or the file with their public key"));
    }
    const Result<PrivateKey> made = MakeKeyFile(options, options.name, KeyKind::kPerson);
    if (!made.ok()) {
      return Fail(made.status());
    }
    key = record::PublicPart(*made);
  }
  key.categories = std::set<std::string>(options.categories.begin(), options.categories.end());
  if (const Status status = EnterKey(*custody, &*ring, key, "added"); !status.ok()) {
    return Fail(status);
  }
  PrintKey(options.common, key, options.public_file.empty() ? options.out : "");
  if (!options.common.json) {
    PrintLine(
        "opens what is held from now on; a holder of a key adds what is held already: "
        "gatepost keys rewrap --key FILE");
  }
  return kDone;
}

int KeysEscrow(const KeysOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  if (!ring.ok()) {
    return Fail(ring.status());
  }
  const std::string name = options.name.empty() ? "escrow" : options.name;
  const Result<PrivateKey> key = MakeKeyFile(options, name, KeyKind::kEscrow);
  if (!key.ok()) {
    return Fail(key.status());
  }
  const RingKey part = record::PublicPart(*key);
  if (const Status status = EnterKey(*custody, &*ring, part, "escrow"); !status.ok()) {
    return Fail(status);
  }
  PrintKey(options.common, part, options.out);
  if (!options.common.json) {
    PrintLine(
        "print that file or carry it away, keep its passphrase elsewhere, and delete it "
        "here; 'gatepost keys rewrap' seals for it what is held already");
  }
  return kDone;
}

int KeysList(const KeysOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  if (!ring.ok()) {
    return Fail(ring.status());
  }
  Table table({"key", "name", "kind", "opens", "made"}, 3);
  for (const RingKey& key : ring->keys()) {
    std::string opens;
    for (const std::string& one :
         key.kind == KeyKind::kService ? custody->config.custody.online : key.categories) {
      opens += (opens.empty() ? "" : ", ") + one;
    }
    opens = opens.empty() ? "all" : opens;
    if (options.common.json) {
      PrintLine(DumpJson({{"id", key.id},
                          {"name", key.name},
                          {"kind", record::ToString(key.kind)},
                          {"categories", opens},
                          {"public", Hex(key.public_key)},
                          {"made_at", Rfc3339(key.made_at_ms)}}));
    } else {
      table.Add({key.id, key.name, record::ToString(key.kind), opens,
                 Rfc3339(key.made_at_ms).substr(0, 10)});
    }
  }
  if (!options.common.json) {
    std::fputs(ring->empty() ? "no keys: held mail is stored in clear; 'gatepost keys init NAME "
                               "--out FILE' begins to seal it\n"
                             : table.ToString().c_str(),
               stdout);
  }
  return kDone;
}

int KeysOpens(const KeysOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  const Result<std::vector<record::Held>> list = custody->quarantine->List({});
  if (!ring.ok() || !list.ok()) {
    return Fail(ring.ok() ? list.status() : ring.status());
  }
  const RingKey* found = ring->FindName(options.name);
  found = found == nullptr ? ring->FindId(options.name) : found;
  if (found == nullptr) {
    return Fail(Status::Invalid("the ring has no key named '" + options.name +
                                "'; 'gatepost keys list' shows those it has"));
  }
  Table table({"id", "held at", "category", "state", "other keys"}, 4);
  size_t all = 0;
  size_t alone = 0;
  for (const record::Held& held : *list) {
    const Result<std::vector<std::string>> ids = custody->quarantine->KeysOf(held);
    if (!ids.ok()) {
      PrintErrorAbout(held.id, ids.status().message());
      exit_code = kIncomplete;
      continue;
    }
    if (std::find(ids->begin(), ids->end(), found->id) == ids->end()) {
      continue;
    }
    // The service opens it for links and replay, and nobody reads by it.
    const auto others =
        static_cast<size_t>(std::count_if(ids->begin(), ids->end(), [&](const std::string& id) {
          const RingKey* const key = ring->FindId(id);
          return id != found->id && (key == nullptr || key->kind != KeyKind::kService);
        }));
    ++all;
    alone += others == 0 ? 1 : 0;
    if (options.common.json) {
      PrintLine(DumpJson({{"id", held.id},
                          {"held_at", Rfc3339(held.held_at_ms)},
                          {"category", held.category},
                          {"state", record::ToString(held.state)},
                          {"other_keys", others}}));
    } else {
      table.Add({held.id, Rfc3339(held.held_at_ms).substr(0, 16), held.category,
                 record::ToString(held.state), others == 0 ? "none" : std::to_string(others)});
    }
  }
  if (!options.common.json) {
    std::fputs(all == 0 ? "" : table.ToString().c_str(), stdout);
    PrintLine(found->name + " (" + found->id + ") opens " + std::to_string(all) + " held mails, " +
              std::to_string(alone) + " of them nobody else");
  }
  return exit_code;
}

int KeysRewrap(const KeysOptions& options) {
  if (options.unlock.key.empty()) {
    return Fail(Status::Invalid(
        "'keys rewrap' needs the file of a private key that opens what is held: gatepost keys "
        "rewrap --key lan.key"));
  }
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const Result<PrivateKey> key = UnlockKey(options.unlock);
  if (!key.ok()) {
    return Fail(key.status());
  }
  const Status told = custody->Tell(AuditKind::kKeyChange, "", options.reason,
                                    {{"what", "rewrapped"}, {"key", key->id}, {"name", key->name}});
  if (!told.ok()) {
    return Fail(told);
  }
  return ForEachHeld(*custody, options.common, "rewrapped",
                     [&](const std::string& id) { return custody->quarantine->Rewrap(id, *key); });
}

std::string WhyKeyStays(const KeyRing& ring, const std::string& name,
                        const gateway::Config& config) {
  std::string categories;
  for (const std::string& one : ring.OnlyReaderOf(name, gateway::Categories(config))) {
    categories += (categories.empty() ? "" : ", ") + one;
  }
  return categories.empty()
             ? ""
             : "the key of '" + name + "' stays: no other reviewer's opens " + categories +
                   "; first 'gatepost keys add' another for it, then 'gatepost keys "
                   "rewrap' with a key that opens what is held";
}

int KeysRemove(const KeysOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  if (!ring.ok()) {
    return Fail(ring.status());
  }
  const RingKey* const found = ring->FindName(options.name);
  if (found == nullptr) {
    return Fail(Status::Invalid("the ring has no key named '" + options.name + "'"));
  }
  const RingKey gone = *found;
  if (const std::string why = WhyKeyStays(*ring, gone.name, custody->config); !why.empty()) {
    return Fail(Status::Invalid(why));
  }
  const Status told = custody->Tell(AuditKind::kKeyChange, "", options.reason,
                                    {{"what", "removed"}, {"name", gone.name}, {"key", gone.id}});
  ring->Remove(gone.name);
  const Status saved = told.ok() ? ring->Save(RingFolder(*custody)) : told;
  if (!saved.ok()) {
    return Fail(saved);
  }
  return ForEachHeld(*custody, options.common, "closed", [&](const std::string& id) {
    return custody->quarantine->Strip(id, gone.id);
  });
}

int HeldMigrate(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  if (!ring.ok() || ring->empty()) {
    PrintError(ring.ok()
                   ? "nothing was sealed: there is no key yet; 'gatepost keys init NAME --out "
                     "FILE' makes the first one"
                   : ring.status().message());
    return kIncomplete;
  }
  if (const Status told =
          custody->Tell(AuditKind::kKeyChange, "", options.reason, {{"what", "migrate"}});
      !told.ok()) {
    return Fail(told);
  }
  exit_code = ForEachHeld(*custody, options.common, "sealed",
                          [&](const std::string& id) { return custody->quarantine->Seal(id); });
  const Status scrubbed = custody->quarantine->Scrub();
  return scrubbed.ok() ? exit_code : Fail(scrubbed);
}

}  // namespace gatepost::cli
