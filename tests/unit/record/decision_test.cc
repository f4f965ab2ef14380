// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/decision.h"

#include "src/base/digest.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

Decision Rich() {
  Decision decision = HeldDecision();
  inspect::Findings& findings = decision.findings;
  findings.sha256 = Sha256Hex("message");
  findings.size = 7;
  findings.score = 5.25;
  findings.parts = {{"1.2", "text", 3, Sha256Hex("a"), "yes"},
                    {"Top name.zip/plan.docx", "ooxml", 4, Sha256Hex("b"), "encrypted"}};
  findings.unscannable.push_back({decode::Reason::kEncrypted, "Top name.zip/plan.docx"});
  findings.infections.push_back({"Eicar", "Top name.zip/plan.docx"});
  findings.defects.push_back({"DuplicateFrom", mail::Grade::kC, "1"});
  findings.facts = {{"sender.address", "x@outside.example"},
                    {"header.from.address", "y@z.example"}};
  findings.ms["parse"] = 0.12345;
  inspect::RuleHit hit;
  hit.id = "VNM-001";
  hit.score = 1;
  hit.evidence.push_back({});
  hit.evidence[0].text = "words of the content";
  hit.evidence[0].context = "a line with words of the content";
  findings.hits.push_back(hit);
  decision.generation = {"r", "p", "a"};
  return decision;
}

TEST(Decision, HasTheFieldsOfTheContractInTheirOrder) {
  const Json json = ToJson(Rich(), "key");
  std::string keys;
  for (const auto& [key, value] : json.items()) {
    keys += key + " ";
  }
  EXPECT_EQ(
      keys,
      "v id at node queue_id message_id client_ip auth_user from recipients size sha256 parts "
      "action clause category basis observed keyed reply score rules infections defects "
      "unscannable facts held_id generation ms ");
  EXPECT_EQ(json["recipients"][0]["rcpt"], "a@office.example");
  EXPECT_EQ(json["recipients"][0]["direction"], "inbound");
  EXPECT_EQ(json["recipients"][0]["action"], "quarantine");
  EXPECT_EQ(json["parts"][1]["path"], "Top name.zip/plan.docx");
  EXPECT_EQ(json["rules"][0]["mode"], "enforce");
  EXPECT_EQ(json["ms"]["parse"], 0.123);
  EXPECT_EQ(json["defects"][0]["grade"], "C");
  EXPECT_EQ(json["facts"]["header.from.address"], "y@z.example");
}

TEST(Decision, SaysWhereARuleMatchedAndNotWhat) {
  Decision decision = Rich();
  inspect::Evidence& one = decision.findings.hits.back().evidence[0];
  one = {};
  one.part = "1.2";
  one.path = "Top name.zip/plan.docx";
  one.zone = "attachment";
  one.form = "fold";
  one.start = 10;
  one.end = 20;
  one.source_start = 12;
  one.source_end = 24;
  one.line = 3;
  one.expression = 1;
  one.text = "words of the content";
  one.context = "all the words of the content";
  decision.findings.hits.back().evidence.resize(5, one);
  const Json plain = ToJson(decision, "key")["rules"].back()["at"];
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(DumpJson(plain[0]),
            R"({"part":"1.2","view":"attachment/fold","start":10,"end":20,"line":3,"expression":1,)"
            R"("path":"Top name.zip/plan.docx","source":[12,24]})");
  // Of a marking, names are content.
  decision.verdict.category = "marking";
  const std::string sealed = DumpJson(ToJson(decision, "key")["rules"]);
  EXPECT_EQ(sealed.find("plan.docx"), std::string::npos);
  EXPECT_NE(sealed.find(R"("path":"#2")"), std::string::npos) << sealed;
  EXPECT_EQ(sealed.find("words"), std::string::npos);
}

TEST(Decision, NeverHoldsAWordOfTheContent) {
  const std::string text = DumpJson(ToJson(Rich(), "key"));
  EXPECT_EQ(text.find("words of the content"), std::string::npos);
  EXPECT_EQ(text.find("the subject"), std::string::npos);
}

TEST(Decision, OfAMarkingKeepsNoNamesAndKeyedDigests) {
  Decision decision = Rich();
  decision.verdict.marking_rules = {"VNM-001"};
  const Json json = ToJson(decision, "key");
  const std::string text = DumpJson(json);
  for (const char* secret : {"Top name", "plan", "docx\"", "y@z.example"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(text.find(Sha256Hex("message")), std::string::npos);
  EXPECT_EQ(text.find(Sha256Hex("b")), std::string::npos);
  EXPECT_EQ(json["sha256"], HmacSha256Hex("key", Sha256Hex("message")));
  EXPECT_EQ(json["parts"][0]["path"], "1.2");
  EXPECT_EQ(json["parts"][1]["path"], "#2");
  EXPECT_EQ(json["unscannable"][0]["path"], "#2");
  EXPECT_EQ(json["infections"][0]["path"], "#2");
  EXPECT_EQ(json["facts"]["sender.address"], "x@outside.example");
  EXPECT_TRUE(json["keyed"].get<bool>());
}

TEST(Decision, BytesThatAreNotUtf8CanBeLogged) {
  Decision decision = Rich();
  decision.findings.message_id = "<\xFF\xFE@x>";
  decision.envelope.sender = mail::Address::Parse("\xC3(@x.example");
  const std::string text = DumpJson(ToJson(decision, "key"));
  EXPECT_TRUE(ParseJson("test", text).ok());
  EXPECT_NE(text.find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::record
