// Charsets that headers name.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/charset.h"

#include <gtest/gtest.h>

#include "src/mail/message.h"

namespace gatepost::mail {
namespace {

TEST(Charset, VisciiIsReadByName) {
  bool known = false;
  EXPECT_EQ(ConvertToUtf8("TUY\x8ET M\x87T", "VISCII", &known), "TUYỆT MẬT");
  EXPECT_TRUE(known);
  EXPECT_EQ(ConvertToUtf8("\x02\x05\x06\x14\x19\x1E", "viscii", nullptr), "ẲẴẪỶỸỴ");
  EXPECT_EQ(ConvertToUtf8("\xD0\x80I", "csviscii", nullptr), "ĐẠI");
  // A lie: it is UTF-8.
  EXPECT_EQ(ConvertToUtf8("MẬT", "viscii", nullptr), "MẬT");
}

TEST(Charset, EncodedWordsInVisciiAreRead) {
  const std::string raw = "Subject: =?viscii?Q?K=AA_ho=D5ch?= =?viscii?B?bYd0?=\r\n\r\nx";
  const Message message = Message::Parse(raw, Limits());
  EXPECT_EQ(message.Text(message.root(), "Subject"), "Kế hoạchmẬt");
}

}  // namespace
}  // namespace gatepost::mail
