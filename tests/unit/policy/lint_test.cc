// Clauses that are never reached or never hold, and rules that no clause looks at: each named with
// its place, and nothing said about their neighbours that are right. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/policy/policy.h"

namespace gatepost::policy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRules = R"(rules:
  - {id: S-1, title: {en: a, vi: a}, zones: [body], match: 'alpha', severity: high, group: g,
     examples: {match: [alpha], no_match: [x]}}
  - {id: S-2, title: {en: a, vi: a}, zones: [body], match: 'bravo', severity: low, group: g,
     examples: {match: [bravo], no_match: [x]}}
  - {id: S-3, title: {en: a, vi: a}, zones: [body], match: 'charlie', severity: medium, group: h, score: 1,
     examples: {match: [charlie], no_match: [x]}}
lists: {a: [a.example], b: [b.example]}
)";

// What is said about a policy of these clauses (category and action are added) over `rules` and
// `more` rules behind them.
std::string Said(const std::vector<std::string>& clauses, std::string rules = kRules,
                 const std::string& more = "") {
  rules.insert(rules.find("lists:"), more);
  std::string name = (fs::temp_directory_path() / "gatepost-lint-XXXXXX").string();
  const std::string folder = mkdtemp(name.data());
  std::ofstream(folder + "/rules.yaml") << rules;
  std::ofstream out(folder + "/policy.yaml");
  out << "policy: 1\nclauses:\n";
  for (size_t i = 0; i < clauses.size(); ++i) {
    out << "- {name: c" << i + 1 << ", category: spam, " << clauses[i]
        << ", then: {action: quarantine}}\n";
  }
  // So that nothing is said about other matters: mail that cannot be read, rules, the score.
  out << "- {name: u, category: unscannable, when: {unscannable: true}, then: {action: tag}}\n"
      << "- {name: g, category: spam, when: {rules: ['S-*']}, then: {action: tag}}\n"
      << "- {name: s, category: spam, when: {score: {at_least: tag}}, then: {action: tag}}\n";
  out.close();
  Diagnostics loading, diagnostics;
  const auto set = ruleset::RuleSet::Load({folder + "/rules.yaml"}, &loading);
  EXPECT_TRUE(set.ok()) << set.status().message();
  std::string said;
  if (set.ok()) {
    const auto policy = Policy::Load(folder + "/policy.yaml", **set, &diagnostics);
    said = policy.ok() ? "" : "refused\n";
  }
  for (const Diagnostic& one : diagnostics.all()) {
    said += one.ToString() + "\n";
  }
  for (size_t at = said.find(folder); at != std::string::npos; at = said.find(folder)) {
    said.erase(at, folder.size() + 1);
  }
  fs::remove_all(folder);
  return said;
}

struct Pair {
  const char* earlier;
  const char* later;
  bool unreachable;
};

TEST(PolicyLint, AClauseBehindAWiderOneIsNeverReached) {
  const Pair pairs[] = {
      {"when: {infected: true}", "when: {infected: true, direction: inbound}", true},
      {"when: {infected: true, direction: inbound}", "when: {infected: true}", false},
      {"when: {direction: [inbound, outbound]}", "when: {direction: inbound}", true},
      {"when: {direction: inbound}", "when: {direction: [inbound, outbound]}", false},
      {"when: {score: {at_least: 5}}", "when: {score: {at_least: reject}}", true},
      {"when: {score: {at_least: reject}}", "when: {score: {at_least: 5}}", false},
      {"when: {score: {at_least: 5, below: 9}}", "when: {score: {at_least: 6}}", false},
      {"when: {groups: [g]}", "when: {rules: [S-1]}", true},
      {"when: {groups: [g], severity: medium}", "when: {rules: [S-1]}", true},
      {"when: {groups: [g], severity: medium}", "when: {groups: [g]}", false},
      {"when: {rules: ['S-*']}", "when: {groups: [h]}", true},
      {"when: {groups: [g], levels: [mat]}", "when: {groups: [g]}", false},
      {"when: {groups: [g]}", "when: {groups: [g], levels: [mat]}", true},
      {"when: {defects: {grade: B}}", "when: {defects: {grade: C}}", true},
      {"when: {defects: {grade: C}}", "when: {defects: {grade: B}}", false},
      {"when: {unscannable: true}", "when: {unscannable: [encrypted]}", true},
      {"when: {unscannable: [encrypted]}", "when: {unscannable: [encrypted, too-big]}", false},
      {"when: {facts: {auth.dmarc: [fail, none]}}", "when: {facts: {auth.dmarc: fail}}", true},
      {"when: {facts: {auth.dmarc: fail}}", "when: {facts: {auth.dmarc: [fail, none]}}", false},
      {"when: {facts: {sender.null: false}}", "when: {facts: {sender.null: true}}", false},
      {"when: {facts: {attachment.count: {at_least: 2}}}",
       "when: {facts: {attachment.count: {at_least: 3}}}", true},
      {"when: {sender: {domain: [a.example, b.example]}}", "when: {sender: {domain: [a.example]}}",
       true},
      {"when: {sender: {list: [a]}}", "when: {sender: {list: [a, b]}}", false},
      {"when: {any: [{infected: true}, {groups: [g]}]}", "when: {rules: [S-2], direction: inbound}",
       true},
      {"when: {infected: true}", "when: {any: [{infected: true}, {groups: [g]}]}", false},
      {"when: {any: [{infected: true}, {groups: [g]}, {groups: [h]}]}",
       "when: {any: [{infected: true}, {groups: [g]}]}", true},
      {"when: {infected: true, not: {role: abuse}}",
       "when: {infected: true, not: {role: abuse}, direction: inbound}", true},
      {"when: {infected: true, not: {role: abuse}}",
       "when: {infected: true, not: {role: postmaster}}", false},
      {"when: {infected: true, not: {role: abuse}}", "when: {infected: true}", false},
      {"mode: shadow, when: {infected: true}", "when: {infected: true}", false},
      {"when: {infected: true}", "mode: shadow, when: {infected: true, direction: inbound}", true},
  };
  for (const Pair& pair : pairs) {
    const std::string said = Said({pair.earlier, pair.later});
    const bool found =
        said.find("policy.yaml:4:3: warning: the clause 'c2' is never reached: 'c1' in line 3 ") !=
        std::string::npos;
    EXPECT_EQ(found, pair.unreachable) << pair.earlier << "\n" << pair.later << "\n" << said;
  }
}

