// Charsets of headers (and of whoever needs a named charset) to UTF-8, by ICU behind one door.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace gatepost::mail {

// Well-formed UTF-8, always. `charset` is an IANA or MIME name in any case. When it is not known,
// *known is false and the bytes are read as UTF-8 if they are that, else as windows-1252. Bytes
// that the charset does not define become U+FFFD. `iso-8859-1` and `us-ascii` are read as
// windows-1252, as browsers do (WHATWG Encoding). `known` may be null.
std::string ConvertToUtf8(Bytes bytes, std::string_view charset, bool* known);

// UTF-8 if it is that, else windows-1252: for bytes without a label.
std::string GuessUtf8(Bytes bytes);

}  // namespace gatepost::mail
