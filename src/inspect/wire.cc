// Findings on the wire. A worker is as hostile as the mail it read: everything is bounded, checked
// and, where the daemon knows better, taken from the daemon's own rule set. Layout: README.md.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/wire.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "src/inspect/codec.h"

namespace gatepost::inspect {

namespace {

constexpr uint32_t kMagic = 0x33465047;  // "GPF3"
constexpr uint64_t kMostDefects = 100'000;
constexpr auto kLastLevel = static_cast<uint8_t>(ruleset::Level::kOther);
constexpr auto kLastGrade = static_cast<uint8_t>(mail::Grade::kC);
constexpr auto kLastReason = static_cast<uint8_t>(decode::kLastReason);

Status Broken(const char* what) {
  return Status::Invalid(std::string("inspector: a worker's answer is not valid: ") + what);
}

bool IsHexDigest(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsFactName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

void PutHits(const std::vector<RuleHit>& hits, uint32_t evidence_each, Writer* out) {
  out->U32(static_cast<uint32_t>(hits.size()));
  for (const RuleHit& hit : hits) {
    out->U32(hit.rule);
    out->U8(static_cast<uint8_t>(hit.level));
    const auto count = static_cast<uint32_t>(std::min<size_t>(hit.evidence.size(), evidence_each));
    out->U32(count);
    for (uint32_t i = 0; i < count; ++i) {
      const Evidence& one = hit.evidence[i];
      out->Text(one.part, kMostName);
      out->Text(one.path, kMostPath);
      out->Text(one.zone, kMostName);
      out->Text(one.form, kMostName);
      for (const uint32_t value :
           {one.start, one.end, one.source_start, one.source_end, one.line, one.expression}) {
        out->U32(value);
      }
      out->Raw(one.text);
      out->Raw(one.context);
      out->U32(one.context_start);
      out->U32(one.context_end);
    }
  }
}

void PutTimes(const ScanTimes& times, Writer* out) {
  out->U8(times.measured ? 1 : 0);
  if (!times.measured) {
    return;
  }
  out->U32(static_cast<uint32_t>(times.rules.size()));
  for (const ScanTimes::OfRule& one : times.rules) {
    out->U32(one.rule);
    out->U64(one.ns);
  }
  out->U32(static_cast<uint32_t>(times.shared.size()));
  for (const ScanTimes::OfShared& one : times.shared) {
    out->U8(static_cast<uint8_t>(one.shared.form));
    out->U8(one.shared.group);
    out->U8(static_cast<uint8_t>(one.shared.finder));
    out->U64(one.ns);
  }
}

std::string Encode(const Findings& findings, uint32_t evidence_each, bool with_times = true) {
  Writer out;
  out.U32(kMagic);
  PutHits(findings.hits, evidence_each, &out);
  out.U32(static_cast<uint32_t>(std::min<size_t>(findings.infections.size(), kMostInfections)));
  for (size_t i = 0; i < findings.infections.size() && i < kMostInfections; ++i) {
    out.Text(findings.infections[i].name, kMostName);
    out.Text(findings.infections[i].path, kMostPath);
  }
  out.U32(static_cast<uint32_t>(findings.defects.size()));
  for (const FoundDefect& defect : findings.defects) {
    out.Text(defect.id, kMostName);
    out.U8(static_cast<uint8_t>(defect.grade));
    out.Text(defect.part, kMostName);
  }
  out.U32(static_cast<uint32_t>(std::min<size_t>(findings.unscannable.size(), kMostUnscannable)));
  for (size_t i = 0; i < findings.unscannable.size() && i < kMostUnscannable; ++i) {
    out.U8(static_cast<uint8_t>(findings.unscannable[i].reason));
    out.Text(findings.unscannable[i].path, kMostPath);
  }
  out.U32(static_cast<uint32_t>(std::min<size_t>(findings.parts.size(), kMostParts)));
  for (size_t i = 0; i < findings.parts.size() && i < kMostParts; ++i) {
    const FoundPart& part = findings.parts[i];
    out.Text(part.path, kMostPath);
    out.Text(part.type, kMostName);
    out.U64(part.size);
    out.Text(part.sha256, 64);
    out.Text(part.read, kMostName);
  }
  out.U32(static_cast<uint32_t>(std::min<size_t>(findings.facts.size(), kMostFacts)));
  size_t facts = 0;
  for (const auto& [name, value] : findings.facts) {
    if (facts++ == kMostFacts) {
      break;
    }
    out.Text(name, kMostFactName);
    out.Text(value, kMostFactValue);
  }
  out.Text(findings.message_id, kMostHeaderText);
  out.Text(findings.subject, kMostHeaderText);
  out.Text(findings.header_from, kMostHeaderText);
  out.Text(findings.sha256, 64);
  out.U64(findings.size);
  out.U32(static_cast<uint32_t>(findings.ms.size()));
  for (const auto& [name, value] : findings.ms) {
    out.Text(name, kMostName);
    out.Double(value);
  }
  PutTimes(with_times ? findings.times : ScanTimes(), &out);
  return out.Take();
}

bool NamesAnExpression(const ruleset::Rule& rule, uint32_t expression) {
  return expression < rule.match.size() + rule.lists.size() ||
         expression == scan::kUnknownExpression;
}

Evidence TakeEvidence(const ruleset::Rule& rule, const Limits& limits, Reader* in) {
  Evidence one;
  one.part = in->Text(kMostName);
  one.path = in->Text(kMostPath);
  one.zone = in->Text(kMostName);
  one.form = in->Text(kMostName);
  for (uint32_t* value :
       {&one.start, &one.end, &one.source_start, &one.source_end, &one.line, &one.expression}) {
    *value = in->U32();
  }
  one.text = in->Text(limits.evidence_text_bytes);
  one.context = in->Text(kMostLine);
  one.context_start = in->U32();
  one.context_end = in->U32();
  if (one.start > one.end || one.source_start > one.source_end ||
      !NamesAnExpression(rule, one.expression) || one.context_start > one.context_end ||
      one.context_end > one.context.size() ||
      (!rule.log_snippet && !(one.text.empty() && one.context.empty()))) {
    in->Fail();
  }
  return one;
}

Status TakeHits(const ruleset::RuleSet& rules, const Limits& limits, Reader* in,
                std::vector<RuleHit>* hits) {
  const uint32_t count = in->Count(static_cast<uint32_t>(rules.rules().size()), 9);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = in->U32();
    const uint8_t level = in->Upto(kLastLevel);
    if (!in->ok() || index >= rules.rules().size()) {
      return Broken("a rule that does not exist");
    }
    const ruleset::Rule& rule = rules.rules()[index];
    RuleHit hit = HitOf(rules, index);
    if (rule.level == ruleset::Level::kFromMatch) {
      hit.level = static_cast<ruleset::Level>(level);
    }
    if (!hits->empty() && !(hits->back().id < hit.id)) {
      return Broken("hits out of order");
    }
    const uint32_t evidence = in->Count(limits.evidence_per_rule, 56);
    for (uint32_t j = 0; j < evidence; ++j) {
      hit.evidence.push_back(TakeEvidence(rule, limits, in));
    }
    hits->push_back(std::move(hit));
  }
  return in->ok() ? Status::Ok() : Broken("hits");
}

Status TakeLists(const Limits& limits, Reader* in, Findings* out) {
  const uint32_t infections = in->Count(kMostInfections, 8);
  for (uint32_t i = 0; i < infections; ++i) {
    virus::Infection one;
    one.name = in->Text(kMostName);
    one.path = in->Text(kMostPath);
    out->infections.push_back(std::move(one));
  }
  const auto most_defects =
      static_cast<uint32_t>(std::min<uint64_t>(4ULL * limits.defects + 100, kMostDefects));
  const uint32_t defects = in->Count(most_defects, 9);
  for (uint32_t i = 0; i < defects; ++i) {
    FoundDefect one;
    one.id = in->Text(kMostName);
    one.grade = static_cast<mail::Grade>(in->Upto(kLastGrade));
    one.part = in->Text(kMostName);
    if (!in->ok() || mail::FindDefectKind(one.id) == nullptr) {
      return Broken("a defect that does not exist");
    }
    out->defects.push_back(std::move(one));
  }
  const uint32_t unscannable = in->Count(kMostUnscannable, 5);
  for (uint32_t i = 0; i < unscannable; ++i) {
    const auto reason = static_cast<decode::Reason>(in->Upto(kLastReason));
    out->unscannable.push_back({reason, in->Text(kMostPath)});
  }
  const uint32_t parts = in->Count(kMostParts, 24);
  for (uint32_t i = 0; i < parts; ++i) {
    FoundPart part;
    part.path = in->Text(kMostPath);
    part.type = in->Text(kMostName);
    part.size = in->U64();
    part.sha256 = in->Text(64);
    part.read = in->Text(kMostName);
    decode::Reason reason{};
    if (!in->ok() || (!part.sha256.empty() && !IsHexDigest(part.sha256)) ||
        (part.read != "yes" && part.read != "no" &&
         !decode::ReasonFromString(part.read, &reason))) {
      return Broken("a part");
    }
    out->parts.push_back(std::move(part));
  }
  return in->ok() ? Status::Ok() : Broken("a list");
}

Status TakeRest(Reader* in, Findings* out) {
  const uint32_t facts = in->Count(kMostFacts, 8);
  for (uint32_t i = 0; i < facts; ++i) {
    std::string name = in->Text(kMostFactName);
    std::string value = in->Text(kMostFactValue);
    if (!in->ok() || !IsFactName(name) ||
        !out->facts.emplace(std::move(name), std::move(value)).second) {
      return Broken("a fact");
    }
  }
  out->message_id = in->Text(kMostHeaderText);
  out->subject = in->Text(kMostHeaderText);
  out->header_from = in->Text(kMostHeaderText);
  out->sha256 = in->Text(64);
  out->size = in->U64();
  if (!out->sha256.empty() && !IsHexDigest(out->sha256)) {
    return Broken("a digest");
  }
  const uint32_t stages = in->Count(static_cast<uint32_t>(kStages.size()), 12);
  for (uint32_t i = 0; i < stages; ++i) {
    std::string name = in->Text(kMostName);
    const double ms = in->Double();
    if (!in->ok() || std::find(kStages.begin(), kStages.end(), name) == kStages.end() || ms < 0) {
      return Broken("a stage");
    }
    out->ms[std::move(name)] = ms;
  }
  return Status::Ok();
}

// Nobody else knows what a worker took, but in all it cannot be more than it was given.
Status TakeTimes(const ruleset::RuleSet& rules, const Limits& limits, Reader* in, ScanTimes* out) {
  uint64_t left = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(limits.inspect_deadline).count());
  const auto take = [&] {
    const uint64_t ns = in->U64();
    if (ns == 0 || ns > left) {
      in->Fail();
      return uint64_t{0};
    }
    left -= ns;
    return ns;
  };
  out->measured = in->Upto(1) == 1;
  if (out->measured) {
    const uint32_t count = in->Count(static_cast<uint32_t>(rules.rules().size()), 12);
    for (uint32_t i = 0; i < count; ++i) {
      ScanTimes::OfRule one;
      one.rule = in->U32();
      one.ns = take();
      if (!in->ok() || one.rule >= rules.rules().size() ||
          (i > 0 && one.rule <= out->rules.back().rule)) {
        return Broken("the time of a rule");
      }
      one.id = rules.rules()[one.rule].id;
      out->rules.push_back(std::move(one));
    }
    const uint32_t shared = in->Count(kMostShared, 11);
    for (uint32_t i = 0; i < shared; ++i) {
      ScanTimes::OfShared one;
      one.shared.form = static_cast<text::Form>(in->Upto(text::kFormCount - 1));
      one.shared.group = in->Upto(scan::Shared::kMostGroups);
      one.shared.finder = static_cast<scan::Shared::Finder>(in->Upto(scan::Shared::kLastFinder));
      one.ns = take();
      if (!in->ok() || one.shared.group == 0 ||
          (i > 0 && !(out->shared.back().shared < one.shared))) {
        return Broken("the time of a database");
      }
      one.name = scan::NameOf(one.shared);
      out->shared.push_back(std::move(one));
    }
  }
  return in->AtEnd() ? Status::Ok() : Broken("its end");
}

}  // namespace