TEST(PolicyLint, OfAClauseThatIsWrongNothingIsSaidButWhatIsWrong) {
  const std::string said = Said({"when: {rule: [S-1]}", "when: {groups: [g]}"});
  EXPECT_NE(said.find("unknown key 'rule' in 'when', did you mean 'rules'?"), std::string::npos)
      << said;
  EXPECT_EQ(said.find("never reached"), std::string::npos) << said;
}

TEST(PolicyLint, AClauseThatNeverHoldsIsNamed) {
  const std::pair<const char*, const char*> clauses[] = {
      {"when: {score: {at_least: 9, below: 5}}", "no score is at least 9 and below 5"},
      {"when: {facts: {attachment.count: {at_least: 3, below: 3}}}",
       "never at least 3 and below 3"},
      {"when: {rules: [S-2], severity: critical}", "no rule that is loaded has one of these ids"},
      {"when: {groups: [h], severity: high}", "one of these groups and severity high or above"},
      {"when: {direction: inbound, all: [{direction: outbound}]}", "no copy goes two ways at once"},
      {"when: {infected: true, all: [{infected: false}]}", "a thing and its opposite"},
  };
  for (const auto& [clause, why] : clauses) {
    const std::string said = Said({clause});
    EXPECT_NE(said.find("policy.yaml:3:3: warning: the clause 'c1' never holds: "),
              std::string::npos)
        << clause << "\n"
        << said;
    EXPECT_NE(said.find(why), std::string::npos) << clause << "\n" << said;
  }
}

TEST(PolicyLint, SaysNothingAboutAPolicyThatIsRight) {
  EXPECT_EQ(Said({"when: {infected: true}", "when: {groups: [g], severity: high}",
                  "when: {direction: outbound, rules: [S-3]}"}),
            "");
}

TEST(PolicyLint, ARuleThatNothingLooksAtIsNamed) {
  const std::string rules =
      std::string(kRules) + "macros: {}\n";  // the rules stand in lines 2, 4 and 6
  const auto said = [&](const std::string& more) {
    std::string text = rules;
    text.insert(text.find("lists:"), more);
    return Said({}, text);
  };
  const std::string body =
      ", title: {en: a, vi: a}, zones: [body], match: 'delta', examples: {match: "
      "[delta], no_match: [x]}";
  EXPECT_NE(
      said("  - {id: X-1" + body + ", severity: medium}\n")
          .find("rules.yaml:8:5: warning: rule X-1 changes nothing: no clause of the policy and no "
                "other rule asks for it or its severity, and its score is 0; give it a "
                "score or a group, name it in a clause, or set severity: info"),
      std::string::npos);
  EXPECT_EQ(said("  - {id: X-1" + body + ", severity: medium, score: 1}\n"), "");
  EXPECT_EQ(said("  - {id: X-1" + body + ", severity: info}\n"), "");
  EXPECT_EQ(said("  - {id: X-1" + body + ", severity: medium, mode: shadow}\n"), "");
  EXPECT_EQ(said("  - {id: X-1" + body + ", severity: medium, group: vn-level}\n"), "");
  // Asked for by a rule that counts.
  const std::string when =
      ", title: {en: a, vi: a}, when: {rule: X-1}, examples: {match: [{rules: [X-1]}], "
      "no_match: [{rules: [S-1]}]}";
  EXPECT_EQ(said("  - {id: X-1" + body + ", severity: low}\n  - {id: X-2" + when + ", score: 1}\n"),
            "");
  // Asked for by one that does nothing either.
  const std::string both =
      said("  - {id: X-1" + body + ", severity: low}\n  - {id: X-2" + when + ", severity: low}\n");
  EXPECT_NE(both.find("rule X-1 changes nothing"), std::string::npos) << both;
  EXPECT_NE(both.find("rule X-2 changes nothing"), std::string::npos) << both;
}

TEST(PolicyLint, ARuleWithoutScoreGroupAndSeverityIsNamedUnlessItSaysThatItIsForTheLog) {
  const std::string body =
      "zones: [body], match: 'delta', examples: {match: [delta], no_match: [x]}";
  const auto said = [&](const std::string& keys, const std::string& head = "") {
    return Said({}, head + kRules + "macros: {}\n",
                "  - {id: X-1, title: {en: a, vi: a}, " + body + keys + "}\n");
  };
  EXPECT_NE(said("").find("rule X-1 changes nothing"), std::string::npos) << said("");
  EXPECT_EQ(said(", severity: info"), "");
  EXPECT_EQ(said(", part: true"), "");
  EXPECT_EQ(said("", "imported: 'rules of another program'\n"), "");
}

}  // namespace
}  // namespace gatepost::policy
