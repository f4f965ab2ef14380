// Files, headers, macros, lists, and the whole; rules are read in loader_rules.cc.
// LIMITS: 10,000 files, folders 16 deep; base/yaml has the limits of one file.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/loader.h"

#include <algorithm>
#include <filesystem>

#include "src/base/digest.h"
#include "src/base/utf8.h"
#include "src/ruleset/condition.h"
#include "src/ruleset/names.h"
#include "src/ruleset/words.h"

namespace gatepost::ruleset {

namespace fs = std::filesystem;

namespace {

// A site's own file may be just a list of rules, or one rule: the rest of a pack is then
// understood.
YamlNode AsPack(YamlNode root) {
  const bool one_rule = root.is_map() && root.Find("id") != nullptr;
  if (!root.is_sequence() && !one_rule) {
    return root;
  }
  YamlNode key;
  key.kind = YamlNode::Kind::kScalar;
  key.place = root.place;
  key.scalar = "rules";
  YamlNode pack;
  pack.kind = YamlNode::Kind::kMap;
  pack.place = root.place;
  YamlNode rules;
  if (one_rule) {
    rules.kind = YamlNode::Kind::kSequence;
    rules.place = root.place;
    rules.items.push_back(std::move(root));
  } else {
    rules = std::move(root);
  }
  pack.entries.emplace_back(std::move(key), std::move(rules));
  return pack;
}

// The place of the first byte that is not UTF-8. REQUIRES: there is one.
Place FirstIllFormed(const std::string& file, std::string_view content) {
  // What is well-formed stays as it is, so both differ first where the bad byte stands.
  const std::string valid = ToValidUtf8(content);
  const auto differ =
      std::mismatch(content.begin(), content.end(), valid.begin(), valid.end()).first;
  const auto at = static_cast<size_t>(differ - content.begin());
  const std::string_view before = content.substr(0, at);
  const size_t line_start =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {file, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(at - line_start) + 1};
}

constexpr size_t kMaxListMacro = 128U << 10;

std::string Joined(const std::vector<std::string>& words, const char* separator) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : separator) + word;
  }
  return out;
}

}  // namespace

void Loader::ReadFolder(size_t index) {
  const std::string& folder = sources_->folders()[index].path;
  const size_t reports_before = diagnostics_->all().size();
  const std::vector<std::string> names = sources_->RuleFiles(index, diagnostics_);
  if (names.empty() && diagnostics_->all().size() == reports_before) {
    diagnostics_->Warning({folder, 0, 0}, "holds no rules (*.yaml)");
  }
  for (const std::string& name : names) {
    ReadRuleFile(index, name);
  }
}

void Loader::ReadRuleFile(size_t index, const std::string& name) {
  File file;
  file.folder = index;
  file.relative = name;
  file.path = sources_->PathOf(index, name);
  const Result<Sources::Content> content = sources_->Read(index, name);
  if (!content.ok()) {
    diagnostics_->Error({file.path, 0, 0}, "cannot be read: " + content.status().message());
    return;
  }
  if (!IsUtf8(**content)) {
    const Place place = FirstIllFormed(file.path, **content);
    diagnostics_->Error(place, "this byte is not UTF-8: save the file as UTF-8");
    return;
  }
  Result<YamlNode> root = ParseYaml(file.path, **content, diagnostics_);
  if (root.ok()) {
    file.root = AsPack(std::move(root).value());
    files_.push_back(std::move(file));
  }
}

