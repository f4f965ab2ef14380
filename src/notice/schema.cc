// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/schema.h"

#include "src/notice/options.h"

namespace gatepost::notice {

namespace {

namespace js = schema;

Json Time(const char* description) {
  return js::Described(description, {{"type", "string"}, {"pattern", "^[0-9]+(?:ms|s|m|h|d)$"}});
}

Json Lang() { return js::Words("vi (default) or en.", {"vi", "en"}); }

Json Categories(const char* description) { return js::OneOrMore(description, js::Text("")); }

Json Digest() {
  const Json clerk = js::Map(
      "",
      {{"to", js::OneOrMore("Addresses.", js::Text("")), true},
       {"recipients", js::OneOrMore("Whose held mail: addresses, @domain.", js::Text("")), true},
       {"categories", Categories("Default: all.")},
       {"language", Lang()}});
  return js::AnyOf(
      "Lists of held mail at set times. Default: on where there is a 'mailbox'.",
      {js::Flag(""),
       js::Map("", {{"at", js::OneOrMore("Times of day, local. Default: 07:30, 11:00, 13:30, "
                                         "16:30.",
                                         js::Pattern("", "^[0-9]{1,2}:[0-9]{2}$"))},
                    {"recipients", js::Flag("To recipients of their own. Default: on.")},
                    {"categories", Categories("What recipients are told of. Default: spam.")},
                    {"clerks", js::ListOf("Digests of a unit.", clerk)}})});
}

Json Mailbox() {
  return js::Map("The recipients' page (gatepost mailbox).",
                 {{"listen", js::Pattern("inet:PORT@HOST.", "^inet6?:[0-9]+@.+$")},
                  {"tls", js::Map("PEM files; needed off loopback.",
                                  {{"cert", js::Text(""), true}, {"key", js::Text(""), true}})},
                  {"url", js::Pattern("What links begin with.", "^https?://"), true},
                  {"release", Categories("What recipients release by themselves. Default: spam.")},
                  {"links", Time("How long a link works. Default: 3d.")}});
}

}  // namespace

Json OptionsSchema() {
  return js::AnyOf(
      "Who is told of held mail.",
      {js::Words("Nobody.", {"off", "no"}), Json{{"const", false}},
       js::Map(
           "",
           {{"senders", js::Flag("Our own senders hear that their mail is held. Default: on.")},
            {"language", Lang()},
            {"from", js::Text("From of our mail. Default: postmaster@ the first own domain.")},
            {"contact", js::Text("Whom to ask, in words.")},
            {"officers", js::OneOrMore("Who gets alarms and requests.", js::Text(""))},
            {"on_duty", js::Text("A file of addresses that wins over 'officers'.")},
            {"people", js::MapOf("Addresses of the people of the audit trail.", js::Text(""))},
            {"too_long",
             js::AnyOf("Alarm for what is held longer. Default: 24h, all but spam.",
                       {js::Pattern("", "^(?:[0-9]+(?:ms|s|m|h|d)|never)$"),
                        js::Map("", {{"after", Time("")},
                                     {"categories", Categories("Default: all but spam.")}})})},
            {"priority",
             js::Map("People whose held mail cannot wait.",
                     {{"list", js::Text("A file of addresses and @domain."), true},
                      {"command", js::ListOf("A program and its arguments.", js::Text(""))},
                      {"countersign", Time("Until when a second person signs. Default: 24h.")}})},
            {"digest", Digest()},
            {"mailbox", Mailbox()}})});
}

}  // namespace gatepost::notice
