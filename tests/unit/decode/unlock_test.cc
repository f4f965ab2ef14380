// 7z and RAR with passwords: what the words of a message open, and what stays locked.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/unlock.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/decode/inflate.h"
#include "src/decode/passwords.h"
#include "src/decode/seven_zip.h"
#include "src/decode/transfer.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

constexpr const char* kWord = "Bi-Mat9";
const std::string kLetter = "The budget of the department\n";

// Of 7-Zip 26.02, each with a.txt (kLetter) and the password Bi-Mat9: LZMA, names locked too,
// stored.
constexpr const char* kLzma =
    "N3q8ryccAATkTb+vMAAAAAAAAABeAAAAAAAAACMCAXGnuwSMQUvYHtkvMfMrUK964xPW5X0HfxMZ38eLZhNjC/"
    "QpYyPYiRpx"
    "1NrLKIWt/"
    "JgBBAYAAQkwAAcLAQACJAbxBwESUw9D7ZJtgqkTjXyD7jz5+wrKIwMBAQVdABAAAAEADCEdAAgKAVXvYGcAAAUB"
    "GQsAAAAAAAAAAAAAABENAGEALgB0AHgAdAAAAAAA";
constexpr const char* kNamesToo =
    "N3q8ryccAAR9HdygkAAAAAAAAAAuAAAAAAAAAIogcXxO0AhrDU4bI9s4pd/"
    "UD+cfxcfQRDDfkvCSnuMCAsjYuUJFEBDXO1U7"
    "1s9bOgeSbz6iSNpkiHO7WY+wBHNq/A/"
    "jsRz0ez8NVz2gfj3Sk0nL9LQxynYn0CSiwcsgSUE0uwjN88XnGPH8RjxGSvnt2rXP"
    "p4icHpW5W0UaJRa4E8nvcVOt+EXQ76ewqjTMF4OPw/oXBjABCWAABwsBAAEkBvEHARJTDxJdaDNRm0ziR/"
    "A72ZmLINcMXgoB"
    "d8K1KQAA";
constexpr const char* kStored =
    "N3q8ryccAAQocHjbIAAAAAAAAABOAAAAAAAAAIovZOQis0rg/"
    "5iMe1qM1xIQXOHYwNBBPqbafh+auXWBqFsMaQEEBgABCSAA"
    "BwsBAAIkBvEHARJTD5dA7i+"
    "JY2lsCBYWY4rPD1gBAAEADB0dAAgKAVXvYGcAAAUBGQMAAAARDQBhAC4AdAB4AHQAAAAAAA==";

std::string FromBase64(const std::string& text) {
  std::string out;
  EXPECT_TRUE(DecodeBase64Strict(text, &out));
  return out;
}

std::string MailWith(const std::string& text, const std::string& name, const std::string& file) {
  return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" +
         text + "\r\n--x\r\nContent-Type: application/octet-stream; name=" + name +
         "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Base64(file) + "\r\n--x--\r\n";
}

// What a message makes of an archive: "" where all was opened, and what was not where not.
struct Result {
  std::string text;  // of the member a.txt
  bool encrypted = false;
  bool locked_fact = false;
  bool word_fact = false;
};
Result ResultOf(const Leaves& leaves, const std::string& member) {
  Result out;
  for (const Leaf& leaf : leaves.leaves) {
    out.text += leaf.path == member ? std::string(leaf.bytes) : "";
  }
  out.encrypted = HasUnscannable(leaves, Reason::kEncrypted);
  out.locked_fact = Fact(leaves, "archive.encrypted");
  out.word_fact = Fact(leaves, "archive.password-in-mail");
  return out;
}
Result Read(const std::string& text, const std::string& name, const std::string& file,
            const std::vector<std::string>& given = {}) {
  const ParsedMail mail(MailWith(text, name, file));
  return ResultOf(DecodeWith(mail.message, Limits(), given), name + "/a.txt");
}
void ExpectOpened(const Result& result) {
  EXPECT_EQ(result.text, kLetter);
  EXPECT_FALSE(result.encrypted);
  EXPECT_TRUE(result.locked_fact);
  EXPECT_TRUE(result.word_fact);
}
void ExpectLocked(const Result& result) {
  EXPECT_EQ(result.text, "");
  EXPECT_TRUE(result.encrypted);
  EXPECT_TRUE(result.locked_fact);
  EXPECT_FALSE(result.word_fact);
}

