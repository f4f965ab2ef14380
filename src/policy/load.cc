// policy.yaml to clauses: whole or not at all, every problem named with its place.
// LIMITS: 500 clauses.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <utility>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/policy/clause.h"
#include "src/policy/lint.h"
#include "src/ruleset/names.h"

namespace gatepost::policy {

namespace {

constexpr size_t kMaxClauses = 500;

// Reads the map below `then`.
void LoadThen(const YamlNode& node, const ruleset::RuleSet& rules, Clause* clause,
              Diagnostics* diagnostics) {
  if (node.is_scalar()) {
    const bool known = ActionFromString(node.scalar, &clause->action);
    diagnostics->Error(node.place, "'then' is a map, as in 'then: {action: " +
                                       (known ? node.scalar : std::string("quarantine")) + "}'");
    return;
  }
  YamlMap map(node, "'then'", diagnostics);
  std::string word;
  if (!map.TakeString("action", &word)) {
    diagnostics->Error(node.place,
                       "'then' needs an action: accept, tag, quarantine, reject or defer");
  } else if (!ActionFromString(word, &clause->action)) {
    const std::string nearest = Nearest(word, {"accept", "tag", "quarantine", "reject", "defer"});
    diagnostics->Error(node.Find("action")->place,
                       "'" + word + "' is no action (accept, tag, quarantine, reject, defer)" +
                           (nearest.empty() ? std::string() : "; did you mean '" + nearest + "'?"));
  }
  const YamlNode* store = map.Take("store");
  map.TakeBool("store", &clause->store);
  const YamlNode* scope = map.Take("scope");
  if (map.TakeString("scope", &word)) {
    clause->whole_message = word == "message";
    if (word != "message" && word != "recipient") {
      diagnostics->Error(scope->place, "'scope' must be message or recipient");
    }
  }
  const YamlNode* code = map.Take("code");
  map.TakeString("code", &clause->code);
  const YamlNode* text = map.Take("text");
  const bool replies = clause->action == Action::kReject || clause->action == Action::kDefer;
  if (text != nullptr) {
    YamlMap both(*text, "'text'", diagnostics);
    both.TakeString("en", &clause->text_en);
    both.TakeString("vi", &clause->text_vi);
    both.Finish();
  }
  map.Finish();

  if (replies) {
    if (clause->code.empty()) {
      clause->code = clause->action == Action::kReject ? "550 5.7.1" : "451 4.7.1";
    }
    if (clause->text_en.empty() || clause->text_vi.empty()) {
      diagnostics->Error(node.place, "a sender is told why: 'text' needs en and vi");
    }
    LintReply(*clause, code != nullptr ? code->place : node.place, rules, diagnostics);
  } else if (code != nullptr || text != nullptr) {
    diagnostics->Error((code != nullptr ? code : text)->place,
                       std::string("nobody is told of '") + ToString(clause->action) +
                           "': 'code' and 'text' belong to reject and defer");
  }
  if (scope != nullptr && clause->whole_message && clause->action != Action::kReject) {
    diagnostics->Error(scope->place,
                       "'scope: message' belongs to reject (a defer always concerns "
                       "the whole message)");
  }
  if (store != nullptr && !clause->store &&
      !(clause->action == Action::kReject && clause->whole_message)) {
    // A hold stores; a reject of some recipients becomes a hold.
    diagnostics->Error(store->place, "'store: false' needs 'action: reject' and 'scope: message'");
  }
}

void LoadClause(const YamlNode& node, const ruleset::RuleSet& rules, Policy::Clauses* out,
                Diagnostics* diagnostics) {
  Clause clause;
  clause.place = node.place;
  YamlMap map(node, "a clause", diagnostics);
  if (!map.TakeString("name", &clause.name) || clause.name.empty()) {
    diagnostics->Error(node.place, "a clause needs a name");
  }
  for (const char c : clause.name) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!fits) {
      // Names stand in logs, headers and command lines.
      diagnostics->Error(node.Find("name")->place,
                         "a clause's name consists of a-z, 0-9 and '-': '" + clause.name + "'");
      break;
    }
  }
  for (const Clause& earlier : out->clauses) {
    if (!clause.name.empty() && earlier.name == clause.name) {
      diagnostics->Error(node.place, "the clause '" + clause.name +
                                         "' is given twice (first in line " +
                                         std::to_string(earlier.place.line) + ")");
    }
  }
  map.TakeString("why", &clause.why);
  map.TakeString("basis", &clause.basis);
  map.TakeString("category", &clause.category);
  std::string mode = "enforce";
  if (map.TakeString("mode", &mode) && mode != "enforce" && mode != "shadow") {
    diagnostics->Error(node.Find("mode")->place, "'mode' must be enforce or shadow");
  }
  clause.shadow = mode == "shadow";
  const YamlNode* when = map.Take("when");
  if (when == nullptr || !when->is_map()) {
    diagnostics->Error(node.place, "a clause needs 'when' ({} is always)");
    clause.root = static_cast<int>(out->tests.size());
    out->tests.emplace_back();
  } else {
    clause.root = LoadWhen(*when, rules, out->thresholds, &out->tests, &clause.when_text,
                           &clause.by_score, diagnostics);
  }
  const YamlNode* then = map.Take("then");
  if (then == nullptr) {
    diagnostics->Error(node.place, "a clause needs 'then'");
  } else {
    LoadThen(*then, rules, &clause, diagnostics);
  }
  map.Finish();
  if (clause.category.empty() && clause.action != Action::kAccept) {
    diagnostics->Error(node.place,
                       "a clause that does not accept needs a category (spam, virus, "
                       "marking, freemail, unscannable, ambiguous, phish, policy)");
  }
  out->clauses.push_back(std::move(clause));
}

