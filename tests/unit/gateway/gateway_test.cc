// The gateway with everything real behind it: zygote, workers, quarantine, log.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/gateway.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/gateway/control.h"
#include "src/record/decision_log.h"
#include "src/record/quarantine.h"

namespace gatepost::gateway {
namespace {

namespace fs = std::filesystem;

// A house of its own below /tmp with one rule that holds "orange" and tags "yellow".
class House : public testing::Test {
 protected:
  House() {
    std::string name = "/tmp/gatepost-house-XXXXXX";
    folder_ = mkdtemp(name.data());
    fs::create_directory(folder_ + "/rules");
    WriteRules("orange");
    std::ofstream(folder_ + "/policy.yaml") << R"(policy: 1
thresholds: {tag: 5, reject: 15}
clauses:
  - name: hold-it
    category: policy
    when: {rules: [T-001]}
    then: {action: quarantine}
  - name: tag-it
    category: spam
    when: {score: {at_least: tag}}
    then: {action: tag}
)";
    config_.file = folder_ + "/gatepost.yaml";
    config_.rules = {folder_ + "/rules"};
    config_.policy = folder_ + "/policy.yaml";
    config_.state = folder_ + "/state";
    config_.log = folder_ + "/log";
    config_.node = "test";
    config_.workers = 1;
    config_.site.own_domains = {"office.example"};
    config_.antivirus.need = inspect::AntivirusOptions::Need::kOff;
  }
  ~House() override { fs::remove_all(folder_); }

  void WriteRules(const std::string& word) const {
    std::ofstream(folder_ + "/rules/t.yaml") << "pack: t\nversion: 1.0.0\nrules:\n"
                                             << R"(  - id: T-001
    title: {en: "Word", vi: "Từ"}
    why: For the test.
    zones: [body]
    match: ')" << word << R"('
    examples: {match: ["an )" << word << R"( one"], no_match: ["nothing"]}
  - id: T-002
    title: {en: "Yellow", vi: "Vàng"}
    why: For the test.
    zones: [body]
    match: 'yellow'
    score: 6
    examples: {match: ["a yellow one"], no_match: ["nothing"]}
)";
  }

  std::unique_ptr<Gateway> Open() {
    Diagnostics diagnostics;
    Result<std::unique_ptr<Gateway>> gateway = Gateway::Open(config_, &diagnostics);
    EXPECT_TRUE(gateway.ok()) << gateway.status().message();
    return gateway.ok() ? std::move(gateway).value() : nullptr;
  }

  static record::Decision Send(Gateway* gateway, const std::string& body) {
    mail::Envelope envelope;
    envelope.sender = mail::Address::Parse("a@far.example");
    mail::Recipient clerk;
    clerk.address = mail::Address::Parse("clerk@office.example");
    envelope.recipients.push_back(clerk);
    envelope.client_ip = "192.0.2.1";
    envelope.queue_id = "4QUEUE";
    envelope.received_at_ms = NowUnixMs();
    Result<Fd> message =
        MemFd("test", "From: a@far.example\r\nMessage-ID: <m@far.example>\r\n\r\n" + body + "\r\n");
    return gateway->Handle(envelope, message->get(), {});
  }

  std::vector<Json> Log() const {
    std::vector<Json> records;
    EXPECT_TRUE(record::ReadLog(config_.log, [&](const Json& one) {
                  records.push_back(one);
                  return true;
                }).ok());
    return records;
  }

  std::string folder_;
  Config config_;
};

TEST_F(House, APlainLetterIsAcceptedAndLogged) {
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  const record::Decision decision = Send(gateway.get(), "plain");
  EXPECT_EQ(decision.verdict.action, policy::Action::kAccept);
  EXPECT_EQ(gateway->AnswerTo(decision).kind, Answer::Kind::kAccept);
  const std::vector<Json> log = Log();
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0]["id"], decision.id);
  EXPECT_EQ(log[0]["queue_id"], "4QUEUE");
}

TEST_F(House, WhatIsHeldIsInTheStoreByteForByteAndARetryIsHeldOnce) {
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  const record::Decision first = Send(gateway.get(), "an orange one");
  EXPECT_EQ(first.verdict.action, policy::Action::kQuarantine);
  EXPECT_EQ(gateway->AnswerTo(first).kind, Answer::Kind::kDiscard);
  const record::Decision retry = Send(gateway.get(), "an orange one");
  EXPECT_EQ(retry.held_id, first.held_id);
  Result<std::unique_ptr<record::Quarantine>> store =
      record::Quarantine::Open(config_.state + "/held");
  ASSERT_TRUE(store.ok());
  const Result<std::string> bytes = (*store)->ReadMessage(first.held_id);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, "From: a@far.example\r\nMessage-ID: <m@far.example>\r\n\r\nan orange one\r\n");
}

