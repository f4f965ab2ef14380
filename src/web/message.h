// What our pages know of HTTP: a request and a response as plain data, so that everything but the
// socket can be tested without one.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gatepost::web {

struct Request {
  std::string method;                          // "GET"
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query;    // of query and form, decoded; the first of each name
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string peer;     // address of the client's end
  bool secure = false;  // came over TLS, here or at a proxy that the page trusts

  std::string Header(const std::string& lower_name) const;
  std::string Query(const std::string& name) const;
  // RFC 6265 4.2; "" none.
  std::string Cookie(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

}  // namespace gatepost::web
