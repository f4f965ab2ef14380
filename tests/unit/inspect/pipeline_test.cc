// The pipeline in this process, on mails of our own.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include "src/base/utf8.h"
#include "src/inspect/inspector.h"
#include "tests/unit/inspect/inspect_testing.h"

namespace gatepost::inspect {
namespace {

class PipelineTest : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    auto rules = ruleset::RuleSet::Load({site_.rules()}, &diagnostics);
    ASSERT_TRUE(rules.ok()) << rules.status().message();
    auto scanner = scan::Scanner::Compile(*rules, {}, &diagnostics);
    ASSERT_TRUE(scanner.ok()) << scanner.status().message();
    scanner_ = std::move(scanner).value();
    auto engine = virus::Engine::Load(site_.signatures(), "/tmp", Limits());
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    tools_.scanner = scanner_.get();
    tools_.engine = engine_.get();
    tools_.site.own_domains = {"office.example"};
    tools_.site.authserv_id = "mx.office.example";
  }
  Findings Run(const std::string& raw) { return Inspect(envelope_, raw, tools_, Limits()); }
  TestSite site_;
  std::unique_ptr<scan::Scanner> scanner_;
  std::unique_ptr<virus::Engine> engine_;
  Tools tools_;
  mail::Envelope envelope_ = TestEnvelope();
};

TEST_F(PipelineTest, OneGroupCountsOnceWithItsHighestScore) {
  const Findings findings = Run(TestMail("hello lottery million shadowed"));
  ASSERT_EQ(findings.hits.size(), 4U);
  EXPECT_EQ(findings.hits[0].id, "TST-001");
  EXPECT_EQ(findings.score, 4);
  EXPECT_EQ(findings.subject, "a letter");
  EXPECT_EQ(findings.message_id, "<1@example.org>");
}

TEST_F(PipelineTest, EvidenceSaysWhereAndIsSilentWhereTheRuleSaysSo) {
  const Findings findings = Run(TestMail("one\r\nlottery secretword"));
  const RuleHit* open = FindHit(findings, "TST-001");
  const RuleHit* silent = FindHit(findings, "TST-004");
  ASSERT_NE(open, nullptr);
  ASSERT_NE(silent, nullptr);
  EXPECT_EQ(open->evidence.at(0).text, "lottery");
  EXPECT_EQ(open->evidence.at(0).zone, "body");
  EXPECT_EQ(open->evidence.at(0).line, 2U);
  EXPECT_EQ(silent->evidence.at(0).text, "");
  EXPECT_EQ(silent->level, ruleset::Level::kMat);
}

TEST_F(PipelineTest, ALineIsOnlyForAPersonWhoHasTheMessage) {
  const std::string mail = TestMail("one\r\na lottery for all\r\nend");
  EXPECT_EQ(FindHit(Run(mail), "TST-001")->evidence.at(0).context, "");
  tools_.detail = Detail::kPerson;
  const Findings findings = Run(mail);
  const Evidence& one = FindHit(findings, "TST-001")->evidence.at(0);
  EXPECT_EQ(one.context, "a lottery for all");
  EXPECT_EQ(one.context.substr(one.context_start, one.context_end - one.context_start), "lottery");
}

TEST_F(PipelineTest, TimesAreThereWhereTheyAreAskedFor) {
  const std::string mail = TestMail("hello lottery million shadowed");
  EXPECT_FALSE(Run(mail).times.measured);
  tools_.detail = Detail::kMeasured;
  const Findings findings = Run(mail);
  EXPECT_EQ(findings.hits.size(), 4U);
  EXPECT_EQ(FindHit(findings, "TST-001")->evidence.at(0).context, "") << "it is for a record";
  ASSERT_TRUE(findings.times.measured);
  std::set<std::string> timed;
  uint64_t ns = 0;
  for (const ScanTimes::OfRule& one : findings.times.rules) {
    timed.insert(one.id);
    ns += one.ns;
  }
  EXPECT_EQ(timed.count("TST-001"), 1U);
  EXPECT_EQ(timed.count("TST-005"), 1U) << "in shadow";
  EXPECT_EQ(timed.count("TST-006"), 1U) << "a condition";
  EXPECT_EQ(timed.count("TST-004"), 0U) << "its word is not in the mail";
  EXPECT_FALSE(findings.times.shared.empty());
  EXPECT_LE(static_cast<double>(ns) / 1e6, findings.ms.at("scan") + findings.ms.at("conditions"));
}

