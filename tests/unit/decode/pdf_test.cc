// PDF beside its plain text: annotations, forms, scripts, actions, files, layers, encryption.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/decode/pdf_scales.h"
#include "src/decode/transfer.h"
#include "tests/unit/decode/make.h"
#include "tests/unit/decode/make_pdf.h"

namespace gatepost::decode {
namespace {

Opened Open(const std::string& pdf) { return OpenBytes("plan.pdf", pdf, Limits()); }

bool Says(const Leaves& leaves, const char* zone, std::string_view words) {
  return TextOf(leaves, zone).find(words) != std::string::npos;
}

TEST(Pdf, AnnotationsAreText) {
  const Opened leaves =
      Open(MakePdf("", "/Annots[5 0 R 6 0 R]",
                   {"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(not for the press)>>",
                    "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]/Contents<FEFF004D1EAC0054>"
                    "/RC(<body><p>rich words</p></body>)/Subj(the subject)>>"}));
  EXPECT_TRUE(Says(leaves, "attachment", "not for the press\n"));
  EXPECT_TRUE(Says(leaves, "attachment", "MẬT\n"));
  EXPECT_TRUE(Says(leaves, "attachment", "rich words"));
  EXPECT_TRUE(Says(leaves, "attachment", "the subject"));
  EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department"));
}

TEST(Pdf, AStampOverTheWordsOfAPageKeepsALineOfItsOwn) {
  const Opened leaves =
      Open(MakePdf("", "/Annots[5 0 R]",
                   {"<</Type/Annot/Subtype/Stamp/Rect[0 0 612 792]/AP<</N 6 0 R>>>>",
                    Stream("BT /F 12 Tf 72 700 Td (TOI MAT) Tj ET",
                           "/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F<<"
                           "/Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>")}));
  EXPECT_TRUE(Says(leaves, "attachment", "\nTOI MAT\n")) << TextOf(leaves, "attachment");
}

TEST(Pdf, FormFieldsAreText) {
  const Opened leaves = Open(MakePdf(
      "/AcroForm<</Fields[5 0 R 6 0 R]>>", "",
      {"<</FT/Tx/T(a)/TU(Level of secrecy)/V(Tuyet mat)>>",
       "<</FT/Ch/T(b)/Opt[[(1)(First choice)][(2)(Second choice)]]/MK<</CA(Send now)>>>>"}));
  for (const char* words : {"Level of secrecy", "Tuyet mat", "Second choice", "Send now"}) {
    EXPECT_TRUE(Says(leaves, "attachment", words)) << words;
  }
}

TEST(Pdf, XfaFormsAreTextAndTheirScriptsAFact) {
  const Opened leaves =
      Open(MakePdf("/AcroForm<</Fields[]/XFA[(template)5 0 R(datasets)6 0 R]>>", "",
                   {Stream("<template><script>app.alert(1)</script><text>Form words</text>"),
                    Stream("<data><field>TỐI MẬT</field></data></template>")}));
  EXPECT_TRUE(Says(leaves, "attachment", "Form words"));
  EXPECT_TRUE(Says(leaves, "attachment", "TỐI MẬT"));
  EXPECT_TRUE(Fact(leaves, "document.macros"));
}

TEST(Pdf, ScriptsAreLeavesAndThoseOfTheDocumentRunByThemselves) {
  const Opened opens = Open(MakePdf("/OpenAction<</S/JavaScript/JS 5 0 R>>", "",
                                    {Stream("this.exportDataObject({cName: 'x'});")}));
  EXPECT_TRUE(Fact(opens, "document.macros"));
  EXPECT_TRUE(Fact(opens, "document.macro-autorun"));
  EXPECT_TRUE(AnyLeafContains(opens, "exportDataObject"));
  const Opened clicked =
      Open(MakePdf("", "/Annots[5 0 R]",
                   {"<</Subtype/Link/Rect[0 0 9 9]/A<</S/JavaScript/JS(app.beep\\(0\\))>>>>"}));
  EXPECT_TRUE(Fact(clicked, "document.macros"));
  EXPECT_FALSE(Fact(clicked, "document.macro-autorun"));
  EXPECT_TRUE(AnyLeafContains(clicked, "app.beep(0);") || AnyLeafContains(clicked, "app.beep(0)"));
}

TEST(Pdf, LinksAndLaunchedProgramsAreSeen) {
  const Opened leaves =
      Open(MakePdf("/OpenAction<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>", "/Annots[5 0 R]",
                   {"<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://evil.example/x)>>>>"}));
  EXPECT_TRUE(Says(leaves, "url", "http://evil.example/x\n"));
  EXPECT_TRUE(Says(leaves, "rels", "cmd.exe"));
  EXPECT_TRUE(Says(leaves, "rels", "/c calc"));
  EXPECT_TRUE(Fact(leaves, "document.launch"));
  EXPECT_FALSE(Fact(Open(MakePdf("", "", {})), "document.launch"));
}

TEST(Pdf, AttachedFilesAreOpenedWhereverTheyHang) {
  const std::string zip = MakeZip({{"inner.txt", "deep inside"}});
  const Opened named = Open(
      MakePdf("/Names<</EmbeddedFiles<</Names[(a)5 0 R]>>>>", "",
              {"<</Type/Filespec/F(a.zip)/EF<</F 6 0 R>>>>", Stream(zip, "/Type/EmbeddedFile")}));
  EXPECT_TRUE(HasLeaf(named, "plan.pdf/a.zip/inner.txt"));
  const Opened pinned =
      Open(MakePdf("", "/Annots[5 0 R]",
                   {"<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</F(run.exe)/EF<</F 6 0 R>>>>>>",
                    Stream("MZ no program", "")}));
  EXPECT_TRUE(HasLeaf(pinned, "plan.pdf/run.exe"));
  EXPECT_TRUE(Fact(pinned, "executable.embedded"));
  const Opened loose = Open(MakePdf("", "", {Stream("nobody names me", "/Type/EmbeddedFile")}));
  EXPECT_TRUE(AnyLeafContains(loose, "nobody names me"));
  EXPECT_EQ(loose.leaves.size(), 2U);
}

TEST(Pdf, MetadataAndLabelsAreProperties) {
  const Opened leaves = Open(MakePdf(
      "/Metadata 5 0 R", "",
      {Stream("<x:xmpmeta><pdfx:MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name>Tuyet mat"
              "</pdfx:MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name></x:xmpmeta>",
              "/Type/Metadata/Subtype/XML")}));
  EXPECT_TRUE(Says(leaves, "docprops", "Tuyet mat"));
  EXPECT_TRUE(Says(leaves, "xml", "MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name>"));
}

TEST(Pdf, ASignatureIsAFact) {
  EXPECT_TRUE(Fact(Open(MakePdf("", "", {"<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>"})),
                   "document.signed"));
  EXPECT_FALSE(Fact(Open(MakePdf("", "", {})), "document.signed"));
}

TEST(Pdf, InvisibleLettersAndHiddenLayersAreText) {
  const Opened invisible =
      Open(MakePdf("", "", {}, "BT /F 12 Tf 3 Tr 72 700 Td (drawn without any colour) Tj ET"));
  EXPECT_TRUE(Says(invisible, "attachment", "drawn without any colour"));
  const Opened layers = Open(MakePdf(
      "/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>", "", {"<</Type/OCG/Name(Draft layer)>>"},
      std::string(kPdfText) + " /OC /L BDC BT /F 12 Tf 72 600 Td (only for some eyes) Tj ET EMC"));
  EXPECT_TRUE(Says(layers, "attachment", "only for some eyes"));
  EXPECT_TRUE(Says(layers, "attachment", "Draft layer"));
  EXPECT_TRUE(Fact(layers, "document.hidden-text"));
}

TEST(Pdf, AScannedPageAmongPagesOfTextIsNamed) {
  const std::string text =
      "BT /F 12 Tf 72 700 Td (The budget of the department for the next year) Tj ET";
  const std::string second =
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</XObject<</I 6 0 R>>>>"
      "/Contents 7 0 R>>";
  const std::string picture =
      Stream("x",
             "/Type/XObject/Subtype/Image/Width 1240/Height 1754/BitsPerComponent 1"
             "/ColorSpace/DeviceGray");
  const Opened leaves = Open(MakePdf(
      "", "", {second, picture, Stream("q 600 0 0 800 0 0 cm /I Do Q")}, text, "3 0 R 5 0 R"));
  EXPECT_TRUE(Fact(leaves, "document.image-pages"));
  EXPECT_FALSE(Fact(leaves, "document.image-only"));
  ASSERT_TRUE(HasUnscannable(leaves, Reason::kImageOnly));
  EXPECT_EQ(leaves.unscannable[0].path, "plan.pdf/page 2");
  // A blank page is no picture.
  const Opened blank = Open(
      MakePdf("", "", {"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>"}, text, "3 0 R 5 0 R"));
  EXPECT_TRUE(blank.unscannable.empty());
}

// qpdf --encrypt user owner 256.
constexpr char kUser[] =
    "JVBERi0xLjcKJb/3ov4KMSAwIG9iago8PCAvRXh0ZW5zaW9ucyA8PCAvQURCRSA8PCAvQmFzZVZlcnNpb24gLzEuNy"
    "AvRXh0ZW5zaW9uTGV2ZWwgOCA+PiA+PiAvUGFnZXMgMiAwIFIgL1R5cGUgL0NhdGFsb2cgPj4KZW5kb2JqCjIgMCBv"
    "YmoKPDwgL0NvdW50IDEgL0tpZHMgWyAzIDAgUiBdIC9UeXBlIC9QYWdlcyA+PgplbmRvYmoKMyAwIG9iago8PCAvQW"
    "5ub3RzIFsgNCAwIFIgXSAvQ29udGVudHMgNSAwIFIgL01lZGlhQm94IFsgMCAwIDYxMiA3OTIgXSAvUGFyZW50IDIg"
    "MCBSIC9SZXNvdXJjZXMgPDwgL0ZvbnQgPDwgL0YgPDwgL0Jhc2VGb250IC9IZWx2ZXRpY2EgL1N1YnR5cGUgL1R5cG"
    "UxIC9UeXBlIC9Gb250ID4+ID4+ID4+IC9UeXBlIC9QYWdlID4+CmVuZG9iago0IDAgb2JqCjw8IC9Db250ZW50cyA8"
    "MjNkOGU3YTg5OTA0YmUwNDZlMDdjYzU4N2Y2Mjk2OGYzNTI0NTVkMmM4MWNkNjhmODdjODhiZWY4NDllMzE3M2MyZW"
    "NlMjQ0MWU5MjA3Yzc5NGQ1MmY5ZTEwNDE3MzRlPiAvUmVjdCBbIDAgMCA5IDkgXSAvU3VidHlwZSAvVGV4dCAvVHlw"
    "ZSAvQW5ub3QgPj4KZW5kb2JqCjUgMCBvYmoKPDwgL0xlbmd0aCA5NiAvRmlsdGVyIC9GbGF0ZURlY29kZSA+PgpzdH"
    "JlYW0Kov8e4zd7FN2esI87CUMThs2QlHoOIqIb6C9/iSAIxvFH8YHV26mLGPkW6NX2aTKFuUhf+dzjvYO4WpAT4JDh"
    "txv6Pc38xlvRbo/p78ew/eoLlQtn0NofOt/e9Pf+fp0AZW5kc3RyZWFtCmVuZG9iago2IDAgb2JqCjw8IC9DRiA8PC"
    "AvU3RkQ0YgPDwgL0F1dGhFdmVudCAvRG9jT3BlbiAvQ0ZNIC9BRVNWMyAvTGVuZ3RoIDMyID4+ID4+IC9GaWx0ZXIg"
    "L1N0YW5kYXJkIC9MZW5ndGggMjU2IC9PIDxiODVhYmIxNjc3ZjJiZDk2MGZhZmU4YzJhMjljZTdhYjAzOGY4ZTBiMz"
    "RjNmE4ZTM3NmY2MGYyZGVhZjhkOTEwNTJjODMxOWRkOGE0ZWY4MzIzODM5YmI0ODE5ZGVlODM+IC9PRSA8M2JjMWM4"
    "NDcwOTBjOTEyMzQwMmE4ODhmNWQ0ZDBlNTMyMzc3MTFjODM1ZWJjMTIxNzQ3NGQ4NzcwNGJkMzYyYT4gL1AgLTQgL1"
    "Blcm1zIDxkZWEwMGZkMmJmOGMyNWJhNTUxYmZkYzAwMGFmNWEwMD4gL1IgNiAvU3RtRiAvU3RkQ0YgL1N0ckYgL1N0"
    "ZENGIC9VIDw5YjA1MTdmMTU4Y2U5ZDIzNDhkMjMxYjMyMWE1MzRmOTRkYzBjYjdjYTI1OTYxOGY1YmU5NGVlZjAzYT"
    "YxYjkyNzA5YjU5ZTNiOGFkNDdlOTc3NTgwMGQ5OGFiYjIyZjk+IC9VRSA8MDY4ODI0ZDRkN2Y2MTlmY2Y0MTFjZjM0"
    "ZWY1Njc0MDQyZDkzZDM5Mzc2NDZkYTdhODRhNzdkNzEzZWIyMzMzYT4gL1YgNSA+PgplbmRvYmoKeHJlZgowIDcKMD"
    "AwMDAwMDAwMCA2NTUzNSBmIAowMDAwMDAwMDE1IDAwMDAwIG4gCjAwMDAwMDAxMzAgMDAwMDAgbiAKMDAwMDAwMDE4"
    "OSAwMDAwMCBuIAowMDAwMDAwMzgzIDAwMDAwIG4gCjAwMDAwMDA1NTkgMDAwMDAgbiAKMDAwMDAwMDcyNSAwMDAwMC"
    "BuIAp0cmFpbGVyIDw8IC9Sb290IDEgMCBSIC9TaXplIDcgL0lEIFs8YzEwYjFlOTU2ZGQ2ZjFiYjk5OWE5MjJmZWY2"
    "MmFiNWM+PGMxMGIxZTk1NmRkNmYxYmI5OTlhOTIyZmVmNjJhYjVjPl0gL0VuY3J5cHQgNiAwIFIgPj4Kc3RhcnR4cm"
    "VmCjEyNzIKJSVFT0YK";

TEST(Pdf, OnlyAPasswordForReadingKeepsUsOut) {
  // qpdf --encrypt "" owner 128 --use-aes=y: everybody may read it, and so do we.
  constexpr char kOwner[] =
      "JVBERi0xLjYKJb/3ov4KMSAwIG9iago8PCAvUGFnZXMgMiAwIFIgL1R5cGUgL0NhdGFsb2cgPj4KZW5kb2JqCjIgMC"
      "BvYmoKPDwgL0NvdW50IDEgL0tpZHMgWyAzIDAgUiBdIC9UeXBlIC9QYWdlcyA+PgplbmRvYmoKMyAwIG9iago8PCAv"
      "QW5ub3RzIFsgNCAwIFIgXSAvQ29udGVudHMgNSAwIFIgL01lZGlhQm94IFsgMCAwIDYxMiA3OTIgXSAvUGFyZW50ID"
      "IgMCBSIC9SZXNvdXJjZXMgPDwgL0ZvbnQgPDwgL0YgPDwgL0Jhc2VGb250IC9IZWx2ZXRpY2EgL1N1YnR5cGUgL1R5"
      "cGUxIC9UeXBlIC9Gb250ID4+ID4+ID4+IC9UeXBlIC9QYWdlID4+CmVuZG9iago0IDAgb2JqCjw8IC9Db250ZW50cy"
      "A8YjU1ZDIxZThkYjQ4YTJlZWI4YTU0ZWFlYjc2NGIwYTJmMzE4NDUyNTJjOTU5YTYzYzAzNmYzMTIzNjUwODA0YzAz"
      "NWY3OWIwYzg3MmUyOWIwYzY3NTg2NWUzMmM3MTEwPiAvUmVjdCBbIDAgMCA5IDkgXSAvU3VidHlwZSAvVGV4dCAvVH"
      "lwZSAvQW5ub3QgPj4KZW5kb2JqCjUgMCBvYmoKPDwgL0xlbmd0aCA5NiAvRmlsdGVyIC9GbGF0ZURlY29kZSA+Pgpz"
      "dHJlYW0KyCoDhX2WGi+hto8YkTAIBYd3VTlVMTMLm3vzqKcGvlu7Q5BuXWC8hrtjeTFndk4oGRRVK0KCsPZ3pl7RUl"
      "Xv/neM1sXF/ppJikhjUFbXTw+Nl8BNqv97nng9pf46tkTRZW5kc3RyZWFtCmVuZG9iago2IDAgb2JqCjw8IC9DRiA8"
      "PCAvU3RkQ0YgPDwgL0F1dGhFdmVudCAvRG9jT3BlbiAvQ0ZNIC9BRVNWMiAvTGVuZ3RoIDE2ID4+ID4+IC9GaWx0ZX"
      "IgL1N0YW5kYXJkIC9MZW5ndGggMTI4IC9PIDw1NjZmYTg3M2VlMzNjNzk3Y2QzYjkwNGZkYWRmODE0YWZhMzRkZjlh"
      "MzhmNmVkNDFiOTg0ZTJjNmRhMmFhNmY1PiAvUCAtNCAvUiA0IC9TdG1GIC9TdGRDRiAvU3RyRiAvU3RkQ0YgL1UgPD"
      "FiNmYwNTJjZGY3ZGYxNTM5MjE0MWE5NjhmODk5ZTYzMDEyMjQ1NmE5MWJhZTUxMzQyNzNhNmRiMTM0Yzg3YzQ+IC9W"
      "IDQgPj4KZW5kb2JqCnhyZWYKMCA3CjAwMDAwMDAwMDAgNjU1MzUgZiAKMDAwMDAwMDAxNSAwMDAwMCBuIAowMDAwMD"
      "AwMDY0IDAwMDAwIG4gCjAwMDAwMDAxMjMgMDAwMDAgbiAKMDAwMDAwMDMxNyAwMDAwMCBuIAowMDAwMDAwNDkzIDAw"
      "MDAwIG4gCjAwMDAwMDA2NTkgMDAwMDAgbiAKdHJhaWxlciA8PCAvUm9vdCAxIDAgUiAvU2l6ZSA3IC9JRCBbPDUyOW"
      "I5NTBiNTk5ODQ3Njc4OTUxNWMyMzljMThmMTVmPjw1MjliOTUwYjU5OTg0NzY3ODk1MTVjMjM5YzE4ZjE1Zj5dIC9F"
      "bmNyeXB0IDYgMCBSID4+CnN0YXJ0eHJlZgo5NTgKJSVFT0YK";
  std::string pdf;
  ASSERT_TRUE(DecodeBase64Strict(kOwner, &pdf));
  const Opened readable = Open(pdf);
  EXPECT_TRUE(Says(readable, "attachment", "The budget of the department"));
  EXPECT_TRUE(Says(readable, "attachment", "a note in the margin"));
  EXPECT_TRUE(readable.unscannable.empty());
  pdf.clear();
  ASSERT_TRUE(DecodeBase64Strict(kUser, &pdf));
  const Opened locked = Open(pdf);
  EXPECT_TRUE(HasUnscannable(locked, Reason::kEncrypted));
  EXPECT_TRUE(Fact(locked, "document.encrypted"));
}

TEST(Pdf, AWordOfTheMessageOpensALockedDocument) {
  const auto with = [](const std::string& text) {
    return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" +
           text + "\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\n" +
           "Content-Transfer-Encoding: base64\r\n\r\n" + kUser + "\r\n--x--\r\n";
  };
  const ParsedMail mail(with("The password is: user"));
  const Leaves leaves = Decode(mail.message, Limits());
  EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department"));
  EXPECT_TRUE(HasLeaf(leaves, "a.pdf/a.pdf"));
  EXPECT_TRUE(Fact(leaves, "document.encrypted"));
  EXPECT_TRUE(Fact(leaves, "archive.password-in-mail"));
  EXPECT_FALSE(HasUnscannable(leaves, Reason::kEncrypted));
  const ParsedMail other(with("The password comes by telephone."));
  EXPECT_TRUE(HasUnscannable(Decode(other.message, Limits()), Reason::kEncrypted));
}

TEST(Pdf, AScriptOverTheBudgetIsNamed) {
  Limits limits;
  limits.leaf_bytes = 1000;
  const Opened leaves = OpenBytes(
      "a.pdf",
      MakePdf("/OpenAction<</S/JavaScript/JS 5 0 R>>", "", {Stream(std::string(5000, 'a'))}),
      limits);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
}

std::string WithCount(const std::string& count, const std::string& pdf) {
  std::string out = pdf;
  const size_t at = out.find("/Count ");
  return out.replace(at, 8, count);
}

TEST(Pdf, AStampAtAnAngleIsOneLine) {
  for (const char* turn :
       {"0.866 0.5 -0.5 0.866", "0.707 0.707 -0.707 0.707", "0.5 0.866 -0.866 0.5",
        "0.866 -0.5 0.5 0.866", "0.94 0.342 -0.342 0.94"}) {
    const Opened leaves = Open(
        MakePdf("", "", {},
                std::string(kPdfText) + " BT /F 60 Tf " + turn + " 100 400 Tm (TOP SECRET) Tj ET"));
    EXPECT_TRUE(Says(leaves, "attachment", "TOP SECRET\n")) << turn;
    EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department\n")) << turn;
  }
}

TEST(Pdf, StampsThatCoverAPageAtAnAngleAreLines) {
  std::string stamps;
  for (const char* place : {" 50 100", " 50 300", " 50 500"}) {
    stamps +=
        std::string(" BT /F 30 Tf 0.707 0.707 -0.707 0.707") + place + " Tm (TOP SECRET) Tj ET";
  }
  const Opened leaves = Open(MakePdf("", "", {}, kPdfText + stamps));
  const std::string text = TextOf(leaves, "attachment");
  size_t found = 0;
  for (size_t at = text.find("TOP SECRET\n"); at != std::string::npos;
       at = text.find("TOP SECRET\n", at + 1)) {
    ++found;
  }
  EXPECT_EQ(found, 3U) << text;
}

TEST(Pdf, TextToldBesideLettersBeforeAnyFontIsSetIsRead) {
  const Opened leaves = Open(
      MakePdf("", "", {},
              "q /Span<</ActualText<FEFF0041>>>BDC q BT /F 12 Tf 72 750 Td (T) Tj ET Q EMC Q " +
                  std::string(kPdfText) +
                  " BT /F 60 Tf .707 .707 -.707 .707 100 300 Tm (TOP SECRET) Tj ET"));
  EXPECT_TRUE(Says(leaves, "attachment", "TOP SECRET\n"));
}

TEST(Pdf, LettersSetWideAreAWord) {
  const Opened leaves = Open(MakePdf(
      "", "", {}, std::string(kPdfText) + " BT /F 30 Tf 40 Tc 50 400 Td (TOP SECRET) Tj ET"));
  EXPECT_TRUE(Says(leaves, "attachment", "TOP SECRET\n"));
}

TEST(Pdf, TextOutsideOfWhatAPageShowsIsRead) {
  const std::string words = kPdfText + std::string(" BT /F 12 Tf ");
  for (const char* place : {"72 1500 Td", "-900 300 Td", "1 0 0 1 5000 20 Tm"}) {
    const Opened leaves = Open(MakePdf("", "", {}, words + place + " (TOP SECRET) Tj ET"));
    EXPECT_TRUE(Says(leaves, "attachment", "TOP SECRET\n")) << place;
    EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department")) << place;
  }
  const Opened cropped =
      Open(MakePdf("", "/CropBox[0 400 612 792]", {}, words + "72 100 Td (TOP SECRET) Tj ET"));
  EXPECT_TRUE(Says(cropped, "attachment", "TOP SECRET\n"));
}

TEST(Pdf, PatternsAndGlyphsThatDrawTextAreRead) {
  const std::string resources =
      "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>";
  const auto page = [&](const std::string& more, const std::string& object) {
    std::string pdf = MakePdf(
        "", "", {object, Stream("1000 0 d0 BT /F 900 Tf 0 0 Td (TOP SECRET) Tj ET")}, kPdfText);
    const std::string known = "/Properties<</L 5 0 R>>";
    pdf.replace(pdf.find(known), known.size(), more);
    return pdf;
  };
  EXPECT_TRUE(
      Says(Open(page("/Pattern<</P 5 0 R>>",
                     Stream("BT /F 12 Tf 9 9 Td (TOP SECRET) Tj ET",
                            "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 "
                            "800]/XStep 600/YStep 800"))),
           "attachment", "TOP SECRET\n"));
  // A font within the fonts of the page.
  std::string glyphs =
      page("",
           "<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.001 0 0 .001 0 0]"
           "/FirstChar 97/LastChar 97/Widths[1000]/Encoding<</Differences[97/a]>>"
           "/CharProcs<</a 6 0 R>>" +
               resources + ">>");
  const std::string known = "/Font<</F<<";
  glyphs.replace(glyphs.find(known), known.size(), "/Font<</T 5 0 R/F<<");
  EXPECT_TRUE(Says(Open(glyphs), "attachment", "TOP SECRET\n"));
}

TEST(Pdf, APatternWithinPatternsThatDrawsTextIsRead) {
  const auto pattern = [](const std::string& resources, const std::string& content) {
    return Stream(content,
                  "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 800]"
                  "/XStep 600/YStep 800/Resources<<" +
                      resources + ">>");
  };
  // Each draws with the next; the last one back with the first.
  std::string pdf = MakePdf(
      "", "",
      {pattern("/Pattern<</P 6 0 R>>", "0 0 9 9 re f"),
       pattern("/Pattern<</P 7 0 R>>", "0 0 9 9 re f"),
       pattern("/Pattern<</P 8 0 R>>", "0 0 9 9 re f"),
       pattern("/Pattern<</P 9 0 R>>", "0 0 9 9 re f"),
       pattern("/Pattern<</P 5 0 R>>/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>",
               "BT /F 12 Tf 9 9 Td (TOP SECRET) Tj ET")},
      kPdfText);
  const std::string known = "/Properties<</L 5 0 R>>";
  pdf.replace(pdf.find(known), known.size(), "/Pattern<</P 5 0 R>>");
  EXPECT_TRUE(Says(Open(pdf), "attachment", "TOP SECRET\n"));
}

TEST(Pdf, PatternsThatAreLeftOutAreNamed) {
  std::vector<std::string> objects;
  std::string names;
  for (int i = 0; i < 310; ++i) {
    objects.push_back(Stream("BT /F 12 Tf 9 9 Td (words) Tj ET",
                             "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 "
                             "800]/XStep 600/YStep 800"));
    names += "/P" + std::to_string(i) + " " + std::to_string(i + 5) + " 0 R";
  }
  const auto with = [&](const std::string& list) {
    std::string pdf = MakePdf("", "", objects, kPdfText);
    const std::string known = "/Properties<</L 5 0 R>>";
    return Open(pdf.replace(pdf.find(known), known.size(), "/Pattern<<" + list + ">>"));
  };
  EXPECT_TRUE(HasUnscannable(with(names), Reason::kTooBig));
  EXPECT_FALSE(HasUnscannable(with("/P 5 0 R"), Reason::kTooBig));
}

TEST(Pdf, NamesOfFormsInOneStreamAreBounded) {
  std::string calls = kPdfText;
  for (int i = 0; i < 200'000; ++i) {
    calls += " /" + std::to_string(i) + " Do";
  }
  EXPECT_LE(ReadDrawing(calls).calls.size(), 100'000U);
  EXPECT_TRUE(HasUnscannable(Open(MakePdf("", "", {}, calls)), Reason::kTooBig));
}

TEST(Pdf, OrdinaryPagesAreReadOnce) {
  const Opened bullets = Open(MakePdf("", "", {},
                                      "BT /F 12 Tf 72 700 Td (\\267) Tj 90 0 Td (one) Tj "
                                      "-90 -40 Td (\\267) Tj 90 0 Td (one) Tj ET"));
  EXPECT_FALSE(Says(bullets, "attachment", "oneone"));
  EXPECT_EQ(TextOf(Open(MakePdf("", "", {})), "attachment"), "The budget of the department\n\n\n");
}

TEST(Pdf, AFalseNumberOfPagesIsDamageAndEveryPageIsRead) {
  for (const char* count : {"/Count 0", "/Count 9999", "/Xount 1", "/Count 2"}) {
    const Opened leaves = Open(WithCount(count, MakePdf("", "", {})));
    EXPECT_TRUE(HasUnscannable(leaves, Reason::kDamaged)) << count;
    EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department")) << count;
  }
  const std::string second =
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 6 0 R/Resources<</Font<</F<<"
      "/Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>";
  const std::string two =
      MakePdf("", "", {second, Stream("BT /F 12 Tf 72 700 Td (a page that is not counted) Tj ET")},
              kPdfText, "3 0 R 5 0 R");
  const Opened fewer = Open(WithCount("/Count 1", two));
  EXPECT_TRUE(HasUnscannable(fewer, Reason::kDamaged));
  EXPECT_TRUE(Says(fewer, "attachment", "a page that is not counted"));
  EXPECT_TRUE(Open(two).unscannable.empty());
}

TEST(Pdf, APageThatIsListedManyTimesIsRead) {
  std::string kids;
  for (int i = 0; i < 60; ++i) {
    kids += "3 0 R ";
  }
  const Opened leaves = Open(WithCount("/Count 60", MakePdf("", "", {}, kPdfText, kids)));
  EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department"));
}

TEST(Pdf, PagesThatNoTreeNamesAreReadWhereItHasNone) {
  const Opened leaves = Open(MakePdf("", "", {}, kPdfText, ""));
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kDamaged));
  EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department"));
}

TEST(Pdf, APageThatDrawsMillionsOfLettersIsNamedAndTheOthersAreRead) {
  std::string bomb = "BT /F 12 Tf 50 700 Td";
  for (int i = 0; i < 600; ++i) {
    bomb += " (" + std::string(1000, 'x') + ") Tj";
  }
  const std::string second = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 6 0 R>>";
  const Opened leaves =
      Open(MakePdf("", "", {second, Stream(bomb + " ET")}, kPdfText, "3 0 R 5 0 R"));
  ASSERT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
  EXPECT_EQ(leaves.unscannable[0].path, "plan.pdf/page 2");
  EXPECT_TRUE(Says(leaves, "attachment", "The budget of the department"));
  EXPECT_FALSE(Says(leaves, "attachment", "xxx"));
}

TEST(Pdf, FormsThatDrawFormsAreCountedAsOftenAsTheyAreDrawn) {
  const auto form = [](const std::string& content, const std::string& inner) {
    return Stream(content,
                  "/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<<" + inner + ">>");
  };
  std::string ten;
  for (int i = 0; i < 10; ++i) {
    ten += "/X Do ";
  }
  const std::string page =
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 6 0 R"
      "/Resources<</XObject<</X 7 0 R>>>>>>";
  const Opened leaves = Open(MakePdf(
      "", "",
      {page, Stream(ten), form(ten, "/XObject<</X 8 0 R>>"), form(ten, "/XObject<</X 9 0 R>>"),
       form("BT /F 9 Tf (" + std::string(600, 'x') + ") Tj ET", "")},
      kPdfText, "3 0 R 5 0 R"));
  ASSERT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
  EXPECT_EQ(leaves.unscannable[0].path, "plan.pdf/page 2");
}

TEST(Pdf, ContentsOverTheBudgetAreNamed) {
  Limits limits;
  limits.leaf_bytes = 1000;
  const std::string lines = std::string(kPdfText) + std::string(5000, '\n');
  EXPECT_TRUE(
      HasUnscannable(OpenBytes("a.pdf", MakePdf("", "", {}, lines), limits), Reason::kTooBig));
  EXPECT_FALSE(HasUnscannable(OpenBytes("a.pdf", MakePdf("", "", {}), limits), Reason::kTooBig));
}

}  // namespace
}  // namespace gatepost::decode
