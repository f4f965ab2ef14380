// Structure on ordinary mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/mail/mail_testing.h"

namespace gatepost::mail {
namespace {

TEST(Parse, EmptyInputIsAMessageWithOnePart) {
  const Message message = Message::Parse("", Limits());
  ASSERT_EQ(message.parts().size(), 1U);
  EXPECT_EQ(message.root().path, "0");
  EXPECT_EQ(message.root().type, "text");
}

TEST(Parse, PlainMessageHasHeaderAndBody) {
  const std::string raw = "From: a@b.example\r\nSubject: =?utf-8?q?Ch=C3=A0o?=\r\n\r\nHello\r\n";
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(message.Body(message.root()), "Hello\r\n");
  EXPECT_EQ(message.Text(message.root(), "subject"), "Chào");
  EXPECT_EQ(message.root().fields.size(), 2U);
  EXPECT_TRUE(message.defects().empty()) << Names(message);
}

TEST(Parse, MultipartGivesItsPartsWithoutTheLineEndOfTheBoundary) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b1\"\n\n"
      "--b1\nContent-Type: text/html\n\n<p>\n--b1\n"
      "Content-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n"
      "Content-Disposition: attachment; filename=\"a.pdf\"\n\nQUJD\n--b1--\n");
  const Message message = Message::Parse(raw, Limits());
  ASSERT_EQ(message.parts().size(), 3U);
  EXPECT_EQ(Paths(message), "0 1 2");
  EXPECT_EQ(message.Body(message.parts()[1]), "<p>");
  EXPECT_EQ(message.Body(message.parts()[2]), "QUJD");
  EXPECT_EQ(message.parts()[2].encoding, Encoding::kBase64);
  EXPECT_EQ(message.parts()[2].disposition, "attachment");
  ASSERT_EQ(message.parts()[2].names.size(), 1U);
  EXPECT_EQ(message.parts()[2].names[0], "a.pdf");
  EXPECT_TRUE(message.defects().empty()) << Names(message);
}

TEST(Parse, MessageInsideAMessageHasItsOwnNumbers) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\ntext\n--o\n"
      "Content-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/alternative; "
      "boundary=i\n\n--i\n\na\n--i\nContent-Type: text/html\n\nb\n--i--\n--o--\n");
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(Paths(message), "0 1 2 2.0 2.1 2.2");
  EXPECT_TRUE(message.parts()[2].is_message);
  EXPECT_EQ(message.Text(message.parts()[3], "Subject"), "in");
  EXPECT_TRUE(message.defects().empty()) << Names(message);
}

TEST(Parse, LineFeedsAloneGiveTheSameParts) {
  const std::string raw =
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\ntext\n--o--\n";
  const Message lf = Message::Parse(raw, Limits());
  const std::string crlf_raw = Crlf(raw);
  const Message crlf = Message::Parse(crlf_raw, Limits());
  EXPECT_EQ(Paths(lf), Paths(crlf));
  EXPECT_EQ(lf.Body(lf.parts()[1]), crlf.Body(crlf.parts()[1]));
}

TEST(Parse, DigestPartsAreMessages) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: one\n\n1\n"
      "--d\n\nSubject: two\n\n2\n--d--\n");
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(Paths(message), "0 1 1.0 2 2.0");
  EXPECT_EQ(message.Text(message.parts()[4], "subject"), "two");
}

// Found by fuzzing: to a strict reader the blanks are an empty fold, and the header goes on.
TEST(Parse, BlanksAheadOfTheFirstFieldDoNotHideTheFieldsBehindABrokenOne) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\t\nCon\xff-Type: "
      "application/zip\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n--o--\n");
  const Message message = Message::Parse(raw, Limits());
  EXPECT_NE(Names(message).find("BlankLineWithSpaces"), std::string::npos) << Names(message);
  bool decoded = false;
  for (const Part& part : message.parts()) {
    decoded = decoded || (part.encoding == Encoding::kBase64 && message.Body(part) == "UEsDBA==");
  }
  EXPECT_TRUE(decoded) << Paths(message);
}

// Found by fuzzing, for readers that compare boundaries without case.
TEST(Parse, ABoundaryInOtherCaseIsAnotherReading) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n\ntext\n--OUTer"
      "\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n--outer--\n");
  const Message message = Message::Parse(raw, Limits());
  EXPECT_NE(Names(message).find("BoundaryInOtherCase"), std::string::npos) << Names(message);
  EXPECT_TRUE(std::any_of(message.parts().begin(), message.parts().end(), [](const Part& part) {
    return part.encoding == Encoding::kBase64;
  })) << Paths(message);
}

TEST(Parse, ATextThatBeginsWithBlanksIsNoHeader) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\n \nDear all,\nthe "
      "plan: see below\n--o--\n");
  EXPECT_TRUE(Message::Parse(raw, Limits()).defects().empty());
}

}  // namespace
}  // namespace gatepost::mail
