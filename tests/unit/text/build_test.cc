// Zones: which text of a whole message stands where.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/text/view.h"

namespace gatepost::text {
namespace {

struct Built {
  Views views;
  std::string Of(const Zone& zone, Form form = Form::kNfc) const {
    std::string out;
    for (const TextView& view : views.views) {
      if (view.zone == zone && view.form == form) {
        out += (out.empty() ? "" : "\n") + view.utf8;
      }
    }
    return out;
  }
};

Built Build(const std::string& raw, const mail::Envelope& envelope = {}) {
  Wanted wanted;
  for (const char* zone : {"subject", "body", "hidden", "attachment", "filename", "url", "from",
                           "from-name", "to", "env-from", "env-to", "fonts", "html",
                           "header:content-type", "header:sensitivity", "header:x-label"}) {
    wanted.Add(zone, Form::kNfc);
    wanted.Add(zone, Form::kRaw);
  }
  const Limits limits;
  const mail::Message message = mail::Message::Parse(raw, limits);
  const decode::Leaves leaves = decode::Decode(message, limits);
  return {BuildViews(envelope, message, leaves, wanted, limits)};
}

TEST(Build, AddressesStandOneToALine) {
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse("A@Example.ORG");
  envelope.recipients.push_back({mail::Address::Parse("b@example.net")});
  envelope.recipients.push_back({mail::Address::Parse("c@example.net")});
  const Built built = Build(
      "From: =?utf-8?Q?V=C4=83n_ph=C3=B2ng?= <abc123@GMAIL.com>\r\n"
      "To: x@example.net, Y <y@example.net>\r\nSubject: [=?utf-8?B?TeG6rFQ=?=] a\r\n\r\nb\r\n",
      envelope);
  EXPECT_EQ(built.Of("from"), "Văn phòng <abc123@gmail.com>");
  EXPECT_EQ(built.Of("from-name"), "Văn phòng");
  EXPECT_EQ(built.Of("to"), "x@example.net\nY <y@example.net>");
  EXPECT_EQ(built.Of("env-to"), "b@example.net\nc@example.net");
  EXPECT_EQ(built.Of("subject"), "[MẬT] a");
  EXPECT_EQ(built.Of("body"), "b");
}

TEST(Build, TheEncodingOfASubjectIsAFactOfTheMessage) {
  const std::string raw =
      "Subject: B\xB8o c\xB8o th\xB8ng 9 v\xD2 t\xD7nh h\xD7nh th\xF9"
      "c hi\xD6n\r\n\r\nHello.\r\n";
  const Built built = Build(raw);
  EXPECT_NE(built.Of("subject").find("Báo cáo tháng 9 về tình hình"), std::string::npos);
  ASSERT_EQ(built.views.facts.count("encoding.legacy"), 1U);
  EXPECT_EQ(built.views.facts.at("encoding.legacy"), "tcvn3");
  const Limits limits;
  const mail::Message message = mail::Message::Parse(raw, limits);
  EXPECT_NE(ReadableText(message, decode::Decode(message, limits), limits)
                .find("Subject: Báo cáo tháng 9 về tình hình thực hiện\n"),
            std::string::npos);
}

TEST(Build, AShortBodyIsReadAsTheAttachmentBehindItAndASubjectTell) {
  const std::string body = "T\xE8i m\xCBt\r\n";
  const std::string running =
      "Quy\xD5t \xAE\xDEnh v\xD2 c\xABng t\xB8"
      "c b\xB8o c\xB8o v\xB5 v\xA8n b\xB6n\r\n";
  const Limits limits;
  for (const std::string& raw :
       {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + body +
            "\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n" + running +
            "--b--\r\n",
        "Subject: " + running + "\r\n" + body}) {
    EXPECT_NE(Build(raw).Of("body").find("Tối mật"), std::string::npos) << raw;
    const mail::Message message = mail::Message::Parse(raw, limits);
    EXPECT_NE(ReadableText(message, decode::Decode(message, limits), limits).find("Tối mật"),
              std::string::npos)
        << raw;
  }
}

TEST(Build, FieldsOfAnotherReadingOfTheHeaderAreFields) {
  EXPECT_NE(
      Build("From: a@b.example\r\njunk\r\nSubject: TỐI MẬT\r\n\r\nx").Of("subject").find("TỐI MẬT"),
      std::string::npos);
  EXPECT_NE(Build("Subject: y\r\n From: c@d.example\r\nFrom: a@b.example\r\n\r\nx")
                .Of("from")
                .find("c@d.example"),
            std::string::npos);
}

TEST(Build, HtmlPartsGiveVisibleHiddenUrlsAndFonts) {
  const Built built = Build(
      "Content-Type: text/html; charset=utf-8\r\nSensitivity: Private\r\n\r\n"
      "<font face='.VnTime'>see</font> <a href='http://a.example/x'>here</a>"
      "<div style='display:none'>unseen</div>");
  EXPECT_EQ(built.Of("body"), "see here");
  EXPECT_EQ(built.Of("hidden"), "unseen");
  EXPECT_EQ(built.Of("url"), "http://a.example/x");
  EXPECT_EQ(built.Of("fonts"), ".VnTime");
  EXPECT_EQ(built.Of("header:sensitivity"), "Private");
}

TEST(Build, AttachedTextIsAttachmentAndItsNameAFileName) {
  const Built built = Build(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello "
      "http://u.example/.\r\n--b\r\n"
      "Content-Type: text/plain; name=\"plan.txt\"\r\nContent-Disposition: attachment\r\n\r\n"
      "secret\r\n--b--\r\n");
  EXPECT_EQ(built.Of("body"), "hello http://u.example/.");
  EXPECT_EQ(built.Of("attachment"), "secret");
  EXPECT_EQ(built.Of("filename"), "plan.txt");
  EXPECT_EQ(built.Of("url"), "http://u.example/");
  EXPECT_NE(built.Of("header:content-type").find("text/plain; name"), std::string::npos);
}

TEST(Build, LegacyTextKeepsRawAndIsDecodedElsewhere) {
  const Built built = Build(
      "Subject: x\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 8bit"
      "\r\n\r\nUBND T\xD8nh Qu\xB6ng Tr\xDE\r\nTUY\xD6T M\xCBT\r\nQuy\xD5t \xAE\xDEnh v\xD2 "
      "c\xABng t\xB8"
      "c\r\n");
  EXPECT_NE(built.Of("body").find("\nTUYỆT MẬT\n"), std::string::npos);
  EXPECT_NE(built.Of("body", Form::kRaw).find("\nTUYÖT MËT\n"), std::string::npos);
  ASSERT_EQ(built.views.facts.count("encoding.legacy"), 1U);
  EXPECT_EQ(built.views.facts.at("encoding.legacy"), "tcvn3");
}

TEST(Build, VietnameseOfBeforeUnicodeIsFoundUnderLabelsOfOtherScripts) {
  for (const std::string label : {"koi8-r", "gb2312", "big5", "windows-1251", "shift_jis", "euc-kr",
                                  "tis-620", "cp437", "utf-7", "iso-2022-jp"}) {
    const Built built = Build("Subject: x\r\nContent-Type: text/plain; charset=" + label +
                              "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                              "UBND T\xD8nh Qu\xB6ng Tr\xDE\r\nTUY\xD6T M\xCBT\r\n"
                              "Quy\xD5t \xAE\xDEnh v\xD2 c\xABng t\xB8"
                              "c\r\n");
    EXPECT_NE(built.Of("body").find("TUYỆT MẬT"), std::string::npos) << label;
    EXPECT_EQ(built.views.facts.count("encoding.legacy"), 1U) << label;
  }
  const Built page = Build(
      "Content-Type: text/html; charset=koi8-r\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "<p><font face=.VnTimeH>tuy\xD6t m\xCBt</font></p>");
  EXPECT_NE(page.Of("body").find("tuyệt mật"), std::string::npos) << page.Of("body");
}

TEST(Build, TextOfAnotherScriptStaysUnderItsLabel) {
  const Built built = Build(
      "Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "\xF0\xD2\xC9\xD7\xC5\xD4, \xCB\xC1\xCB \xC4\xC5\xCC\xC1 \xD5 \xD4\xC5\xC2\xD1?\r\n");
  EXPECT_EQ(built.Of("body"), "Привет, как дела у тебя?");
  EXPECT_EQ(built.views.facts.count("encoding.legacy"), 0U);
}

TEST(Build, BytesUnderALabelOfSevenBitsAreReadWithoutItToo) {
  for (const char* label : {"utf-7", "iso-2022-jp", "hz-gb-2312"}) {
    const Built built = Build(std::string("Content-Type: text/plain; charset=") + label +
                              "\r\nContent-Transfer-Encoding: 8bit\r\n\r\nTỐI MẬT\r\n");
    EXPECT_NE(built.Of("body").find("TỐI MẬT"), std::string::npos) << label;
  }
}

TEST(Build, TheLabelOfAnEncodedWordTellsItsEncoding) {
  EXPECT_EQ(Build("Subject: =?viscii?Q?TUY=8ET_M=87T?=\r\n\r\nx").Of("subject"), "TUYỆT MẬT");
  EXPECT_EQ(Build("Subject: =?x-viet-vni*vi?Q?TOÁI?=\r\n\r\nx").Of("subject"), "TOÁI");
  EXPECT_EQ(Build("Subject: =?x-viet-vni?Q?TO=C1I_MA=C4T?=\r\n\r\nx").Of("subject"), "TỐI MẬT");
  EXPECT_EQ(Build("From: =?tcvn?Q?TUY=D6T_M=CBT?= <a@example.org>\r\n\r\nx").Of("from-name"),
            "TUYỆT MẬT");
}

TEST(Build, FontsOfHtmlTellTheEncodingAndFactsAreCounted) {
  const Built built = Build(
      "Content-Type: text/html; charset=utf-8\r\n\r\n<style>.k{font-family:.VnTimeH}</style>"
      "<p class=k>tuy\u00D6t m\u00CBt</p><p style='display:none'>x</p>");
  EXPECT_EQ(built.Of("body"), "tuyệt mật\nTUYỆT MẬT");
  EXPECT_EQ(built.views.facts.count("html.hidden"), 1U);
}

TEST(Build, AnEncodedLabelIsAlsoReadDecoded) {
  const Built built = Build("X-Label: eyJuIjoiQSBDbGFzc2lmaWNhdGlvbiJ9\r\n\r\nx");
  EXPECT_NE(built.Of("header:x-label").find("A Classification"), std::string::npos);
}

TEST(Build, TheTextBudgetIsKeptAndTold) {
  Limits limits;
  limits.view_bytes = 1'000;
  const std::string raw = "\r\n" + std::string(5'000, 'a');
  const mail::Message message = mail::Message::Parse(raw, limits);
  const decode::Leaves leaves = decode::Decode(message, limits);
  Wanted wanted;
  wanted.Add("body", Form::kRaw);
  wanted.Add("body", Form::kNfc);
  const Views views = BuildViews({}, message, leaves, wanted, limits);
  EXPECT_TRUE(views.truncated);
  ASSERT_EQ(views.views.size(), 1U);
  EXPECT_LE(views.views[0].utf8.size(), 1'000U);
}

TEST(Build, AHostIsReadAsItIsShownToo) {
  const Built built = Build(
      "Content-Type: text/html; charset=utf-8\r\n\r\n"
      "<a href='http://vector%2Dpayload.example/'>a</a><a "
      "href='http://u@xn--tng-8oa.example:80/x'>b</a>");
  EXPECT_EQ(built.Of("url"),
            "http://vector%2Dpayload.example/\nhttp://vector-payload.example/\n"
            "http://u@xn--tng-8oa.example:80/x\nhttp://u@\u0103tng.example:80/x");
  EXPECT_EQ(built.views.facts.at("url.punycode"), "1");
}

TEST(Build, WhatBelieversOfTheLabelReadIsReadToo) {
  const Built built = Build(
      "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
      "8bit\r\n\r\n<p>GATE\xFFPOST");
  EXPECT_NE(built.Of("body").find("\nGATEPOST"), std::string::npos) << built.Of("body");
}

TEST(Build, AVerticalTabInsideAWordIsReadAsNothingToo) {
  const Built built =
      Build("Content-Type: text/plain; charset=utf-8\r\n\r\nTUY\vỆT MẬT\r\nhai\r\n");
  EXPECT_NE(built.Of("body").find("TUYỆT MẬT"), std::string::npos);
  EXPECT_EQ(Build("\r\none\r\n\f\r\ntwo\r\n").Of("body"), "one\n\n\ntwo");
}

TEST(Build, WhatABrowserMayNotShowIsASecondReadingOfTheSameZone) {
  const Built built = Build(
      "Content-Type: text/html; charset=utf-8\r\n\r\n<p>TUYỆT M<b "
      "style='font-size:calc(0px)'>q</b>ẬT");
  EXPECT_EQ(built.Of("body"), "TUYỆT MqẬT\nTUYỆT MẬT");
  for (const TextView& view : built.views.views) {
    if (view.undone) {
      const Range source = view.SourceOf({0, 9});
      EXPECT_LE(source.end, 200U);
    }
  }
}

std::string Attached(const std::string& name, const std::string& type, const std::string& content) {
  return "Content-Type: multipart/mixed; "
         "boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: " +
         type + "\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n" + content +
         "\r\n--b--\r\n";
}

TEST(Build, APictureOrAnOddPageWithAScriptIsAFact) {
  const auto fact = [](const std::string& raw) {
    return Build(raw).views.facts.count("html.script-picture");
  };
  const std::string svg = "<svg xmlns='http://www.w3.org/2000/svg'>";
  EXPECT_EQ(fact(Attached("a.svg", "application/octet-stream", svg + "<script>x()</script></svg>")),
            1U);
  EXPECT_EQ(
      fact(Attached("a.svg", "image/svg+xml",
                    "<?xml version='1.0'?>\n<!-- x -->" + svg + "<script>x()</script></svg>")),
      1U);
  EXPECT_EQ(fact(Attached("a.png", "image/svg+xml", svg + "<g onload='x()'/></svg>")), 1U);
  EXPECT_EQ(fact(Attached("a.xhtml", "application/xhtml+xml", "<html><script>x()</script></html>")),
            1U);
  EXPECT_EQ(fact(Attached("a.shtml", "text/html", "<script>x()</script>")), 1U);
  EXPECT_EQ(fact(Attached("a.svg", "image/svg+xml", svg + "<a href='javascript:x()'>a</a></svg>")),
            1U);
  EXPECT_EQ(fact(Attached(
                "a.svg", "image/svg+xml",
                "<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:script>x()</s:script></s:svg>")),
            1U);
  EXPECT_EQ(fact(Attached("a.svg", "image/svg+xml", svg + "<path d='M0 0'/></svg>")), 0U);
  EXPECT_EQ(fact(Attached("a.html", "text/html", "<html><script>ga('send')</script></html>")), 0U);
}

TEST(Build, WhatAScriptOfAnAttachmentWritesIsItsText) {
  const std::string page = "<p>a</p><script>document.write('TỐI MẬT')</script>";
  EXPECT_NE(
      Build(Attached("a.html", "text/html; charset=utf-8", page)).Of("attachment").find("TỐI MẬT"),
      std::string::npos);
  const Built body = Build("Content-Type: text/html; charset=utf-8\r\n\r\n" + page);
  EXPECT_EQ(body.Of("body"), "a");
  EXPECT_NE(body.Of("hidden").find("TỐI MẬT"), std::string::npos);
}

TEST(Build, AlternativesThatShareNoWordsAreAFact) {
  const auto differ = [](const std::string& plain, const std::string& html) {
    return Build(
               "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: "
               "text/plain;"
               " charset=utf-8\r\n\r\n" +
               plain + "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html +
               "\r\n--b--\r\n")
        .views.facts.count("text.alternatives-differ");
  };
  const std::string garden = "The garden club meets on Sunday at noon, bring seeds and a spade";
  EXPECT_EQ(differ(garden, "<p>Transfer the sum of forty thousand to the new account today</p>"),
            1U);
  EXPECT_EQ(differ(garden, "<p>The garden club meets on <b>Sunday</b> at noon</p>"), 0U);
  EXPECT_EQ(differ("Your mail program shows no HTML", "<p>" + garden + "</p>"), 0U);
  EXPECT_EQ(differ("Click here", "<p>" + garden + "</p>"), 0U);
  EXPECT_EQ(differ("", "<p>" + garden + "</p>"), 0U);
}

}  // namespace
}  // namespace gatepost::text
