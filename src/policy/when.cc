// `when` of a clause: YAML to tests.
// LIMITS: nesting as deep as the YAML reader allows (64); 20,000 tests in all.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

#include "src/policy/clause.h"
#include "src/policy/describe.h"
#include "src/ruleset/names.h"

namespace gatepost::policy {

namespace {

constexpr size_t kMaxTests = 20'000;
constexpr std::array<const char*, 4> kDirections{"inbound", "outbound", "internal", "relay"};
constexpr std::array<const char*, 2> kRoles{"postmaster", "abuse"};
constexpr std::array<const char*, 5> kSeverities{"info", "low", "medium", "high", "critical"};
constexpr std::array<const char*, 4> kLevels{"mat", "toi-mat", "tuyet-mat", "other"};

template <size_t N>
int IndexIn(const std::array<const char*, N>& words, std::string_view word) {
  for (size_t i = 0; i < N; ++i) {
    if (word == words[i]) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

template <size_t N>
std::string OneOf(const std::array<const char*, N>& words, const std::string& word) {
  const std::string nearest = Nearest(word, {words.begin(), words.end()});
  std::string all;
  for (const char* one : words) {
    all += (all.empty() ? "" : ", ") + std::string(one);
  }
  return "'" + word + "' is none of " + all +
         (nearest.empty() ? std::string() : "; did you mean '" + nearest + "'?");
}

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ",") + word;
  }
  return out;
}

bool ToNumber(std::string_view text, double* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && *out == *out;
}

class WhenLoader {
 public:
  WhenLoader(const ruleset::RuleSet& rules, const Policy::Thresholds& thresholds,
             std::vector<Test>* tests, bool* by_score, Diagnostics* diagnostics)
      : rules_(rules),
        thresholds_(thresholds),
        tests_(tests),
        by_score_(by_score),
        diagnostics_(diagnostics) {}

  int Load(const YamlNode& node, std::string* text) {
    const int root = Add(Test::Kind::kAll, -1);
    std::vector<std::pair<const YamlNode*, int>> work{{&node, root}};
    // Children are appended after their parents, whatever the order of this stack.
    while (!work.empty()) {
      const auto [map, parent] = work.back();
      work.pop_back();
      if (tests_->size() > kMaxTests) {
        diagnostics_->Error(map->place, "more than 20,000 tests: split or simplify the policy");
        break;
      }
      LoadMap(*map, parent, &work);
    }
    *text = Describe(*tests_, notes_, root);
    return root;
  }

 private:
  using Work = std::vector<std::pair<const YamlNode*, int>>;

  int Add(Test::Kind kind, int parent) {
    Test test;
    test.kind = kind;
    test.parent = parent;
    tests_->push_back(std::move(test));
    notes_.resize(tests_->size());
    return static_cast<int>(tests_->size()) - 1;
  }
  Test& At(int index) { return (*tests_)[static_cast<size_t>(index)]; }
  void Note(int index, std::string note) { notes_[static_cast<size_t>(index)] = std::move(note); }

  void LoadMap(const YamlNode& node, int parent, Work* work) {
    YamlMap map(node, "'when'", diagnostics_);
    Nested(map.Take("all"), "all", Test::Kind::kAll, parent, work);
    Nested(map.Take("any"), "any", Test::Kind::kAny, parent, work);
    Nested(map.Take("not"), "not", Test::Kind::kNot, parent, work);
    LoadWords(map, "direction", kDirections, Test::Kind::kDirection, parent);
    LoadWords(map, "role", kRoles, Test::Kind::kRole, parent);
    LoadFlag(&map, "infected", Test::Kind::kInfected, parent);
    LoadFlag(&map, "known_correspondent", Test::Kind::kKnownCorrespondent, parent);
    LoadScore(map.Take("score"), parent);
    LoadHit(&map, parent);
    LoadDefects(map.Take("defects"), parent);
    LoadUnscannable(map.Take("unscannable"), parent);
    LoadFacts(map.Take("facts"), parent);
    LoadParty(map.Take("sender"), "sender", Test::Kind::kSender, parent);
    LoadParty(map.Take("recipient"), "recipient", Test::Kind::kRecipient, parent);
    map.Finish();
  }

