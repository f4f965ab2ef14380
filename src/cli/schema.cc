// `gatepost schema`: the formats that people write, for the editors in which they write them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/gateway/schema.h"
#include "src/policy/schema.h"
#include "src/ruleset/schema.h"

namespace gatepost::cli {

int SchemaCommand(const Common& /*common*/, const std::string& which) {
  const Json schema = which == "rules"    ? ruleset::RulesSchema()
                      : which == "policy" ? policy::PolicySchema()
                                          : gateway::ConfigSchema();
  PrintLine(schema.dump(2));
  return kDone;
}

}  // namespace gatepost::cli
