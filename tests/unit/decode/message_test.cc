// Whole messages: parts to leaves, nesting, archives, other containers, facts.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

using mail::DefectId;

Leaves DecodeMail(const ParsedMail& parsed) { return Decode(parsed.message, Limits()); }

std::string Attachment(const std::string& name, const std::string& type, const std::string& bytes) {
  return "--b\r\nContent-Type: " + type +
         "\r\nContent-Transfer-Encoding: base64\r\n"
         "Content-Disposition: attachment; filename=\"" +
         name + "\"\r\n\r\n" + Base64(bytes) + "\r\n";
}

std::string Mixed(const std::string& parts) {
  return "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
         "boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n" +
         parts + "--b--\r\n";
}

TEST(Decode, AnIdentityBodyIsAViewIntoTheMessage) {
  const ParsedMail parsed("From: a@example.com\r\n\r\nHello there\r\n");
  const Opened leaves = DecodeMail(parsed);
  ASSERT_EQ(leaves.leaves.size(), 1U);
  EXPECT_EQ(leaves.leaves[0].bytes, "Hello there\r\n");
  EXPECT_GE(leaves.leaves[0].bytes.data(), parsed.raw.data());
  EXPECT_LT(leaves.leaves[0].bytes.data(), parsed.raw.data() + parsed.raw.size());
  EXPECT_TRUE(leaves.storage.empty());
  EXPECT_FALSE(leaves.leaves[0].is_attachment);
}

TEST(Decode, AttachmentsHaveNamesPathsCharsetsAndAreCounted) {
  const ParsedMail parsed(
      Mixed(Attachment("a.txt", "text/plain; charset=viscii", "abc") +
            Attachment("b.zip", "application/zip", MakeZip({{"in/c.txt", "inside"}}))));
  const Opened leaves = DecodeMail(parsed);
  ASSERT_EQ(leaves.leaves.size(), 4U);
  EXPECT_EQ(leaves.leaves[0].charset, "utf-8");
  EXPECT_EQ(leaves.leaves[0].path, leaves.leaves[0].part_path);
  EXPECT_EQ(leaves.leaves[1].path, "a.txt");
  EXPECT_EQ(leaves.leaves[1].charset, "viscii");
  EXPECT_EQ(leaves.leaves[3].path, "b.zip/in/c.txt");
  EXPECT_EQ(leaves.leaves[3].part, leaves.leaves[2].part);
  EXPECT_EQ(leaves.facts.at("attachment.count"), "2");
}

TEST(Decode, LeavesSurviveBeingMoved) {
  const ParsedMail parsed(Mixed(Attachment("a.txt", "text/plain", "short")));
  Leaves first = DecodeMail(parsed);
  const Leaves second = std::move(first);
  EXPECT_EQ(second.leaves[1].bytes, "short");
}

TEST(Decode, ConflictingPaddingGivesAlternativeLeavesAndADefect) {
  const ParsedMail parsed(
      "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=U0VDUkVU\r\n");
  const Opened leaves = DecodeMail(parsed);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kBase64DataAfterPadding));
  ASSERT_GE(leaves.leaves.size(), 2U);
  EXPECT_FALSE(leaves.leaves[0].is_alternative);
  EXPECT_TRUE(leaves.leaves[1].is_alternative);
  EXPECT_TRUE(AnyLeafContains(leaves, "SECRET"));
}

TEST(Decode, TwoDifferentEncodingsAreBothRead) {
  const ParsedMail parsed(
      "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      Base64("The hidden payload is right here.") + "\r\n");
  EXPECT_TRUE(AnyLeafContains(DecodeMail(parsed), "hidden payload"));
}

TEST(Decode, UnlabelledBase64IsFound) {
  const std::string zip = MakeZip({{"evil.exe", std::string("MZ\0\0evil", 8)}});
  const ParsedMail parsed("From: a@example.com\r\n\r\n" + Base64(zip) + "\r\n");
  const Opened leaves = DecodeMail(parsed);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kEncodingUnlabelled));
  EXPECT_TRUE(Fact(leaves, "executable.attached"));
}

TEST(Decode, FilesInTextAreLeaves) {
  const ParsedMail parsed(
      "From: a@example.com\r\n\r\nSee:\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n");
  const Opened leaves = DecodeMail(parsed);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kInlineFile));
  ASSERT_EQ(leaves.leaves.size(), 2U);
  EXPECT_EQ(leaves.leaves[1].name, "cat.txt");
  EXPECT_EQ(leaves.leaves[1].bytes, "Cat");
}

