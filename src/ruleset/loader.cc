// LIMITS: 10,000 files and 20,000 rules, folders 16 deep, 64 expressions a rule, 200 examples a
// rule; base/yaml has those of one file.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/loader.h"

#include <algorithm>
#include <filesystem>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/ruleset/condition.h"
#include "src/ruleset/names.h"

namespace gatepost::ruleset {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxFiles = 10'000;
constexpr int kMaxFolderDepth = 16;
constexpr size_t kMaxRules = 20'000;
constexpr size_t kMaxExpressions = 64;
constexpr size_t kMaxExamples = 200;

std::string Where(const Place& place) { return place.file + ":" + std::to_string(place.line); }

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  return nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?";
}

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id[0] != '-' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

std::string Joined(const std::vector<std::string>& words, const char* separator) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : separator) + word;
  }
  return out;
}

void ReadTitle(YamlMap* map, const Place& place, const std::string& what, std::string* en,
               std::string* vi, Diagnostics* diagnostics) {
  const YamlNode* title = map->Take("title");
  if (title != nullptr && title->is_scalar()) {
    *en = title->scalar;
  } else if (title != nullptr) {
    YamlMap inner(*title, "a title", diagnostics);
    inner.TakeString("en", en);
    inner.TakeString("vi", vi);
    inner.Finish();
  }
  if (en->empty() && vi->empty()) {
    diagnostics->Error(place, what + " has no title: add title: {en: .., vi: ..}");
  } else if (en->empty() || vi->empty()) {
    diagnostics->Warning(place, what + " has its title in one language only: add title: {en: .., "
                                       "vi: ..}");
  }
}

}  // namespace

void Loader::Note(const std::string& relative, size_t folder, const std::string& content) {
  sources_[std::to_string(folder) + "/" + relative] = content;
}

void Loader::ReadFolder(size_t index, const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  const auto options = fs::directory_options::follow_directory_symlink;
  fs::recursive_directory_iterator at(folder, options, error);
  if (error) {
    diagnostics_->Error({folder, 0, 0}, "the rules folder cannot be read: " + error.message());
    return;
  }
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool hidden = !name.empty() && name[0] == '.';
    std::error_code ignored;
    if (at->is_directory(ignored) && (hidden || at.depth() >= kMaxFolderDepth)) {
      at.disable_recursion_pending();
    } else if (!hidden && name != "policy.yaml" && at->path().extension() == ".yaml" &&
               at->is_regular_file(ignored)) {
      names.push_back(at->path().lexically_relative(folder).generic_string());
    }
    if (names.size() > kMaxFiles) {
      diagnostics_->Error({folder, 0, 0}, "more than 10,000 files of rules");
      return;
    }
  }
  if (error) {
    diagnostics_->Error({folder, 0, 0}, "the rules folder cannot be read: " + error.message());
    return;
  }
  if (names.empty()) {
    diagnostics_->Warning({folder, 0, 0}, "holds no rules (*.yaml)");
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    File file;
    file.folder = index;
    file.folder_path = folder;
    file.relative = name;
    file.path = (fs::path(folder) / name).lexically_normal().generic_string();
    const Result<std::string> content = ReadFile(file.path);
    if (!content.ok()) {
      diagnostics_->Error({file.path, 0, 0}, "cannot be read: " + content.status().message());
      continue;
    }
    Note(name, index, *content);
    if (!IsUtf8(*content)) {
      diagnostics_->Error({file.path, 0, 0}, "is not UTF-8: convert it");
      continue;
    }
    Result<YamlNode> root = ParseYaml(file.path, *content, diagnostics_);
    if (root.ok()) {
      file.root = std::move(root).value();
      files_.push_back(std::move(file));
    }
  }
}

void Loader::ReadHeader(File* file) {
  YamlMap map(file->root, "a file of rules", diagnostics_);
  Pack& pack = file->pack;
  pack.place = {file->path, 1, 1};
  const bool has_rules = map.Take("rules") != nullptr;
  if (!map.TakeString("pack", &pack.name) || !IsId(pack.name)) {
    diagnostics_->Error(pack.place, "needs 'pack: NAME', of letters, digits, '-', '_' and '.'");
  }
  map.TakeString("version", &pack.version);
  const bool titled = map.Take("title") != nullptr;
  if (titled || has_rules) {
    ReadTitle(&map, pack.place, "the pack", &pack.title_en, &pack.title_vi, diagnostics_);
  }
  map.TakeString("jurisdiction", &pack.jurisdiction);
  const bool switched = map.TakeBool("default", &pack.on);
  std::vector<std::string> words;
  if (map.TakeStrings("law", &words)) {
    pack.law = Joined(words, "; ");
  }
  if (map.TakeStrings("reviewed_by", &words)) {
    pack.reviewed_by = Joined(words, "; ");
  }
  map.TakeStrings("sources", &pack.sources);
  map.TakeStrings("needs_views", &words);
  const bool has_macros = map.Take("macros") != nullptr;
  const bool has_words = map.Take("lists") != nullptr || has_macros;
  map.Finish();
  if (!has_rules && !has_words && switched) {
    switches_[pack.name] = pack.on;
  }
}

