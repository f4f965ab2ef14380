// A rule set to a program: PCRE2 patterns for each rule, Hyperscan databases for each kind of view.
// Zones whose rules are much the same share a database; what a rule does not ask for is then
// dropped when it is reported.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <set>

#include "src/scan/compiler.h"
#include "src/scan/program.h"

namespace gatepost::scan {

namespace {

using ruleset::Expression;
using ruleset::Rule;

// What excuses a place does so in any case: a stamp rule in capitals must not take BẢO MẬT for MẬT.
constexpr bool kAlwaysCaseless = true;

// Zones that can be long; the others are a line or a few, where the size of a database costs
// little.
bool IsLong(const text::Zone& zone) {
  constexpr std::array<const char*, 14> kLong = {
      "body",          "hidden", "attachment", "html",    "xml",          "rtf",        "docprops",
      "header-footer", "ole",    "rels",       "sa:body", "sa:body-only", "sa:rawbody", "sa:full"};
  return std::find(kLong.begin(), kLong.end(), zone) != kLong.end();
}

bool CompilePattern(const Rule& rule, const Expression& expression, const char* what, bool caseless,
                    std::vector<Pattern>* out, Diagnostics* diagnostics) {
  Result<Pattern> pattern = Pattern::Compile(expression.expanded, expression.utf8, caseless,
                                             rule.form == text::Form::kBytes);
  if (!pattern.ok()) {
    diagnostics->Error(expression.place, "rule " + rule.id + ": the expression is not valid: " +
                                             pattern.status().message());
    return false;
  }
  if (pattern->MatchesEmpty()) {
    diagnostics->Error(expression.place, "rule " + rule.id + ": '" + what +
                                             "' matches nothing at all, so everywhere: make a part "
                                             "of it required");
    return false;
  }
  out->push_back(std::move(pattern).value());
  return true;
}

// Zones of one form that are scanned with one pair of databases.
struct Group {
  std::vector<text::Zone> zones;
  std::set<uint32_t> rules;
  bool is_long = false;
};

std::vector<Group> GroupZones(const std::map<text::Zone, std::set<uint32_t>>& zones) {
  std::vector<const std::pair<const text::Zone, std::set<uint32_t>>*> sorted;
  for (const auto& entry : zones) {
    sorted.push_back(&entry);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    const bool a_long = IsLong(a->first);
    const bool b_long = IsLong(b->first);
    return a_long != b_long ? a_long : a->second.size() > b->second.size();
  });
  std::vector<Group> groups;
  for (const auto* entry : sorted) {
    const auto& rules = entry->second;
    const bool is_long = IsLong(entry->first);
    Group* home = nullptr;
    for (Group& group : groups) {
      const auto common = static_cast<size_t>(std::count_if(
          rules.begin(), rules.end(), [&](uint32_t rule) { return group.rules.count(rule) > 0; }));
      const size_t both = rules.size() + group.rules.size() - common;
      // A long zone joins its like; a short one joins where it adds nothing, or the short ones.
      if (is_long ? common * 2 >= both : common == rules.size() || !group.is_long) {
        home = &group;
        break;
      }
    }
    if (home == nullptr) {
      groups.push_back({{}, {}, is_long});
      home = &groups.back();
    }
    home->zones.push_back(entry->first);
    home->rules.insert(rules.begin(), rules.end());
  }
  return groups;
}

// Sets under construction, each once however many groups ask for it.
class Sets {
 public:
  explicit Sets(Program* program) : program_(program) {}

  // kNoDatabase for a set of no expressions.
  int32_t Add(const std::set<uint32_t>& rules, bool lines, const std::string& name) {
    CompileSet set;
    Database database;
    database.name = name + (lines ? ", lines" : ", paragraphs");
    std::set<uint32_t> masks;
    for (const uint32_t index : rules) {
      const Rule& rule = program_->rules->rules()[index];
      for (const Expression& expression : rule.match) {
        if (expression.line_anchored == lines) {
          Append(expression, rule.caseless, {false, index}, index, &set, &database);
        }
      }
      // Blanking can make a match that was none before: where a mask matches, its rules are
      // confirmed whatever was reported. (Masks see paragraphs.)
      const uint32_t mask = program_->text[index].mask;
      if (!lines && mask != kNoMask && masks.insert(mask).second) {
        for (const Expression& expression : rule.mask) {
          Append(expression, kAlwaysCaseless, {true, mask}, index, &set, &database);
        }
      }
    }
    if (set.expressions.empty()) {
      return kNoDatabase;
    }
    std::string key;
    for (size_t i = 0; i < set.expressions.size(); ++i) {
      key += std::to_string(database.targets[i].index) + (database.targets[i].is_mask ? "m" : "r") +
             set.expressions[i].text + '\0';
    }
    const auto [at, fresh] = by_key_.emplace(key, static_cast<int32_t>(sets_.size()));
    if (fresh) {
      sets_.push_back(std::move(set));
      program_->databases.push_back(std::move(database));
    }
    return at->second;
  }
  const std::vector<CompileSet>& sets() const { return sets_; }

