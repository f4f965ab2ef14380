// Envelope and findings to a verdict. Pure: the same arguments give the same verdict.
// LIMITS: work is tests times recipients; both are bounded by their loaders.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <charconv>
#include <optional>

#include "src/inspect/wire.h"
#include "src/policy/clause.h"

namespace gatepost::policy {

bool AtDomain(const mail::Address& address, const std::string& domain) {
  const auto fits = [&](const std::string& mine) {
    return domain[0] == '.'
               ? mine.size() > domain.size() &&
                     mine.compare(mine.size() - domain.size(), domain.size(), domain) == 0
               : mine == domain;
  };
  return !domain.empty() && fits(address.domain()) && fits(address.final_domain());
}

namespace {

constexpr uint8_t kPostmaster = 1;
constexpr uint8_t kAbuse = 2;

// RFC 2142 names that must stay reachable, where they are ours to keep reachable.
uint8_t RoleOf(const mail::Recipient& recipient) {
  const bool ours = recipient.direction == mail::Direction::kInbound ||
                    recipient.direction == mail::Direction::kInternal ||
                    recipient.address.domain().empty();  // RCPT TO:<postmaster>, RFC 5321 4.5.1
  if (!ours) {
    return 0;
  }
  const std::string local = recipient.address.local_key();
  return local == "postmaster" ? kPostmaster : local == "abuse" ? kAbuse : uint8_t{0};
}

uint8_t LevelBit(ruleset::Level level) {
  switch (level) {
    case ruleset::Level::kMat:
      return 1;
    case ruleset::Level::kToiMat:
      return 2;
    case ruleset::Level::kTuyetMat:
      return 4;
    case ruleset::Level::kOther:
      return 8;
    case ruleset::Level::kNone:
    case ruleset::Level::kFromMatch:
      break;
  }
  return 0;
}

bool IsHit(const Test& test, const inspect::Findings& findings) {
  return std::any_of(findings.hits.begin(), findings.hits.end(), [&](const auto& hit) {
    return hit.mode == ruleset::Mode::kEnforce && hit.severity >= test.severity &&
           (test.any_id || test.ids.count(hit.id) > 0) &&
           (test.groups.empty() || test.groups.count(hit.group) > 0) &&
           (test.bits == 0 || (LevelBit(hit.level) & test.bits) != 0);
  });
}

bool InBounds(const Test& test, double value) {
  return (!test.has_at_least || value >= test.at_least) && (!test.has_below || value < test.below);
}

// A fact may hold several values between single blanks; one that fits is enough.
bool FactHolds(const Test& test, const scan::Facts& facts) {
  const auto found = facts.find(test.name);
  if (found == facts.end()) {
    return !test.wanted;
  }
  const std::string_view all = found->second;
  bool holds = false;
  for (size_t at = 0; at <= all.size() && !holds;) {
    const size_t end = std::min(all.find(' ', at), all.size());
    const std::string_view value = all.substr(at, end - at);
    if (test.has_at_least || test.has_below) {
      double number = 0;
      const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      holds = error == std::errc() && stop == value.data() + value.size() && InBounds(test, number);
    }
    for (const std::string& glob : test.values) {
      holds = holds || GlobMatches(glob, value);
    }
    at = end + 1;
  }
  return holds == test.wanted;
}

bool IsParty(const Test& test, const mail::Address& address) {
  if (address.is_null()) {
    return false;
  }
  const std::string key = address.key();
  if (test.ids.count(key) > 0 ||
      std::any_of(test.values.begin(), test.values.end(),
                  [&](const std::string& domain) { return AtDomain(address, domain); })) {
    return true;
  }
  return std::any_of(test.lists.begin(), test.lists.end(), [&](const ruleset::List* list) {
    return list->Contains(key) || list->Contains(address.domain()) ||
           list->Contains(address.final_domain());
  });
}

// The tests that do not depend on the recipient.
std::optional<bool> OfMessage(const Test& test, const mail::Envelope& envelope,
                              const inspect::Findings& findings) {
  switch (test.kind) {
    case Test::Kind::kInfected:
      return findings.infections.empty() != test.wanted;
    case Test::Kind::kScore:
      return InBounds(test, findings.score);
    case Test::Kind::kHit:
      return IsHit(test, findings);
    case Test::Kind::kDefect:
      return std::any_of(findings.defects.begin(), findings.defects.end(), [&](const auto& one) {
        return one.grade >= test.grade && (test.any_id || test.ids.count(one.id) > 0);
      });
    case Test::Kind::kUnscannable:
      return std::any_of(findings.unscannable.begin(), findings.unscannable.end(),
                         [&](const auto& one) {
                           return test.any_id || test.ids.count(decode::ToString(one.reason)) > 0;
                         });
    case Test::Kind::kFact:
      return FactHolds(test, findings.facts);
    case Test::Kind::kSender:
      return IsParty(test, envelope.sender);
    case Test::Kind::kAll:
    case Test::Kind::kAny:
    case Test::Kind::kNot:
    case Test::Kind::kDirection:
    case Test::Kind::kRecipient:
    case Test::Kind::kRole:
    case Test::Kind::kKnownCorrespondent:
      break;
  }
  return std::nullopt;
}

bool OfRecipient(const Test& test, const mail::Recipient& recipient, uint8_t role) {
  switch (test.kind) {
    case Test::Kind::kDirection:
      return ((1U << static_cast<unsigned>(recipient.direction)) & test.bits) != 0;
    case Test::Kind::kRecipient:
      return IsParty(test, recipient.address);
    case Test::Kind::kRole:
      return (role & test.bits) != 0;
    case Test::Kind::kKnownCorrespondent:
      return recipient.known_correspondent == test.wanted;
    default:
      return false;
  }
}

// Every test for one recipient, children before parents.
class Evaluation {
 public:
  Evaluation(const std::vector<Test>& tests, const mail::Envelope& envelope,
             const inspect::Findings& findings)
      : tests_(tests),
        of_message_(tests.size()),
        all_(tests.size()),
        any_(tests.size()),
        value_(tests.size()) {
    for (size_t i = 0; i < tests.size(); ++i) {
      of_message_[i] = OfMessage(tests[i], envelope, findings);
    }
  }

