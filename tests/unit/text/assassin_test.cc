// A message as SpamAssassin shows it to its rules, piece by piece as SpamAssassin 4.0.1 was seen to
// do. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/assassin.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"

namespace gatepost::text {
namespace {

std::vector<std::string> Read(const std::string& mail, const std::string& zone,
                              const std::string& sender = "") {
  std::string raw;
  for (const char c : mail) {
    raw += c == '\n' ? "\r\n" : std::string(1, c);
  }
  const Limits limits;
  const mail::Message message = mail::Message::Parse(raw, limits);
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse(sender);
  AssassinReader reader(envelope, message);
  const Pieces pieces = reader.Read(zone);
  std::vector<std::string> out;
  uint32_t begin = 0;
  for (const uint32_t end : pieces.ends) {
    out.push_back(pieces.bytes.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

using Texts = std::vector<std::string>;

std::string Html(const std::string& charset, const std::string& body) {
  return "Subject: s\nContent-Type: text/html; charset=" + charset + "\n\n" + body;
}

TEST(Assassin, TheSubjectIsTheBodysFirstLineAndBlanksAreOne) {
  EXPECT_EQ(Read("Subject: Hello  you\n\na  b\nc\n\n\nd\n", "sa:body"),
            Texts({"Hello  you\n", "a b c\n", "d "}));
  EXPECT_EQ(Read("Subject: Hello\n\na\n", "sa:body-only"), Texts({"a "}));
}

TEST(Assassin, EntitiesOfLatinLettersAreBytesUnlessAnotherLetterIsWide) {
  EXPECT_EQ(Read(Html("us-ascii", "caf&eacute;&#160;x"), "sa:body-only"), Texts({"caf\xE9\xA0x"}));
  EXPECT_EQ(Read(Html("us-ascii", "caf&eacute;&#160;x&#8212;"), "sa:body-only"),
            Texts({"caf\xC3\xA9 x\xE2\x80\x94"}));
  EXPECT_EQ(Read(Html("iso-8859-1", "caf\xE9"), "sa:body-only"), Texts({"caf\xC3\xA9"}));
}

TEST(Assassin, Utf8IsReadAsItWhateverTheLabelAndTheRestAsWindows1252) {
  EXPECT_EQ(ReadForAssassin("\xE1\xBA\xA5", "iso-8859-1", false).utf8, "\xE1\xBA\xA5");
  EXPECT_EQ(ReadForAssassin("\x93q\x94", "utf-8", false).utf8, "\xE2\x80\x9Cq\xE2\x80\x9D");
  EXPECT_EQ(ReadForAssassin("\xE4", "x-unheard-of", false).utf8, "\xC3\xA4");
  EXPECT_FALSE(ReadForAssassin("plain", "koi8-r", false).wide);
  EXPECT_EQ(ReadForAssassin("\xE1\xBA\xA5", "iso-8859-1", true).utf8, "\xC3\xA1\xC2\xBA\xC2\xA5");
}

TEST(Assassin, WordsOfOneCharsetAreDecodedTogether) {
  EXPECT_EQ(Read("Subject: =?utf-8?B?4bo=?= =?utf-8?Q?=A5_x?= y\n\n", "sa:header:subject"),
            Texts({"\xE1\xBA\xA5 x y\n"}));
  EXPECT_EQ(Read("Message-Id: =?utf-8?Q?a?=\n\n", "sa:header:message-id"),
            Texts({"=?utf-8?Q?a?=\n"}));
}

TEST(Assassin, NamesAndAddressesAreWhatAReaderTakesForThem) {
  struct Case {
    const char* from;
    const char* name;
    const char* address;
  };
  for (const Case& one :
       std::initializer_list<Case>{{"\"Doe, John\" <j@a.example>", "Doe, John", "j@a.example"},
                                   {"j@a.example (John Doe)", "John Doe", "j@a.example"},
                                   {"j@a.example", "", "j@a.example"},
                                   {"\"j@a.example\"", "", "j@a.example"},
                                   {"John <j@a.example> (home)", "John", "j@a.example"},
                                   {"'John' <j@a.example>", "John", "j@a.example"},
                                   {"<j@a.example>,<k@a.example>", "", "j@a.example\nk@a.example"},
                                   {"Just a Name", "Just a Name", ""},
                                   {"Team: <j@a.example>", "", "j@a.example"},
                                   {"<>", "", ""}}) {
    const std::string mail = std::string("From: ") + one.from + "\n\n";
    const Texts name = Read(mail, "sa:header:from:name");
    const Texts address = Read(mail, "sa:header:from:addr");
    EXPECT_EQ(name, *one.name == '\0' ? Texts() : Texts({one.name})) << one.from;
    EXPECT_EQ(address, *one.address == '\0' ? Texts() : Texts({one.address})) << one.from;
  }
}

TEST(Assassin, HopsAreReadInTheNotationsOfManyPrograms) {
  struct Case {
    const char* received;
    const char* hop;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"from helo.example (rdns.example [192.0.2.1]) by b.example (Postfix) with ESMTP id A12",
            "ip=192.0.2.1 rdns=rdns.example helo=helo.example by=b.example ident= envfrom= intl=0 "
            "id=A12 auth= msa=0"},
           {"from unknown (HELO [10.0.0.1]) ([192.0.2.1]) (envelope-sender <s@x.example>) by "
            "b.example (qmail-ldap-1.03) with SMTP",
            "ip=192.0.2.1 rdns= helo=!10.0.0.1! by=b.example ident= envfrom=s@x.example intl=0 id= "
            "auth= msa=0"},
           {"from a.example ([192.0.2.1]) by b.example with SMTP",
            "ip=192.0.2.1 rdns=a.example helo=a.example by=b.example ident= envfrom= intl=0 id= "
            "auth= msa=0"},
           {"from a.example ([192.0.2.1]) by b.example with Microsoft SMTPSVC(5.0)",
            "ip=192.0.2.1 rdns= helo=a.example by=b.example ident= envfrom= intl=0 id= auth= "
            "msa=0"},
           {"from a.example (7@[192.0.2.1]) by b.example with esmtp id 1234",
            "ip=192.0.2.1 rdns=a.example helo=a.example by=b.example ident=7 envfrom= intl=0 "
            "id=1234 auth= msa=0"},
           {"from 192.0.2.1 (HELO a.example) by b.example (192.0.2.2) with SMTP",
            "ip=192.0.2.1 rdns= helo=a.example by=b.example ident= envfrom= intl=0 id= auth= "
            "msa=0"}}) {
    EXPECT_EQ(
        Read(std::string("Received: ") + one.received + "; Thu, 1 Jan 2026 00:00:00 +0000\n\n",
             "sa:header:x-spam-relays-external"),
        Texts({"[ " + std::string(one.hop) + " ]"}))
        << one.received;
  }
  EXPECT_TRUE(Read("Received: from a.example [192.0.2.1] by localhost with POP3 (fetchmail-6)\n\n",
                   "sa:header:x-spam-relays-external")[0]
                  .empty());
}

TEST(Assassin, TrustEndsAtTheFirstPublicAddress) {
  const std::string mail =
      "X-Mine: 1\nReceived: from l (l [127.0.0.1]) by a.example (P) with ESMTP\n"
      "Received: from h (r [192.0.2.1]) by a.example (P) with ESMTP\nX-Theirs: 2\n\n";
  EXPECT_EQ(Read(mail, "sa:header:x-spam-relays-trusted")[0].substr(0, 14), "[ ip=127.0.0.1");
  const std::string external = Read(mail, "sa:header:all-external")[0];
  EXPECT_EQ(external.find("X-Mine"), std::string::npos);
  EXPECT_EQ(external.find("127.0.0.1"), std::string::npos);
  EXPECT_NE(external.find("X-Theirs: 2"), std::string::npos);
}

TEST(Assassin, LinksAreReadAsWrittenAndAsTheyWork) {
  const Texts uris = Read(
      Html("us-ascii", "<base href='http://a.example/x/'><a href='../y'>z</a> www.example.com."),
      "sa:uri");
  const auto has = [&](const char* uri) {
    return std::find(uris.begin(), uris.end(), uri) != uris.end();
  };
  EXPECT_TRUE(has("../y"));
  EXPECT_TRUE(has("http://a.example/y"));
  EXPECT_TRUE(has("http://www.example.com"));
  EXPECT_EQ(CanonicalUris("http://user@0x7f.0.0.1:80/?a=http://b.example/"),
            Texts({"http://user@0x7f.0.0.1:80/?a=http://b.example/", "http://b.example/",
                   "http://0x7f.0.0.1/?a=http://b.example/",
                   "http://127.0.0.1:80/?a=http://b.example/"}));
}

TEST(Assassin, ChecksThatFollowFromTheMessageHaveNames) {
  const Texts checks = Read("From: j@mail.a.example\nContent-Type: text/html\n\n<center>x</center>",
                            "sa:checks", "bounce@b.example");
  EXPECT_EQ(checks, Texts({"no-relays", "received-removed", "missing-to", "domains-differ",
                           "html-part", "html-only", "html", "tag center"}));
}

}  // namespace
}  // namespace gatepost::text
