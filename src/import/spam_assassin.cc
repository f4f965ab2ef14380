// LIMITS: those of cf_reader.h, and of a rule set (src/ruleset/README.md).
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/spam_assassin.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>

#include "src/base/bytes.h"
#include "src/import/cf_reader.h"
#include "src/import/checks.h"
#include "src/import/freemail.h"
#include "src/import/perl_regex.h"
#include "src/import/replace_tags.h"
#include "src/import/settings.h"
#include "src/import/site.h"
#include "src/ruleset/expression.h"
#include "src/ruleset/names.h"
#include "src/ruleset/words.h"
#include "src/scan/pcre2.h"

namespace gatepost::import {

namespace {

constexpr double kVersion = 4.000001;
constexpr double kMostScore = 100;

std::string AsciiUpper(std::string text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

bool IsPart(const std::string& name) { return name.substr(0, 2) == "__"; }

bool IsRuleName(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') && ruleset::IsId(name) &&
         name.find_first_of("-.") == std::string_view::npos;
}

class Converter {
 public:
  Converter(const CfSettings& settings, Imported* out)
      : settings_(settings), freemail_(settings), out_(out) {}

  void Run() {
    for (const auto& [name, rule] : settings_.rules) {
      entries_[name] = {name, rule.eval ? rule.kind + " eval" : rule.kind, Outcome::kConverted, "",
                        rule.place};
    }
    for (const auto& [name, rule] : settings_.rules) {
      if (rule.kind != "meta") {
        ConvertText(name, rule);
      }
    }
    ConvertMetas();
    AddExamples();
    for (auto& [name, entry] : entries_) {
      if (made_.count(name) > 0 && std::abs(ScoreOf(settings_, name)) > kMostScore) {
        AddCaveat("its score is cut to " + std::to_string(static_cast<int>(kMostScore)), &entry);
      }
      out_->report.entries.push_back(entry);
    }
    std::map<std::string, NewPack> packs;
    for (const auto& [name, rules] : made_) {
      const std::string file = settings_.rules.at(name).place.file;
      const std::string stem = std::filesystem::path(file).stem().string();
      NewPack& pack = packs[stem];
      pack.name = "spamassassin-" + stem;
      pack.file = stem + ".yaml";
      pack.imported = "SpamAssassin, " + std::filesystem::path(file).filename().string();
      pack.rules.insert(pack.rules.end(), rules.begin(), rules.end());
    }
    for (auto& [stem, pack] : packs) {
      out_->packs.push_back(std::move(pack));
    }
    for (NewPack& pack : freemail_.TakePacks()) {
      out_->packs.push_back(std::move(pack));
    }
  }

 private:
  bool Has(const std::string& name, const std::string& flag) const {
    const auto flags = settings_.flags.find(name);
    return flags != settings_.flags.end() && flags->second.count(flag) > 0;
  }

  uint32_t Times(const std::string& name) const {
    if (!Has(name, "multiple")) {
      return 1;
    }
    constexpr std::string_view kMax = "maxhits=";
    for (const std::string& flag : settings_.flags.at(name)) {
      uint32_t value = 0;
      if (flag.substr(0, kMax.size()) == kMax &&
          std::from_chars(flag.data() + kMax.size(), flag.data() + flag.size(), value).ec ==
              std::errc() &&
          value > 0) {
        return value;
      }
    }
    return 0;
  }

  void Say(const std::string& name, Outcome outcome, const std::string& reason) {
    Entry& entry = entries_[name];
    entry.outcome = outcome;
    entry.reason = reason;
  }

  NewRule Begin(const std::string& name) const {
    NewRule rule;
    rule.id = name;
    const auto title = settings_.describe.find(name);
    if (title != settings_.describe.end()) {
      rule.title_en = title->second;
    }
    const auto title_vi = settings_.describe_vi.find(name);
    if (title_vi != settings_.describe_vi.end()) {
      rule.title_vi = title_vi->second;
    }
    rule.part = IsPart(name);
    rule.origin = name;
    rule.score = std::clamp(ScoreOf(settings_, name), -kMostScore, kMostScore);
    return rule;
  }

  // True: SpamAssassin runs it without network and Bayes, and it may become a rule.
  bool Runs(const std::string& name, const CfRule& rule) {
    if (!IsRuleName(name) || name.size() > 64) {
      Say(name, Outcome::kNot, "the name is no rule's name (letters, digits, '_', at most 64)");
      return false;
    }
    if (!rule.problem.empty()) {
      Say(name, Outcome::kNot, rule.problem);
      return false;
    }
    if (rule.eval && Has(name, "net")) {
      Say(name, Outcome::kNot, "asks the network");
      return false;
    }
    if (ScoreOf(settings_, name) == 0) {
      Say(name, Outcome::kOff, "score 0");
      return false;
    }
    if (rule.eval && Has(name, "learn")) {
      Say(name, Outcome::kNot, "Bayes: needs a trained database");
      return false;
    }
    return true;
  }

  static bool ZoneOf(const CfRule& rule, std::string* zone) {
    if (rule.kind == "header") {
      *zone = "sa:header:" + AsciiLower(rule.field);
    } else if (rule.kind == "mimeheader") {
      *zone = "sa:mime:" + AsciiLower(rule.field);
    } else {
      *zone = "sa:" + rule.kind;
    }
    // MESSAGEID and ALL are what they are in capitals only.
    const std::string name = rule.field.substr(0, rule.field.find(':'));
    const bool special = (AsciiLower(name) == "messageid" && name != "MESSAGEID") ||
                         (AsciiLower(name).compare(0, 3, "all") == 0 && name != AsciiUpper(name) &&
                          (name.size() == 3 || name[3] == '-'));
    return ruleset::IsZone(*zone) && !special;
  }

  void ConvertText(const std::string& name, const CfRule& rule) {
    if (!Runs(name, rule)) {
      return;
    }
    NewRule out = Begin(name);
    if (rule.eval) {
      std::string why = "eval: " + rule.test.substr(0, rule.test.find('('));
      std::vector<NewRule> made = freemail_.Convert(rule.test, out, &why);
      const std::string check = CheckOf(rule.test);
      if (!check.empty()) {
        out.zone = "sa:checks";
        out.form = "bytes";
        out.times = 1;
        out.match = {"^" + ruleset::QuoteForExpression(check) + "$"};
        made_[name] = {std::move(out)};
      } else if (made.empty()) {
        Say(name, Outcome::kNot, why);
      } else {
        made_[name] = std::move(made);
      }
      return;
    }
    out.form = "bytes";
    out.times = Times(name);
    const std::string field = AsciiLower(rule.field);
    const bool composed = field == "tocc" || rule.field == "MESSAGEID" || field == "envelopefrom" ||
                          field.find(':') != std::string::npos;
    if (rule.exists && composed && ZoneOf(rule, &out.zone)) {
      out.match = {"(?s)."};
      made_[name] = {std::move(out)};
      return;
    }
    if (rule.exists) {
      out.zone = "sa:fields";
      out.caseless = true;
      out.match = {"^" + ruleset::QuoteForExpression(rule.field) + "$"};
      made_[name] = {std::move(out)};
      return;
    }
    if (!ZoneOf(rule, &out.zone)) {
      Say(name, Outcome::kNot, "'" + rule.field + "' is no header field that can be read");
      return;
    }
    if (rule.kind == "body" && Has(name, "nosubject")) {
      out.zone = "sa:body-only";
    }
    const std::string written =
        settings_.replaced.count(name) > 0 ? ReplaceTags(settings_, rule.test) : rule.test;
    if (written.empty()) {
      Say(name, Outcome::kNot, "with its tags the expression is longer than 64 KB: split it");
      return;
    }
    Result<PerlRegex> regex = ReadPerlRegex(written);
    if (!regex.ok()) {
      Say(name, Outcome::kNot, "the expression " + regex.status().message());
      return;
    }
    out.caseless = regex->caseless;
    out.match = {regex->text};
    scan::Pattern::Options options;
    options.caseless = regex->caseless;
    options.captures = true;
    options.line_end = true;
    const Result<scan::Pattern> pattern = scan::Pattern::Compile(regex->text, options);
    if (!pattern.ok()) {
      Say(name, Outcome::kNot, "the expression is not valid: " + pattern.status().message());
      return;
    }
    if (pattern->MatchesEmpty()) {
      Say(name, Outcome::kNot, "the expression matches nothing at all, so everywhere");
      return;
    }
    if (rule.negated) {
      Negate(name, rule, *pattern, std::move(out));
    } else if (rule.has_unset && Matches(*pattern, rule.unset)) {
      Unset(name, rule, std::move(out));
    } else {
      made_[name] = {std::move(out)};
    }
  }

  static bool Matches(const scan::Pattern& pattern, const std::string& text) {
    scan::Matcher matcher;
    Range found;
    return matcher.Find(pattern, text, 0, &found) == scan::Matcher::Outcome::kMatch;
  }

  // `!~`: the expression as a part, and the rule as what holds without it.
  void Negate(const std::string& name, const CfRule& rule, const scan::Pattern& pattern,
              NewRule text) {
    NewRule out = Begin(name);
    text.id = "__" + name + ".match";
    text.part = true;
    text.title_en.clear();
    text.title_vi.clear();
    out.calc = "!" + text.id;
    std::vector<NewRule> made = {text};
    if (rule.has_unset && Matches(pattern, rule.unset)) {
      made.push_back(Exists(name, rule));
      out.calc += " && " + made.back().id;
    }
    made.push_back(std::move(out));
    made_[name] = std::move(made);
  }

  void Unset(const std::string& name, const CfRule& rule, NewRule text) {
    NewRule out = Begin(name);
    text.id = "__" + name + ".match";
    text.part = true;
    text.title_en.clear();
    text.title_vi.clear();
    std::vector<NewRule> made = {text, Exists(name, rule)};
    out.calc = text.id + " || !" + made[1].id;
    made.push_back(std::move(out));
    made_[name] = std::move(made);
  }

  NewRule Exists(const std::string& name, const CfRule& rule) const {
    NewRule out;
    out.id = "__" + name + ".exists";
    out.origin = name;
    out.part = true;
    out.zone = "sa:fields";
    out.form = "bytes";
    out.caseless = true;
    out.times = 1;
    out.match = {"^" + ruleset::QuoteForExpression(rule.field.substr(0, rule.field.find(':'))) +
                 "$"};
    return out;
  }

  // Metas in an order in which what they name has been decided.
  void ConvertMetas() {
    struct Meta {
      std::string name;
      std::vector<std::string> tokens;
      size_t next = 0;
    };
    std::set<std::string> done;
    std::set<std::string> open;
    for (const auto& [first, rule] : settings_.rules) {
      if (rule.kind != "meta" || done.count(first) > 0) {
        continue;
      }
      std::vector<Meta> stack;
      stack.push_back({first, Tokens(rule.test), 0});
      open.insert(first);
      while (!stack.empty()) {
        Meta& top = stack.back();
        if (top.next == top.tokens.size()) {
          ConvertMeta(top.name, top.tokens);
          done.insert(top.name);
          open.erase(top.name);
          stack.pop_back();
          continue;
        }
        const std::string token = top.tokens[top.next++];
        const auto named = settings_.rules.find(token);
        if (named == settings_.rules.end() || named->second.kind != "meta" ||
            done.count(token) > 0) {
          continue;
        }
        if (open.count(token) > 0) {
          circular_.insert(top.name);
          continue;
        }
        open.insert(token);
        stack.push_back({token, Tokens(named->second.test), 0});
      }
    }
  }

  // As SpamAssassin's lexer reads it; rules_matching(GLOB) becomes a sum.
  std::vector<std::string> Tokens(std::string_view text) const {
    std::vector<std::string> out;
    constexpr std::string_view kMatching = "rules_matching";
    for (size_t at = 0; at < text.size();) {
      const char c = text[at];
      if (c == ' ' || c == '\t') {
        ++at;
        continue;
      }
      size_t end = at + 1;
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.') {
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                                     text[end] == '_' || text[end] == '.' || text[end] == ':')) {
          ++end;
        }
      } else if (end < text.size() &&
                 ((c == '&' && text[end] == '&') || (c == '|' && text[end] == '|') ||
                  (text[end] == '=' &&
                   std::string_view("<>=!").find(c) != std::string_view::npos))) {
        ++end;
      }
      std::string token(text.substr(at, end - at));
      at = end;
      if (token == kMatching) {
        const size_t open = text.find('(', at);
        const size_t close = text.find(')', at);
        if (open != std::string_view::npos && close != std::string_view::npos) {
          std::string glob(text.substr(open + 1, close - open - 1));
          glob.erase(std::remove(glob.begin(), glob.end(), ' '), glob.end());
          AddMatching(glob, &out);
          at = close + 1;
          continue;
        }
      }
      out.push_back(std::move(token));
    }
    return out;
  }

