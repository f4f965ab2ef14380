// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_safe.h"

#include <gtest/gtest.h>

#include <regex>

namespace gatepost::text {
namespace {

TEST(SafeHtml, WordsAndTablesStay) {
  EXPECT_EQ(SafeHtml("<p>Kính gửi <b>anh</b></p>"), "<p>Kính gửi <b>anh</b></p>");
  EXPECT_EQ(SafeHtml("<table><tr><td colspan=2 rowspan='x' bgcolor=red>1</td></tr></table>"),
            "<table><tr><td colspan=\"2\">1</td></tr></table>");
}

TEST(SafeHtml, NothingOfTheAuthorsAttributesIsLeft) {
  EXPECT_EQ(SafeHtml("<p style=\"background:url(x)\" onclick=a() class=link id=x>w</p>"),
            "<p>w</p>");
  EXPECT_EQ(SafeHtml("<div dir=rtl>w</div><div dir='\"><script>'>w</div>"),
            "<div dir=\"rtl\">w</div><div>w</div>");
}

TEST(SafeHtml, ScriptsStylesAndForeignContentAreGoneWithTheirContent) {
  EXPECT_EQ(SafeHtml("a<script>b</script><style>c</style><svg><p>d</p></svg><math>e</math>f"),
            "af");
  EXPECT_EQ(SafeHtml("<head><title>t</title><p>x</head><body><p>w"), "<p>w</p>");
  EXPECT_EQ(SafeHtml("<form action=x><input value=y>w</form><iframe src=x>z</iframe>").find('z'),
            std::string::npos);
}

TEST(SafeHtml, LinksAreWordsWithTheirTargetBehindThem) {
  EXPECT_EQ(SafeHtml("<a href='http://x.example/?a=1&amp;b=<>'>bank</a>"),
            "<u class=\"link\">bank</u><small class=\"target\">[http://x.example/?a=1&amp;b=&lt;"
            "&gt;]</small>");
  EXPECT_EQ(SafeHtml("<img src=http://x.example/p.gif alt='a&quot;b'>"),
            "<i class=\"picture\">a&quot;b</i>");
}

TEST(SafeHtml, WhatIsWrittenIsAlwaysBalancedAndOnlyFromTheList) {
  const std::regex tag(
      R"re(<(/?)([a-z0-9]+)((?: (?:colspan|rowspan)="[1-9][0-9]?"| dir="(?:rtl|ltr)"| class="(?:link|target|picture)")*)>)re");
  for (const char* source :
       {"<b><i>x</b></i>", "</p></p><td>x", "<a><a><b></a>x", "<p<p<p>x", "<!--<p>-->x<!-",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
        "onerror=alert(1)&gt;\">",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "&lt;script&gt;alert(1)&lt;/script&gt;", "<xmp><script>x</script></xmp>",
        "<plaintext><script>x", "<table><script>x</table><p>`${x}`</p>", "<b\0>x</b>",
        "\xFF<p>\xC3</p>"}) {
    std::string out = SafeHtml(source);
    std::string rest;
    std::vector<std::string> open;
    std::sregex_iterator it(out.begin(), out.end(), tag);
    for (; it != std::sregex_iterator(); ++it) {
      const std::string name = (*it)[2];
      if ((*it)[1].length() > 0) {
        ASSERT_FALSE(open.empty()) << source << " -> " << out;
        EXPECT_EQ(open.back(), name) << source << " -> " << out;
        open.pop_back();
      } else if (name != "br" && name != "hr") {
        open.push_back(name);
      }
    }
    EXPECT_TRUE(open.empty()) << source << " -> " << out;
    // Without the tags of the list, no angle bracket is left.
    rest = std::regex_replace(out, tag, "");
    EXPECT_EQ(rest.find('<'), std::string::npos) << source << " -> " << out;
    for (const char* bad : {"<script", "<img", "<svg", "<style", "onerror=\""}) {
      EXPECT_EQ(out.find(bad), std::string::npos) << source << " -> " << out;
    }
  }
}

TEST(SafeHtml, FloodsAreCutAndStillBalanced) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) {
    deep += "<div>";
  }
  EXPECT_LT(SafeHtml(deep).size(), 10'000U);
  const std::string wide = SafeHtml(std::string(5'000'000, '<'));
  EXPECT_LT(wide.size(), 40'000'000U);
  EXPECT_NE(SafeHtml(std::string("<p>") + std::string(2'000'000, 'x') + "<p>y").find("[...]"),
            std::string::npos);
}

TEST(SafeHtml, LettersThatTurnTheOrderRoundAreShown) {
  EXPECT_EQ(SafeHtml("a\xE2\x80\xAE"
                     "b"),
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace gatepost::text
