// The fields that say who writes to whom: From, Sender, Subject... of the outermost message.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"
#include "src/mail/message.h"
#include "src/mail/report.h"

namespace gatepost::mail {

// Fields that may stand once (RFC 5322 3.6, RFC 2045 4) and From's contents.
void JudgeIdentity(Bytes raw, const Part& root, Report* report);

}  // namespace gatepost::mail
