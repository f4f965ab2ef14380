// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sniff.h"

#include <gtest/gtest.h>

namespace gatepost::decode {
namespace {

TEST(Sniff, ContentComesBeforeNameAndLabel) {
  EXPECT_EQ(Sniff("PK\x03\x04rest of it", "a.txt", "text/plain"), Type::kZip);
  EXPECT_EQ(Sniff("%PDF-1.7\n", "a.doc", "application/msword"), Type::kPdf);
  EXPECT_EQ(Sniff("{\\rtf1 x}", "a.doc", "application/msword"), Type::kRtf);
  EXPECT_EQ(Sniff(std::string(1000, '\0')
                      .replace(0, 4,
                               "\x7f"
                               "ELF"),
                  "a.jpg", "image/jpeg"),
            Type::kExecutable);
}

TEST(Sniff, APdfMayBeginBehindJunk) {
  EXPECT_EQ(Sniff(std::string(900, '\x01') + "%PDF-1.4\n", "", ""), Type::kPdf);
}

TEST(Sniff, ByItsNameAPdfMayBeginFarBehindJunkOrHaveNoHeader) {
  const std::string rest = "1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n";
  const std::string far = std::string(9000, 'x') + "\n%PDF-1.4\n" + rest;
  EXPECT_EQ(Sniff(far, "a.pdf", "application/octet-stream"), Type::kPdf);
  EXPECT_EQ(Sniff(rest, "a", "application/pdf"), Type::kPdf);
  EXPECT_EQ(Sniff(rest, "a.txt", "text/plain"), Type::kText);
  EXPECT_EQ(Sniff("A letter named in jest.", "a.pdf", "application/pdf"), Type::kText);
}

TEST(Sniff, ALetterAboutPdfStaysALetter) {
  EXPECT_EQ(Sniff("The file begins with %PDF-1.4 and then...", "", "text/plain"), Type::kText);
}

TEST(Sniff, WordsThatBeginLikeAMagicAreText) {
  EXPECT_EQ(Sniff("MZ is how programs begin, he wrote.", "", "text/plain"), Type::kText);
  EXPECT_EQ(Sniff("BZh, 070701, whatever", "", "text/plain"), Type::kText);
}

TEST(Sniff, LegacyVietnameseBytesAreText) {
  EXPECT_EQ(Sniff("C\xe9ng h\xdf"
                  "a x\xb7 h\xe9i ch\xf1 ngh\xdc"
                  "a Vi\xd6t Nam",
                  "a.txt", ""),
            Type::kText);
  // VISCII has letters among the control characters.
  EXPECT_EQ(Sniff("C\xb5ng h\xf2"
                  "a x\xe3 h\xb5i ch\xfc ngh\x14 a vi\x19t nam, d\x05n ch\xfc c\xb5ng h\xf2"
                  "a",
                  "a.txt", "text/plain"),
            Type::kText);
}

TEST(Sniff, Utf16WithoutAMarkIsText) {
  EXPECT_EQ(Sniff(std::string("T\0o\0i\0 \0m\0a\0t\0", 14), "", "text/plain"), Type::kText);
}

TEST(Sniff, RandomBytesAreBinary) {
  std::string noise;
  uint32_t state = 7;
  for (int i = 0; i < 4000; ++i) {
    state = state * 1664525U + 1013904223U;
    noise.push_back(static_cast<char>(state >> 24));
  }
  EXPECT_EQ(Sniff(noise, "x.bin", "application/octet-stream"), Type::kBinary);
}

TEST(Sniff, WhatABrowserRunsIsHtml) {
  EXPECT_EQ(Sniff("<svg onload=alert(1)>", "x.svg", "image/svg+xml"), Type::kHtml);
  EXPECT_EQ(Sniff("\xef\xbb\xbf  <!DOCTYPE html><html>", "x", "application/octet-stream"),
            Type::kHtml);
}

TEST(Sniff, MailCardsAndCalendarsAreTold) {
  EXPECT_EQ(Sniff("From: a@b\r\nSubject: x\r\n\r\nhi", "", "application/octet-stream"),
            Type::kMessage);
  EXPECT_EQ(Sniff("BEGIN:VCARD\r\n", "", "text/x-vcard"), Type::kVcard);
  EXPECT_EQ(Sniff("BEGIN:VCALENDAR\r\n", "", ""), Type::kCalendar);
}

TEST(Sniff, NothingIsEmpty) { EXPECT_EQ(Sniff("", "a.zip", "application/zip"), Type::kEmpty); }

TEST(Extension, TrailingDotsAndBlanksDoNotHideIt) {
  EXPECT_EQ(Extension("invoice.pdf.EXE . "), "exe");
  EXPECT_TRUE(IsExecutableExtension("scr"));
  EXPECT_FALSE(IsExecutableExtension("docx"));
}

TEST(Reasons, EveryWordComesBack) {
  for (int i = 0; i <= static_cast<int>(kLastReason); ++i) {
    const auto reason = static_cast<Reason>(i);
    Reason back = Reason::kEncrypted;
    ASSERT_TRUE(ReasonFromString(ToString(reason), &back));
    EXPECT_EQ(back, reason);
    EXPECT_STRNE(SentenceEn(reason), SentenceVi(reason));
  }
  Reason ignored = Reason::kEncrypted;
  EXPECT_FALSE(ReasonFromString("no-such-word", &ignored));
}

}  // namespace
}  // namespace gatepost::decode
