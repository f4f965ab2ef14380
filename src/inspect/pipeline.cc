// The pipeline in one function: message -> leaves -> views -> matches -> facts -> virus ->
// conditions
// -> findings. Total: a message that cannot be read is a finding, not a failure.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include "src/base/digest.h"
#include "src/base/utf8.h"
#include "src/decode/passwords.h"
#include "src/inspect/codec.h"
#include "src/inspect/evidence.h"
#include "src/inspect/facts.h"
#include "src/inspect/inspector.h"
#include "src/inspect/likeness.h"
#include "src/inspect/picture_pass.h"
#include "src/inspect/wire.h"

namespace gatepost::inspect {

namespace {

using Clock = std::chrono::steady_clock;

// Milliseconds of each stage.
class Stages {
 public:
  explicit Stages(std::map<std::string, double>* out) : out_(out), last_(Clock::now()) {}
  void Done(const char* stage) {
    const Clock::time_point now = Clock::now();
    (*out_)[stage] = Milliseconds(now - last_);
    last_ = now;
  }
  void Total() { (*out_)["total"] = Milliseconds(Clock::now() - begin_); }

 private:
  static double Milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
  }
  std::map<std::string, double>* out_;
  Clock::time_point last_;
  Clock::time_point begin_ = last_;
};

void AddDefects(const mail::Message& message, const std::vector<mail::Defect>& defects,
                const Limits& limits, Findings* findings) {
  for (const mail::Defect& defect : defects) {
    if (findings->defects.size() >= 4ULL * limits.defects) {
      return;
    }
    FoundDefect found;
    found.id = mail::KindOf(defect.id).name;
    found.grade = defect.grade;
    if (defect.part < message.parts().size()) {
      found.part = message.parts()[defect.part].path;
    }
    findings->defects.push_back(std::move(found));
  }
}

void AddUnscannable(const std::vector<decode::Unscannable>& more, Findings* findings) {
  std::unordered_set<std::string> known;
  const auto key = [](const decode::Unscannable& one) {
    return std::string(decode::ToString(one.reason)) + ' ' + one.path;
  };
  for (const decode::Unscannable& one : findings->unscannable) {
    known.insert(key(one));
  }
  for (const decode::Unscannable& one : more) {
    const decode::Unscannable capped{one.reason, CappedUtf8(one.path, kMostPath)};
    if (findings->unscannable.size() < kMostUnscannable && known.insert(key(capped)).second) {
      findings->unscannable.push_back(capped);
    }
  }
}

// REQUIRES: conditions are evaluated.
void AddHits(const scan::Scanner& scanner, const scan::Matches& matches,
             const std::vector<text::TextView>& views, Detail detail, const Limits& limits,
             Findings* findings) {
  const ruleset::RuleSet& rules = scanner.rules();
  const bool with_lines = detail == Detail::kPerson && LinesAllowed(rules, matches.hit);
  std::unordered_map<uint32_t, size_t> place;  // rule -> index into hits
  for (uint32_t i = 0; i < matches.hit.size(); ++i) {
    if (!matches.hit[i] || rules.rules()[i].part) {
      continue;
    }
    RuleHit hit = HitOf(rules, i);
    if (rules.rules()[i].level == ruleset::Level::kFromMatch) {
      const ruleset::Level found = matches.levels[i];
      hit.level = found == ruleset::Level::kFromMatch ? ruleset::Level::kOther : found;
    }
    place[i] = findings->hits.size();
    findings->hits.push_back(std::move(hit));
  }
  for (const scan::Match& match : matches.matches) {
    const auto it = place.find(match.rule);
    if (it == place.end()) {
      continue;
    }
    std::vector<Evidence>& evidence = findings->hits[it->second].evidence;
    if (evidence.size() < limits.evidence_per_rule) {
      const ruleset::Rule& rule = rules.rules()[match.rule];
      evidence.push_back(EvidenceOf(rule, match, views, limits));
      if (with_lines && rule.log_snippet) {
        AddLine(match, views, &evidence.back());
      }
    }
  }
  std::sort(findings->hits.begin(), findings->hits.end(),
            [](const RuleHit& a, const RuleHit& b) { return a.id < b.id; });
  findings->score = ScoreOf(findings->hits);
}

void AddTimes(const ruleset::RuleSet& rules, const scan::Times& times, ScanTimes* out) {
  out->measured = true;
  for (uint32_t i = 0; i < times.rules.size(); ++i) {
    if (times.rules[i] > 0) {
      out->rules.push_back({i, rules.rules()[i].id, times.rules[i]});
    }
  }
  for (const auto& [shared, ns] : times.shared) {
    if (ns > 0) {
      out->shared.push_back({shared, scan::NameOf(shared), ns});
    }
  }
}

// For the gateway, which counts how many get the same letter and takes the fact away again.
void AddLikeness(const std::vector<text::TextView>& views, scan::Facts* facts) {
  for (const text::TextView& view : views) {
    if (view.zone == "body") {
      if (std::string likeness = Likeness(view.utf8); !likeness.empty()) {
        (*facts)["body.likeness"] = std::move(likeness);
      }
      return;
    }
  }
}

bool ReadsAsText(decode::Type type) {
  switch (type) {
    case decode::Type::kEmpty:
    case decode::Type::kText:
    case decode::Type::kHtml:
    case decode::Type::kMessage:
    case decode::Type::kXml:
    case decode::Type::kCalendar:
    case decode::Type::kVcard:
      return true;
    default:
      return false;
  }
}

void AddParts(const decode::Leaves& leaves, Findings* findings) {
  std::unordered_map<std::string, const char*> reasons;
  for (const decode::Unscannable& one : findings->unscannable) {
    reasons.emplace(one.path, decode::ToString(one.reason));
  }
  std::unordered_set<size_t> with_text;
  for (const decode::DocumentText& text : leaves.texts) {
    with_text.insert(text.leaf);
  }
  for (size_t i = 0; i < leaves.leaves.size(); ++i) {
    const decode::Leaf& leaf = leaves.leaves[i];
    if (findings->parts.size() >= kMostParts) {
      findings->facts["parts.unlisted"] = std::to_string(leaves.leaves.size() - i);
      return;
    }
    FoundPart part;
    part.path = CappedUtf8(leaf.path, kMostPath);
    part.type = decode::ToString(leaf.type);
    part.size = leaf.bytes.size();
    if (leaf.is_attachment) {
      part.sha256 = leaf.sha256.empty() ? Sha256Hex(leaf.bytes) : leaf.sha256;
    }
    const auto reason = reasons.find(part.path);
    if (reason != reasons.end()) {
      part.read = reason->second;
    } else {
      part.read =
          ReadsAsText(leaf.type) || leaf.is_container || with_text.count(i) > 0 ? "yes" : "no";
    }
    findings->parts.push_back(std::move(part));
  }
}

void RunAntivirus(const mail::Envelope& envelope, const decode::Leaves& leaves, Bytes raw,
                  const Tools& tools, Findings* findings) {
  using Need = AntivirusOptions::Need;
  if (tools.antivirus.need == Need::kOff) {
    return;
  }
  findings->facts["antivirus.mode"] =
      tools.antivirus.need == Need::kRequired ? "required" : "optional";
  bool trusted = tools.engine != nullptr;
  if (tools.engine == nullptr) {
    findings->facts["virus.signatures"] = "none";
  } else if (tools.antivirus.max_age_s > 0 &&
             envelope.received_at_ms / 1'000 - tools.engine->built_at() >
                 tools.antivirus.max_age_s) {
    // Old signatures still find what they know; they no longer say that mail is clean.
    findings->facts["virus.signatures"] = "old";
    trusted = false;
  }
  if (!trusted) {
    AddUnscannable({{decode::Reason::kNoSignatures, ""}}, findings);
  }
  if (tools.engine == nullptr) {
    return;
  }
  virus::ScanResult result = tools.engine->Scan(raw, leaves);
  findings->infections = std::move(result.infections);
  for (virus::Infection& one : findings->infections) {
    one.name = CappedUtf8(one.name, kMostName);
    one.path = CappedUtf8(one.path, kMostPath);
  }
  const auto known = [&](decode::Reason reason) {
    return std::any_of(findings->unscannable.begin(), findings->unscannable.end(),
                       [&](const decode::Unscannable& one) { return one.reason == reason; });
  };
  // A password of the message, or one that programs try by themselves, opened what the engine calls
  // encrypted: it has seen the members.
  const bool opened = (findings->facts.count("archive.password-in-mail") > 0 ||
                       findings->facts.count("document.default-password") > 0) &&
                      !known(decode::Reason::kEncrypted);
  // Of the message as a whole the engine says what a part of it was found to be already.
  const auto told = [&](const decode::Unscannable& one) {
    return (one.path.empty() && known(one.reason)) ||
           (opened && one.reason == decode::Reason::kEncrypted);
  };
  result.unscannable.erase(
      std::remove_if(result.unscannable.begin(), result.unscannable.end(), told),
      result.unscannable.end());
  AddUnscannable(result.unscannable, findings);
  for (const auto& [name, value] : result.facts) {
    findings->facts[name] = value;
  }
  if (findings->facts.count("virus.macros") > 0) {
    findings->facts["document.macros"] = "true";
  }
}

}  // namespace

