// Replays a fuzz corpus: every file of the folders, once, through one target.
// Usage: replay_ROOM TARGET FOLDER...
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/replay.h"

namespace {

const ReplayTarget* Find(const char* name) {
  for (const ReplayTarget& target : ReplayTargets()) {
    if (std::strcmp(target.name, name) == 0) {
      return &target;
    }
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const ReplayTarget* const target = argc > 1 ? Find(argv[1]) : nullptr;
  if (target == nullptr) {
    std::fprintf(stderr, "usage: %s TARGET FOLDER...; targets:\n", argv[0]);
    for (const ReplayTarget& known : ReplayTargets()) {
      std::fprintf(stderr, "  %s\n", known.name);
    }
    return 2;
  }
  int replayed = 0;
  for (int i = 2; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) {
        continue;
      }
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
      target->run(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      ++replayed;
    }
  }
  std::printf("%d inputs replayed\n", replayed);
  return replayed > 0 ? 0 : 1;  // an empty corpus is a mistake, not a pass
}
