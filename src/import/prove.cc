// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/prove.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"
#include "src/scan/pcre2.h"
#include "src/scan/syntax.h"

namespace gatepost::import {

namespace {

constexpr int kMostRounds = 100;
constexpr const char* kFolder = "import";

std::string OriginOf(const NewRule& rule) { return rule.origin.empty() ? rule.id : rule.origin; }

bool IsIdChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// Patterns as scan compiles them; without the databases, which take what PCRE2 takes or leave it.
void CompilePatterns(const ruleset::RuleSet& set, Diagnostics* diagnostics) {
  for (const ruleset::Rule& rule : set.rules()) {
    for (const auto* list : {&rule.match, &rule.mask, &rule.unless}) {
      for (const ruleset::Expression& one : *list) {
        const bool caseless = rule.caseless || list != &rule.match;
        scan::Pattern::Options options;
        options.utf8 = one.utf8;
        options.caseless = caseless;
        options.captures = scan::ParseSyntax(one.expanded, one.utf8, caseless).exotic;
        options.line_end = rule.form == text::Form::kBytes;
        const Result<scan::Pattern> pattern = scan::Pattern::Compile(one.expanded, options);
        if (!pattern.ok()) {
          diagnostics->Error(one.place,
                             "the expression is not valid: " + pattern.status().message());
        } else if (pattern->MatchesEmpty()) {
          diagnostics->Error(one.place, "the expression matches nothing at all, so everywhere");
        }
      }
    }
  }
}

class Prover {
 public:
  explicit Prover(Imported* imported) : imported_(imported) {
    for (Entry& entry : imported->report.entries) {
      entries_.emplace(entry.name, &entry);
    }
  }

  // What a load complains of.
  Diagnostics Complaints() {
    std::map<ruleset::Sources::Name, ruleset::Sources::Content> files;
    lines_.clear();
    for (const NewPack& pack : imported_->packs) {
      files[{0, pack.file}] = std::make_shared<const std::string>(ToYaml(pack, &lines_[pack.file]));
      for (const auto& [name, entries] : pack.lists) {
        files[{0, "lists/" + name + ".txt"}] =
            std::make_shared<const std::string>(ListText(entries));
      }
    }
    ruleset::Sources sources = ruleset::Sources::OfFiles({{kFolder, false, ""}}, std::move(files));
    Diagnostics complaints;
    const auto set = ruleset::RuleSet::Load(&sources, &complaints);
    if (set.ok()) {
      CompilePatterns(**set, &complaints);
    }
    return complaints;
  }

  // Takes out the rules that errors stand in. False: none stands in a rule.
  bool TakeOut(const Diagnostics& complaints) {
    std::map<std::string, std::string> why;  // by origin
    for (const Diagnostic& one : complaints.all()) {
      if (one.severity != Diagnostic::Severity::kError) {
        continue;
      }
      if (const NewRule* const rule = RuleAt(one.place); rule != nullptr) {
        why.emplace(OriginOf(*rule), one.message);
      }
    }
    std::set<std::string> gone;  // ids
    for (NewPack& pack : imported_->packs) {
      const auto end =
          std::remove_if(pack.rules.begin(), pack.rules.end(), [&](const NewRule& rule) {
            const bool goes = why.count(OriginOf(rule)) > 0;
            if (goes) {
              gone.insert(rule.id);
            }
            return goes;
          });
      pack.rules.erase(end, pack.rules.end());
    }
    for (const auto& [origin, reason] : why) {
      if (const auto entry = entries_.find(origin); entry != entries_.end()) {
        entry->second->outcome = Outcome::kNot;
        entry->second->reason = "does not load: " + reason;
      }
    }
    ForgetIn(gone);
    return !why.empty();
  }

 private:
  // Null: the place is in no rule.
  const NewRule* RuleAt(const Place& place) const {
    for (const NewPack& pack : imported_->packs) {
      const std::string& file = pack.file;
      if (place.line == 0 || place.file.size() < file.size() ||
          place.file.compare(place.file.size() - file.size(), file.size(), file) != 0) {
        continue;
      }
      const std::vector<int>& begins = lines_.at(file);
      const auto behind = std::upper_bound(begins.begin(), begins.end(), place.line);
      if (behind != begins.begin() && behind != begins.end()) {
        return &pack.rules[static_cast<size_t>(behind - begins.begin()) - 1];
      }
    }
    return nullptr;
  }

  void ForgetIn(const std::set<std::string>& gone) {
    for (NewPack& pack : imported_->packs) {
      for (NewRule& rule : pack.rules) {
        std::string calc;
        std::string names;
        for (size_t at = 0; at < rule.calc.size();) {
          size_t end = at;
          while (end < rule.calc.size() && IsIdChar(rule.calc[end])) {
            ++end;
          }
          const std::string word = rule.calc.substr(at, std::max<size_t>(end - at, 1));
          const bool is_gone = end > at && gone.count(word) > 0;
          calc += is_gone ? "0" : word;
          names += is_gone ? (names.empty() ? "" : ", ") + word : "";
          at += word.size();
        }
        if (names.empty()) {
          continue;
        }
        rule.calc = calc;
        rule.comments.push_back("Caveat: takes for 0 what was not converted: " + names);
        if (const auto entry = entries_.find(OriginOf(rule));
            entry != entries_.end() && entry->second->outcome != Outcome::kNot) {
          AddCaveat("takes for 0 what was not converted: " + names, entry->second);
        }
      }
    }
  }

  Imported* imported_;
  std::map<std::string, Entry*> entries_;
  std::map<std::string, std::vector<int>> lines_;  // by file: see ToYaml
};

}  // namespace

Status Prove(Imported* imported, Diagnostics* diagnostics) {
  Prover prover(imported);
  for (int round = 0; round < kMostRounds; ++round) {
    const Diagnostics complaints = prover.Complaints();
    if (!complaints.has_errors()) {
      return {};
    }
    if (!prover.TakeOut(complaints)) {
      break;
    }
  }
  const Diagnostics left = prover.Complaints();
  for (const Diagnostic& one : left.all()) {
    if (one.severity == Diagnostic::Severity::kError) {
      diagnostics->Error(one.place, one.message);
    }
  }
  return left.has_errors() ? Status::Invalid(
                                 "what was imported does not load as it is: mend what "
                                 "is named above, or import fewer files at once")
                           : Status();
}

}  // namespace gatepost::import
