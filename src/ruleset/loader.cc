// Files, headers, macros, lists, and the whole; rules are read in loader_rules.cc.
// LIMITS: 10,000 files, folders 16 deep; base/yaml has the limits of one file.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/loader.h"

#include <algorithm>
#include <filesystem>

#include "src/base/digest.h"
#include "src/base/files.h"
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

constexpr size_t kMaxFiles = 10'000;
constexpr int kMaxFolderDepth = 16;
constexpr size_t kMaxListMacro = 128U << 10;

std::string Joined(const std::vector<std::string>& words, const char* separator) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : separator) + word;
  }
  return out;
}

}  // namespace

void Loader::Note(const std::string& relative, size_t folder, const std::string& content) {
  sources_[std::to_string(folder) + "/" + relative] = content;
}

void Loader::ReadFolder(size_t index, const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  const auto options = fs::directory_options::follow_directory_symlink;
  fs::recursive_directory_iterator at(folder, options, error);
  if (error) {
    diagnostics_->Error({folder, 0, 0}, "the rules folder cannot be read: " + error.message());
    return;
  }
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool hidden = !name.empty() && name[0] == '.';
    std::error_code ignored;
    if (at->is_directory(ignored) && (hidden || at.depth() >= kMaxFolderDepth)) {
      at.disable_recursion_pending();
    } else if (!hidden && name != "policy.yaml" && at->path().extension() == ".yaml" &&
               at->is_regular_file(ignored)) {
      names.push_back(at->path().lexically_relative(folder).generic_string());
    }
    if (names.size() > kMaxFiles) {
      diagnostics_->Error({folder, 0, 0}, "more than 10,000 files of rules");
      return;
    }
  }
  if (error) {
    diagnostics_->Error({folder, 0, 0}, "the rules folder cannot be read: " + error.message());
    return;
  }
  if (names.empty()) {
    diagnostics_->Warning({folder, 0, 0}, "holds no rules (*.yaml)");
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    File file;
    file.folder = index;
    file.folder_path = folder;
    file.relative = name;
    file.path = (fs::path(folder) / name).lexically_normal().generic_string();
    const Result<std::string> content = ReadFile(file.path);
    if (!content.ok()) {
      diagnostics_->Error({file.path, 0, 0}, "cannot be read: " + content.status().message());
      continue;
    }
    Note(name, index, *content);
    if (!IsUtf8(*content)) {
      const Place place = FirstIllFormed(file.path, *content);
      diagnostics_->Error(place, "this byte is not UTF-8: save the file as UTF-8");
      continue;
    }
    Result<YamlNode> root = ParseYaml(file.path, *content, diagnostics_);
    if (root.ok()) {
      file.root = AsPack(std::move(root).value());
      files_.push_back(std::move(file));
    }
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
    macro_homes_[name] = {file.folder, key.place};
    macros_.Set(name, text);
  }
}

void Loader::ReadListFile(const File& file, const std::string& name, const Place& place,
                          WordList* list) {
  const fs::path relative = (fs::path(file.relative).parent_path() / name).lexically_normal();
  if (relative.is_absolute() || fs::path(name).is_absolute() || relative.empty() ||
      *relative.begin() == "..") {
    diagnostics_->Error(place, "the list's file '" + name + "' must be below the rules folder");
    return;
  }
  const std::string path = (fs::path(file.folder_path) / relative).lexically_normal().string();
  const Result<std::string> content = ReadFile(path);
  if (!content.ok()) {
    diagnostics_->Error(place, "the list's file cannot be read: " + content.status().message());
    return;
  }
  Note(relative.generic_string(), file.folder, *content);
  list->AddFile(path, *content, diagnostics_);
  if (list->size() == 0) {
    diagnostics_->Warning({path, 0, 0}, "the list is empty");
  }
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
      ReadListFile(file, value.scalar, value.place, list.get());
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

void Loader::Assemble() {
  std::map<std::string, Pack> packs;
  for (const File& file : files_) {
    if (file.root.Find("rules") != nullptr) {
      packs.emplace(file.pack.name, file.pack);
    }
  }
  for (auto& [id, held] : rules_) {
    set_->by_id_[id] = set_->rules_->size();
    for (const text::Zone& zone : held.rule.zones) {
      set_->wanted_.pairs.emplace(zone, held.rule.form);
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
  Sha256 digest;
  for (const auto& [name, content] : sources_) {
    digest.Update(name + '\0' + std::to_string(content.size()) + '\0');
    digest.Update(content);
  }
  set_->version_ = digest.FinishHex();
}

void Loader::Check() {
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

Result<std::shared_ptr<const RuleSet>> Loader::Load(const std::vector<std::string>& folders) {
  if (folders.empty()) {
    diagnostics_->Error({"rules", 0, 0}, "no rules folder is given");
  }
  for (size_t i = 0; i < folders.size(); ++i) {
    ReadFolder(i, folders[i]);
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
  // The caller's earlier errors are not ours; a diagnostic of ours is reported even on success.
  Diagnostics mine;
  Loader loader(&mine);
  Result<std::shared_ptr<const RuleSet>> loaded = loader.Load(folders);
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
