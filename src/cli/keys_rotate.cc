// `gatepost keys rotate`: a new key in place of an old one, for what is held too.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "src/cli/ring_tools.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

using record::KeyKind;
using record::KeyRing;
using record::PrivateKey;
using record::RingKey;

namespace {

bool IsSealedFor(const Custody& custody, const std::string& id, const std::string& key_id) {
  const Result<record::Held> held = custody.quarantine->Find(id);
  const Result<std::vector<std::string>> keys =
      held.ok() ? custody.quarantine->KeysOf(*held)
                : Result<std::vector<std::string>>(held.status());
  // What cannot be told is tried, and says why it fails.
  return !keys.ok() || std::find(keys->begin(), keys->end(), key_id) != keys->end();
}

// Both keys are in the ring until all mail is sealed for the new one, so that digest links and
// replay work all the while; whatever interrupts it, the same command goes on where it ended.
int RotateService(const KeysOptions& options) {
  constexpr const char* kNext = "release service, next";
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const std::string file = ServiceKeyFile(custody->config);
  const std::string next_file = file + ".next";
  Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  const Result<PrivateKey> now =
      ring.ok() ? record::ReadPrivateKey(file, Secret()) : Result<PrivateKey>(ring.status());
  if (!now.ok()) {
    return Fail(now.status());
  }
  const RingKey* entered = ring->FindName(kNext);
  if (entered == nullptr || entered->id != now->id) {  // else only the last step is missing
    Result<PrivateKey> next = record::ReadPrivateKey(next_file, Secret());
    if (!next.ok() && entered == nullptr) {
      std::remove(next_file.c_str());  // half written, or none: nothing is sealed for it
      next = record::MakePrivateKey(kNext, KeyKind::kService);
      const Status written =
          record::WritePrivateKey(next_file, *next, nullptr, {}, custody->config.state);
      if (!written.ok()) {
        return Fail(written);
      }
    }
    if (!next.ok()) {
      return Fail(next.status());
    }
    if (entered == nullptr) {
      if (const Status status = EnterKey(*custody, &*ring, record::PublicPart(*next), "rotating");
          !status.ok()) {
        return Fail(status);
      }
    }
    const int sealed =
        ForEachHeld(*custody, options.common, "rewrapped", [&](const std::string& id) {
          return IsSealedFor(*custody, id, now->id) ? custody->quarantine->Rewrap(id, *now)
                                                    : Result<bool>(false);
        });
    if (sealed != kDone) {
      PrintError("the old key stays beside the new one until this command ends well: run it again");
      return sealed;
    }
    if (std::rename(next_file.c_str(), file.c_str()) != 0) {
      return Fail(Status::FromErrno(file, errno));
    }
  }
  const Result<PrivateKey> fresh = record::ReadPrivateKey(file, Secret());
  if (!fresh.ok()) {
    return Fail(fresh.status());
  }
  std::vector<std::string> gone;
  for (const RingKey& key : std::vector<RingKey>(ring->keys())) {
    if (key.kind == KeyKind::kService) {
      gone.push_back(key.id);
      ring->Remove(key.name);
    }
  }
  RingKey part = record::PublicPart(*fresh);
  part.name = "release service";
  if (const Status status = EnterKey(*custody, &*ring, part, "rotated"); !status.ok()) {
    return Fail(status);
  }
  PrintKey(options.common, part, file);
  return ForEachHeld(*custody, options.common, "closed", [&](const std::string& id) {
    const bool old = std::any_of(gone.begin(), gone.end(), [&](const std::string& key_id) {
      return key_id != fresh->id && IsSealedFor(*custody, id, key_id);
    });
    return old ? custody->quarantine->Rewrap(id, *fresh) : Result<bool>(false);
  });
}

}  // namespace

int KeysRotate(const KeysOptions& options) {
  if (options.service) {
    return RotateService(options);
  }
  if (options.unlock.key.empty() || options.out.empty()) {
    return Fail(Status::Invalid(
        "'keys rotate' needs your key and the file for the new one: gatepost keys rotate --key "
        "lan.key --out lan-2027.key; or --service"));
  }
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  Result<KeyRing> ring = KeyRing::Load(RingFolder(*custody));
  const Result<PrivateKey> old =
      ring.ok() ? UnlockKey(options.unlock) : Result<PrivateKey>(ring.status());
  if (!old.ok()) {
    return Fail(old.status());
  }
  const RingKey* const found = ring->FindId(old->id);
  if (found == nullptr) {
    return Fail(Status::Invalid(options.unlock.key + ": this key is not in the ring"));
  }
  const RingKey was = *found;
  KeysOptions fresh = options;
  fresh.unlock = options.fresh;
  const Result<PrivateKey> made = MakeKeyFile(fresh, was.name, was.kind);
  if (!made.ok()) {
    return Fail(made.status());
  }
  RingKey part = record::PublicPart(*made);
  part.categories = was.categories;
  ring->Remove(was.name);
  if (const Status status = EnterKey(*custody, &*ring, part, "rotated"); !status.ok()) {
    return Fail(status);
  }
  PrintKey(options.common, part, options.out);
  const int rewrapped =
      ForEachHeld(*custody, options.common, "rewrapped",
                  [&](const std::string& id) { return custody->quarantine->Rewrap(id, *old); });
  if (rewrapped != kDone) {
    PrintError("keep the old key file until 'gatepost keys rewrap --key OLD' ends well");
  }
  return rewrapped;
}

}  // namespace gatepost::cli
