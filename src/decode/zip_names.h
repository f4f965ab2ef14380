// Names of archive members as file systems take them: which two are one file, which leave their
// folder.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "src/base/bytes.h"

namespace gatepost::decode {

// Ends in a slash of either kind.
bool IsFolderName(std::string_view name);
// Leaves its folder, is absolute, names a drive, or holds control characters.
bool IsUnsafeName(std::string_view name);
// Without ".", "..", doubled slashes, backslashes, and the dots and blanks that Windows drops.
std::string NormalName(std::string_view name);
// One name is an approximation of the other: the same extension, as nobody would mind.
bool SameKindOfName(Bytes name, Bytes unicode);

// Names met so far.
class NameSet {
 public:
  enum Answer { kNew, kSame, kSameButCase };
  // Two folders of one name are one folder; kSame needs a file among them.
  Answer Add(std::string_view name, bool is_folder);

 private:
  struct Known {
    std::string spelling;
    bool is_folder = false;
  };
  std::unordered_map<std::string, Known> known_;
};

}  // namespace gatepost::decode
