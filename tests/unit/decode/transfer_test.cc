// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

using mail::Encoding;

std::vector<std::string> All(std::string_view body, Encoding encoding) {
  std::vector<std::string> out;
  for (Reading& reading : DecodeBody(body, encoding, Limits())) {
    out.push_back(std::move(reading.bytes));
  }
  return out;
}

bool Contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

TEST(Base64, CleanDataHasExactlyOneReading) {
  const Readings readings =
      DecodeReadings("SGVsbG8s\r\nIHdvcmxkIQ==\r\n", Encoding::kBase64, Limits());
  ASSERT_EQ(readings.readings.size(), 1U);
  EXPECT_EQ(readings.readings[0].bytes, "Hello, world!");
  EXPECT_TRUE(readings.readings[0].clean);
  EXPECT_EQ(readings.faults, 0U);
}

TEST(Base64, EveryLengthAndEveryLineWidthComesBack) {
  std::string data;
  for (int n = 0; n < 300; ++n) {
    const std::string encoded = Base64(data);
    ASSERT_EQ(All(encoded, Encoding::kBase64).front(), data);
    std::string narrow;
    for (size_t i = 0; i < encoded.size(); ++i) {
      narrow += encoded[i];
      if (i % 3 == 2) {
        narrow += "\n";
      }
    }
    std::string decoded;
    ASSERT_TRUE(DecodeBase64Strict(narrow, &decoded));
    ASSERT_EQ(decoded, data);
    data.push_back(static_cast<char>(n * 37));
  }
}

TEST(Base64, ABoundaryLineInTheMiddleIsNoData) {
  EXPECT_TRUE(Contains(All("Zm9v\r\n--AAAA\r\n\r\nYmFy\r\n", Encoding::kBase64), "foobar"));
}

TEST(Base64, PaddingInTheMiddleIsReadByStoppersAndByThoseWhoGoOn) {
  const Readings readings = DecodeReadings("Zg==Zm9vYmFy", Encoding::kBase64, Limits());
  EXPECT_TRUE(readings.faults & kBase64DataAfterPadding);
  const auto all = All("Zg==Zm9vYmFy", Encoding::kBase64);
  EXPECT_EQ(all.front(), "f");
  EXPECT_TRUE(Contains(all, "ffoobar"));
  EXPECT_FALSE(readings.readings.front().clean);
}

TEST(Base64, AFooterOfAListServerIsNotAnAttack) {
  const Readings readings =
      DecodeReadings("SGVsbG8=\r\n_______________\r\nlist mailing list, to leave: x\r\n",
                     Encoding::kBase64, Limits());
  EXPECT_TRUE(readings.faults & kBase64TextAfterPadding);
  EXPECT_FALSE(readings.faults & kBase64DataAfterPadding);
  EXPECT_EQ(readings.readings.front().bytes, "Hello");
}

TEST(Base64, JunkIsSkippedOrEndsTheDataOrSpoilsItsQuad) {
  const auto all = All("Zm9v#YmFyYmF6", Encoding::kBase64);
  EXPECT_EQ(all.front(), "foobarbaz");
  EXPECT_TRUE(Contains(all, "foo"));
  EXPECT_GE(all.size(), 3U);
}

TEST(Base64, AForeignCharacterInFrontDoesNotHideTheShiftedData) {
  const std::string hidden = "This sentence is what the attacker wants to be read.";
  const auto all = All("A" + Base64(hidden) + "!", Encoding::kBase64);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const std::string& reading) {
    return reading.find("attacker wants") != std::string::npos;
  }));
}

TEST(Base64, MissingPaddingLosesNothing) {
  const Readings readings = DecodeReadings("SGVsbG8", Encoding::kBase64, Limits());
  EXPECT_TRUE(readings.faults & kBase64Incomplete);
  EXPECT_EQ(readings.readings.front().bytes, "Hello");
}

TEST(Base64, ReadingsStayWithinTheirLimitAndTheCutIsNamed) {
  Limits limits;
  limits.readings_per_part = 2;
  const Readings readings = DecodeReadings("Zm9v#YmFy=YmF6-_Zm9v", Encoding::kBase64, limits);
  EXPECT_EQ(readings.readings.size(), 2U);
  EXPECT_TRUE(readings.faults & kReadingsCut);
}

