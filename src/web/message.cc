// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/web/message.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace gatepost::web {

namespace {

std::string ValueOf(const std::map<std::string, std::string>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? std::string() : found->second;
}

}  // namespace

std::string Request::Header(const std::string& lower_name) const {
  return ValueOf(headers, lower_name);
}

std::string Request::Query(const std::string& name) const { return ValueOf(query, name); }

std::string Request::Cookie(const std::string& name) const {
  const std::string all = Header("cookie");
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find(';', at), all.size());
    const Bytes one = AsciiTrim(Bytes(all).substr(at, end - at));
    const size_t equals = one.find('=');
    if (equals != Bytes::npos && one.substr(0, equals) == name) {
      return std::string(one.substr(equals + 1));
    }
    at = end + 1;
  }
  return {};
}

}  // namespace gatepost::web