void Loader::ReadMacros(const File& file, const YamlNode& node) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics_->Error(node.place, "'macros' must be a map of 'NAME: text'");
    return;
  }
  for (const auto& [key, value] : node.entries) {
    std::string name = key.scalar;
    const bool at_sign = !name.empty() && name[0] == '@';
    if (!at_sign && (name.size() < 2 || name[0] != '<' || name.back() != '>')) {
      name = "<" + name + ">";
    }
    const std::string bare = name.substr(1, name.size() - (at_sign ? 1 : 2));
    if (!IsId(bare) || bare.find('.') != std::string::npos) {
      diagnostics_->Error(key.place, "'" + key.scalar + "' is no name for a macro: write <NAME> or "
                                                        "@NAME");
      continue;
    }
    std::string text;
    if (value.is_scalar()) {
      text = value.scalar;
    } else if (value.is_sequence() && !value.items.empty()) {
      for (const YamlNode& item : value.items) {
        if (!item.is_scalar() || item.scalar.empty()) {
          diagnostics_->Error(item.place, "a macro holds texts only");
        }
        text += (text.empty() ? "(?:" : "|") + item.scalar;
      }
      text += ")";
    } else {
      diagnostics_->Error(key.place, "macro '" + key.scalar + "' needs a text or a list of texts");
      continue;
    }
    const auto home = macro_homes_.find(name);
    if (home != macro_homes_.end() && home->second.first == file.folder &&
        *macros_.Find(name) != text) {
      diagnostics_->Error(key.place, "macro '" + name + "' is defined in " +
                                         Where(home->second.second) +
                                         " with another text: keep one, or rename one");
      continue;
    }
    macro_homes_[name] = {file.folder, key.place};
    macros_.Set(name, text);
  }
}

void Loader::ReadListFile(const File& file, const std::string& name, const Place& place,
                          WordList* list) {
  const fs::path relative =
      (fs::path(file.relative).parent_path() / name).lexically_normal();
  if (relative.is_absolute() || fs::path(name).is_absolute() || relative.empty() ||
      *relative.begin() == "..") {
    diagnostics_->Error(place, "the list's file '" + name + "' must be below the rules folder");
    return;
  }
  const std::string path = (fs::path(file.folder_path) / relative).lexically_normal().string();
  const Result<std::string> content = ReadFile(path);
  if (!content.ok()) {
    diagnostics_->Error(place, "the list's file cannot be read: " + content.status().message());
    return;
  }
  Note(relative.generic_string(), file.folder, *content);
  list->AddFile(path, *content, diagnostics_);
  if (list->size() == 0) {
    diagnostics_->Warning({path, 0, 0}, "the list is empty");
  }
}

void Loader::ReadLists(const File& file, const YamlNode& node) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics_->Error(node.place, "'lists' must be a map of 'NAME: file' or 'NAME: [entries]'");
    return;
  }
  for (const auto& [key, value] : node.entries) {
    const std::string& name = key.scalar;
    if (!IsId(name)) {
      diagnostics_->Error(key.place, "'" + name + "' is no name for a list");
      continue;
    }
    const auto home = list_homes_.find(name);
    if (home != list_homes_.end() && home->second.first == file.folder) {
      diagnostics_->Error(key.place, "list '" + name + "' is defined in " +
                                         Where(home->second.second) + " too: keep one, or rename "
                                                                      "one");
      continue;
    }
    auto list = std::make_shared<WordList>();
    if (value.is_scalar()) {
      ReadListFile(file, value.scalar, value.place, list.get());
    } else if (value.is_sequence()) {
      for (const YamlNode& item : value.items) {
        if (item.is_scalar()) {
          list->Add(item.scalar, item.place, diagnostics_);
        } else {
          diagnostics_->Error(item.place, "a list holds texts only");
        }
      }
    } else {
      diagnostics_->Error(key.place, "list '" + name + "' needs the name of a file or entries");
    }
    list_homes_[name] = {file.folder, key.place};
    lists_[name] = std::move(list);
  }
}

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
    ReadRule(file, node);
  }
}

