// Scripts and data: URIs are read in decode/, which opens what they carry; here they are signs.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/decode/script.h"

namespace gatepost::text {

using decode::kMostScriptBytes;
using decode::PercentDecoded;
using decode::ReadDataUri;
using decode::ReadScript;
using decode::ScriptSigns;
using decode::TakeHiddenData;
using decode::TakePayload;

}  // namespace gatepost::text
