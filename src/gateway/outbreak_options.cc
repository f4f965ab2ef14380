// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/outbreak_options.h"

#include "src/base/quantity.h"
#include "src/base/schema.h"
#include "src/mail/address.h"

namespace gatepost::gateway {

namespace {

void CheckAddress(const YamlNode& place, const std::string& text, Diagnostics* diagnostics) {
  const mail::Address address = mail::Address::Parse(text);
  if (!address.valid() || address.domain().empty()) {
    diagnostics->Error(place.place, "'" + text + "' is not an address such as desk@office.example");
  }
}

}  // namespace

void OutbreakOptions::Read(const YamlNode& node, Diagnostics* diagnostics) {
  YamlMap map(node, "outbreak", diagnostics);
  if (map.TakeStrings("mail", &mail)) {
    for (const std::string& one : mail) {
      CheckAddress(*node.Find("mail"), one, diagnostics);
    }
  }
  if (map.TakeString("from", &from)) {
    CheckAddress(*node.Find("from"), from, diagnostics);
  }
  if (map.TakeStrings("command", &command) &&
      (command.empty() || command[0].empty() || command[0][0] != '/')) {
    diagnostics->Error(node.Find("command")->place,
                       "'command' is a program by its whole path and its words: "
                       "[/usr/local/bin/tell-desk, --urgent]");
  }
  std::string language;
  if (map.TakeString("language", &language)) {
    vietnamese = language == "vi";
    if (!vietnamese && language != "en") {
      diagnostics->Error(node.Find("language")->place, "'language' must be vi or en");
    }
  }
  Quantities take(&map, diagnostics);
  take.Size("above", 2, 999, &above);
  take.Size("account_above", 2, 999, &account_above);
  take.Time("every", 60'000, 86'400'000,
            [this](uint64_t ms) { every_ms = static_cast<int64_t>(ms); });
  map.Finish();
}

Json OutbreakSchema() {
  namespace js = schema;
  return js::Map(
      "When the same content spreads: one alert to the IT desk, then updates.",
      {{"mail", js::OneOrMore("Addresses of the IT desk.", js::Text(""))},
       {"from", js::Text("The From field. Default: gatepost@ the first of own_domains.")},
       {"command", js::OneOrMore("A program and its words, without a shell; the alert comes as "
                                 "JSON on standard input; 60 s.",
                                 js::Text(""))},
       {"language", js::Words("Of the mail. Default: vi.", {"vi", "en"})},
       {"above", js::Whole("More different recipients or senders of one content within an hour. "
                           "Default: 20.",
                           2, 999)},
       {"account_above", js::Whole("More different recipients of one of our accounts within an "
                                   "hour. Default: 100.",
                                   2, 999)},
       {"every", js::Pattern("Between updates. Default: 30m.", "^[0-9]+(?:ms|s|m|h|d)$")}});
}

}  // namespace gatepost::gateway
