// Envelope and findings to a verdict: ordered clauses "when ... then ...", pure (no I/O, no clock:
// the time of receipt is in the envelope), one verdict per recipient. The YAML is documented in
// src/policy/README.md; the shipped one is rules/policy.yaml.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/inspect/findings.h"
#include "src/mail/envelope.h"
#include "src/policy/block.h"
#include "src/policy/exception.h"

namespace gatepost::policy {

// Ordered by how much they keep from the recipient. kDefer is the default of a Verdict: unknown is
// not clean.
enum class Action : uint8_t { kAccept, kTag, kQuarantine, kReject, kDefer };
const char* ToString(Action action);  // "accept", "tag", "quarantine", "reject", "defer"
bool ActionFromString(std::string_view text, Action* out);

struct RecipientVerdict {
  mail::Address recipient;
  mail::Direction direction = mail::Direction::kInbound;
  Action action = Action::kDefer;  // after the message-wide rules below
  std::string clause;              // name of the clause that decided
  std::string shadow_clause;       // a shadow clause that would have decided otherwise; "" none
};

// What a rule or a clause in shadow mode would have done, had it been enforced (shadow.h).
struct ShadowEffect {
  std::string rule;  // one of rule and clause is given
  std::string clause;
  std::vector<std::string> with;    // clause: only together with these shadow rules
  Action action = Action::kAccept;  // that the message would have got
  std::string by;                   // the clause that would have decided
  uint32_t recipients = 0;          // whose copies would have gone another way
};

struct Verdict {
  // The strongest that the SMTP client sees (see Judge).
  Action action = Action::kDefer;
  std::string clause;
  std::string basis;     // legal or organisational
  std::string category;  // "spam", "virus", "marking", "freemail", "unscannable", "ambiguous", ...
  std::string reply_code;  // "550 5.7.1", "451 4.7.1"; "" for accept, tag, quarantine
  std::string reply_text;  // ASCII, two languages; "(ref GP-...)" is appended by the gateway
  bool store = true;       // false: nothing of the message may be kept (markings on their way out)
  std::vector<RecipientVerdict> recipients;
  std::vector<std::string>
      marking_rules;  // hits that are markings: keyed digests, no names in logs
  double score = 0;   // that was judged: without the hits that exceptions took away
  std::vector<ExceptionUse> exceptions;  // that fit the message, applied or not
  std::vector<BlockUse> blocks;          // not filled by Judge; see block.h
  std::vector<ShadowEffect> shadow;      // not filled by Judge; see shadow.h
};

// Immutable after Load; thread-safe.
class Policy {
 public:
  struct Clauses;  // private to the room: src/policy/clause.h
  // Whole or not at all; every problem goes to diagnostics. Nothing of `rules` is kept by
  // reference.
  static Result<std::shared_ptr<const Policy>> Load(const std::string& file,
                                                    const ruleset::RuleSet& rules,
                                                    Diagnostics* diagnostics);
  // The same of a text that was read already (or could not be); `file` names it.
  static Result<std::shared_ptr<const Policy>> Parse(const std::string& file,
                                                     const Result<std::string>& text,
                                                     const ruleset::RuleSet& rules,
                                                     Diagnostics* diagnostics);
  // Pure. One message has one SMTP answer: any defer defers the whole; a reject by content
  // (clauses with scope: message) rejects the whole; any other reject that concerns some
  // recipients only becomes a hold for those. Each recipient's own action stands in recipients;
  // verdict.action is the strongest of them, so kQuarantine says that somebody's copy is held, and
  // it is discarded only when every recipient's is.
  // Exceptions take hits away before the clauses are asked (README.md says when they do not apply).
  // `enforced`: a shadow clause that is taken as enforced, "" none.
  Verdict Judge(const mail::Envelope& envelope, const inspect::Findings& findings,
                const Exceptions& exceptions = {}, const std::string& enforced = {}) const;
  // Why no exception ever takes a hit of this rule away ("finds markings", "clause 'x' (virus)
  // ..."): the rule alone makes the message one that Judge lets no exception touch. "": it may.
  std::string WhyNoException(const ruleset::Rule& rule) const;
  // Names, in their order.
  std::vector<std::string> shadow_clauses() const;
  struct ClauseInfo {
    bool shadow = false;
    Action action = Action::kAccept;
    Place place;
  };
  // Null: no clause is called so.
  std::unique_ptr<ClauseInfo> FindClause(const std::string& name) const;

  // As understood, a clause a line, for `gatepost check --policy` and the console.
  std::string ToString() const;
  // Hex SHA-256 of the source.
  const std::string& version() const;
  struct Thresholds {
    double tag = 5, reject = 15;
  };
  Thresholds thresholds() const;  // for X-Spam-Status "required="
  ~Policy();

 private:
  explicit Policy(std::unique_ptr<Clauses> clauses);
  Verdict JudgeOnce(const mail::Envelope& envelope, const inspect::Findings& findings,
                    const std::string& enforced, std::string* guarded) const;
  std::unique_ptr<Clauses> clauses_;
};

}  // namespace gatepost::policy
