// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/schema.h"

#include "src/base/schema.h"
#include "src/gateway/outbreak_options.h"
#include "src/notice/options.h"

namespace gatepost::gateway {

namespace {

namespace js = schema;

Json Size(const char* description) { return js::Pattern(description, "^[0-9]+(?:[kKMG]|MB|GB)?$"); }

Json Count(const char* description) { return Size(description); }

// A number alone has no unit, and is refused.
Json Time(const char* description) {
  return js::Described(description, {{"type", "string"}, {"pattern", "^[0-9]+(?:ms|s|m|h|d)$"}});
}

Json Limits() {
  return js::Map(
      "Budgets. What hits one is named in the log and has a clause in the policy.",
      {{"message", Size("One message; above it 552 5.3.4.")},
       {"spool", Size("All messages under way together, in memory; above it 451 4.3.2.")},
       {"mime_depth", Count("Parts within parts.")},
       {"mime_parts", Count("Parts of a message.")},
       {"header_fields", Count("In one part.")},
       {"header_field", Size("One field.")},
       {"readings_per_part", Count("Plausible ways to decode a part whose labels conflict.")},
       {"reading_expansion", Count("All readings together, times the message.")},
       {"decoded", Size("Everything unpacked of one message.")},
       {"leaf", Size("One document or archive member.")},
       {"archive_depth", Count("Archives within archives.")},
       {"archive_members", Count("Of one message.")},
       {"archive_ratio", Count("Unpacked to packed, for members over 1 MB.")},
       {"text", Size("Text read out of the documents of one message.")},
       {"views", Size("All forms of it that rules search.")},
       {"inspect_deadline", Time("One attempt; a second follows.")},
       {"queue_deadline", Time("Waiting for a worker; then 451 4.3.2.")},
       {"worker_messages", Count("Then the worker is replaced.")},
       {"worker_memory", Size("Of one worker.")},
       {"scratch", Size("A worker's own tmpfs.")}});
}

Json Antivirus() {
  const Json need = js::Words("required: without signatures all mail hears 451.",
                              {"required", "optional", "off"});
  // Unquoted, off is false to readers of YAML 1.1.
  return js::AnyOf("Virus signatures of libclamav.",
                   {js::AnyOf("", {need, Json{{"const", false}}}),
                    js::Map("", {{"database", js::Text("The folder.")},
                                 {"mode", js::AnyOf("", {need, Json{{"const", false}}})},
                                 {"required", js::Flag("Short for mode: required.")},
                                 {"optional", js::Flag("Short for mode: optional.")},
                                 {"off", js::Flag("Short for mode: off.")},
                                 {"max_age", Time("Older signatures are as good as none.")}})});
}

Json Keep() {
  return js::Map("A share of the accepted mail is kept for replaying rules. Default: none.",
                 {{"sample", js::Pattern("Such as 5%.", "^[0-9.]+%$"), true},
                  {"for", Time("Default: 7d.")},
                  {"size", Size("All of it together.")}});
}

Json Custody() {
  return js::Map(
      "Sealing of held mail, and who may release it.",
      {{"keys", js::Text("Folder of keys.")},
       {"two_persons", js::OneOrMore("Categories that two persons release.", js::Text(""))},
       {"online", js::OneOrMore("Categories that the gateway itself may open.", js::Text(""))},
       {"request_expires", Time("A request for release that nobody answered.")}});
}

Json Heads() {
  return js::Map("Where signed heads of the logs go.",
                 {{"folder", js::Text("A folder.")},
                  {"command", js::Text("A command.")},
                  {"mail", js::OneOrMore("Addresses.", js::Text(""))}});
}

Json Pictures() {
  return js::AnyOf(
      "Pictures, scanned PDFs and QR codes are read as text. Default: off.",
      {js::Flag(""),
       js::Map("", {{"on", js::Flag("")},
                    {"images", Count("Pages and pictures of one message.")},
                    {"pixels", Count("Of one picture.")},
                    {"time", Time("For all pictures of one message.")},
                    {"workers", Count("Processes that read pictures.")},
                    {"languages", js::Text("Folder of tesseract's language data.")}})});
}

}  // namespace

Json ConfigSchema() {
  Json root = js::Map(
      "",
      {{"listen",
        js::Pattern("Where Postfix connects: unix:PATH, inet:PORT@HOST or inet6:PORT@HOST.",
                    "^(?:unix|inet6?):")},
       {"mode", js::Words("observe: inspect and log, accept everything. Default: enforce.",
                          {"enforce", "observe"})},
       {"own_domains",
        js::OneOrMore("Domains whose mail is at home here; .x.example: all below.", js::Text("")),
        true},
       {"own_networks",
        js::OneOrMore("Clients that are us: addresses or CIDR networks.", js::Text(""))},
       {"trusted_relays", js::OneOrMore("Front mail servers in own_networks that pass on mail of "
                                        "the world.",
                                        js::Text(""))},
       {"node", js::Text("Who this is, in the log and in headers. Default: the host name.")},
       {"authserv_id", js::Text("The name under which milters before us write "
                                "Authentication-Results.")},
       {"rules", js::OneOrMore("Folders with rules; a later one wins, rule by rule.", js::Text("")),
        true},
       {"packages", js::OneOrMore("Those of them that installed packages fill: what is new there "
                                  "waits in shadow. Default: below /usr.",
                                  js::Text(""))},
       {"keep", Keep()},
       {"custody", Custody()},
       {"retention", js::MapOf("How long held mail of a category stays: 30d, 12h or never.",
                               js::Pattern("", "^(?:[0-9]+(?:ms|s|m|h|d)|never)$"))},
       {"quota", Size("Of all held mail.")},
       {"heads", Heads()},
       {"notices", notice::OptionsSchema()},
       {"blocks",
        js::Map("What 'gatepost block add' does to mail.",
                {{"action", js::Words("Default: reject (550).", {"reject", "quarantine"})}})},
       {"outbreak", OutbreakSchema()},
       {"policy", js::Text("The file of ordered clauses."), true},
       {"state", js::Text("Folder of held mail, its index, the last good generation.")},
       {"log", js::Text("The decision log: a folder of daily segments, or one .jsonl file.")},
       {"antivirus", Antivirus()},
       {"pictures", Pictures()},
       {"workers",
        js::Whole("Sandboxed processes that read messages. Default: one a core.", 1, 512)},
       {"limits", Limits()},
       {"release",
        js::Text("Where 'gatepost held release' hands mail over: unix:PATH or host:port.")},
       {"metrics",
        js::Pattern("Where Prometheus asks: inet:PORT@HOST or unix:PATH. Off by default.",
                    "^(?:inet:[0-9]+@.+|unix:.+)$")},
       {"console", js::Described("The web console: src/console/README.md.", Json::object())}});
  return js::Document("config", "Gatepost: gatepost.yaml", std::move(root), {});
}

}  // namespace gatepost::gateway
