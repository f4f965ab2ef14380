// The format of policy.yaml as JSON Schema, for editors. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/json.h"

namespace gatepost::policy {

Json PolicySchema();

}  // namespace gatepost::policy