void Loader::ReadHeader(File* file) {
  YamlMap map(file->root, "a file of rules", diagnostics_);
  Pack& pack = file->pack;
  pack.place = {file->path, 1, 1};
  const bool has_rules = map.Take("rules") != nullptr;
  if (!map.TakeString("pack", &pack.name)) {
    pack.name = std::filesystem::path(file->path).stem().string();
  }
  if (!IsId(pack.name)) {
    diagnostics_->Error(pack.place, "needs 'pack: NAME', of letters, digits, '-', '_' and '.'");
  }
  map.TakeString("version", &pack.version);
  map.TakeString("imported", &pack.imported);
  if (map.Take("title") != nullptr) {
    ReadTitle(&map, pack.place, "the pack", &pack.title_en, &pack.title_vi, diagnostics_);
  }
  map.TakeString("jurisdiction", &pack.jurisdiction);
  const bool switched = map.TakeBool("default", &pack.on);
  std::vector<std::string> words;
  if (map.TakeStrings("law", &words)) {
    pack.law = Joined(words, "; ");
  }
  if (map.TakeStrings("reviewed_by", &words)) {
    pack.reviewed_by = Joined(words, "; ");
  }
  map.TakeStrings("sources", &pack.sources);
  map.TakeStrings("needs_views", &words);
  const bool has_macros = map.Take("macros") != nullptr;
  const bool has_words = map.Take("lists") != nullptr || has_macros;
  map.Finish();
  if (!has_rules && !has_words && switched) {
    switches_[pack.name] = pack.on;
    if (!sources_->folders()[file->folder].package) {
      switched_by_site_.insert(pack.name);
    }
  }
}

void Loader::ReadMacros(const File& file, const YamlNode& node) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics_->Error(node.place, "'macros' must be a map of 'NAME: text'");
    return;
  }
  for (const auto& [key, value] : node.entries) {
    std::string name = key.scalar;
    const bool at_sign = !name.empty() && name[0] == '@';
    if (!at_sign && (name.size() < 2 || name[0] != '<' || name.back() != '>')) {
      name = "<" + name + ">";
    }
    const std::string bare = name.substr(1, name.size() - (at_sign ? 1 : 2));
    if (!IsId(bare) || bare.find('.') != std::string::npos) {
      diagnostics_->Error(key.place, "'" + key.scalar +
                                         "' is no name for a macro: write <NAME> or "
                                         "@NAME");
      continue;
    }
    std::string text;
    if (value.is_scalar()) {
      text = value.scalar;
    } else if (value.is_sequence() && !value.items.empty()) {
      for (const YamlNode& item : value.items) {
        if (!item.is_scalar() || item.scalar.empty()) {
          diagnostics_->Error(item.place, "a macro holds texts only");
        }
        text += (text.empty() ? "(?:" : "|") + item.scalar;
      }
      text += ")";
    } else {
      diagnostics_->Error(key.place, "macro '" + key.scalar + "' needs a text or a list of texts");
      continue;
    }
    const auto home = macro_homes_.find(name);
    if (home != macro_homes_.end() && home->second.first == file.folder &&
        *macros_.Find(name) != text) {
      diagnostics_->Error(key.place, "macro '" + name + "' is defined in " +
                                         Where(home->second.second) +
                                         " with another text: keep one, or rename one");
      continue;
    }
    if (home != macro_homes_.end() && home->second.first != file.folder &&
        *macros_.Find(name) != text) {
      diagnostics_->Warning(key.place, "macro '" + name + "' replaces the one in " +
                                           Where(home->second.second) +
                                           " for the rules of all folders: give it a name of its "
                                           "own unless that is meant");
    }
    macro_homes_[name] = {file.folder, key.place};
    macros_.Set(name, text);
  }
}

std::string Loader::PathBelow(const File& file, const std::string& name, const Place& place,
                              const std::string& what, std::string* relative) {
  const fs::path below = (fs::path(file.relative).parent_path() / name).lexically_normal();
  if (below.is_absolute() || fs::path(name).is_absolute() || below.empty() ||
      *below.begin() == "..") {
    diagnostics_->Error(place, what + " '" + name + "' must be below the rules folder");
    return {};
  }
  *relative = below.generic_string();
  return sources_->PathOf(file.folder, *relative);
}

void Loader::ReadListFile(const File& file, const std::string& list_name, const YamlNode& node,
                          WordList* list) {
  const Place& place = node.place;
  std::string relative;
  const std::string path = PathBelow(file, node.scalar, place, "the list's file", &relative);
  if (path.empty()) {
    return;
  }
  const Result<Sources::Content> content = sources_->Read(file.folder, relative);
  if (!content.ok()) {
    diagnostics_->Error(place, "the list's file cannot be read: " + content.status().message());
    return;
  }
  list->AddFile(path, **content, diagnostics_);
  if (list->size() == 0) {
    diagnostics_->Warning({path, 0, 0}, "the list is empty");
  }
  list_files_[list_name] = {list_name, file.folder, relative, path};
}

