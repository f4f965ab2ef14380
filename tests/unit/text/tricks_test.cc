// Tricks with letters: each is undone in a form or a reading, and is a fact; honest writing is not.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/tricks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/base/utf8.h"
#include "src/text/forms.h"
#include "src/text/undo_letters.h"
#include "src/text/unicode.h"

namespace gatepost::text {
namespace {

std::string Of(std::string_view text, Form form) { return MakeForm(text, {}, form).utf8; }
std::string Undone(std::string_view text) { return UndoTricks(text, {}).utf8; }

TEST(Tricks, EveryDressOfTheLettersIsTheStampInFormSkel) {
  for (const char* stamp : {
           "ТỐІ МẬТ",                                // Cyrillic
           "ΤỐΙ ΜẬΤ",                                // Greek
           "ＴỐＩ ＭẬＴ",                            // full-width
           "𝐓Ố𝐈 𝐌Ậ𝐓",                                // mathematical bold
           "𝕋Ố𝕀 𝕄Ậ𝕋",                                // double-struck
           "ⓉỐⒾ ⓂẬⓉ",                                // circled
           "🅃Ố🄸 🄼Ậ🅃",                                // squared
           "🆃Ố🅸 🅼Ậ🆃",                                // squared, black
           "🄣Ố🄘 🄜Ậ🄣",                                // in parentheses
           "🇹Ố🇮 🇲Ậ🇹",                                // regional indicators
           "ᎢỐᏆ ᎷẬᎢ",                                // Cherokee
           "ꓔỐꓲ ꓟẬꓔ",                                // Lisu
           "T\u0336Ố\u0336I\u0336 M\u0336Ậ\u0336T",  // struck through
           "T\u20DDỐ\u20DDI M\u20DDẬT",              // enclosing circle
           "T\u200BỐ\u2060I M\u00ADẬ\uFEFFT",        // nothing to see
           "T\U000E0041ỐI MẬ\U000E0042\uFE0FT",      // tags, selectors
           "T\u061CỐ\u034FI\u00A0M\u180EẬ\u115FT",   // fillers
       }) {
    EXPECT_EQ(Of(stamp, Form::kSkel), "TỐI MẬT") << stamp;
    EXPECT_EQ(Of(stamp, Form::kFold), "toi mat") << stamp;
  }
  EXPECT_EQ(Of("ᴛốɪ ᴍậᴛ", Form::kSkel), "TốI MậT");  // small capitals are capitals
  EXPECT_EQ(Of("ᵗốⁱ ᵐậᵗ", Form::kSkel), "tối mật");
  EXPECT_EQ(Of("⒯ố⒤ ⒨ậ⒯", Form::kSkel), "tối mật");
}

TEST(Tricks, EveryVietnameseLetterSurvivesTheSkeleton) {
  const std::string letters =
      "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
      "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ";
  EXPECT_EQ(Of(letters, Form::kSkel), letters);
  EXPECT_EQ(Of(letters, Form::kCompact), letters);
}

TEST(Tricks, AFloodOfMarksLeavesTheLetterInSkel) {
  std::string flood;
  for (const char* letter : {"m", "a\u0302\u0323", "t"}) {
    flood += letter;
    for (int i = 0; i < 40; ++i) {
      flood += "\u0335\u0489\u035C";
    }
  }
  EXPECT_EQ(Of(flood, Form::kSkel), "mật");
  EXPECT_EQ(SurveyText(flood).mark_flood, 3U);
  EXPECT_EQ(SurveyText("Nguyễn Thị Minh Khai; שָׁלוֹם").mark_flood, 0U);
}

TEST(Tricks, WhatAnOverrideShowsBackwardsIsReadForwards) {
  EXPECT_EQ(Undone("a \u202ETẬM IỐT\u202C b"), "a TỐI MẬT b");
  EXPECT_EQ(Undone("x\n\u202ETA\u0302\u0323M IỐT\ny"), "\nTỐI MA\u0302\u0323T\n");
  EXPECT_EQ(Undone("\u202Etxt.\u202Dexe\u202C"), "exe.txt");
  EXPECT_EQ(Undone("\u200Fabc"), "");
  EXPECT_EQ(SurveyText("\u202Eabc").overrides, 1U);
}

TEST(Tricks, LettersSetApartAreJoinedAndWiderGapsPartWords) {
  EXPECT_EQ(Undone("t ố i  m ậ t"), "tối mật");
  EXPECT_EQ(Undone("t.ố.i.m.ậ.t"), "tốimật");
  EXPECT_EQ(Undone("T.Ố.I M.Ậ.T"), "TỐI MẬT");
  EXPECT_EQ(Undone("(t-ố-i)"), "(tối)");
  EXPECT_EQ(Undone("số 5 T Ố I   M Ậ T nhé"), "số 5 TỐI MẬT nhé");
  EXPECT_EQ(Undone("T\u00A0O\u0302\u0301\u00A0I"), "TO\u0302\u0301I");
  EXPECT_EQ(Undone("Ｔ　Ố　Ｉ"), "ＴỐＩ");
}

TEST(Tricks, AnySignMaySetLettersApart) {
  for (const char* split :
       {"T*Ố*I M*Ậ*T", "T/Ố/I M/Ậ/T", "T|Ố|I M|Ậ|T", "T;Ố;I M;Ậ;T", "T!Ố!I M!Ậ!T", "T^Ố^I M^Ậ^T",
        "T#Ố#I M#Ậ#T", "T•Ố•I M•Ậ•T", "T★Ố★I M★Ậ★T"}) {
    EXPECT_EQ(Undone(split), "TỐI MẬT") << split;
  }
}

TEST(Tricks, SignsInsideTheWordsOfALineInCapitalsAreLeftOut) {
  EXPECT_EQ(Undone("TỐ*I M/ẬT"), "TỐI MẬT");
  EXPECT_EQ(Undone("x\n[TỐ|I MẬ~T]\ny"), "\n[TỐI MẬT]\n");
  EXPECT_EQ(Undone("TUY^ỆT...MẬT"), "TUYỆTMẬT");
  EXPECT_EQ(Undone("TO\u0302\u0301*I MÂ\u0323/T"), "TO\u0302\u0301I MÂ\u0323T");
  for (const char* honest : {"15-CV/TU", "Tố*i m/ật", "TỐI MẬT", "[MẬT]", "AND - OR", "(A) (B)",
                             "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM. ĐỘC LẬP-TỰ DO-HẠNH PHÚC"}) {
    EXPECT_EQ(Undone(honest), "") << honest;
  }
}

TEST(Tricks, LettersUnderAStrokeThatFewAlphabetsHaveAreTheLetter) {
  EXPECT_EQ(Of("ŦỐƗ MẬŦ", Form::kSkel), "TỐI MẬT");
  EXPECT_EQ(Of("ȾɄɎỆŦ ⱮẬȾ", Form::kSkel), "TUYỆT MẬT");
  EXPECT_EQ(Of("Đảng Łódź Øre", Form::kSkel), "Đảng Łódź Øre");
}

// Lines of ASCII are sifted eight bytes at a time; one invisible character sends a line past the
// sieve.
TEST(Tricks, TheSieveForLoneLettersMissesNoneWhereverTheyStand) {
  std::minstd_rand random(1);
  constexpr std::string_view kSigns = "aZq  .-1\n";
  size_t found = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    std::string unsifted;
    for (size_t size = random() % 60; text.size() < size;) {
      const char c = kSigns[random() % kSigns.size()];
      unsifted += c == '\n' ? "\u200B" : "";
      unsifted += c;
      text += c;
    }
    unsifted += "\u200B";
    const bool spaced = HasSpacedLetters(text);
    ASSERT_EQ(spaced, HasSpacedLetters(unsifted)) << text;
    found += spaced ? 1U : 0U;
  }
  EXPECT_GT(found, 1'000U);
  for (size_t before = 0; before < 20; ++before) {
    EXPECT_TRUE(HasSpacedLetters(std::string(before, 'x') + " M A T")) << before;
  }
}

TEST(Tricks, HonestWritingHasNothingToUndo) {
  for (const char* honest :
       {"Kính gửi: Ủy ban nhân dân tỉnh", "a b, tôi ở Q.1 TP. HCM", "e.g. this and i.e. that",
        "at AT&T; R&D", "1 + 2 = 3; C++-code", "日 本 語 の 文", "\u2067שלום\u2069 abc"}) {
    EXPECT_EQ(Undone(honest), "") << honest;
  }
}

TEST(Tricks, OneLetterALineIsAWordAndCapitalsOverLinesAreAStamp) {
  EXPECT_EQ(Undone("đây\nM\nẬ\nT\nxong."), "\nMẬT\n\n\n");
  EXPECT_EQ(Undone("TUYỆT\nMẬT\n\nx y"), "TUYỆTMẬT\n\n\n");
  EXPECT_EQ(Undone("Danh sách\nCông ty\nMẬT"), "");
}

TEST(Tricks, ReferencesThatAReaderSeesAreReadOnce) {
  EXPECT_EQ(Undone("T&#7888;I M&#x1EAC;T"), "TỐI MẬT");
  EXPECT_EQ(Undone("M&amp;amp;#x1EAC;T"), "MẬT");
}

TEST(Tricks, Utf7InAPlainTextIsReadWhenItSaysSomething) {
  EXPECT_EQ(Undone("T+HtA-I M+Hqw-T"), "TỐI MẬT");
  EXPECT_EQ(Undone("+ADw-script+AD4-"), "<script>");
  EXPECT_EQ(Undone("gọi +84-912 hay a+b-c"), "");
}

TEST(Tricks, AReadingKeepsTheLinesAndLeadsBack) {
  const std::string text = "một\nt ố i\nhai\n\u202Ecba\u202C\nba";
  const Reading reading = UndoTricks(text, {});
  EXPECT_EQ(std::count(reading.utf8.begin(), reading.utf8.end(), '\n'), 4);
  EXPECT_EQ(reading.utf8, "\ntối\n\nabc\n");
  ASSERT_FALSE(reading.pieces.empty());
  EXPECT_EQ(reading.pieces.back().source, text.size());
}

TEST(Tricks, SignsAreCountedWhereSomeoneHides) {
  EXPECT_EQ(SurveyText("Вank of раypal").mixed_script, 2U);
  EXPECT_EQ(SurveyText("Банк России, Bank, 5 μm, Ελλάδα").mixed_script, 0U);
  EXPECT_EQ(SurveyText("𝓯𝓻𝓮𝓮 money").styled, 1U);
  EXPECT_EQ(SurveyText("m² x³ ™ № ℃ 1ª").styled, 0U);
  EXPECT_EQ(SurveyText("ＦＲＥＥ").full_width, 1U);
  EXPECT_EQ(SurveyText("a\U000E0048\U000E0049").tags, 2U);
  EXPECT_EQ(TagText("a\U000E0048\U000E0049"), "HI");
  EXPECT_EQ(SurveyText("🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F").tags,
            0U);
  EXPECT_EQ(SurveyText("x\uFE00\uFE01\uFE02\uFE03\uFE04").selectors, 5U);
  EXPECT_EQ(SurveyText("❤️ ☎️").selectors, 0U);
}

TEST(Tricks, APictureOfBlocksIsSeenAndABarChartIsNot) {
  std::string picture;
  for (int row = 0; row < 12; ++row) {
    picture += "█▀▄ ▀█▄▀▄█ ▄▀█▄▀█▀▄ █▀▄█▀\n";
  }
  EXPECT_GE(SurveyText(picture).blocks, 12U);
  EXPECT_EQ(SurveyText("██████████████████\n████\n███████\n").blocks, 0U);
}

// The corner marks of a code of 21 modules; the rest stands for its data.
bool IsDark(int row, int column) {
  const int r = row >= 14 && column < 7 ? row - 14 : row;
  const int c = column >= 14 && row < 7 ? column - 14 : column;
  if (r >= 0 && r < 7 && c < 7) {
    const int ring = std::max(std::abs(r - 3), std::abs(c - 3));
    return ring != 2;
  }
  const bool margin = (row == 7 && (column < 8 || column > 12)) || (row == 13 && column < 8) ||
                      (column == 7 && (row < 8 || row > 12)) || (column == 13 && row < 8);
  return !margin && (row * 7 + column * 5) % 3 == 0;
}

TEST(Tricks, ACodeDrawnWithTwoSignsIsSeen) {
  std::string hashes;
  std::string dots;
  for (int row = 0; row < 21; ++row) {
    for (int column = 0; column < 21; ++column) {
      const bool dark = IsDark(row, column);
      hashes += dark ? "##" : "  ";
      dots += dark ? "X" : ".";
    }
    hashes += "\r\n";
    dots += "\n";
  }
  EXPECT_GE(DrawnRows(hashes), 19U);
  std::string wide;
  for (const char c : hashes) {
    wide += c == ' ' ? std::string("\u00A0") : std::string(1, c);
  }
  EXPECT_GE(DrawnRows(wide), 19U);
  std::string quarters;
  for (int row = 0; row < 22; row += 2) {
    for (int column = 0; column < 22; column += 2) {
      static constexpr const char* kSigns[] = {" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛",
                                               "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"};
      unsigned sign = 0;
      for (int i = 0; i < 4; ++i) {
        const int r = row + i / 2;
        const int c = column + i % 2;
        sign |= r < 21 && c < 21 && IsDark(r, c) ? 1U << i : 0U;
      }
      quarters += kSigns[sign];
    }
    quarters += '\n';
  }
  EXPECT_GE(SurveyText(quarters).blocks, 9U) << quarters;
  EXPECT_EQ(DrawnRows(dots), 21U);
  std::string rulers;
  for (int row = 0; row < 30; ++row) {
    rulers += "----------------------------------------\n| a | b |\n";
  }
  EXPECT_EQ(DrawnRows(rulers), 0U);
  std::string zeros;
  std::string bits;
  std::minstd_rand random(1);
  for (int row = 0; row < 60; ++row) {
    zeros += "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n";
    for (int column = 0; column < 40; ++column) {
      bits += random() % 2 == 0 ? '0' : '1';
    }
    bits += '\n';
  }
  EXPECT_EQ(DrawnRows(zeros), 0U);
  EXPECT_EQ(DrawnRows(bits), 0U);
  EXPECT_EQ(DrawnRows("Dear all,\n\nplease find the papers enclosed.\n"), 0U);
}

TEST(Tricks, HostileTextsTakeLinearTime) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) {
    text += "\u202Ea b c &+\u202D";
  }
  EXPECT_FALSE(Undone(text).empty());
  std::string lines;
  for (int i = 0; i < 100'000; ++i) {
    lines += "A\n";
  }
  EXPECT_LE(Undone(lines).size(), lines.size());
}

