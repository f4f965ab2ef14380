// Caps of the wire format, shared by the side that writes (and cuts to them) and the side that
// reads (and refuses what is beyond them). SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/inspect/findings.h"

namespace gatepost::inspect {

constexpr size_t kReplyOverhead = 1'024;  // of a frame, besides what it carries
constexpr size_t kMostPath = 300;         // bytes of a leaf's path
constexpr size_t kMostLine = 600;         // bytes of a line shown around a match
constexpr size_t kMostName = 120;         // ids, types, zones
constexpr size_t kMostHeaderText = 500;   // subject, message id, From
constexpr size_t kMostFactName = 100;
constexpr size_t kMostFactValue = 2'000;
constexpr uint32_t kMostFacts = 300;
constexpr uint32_t kMostParts = 2'000;
constexpr uint32_t kMostUnscannable = 1'000;
constexpr uint32_t kMostInfections = 200;
constexpr uint32_t kMostShared = 800;  // forms times groups times finders

// Sum over enforced hits; the hits of one group count once, with the highest of them.
double ScoreOf(const std::vector<RuleHit>& hits);
// EncodeFindings with as much evidence as fits into limits.findings_bytes.
std::string EncodeFindingsWithin(const Findings& findings, const Limits& limits);
// Everything of the hit that the rule set knows, for rule `index`.
RuleHit HitOf(const ruleset::RuleSet& rules, uint32_t index);

}  // namespace gatepost::inspect