  void AddMatching(const std::string& glob, std::vector<std::string>* out) const {
    out->emplace_back("(");
    out->emplace_back("0");
    for (const auto& [name, rule] : settings_.rules) {
      if (ruleset::GlobMatches(glob, name)) {
        out->emplace_back("+");
        out->push_back(name);
      }
    }
    out->emplace_back(")");
  }

  void ConvertMeta(const std::string& name, const std::vector<std::string>& tokens) {
    const CfRule& rule = settings_.rules.at(name);
    if (!Runs(name, rule)) {
      return;
    }
    if (circular_.count(name) > 0) {
      Say(name, Outcome::kNot, "names itself, round a circle: SpamAssassin leaves it out too");
      return;
    }
    NewRule out = Begin(name);
    std::set<std::string> zero;
    bool any = false;
    for (const std::string& token : tokens) {
      std::string text = token;
      const bool is_name =
          std::isalpha(static_cast<unsigned char>(token[0])) != 0 || token[0] == '_';
      if (token == "local_tests_only") {
        text = "1";
      } else if (is_name && made_.count(token) == 0) {
        const auto known = entries_.find(token);
        if (known != entries_.end() && known->second.outcome == Outcome::kNot &&
            !Has(token, "net") && !Has(token, "learn")) {
          zero.insert(token);
        }
        text = "0";
      } else if (is_name) {
        any = true;
      } else if (token == "^" || token == "?" || token == ":") {
        Say(name, Outcome::kNot, "the operator '" + token + "' in a meta is not supported");
        return;
      }
      const bool tight =
          out.calc.empty() || out.calc.back() == '(' || out.calc.back() == '!' || text == ")";
      out.calc += (tight ? "" : " ") + text;
    }
    if (!any) {
      Say(name, zero.empty() ? Outcome::kOff : Outcome::kNot,
          zero.empty() ? "everything that it names is off"
                       : "depends on nothing that was converted");
      return;
    }
    if (!zero.empty()) {
      std::string names;
      for (const std::string& one : zero) {
        names += (names.empty() ? "" : ", ") + one;
      }
      Say(name, Outcome::kCaveat, "takes for 0 what was not converted: " + names);
      out.comments.push_back("Caveat: takes for 0 what was not converted: " + names);
    }
    made_[name] = {std::move(out)};
  }

