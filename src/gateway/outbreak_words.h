// What the IT desk reads about an outbreak, in Vietnamese or English.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/gateway/outbreak_desk.h"

namespace gatepost::gateway {

struct OutbreakWords {
  std::string subject, body;
};
// LIMITS: 500 recipients and 50 senders are named, then how many more there are.
OutbreakWords DescribeOutbreak(const OutbreakCase& one, bool vietnamese, const std::string& node);

}  // namespace gatepost::gateway
