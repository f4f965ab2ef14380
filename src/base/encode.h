// Bytes in the form that HTTP headers want.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "src/base/bytes.h"

namespace gatepost {

// RFC 4648 section 4, with padding.
std::string Base64(Bytes data);
// Strict: nothing but its alphabet and the right padding. Empty: it is not base64.
std::optional<std::string> FromBase64(Bytes text);

}  // namespace gatepost