double ScoreOf(const std::vector<RuleHit>& hits) {
  double sum = 0;
  std::map<std::string, double> highest;
  for (const RuleHit& hit : hits) {
    if (hit.mode == ruleset::Mode::kShadow) {
      continue;
    }
    if (hit.group.empty()) {
      sum += hit.score;
      continue;
    }
    const auto [it, first] = highest.emplace(hit.group, hit.score);
    if (!first) {
      it->second = std::max(it->second, hit.score);
    }
  }
  for (const auto& [group, score] : highest) {
    sum += score;
  }
  return sum;
}

RuleHit HitOf(const ruleset::RuleSet& rules, uint32_t index) {
  const ruleset::Rule& rule = rules.rules()[index];
  RuleHit hit;
  hit.rule = index;
  hit.id = rule.id;
  hit.mode = rule.mode;
  hit.severity = rule.severity;
  hit.level = rule.level == ruleset::Level::kFromMatch ? ruleset::Level::kNone : rule.level;
  hit.group = rule.group;
  hit.pack = rule.pack;
  hit.score = rule.score;
  return hit;
}

std::string EncodeFindings(const Findings& findings) { return Encode(findings, UINT32_MAX); }

std::string EncodeFindingsWithin(const Findings& findings, const Limits& limits) {
  std::string wire = Encode(findings, limits.evidence_per_rule);
  if (wire.size() > limits.findings_bytes && findings.times.measured) {
    wire = Encode(findings, limits.evidence_per_rule, false);
  }
  for (uint32_t evidence = limits.evidence_per_rule / 2;
       wire.size() > limits.findings_bytes && evidence > 0; evidence /= 2) {
    wire = Encode(findings, evidence, false);
  }
  return wire.size() > limits.findings_bytes ? Encode(findings, 0, false) : wire;
}

Result<Findings> DecodeFindings(Bytes wire, const ruleset::RuleSet& rules, const Limits& limits) {
  if (wire.size() > limits.findings_bytes) {
    return Broken("too long");
  }
  Reader in(wire);
  if (in.U32() != kMagic) {
    return Broken("its beginning");
  }
  Findings findings;
  GATEPOST_RETURN_IF_ERROR(TakeHits(rules, limits, &in, &findings.hits));
  GATEPOST_RETURN_IF_ERROR(TakeLists(limits, &in, &findings));
  GATEPOST_RETURN_IF_ERROR(TakeRest(&in, &findings));
  GATEPOST_RETURN_IF_ERROR(TakeTimes(rules, limits, &in, &findings.times));
  findings.score = ScoreOf(findings.hits);
  return findings;
}

}  // namespace gatepost::inspect
