// The line of a mail with its match marked: the caret stands below the letter, whatever the letters
// are, and what is masked is nowhere to be read. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/marked_line.h"

#include <gtest/gtest.h>

#include <clocale>

#include "src/cli/terminal.h"

namespace gatepost::cli {
namespace {

class MarkedLineTest : public testing::Test {
 protected:
  MarkedLineTest() { std::setlocale(LC_CTYPE, "C.UTF-8"); }

  // Marks `match` in `line` in clear.
  static MarkedLine Shown(const std::string& line, const std::string& match, int columns = 80) {
    MarkOptions options;
    options.columns = columns;
    options.show = true;
    const auto at = static_cast<uint32_t>(line.find(match));
    return Mark(line, {at, at + static_cast<uint32_t>(match.size())}, options);
  }
};

TEST_F(MarkedLineTest, CaretsStandBelowComposedVietnameseLetters) {
  const MarkedLine line = Shown("Kính gửi: vay tiền nhanh", "vay tiền");
  EXPECT_EQ(line.text, "Kính gửi: vay tiền nhanh");
  EXPECT_EQ(line.carets, "          ^^^^^^^^");
}

TEST_F(MarkedLineTest, CombiningMarksTakeNoColumn) {
  // "Kính gửi" and "vay tiền" decomposed.
  const std::string before = "Ki\xCC\x81nh gu\xCC\x9B\xCC\x89i: ";
  const std::string match = "vay tie\xCC\x82\xCC\x80n";
  const MarkedLine line = Shown(before + match, match);
  EXPECT_EQ(line.carets, "          ^^^^^^^^");
}

TEST_F(MarkedLineTest, WideLettersTakeTwo) {
  const MarkedLine line = Shown("公文 abc 秘密", "秘密");
  EXPECT_EQ(line.carets, "         ^^^^");
}

TEST_F(MarkedLineTest, ALongLineIsCutAroundItsMatch) {
  const std::string line = std::string(300, 'x') + " mua ngay " + std::string(300, 'y');
  const MarkedLine marked = Shown(line, "mua ngay", 60);
  EXPECT_LE(DisplayWidth(marked.text), 60);
  EXPECT_EQ(marked.text.substr(0, 4), "...x");
  EXPECT_EQ(marked.text.substr(marked.text.size() - 4), "y...");
  EXPECT_EQ(marked.carets.find('^'), marked.text.find("mua ngay"));
}

TEST_F(MarkedLineTest, AMatchLongerThanTheTerminalIsCutItself) {
  const MarkedLine marked = Shown("a " + std::string(500, 'm') + " z", std::string(500, 'm'), 40);
  EXPECT_LE(DisplayWidth(marked.text), 40 + 6);
  EXPECT_NE(marked.text.find("mm..."), std::string::npos);
}

TEST_F(MarkedLineTest, TheMatchIsMaskedUnlessAsked) {
  MarkOptions options;
  const std::string line = "số thẻ 4111 1111, vay tiền nhanh";
  const auto at = static_cast<uint32_t>(line.find("4111"));
  const MarkedLine marked = Mark(line, {at, at + 9}, options);
  EXPECT_EQ(marked.text, "số thẻ •••• ••••, vay tiền nhanh");
  EXPECT_EQ(marked.carets, "       ^^^^^^^^^");
}

TEST_F(MarkedLineTest, WordsOfOtherMatchesAreMaskedInTheLineToo) {
  MarkOptions options;
  options.hide = {"nhanh", "n"};
  const std::string line = "vay tiền nhanh";
  const MarkedLine marked = Mark(line, {0, 3}, options);
  EXPECT_EQ(marked.text, "••• tiền n••••");
}

TEST_F(MarkedLineTest, AMatchThatGoesOnInTheNextLineIsMaskedToo) {
  MarkOptions options;
  options.hide = {"không thế chấp"};
  EXPECT_EQ(Mark("vay nhanh, không thế", {0, 3}, options).text, "••• nhanh, k•••• •••");
  const std::string line = "thế chấp, vay nhanh";
  const auto at = static_cast<uint32_t>(line.find("vay"));
  EXPECT_EQ(Mark(line, {at, at + 3}, options).text, "••• c•••, ••• nhanh");
}

TEST_F(MarkedLineTest, MaskingKeepsTheColumns) {
  for (const std::string text : {"Tuyệt mật", "秘密", "ti\xE1\xBB\x81n 4111", "a", "", "th\xC6\xB0"}) {
    EXPECT_EQ(DisplayWidth(Masked(text)), DisplayWidth(text)) << text;
  }
  EXPECT_EQ(Masked("vay 4111 tiền"), "••• •••• t•••");
}

TEST_F(MarkedLineTest, WhatATerminalWouldObeyIsShownInstead) {
  const MarkedLine marked = Shown("a\033[2Jb \xE2\x80\xAEgnol c\x07", "b");
  EXPECT_EQ(marked.text.find('\033'), std::string::npos);
  EXPECT_EQ(marked.text.find('\x07'), std::string::npos);
  EXPECT_EQ(marked.text.find("\xE2\x80\xAE"), std::string::npos);
}

TEST_F(MarkedLineTest, ATerminalUnderlinesInsteadOfCarets) {
  MarkOptions options;
  options.underline = true;
  options.show = true;
  const MarkedLine marked = Mark("mua ngay", {0, 3}, options);
  EXPECT_EQ(marked.text, "\033[4;31mmua\033[0m ngay");
  EXPECT_EQ(marked.carets, "");
}

TEST_F(MarkedLineTest, ARangeBeyondTheLineHarmsNothing) {
  EXPECT_EQ(Mark("abc", {7, 90}, {}).text, "abc");
  EXPECT_EQ(Mark("", {0, 0}, {}).carets, "^");
}

}  // namespace
}  // namespace gatepost::cli