TEST(Decode, AMessageInBase64IsParsedToItsLeaves) {
  const std::string inner = Mixed(Attachment("deep.txt", "text/plain", "deep words"));
  const ParsedMail parsed(Mixed(Attachment("fwd.eml", "message/rfc822", inner)));
  const Opened leaves = DecodeMail(parsed);
  EXPECT_TRUE(HasLeaf(leaves, "fwd.eml/deep.txt"));
  EXPECT_TRUE(AnyLeafContains(leaves, "deep words"));
}

TEST(Decode, MessagesInMessagesEndAtTheDepthLimit) {
  std::string inner = "From: a@example.com\r\n\r\nlast\r\n";
  for (int i = 0; i < 12; ++i) {
    inner = Mixed(Attachment("f.eml", "message/rfc822", inner));
  }
  const ParsedMail parsed(inner);
  EXPECT_TRUE(HasUnscannable(DecodeMail(parsed), Reason::kTooDeep));
}

TEST(Decode, AProgramThatCallsItselfAPictureIsNamed) {
  std::string program(200, '\0');
  program.replace(0, 2, "MZ");
  const ParsedMail parsed(Mixed(Attachment("cat.jpg", "image/jpeg", program)));
  const Opened leaves = DecodeMail(parsed);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kTypeContradictsContent));
  EXPECT_TRUE(Fact(leaves, "executable.attached"));
}

TEST(Decode, EncryptedMailIsAFact) {
  const ParsedMail pgp("From: a@example.com\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n");
  EXPECT_TRUE(Fact(DecodeMail(pgp), "message.encrypted"));
  const std::string der("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80", 15);
  const Opened leaves = OpenBytes("smime.p7m", der, Limits());
  EXPECT_EQ(leaves.leaves[0].type, Type::kPkcs7);
  EXPECT_TRUE(Fact(leaves, "message.encrypted"));
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
}

TEST(Decode, OpaqueSignedMailIsOpened) {
  const std::string content = "Content-Type: text/plain\r\n\r\nsigned words\r\n";
  const std::string octets = "\x04" + Le(content.size(), 1) + content;
  const std::string explicit0 = "\xa0" + Le(octets.size(), 1) + octets;
  const std::string inner_oid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 11);
  const std::string encap =
      "\x30" + Le(inner_oid.size() + explicit0.size(), 1) + inner_oid + explicit0;
  const std::string signed_data =
      "\x30" + Le(3 + 2 + encap.size(), 1) + std::string("\x02\x01\x01\x31\x00", 5) + encap;
  const std::string outer = std::string("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11) +
                            "\xa0" + Le(signed_data.size(), 1) + signed_data;
  const Opened leaves = OpenBytes("smime.p7m", "\x30" + Le(outer.size(), 1) + outer, Limits());
  EXPECT_TRUE(AnyLeafContains(leaves, "signed words"));
  EXPECT_FALSE(Fact(leaves, "message.encrypted"));
}

TEST(Archive, TarMembersAreLeavesWithVietnameseNames) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  const Opened leaves = OpenBytes(
      "a.tar", MakeTar({{"Công văn mật số 15.txt", "nội dung"}, {"b.zip", MakeZip({{"c", "cc"}})}}),
      Limits());
  EXPECT_TRUE(HasLeaf(leaves, "a.tar/Công văn mật số 15.txt"));
  EXPECT_TRUE(HasLeaf(leaves, "a.tar/b.zip/c"));
}

TEST(Archive, ANameThatNoLocaleReadsIsStillAMember) {
  std::setlocale(LC_CTYPE, "C");
  const Opened leaves = OpenBytes("a.tar",
                                  MakeTar({{"m\xcb"
                                            "t.txt",
                                            "words"}}),
                                  Limits());
  EXPECT_TRUE(AnyLeafContains(leaves, "words"));
  std::setlocale(LC_CTYPE, "C.UTF-8");
}

TEST(Archive, AGzipFileHoldsOneMember) {
  const std::string gzip = std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) +
                           StoredDeflate("compressed words") + Le(0x4c6a7a7cU, 4) + Le(16, 4);
  const Opened leaves = OpenBytes("note.txt.gz", gzip, Limits());
  EXPECT_TRUE(HasLeaf(leaves, "note.txt.gz/note.txt"));
}

