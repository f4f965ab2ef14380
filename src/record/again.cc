// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/again.h"

#include "src/base/utf8.h"

namespace gatepost::record {

Json ScanAgain(const Held& held) {
  Json request = {{"do", "scan"},
                  {"file", held.id},
                  {"from", ToValidUtf8(held.envelope.sender.spelling())},
                  {"rcpt", Json::array()},
                  {"client_ip", held.envelope.client_ip},
                  {"auth", held.envelope.auth_user}};
  for (const mail::Recipient& one : held.envelope.recipients) {
    request["rcpt"].push_back(ToValidUtf8(one.address.spelling()));
  }
  return request;
}

Result<Reinspection> ReadAgain(const Json& answer) {
  const auto infections = answer.find("infections");
  if (infections == answer.end() || !infections->is_array() ||
      answer.value("action", "") == "defer") {
    return Status::Unavailable("the inspection could not be finished");
  }
  Reinspection today;
  for (const Json& one : *infections) {
    today.infections.push_back(one.value("name", "unnamed"));
  }
  today.category = answer.value("category", "");
  return today;
}

}  // namespace gatepost::record
