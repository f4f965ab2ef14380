// Rules that an import made, as YAML that the loader reads and a person can carry on with.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace gatepost::import {

struct NewRule {
  std::string id;
  std::string origin;  // the entry of the report that it comes from; "" its id
  std::string title_en, title_vi;
  std::string why;
  std::vector<std::string> comments;  // lines above the rule
  bool part = false;
  double score = 0;
  std::string zone;  // of a text rule
  std::vector<std::string> more_zones;
  std::string form;  // "" the default
  bool caseless = false;
  std::vector<std::string> match;
  std::vector<std::string> unless;
  std::vector<std::string> lists;
  uint32_t times = 0;  // 0: not said
  bool nosubject = false;
  std::string calc;  // of a condition
  std::string when;  // a condition in YAML, in braces
  std::vector<std::string> examples, counter_examples;
};

struct NewPack {
  std::string name;
  std::string file;                                       // "spamassassin-20_body_tests.yaml"
  std::string imported;                                   // from what
  std::map<std::string, std::vector<std::string>> lists;  // each into a file of its own
  std::vector<NewRule> rules;
};

// One pack as YAML; its lists are named as files in lists/. *lines: the line (from 1) where
// each rule begins, then the one behind the last; null: not wanted.
std::string ToYaml(const NewPack& pack, std::vector<int>* lines = nullptr);
// The content of one of its lists.
std::string ListText(const std::vector<std::string>& entries);
// A text between single quotes, or double ones when it holds a control character.
std::string Quoted(const std::string& text);
// Files of all packs below `folder`, which is made; appends their names to *written.
Status WritePacks(const std::vector<NewPack>& packs, const std::string& folder,
                  std::vector<std::string>* written);

}  // namespace gatepost::import