  void Run(const mail::Recipient& recipient, uint8_t role) {
    std::fill(all_.begin(), all_.end(), true);
    std::fill(any_.begin(), any_.end(), false);
    for (size_t i = tests_.size(); i-- > 0;) {
      const Test& test = tests_[i];
      bool value = false;
      switch (test.kind) {
        case Test::Kind::kAll:
          value = all_[i];
          break;
        case Test::Kind::kAny:
          value = any_[i];
          break;
        case Test::Kind::kNot:
          value = !any_[i];
          break;
        default:
          value = of_message_[i] ? *of_message_[i] : OfRecipient(test, recipient, role);
      }
      value_[i] = value;
      if (test.parent >= 0) {
        const auto parent = static_cast<size_t>(test.parent);
        all_[parent] = all_[parent] && value;
        any_[parent] = any_[parent] || value;
      }
    }
  }
  bool Holds(int test) const { return value_[static_cast<size_t>(test)]; }

 private:
  const std::vector<Test>& tests_;
  std::vector<std::optional<bool>> of_message_;
  std::vector<bool> all_, any_, value_;
};

struct Choice {
  size_t clause = 0;
  Action action = Action::kAccept;
  std::string shadow;
};

Choice Choose(const std::vector<Clause>& clauses, const Evaluation& evaluation, uint8_t role,
              const std::string& enforced) {
  Choice choice;
  const Clause* shadow = nullptr;
  for (size_t i = 0; i < clauses.size(); ++i) {
    const Clause& clause = clauses[i];
    if (!evaluation.Holds(clause.root)) {
      continue;
    }
    if (clause.shadow && clause.name != enforced) {
      shadow = shadow == nullptr ? &clause : shadow;
      continue;
    }
    choice.clause = i;
    choice.action = clause.action;
    if (clause.action == Action::kReject && clause.by_score && role != 0) {
      choice.action = Action::kTag;  // whoever complains about our mail must be heard
    }
    break;  // the last clause holds always
  }
  if (shadow != nullptr && shadow->action != choice.action) {
    choice.shadow = shadow->name;
  }
  return choice;
}

bool IsMarking(const Policy::Clauses& policy, const inspect::RuleHit& hit) {
  return hit.severity >= policy.marking_severity &&
         (LevelBit(hit.level) != 0 || policy.marking_groups.count(hit.group) > 0);
}

// What these clauses keep back is never let go by an exception.
bool IsGuarded(const Clause& clause, const std::string& enforced) {
  return (!clause.shadow || clause.name == enforced) && clause.action >= Action::kQuarantine &&
         (clause.category == "virus" || clause.category == "marking" ||
          clause.category == "unscannable" || clause.category == "ambiguous");
}

// Which recipient's clause speaks for the message: the strongest action, and of several the
// clause that stands first.
size_t Spokesman(const std::vector<Choice>& choices) {
  size_t best = 0;
  for (size_t i = 1; i < choices.size(); ++i) {
    if (choices[i].action > choices[best].action ||
        (choices[i].action == choices[best].action && choices[i].clause < choices[best].clause)) {
      best = i;
    }
  }
  return best;
}

}  // namespace

// *guarded, where wanted: a clause that no exception overrides and that holds for somebody.
Verdict Policy::JudgeOnce(const mail::Envelope& envelope, const inspect::Findings& findings,
                          const std::string& enforced, std::string* guarded) const {
  const std::vector<Clause>& clauses = clauses_->clauses;
  Evaluation evaluation(clauses_->tests, envelope, findings);
  // Without a recipient (a file on the command line) the message is still judged.
  std::vector<mail::Recipient> nobody(1);
  nobody[0].direction =
      envelope.sender_is_ours ? mail::Direction::kOutbound : mail::Direction::kInbound;
  const std::vector<mail::Recipient>& recipients =
      envelope.recipients.empty() ? nobody : envelope.recipients;

  std::vector<Choice> choices;
  choices.reserve(recipients.size());
  bool any_defer = false;
  bool all_reject = true;
  const Clause* whole = nullptr;  // the first reject that concerns the whole message
  bool store = true;
  for (const mail::Recipient& recipient : recipients) {
    const uint8_t role = RoleOf(recipient);
    evaluation.Run(recipient, role);
    choices.push_back(Choose(clauses, evaluation, role, enforced));
    for (const Clause& clause : clauses) {
      if (guarded != nullptr && guarded->empty() && IsGuarded(clause, enforced) &&
          evaluation.Holds(clause.root)) {
        *guarded = clause.name;
      }
    }
    const Choice& choice = choices.back();
    const Clause& clause = clauses[choice.clause];
    any_defer = any_defer || choice.action == Action::kDefer;
    all_reject = all_reject && choice.action == Action::kReject;
    if (choice.action == Action::kReject && clause.whole_message) {
      whole = whole == nullptr || &clause < whole ? &clause : whole;
      store = store && clause.store;
    }
  }

  Verdict verdict;
  verdict.store = store;
  verdict.score = findings.score;
  const size_t spokesman = Spokesman(choices);
  const Clause* speaks = &clauses[choices[spokesman].clause];
  std::optional<Action> everybody;
  if (any_defer) {
    everybody = Action::kDefer;
  } else if (whole != nullptr) {
    everybody = Action::kReject;
    speaks = whole;
  } else if (!all_reject) {
    for (Choice& choice : choices) {
      if (choice.action == Action::kReject) {
        choice.action = Action::kQuarantine;
      }
    }
  }
  verdict.action = everybody.value_or(choices[spokesman].action);
  verdict.clause = speaks->name;
  verdict.basis = speaks->basis;
  verdict.category = speaks->category;
  if (verdict.action == Action::kReject || verdict.action == Action::kDefer) {
    verdict.reply_code = speaks->code;
    verdict.reply_text = speaks->text_en + " / " + speaks->text_vi;
  }
  for (size_t i = 0; i < envelope.recipients.size(); ++i) {
    RecipientVerdict one;
    one.recipient = recipients[i].address;
    one.direction = recipients[i].direction;
    one.action = everybody.value_or(choices[i].action);
    one.clause = everybody ? speaks->name : clauses[choices[i].clause].name;
    one.shadow_clause = choices[i].shadow;
    verdict.recipients.push_back(std::move(one));
  }
  for (const inspect::RuleHit& hit : findings.hits) {
    if (IsMarking(*clauses_, hit)) {
      verdict.marking_rules.push_back(hit.id);
    }
  }
  return verdict;
}

std::string Policy::WhyNoException(const ruleset::Rule& rule) const {
  inspect::RuleHit hit;
  hit.id = rule.id;
  hit.severity = rule.severity;
  hit.level = rule.level == ruleset::Level::kFromMatch ? ruleset::Level::kOther : rule.level;
  hit.group = rule.group;
  hit.pack = rule.pack;
  hit.score = rule.score;
  if (IsMarking(*clauses_, hit)) {
    return "finds markings";
  }
  inspect::Findings with;
  with.hits.push_back(hit);
  with.score = inspect::ScoreOf(with.hits);
  for (const bool ours : {false, true}) {
    mail::Envelope envelope;
    envelope.sender_is_ours = ours;
    std::string always, guarded;
    (void)JudgeOnce(envelope, {}, "", &always);
    (void)JudgeOnce(envelope, with, "", &guarded);
    if (guarded.empty() || guarded == always) {
      continue;
    }
    for (const Clause& clause : clauses_->clauses) {
      if (clause.name == guarded) {
        return "is what clause '" + guarded + "' (" + clause.category + ") keeps back";
      }
    }
  }
  return {};
}

Verdict Policy::Judge(const mail::Envelope& envelope, const inspect::Findings& findings,
                      const Exceptions& exceptions, const std::string& enforced) const {
  const std::vector<const Exception*> fitting = Fitting(exceptions, envelope, findings);
  if (fitting.empty()) {
    return JudgeOnce(envelope, findings, enforced, nullptr);
  }
  std::string guarded;
  Verdict verdict = JudgeOnce(envelope, findings, enforced, &guarded);
  std::string blocked = ForbiddenBy(findings);
  if (blocked.empty() && !verdict.marking_rules.empty()) {
    blocked = "marking";
  }
  if (blocked.empty() && !guarded.empty()) {
    blocked = "clause " + guarded;
  }
  std::vector<ExceptionUse> uses;
  std::vector<bool> taken(findings.hits.size(), false);
  for (const Exception* one : fitting) {
    ExceptionUse use{one->id, one->owner, one->reason, {}, blocked};
    if (use.blocked.empty()) {
      use.blocked = ForbiddenFor(*one, findings.facts);
    }
    for (size_t i = 0; i < findings.hits.size() && use.blocked.empty(); ++i) {
      if (!taken[i] && Takes(*one, findings.hits[i], findings)) {
        taken[i] = true;
        use.rules.push_back(findings.hits[i].id);
      }
    }
    uses.push_back(std::move(use));
  }
  if (std::find(taken.begin(), taken.end(), true) != taken.end()) {
    inspect::Findings without = findings;
    without.hits.clear();
    for (size_t i = 0; i < findings.hits.size(); ++i) {
      if (!taken[i]) {
        without.hits.push_back(findings.hits[i]);
      }
    }
    without.score = inspect::ScoreOf(without.hits);
    verdict = JudgeOnce(envelope, without, enforced, nullptr);
  }
  verdict.exceptions = std::move(uses);
  return verdict;
}

}  // namespace gatepost::policy
