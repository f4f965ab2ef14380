// Our own mail, as it goes over the wire; and the links in it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/letter.h"

#include <gtest/gtest.h>

#include <string>

#include "src/mail/automatic.h"
#include "src/notice/link.h"
#include "src/notice/words.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::notice {
namespace {

Letter Sample() {
  Letter letter;
  letter.from = mail::Address::Parse("gatepost@office.example");
  letter.to = mail::Address::Parse("lan@office.example");
  letter.subject = "Thư của bạn đang được giữ lại để xem xét [GP-20261126-204344-7F3K9QZ2]";
  letter.body = "Lý do: thư rác.\nFrom here\n.\n" + std::string(200, 'x') + " \n";
  letter.kind = "held";
  letter.key = "GP-20261126-204344-7F3K9QZ2:held";
  letter.answers = "<1@office.example>";
  letter.answer = true;
  letter.at_ms = 1'795'725'824'000;  // 2026-11-26 20:43:44 UTC
  return letter;
}

TEST(Letter, IsAnAutomaticAnswerThatNobodyAnswers) {
  const std::string mail = Compose(Sample());
  EXPECT_NE(mail.find("Auto-Submitted: auto-replied\r\n"), std::string::npos) << mail;
  EXPECT_NE(mail.find("In-Reply-To: <1@office.example>\r\n"), std::string::npos) << mail;
  EXPECT_NE(mail.find("Date: Thu, 26 Nov 2026 20:43:44 +0000\r\n"), std::string::npos) << mail;
  EXPECT_TRUE(mail::IsAutomatic(mail));
  EXPECT_EQ(Compose(Sample()), mail) << "the same key gives the same Message-ID";
}

TEST(Letter, EveryLineIsShortAsciiAndEndsWithCrLf) {
  const std::string mail = Compose(Sample());
  size_t at = 0;
  while (at < mail.size()) {
    const size_t end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = mail.substr(at, end - at);
    EXPECT_LE(line.size(), 78U) << line;
    EXPECT_TRUE(IsAscii(line)) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << line;
    EXPECT_NE(line, ".");
    EXPECT_NE(line.rfind("From ", 0), 0U) << line;
    at = end + 2;
  }
}

TEST(Letter, ALineEndInASubjectOrMessageIdIsNoNewField) {
  Letter letter = Sample();
  letter.subject = "x\r\nBcc: evil@outside.example";
  letter.answers = "<1@x>\r\nBcc: evil@outside.example";
  const std::string mail = Compose(letter);
  EXPECT_EQ(mail.find("Bcc:"), std::string::npos) << mail;
  EXPECT_EQ(mail.find("In-Reply-To"), std::string::npos) << mail;
}

TEST(Words, WhatMailIsHeldForIsSaidInTheReadersLanguage) {
  record::Held held;
  held.id = "GP-20261126-204344-7F3K9QZ2";
  held.category = "unscannable";
  Options options;
  options.language = Language::kVietnamese;
  const std::string vi = PriorityText(held, "lan@office.example", options).body;
  EXPECT_NE(vi.find("Phân loại:  không đọc được"), std::string::npos) << vi;
  EXPECT_EQ(vi.find("unscannable"), std::string::npos) << vi;
  held.category = "freemail";
  const std::string late = TooLongText({held}, 1, options).body;
  EXPECT_NE(late.find("hộp thư miễn phí nước ngoài"), std::string::npos) << late;
  options.language = Language::kEnglish;
  const std::string en = PriorityText(held, "lan@office.example", options).body;
  EXPECT_NE(en.find("Category:   free mailbox abroad"), std::string::npos) << en;
  held.category = "a house's own";
  EXPECT_NE(PriorityText(held, "lan@office.example", options).body.find(held.category),
            std::string::npos);
}

TEST(Harmless, MailProgramsMakeNoLinkOfIt) {
  EXPECT_EQ(Harmless("see https://evil.example/x now", 200), "see https[:]//evil[.]example/x now");
  EXPECT_EQ(Harmless("An end. And 3.5", 200), "An end. And 3[.]5");
}

class LinkTest : public record::FolderTest {
 protected:
  Link Sample() {
    Link link;
    link.reader = link.recipient = "lan@office.example";
    link.held_id = "GP-20261126-204344-7F3K9QZ2";
    link.expires_ms = 2'000;
    link.number = std::string(32, 'a');
    return link;
  }
};

TEST_F(LinkTest, SaysWhatWasSigned) {
  const auto signer = LinkSigner::Open(folder_, true);
  ASSERT_TRUE(signer.ok()) << signer.status().message();
  const std::string token = signer->Sign(Sample());
  const auto link = signer->Read(token, 1'000);
  ASSERT_TRUE(link.ok()) << link.status().message();
  EXPECT_EQ(link->reader, "lan@office.example");
  EXPECT_EQ(link->held_id, "GP-20261126-204344-7F3K9QZ2");
  EXPECT_EQ(link->number, std::string(32, 'a'));
  EXPECT_EQ(signer->Read(token, 2'000).status().code(), Code::kNotFound) << "its time is over";
}

TEST_F(LinkTest, EveryForgeryIsRefused) {
  const auto signer = LinkSigner::Open(folder_, true);
  ASSERT_TRUE(signer.ok());
  const std::string token = signer->Sign(Sample());
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(signer->Read(changed, 1'000).status().code(), Code::kInvalid) << i;
    EXPECT_FALSE(signer->Read(token.substr(0, i), 1'000).ok()) << i;
  }
  EXPECT_FALSE(signer->Read(token + "A", 1'000).ok());
  std::filesystem::remove(folder_ + "/mailbox/link.key");
  const auto other = LinkSigner::Open(folder_, true);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->Read(token, 1'000).status().code(), Code::kInvalid) << "another house's";
}

TEST_F(LinkTest, OnlyTheDaemonMakesTheKey) {
  EXPECT_EQ(LinkSigner::Open(folder_, false).status().code(), Code::kNotFound);
}

TEST_F(LinkTest, ANumberIsClaimedOnceUntilItIsGivenBack) {
  const auto used = UsedLinks::Open(folder_);
  ASSERT_TRUE(used.ok());
  const std::string number(32, 'b');
  EXPECT_TRUE(*used->Claim(number));
  EXPECT_FALSE(*used->Claim(number));
  EXPECT_TRUE(used->IsClaimed(number));
  used->GiveBack(number);
  EXPECT_TRUE(*used->Claim(number));
  used->Tidy(NowUnixMs() + 40 * 86'400'000LL);
  EXPECT_FALSE(used->IsClaimed(number));
}

}  // namespace
}  // namespace gatepost::notice
