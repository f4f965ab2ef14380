// Internationalised domain names (RFC 5890, UTS #46) behind one door; no DNS is ever asked.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/bytes.h"

namespace gatepost::mail {

// Lower case, U-labels to A-labels (non-transitional), no trailing dot. Total: what is no domain
// comes back ASCII-lowered as it is, with *valid false. Literals ("[192.0.2.1]") are left alone.
std::string NormalDomain(Bytes domain, bool* valid);

// A-labels to U-labels, for rules and people; what is no such label stays. Total.
std::string ShownDomain(Bytes domain);

}  // namespace gatepost::mail
