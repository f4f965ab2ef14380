// Pictures on pages of a PDF: scans that have some text, pictures among text, and where they lie.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "src/decode/pdf_scales.h"
#include "tests/unit/decode/make.h"
#include "tests/unit/decode/make_pdf.h"

namespace gatepost::decode {
namespace {

Opened OpenPaper(const std::string& pdf) { return OpenBytes("plan.pdf", pdf, Limits()); }

// A page that shows one picture, and `content` besides.
std::string PageWithPicture(const std::string& content, const std::string& more = "",
                            const std::string& notes = "") {
  const std::string picture =
      Stream("x",
             "/Type/XObject/Subtype/Image/Width 1240/Height 1754/BitsPerComponent 1"
             "/ColorSpace/DeviceGray");
  return MakePdf("",
                 "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
                 "/XObject<</I 5 0 R/G 6 0 R>>>>" +
                     notes,
                 {picture,
                  Stream("q .5 0 0 .5 0 0 cm /I Do Q",
                         "/Type/XObject/Subtype/Form/BBox[0 0 900 900]/Matrix[2 0 0 2 0 0]"
                         "/Resources<</XObject<</I 5 0 R>>>>"),
                  more},
                 content);
}

constexpr char kWholePage[] = "q 600 0 0 780 6 6 cm /I Do Q ";

bool IsNamedPage(const Opened& leaves, const std::string& path = "plan.pdf/page 1") {
  return std::any_of(leaves.unscannable.begin(), leaves.unscannable.end(), [&](const auto& one) {
    return one.reason == Reason::kImageOnly && one.path == path;
  });
}

TEST(PdfCover, AScanWithALineOfTextOverItIsAScan) {
  const std::string line = "BT /F 8 Tf 400 10 Td (Scanned by CamScanner) Tj ET";
  EXPECT_TRUE(IsNamedPage(OpenPaper(PageWithPicture(kWholePage + line))));
  // Through a form with a matrix, in strips, turned by a quarter, drawn in the stream itself.
  EXPECT_TRUE(IsNamedPage(OpenPaper(PageWithPicture("q 600 0 0 780 6 6 cm /G Do Q " + line))));
  std::string inside =
      "q 612 0 0 792 0 0 cm BI /W 9 /H 9 /BPC 1 /CS /G ID xxxxxxxxxxxxxxxxxx EI Q ";
  EXPECT_TRUE(IsNamedPage(OpenPaper(PageWithPicture(inside + line))));
  EXPECT_TRUE(IsNamedPage(OpenPaper(PageWithPicture("q 0 792 -612 0 612 0 cm /I Do Q " + line))));
  // Nothing that leads to no picture counts: a matrix that was restored, letters.
  EXPECT_TRUE(IsNamedPage(
      OpenPaper(PageWithPicture("q .01 0 0 .01 0 0 cm Q " + std::string(kWholePage) + line))));
  // A picture in a corner, or one in a form that is drawn small, makes no scan of a page.
  EXPECT_FALSE(IsNamedPage(OpenPaper(PageWithPicture("q 200 0 0 200 6 6 cm /I Do Q " + line))));
  EXPECT_FALSE(IsNamedPage(
      OpenPaper(PageWithPicture("q .1 0 0 .1 0 0 cm q 612 0 0 792 0 0 cm /G Do Q Q " + line))));
}

TEST(PdfCover, ASignatureOverAScanIsNoTextOfThePage) {
  std::string words;
  for (int i = 0; i < 8; ++i) {
    words += "0 -10 Td (Signed by the office, on the day) Tj ";
  }
  const std::string look =
      Stream("BT /F 8 Tf 0 90 Td " + words + "ET",
             "/Type/XObject/Subtype/Form/BBox[0 0 300 100]/Resources<</Font<</F"
             "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>");
  const Opened leaves = OpenPaper(PageWithPicture(
      kWholePage, look,
      "/Annots[<</Type/Annot/Subtype/Widget/F 4/Rect[300 20 600 120]/AP<</N 7 0 R>>>>]"));
  EXPECT_NE(TextOf(leaves, "attachment").find("Signed by the office"), std::string::npos);
  EXPECT_TRUE(IsNamedPage(leaves));
}

TEST(PdfCover, APageWithABackgroundOrALayerForThoseWhoSearchIsNoScan) {
  std::string words = "BT /F 12 Tf 72 700 Td ";
  for (int i = 0; i < 10; ++i) {
    words += "0 -20 Td (Our new pumps save water and time) Tj ";
  }
  const Opened brochure = OpenPaper(PageWithPicture(kWholePage + words + "ET"));
  EXPECT_TRUE(brochure.unscannable.empty());
  const std::string layer = "BT /F 12 Tf 3 Tr 72 700 Td (What a scanner made of it) Tj ET";
  const Opened searchable = OpenPaper(PageWithPicture(kWholePage + layer));
  EXPECT_TRUE(searchable.unscannable.empty());
  // Both are there to be drawn for who reads pictures, and the page to be looked at for codes.
  for (const Opened* one : {&brochure, &searchable}) {
    ASSERT_EQ(one->pictures.count(0), 1U);
    const PagePictures& pictures = one->pictures.at(0);
    ASSERT_EQ(pictures.places.size(), 1U);
    EXPECT_EQ(pictures.places[0].page, 0U);
    EXPECT_EQ(pictures.places[0].box, (std::array<uint16_t, 4>{0, 0, 1000, 1000}));
    EXPECT_EQ(pictures.code_pages, std::vector<uint32_t>{0});
    EXPECT_FALSE(pictures.more);
  }
  EXPECT_EQ(OpenPaper(MakePdf("", "", {})).pictures.size(), 0U);
}

TEST(PdfCover, APictureAmongTextIsToldWithItsPlaceOnThePageAsDrawn) {
  const std::string content = std::string(kPdfText) + " q 306 0 0 79.2 0 712.8 cm /I Do Q";
  const Opened upright = OpenPaper(PageWithPicture(content));
  ASSERT_EQ(upright.pictures.count(0), 1U);
  ASSERT_EQ(upright.pictures.at(0).places.size(), 1U);
  EXPECT_EQ(upright.pictures.at(0).places[0].box, (std::array<uint16_t, 4>{0, 0, 500, 100}));
  // Turned by a quarter, clockwise, the left upper corner is the right one.
  const Opened turned = OpenPaper(PageWithPicture(content, "", "/Rotate 90"));
  ASSERT_EQ(turned.pictures.at(0).places.size(), 1U);
  EXPECT_EQ(turned.pictures.at(0).places[0].box, (std::array<uint16_t, 4>{900, 0, 1000, 500}));
}

TEST(PdfCover, StepsToPicturesAreBounded) {
  std::string steps;
  for (int i = 0; i < 20'000; ++i) {
    steps += "q 1 0 0 1 0 0 cm Q q /I Do Q ";
  }
  const PdfDrawing drawing = ReadDrawing(steps);
  EXPECT_LE(drawing.steps.size(), 8'000U);
  EXPECT_TRUE(drawing.steps_cut);
  // In doubt it is a scan.
  EXPECT_TRUE(IsNamedPage(OpenPaper(PageWithPicture(steps + kPdfText))));
}

}  // namespace
}  // namespace gatepost::decode
