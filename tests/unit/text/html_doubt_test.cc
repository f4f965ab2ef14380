// HTML in which something may show or not: a word around it is read both ways.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/text/view.h"

namespace gatepost::text {
namespace {

// Is "TUYỆT MẬT" a line of the visible text or of the second readings?
::testing::AssertionResult Reads(const HtmlText& html) {
  const std::string all = "\n" + html.visible + "\n" + html.readings + "\n";
  if (all.find("\nTUYỆT MẬT\n") != std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "visible:\n"
                                       << html.visible << "\nreadings:\n"
                                       << html.readings;
}

TEST(HtmlDoubt, AWordIsWholeAroundWhatABrowserDoesNotShow) {
  for (const char* filler :
       {"<div style='position:absolute;left:-9999px'>q</div>",
        "<div style='float:left;font-size:0'>q</div>",
        "<b style='font-size:calc(0px)'>q</b>",
        "<b style='font-size:min(0px, 9px)'>q</b>",
        "<b style='display:var(--x)'>q</b>",
        "<b style='color:var(--x);opacity:1'>q</b>",
        "<b style='display:inline-block;width:calc(1px - 1px);overflow:hidden'>q</b>",
        "<![CDATA[q]]>",
        "<rp>q</rp>",
        "<ruby><rt>q</rt></ruby>",
        "<body>",
        "</body>",
        "</html>",
        "<td>",
        "<tr><td>",
        "<head>",
        "<object>q</object>",
        "<audio>q</audio>",
        "<canvas>q</canvas>",
        "<noscript>q</noscript>",
        "<meter>q</meter>",
        "<span popover>q</span>",
        "<br style='display:none'>",
        "<svg><text>q</text></svg>",
        "&#11;",
        "<dialog>q</dialog>",
        "<input style='display:none' value=q>",
        "<b style='zoom:.01'>q</b>",
        "<b style='display:inline-block;width:0;overflow:auto'>q</b>",
        "<b style='display:table-column'>q</b>",
        "<b style='content:url(x.png)'>q</b>",
        "<b style='display:inline-block;scale:0'>q</b>",
        "<b><template shadowrootmode=open></template>q</b>",
        "<link rel=stylesheet href='data:text/css,u%7Bdisplay:none%7D'><u>q</u>",
        "<table align=left><tr><td>q</table>"}) {
    EXPECT_TRUE(Reads(ReadHtml(std::string("<div>TUYỆT M") + filler + "ẬT</div>"))) << filler;
  }
}

TEST(HtmlDoubt, StringsOfStyleSheetsAreLines) {
  for (const char* page :
       {"<style>:root{--x:'TUYỆT MẬT'}p::before{content:var(--x)}</style><p></p>",
        "<style>p::before{content:var(--x)}</style><p style=\"--x:'TUYỆT MẬT'\"></p>",
        "<style>q{quotes:'TUYỆT MẬT' ''}</style><p><q></q></p>",
        "<p style=\"quotes:'TUYỆT ' 'MẬT'\"><q></q></p>",
        "<ul style=\"list-style-type:'TUYỆT MẬT'\"><li></li></ul>",
        "<style>@counter-style z{system:cyclic;symbols:'TUYỆT "
        "MẬT'}li{list-style:z}</style><li></li>"}) {
    EXPECT_TRUE(Reads(ReadHtml(page))) << page;
  }
}

TEST(HtmlDoubt, BoxesAreReadInTheOrderInWhichTheyStand) {
  for (const char* page :
       {"<div style='display:flex'><b style='order:2'>MẬT</b><b "
        "style='order:1'>TUYỆT</b></div>",
        "<div style='display:flex;flex-direction:row-reverse'><b>MẬT</b> <b>TUYỆT</b></div>",
        "<div style='display:flex;flex-flow:row-reverse wrap'><b>MẬT</b><b>TUYỆT</b></div>",
        "<style>.a{order:3}</style><div style='display:flex'><b class=a>MẬT</b>TUYỆT</div>",
        "<div style='display:grid'><b style='grid-column:2'>MẬT</b><b "
        "style='grid-column:1'>TUYỆT</b></div>",
        "<div style='display:grid'><b style='grid-area:1 / 2'>MẬT</b><b "
        "style='grid-area:1/1'>TUYỆT</b>"
        "</div>",
        "<div><b style='position:absolute;left:90px'>MẬT</b><b "
        "style='position:absolute;left:9px'>TUYỆT"
        "</b></div>",
        "<svg><text x='90' y='9'>MẬT</text><text x='9' y='9'>TUYỆT</text></svg>",
        "<p><b style='float:right'>MẬT</b><b style='float:right'>TUYỆT</b></p>",
        "<p><b style='float:right'>MẬT</b> TUYỆT</p>", "<p>MẬT <b style='float:left'>TUYỆT</b></p>",
        "<style>i{float:right}</style><p><i>T</i><i>Ậ</i><i> M</i><i>T</i><i>Ệ</i>"
        "<i>Y</i><i>U</i><i>T</i></p>",
        "<div style='display:flex;direction:rtl'><b>MẬT</b><b>TUYỆT</b></div>",
        "<p dir=rtl><b style='display:inline-block'>MẬT</b><b "
        "style='display:inline-block'>TUYỆT</b></p>",
        // Too far down for a number of 32 bits.
        "<svg><text y='200000'>MẬT</text><text y='9'>TUYỆT</text></svg>"}) {
    EXPECT_TRUE(Reads(ReadHtml(page))) << page;
  }
  EXPECT_EQ(
      ReadHtml("<div style='display:flex'><b style='order:1'>a</b><b style='order:2'>b</b></div>")
          .readings,
      "");
  EXPECT_EQ(ReadHtml("<p><b style='float:left'>a</b>b<b style='float:right'>c</b></p>").readings,
            "");
}

TEST(HtmlDoubt, EverySelectorThatMayHideIsTried) {
  for (const char* sheet : {"b:first-child{display:none}",
                            "b:nth-child(odd){display:none}",
                            "b:nth-of-type(2n+1){display:none}",
                            "b:last-child{display:none}",
                            "b:only-child{display:none}",
                            "i+b{display:none}",
                            "i~b{display:none}",
                            "div>b:not(.x){display:none}",
                            ":is(i,b):not(#x,.y){display:none}",
                            ":where(b){display:none}",
                            "div:has(b) b{display:none}",
                            "b:empty{display:none}",
                            "div{& b{display:none}}",
                            "div{color:red;b{display:none}}",
                            "div{@media screen{b{display:none}}}",
                            "b{@media screen{display:none}}",
                            "@container (min-width:1px){b{display:none}}",
                            "@layer x{b{display:none}}",
                            "@supports (display:grid){b{display:none}}",
                            "@scope (div){b{display:none}}",
                            "@media (width>=1px){b{display:none}}",
                            "@media (hover:hover){b{display:none}}",
                            "@media (max-width:600px){b{display:none}}",
                            "b:unheard-of{display:none}",
                            "b{font-size:max(0px,0px)}",
                            "b{display:none}@media print{b{display:inline}}",
                            "[x|=y]{display:none}",
                            "i{content:'}'}b{display:none}",
                            "i{x:url(a}b)}b{display:none}",
                            "@import url(data:text/css,b%7Bdisplay:none%7D);",
                            "i{} }b{display:none}",
                            "b:nth-child(1 of b){display:none}",
                            "div b:first-of-type{display:none}"}) {
    const std::string page = std::string("<style>") + sheet + "</style>";
    const bool after = std::string(sheet)[0] == 'i';
    EXPECT_TRUE(Reads(
        ReadHtml(page + "<div>TUYỆT M" + (after ? "<i></i>" : "") + "<b x=y-z>q</b>ẬT</div>")))
        << sheet;
  }
}

TEST(HtmlDoubt, AStyleElementCountsAmongItsSiblingsOrNot) {
  EXPECT_TRUE(
      Reads(ReadHtml("<div>TUYỆT M<style>b:first-child{display:none}</style><b>q</b>ẬT</div>")));
  EXPECT_TRUE(
      Reads(ReadHtml("<div>TUYỆT M<style>b:first-child{display:none}</style><b>Ậ</b>T</div>")));
  EXPECT_TRUE(
      Reads(ReadHtml("<div>TUYỆT M<i></i><style>i+b{display:none}</style><b>q</b>ẬT</div>")));
}

TEST(HtmlDoubt, WhatOneRuleHidesIsToldFromWhatItDoesNot) {
  EXPECT_EQ(ReadHtml("<style>b:nth-child(2n){display:none}</style>"
                     "<div>TUY<b>ỆT</b> M<b>q</b>Ậ<b>T</b><b>r</b></div>")
                .visible,
            "TUYỆT MẬT");
  EXPECT_EQ(ReadHtml("<style>i + b{display:none}</style><div>TUY<b>ỆT</b> M<i></i><b>q</b>ẬT</div>")
                .visible,
            "TUYỆT MẬT");
  EXPECT_EQ(ReadHtml("<style>.k > u ~ b{display:none}</style>"
                     "<div class=k>TUY<b>ỆT</b> M<u></u><s>Ậ</s><b>q</b>T</div>")
                .visible,
            "TUYỆT MẬT");
  EXPECT_TRUE(
      Reads(ReadHtml("<style>b:last-child{display:none}@container(x){b{font-size:20px}}"
                     "</style><div>TUY<i style='color:var(--x)'>ỆT</i> M<b>q</b>ẬT</div>")));
}

TEST(HtmlDoubt, WhatMayBeShownAfterAllIsReadToo) {
  for (const char* page :
       {"<style>b{display:none}@container (x){b{display:inline}}</style>TUYỆT M<b>Ậ</b>T",
        "<style>b{display:none}@media (max-width:600px){b{display:inline}}</style>TUYỆT M<b>Ậ</b>T",
        "<style>@supports (nonsense:1){p{display:none}}</style><p>TUYỆT MẬT</p>",
        "<style>p{display:none}p:last-child{display:block}</style><p>TUYỆT MẬT</p>",
        "<div>TUYỆT M<td style='display:none'>ẬT</div>",
        "<style>b:has(i)::after{content:'Ậ'}</style>TUYỆT M<b></b>T",
        "<style>@scope (p){b::before{content:'Ậ'}}</style>TUYỆT M<b></b>T",
        "<input placeholder='TUYỆT MẬT'>",
        "<div><template shadowrootmode=open>TUYỆT MẬT</template>x", "<head>TUYỆT MẬT</head>",
        "<html><head><title>x</title><p>TUYỆT MẬT</head><body>y",
        "<style>p{display:inline}</style><p>TUYỆT M</p><p>ẬT</p>",
        "<style>li::marker{content:'TUYỆT MẬT'}</style><ul><li></ul>", "TUYỆT M<![CDATA[Ậ]]>T"}) {
    EXPECT_TRUE(Reads(ReadHtml(page))) << page;
  }
}

TEST(HtmlDoubt, OrdinaryPagesHaveNoSecondReading) {
  for (const char* page :
       {"<p>một</p><p>hai</p>", "<div style='float:left'>a</div><div style='float:right'>b</div>",
        "<style>.m{display:none}@media(max-width:600px){.w{display:none}}</style>"
        "<table><tr><td class=w>một</td><td>hai</td></tr></table><p class=w>ba</p><p>bốn</p>",
        "<p>a:hover</p><style>a:hover{display:none}li:first-child{color:red}</style><ul><li>x</ul>",
        "<html><head><title>x</title></head><body><p>một</p></body></html>\n",
        "<p>một <select><option>1<option>2</select></p>", "<table><tr><td>1<td>2</table>"}) {
    EXPECT_EQ(ReadHtml(page).readings, "") << page;
  }
  EXPECT_EQ(ReadHtml("<style>b:last-child{color:red}</style><p>m<b>ộ</b>t</p>").readings, "");
}

TEST(HtmlDoubt, ABlockBesideTheDoubtfulOneKeepsItsLine) {
  EXPECT_EQ(ReadHtml("<div>MẬT<noscript><p>x</p></noscript><p>ONG</p></div>").readings, "");
  EXPECT_EQ(ReadHtml("<div>MẬT <noscript>x</noscript>ONG</div>").readings, "MẬT ONG\n");
  EXPECT_EQ(ReadHtml("<div>MẬT<noscript>x</noscript> ONG</div>").readings, "MẬT ONG\n");
}

TEST(HtmlDoubt, AVerticalTabIsNothing) { EXPECT_EQ(ReadHtml("TUYỆT M\vẬT").visible, "TUYỆT MẬT"); }

TEST(HtmlDoubt, WordsInSlicesAreReadAlongRowsAndDownColumns) {
  EXPECT_NE(ReadHtml("<table><tr><td>T<br>A<td>Ố<br>B<td>I<br>C<td>M<br>D<td>Ậ<br>E<td>T<br>F"
                     "</table>")
                .readings.find("TỐIMẬT\nABCDEF\n"),
            std::string::npos);
  EXPECT_NE(ReadHtml("<table><tr><td>T<td>x<tr><td>Ố<td>y<tr><td>I<td>z<tr><td><td>a<tr><td>M<td>b"
                     "<tr><td>Ậ<td>c<tr><td>T<td>d</table>")
                .readings.find("TỐI MẬT\n"),
            std::string::npos);
  // Figures are no letters.
  EXPECT_EQ(ReadHtml("<table><tr><td>1<td>2<td>3<tr><td>4<td>5<td>6</table>").readings, "");
}

TEST(HtmlDoubt, WhatAScriptWritesIsText) {
  for (const char* script :
       {"document.write('TUYỆT MẬT')", "x.innerHTML = \"<p>TUYỆT MẬT</p>\"",
        "document.write('TUYỆT ');document.write('MẬT')", "var s='TUYỆT MẬT'; document.write(s)"}) {
    EXPECT_NE(ReadHtml(std::string("<p>a</p><script>") + script + "</script>")
                  .written.find("TUYỆT MẬT\n"),
              std::string::npos)
        << script;
  }
  EXPECT_EQ(ReadHtml("<script>ga('send','pageview');var a={'b c':1}</script>").written, "");
}

TEST(HtmlDoubt, AFileThatStandsInThePageForItsScriptIsSmuggled) {
  const std::string zip =
      "UEsDBBQAAAAIANFue11GHw3ESgAAAN4AAAAFAAAAYS50eHTNzMEJwCAMRuG74A4ZoEtF/G2E2JSY"
      "QDs=";
  const std::string script = "<script>location='data:application/zip;base64,'+d.innerText</script>";
  EXPECT_EQ(ReadHtml("<div id=d hidden>" + zip + "</div>" + script).facts.count("html.smuggling"),
            1U);
  EXPECT_EQ(
      ReadHtml("<input type=hidden value='" + zip + "'>" + script).facts.count("html.smuggling"),
      1U);
  EXPECT_EQ(ReadHtml("<div id=d hidden>" + zip + "</div>").facts.count("html.smuggling"), 0U);
}

}  // namespace
}  // namespace gatepost::text
