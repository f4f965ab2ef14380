// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/json.h"

namespace gatepost {

std::string DumpJson(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Result<Json> ParseJson(const std::string& where, std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return Status::Invalid(where + ": not valid JSON");
  }
  return value;
}

std::string Word(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace gatepost