  // A list of maps, or one map.
  void Nested(const YamlNode* node, const char* word, Test::Kind kind, int parent, Work* work) {
    if (node == nullptr) {
      return;
    }
    const int index = Add(kind, parent);
    Note(index, word);
    if (node->is_map()) {
      work->emplace_back(node, Add(Test::Kind::kAll, index));
      return;
    }
    if (!node->is_sequence() || node->items.empty()) {
      diagnostics_->Error(node->place,
                          std::string("'") + word + "' must hold one or more maps of tests");
      return;
    }
    for (const YamlNode& item : node->items) {
      work->emplace_back(&item, Add(Test::Kind::kAll, index));
    }
  }

  template <size_t N>
  void LoadWords(YamlMap& map, const char* key, const std::array<const char*, N>& words,
                 Test::Kind kind, int parent) {
    const YamlNode* node = map.Take(key);
    std::vector<std::string> given;
    if (node == nullptr || !map.TakeStrings(key, &given)) {
      return;
    }
    const int index = Add(kind, parent);
    for (const std::string& word : given) {
      const int which = IndexIn(words, word);
      if (which < 0) {
        diagnostics_->Error(node->place, OneOf(words, word));
      } else {
        At(index).bits = static_cast<uint8_t>(At(index).bits | (1U << which));
      }
    }
    Note(index, std::string(key) + " " + Join(given));
  }

  void LoadFlag(YamlMap* map, const char* key, Test::Kind kind, int parent) {
    bool wanted = true;
    if (map->TakeBool(key, &wanted)) {
      const int index = Add(kind, parent);
      At(index).wanted = wanted;
      Note(index, wanted ? key : std::string("not ") + key);
    }
  }

  void LoadScore(const YamlNode* node, int parent) {
    if (node == nullptr) {
      return;
    }
    *by_score_ = true;
    const int index = Add(Test::Kind::kScore, parent);
    YamlMap map(*node, "'score'", diagnostics_);
    std::string note = "score";
    const auto bound = [&](const char* key, const char* sign, double* out, bool* has) {
      std::string word;
      if (!map.TakeString(key, &word)) {
        return;
      }
      *has = true;
      if (word == "tag") {
        *out = thresholds_.tag;
      } else if (word == "reject") {
        *out = thresholds_.reject;
      } else if (!ToNumber(word, out)) {
        diagnostics_->Error(node->Find(key)->place,
                            std::string("'") + key + "' must be a number, 'tag' or 'reject'");
      }
      note += std::string(" ") + sign + " " + word;
    };
    Test& test = At(index);
    bound("at_least", ">=", &test.at_least, &test.has_at_least);
    bound("below", "<", &test.below, &test.has_below);
    map.Finish();
    if (!test.has_at_least && !test.has_below) {
      diagnostics_->Error(node->place, "'score' needs at_least or below");
    }
    Note(index, note);
  }

  // rules, groups, severity and levels of one map are about one and the same hit.
  void LoadHit(YamlMap* map, int parent) {
    const YamlNode* rules = map->Take("rules");
    const YamlNode* groups = map->Take("groups");
    const YamlNode* severity = map->Take("severity");
    const YamlNode* levels = map->Take("levels");
    if (rules == nullptr && groups == nullptr && severity == nullptr && levels == nullptr) {
      return;
    }
    const int index = Add(Test::Kind::kHit, parent);
    Test& test = At(index);
    std::string note = "hit";
    std::vector<std::string> words;
    if (rules != nullptr && map->TakeStrings("rules", &words)) {
      test.any_id = false;
      note += " " + Join(words);
      for (const std::string& word : words) {
        AddRules(word, rules->place, &test);
      }
    }
    if (groups != nullptr && map->TakeStrings("groups", &words)) {
      note += " group " + Join(words);
      for (const std::string& word : words) {
        AddGroups(word, groups->place, &test);
      }
    }
    std::string word;
    if (severity != nullptr && map->TakeString("severity", &word)) {
      note += " severity>=" + word;
      if (!ruleset::SeverityFromString(word, &test.severity)) {
        diagnostics_->Error(severity->place, OneOf(kSeverities, word));
      }
    }
    if (levels != nullptr && map->TakeStrings("levels", &words)) {
      note += " level " + Join(words);
      for (const std::string& level : words) {
        const int which = IndexIn(kLevels, level);
        if (which < 0) {
          diagnostics_->Error(levels->place, OneOf(kLevels, level));
        } else {
          test.bits = static_cast<uint8_t>(test.bits | (1U << which));
        }
      }
    }
    Note(index, note);
  }