void Loader::ReadRule(const File& file, const YamlNode& node) {
  YamlMap map(node, "a rule", diagnostics_);
  Rule rule;
  rule.place = node.place;
  rule.pack = file.pack.name;
  if (!map.TakeString("id", &rule.id) || !IsId(rule.id)) {
    diagnostics_->Error(node.place, "a rule needs 'id: NAME', of letters, digits, '-', '_' and '.'");
  }
  ReadTitle(&map, node.place, "rule " + rule.id, &rule.title_en, &rule.title_vi, diagnostics_);
  map.TakeString("why", &rule.why);
  map.TakeString("group", &rule.group);
  map.TakeString("basis", &rule.basis);
  std::string word;
  if (map.TakeString("severity", &word) && !SeverityFromString(word, &rule.severity)) {
    diagnostics_->Error(node.Find("severity")->place, "'" + word + "' is no severity: info, low, "
                                                                   "medium, high or critical");
  }
  if (map.TakeString("level", &word) && !LevelFromString(word, &rule.level)) {
    diagnostics_->Error(node.Find("level")->place, "'" + word + "' is no level: mat, toi-mat, "
                                                                "tuyet-mat, other or from-match");
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
      diagnostics_->Error(node.Find("mode")->place, "'" + word + "' is no mode: shadow or enforce");
    }
    rule.mode = file.pack.on ? mode : Mode::kShadow;  // a pack that is off is off as a whole
  }
  const YamlNode* when = map.Take("when");
  if (when != nullptr) {
    ReadConditionRule(*when, &map, &rule);
  } else {
    ReadTextRule(node, &map, &rule);
  }
  ReadExamples(node, &map, &rule);
  map.Finish();
  AddRule(file, std::move(rule));
}

