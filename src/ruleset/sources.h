// The files of a rule set, each read once: daemon, workers and the copy of a generation on disk all
// work on the same bytes, whatever happens to the folders meanwhile.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/diagnostic.h"
#include "src/base/result.h"

namespace gatepost::ruleset {

// Copies are cheap: contents are shared. Not thread-safe while it still reads from folders.
class Sources {
 public:
  struct Folder {
    std::string path;      // as people see it
    bool package = false;  // of an installed package, not the site's own
    std::string only;      // where a file stood for a folder: its name; "" all files count
  };
  // Folder's index and path below it, '/' between names.
  using Name = std::pair<size_t, std::string>;
  using Content = std::shared_ptr<const std::string>;

  // Files are read when they are first asked for.
  static Sources OfFolders(std::vector<Folder> folders);
  static Sources OfFolders(const std::vector<std::string>& folders);  // none of a package
  // What was read elsewhere: nothing is read from disk any more.
  static Sources OfFiles(std::vector<Folder> folders, std::map<Name, Content> files);

  const std::vector<Folder>& folders() const { return folders_; }
  // Its files of rules (*.yaml but policy.yaml; none whose name begins with '.'), sorted. Problems
  // go to diagnostics.
  std::vector<std::string> RuleFiles(size_t folder, Diagnostics* diagnostics) const;
  // kNotFound and the like are those of the disk.
  Result<Content> Read(size_t folder, const std::string& relative);
  // As people see it.
  std::string PathOf(size_t folder, const std::string& relative) const;

  // All that has been read.
  const std::map<Name, Content>& files() const { return files_; }
  // From now on nothing is read from disk: a file that was not asked for so far does not exist.
  void Close() { open_ = false; }
  void Replace(size_t folder, const std::string& relative, std::string content);

  // Rules of packages that the site has seen enforced. Another one that could hold or reject mail
  // is in shadow until somebody accepts it. Null: nothing was seen yet, and all are taken as they
  // come.
  const std::shared_ptr<const std::set<std::string>>& known_rules() const { return known_rules_; }
  void SetKnownRules(std::shared_ptr<const std::set<std::string>> known) {
    known_rules_ = std::move(known);
  }

  // To another process of this build. Call Close() first.
  std::string Serialize() const;
  static Result<Sources> Deserialize(Bytes bytes);

 private:
  bool open_ = false;
  std::vector<Folder> folders_;
  std::map<Name, Content> files_;
  std::shared_ptr<const std::set<std::string>> known_rules_;
};

}  // namespace gatepost::ruleset
