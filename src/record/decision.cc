// A Decision as the log writes it.
// LIMITS: lists as long as the findings' own bounds allow; single texts at most 1,000 bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/decision.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/utf8.h"

namespace gatepost::record {

namespace {

constexpr size_t kMaxText = 1'000;
// Places listed of a rule, and of all rules together.
constexpr size_t kMaxPlaces = 2;
constexpr size_t kMaxAllPlaces = 100;

// Facts whose values are words of ours, counts, addresses of the envelope and the like; header
// fields and names found in documents are content and stay out where a marking was found.
constexpr std::array<std::string_view, 16> kPlainFacts{
    "direction.",   "sender.",   "recipients.", "client.",     "auth.",     "message.",
    "attachment.",  "document.", "archive.",    "executable.", "encoding.", "text.",
    "unscannable.", "virus.",    "defects.",    "antivirus."};

std::string Text(std::string_view text) {
  // Journals and terminals read this back: no control characters, no broken UTF-8.
  return PrintableUtf8(text, kMaxText);
}

bool IsPartNumber(std::string_view path) {
  return !path.empty() && std::all_of(path.begin(), path.end(),
                                      [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool IsPlainFact(std::string_view name) {
  return std::any_of(kPlainFacts.begin(), kPlainFacts.end(),
                     [&](std::string_view prefix) { return name.rfind(prefix, 0) == 0; });
}

double Rounded(double value) { return std::isfinite(value) ? std::round(value * 1000) / 1000 : 0; }

Json ExceptionsToLog(const std::vector<policy::ExceptionUse>& uses) {
  Json all = Json::array();
  for (const policy::ExceptionUse& one : uses) {
    Json entry = {{"id", one.id},
                  {"owner", Text(one.owner)},
                  {"reason", Text(one.reason)},
                  {"applied", one.blocked.empty()}};
    if (one.blocked.empty()) {
      entry["rules"] = one.rules;
    } else {
      entry["because"] = one.blocked;
    }
    all.push_back(std::move(entry));
  }
  return all;
}

Json BlocksToLog(const std::vector<policy::BlockUse>& uses) {
  Json all = Json::array();
  for (const policy::BlockUse& one : uses) {
    all.push_back({{"id", one.id},
                   {"by", one.by},
                   {"owner", Text(one.owner)},
                   {"reason", Text(one.reason)},
                   {"applied", one.because.empty()}});
    if (!one.because.empty()) {
      all.back()["because"] = one.because;
    }
  }
  return all;
}

Json ShadowToLog(const std::vector<policy::ShadowEffect>& effects) {
  Json all = Json::array();
  for (const policy::ShadowEffect& one : effects) {
    Json entry = Json::object();
    entry[one.rule.empty() ? "clause" : "rule"] = one.rule.empty() ? one.clause : one.rule;
    if (!one.with.empty()) {
      entry["with"] = one.with;
    }
    entry["action"] = ToString(one.action);
    entry["by"] = one.by;
    entry["recipients"] = one.recipients;
    all.push_back(std::move(entry));
  }
  return all;
}

class Writer {
 public:
  Writer(const Decision& decision, const std::string& key)
      : decision_(decision), key_(key), sealed_(HasMarking(decision)) {
    // A file name is content: parts are known by number, those inside others by their place in the
    // list of parts.
    for (size_t i = 0; i < decision.findings.parts.size(); ++i) {
      const std::string& path = decision.findings.parts[i].path;
      numbers_.emplace(path, IsPartNumber(path) ? path : "#" + std::to_string(i + 1));
    }
  }

  Json Write() const {
    const mail::Envelope& envelope = decision_.envelope;
    const inspect::Findings& findings = decision_.findings;
    const policy::Verdict& verdict = decision_.verdict;
    Json out;
    out["v"] = 1;
    out["id"] = decision_.id;
    out["at"] = Rfc3339(envelope.received_at_ms != 0 ? envelope.received_at_ms : NowUnixMs());
    out["node"] = Text(decision_.node);
    out["queue_id"] = Text(envelope.queue_id);
    out["message_id"] = Text(findings.message_id);
    out["client_ip"] = Text(envelope.client_ip);
    out["auth_user"] = Text(envelope.auth_user);
    out["from"] = Text(envelope.sender.spelling());
    out["recipients"] = Recipients();
    out["size"] = findings.size;
    out["sha256"] = Digest(findings.sha256);
    out["parts"] = Parts();
    out["action"] = ToString(verdict.action);
    out["clause"] = verdict.clause;
    out["category"] = verdict.category;
    out["basis"] = verdict.basis;
    out["observed"] = decision_.observed;
    out["keyed"] = sealed_;
    out["reply"] = Text(decision_.reply);
    out["score"] = Rounded(findings.score);
    out["rules"] = Rules();
    AddInterventions(verdict, &out);
    out["infections"] = Json::array();
    for (const virus::Infection& one : findings.infections) {
      out["infections"].push_back({{"name", Text(one.name)}, {"path", Path(one.path)}});
    }
    out["defects"] = Json::array();
    for (const inspect::FoundDefect& one : findings.defects) {
      out["defects"].push_back({{"id", one.id},
                                {"grade", std::string(1, mail::ToChar(one.grade))},
                                {"part", Text(one.part)}});
    }
    out["unscannable"] = Json::array();
    for (const decode::Unscannable& one : findings.unscannable) {
      out["unscannable"].push_back(
          {{"reason", decode::ToString(one.reason)}, {"path", Path(one.path)}});
    }
    out["facts"] = FactsToLog();
    out["held_id"] = decision_.held_id;
    out["generation"] = {{"rules", decision_.generation.rules},
                         {"policy", decision_.generation.policy},
                         {"antivirus", decision_.generation.antivirus},
                         {"number", decision_.generation.number}};
    out["ms"] = Json::object();
    for (const auto& [stage, ms] : findings.ms) {
      out["ms"][stage] = Rounded(ms);
    }
    return out;
  }

 private:
  // Where each rule matched, never what: places are numbers and the words of ours.
  Json Rules() const {
    Json all = Json::array();
    size_t room = kMaxAllPlaces;
    for (const inspect::RuleHit& hit : decision_.findings.hits) {
      Json entry = {
          {"id", hit.id}, {"mode", ruleset::ToString(hit.mode)}, {"score", Rounded(hit.score)}};
      if (hit.excepted) {
        entry["excepted"] = true;
      }
      const size_t places = std::min({hit.evidence.size(), kMaxPlaces, room});
      room -= places;
      for (size_t i = 0; i < places; ++i) {
        const inspect::Evidence& one = hit.evidence[i];
        Json place = {{"part", Text(one.part)}, {"view", Text(one.zone + "/" + one.form)},
                      {"start", one.start},     {"end", one.end},
                      {"line", one.line}};
        if (one.expression != scan::kUnknownExpression) {
          place["expression"] = one.expression;
        }
        if (one.path != one.part) {
          place["path"] = Path(one.path);
        }
        if (one.source_start != one.start || one.source_end != one.end) {
          place["source"] = {one.source_start, one.source_end};
        }
        entry["at"].push_back(std::move(place));
      }
      all.push_back(std::move(entry));
    }
    return all;
  }

  // Straight into the object's row: names are unique, and looking each up in a row of many is
  // quadratic.
  Json FactsToLog() const {
    Json facts = Json::object();
    auto& row = static_cast<Json::object_t::Container&>(facts.get_ref<Json::object_t&>());
    row.reserve(decision_.findings.facts.size());
    for (const auto& [name, value] : decision_.findings.facts) {
      if (!sealed_ || IsPlainFact(name)) {
        row.emplace_back(name, Text(value));
      }
    }
    return facts;
  }

  Json Recipients() const {
    Json all = Json::array();
    for (const policy::RecipientVerdict& one : decision_.verdict.recipients) {
      Json entry = {{"rcpt", Text(one.recipient.spelling())},
                    {"direction", mail::ToString(one.direction)},
                    {"action", ToString(one.action)},
                    {"clause", one.clause}};
      if (!one.shadow_clause.empty()) {
        entry["shadow"] = one.shadow_clause;
      }
      all.push_back(std::move(entry));
    }
    return all;
  }

  Json Parts() const {
    Json all = Json::array();
    for (const inspect::FoundPart& one : decision_.findings.parts) {
      all.push_back({{"path", Path(one.path)},
                     {"type", Text(one.type)},
                     {"size", one.size},
                     {"sha256", Digest(one.sha256)},
                     {"read", Text(one.read)}});
    }
    return all;
  }

  std::string Path(const std::string& path) const {
    if (!sealed_ || path.empty()) {
      return Text(path);
    }
    const auto found = numbers_.find(path);
    return found != numbers_.end() ? found->second : IsPartNumber(path) ? path : "#";
  }

  // A plain digest would let anyone who has a document find out whether it was sent.
  std::string Digest(const std::string& hex) const {
    return sealed_ && !hex.empty() ? HmacSha256Hex(key_, hex) : hex;
  }

  const Decision& decision_;
  const std::string& key_;
  bool sealed_;
  std::map<std::string, std::string> numbers_;
};

}  // namespace

bool HasMarking(const Decision& decision) {
  return !decision.verdict.marking_rules.empty() || decision.verdict.category == "marking" ||
         !decision.verdict.store;
}

void AddInterventions(const policy::Verdict& verdict, Json* out) {
  if (!verdict.exceptions.empty()) {
    (*out)["exceptions"] = ExceptionsToLog(verdict.exceptions);
  }
  if (!verdict.blocks.empty()) {
    (*out)["blocks"] = BlocksToLog(verdict.blocks);
  }
  if (!verdict.shadow.empty()) {
    (*out)["shadow"] = ShadowToLog(verdict.shadow);
  }
}

Json ToJson(const Decision& decision, const std::string& digest_key) {
  return Writer(decision, digest_key).Write();
}

}  // namespace gatepost::record