void LoadMarkings(const YamlNode* node, const ruleset::RuleSet& rules, Policy::Clauses* out,
                  Diagnostics* diagnostics) {
  if (node == nullptr) {
    return;
  }
  YamlMap map(*node, "'markings'", diagnostics);
  std::vector<std::string> groups;
  if (map.TakeStrings("groups", &groups)) {
    out->marking_groups.clear();
    for (const std::string& group : groups) {
      bool known = false;
      for (const ruleset::Rule& rule : rules.rules()) {
        known = known || rule.group == group;
      }
      if (!known) {
        diagnostics->Error(node->Find("groups")->place,
                           "no rule set loaded has the group '" + group + "'");
      }
      out->marking_groups.insert(group);
    }
  }
  std::string word;
  if (map.TakeString("severity", &word) &&
      !ruleset::SeverityFromString(word, &out->marking_severity)) {
    diagnostics->Error(node->Find("severity")->place,
                       "'severity' must be info, low, medium, high or critical");
  }
  map.Finish();
}

void LoadThresholds(const YamlNode* node, Policy::Clauses* out, Diagnostics* diagnostics) {
  if (node == nullptr) {
    return;
  }
  YamlMap map(*node, "'thresholds'", diagnostics);
  map.TakeDouble("tag", &out->thresholds.tag);
  map.TakeDouble("reject", &out->thresholds.reject);
  map.Finish();
  if (out->thresholds.tag > out->thresholds.reject) {
    diagnostics->Error(node->place, "'tag' must not be above 'reject'");
  }
}

bool Covers(const Policy::Clauses& policy, const Clause& clause, const char* reason) {
  for (size_t i = static_cast<size_t>(clause.root); i < policy.tests.size(); ++i) {
    const Test& test = policy.tests[i];
    if (i > static_cast<size_t>(clause.root) && test.parent < 0) {
      return false;  // the next clause
    }
    if (test.kind == Test::Kind::kUnscannable && (test.any_id || test.ids.count(reason) > 0)) {
      return true;
    }
  }
  return false;
}