void Loader::ReadZones(const YamlNode& node, YamlMap* map, Rule* rule) {
  std::vector<std::string> names;
  if (!map->TakeStrings("zones", &names) || names.empty()) {
    diagnostics_->Error(node.place, "rule " + rule->id + " needs 'zones': where it looks, such as "
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
    if (name.substr(0, 7) == "header:") {
      name = AsciiLower(name);
    }
    if (name == "any") {
      std::for_each(AnyZones().begin(), AnyZones().end(), add);
    } else if (IsZone(name)) {
      add(name);
    } else {
      diagnostics_->Error(node.Find("zones")->place, "unknown zone '" + name + "'" +
                                                         DidYouMean(name, FixedZones()));
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
    diagnostics_->Error(node->place, "'" + key + "' holds more than 64 expressions: split the rule");
    return;
  }
  for (const YamlNode* item : items) {
    Expression expression;
    if (!item->is_scalar()) {
      diagnostics_->Error(item->place, "'" + key + "' must hold texts only");
    } else if (MakeExpression(item->scalar, item->place, macros_, rule.form, rule.caseless,
                              diagnostics_, &expression)) {
      out->push_back(std::move(expression));
    }
  }
}

void Loader::ReadTextRule(const YamlNode& node, YamlMap* map, Rule* rule) {
  ReadZones(node, map, rule);
  std::string word;
  if (map->TakeString("form", &word) && !text::FormFromString(word, &rule->form)) {
    diagnostics_->Error(node.Find("form")->place,
                        "'" + word + "' is no form: raw, nfcraw, nfc, skel, fold, leet or compact");
  }
  map->TakeBool("caseless", &rule->caseless);
  int64_t first_lines = 0;
  if (map->TakeInt("first_lines", &first_lines, 0, 1'000'000)) {
    rule->first_lines = static_cast<uint32_t>(first_lines);
  }
  ReadExpressions(map, "match", *rule, &rule->match);
  ReadExpressions(map, "mask", *rule, &rule->mask);
  ReadExpressions(map, "unless", *rule, &rule->unless);
  map->TakeStrings("lists", &rule->lists);
  if (node.Find("match") == nullptr && rule->lists.empty()) {
    diagnostics_->Error(node.place, "rule " + rule->id + " needs 'match' (expressions), 'lists' or "
                                                         "'when' (a condition)");
  }
}

void Loader::ReadConditionRule(const YamlNode& when, YamlMap* map, Rule* rule) {
  rule->has_condition = true;
  for (const char* key : {"zones", "form", "match", "mask", "unless", "first_lines", "lists",
                          "caseless"}) {
    if (const YamlNode* given = map->Take(key)) {
      diagnostics_->Error(given->place, std::string("'") + key + "' and 'when' exclude each other: "
                                                                 "make it two rules");
    }
  }
  rule->condition = ReadCondition(when, diagnostics_);
}

void Loader::ReadExamples(const YamlNode& node, YamlMap* map, Rule* rule) {
  const YamlNode* examples = map->Take("examples");
  if (examples != nullptr) {
    YamlMap inner(*examples, "'examples'", diagnostics_);
    if (const YamlNode* list = inner.Take("match")) {
      ReadExampleList(*list, true, rule);
    }
    if (const YamlNode* list = inner.Take("no_match")) {
      ReadExampleList(*list, false, rule);
    }
    inner.Finish();
  }
  const auto positive =
      std::count_if(rule->examples.begin(), rule->examples.end(),
                    [](const Example& example) { return example.should_match; });
  const auto negative = static_cast<std::ptrdiff_t>(rule->examples.size()) - positive;
  if (positive == 0 || negative == 0) {
    diagnostics_->Error(node.place,
                        "rule " + rule->id + " has no examples that " +
                            (positive == 0 ? "match: add examples: {match: [..]}"
                                           : "must not match: add examples: {no_match: [..]}"));
  } else if (positive < 3 || negative < 3) {
    diagnostics_->Warning(node.place, "rule " + rule->id + " has fewer than three examples of each "
                                                           "kind (" +
                                          std::to_string(positive) + " match, " +
                                          std::to_string(negative) + " do not)");
  }
}

void Loader::ReadExampleList(const YamlNode& list, bool should_match, Rule* rule) {
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
                                             "[..]}"
                                           : "an example is a text or {zone: .., text: ..}");
      continue;
    }
    YamlMap map(*item, "an example", diagnostics_);
    if (rule->has_condition) {
      if (const YamlNode* facts = map.Take("facts")) {
        for (const auto& [key, value] : facts->entries) {
          example.facts[key.scalar] = value.scalar;
          if (!IsKnownFact(key.scalar)) {
            diagnostics_->Warning(key.place, "nothing sets the fact '" + key.scalar + "'" +
                                                 DidYouMean(key.scalar, KnownFacts()));
          }
        }
      }
      std::vector<std::string> named;
      map.TakeStrings("rules", &named);
      constexpr std::string_view kOnce = " once";
      for (const std::string& name : named) {
        if (name.size() > kOnce.size() && name.substr(name.size() - kOnce.size()) == kOnce) {
          example.rules_once.push_back(name.substr(0, name.size() - kOnce.size()));
        } else {
          example.rules.push_back(name);
        }
      }
    } else {
      map.TakeString("text", &example.text);
      map.TakeString("zone", &example.zone);
      if (std::find(rule->zones.begin(), rule->zones.end(), example.zone) == rule->zones.end()) {
        diagnostics_->Error(item->place, "the example's zone '" + example.zone +
                                             "' is not one of the rule's");
      }
    }
    map.Finish();
    rule->examples.push_back(std::move(example));
  }
}

void Loader::AddRule(const File& file, Rule rule) {
  if (rule.id.empty()) {
    return;
  }
  const auto held = rules_.find(rule.id);
  if (held == rules_.end()) {
    if (rules_.size() >= kMaxRules) {
      diagnostics_->Error(rule.place, "more than 20,000 rules");
      return;
    }
    rules_.emplace(rule.id, Held{rule, file.folder});
    return;
  }
  if (held->second.folder == file.folder) {
    diagnostics_->Error(rule.place, "rule " + rule.id + " is already defined in " +
                                        Where(held->second.rule.place) +
                                        ": rename one (a later folder may override)");
    return;
  }
  rule.overrides = Where(held->second.rule.place);
  held->second = Held{std::move(rule), file.folder};
}

void Loader::SwitchPacks() {
  for (File& file : files_) {
    const auto found = switches_.find(file.pack.name);
    if (found != switches_.end()) {
      file.pack.on = found->second;
    }
  }
  for (const auto& [name, on] : switches_) {
    const bool known = std::any_of(files_.begin(), files_.end(), [&name = name](const File& file) {
      return file.pack.name == name && file.root.Find("rules") != nullptr;
    });
    if (!known) {
      diagnostics_->Warning({name, 0, 0}, "a file switches this pack, and no file holds its rules");
    }
  }
}

