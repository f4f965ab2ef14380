// What an archive says beside its members: comments, where links lead, folders that hold nothing.
// LIMITS: 1 MiB of each of the three, 10,000 folders; more is `cut`.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace gatepost::decode {

class ArchiveWords {
 public:
  // As the archive has them, in UTF-8 or else CP437.
  void Comment(Bytes text);
  void Link(std::string_view target);
  void Folder(std::string_view name);
  void File(std::string_view name);
  // One a line, and of the folders those that no file lies in.
  std::string Take();
  // After Take: there was more.
  bool cut() const { return cut_; }

 private:
  void AddLine(std::string_view line, std::string* out);

  bool cut_ = false;
  std::string comments_;
  std::string links_;
  std::set<std::string> folders_;
  std::set<std::string> files_;  // their folders, with a slash behind
};

}  // namespace gatepost::decode