void Loader::ReadLists(const File& file, const YamlNode& node) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics_->Error(node.place, "'lists' must be a map of 'NAME: file' or 'NAME: [entries]'");
    return;
  }
  for (const auto& [key, value] : node.entries) {
    const std::string& name = key.scalar;
    if (!IsId(name)) {
      diagnostics_->Error(key.place, "'" + name + "' is no name for a list");
      continue;
    }
    const auto home = list_homes_.find(name);
    if (home != list_homes_.end() && home->second.first == file.folder) {
      diagnostics_->Error(key.place, "list '" + name + "' is defined in " +
                                         Where(home->second.second) +
                                         " too: keep one, or rename "
                                         "one");
      continue;
    }
    auto list = std::make_shared<WordList>();
    if (value.is_scalar()) {
      ReadListFile(file, name, value, list.get());
    } else if (value.is_sequence()) {
      for (const YamlNode& item : value.items) {
        if (item.is_scalar()) {
          list->Add(item.scalar, item.place, diagnostics_);
        } else {
          diagnostics_->Error(item.place, "a list holds texts only");
        }
      }
    } else {
      diagnostics_->Error(key.place, "list '" + name + "' needs the name of a file or entries");
    }
    list_homes_[name] = {file.folder, key.place};
    lists_[name] = std::move(list);
    if (!value.is_scalar()) {
      list_files_.erase(name);  // a later folder's own entries replace an earlier one's file
    }
  }
}

void Loader::SwitchPacks() {
  for (File& file : files_) {
    const auto found = switches_.find(file.pack.name);
    if (found != switches_.end()) {
      file.pack.on = found->second;
    }
  }
  for (const auto& [name, on] : switches_) {
    const bool known = std::any_of(files_.begin(), files_.end(), [&name = name](const File& file) {
      return file.pack.name == name && file.root.Find("rules") != nullptr;
    });
    if (!known) {
      diagnostics_->Warning({name, 0, 0}, "a file switches this pack, and no file holds its rules");
    }
  }
}

// A package's new rule that could hold or reject mail waits in shadow for somebody's consent. Where
// the site itself has switched the pack on, it has consented.
bool Loader::Arrives(const Held& held) const {
  const Rule& rule = held.rule;
  return sources_->known_rules() != nullptr && sources_->folders()[held.folder].package &&
         rule.mode == Mode::kEnforce && (rule.score > 0 || rule.severity > Severity::kInfo) &&
         sources_->known_rules()->count(rule.id) == 0 && switched_by_site_.count(rule.pack) == 0;
}

void Loader::Assemble() {
  std::map<std::string, Pack> packs;
  for (const File& file : files_) {
    if (file.root.Find("rules") != nullptr) {
      packs.emplace(file.pack.name, file.pack);
    }
  }
  for (auto& [id, held] : rules_) {
    held.rule.package = sources_->folders()[held.folder].package;
    if (Arrives(held)) {
      held.rule.mode = Mode::kShadow;
      held.rule.arrived = true;
    }
    set_->by_id_[id] = set_->rules_->size();
    for (const text::Zone& zone : held.rule.zones) {
      set_->wanted_.Add(zone, held.rule.form);
    }
    ++packs[held.rule.pack].rules;
    set_->rules_->push_back(std::move(held.rule));
  }
  for (auto& [name, pack] : packs) {
    set_->packs_.push_back(std::move(pack));
  }
  for (const auto& [name, list] : lists_) {
    set_->lists_.emplace(name, list);
  }
  for (auto& [name, file] : list_files_) {
    set_->list_files_.push_back(std::move(file));
  }
  set_->hidden_ = std::move(hidden_);
  Sha256 digest;
  for (const auto& [name, content] : sources_->files()) {
    digest.Update(std::to_string(name.first) + "/" + name.second + '\0' +
                  std::to_string(content->size()) + '\0');
    digest.Update(*content);
  }
  for (const Rule& rule : *set_->rules_) {
    if (rule.arrived) {
      digest.Update("arrived/" + rule.id + '\0');
    }
  }
  set_->version_ = digest.FinishHex();
}

