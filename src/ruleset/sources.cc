// LIMITS: 10,000 files of rules a folder, folders 16 deep, 64 MB a file, 1 GB in all.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>

#include "src/base/files.h"

namespace gatepost::ruleset {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxFiles = 10'000;
constexpr int kMaxFolderDepth = 16;
constexpr uintmax_t kMaxFileBytes = 64U << 20;
constexpr uint64_t kMaxPiece = 1ULL << 30;
constexpr std::string_view kMagic = "gatepost sources 1";

// Pieces as "length:bytes": any bytes, no escaping.
void Put(std::string_view piece, std::string* out) {
  *out += std::to_string(piece.size());
  *out += ':';
  *out += piece;
}

class Pieces {
 public:
  explicit Pieces(Bytes bytes) : rest_(bytes) {}
  // "" when there is none any more; ok() tells.
  Bytes Next() {
    uint64_t size = 0;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    const auto head = static_cast<size_t>(stop - rest_.data()) + 1;
    if (error != std::errc() || size > kMaxPiece || head > rest_.size() || *stop != ':' ||
        size > rest_.size() - head) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes piece = rest_.substr(head, static_cast<size_t>(size));
    rest_ = rest_.substr(head + static_cast<size_t>(size));
    return piece;
  }
  size_t Number(size_t most) {
    const Bytes text = Next();
    size_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    ok_ = ok_ && error == std::errc() && stop == text.data() + text.size() && value <= most;
    return ok_ ? value : 0;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  Bytes rest_;
  bool ok_ = true;
};

// Of what a path leads to, links followed.
std::pair<dev_t, ino_t> IdentityOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? std::pair(info.st_dev, info.st_ino)
                                        : std::pair<dev_t, ino_t>();
}

struct FolderBelow {
  std::string path;
  int depth = 0;
};

bool IsRuleFile(const std::string& name) {
  return name.front() != '.' && name != "policy.yaml" && fs::path(name).extension() == ".yaml";
}

}  // namespace

Sources Sources::OfFolders(std::vector<Folder> folders) {
  Sources sources;
  sources.open_ = true;
  sources.folders_ = std::move(folders);
  for (Folder& folder : sources.folders_) {
    const fs::path path(folder.path);
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) {
      folder.only = path.filename().string();
      folder.path = path.has_parent_path() ? path.parent_path().string() : ".";
    }
  }
  return sources;
}

Sources Sources::OfFolders(const std::vector<std::string>& folders) {
  std::vector<Folder> all;
  for (const std::string& path : folders) {
    all.push_back({path, false, {}});
  }
  return OfFolders(std::move(all));
}

Sources Sources::OfFiles(std::vector<Folder> folders, std::map<Name, Content> files) {
  Sources sources;
  sources.folders_ = std::move(folders);
  sources.files_ = std::move(files);
  return sources;
}

std::string Sources::PathOf(size_t folder, const std::string& relative) const {
  return (fs::path(folders_[folder].path) / relative).lexically_normal().generic_string();
}

