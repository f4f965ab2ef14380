// Real files that others made, where they are present: nothing crashes, nothing takes long, and
// what is known about them is found. SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <clocale>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

namespace fs = std::filesystem;

fs::path Corpora() { return fs::path(GATEPOST_SOURCE_DIR) / "../shared/corpora"; }

std::string Slurp(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Corpora, NoDocumentCrashesOrTakesLong) {
  if (!fs::exists(Corpora() / "documents")) {
    GTEST_SKIP() << "no corpora beside the project";
  }
  std::setlocale(LC_CTYPE, "C.UTF-8");
  int files = 0;
  for (const char* folder : {"documents", "av"}) {
    for (const auto& entry : fs::recursive_directory_iterator(Corpora() / folder)) {
      if (!entry.is_regular_file()) {
        continue;
      }
      const std::string bytes = Slurp(entry.path());
      const int64_t start = SteadyMs();
      const Opened leaves = OpenBytes(entry.path().filename().string(), bytes, Limits());
      EXPECT_LT(SteadyMs() - start, 5000) << entry.path();
      EXPECT_FALSE(leaves.leaves.empty());
      for (const DocumentText& text : leaves.texts) {
        EXPECT_TRUE(IsUtf8(text.utf8)) << entry.path();
      }
      ++files;
    }
  }
  EXPECT_GT(files, 100);
}

TEST(Corpora, EncryptedOfficeFilesAreUnscannableUnlessExcelOpensThemByItself) {
  const fs::path folder = Corpora() / "documents/oletools/test-data/encrypted";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << "no corpora beside the project";
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string bytes = Slurp(entry.path());
    const std::string name = entry.path().filename().string();
    const Opened leaves = OpenBytes(name, bytes, Limits());
    const bool opens = name.find("standardpassword") != std::string::npos;
    EXPECT_EQ(HasUnscannable(leaves, Reason::kEncrypted), !opens) << entry.path();
    EXPECT_EQ(Fact(leaves, "document.default-password"), opens) << entry.path();
    EXPECT_EQ(Fact(leaves, "document.macros"), name.find("autostart") == 0) << entry.path();
  }
}

TEST(Corpora, WordAndItsXmlSayTheSame) {
  const fs::path folder = Corpora() / "documents/vietnamese-office";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << "no corpora beside the project";
  }
  const auto words = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (c != ' ' && c != '\n' && c != '\t' && c != '|') {
        out.push_back(c);
      }
    }
    return out;
  };
  for (int i = 1; i <= 6; ++i) {
    const std::string name = "Phuluc" + std::to_string(i);
    const std::string doc = Slurp(folder / (name + ".doc"));
    const std::string docx = Slurp(folder / (name + ".docx"));
    const std::string old_text = words(TextOf(OpenBytes("a.doc", doc, Limits()), "attachment"));
    const std::string new_text = words(TextOf(OpenBytes("a.docx", docx, Limits()), "attachment"));
    ASSERT_GT(new_text.size(), 1000U) << name;
    // The first line of substance of one stands in the other, and the amounts are alike.
    EXPECT_NE(old_text.find(new_text.substr(0, 40)), std::string::npos) << name;
    EXPECT_GT(old_text.size() * 10, new_text.size() * 8) << name;
    EXPECT_LT(old_text.size() * 8, new_text.size() * 12) << name;
  }
}

TEST(Corpora, HonestMailHasNoGradeCDefects) {
  if (!fs::exists(Corpora() / "mail/ham")) {
    GTEST_SKIP() << "no corpora beside the project";
  }
  int bad = 0;
  int mails = 0;
  for (const auto& entry : fs::directory_iterator(Corpora() / "mail/ham")) {
    const ParsedMail parsed(Slurp(entry.path()));
    const Opened leaves = Decode(parsed.message, Limits());
    for (const mail::Defect& defect : leaves.defects) {
      bad += defect.grade == mail::Grade::kC ? 1 : 0;
    }
    ++mails;
  }
  EXPECT_GT(mails, 1000);
  EXPECT_LE(bad * 1000, mails);  // one in a thousand at most
}

}  // namespace
}  // namespace gatepost::decode