  void AddExamples() {
    for (const CfTest& test : settings_.tests) {
      const auto made = made_.find(test.rule);
      if (made == made_.end() || !made->second[0].calc.empty() ||
          settings_.rules.at(test.rule).eval) {
        continue;
      }
      // Of `!~` the first is what must not match.
      NewRule& rule = made->second[0];
      const bool matches = test.ok != settings_.rules.at(test.rule).negated;
      (matches ? rule.examples : rule.counter_examples).push_back(test.text);
    }
  }

  const CfSettings& settings_;
  Freemail freemail_;
  Imported* out_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::vector<NewRule>> made_;  // parts first
  std::set<std::string> circular_;
};

}  // namespace

Imported ConvertSpamAssassin(const CfFiles& files) {
  const CfSettings settings = ReadSettings(files);
  Imported out;
  Converter(settings, &out).Run();
  Site site = ReadSite(settings);
  if (!site.pack.rules.empty()) {
    out.packs.push_back(std::move(site.pack));
  }
  out.policy = std::move(site.policy);
  out.report.entries.insert(out.report.entries.end(), site.entries.begin(), site.entries.end());
  return out;
}

Result<Imported> ImportSpamAssassin(const std::vector<std::string>& paths,
                                    Diagnostics* diagnostics) {
  const Result<CfFiles> files = ReadCf(paths, kVersion, diagnostics);
  if (!files.ok()) {
    return files.status();
  }
  Imported out = ConvertSpamAssassin(*files);
  out.report.source = "SpamAssassin: " + (paths.empty() ? std::string() : paths[0]);
  return out;
}

}  // namespace gatepost::import
