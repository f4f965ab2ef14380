// A held entry as JSON, which is the truth about it. Private to the room; format in README.md.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

Json HeldToJson(const Held& held);
// WHERE names the file in the error's text. Everything is checked: people edit files.
Result<Held> HeldFromJson(const std::string& where, const Json& json);

}  // namespace gatepost::record
