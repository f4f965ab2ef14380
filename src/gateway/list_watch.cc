// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/list_watch.h"

#include <sys/stat.h>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/journal.h"

namespace gatepost::gateway {

std::string ListWatch::StampOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return "none";
  }
  return std::to_string(info.st_ino) + " " + std::to_string(info.st_size) + " " +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + " " +
         std::to_string(info.st_ctim.tv_sec) + "." + std::to_string(info.st_ctim.tv_nsec);
}

void ListWatch::MarkStale(Watched* watched, const std::string& why) {
  Journal(Loudness::kWarning, "GP2023", "a list has changed and the old one stays in force",
          {{"list", watched->file.list}, {"file", watched->file.path}, {"reason", why}});
  watched->why = why;
  watched->since = Rfc3339(NowUnixMs());
}

void ListWatch::Begin(std::vector<ruleset::ListFile> files, const ruleset::Sources& sources,
                      bool as_found) {
  std::map<std::string, Watched> next;
  for (ruleset::ListFile& file : files) {
    const std::string path = file.path;
    Watched one;
    const auto content = sources.files().find({file.folder, file.relative});
    one.in_force = content == sources.files().end() ? nullptr : content->second;
    one.file = std::move(file);
    if (const auto old = watched_.find(path); old != watched_.end()) {
      one.seen = old->second.seen;
      one.dealt = old->second.dealt;
      if (old->second.in_force != nullptr && one.in_force != nullptr &&
          *old->second.in_force == *one.in_force) {
        one.why = old->second.why;  // as stale as it was
        one.since = old->second.since;
      }
    }
    if (as_found) {
      one.seen = one.dealt = StampOf(path);
    }
    next[path] = std::move(one);
  }
  watched_ = std::move(next);
}

std::vector<ListWatch::Changed> ListWatch::Look() {
  std::vector<Changed> changed;
  for (auto& [path, one] : watched_) {
    const std::string stamp = StampOf(path);
    const bool still = stamp == one.seen;
    one.seen = stamp;
    if (stamp == one.dealt || !still) {
      continue;
    }
    one.dealt = stamp;
    Result<std::string> content = ReadFile(path);
    if (StampOf(path) != stamp) {
      one.dealt.clear();  // it was written meanwhile
      continue;
    }
    if (!content.ok()) {
      MarkStale(&one, content.status().message());
    } else if (one.in_force != nullptr && *content == *one.in_force) {
      one.why.clear();
    } else if (content->empty() && one.in_force != nullptr && !one.in_force->empty()) {
      MarkStale(&one,
                "the file is empty, which looks like a failed write; a list that is meant to be "
                "empty has a line '# empty'");
    } else {
      one.why.clear();
      changed.push_back({one.file, std::move(content).value()});
    }
  }
  return changed;
}

void ListWatch::Refused(const std::vector<Changed>& changed, const std::string& why) {
  for (const Changed& one : changed) {
    if (const auto found = watched_.find(one.file.path); found != watched_.end()) {
      MarkStale(&found->second, why);
    }
  }
}

Json ListWatch::Stale() const {
  Json all = Json::array();
  for (const auto& [path, one] : watched_) {
    if (!one.why.empty()) {
      all.push_back(
          {{"list", one.file.list}, {"path", path}, {"why", one.why}, {"since", one.since}});
    }
  }
  return all;
}

}  // namespace gatepost::gateway