TEST(QuotedPrintable, CleanTextIsDecodedOnce) {
  const Readings readings =
      DecodeReadings("T=E1=BB=91i m=E1=BA=\r\n=ADt\r\n", Encoding::kQuotedPrintable, Limits());
  ASSERT_EQ(readings.readings.size(), 1U);
  EXPECT_EQ(readings.readings[0].bytes, "Tối mật\r\n");
  EXPECT_EQ(readings.faults, 0U);
}

TEST(QuotedPrintable, LowerCaseDigitsDecode) {
  EXPECT_EQ(All("=e1=bb=91", Encoding::kQuotedPrintable).front(), "ố");
}

TEST(QuotedPrintable, BadHexIsKeptByOneReadingAndDroppedByAnother) {
  const auto all = All("a=XYb", Encoding::kQuotedPrintable);
  EXPECT_EQ(all.front(), "a=XYb");
  EXPECT_TRUE(Contains(all, "ab"));
}

TEST(QuotedPrintable, SoftBreaksWithBlanksOrALoneCarriageReturnJoinLines) {
  const auto blanks = All("se=  \r\ncret", Encoding::kQuotedPrintable);
  EXPECT_EQ(blanks.front(), "secret");
  EXPECT_GE(blanks.size(), 2U);
  EXPECT_EQ(All("se=\rcret", Encoding::kQuotedPrintable).front(), "secret");
  EXPECT_EQ(All("se=\ncret", Encoding::kQuotedPrintable).front(), "secret");
}

TEST(QuotedPrintable, AnEqualsSignAtTheVeryEndIsHarmless) {
  EXPECT_EQ(All("abc=", Encoding::kQuotedPrintable).front(), "abc");
  EXPECT_EQ(All("abc=4", Encoding::kQuotedPrintable).front(), "abc=4");
}

TEST(Uuencode, ABodyWithBeginDecodes) {
  EXPECT_EQ(All("begin 644 x.txt\n#0V%T\n`\nend\n", Encoding::kUuencode).front(), "Cat");
}

TEST(Uuencode, ALineLongerThanItSaysHasTwoReadings) {
  const auto all = All("begin 644 x\n!0V%T0V%T\n`\nend\n", Encoding::kUuencode);
  EXPECT_EQ(all.front(), "C");
  EXPECT_TRUE(Contains(all, "CatCat"));
}

TEST(Uuencode, AnEndMarkMakesDataOfWhateverStandsBeforeIt) {
  // A check character, letters beyond the alphabet, lengths that lie: decoders look at six bits.
  EXPECT_TRUE(Contains(All("begin 644 x\n#0V%Ta\n`\nend\n", Encoding::kUuencode), "Cat"));
  EXPECT_TRUE(Contains(All("begin 644 x\n#pVeTz\n`\nend\n", Encoding::kUuencode), "Cat"));
  const auto files =
      FindInlineFiles("begin 644 x\n!pVeT0V%TpVeTabc\n!0V%T0V%TpVeTabc\n`\nend\n", Limits());
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[1].bytes.substr(0, 9), "CatCatCat");
}

TEST(Uuencode, AFileThatIsQuotedOrSetInIsFound) {
  for (const std::string margin : {"> ", ">> | ", "  ", "\t"}) {
    const auto files =
        FindInlineFiles("Dear all,\r\n" + margin + "begin 644 x.txt\r\n" + margin + "#0V%T\r\n" +
                            margin + "`\r\n" + margin + "end\r\nbye\r\n",
                        Limits());
    ASSERT_EQ(files.size(), 1U) << margin;
    EXPECT_EQ(files[0].bytes, "Cat");
    EXPECT_EQ(files[0].name, "x.txt");
  }
  EXPECT_TRUE(FindInlineFiles("They\n> begin 644 pages a day\n> and go on.\n", Limits()).empty());
  EXPECT_TRUE(FindInlineFiles("we begin 644 x.txt\n#0V%T\n`\nend\n", Limits()).empty());
}

TEST(Uuencode, ALabelThatLiesIsSeenThrough) {
  EXPECT_TRUE(Contains(All("caf=C3=A9 cr=C3=A8me\r\n", Encoding::kUuencode), "café crème\r\n"));
}

TEST(Inline, AFileWithoutANameOrAModeIsFoundByItsFirstLine) {
  for (const std::string begin : {"begin 644", "begin 644 ", "begin 7 x", "begin  x"}) {
    const auto files = FindInlineFiles("Dear all,\n" + begin + "\n#0V%T\n`\nend\n", Limits());
    ASSERT_EQ(files.size(), 1U) << begin;
    EXPECT_EQ(files[0].bytes, "Cat");
  }
  EXPECT_TRUE(
      FindInlineFiles("begin with this\nAnd then the rest of it.\nend\n", Limits()).empty());
}

