// A message as a reviewer sees it: findings, and what they were found in. Made in a worker, checked
// on this side like findings are.
// LIMITS: 2 MB of texts, 1 MB of renderings, 500 header fields of 2,000 bytes, 5,000 marks.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/inspect/findings.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

// A stretch of ShownText::utf8 where a rule hit.
struct ShownMark {
  uint32_t begin = 0, end = 0;
  std::string rule;
};

struct ShownText {
  std::string part, path, zone;
  std::string utf8;
  std::vector<ShownMark> marks;
};

struct Shown {
  Findings findings;
  std::vector<std::pair<std::string, std::string>> headers;  // name, decoded value
  std::vector<ShownText> texts;                              // as rules see them (form nfc)
  std::vector<std::pair<std::string, std::string>> pages;    // path, text::SafeHtml
};

// In a worker only.
Shown Show(const mail::Envelope& envelope, Bytes raw, const Tools& tools, const Limits& limits);

// Wire format: findings as raw, then headers, texts and pages, each list with its count.
std::string EncodeShown(const Shown& shown, const Limits& limits);
Result<Shown> DecodeShown(Bytes wire, const ruleset::RuleSet& rules, const Limits& limits);
constexpr size_t kMostShown = 8U << 20;  // besides the findings

}  // namespace gatepost::inspect
