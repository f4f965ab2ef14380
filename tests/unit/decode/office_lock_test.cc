// Office files with passwords: what Excel and PowerPoint open without asking, and what the words of
// the message open. Locks are compared with the examples that other programs' tests print.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/office_lock.h"

#include <gtest/gtest.h>

#include "src/decode/ole.h"
#include "tests/unit/decode/make.h"
#include "tests/unit/decode/make_locked.h"

namespace gatepost::decode {
namespace {

const std::string kExcels = "VelvetSweatshop";

std::string Cell(const std::string& text) {
  return SheetRecord(0x204, Le(0, 6) + Le(text.size(), 2) + Le(0, 1) + text);
}

// One sheet with a name and as many cells as fill more than one block.
std::string Sheet() {
  std::string records = SheetRecord(0x85, Le(77, 4) + Le(0, 2) + Le(4, 1) + Le(0, 1) + "Plan");
  for (int i = 0; i < 100; ++i) {
    records += Cell("cell number " + std::to_string(i));
  }
  return records + Cell("the budget of the department");
}

bool IsRead(const Leaves& leaves, const std::string& text = "the budget of the department") {
  return TextOf(leaves, "attachment").find(text) != std::string::npos;
}

bool StaysLocked(const Leaves& leaves) {
  return HasUnscannable(leaves, Reason::kEncrypted) && Fact(leaves, "document.encrypted") &&
         !Fact(leaves, "document.default-password");
}

std::string Hex16(Bytes hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

struct MailLeaves {
  MailLeaves(const std::string& text, const std::string& name, const std::string& file,
             const Limits& limits = Limits())
      : mail(MailWith(text, name, file)), leaves(Decode(mail.message, limits)) {}
  ParsedMail mail;
  Leaves leaves;
};

TEST(OfficeLock, Rc4OpensWithTheWordOfAnExample) {
  const auto lock = Rc4Lock::Read(Le(1, 2) + Le(1, 2) +
                                  Hex16("e8772c1d91c56a37964761b280183217"
                                        "c9e997d454973d310bb1ba701426837e"
                                        "b1de178f07e989c44dae5e4cf96ac407"));
  ASSERT_NE(lock, nullptr);
  EXPECT_FALSE(lock->Opens(OfficePassword("password2")));
  EXPECT_TRUE(lock->Opens(OfficePassword("password1")));
}

TEST(OfficeLock, StandardOpensWithTheWordOfAnExample) {
  const std::string header =
      Le(0x24, 4) + Le(0, 4) + Le(0x660e, 4) + Le(0x8004, 4) + Le(128, 4) + Le(0x18, 4) + Le(0, 8);
  const auto lock = PackageLock::Read(
      Le(4, 2) + Le(2, 2) + Le(0x24, 4) + Le(header.size(), 4) + header + Le(16, 4) +
      Hex16("e88266490c5bd1eebd2b4394e3f830ef516f732e966fac17b1c5d7d8cc36c928") + Le(20, 4) +
      Hex16("2b6168dabe2911ad2bd37c1746745c14d3cf1bb140a48f4e6f3d23880872b16a"));
  ASSERT_NE(lock, nullptr);
  EXPECT_FALSE(lock->Opens(OfficePassword("Password1234")));
  EXPECT_TRUE(lock->Opens(OfficePassword("Password1234_")));
}

TEST(OfficeLock, AgileOpensWithTheWordOfAnExample) {
  const std::string how =
      R"( blockSize="16" keyBits="256" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC")"
      R"( hashAlgorithm="SHA512" saltValue=")" +
      Base64(Hex16("cbca1c999343fbad92075634150034b0")) + "\"";
  const auto lock = PackageLock::Read(
      Le(4, 2) + Le(4, 2) + Le(0x40, 4) + "<encryption><keyData" + how +
      R"(/><p:encryptedKey spinCount="100000")" + how + " encryptedVerifierHashInput=\"" +
      Base64(Hex16("39eea54e26e514798c284bc7714d38ac")) + "\" encryptedVerifierHashValue=\"" +
      Base64(Hex16("14376d6d817334e6b0ff4fd8221a7c678e5d8a784e8f999f4c188930c36a4b29"
                   "c5b333605b5cd403b05003adcf18cca8cbab8debe373c65604a0becfae5c0ad0")) +
      "\" encryptedKeyValue=\"" + Base64(std::string(32, 'k')) + "\"/></encryption>");
  ASSERT_NE(lock, nullptr);
  EXPECT_FALSE(lock->Opens(OfficePassword("password1234_")));
  EXPECT_TRUE(lock->Opens(OfficePassword("Password1234_")));
}

TEST(OfficeLock, XorMakesThePadOfAnExample) {
  XorLock lock(20810, 52250);
  EXPECT_FALSE(lock.Opens(OfficePassword("abd")));
  ASSERT_TRUE(lock.Opens(OfficePassword("abc")));
  std::string pad;
  for (uint64_t i = 0; i < 16; ++i) {
    pad.push_back(lock.OfSheet('\0', i));
  }
  EXPECT_EQ(Hex(pad), "accca4abd6bac3bad6a32b45d37929bb");
}

TEST(OfficeLock, PasswordsAreUtf16) {
  EXPECT_EQ(OfficePassword("a\xe1\xba\xad"), std::string("a\0\xad\x1e", 4));
  EXPECT_EQ(OfficePassword("\xf0\x9f\x98\x80"), "\x3d\xd8" + std::string("\0\xde", 2));
  EXPECT_EQ(OfficePassword(std::string(1000, 'x')).size(), 510U);
}

TEST(OfficeUnlock, AWorkbookBehindExcelsOwnPasswordIsReadWithoutAnyWord) {
  for (const bool crypto_api : {false, true}) {
    const Opened leaves =
        OpenBytes("a.xls", MakeLockedXls(TestRc4(crypto_api, kExcels), Sheet()), Limits());
    EXPECT_TRUE(IsRead(leaves));
    EXPECT_NE(TextOf(leaves, "attachment").find("Plan\n"), std::string::npos);
    EXPECT_TRUE(Fact(leaves, "document.default-password"));
    EXPECT_TRUE(Fact(leaves, "document.encrypted"));
    EXPECT_FALSE(Fact(leaves, "archive.password-in-mail"));
    EXPECT_TRUE(leaves.unscannable.empty());
    EXPECT_TRUE(HasLeaf(leaves, "a.xls/a.xls"));
  }
  for (const std::string digest : {"SHA1", "SHA256", "SHA384", "SHA512"}) {
    AgileOptions options;
    options.digest = digest;
    const std::string xlsx = MakeXlsx("the budget of the department" + std::string(9000, 'x'));
    const Opened leaves = OpenBytes("a.xlsx", MakeAgilePackage(kExcels, xlsx, options), Limits());
    EXPECT_TRUE(IsRead(leaves)) << digest;
    EXPECT_TRUE(Fact(leaves, "document.default-password"));
    EXPECT_TRUE(leaves.unscannable.empty());
    EXPECT_TRUE(leaves.defects.empty());
  }
  const Opened leaves = OpenBytes(
      "a.xlsb", MakeStandardPackage(kExcels, MakeXlsx("the budget of the department")), Limits());
  EXPECT_TRUE(IsRead(leaves));
  EXPECT_TRUE(leaves.unscannable.empty());
}

TEST(OfficeUnlock, APresentationBehindPowerPointsOwnPasswordIsRead) {
  const std::string word = "/01Hannes Ruescher/01";
  const Opened ppt = OpenBytes("a.ppt", MakeLockedPpt(TestRc4(true, word), "the title"), Limits());
  EXPECT_EQ(TextOf(ppt, "attachment"), "the title\nsecond\n");
  EXPECT_TRUE(Fact(ppt, "document.default-password"));
  EXPECT_TRUE(ppt.unscannable.empty());
  const std::string package =
      MakeOoxml({{"ppt/slides/slide1.xml", "<p:sld><a:t>the title</a:t></p:sld>"}});
  EXPECT_TRUE(IsRead(OpenBytes("a.pptx", MakeAgilePackage(word, package), Limits()), "the title"));
}

TEST(OfficeUnlock, AFileWithoutATellingNameIsTriedWithAllOfThem) {
  for (const std::string& word : {kExcels, std::string("/01Hannes Ruescher/01"), std::string()}) {
    EXPECT_TRUE(IsRead(
        OpenBytes("", MakeAgilePackage(word, MakeXlsx("the budget of the department")), Limits())))
        << word;
  }
}

TEST(OfficeUnlock, AWordOfTheMessageOpensEveryKind) {
  const std::string word = "Kh0a-2026";
  const std::string text = "Mat khau la " + word + " nhe";
  const std::string xlsx = MakeXlsx("the budget of the department");
  const std::pair<std::string, std::string> kFiles[] = {
      {"a.xls", MakeLockedXls(TestRc4(false, word), Sheet())},
      {"a.xls", MakeLockedXls(TestRc4(true, word), Sheet())},
      {"a.xls", MakeLockedXls(TestRc4(true, word, 40), Sheet())},
      {"a.xls", MakeLockedXls(TestRc4(true, word, 56), Sheet())},
      {"a.doc", MakeLockedDoc(TestRc4(false, word), "the budget of the department\r", "")},
      {"a.doc", MakeLockedDoc(TestRc4(true, word), "the budget of the department\r", "")},
      {"a.ppt", MakeLockedPpt(TestRc4(true, word), "the budget of the department")},
      {"a.xlsx", MakeAgilePackage(word, xlsx)},
      {"a.docx", MakeStandardPackage(word, xlsx)}};
  for (const auto& [name, file] : kFiles) {
    const MailLeaves opened(text, name, file);
    EXPECT_TRUE(IsRead(opened.leaves)) << name;
    EXPECT_TRUE(opened.leaves.unscannable.empty()) << name;
    EXPECT_TRUE(Fact(opened.leaves, "document.encrypted"));
    EXPECT_TRUE(Fact(opened.leaves, "archive.password-in-mail"));
    EXPECT_FALSE(Fact(opened.leaves, "document.default-password"));
    EXPECT_TRUE(HasLeaf(opened.leaves, name + "/" + name));
    const MailLeaves closed("The password comes by telephone.", name, file);
    EXPECT_TRUE(StaysLocked(closed.leaves)) << name;
    EXPECT_FALSE(IsRead(closed.leaves));
  }
}

TEST(OfficeUnlock, WhatAWordOpensByXorIsReadAndStaysEncryptedAsAnotherWordMayOpenItToo) {
  const MailLeaves by_xor("The password is abc", "a.xls", MakeXorXls(Sheet()));
  EXPECT_TRUE(IsRead(by_xor.leaves));
  EXPECT_TRUE(StaysLocked(by_xor.leaves));
  EXPECT_TRUE(Fact(by_xor.leaves, "archive.password-in-mail"));
}

TEST(OfficeUnlock, MacrosAndObjectsBehindALockAreSeen) {
  const std::string source = "Attribute VB_Name = \"M\"\r\nSub Workbook_Open()\r\nEnd Sub\r\n";
  std::string module = "\x01";
  std::string chunk;
  for (size_t at = 0; at < source.size(); at += 8) {
    chunk += '\0' + source.substr(at, 8);
  }
  module += Le(0xb000 | (chunk.size() - 1), 2) + chunk;
  const Opened xls = OpenBytes(
      "a.xls",
      MakeLockedXls(TestRc4(false, kExcels), Sheet(), {{"_VBA_PROJECT_CUR/VBA/M", module}}),
      Limits());
  EXPECT_TRUE(Fact(xls, "document.macros"));
  EXPECT_TRUE(Fact(xls, "document.macro-autorun"));
  EXPECT_TRUE(HasLeaf(xls, "a.xls/a.xls/macro/M.txt"));
  const std::string object =
      MakeCfb({{"\x01"
                "CompObj",
                "x"}});
  const MailLeaves doc("pass: b1-b2", "a.doc",
                       MakeLockedDoc(TestRc4(true, "b1-b2"), "text\r", "pictures" + object));
  EXPECT_TRUE(Fact(doc.leaves, "document.ole-object"));
  EXPECT_TRUE(HasLeaf(doc.leaves, "a.doc/a.doc/Data"));
}

TEST(OfficeUnlock, PropertiesBehindTheLockAreRead) {
  const TestRc4 lock(true, kExcels);
  // One property set with a title.
  const std::string set = Le(0xfffe, 2) + std::string(22, '\0') + Le(1, 4) + std::string(16, '\0') +
                          Le(48, 4) + Le(0, 4) + Le(1, 4) + Le(2, 4) + Le(16, 4) + Le(0x1e, 4) +
                          Le(7, 4) + "secret" + Le(0, 2);
  const std::string name = "\x05SummaryInformation";
  const std::string list = Le(1, 4) + Le(8, 4) + Le(set.size(), 4) + Le(1, 2) + Le(name.size(), 1) +
                           Le(1, 1) + Le(0, 4) + Utf16(name) + Le(0, 2);
  const auto with = [&](const std::string& properties) {
    return OpenBytes("a.xls", MakeLockedXls(lock, Sheet(), {{"encryption", properties}}), Limits());
  };
  const Opened leaves = with(lock.Cipher(Le(8 + set.size(), 4) + Le(list.size(), 4), 0, SIZE_MAX) +
                             lock.Cipher(set, 1, SIZE_MAX) + lock.Cipher(list, 0, SIZE_MAX));
  EXPECT_EQ(TextOf(leaves, "docprops"), "secret\n");
  EXPECT_TRUE(leaves.unscannable.empty());
  EXPECT_TRUE(HasUnscannable(with("what nobody can read"), Reason::kEncrypted));
}

TEST(OfficeUnlock, WhatPivotTablesRememberIsDeciphered) {
  const TestRc4 lock(false, kExcels);
  const std::string head = SheetRecord(0xc6, Le(0, 4) + Le(1, 2) + std::string(12, '\0'));
  const std::string cache = head + SheetRecord(0xcd, Le(6, 2) + Le(0, 1) + "secret");
  std::string locked = lock.Cipher(cache, 0, 1024);
  locked.replace(0, 4, cache, 0, 4);
  locked.replace(head.size(), 4, cache, head.size(), 4);
  for (const std::string& stream : {locked, cache}) {
    EXPECT_TRUE(IsRead(
        OpenBytes("a.xls", MakeLockedXls(lock, Sheet(), {{"_SX_DB_CUR/0001", stream}}), Limits()),
        "secret"));
  }
}

TEST(OfficeUnlock, ADefaultPasswordIsTriedBehindALockThatAWordOpens) {
  const std::string inner = MakeLockedXls(TestRc4(true, kExcels), Sheet());
  const MailLeaves opened("password: zz-99", "a.docx",
                          MakeAgilePackage("zz-99", MakeOoxml({{"word/embeddings/a.xls", inner}})));
  EXPECT_TRUE(IsRead(opened.leaves));
  EXPECT_TRUE(Fact(opened.leaves, "document.default-password"));
}

TEST(OfficeUnlock, AFilePassThatExcelDoesNotObeyOpensNothing) {
  const TestRc4 lock(false, kExcels);
  const std::string bof = SheetRecord(0x809, Le(0x600, 2) + Le(5, 2) + std::string(12, '\0'));
  const std::string stream =
      bof + Cell("first") + SheetRecord(0x2f, Le(1, 2) + lock.Header()) + Cell("legible to Excel");
  const Opened leaves = OpenBytes("a.xls", MakeCfb({{"Workbook", stream}}), Limits());
  EXPECT_TRUE(StaysLocked(leaves));
}

TEST(OfficeUnlock, AFilePassThatEndsBeforeItsLockIsNoneAndThrowsNothing) {
  const std::string bof = SheetRecord(0x809, Le(0x600, 2) + Le(5, 2) + std::string(12, '\0'));
  for (const std::string& pass : {std::string(), Le(1, 1), Le(1, 2), Le(1, 3), Le(0, 5)}) {
    const std::string stream = bof + SheetRecord(0x2f, pass) + Cell("the budget");
    const Opened leaves = OpenBytes("a.xls", MakeCfb({{"Workbook", stream}}), Limits());
    EXPECT_TRUE(StaysLocked(leaves)) << pass.size();
  }
}

TEST(OfficeUnlock, APresentationThatSaysThatItIsLegibleIsNotDeciphered) {
  std::string file = MakeLockedPpt(TestRc4(true, "/01Hannes Ruescher/01"), "the title");
  const size_t at = file.find(Le(0xf3d1c4df, 4));
  ASSERT_NE(at, std::string::npos);
  file.replace(at, 4, Le(0xe391c05f, 4));
  EXPECT_TRUE(StaysLocked(OpenBytes("a.ppt", file, Limits())));
}

TEST(OfficeUnlock, OfTwoKeysNoneIsTried) {
  const std::string xlsx = MakeXlsx("the budget of the department");
  AgileOptions two;
  two.more = "<p:encryptedKey spinCount=\"1\"/>";
  EXPECT_TRUE(StaysLocked(OpenBytes("a.xlsx", MakeAgilePackage(kExcels, xlsx, two), Limits())));
}

TEST(OfficeLock, AMillionRoundsAreNotSpentOnAWord) {
  const std::string salt = Base64(std::string(16, 's'));
  const auto read = [&salt](const std::string& rounds) {
    const std::string how =
        R"( blockSize="16" keyBits="256" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC")"
        R"( hashAlgorithm="SHA512" saltValue=")" +
        salt + "\"";
    return PackageLock::Read(Le(4, 2) + Le(4, 2) + Le(0x40, 4) + "<encryption><keyData" + how +
                             "/><p:encryptedKey spinCount=\"" + rounds + "\"" + how +
                             " encryptedVerifierHashInput=\"" + salt +
                             "\" encryptedVerifierHashValue=\"" + salt + "\" encryptedKeyValue=\"" +
                             salt + "\"/></encryption>");
  };
  ASSERT_NE(read("1000000"), nullptr);
  EXPECT_GT(read("1000000")->cost(), 10'000U);
  EXPECT_GT(read("100000")->cost(), 1'000U);
  for (const char* rounds : {"1000001", "4294967297", "-1", "1e9", "", " 1", "0x10"}) {
    EXPECT_EQ(read(rounds), nullptr) << rounds;
  }
}

TEST(OfficeUnlock, APackageShorterThanItSaysIsDamaged) {
  AgileOptions options;
  options.declared_size = 1'000'000;
  const Opened leaves = OpenBytes(
      "a.xlsx", MakeAgilePackage(kExcels, MakeXlsx("the budget of the department"), options),
      Limits());
  EXPECT_TRUE(IsRead(leaves));
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kDamaged));
}

