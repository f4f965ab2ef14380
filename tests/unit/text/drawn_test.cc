// A font that draws capitals: what was typed stays what is read, and rules see the capitals too.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "src/text/legacy.h"
#include "src/text/view.h"

namespace gatepost::text {
namespace {

// The runs of a text: each line in the font of the same number.
std::vector<decode::FontRun> RunsOfLines(const std::string& text,
                                         const std::vector<std::string>& fonts) {
  std::vector<decode::FontRun> runs;
  size_t at = 0;
  for (const std::string& font : fonts) {
    const size_t end = std::min(text.find('\n', at), text.size());
    runs.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(end), font});
    at = end + 1;
  }
  return runs;
}

constexpr const char* kLetter = "tèi mËt\nQuyÕt ®Þnh vÒ c«ng t¸c\nn\u00ADíc vµ nhµ\nTUYÖT mËt\nhåi";

TEST(Drawn, TheTextKeepsTheCaseOfTheCodesAndTheDrawnOneHasCapitals) {
  const auto runs =
      RunsOfLines(kLetter, {".VnTimeH", ".VnTime", ".VnTime", ".VnArialH", ".VnTime"});
  const LegacyText read = ReadLegacy(kLetter, {"", &runs});
  EXPECT_EQ(read.utf8, "tối mật\nQuyết định về công tác\nnước và nhà\nTUYỆT mật\nhồi");
  EXPECT_EQ(read.drawn, "TỐI MẬT\nQuyết định về công tác\nnước và nhà\nTUYỆT MẬT\nhồi");
}

TEST(Drawn, WithoutSuchAFontThereIsNoDrawnText) {
  const auto runs = RunsOfLines(kLetter, {".VnTime", ".VnTime", ".VnTime", ".VnArial", ".VnTime"});
  EXPECT_EQ(ReadLegacy(kLetter, {"", &runs}).drawn, "");
  // Capitals were typed: both readings are the same.
  const std::string capitals = "TèI MËT\nQUYÕT §ÞNH VÒ C¤NG T¸C";
  const auto drawing = RunsOfLines(capitals, {".VnTimeH", ".VnTimeH"});
  const LegacyText read = ReadLegacy(capitals, {"", &drawing});
  EXPECT_EQ(read.utf8, "TỐI MẬT\nQUYẾT ĐỊNH VỀ CÔNG TÁC");
  EXPECT_EQ(read.drawn, "");
}

struct Document {
  mail::Message message = mail::Message::Parse("\r\n", Limits());
  decode::Leaves leaves;
  std::vector<TextView> Views(Form form) const {
    Wanted wanted;
    wanted.Add("attachment", form);
    return BuildViews({}, message, leaves, wanted, Limits()).views;
  }
};

Document With(const std::string& text, std::vector<decode::FontRun> runs) {
  Document out;
  decode::Leaf leaf;
  leaf.type = decode::Type::kOoxml;
  leaf.path = "plan.docx";
  leaf.is_container = true;
  out.leaves.leaves.push_back(leaf);
  decode::DocumentText document;
  document.zone = "attachment";
  document.utf8 = text;
  document.fonts = std::move(runs);
  out.leaves.texts.push_back(std::move(document));
  return out;
}

TEST(Drawn, RulesSeeTheStampInCapitalsAndTheReaderWhatWasTyped) {
  const Document document = With(
      kLetter, RunsOfLines(kLetter, {".VnTimeH", ".VnTime", ".VnTime", ".VnArialH", ".VnTime"}));
  const std::vector<TextView> views = document.Views(Form::kNfc);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_FALSE(views[0].undone);
  EXPECT_EQ(views[0].utf8, "tối mật\nQuyết định về công tác\nnước và nhà\nTUYỆT mật\nhồi");
  // Only the lines that differ, at their places.
  EXPECT_TRUE(views[1].undone);
  EXPECT_EQ(views[1].utf8, "TỐI MẬT\n\n\nTUYỆT MẬT\nhồi");
  const std::string text = ReadableText(document.message, document.leaves, Limits());
  EXPECT_NE(text.find("tối mật\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("TỐI MẬT"), std::string::npos) << text;
}

TEST(Drawn, TheCapitalsLeadBackToTheirCodes) {
  const std::string text = kLetter;
  const Document document =
      With(text, RunsOfLines(text, {".VnTimeH", ".VnTime", ".VnTime", ".VnArialH", ".VnTime"}));
  const TextView capitals = document.Views(Form::kNfc).at(1);
  for (const auto& [shown, code] :
       {std::pair<std::string, std::string>{"TỐI MẬT", "tèi mËt"}, {"TUYỆT MẬT", "TUYÖT mËt"}}) {
    const auto at = static_cast<uint32_t>(capitals.utf8.find(shown));
    const Range source = capitals.SourceOf({at, at + static_cast<uint32_t>(shown.size())});
    EXPECT_EQ(text.substr(source.begin, source.size()), code);
  }
}

TEST(Drawn, AStampSetApartInSuchAFontIsJoinedInCapitals) {
  const std::string text = "t è i  m Ë t\nQuyÕt ®Þnh vÒ c«ng t¸c nhµ n\u00ADíc vµ tØnh";
  const Document document = With(text, RunsOfLines(text, {".VnTimeH", ".VnTime"}));
  const std::vector<TextView> views = document.Views(Form::kSkel);
  EXPECT_TRUE(std::any_of(views.begin(), views.end(),
                          [](const TextView& view) { return view.utf8 == "TỐI MẬT\n"; }));
}

constexpr const char* kCapitals =
    "Arial\x1F"
    "capitals";

TEST(Drawn, CapitalsThatADocumentAsksForAreSeenByRulesInUnicodeToo) {
  const std::string text = "Số 15.\ntối mật\nHết";
  const Document document = With(text, RunsOfLines(text, {"Arial", kCapitals, "Arial"}));
  const std::vector<TextView> views = document.Views(Form::kNfc);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(views[0].utf8, text);
  EXPECT_TRUE(views[1].undone);
  EXPECT_EQ(views[1].utf8, "\nTỐI MẬT\n");
  const Range source = views[1].SourceOf({1, 1 + 11});
  EXPECT_EQ(text.substr(source.begin, source.size()), "tối mật");
}

TEST(Drawn, CapitalsThatADocumentAsksForInAnOldFontAreDrawnAfterDecoding) {
  const std::string text = "tèi mËt\nQuyÕt ®Þnh vÒ c«ng t¸c nhµ n\u00ADíc vµ tØnh";
  const Document document = With(text, RunsOfLines(text, {".VnTime\x1F"
                                                          "capitals",
                                                          ".VnTime"}));
  const std::vector<TextView> views = document.Views(Form::kNfc);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(views[1].utf8, "TỐI MẬT\n");
}

TEST(Drawn, CapitalsThatWereTypedNeedNoSecondReading) {
  const std::string text = "TỐI MẬT 15";
  EXPECT_EQ(With(text, RunsOfLines(text, {kCapitals})).Views(Form::kNfc).size(), 1U);
}

}  // namespace
}  // namespace gatepost::text
