// HTML that hides: each way of hiding leaves the visible text alone and the hidden text found; and
// what only looks like hiding stays visible.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "src/text/view.h"

namespace gatepost::text {
namespace {

// `markup` has "~" where the text goes that a reader does not see.
void ExpectHidden(std::string markup) {
  const size_t at = markup.find('~');
  ASSERT_NE(at, std::string::npos);
  markup.replace(at, 1, "TUYỆT MẬT");
  const HtmlText html = ReadHtml("<p>chào</p>" + markup + "<p>hết</p>");
  EXPECT_EQ(html.visible.find("MẬT"), std::string::npos) << markup << "\n" << html.visible;
  EXPECT_NE(html.visible.find("chào"), std::string::npos) << markup;
  EXPECT_NE(html.visible.find("hết"), std::string::npos) << markup;
  EXPECT_NE(html.hidden.find("TUYỆT MẬT"), std::string::npos) << markup << "\n" << html.hidden;
}

void ExpectShown(std::string markup) {
  const size_t at = markup.find('~');
  ASSERT_NE(at, std::string::npos);
  markup.replace(at, 1, "TUYỆT MẬT");
  const HtmlText html = ReadHtml(markup);
  EXPECT_NE(html.visible.find("TUYỆT MẬT"), std::string::npos) << markup << "\n" << html.hidden;
}

TEST(HtmlHiding, EachPropertyOfAnInlineStyleHides) {
  for (const char* style : {"display:none",
                            "DISPLAY : NONE !important",
                            "d\\69splay:none",
                            "dis/**/play:none;display:no/**/ne",
                            "visibility:hidden",
                            "visibility:collapse",
                            "font-size:0",
                            "font-size:0.1px",
                            "font-size:1px",
                            "font-size:0.05em",
                            "font-size:1%",
                            "font:0/0 a",
                            "font:1px Arial",
                            "color:#fff",
                            "color:white",
                            "color:#FEFEFE",
                            "color:rgb(255,255,255)",
                            "color:rgb(100%,100%,100%)",
                            "color:rgba(0,0,0,0)",
                            "color:transparent",
                            "color:hsl(0,0%,100%)",
                            "color:hsl(120, 10%, 99%)",
                            "color:rgb(250 250 250)",
                            "color:snow",
                            "color:#fffffe",
                            "color:#ffffff00",
                            "color:rgba(0,0,0,.01)",
                            "background:#000;color:#010101",
                            "background-color:navy;color:rgb(0,0,127)",
                            "background:black;color:#000",
                            "opacity:0",
                            "opacity:0.01",
                            "filter:opacity(0)",
                            "filter:alpha(opacity=0)",
                            "position:absolute;clip:rect(0,0,0,0)",
                            "position:absolute;clip:rect(1px 1px 1px 1px)",
                            "clip-path:inset(50%)",
                            "clip-path:inset(100%)",
                            "clip-path:circle(0)",
                            "clip-path:polygon(0 0,0 0,0 0)",
                            "position:absolute;left:-9999px",
                            "position:fixed;top:-5000px",
                            "position:absolute;right:-2000px",
                            "position:absolute;left:9999px",
                            "position:relative;left:-100em",
                            "margin-left:-9999px",
                            "margin:-9999px 0 0 0",
                            "text-indent:-9999px",
                            "text-indent:-999em",
                            "max-height:0;overflow:hidden",
                            "height:0;overflow:hidden",
                            "width:0;overflow:hidden",
                            "height:1px;width:1px;overflow:hidden",
                            "max-width:0px;overflow-x:hidden",
                            "transform:scale(0)",
                            "transform:translateX(-9999px)",
                            "transform:translate(-300vw,0)",
                            "line-height:0;overflow:hidden;height:0",
                            "content-visibility:hidden",
                            "-webkit-text-fill-color:transparent"}) {
    ExpectHidden(std::string("<div style=\"") + style + "\">~</div>");
    ExpectHidden(std::string("<div class=k>~</div><style>.k{") + style + "}</style>");
  }
}

TEST(HtmlHiding, AStyleSheetHidesByEverySelectorThatAMailUses) {
  for (const char* sheet : {".a{display:none}",
                            "#b{display:none}",
                            "span.a{display:none}",
                            "td .a{display:none}",
                            "td>.a{display:none}",
                            "div td .a{display:none}",
                            "#o .a{display:none}",
                            "span{display:none}",
                            "span[data-x]{display:none}",
                            "span[data-x=yes]{display:none}",
                            "b,.a,i{display:none}",
                            "@media screen{.a{display:none}}",
                            "@media all and (min-width:10px){.a{display:none}}",
                            ".a{display:block}.a{display:none}",
                            ".a{display:none!important}.a{display:block}",
                            "/*x*/.a/**/{/*y*/display:none}",
                            "<!-- .a{display:none} -->",
                            ".z{} .a{display:none",
                            ".a:not(.c){display:none}",
                            "*{font-size:0}p{font-size:12px}",
                            ".A{display:none}"}) {
    const std::string markup = std::string("<style>") + sheet +
                               "</style><div id=o><table><tr><td><span class='x a' id=b "
                               "data-x=yes>~</span></table></div>";
    ExpectHidden(markup);
  }
}

TEST(HtmlHiding, ElementsAndAttributesHideByThemselves) {
  for (const char* markup : {"<div hidden>~</div>",
                             "<template>~</template>",
                             "<title>~</title>",
                             "<textarea hidden>~</textarea>",
                             "<noframes>~</noframes>",
                             "<select hidden><option>~</select>",
                             "<dialog>~</dialog>",
                             "<datalist><option>~</datalist>",
                             "<!-- ~ -->",
                             "<!--[if mso]>~<![endif]-->",
                             "<!--[if gte mso 9]><p>~</p><![endif]-->",
                             "<img alt='~'>",
                             "<p title='~'>a</p>",
                             "<input type=hidden value='~'>",
                             "<font color=white>~</font>",
                             "<font color=#fefefe>~</font>",
                             "<table bgcolor=black><tr><td><font color=#000000>~</font></table>",
                             "<body bgcolor=#ff0000><font color=red>~</font></body>",
                             "<? ~ ?>",
                             "<!x ~ >",
                             "<svg><title>~</title></svg>",
                             "<div style='display:none'><p>~<p></div>",
                             "<div style='visibility:hidden'><b>~</b></div>"}) {
    ExpectHidden(markup);
  }
}

TEST(HtmlHiding, WhatOnlyLooksLikeHidingIsVisible) {
  for (const char* markup :
       {"<p style='color:white;background:#003366'>~</p>",
        "<p style='font-size:9px'>~</p>",
        "<p style='font-size:.8em'>~</p>",
        "<p style='opacity:.5'>~</p>",
        "<div style='visibility:hidden'><b style='visibility:visible'>~</b></div>",
        "<div style='font-size:0'><b style='font-size:14px'>~</b></div>",
        "<p style='margin-left:-10px'>~</p>",
        "<p style='text-indent:-36pt'>~</p>",
        "<p style='position:absolute;left:-4px'>~</p>",
        "<p style='height:0'>~</p>",
        "<![if !mso]>~<![endif]>",
        "<!--[if !mso]><!-->~<!--<![endif]-->",
        "<p style='display:none;display:block'>~</p>",
        "<style>@media print{p{display:none}}</style><p>~</p>",
        "<style>a p{display:none}</style><p>~</p>",
        "<p style='color:#777'>~</p>",
        "<div style='background:url(x.png)'><p style='color:#fff'>~</p></div>",
        "<p style='line-height:100%'>~</p>",
        "<p style='max-height:0'>~</p>",
        "<noscript>~</noscript>",
        "<details open><summary>a</summary>~</details>"}) {
    ExpectShown(markup);
  }
}

TEST(HtmlHiding, WordsAreWholeWhateverStandsInsideThem) {
  for (const char* markup :
       {"TUY<b></b>ỆT M<i>Ậ</i>T", "TUY<!-- x -->ỆT M<!---->ẬT", "TUYỆT&#32;M&#7852;T",
        "TUY&#x1EC6;T M&#x1eac;T", "TUY&#7878T M&#7852T", "TUY&#0000007878;T M&#x00001EAC;T",
        "TUY<span style='display:none'>zz</span>ỆT M<font size=1 style='font-size:0'>q</font>ẬT",
        "TUY<wbr>ỆT M<wbr>ẬT", "T<x-y>UYỆT MẬ</x-y>T", "TUYỆT\n  MẬT", "TUYỆT<!--\n-->\nMẬT",
        "TUYỆT<a\nb='>'> MẬT", "TUYỆT&nbsp;MẬT", "TUYỆT&NonBreakingSpace;MẬT"}) {
    std::string visible = ReadHtml(markup).visible;
    const size_t blank = visible.find("\u00A0");
    if (blank != std::string::npos) {
      visible.replace(blank, 2, " ");
    }
    EXPECT_EQ(visible, "TUYỆT MẬT") << markup;
  }
}

TEST(HtmlHiding, WhatIsPaintedOverTakesItsLineAndWhatIsNotThereDoesNot) {
  EXPECT_EQ(ReadHtml("TỐI<font color=white><br></font>MẬT").visible, "TỐI\nMẬT");
  EXPECT_EQ(ReadHtml("TỐI<div style='visibility:hidden'><p>x</p></div>MẬT").visible, "TỐI\nMẬT");
  EXPECT_EQ(ReadHtml("M<div style='display:none'><p>x<br>y</p></div>ẬT").visible, "MẬT");
  EXPECT_EQ(ReadHtml("M<div hidden>x</div>ẬT").visible, "MẬT");
  const HtmlText apart = ReadHtml("<p hidden>TỐI</p><p style='display:none'>MẬT</p>");
  EXPECT_EQ(apart.hidden, "TỐI\nMẬT");
  EXPECT_EQ(ReadHtml("a<i hidden>TỐI</i> <i hidden>MẬT</i>").hidden, "TỐI MẬT");
}

TEST(HtmlHiding, OnlyFieldsAndButtonsShowTheirValue) {
  const HtmlText html = ReadHtml(
      "a<input type=radio value=one>b<input value=two>c<input type=submit value=three>"
      "<input type=hidden value=four>");
  EXPECT_EQ(html.visible, "ab two c three");
  EXPECT_EQ(html.hidden, "one four");
}

TEST(HtmlHiding, ALinkThatSaysItLeadsElsewhereIsAFact) {
  for (const char* link :
       {"<a href='http://evil.example/x'>https://www.bank.vn/login</a>",
        "<a href=\"https://bank.com.vn@evil.com.vn/\"><b>www.bank.com.vn</b></a>",
        "<a href=http://bank.vn.evil.example/>http://bank.vn</a>",
        "<a href='http://a.gov.vn/'>http://b.gov.vn/",
        "<a href='http://evil.example/x'>bank.com</a>",
        "<a href='http://evil.example/x'><b>Bank.com.vn/login</b></a>",
        "<a href='http://evil.example/x'>Go to https://bank.com/login now</a>"}) {
    EXPECT_EQ(ReadHtml(link).facts.count("html.link-mismatch"), 1U) << link;
  }
  for (const char* link :
       {"<a href='http://click.bank.vn/?x'>www.bank.vn</a>",
        "<a href='http://x.example/plan.pdf'>plan.pdf</a>",
        "<a href='http://x.example/'>read www.y.example today</a>",
        "<a href='mailto:a@b.example'>http://c.example</a>",
        "<a href='http://x.example/a'>invoice.zip</a>",
        "<a href='http://x.example/a'>readme.md</a>", "<a href='http://x.example/a'>v1.2.3</a>",
        "<a href='http://x.example/a'>someone@bank.com</a>",
        "<a href='http://click.bank.com/?x'>bank.com.</a>",
        "<a href='http://a.so.gov.vn/'>http://b.so.gov.vn/</a>"}) {
    EXPECT_EQ(ReadHtml(link).facts.count("html.link-mismatch"), 0U) << link;
  }
}

TEST(HtmlHiding, BaseRefreshFormsAndFramesAreFacts) {
  const HtmlText html = ReadHtml(
      "<base href='http://b.example/'><meta http-equiv=refresh content='0;url=http://m.example/'>"
      "<form action='http://f.example/'><iframe srcdoc='x'></iframe><a href='data:text/html,hi'>"
      "<a href='javascript:location=1'><p onclick='x()'><script>var a</script>");
  for (const char* fact :
       {"html.base", "html.meta-refresh", "html.form", "html.srcdoc", "html.data-uri",
        "html.script-url", "html.event-handler", "html.script", "html.script-redirect"}) {
    EXPECT_GE(html.facts.count(fact), 1U) << fact;
  }
  EXPECT_NE(std::find(html.urls.begin(), html.urls.end(), "http://m.example/"), html.urls.end());
}

TEST(HtmlHiding, MetaTagsWithCommasLeadNowhere) {
  for (const char* page : {"<meta http-equiv='Content-Type' content='text/html; charset=utf-8'>",
                           "<meta name=viewport content='width=device-width, initial-scale=1'>",
                           "<meta name=description content='see url=http://m.example/'>"}) {
    const HtmlText html = ReadHtml(page);
    EXPECT_EQ(html.facts.count("html.meta-refresh"), 0U) << page;
    EXPECT_TRUE(html.urls.empty()) << page;
  }
  EXPECT_EQ(ReadHtml("<meta content='0, http://m.example/' http-equiv=' REFRESH'>")
                .facts.count("html.meta-refresh"),
            1U);
}

TEST(HtmlHiding, LettersAreReadAsStylesDrawThem) {
  for (const char* markup :
       {"<p style='text-transform:uppercase'>tối mật</p>",
        "<style>.x{TEXT-TRANSFORM: UpperCase}</style><p class=x>Tối m&#7853;t</p>",
        "<div style='text-transform:uppercase'><b>tối</b> <i>mật</i></div>",
        "<p style='font-variant:small-caps'>tối mật</p>",
        "<p style='font-variant-caps:all-small-caps'>tối mật</p>",
        "<p style='font:small-caps 12pt Arial'>tối mật</p>",
        "<style>p::before{content:'tối ';text-transform:uppercase}"
        "p{text-transform:uppercase}</style><p>mật</p>"}) {
    EXPECT_EQ(ReadHtml(markup).visible, "TỐI MẬT") << markup;
  }
  EXPECT_EQ(ReadHtml("<p style='text-transform:capitalize'>tối mật, (mật)</p>").visible,
            "Tối Mật, (Mật)");
  EXPECT_EQ(ReadHtml("<div style='text-transform:uppercase'>a<b style='text-transform:none'>b</b>c"
                     "<font style='font:12pt Arial'>d</font></div>")
                .visible,
            "AbCD");
}

TEST(HtmlHiding, CapitalsThatAStyleMakesSmallAreStillReadWithoutStyles) {
  const HtmlText html = ReadHtml("<p style='text-transform:lowercase'>TỐI MẬT</p>");
  EXPECT_EQ(html.visible, "tối mật");
  EXPECT_EQ(html.hidden, "TỐI MẬT");
}

TEST(HtmlHiding, DrawnLettersLeadBackToWhatWasTyped) {
  const std::string page = "<p style='text-transform:uppercase'>ßđ tối mật ơi</p>";
  const HtmlText html = ReadHtml(page);
  const auto at = static_cast<uint32_t>(html.visible.find("MẬT"));
  uint32_t source = 0;
  for (const MapPiece& piece : html.map) {
    source = piece.view <= at ? piece.source + (at - piece.view) : source;
  }
  EXPECT_EQ(page.substr(source, 4), "mậ");
}

TEST(HtmlHiding, InAFontOfBeforeUnicodeOnlyAsciiIsRedrawn) {
  // è is a letter of TCVN3, and its capital another one.
  EXPECT_EQ(ReadHtml("<p style='text-transform:uppercase;font-family:.VnTime'>tèi mËt</p>").visible,
            "TèI MËT");
}

}  // namespace
}  // namespace gatepost::text