TEST_F(PipelineTest, NoLineIsShownBesideARuleThatShowsNothing) {
  tools_.detail = Detail::kPerson;
  const Findings findings = Run(TestMail("a lottery for all\r\nsecretword"));
  EXPECT_EQ(FindHit(findings, "TST-001")->evidence.at(0).context, "");
  EXPECT_EQ(FindHit(findings, "TST-001")->evidence.at(0).text, "lottery");
}

TEST_F(PipelineTest, ALongLineIsCutAroundItsMatchAtLettersEdges) {
  tools_.detail = Detail::kPerson;
  std::string line;
  for (int i = 0; i < 300; ++i) {
    line += "\xE1\xBA\xAD";  // three bytes each
  }
  const Findings findings = Run(TestMail(line + " lottery " + line));
  const Evidence& one = FindHit(findings, "TST-001")->evidence.at(0);
  EXPECT_LE(one.context.size(), 600U);
  EXPECT_GT(one.context.size(), 590U);
  EXPECT_TRUE(IsUtf8(one.context));
  EXPECT_EQ(one.context.substr(one.context_start, one.context_end - one.context_start), "lottery");
}

TEST_F(PipelineTest, TextBeyondTheLimitOfViewsIsUnscannable) {
  Limits limits;
  limits.view_bytes = 10'000;
  std::string long_text;
  for (int line = 0; line < 1'000; ++line) {
    long_text += "line " + std::to_string(line) + " of a list\r\n";
  }
  long_text += "lottery\r\n";
  const Findings small = Inspect(envelope_, TestMail("lottery"), tools_, limits);
  EXPECT_TRUE(small.unscannable.empty());
  const Findings large = Inspect(envelope_, TestMail(long_text), tools_, limits);
  ASSERT_EQ(large.unscannable.size(), 1U);
  EXPECT_EQ(large.unscannable[0].reason, decode::Reason::kTooBig);
  const Findings whole = Run(TestMail(long_text));
  EXPECT_TRUE(whole.unscannable.empty());
  EXPECT_NE(FindHit(whole, "TST-001"), nullptr);
}

TEST_F(PipelineTest, OnlyTheTopmostAuthenticationResultsOfOurOwnCounts) {
  const Findings findings =
      Run("Authentication-Results: other.example; dmarc=pass header.from=example.org\r\n"
          "Authentication-Results: MX.office.example; spf=fail smtp.mailfrom=a@example.org;\r\n"
          " dkim=fail header.d=a.example; dkim=pass header.d=example.org\r\n"
          "Authentication-Results: mx.office.example; spf=pass; dmarc=pass\r\n" +
          TestMail("hello"));
  EXPECT_EQ(findings.facts.at("auth.spf"), "fail");
  EXPECT_EQ(findings.facts.at("auth.spf.domain"), "example.org");
  EXPECT_EQ(findings.facts.at("auth.dkim"), "pass");
  EXPECT_EQ(findings.facts.at("auth.dkim.domain"), "example.org");
  EXPECT_EQ(findings.facts.count("auth.dmarc"), 0U);
}

TEST_F(PipelineTest, WhatIsRemovedAsForgedIsNoFact) {
  const Findings below = Run(TestMail("hello",
                                      "Subject: x\r\n"
                                      "Authentication-Results: mx.office.example; dkim=pass\r\n"));
  EXPECT_EQ(below.facts.count("auth.dkim"), 0U) << "it came over SMTP";
  const std::string top =
      "Authentication-Results: mx.office.example; spf=pass\r\n"
      "Authentication-Results: mx.office.example; dkim=pass\r\n" +
      TestMail("hello");
  EXPECT_EQ(Run(top).facts.at("auth.spf"), "pass");
  EXPECT_EQ(Run(top).facts.at("auth.dkim"), "pass") << "each milter writes a field of its own";
  tools_.site.auth_milters = false;
  const Findings alone = Run(top);
  EXPECT_EQ(alone.facts.count("auth.spf"), 0U) << "nobody verifies here";
  EXPECT_EQ(alone.facts.count("auth.dkim"), 0U);
}

