// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/ring_tools.h"

#include <cstdio>

#include "src/cli/terminal.h"

namespace gatepost::cli {

std::string RingFolder(const Custody& custody) {
  return custody.config.custody.KeysFolder(custody.config.state);
}

Status EnterKey(const Custody& custody, record::KeyRing* ring, const record::RingKey& key,
                const char* what) {
  GATEPOST_RETURN_IF_ERROR(ring->Add(key));
  std::string categories;
  for (const std::string& one : key.categories) {
    categories += (categories.empty() ? "" : ",") + one;
  }
  GATEPOST_RETURN_IF_ERROR(custody.Tell(record::AuditKind::kKeyChange, "", "",
                                        {{"what", what},
                                         {"name", key.name},
                                         {"key", key.id},
                                         {"kind", record::ToString(key.kind)},
                                         {"categories", categories.empty() ? "all" : categories}}));
  return ring->Save(RingFolder(custody));
}

Result<record::PrivateKey> MakeKeyFile(const KeysOptions& options, const std::string& name,
                                       record::KeyKind kind) {
  if (options.out.empty()) {
    return Status::Invalid("name the file for the private key: --out FILE");
  }
  record::PrivateKey key = record::MakePrivateKey(name, kind);
  GATEPOST_ASSIGN_OR_RETURN(const Secret passphrase,
                            Passphrase(options.unlock, "the new key of " + name, true));
  PassphraseCost cost;
  GATEPOST_RETURN_IF_ERROR(record::WritePrivateKey(options.out, key, &passphrase, cost));
  return key;
}

void PrintKey(const Common& common, const record::RingKey& key, const std::string& file) {
  if (common.json) {
    PrintLine(DumpJson({{"id", key.id},
                        {"name", key.name},
                        {"kind", record::ToString(key.kind)},
                        {"file", file}}));
  } else {
    PrintLine(key.id + "  " + key.name + " (" + record::ToString(key.kind) + ")" +
              (file.empty() ? "" : "  private key in " + file));
  }
}

int ForEachHeld(const Custody& custody, const Common& common, const char* word,
                const std::function<Result<bool>(const std::string& id)>& change) {
  const Result<std::vector<record::Held>> list = custody.quarantine->List({});
  if (!list.ok()) {
    return Fail(list.status());
  }
  size_t done = 0;
  size_t changed = 0;
  size_t failed = 0;
  for (const record::Held& held : *list) {
    if (held.state != record::HeldState::kDeleted) {
      const Result<bool> result = change(held.id);
      if (!result.ok()) {
        PrintError(result.status().message());
        ++failed;
      } else if (*result) {
        ++changed;
      }
    }
    if (++done % 500 == 0) {
      std::fprintf(stderr, "%zu of %zu looked at, %zu %s\n", done, list->size(), changed, word);
    }
  }
  if (common.json) {
    PrintLine(DumpJson({{"looked_at", done}, {word, changed}, {"failed", failed}}));
  } else {
    PrintLine(std::to_string(changed) + " " + word + ", " + std::to_string(failed) +
              " could not be");
  }
  return failed == 0 ? kDone : kIncomplete;
}

}  // namespace gatepost::cli
