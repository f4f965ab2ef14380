// Vietnamese written in each encoding of before Unicode comes back; and what is mixed comes apart.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/legacy.h"
#include "src/text/legacy_tables.h"
#include "src/text/unicode.h"
#include "tests/unit/text/legacy_encode.h"

namespace gatepost::text {
namespace {

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == at) {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  out.erase(std::remove(out.begin(), out.end(), ""), out.end());
  return out;
}

std::string Regulation() {
  Result<std::string> text =
      ReadFile(std::string(GATEPOST_SOURCE_DIR) + "/tests/data/464-QD-TU.txt");
  EXPECT_TRUE(text.ok());
  std::string plain;  // without typographic signs, which these encodings have not
  const std::string nfc = ToNfc(text.ok() ? text.value() : "", nullptr);
  for (size_t i = 0; i < nfc.size();) {
    const char32_t c = NextCodePoint(nfc, &i);
    AppendUtf8(c >= 0x2000 || (c >= 0x80 && c < 0xC0) ? U'-' : c, &plain);
  }
  return plain;
}

// Stretches of so many words, over the ends of lines.
std::vector<std::string> Stretches(size_t words) {
  std::vector<std::string> out;
  size_t count = 0;
  for (const std::string& line : Split(Regulation(), '\n')) {
    for (const std::string& word : Split(line, ' ')) {
      if (count % words == 0) {
        out.emplace_back();
      }
      out.back() += (count % words == 0 ? "" : " ") + word;
      ++count;
    }
  }
  out.pop_back();
  return out;
}

struct Score {
  size_t words = 0;
  size_t same = 0;
  size_t texts = 0;
  size_t wrong = 0;  // texts read in another encoding, with other words
  size_t none = 0;
};

Score RoundTrip(const std::string& encoding, size_t words, std::string_view hint) {
  Score score;
  for (const std::string& text : Stretches(words)) {
    const std::string encoded = SeenAsWindows1252(EncodeLegacy(text, encoding));
    const LegacyText read = ReadLegacy(encoded, {hint, nullptr});
    const std::string got = read.names.empty() ? encoded : read.utf8;
    const std::vector<std::string> left = Split(text, ' ');
    const std::vector<std::string> right = Split(got, ' ');
    EXPECT_EQ(left.size(), right.size()) << encoded;
    size_t same = 0;
    for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      same += left[i] == right[i] ? 1U : 0U;
    }
    score.words += left.size();
    score.same += same;
    ++score.texts;
    score.none += read.names.empty() ? 1U : 0U;
    score.wrong +=
        !read.names.empty() &&
                (" " + read.names + " ").find(" " + encoding + " ") == std::string::npos &&
                same < left.size()
            ? 1U
            : 0U;
  }
  return score;
}

std::vector<std::string> AllEncodings() {
  std::vector<std::string> out(kEncodingNames.begin(), kEncodingNames.end());
  out.emplace_back("viqr");
  return out;
}

TEST(LegacyRoundTrip, ThirtyWordsComeBackInEachEncoding) {
  for (const std::string& encoding : AllEncodings()) {
    const Score score = RoundTrip(encoding, 30, "");
    const double rate = static_cast<double>(score.same) / static_cast<double>(score.words);
    std::printf("%-13s %zu texts of 30 words: %.4f of words, %zu undecided, %zu wrong\n",
                encoding.c_str(), score.texts, rate, score.none, score.wrong);
    EXPECT_GE(rate, 0.99) << encoding;
  }
}

TEST(LegacyRoundTrip, ShortTextsAreReadRightOrLeft) {
  for (const size_t words : {5U, 8U, 12U}) {
    for (const std::string& encoding : AllEncodings()) {
      const Score score = RoundTrip(encoding, words, "");
      std::printf("%-13s %zu texts of %zu words: %zu undecided, %zu wrong\n", encoding.c_str(),
                  score.texts, words, score.none, score.wrong);
      EXPECT_LE(score.wrong * 100, score.texts) << encoding;
    }
  }
}

TEST(LegacyRoundTrip, AShortTextFollowsTheMessage) {
  for (const std::string& encoding : AllEncodings()) {
    const Score score = RoundTrip(encoding, 5, encoding);
    const double rate = static_cast<double>(score.same) / static_cast<double>(score.words);
    std::printf("%-13s %zu texts of 5 words, hinted: %.4f of words, %zu undecided\n",
                encoding.c_str(), score.texts, rate, score.none);
    EXPECT_GE(rate, encoding == "viqr" ? 0.95 : 0.98) << encoding;
  }
}

TEST(LegacyRoundTrip, TextsSeenThroughOtherCodePagesComeBack) {
  for (const char* charset : {"windows-1250", "iso-8859-2", "macintosh", "windows-1254"}) {
    for (const char* encoding : {"tcvn3", "vni"}) {
      size_t words = 0;
      size_t same = 0;
      for (const std::string& text : Stretches(60)) {
        const std::string encoded = Decode(EncodeLegacy(text, encoding), charset).utf8;
        const LegacyText read = ReadLegacy(encoded, {});
        const std::vector<std::string> left = Split(text, ' ');
        const std::vector<std::string> right = Split(read.utf8, ' ');
        for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
          same += left[i] == right[i] ? 1U : 0U;
        }
        words += left.size();
      }
      const double rate = static_cast<double>(same) / static_cast<double>(words);
      std::printf("%s as %s: %.4f of words\n", encoding, charset, rate);
      EXPECT_GE(rate, 0.98) << encoding << " as " << charset;
    }
  }
}

TEST(LegacyRoundTrip, EncodedTwiceComesBackThroughEachPage) {
  for (const char* charset : {"windows-1252", "windows-1250", "macintosh", "windows-1258"}) {
    for (const std::string& text : Stretches(40)) {
      // Bytes that no character of the page shows stay as controls, as browsers have them.
      std::string seen;
      for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const char32_t one = byte < 0x80 ? byte : OneByte(byte, charset);
        AppendUtf8(one == kReplacement ? byte : one, &seen);
      }
      const LegacyText read = ReadLegacy(seen, {});
      ASSERT_EQ(read.names, "utf-8-twice") << seen;
      ASSERT_EQ(read.utf8, text);
    }
  }
}

TEST(LegacyRoundTrip, LinesInTwoEncodingsAndUnicodeComeApart) {
  const std::vector<std::string> texts = Stretches(12);
  for (const char* first : {"tcvn3", "vni", "viscii"}) {
    std::string mixed;
    std::string expected;
    for (size_t i = 0; i + 2 < 60; i += 3) {
      mixed += SeenAsWindows1252(EncodeLegacy(texts[i], first)) + "\n";
      mixed += SeenAsWindows1252(
                   EncodeLegacy(texts[i + 1], first == std::string("vni") ? "vps" : "vni")) +
               "\n" + texts[i + 2] + "\n";
      expected += texts[i] + "\n" + texts[i + 1] + "\n" + texts[i + 2] + "\n";
    }
    const LegacyText read = ReadLegacy(mixed, {});
    const std::vector<std::string> left = Split(expected, ' ');
    const std::vector<std::string> right = Split(read.utf8, ' ');
    ASSERT_EQ(left.size(), right.size());
    size_t same = 0;
    for (size_t i = 0; i < left.size(); ++i) {
      same += left[i] == right[i] ? 1U : 0U;
    }
    std::printf("%s mixed (%s): %zu of %zu words\n", first, read.names.c_str(), same, left.size());
    EXPECT_GE(same * 100, left.size() * 97) << first;
  }
}

}  // namespace
}  // namespace gatepost::text
