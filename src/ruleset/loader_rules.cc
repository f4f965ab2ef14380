// One rule of a file: what a text rule and a condition have in common, and what only one has.
// LIMITS: 20,000 rules, 64 expressions and 200 examples of each kind a rule.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/digest.h"
#include "src/ruleset/condition.h"
#include "src/ruleset/lint.h"
#include "src/ruleset/loader.h"
#include "src/ruleset/names.h"
#include "src/ruleset/words.h"

namespace gatepost::ruleset {

namespace {

constexpr size_t kMaxRules = 20'000;
constexpr size_t kMaxExpressions = 64;
constexpr size_t kMaxExamples = 200;
constexpr size_t kMaxMailExample = 1U << 20;  // bytes
const std::vector<std::string> kSeverityWords = {"info", "low", "medium", "high", "critical"};
const std::vector<std::string> kLevelWords = {"mat", "toi-mat", "tuyet-mat", "other", "from-match"};

// So that a right key is not taken for a slip of another one.
bool IsUnknownKey(const std::string& name) {
  static const std::set<std::string> known = {
      "id",    "title", "why",    "group", "basis",       "severity", "level",   "score",
      "log",   "mode",  "part",   "when",  "zones",       "form",     "times",   "caseless",
      "match", "mask",  "unless", "lists", "first_lines", "examples", "no_match"};
  return known.count(name) == 0;
}

// Is one of the map's keys a slip of `key`? It is named as unknown, and what is missing because of
// it need not be said as well.
bool Misspelt(const YamlNode& node, const std::string& key) {
  constexpr size_t kSlip = 2;
  return node.is_map() &&
         std::any_of(node.entries.begin(), node.entries.end(), [&](const auto& entry) {
           const std::string& name = entry.first.scalar;
           return name != key && name.size() + kSlip >= key.size() &&
                  name.size() <= key.size() + kSlip && IsUnknownKey(name) &&
                  !Nearest(AsciiLower(name), {key}).empty();
         });
}

}  // namespace

void Loader::ReadRules(const File& file) {
  const YamlNode* rules = file.root.Find("rules");
  if (rules == nullptr || rules->is_null()) {
    return;
  }
  if (!rules->is_sequence()) {
    diagnostics_->Error(rules->place, "'rules' must be a list ('- id: ..')");
    return;
  }
  for (const YamlNode& node : rules->items) {
    if (full_) {
      return;
    }
    ReadRule(file, node);
  }
}

void Loader::ReadRule(const File& file, const YamlNode& node) {
  YamlMap map(node, "a rule", diagnostics_);
  Rule rule;
  rule.place = node.place;
  rule.pack = file.pack.name;
  if (!map.TakeString("id", &rule.id) || !IsId(rule.id)) {
    diagnostics_->Error(node.place,
                        "a rule needs 'id: NAME', of letters, digits, '-', '_' and '.'");
  }
  Diagnostics unused;  // what was imported has the titles that its authors gave it
  const bool imported = !file.pack.imported.empty();
  ReadTitle(&map, node.place, "rule " + rule.id, &rule.title_en, &rule.title_vi,
            imported ? &unused : diagnostics_);
  map.TakeString("why", &rule.why);
  map.TakeString("group", &rule.group);
  map.TakeString("basis", &rule.basis);
  std::string word;
  rule.severity_given = map.TakeString("severity", &word);
  if (rule.severity_given && !SeverityFromString(word, &rule.severity)) {
    diagnostics_->Error(node.Find("severity")->place,
                        "'" + word +
                            "' is no severity: info, low, "
                            "medium, high or critical" +
                            DidYouMean(AsciiLower(word), kSeverityWords));
  }
  if (map.TakeString("level", &word) && !LevelFromString(word, &rule.level)) {
    diagnostics_->Error(node.Find("level")->place, "'" + word +
                                                       "' is no level: mat, toi-mat, "
                                                       "tuyet-mat, other or from-match" +
                                                       DidYouMean(AsciiLower(word), kLevelWords));
  }
  if (map.TakeDouble("score", &rule.score) && (rule.score < -100 || rule.score > 100)) {
    diagnostics_->Error(node.Find("score")->place, "'score' must be from -100 to 100");
  }
  if (const YamlNode* log = map.Take("log")) {
    YamlMap inner(*log, "'log'", diagnostics_);
    inner.TakeBool("snippet", &rule.log_snippet);
    inner.Finish();
  }
  rule.mode = file.pack.on ? Mode::kEnforce : Mode::kShadow;
  if (map.TakeString("mode", &word)) {
    Mode mode = rule.mode;
    if (!ModeFromString(word, &mode)) {
      diagnostics_->Error(node.Find("mode")->place,
                          "'" + word + "' is no mode: shadow or enforce" +
                              DidYouMean(AsciiLower(word), {"shadow", "enforce"}));
    }
    rule.mode = file.pack.on ? mode : Mode::kShadow;  // a pack that is off is off as a whole
    if (mode == Mode::kEnforce && !file.pack.on) {
      diagnostics_->Warning(
          node.Find("mode")->place,
          "the pack is off ('default: off'), so the rule is in shadow mode: leave "
          "'mode' out, or switch the pack on");
    }
  }
  map.TakeBool("part", &rule.part);
  const YamlNode* when = map.Take("when");
  if (when != nullptr) {
    ReadConditionRule(*when, &map, &rule);
  } else {
    ReadTextRule(node, &map, &rule);
  }
  ReadExamples(file, node, &map, !imported, &rule);
  map.Finish();
  rule.digest = DigestOf(node, rule);
  if (!imported) {
    LintRule(rule, diagnostics_);  // of others' rules the report of the import tells
  }
  AddRule(file, std::move(rule));
}

std::string Loader::DigestOf(const YamlNode& node, const Rule& rule) {
  Sha256 digest;
  // Each node says how many follow it, so that two trees never look alike.
  std::vector<const YamlNode*> todo{&node};
  while (!todo.empty()) {
    const YamlNode& one = *todo.back();
    todo.pop_back();
    digest.Update(std::to_string(static_cast<int>(one.kind)) + ' ' +
                  std::to_string(one.scalar.size()) + ' ' + std::to_string(one.items.size()) + ' ' +
                  std::to_string(one.entries.size()) + ' ' + one.scalar);
    for (const YamlNode& item : one.items) {
      todo.push_back(&item);
    }
    for (const auto& [key, value] : one.entries) {
      todo.push_back(&key);
      todo.push_back(&value);
    }
  }
  for (const auto* expressions : {&rule.match, &rule.mask, &rule.unless}) {
    for (const Expression& one : *expressions) {
      digest.Update(std::to_string(one.expanded.size()) + ' ' + one.expanded);
    }
  }
  digest.Update(ToString(rule.mode));
  return digest.FinishHex().substr(0, 32);
}

void Loader::ReadZones(const YamlNode& node, YamlMap* map, Rule* rule) {
  std::vector<std::string> names;
  if (!map->TakeStrings("zones", &names) || names.empty()) {
    if (Misspelt(node, "zones")) {
      return;
    }
    diagnostics_->Error(node.place, "rule " + rule->id +
                                        " needs 'zones': where it looks, such as "
                                        "[subject, body, attachment]");
    return;
  }
  std::set<std::string> seen;
  const auto add = [&](const std::string& zone) {
    if (seen.insert(zone).second) {
      rule->zones.push_back(zone);
    }
  };
  for (std::string name : names) {
    if (name.substr(0, 7) == "header:" || name.substr(0, 3) == "sa:") {
      name = AsciiLower(name);
    }
    if (name == "any") {
      std::for_each(AnyZones().begin(), AnyZones().end(), add);
    } else if (IsZone(name)) {
      add(name);
    } else {
      diagnostics_->Error(node.Find("zones")->place, UnknownZone(name));
    }
  }
}

void Loader::ReadExpressions(YamlMap* map, const std::string& key, const Rule& rule,
                             std::vector<Expression>* out) {
  const YamlNode* node = map->Take(key);
  if (node == nullptr || node->is_null()) {
    return;
  }
  std::vector<const YamlNode*> items;
  if (node->is_sequence()) {
    for (const YamlNode& item : node->items) {
      items.push_back(&item);
    }
  } else {
    items.push_back(node);
  }
  if (items.size() > kMaxExpressions) {
    diagnostics_->Error(node->place,
                        "'" + key + "' holds more than 64 expressions: split the rule");
    return;
  }
  for (const YamlNode* item : items) {
    Expression expression;
    if (!item->is_scalar()) {
      diagnostics_->Error(item->place, "'" + key + "' must hold texts only");
    } else if (MakeExpression(item->scalar, item->place, macros_, rule.form, diagnostics_,
                              &expression)) {
      out->push_back(std::move(expression));
    }
  }
}

void Loader::ReadTextRule(const YamlNode& node, YamlMap* map, Rule* rule) {
  ReadZones(node, map, rule);
  std::string word;
  if (map->TakeString("form", &word) && !text::FormFromString(word, &rule->form)) {
    diagnostics_->Error(
        node.Find("form")->place,
        "'" + word + "' is no form: raw, nfcraw, nfc, skel, fold, leet, compact or bytes" +
            DidYouMean(AsciiLower(word),
                       {"raw", "nfcraw", "nfc", "skel", "fold", "leet", "compact", "bytes"}));
  }
  const auto as_bytes = [](const text::Zone& zone) { return zone.substr(0, 3) == "sa:"; };
  const bool any = std::any_of(rule->zones.begin(), rule->zones.end(), as_bytes);
  if (any && word.empty()) {
    rule->form = text::Form::kBytes;
  }
  if (!rule->zones.empty() &&
      (any != (rule->form == text::Form::kBytes) ||
       any != std::all_of(rule->zones.begin(), rule->zones.end(), as_bytes))) {
    diagnostics_->Error(node.place,
                        "rule " + rule->id +
                            ": zones sa:... are read in form bytes, and no other zone is: make it "
                            "two rules");
  }
  map->TakeBool("caseless", &rule->caseless);
  int64_t first_lines = 0;
  if (map->TakeInt("first_lines", &first_lines, 0, 1'000'000)) {
    rule->first_lines = static_cast<uint32_t>(first_lines);
  }
  int64_t times = 0;
  if (map->TakeInt("times", &times, 1, 65'535)) {
    rule->times = static_cast<uint32_t>(times);
  }
  ReadExpressions(map, "match", *rule, &rule->match);
  ReadExpressions(map, "mask", *rule, &rule->mask);
  ReadExpressions(map, "unless", *rule, &rule->unless);
  map->TakeStrings("lists", &rule->lists);
  const bool slip = Misspelt(node, "match") || Misspelt(node, "lists") || Misspelt(node, "when");
  if (node.Find("match") == nullptr && rule->lists.empty() && !slip) {
    diagnostics_->Error(node.place, "rule " + rule->id +
                                        " needs 'match' (expressions), 'lists' or "
                                        "'when' (a condition)");
  }
}

void Loader::ReadConditionRule(const YamlNode& when, YamlMap* map, Rule* rule) {
  rule->has_condition = true;
  for (const char* key :
       {"zones", "form", "match", "mask", "unless", "first_lines", "lists", "caseless", "times"}) {
    if (const YamlNode* given = map->Take(key)) {
      diagnostics_->Error(given->place, std::string("'") + key +
                                            "' and 'when' exclude each other: "
                                            "make it two rules");
    }
  }
  rule->condition = ReadCondition(when, diagnostics_);
}

void Loader::ReadExamples(const File& file, const YamlNode& node, YamlMap* map, bool needed,
                          Rule* rule) {
  const YamlNode* examples = map->Take("examples");
  if (examples != nullptr) {
    YamlMap inner(*examples, "'examples'", diagnostics_);
    if (const YamlNode* list = inner.Take("match")) {
      ReadExampleList(file, *list, true, rule);
    }
    if (const YamlNode* list = inner.Take("no_match")) {
      ReadExampleList(file, *list, false, rule);
    }
    inner.Finish();
  }
  if (!needed || (examples == nullptr && Misspelt(node, "examples")) ||
      (examples != nullptr && (Misspelt(*examples, "match") || Misspelt(*examples, "no_match")))) {
    return;
  }
  const auto positive = std::count_if(rule->examples.begin(), rule->examples.end(),
                                      [](const Example& example) { return example.should_match; });
  const auto negative = static_cast<std::ptrdiff_t>(rule->examples.size()) - positive;
  if (positive == 0 || negative == 0) {
    diagnostics_->Error(node.place,
                        "rule " + rule->id + " has no examples that " +
                            (positive == 0 ? "match: add examples: {match: [..]}"
                                           : "must not match: add examples: {no_match: [..]}"));
  } else if (positive < 3 || negative < 3) {
    diagnostics_->Warning(node.place, "rule " + rule->id +
                                          " has fewer than three examples of each "
                                          "kind (" +
                                          std::to_string(positive) + " match, " +
                                          std::to_string(negative) + " do not)");
  }
}

void Loader::ReadExampleList(const File& file, const YamlNode& list, bool should_match,
                             Rule* rule) {
  std::vector<const YamlNode*> items;
  for (const YamlNode& item : list.items) {
    items.push_back(&item);
  }
  if (!list.is_sequence()) {
    items.push_back(&list);
  }
  if (items.size() > kMaxExamples) {
    diagnostics_->Error(list.place, "more than 200 examples");
    return;
  }
  for (const YamlNode* item : items) {
    Example example;
    example.should_match = should_match;
    example.place = item->place;
    example.zone = rule->zones.empty() ? text::Zone("body") : rule->zones[0];
    if (!rule->has_condition && item->is_scalar()) {
      example.text = item->scalar;
      rule->examples.push_back(std::move(example));
      continue;
    }
    if (!item->is_map()) {
      diagnostics_->Error(item->place, rule->has_condition
                                           ? "an example of a condition is {facts: {..}, rules: "
                                             "[..]} or {file: mail.eml}"
                                           : "an example is a text, {zone: .., text: ..} or {file: "
                                             "mail.eml}");
      continue;
    }
    YamlMap map(*item, "an example", diagnostics_);
    if (item->Find("file") != nullptr) {
      ReadMailExample(file, *item, &map, &example);
    } else if (rule->has_condition) {
      ReadSituation(&map, &example);
    } else {
      map.TakeString("text", &example.text);
      map.TakeString("zone", &example.zone);
      if (std::find(rule->zones.begin(), rule->zones.end(), example.zone) == rule->zones.end()) {
        diagnostics_->Error(item->place,
                            "the example's zone '" + example.zone + "' is not one of the rule's");
      }
    }
    map.Finish();
    rule->examples.push_back(std::move(example));
  }
}

void Loader::ReadSituation(YamlMap* map, Example* example) {
  if (const YamlNode* facts = map->Take("facts")) {
    for (const auto& [key, value] : facts->entries) {
      example->facts[key.scalar] = value.scalar;
      if (!IsKnownFact(key.scalar)) {
        diagnostics_->Error(key.place, "nothing sets the fact '" + key.scalar + "'" +
                                           DidYouMean(key.scalar, KnownFacts()));
      }
    }
  }
  std::vector<std::string> named;
  map->TakeStrings("rules", &named);
  constexpr std::string_view kOnce = " once";
  for (const std::string& name : named) {
    if (name.size() > kOnce.size() && name.substr(name.size() - kOnce.size()) == kOnce) {
      example->rules_once.push_back(name.substr(0, name.size() - kOnce.size()));
    } else {
      example->rules.push_back(name);
    }
  }
}

void Loader::ReadMailExample(const File& file, const YamlNode& node, YamlMap* map,
                             Example* example) {
  std::string name;
  if (!map->TakeString("file", &name)) {
    diagnostics_->Error(node.place, "'file' must name an .eml file");
    return;
  }
  const Place place = node.Find("file")->place;
  std::string word;
  if (map->TakeString("direction", &word)) {
    if (word == "outbound") {
      example->way = Example::Way::kOutbound;
    } else if (word == "internal") {
      example->way = Example::Way::kInternal;
    } else if (word != "inbound") {
      diagnostics_->Error(node.Find("direction")->place,
                          "'" + word + "' is no direction: inbound, outbound or internal");
    }
  }
  std::string relative;
  const std::string path = PathBelow(file, name, place, "the example's file", &relative);
  if (path.empty()) {
    return;
  }
  const Result<Sources::Content> content = sources_->Read(file.folder, relative);
  if (!content.ok()) {
    diagnostics_->Error(place, "the example's file cannot be read: " + content.status().message());
    return;
  }
  if ((*content)->size() > kMaxMailExample) {
    diagnostics_->Error(place,
                        "the example's file is larger than 1 MB: cut it down to what matters");
    return;
  }
  example->file = path;
  example->mail = *content;
}

void Loader::AddRule(const File& file, Rule rule) {
  if (rule.id.empty()) {
    return;
  }
  const auto held = rules_.find(rule.id);
  if (held == rules_.end()) {
    if (rules_.size() >= kMaxRules) {
      full_ = true;
      diagnostics_->Error(rule.place,
                          "more than 20,000 rules: nothing from here on is read; put what only "
                          "lists words or domains into 'lists:'");
      return;
    }
    const std::string id = rule.id;
    rules_.emplace(id, Held{std::move(rule), file.folder});
    return;
  }
  if (held->second.folder == file.folder) {
    diagnostics_->Error(rule.place, "rule " + rule.id + " is already defined in " +
                                        Where(held->second.rule.place) +
                                        ": rename one (a later folder may override)");
    return;
  }
  rule.overrides = Where(held->second.rule.place);
  hidden_.push_back({rule.id, held->second.rule.place, held->second.rule.digest,
                     sources_->folders()[held->second.folder].package, rule.place});
  LintOverride(rule, held->second.rule, diagnostics_);
  held->second = Held{std::move(rule), file.folder};
}

}  // namespace gatepost::ruleset