Findings Inspect(const mail::Envelope& envelope, Bytes raw, const Tools& tools,
                 const Limits& limits) {
  Findings findings;
  Stages stages(&findings.ms);
  findings.size = raw.size();
  if (tools.digest) {
    findings.sha256 = Sha256Hex(raw);
    stages.Done("digest");
  }
  const mail::Message message = mail::Message::Parse(raw, limits);
  AddDefects(message, message.defects(), limits, &findings);
  findings.message_id = CappedUtf8(message.Text(message.root(), "Message-ID"), kMostHeaderText);
  findings.subject = CappedUtf8(message.Text(message.root(), "Subject"), kMostHeaderText);
  findings.header_from = CappedUtf8(message.Text(message.root(), "From"), kMostHeaderText);
  stages.Done("parse");

  decode::Leaves leaves = decode::DecodeWith(message, limits, tools.passwords);
  if (tools.pictures != nullptr) {
    tools.pictures->Visit(&leaves);
  }
  AddDefects(message, leaves.defects, limits, &findings);
  AddUnscannable(leaves.unscannable, &findings);
  stages.Done("decode");

  text::Views views =
      text::BuildViews(envelope, message, leaves, tools.scanner->rules().wanted(), limits);
  AddDefects(message, views.defects, limits, &findings);
  if (views.truncated) {
    AddUnscannable({{decode::Reason::kTooBig, ""}}, &findings);
  }
  stages.Done("views");

  scan::Times times;
  scan::Times* const measured = tools.detail == Detail::kMeasured ? &times : nullptr;
  scan::Matches matches = tools.scanner->Scan(views.views, limits, measured);
  if (!matches.failed.empty()) {
    AddUnscannable({{decode::Reason::kNotScanned, ""}}, &findings);
  }
  stages.Done("scan");

  AddEnvelopeFacts(envelope, tools.site, &findings.facts);
  AddAuthenticationFacts(message, tools.site, &findings.facts);
  AddHeaderFacts(envelope, message, tools.site, &findings.facts);
  AddLeafFacts(message, leaves, &findings.facts);
  for (const auto& [name, value] : views.facts) {
    findings.facts[name] = CappedUtf8(value, kMostFactValue);
  }
  AddLikeness(views.views, &findings.facts);
  AddParts(leaves, &findings);
  stages.Done("facts");

  // Before the conditions, which may ask for virus.found.
  RunAntivirus(envelope, leaves, raw, tools, &findings);
  stages.Done("virus");

  AddOutcomeFacts(findings, &findings.facts);
  tools.scanner->EvaluateConditions(findings.facts, views.views, &matches, measured);
  if (measured != nullptr) {
    AddTimes(tools.scanner->rules(), times, &findings.times);
  }
  AddHits(*tools.scanner, matches, views.views, tools.detail, limits, &findings);
  stages.Done("conditions");
  stages.Total();
  return findings;
}

}  // namespace gatepost::inspect
