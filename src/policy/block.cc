// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/block.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/policy/policy.h"

namespace gatepost::policy {

namespace {

constexpr const char* kClause = "blocked";

bool IsFrom(const std::string& pattern, const mail::Envelope& envelope,
            const inspect::Findings& findings) {
  if (pattern == "<>") {
    return envelope.sender.is_null();
  }
  if (SenderFits(pattern, envelope.sender)) {
    return true;
  }
  const auto field = findings.facts.find("header.from.address");
  if (field == findings.facts.end()) {
    return false;
  }
  // Several values stand between single blanks.
  const std::string& all = field->second;
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find(' ', at), all.size());
    if (SenderFits(pattern, mail::Address::Parse(all.substr(at, end - at)))) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

// Refused for everybody, with the words that a stranger's server may hear.
void Refuse(Verdict* verdict) {
  if (verdict->action < Action::kQuarantine) {
    verdict->category = "policy";  // else what was found goes on to name the mail
  }
  verdict->action = Action::kReject;
  verdict->clause = kClause;
  verdict->basis.clear();
  verdict->reply_code = "550 5.7.1";
  verdict->reply_text =
      "Message refused: it is blocked here for the time being. If this is wrong, please write to "
      "our postmaster / Thu bi tu choi vi dang bi tam chan. Neu nham lan, vui long gui thu den "
      "postmaster cua co quan";
  for (RecipientVerdict& one : verdict->recipients) {
    one.action = Action::kReject;
    one.clause = kClause;
  }
}

// Held for whoever would have got it.
void Hold(Verdict* verdict) {
  if (verdict->action < Action::kQuarantine) {
    verdict->category = verdict->category == "marking" ? "marking" : "policy";
    verdict->action = Action::kQuarantine;
    verdict->clause = kClause;
    verdict->basis.clear();
  }
  for (RecipientVerdict& one : verdict->recipients) {
    if (one.action < Action::kQuarantine) {
      one.action = Action::kQuarantine;
      one.clause = kClause;
    }
  }
}

}  // namespace

bool Fits(const Block& block, const mail::Envelope& envelope, const inspect::Findings& findings) {
  if (envelope.received_at_ms >= block.expires_ms) {
    return false;
  }
  if (!block.sha256.empty()) {
    return block.sha256 == findings.sha256 ||
           std::any_of(findings.parts.begin(), findings.parts.end(),
                       [&](const inspect::FoundPart& part) { return part.sha256 == block.sha256; });
  }
  if (!block.from.empty()) {
    return IsFrom(block.from, envelope, findings);
  }
  return !block.auth_user.empty() && AsciiEqualsIgnoreCase(block.auth_user, envelope.auth_user);
}

void ApplyBlocks(const Blocks& blocks, BlockAction action, const mail::Envelope& envelope,
                 const inspect::Findings& findings, Verdict* verdict) {
  std::vector<BlockUse> uses;
  for (const Block& one : blocks) {
    if (Fits(one, envelope, findings)) {
      uses.push_back({one.id, one.owner, one.reason,
                      !one.sha256.empty() ? "sha256"
                      : !one.from.empty() ? "from"
                                          : "auth-user",
                      ""});
    }
  }
  if (uses.empty()) {
    return;
  }
  const bool marked = !verdict->marking_rules.empty() || verdict->category == "marking";
  const bool hold = marked || action == BlockAction::kQuarantine;
  const bool all_kept_back =
      std::all_of(verdict->recipients.begin(), verdict->recipients.end(),
                  [](const RecipientVerdict& one) { return one.action >= Action::kQuarantine; });
  std::string because;
  if (verdict->action == Action::kReject || verdict->action == Action::kDefer ||
      (hold && verdict->action == Action::kQuarantine && all_kept_back)) {
    because = "clause " + verdict->clause;
  } else if (hold) {
    Hold(verdict);
  } else {
    Refuse(verdict);
  }
  for (BlockUse& one : uses) {
    one.because = because;
  }
  verdict->blocks = std::move(uses);
}

}  // namespace gatepost::policy
