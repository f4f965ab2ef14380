// Findings: all that an inspection found in one message, and nothing that it decided. Made by a
// worker, sent over a socket, validated like any hostile input on the daemon's side: rule ids,
// scores and severities there come from the daemon's own rule set, never from the worker.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/decode/leaf.h"
#include "src/mail/defect.h"
#include "src/ruleset/rule_set.h"
#include "src/scan/scanner.h"
#include "src/scan/times.h"
#include "src/virus/engine.h"

namespace gatepost::inspect {

struct Evidence {
  std::string part;                           // "1.2"
  std::string path;                           // "report.zip/plan.docx"
  std::string zone;                           // "body"
  std::string form;                           // "nfc"
  uint32_t start = 0, end = 0;                // bytes of the view
  uint32_t source_start = 0, source_end = 0;  // bytes of the leaf
  uint32_t line = 0;                          // from 1, of the view
  uint32_t expression = 0;                    // scan::Match::expression
  std::string text;  // matched text, capped; "" where the rule's log forbids it
  // For a person who has the message (Detail::kPerson), never for a record: the line around the
  // match as a reader sees it, capped, and where in it the match stands; "" where it is not to be
  // shown or not asked for.
  std::string context;
  uint32_t context_start = 0, context_end = 0;
};

// For whom findings are made: a record, a person who has the message, or a record and whoever wants
// to know what each rule costs.
enum class Detail : uint8_t { kRecord, kPerson, kMeasured };

struct RuleHit {
  uint32_t rule = 0;  // index into the generation's rules
  std::string id;
  ruleset::Mode mode = ruleset::Mode::kEnforce;
  ruleset::Severity severity = ruleset::Severity::kInfo;
  ruleset::Level level = ruleset::Level::kNone;
  std::string group;
  std::string pack;
  double score = 0;
  // The gateway's word, after the judgement: an exception took the hit away. Never on the wire.
  bool excepted = false;
  std::vector<Evidence> evidence;
};

struct FoundPart {
  std::string path;
  std::string type;    // decode::ToString(Type) or media type
  uint64_t size = 0;   // bytes, decoded
  std::string sha256;  // hex
  std::string read;    // "yes", "no", or an unscannable reason
};

struct FoundDefect {
  std::string id;
  mail::Grade grade = mail::Grade::kA;
  std::string part;
};

// What the scan took by the worker's wall clock (scan::Times), where it was asked for.
struct ScanTimes {
  struct OfRule {
    uint32_t rule = 0;  // index into the generation's rules
    std::string id;
    uint64_t ns = 0;
  };
  struct OfShared {
    scan::Shared shared;
    std::string name;  // scan::NameOf
    uint64_t ns = 0;
  };
  bool measured = false;
  std::vector<OfRule> rules;     // ordered by rule; those that took any
  std::vector<OfShared> shared;  // ordered
};

struct Findings {
  std::vector<RuleHit> hits;  // ordered by rule id; shadow ones included
  std::vector<virus::Infection> infections;
  std::vector<FoundDefect> defects;
  std::vector<decode::Unscannable> unscannable;
  std::vector<FoundPart> parts;
  scan::Facts facts;
  double score = 0;  // enforced rules; a group counts once (its highest)
  std::string message_id, subject, header_from;  // UTF-8, capped; for records and lists
  std::string sha256;                            // of the raw message
  uint64_t size = 0;
  std::map<std::string, double> ms;  // per stage
  ScanTimes times;
};

// The keys of Findings::ms. They become labels of a metric, so a worker cannot make up others.
constexpr std::array<std::string_view, 10> kStages = {"digest",   "parse", "decode", "views",
                                                      "scan",     "facts", "virus",  "conditions",
                                                      "pictures", "total"};

// Wire format (little-endian, length-prefixed; src/inspect/README.md). Decode validates everything:
// counts, lengths, UTF-8, enums, rule indices below rules.rules().size(); it fills in hits from
// `rules` and recomputes the score.
std::string EncodeFindings(const Findings& findings);
Result<Findings> DecodeFindings(Bytes wire, const ruleset::RuleSet& rules, const Limits& limits);

}  // namespace gatepost::inspect
