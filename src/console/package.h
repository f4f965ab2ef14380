// A copy of a held letter as a zip with a password (AES-256 as WinZip and 7-Zip read it), so that
// no mail reader, indexer or antivirus on the way opens it by itself.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost::console {

// 20 letters and digits that nobody confuses: 100 random bits.
std::string MakePassword();
// The zip's bytes. name: of the one member, ASCII.
Result<std::string> PackEncrypted(const std::string& name, Bytes bytes,
                                  const std::string& password);

}  // namespace gatepost::console
