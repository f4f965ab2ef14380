// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "src/base/files.h"
#include "src/inspect/sandbox.h"

namespace gatepost::inspect {

namespace {

// Files go at once; folders are listed for later. False: something could not be removed.
bool RemoveFiles(const std::string& folder, std::vector<std::string>* folders) {
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) {
    return false;
  }
  bool all = true;
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") {
      continue;
    }
    if (unlinkat(dirfd(dir), name.c_str(), 0) == 0) {
      continue;
    }
    struct stat info {};
    if (fstatat(dirfd(dir), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(info.st_mode)) {
      folders->push_back(folder + "/" + name);
    } else {
      all = false;
    }
  }
  closedir(dir);
  return all;
}

}  // namespace

bool EmptyFolder(const std::string& folder) {
  // Breadth first: a folder stands in the list before those inside it.
  std::vector<std::string> folders = {folder};
  bool all = true;
  for (size_t i = 0; i < folders.size(); ++i) {
    const std::string current = folders[i];
    // What a parser made unreadable for itself is readable again.
    if (i > 0) {
      chmod(current.c_str(), 0700);
    }
    all &= RemoveFiles(current, &folders);
  }
  for (size_t i = folders.size(); i-- > 1;) {
    all &= rmdir(folders[i].c_str()) == 0;
  }
  return all;
}

}  // namespace gatepost::inspect