 private:
  static void Append(const Expression& expression, bool caseless, Target target, uint32_t owner,
                     CompileSet* set, Database* database) {
    HsExpression hs;
    hs.text = expression.expanded;
    hs.id = static_cast<uint32_t>(set->expressions.size());
    hs.utf8 = expression.utf8;
    hs.caseless = caseless;
    set->expressions.push_back(std::move(hs));
    set->owners.push_back(owner);
    database->targets.push_back(target);
  }

  Program* program_;
  std::vector<CompileSet> sets_;
  std::map<std::string, int32_t> by_key_;
};

void MakePlans(const std::map<text::Form, std::map<text::Zone, std::set<uint32_t>>>& by_form,
               Sets* sets, Program* program) {
  const size_t rule_count = program->rules->rules().size();
  for (const auto& [form, zones] : by_form) {
    int number = 0;
    for (const Group& group : GroupZones(zones)) {
      const std::string name = std::string(text::ToString(form)) + " " + std::to_string(++number);
      const int32_t lines = sets->Add(group.rules, true, name);
      const int32_t paragraphs = sets->Add(group.rules, false, name);
      for (const text::Zone& zone : group.zones) {
        Plan plan;
        plan.lines = lines;
        plan.paragraphs = paragraphs;
        plan.active.assign(rule_count, false);
        plan.masked.resize(program->masks.size());
        for (const uint32_t rule : zones.at(zone)) {
          plan.active[rule] = true;
          if (!program->text[rule].lists.empty()) {
            plan.listing.push_back(rule);
          }
          if (program->text[rule].mask != kNoMask) {
            plan.masked[program->text[rule].mask].push_back(rule);
          }
        }
        program->plans.emplace(std::make_pair(zone, form), std::move(plan));
      }
    }
  }
}

}  // namespace

void BuildPatterns(Program* program, Diagnostics* diagnostics) {
  const auto& rules = program->rules->rules();
  program->text.resize(rules.size());
  std::map<std::string, uint32_t> masks;
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    TextRule& text = program->text[i];
    text.first_lines = rule.first_lines;
    text.times = rule.times;
    for (const Expression& expression : rule.match) {
      std::vector<Pattern> one;
      if (CompilePattern(rule, expression, "match", rule.caseless, &one, diagnostics)) {
        text.match.push_back({std::move(one[0]), expression.line_anchored});
      }
    }
    for (const Expression& expression : rule.unless) {
      CompilePattern(rule, expression, "unless", kAlwaysCaseless, &text.unless, diagnostics);
    }
    for (const std::string& name : rule.lists) {
      text.lists.push_back(program->rules->FindList(name));
    }
    if (rule.mask.empty()) {
      continue;
    }
    std::string key;
    for (const Expression& expression : rule.mask) {
      key += (expression.utf8 ? 'u' : 'b') + expression.expanded + '\0';
    }
    const auto [at, fresh] = masks.emplace(key, static_cast<uint32_t>(program->masks.size()));
    text.mask = at->second;
    if (fresh) {
      program->masks.emplace_back();
      for (const Expression& expression : rule.mask) {
        CompilePattern(rule, expression, "mask", kAlwaysCaseless, &program->masks.back().patterns,
                       diagnostics);
      }
    }
  }
}

void BuildDatabases(const CompileOptions& options, Program* program, Diagnostics* diagnostics) {
  const auto& rules = program->rules->rules();
  std::map<text::Form, std::map<text::Zone, std::set<uint32_t>>> by_form;
  for (size_t i = 0; i < rules.size(); ++i) {
    for (const text::Zone& zone : rules[i].zones) {
      by_form[rules[i].form][zone].insert(static_cast<uint32_t>(i));
    }
  }
  Sets sets(program);
  MakePlans(by_form, &sets, program);
  CompileBudget budget;
  budget.cache_folder = options.cache_folder;
  budget.cache_key = options.cache_key;
  budget.owner_ms = options.rule_time_ms;
  budget.owner_bytes = options.rule_bytes;
  std::vector<CompiledSet> compiled = CompileSets(sets.sets(), budget);
  std::set<std::pair<uint32_t, std::string>> said;
  size_t most_ids = 0;
  for (size_t i = 0; i < compiled.size(); ++i) {
    for (const CompiledSet::Failure& failure : compiled[i].failures) {
      if (said.emplace(failure.owner, failure.message).second) {
        const Rule& rule = rules[failure.owner];
        diagnostics->Error(rule.match.empty() ? rule.place : rule.match[0].place,
                           "rule " + rule.id + ": " + failure.message);
      }
    }
    Database& database = program->databases[i];
    database.prefiltered = std::move(compiled[i].prefiltered);
    database.cpu_ms = compiled[i].cpu_ms;
    if (!compiled[i].database.valid()) {
      continue;
    }
    database.compiled = std::move(compiled[i].database);
    const Status prepared = program->work.scratch.Prepare(database.compiled);
    if (!prepared.ok()) {
      diagnostics->Error({"rules", 0, 0}, prepared.message());
    }
    most_ids = std::max(most_ids, database.targets.size());
  }
  program->work.last.assign(most_ids, 0);
  program->work.everywhere.assign(rules.size(), false);
}

}  // namespace gatepost::scan