TEST_F(House, WhatCannotBeHeldIsDeferredAndPlainMailStillFlows) {
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  // A file where the store wants its folder: root is not stopped by modes.
  fs::remove_all(config_.state + "/held");
  std::ofstream(config_.state + "/held") << "in the way";
  const record::Decision held = Send(gateway.get(), "an orange one");
  EXPECT_EQ(held.verdict.action, policy::Action::kDefer);
  EXPECT_EQ(gateway->AnswerTo(held).code, "451");
  EXPECT_TRUE(held.held_id.empty());
  EXPECT_EQ(Send(gateway.get(), "plain").verdict.action, policy::Action::kAccept);
}

TEST_F(House, TheSameContentToManyIsCountedAndItsRuleDecides) {
  std::ofstream(folder_ + "/rules/outbreak.yaml") << R"(pack: outbreak
version: 1.0.0
rules:
  - id: T-010
    title: {en: "Spreading", vi: "Phát tán"}
    when: {fact: outbreak.count, above: 2}
    score: 7
    examples: {match: [{facts: {outbreak.count: '3'}}], no_match: [{facts: {outbreak.count: '2'}}]}
  - id: T-011
    title: {en: "Spreading, from outside", vi: "Phát tán từ ngoài"}
    when: {all: [T-010, {fact: direction.inbound}]}
    examples:
      match: [{rules: [T-010], facts: {direction.inbound: 'true'}}]
      no_match: [{rules: [T-010]}]
)";
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  std::string letter;
  for (int i = 0; i < 60; ++i) {
    letter += std::string("word") + static_cast<char>('a' + i % 26) +
              static_cast<char>('a' + i / 26) + " ";
  }
  const auto send = [&](int number) {
    mail::Envelope envelope;
    envelope.sender = mail::Address::Parse("a@far.example");
    mail::Recipient one;
    one.address = mail::Address::Parse("clerk" + std::to_string(number) + "@office.example");
    envelope.recipients.push_back(one);
    envelope.client_ip = "192.0.2.1";
    envelope.received_at_ms = NowUnixMs();
    // Each copy greets somebody else: nearly the same text.
    const Result<Fd> message = MemFd("test", "From: a@far.example\r\n\r\nDear number " +
                                                 std::string(1, static_cast<char>('a' + number)) +
                                                 ",\r\n" + letter + "\r\n");
    return gateway->Handle(envelope, message->get(), {});
  };
  EXPECT_EQ(send(1).verdict.action, policy::Action::kAccept);
  EXPECT_EQ(send(2).verdict.action, policy::Action::kAccept);
  EXPECT_EQ(send(2).verdict.action, policy::Action::kAccept) << "a retry is not another recipient";
  const record::Decision third = send(3);
  EXPECT_EQ(third.verdict.action, policy::Action::kTag);
  EXPECT_EQ(third.verdict.clause, "tag-it");
  EXPECT_EQ(third.findings.facts.at("outbreak.count"), "3");
  EXPECT_EQ(third.findings.facts.count("body.likeness"), 0U) << "nobody else's business";
  ASSERT_EQ(third.findings.hits.size(), 2U);
  EXPECT_EQ(third.findings.hits[0].id, "T-010");
  EXPECT_EQ(third.findings.hits[1].id, "T-011") << "rules that name that rule are decided too";
  EXPECT_EQ(Log().back()["facts"]["outbreak.count"], "3");
  EXPECT_EQ(Send(gateway.get(), "another letter, and a short one").findings.hits.size(), 0U);
}

