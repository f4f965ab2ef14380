// Findings on the wire: what is honest comes back, what is hostile is refused.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/wire.h"

#include <random>

#include "src/inspect/auth_results.h"
#include "src/inspect/codec.h"
#include "src/inspect/protocol.h"
#include "tests/unit/inspect/inspect_testing.h"

namespace gatepost::inspect {
namespace {

class WireTest : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    auto rules = ruleset::RuleSet::Load({site_.rules()}, &diagnostics);
    ASSERT_TRUE(rules.ok()) << rules.status().message();
    rules_ = *rules;
  }

  Findings Example() const {
    Findings findings;
    for (const char* id : {"TST-001", "TST-002", "TST-003", "TST-004", "TST-005"}) {
      RuleHit hit = HitOf(*rules_, static_cast<uint32_t>(rules_->IndexOf(id)));
      Evidence one;
      one.part = "1";
      one.path = "a/b.txt";
      one.zone = "body";
      one.form = "nfc";
      one.end = 7;
      one.source_end = 9;
      one.line = 1;
      one.text = hit.id == "TST-004" ? "" : "lottery";
      one.context = hit.id == "TST-004" ? "" : "a lottery for all";
      one.context_start = hit.id == "TST-004" ? 0 : 2;
      one.context_end = hit.id == "TST-004" ? 0 : 9;
      hit.evidence.push_back(one);
      findings.hits.push_back(hit);
    }
    findings.infections.push_back({"Test.Virus", "a.bin"});
    findings.defects.push_back({"DuplicateFrom", mail::Grade::kC, "0"});
    findings.unscannable.push_back({decode::Reason::kEncrypted, "b.zip"});
    findings.parts.push_back({"a.bin", "binary", 5, Sha256Hex("x"), "encrypted"});
    findings.facts["virus.found"] = "true";
    findings.subject = "C\xC3\xB4ng v\xC4\x83n";
    findings.ms["total"] = 1.5;
    findings.times.measured = true;
    findings.times.rules = {{0, "TST-001", 1'200}, {4, "TST-005", 7}};
    findings.times.shared = {
        {{text::Form::kNfc, 1, scan::Shared::Finder::kWords}, "nfc 1, words", 40'000},
        {{text::Form::kNfc, 1, scan::Shared::Finder::kLines}, "nfc 1, lines", 3}};
    findings.score = ScoreOf(findings.hits);
    return findings;
  }

  TestSite site_;
  std::shared_ptr<const ruleset::RuleSet> rules_;
  Limits limits_;
};

TEST_F(WireTest, FindingsComeBackAsTheyWere) {
  const std::string wire = EncodeFindings(Example());
  const Result<Findings> back = DecodeFindings(wire, *rules_, limits_);
  ASSERT_TRUE(back.ok()) << back.status().message();
  EXPECT_EQ(EncodeFindings(*back), wire);
  EXPECT_EQ(back->score, Example().score);
  EXPECT_EQ(back->hits[0].pack, "test");
  ASSERT_EQ(back->times.rules.size(), 2U);
  EXPECT_EQ(back->times.rules[1].id, "TST-005") << "the daemon's own name";
  ASSERT_EQ(back->times.shared.size(), 2U);
  EXPECT_EQ(back->times.shared[1].name, "nfc 1, lines");
}

TEST_F(WireTest, TimesThatCannotBeAreRefused) {
  using Change = void (*)(Findings*);
  const Change changes[] = {
      [](Findings* f) { f->times.rules[1].rule = 6; },  // there are six
      [](Findings* f) { f->times.rules[1].rule = 0; },  // twice
      [](Findings* f) { f->times.rules[0].ns = 0; },
      [](Findings* f) { f->times.rules[0].ns = UINT64_MAX; },
      // Each in time, both together more than a worker is given.
      [](Findings* f) { f->times.rules[0].ns = f->times.rules[1].ns = 15'000'000'000; },
      [](Findings* f) { f->times.shared[0].ns = 20'000'000'000; },
      [](Findings* f) { f->times.shared[0].shared.form = static_cast<text::Form>(8); },
      [](Findings* f) { f->times.shared[0].shared.group = 0; },
      [](Findings* f) { f->times.shared[0].shared.group = 33; },
      [](Findings* f) { f->times.shared[1].shared.finder = static_cast<scan::Shared::Finder>(3); },
      [](Findings* f) { f->times.shared[1].shared = f->times.shared[0].shared; },
  };
  for (const Change change : changes) {
    Findings forged = Example();
    change(&forged);
    EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok())
        << &change - changes;
  }
  Findings other = Example();
  other.times = ScanTimes();
  const Result<Findings> unmeasured = DecodeFindings(EncodeFindings(other), *rules_, limits_);
  ASSERT_TRUE(unmeasured.ok());
  EXPECT_FALSE(unmeasured->times.measured);
}

TEST_F(WireTest, AnAnswerThatIsTooLongLosesItsTimesFirst) {
  Findings findings = Example();
  limits_.findings_bytes = static_cast<uint32_t>(EncodeFindings(findings).size() - 1);
  const Result<Findings> back =
      DecodeFindings(EncodeFindingsWithin(findings, limits_), *rules_, limits_);
  ASSERT_TRUE(back.ok()) << back.status().message();
  EXPECT_FALSE(back->times.measured);
  EXPECT_EQ(back->hits[0].evidence.size(), 1U);
}

TEST_F(WireTest, EvidenceThatTheRuleCannotHaveIsRefused) {
  using Change = void (*)(Findings*);
  const Change changes[] = {
      [](Findings* f) { f->hits[0].evidence[0].expression = 1; },  // it has one expression
      [](Findings* f) { f->hits[0].evidence[0].context_end = 18; },
      [](Findings* f) { f->hits[0].evidence[0].context_start = 10; },
      [](Findings* f) { f->hits[0].evidence[0].context = std::string(601, 'x'); },
      [](Findings* f) { f->hits[0].evidence[0].context = "\xFF lottery for all"; },
      [](Findings* f) { f->hits[3].evidence[0].context = "secretword in its line"; },
      [](Findings* f) { f->hits[3].evidence[0].text = "secretword"; },
  };
  for (const Change change : changes) {
    Findings forged = Example();
    change(&forged);
    EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
  }
  Findings unknown = Example();
  unknown.hits[0].evidence[0].expression = scan::kUnknownExpression;
  EXPECT_TRUE(DecodeFindings(EncodeFindings(unknown), *rules_, limits_).ok());
}

TEST_F(WireTest, ARequestSaysForWhom) {
  mail::Envelope envelope;
  envelope.helo = "client.example";
  for (const Detail detail : {Detail::kRecord, Detail::kPerson, Detail::kMeasured}) {
    const std::string wire = EncodeInspectRequest(envelope, detail);
    const Result<InspectRequest> back = DecodeInspectRequest(wire);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->detail, detail);
    EXPECT_EQ(back->envelope.helo, "client.example");
  }
  EXPECT_FALSE(DecodeInspectRequest("").ok());
  EXPECT_FALSE(DecodeInspectRequest("\x03" + EncodeEnvelope(envelope)).ok());
}

TEST_F(WireTest, HitsOfOneGroupCountOnceAndShadowHitsNever) {
  // money: the higher of 3 and 2; then 1 and 1.5; TST-005 is in shadow.
  EXPECT_EQ(ScoreOf(Example().hits), 5.5);
}

TEST_F(WireTest, ScoreAndModeComeFromTheDaemonsOwnRules) {
  Findings forged = Example();
  for (RuleHit& hit : forged.hits) {
    hit.score = -1'000;
    hit.mode = ruleset::Mode::kShadow;
    hit.severity = ruleset::Severity::kCritical;
  }
  const Result<Findings> back = DecodeFindings(EncodeFindings(forged), *rules_, limits_);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->score, 5.5);
  EXPECT_EQ(back->hits[0].severity, ruleset::Severity::kLow);
}

TEST_F(WireTest, AnUnknownRuleIsRefused) {
  Findings forged = Example();
  forged.hits.back().rule = 1'000;
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
}

TEST_F(WireTest, ARuleGivenTwiceIsRefused) {
  Findings forged = Example();
  forged.hits[1] = forged.hits[0];
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
}

TEST_F(WireTest, TextThatARuleForbidsToLogIsRefused) {
  Findings forged = Example();
  forged.hits[3].evidence[0].text = "secretword";
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
}

TEST_F(WireTest, UnknownDefectsAndFactNamesAndIllFormedTextAreRefused) {
  Findings forged = Example();
  forged.defects[0].id = "NoSuchDefect";
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
  forged = Example();
  forged.facts["Bad Name"] = "x";
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
  forged = Example();
  forged.hits[0].evidence[0].text = "\xFF\xFE";
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
  forged = Example();
  forged.ms["total"] = -1;
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
  forged = Example();
  forged.ms["of-its-own"] = 1;  // would be a label of a metric for ever
  EXPECT_FALSE(DecodeFindings(EncodeFindings(forged), *rules_, limits_).ok());
}

TEST_F(WireTest, EveryTruncationIsRefused) {
  const std::string wire = EncodeFindings(Example());
  for (size_t size = 0; size < wire.size(); ++size) {
    EXPECT_FALSE(DecodeFindings(Bytes(wire).substr(0, size), *rules_, limits_).ok()) << size;
  }
  EXPECT_FALSE(DecodeFindings(wire + "x", *rules_, limits_).ok());
}

TEST_F(WireTest, WhateverIsAcceptedOfRandomlyDamagedBytesIsStillValid) {
  const std::string wire = EncodeFindings(Example());
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = wire;
    for (uint32_t j = random() % 4; j < 4; ++j) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const Result<Findings> back = DecodeFindings(damaged, *rules_, limits_);
    if (back.ok()) {
      EXPECT_TRUE(DecodeFindings(EncodeFindings(*back), *rules_, limits_).ok());
    }
  }
}

TEST_F(WireTest, AnAnswerThatIsTooLongLosesEvidenceNotHits) {
  limits_.findings_bytes = 900;
  Findings findings = Example();
  for (RuleHit& hit : findings.hits) {
    hit.evidence.resize(8, hit.evidence[0]);
  }
  const Result<Findings> back =
      DecodeFindings(EncodeFindingsWithin(findings, limits_), *rules_, limits_);
  ASSERT_TRUE(back.ok()) << back.status().message();
  EXPECT_EQ(back->hits.size(), 5U);
}

TEST(Codec, CutsAtACodePointsEdgeAndRepairs) {
  EXPECT_EQ(CappedUtf8("a\xC3\xB4", 2), "a");
  EXPECT_EQ(CappedUtf8("a\xC3\xB4", 3), "a\xC3\xB4");
  EXPECT_EQ(CappedUtf8("\xFF", 10), "\xEF\xBF\xBD");
  EXPECT_EQ(CappedUtf8("\xFF\xFF", 4), "\xEF\xBF\xBD");
}

TEST(Protocol, AnEnvelopeComesBackAsItWas) {
  mail::Envelope envelope = TestEnvelope();
  envelope.recipients.push_back(
      {mail::Address::Parse("x@example.net"), mail::Direction::kOutbound, true});
  envelope.auth_user = "clerk";
  envelope.sender_is_ours = true;
  const std::string wire = EncodeEnvelope(envelope);
  const Result<mail::Envelope> back = DecodeEnvelope(wire);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(EncodeEnvelope(*back), wire);
  EXPECT_EQ(back->recipients[1].direction, mail::Direction::kOutbound);
  EXPECT_FALSE(DecodeEnvelope(Bytes(wire).substr(1)).ok());
}

TEST(Protocol, OptionsComeBackAsTheyWere) {
  InspectorOptions options;
  options.rule_folders = {"a", "b"};
  options.cache_key = std::string("\0\xFF\n", 3);
  options.limits.mime_parts = 7;
  options.limits.queue_deadline = std::chrono::milliseconds(5);
  options.antivirus.need = AntivirusOptions::Need::kOff;
  options.site.own_networks = {"10.0.0.0/8"};
  options.only_rules = {"A-1", "B-2"};
  const Json json = ToJson(options);
  const auto back = OptionsFromJson(json);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), json);
  EXPECT_EQ(back->cache_key, options.cache_key);
  EXPECT_EQ(back->limits.mime_parts, 7U);
  EXPECT_EQ(back->only_rules, options.only_rules);
}

TEST(AuthResults, ReadsMethodsPropertiesCommentsAndQuotes) {
  const AuthResults results = ParseAuthResults(
      " mx.example.org 1; spf=pass (a (nested; x=y) comment) smtp.mailfrom=\"a b\"@example.com;"
      " dkim=fail reason=\"bad; sig\" header.d=Example.NET; dmarc=none header.from=example.com");
  EXPECT_EQ(results.authserv_id, "mx.example.org");
  ASSERT_EQ(results.results.size(), 3U);
  EXPECT_EQ(results.results[0].result, "pass");
  EXPECT_EQ(DomainOf(results.results[0].Property("smtp.mailfrom")), "example.com");
  EXPECT_EQ(DomainOf(results.results[1].Property("header.d")), "example.net");
  EXPECT_EQ(results.results[2].method, "dmarc");
}

TEST(AuthResults, NoResultIsNoResult) {
  EXPECT_TRUE(ParseAuthResults("mx.example.org; none").results.empty());
  EXPECT_TRUE(ParseAuthResults("").results.empty());
  EXPECT_TRUE(ParseAuthResults("((((((").results.empty());
}

}  // namespace
}  // namespace gatepost::inspect
