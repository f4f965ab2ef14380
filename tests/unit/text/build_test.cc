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
      "<p class=k>tuy\u00D6t m\u00CBt</p><p hidden>x</p>");
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

}  // namespace
}  // namespace gatepost::text
