// Legacy Vietnamese: found, decoded, repaired; and nothing else taken for it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy.h"

#include <gtest/gtest.h>

#include <map>

#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/legacy_tables.h"
#include "src/text/unicode.h"

namespace gatepost::text {
namespace {

std::string FindLegacy(std::string_view utf8, std::string_view hint) {
  return ReadLegacy(utf8, {hint, nullptr}).names;
}

TEST(Legacy, Tcvn3IsFoundAndItsCapitalsAreRepaired) {
  const std::string text =
      "UBND TØnh Qu¶ng TrÞ\nTUYÖT MËT\nQuyÕt ®Þnh vÒ c«ng t¸c b\u00EDo c\u00E1o vµ v¨n b¶n "
      "n\u00ADíc";
  ASSERT_EQ(FindLegacy(text, ""), "tcvn3");
  const std::string decoded = ReadLegacy(text, {}).utf8;
  EXPECT_NE(decoded.find("\nTUYỆT MẬT\n"), std::string::npos) << decoded;
  EXPECT_NE(decoded.find("Tỉnh Quảng Trị"), std::string::npos) << decoded;
  EXPECT_NE(decoded.find("nước"), std::string::npos) << decoded;
}

TEST(Legacy, VniViscii1258AndVietwareAreFound) {
  const std::map<std::string, std::string> texts = {
      {"vni", "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam ñoäc laäp töï do haïnh phuùc"},
      {"viscii", "Cµng hòa xã hµi chü nghîa Vi®t Nam Ðµc l§p tñ do h\u00D5nh phúc"},
      {"windows-1258", "Côòng hoÌa xaÞ hôòi chuÒ nghiÞa Viêòt Nam Ðôòc lâòp týò do haònh phuìc"}};
  for (const auto& [name, text] : texts) {
    EXPECT_EQ(FindLegacy(text, ""), name);
  }
  EXPECT_EQ(ReadLegacy("Coäng hoøa TOÁI MAÄT", {"vni", nullptr}).utf8, "Cộng hòa TỐI MẬT");
}

TEST(Legacy, Utf8EncodedTwiceIsUndone) {
  std::string twice;
  for (const char c : std::string("Tuyệt mật của Đảng")) {
    AppendUtf8(Windows1252(static_cast<unsigned char>(c)), &twice);
  }
  ASSERT_EQ(FindLegacy(twice, ""), "utf-8-twice");
  EXPECT_EQ(ReadLegacy(twice, {}).utf8, "Tuyệt mật của Đảng");
}

TEST(Legacy, ViqrNeedsManyWords) {
  EXPECT_EQ(FindLegacy("Vie^.t Nam: a^.b = x^2 ^ y^3 ^.^ ^^", ""), "");
  const std::string text =
      "Tie^'ng Vie^.t la` mo^.t ngo^n ngu+~. Cu?a Da^`u tie^n, o^?n ddi.nh ma^.t no^.i bo^.";
  ASSERT_EQ(FindLegacy(text, ""), "viqr");
  EXPECT_EQ(ReadLegacy(text, {}).utf8.substr(0, 18), "Tiếng Việt là");
}

TEST(Legacy, TheMessagesEncodingDecidesForAShortText) {
  EXPECT_EQ(FindLegacy("TUYÖT MËT", ""), "");
  EXPECT_EQ(FindLegacy("TUYÖT MËT", "tcvn3"), "tcvn3");
  EXPECT_EQ(FindLegacy("Café Zürich", "tcvn3"), "");
}

TEST(Legacy, ALabelIsAHintAndNoMore) {
  EXPECT_EQ(EncodingsOfLabel("x-viet-TCVN5712"), "tcvn3 vn1");
  EXPECT_EQ(EncodingsOfLabel("VISCII1.1-1"), "viscii");
  EXPECT_EQ(EncodingsOfLabel("windows-1252"), "");
  EXPECT_EQ(ReadLegacy("TUYÖT MËT", {EncodingsOfLabel("x-viet-tcvn"), nullptr}).utf8, "TUYỆT MẬT");
  EXPECT_EQ(ReadLegacy("TUYŒT M†T", {EncodingsOfLabel("x-viet-tcvn"), nullptr}).utf8, "TUYỆT MẬT");
  EXPECT_EQ(FindLegacy("Café Zürich", EncodingsOfLabel("x-viet-tcvn")), "");
}

TEST(Legacy, UnicodeVietnameseIsLeftAlone) {
  const Result<std::string> text =
      ReadFile(std::string(GATEPOST_SOURCE_DIR) + "/tests/data/464-QD-TU.txt");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(FindLegacy(text.value(), ""), "");
  EXPECT_EQ(FindLegacy("là và có cá gì thì mà ý khí cũ", ""), "");
}

TEST(Legacy, WesternTextIsNeverVietnamese) {
  for (const char* text :
       {"Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis à l’été où naît Noël",
        "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich, schöne Grüße für Jürgen",
        "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, añoraba a su querido",
        "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim queixoso, não é açaí também",
        "Pijamalı hasta yağız şoföre çabucak güvendi, öğüt İstanbul",
        "´ú¿ª·¢Æ± ¹«Ë¾ÄúºÃ ÖÐ¹ú ±±¾© ÉÏº£ Ò»Çø", "ðòå âåùè íàøè äëÿ âàñ Ïðèâåò"}) {
    EXPECT_EQ(FindLegacy(text, ""), "") << text;
  }
}

TEST(Legacy, AsciiWordsAroundTellForeignTextFromVietnamese) {
  for (const char* text :
       {// Some words here are syllables in windows-1258, VPS, VISCII or Vietware.
        "Se ciò è avvenuto più di una volta, alcuni dati potrebbero essere corrotti e potresti",
        "Nessun tag annotato può descrivere. Ciò nonostante, c'erano dei tag non annotati: prova",
        "Retning på pil\nDu må velje eit kortare passord\nSett eit hint for å teikna radene",
        "Fout: methodenaam ‘%s’ is ongeldig\noudermap '%s' werd «%s»; wachter op '%s'",
        "tša Boitsebišo tše tšeo"}) {
    EXPECT_EQ(FindLegacy(text, ""), "") << text;
  }
}

TEST(Legacy, QuoteMarksOfAnotherPageAreNoLetters) {
  // Macintosh has quote marks and accents where TCVN3 and VN1 have letters.
  for (const char* text :
       {"O nome do transporte no elemento de endereço “%s” não pode estar “vazio”",
        "Èìèœàòà íà äàòîòåêè íå ìîæàò äà ñîäðæàò „%c“", "prefijo «%s» por sí solo"}) {
    EXPECT_EQ(FindLegacy(text, ""), "") << text;
  }
}

TEST(Legacy, LettersThatAPageHasNotBelongToTheirWordAllTheSame) {
  // Serbian in windows-1251, shown by windows-1252: ISO 8859-2 has the half of its letters.
  EXPECT_EQ(FindLegacy("Ðåšåô çà ãðóïó äóãìàäè çàãëàâšà", ""), "");
}

TEST(Legacy, WhatStandsAloneAsDWithStrokeIsTheDong) {
  const std::string text =
      "Møc phÝ lµ 150.000 ® (1.000®), tiÒn ¨n 34.000®/ngµy; céng ®ång, nh©n d©n\n§ Môc tiªu, (§)";
  ASSERT_EQ(FindLegacy(text, ""), "tcvn3");
  EXPECT_EQ(ReadLegacy(text, {}).utf8,
            "Mức phí là 150.000 đ (1.000đ), tiền ăn 34.000đ/ngày; cộng đồng, nhân dân\n"
            "§ Mục tiêu, (Đ)");
}

TEST(Legacy, SignsBehindLatinNamesStaySigns) {
  const std::string text = "PhÇn mÒm Windows® cña h·ng Microsoft™ ®­îc cµi ®Æt trªn m¸y «Server»";
  EXPECT_EQ(ReadLegacy(text, {}).utf8,
            "Phần mềm Windows® của hãng Microsoft™ được cài đặt trên máy «Server»");
}

TEST(Legacy, ASoftHyphenThatAReaderOfPdfShowsAsMinusIsALetter) {
  EXPECT_EQ(ReadLegacy("Thñ t−íng ChÝnh phñ, Bé tr−ëng ®−îc quyÒn nh− trªn", {}).utf8,
            "Thủ tướng Chính phủ, Bộ trưởng được quyền như trên");
}

TEST(Legacy, Vn1WithCapitalsOfItsOwnIsNotLostToTcvn3) {
  // The capital A with circumflex and acute is C4 in VN1, an empty place in TCVN3.
  const std::string text = "D\u00AD\u00ACng Kh¾c Th¾ng\n§oµn V¨n \u00C4n\nBÕ Minh TrÝ";
  ASSERT_EQ(FindLegacy(text, ""), "vn1");
  EXPECT_EQ(ReadLegacy(text, {}).utf8, "Dương Khắc Thắng\nĐoàn Văn Ấn\nBế Minh Trí");
}

TEST(Legacy, IsoLatin9AndWindows1258AreSeenThrough) {
  // ISO 8859-15 shows B8 (a with acute) as z with caron.
  EXPECT_EQ(
      ReadLegacy("TiÒn l­¬ng, tiÒn c«ng vµ cžc kho¶n kh\u017Ec ph¶i tr¶ cho ng­êi lao ®éng", {})
          .utf8,
      "Tiền lương, tiền công và các khoản khác phải trả cho người lao động");
  // windows-1258 shows D2 and DE as marks, which stand on ASCII letters by chance.
  EXPECT_EQ(ReadLegacy("Ti\u0309n l­¬ng, ti\u0309n c«ng vµ c¸c kho¶n ®\u0303nh møc ph¶i tr¶ cho "
                       "ng­êi lao ®éng v\u0309 viÖc nµy",
                       {})
                .names,
            "tcvn3");
}

TEST(Legacy, AShortTextInViqrIsReadWhereAllItsWordsAreSyllables) {
  EXPECT_EQ(ReadLegacy("Li.ch co^ng ta'c cu?a Thu+o+`ng tru+.c Ti?nh u?y", {}).utf8,
            "Lịch công tác của Thường trực Tỉnh ủy");
  EXPECT_EQ(ReadLegacy("Cao Ho^`ng So+n\nQua'ch Thu'y Nga", {}).utf8,
            "Cao Hồng Sơn\nQuách Thúy Nga");
  for (const char* text : {"grep -E 'o+.*e^.' file | sed s/a*.b/o+?/",
                           "E = o^.x + a^'b, \\hat{e^~}, what? the boy's a.",
                           "We're going to the u+'s o^. again, aren't we?"}) {
    EXPECT_EQ(FindLegacy(text, ""), "") << text;
  }
}

TEST(Legacy, AddressesInViqrKeepTheirStops) {
  EXPECT_EQ(ReadLegacy(
                "Tha^n gu+?i ba.n: ma^.t kha^?u cu?a hopthu@yahoo.com, www.zing.vn, e.g. mo^.t", {})
                .utf8,
            "Thân gửi bạn: mật khẩu của hopthu@yahoo.com, www.zing.vn, e.g. một");
}

TEST(Legacy, SyllablesFollowThePhonotactics) {
  for (const char32_t* good : {U"mật", U"TUYỆT", U"nghiêng", U"quyết", U"giết", U"gì", U"đường"}) {
    EXPECT_TRUE(IsSyllable(good));
  }
  for (const char32_t* bad :
       {U"mậc̣", U"matt", U"zür", U"cafe", U"hoàt", U"été", U"", U"ciò", U"ngệ", U"ghà", U"gề"}) {
    EXPECT_FALSE(IsSyllable(bad));
  }
}

}  // namespace
}  // namespace gatepost::text