TEST(Unlock, AWordOfTheMessageOpensA7z) {
  for (const char* file : {kLzma, kNamesToo, kStored}) {
    ExpectOpened(Read("The password is: Bi-Mat9", "a.7z", FromBase64(file)));
    ExpectLocked(Read("The password comes by telephone.", "a.7z", FromBase64(file)));
  }
}

TEST(Unlock, WhatAPersonSaysOpensA7z) {
  ExpectOpened(Read("As agreed.", "a.7z", FromBase64(kNamesToo), {"wrong", kWord}));
}

TEST(Unlock, A7zThatIsDamagedBehindItsLockStaysLocked) {
  std::string file = FromBase64(kStored);
  file[40] = static_cast<char>(file[40] ^ 1);  // in the text, so that its checksum is wrong
  ExpectLocked(Read("The password is: Bi-Mat9", "a.7z", file));
}

TEST(Unlock, AnArchiveInAnotherIsOpenedToo) {
  const std::string inner = FromBase64(kLzma);
  const ParsedMail mail(MailWith("Pass: Bi-Mat9", "a.tar", MakeTar({{"b.7z", inner}})));
  EXPECT_EQ(ResultOf(Decode(mail.message, Limits()), "a.tar/b.7z/a.txt").text, kLetter);
}

TEST(Unlock, A7zHeaderComesBackAsItWas) {
  const std::string file = FromBase64(kLzma);
  bool packed = true;
  SevenZipStreams streams;
  ASSERT_TRUE(ReadSevenZipStreams(file, SevenZipHeader(file), 10, &packed, &streams));
  EXPECT_FALSE(packed);
  ASSERT_EQ(streams.folders.size(), 1U);
  EXPECT_TRUE(streams.folders[0].encrypted());
  EXPECT_TRUE(streams.folders[0].all_have_crc);
  EXPECT_EQ(streams.folders[0].first_size, kLetter.size());
  EXPECT_EQ(streams.folders[0].first_crc, Crc32(kLetter));
  const std::string again = WriteSevenZip(streams);
  EXPECT_EQ(SevenZipHeader(again), SevenZipHeader(file));
  SevenZipStreams none;
  EXPECT_FALSE(ReadSevenZipStreams(file, SevenZipHeader(file), 0, &packed, &none));
}

TEST(Unlock, NoCutHeaderOfA7zIsReadBeyondItsEnd) {
  const std::string file = FromBase64(kLzma);
  const Bytes header = SevenZipHeader(file);
  for (size_t i = 0; i < header.size(); ++i) {
    for (const int change : {0, 1, 0x7f, 0xff}) {
      std::string other(header.substr(0, change == 0 ? i : header.size()));
      if (change != 0) {
        other[i] = static_cast<char>(other[i] ^ change);
      }
      bool packed = false;
      SevenZipStreams streams;
      if (ReadSevenZipStreams(file, other, 10, &packed, &streams)) {
        WriteSevenZip(streams);
      }
    }
  }
}

// A 7z of a stored file whose key is made with 2^power rounds.
std::string SevenZipOf(const std::string& text, uint32_t power, bool with_crc = true) {
  const std::string iv(16, 'i');
  std::string key;
  Hasher hasher(Digest::kSha256);
  for (uint64_t i = 0; i < 1ULL << std::min<uint32_t>(power, 10); ++i) {
    hasher.Update(Utf16(kWord));
    hasher.Update(Le(i, 8));
  }
  key = hasher.Finish();
  const std::string padded = text + std::string((16 - text.size() % 16) % 16, '\0');
  const std::string packed = AesCbcEncrypt(key, iv, padded);
  SevenZipFolder folder;
  folder.coders.push_back(SevenZipCoder{
      "\x06\xf1\x07\x01", std::string(1, static_cast<char>(0x40 | power)) + '\x0f' + iv, 1, 1});
  folder.packed = {0};
  folder.sizes = {text.size()};
  folder.has_crc = with_crc;
  folder.crc = Crc32(text);
  folder.packs = {packed};
  return WriteSevenZip(folder);
}

