// The engine with signatures made here, over Debian's harmless test files (package
// clamav-testfiles) and EICAR's test string, both as attachments that our own rooms decode.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/virus/engine.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/mail/message.h"
#include "src/virus/names.h"

namespace gatepost::virus {
namespace {

namespace fs = std::filesystem;

// In two pieces, so that no scanner takes this source for a virus.
const std::string kEicar =
    std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-") + "ANTIVIRUS-TEST-FILE!$H+H*";

class TemporaryFolder {
 public:
  TemporaryFolder() {
    char pattern[] = "/tmp/gatepost-virus-XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }

 private:
  std::string path_;
};

std::string Base64(Bytes in) {
  static const char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < in.size(); i += 3) {
    uint32_t group = 0;
    const size_t count = std::min<size_t>(3, in.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<uint8_t>(in[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += j <= count ? kAlphabet[(group >> (18 - 6 * j)) & 63U] : '=';
    }
    column += 4;
    if (column == 76) {
      out += "\r\n";
      column = 0;
    }
  }
  return out;
}

std::string MailWith(const std::string& name, Bytes content) {
  return "From: a@example.org\r\nTo: b@example.net\r\nSubject: test\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
         "--x\r\nContent-Type: text/plain\r\n\r\nSee attachment.\r\n"
         "--x\r\nContent-Type: application/octet-stream; name=\"" + name + "\"\r\n"
         "Content-Disposition: attachment; filename=\"" + name + "\"\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n" + Base64(content) + "\r\n--x--\r\n";
}

ScanResult ScanMail(const Engine& engine, const std::string& raw) {
  const Limits limits;
  const mail::Message message = mail::Message::Parse(raw, limits);
  const decode::Leaves leaves = decode::Decode(message, limits);
  return engine.Scan(raw, leaves);
}

bool Found(const ScanResult& result, const std::string& name) {
  return std::any_of(result.infections.begin(), result.infections.end(),
                     [&](const Infection& one) { return one.name.find(name) == 0; });
}

bool Is(const ScanResult& result, decode::Reason reason) {
  return std::any_of(result.unscannable.begin(), result.unscannable.end(),
                     [&](const decode::Unscannable& one) { return one.reason == reason; });
}

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("test.hsb", Sha256Hex(kEicar) + ":" + std::to_string(kEicar.size()) +
                                  ":Test.Eicar:73\n"
                                  // The program inside each of Debian's test files.
                                  "71e7b604d18aefd839e51a39c88df8383bb4c071dc31f87f00a2b5df580d"
                                  "4495:544:Test.Clam:73\n");
    Result<std::unique_ptr<Engine>> engine = Engine::Load(folder_.path(), "/tmp", Limits());
    ASSERT_TRUE(engine.ok()) << engine.status().message();
    engine_ = std::move(engine).value();
  }
  TemporaryFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST(EngineLoad, AFolderWithoutSignaturesIsNotFound) {
  const TemporaryFolder folder;
  folder.Write("readme.txt", "nothing");
  EXPECT_EQ(Engine::Load(folder.path(), "/tmp", Limits()).status().code(), Code::kNotFound);
  EXPECT_EQ(Engine::Load("/nonexistent/signatures", "/tmp", Limits()).status().code(),
            Code::kNotFound);
}

TEST(EngineLoad, BrokenSignaturesAreAnErrorThatNamesTheFolder) {
  const TemporaryFolder folder;
  folder.Write("broken.hsb", "this is not a signature\n");
  const Status status = Engine::Load(folder.path(), "/tmp", Limits()).status();
  EXPECT_EQ(status.code(), Code::kInvalid);
  EXPECT_NE(status.message().find(folder.path()), std::string::npos);
}

TEST_F(EngineTest, CountsSignaturesAndKnowsTheirAge) {
  EXPECT_EQ(engine_->signatures(), 2U);
  EXPECT_NEAR(static_cast<double>(engine_->built_at()), static_cast<double>(time(nullptr)), 60);
}

TEST_F(EngineTest, TheFoldersVersionChangesWithItsFilesOnly) {
  EXPECT_EQ(engine_->version(), Engine::FolderVersion(folder_.path()));
  folder_.Write("notes.txt", "not a signature file");
  EXPECT_EQ(engine_->version(), Engine::FolderVersion(folder_.path()));
  folder_.Write("more.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Test.More\n");
  EXPECT_NE(engine_->version(), Engine::FolderVersion(folder_.path()));
}

TEST_F(EngineTest, AnHdbSignatureFindsEicar) {
  const TemporaryFolder folder;
  folder.Write("eicar.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Test.Md5\n");
  const auto engine = Engine::Load(folder.path(), "/tmp", Limits());
  ASSERT_TRUE(engine.ok()) << engine.status().message();
  EXPECT_TRUE(Found(ScanMail(**engine, MailWith("eicar.com", kEicar)), "Test.Md5"));
}

TEST_F(EngineTest, AnInfectionIsNamedByTheAttachmentThatHasIt) {
  const ScanResult result = ScanMail(*engine_, MailWith("eicar.com", kEicar));
  ASSERT_EQ(result.infections.size(), 1U);
  EXPECT_EQ(result.infections[0].path, "eicar.com");
}

TEST_F(EngineTest, ACleanMessageIsCleanAndFullyScanned) {
  const ScanResult result = ScanMail(*engine_, MailWith("letter.txt", "Dear Sir or Madam"));
  EXPECT_TRUE(result.infections.empty());
  EXPECT_TRUE(result.unscannable.empty());
}

TEST_F(EngineTest, EveryOneOfDebiansTestFilesIsFoundAsAnAttachment) {
  const std::string folder = "/usr/share/clamav-testfiles";
  if (!fs::is_directory(folder)) {
    GTEST_SKIP() << "package clamav-testfiles is not installed";
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const Result<std::string> content = ReadFile(entry.path().string());
    ASSERT_TRUE(content.ok());
    ++files;
    const ScanResult result =
        ScanMail(*engine_, MailWith(entry.path().filename().string(), *content));
    EXPECT_TRUE(Found(result, "Test.Clam")) << entry.path();
  }
  EXPECT_EQ(files, 44U);
}

TEST_F(EngineTest, ARarArchiveThatDebiansLibclamavCannotUnpackIsFoundThroughOurOwnDecoding) {
  const fs::path folder = fs::path(GATEPOST_SOURCE_DIR) / "../shared/corpora/av";
  if (!fs::is_directory(folder)) {
    GTEST_SKIP() << "the corpora are not here";
  }
  const Result<std::string> content = ReadFile((folder / "clam-v3.rar").string());
  ASSERT_TRUE(content.ok());
  EXPECT_TRUE(Found(ScanMail(*engine_, MailWith("clam-v3.rar", *content)), "Test.Clam"));
}

TEST_F(EngineTest, ARarArchiveThatNeitherCanUnpackIsUnscannable) {
  // Compressed by the method of RAR 2, which libarchive does not know.
  const fs::path folder = fs::path(GATEPOST_SOURCE_DIR) / "../shared/corpora/av";
  if (!fs::is_directory(folder)) {
    GTEST_SKIP() << "the corpora are not here";
  }
  const Result<std::string> content = ReadFile((folder / "clam-v2.rar").string());
  ASSERT_TRUE(content.ok());
  const Limits limits;
  const std::string raw = MailWith("clam-v2.rar", *content);
  const mail::Message message = mail::Message::Parse(raw, limits);
  EXPECT_FALSE(decode::Decode(message, limits).unscannable.empty());
}

TEST_F(EngineTest, ALimitThatIsHitIsNeverClean) {
  Limits limits;
  limits.leaf_bytes = 20'000;
  limits.message_bytes = 20'000;
  const auto engine = Engine::Load(folder_.path(), "/tmp", limits);
  ASSERT_TRUE(engine.ok());
  const std::string raw = MailWith("big.bin", std::string(100'000, 'x'));
  const ScanResult result = (*engine)->Scan(raw, decode::Leaves());
  EXPECT_TRUE(Is(result, decode::Reason::kTooBig));
}

TEST_F(EngineTest, ALeafThatLibclamavDidNotMeetIsScannedByItself) {
  // libclamav is shown a message without the attachment; the leaf is ours alone.
  decode::Leaves leaves;
  leaves.storage.push_back(kEicar);
  decode::Leaf leaf;
  leaf.path = "hidden.bin";
  leaf.bytes = leaves.storage.back();
  leaves.leaves.push_back(leaf);
  const ScanResult result = engine_->Scan("Subject: nothing\r\n\r\nnothing\r\n", leaves);
  ASSERT_EQ(result.infections.size(), 1U);
  EXPECT_EQ(result.infections[0].path, "hidden.bin");
}

TEST_F(EngineTest, TheSecondScanOfTheSameBytesFindsTheSame) {
  const std::string raw = MailWith("eicar.com", kEicar);
  EXPECT_EQ(ScanMail(*engine_, raw).infections.size(), 1U);
  EXPECT_EQ(ScanMail(*engine_, raw).infections.size(), 1U);
}

TEST(AlertNames, SayWhatIsAnInfectionAndWhatIsNot) {
  EXPECT_EQ(MeaningOf("Win.Test.EICAR_HDB-1").kind, Meaning::Kind::kInfection);
  EXPECT_EQ(MeaningOf("Heuristics.Exploit.W32.MS05-002").kind, Meaning::Kind::kInfection);
  EXPECT_EQ(MeaningOf("Heuristics.Limits.Exceeded.MaxFileSize").reason, decode::Reason::kTooBig);
  EXPECT_EQ(MeaningOf("Heuristics.Limits.Exceeded.MaxRecursion").reason,
            decode::Reason::kTooDeep);
  EXPECT_EQ(MeaningOf("Heuristics.Encrypted.Zip").reason, decode::Reason::kEncrypted);
  EXPECT_STREQ(MeaningOf("Heuristics.OLE2.ContainsMacros.VBA").fact, "virus.macros");
  EXPECT_EQ(MeaningOf("Heuristics.Broken.Media.JPEG.NoImages").kind, Meaning::Kind::kFact);
}

}  // namespace
}  // namespace gatepost::virus
