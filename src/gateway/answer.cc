// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/answer.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "src/base/bytes.h"

namespace gatepost::gateway {

namespace {

// libmilter refuses a reply line of 980 bytes; ours stays readable in a bounce.
constexpr size_t kReplyBytes = 480;
// RFC 5322 2.1.1: below 998; folded at 76 by us where a list is long.
constexpr size_t kFoldAt = 76;

std::string Score(double score) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", score);
  return text.data();
}

// "a,b,c" with folds after commas.
void AppendFolded(const std::vector<std::string>& words, size_t column, std::string* out) {
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string piece = words[i] + (i + 1 < words.size() ? "," : "");
    if (column + piece.size() > kFoldAt) {
      *out += "\n\t";
      column = 8;
    }
    *out += piece;
    column += piece.size();
  }
}

std::string SpamStatus(const inspect::Findings& findings, double required) {
  const bool spam = findings.score >= required;
  std::string value = std::string(spam ? "Yes" : "No") + ", score=" + Score(findings.score) +
                      " required=" + Score(required) + "\n\ttests=";
  std::vector<std::string> tests;
  for (const inspect::RuleHit& hit : findings.hits) {
    // Scores only: a marking is nobody's business but the classification field's.
    if (hit.mode == ruleset::Mode::kEnforce && hit.score != 0 && !hit.excepted) {
      tests.push_back(hit.id);
    }
  }
  if (tests.empty()) {
    tests.emplace_back("none");
  }
  AppendFolded(tests, 14, &value);
  return value;
}

std::string VirusScanned(const record::Decision& decision) {
  if (decision.generation.antivirus.empty()) {
    return "not scanned";
  }
  for (const decode::Unscannable& one : decision.findings.unscannable) {
    if (one.reason == decode::Reason::kNoSignatures || one.reason == decode::Reason::kNotScanned) {
      return std::string("not scanned (") + decode::ToString(one.reason) + ")";
    }
  }
  return "Gatepost with ClamAV at " + decision.node;
}

std::string Classification(const inspect::Findings& findings) {
  ruleset::Level strongest = ruleset::Level::kNone;
  for (const inspect::RuleHit& hit : findings.hits) {
    // kOther (another jurisdiction's marking) names itself only where no Vietnamese level does.
    if (hit.mode == ruleset::Mode::kEnforce && hit.severity >= ruleset::Severity::kHigh &&
        hit.level != ruleset::Level::kNone && hit.level != ruleset::Level::kFromMatch) {
      const bool stronger = strongest == ruleset::Level::kNone ||
                            strongest == ruleset::Level::kOther ||
                            (hit.level != ruleset::Level::kOther && hit.level > strongest);
      strongest = stronger ? hit.level : strongest;
    }
  }
  return ruleset::ToString(strongest);
}

std::string Ambiguity(const record::Decision& decision) {
  std::vector<std::string> names;
  for (const inspect::FoundDefect& defect : decision.findings.defects) {
    const std::string name = defect.id + "/" + mail::ToChar(defect.grade);
    if (std::find(names.begin(), names.end(), name) == names.end() && names.size() < 40) {
      names.push_back(name);
    }
  }
  if (names.empty()) {
    return {};
  }
  std::string value = decision.node + ";\n\t";
  AppendFolded(names, 8, &value);
  return value;
}

void AddHeaders(const record::Decision& decision, const policy::Policy::Thresholds& thresholds,
                Answer* answer) {
  auto& headers = answer->add_headers;
  headers.emplace_back("X-Gatepost-Id", decision.id);
  // Mail that leaves the house tells nothing of what was looked for; observing changes nothing.
  bool leaves = decision.observed;
  for (const policy::RecipientVerdict& one : decision.verdict.recipients) {
    const bool delivered =
        one.action == policy::Action::kAccept || one.action == policy::Action::kTag;
    leaves |= delivered && (one.direction == mail::Direction::kOutbound ||
                            one.direction == mail::Direction::kRelay);
  }
  if (leaves) {
    return;
  }
  const inspect::Findings& findings = decision.findings;
  headers.emplace_back("X-Spam-Status", SpamStatus(findings, thresholds.tag));
  headers.emplace_back("X-Spam-Score", Score(findings.score));
  if (findings.score >= thresholds.tag) {
    headers.emplace_back("X-Spam-Flag", "YES");
  }
  headers.emplace_back("X-Virus-Scanned", VirusScanned(decision));
  if (const std::string found = Classification(findings); !found.empty()) {
    headers.emplace_back("X-Gatepost-Classification", found);
  }
  if (const std::string found = Ambiguity(decision); !found.empty()) {
    headers.emplace_back("MIME-Ambiguity-Results", found);
  }
}

std::string TextWithRef(const record::Decision& decision) {
  const std::string ref = " (ref " + decision.id + ")";
  std::string text = decision.verdict.reply_text.substr(0, kReplyBytes);
  for (char& c : text) {
    if (c < 0x20 || c == 0x7F) {
      c = ' ';
    }
  }
  return text + ref;
}

}  // namespace

Answer AnswerFor(const record::Decision& decision, const policy::Policy::Thresholds& thresholds) {
  Answer answer;
  policy::Action action = decision.verdict.action;
  if (decision.observed) {
    action = policy::Action::kAccept;
  }
  switch (action) {
    case policy::Action::kDefer:
    case policy::Action::kReject: {
      const bool defer = action == policy::Action::kDefer;
      answer.kind = defer ? Answer::Kind::kTempfail : Answer::Kind::kReject;
      const std::string& code = decision.verdict.reply_code;
      const size_t space = code.find(' ');
      const bool fits = space == 3 && code.front() == (defer ? '4' : '5');
      answer.code = fits ? code.substr(0, 3) : defer ? "451" : "550";
      answer.xcode = fits ? code.substr(4) : defer ? "4.7.1" : "5.7.1";
      answer.text = TextWithRef(decision);
      return answer;
    }
    case policy::Action::kQuarantine:
    case policy::Action::kAccept:
    case policy::Action::kTag:
      break;
  }
  size_t delivered = 0;
  for (const policy::RecipientVerdict& one : decision.verdict.recipients) {
    if (!decision.observed && one.action == policy::Action::kQuarantine) {
      answer.delete_recipients.push_back(one.recipient.spelling());
    } else {
      ++delivered;
    }
  }
  if (delivered == 0 && !answer.delete_recipients.empty()) {
    // DELRCPT of all would leave Postfix with a message for nobody.
    answer.kind = Answer::Kind::kDiscard;
    answer.delete_recipients.clear();
    return answer;
  }
  answer.kind = Answer::Kind::kAccept;
  AddHeaders(decision, thresholds, &answer);
  return answer;
}

bool IsOurHeader(std::string_view name) {
  constexpr std::array<std::string_view, 7> kOurs = {
      "X-Gatepost-Id",         "X-Spam-Status",   "X-Spam-Flag",
      "X-Spam-Score",          "X-Virus-Scanned", "X-Gatepost-Classification",
      "MIME-Ambiguity-Results"};
  for (const std::string_view ours : kOurs) {
    if (AsciiEqualsIgnoreCase(name, ours)) {
      return true;
    }
  }
  return false;
}

std::string ReplyLine(const record::Decision& decision) {
  const Answer answer = AnswerFor(decision, {});
  if (answer.kind != Answer::Kind::kReject && answer.kind != Answer::Kind::kTempfail) {
    return {};
  }
  return answer.code + " " + answer.xcode + " " + answer.text;
}

}  // namespace gatepost::gateway
