// The door to nlohmann-json. Dump() never throws: bytes that are not UTF-8 become U+FFFD, because a
// record that cannot be written would defer a message for ever.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "src/base/result.h"

namespace gatepost {

using Json = nlohmann::ordered_json;

// One line, no newline at the end.
std::string DumpJson(const Json& value);
// WHERE names the source in the error text.
Result<Json> ParseJson(const std::string& where, std::string_view text);
// The text of a member; "" where `json` is no object, has no such member, or it is no text.
std::string Word(const Json& json, const char* key);

}  // namespace gatepost
