// A rule set to a program: PCRE2 patterns for each rule, Hyperscan databases for each kind of view.
// Zones whose rules are much the same share a database; what a rule does not ask for is then
// dropped when it is reported.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <set>

#include "src/scan/choose.h"
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

// Tells of what is no expression, and of one that matches nothing at all.
bool IsGood(const Rule& rule, const Expression& expression, const char* what,
            const std::string& problem, const Pattern* pattern, Diagnostics* diagnostics) {
  if (pattern == nullptr) {
    diagnostics->Error(expression.place,
                       "rule " + rule.id + ": the expression is not valid: " + problem);
    return false;
  }
  if (pattern->MatchesEmpty()) {
    diagnostics->Error(expression.place, "rule " + rule.id + ": '" + what +
                                             "' matches nothing at all, so everywhere: make a part "
                                             "of it required");
    return false;
  }
  return true;
}

// Of masks and `unless`.
void CompileCaseless(const Rule& rule, const Expression& expression, const char* what,
                     std::vector<Pattern>* out, Diagnostics* diagnostics) {
  Pattern::Options options;
  options.utf8 = expression.utf8;
  options.caseless = kAlwaysCaseless;
  options.captures = ParseSyntax(expression.expanded, expression.utf8, kAlwaysCaseless).exotic;
  options.line_end = rule.form == text::Form::kBytes;
  Result<Pattern> pattern = Pattern::Compile(expression.expanded, options);
  if (IsGood(rule, expression, what, pattern.ok() ? "" : pattern.status().message(),
             pattern.ok() ? &*pattern : nullptr, diagnostics)) {
    out->push_back(std::move(pattern).value());
  }
}