TEST_F(House, WhatCouldNotBeGatheredIsARecordWithoutContent) {
  config_.limits.message_bytes = 1'000;
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse("a@far.example");
  mail::Recipient clerk;
  clerk.address = mail::Address::Parse("clerk@office.example");
  envelope.recipients.push_back(clerk);
  envelope.client_ip = "192.0.2.1";
  envelope.queue_id = "4LONG";
  envelope.received_at_ms = NowUnixMs();
  const Answer long_one = gateway->Refuse(envelope, Gateway::NotGathered::kTooLong, 5'000);
  EXPECT_EQ(long_one.kind, Answer::Kind::kReject);
  EXPECT_EQ(long_one.code + " " + long_one.xcode, "552 5.3.4");
  EXPECT_NE(long_one.text.find("limit of 1000 bytes"), std::string::npos) << long_one.text;
  const Answer busy = gateway->Refuse(envelope, Gateway::NotGathered::kNoRoom, 700);
  EXPECT_EQ(busy.kind, Answer::Kind::kTempfail);
  EXPECT_EQ(busy.code + " " + busy.xcode, "451 4.3.2");
  const std::vector<Json> log = Log();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0]["clause"], "message-too-long");
  EXPECT_EQ(log[0]["action"], "reject");
  EXPECT_EQ(log[0]["size"], 5'000);
  EXPECT_EQ(log[0]["queue_id"], "4LONG");
  EXPECT_EQ(log[0]["from"], "a@far.example");
  EXPECT_EQ(log[0]["recipients"][0]["rcpt"], "clerk@office.example");
  EXPECT_EQ(log[0]["recipients"][0]["direction"], "inbound");
  EXPECT_EQ(log[0]["reply"].get<std::string>().substr(0, 9), "552 5.3.4");
  EXPECT_EQ(log[1]["clause"], "spool-full");
  EXPECT_EQ(log[1]["action"], "defer");
}

TEST_F(House, ObservingHoldsNothingAndLogsWhatWouldHaveHappened) {
  config_.observe = true;
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  const record::Decision decision = Send(gateway.get(), "an orange one");
  EXPECT_EQ(gateway->AnswerTo(decision).kind, Answer::Kind::kAccept);
  EXPECT_TRUE(decision.held_id.empty());
  const std::vector<Json> log = Log();
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0]["action"], "quarantine");
  EXPECT_EQ(log[0]["observed"], true);
}

TEST_F(House, AReloadChangesTheVerdictAndABrokenOneChangesNothing) {
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(Send(gateway.get(), "a purple one").verdict.action, policy::Action::kAccept);
  const std::string before = gateway->generation()->versions.rules;
  WriteRules("purple");
  Diagnostics diagnostics;
  ASSERT_TRUE(gateway->Reload(config_, &diagnostics).ok());
  const record::Decision after = Send(gateway.get(), "a purple one");
  EXPECT_EQ(after.verdict.action, policy::Action::kQuarantine);
  EXPECT_NE(after.generation.rules, before);
  std::ofstream(folder_ + "/rules/t.yaml") << "pack: t\nrules: [{id: T-001, patern: x}]\n";
  Diagnostics broken;
  EXPECT_FALSE(gateway->Reload(config_, &broken).ok());
  EXPECT_NE(broken.ToStatus().message().find("unknown key 'patern'"), std::string::npos);
  EXPECT_EQ(Send(gateway.get(), "a purple one").generation.rules, after.generation.rules);
}

TEST_F(House, ARestartWithBrokenRulesLivesFromTheLastGoodGeneration) {
  std::string version;
  {
    const std::unique_ptr<Gateway> gateway = Open();
    ASSERT_NE(gateway, nullptr);
    version = gateway->generation()->versions.policy;
  }
  std::ofstream(folder_ + "/rules/t.yaml") << "pack: t\nrules: [{id: T-001}]\n";
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(gateway->generation()->loaded_from, "last good generation");
  EXPECT_EQ(gateway->generation()->versions.policy, version);
  EXPECT_EQ(Send(gateway.get(), "an orange one").verdict.action, policy::Action::kQuarantine);
  EXPECT_EQ(gateway->State()["generation"]["from"], "last good generation");
}

TEST_F(House, ADamagedLastGoodGenerationLeavesTheOneBeforeIt) {
  std::string version;
  {
    const std::unique_ptr<Gateway> gateway = Open();
    ASSERT_NE(gateway, nullptr);
    version = gateway->generation()->versions.rules;
    WriteRules("purple");
    Diagnostics diagnostics;
    ASSERT_TRUE(gateway->Reload(config_, &diagnostics).ok());
    ASSERT_NE(gateway->generation()->versions.rules, version);
  }
  std::ofstream(folder_ + "/rules/t.yaml") << "pack: t\nrules: [{id: T-001}]\n";
  const fs::path kept = fs::path(config_.state) / "generations";
  std::ofstream(kept / "active.json", std::ios::trunc) << "{";
  std::ofstream(kept / "2.json", std::ios::trunc) << "no longer what it was";
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr) << "the first generation is whole";
  EXPECT_EQ(gateway->generation()->loaded_from, "last good generation");
  EXPECT_EQ(gateway->generation()->versions.rules, version);
}