TEST(Base64, AWordyBodyIsReadAsItStandsToo) {
  const std::string words = "hi zebrapayload there\r\n";
  EXPECT_TRUE(Contains(All(words, Encoding::kBase64), words));
  const std::string decodable = "TOP SECRET thisisforyou four\r\n";
  EXPECT_TRUE(Contains(All(decodable, Encoding::kBase64), decodable));
  EXPECT_TRUE(Contains(All("SECRET\r\n", Encoding::kBase64), "SECRET\r\n"));
  EXPECT_EQ(All("SGVs bG8s IHdv cmxk IQ==", Encoding::kBase64).size(), 1U);
}

TEST(Unlabelled, AnUnknownLabelIsReadAsItStandsAndAsWhatItLooksLike) {
  const std::string secret = "The quarterly figures are attached to this letter.";
  const auto all = All(Base64(secret), Encoding::kUnknown);
  EXPECT_EQ(all.front(), Base64(secret));
  EXPECT_TRUE(Contains(all, secret));
}

TEST(Inline, FilesInRunningTextAreFound) {
  const auto files = FindInlineFiles(
      "Dear all,\r\n\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nand\r\n"
      "begin-base64 644 dog.txt\r\nRG9n\r\n====\r\nbye\r\n",
      Limits());
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "cat.txt");
  EXPECT_EQ(files[0].bytes, "Cat");
  EXPECT_EQ(files[1].name, "dog.txt");
  EXPECT_EQ(files[1].bytes, "Dog");
}

TEST(Inline, YencIsDecoded) {
  std::string encoded;
  for (const char c : std::string("MZ program")) {
    encoded.push_back(static_cast<char>(c + 42));
  }
  const auto files = FindInlineFiles(
      "=ybegin line=128 size=10 name=a.exe\r\n" + encoded + "\r\n=yend size=10\r\n", Limits());
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].name, "a.exe");
  EXPECT_EQ(files[0].bytes, "MZ program");
}

TEST(Inline, ASentenceThatBeginsWithBeginIsNoFile) {
  EXPECT_TRUE(FindInlineFiles("begin the work\nbegin 2 see\n", Limits()).empty());
}

TEST(Hidden, Base64WithoutALabelIsFoundWhereItMeansSomething) {
  const std::string zip = MakeZip({{"a.txt", "hello hello hello hello hello hello"}});
  const auto found =
      FindHiddenBase64("See below\r\n\r\n" + Base64(zip) + "\r\nRegards\r\n", Limits());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], zip);
}

TEST(Uuencode, SeveralSpoiledLinesWithoutAnEndDoNotEndTheFile) {
  const std::string full = "M" + std::string(60, '(') + "\n";
  const auto files = FindInlineFiles(
      "begin 644 x\n" + full + "{spoiled}\n{twice}\n{thrice}\n" + full + "{a}\n{b}\n", Limits());
  ASSERT_FALSE(files.empty());
  // Two lines of 45 bytes; more where the spoiled ones are taken for data.
  EXPECT_GE(files.front().bytes.size(), 90U);
}

TEST(Hidden, ALinkThatCarriesItsFileIsOpened) {
  const std::string zip = MakeZip({{"a.txt", "hello hello hello hello hello hello"}});
  std::string one_line = Base64(zip);
  one_line.erase(std::remove_if(one_line.begin(), one_line.end(),
                                [](char c) { return c == '\r' || c == '\n'; }),
                 one_line.end());
  const auto found = FindHiddenBase64("data:application/zip;base64," + one_line + "\r\n", Limits());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], zip);
}

TEST(Hidden, ShortLinesAndShortBodiesAreReadForTheirText) {
  const auto only = [](const std::string& text) {
    const auto found = FindHiddenBase64(text, Limits());
    return found.size() == 1 ? found[0] : std::to_string(found.size()) + " found";
  };
  const std::string stamp = "T\xE1\xBB\x90I M\xE1\xBA\xACT";
  EXPECT_EQ(only("VOG7kEkgTeG6rFQ=\r\n"), stamp);
  EXPECT_EQ(only("VOG7kEkg\r\nTeG6rFQ=\r\n"), stamp);
  EXPECT_EQ(only("Kính gửi\r\nBob\r\nVOG7kEkgTeG6\r\nrFQ=\r\nAnna\r\n"), stamp);
  EXPECT_EQ(only("VOG7kEkgTeG6\r\n\r\nrFQ=\r\n"), stamp);
  EXPECT_EQ(only("VOG7kEkgTeG6rFQNCg0KU+G7kTogMTIvQkMt\r\nVFUNCg==\r\n"),
            stamp + "\r\n\r\nS\xE1\xBB\x91: 12/BC-TU\r\n");
}

