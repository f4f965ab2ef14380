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
#include "src/ruleset/sources.h"

namespace gatepost::ruleset {

// Use once.
class Loader {
 public:
  // Both must outlive it.
  Loader(Sources* sources, Diagnostics* diagnostics)
      : sources_(sources), diagnostics_(diagnostics) {}
  Result<std::shared_ptr<const RuleSet>> Load();

 private:
  struct File {
    size_t folder = 0;
    std::string relative;  // below the folder
    std::string path;      // as people see it
    YamlNode root;
    Pack pack;
  };

  void ReadFolder(size_t index);
  void ReadRuleFile(size_t index, const std::string& name);
  void ReadHeader(File* file);
  void ReadMacros(const File& file, const YamlNode& node);
  void ReadLists(const File& file, const YamlNode& node);
  void ReadListFile(const File& file, const std::string& list_name, const YamlNode& node,
                    WordList* list);
  void ReadRules(const File& file);
  void ReadRule(const File& file, const YamlNode& node);
  void ReadTextRule(const YamlNode& node, YamlMap* map, Rule* rule);
  void ReadConditionRule(const YamlNode& when, YamlMap* map, Rule* rule);
  void ReadZones(const YamlNode& node, YamlMap* map, Rule* rule);
  void ReadExpressions(YamlMap* map, const std::string& key, const Rule& rule,
                       std::vector<Expression>* out);
  void ReadExamples(const File& file, const YamlNode& node, YamlMap* map, bool needed, Rule* rule);
  void ReadExampleList(const File& file, const YamlNode& list, bool should_match, Rule* rule);
  void ReadMailExample(const File& file, const YamlNode& node, YamlMap* map, Example* example);
  void ReadSituation(YamlMap* map, Example* example);
  // The path of a file that `file` names, below its folder; "" after an error at place.
  std::string PathBelow(const File& file, const std::string& name, const Place& place,
                        const std::string& what, std::string* relative);
  void AddRule(const File& file, Rule rule);
  static std::string DigestOf(const YamlNode& node, const Rule& rule);
  void SwitchPacks();
  void Assemble();
  void Check();
  void WarnOfLists();

  Sources* sources_;
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
  bool Arrives(const Held& held) const;
  bool full_ = false;                       // there are more rules than may be; it was said
  std::map<std::string, bool> switches_;    // pack -> on, by a file without rules
  std::set<std::string> switched_by_site_;  // of those, packs that no package's file switches
  std::map<std::string, ListFile> list_files_;
  std::vector<HiddenRule> hidden_;
  std::shared_ptr<RuleSet> set_ = std::make_shared<RuleSet>();
};

}  // namespace gatepost::ruleset
