// One held message on disk: YYYY/MM/DD/ID.eml (the bytes; or ID.sealed and ID.keys) and ID.json
// (what is known, held_json.h). The JSON exists exactly when the entry does. Private to the
// room; format in README.md. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/files.h"
#include "src/base/result.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

// Where an entry stands, told by its id alone. REQUIRES: IsId(id).
struct HeldPaths {
  HeldPaths(const std::string& folder, const std::string& id);
  std::string day;           // FOLDER/2026/11/23
  std::string message;       // DAY/ID.eml
  std::string sealed, keys;  // DAY/ID.sealed, DAY/ID.keys: instead of it
  std::string record;        // DAY/ID.json
  std::string new_message, new_sealed, new_keys, new_record;  // FOLDER/tmp/ID.eml...
  std::string touch;  // FOLDER/tmp/ID.touch: the entry is being changed
};

// Root's command line writes on behalf of whoever owns the folder; nothing for anybody else.
Status GiveToOwnerOf(const std::string& folder, int fd);
// mkdir -p; what was missing of it belongs to the owner of the folder above it, likewise.
Status MakeOwnedFolder(const std::string& folder, unsigned mode);
// A file that is there, likewise; nothing where it is not.
Status GiveFileToOwnerOf(const std::string& folder, const std::string& file);
// A file of FOLDER replaced as a whole, durably, owned by the folder's owner.
Status ReplaceSynced(const std::string& folder, const std::string& path, Bytes data);
// A new file (an old one of that name is replaced), open for writing, owned as below.
Result<Fd> CreateHeld(const std::string& folder, const std::string& path);
// A new file (an old one of that name is replaced), fsynced, owned by the owner of `folder`: what
// root's command line writes must stay readable for the daemon.
Status WriteSynced(const std::string& folder, const std::string& path, Bytes data);
// Copies all of from_fd, from offset 0.
Status CopySynced(const std::string& folder, const std::string& path, int from_fd);
// mkdir -p below folder, durable.
Status MakeDayFolder(const std::string& folder, const std::string& day);
Result<Held> ReadHeld(const std::string& path);

}  // namespace gatepost::record
