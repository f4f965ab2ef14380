// Fonts of a PDF that do not say which letters they show, or say others.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_fonts.h"

#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"
#include "tests/unit/decode/make_pdf.h"

namespace gatepost::decode {
namespace {

constexpr char kPlain[] = "BT /G 12 Tf 72 700 Td (The budget of the department) Tj ET ";

// One page with a font /F beside Helvetica (/G).
Opened OpenPage(const std::string& font, const std::string& content,
                const std::vector<std::string>& more = {}, const std::string& page = "") {
  return OpenBytes("plan.pdf",
                   MakePdf("", page, more, content, "3 0 R", font + "/G " + std::string(kPdfFont)),
                   Limits());
}

std::string Composite(const std::string& more = "", const std::string& ordering = "Identity") {
  return "<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Times/Encoding/Identity-H" + more +
         "/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Times/CIDSystemInfo<<"
         "/Registry(Adobe)/Ordering(" +
         ordering + ")/Supplement 0>>>>]>>";
}

std::string Cmap(const std::string& lines) {
  return Stream(
      "/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange\n"
      "<0000><ffff>\nendcodespacerange\n" +
      lines + "\nendcmap end");
}

bool IsUntold(const Opened& leaves) {
  return std::any_of(leaves.unscannable.begin(), leaves.unscannable.end(), [](const auto& one) {
    return one.reason == Reason::kImageOnly && one.path == "plan.pdf/page 1";
  });
}

constexpr char kGlyphs[] = "BT /F 12 Tf 72 600 Td <003700320024002a0030> Tj ET";

TEST(PdfFonts, WordsInAFontThatTellsNoLettersAreNamed) {
  const Opened leaves = OpenPage(Composite(), std::string(kPlain) + kGlyphs);
  EXPECT_TRUE(IsUntold(leaves));
  EXPECT_TRUE(Fact(leaves, "document.image-pages"));
  EXPECT_NE(TextOf(leaves, "attachment").find("The budget"), std::string::npos);
}

TEST(PdfFonts, SoAreThoseOfFormsNotesAndLaterStreams) {
  const std::string form = Stream(
      kGlyphs, "/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F " + Composite() + ">>>>");
  EXPECT_TRUE(IsUntold(OpenPage(std::string(kPdfFont) + "/Unused<<>>>>/XObject<</X 5 0 R",
                                std::string(kPdfText) + " /X Do", {form})));
  EXPECT_TRUE(IsUntold(OpenPage(
      kPdfFont, kPlain, {"<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]/AP<</N 6 0 R>>>>", form},
      "/Annots[5 0 R]")));
  EXPECT_TRUE(IsUntold(
      OpenPage(kPdfFont, kPlain,
               {"<</Type/Annot/Subtype/Widget/Rect[0 0 99 99]/AP<</N<</Y 6 0 R>>>>>>", form},
               "/Annots[5 0 R]")));
  // The font of the first stream goes on in the second.
  EXPECT_TRUE(IsUntold(OpenPage(Composite(), kPlain,
                                {Stream("/F 12 Tf"), Stream("BT <003700320024002a0030> Tj ET")},
                                "/Contents[4 0 R 5 0 R 6 0 R]")));
}

TEST(PdfFonts, AFontMayBeSetByAStateRestoredInheritedOrBorrowed) {
  const std::string shows = " BT 72 600 Td <003700320024002a0030> Tj ET";
  // By a state; one that sets no font changes nothing.
  const std::string both = Composite() + "/H " + kPdfFont;
  const auto with_state = [&](const std::string& state) {
    return OpenPage(std::string(kPdfFont) + ">>/ExtGState<</S<<" + state + ">>>>/Font<<",
                    std::string(kPlain) + "/S gs" + shows, {Composite()});
  };
  EXPECT_TRUE(IsUntold(with_state("/Font[5 0 R 12]")));
  EXPECT_FALSE(IsUntold(with_state("/CA 1")));
  // Restored within a stream, and in a later one.
  EXPECT_TRUE(IsUntold(OpenPage(both, std::string(kPlain) + "/F 12 Tf q /H 12 Tf Q" + shows)));
  EXPECT_FALSE(IsUntold(OpenPage(both, std::string(kPlain) + "/H 12 Tf q /F 12 Tf Q" + shows)));
  EXPECT_TRUE(IsUntold(OpenPage(both, kPlain, {Stream("/F 12 Tf q /H 12 Tf"), Stream("Q" + shows)},
                                "/Contents[4 0 R 5 0 R 6 0 R]")));
  // Inherited by a form from where it is drawn, at the second call too.
  const auto with_form = [&](const std::string& content, const std::string& form) {
    return OpenPage(both + "/G " + kPdfFont + ">>/XObject<</X 5 0 R>>/Unused<<", kPlain + content,
                    {form});
  };
  const std::string bare = Stream(shows, "/Subtype/Form/BBox[0 0 600 800]/Resources<<>>");
  EXPECT_TRUE(IsUntold(with_form("/F 12 Tf /X Do", bare)));
  EXPECT_TRUE(IsUntold(with_form("/H 12 Tf /X Do /F 12 Tf /X Do", bare)));
  EXPECT_FALSE(IsUntold(with_form("/H 12 Tf /X Do", bare)));
  // Borrowed from whoever draws it.
  EXPECT_TRUE(
      IsUntold(with_form("/X Do", Stream("/F 12 Tf" + shows, "/Subtype/Form/BBox[0 0 600 800]"))));
}

TEST(PdfFonts, LettersBetweenLettersThatATableTellsAreNamed) {
  const std::vector<std::string> table = {Cmap("1 beginbfrange\n<0001><0020><0041>\nendbfrange")};
  EXPECT_TRUE(IsUntold(
      OpenPage(Composite("/ToUnicode 5 0 R"),
               std::string(kPlain) + "BT /F 12 Tf (\\000\\001\\0007\\0002\\000$\\000*\\0000) Tj ET",
               table)));
  // Told as spaces they are as good as not told.
  const std::vector<std::string> blank = {Cmap(
      "1 beginbfrange\n<0024><0037>[<0020><200b><200b><200b><200b><200b><200b><200b><200b><200b>"
      "<200b><200b><200b><200b><200b><200b><200b><200b><200b><200b>]\nendbfrange")};
  EXPECT_TRUE(IsUntold(
      OpenPage(Composite("/ToUnicode 5 0 R"),
               std::string(kPlain) + "BT /F 12 Tf <00240025002600270028002a> Tj ET", blank)));
}

TEST(PdfFonts, WhatIsToldABulletOrACollectionWithKnownLettersIsNotNamed) {
  const std::vector<std::string> table = {
      Cmap("2 beginbfchar\n<0037> <0054>\n<0032> <1ED0>\nendbfchar\n"
           "2 beginbfrange\n<0024> <002a> <0041>\n<0030> <0030> [<004d>]\nendbfrange")};
  const Opened told = OpenPage(Composite("/ToUnicode 5 0 R"), std::string(kPlain) + kGlyphs, table);
  EXPECT_TRUE(told.unscannable.empty());
  EXPECT_NE(TextOf(told, "attachment").find("TỐAGM"), std::string::npos)
      << TextOf(told, "attachment");
  EXPECT_FALSE(IsUntold(
      OpenPage(Composite(), std::string(kPlain) + "BT /F 12 Tf <00780078> Tj <00780078> Tj ET")));
  EXPECT_FALSE(IsUntold(OpenPage(Composite("", "Japan1"), std::string(kPlain) + kGlyphs)));
}

TEST(PdfFonts, GlyphsThatHaveNumbersForNamesTellNoLetters) {
  const std::string numbers =
      "<</Type/Font/Subtype/Type1/BaseFont/X/Encoding<</Differences[65/g21/g7/g9/g11/g45]>>>>";
  const std::string content = std::string(kPlain) + "BT /F 12 Tf 72 600 Td (ABCDEA) Tj ET";
  EXPECT_TRUE(IsUntold(OpenPage(numbers, content)));
  const std::string names =
      "<</Type/Font/Subtype/Type1/BaseFont/X/Encoding<</Differences"
      "[65/afii10017/uni1ED0/T/a68/Acircumflex]>>>>";
  EXPECT_FALSE(IsUntold(OpenPage(names, content)));
}

TEST(PdfFonts, GlyphsThatAreNumberedFromOneTellNoLetters) {
  const std::string font =
      "<</Type/Font/Subtype/TrueType/BaseFont/BAAAAA+DejaVuSans/FontDescriptor<</Flags 4"
      "/FontFile2 5 0 R>>";
  const std::string content = std::string(kPlain) + "BT /F 12 Tf [<010203>-3<0405>(\\b)] TJ ET";
  EXPECT_TRUE(IsUntold(OpenPage(font + ">>", content, {Stream("font")})));
  EXPECT_FALSE(
      IsUntold(OpenPage(font + "/ToUnicode 6 0 R>>", content,
                        {Stream("font"), Cmap("1 beginbfrange\n<01> <08> <0041>\nendbfrange")})));
  // Letters of a font before Unicode stand where those of ASCII do.
  EXPECT_FALSE(IsUntold(OpenPage(
      font + ">>", std::string(kPlain) + "BT /F 12 Tf (T\\354i m\\313t) Tj ET", {Stream("font")})));
}

TEST(PdfFonts, ATableThatContradictsTheNamesOfItsGlyphsIsReadBothWays) {
  // Shown: TOI MAT; told: BUY NOW and the like.
  const std::vector<std::string> table = {
      Cmap("6 beginbfchar\n<54> <0042>\n<4f> <0055>\n<49> <0059>\n<4d> <004e>\n<41> <004f>\n"
           "<20> <0020>\nendbfchar")};
  for (const char* encoding :
       {"/Encoding/WinAnsiEncoding", "", "/Encoding<</Differences[65/A 73/I 77/M 79/O 84/T]>>"}) {
    const std::string font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R" +
                             std::string(encoding) + ">>";
    const Opened leaves = OpenPage(font, "BT /F 12 Tf 72 600 Td (TOI MAT) Tj ET", table);
    const std::string text = TextOf(leaves, "attachment");
    EXPECT_NE(text.find("TOI MAT"), std::string::npos) << encoding << ": " << text;
    EXPECT_NE(text.find("BUY"), std::string::npos) << encoding << ": " << text;
    EXPECT_TRUE(Fact(leaves, "document.hidden-text"));
  }
}

TEST(PdfFonts, SignsForLettersAreReadBothWaysAndNobodyIsDeceived) {
  const std::vector<std::string> table = {Cmap("1 beginbfrange\n<41> <5a> <2191>\nendbfrange")};
  const auto open = [&table](const std::string& name) {
    return OpenPage("<</Type/Font/Subtype/Type1/BaseFont/" + name + "/ToUnicode 5 0 R>>",
                    "BT /F 12 Tf 72 600 Td (TOI MAT) Tj ET", table);
  };
  EXPECT_FALSE(Fact(open("Wingdings"), "document.hidden-text"));
  EXPECT_NE(TextOf(open("Wingdings"), "attachment").find("TOI MAT"), std::string::npos);
  EXPECT_EQ(TextOf(open("Symbol"), "attachment").find("TOI MAT"), std::string::npos);
}

TEST(PdfFonts, ATableThatAgreesWithItsNamesIsReadOnce) {
  const std::vector<std::string> table = {
      Cmap("1 beginbfrange\n<41> <5a> <0061>\nendbfrange")};  // small capitals
  const Opened leaves = OpenPage("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R>>",
                                 "BT /F 12 Tf 72 600 Td (TOI MAT) Tj ET", table);
  EXPECT_FALSE(Fact(leaves, "document.hidden-text"));
}

TEST(PdfFonts, AFontWhoseNameIsSpeltOtherwiseIsTheSameFont) {
  EXPECT_TRUE(IsUntold(
      OpenPage(Composite(), std::string(kPlain) + "BT /#46 12 Tf <003700320024002a0030> Tj ET")));
}

TEST(PdfFonts, LettersToldAsNoneAreReadByTheirNames) {
  const std::vector<std::string> table = {Cmap("1 beginbfrange\n<41> <5a> <0000>\nendbfrange")};
  const Opened leaves =
      OpenPage("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R>>",
               std::string(kPlain) + "BT /F 12 Tf 72 600 Td (TOI MAT) Tj ET", table);
  EXPECT_NE(TextOf(leaves, "attachment").find("TOI MAT"), std::string::npos);
}

TEST(PdfFonts, ATableThatIsTheIdentityTellsLetters) {
  const std::vector<std::string> table = {Cmap("1 beginbfrange\n<0000> <ffff> <0000>\nendbfrange")};
  EXPECT_FALSE(
      IsUntold(OpenPage(Composite("/ToUnicode 5 0 R"),
                        std::string(kPlain) + "BT /F 12 Tf <00540055005600570058> Tj ET", table)));
}

TEST(PdfFonts, CodesOfOneByteInACompositeFontAreCountedAsSuch) {
  const std::string encoding =
      Stream("begincmap 1 begincodespacerange <00> <ff> endcodespacerange");
  const auto font = [](const std::string& more) {
    std::string out = Composite(more);
    const std::string known = "/Encoding/Identity-H";
    return out.replace(out.find(known), known.size(), "/Encoding 5 0 R");
  };
  const std::string content =
      std::string(kPlain) + "BT /F 12 Tf [<24> 1 <25> 1 <26> 1 <27> <28>] TJ ET";
  EXPECT_TRUE(IsUntold(OpenPage(font(""), content, {encoding})));
  EXPECT_FALSE(
      IsUntold(OpenPage(font("/ToUnicode 6 0 R"), content,
                        {encoding, Cmap("1 beginbfrange\n<24> <28> <0041>\nendbfrange")})));
}

TEST(PdfFonts, NamesThatNobodyKnowsTellNoLetters) {
  const std::string content = std::string(kPlain) + kGlyphs;
  EXPECT_TRUE(IsUntold(OpenPage(Composite("/ToUnicode/Foo"), content)));
  EXPECT_TRUE(IsUntold(OpenPage(Composite("/ToUnicode 5 0 R"), content, {Cmap("/Foo usecmap")})));
  EXPECT_FALSE(IsUntold(OpenPage(Composite("/ToUnicode/Identity-H"), content)));
}

TEST(PdfFonts, ATableThatGoesOnTooLongIsReadWithoutToo) {
  const std::vector<std::string> table = {
      Cmap(std::string(2U << 20, ' ') + "1 beginbfrange\n<41> <5a> <0042>\nendbfrange")};
  const Opened leaves = OpenPage("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R>>",
                                 "BT /F 12 Tf 72 600 Td (TOI MAT) Tj ET", table);
  EXPECT_NE(TextOf(leaves, "attachment").find("TOI MAT"), std::string::npos);
}

TEST(PdfFonts, StringsOfMarkedContentAreNoLetters) {
  EXPECT_FALSE(IsUntold(
      OpenPage(Composite(), std::string(kPlain) +
                                "BT /F 12 Tf /P <</MCID 0/Lang (en-US)>> BDC "
                                "/P <</Lang (vi-VN)/ActualText (whatever)>> BDC EMC EMC ET")));
}

TEST(PdfFonts, ADocumentWithPagesIsOneWhateverItsFirstLineSays) {
  const std::string pdf = MakePdf("", "", {});
  EXPECT_NE(
      TextOf(OpenBytes("a.pdf", "%FDF-1.2\n" + pdf, Limits()), "attachment").find("The budget"),
      std::string::npos);
}

TEST(PdfFonts, ATableThatTellsEachCodeManyTimesTellsNothing) {
  std::string lines;
  for (int i = 0; i < 40'000; ++i) {
    lines += "<0000><ffff><0041>\n";
  }
  EXPECT_TRUE(ReadLetterTable("beginbfrange\n" + lines + "endbfrange").letters.empty());
}

TEST(PdfFonts, TablesAreReadWhateverStandsInThem) {
  EXPECT_EQ(ReadLetterTable("beginbfchar <01><0041> <02> endbfchar <03><0042>").told, 1U);
  EXPECT_EQ(ReadLetterTable("beginbfrange <0000><ffff><0041> endbfrange").told, 65'536U);
  EXPECT_EQ(ReadLetterTable("beginbfrange <0005><0001><0041> <01><02> endbfrange").told, 0U);
  EXPECT_TRUE(ReadLetterTable("").letters.empty());
  EXPECT_TRUE(ReadLetterTable("<<<<[[% \n<").letters.empty());
}

}  // namespace
}  // namespace gatepost::decode