TEST(Tricks, AWordOverTwoLinesIsPutTogether) {
  EXPECT_EQ(Undone("tố\xC2\xAD\ni mật\nend"), "tố\xC2\xADi mật\n\n");
  const std::string filler(960, 'x');
  EXPECT_EQ(Undone(filler + " tố\n i mật"), filler + " tối mật\n");
  EXPECT_TRUE(UndoTricks(filler + " tố\n i mật", {}).broken);
  EXPECT_EQ(Undone("short line\n indented"), "");
}

TEST(Tricks, WhatAReaderCannotReadIsLeftOutOfTheWord) {
  EXPECT_EQ(Undone("t\xEF\xBF\xBDối m\xEF\xBF\xBD\xEF\xBF\xBDật"), "tối mật");
  EXPECT_EQ(Undone("\xEF\xBF\xBD alone"), "");
}

TEST(Tricks, AsciiInUtf7IsReadThoughNobodyDeclaredIt) {
  EXPECT_EQ(Undone("x +AFA-assword y"), "x Password y");
  EXPECT_EQ(Undone("C+BAD-tempered, 1+AB-2, a+b-c"), "");
}

TEST(Tricks, AColumnOfLettersMayBeLong) {
  std::string column;
  for (const char c : std::string("papervectorpayloadandmore")) {
    column += std::string(1, c) + "\n";
  }
  EXPECT_EQ(Undone(column).substr(0, 25), "papervectorpayloadandmore");
}

}  // namespace
}  // namespace gatepost::text
