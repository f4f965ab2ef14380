// SpamAssassin's directives to what they say together: rules, scores, tags, lists.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/import/cf_reader.h"

namespace gatepost::import {

// One rule, as its last definition has it.
struct CfRule {
  std::string kind;  // "body", "rawbody", "header", "mimeheader", "uri", "full", "meta"
  std::string test;  // the expression, the meta's text, or the Perl call of an eval
  bool eval = false;
  std::string field;  // of header and mimeheader: "From:addr"
  bool negated = false;
  bool exists = false;
  bool has_unset = false;
  std::string unset;    // [if-unset: ..]
  std::string problem;  // the definition is not understood
  Place place;
};

struct CfTest {
  std::string rule;
  bool ok = true;
  std::string text;
  Place place;
};

struct CfSettings {
  std::map<std::string, CfRule> rules;
  std::map<std::string, std::vector<double>> scores;  // one, or one for each score set
  std::map<std::string, std::string> describe, describe_vi;
  std::map<std::string, std::set<std::string>> flags;  // tflags: "multiple", "maxhits=3", "net"
  std::map<std::string, std::string> tags, pre, inter, post;  // replace_*
  std::string tag_start = "<", tag_end = ">";
  std::set<std::string> replaced;  // replace_rules
  std::vector<CfTest> tests;
  // Directives that say something of addresses, scores and the like, for settings.yaml and report.
  std::vector<Directive> others;
};

CfSettings ReadSettings(const CfFiles& files);

// The score in set 0 (no network, no Bayes); 0: SpamAssassin does not run the rule. Sub-rules
// (`__NAME`) always run.
double ScoreOf(const CfSettings& settings, const std::string& name);

}  // namespace gatepost::import
