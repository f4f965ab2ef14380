// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/schema.h"

#include "src/base/schema.h"
#include "src/decode/leaf.h"
#include "src/mail/defect.h"
#include "src/mail/envelope.h"
#include "src/policy/policy.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/schema.h"

namespace gatepost::policy {

namespace {

namespace js = schema;

template <typename Enum>
std::vector<std::string> WordsOf(Enum first, Enum last) {
  std::vector<std::string> words;
  for (auto i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
    words.emplace_back(ToString(static_cast<Enum>(i)));
  }
  return words;
}

std::vector<std::string> DefectNames() {
  std::vector<std::string> words;
  for (int i = 0; i < static_cast<int>(mail::DefectId::kCount); ++i) {
    words.emplace_back(mail::KindOf(static_cast<mail::DefectId>(i)).name);
  }
  return words;
}

Json Severities() {
  return js::Words("At least so grave.",
                   WordsOf(ruleset::Severity::kInfo, ruleset::Severity::kCritical));
}

Json Party(const char* who) {
  return js::Map(std::string(who) + ": any of these.",
                 {{"address", js::OneOrMore("These addresses.", js::Text(""))},
                  {"domain", js::OneOrMore("x.example: that domain; .x.example: what is below.",
                                           js::Text(""))},
                  {"list", js::OneOrMore("In these lists of the rule packs.", js::Text(""))}});
}

Json Bound(const char* description) {
  return js::AnyOf(description, {js::Number(""), js::Words("", {"tag", "reject"})});
}

Json When() {
  const Json nested = js::AnyOf("", {js::Reference("when"), js::ListOf("", js::Reference("when"))});
  return js::Map(
      "All of these must hold; {} always does.",
      {{"all", js::Described("All of these maps.", nested)},
       {"any", js::Described("One of these maps.", nested)},
       {"not", js::Described("None of these maps.", nested)},
       {"direction", js::OneOrMore("The recipient's copy goes that way.",
                                   js::Words("", WordsOf(mail::Direction::kInbound,
                                                         mail::Direction::kRelay)))},
       {"role", js::OneOrMore("RFC 2142 names of ours.", js::Words("", {"postmaster", "abuse"}))},
       {"infected", js::Flag("The virus scanner found something.")},
       {"known_correspondent", js::Flag("The recipient wrote to this sender within 90 days.")},
       {"score", js::Map("The message's score; a number, or the name of a threshold.",
                         {{"at_least", Bound("At least.")}, {"below", Bound("Less than.")}})},
       {"rules", js::OneOrMore("One of these rules hit; with * and ?.", js::Text(""))},
       {"groups", js::OneOrMore("A rule of one of these groups hit.", js::Text(""))},
       {"severity", Severities()},
       {"levels", js::OneOrMore("A marking of one of these levels.",
                                js::Words("", WordsOf(ruleset::Level::kMat,
                                                      ruleset::Level::kOther)))},
       {"defects",
        js::Map("What is odd about the message.",
                {{"grade", js::Words("At least: A legal but odd, B malformed but common, C "
                                     "ambiguous.",
                                     {"A", "B", "C"})},
                 {"ids", js::OneOrMore("These.", js::Words("", DefectNames()))}})},
       {"unscannable",
        js::AnyOf("Something could not be read: for any reason (true), or for one of these.",
                  {js::Words("", {"true"}), Json{{"const", true}},
                   js::OneOrMore("", js::Words("", WordsOf(static_cast<decode::Reason>(0),
                                                           decode::kLastReason)))})},
       {"facts", js::Reference("facts")},
       {"sender", Party("The envelope sender")},
       {"recipient", Party("The recipient")}});
}

Json Facts() {
  Json map = js::MapOf(
      "Facts that are so. false: absent, or not true.",
      js::AnyOf("", {js::OneOrMore("", js::Text("")),
                     js::Map("", {{"at_least", js::Number("")}, {"below", js::Number("")}})}));
  map["propertyNames"] = ruleset::FactName("", false);
  return map;
}

Json Then() {
  return js::Map(
      "What is done.",
      {{"action", js::Words("", WordsOf(Action::kAccept, Action::kDefer)), true},
       {"scope", js::Words("message: one recipient is enough to refuse the whole (reject). "
                           "Default: recipient.",
                           {"message", "recipient"})},
       {"store", js::Flag("false: nothing of the message is kept (reject with scope: message).")},
       {"code", js::Pattern("Reply of reject and defer. Default: 550 5.7.1, 451 4.7.1.",
                            "^[45][0-9]{2} [45]\\.[0-9]{1,3}\\.[0-9]{1,3}$")},
       {"text", js::Map("What the sender is told (reject and defer): ASCII, naming no rule.",
                        {{"en", js::Text("In English."), true},
                         {"vi", js::Text("In Vietnamese without accents."), true}})}});
}

Json Clause() {
  return js::Map(
      "The first clause that fits a recipient decides for it.",
      {{"name", js::Pattern("Unique; stands in logs, headers and lists.", "^[a-z0-9-]+$"), true},
       {"why", js::Text("One sentence for people.")},
       {"basis", js::Text("The law or rule of the house that it rests on.")},
       {"category", js::Text("For lists: spam, virus, marking, freemail, unscannable, ambiguous, "
                             "phish or policy. Needed by all that do not accept.")},
       {"mode", js::Words("shadow: decides nothing, is named in the record. Default: enforce.",
                          WordsOf(ruleset::Mode::kShadow, ruleset::Mode::kEnforce))},
       {"when", js::Reference("when"), true},
       {"then", js::Reference("then"), true}});
}

}  // namespace

Json PolicySchema() {
  Json root = js::Map(
      "",
      {{"policy", js::Described("The version of this format.", Json{{"const", 1}}), true},
       {"title", js::AnyOf("", {js::Text(""), js::Map("", {{"en", js::Text("")},
                                                           {"vi", js::Text("")}})})},
       {"thresholds", js::Map("Names for scores; tag is also what X-Spam-Status requires.",
                              {{"tag", js::Number("Default: 5.")},
                               {"reject", js::Number("Default: 15.")}})},
       {"markings", js::Map("Which hits count as markings: records then keep no names and keyed "
                            "digests.",
                            {{"groups", js::OneOrMore("Of these groups.", js::Text(""))},
                             {"severity", Severities()}})},
       {"clauses", js::ListOf("In order.", js::Reference("clause")), true}});
  return js::Document("policy", "Gatepost: the policy", std::move(root),
                      {{"clause", Clause()},
                       {"when", When()},
                       {"facts", Facts()},
                       {"then", Then()}});
}

}  // namespace gatepost::policy
