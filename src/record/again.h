// A held message before it is released, under today's rules and signatures: what is asked of gatepostd
// and what its answer means. One for the command line, the console and the recipients' page.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

struct Reinspection {
  std::vector<std::string> infections;  // names
  std::string category;                 // of the clause that would decide today; "" none
};

// {"do": "scan", ...}, for the control socket together with the message.
Json ScanAgain(const Held& held);
// kUnavailable: the inspection was not finished, or the answer is not one.
Result<Reinspection> ReadAgain(const Json& answer);

}  // namespace gatepost::record
