// Cells of a csv file as a spreadsheet shows them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

// The second reading of a table; "" where there is none.
std::string CellsOf(const std::string& name, const std::string& bytes) {
  const Opened leaves = OpenBytes(name, bytes, Limits());
  std::string out;
  for (const Leaf& leaf : leaves.leaves) {
    out += leaf.is_alternative ? std::string(leaf.bytes) : "";
  }
  return out;
}

TEST(Csv, AQuotedCellStandsOnALineOfItsOwn) {
  EXPECT_EQ(CellsOf("a.csv", "\"TOP SECRET\",\"1\"\r\n"), "TOP SECRET\n\nTOP SECRET | 1\n\n");
  EXPECT_EQ(CellsOf("a.csv", "\"TOP SECRET\"\r\n"), "TOP SECRET\n\n");
  EXPECT_EQ(CellsOf("a.csv", "1,\"say \"\"no\"\"\nthere\",2\n"),
            "say \"no\"\nthere\n\n1 | say \"no\"\nthere | 2\n\n");
}

TEST(Csv, TheSeparatorIsTheOneOfMostRows) {
  EXPECT_EQ(CellsOf("a.csv", "name;level\nAn, Ha;TOP\nBo;TOP\n"),
            "name\n\nlevel\n\nAn, Ha\n\nTOP\n\nBo\n\n");
  EXPECT_EQ(CellsOf("a.csv", "sep=;\na;b,c\n"), "sep=\n\na\n\nb,c\n\n");
  EXPECT_EQ(CellsOf("a.tsv", "a\tb, c\n"), "a\n\nb, c\n\n");
  EXPECT_EQ(CellsOf("a.csv", std::string("\xff\xfe\"\0a\0\"\0\t\0b\0", 12)), "a\n\nb\n\na | b\n\n");
}

TEST(Csv, OtherTextsAndOtherNamesAreNoTables) {
  EXPECT_EQ(CellsOf("a.csv", "one\ntwo\n"), "");
  EXPECT_EQ(CellsOf("a.txt", "one,two\n"), "");
  EXPECT_EQ(CellsOf("a.csv", "\"open, and no end\nTOP\n"), "open, and no end\nTOP\n\n");
}

}  // namespace
}  // namespace gatepost::decode