TEST_F(PipelineTest, ASenderOfOurOwnDomainThatIsNotSignedInIsAFact) {
  envelope_.sender = mail::Address::Parse("boss@office.example");
  EXPECT_EQ(Run(TestMail("hello")).facts.at("sender.own-unauthenticated"), "true");
  envelope_.sender_is_ours = true;
  const Findings ours = Run(TestMail("hello"));
  EXPECT_EQ(ours.facts.count("sender.own-unauthenticated"), 0U);
  EXPECT_EQ(ours.facts.at("sender.ours"), "true");
}

TEST_F(PipelineTest, ListsBouncesAndAutomaticMailAreFacts) {
  envelope_.sender = mail::Address();
  const Findings findings =
      Run(TestMail("hello", "List-Id: <l.example>\r\nAuto-Submitted: auto-replied\r\n"));
  for (const char* fact :
       {"message.list", "message.auto-submitted", "message.bounce", "sender.null"}) {
    EXPECT_EQ(findings.facts.at(fact), "true") << fact;
  }
}

TEST_F(PipelineTest, AttachmentsAreListedWithTheirDigest) {
  const Findings findings = Run(TestAttachment("a.bin", TestSite::Virus()));
  bool listed = false;
  for (const FoundPart& part : findings.parts) {
    listed |= part.path == "a.bin" && part.sha256 == Sha256Hex(TestSite::Virus());
  }
  EXPECT_TRUE(listed);
  EXPECT_EQ(findings.facts.at("attachment.count"), "1");
  EXPECT_EQ(findings.facts.at("virus.found"), "true");
}

TEST_F(PipelineTest, WithoutSignaturesEveryMessageIsUnscannableUnlessScanningIsOff) {
  tools_.engine = nullptr;
  tools_.antivirus.need = AntivirusOptions::Need::kRequired;
  EXPECT_TRUE(IsUnscannable(Run(TestMail("hello")), decode::Reason::kNoSignatures));
  EXPECT_EQ(Run(TestMail("hello")).facts.at("antivirus.mode"), "required");
  tools_.antivirus.need = AntivirusOptions::Need::kOptional;
  EXPECT_TRUE(IsUnscannable(Run(TestMail("hello")), decode::Reason::kNoSignatures));
  EXPECT_EQ(Run(TestMail("hello")).facts.at("antivirus.mode"), "optional");
  tools_.antivirus.need = AntivirusOptions::Need::kOff;
  EXPECT_TRUE(Run(TestMail("hello")).unscannable.empty());
}

TEST_F(PipelineTest, SignaturesThatAreTooOldStillFindButDoNotClear) {
  tools_.antivirus.need = AntivirusOptions::Need::kRequired;
  tools_.antivirus.max_age_s = 86'400;
  EXPECT_TRUE(Run(TestMail("hello")).unscannable.empty());
  envelope_.received_at_ms += 2 * 86'400'000LL;
  const Findings findings = Run(TestAttachment("a.bin", TestSite::Virus()));
  EXPECT_TRUE(IsUnscannable(findings, decode::Reason::kNoSignatures));
  EXPECT_EQ(findings.infections.size(), 1U);
}

TEST_F(PipelineTest, AnyBytesAreAMessage) {
  for (const std::string& raw :
       {std::string(), std::string(1'000, '\0'), std::string("\r\n"), std::string(100'000, '(')}) {
    const Findings findings = Run(raw);
    EXPECT_EQ(findings.size, raw.size());
    EXPECT_EQ(findings.sha256, Sha256Hex(raw));
  }
}

}  // namespace
}  // namespace gatepost::inspect