TEST(OfficeUnlock, OfTwoPackagesEitherMayBeShorterThanItSays) {
  for (const bool first_short : {false, true}) {
    std::vector<OleStream> streams;
    for (const bool first : {true, false}) {
      AgileOptions options;
      options.declared_size = first == first_short ? 1'000'000 : -1;
      const std::string xlsx = MakeXlsx("the budget of the department");
      const OleFile file = ReadOle(MakeAgilePackage(kExcels, xlsx, options), SIZE_MAX);
      for (const OleStream& stream : file.streams) {
        streams.push_back({std::string(first ? "a" : "b") + "/" + stream.path, stream.bytes});
      }
    }
    const Opened leaves = OpenBytes("a.xlsx", WriteOle(streams), Limits());
    EXPECT_TRUE(IsRead(leaves));
    EXPECT_TRUE(HasUnscannable(leaves, Reason::kDamaged)) << first_short;
  }
}

TEST(OfficeUnlock, WhereTheTriesEndBeforeTheWordsTheFileStaysLocked) {
  AgileOptions options;
  options.rounds = 100'000;
  std::string words;
  for (int i = 0; i < 100; ++i) {
    words += "word" + std::to_string(i) + " ";
  }
  const MailLeaves leaves(words + "Kh0a-2026", "a.docx",
                          MakeAgilePackage("Kh0a-2026", MakeXlsx("x"), options));
  EXPECT_TRUE(StaysLocked(leaves.leaves));
}