TEST(Hidden, JunkInBetweenIsPassedOver) {
  const std::string text =
      "This is a letter about the meeting of Monday. The papers for it are enclosed, please.";
  std::string data;
  for (const char c : Base64(text)) {
    data += c == '\r' || c == '\n' ? "" : std::string(1, c);
  }
  const auto with = [&data](size_t width, const std::string& between) {
    std::string out;
    for (size_t i = 0; i < data.size(); i += width) {
      out += data.substr(i, width) + between;
    }
    return FindHiddenBase64(out + "\r\n", Limits());
  };
  for (const std::string between : {"#\r\n", ".\r\n", " ", "\r\n--\r\n", "\r\n> ", "*"}) {
    const auto found = with(40, between);  // perhaps line by line as well
    EXPECT_EQ(std::count(found.begin(), found.end(), text), 1) << between;
  }
  EXPECT_EQ(with(4, " "), std::vector<std::string>{text});
  EXPECT_EQ(with(20, ".\r\n"), std::vector<std::string>{text});
  uint32_t word = 0;
  FindHiddenBase64("Please decode: " + data + " and answer.\r\n", Limits(), &word);
  EXPECT_EQ(word, kAmongWords);
  uint32_t alone = 0;
  FindHiddenBase64(data + "\r\n", Limits(), &alone);
  EXPECT_EQ(alone, 0U);
  EXPECT_EQ(FindHiddenBase64("Please decode: " + data + " and answer.\r\n", Limits()),
            std::vector<std::string>{text});
  EXPECT_TRUE(
      FindHiddenBase64("https://www.example.com/" + data + "?next=" + data + "\r\n", Limits())
          .empty());
}

TEST(Hidden, TextInUtf16AndTheAlphabetOfLinksAreRead) {
  std::string wide;
  for (const char c : std::string("The papers are enclosed, please.\r\n")) {
    wide += std::string(1, c) + std::string(1, '\0');
  }
  EXPECT_EQ(FindHiddenBase64(Base64(wide), Limits()), std::vector<std::string>{wide});
  EXPECT_EQ(FindHiddenBase64(Base64(wide.substr(1) + std::string(1, '\0')), Limits()).size(), 1U);
  // With - and _ for + and /.
  EXPECT_EQ(
      FindHiddenBase64("YX5-fiBtYW55IHdvcmRzPz8_fn4gYW5kIHNvIG9uLCBpdCBpcyBzYWlk\r\n", Limits()),
      std::vector<std::string>{"a~~~ many words?"
                               "?"
                               "?~~ and so on, it is said"});
}

TEST(Hidden, MoreTextsThanReadingsAreReadAsOne) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += Base64("number " + std::to_string(i) + " of many") + "\r\n-\r\n";
  }
  const auto found = FindHiddenBase64(text, Limits());
  EXPECT_EQ(found.size(), Limits().readings_per_part * 4U + 1U);
  EXPECT_NE(found.back().find("number 99 of many"), std::string::npos);
}

TEST(Hidden, WordsOnLinesOfTheirOwnAreNotBase64) {
  EXPECT_TRUE(
      FindHiddenBase64("Regards\nBenjaminHarrison\nAdministration\nexpectations\n"
                       "incomprehensible\nUNCOMMON\nthe end\nReynolds\nof it all\ndemanded\n",
                       Limits())
          .empty());
}

TEST(Hidden, LinesOfAFileFormatAreNotBase64) {
  EXPECT_TRUE(
      FindHiddenBase64("endobj\nxref\n0 4\nendstream\nendobj\ntrailer\n<<>>\n", Limits()).empty());
}

TEST(Hidden, KeysAndHashesAreNotContent) {
  std::string noise;
  uint32_t state = 1;
  for (int i = 0; i < 200; ++i) {
    state = state * 1664525U + 1013904223U;
    noise.push_back(static_cast<char>(state >> 24));
  }
  EXPECT_TRUE(FindHiddenBase64(Base64(noise), Limits()).empty());
}

}  // namespace
}  // namespace gatepost::decode
