// Forms: what each does to a text, and the way back.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/forms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/base/utf8.h"
#include "src/text/tricks.h"
#include "src/text/unicode.h"
#include "src/text/view.h"

namespace gatepost::text {
namespace {

bool IsInvisibleInsideWord(std::string_view text) { return SurveyText(text).invisible > 0; }

std::string Of(std::string_view text, Form form) { return MakeForm(text, {}, form).utf8; }

TEST(Forms, RawIsUnchanged) {
  EXPECT_EQ(Of(" a\t b\u00A0\u200B ", Form::kRaw), " a\t b\u00A0\u200B ");
}

TEST(Forms, NfcComposesHybridAndDecomposedVietnamese) {
  EXPECT_EQ(Of("MÂ\u0323T", Form::kNfc), "MẬT");
  EXPECT_EQ(Of("MA\u0323\u0302T", Form::kNfc), "MẬT");
  EXPECT_EQ(Of("TO\u0302\u0301I", Form::kNfc), "TỐI");
  EXPECT_EQ(Of("MÂ\u0323T", Form::kNfcRaw), "MẬT");
}

TEST(Forms, ToneTypedBeforeTheCircumflexIsTheSameLetterInNfcButNotInNfcRaw) {
  EXPECT_EQ(Of("TO\u0301\u0302I", Form::kNfc), "TỐI");
  EXPECT_NE(Of("TO\u0301\u0302I", Form::kNfcRaw), "TỐI");
}

TEST(Forms, NfcRemovesWhatIsInvisibleEvenBetweenALetterAndItsMark) {
  EXPECT_EQ(Of("M\u200BẬ\u2060T\uFEFF", Form::kNfc), "MẬT");
  EXPECT_EQ(Of("MÂ\u200D\u0323T", Form::kNfc), "MẬT");
  EXPECT_EQ(Of("mậ\u00ADt", Form::kNfc), "mật");
  EXPECT_EQ(Of("M\u200BẬT", Form::kNfcRaw), "M\u200BẬT");
}

TEST(Forms, BlanksBecomeOneSpaceAndNoneAtALinesEnds) {
  EXPECT_EQ(Of(" a \t\u00A0 b \n\u3000c  ", Form::kNfc), "a b\nc");
  EXPECT_EQ(Of("\n\n a", Form::kNfc), "\n\na");
}

// Single blanks are written at once, several wait for what follows: no form may show which it was.
TEST(Forms, ABlankIsABlankHoweverMany) {
  std::minstd_rand random(1);
  const std::vector<std::string> signs = {
      "a", "T", "-", "1", " ", " ", " ", "\u0301", "\u0323", "\u1EAD", "\u00AD", "\n", "\u0416"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    std::string wide;
    for (size_t left = random() % 20; left > 0; --left) {
      const std::string& sign = signs[random() % signs.size()];
      text += sign;
      wide += sign == " " ? "  " : sign;
    }
    for (const Form form : {Form::kNfc, Form::kSkel, Form::kFold, Form::kLeet, Form::kCompact}) {
      const FormText one = MakeForm(text, {}, form);
      ASSERT_EQ(one.utf8, MakeForm(wide, {}, form).utf8) << text;
      TextView view;
      view.map = std::make_shared<OffsetMap>(OffsetMap{one.pieces, nullptr});
      for (size_t at = one.utf8.find('1'); at != std::string::npos;
           at = one.utf8.find('1', at + 1)) {
        const auto begin = static_cast<uint32_t>(at);
        const Range source = view.SourceOf({begin, begin + 1});
        ASSERT_EQ(text.substr(source.begin, 1), "1") << text;
      }
    }
  }
}

TEST(Forms, PunctuationBecomesAscii) {
  EXPECT_EQ(Of("“a” – ‘b’ … € 😀", Form::kNfc), "\"a\" - 'b' . . .");
  EXPECT_EQ(Of("½ đ ộ", Form::kNfc), "½ đ ộ");
}

TEST(Forms, SkeletonMapsCyrillicGreekAndFullWidthAndKeepsAccents) {
  EXPECT_EQ(Of("ТUYỆТ МẬТ", Form::kSkel), "TUYỆT MẬT");
  EXPECT_EQ(Of("ＭẬＴ", Form::kSkel), "MẬT");
  EXPECT_EQ(Of("ΤUYỆΤ ΜẬΤ", Form::kSkel), "TUYỆT MẬT");
  EXPECT_EQ(Of("МА\u0302\u0323Т", Form::kSkel), "MẬT");
  EXPECT_EQ(Of("𝐌𝐀𝐓 🅼 ﬁ！", Form::kSkel), "MAT M fi!");
}

TEST(Forms, FoldLowersAndDropsMarksAndStrokes) {
  EXPECT_EQ(Of("ĐỘ MẬT: Tuyệt", Form::kFold), "do mat: tuyet");
  EXPECT_EQ(Of("Điệ\u0323n ДО İ", Form::kFold).substr(0, 4), "dien");
}

TEST(Forms, LeetReadsDigitsAsLetters) {
  EXPECT_EQ(Of("TUY3T M4T", Form::kLeet), "tuyet mat");
  EXPECT_EQ(Of("T0I M@T!", Form::kLeet), "toi mati");
}

TEST(Forms, CompactDropsBlanksDotsDashesUnderscoresAndBullets) {
  EXPECT_EQ(Of("T U Y Ệ T   M Ậ T", Form::kCompact), "TUYỆTMẬT");
  EXPECT_EQ(Of("M . Ậ – T • _", Form::kCompact), "MẬT");
  EXPECT_EQ(Of("M . A . \u0302 . \u0323 T", Form::kCompact).back(), 'T');
}

TEST(Forms, NoFormAddsOrRemovesALineAndSoftEndsStayAtLineEnds) {
  const std::string text = "“Đa \u0301\n\u200B\n \nＡ\u0302\n— é\ne";
  for (size_t form = 0; form < kFormCount; ++form) {
    const FormText made = MakeForm(text, {0, 2, 4}, static_cast<Form>(form));
    EXPECT_EQ(std::count(made.utf8.begin(), made.utf8.end(), '\n'), 5) << form;
    ASSERT_EQ(made.soft.size(), 3U) << form;
    for (const uint32_t at : made.soft) {
      EXPECT_EQ(made.utf8[at], '\n') << form;
    }
    EXPECT_TRUE(IsUtf8(made.utf8)) << form;
  }
}

TEST(Forms, TheWayBackFindsTheWordInTheSource) {
  const std::string text = "  “bí”  \u200B MÂ\u0323T \u00A0 ＭẬＴ xong";
  for (const Form form : {Form::kNfc, Form::kSkel, Form::kCompact}) {
    const TextView view = MakeView("subject", form, text);
    const size_t at = view.utf8.find("MẬT");
    ASSERT_NE(at, std::string::npos);
    const Range source = view.SourceOf({static_cast<uint32_t>(at), static_cast<uint32_t>(at + 5)});
    // What a form dropped behind the word belongs to the word's end.
    EXPECT_EQ(text.substr(source.begin, 6), "MÂ\u0323T") << ToString(form);
    EXPECT_LE(source.end, text.find("Ｍ")) << ToString(form);
  }
  const TextView skel = MakeView("subject", Form::kSkel, text);
  const size_t wide = skel.utf8.rfind("MẬT");
  const Range source =
      skel.SourceOf({static_cast<uint32_t>(wide), static_cast<uint32_t>(wide + 5)});
  EXPECT_EQ(text.substr(source.begin, source.size()), "ＭẬＴ");
}

TEST(Forms, AFloodOfMarksIsCut) {
  std::string text = "M";
  for (int i = 0; i < 10'000; ++i) {
    text += "\u0300";
  }
  EXPECT_LT(Of(text, Form::kNfc).size(), 40U);
  EXPECT_EQ(Of(text, Form::kFold), "m");
}

TEST(Forms, InvisibleInsideAWordIsToldFromInvisibleBetweenWords) {
  EXPECT_TRUE(IsInvisibleInsideWord("M\u200BẬT"));
  EXPECT_FALSE(IsInvisibleInsideWord("mật\u200B khẩu"));
  EXPECT_FALSE(IsInvisibleInsideWord("khu\u00ADyến"));
  EXPECT_FALSE(IsInvisibleInsideWord("क्\u200Dष"));
}

TEST(Forms, NamesGoBothWays) {
  for (size_t i = 0; i < kFormCount; ++i) {
    Form form = Form::kRaw;
    ASSERT_TRUE(FormFromString(ToString(static_cast<Form>(i)), &form));
    EXPECT_EQ(form, static_cast<Form>(i));
  }
  Form form = Form::kRaw;
  EXPECT_FALSE(FormFromString("nfd", &form));
}

}  // namespace
}  // namespace gatepost::text
