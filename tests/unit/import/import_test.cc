// Other programs' rules to ours.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "src/import/cf_reader.h"
#include "src/import/perl_regex.h"
#include "src/import/prove.h"
#include "src/import/replace_tags.h"
#include "src/import/rspamd.h"
#include "src/import/settings.h"
#include "src/import/spam_assassin.h"
#include "src/ruleset/rule_set.h"
#include "src/scan/scanner.h"

namespace gatepost::import {
namespace {

namespace fs = std::filesystem;

class Import : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("gatepost_import_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "in");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / "in" / name).parent_path());
    std::ofstream(folder_ / "in" / name) << text;
  }

  Imported Take() {
    Result<Imported> imported = ImportSpamAssassin({(folder_ / "in").string()}, &diagnostics_);
    EXPECT_TRUE(imported.ok()) << imported.status().message();
    return std::move(imported).value();
  }

  // What the imported rules are once written and loaded.
  std::shared_ptr<const ruleset::RuleSet> Load(const Imported& imported) {
    std::vector<std::string> written;
    const Status status = WritePacks(imported.packs, (folder_ / "out").string(), &written);
    EXPECT_TRUE(status.ok()) << status.message();
    const auto rules = ruleset::RuleSet::Load({(folder_ / "out").string()}, &diagnostics_);
    EXPECT_TRUE(rules.ok()) << rules.status().message();
    return rules.ok() ? *rules : nullptr;
  }

  static std::map<std::string, Entry> ByName(const Report& report) {
    std::map<std::string, Entry> out;
    for (const Entry& entry : report.entries) {
      out[entry.name] = entry;
    }
    return out;
  }