TEST(Unlock, RoundsBeyondWhatAnyProgramWritesAreNotSpent) {
  const auto read = [](const std::string& file) {
    const ParsedMail mail(MailWith("Pass: Bi-Mat9", "a.7z", file));
    return ResultOf(Decode(mail.message, Limits()), "a.7z/m");
  };
  EXPECT_EQ(read(SevenZipOf(kLetter, 4)).text, kLetter);
  EXPECT_EQ(read(SevenZipOf(kLetter, 10)).text, kLetter);
  ExpectLocked(read(SevenZipOf(kLetter, 25)));
  ExpectLocked(read(SevenZipOf(kLetter, 62)));
}

TEST(Unlock, WithoutAChecksumNoWordIsTakenForTheRightOne) {
  const ParsedMail mail(MailWith("Pass: Bi-Mat9", "a.7z", SevenZipOf(kLetter, 4, false)));
  ExpectLocked(ResultOf(Decode(mail.message, Limits()), "a.7z/m"));
}

TEST(Unlock, TheShareOfTriesEndsBeforeTheWordsDo) {
  Collector collector{Limits()};
  std::vector<std::string> words;
  for (int i = 0; i < 500; ++i) {
    words.push_back("wrong" + std::to_string(i));
  }
  words.emplace_back(kWord);
  collector.SetPasswords(words);
  const Unlocked unlocked = UnlockArchive(FromBase64(kLzma), &collector);
  EXPECT_TRUE(unlocked.locked);
  EXPECT_FALSE(unlocked.opened);
  EXPECT_FALSE(collector.TakeTry(1));
}

TEST(Unlock, AKeyIsPaidForOnce) {
  Collector collector{Limits()};
  KeyRing keys(&collector);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_NE(keys.SevenZip("word", "", 19), nullptr);
    ASSERT_NE(keys.Rar5("word", "salt", 15, KeyRing::kCheck), nullptr);
    ASSERT_NE(keys.Rar4("word", "salt"), nullptr);
  }
  EXPECT_TRUE(collector.TakeTry(10'000));
  EXPECT_EQ(keys.Rar4(std::string(29, 'w'), "salt"), nullptr);
}

// RAR 5, of stored files.
std::string Vint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  }
  return out + static_cast<char>(value);
}
std::string Padded(std::string data) {
  data.resize((data.size() + 15) / 16 * 16, '\0');
  return data;
}

struct Rar5Options {
  bool names = false;        // headers are locked too
  bool check = true;         // a value says whether the password is right
  bool false_check = false;  // and it is another password's
  bool damaged_check = false;
  bool keyed = true;  // checksums are made with the password
  bool checksum = true;
  uint32_t power = 5;
  std::string data_word = kWord;
  bool other_member = false;  // b.txt, with another password
  bool split_before = false;  // which begins in another volume
  bool hash = false;          // a BLAKE2 (of nothing)
  std::string text = kLetter;
};

std::string Rar5Check(const std::string& word, const std::string& salt,
                      const Rar5Options& options) {
  const std::string made =
      Pbkdf2Sha256(options.false_check ? "First11" : word, salt, (1U << options.power) + 32, 32);
  std::string check(8, '\0');
  for (size_t i = 0; i < made.size(); ++i) {
    check[i % 8] = static_cast<char>(check[i % 8] ^ made[i]);
  }
  check += DigestOf(Digest::kSha256, check).substr(0, 4);
  check[0] = static_cast<char>(check[0] ^ (options.damaged_check ? 1 : 0));
  return check;
}

std::string Rar5Member(const std::string& name, const std::string& text, const std::string& word,
                       const std::string& salt, const Rar5Options& options, std::string* data) {
  const std::string iv(16, 'v');
  const uint32_t rounds = 1U << options.power;
  uint32_t crc = Crc32(text);
  if (options.keyed) {
    const std::string hash =
        HmacOf(Digest::kSha256, Pbkdf2Sha256(word, salt, rounds + 16, 32), Le(crc, 4));
    crc = 0;
    for (size_t i = 0; i < hash.size(); ++i) {
      crc ^= static_cast<uint32_t>(static_cast<unsigned char>(hash[i])) << (i % 4 * 8);
    }
  }
  std::string record = Vint(1) + Vint(0) + Vint((options.check ? 1 : 0) + (options.keyed ? 2 : 0)) +
                       static_cast<char>(options.power) + salt + iv +
                       (options.check ? Rar5Check(word, salt, options) : "");
  record = Vint(record.size()) + record;
  if (options.hash) {
    record += Vint(34) + Vint(2) + Vint(0) + std::string(32, 'b');
  }
  *data = AesCbcEncrypt(Pbkdf2Sha256(word, salt, rounds, 32), iv, Padded(text));
  const bool split = options.split_before && name == "b.txt";
  return Vint(2) + Vint(split ? 11 : 3) + Vint(record.size()) + Vint(data->size()) +
         Vint(options.checksum ? 4 : 0) + Vint(text.size()) + Vint(0644) +
         (options.checksum ? Le(crc, 4) : "") + Vint(0) + Vint(1) + Vint(name.size()) + name +
         record;
}

