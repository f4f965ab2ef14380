// How the console answers: in JSON, errors in one form.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/web/message.h"

namespace gatepost::console {

using web::Request;

struct Response : web::Response {
  static Response Of(const Json& json, int status = 200);
  // {"error": {"code", "message"}}; `code` is a key of the table of words.
  static Response Error(int status, const std::string& code, const std::string& message);
};

}  // namespace gatepost::console
