// What the console knows of HTTP: a request and a response as plain data, so that everything but
// the socket can be tested without one.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/json.h"

namespace gatepost::console {

struct Request {
  std::string method;                          // "GET"
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query;    // decoded; the first of each name
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string peer;     // address of the client's end
  bool secure = false;  // came over TLS, here or at the trusted proxy

  std::string Header(const std::string& lower_name) const {
    const auto found = headers.find(lower_name);
    return found == headers.end() ? std::string() : found->second;
  }
  std::string Query(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  }
  // RFC 6265 4.2; "" none.
  std::string Cookie(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  static Response Of(const Json& json, int status = 200);
  // {"error": {"code", "message"}}; `code` is a key of the table of words.
  static Response Error(int status, const std::string& code, const std::string& message);
};

}  // namespace gatepost::console