void CompileMatch(const Rule& rule, const Expression& expression, bool few, Matcher* matcher,
                  TextRule* text, Diagnostics* diagnostics) {
  Result<TextRule::Expression> one = CompileExpression(rule, expression, few, matcher);
  if (IsGood(rule, expression, "match", one.ok() ? "" : one.status().message(),
             one.ok() ? &one->pattern : nullptr, diagnostics)) {
    text->match.push_back(std::move(one).value());
  }
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
      // A zone joins its like, a short one also where it adds nothing. The others stand alone: in
      // one database of all headers each line is scanned for what only other fields are asked for.
      if (common * 2 >= both || (!is_long && common == rules.size())) {
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

  // kNoDatabase for a set of no expressions. `spare`: those that are asked only about a paragraph.
  int32_t Add(const std::set<uint32_t>& rules, bool lines, bool spare, Shared shared) {
    CompileSet set;
    Database database;
    shared.finder = lines ? Shared::Finder::kLines : Shared::Finder::kParagraphs;
    database.shared = shared;
    database.name = NameOf(shared) + (spare ? ", spare" : "");
    std::set<uint32_t> masks;
    for (const uint32_t index : rules) {
      const Rule& rule = program_->rules->rules()[index];
      const TextRule& text = program_->text[index];
      for (size_t i = 0; i < text.match.size(); ++i) {
        const TextRule::Expression& expression = text.match[i];
        const bool by_words =
            expression.engine == Engine::kNear || expression.engine == Engine::kStarts;
        const bool wanted = spare ? by_words && expression.endless && !expression.prefilter &&
                                        !expression.huge && !IsTooLong(rule, expression.hyperscan)
                                  : expression.engine == Engine::kHyperscan;
        if (wanted && expression.anchored == lines) {
          HsExpression hs;
          hs.text = expression.hyperscan;
          hs.utf8 = rule.match[i].utf8;
          hs.caseless = rule.caseless;
          hs.prefilter = expression.prefilter;
          Append(std::move(hs), {false, index, static_cast<uint32_t>(i)}, index, &set, &database);
        }
      }
      // Blanking can make a match that was none before: where a mask matches, its rules are
      // confirmed whatever was reported. (Masks see paragraphs.)
      const uint32_t mask = text.mask;
      if (!lines && !spare && mask != kNoMask && masks.insert(mask).second) {
        for (const Expression& expression : rule.mask) {
          const Syntax syntax = ParseSyntax(expression.expanded, expression.utf8, kAlwaysCaseless);
          HsExpression hs;
          hs.prefilter = syntax.understood && syntax.exotic;
          hs.text = hs.prefilter ? syntax.relaxed : expression.expanded;
          hs.utf8 = expression.utf8;
          hs.caseless = kAlwaysCaseless;
          Append(std::move(hs), {true, mask, 0}, index, &set, &database);
        }
      }
    }
    if (set.expressions.empty()) {
      return kNoDatabase;
    }
    std::string key;
    for (size_t i = 0; i < set.expressions.size(); ++i) {
      key += std::to_string(database.targets[i].index) + (database.targets[i].is_mask ? "m" : "r") +
             std::to_string(database.targets[i].expression) + ":" + set.expressions[i].text + '\0';
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
  static void Append(HsExpression expression, Target target, uint32_t owner, CompileSet* set,
                     Database* database) {
    expression.id = static_cast<uint32_t>(set->expressions.size());
    set->expressions.push_back(std::move(expression));
    set->owners.push_back(owner);
    database->targets.push_back(target);
  }

  Program* program_;
  std::vector<CompileSet> sets_;
  std::map<std::string, int32_t> by_key_;
};

// The words of the rules of a group, by fold.
std::array<int32_t, kFoldCount> AddNets(const std::set<uint32_t>& rules, const Shared& shared,
                                        Program* program) {
  std::array<int32_t, kFoldCount> out = {kNoNet, kNoNet};
  for (size_t fold = 0; fold < kFoldCount; ++fold) {
    std::vector<Sieve::Word> words;
    std::vector<Net::Word> meanings;
    for (const uint32_t rule : rules) {
      const TextRule& text = program->text[rule];
      for (size_t i = 0; i < text.match.size(); ++i) {
        const TextRule::Expression& expression = text.match[i];
        if ((expression.engine != Engine::kNear && !expression.words_in_ascii) ||
            static_cast<size_t>(expression.fold) != fold) {
          continue;
        }
        for (const Literal& literal : expression.required.literals) {
          words.push_back({literal.text, static_cast<uint32_t>(meanings.size())});
          meanings.push_back({rule, static_cast<uint32_t>(i), literal.least, literal.most,
                              expression.trial.get()});
        }
      }
    }
    if (!words.empty()) {
      out[fold] = static_cast<int32_t>(program->nets.size());
      program->nets.push_back({static_cast<Fold>(fold), Sieve(words), std::move(meanings), shared});
    }
  }
  return out;
}

// Those of a group that are found by their beginnings; `beyond`: where text is not ASCII alone.
int32_t AddBeginnings(const std::set<uint32_t>& rules, const Shared& shared, bool beyond,
                      Program* program) {
  auto trial = std::make_unique<Trial>();
  std::vector<Net::Word> meanings;
  for (const uint32_t rule : rules) {
    const Rule& source = program->rules->rules()[rule];
    TextRule& text = program->text[rule];
    for (size_t i = 0; i < text.match.size(); ++i) {
      TextRule::Expression& expression = text.match[i];
      if (expression.start_bits > 0 && expression.words_in_ascii == beyond) {
        const Expression& one = source.match[i];
        const Syntax syntax = ParseSyntax(one.expanded, one.utf8, source.caseless);
        if (!trial->Add(syntax, static_cast<uint32_t>(meanings.size()))) {
          // Choose asked the same, so it does not come to this; a rule is never lost if it does.
          expression.engine = Engine::kEverywhere;
          expression.start_bits = 0;
          continue;
        }
        trial->Expect(Starts::Of(syntax));
        meanings.push_back({rule, static_cast<uint32_t>(i), 0, 0, nullptr});
      }
    }
  }
  if (trial->empty()) {
    return kNoNet;
  }
  trial->Finish();
  program->beginnings.push_back({std::move(trial), std::move(meanings), shared});
  return static_cast<int32_t>(program->beginnings.size()) - 1;
}

void MakePlans(const std::map<text::Form, std::map<text::Zone, std::set<uint32_t>>>& by_form,
               Sets* sets, Program* program) {
  const size_t rule_count = program->rules->rules().size();
  for (const auto& [form, zones] : by_form) {
    Shared shared;
    shared.form = form;
    shared.group = 0;
    for (const Group& group : GroupZones(zones)) {
      shared.group = static_cast<uint8_t>(std::min<int>(shared.group + 1, Shared::kMostGroups));
      const int32_t lines = sets->Add(group.rules, true, false, shared);
      const int32_t paragraphs = sets->Add(group.rules, false, false, shared);
      const int32_t spare_lines = sets->Add(group.rules, true, true, shared);
      const int32_t spare_paragraphs = sets->Add(group.rules, false, true, shared);
      const std::array<int32_t, kFoldCount> nets = AddNets(group.rules, shared, program);
      const int32_t beginnings = AddBeginnings(group.rules, shared, false, program);
      const int32_t beyond = AddBeginnings(group.rules, shared, true, program);
      for (const text::Zone& zone : group.zones) {
        Plan plan;
        plan.lines = lines;
        plan.paragraphs = paragraphs;
        plan.spare_lines = spare_lines;
        plan.spare_paragraphs = spare_paragraphs;
        plan.nets = nets;
        plan.beginnings = beginnings;
        plan.beginnings_beyond = beyond;
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

// What only the compiler knows of an expression and its author should. Of others' rules the import
// tells; of what no engine but PCRE2 knows, lint does.
void WarnOfPrefilter(const Program& program, const Target& target, Diagnostics* diagnostics) {
  const Rule& rule = program.rules->rules()[target.index];
  const TextRule::Expression& expression = program.text[target.index].match[target.expression];
  if (expression.engine == Engine::kHyperscan && !expression.prefilter &&
      rule.form != text::Form::kBytes) {
    diagnostics->Warning(
        rule.match[target.expression].place,
        "rule " + rule.id +
            ": Hyperscan takes only a simpler form of the expression, so PCRE2 is "
            "asked wherever that matches: count fewer repeats, or make it two rules "
            "and a condition");
  }
}

void WarnOfRefusal(const Program& program, const Target& target, Diagnostics* diagnostics) {
  const Rule& rule = program.rules->rules()[target.index];
  if (rule.form != text::Form::kBytes) {
    const TextRule::Expression& expression = program.text[target.index].match[target.expression];
    diagnostics->Warning(rule.match[target.expression].place,
                         "rule " + rule.id + ": Hyperscan does not take the expression (" +
                             expression.refused +
                             "), so PCRE2 tries it in every paragraph: make it simpler, or two "
                             "rules and a condition");
  }
}

}  // namespace

void BuildPatterns(const CompileOptions& options, Program* program, Diagnostics* diagnostics) {
  const auto& rules = program->rules->rules();
  program->text.resize(rules.size());
  std::map<std::string, uint32_t> masks;
  const bool few = IsFew(*program->rules, options.few_expressions);
  for (size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    TextRule& text = program->text[i];
    text.first_lines = rule.first_lines;
    text.times = rule.times;
    if (options.only != nullptr && !options.only(rule)) {
      continue;
    }
    for (const Expression& expression : rule.match) {
      CompileMatch(rule, expression, few, &program->work.matcher, &text, diagnostics);
    }
    for (const Expression& expression : rule.unless) {
      CompileCaseless(rule, expression, "unless", &text.unless, diagnostics);
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
        CompileCaseless(rule, expression, "mask", &program->masks.back().patterns, diagnostics);
      }
    }
  }
}

void BuildDatabases(const CompileOptions& options, Program* program, Diagnostics* diagnostics) {
  const auto& rules = program->rules->rules();
  std::map<text::Form, std::map<text::Zone, std::set<uint32_t>>> by_form;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (options.only != nullptr && !options.only(rules[i])) {
      continue;
    }
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
    for (size_t id = 0; id < database.targets.size(); ++id) {
      const Target& target = database.targets[id];
      if (compiled[i].refused[id].empty()) {
        if (!target.is_mask && !database.prefiltered[id]) {
          program->text[target.index].match[target.expression].spare = true;
        } else if (!target.is_mask) {
          WarnOfPrefilter(*program, target, diagnostics);
        }
        continue;
      }
      if (target.is_mask) {
        program->masks[target.index].everywhere = true;
        continue;
      }
      TextRule::Expression& expression = program->text[target.index].match[target.expression];
      expression.refused = compiled[i].refused[id];
      if (expression.engine == Engine::kHyperscan) {
        expression.engine = Engine::kEverywhere;
        WarnOfRefusal(*program, target, diagnostics);
      }
    }
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
  for (auto& [key, plan] : program->plans) {
    for (uint32_t rule = 0; rule < rules.size(); ++rule) {
      const TextRule& text = program->text[rule];
      if (plan.active[rule] && text.mask != kNoMask && program->masks[text.mask].everywhere) {
        plan.everywhere.emplace_back(rule, kEvery);
      }
      for (uint32_t i = 0; plan.active[rule] && i < text.match.size(); ++i) {
        const TextRule::Expression& one = text.match[i];
        if (one.engine == Engine::kEverywhere && !(one.words_in_ascii && one.start_bits > 0)) {
          plan.everywhere.emplace_back(rule, i);
        }
      }
    }
  }
  program->work.last.assign(most_ids, 0);
  program->work.everywhere.assign(rules.size(), false);
}

}  // namespace gatepost::scan