std::string MakeRar5(const Rar5Options& options = {}) {
  const std::string salt(16, 's');
  const std::string iv(16, 'h');
  const auto block = [&](const std::string& body) {
    const std::string sized = Vint(body.size()) + body;
    return Le(Crc32(sized), 4) + sized;
  };
  const std::string key = Pbkdf2Sha256(kWord, salt, 1U << options.power, 32);
  const auto locked = [&](const std::string& body) {
    return options.names ? iv + AesCbcEncrypt(key, iv, Padded(block(body))) : block(body);
  };
  std::string out("Rar!\x1a\x07\x01\x00", 8);
  if (options.names) {
    out += block(Vint(4) + Vint(0) + Vint(0) + Vint(options.check ? 1 : 0) +
                 static_cast<char>(options.power) + salt +
                 (options.check ? Rar5Check(kWord, salt, options) : ""));
  }
  out += locked(Vint(1) + Vint(0) + Vint(0));
  std::string data;
  const std::string member =
      Rar5Member("a.txt", options.text, options.data_word, salt, options, &data);
  out += locked(member) + data;
  if (options.other_member) {
    const std::string other =
        Rar5Member("b.txt", "another text", "Second22", std::string(16, 'o'), options, &data);
    out += locked(other) + data;
  }
  return out + locked(Vint(5) + Vint(0) + Vint(0));
}

// RAR 4, of one stored file.
struct Rar4Options {
  bool names = false;
  uint32_t version = 29;
  std::string text = kLetter;
  bool split_member = false;  // b.txt, the end of what begins in another volume
};
std::string MakeRar4(const Rar4Options& options = {}) {
  const std::string salt = "saltsalt";
  std::string iv;
  Hasher hasher(Digest::kSha1);
  for (uint32_t i = 0; i < 1U << 18; ++i) {
    hasher.Update(Utf16(kWord) + salt);
    hasher.Update(Le(i, 3));
    if (i % (1U << 14) == 0) {
      iv.push_back(hasher.Peek().back());
    }
  }
  const std::string digest = hasher.Finish();
  std::string key;
  for (size_t i = 0; i < 16; i += 4) {
    key.append(digest.rbegin() + static_cast<std::ptrdiff_t>(16 - i),
               digest.rbegin() + static_cast<std::ptrdiff_t>(20 - i));
  }
  const auto block = [](int kind, int flags, const std::string& rest) {
    const std::string head = Le(kind, 1) + Le(flags, 2) + Le(7 + rest.size(), 2) + rest;
    return Le(Crc32(head) & 0xffff, 2) + head;
  };
  const auto locked = [&](const std::string& plain) {
    return options.names ? salt + AesCbcEncrypt(key, iv, Padded(plain)) : plain;
  };
  const std::string data = AesCbcEncrypt(key, iv, Padded(options.text));
  std::string out = std::string("Rar!\x1a\x07\x00", 7) +
                    block(0x73, options.names ? 0x80 : 0, std::string(6, '\0'));
  const auto member = [&](int flags, const std::string& name) {
    return locked(block(0x74, flags,
                        Le(data.size(), 4) + Le(options.text.size(), 4) + Le(3, 1) +
                            Le(Crc32(options.text), 4) + Le(0x58a36b2c, 4) +
                            Le(options.version, 1) + Le(0x30, 1) + Le(5, 2) + Le(0100644, 4) +
                            name + salt)) +
           data;
  };
  out += member(0x8404, "a.txt");
  if (options.split_member) {
    out += member(0x8405, "b.txt");
  }
  return out + locked(block(0x7b, 0x4000, ""));
}