TEST_F(House, SignaturesOlderThanMaxAgeAreToldInTheState) {
  config_.antivirus.need = inspect::AntivirusOptions::Need::kOptional;
  config_.antivirus.database = folder_ + "/signatures";
  config_.antivirus.max_age_s = 3'600;
  fs::create_directory(config_.antivirus.database);
  const std::string file = config_.antivirus.database + "/test.hsb";
  std::ofstream(file) << std::string(64, '0') + ":1:Nothing:73\n";
  for (const int hours : {0, 2}) {
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours));
    const std::unique_ptr<Gateway> gateway = Open();
    ASSERT_NE(gateway, nullptr);
    const Json antivirus = gateway->State()["antivirus"];
    EXPECT_EQ(antivirus["mode"], "optional");
    EXPECT_EQ(antivirus["max_age_s"], 3'600);
    EXPECT_EQ(antivirus["too_old"], hours > 1) << antivirus.dump();
    EXPECT_NEAR(antivirus["age_s"].get<double>(), hours * 3'600, 120);
  }
}

TEST_F(House, WhoAsksWhatAClientWouldHearGets552ForAMessageOverTheLimit) {
  config_.limits.message_bytes = 1'000;
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  Json request = {{"do", "scan"}, {"file", "x.eml"}, {"from", ""}, {"rcpt", {"a@office.example"}}};
  const auto ask = [&](size_t bytes) {
    const Result<Fd> message = MemFd("test", "Subject: x\r\n\r\n" + std::string(bytes - 14, 'x'));
    return AnswerInspection(*gateway->generation(), gateway->config(), request, message->get());
  };
  request["over_limit"] = "refuse";
  EXPECT_EQ((*ask(1'000))["action"], "accept");
  const Json answer = *ask(1'001);
  EXPECT_EQ(answer["action"], "reject") << answer.dump();
  EXPECT_EQ(answer["clause"], "message-too-long");
  EXPECT_NE(Word(answer, "reply").find("552 5.3.4"), std::string::npos) << answer.dump();
  EXPECT_NE(Word(answer, "reply").find("limit of 1000 bytes"), std::string::npos);
  // Who releases hears that it was not looked into, not what a client would hear.
  request.erase("over_limit");
  EXPECT_EQ((*ask(1'001))["unscannable"][0]["reason"], "too-big");
}

TEST_F(House, BrokenRulesWithoutALastGoodGenerationRefuseToStart) {
  std::ofstream(folder_ + "/rules/t.yaml") << "pack: t\nrules: [{id: T-001}]\n";
  Diagnostics diagnostics;
  EXPECT_FALSE(Gateway::Open(config_, &diagnostics).ok());
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST_F(House, TheControlSocketAnswersStatusScanAndReload) {
  const std::unique_ptr<Gateway> gateway = Open();
  ASSERT_NE(gateway, nullptr);
  int reloads = 0;
  Result<std::unique_ptr<ControlServer>> server =
      ControlServer::Start(gateway.get(), config_, [&reloads](const Order&, Json*) {
        ++reloads;
        return Status::Invalid("broken on purpose");
      });
  ASSERT_TRUE(server.ok()) << server.status().message();
  const Result<Json> status = AskDaemon(config_.state, {{"do", "status"}}, -1, 5'000);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ((*status)["generation"]["rule_count"], 2);
  Result<Fd> message = MemFd("test", "Subject: x\r\n\r\na yellow one\r\n");
  const Result<Json> report =
      AskDaemon(config_.state,
                {{"do", "scan"}, {"file", "x.eml"}, {"from", ""}, {"rcpt", {"a@office.example"}}},
                message->get(), 30'000);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ((*report)["action"], "tag");
  EXPECT_EQ((*report)["recipients"][0]["direction"], "inbound");
  EXPECT_EQ((*report)["rules"][0]["id"], "T-002");
  EXPECT_TRUE(Log().empty());  // scanning records nothing
  const Result<Json> reload = AskDaemon(config_.state, {{"do", "reload"}}, -1, 5'000);
  ASSERT_TRUE(reload.ok());
  EXPECT_EQ((*reload)["ok"], false);
  EXPECT_EQ(reloads, 1);
  EXPECT_FALSE(AskDaemon(config_.state, {{"do", "nonsense"}}, -1, 5'000).ok());
}

}  // namespace
}  // namespace gatepost::gateway
