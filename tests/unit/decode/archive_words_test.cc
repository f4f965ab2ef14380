// What an archive says beside its members.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/archive_words.h"

#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

bool Says(const Leaves& leaves, std::string_view words) {
  return TextOf(leaves, "docprops").find(words) != std::string::npos;
}

TEST(ArchiveWords, FoldersThatHoldNothingAreTextAndOthersAreNot) {
  const Opened zip = OpenBytes(
      "a.zip", MakeZip({{"TOP SECRET/", ""}, {"plans/", ""}, {"plans/a.txt", "words"}}), Limits());
  EXPECT_TRUE(Says(zip, "TOP SECRET\n"));
  EXPECT_FALSE(Says(zip, "plans"));
  const std::string end(1024, '\0');
  const Opened tar = OpenBytes("a.tar", TarHeader("TOP SECRET/", '5') + end, Limits());
  EXPECT_TRUE(Says(tar, "TOP SECRET\n"));
}

TEST(ArchiveWords, WhereLinksLeadIsText) {
  const Opened tar = OpenBytes(
      "a.tar", TarHeader("a", '2', 0, "reports of the committee") + std::string(1024, '\0'),
      Limits());
  EXPECT_TRUE(Says(tar, "reports of the committee\n"));
}

TEST(ArchiveWords, CommentsOfMembersAreText) {
  const std::string words = "TOP SECRET";
  std::string zip = MakeZip({{"a.txt", "words"}});
  const size_t central = zip.find(std::string("PK\1\2"));
  const size_t end = zip.find(std::string("PK\5\6"));
  ASSERT_NE(central, std::string::npos);
  zip[central + 32] = static_cast<char>(words.size());
  zip[end + 12] = static_cast<char>(zip[end + 12] + static_cast<char>(words.size()));
  zip.insert(end, words);
  const Opened leaves = OpenBytes("a.zip", zip, Limits());
  EXPECT_TRUE(Says(leaves, words + "\n"));
  EXPECT_TRUE(leaves.defects.empty());
}

TEST(ArchiveWords, AreBounded) {
  ArchiveWords words;
  for (int i = 0; i < 30'000; ++i) {
    words.Folder("folder" + std::to_string(i) + "/");
    words.Link("link" + std::to_string(i));
  }
  words.Comment(std::string(1 << 20, 'a'));
  EXPECT_LE(words.Take().size(), 3U << 20);
  EXPECT_TRUE(words.cut()) << "what is left out is said";
}

}  // namespace
}  // namespace gatepost::decode