void Loader::Assemble() {
  std::map<std::string, Pack> packs;
  for (const File& file : files_) {
    if (file.root.Find("rules") != nullptr) {
      packs.emplace(file.pack.name, file.pack);
    }
  }
  for (auto& [id, held] : rules_) {
    set_->by_id_[id] = set_->rules_.size();
    for (const text::Zone& zone : held.rule.zones) {
      set_->wanted_.pairs.emplace(zone, held.rule.form);
    }
    ++packs[held.rule.pack].rules;
    set_->rules_.push_back(std::move(held.rule));
  }
  for (auto& [name, pack] : packs) {
    set_->packs_.push_back(std::move(pack));
  }
  for (const auto& [name, list] : lists_) {
    set_->lists_.emplace(name, list);
  }
  Sha256 digest;
  for (const auto& [name, content] : sources_) {
    digest.Update(name + '\0' + std::to_string(content.size()) + '\0');
    digest.Update(content);
  }
  set_->version_ = digest.FinishHex();
}

void Loader::Check() {
  for (const Rule& rule : set_->rules_) {
    for (const std::string& name : rule.lists) {
      const auto list = lists_.find(name);
      if (list == lists_.end()) {
        std::vector<std::string> names;
        for (const auto& [known, unused] : lists_) {
          names.push_back(known);
        }
        diagnostics_->Error(rule.place, "no list is called '" + name + "'" + DidYouMean(name, names));
      } else if (list->second->phrases() > 0) {
        diagnostics_->Warning(rule.place, "list '" + name + "' holds entries with blanks, which "
                                                            "'lists:' never finds: use @" +
                                              name + " in 'match'");
      }
    }
    if (rule.has_condition) {
      CheckCondition(rule, *set_, diagnostics_);
      for (const Example& example : rule.examples) {
        for (const auto* named : {&example.rules, &example.rules_once}) {
          for (const std::string& id : *named) {
            if (set_->IndexOf(id) < 0) {
              diagnostics_->Error(example.place, "no rule is called '" + id + "'");
            }
          }
        }
      }
    }
  }
  OrderConditions(*set_, diagnostics_, &set_->condition_order_);
}

Result<std::shared_ptr<const RuleSet>> Loader::Load(const std::vector<std::string>& folders) {
  if (folders.empty()) {
    diagnostics_->Error({"rules", 0, 0}, "no rules folder is given");
  }
  for (size_t i = 0; i < folders.size(); ++i) {
    ReadFolder(i, folders[i]);
  }
  for (File& file : files_) {
    ReadHeader(&file);
  }
  SwitchPacks();
  // Lists and macros first, from all files: a pack may use what a later file defines.
  for (const File& file : files_) {
    if (const YamlNode* lists = file.root.Find("lists")) {
      ReadLists(file, *lists);
    }
  }
  for (const auto& [name, list] : lists_) {
    std::string words;
    for (const std::string& entry : list->entries()) {
      words += (words.empty() ? "(?:" : "|") + QuoteForExpression(entry);
    }
    macros_.Set("@" + name, words.empty() ? "(?:)" : words + ")");
  }
  for (const File& file : files_) {
    if (const YamlNode* macros = file.root.Find("macros")) {
      ReadMacros(file, *macros);
    }
  }
  for (const File& file : files_) {
    ReadRules(file);
  }
  if (diagnostics_->has_errors()) {
    return diagnostics_->ToStatus();
  }
  Assemble();
  Check();
  if (diagnostics_->has_errors()) {
    return diagnostics_->ToStatus();
  }
  return std::shared_ptr<const RuleSet>(std::move(set_));
}

Result<std::shared_ptr<const RuleSet>> RuleSet::Load(const std::vector<std::string>& folders,
                                                     Diagnostics* diagnostics) {
  // The caller's earlier errors are not ours; a diagnostic of ours is reported even on success.
  Diagnostics mine;
  Loader loader(&mine);
  Result<std::shared_ptr<const RuleSet>> loaded = loader.Load(folders);
  for (const Diagnostic& diagnostic : mine.all()) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      diagnostics->Error(diagnostic.place, diagnostic.message);
    } else {
      diagnostics->Warning(diagnostic.place, diagnostic.message);
    }
  }
  return loaded;
}

}  // namespace gatepost::ruleset
