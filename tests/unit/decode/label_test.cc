// Where labels of classification and unusual words stand in Office files: each place is read.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

constexpr char kGuid[] = "2096f6a2-d2f7-48be-b329-b73aaa526e5d";

bool Says(const Leaves& leaves, const char* zone, std::string_view words) {
  return TextOf(leaves, zone).find(words) != std::string::npos;
}

std::string CustomProperty(const std::string& name, const std::string& value) {
  return "<Properties xmlns=\"c\" xmlns:vt=\"vt\"><property fmtid=\"{D5CDD505}\" pid=\"2\" "
         "name=\"" +
         name + "\"><vt:lpwstr>" + value + "</vt:lpwstr></property></Properties>";
}

Opened Package(const std::string& name, const std::string& part, const std::string& xml) {
  return OpenBytes(name, MakeOoxml({{part, xml}}), Limits());
}

TEST(Label, CustomPropertiesOfAllThreeAreReadRawAndAsText) {
  const std::string name = std::string("MSIP_Label_") + kGuid + "_Name";
  for (const char* file : {"a.docx", "a.xlsx", "a.pptx"}) {
    const Opened leaves =
        Package(file, "docProps/custom.xml", CustomProperty(name, "T\u1ed1i m\u1eadt"));
    EXPECT_TRUE(Says(leaves, "xml", "name=\"" + name + "\"><vt:lpwstr>Tối mật")) << file;
    EXPECT_TRUE(Says(leaves, "docprops", "Tối mật")) << file;
  }
}

TEST(Label, LabelInfoIsKeptAsItStands) {
  const std::string label = std::string("<clbl:label id=\"{") + kGuid + "}\" enabled=\"1\"/>";
  const Opened leaves = Package("a.docx", "docMetadata/LabelInfo.xml",
                                "<clbl:labelList xmlns:clbl=\"m\">" + label + "</clbl:labelList>");
  EXPECT_TRUE(Says(leaves, "xml", label));
}

TEST(Label, CustomXmlPartsAreTextAndSource) {
  const std::string nato =
      "<slab:Label xmlns:slab=\"urn:nato:stanag:4774:confidentialitymetadatalabel:1:0\">"
      "<slab:Classification>SECRET</slab:Classification></slab:Label>";
  const Opened leaves = Package("a.docx", "customXml/item1.xml", nato);
  EXPECT_TRUE(Says(leaves, "xml", "<slab:Classification>SECRET"));
  EXPECT_TRUE(Says(leaves, "docprops", "SECRET"));
}

TEST(Label, BoldonJamesAndOdfPropertiesAreRead) {
  const Opened word = Package("a.docx", "docProps/custom.xml",
                              CustomProperty("bjDocumentSecurityLabel", "Top Secret"));
  EXPECT_TRUE(Says(word, "xml", "name=\"bjDocumentSecurityLabel\"><vt:lpwstr>Top Secret"));
  const std::string name = std::string("MSIP_Label_") + kGuid + "_Name";
  const Opened odt = OpenBytes(
      "a.odt",
      MakeZip({{"mimetype", "application/vnd.oasis.opendocument.text"},
               {"meta.xml", "<office:document-meta><office:meta><meta:user-defined meta:name=\"" +
                                name +
                                "\">Confidential</meta:user-defined></office:meta>"
                                "</office:document-meta>"}}),
      Limits());
  EXPECT_TRUE(Says(odt, "docprops", name + ": Confidential"));
}

TEST(Word, AltChunksAreLeavesAndRevisionsAreText) {
  const Opened leaves = OpenBytes(
      "a.docx",
      MakeOoxml({{"word/document.xml",
                  "<w:document xmlns:w=\"w\"><w:body><w:altChunk r:id=\"x\" xmlns:r=\"r\"/><w:p>"
                  "<w:ins><w:r><w:t>put in</w:t></w:r></w:ins><w:del><w:r><w:delText>taken out"
                  "</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
                  "</w:p></w:body></w:document>"},
                 {"word/afchunk.html", "<html><p>words of another file</p></html>"},
                 {"word/afchunk.rtf", "{\\rtf1 words in rtf}"}}),
      Limits());
  EXPECT_TRUE(AnyLeafContains(leaves, "words of another file"));
  EXPECT_TRUE(Says(leaves, "attachment", "words in rtf"));
  for (const char* words : {"put in", "taken out", "moved"}) {
    EXPECT_TRUE(Says(leaves, "attachment", words)) << words;
  }
}

constexpr char kOdfBody[] =
    "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\">"
    "<office:body><office:text><text:user-field-decl office:string-value=\"value of a field\"/>"
    "<text:section text:display=\"none\"><text:p>in a hidden section</text:p></text:section>"
    "<text:p>shown <text:hidden-text text:string-value=\"only sometimes\"/></text:p>"
    "<draw:frame><svg:title>name of a picture</svg:title></draw:frame></office:text></office:body>"
    "</office:document-content>";

TEST(Odt, HiddenTextFieldsAndTitlesAreRead) {
  const Opened leaves =
      OpenBytes("a.odt",
                MakeZip({{"mimetype", "application/vnd.oasis.opendocument.text"},
                         {"content.xml", kOdfBody},
                         {"META-INF/documentsignatures.xml",
                          "<document-signatures><Signature Id=\"a\"/></document-signatures>"}}),
                Limits());
  for (const char* words : {"value of a field", "in a hidden section", "only sometimes",
                            "name of a picture", "shown"}) {
    EXPECT_TRUE(Says(leaves, "attachment", words)) << words;
  }
  EXPECT_TRUE(Fact(leaves, "document.hidden-text"));
  EXPECT_TRUE(Fact(leaves, "document.signed"));
}

TEST(Odt, AFlatDocumentIsADocument) {
  const Opened leaves = OpenBytes(
      "a.fodt",
      "<?xml version=\"1.0\"?><office:document "
      "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\"><office:meta>"
      "<dc:title>The title</dc:title></office:meta><office:master-styles><style:header><text:p>"
      "in the margin</text:p></style:header></office:master-styles><office:body><office:text>"
      "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell>"
      "<text:p>b</text:p></table:table-cell></table:table-row></office:text></office:body>"
      "</office:document>",
      Limits());
  EXPECT_TRUE(Says(leaves, "attachment", "a | b\n"));
  EXPECT_TRUE(Says(leaves, "header-footer", "in the margin"));
  EXPECT_TRUE(Says(leaves, "docprops", "The title"));
}

}  // namespace
}  // namespace gatepost::decode
