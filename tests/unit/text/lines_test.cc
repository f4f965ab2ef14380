// Lines and paragraphs: at any width, quoted or not, the paragraphs are those of the unwrapped
// text. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/lines.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/files.h"
#include "src/text/unicode.h"
#include "src/text/view.h"

namespace gatepost::text {
namespace {

std::vector<std::string> SplitLines(const std::string& text) {
  std::vector<std::string> out;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

size_t LengthOf(std::string_view utf8) {
  size_t length = 0;
  for (size_t i = 0; i < utf8.size(); ++length) {
    NextCodePoint(utf8, &i);
  }
  return length;
}

// As editors wrap: words as long as they fit.
std::string Wrap(const std::string& text, size_t width, const std::string& prefix) {
  std::string out;
  for (const std::string& line : SplitLines(text)) {
    std::string current;
    size_t at = 0;
    while (at < line.size()) {
      const size_t end = std::min(line.find(' ', at), line.size());
      const std::string word = line.substr(at, end - at);
      at = end + 1;
      if (word.empty()) {
        continue;
      }
      if (!current.empty() && LengthOf(current) + 1 + LengthOf(word) > width) {
        out += prefix + current + "\n";
        current.clear();
      }
      current += (current.empty() ? "" : " ") + word;
    }
    out += prefix + current + "\n";
  }
  return out;
}

TEST(Lines, ASentenceGoesOnInLowerCaseHoweverShortTheLine) {
  const auto soft = [](std::string_view text, const LineOptions& options = {}) {
    return ReadLines(text, options).soft_lines;
  };
  EXPECT_EQ(soft("tài liệu tối\nmật của tỉnh"), (std::vector<uint32_t>{0}));
  EXPECT_EQ(soft("x paper\r\nvector\r\npayload y"), (std::vector<uint32_t>{0, 1}));
  EXPECT_TRUE(soft("Kính gửi anh,\nem gửi tài liệu").empty());
  EXPECT_TRUE(soft("Danh sách:\ntối\n\nmật").empty());
  EXPECT_TRUE(soft("Hà Nội\nHải Phòng\n- mục một").empty());
  EXPECT_TRUE(soft("TUYỆT MẬT\nhồi").empty());
  LineOptions name;
  name.rejoin = false;
  name.sentences = false;
  EXPECT_TRUE(soft("a.txt\nb.txt", name).empty());
  EXPECT_TRUE(soft("one\ntwo", name).empty());
}

std::string Regulation() {
  const Result<std::string> text =
      ReadFile(std::string(GATEPOST_SOURCE_DIR) + "/tests/data/464-QD-TU.txt");
  return text.ok() ? text.value() : "";
}

TEST(Lines, TheRegulationHasItsParagraphsAtAnyWidthQuotedOrNot) {
  const std::string regulation = Regulation();
  ASSERT_GT(regulation.size(), 10'000U);
  std::vector<std::string> wanted;
  for (const std::string& line : SplitLines(MakeView("subject", Form::kNfc, regulation).utf8)) {
    if (!line.empty()) {
      wanted.push_back(line);
    }
  }
  for (size_t width = 40; width <= 78; ++width) {
    for (const char* prefix : {"", "> ", ">> ", "> > "}) {
      const TextView view = MakeView("body", Form::kNfc, Wrap(regulation, width, prefix));
      const std::string paragraphs = "\n" + view.Paragraphs() + "\n";
      size_t exact = 0;
      for (const std::string& line : wanted) {
        EXPECT_NE(paragraphs.find(line), std::string::npos) << width << prefix << line;
        exact += paragraphs.find("\n" + line + "\n") != std::string::npos ? 1U : 0U;
      }
      // A few short lines that happen to be full are joined to the next.
      EXPECT_GE(exact * 100, wanted.size() * 80) << width << prefix;
    }
  }
}

TEST(Lines, TheRegulationAsHtmlHasTheSameParagraphs) {
  const std::string regulation = Regulation();
  std::string html = "<html><body>";
  for (const std::string& line : SplitLines(regulation)) {
    html += "<p>" + line + "</p>\r\n";
  }
  const std::string visible = MakeView("subject", Form::kNfc, ReadHtml(html).visible).utf8;
  for (const std::string& line : SplitLines(MakeView("subject", Form::kNfc, regulation).utf8)) {
    if (!line.empty()) {
      EXPECT_NE(("\n" + visible + "\n").find("\n" + line + "\n"), std::string::npos) << line;
    }
  }
  EXPECT_TRUE(ReadHtml(html).soft.empty());
}

TEST(Lines, ShortLinesAreNotJoined) {
  EXPECT_TRUE(ReadLines("M\u1EACT\nS\u1ED1 12-BC/TU\nngày 3", {}).soft_lines.empty());
}

TEST(Lines, AChangeOfQuoteDepthEndsAParagraph) {
  const std::string full = "this is a line that is quite long enough to have been wrapped";
  const Lines lines = ReadLines("> " + full + "\n" + full + "\n" + full + "\nend", {});
  EXPECT_EQ(lines.soft_lines, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(lines.text.substr(0, 4), "this");
}

TEST(Lines, EveryKindOfLineEndIsOne) {
  EXPECT_EQ(ReadLines("a\r\nb\rc\nd\fe\u2028f\n", {}).text, "a\nb\nc\nd\ne\nf");
}

TEST(Lines, FlowedLinesContinueAndSignaturesDoNot) {
  LineOptions options;
  options.flowed = true;
  const Lines lines = ReadLines("one \ntwo\n three \n-- \nme", options);
  EXPECT_EQ(lines.text, "one \ntwo\nthree \n-- \nme");
  EXPECT_EQ(lines.soft_lines, (std::vector<uint32_t>{0}));
}

TEST(Lines, DelSpJoinsWordsWithoutABlank) {
  LineOptions options;
  options.flowed = true;
  options.delsp = true;
  const Lines lines = ReadLines("con \nfidential\nend", options);
  EXPECT_EQ(lines.text, "confidential\nend");
  ASSERT_FALSE(lines.pieces.empty());
}

}  // namespace
}  // namespace gatepost::text
