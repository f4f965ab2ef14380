// Real mail, where the corpora are at hand: nothing crashes, and honest mail is hardly ever grade C.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/unit/mail/mail_testing.h"

namespace gatepost::mail {
namespace {

std::filesystem::path Corpora() {
  const char* const set = std::getenv("GATEPOST_CORPORA");
  return set != nullptr ? std::filesystem::path(set)
                        : std::filesystem::path(GATEPOST_SOURCE_DIR) / "../shared/corpora";
}

std::vector<std::filesystem::path> Files(const char* below) {
  std::vector<std::filesystem::path> out;
  const std::filesystem::path folder = Corpora() / below;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) {
        out.push_back(entry.path());
      }
    }
  }
  return out;
}

std::string Load(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Corpora, HonestMailIsHardlyEverGradeC) {
  const auto files = Files("mail/ham");
  if (files.empty()) {
    GTEST_SKIP() << "no corpus of honest mail beside the checkout; set GATEPOST_CORPORA";
  }
  size_t refused = 0;
  for (const auto& path : files) {
    const std::string raw = Load(path);
    const Message message = Message::Parse(raw, Limits());
    if (HasGradeC(message)) {
      ++refused;
      std::printf("grade C: %s: %s\n", path.filename().c_str(), Names(message).c_str());
    }
  }
  std::printf("grade C in %zu of %zu\n", refused, files.size());
  EXPECT_LE(refused * 1'000, files.size());
}

TEST(Corpora, EveryFileIsAMessageAndEveryByteIsInItsTree) {
  size_t seen = 0;
  for (const char* below : {"mail", "parsers", "evasion"}) {
    for (const auto& path : Files(below)) {
      const std::string raw = Load(path);
      const Message message = Message::Parse(raw, Limits());
      ASSERT_FALSE(message.parts().empty());
      EXPECT_EQ(message.root().body.end, raw.size()) << path;
      for (const Part& part : message.parts()) {
        ASSERT_LE(part.header.begin, part.body.begin) << path;
        ASSERT_LE(part.body.end, raw.size()) << path;
      }
      ++seen;
    }
  }
  if (seen == 0) {
    GTEST_SKIP() << "no corpora beside the checkout; set GATEPOST_CORPORA";
  }
  std::printf("%zu files\n", seen);
}

}  // namespace
}  // namespace gatepost::mail