TEST(Unlock, AWordOfTheMessageOpensARar5) {
  for (const bool names : {false, true}) {
    for (const bool check : {false, true}) {
      for (const bool keyed : {false, true}) {
        Rar5Options options;
        options.names = names;
        options.check = check;
        options.keyed = keyed;
        const std::string file = MakeRar5(options);
        ExpectOpened(Read("mật khẩu: Bi-Mat9", "a.rar", file));
        ExpectLocked(Read("The password comes by telephone.", "a.rar", file));
      }
    }
  }
}

TEST(Unlock, ADamagedCheckValueOfARar5IsNone) {
  Rar5Options options;
  options.damaged_check = true;
  ExpectOpened(Read("mật khẩu: Bi-Mat9", "a.rar", MakeRar5(options)));
}

TEST(Unlock, ACheckValueOfAnotherPasswordMakesNoRar5Pass) {
  Rar5Options options;
  options.false_check = true;
  const Result result = Read("First11 or Bi-Mat9", "a.rar", MakeRar5(options));
  EXPECT_NE(result.text, kLetter);
  EXPECT_TRUE(result.encrypted);
}

TEST(Unlock, AFileOfARar5WithoutAChecksumStaysLocked) {
  Rar5Options options;
  options.checksum = false;
  ExpectLocked(Read("mật khẩu: Bi-Mat9", "a.rar", MakeRar5(options)));
}

TEST(Unlock, ABlake2WithoutACrcOpensNoFileOfARar5AsNothingComparesIt) {
  Rar5Options options;
  options.checksum = false;
  options.keyed = false;
  options.hash = true;
  ExpectLocked(Read("mật khẩu: Bi-Mat9", "a.rar", MakeRar5(options)));
}

TEST(Unlock, FilesOfARar5MayHavePasswordsOfTheirOwn) {
  for (const bool check : {true, false}) {
    Rar5Options options;
    options.check = check;
    options.other_member = true;
    const std::string file = MakeRar5(options);
    const ParsedMail both(MailWith("Bi-Mat9 and Second22", "a.rar", file));
    const Leaves leaves = Decode(both.message, Limits());
    EXPECT_EQ(ResultOf(leaves, "a.rar/b.txt").text, "another text");
    ExpectOpened(ResultOf(leaves, "a.rar/a.txt"));
    const Result one = Read("Bi-Mat9 and no other", "a.rar", file);
    EXPECT_EQ(one.text, kLetter);
    EXPECT_TRUE(one.encrypted);
  }
}

TEST(Unlock, AFileOfARarThatBeginsInAnotherVolumeIsNotDroppedWithoutAWord) {
  Rar5Options options;
  options.other_member = true;
  options.split_before = true;
  const Result five = Read("Bi-Mat9 and Second22", "a.rar", MakeRar5(options));
  EXPECT_EQ(five.text, kLetter);
  EXPECT_TRUE(five.encrypted);
  Rar4Options older;
  older.split_member = true;
  const Result four = Read("mật khẩu: Bi-Mat9", "a.rar", MakeRar4(older));
  EXPECT_EQ(four.text, kLetter);
  EXPECT_TRUE(four.encrypted);
}

// Of these a sender can find two that have one checksum, each behind a word of its own.
TEST(Unlock, WhatIsStoredBehindALockAndOfNoKindIsDeliveredAndStaysEncrypted) {
  std::string noise;
  for (int i = 0; i < 40; ++i) {
    noise += DigestOf(Digest::kSha256, std::to_string(i));
  }
  Rar5Options five;
  Rar4Options four;
  for (const bool known : {false, true}) {
    five.text = known ? kLetter : noise;
    four.text = five.text;
    for (const std::string& file : {MakeRar5(five), MakeRar4(four)}) {
      const Result result = Read("mật khẩu: Bi-Mat9", "a.rar", file);
      EXPECT_EQ(result.text, five.text);
      EXPECT_EQ(result.encrypted, !known);
      EXPECT_TRUE(result.word_fact);
    }
    const ParsedMail mail(MailWith("Pass: Bi-Mat9", "a.7z", SevenZipOf(five.text, 4)));
    const Result seven = ResultOf(Decode(mail.message, Limits()), "a.7z/m");
    EXPECT_EQ(seven.text, five.text);
    EXPECT_EQ(seven.encrypted, !known);
  }
}