// What is legal but surely not meant.
void WarnOfOddities(const Policy::Clauses& policy, Diagnostics* diagnostics) {
  LintPolicy(policy, diagnostics);
  const Clause* always = nullptr;
  for (const Clause& clause : policy.clauses) {
    if (!clause.shadow && clause.when_text == "always" && always == nullptr) {
      always = &clause;
    }
  }
  for (const char* reason : {"encrypted", "crashed", "timed-out", "too-deep"}) {
    bool covered = false;
    for (const Clause& clause : policy.clauses) {
      covered = covered || (!clause.shadow && Covers(policy, clause, reason));
    }
    if (!covered && always == nullptr) {
      diagnostics->Warning(
          {policy.clauses.empty() ? "" : policy.clauses[0].place.file, 0, 0},
          std::string("no clause says what happens to mail that cannot be read (") + reason + ")");
    }
  }
}

}  // namespace

Result<std::shared_ptr<const Policy>> Policy::Load(const std::string& file,
                                                   const ruleset::RuleSet& rules,
                                                   Diagnostics* diagnostics) {
  return Parse(file, ReadFile(file), rules, diagnostics);
}

Result<std::shared_ptr<const Policy>> Policy::Parse(const std::string& file,
                                                    const Result<std::string>& text,
                                                    const ruleset::RuleSet& rules,
                                                    Diagnostics* diagnostics) {
  Diagnostics mine;
  auto out = std::make_unique<Clauses>();
  out->rules = std::make_shared<const ruleset::RuleSet>(rules);
  if (!text.ok()) {
    mine.Error({file, 0, 0}, "cannot be read: " + text.status().message());
  } else {
    out->version = Sha256Hex(*text);
    const Result<YamlNode> root = ParseYaml(file, *text, &mine);
    if (root.ok()) {
      YamlMap map(*root, "the policy", &mine);
      int64_t format = 0;
      if (!map.TakeInt("policy", &format, 1, 1)) {
        mine.Error({file, 1, 1}, "the first key of a policy is its format: 'policy: 1'");
      }
      map.Take("title");
      LoadThresholds(map.Take("thresholds"), out.get(), &mine);
      LoadMarkings(map.Take("markings"), *out->rules, out.get(), &mine);
      const YamlNode* clauses = map.Take("clauses");
      map.Finish();
      if (clauses == nullptr || !clauses->is_sequence()) {
        mine.Error({file, 1, 1}, "a policy needs 'clauses', a list");
      } else if (clauses->items.size() > kMaxClauses) {
        mine.Error(clauses->place, "more than 500 clauses");
      } else {
        for (const YamlNode& item : clauses->items) {
          LoadClause(item, *out->rules, out.get(), &mine);
        }
        if (!mine.has_errors()) {  // of half a clause it would say what is not so
          WarnOfOddities(*out, &mine);
        }
      }
    }
  }
  for (const Diagnostic& one : mine.all()) {
    if (one.severity == Diagnostic::Severity::kError) {
      diagnostics->Error(one.place, one.message);
    } else {
      diagnostics->Warning(one.place, one.message);
    }
  }
  GATEPOST_RETURN_IF_ERROR(mine.ToStatus());

  // Two clauses that nobody has to write: what could not be inspected to its end is never
  // accepted silently, and what nothing objects to is accepted.
  Clause unfinished;
  unfinished.name = "unfinished";
  unfinished.category = "unscannable";
  unfinished.action = Action::kQuarantine;
  unfinished.root = static_cast<int>(out->tests.size());
  unfinished.when_text = "unscannable crashed,timed-out";
  out->tests.emplace_back();
  Test test;
  test.kind = Test::Kind::kUnscannable;
  test.parent = unfinished.root;
  test.any_id = false;
  test.ids = {"crashed", "timed-out"};
  out->tests.push_back(std::move(test));
  out->clauses.push_back(std::move(unfinished));
  Clause rest;
  rest.name = "default";
  rest.when_text = "always";
  rest.root = static_cast<int>(out->tests.size());
  out->tests.emplace_back();
  out->clauses.push_back(std::move(rest));
  return std::shared_ptr<const Policy>(new Policy(std::move(out)));  // NOLINT: private constructor
}

}  // namespace gatepost::policy