TEST(OfficeUnlock, OfDearLocksTheWordThatLooksChosenIsTriedEarly) {
  AgileOptions options;
  options.rounds = 100'000;
  const MailLeaves leaves(
      "Kính gửi anh chị, em gửi mật khẩu mở tệp trong thư này để anh chị tiện xem trước khi họp "
      "với "
      "ban giám đốc vào sáng mai: Kh0a-2026 . Em cảm ơn anh chị nhiều",
      "a.docx", MakeAgilePackage("Kh0a-2026", MakeXlsx("the budget of the department"), options));
  EXPECT_TRUE(IsRead(leaves.leaves));
}

TEST(OfficeUnlock, DamageAnywhereMeansLockedOrReadAndNothingElse) {
  const std::string word = "Kh0a-2026";
  const std::string files[] = {MakeLockedXls(TestRc4(true, word), Cell("the budget")),
                               MakeLockedDoc(TestRc4(false, word), "the budget\r", "data"),
                               MakeLockedPpt(TestRc4(true, word), "the budget"),
                               MakeAgilePackage(word, MakeXlsx("the budget"))};
  for (const std::string& file : files) {
    for (size_t at = 8; at < file.size(); at += 37) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ (at % 2 == 0 ? 0xff : 0x10));
      const MailLeaves changed("password: " + word, "a.xls", damaged);
      EXPECT_TRUE(!changed.leaves.unscannable.empty() || !changed.leaves.texts.empty()) << at;
      if (at % 5 == 0) {
        const MailLeaves cut("password: " + word, "a.xls", file.substr(0, at));
        EXPECT_GE(cut.leaves.leaves.size(), 2U);
      }
    }
  }
}

}  // namespace
}  // namespace gatepost::decode
