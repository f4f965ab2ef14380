// Messages of Outlook: pages packed into RTF, attachments of which only the place is there.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/decode/rtf_reader.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

std::string PageOf(const std::string& rtf) {
  RtfReader reader(rtf, RtfReading::kHtml);
  reader.Run();
  return reader.body;
}

TEST(RtfPage, TagsAndTextOutsideOfWhatIsForReadersOfRtfMakeThePage) {
  EXPECT_EQ(PageOf("{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}"
                   "{\\colortbl;\\red0\\green0\\blue0;}{\\*\\htmltag64 <p>}\\htmlrtf {\\f0 "
                   "\\htmlrtf0 T\\u7888?{\\*\\htmltag84 <b>}\\htmlrtf\\b junk\\htmlrtf0 "
                   "I{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0\n{\\*\\htmltag72 </p>\\par }}"),
            "<p>T\xe1\xbb\x90<b>I</b></p>\n");
  // A link, as Exchange writes it: a field for readers of RTF, a tag for the others.
  EXPECT_EQ(PageOf("{\\rtf1\\fromhtml1 {\\*\\htmltag84 <a href=\"http://x.example/\">}\\htmlrtf "
                   "{\\field{\\*\\fldinst{HYPERLINK \"http://y.example/\"}}{\\fldrslt\\htmlrtf0 "
                   "click\\htmlrtf }}\\htmlrtf0 {\\*\\htmltag92 </a>}}"),
            "<a href=\"http://x.example/\">click</a>");
  // Nothing of a second set of tags, of entities for readers of RTF, of tables.
  EXPECT_EQ(
      PageOf("{\\rtf1\\fromhtml1 {\\*\\mhtmltag84 <img src=\"y\">}{\\*\\htmltag84 &lt;}"
             "\\htmlrtf <\\htmlrtf0{\\pict 4d4d}\\'e9\\{\\tab\\htmlrtf\\cell\\row\\htmlrtf0 z}"),
      "&lt;\xc3\xa9{\tz");
}

TEST(RtfPage, StandsBesideTheTextAsALeaf) {
  const std::string rtf =
      "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <form action=\"http://x.example/\">}T"
      "\\htmlrtf junk\\htmlrtf0 OP}";
  const Opened leaves = OpenBytes("a.rtf", rtf, Limits());
  ASSERT_EQ(leaves.leaves.size(), 2U);
  const Leaf& page = leaves.leaves[1];
  EXPECT_EQ(page.path, "a.rtf/body.html");
  EXPECT_EQ(page.type, Type::kHtml);
  EXPECT_EQ(page.charset, "utf-8");
  EXPECT_EQ(page.bytes, "<form action=\"http://x.example/\">TOP");
  EXPECT_TRUE(page.names.empty()) << "nobody gets a file of that name";
  EXPECT_EQ(TextOf(leaves, "attachment"), "TjunkOP");
  EXPECT_TRUE(leaves.unscannable.empty());
  EXPECT_EQ(OpenBytes("a.rtf", "{\\rtf1\\fromtext plain}", Limits()).leaves.size(), 1U);
  EXPECT_EQ(OpenBytes("a.rtf", "{\\rtf1{\\*\\htmltag <b>}plain}", Limits()).leaves.size(), 1U);
}

