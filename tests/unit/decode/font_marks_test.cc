// Fonts of runs travel with their text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/font_marks.h"

#include <gtest/gtest.h>

#include "src/decode/flow.h"

namespace gatepost::decode {
namespace {

std::string Show(const std::string& text, const std::vector<FontRun>& runs) {
  std::string out;
  for (const FontRun& run : runs) {
    out += run.font + "=" + text.substr(run.begin, run.end - run.begin) + ";";
  }
  return out;
}

TEST(FontMarks, NeighboursInOneFontAreOneRun) {
  FontMarks marks;
  const uint32_t vn = marks.NumberOf(".VnTime");
  std::string text = "a";
  FontMarks::Append(vn, &text);
  text += "bc";
  FontMarks::Append(vn, &text);
  text += "d";
  FontMarks::Append(0, &text);
  text += "e";
  const std::vector<FontRun> runs = marks.Take(&text);
  EXPECT_EQ(text, "abcde");
  EXPECT_EQ(Show(text, runs), ".VnTime=bcd;");
}

TEST(FontMarks, ACutMarkIsNoText) {
  const FontMarks marks;
  std::string text = "a\xff";
  EXPECT_TRUE(marks.Take(&text).empty());
  EXPECT_EQ(text, "a");
}

TEST(Flow, CellsKeepTheirFontWhereverTheyGo) {
  FontMarks marks;
  Flow flow;
  flow.BeginRow();
  flow.BeginCell();
  flow.SetFont(marks.NumberOf("A"));
  flow.Text("one");
  flow.EndCell();
  flow.BeginCell();
  flow.SetFont(marks.NumberOf("B"));
  flow.Text("two");
  flow.EndCell();
  flow.EndRow();
  flow.SetFont(0);
  flow.Text("three");
  std::string text = flow.Take();
  const std::vector<FontRun> runs = marks.Take(&text);
  EXPECT_EQ(text, "one | two\none\ntwo\nthree\n");
  EXPECT_EQ(Show(text, runs), "A=one | ;B=two\n;A=one\n;B=two\n;");
}

TEST(Flow, ABlankParagraphInAFontIsStillBlank) {
  FontMarks marks;
  Flow flow;
  flow.SetFont(marks.NumberOf("A"));
  flow.Text("  ");
  flow.EndParagraph();
  EXPECT_EQ(flow.Take(), "");
}

}  // namespace
}  // namespace gatepost::decode
