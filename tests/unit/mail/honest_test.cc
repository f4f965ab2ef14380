// What honest programs write and standards frown upon: named, but no ground to stop a mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/unit/mail/mail_testing.h"

namespace gatepost::mail {
namespace {

bool IsHarmless(const Message& message) {
  return std::all_of(message.defects().begin(), message.defects().end(),
                     [](const Defect& defect) { return defect.grade == Grade::kA; });
}

TEST(Honest, ADeliveryReportReturnsTheHeaderOfAMailOfParts) {
  for (const char* type : {"text/rfc822-headers", "message/rfc822"}) {
    const std::string raw = Crlf(
        std::string("MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\n\nno\n"
                    "--b\nContent-Type: ") +
        type +
        "\n\nSubject: plan\nContent-Type: multipart/mixed; boundary=xyz\nMIME-Version: 1.0\n\n"
        "--b--\n");
    const Message message = Message::Parse(raw, Limits());
    EXPECT_TRUE(IsHarmless(message)) << type << ": " << Names(message);
  }
}

TEST(Honest, APartOfPartsThatAreMissingIsStillNoted) {
  const std::string raw = Crlf(
      "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xyz\n\nwords and no boundary\n");
  EXPECT_FALSE(IsHarmless(Message::Parse(raw, Limits())));
}

TEST(Honest, ThunderbirdNamesItsSignatureTwice) {
  const auto part = [](const std::string& type, const std::string& name) {
    return Crlf("MIME-Version: 1.0\nContent-Type: " + type + "; name=\"" + name +
                "\"\nContent-Disposition: attachment; filename=\"OpenPGP_signature\"\n\nx\n");
  };
  const std::string good = part("application/pgp-signature", "OpenPGP_signature.asc");
  EXPECT_TRUE(IsHarmless(Message::Parse(good, Limits())));
  for (const std::string& bad : {part("application/pgp-signature", "OpenPGP_signature.exe"),
                                 part("application/octet-stream", "OpenPGP_signature.asc")}) {
    EXPECT_FALSE(IsHarmless(Message::Parse(bad, Limits()))) << bad;
  }
}

TEST(Honest, ANameWithASignAndNoDomainShowsNoAddress) {
  const std::string good = Crlf("From: An @ Home <an@a.example>\n\nx\n");
  EXPECT_TRUE(IsHarmless(Message::Parse(good, Limits()))) << Names(Message::Parse(good, Limits()));
  const std::string bad = Crlf("From: \"chief @ bank.example\" <an@a.example>\n\nx\n");
  EXPECT_FALSE(IsHarmless(Message::Parse(bad, Limits())));
}

TEST(Honest, ANameInEncodedWordsIsFoldedBetweenThem) {
  const auto part = [](const std::string& name) {
    return Crlf("MIME-Version: 1.0\nContent-Type: application/pdf; name=\"" + name +
                "\"\nContent-Disposition: attachment; filename=\"" + name + "\"\n\nx\n");
  };
  const std::string good = part("=?UTF-8?B?QsOhbyBjw6FvIA==?=\n =?UTF-8?B?bsSDbS5wZGY=?=");
  EXPECT_TRUE(IsHarmless(Message::Parse(good, Limits()))) << Names(Message::Parse(good, Limits()));
  const std::string bad = part("report.pdf\n .exe");
  EXPECT_FALSE(IsHarmless(Message::Parse(bad, Limits())));
}

TEST(Honest, AFileUnderATypeOfPartsWithoutBoundaryIsNotRefused) {
  const auto of = [](const std::string& type) {
    return Crlf("MIME-Version: 1.0\nContent-Type: " + type +
                "; name=a.zip\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n");
  };
  const auto worst = [](const Message& message) {
    Grade grade = Grade::kA;
    for (const Defect& defect : message.defects()) {
      grade = std::max(grade, defect.grade);
    }
    return grade;
  };
  EXPECT_LT(worst(Message::Parse(of("multipart/x-zip"), Limits())), Grade::kC);
  EXPECT_LT(worst(Message::Parse(of("multipart/related"), Limits())), Grade::kC);
  EXPECT_EQ(worst(Message::Parse(of("multipart/mixed; boundary=b"), Limits())), Grade::kC);
}

}  // namespace
}  // namespace gatepost::mail
