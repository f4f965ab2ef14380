// List files change by themselves: whoever writes one need not reload. This tells which have
// changed and stand still again; what is done about it is the caller's business.
// LIMITS: looks at name, size, time and inode; a change is told when two looks in a row have seen
// the same, so about two seconds after it. A file that has become empty or has gone is a failed
// write and is told as such: to empty a list on purpose, leave a line with a comment in it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"

namespace gatepost::gateway {

// For one thread.
class ListWatch {
 public:
  struct Changed {
    ruleset::ListFile file;
    std::string content;
  };
  // A new generation: what `sources` holds is in force. as_found: what differs on disk now is meant
  // to (a rollback), and only later changes count.
  void Begin(std::vector<ruleset::ListFile> files, const ruleset::Sources& sources, bool as_found);
  // Reads the files that have changed. Each content is told once.
  std::vector<Changed> Look();
  // They could not be taken; until their next change they are stale.
  void Refused(const std::vector<Changed>& changed, const std::string& why);
  // [{"list", "path", "why", "since"}]: files whose content is not what decides.
  Json Stale() const;

 private:
  struct Watched {
    ruleset::ListFile file;
    ruleset::Sources::Content in_force;
    std::string seen;   // at the last look
    std::string dealt;  // that was told, taken or found
    std::string why;    // it is stale; "" it is not
    std::string since;
  };
  static std::string StampOf(const std::string& path);
  static void MarkStale(Watched* watched, const std::string& why);

  std::map<std::string, Watched> watched_;  // by path
};

}  // namespace gatepost::gateway
