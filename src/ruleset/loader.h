// Folders to a rule set, in five steps: read the files, collect macros and lists, read the rules,
// put later folders over earlier ones, check what refers to what.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"
#include "src/ruleset/expression.h"
#include "src/ruleset/list.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// Use once.
class Loader {
 public:
  explicit Loader(Diagnostics* diagnostics) : diagnostics_(diagnostics) {}
  Result<std::shared_ptr<const RuleSet>> Load(const std::vector<std::string>& folders);

 private:
  struct File {
    size_t folder = 0;
    std::string folder_path;
    std::string relative;  // below the folder
    std::string path;      // as people see it
    YamlNode root;
    Pack pack;
  };

  void ReadFolder(size_t index, const std::string& folder);
  void ReadHeader(File* file);
  void ReadMacros(const File& file, const YamlNode& node);
  void ReadLists(const File& file, const YamlNode& node);
  void ReadListFile(const File& file, const std::string& name, const Place& place, WordList* list);
  void ReadRules(const File& file);
  void ReadRule(const File& file, const YamlNode& node);
  void ReadTextRule(const YamlNode& node, YamlMap* map, Rule* rule);
  void ReadConditionRule(const YamlNode& when, YamlMap* map, Rule* rule);
  void ReadZones(const YamlNode& node, YamlMap* map, Rule* rule);
  void ReadExpressions(YamlMap* map, const std::string& key, const Rule& rule,
                       std::vector<Expression>* out);
  void ReadExamples(const YamlNode& node, YamlMap* map, bool needed, Rule* rule);
  void ReadExampleList(const YamlNode& list, bool should_match, Rule* rule);
  void AddRule(const File& file, Rule rule);
  void SwitchPacks();
  void Assemble();
  void Check();
  void Note(const std::string& relative, size_t folder, const std::string& content);

  Diagnostics* diagnostics_;
  Macros macros_;
  std::map<std::string, std::pair<size_t, Place>> macro_homes_;  // spelling -> folder, place
  std::map<std::string, std::shared_ptr<WordList>, std::less<>> lists_;
  std::map<std::string, std::pair<size_t, Place>> list_homes_;
  std::vector<File> files_;
  struct Held {
    Rule rule;
    size_t folder;
  };
  std::map<std::string, Held> rules_;
  std::map<std::string, bool> switches_;        // pack -> on, by a file without rules
  std::map<std::string, std::string> sources_;  // ordinal and path -> content, for version()
  std::shared_ptr<RuleSet> set_ = std::make_shared<RuleSet>();
};

}  // namespace gatepost::ruleset