  void AddRules(const std::string& glob, const Place& place, Test* test) {
    bool found = false;
    for (const ruleset::Rule& rule : rules_.rules()) {
      if (GlobMatches(glob, rule.id)) {
        test->ids.insert(rule.id);
        found = true;
      }
    }
    if (!found) {
      std::vector<std::string> all;
      for (const ruleset::Rule& rule : rules_.rules()) {
        all.push_back(rule.id);
      }
      Unknown("rule", glob, all, place);
    }
  }

  void AddGroups(const std::string& glob, const Place& place, Test* test) {
    std::set<std::string> all;
    bool found = false;
    for (const ruleset::Rule& rule : rules_.rules()) {
      if (rule.group.empty()) {
        continue;
      }
      all.insert(rule.group);
      if (GlobMatches(glob, rule.group)) {
        test->groups.insert(rule.group);
        found = true;
      }
    }
    if (!found) {
      Unknown("group", glob, {all.begin(), all.end()}, place);
    }
  }

  void Unknown(const char* what, const std::string& word, const std::vector<std::string>& all,
               const Place& place) {
    const std::string nearest = Nearest(word, all);
    diagnostics_->Error(
        place, std::string("no rule set loaded has the ") + what + " '" + word + "'" +
                   (nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?"));
  }

  void LoadDefects(const YamlNode* node, int parent) {
    if (node == nullptr) {
      return;
    }
    const int index = Add(Test::Kind::kDefect, parent);
    YamlMap map(*node, "'defects'", diagnostics_);
    Test& test = At(index);
    std::string note = "defect";
    std::string grade;
    if (map.TakeString("grade", &grade)) {
      if (grade.size() != 1 || grade[0] < 'A' || grade[0] > 'C') {
        diagnostics_->Error(node->Find("grade")->place, "'grade' must be A, B or C");
      } else {
        test.grade = static_cast<mail::Grade>(grade[0] - 'A');
      }
      note += " grade>=" + grade;
    }
    std::vector<std::string> names;
    if (map.TakeStrings("ids", &names)) {
      test.any_id = false;
      note += " " + Join(names);
      for (const std::string& name : names) {
        test.ids.insert(name);
        if (mail::FindDefectKind(name) == nullptr) {
          diagnostics_->Error(node->Find("ids")->place, "no defect is named '" + name + "'");
        }
      }
    }
    map.Finish();
    Note(index, note);
  }

  void LoadUnscannable(const YamlNode* node, int parent) {
    if (node == nullptr) {
      return;
    }
    const int index = Add(Test::Kind::kUnscannable, parent);
    Test& test = At(index);
    if (node->is_scalar() && node->scalar == "true") {
      Note(index, "unscannable");
      return;
    }
    std::vector<std::string> words;
    Words(*node, "unscannable", &words);
    test.any_id = false;
    for (const std::string& word : words) {
      decode::Reason reason{};
      if (!decode::ReasonFromString(word, &reason)) {
        diagnostics_->Error(node->place, "'" + word +
                                             "' is no reason why something cannot be read "
                                             "(encrypted, too-deep, damaged, ...)");
      }
      test.ids.insert(word);
    }
    Note(index, "unscannable " + Join(words));
  }

  void Words(const YamlNode& node, const std::string& what, std::vector<std::string>* out) {
    if (node.is_scalar()) {
      out->push_back(node.scalar);
      return;
    }
    bool good = node.is_sequence() && !node.items.empty();
    for (const YamlNode& item : node.items) {
      good = good && item.is_scalar();
      out->push_back(item.scalar);
    }
    if (!good) {
      diagnostics_->Error(node.place, "'" + what + "' must be a text or a list of texts");
    }
  }

  void LoadFacts(const YamlNode* node, int parent) {
    if (node == nullptr) {
      return;
    }
    if (!node->is_map()) {
      diagnostics_->Error(node->place, "'facts' must be a map of 'name: value' lines");
      return;
    }
    for (const auto& [key, value] : node->entries) {
      LoadFact(key, value, parent);
    }
  }

  // A policy names facts one by one, so a glob is no name here.
  void CheckFactName(const YamlNode& key) {
    constexpr std::string_view kUnscannable = "unscannable.";
    decode::Reason reason{};
    const bool known =
        key.scalar.rfind(kUnscannable, 0) == 0
            ? decode::ReasonFromString(key.scalar.substr(kUnscannable.size()), &reason)
            : key.scalar.find_first_of("*?") == std::string::npos &&
                  ruleset::IsKnownFact(key.scalar);
    if (!known) {
      const std::string nearest = Nearest(key.scalar, ruleset::KnownFacts());
      diagnostics_->Error(
          key.place, "nothing sets the fact '" + key.scalar + "'" +
                         (nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?"));
    }
  }

  void LoadFact(const YamlNode& key, const YamlNode& value, int parent) {
    const int index = Add(Test::Kind::kFact, parent);
    Test& test = At(index);
    test.name = key.scalar;
    std::string note = "fact " + key.scalar;
    CheckFactName(key);
    if (value.is_map()) {
      YamlMap map(value, "a fact's test", diagnostics_);
      test.has_at_least = map.TakeDouble("at_least", &test.at_least);
      test.has_below = map.TakeDouble("below", &test.below);
      map.Finish();
      if (!test.has_at_least && !test.has_below) {
        diagnostics_->Error(value.place, "needs at_least or below");
      }
      note += test.has_at_least ? " >= " + value.Find("at_least")->scalar : std::string();
      note += test.has_below ? " < " + value.Find("below")->scalar : std::string();
    } else if (value.is_scalar() && value.scalar == "false") {
      test.wanted = false;
      test.values.emplace_back("true");
      note = "not " + note;
    } else {
      Words(value, key.scalar, &test.values);
      note += " is " + Join(test.values);
    }
    Note(index, note);
  }

  void LoadParty(const YamlNode* node, const char* what, Test::Kind kind, int parent) {
    if (node == nullptr) {
      return;
    }
    const int index = Add(kind, parent);
    YamlMap map(*node, std::string("'") + what + "'", diagnostics_);
    Test& test = At(index);
    std::string note = what;
    std::vector<std::string> words;
    if (map.TakeStrings("address", &words)) {
      note += " " + Join(words);
      for (const std::string& word : words) {
        const mail::Address address = mail::Address::Parse(word);
        if (!address.valid() || address.domain().empty()) {
          diagnostics_->Error(node->Find("address")->place, "'" + word + "' is not an address");
        }
        test.ids.insert(address.key());
      }
    }
    if (map.TakeStrings("domain", &words)) {
      note += " at " + Join(words);
      for (const std::string& word : words) {
        const bool below = !word.empty() && word[0] == '.';
        const mail::Address address = mail::Address::Parse("x@" + word.substr(below ? 1 : 0));
        if (!address.valid() || address.domain().empty()) {
          diagnostics_->Error(node->Find("domain")->place, "'" + word + "' is not a domain");
        }
        test.values.push_back((below ? "." : "") + address.domain());
      }
    }
    if (map.TakeStrings("list", &words)) {
      note += " in " + Join(words);
      for (const std::string& word : words) {
        const ruleset::List* list = rules_.FindList(word);
        if (list == nullptr) {
          diagnostics_->Error(node->Find("list")->place,
                              "no rule pack has the list '" + word + "'");
        } else {
          test.lists.push_back(list);
        }
      }
    }
    map.Finish();
    if (node->is_map() && node->entries.empty()) {
      diagnostics_->Error(node->place, "needs address, domain or list");
    }
    Note(index, note);
  }

  const ruleset::RuleSet& rules_;
  const Policy::Thresholds& thresholds_;
  std::vector<Test>* tests_;
  bool* by_score_;
  Diagnostics* diagnostics_;
  std::vector<std::string> notes_;  // a few words for each test
};

}  // namespace

int LoadWhen(const YamlNode& node, const ruleset::RuleSet& rules,
             const Policy::Thresholds& thresholds, std::vector<Test>* tests, std::string* text,
             bool* by_score, Diagnostics* diagnostics) {
  return WhenLoader(rules, thresholds, tests, by_score, diagnostics).Load(node, text);
}

}  // namespace gatepost::policy
