// HTML: what a reader sees, what he does not, where links go.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "src/text/view.h"

namespace gatepost::text {
namespace {

bool Has(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

TEST(Html, TagsInsideAWordDoNotSplitItAndBlocksDo) {
  EXPECT_EQ(ReadHtml("pass<b></b>word<!-- x -->s<p>a<br>b<div>c</div>d").visible,
            "passwords\na\nb\nc\nd");
}

TEST(Html, EntitiesAreDecodedWithAndWithoutSemicolon) {
  EXPECT_EQ(ReadHtml("M&#x1EAC;T &#77&#7852;T M&Euml;T &amp;lt &copy2 &bogus; &#150;").visible,
            "MẬT MẬT MËT &lt ©2 &bogus; –");
}

TEST(Html, ScriptAndStyleAreNotTextAndTitleAndCommentsAreHidden) {
  const HtmlText html = ReadHtml(
      "<head><title>Tối mật</title><style>.a{color:red}</style></head><script>var x='<p>no';"
      "</script>yes<!-- secret note -->");
  EXPECT_EQ(html.visible, "yes");
  EXPECT_EQ(html.hidden, "Tối mật\nsecret note");
}

TEST(Html, EveryUsualWayOfHidingIsSeen) {
  for (const char* hiding :
       {"style='display: none'", "style=visibility:hidden", "hidden", "style=\"font-size:0\"",
        "style='font-size:1px'", "style='opacity:0'", "style='color:#fff;background:#ffffff'",
        "style='color:white'", "class='x ghost'", "id=gone", "style='max-height:0;overflow:hidden'",
        "style='position:absolute;left:-9999px'"}) {
    const HtmlText html = ReadHtml(std::string("<style>.ghost{display:none} #gone{font-size:0}"
                                               "</style>seen <span ") +
                                   hiding + ">unseen <i>inside</i></span>after");
    EXPECT_EQ(html.visible, "seen after") << hiding;
    // Alone, and in its line, as a reader without styles shows it.
    EXPECT_EQ(html.hidden, "unseen inside\nseen unseen inside after") << hiding;
  }
}

TEST(Html, WhiteOnADarkBackgroundIsVisible) {
  EXPECT_EQ(ReadHtml("<td bgcolor=#003366><font color=white>hello</font></td>").visible, "hello");
  EXPECT_EQ(
      ReadHtml("<style>.bar{background:navy}</style><div class=bar><font color=#ffffff>hi").visible,
      "hi");
}

TEST(Html, ConditionalCommentsAreReadAsHtmlButHidden) {
  const HtmlText html = ReadHtml("a<!--[if mso]><p>out<b>look</b></p><![endif]-->b");
  EXPECT_EQ(html.visible, "ab");
  EXPECT_EQ(html.hidden, "outlook");
}

TEST(Html, ARowThatIsToldOnceMoreLeadsBackIntoTheSource) {
  // Its lines are cut behind the second cell's control character.
  const std::string html =
      "<tr><td>a<td>\x0B"
      ">e<tr";
  const HtmlText text = ReadHtml(html);
  for (const MapPiece& piece : text.map) {
    EXPECT_LE(piece.source, html.size()) << piece.view;
  }
}

TEST(Html, WhatABrowserDoesNotUnderstandHidesAndShowsNothing) {
  for (const char* style : {"display:none;display:x", "visibility:hidden;visibility:x"}) {
    const HtmlText text = ReadHtml("TOP<span style='" + std::string(style) + "'>zz</span> SECRET");
    EXPECT_EQ(text.visible, "TOP SECRET") << style;
  }
  EXPECT_EQ(ReadHtml("TOP</td></form> SECRET").visible, "TOP SECRET");
}

TEST(Html, ARefreshNeedsNoWordBeforeItsAddress) {
  const HtmlText text =
      ReadHtml("<meta http-equiv=refresh content='0;http://evil.example/x'>words");
  ASSERT_EQ(text.urls.size(), 1U);
  EXPECT_EQ(text.urls[0], "http://evil.example/x");
}

TEST(Html, RowsAreJoinedAndCellsStandAlone) {
  const HtmlText html = ReadHtml("<table><tr><td>Độ mật<td>Mật</tr><tr><th>x</th></tr></table>");
  EXPECT_EQ(html.visible, "Độ mật\nMật\nĐộ mật | Mật\nx");
}

TEST(Html, LinksAreCollectedFromEveryAttribute) {
  const HtmlText html = ReadHtml(
      "<base href='http://b.example/d/'><a href=\"http://a.example/?x=1&amp;y\">t</a>"
      "<form action=/post><img src='cid:1'><meta http-equiv=refresh content='0; "
      "URL=http://m.example'>"
      "<div style=\"background:url('http://bg.example/i.png')\"><a href='java\nscript:x'>");
  EXPECT_TRUE(Has(html.urls, "http://a.example/?x=1&y"));
  EXPECT_TRUE(Has(html.urls, "http://b.example/post"));
  EXPECT_TRUE(Has(html.urls, "http://m.example"));
  EXPECT_TRUE(Has(html.urls, "http://bg.example/i.png"));
  EXPECT_TRUE(Has(html.urls, "javascript:x"));
}

TEST(Html, FontsAreNamed) {
  const HtmlText html =
      ReadHtml("<font face='.VnTime'>a</font><p style=\"font-family:'VNI-Times',serif\">");
  EXPECT_TRUE(Has(html.fonts, ".VnTime"));
  EXPECT_TRUE(Has(html.fonts, "VNI-Times"));
}

TEST(Html, FramesBringTheirOwnText) {
  const HtmlText html = ReadHtml("a<iframe srcdoc=\"&lt;p&gt;in&lt;b&gt;ner&lt;/b&gt;\"></iframe>");
  EXPECT_EQ(html.visible, "a\ninner");
}

TEST(Html, BrokenMarkupLosesNoText) {
  EXPECT_EQ(ReadHtml("a < b <1 <a href=\"x>tail").visible.substr(0, 8), "a < b <1");
  EXPECT_NE(ReadHtml("<a href=\"x>tail").visible.find("tail"), std::string::npos);
  EXPECT_EQ(ReadHtml("x</p></div></nonsense>y<").visible, "x\ny<");
}

TEST(Html, LinesWrappedWithBrAreOneParagraph) {
  const std::string full = "this is a line that is quite long enough to have been wrapped";
  EXPECT_EQ(ReadHtml(full + "<br>\n" + full + "<br>end").soft.size(), 2U);
  EXPECT_TRUE(ReadHtml("<p>" + full + "</p><p>" + full + "</p>").soft.empty());
}

TEST(Html, HugeAndDeepInputTakesLinearTime) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) {
    deep += "<div><b a=\"";
  }
  for (int i = 0; i < 200'000; ++i) {
    deep += "<!--></i></div>";
  }
  EXPECT_LT(ReadHtml(deep).visible.size(), deep.size());
}

}  // namespace
}  // namespace gatepost::text
