// What the commands about keys share: entering one in the ring, making its file, and a walk through
// all held mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "src/cli/key_tools.h"

namespace gatepost::cli {

std::string RingFolder(const Custody& custody);
// First the file, then the trail, then the ring: a key in the ring always has its file.
Status EnterKey(const Custody& custody, record::KeyRing* ring, const record::RingKey& key,
             const char* what);
// A new private key in a file of its own (options.out), with a passphrase.
Result<record::PrivateKey> MakeKeyFile(const KeysOptions& options, const std::string& name,
                                    record::KeyKind kind);
void PrintKey(const Common& common, const record::RingKey& key, const std::string& file);
// Each held message to `change`; progress on a terminal. Returns the exit code.
int ForEachHeld(const Custody& custody, const Common& common, const char* word,
                const std::function<Result<bool>(const std::string& id)>& change);

}  // namespace gatepost::cli