// A script whose stub holds the magic so often, then an archive that it unpacks.
std::string SelfExtracting(int lies) {
  std::string out = "#!/bin/sh\ntail -n +3 $0 | tar xz; exit\n";
  for (int i = 0; i < lies; ++i) {
    out += "\n\x1f\x8b\x08 no archive";
  }
  return out + "\n" + std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) +
         StoredDeflate("compressed words") + Le(0x4c6a7a7cU, 4) + Le(16, 4);
}

TEST(Archive, AStubThatHoldsTheMagicOftenHidesNoArchive) {
  const auto opens = [](int lies) {
    const Opened leaves = OpenBytes("a.run", SelfExtracting(lies), Limits());
    return std::any_of(leaves.leaves.begin(), leaves.leaves.end(),
                       [](const Leaf& leaf) { return leaf.bytes == "compressed words"; });
  };
  EXPECT_TRUE(opens(0));
  EXPECT_TRUE(opens(4));
  EXPECT_TRUE(opens(40));
  const auto cut = [](int lies) {
    return HasDefect(OpenBytes("a.run", SelfExtracting(lies), Limits()),
                     mail::DefectId::kReadingsCut);
  };
  EXPECT_FALSE(cut(40));
  EXPECT_TRUE(cut(100));
}

TEST(Archive, BehindAProgramAtTheLastDepthItIsTooDeep) {
  Limits limits;
  limits.archive_depth = 0;
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.run", SelfExtracting(0), limits), Reason::kTooDeep));
  EXPECT_FALSE(HasUnscannable(OpenBytes("a.run", "#!/bin/sh\nexit\n", limits), Reason::kTooDeep));
}

TEST(Archive, ContainersThatNothingOpensAreUnknown) {
  EXPECT_TRUE(
      HasUnscannable(OpenBytes("a.alz", "ALZ\x01 and more", Limits()), Reason::kUnknownType));
  EXPECT_TRUE(HasUnscannable(
      OpenBytes("a.rar", std::string("Rar!\x1a\x07\x00 broken", 15), Limits()), Reason::kDamaged));
}

TEST(Archive, OrdinaryBinariesArePassedOver) {
  const Opened leaves = OpenBytes("a.png", "\x89PNG\r\n\x1a\n rest", Limits());
  EXPECT_TRUE(leaves.unscannable.empty());
  EXPECT_EQ(leaves.leaves[0].type, Type::kImage);
}

TEST(Tnef, AttachmentsAndBodyAreRead) {
  const auto attribute = [](int level, uint32_t id, const std::string& data) {
    return Le(static_cast<uint64_t>(level), 1) + Le(id, 4) + Le(data.size(), 4) + data + Le(0, 2);
  };
  const std::string tnef = Le(0x223e9f78, 4) + Le(1, 2) +
                           attribute(1, 0x0002800c, std::string("body words\0", 11)) +
                           attribute(2, 0x00069002, std::string(14, '\0')) +
                           attribute(2, 0x00018010, std::string("plan.txt\0", 9)) +
                           attribute(2, 0x0006800f, "attached words");
  const Opened leaves = OpenBytes("winmail.dat", tnef, Limits());
  EXPECT_EQ(leaves.leaves[0].type, Type::kTnef);
  EXPECT_TRUE(HasLeaf(leaves, "winmail.dat/plan.txt"));
  EXPECT_TRUE(AnyLeafContains(leaves, "attached words"));
  EXPECT_EQ(TextOf(leaves, "attachment"), "body words\n");
}

TEST(Budget, AllLeavesTogetherStayWithinIt) {
  Limits limits;
  limits.decoded_bytes = 10'000;
  std::vector<TestEntry> entries;
  for (int i = 0; i < 30; ++i) {
    entries.push_back({"f" + std::to_string(i), std::string(1000, static_cast<char>('a' + i))});
  }
  const Opened leaves = OpenBytes("a.zip", MakeZip(entries), limits);
  uint64_t total = 0;
  for (const std::string& stored : leaves.storage) {
    total += stored.size();
  }
  EXPECT_LE(total, limits.decoded_bytes);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
}

}  // namespace
}  // namespace gatepost::decode
