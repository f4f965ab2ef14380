// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/schema.h"

#include "src/base/schema.h"
#include "src/ruleset/names.h"
#include "src/text/view.h"

namespace gatepost::ruleset {

namespace {

namespace js = schema;
using js::Property;

constexpr const char* kId = "^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,63}$";

std::vector<std::string> Forms() {
  std::vector<std::string> words;
  for (size_t i = 0; i < text::kFormCount; ++i) {
    words.emplace_back(text::ToString(static_cast<text::Form>(i)));
  }
  return words;
}

template <typename Enum>
std::vector<std::string> WordsOf(Enum first, Enum last) {
  std::vector<std::string> words;
  for (auto i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
    words.emplace_back(ToString(static_cast<Enum>(i)));
  }
  return words;
}

Json Title() {
  return js::AnyOf("What a person reads in lists and in the log.",
                   {js::Text(""), js::Map("", {{"en", js::Text("In English.")},
                                               {"vi", js::Text("In Vietnamese.")}})});
}

Json Zone() {
  std::vector<std::string> words = FixedZones();
  words.emplace_back("any");
  return js::AnyOf(
      "", {js::Words("", words), js::Pattern("", "^[Hh][Ee][Aa][Dd][Ee][Rr]:[^ :*]+$"),
           js::Pattern("", "^sa:(?:header|mime):[^ *]+$")});
}

Json Expressions(const char* description) { return js::OneOrMore(description, js::Text("")); }

// Of every rule.
std::vector<Property> Common() {
  return {
      {"id", js::Pattern("Unique in its folder; a later folder replaces the rule of this id.", kId),
       true},
      {"title", Title()},
      {"why", js::Text("One sentence, so that a colleague understands the rule in two years. Shown "
                       "to whoever asks why a message was stopped.")},
      {"group", js::Text("Hits of one group count once in the score; policies name groups.")},
      {"basis", js::Text("The law or rule of the house that it rests on.")},
      {"severity", js::Words("How grave a hit is; policies ask for it. Default: info.",
                             WordsOf(Severity::kInfo, Severity::kCritical))},
      {"level", js::Words("How secret the marking is that it finds.",
                          WordsOf(Level::kMat, Level::kFromMatch))},
      {"score", js::NumberWithin("Added to the message's score. Default: 0.", -100, 100)},
      {"part", js::Flag("true: for conditions only, never shown, logged or scored.")},
      {"log", js::Map("What may be kept of a hit.",
                      {{"snippet", js::Flag("false: the matched text is never shown or stored. For "
                                            "markings and personal data. Default: true.")}})},
      {"mode", js::Words("shadow: evaluated and logged, without effect. Default: enforce.",
                         WordsOf(Mode::kShadow, Mode::kEnforce))},
  };
}

Json TextRule() {
  std::vector<Property> properties = Common();
  const std::vector<Property> own = {
      {"zones", js::OneOrMore("Where it looks.", js::Reference("zone")), true},
      {"form",
       js::Words("How the text is normalised before it is searched. nfc: accents as "
                 "written; fold: lower case without accents; leet: fold with 0 as o; compact: "
                 "without blanks. Default: nfc.",
                 Forms())},
      {"caseless", js::Flag("Capitals and small letters are alike. Default: false.")},
      {"first_lines", js::Whole("Only in so many paragraphs from the top; 0: all.", 0, 1'000'000)},
      {"match", Expressions("Expressions, any of which is enough. <B> and <E> are the edges of a "
                            "word.")},
      {"mask", Expressions("Blanked out before anything else.")},
      {"unless", Expressions("A paragraph in which one matches is left out.")},
      {"times", js::Whole("What a hit counts at most in a condition's calc.", 1, 65'535)},
      {"lists",
       js::OneOrMore("Lists whose addresses, domains or words are looked for.", js::Text(""))},
      {"examples",
       js::Map("Run by the linter, by 'gatepost rules test' and at each reload.",
               {{"match", js::OneOrMore("Must match.", js::Reference("example")), true},
                {"no_match", js::OneOrMore("Must not match.", js::Reference("example")), true}}),
       true},
  };
  properties.insert(properties.end(), own.begin(), own.end());
  Json out = js::Map("A rule that looks for text.", properties);
  out["anyOf"] = Json::array({{{"required", {"match"}}}, {{"required", {"lists"}}}});
  return out;
}

Json ConditionRule() {
  std::vector<Property> properties = Common();
  const std::vector<Property> own = {
      {"when", js::Described("What must be so.", js::Reference("condition")), true},
      {"examples",
       js::Map("Run by the linter, by 'gatepost rules test' and at each reload.",
               {{"match", js::OneOrMore("Must hold.", js::Reference("situation")), true},
                {"no_match", js::OneOrMore("Must not hold.", js::Reference("situation")), true}}),
       true},
  };
  properties.insert(properties.end(), own.begin(), own.end());
  return js::Map("A rule over the hits of other rules and over facts.", properties);
}

Json ConditionShape() {
  Json map = js::Map(
      "",
      {{"all", js::ListOf("All of these.", js::Reference("condition"))},
       {"within_lines",
        js::Whole("with all: its text rules within so many lines of each other.", 1, 10'000)},
       {"any", js::ListOf("At least one of these.", js::Reference("condition"))},
       {"not", js::Described("This does not hold.", js::Reference("condition"))},
       {"count",
        js::Map("So many of these.", {{"at_least", js::Whole("", 1, 10'000), true},
                                      {"of", js::ListOf("", js::Reference("condition")), true}})},
       {"rule", js::Text("This rule hit; with * and ? one of those that fit.")},
       {"zones", js::OneOrMore("with rule: in one of these zones.", js::Reference("zone"))},
       {"places", js::Whole("with rule: on so many lines of one text.", 1, 64)},
       {"group", js::Text("A rule of this group hit.")},
       {"fact", FactName("This is known of the message.", true)},
       {"is", js::OneOrMore("with fact: it is one of these.", js::Text(""))},
       {"matches", js::OneOrMore("with fact: it fits one of these, with * and ?.", js::Text(""))},
       {"below", js::Number("with fact: it is less.")},
       {"above", js::Number("with fact: it is more.")},
       {"calc", js::Text("Arithmetic over hits: 'A + 2 * B >= 3 && !C'.")},
       {"list", js::Text("with of: the fact's value is in this list.")},
       {"of", FactName("with list: which fact.", true)}});
  Json one_of = Json::array();
  for (const char* kind : {"all", "any", "not", "count", "rule", "group", "fact", "list", "calc"}) {
    one_of.push_back({{"required", {kind}}});
  }
  map["oneOf"] = std::move(one_of);
  map["dependencies"] = {{"within_lines", {"all"}}, {"zones", {"rule"}},   {"places", {"rule"}},
                         {"is", {"fact"}},          {"matches", {"fact"}}, {"below", {"fact"}},
                         {"above", {"fact"}},       {"of", {"list"}},      {"list", {"of"}}};
  return js::AnyOf("A test, or the id of a rule that hit.", {js::Text(""), std::move(map)});
}

Json ExampleShape() {
  return js::AnyOf("A text as it stands in the mail, or a mail of its own.",
                   {js::Text(""),
                    js::Map("", {{"text", js::Text("The text."), true},
                                 {"zone", js::Described("Where it stands; one of the rule's zones.",
                                                        js::Reference("zone"))}}),
                    js::Reference("mail")});
}

Json MailExample() {
  return js::Map(
      "A whole message, inspected as mail is.",
      {{"file", js::Pattern("An .eml file, beside the file of rules or below.", "\\.eml$"), true},
       {"direction",
        js::Words("Which way it goes. Default: inbound.", {"inbound", "outbound", "internal"})}});
}

Json Situation() {
  return js::AnyOf(
      "What is so: facts, and rules that hit.",
      {js::Map("", {{"facts", js::MapOf("Facts with their values.", js::Text(""))},
                    {"rules", js::OneOrMore("Rules that hit, in as many places as needed; 'ID "
                                            "once' in one place.",
                                            js::Text(""))}}),
       js::Reference("mail")});
}

Json PackShape() {
  const Json list = js::AnyOf("Entries, or a file of them beside this one.",
                              {js::Text(""), js::ListOf("", js::Text(""))});
  return js::Map(
      "A file of rules.",
      {{"pack", js::Pattern("Its name. Default: the file's.", kId)},
       {"version", js::Text("For people.")},
       {"title", Title()},
       {"jurisdiction", js::Text("Whose law, such as VN.")},
       {"default", js::Flag("off: all its rules are in shadow mode. Default: on.")},
       {"imported", js::Text("From what a program made it; its rules need no examples.")},
       {"law", js::OneOrMore("Laws it rests on.", js::Text(""))},
       {"reviewed_by", js::OneOrMore("Who read it, and when.", js::Text(""))},
       {"sources", js::OneOrMore("Where its examples come from.", js::Text(""))},
       {"needs_views", js::OneOrMore("For people.", js::Text(""))},
       {"macros", js::MapOf("Pieces of expressions, used as <NAME> or @NAME. A list becomes "
                            "(?:a|b|c).",
                            js::OneOrMore("", js::Text("")))},
       {"lists", js::MapOf("Named lists, for 'lists:' or as @NAME.", list)},
       {"rules", js::ListOf("", js::Reference("rule"))}});
}

}  // namespace

Json FactName(std::string_view description, bool globs) {
  std::vector<std::string> fixed;
  std::string families;
  for (const std::string& fact : KnownFacts()) {
    if (fact.back() != '.') {
      fixed.push_back(fact);
      continue;
    }
    families += (families.empty() ? "^(?:" : "|") + fact.substr(0, fact.size() - 1);
  }
  families += ")\\.[a-z-]+$";
  std::vector<Json> choices = {js::Words("", fixed), js::Pattern("", families)};
  if (globs) {
    choices.push_back(js::Pattern("", "[*?]"));
  }
  return js::AnyOf(description, std::move(choices));
}

Json RulesSchema() {
  // A list of rules, one rule, or a pack: told apart by what only they have, so that an editor
  // checks against one of them and not against all.
  Json root = {{"if", {{"type", "array"}}},
               {"then", {{"items", js::Reference("rule")}}},
               {"else",
                {{"if", {{"type", "object"}, {"required", {"id"}}}},
                 {"then", js::Reference("rule")},
                 {"else",
                  {{"if", {{"type", "object"}, {"required", {"imported"}}}},
                   {"then", js::Reference("imported-pack")},
                   {"else", js::Reference("pack")}}}}}};
  Json rule = {{"if", {{"type", "object"}, {"required", {"when"}}}},
               {"then", js::Reference("condition-rule")},
               {"else", js::Reference("text-rule")}};
  return js::Document("rules", "Gatepost: a file of rules", std::move(root),
                      {{"pack", PackShape()},
                       // What a program wrote nobody completes by hand.
                       {"imported-pack", js::MapOf("A pack that was imported.", Json::object())},
                       {"rule", std::move(rule)},
                       {"text-rule", TextRule()},
                       {"condition-rule", ConditionRule()},
                       {"condition", ConditionShape()},
                       {"example", ExampleShape()},
                       {"situation", Situation()},
                       {"mail", MailExample()},
                       {"zone", Zone()}});
}

}  // namespace gatepost::ruleset