// A RAR 5 of locked headers without a check value, whose first block begins with `first` for the
// word "wrong", and the tries that this word takes.
uint32_t TriesOfAWrongWord(const std::string& first) {
  const std::string salt(16, 's');
  const std::string body = Vint(4) + Vint(0) + Vint(0) + Vint(0) + '\0' + salt;
  const std::string sized = Vint(body.size()) + body;
  const std::string locked(3 << 20, 'x');
  const std::string key = Pbkdf2Sha256("wrong", salt, 1, 32);
  std::string iv = AesCbc(key, std::string(16, '\0'), locked.substr(0, 16));
  for (size_t i = 0; i < first.size(); ++i) {
    iv[i] = static_cast<char>(iv[i] ^ first[i]);
  }
  const std::string file =
      std::string("Rar!\x1a\x07\x01\x00", 8) + Le(Crc32(sized), 4) + sized + iv + locked;
  uint32_t tries = 0;
  for (uint32_t step = 1U << 15; step > 0; step /= 2) {
    Collector collector{Limits()};
    collector.SetPasswords({"wrong"});
    EXPECT_FALSE(UnlockArchive(file, &collector).opened);
    tries += collector.TakeTry(40'000 - (tries + step)) ? 0 : step;
  }
  return tries;
}

TEST(Unlock, HeadersOfARar5AreDecryptedForNoWordBeyondWhatItPays) {
  const std::string longest = Le(0, 4) + Vint(2 << 20);
  EXPECT_GT(TriesOfAWrongWord(longest + Vint(1) + Vint(0)), 128U);
  EXPECT_LT(TriesOfAWrongWord(longest + Vint(9) + Vint(0)), 5U);
  EXPECT_LT(TriesOfAWrongWord(longest + Vint(2) + Vint(0x80)), 5U);
}

TEST(Unlock, ALockedRarTellsItsNamesAndNoNoise) {
  const Opened leaves = OpenBytes("a.rar", MakeRar5(), Limits());
  EXPECT_TRUE(HasLeaf(leaves, "a.rar/a.txt"));
  EXPECT_EQ(ResultOf(leaves, "a.rar/a.txt").text, "");
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
  EXPECT_FALSE(HasUnscannable(leaves, Reason::kDamaged));
}

TEST(Unlock, BehindLockedHeadersThatBreakOffARarSaysSo) {
  Rar5Options options;
  options.names = true;
  std::string file = MakeRar5(options);
  file[file.size() - 5] = static_cast<char>(file[file.size() - 5] ^ 1);  // in the last header
  const Result result = Read("mật khẩu: Bi-Mat9", "a.rar", file);
  EXPECT_EQ(result.text, kLetter);
  EXPECT_TRUE(result.encrypted);
}

TEST(Unlock, AWordOfTheMessageOpensARar4) {
  for (const bool names : {false, true}) {
    Rar4Options options;
    options.names = names;
    const std::string file = MakeRar4(options);
    ExpectOpened(Read("mật khẩu: Bi-Mat9", "a.rar", file));
    ExpectLocked(Read("The password comes by telephone.", "a.rar", file));
  }
}

TEST(Unlock, CiphersBeforeRar29StayLocked) {
  Rar4Options options;
  options.version = 26;
  ExpectLocked(Read("mật khẩu: Bi-Mat9", "a.rar", MakeRar4(options)));
}

TEST(Unlock, AFileOfAFewLettersInARar4DoesNotTakeAllTries) {
  Rar4Options options;
  options.text = "secret";
  Collector collector{Limits()};
  collector.SetPasswords({"wrong1", "wrong2", kWord});
  EXPECT_TRUE(UnlockArchive(MakeRar4(options), &collector).opened);
  EXPECT_TRUE(collector.TakeTry(10'000));
}

TEST(Unlock, EveryCutOfALockedArchiveIsSaidToBeIncomplete) {
  Rar5Options options;
  options.names = true;
  for (const std::string& file : {MakeRar5(), MakeRar5(options), FromBase64(kStored)}) {
    for (size_t i = 8; i < file.size(); i += 7) {
      const ParsedMail mail(MailWith("mật khẩu: Bi-Mat9", "a.rar", file.substr(0, i)));
      const Leaves leaves = Decode(mail.message, Limits());
      if (ResultOf(leaves, "a.rar/a.txt").text != kLetter) {
        EXPECT_FALSE(leaves.unscannable.empty()) << i;
      }
    }
  }
}

}  // namespace
}  // namespace gatepost::decode