std::vector<std::string> Sources::RuleFiles(size_t folder, Diagnostics* diagnostics) const {
  std::vector<std::string> names;
  if (!open_) {
    for (const auto& [name, content] : files_) {
      if (name.first == folder && IsRuleFile(fs::path(name.second).filename().string())) {
        names.push_back(name.second);
      }
    }
    return names;
  }
  if (!folders_[folder].only.empty()) {
    return {folders_[folder].only};
  }
  const std::string& path = folders_[folder].path;
  // Links wait until all that is really here has been read: one may lead back to where we come
  // from, or to a folder that is read anyway, whatever the order in which the file system names
  // them.
  std::set<std::pair<dev_t, ino_t>> visited;
  std::deque<FolderBelow> open = {{path, 0}};
  std::deque<FolderBelow> links;
  while (!open.empty() || !links.empty()) {
    const bool by_link = open.empty();
    const FolderBelow now = by_link ? links.front() : open.front();
    (by_link ? links : open).pop_front();
    if (!visited.insert(IdentityOf(now.path)).second) {
      diagnostics->Warning({now.path, 0, 0},
                           "leads to a folder that was read already, and is not followed: remove "
                           "the link");
      continue;
    }
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator at(now.path, error), none; !error && at != none;
         at.increment(error)) {
      entries.push_back(*at);
    }
    if (error) {
      diagnostics->Error({now.path, 0, 0}, "the rules folder cannot be read: " + error.message());
      return {};
    }
    std::sort(entries.begin(), entries.end());
    for (const fs::directory_entry& entry : entries) {
      const std::string name = entry.path().filename().string();
      std::error_code ignored;
      if (entry.is_directory(ignored)) {
        if (name[0] != '.' && now.depth < kMaxFolderDepth) {
          (entry.is_symlink(ignored) ? links : open)
              .push_back({entry.path().generic_string(), now.depth + 1});
        }
      } else if (IsRuleFile(name) && entry.is_regular_file(ignored)) {
        names.push_back(entry.path().lexically_relative(path).generic_string());
      }
    }
    if (names.size() > kMaxFiles) {
      diagnostics->Error({path, 0, 0}, "more than 10,000 files of rules");
      return {};
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Sources::Content> Sources::Read(size_t folder, const std::string& relative) {
  const auto found = files_.find({folder, relative});
  if (found != files_.end()) {
    return found->second;
  }
  const std::string path = PathOf(folder, relative);
  if (!open_) {
    return Status::NotFound(path + " is not among the files of this generation");
  }
  std::error_code ignored;
  if (const auto size = fs::file_size(path, ignored); !ignored && size > kMaxFileBytes) {
    return Status::Invalid(path + ": larger than 64 MB");
  }
  GATEPOST_ASSIGN_OR_RETURN(std::string content, ReadFile(path));
  return files_[{folder, relative}] = std::make_shared<const std::string>(std::move(content));
}

void Sources::Replace(size_t folder, const std::string& relative, std::string content) {
  files_[{folder, relative}] = std::make_shared<const std::string>(std::move(content));
}

std::string Sources::Serialize() const {
  std::string out;
  Put(kMagic, &out);
  Put(std::to_string(folders_.size()), &out);
  for (const Folder& folder : folders_) {
    Put(folder.path, &out);
    Put(folder.package ? "1" : "0", &out);
  }
  Put(known_rules_ == nullptr ? "0" : "1", &out);
  if (known_rules_ != nullptr) {
    Put(std::to_string(known_rules_->size()), &out);
    for (const std::string& id : *known_rules_) {
      Put(id, &out);
    }
  }
  for (const auto& [name, content] : files_) {
    Put(std::to_string(name.first), &out);
    Put(name.second, &out);
    Put(*content, &out);
  }
  return out;
}

Result<Sources> Sources::Deserialize(Bytes bytes) {
  constexpr size_t kMaxNumber = 1'000'000;
  Pieces in(bytes);
  Sources sources;
  const bool ours = in.Next() == kMagic;
  const size_t folders = in.Number(kMaxNumber);
  for (size_t i = 0; i < folders && in.ok(); ++i) {
    std::string path(in.Next());
    sources.folders_.push_back({std::move(path), in.Number(1) == 1, {}});
  }
  if (in.Number(1) == 1) {
    auto known = std::make_shared<std::set<std::string>>();
    const size_t count = in.Number(kMaxNumber);
    for (size_t i = 0; i < count && in.ok(); ++i) {
      known->emplace(in.Next());
    }
    sources.known_rules_ = std::move(known);
  }
  while (ours && in.ok() && !in.at_end()) {
    const size_t folder = in.Number(folders);
    std::string name(in.Next());
    sources.Replace(folder, name, std::string(in.Next()));
  }
  if (!ours || !in.ok()) {
    return Status::Internal("the rules on the wire are broken");
  }
  return sources;
}

}  // namespace gatepost::ruleset