  fs::path folder_;
  Diagnostics diagnostics_;
};

TEST(PerlRegex, KeepsWhatItSaysWithoutItsDelimiters) {
  EXPECT_EQ(ReadPerlRegex(R"(/a\/b/i)")->text, "a/b");
  EXPECT_TRUE(ReadPerlRegex("/a/i")->caseless);
  EXPECT_EQ(ReadPerlRegex("m{^https?://x{2}}")->text, "^https?://x{2}");
  EXPECT_EQ(ReadPerlRegex("/a b # c\n d/x")->text, "abd");
  EXPECT_EQ(ReadPerlRegex("/a.b/sm")->text, "(?sm)a.b");
  EXPECT_EQ(ReadPerlRegex("/\xE1/")->text, "\\xE1");
  EXPECT_EQ(ReadPerlRegex("/<tag>user@host/")->text, "\\<tag>user\\@host");
  EXPECT_EQ(ReadPerlRegex("/(?<name>a)[[:alpha:]@]/")->text, "(?<name>a)[[:alpha:]@]");
  EXPECT_FALSE(ReadPerlRegex("no slashes").ok());
  EXPECT_FALSE(ReadPerlRegex("/a/e").ok());
}

TEST_F(Import, ConditionsOfPluginsAndVersionsAreResolved) {
  Write(
      "10.cf",
      "ifplugin Mail::SpamAssassin::Plugin::ReplaceTags\nbody A /a/\nelse\nbody B /b/\nendif\n"
      "ifplugin Mail::SpamAssassin::Plugin::NoSuch\nbody C /c/\nendif\n"
      "if (version >= 3.004000) && !plugin(Mail::SpamAssassin::Plugin::NoSuch)\nbody D /d/\nendif\n"
      "if can(Mail::SpamAssassin::Conf::feature_bug6558_free)\nif version < 3.0\nbody E "
      "/e/\nendif\n"
      "body F /f\\#/  # a comment\nendif\nlang de describe F Deutsch\n");
  const Result<CfFiles> files = ReadCf({(folder_ / "in").string()}, 4.000001, &diagnostics_);
  ASSERT_TRUE(files.ok());
  const CfSettings settings = ReadSettings(*files);
  std::string names;
  for (const auto& [name, rule] : settings.rules) {
    names += name;
  }
  EXPECT_EQ(names, "ADF");
  EXPECT_EQ(settings.rules.at("F").test, "/f#/");
  EXPECT_TRUE(diagnostics_.all().empty());
}

TEST_F(Import, TagsAreReplacedAsThePluginDoes) {
  CfSettings settings;
  settings.tags = {{"A", "[a@]"}, {"B", "(?:b|8)"}};
  settings.inter = {{"W1", R"(\W?)"}};
  settings.post = {{"P2", "{1,2}"}};
  EXPECT_EQ(ReplaceTags(settings, "/<inter W1><post P2>(?!ab)<A><B>/i"),
            R"(/(?!ab)[a@]{1,2}\W?(?:b|8){1,2}/i)");
  EXPECT_EQ(ReplaceTags(settings, "/<C>x/"), "/<C>x/");
}

TEST_F(Import, EveryRuleIsInTheReportWithItsReason) {
  Write("20.cf",
        "body GOOD /good/i\nscore GOOD 1.5 2 3 4\ndescribe GOOD It's good\n"
        "body OFF /off/\nscore OFF 0\n"
        "header NET eval:check_rbl('x', 'y')\ntflags NET net\n"
        "body EVAL eval:check_stock_info('2')\n"
        "meta WITH_EVAL GOOD && !EVAL\nmeta ONLY_EVAL EVAL\n"
        "header NOT Subject !~ /x/\nheader UNSET References =~ /^UNSET$/ [if-unset: UNSET]\n"
        "body BROKEN /(/\n");
  const Imported imported = Take();
  const std::map<std::string, Entry> entries = ByName(imported.report);
  EXPECT_EQ(entries.at("GOOD").outcome, Outcome::kConverted);
  EXPECT_EQ(entries.at("OFF").outcome, Outcome::kOff);
  EXPECT_EQ(entries.at("NET").outcome, Outcome::kNot);
  EXPECT_EQ(entries.at("EVAL").outcome, Outcome::kNot);
  EXPECT_EQ(entries.at("EVAL").reason, "eval: check_stock_info");
  EXPECT_EQ(entries.at("WITH_EVAL").outcome, Outcome::kCaveat);
  EXPECT_EQ(entries.at("ONLY_EVAL").outcome, Outcome::kNot);
  EXPECT_EQ(entries.at("NOT").outcome, Outcome::kConverted);
  EXPECT_EQ(entries.at("BROKEN").outcome, Outcome::kNot);
  const auto rules = Load(imported);
  ASSERT_NE(rules, nullptr);
  ASSERT_NE(rules->Find("GOOD"), nullptr);
  EXPECT_EQ(rules->Find("GOOD")->score, 1.5);
  EXPECT_EQ(rules->Find("GOOD")->title_en, "It's good");
  EXPECT_EQ(rules->Find("OFF"), nullptr);
}

// Hits of the imported rules in one message.
std::map<std::string, uint32_t> HitsIn(const std::shared_ptr<const ruleset::RuleSet>& rules,
                                       const std::string& raw) {
  Diagnostics diagnostics;
  const auto scanner = scan::Scanner::Compile(rules, scan::CompileOptions(), &diagnostics);
  EXPECT_TRUE(scanner.ok()) << scanner.status().message();
  std::map<std::string, uint32_t> hits;
  if (!scanner.ok()) {
    return hits;
  }
  const Limits limits;
  const mail::Message message = mail::Message::Parse(raw, limits);
  const text::Views views =
      text::BuildViews(mail::Envelope(), message, decode::Leaves(), rules->wanted(), limits);
  scan::Matches matches = (*scanner)->Scan(views.views, limits);
  (*scanner)->EvaluateConditions(views.facts, views.views, &matches);
  for (size_t i = 0; i < matches.hit.size(); ++i) {
    if (matches.hit[i]) {
      hits[rules->rules()[i].id] = matches.counts[i];
    }
  }
  return hits;
}

TEST_F(Import, RulesHitAsSpamAssassinCounts) {
  Write("30.cf",
        "body __COIN /coin/\ntflags __COIN multiple maxhits=3\nbody __ONCE /coin/\n"
        "meta TWO __COIN + __ONCE >= 4\nmeta FIVE (__COIN * 2) - __ONCE > 5\n"
        "header __SUBJ exists:Subject\nheader __NOTO exists:To\nmeta NO_TO __SUBJ && !__NOTO\n"
        "header ADDR From:addr =~ /^a\\@b\\.example$/\nheader NAME From:name =~ /^Ann$/\n"
        "header RAW Subject:raw =~ /=\\?utf-8\\?/i\nheader WORDS Subject =~ /m\\xe1\\xba\\xadt/\n"
        "uri LINK /^http:\\/\\/www\\.example\\.com\\/x$/\nmimeheader PDF Content-Type =~ /pdf/\n"
        "rawbody TWOLINES /coin\\ncoin/\nbody SUBJECT_TOO /^stamp m/\nfull WHOLE /\\n\\ncoin/\n"
        "body ONE_LINE /coin coin see/\nheader MISSING X-None !~ /./\n");
  const auto rules = Load(Take());
  ASSERT_NE(rules, nullptr);
  const auto hits = HitsIn(rules,
                           "From: Ann <a@b.example>\r\nSubject: stamp =?utf-8?Q?m=E1=BA=ADt?=\r\n"
                           "Content-Type: text/plain\r\n\r\ncoin\r\ncoin see www.example.com/x.\r\n"
                           "\r\ncoin\r\ncoin\r\n");
  EXPECT_EQ(hits.at("__COIN"), 3U);
  EXPECT_EQ(hits.at("__ONCE"), 1U);
  for (const char* name : {"TWO", "NO_TO", "ADDR", "NAME", "RAW", "WORDS", "LINK", "TWOLINES",
                           "SUBJECT_TOO", "WHOLE", "ONE_LINE", "MISSING"}) {
    EXPECT_EQ(hits.count(name), 1U) << name;
  }
  EXPECT_EQ(hits.count("FIVE"), 0U);
  EXPECT_EQ(hits.count("PDF"), 0U);
}

TEST_F(Import, SendersThatASiteWelcomesAndBlocksBecomeLists) {
  Write("local.cf",
        "welcomelist_from *@good.example ann@b.example\nblacklist_from *spam*@bad.example\n"
        "blocklist_from *@bad.example\nrequired_score 6.5\ntrusted_networks 10/8\n");
  const Imported imported = Take();
  EXPECT_EQ(imported.policy, "thresholds: {tag: 6.5}\n");
  const auto rules = Load(imported);
  ASSERT_NE(rules, nullptr);
  ASSERT_NE(rules->FindList("sa-welcomelist-from"), nullptr);
  EXPECT_TRUE(rules->FindList("sa-welcomelist-from")->Contains("x@good.example"));
  EXPECT_TRUE(rules->FindList("sa-welcomelist-from")->Contains("ann@b.example"));
  EXPECT_EQ(rules->Find("USER_IN_BLOCKLIST")->score, 100);
  EXPECT_EQ(ByName(imported.report).at("blacklist_from *spam*@bad.example").outcome, Outcome::kNot);
}

TEST_F(Import, FreemailListsAndSomeFunctionsBecomeRules) {
  Write("20.cf",
        "freemail_domains free.example *.mail.example\nfreemail_welcomelist known.mail.example\n"
        "header FREE eval:check_freemail_from()\n"
        "header FREE_DIGIT eval:check_freemail_header('Reply-To', '\\d@')\n"
        "header FREE_BODY eval:check_freemail_replyto('reply')\n"
        "header ALL_TRUSTED eval:check_all_trusted()\nbody CENTER eval:html_tag_exists('center')\n"
        "header REAL exists:MessageID\nheader COMPOSED exists:MESSAGEID\n"
        "meta NET FREE\ntflags NET net\n");
  const Imported imported = Take();
  const auto entries = ByName(imported.report);
  for (const char* name : {"FREE", "FREE_DIGIT", "ALL_TRUSTED", "CENTER", "REAL", "NET"}) {
    EXPECT_EQ(entries.at(name).outcome, Outcome::kConverted) << name;
  }
  EXPECT_EQ(entries.at("FREE_BODY").outcome, Outcome::kNot);
  const auto rules = Load(imported);
  ASSERT_NE(rules, nullptr);
  EXPECT_TRUE(rules->FindList("sa-freemail")->Contains("x@free.example"));
  EXPECT_FALSE(rules->FindList("sa-freemail")->Contains("x@other.example"));
  EXPECT_EQ(rules->Find("REAL")->zones, std::vector<text::Zone>({"sa:fields"}));
  EXPECT_EQ(rules->Find("COMPOSED")->zones, std::vector<text::Zone>({"sa:header:messageid"}));
  EXPECT_EQ(rules->Find("CENTER")->match[0].written, "^tag center$");
}

TEST_F(Import, ATestLineOfANegatedRuleSaysWhatMustNotMatch) {
  Write("20.cf", "header DATE Date !~ /^Mon/\ntest DATE ok Tue\ntest DATE fail Mon\n");
  const auto rules = Load(Take());
  ASSERT_NE(rules, nullptr);
  const auto scanner = scan::Scanner::Compile(rules, {}, &diagnostics_);
  ASSERT_TRUE(scanner.ok()) << scanner.status().message();
  EXPECT_EQ(rules->Find("__DATE.match")->examples.size(), 2U);
  scan::RunExamples(**scanner, &diagnostics_);
  EXPECT_FALSE(diagnostics_.has_errors()) << diagnostics_.ToStatus().message();
}

TEST_F(Import, OneRuleThatDoesNotLoadKeepsNoOtherOut) {
  Write("10.cf",
        "body GOOD /cheap pills/\n"
        "body COND /(a)?b(?(1)c|d)/\n"
        "body REC /foo(?1)(bar)/\n"
        "meta OPEN (GOOD + GOOD\n"
        "meta WORDS GOOD > 1 and GOOD\n"
        "meta BOTH GOOD && !COND\n"
        "body TWICE /a/ && /b/\n"
        "header HTWICE Subject =~ /a/ && /b/\n"
        "score GOOD 1e308\n");
  Imported imported = Take();
  Diagnostics left;
  const Status proved = Prove(&imported, &left);
  ASSERT_TRUE(proved.ok()) << proved.message() << left.ToStatus().message();
  const auto rules = Load(imported);
  ASSERT_NE(rules, nullptr) << diagnostics_.ToStatus().message();
  EXPECT_TRUE(scan::Scanner::Compile(rules, {}, &diagnostics_).ok())
      << diagnostics_.ToStatus().message();
  const auto entries = ByName(imported.report);
  for (const char* name : {"COND", "REC", "OPEN", "WORDS", "TWICE", "HTWICE"}) {
    EXPECT_EQ(entries.at(name).outcome, Outcome::kNot) << name;
    EXPECT_NE(entries.at(name).reason, "") << name;
    EXPECT_EQ(rules->Find(name), nullptr) << name;
  }
  EXPECT_EQ(entries.at("BOTH").outcome, Outcome::kCaveat);
  EXPECT_NE(entries.at("BOTH").reason.find("COND"), std::string::npos);
  ASSERT_NE(rules->Find("BOTH"), nullptr);
  EXPECT_EQ(entries.at("GOOD").outcome, Outcome::kCaveat) << "its score is cut";
  EXPECT_EQ(rules->Find("GOOD")->score, 100);
}

TEST_F(Import, IncludedFilesAreReadAndNothingIsPassedOverInSilence) {
  Write("10.cf",
        "include more/x.inc\ninclude nowhere.inc\nbody OK1 /fine/\n"
        "uri_detail UD domain =~ /evil/\naskdns ASK _SENDERDOMAIN_ TXT /x/\n"
        "meta LATER OK1 && UD\nredirector_pattern /x/\nredirector_pattern /y/\n");
  Write("more/x.inc", "if false\nendif\nbody INNER /inner/\ninclude x.inc\n");
  const Imported imported = Take();
  const auto entries = ByName(imported.report);
  EXPECT_EQ(entries.at("INNER").outcome, Outcome::kConverted);
  EXPECT_EQ(entries.at("UD").outcome, Outcome::kNot);
  EXPECT_NE(entries.at("UD").reason.find("zone url"), std::string::npos);
  EXPECT_EQ(entries.at("ASK").outcome, Outcome::kNot);
  EXPECT_EQ(entries.at("LATER").outcome, Outcome::kCaveat);
  EXPECT_EQ(entries.count("redirector_pattern (2 lines)"), 1U);
  std::string said;
  for (const Diagnostic& one : diagnostics_.all()) {
    said += one.ToString() + "\n";
  }
  EXPECT_NE(said.find("10.cf:2:1: warning: its rules are missing"), std::string::npos) << said;
  EXPECT_NE(said.find("deeper than 16"), std::string::npos) << said;
}

TEST_F(Import, WhatAMapOfRspamdSaysBesidesIsInTheReport) {
  Write("rs/multimap.conf",
        "OFF { type = \"from\"; map = [\"a@b.example\"]; enabled = false; }\n"
        "ONE { type = \"from\"; map = [\"a@b.example\"]; action = \"reject\"; require_symbols = "
        "\"X\"; }\n"
        "RE { type = \"header\"; header = \"Subject\"; regexp = true; map = \"re.map\"; }\n"
        "USER { type = \"from\"; filter = \"email:user\"; map = \"users.map\"; }\n");
  Write("rs/re.map", "/unclosed(/\n/viagra/i BAR_V:6.0\n");
  Write("rs/users.map", "john 12.0\nmary\n");
  Result<Imported> imported =
      ImportRspamd({(folder_ / "in/rs/multimap.conf").string()}, &diagnostics_);
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  Diagnostics left;
  ASSERT_TRUE(Prove(&*imported, &left).ok()) << left.ToStatus().message();
  const auto rules = Load(*imported);
  ASSERT_NE(rules, nullptr) << diagnostics_.ToStatus().message();
  const auto entries = ByName(imported->report);
  EXPECT_EQ(entries.at("OFF").outcome, Outcome::kOff);
  EXPECT_EQ(rules->Find("OFF"), nullptr);
  ASSERT_NE(rules->Find("ONE"), nullptr) << "a map of one entry";
  EXPECT_NE(entries.at("ONE").reason.find("require_symbols"), std::string::npos);
  EXPECT_NE(entries.at("ONE").reason.find("reject"), std::string::npos);
  ASSERT_NE(rules->Find("RE"), nullptr);
  EXPECT_EQ(rules->Find("RE")->match.size(), 1U);
  EXPECT_NE(entries.at("RE").reason.find("1 expressions were left out"), std::string::npos);
  EXPECT_NE(entries.at("RE").reason.find("scores or symbols of 1"), std::string::npos);
  EXPECT_NE(entries.at("USER").reason.find("email:user"), std::string::npos);
  EXPECT_NE(entries.at("USER").reason.find("scores or symbols of 1"), std::string::npos);
}

TEST_F(Import, MapsOfRspamdComeWithTheirFiles) {
  Write("multimap.conf",
        "BAD_SENDER {\n  type = \"from\"; filter = \"email:domain\";\n  map = \"bad.map\"; score = "
        "7.5;\n"
        "  description = \"Known\"; # note\n}\n"
        "lure {\n type = header; header = \"Subject\"; regexp = true; map = [\"lure.map\"]; symbol "
        "= LURE;\n"
        " action = \"reject\";\n}\nIPS { type = ip; map = \"ip.map\"; }\n"
        "FAR { type = from; map = \"https://maps.example/x\"; }\n"
        "EXT { type = filename; filter = \"extension\"; map = [\"exe\", \"scr\"]; score = 3 }\n"
        "freemail_domains { list = [\"a.example\"]; }\n");
  Write("bad.map", "bad.example # why\n# only a comment\nworse.example 2.0\n");
  Write("lure.map", "/win(?:ner)?/i\n/^urgent/\n");
  const Result<Imported> imported = ImportRspamd({(folder_ / "in").string()}, &diagnostics_);
  ASSERT_TRUE(imported.ok()) << imported.status().message();
  const auto entries = ByName(imported->report);
  EXPECT_EQ(entries.at("BAD_SENDER").outcome, Outcome::kCaveat);
  EXPECT_NE(entries.at("BAD_SENDER").reason.find("scores or symbols of 1"), std::string::npos)
      << "a comment is no score";
  EXPECT_EQ(entries.at("LURE").outcome, Outcome::kCaveat);
  EXPECT_EQ(entries.at("IPS").outcome, Outcome::kNot);
  EXPECT_EQ(entries.at("FAR").outcome, Outcome::kNot);
  EXPECT_EQ(entries.at("EXT").outcome, Outcome::kConverted);
  EXPECT_EQ(entries.at("freemail_domains").outcome, Outcome::kNot) << "nothing goes unsaid";
  const auto rules = Load(*imported);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->Find("BAD_SENDER")->score, 7.5);
  EXPECT_TRUE(rules->FindList("bad_sender")->Contains("x@worse.example"));
  EXPECT_TRUE(rules->FindList("ext")->Contains("virus.exe"));
}

}  // namespace
}  // namespace gatepost::import