// Entries that can never be found, of lists that are looked up: by 'lists:' or by a condition.
void Loader::WarnOfLists() {
  std::set<std::string> looked_up;
  for (const Rule& rule : *set_->rules_) {
    looked_up.insert(rule.lists.begin(), rule.lists.end());
    if (!rule.has_condition) {
      continue;
    }
    for (const Condition* node : PostOrder(rule.condition)) {
      if (node->kind == Condition::Kind::kList) {
        looked_up.insert(node->name);
      }
    }
  }
  for (const std::string& name : looked_up) {
    const auto list = lists_.find(name);
    if (list == lists_.end()) {
      continue;
    }
    for (const Diagnostic& one : list->second->doubtful()) {
      diagnostics_->Warning(one.place, one.message);
    }
  }
}

void Loader::Check() {
  WarnOfLists();
  for (const Rule& rule : *set_->rules_) {
    for (const std::string& name : rule.lists) {
      const auto list = lists_.find(name);
      if (list == lists_.end()) {
        std::vector<std::string> names;
        for (const auto& [known, unused] : lists_) {
          names.push_back(known);
        }
        diagnostics_->Error(rule.place,
                            "no list is called '" + name + "'" + DidYouMean(name, names));
      } else if (list->second->phrases() > 0) {
        diagnostics_->Warning(rule.place, "list '" + name +
                                              "' holds entries with blanks, which "
                                              "'lists:' never finds: use @" +
                                              name + " in 'match'");
      }
    }
    if (rule.has_condition) {
      CheckCondition(rule, *set_, diagnostics_);
      for (const Example& example : rule.examples) {
        for (const auto* named : {&example.rules, &example.rules_once}) {
          for (const std::string& id : *named) {
            if (set_->IndexOf(id) < 0) {
              diagnostics_->Error(example.place, "no rule is called '" + id + "'");
            }
          }
        }
      }
    }
  }
  OrderConditions(*set_, diagnostics_, &set_->condition_order_);
}

Result<std::shared_ptr<const RuleSet>> Loader::Load() {
  if (sources_->folders().empty()) {
    diagnostics_->Error({"rules", 0, 0}, "no rules folder is given");
  }
  for (size_t i = 0; i < sources_->folders().size(); ++i) {
    ReadFolder(i);
  }
  for (File& file : files_) {
    ReadHeader(&file);
  }
  SwitchPacks();
  // Lists and macros first, from all files: a pack may use what a later file defines.
  for (const File& file : files_) {
    if (const YamlNode* lists = file.root.Find("lists")) {
      ReadLists(file, *lists);
    }
  }
  for (const auto& [name, list] : lists_) {
    std::string words;
    for (const std::string& entry : list->entries()) {
      if (words.size() > kMaxListMacro) {
        break;  // longer than any expression may be: using it is an error, having it is none
      }
      words += (words.empty() ? "(?:" : "|") + QuoteForExpression(entry);
    }
    macros_.Set("@" + name, words.empty() ? "(?:)" : words + ")");
  }
  for (const File& file : files_) {
    if (const YamlNode* macros = file.root.Find("macros")) {
      ReadMacros(file, *macros);
    }
  }
  for (const File& file : files_) {
    ReadRules(file);
  }
  if (diagnostics_->has_errors()) {
    return diagnostics_->ToStatus();
  }
  Assemble();
  Check();
  if (diagnostics_->has_errors()) {
    return diagnostics_->ToStatus();
  }
  return std::shared_ptr<const RuleSet>(std::move(set_));
}

Result<std::shared_ptr<const RuleSet>> RuleSet::Load(const std::vector<std::string>& folders,
                                                     Diagnostics* diagnostics) {
  Sources sources = Sources::OfFolders(folders);
  return Load(&sources, diagnostics);
}

Result<std::shared_ptr<const RuleSet>> RuleSet::Load(Sources* sources, Diagnostics* diagnostics) {
  // The caller's earlier errors are not ours; a diagnostic of ours is reported even on success.
  Diagnostics mine;
  Loader loader(sources, &mine);
  Result<std::shared_ptr<const RuleSet>> loaded = loader.Load();
  for (const Diagnostic& diagnostic : mine.all()) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      diagnostics->Error(diagnostic.place, diagnostic.message);
    } else {
      diagnostics->Warning(diagnostic.place, diagnostic.message);
    }
  }
  return loaded;
}

}  // namespace gatepost::ruleset
