// A held message under its own key: ID.sealed. First frame: what people read of it (subject,
// From); then the bytes; the last frame is marked, so that a cut file does not pass for a short
// one. The id is authenticated with every frame: content cannot be moved to another entry. Private
// to the room; format in README.md. LIMITS: as the message; frames of 64 KiB.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/base/seal.h"

namespace gatepost::record {

struct SealedWords {
  std::string subject, header_from;
};

// A new file at `path` (fsynced, as WriteSynced), from all of from_fd.
Status WriteSealed(const std::string& folder, const std::string& path, const std::string& id,
                   const Secret& key, const SealedWords& words, int from_fd);
// Any bytes: kInvalid when they are not what was sealed under this id and key.
Status OpenSealed(Bytes sealed, const std::string& id, const Secret& key, SealedWords* words,
                  std::string* message);
// The first frame alone: cheap, for lists. `head`: the file's first kSealedHead bytes or fewer.
constexpr size_t kSealedHead = 8 + kStreamHeaderBytes + 4 + kStreamPiece + kStreamOverhead;
Status OpenSealedWords(Bytes head, const std::string& id, const Secret& key, SealedWords* words);

}  // namespace gatepost::record
