// Is this mail one that no program may answer (RFC 3834 section 2, RFC 2369, RFC 5436)? Looks at
// the header's lines alone, so that the answer is there also for a message whose inspection failed.
// LIMITS: the first kAutomaticBytes of the header.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

#include "src/base/bytes.h"

namespace gatepost::mail {

constexpr size_t kAutomaticBytes = 256 * 1024;

// `raw`: a message or its beginning; lines end with CRLF or LF. True: Auto-Submitted other than
// "no", any List-* field, Precedence bulk, list or junk, X-Auto-Response-Suppress, a delivery
// report, a null Return-Path; and a header longer than the limit, because nobody knows.
bool IsAutomatic(Bytes raw);

}  // namespace gatepost::mail
