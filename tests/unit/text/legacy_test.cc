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

TEST(Legacy, SyllablesFollowThePhonotactics) {
  for (const char32_t* good : {U"mật", U"TUYỆT", U"nghiêng", U"quyết", U"giết", U"gì", U"đường"}) {
    EXPECT_TRUE(IsSyllable(good));
  }
  for (const char32_t* bad : {U"mậc̣", U"matt", U"zür", U"cafe", U"hoàt", U"été", U""}) {
    EXPECT_FALSE(IsSyllable(bad));
  }
}

}  // namespace
}  // namespace gatepost::text
