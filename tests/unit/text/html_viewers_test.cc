// HTML that different programs show differently: what any of them shows is read.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/text/view.h"

namespace gatepost::text {
namespace {

// Is "TUYỆT MẬT" a line of the visible text or of the second readings?
::testing::AssertionResult ReadBySome(const HtmlText& html) {
  const std::string all = "\n" + html.visible + "\n" + html.readings + "\n";
  if (all.find("\nTUYỆT MẬT\n") != std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "visible:\n"
                                       << html.visible << "\nreadings:\n"
                                       << html.readings << "\nhidden:\n"
                                       << html.hidden;
}

bool LeadsTo(const HtmlText& html, const std::string& url) {
  return std::find(html.urls.begin(), html.urls.end(), url) != html.urls.end();
}

TEST(HtmlViewers, AStyleSheetIsTheContentOfAStyleElementAndOfNothingElse) {
  for (const char* other :
       {"<!--<style>.q{display:none}</style>-->", "<p title='<style>.q{display:none}</style>'></p>",
        "<title><style>.q{display:none}</style></title>",
        "<xmp><style>.q{display:none}</style></xmp>",
        "<iframe><style>.q{display:none}</style></iframe>",
        "<script>'<style>.q{display:none}</style>'</script>", "<stylex>.q{display:none}</stylex>",
        "<noframes><style>.q{display:none}</style></noframes>"}) {
    const HtmlText html = ReadHtml(std::string(other) + "<p>TUYỆT M<b class=q>ẬT</b></p>");
    EXPECT_NE(("\n" + html.visible + "\n").find("\nTUYỆT MẬT\n"), std::string::npos)
        << other << "\n"
        << html.visible;
  }
}

TEST(HtmlViewers, ASheetThatOnlySomeReadIsReadBothWays) {
  for (const char* sheet :
       {"<template><style>.q{display:none}</style></template>",
        "<!--[if mso]><style>.q{display:none}</style><![endif]-->",
        "<noscript><style>.q{display:none}</style></noscript>",
        "<style type='text/x'>.q{display:none}</style>",
        "<style media=bogus>.q{display:none}</style>",
        "<style title=a></style><style title=b>.q{display:none}</style>",
        "<style>.q,:foo(bar){display:none}</style>", "<style>.q,::bar{display:none}</style>",
        "<style>.q,.1a{display:none}</style>", "<style>.Q{display:none}</style>",
        "<svg><style>.q{display:none}</style></svg>",
        "<svg><style><![CDATA[.q{display:none}]]></style></svg>",
        "<style>@import 'data:text/css,.q%7Bdisplay:none%7D';</style>"}) {
    EXPECT_TRUE(ReadBySome(ReadHtml(std::string(sheet) + "<p>TUYỆT M<b class=q>ẬT</b></p>")))
        << sheet;
    EXPECT_TRUE(ReadBySome(ReadHtml(std::string(sheet) + "<p>TUYỆT M<b class=q>q</b>ẬT</p>")))
        << sheet;
  }
}

TEST(HtmlViewers, WhatABrowserKeepsOfASheetIsHidingStill) {
  for (const char* sheet :
       {"<style type='text/css'>.q{display:none}</style>",
        "<style type=''>.q{display:none}</style>",
        "<style media='only screen'>.q{display:none}</style>",
        "<style>.q,::selection{display:none}</style>", "<style>.q,a:hover{display:none}</style>",
        "<style>i:any-link{display:inline}.q{display:none}</style>"}) {
    EXPECT_EQ(ReadHtml(std::string(sheet) + "<p>TUYỆT M<i class=q>q</i>ẬT</p>").visible,
              "TUYỆT MẬT")
        << sheet;
  }
}

TEST(HtmlViewers, RawElementsAreOrdinaryOnesInSvgAndMathMl) {
  for (const char* page :
       {"<svg><style><p>TUYỆT MẬT</p></style></svg>",
        "<math><style><p>TUYỆT MẬT</p></style></math>", "<svg><xmp><p>TUYỆT MẬT</p>",
        "<svg><iframe><div>TUYỆT MẬT</div>", "<svg><noembed><span>TUYỆT MẬT</span>",
        "<svg><title><p>x</p></title><p>TUYỆT MẬT</p>",
        "<svg><script><p>TUYỆT MẬT</p></script></svg>",
        "<svg><style><font color=red>TUYỆT MẬT</font>", "<svg><style></p><p>TUYỆT MẬT",
        "<math><mtext><mglyph><style><p>TUYỆT MẬT</p>",
        "<math><mtext><table><mglyph><style><!--</style><p>TUYỆT MẬT</p>",
        "<svg><foreignObject><svg><style><p>TUYỆT MẬT</p>", "<svg><style/><p>TUYỆT MẬT</p>"}) {
    EXPECT_TRUE(ReadBySome(ReadHtml(page))) << page;
  }
  const HtmlText links =
      ReadHtml("<svg><style><img src=x><a href='http://evil.example/'>x</a><form action=y>");
  EXPECT_TRUE(LeadsTo(links, "http://evil.example/"));
  EXPECT_EQ(links.facts.count("html.form"), 1U);
  EXPECT_EQ(ReadHtml("<svg><script>location='x'</script></svg>").facts.at("html.script"), 1U);
  // Behind it the rules are those of HTML again, in what it holds of HTML as well.
  for (const char* page :
       {"<svg></svg><style><p>no</p></style>a", "<svg/><style><p>no</p></style>a",
        "<div><svg></div><p></p><style><p>no</p></style>a",
        "<svg><foreignObject><style><p>no</p></style></foreignObject></svg>a",
        "<math><mi><style><p>no</p></style></mi></math>a"}) {
    EXPECT_EQ(ReadHtml(page).visible, "a") << page;
  }
}

TEST(HtmlViewers, ASheetThatMarkupCutsShortInSvgIsReadBothWays) {
  EXPECT_TRUE(
      ReadBySome(ReadHtml("<div><svg></div><style>/*<p>*/.q{display:none}</style>"
                          "<p>TUYỆT M<b class=q>q</b>ẬT</p>")));
}

TEST(HtmlViewers, SvgBeyondTheDeepestIsStillSvg) {
  std::string page;
  for (int i = 0; i < 300; ++i) {
    page += "<svg>";
  }
  for (int i = 0; i < 299; ++i) {
    page += "</svg>";
  }
  EXPECT_TRUE(ReadBySome(ReadHtml(page + "<style><p>TUYỆT MẬT</p>")));
}

TEST(HtmlViewers, AnEmptyTagOfSvgHoldsNothing) {
  EXPECT_EQ(ReadHtml("<svg><rect style='display:none'/><text>a</text></svg>").visible, "a");
}

// Properties that do not apply to a box, values that are none: browsers show the text.
TEST(HtmlViewers, HidingThatDoesNotApplyHidesFromNobody) {
  for (const char* style : {"width:0;overflow:hidden",
                            "transform:scale(0)",
                            "text-indent:-9999px",
                            "clip:rect(0,0,0,0)",
                            "display:inline-block;overflow:hidden;width:0;min-width:90px",
                            "display:inline-block;overflow:hidden;height:0;padding:20px 0",
                            "opacity:0 0",
                            "opacity:0px",
                            "transform:scale(0) foo",
                            "position:absolute;clip:rect(0)",
                            "text-indent:-9999",
                            "font-size:1",
                            "font:0",
                            "color:ffffff",
                            "color:rgb(255 255,255)",
                            "color:#fff;text-shadow:0 0 1px #000",
                            "color:#fff;-webkit-text-stroke:1px #000",
                            "color:transparent;background:#c00;-webkit-background-clip:text",
                            "opacity:0",
                            "visibility:hidden",
                            "position:absolute;left:-9999px",
                            "max-height:0;overflow:hidden",
                            "clip-path:inset(50%)",
                            "color:rgba(255,255,255,0)",
                            "color:hsl(0,0%,100%)",
                            "color:#ffffff00",
                            "filter:opacity(0)",
                            "margin-left:-9999px",
                            "line-height:0",
                            "font-size:0;font-size:var(--a)",
                            "display:none;all:unset"}) {
    const std::string page = std::string("<p>TUYỆT M<b style=\"") + style + "\">ẬT</b></p>";
    EXPECT_TRUE(ReadBySome(ReadHtml(page))) << page;
    // ... and whoever hides it reads the rest.
    const std::string junk = std::string("<p>TUYỆT M<b style=\"") + style + "\">q</b>ẬT</p>";
    EXPECT_TRUE(ReadBySome(ReadHtml(junk))) << junk;
  }
  for (const char* page :
       {"<table><tr><td style='max-height:0;overflow:hidden'>TUYỆT MẬT</td></tr></table>",
        "<table style='width:0;overflow:hidden'><tr><td>TUYỆT MẬT</td></tr></table>",
        "<div style='opacity:0'>TUYỆT MẬT</div>",
        "<p>a</p><div style='opacity:0'><p>b</p><p>TUYỆT MẬT</p></div><p>c</p>",
        "<div style='opacity:0'>TUYỆT MẬT</div>a",
        "<p>TUYỆT M<span style='color:#fff'><mark>ẬT</mark></span></p>",
        "<span style='color:#fff'><a href=x>TUYỆT MẬT</a></span>",
        "<style>p{display:none}</style><p>TUYỆT MẬT</p>"}) {
    EXPECT_TRUE(ReadBySome(ReadHtml(page))) << page;
  }
}

TEST(HtmlViewers, EachReaderSeesItsOwnLine) {
  // A browser shows the last letters and not those before them, Word shows both.
  EXPECT_TRUE(
      ReadBySome(ReadHtml("<p>TUYỆT M<i style='opacity:0'>q</i>"
                          "<b style='transform:scale(0)'>ẬT</b></p>")));
}

TEST(HtmlViewers, WhatEverybodyHidesIsInNoSecondReading) {
  for (const char* style : {"display:none", "display:none;opacity:0;max-height:0;overflow:hidden",
                            "font-size:0", "color:#ffffff", "display:none;mso-hide:all"}) {
    EXPECT_EQ(ReadHtml(std::string("<div style='") + style + "'>a</div><p>b</p>").readings, "")
        << style;
  }
}

TEST(HtmlViewers, AStyleUndoesWhatATagOrAnAttributeSays) {
  for (const char* page :
       {"<p>TUYỆT M<b hidden style='display:inline'>ẬT</b></p>",
        "<style>[hidden]{display:inline}</style><p>TUYỆT M<b hidden>ẬT</b></p>",
        "<p>TUYỆT M<b hidden>ẬT</b></p>", "<p>TUYỆT M<rp style='display:inline'>ẬT</rp></p>",
        "<p>TUYỆT M<style style='display:inline'>ẬT</style></p>",
        "<style>head,title{display:block}</style><title>TUYỆT MẬT</title>",
        "<template>TUYỆT MẬT</template>"}) {
    EXPECT_TRUE(ReadBySome(ReadHtml(page))) << page;
  }
}

TEST(HtmlViewers, ColoursThatAreNotComputedAreInDoubt) {
  for (const char* style :
       {"color:oklch(1 0 0)", "color:lab(100 0 0)", "color:hwb(0 100% 0%)",
        "color:color(srgb 1 1 1)", "color:color-mix(in srgb,white,white)",
        "color:light-dark(white,black)", "color:rgb(none 0 0)", "color:Canvas", "opacity:4%",
        "filter:opacity(1%)", "filter:blur(9px)", "font-size:2px", "contain:strict",
        "display:inline-block;inline-size:0;overflow:hidden",
        "display:inline-block;max-block-size:0;overflow:hidden", "mso-hide:all"}) {
    const std::string page = std::string("<p>TUYỆT M<b style='") + style + "'>q</b>ẬT</p>";
    EXPECT_TRUE(ReadBySome(ReadHtml(page))) << page;
  }
  EXPECT_TRUE(
      ReadBySome(ReadHtml("<style>@keyframes a{to{font-size:0}}.j{animation:a .01s forwards}"
                          "</style><p>TUYỆT M<b class=j>q</b>ẬT</p>")));
  EXPECT_TRUE(
      ReadBySome(ReadHtml("<style>@keyframes a{to{font-size:16px}}.j{font-size:0;animation:a 1s}"
                          "</style><p>TUYỆT M<b class=j>ẬT</b></p>")));
}

TEST(HtmlViewers, AttributesOfSvgAreStyles) {
  for (const char* attribute : {"opacity=0", "fill=none", "fill=white", "display=none",
                                "visibility=hidden", "font-size=0", "fill-opacity=0"}) {
    EXPECT_TRUE(ReadBySome(ReadHtml(std::string("<svg><text>TUYỆT M<tspan ") + attribute +
                                    ">q</tspan>ẬT</text></svg>")))
        << attribute;
  }
}

TEST(HtmlViewers, TheAlternativeOfAStringOfCssIsNotShown) {
  EXPECT_TRUE(
      ReadBySome(ReadHtml("<style>.q::before{content:'ẬT'/'q'}</style>TUYỆT M<b class=q></b>")));
  EXPECT_TRUE(ReadBySome(
      ReadHtml("<style>.q::before{content:url('q') 'ẬT'}</style>TUYỆT M<b class=q></b>")));
}

TEST(HtmlViewers, WhatOnlyOutlookShowsIsReadInItsLine) {
  for (const char* page : {"<p>TUYỆT M<!--[if mso]>ẬT<![endif]--></p>",
                           "<p>TUYỆT M<!--[if gte mso 9]><b>ẬT</b><![endif]--></p>",
                           "<!--[if mso]><p>TUYỆT MẬT</p><![endif]--><p>x</p>",
                           "<!--[if mso]><v:shape><v:textpath string='TUYỆT MẬT'/></v:shape>"
                           "<![endif]-->",
                           "<v:textpath string='TUYỆT MẬT'>", "TUYỆT M<img src=x alt='ẬT'>"}) {
    EXPECT_TRUE(ReadBySome(ReadHtml(page))) << page;
  }
  for (const char* page : {"<p>a</p><!--[if !mso]>b<![endif]-->",
                           "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->a",
                           "<p>a <img alt=b> c</p>"}) {
    EXPECT_EQ(ReadHtml(page).readings, "") << page;
  }
}

TEST(HtmlViewers, BehindTheDeepestElementNothingIsHiddenForGood) {
  std::string deep;
  for (int i = 0; i < 600; ++i) {
    deep += "<i>";
  }
  EXPECT_TRUE(ReadBySome(ReadHtml(deep + "<b hidden></b><p>TUYỆT MẬT")));
}

TEST(HtmlViewers, HandlersOfEventsAreLettersOnly) {
  for (const char* name : {"onload", "onbegin", "onend", "oncut", "onwebkitanimationend",
                           "ontouchstart", "onmozfullscreenchange", "ONCLICK"}) {
    EXPECT_EQ(ReadHtml(std::string("<p ") + name + "=x>").facts.count("html.event-handler"), 1U)
        << name;
  }
  for (const char* name : {"only_selected", "on-click", "on:click", "once", "on3d"}) {
    EXPECT_EQ(ReadHtml(std::string("<p ") + name + "=x>").facts.count("html.event-handler"), 0U)
        << name;
  }
}

TEST(HtmlViewers, WhereAnimationsOfLinksLeadIsALink) {
  EXPECT_TRUE(
      LeadsTo(ReadHtml("<svg><a><set attributeName=href to='http://evil.example/'/></a></svg>"),
              "http://evil.example/"));
  EXPECT_TRUE(LeadsTo(
      ReadHtml("<svg><a><animate attributeName=href values='x;http://evil.example/'/></a></svg>"),
      "http://evil.example/"));
}

TEST(HtmlViewers, FloodsOfHiddenTextAndForeignContentTakeLinearTime) {
  const auto work = [](const std::string& unit, size_t count) {
    std::string page;
    for (size_t i = 0; i < count; ++i) {
      page += unit;
    }
    const HtmlText html = ReadHtml(page);
    EXPECT_LT(html.readings.size(), page.size() * 12 + 100) << unit;
    return html.work;
  };
  for (const char* unit :
       {"<svg><script>", "<svg><style>", "<svg><foreignObject>", "<math><mtext>", "</svg><svg><p>",
        "a<b style=opacity:0>b</b>", "<b style=opacity:0>b<p></b>", "<!--[if mso]>a<![endif]-->b",
        "<style>a{}</style>", "<template><style>", "a<img alt=b>"}) {
    const uint64_t small = work(unit, 2'000);
    const uint64_t large = work(unit, 8'000);
    EXPECT_LT(large, small * 6 + 100'000) << unit;
  }
}

}  // namespace
}  // namespace gatepost::text
