// Text and times as they stand in mail of our own.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/writing.h"

#include <gtest/gtest.h>

#include "src/mail/message.h"

namespace gatepost::mail {
namespace {

TEST(Writing, EncodedWordsNeverCutALetter) {
  const std::string text = "Thư của bạn đang được giữ lại để xem xét, xin chờ kết quả";
  const std::string words = EncodedWords(text);
  EXPECT_NE(words.find("\r\n =?UTF-8?B?"), std::string::npos);
  std::string unfolded = words;
  for (size_t at = unfolded.find("\r\n"); at != std::string::npos; at = unfolded.find("\r\n")) {
    unfolded.erase(at, 2);
  }
  EXPECT_EQ(DecodeEncodedWords(unfolded), text) << "our own reader reads what our writer writes";
  EXPECT_EQ(EncodedWords("plain"), "plain");
  EXPECT_NE(EncodedWords("=?UTF-8?B?eA==?="), "=?UTF-8?B?eA==?=");
}

TEST(Writing, QuotedPrintableHasNoLongLineAndNoDotThatEndsTheMail) {
  const std::string text = QuotedPrintable(".\nFrom here\n" + std::string(200, 'x') + "\nlast ");
  EXPECT_EQ(text.rfind("=2E\r\n=46rom here\r\n", 0), 0U) << text;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find("\r\n", at), text.size());
    EXPECT_LE(end - at, 76U);
    at = end + 2;
  }
  EXPECT_EQ(text.substr(text.size() - 3), "=20") << "a blank at the end of a line is lost";
}

TEST(Writing, ADateIsEnglishAndInUtc) {
  EXPECT_EQ(MailDate(1'795'725'824'000), "Thu, 26 Nov 2026 20:43:44 +0000");
}

}  // namespace
}  // namespace gatepost::mail
