// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/virus/layers.h"

#include <gtest/gtest.h>

namespace gatepost::virus {
namespace {

decode::Leaves With(decode::Type type, const std::string& bytes) {
  decode::Leaves leaves;
  leaves.storage.push_back(bytes);
  decode::Leaf leaf;
  leaf.type = type;
  leaf.bytes = leaves.storage.back();
  leaves.leaves.push_back(leaf);
  return leaves;
}

TEST(Layers, AnAttachmentIsMetOnlyByteForByte) {
  const decode::Leaves leaves = With(decode::Type::kBinary, "one\r\ntwo");
  LayersMet met(leaves);
  met.Meet("one\ntwo");
  EXPECT_FALSE(met.Met(0));
  met.Meet("one\r\ntwo");
  EXPECT_TRUE(met.Met(0));
}

TEST(Layers, ATextIsMetWhateverItsLineEnds) {
  const decode::Leaves leaves = With(decode::Type::kText, "one\r\ntwo\r\n");
  LayersMet met(leaves);
  met.Meet("one\ntwo\nthree\n");
  EXPECT_FALSE(met.Met(0));
  met.Meet("one\ntwo\n\n");
  EXPECT_TRUE(met.Met(0));
}

TEST(Layers, AnAttachedTextIsMetOnlyByteForByte) {
  decode::Leaves leaves = With(decode::Type::kText, "WScript.Echo 1");
  leaves.leaves[0].is_attachment = true;
  LayersMet met(leaves);
  met.Meet("WScript.Echo 1\n");
  EXPECT_FALSE(met.Met(0));
}

TEST(Layers, ComparingManyLeavesOfOneSizeIsBounded) {
  decode::Leaves leaves;
  leaves.storage.push_back(std::string(10'000, 'a'));
  for (int i = 0; i < 2'000; ++i) {
    decode::Leaf leaf;
    leaf.bytes = leaves.storage.back();
    leaves.leaves.push_back(leaf);
  }
  LayersMet met(leaves);
  const std::string other = std::string(9'999, 'a') + "b";
  for (int i = 0; i < 2'000; ++i) {
    met.Meet(other);  // 40 GB of comparing without the bound
  }
  EXPECT_FALSE(met.Met(0));
}

TEST(Layers, SameButForLineEndsSeesEveryOtherByte) {
  EXPECT_TRUE(SameButForLineEnds("a\r\nb", "a\nb\n"));
  EXPECT_TRUE(SameButForLineEnds("", "\r\n"));
  EXPECT_FALSE(SameButForLineEnds("a b", "ab"));
  EXPECT_FALSE(SameButForLineEnds("ab", "abc"));
  EXPECT_EQ(SignificantBytes("a\r\nb \n"), 2U);
}

}  // namespace
}  // namespace gatepost::virus