TEST(RtfPage, CutNestedAndRepeatedTagsTakeNoTime) {
  const std::string rtf = "{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}x\\htmlrtf y\\htmlrtf0 z}";
  for (size_t cut = 0; cut <= rtf.size(); ++cut) {
    const std::string page = PageOf(rtf.substr(0, cut));
    EXPECT_EQ(page, std::string("<p>xz").substr(0, page.size())) << cut;
  }
  std::string many = "{\\rtf1\\fromhtml1 ";
  for (int i = 0; i < 200'000; ++i) {
    many += "{\\*\\htmltag <b>\\htmlrtf";
  }
  EXPECT_EQ(PageOf(many).size(), 600'000U);
  std::string flat = "{\\rtf1\\fromhtml1 ";
  for (int i = 0; i < 200'000; ++i) {
    flat += "{\\*\\htmltag a}\\htmlrtf b\\htmlrtf0 c";
  }
  EXPECT_EQ(PageOf(flat).size(), 400'000U);
  Limits small;
  small.decoded_bytes = 1000;
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.rtf", flat, small), Reason::kTooBig));
}

std::string Property(const std::string& tag) { return "__substg1.0_" + tag; }

TEST(OutlookMessage, APlaceOfAnAttachmentIsTextALinkAndAName) {
  const auto open = [](const std::string& place) {
    return OpenBytes("a.msg",
                     MakeCfb({{"__properties_version1.0", std::string(32, '\0')},
                              {Property("370D001F"), Utf16(place)}}),
                     Limits());
  };
  const Opened share = open("\\\\x.example\\s\\a.exe");
  EXPECT_EQ(TextOf(share, "url"), "\\\\x.example\\s\\a.exe\n");
  EXPECT_EQ(TextOf(share, "attachment"), "\\\\x.example\\s\\a.exe\n");
  EXPECT_TRUE(Fact(share, "executable.attached"));
  EXPECT_TRUE(HasLeaf(share, "a.msg/a.exe"));
  const Opened cloud = open("https://x.example/personal/plan.docx?web=1");
  EXPECT_EQ(TextOf(cloud, "url"), "https://x.example/personal/plan.docx?web=1\n");
  EXPECT_EQ(cloud.leaves.size(), 1U) << "no document without bytes";
  EXPECT_TRUE(cloud.unscannable.empty());
  EXPECT_TRUE(HasLeaf(open("https://x.example/a.js?b/c.txt"), "a.msg/a.js"));
  EXPECT_EQ(TextOf(open("C:\\Users\\an\\plan.docx"), "url"), "");
  for (const char* odd : {"/", "\\", "?", "#", "//", "a.exe", "?.exe", ".exe", "x/?a.exe"}) {
    open(odd);
  }
}

TEST(OutlookMessage, LabelsPlacesAndRepliesAreRead) {
  const Opened leaves =
      OpenBytes("a.msg",
                MakeCfb({{Property("8005001F"), Utf16("MSIP_Label_1_Name=Top Secret")},
                         {Property("8006101F-00000000"), Utf16("Red category") + Le(0, 2)},
                         {Property("0050001F"), Utf16("reply@x.example")}}),
                Limits());
  const std::string properties = TextOf(leaves, "docprops");
  EXPECT_NE(properties.find("MSIP_Label_1_Name=Top Secret\n"), std::string::npos);
  EXPECT_NE(properties.find("Red category\n"), std::string::npos);
  EXPECT_EQ(TextOf(leaves, "attachment"), "reply@x.example\n");
}

TEST(OutlookMessage, APageIsABodyWithoutAName) {
  const Opened leaves = OpenBytes(
      "a.msg",
      MakeCfb({{"__properties_version1.0", std::string(32, '\0')}, {Property("10130102"), "<p>x"}}),
      Limits());
  ASSERT_GE(leaves.leaves.size(), 2U);
  for (size_t i = 1; i < leaves.leaves.size(); ++i) {
    EXPECT_EQ(leaves.leaves[i].media_type, "text/html");
    EXPECT_EQ(leaves.leaves[i].path, "a.msg/body.html");
    EXPECT_TRUE(leaves.leaves[i].names.empty()) << "nobody gets a file of that name";
  }
}

std::string Tnef(const std::vector<std::pair<uint32_t, std::string>>& attributes) {
  std::string out = Le(0x223e9f78, 4) + Le(1, 2);
  for (const auto& [id, data] : attributes) {
    out += Le(1, 1) + Le(id, 4) + Le(data.size(), 4) + data + Le(0, 2);
  }
  return out;
}

std::string Padded(std::string data) {
  data.resize((data.size() + 3) / 4 * 4);
  return data;
}

TEST(Tnef, PlacesOfAttachmentsAndPackedPagesAreRead) {
  const std::string place = Utf16("\\\\x.example\\a.exe") + Le(0, 2);
  const std::string rtf = "{\\rtf1\\fromhtml1 {\\*\\htmltag <a href=\"http://x.example/\">}y}";
  const std::string packed = Le(rtf.size() + 12, 4) + Le(rtf.size(), 4) + "MELA" + Le(0, 4) + rtf;
  const std::string label = Utf16("MSIP_Label_Name=Secret") + Le(0, 2);
  const Opened leaves = OpenBytes(
      "winmail.dat",
      Tnef({{0x00069003, Le(2, 4) + Le(0x10090102, 4) + Le(1, 4) + Le(packed.size(), 4) +
                             Padded(packed) + Le(0x8005001f, 4) + std::string(16, 'g') + Le(0, 4) +
                             Le(5, 4) + Le(1, 4) + Le(label.size(), 4) + Padded(label)},
            {0x00069002, std::string(14, '\0')},
            {0x00069005,
             Le(1, 4) + Le(0x370d001f, 4) + Le(1, 4) + Le(place.size(), 4) + Padded(place)}}),
      Limits());
  EXPECT_TRUE(HasLeaf(leaves, "winmail.dat/body.rtf/body.html"));
  EXPECT_TRUE(AnyLeafContains(leaves, "<a href=\"http://x.example/\">y"));
  EXPECT_EQ(TextOf(leaves, "url"), "\\\\x.example\\a.exe\n");
  EXPECT_TRUE(HasLeaf(leaves, "winmail.dat/a.exe"));
  EXPECT_TRUE(Fact(leaves, "executable.attached"));
  EXPECT_NE(TextOf(leaves, "docprops").find("MSIP_Label_Name=Secret\n"), std::string::npos);
}

// The picture of an RTF, as its leaf.
std::string PictureOf(const std::string& bitmap) {
  const Opened leaves = OpenBytes(
      "a.rtf",
      "{\\rtf1 a{\\pict\\dibitmap0\\bin" + std::to_string(bitmap.size()) + " " + bitmap + "}b}",
      Limits());
  return leaves.leaves.size() < 2 ? "" : std::string(leaves.leaves[1].bytes);
}

std::string Bitmap(uint64_t depth, uint64_t packed, uint64_t colors, const std::string& rest) {
  return Le(40, 4) + Le(2, 4) + Le(1, 4) + Le(1, 2) + Le(depth, 2) + Le(packed, 4) + Le(0, 12) +
         Le(colors, 4) + Le(0, 4) + rest;
}

TEST(Rtf, ABitmapGetsTheHeaderOfAFile) {
  const std::string colored = Bitmap(24, 0, 0, std::string(8, 'p'));
  EXPECT_EQ(PictureOf(colored), "BM" + Le(14 + 48, 4) + Le(0, 4) + Le(54, 4) + colored);
  const std::string listed = Bitmap(1, 0, 0, std::string(8 + 4, 'p'));
  EXPECT_EQ(PictureOf(listed), "BM" + Le(14 + 52, 4) + Le(0, 4) + Le(62, 4) + listed);
  const std::string masked = Bitmap(16, 3, 0, std::string(12 + 4, 'p'));
  EXPECT_EQ(PictureOf(masked).substr(10, 4), Le(66, 4));
  const std::string core =
      Le(12, 4) + Le(2, 2) + Le(1, 2) + Le(1, 2) + Le(4, 2) + std::string(16 * 3 + 4, 'p');
  EXPECT_EQ(PictureOf(core).substr(10, 4), Le(14 + 12 + 48, 4));
  // Colours that are not there, depths that there are not, nothing at all.
  EXPECT_EQ(PictureOf(Bitmap(8, 0, UINT32_MAX, "pp")), Bitmap(8, 0, UINT32_MAX, "pp"));
  EXPECT_EQ(PictureOf(Bitmap(9, 0, 0, "pp")), Bitmap(9, 0, 0, "pp"));
  EXPECT_EQ(PictureOf("x"), "x");
}

}  // namespace
}  // namespace gatepost::decode
