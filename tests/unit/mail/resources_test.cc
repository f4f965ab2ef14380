// Hostile sizes. Counts stand for time: the bounds are on what is made, and a quadratic step would
// run into the test's own time limit.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/mail/mail_testing.h"

namespace gatepost::mail {
namespace {

std::string Repeat(const std::string& piece, size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (size_t i = 0; i < times; ++i) {
    out += piece;
  }
  return out;
}

TEST(Resources, TenMegabytesInOneLine) {
  const std::string raw = "Subject: x\r\n\r\n" + std::string(10'000'000, 'a');
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(message.parts().size(), 1U);
  EXPECT_EQ(message.root().body.size(), 10'000'000U);
  EXPECT_TRUE(Has(message, DefectId::kLongLine));
}

TEST(Resources, AHundredThousandPartsStopAtTheLimitAndLoseNothing) {
  const std::string raw = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
                          Repeat("--b\r\n\r\nx\r\n", 100'000) + "--b\r\n\r\nPAYLOAD\r\n--b--\r\n";
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(message.parts().size(), Limits().mime_parts);
  EXPECT_TRUE(Has(message, DefectId::kTooManyParts));
  EXPECT_TRUE(SomePartHolds(message, "PAYLOAD"));
}

TEST(Resources, DeepNestingStopsAtTheLimit) {
  std::string raw = "MIME-Version: 1.0\r\n";
  for (int i = 0; i < 2'000; ++i) {
    const std::string boundary = "b" + std::to_string(i) + "x";
    raw += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  raw += "\r\nPAYLOAD\r\n";
  const Message message = Message::Parse(raw, Limits());
  EXPECT_TRUE(Has(message, DefectId::kNestedTooDeep));
  EXPECT_LE(message.parts().size(), Limits().mime_parts);
  EXPECT_TRUE(SomePartHolds(message, "PAYLOAD"));
}

TEST(Resources, FloodsOfParenthesesBackslashesAndWords) {
  for (const std::string& piece : {std::string("("), std::string("\\"), std::string("\""),
                                   std::string("=?"), std::string("=?a?q?"), std::string("=?\x01?q?x"),
                                   std::string("<"), std::string("a@"), std::string(";a=b"),
                                   std::string("a*0=b;"), std::string(",")}) {
    const std::string flood = Repeat(piece, 1'000'000 / piece.size());
    const std::string raw = "From: " + flood + "\r\nSubject: " + flood + "?=\r\nContent-Type: a/b; " +
                            flood + "\r\nContent-Disposition: x; filename=\"" + flood + "\r\n\r\nx";
    const Message message = Message::Parse(raw, Limits());
    EXPECT_TRUE(Has(message, DefectId::kHeaderTooLong)) << piece;
    EXPECT_FALSE(message.Text(message.root(), "subject").empty()) << piece;
  }
}

TEST(Resources, FloodsOfBoundaryLikeLines) {
  const std::string head = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=";
  for (const std::string& piece :
       {std::string("-"), std::string("--\n"), std::string("--b"), std::string("--bx\n"),
        std::string("--x\nContent-Type: a/b\n\n"), std::string("\r"), std::string("--b--\n")}) {
    const std::string flood = Repeat(piece, 4'000'000 / piece.size());
    for (const char* boundary : {"b", "\"\"", "---------------------------------------------x"}) {
      const std::string raw = head + boundary + "\r\n\r\n" + flood;
      const Message message = Message::Parse(raw, Limits());
      EXPECT_LE(message.parts().size(), Limits().mime_parts) << piece;
      EXPECT_LE(message.defects().size(), Limits().defects) << piece;
    }
  }
}

TEST(Resources, TenThousandFieldsAreCutAndTheBodyIsFound) {
  const std::string raw = Repeat("X: y\r\n", 10'000) + "\r\nPAYLOAD";
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(message.root().fields.size(), Limits().header_fields);
  EXPECT_TRUE(Has(message, DefectId::kTooManyHeaders));
  EXPECT_EQ(message.Body(message.root()), "PAYLOAD");
}

TEST(Resources, AGradeCIsListedEvenWhenTheListIsFull) {
  Limits limits;
  limits.defects = 1;
  const std::string raw = "Subject: 1\r\nSubject: 2\r\nFrom: a@b.c\r\nFrom: d@e.f\r\n\r\nx";
  const Message message = Message::Parse(raw, limits);
  EXPECT_TRUE(Has(message, DefectId::kDuplicateFrom));
}

}  // namespace
}  // namespace gatepost::mail
