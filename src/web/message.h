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
  // Names in lower case; a field that came several times is joined by commas (RFC 9110 5.3), so that
  // what a client sent never stands in for what a proxy added.
  std::map<std::string, std::string> headers;
  std::string body;
  std::string peer;     // address of the client's end, as the page's trusted proxy tells it
  bool by_proxy = false;  // came through a proxy that the page trusts
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
