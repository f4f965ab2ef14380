// A considered decision as `gatepost scan --json` prints it. Unlike the decision log it is for the
// person who has the message before them, so matched text is in it where the rule allows.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/inspect/draw.h"
#include "src/inspect/show.h"
#include "src/record/decision.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::gateway {

// One object; `file` comes first. Rules bear their titles, taken from `rules`.
Json ScanReport(const std::string& file, const record::Decision& decision,
                const ruleset::RuleSet& rules);

// {"text", "unscannable": [{"reason", "path"}]}: what Gatepost reads in a document.
Json ReadReport(const inspect::ReadText& text);

// What a reviewer sees: findings as in ScanReport (without a verdict), `headers`, `texts` with
// their `marks`, `pages` of safe HTML.
Json ShowReport(inspect::Shown shown, const ruleset::RuleSet& rules);
// {pictures: [{part, page, pages, width, height, png}], left_out: [part]}; png in base64.
Json PicturesReport(const inspect::DrawnPictures& drawn);

// {"rules": [{"id", "title", "mode", "score", "severity", "pack", "group"}]}
Json RulesReport(const ruleset::RuleSet& rules);

}  // namespace gatepost::gateway
