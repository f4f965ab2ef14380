// What the administrator's commands do where the state is not as it should be: not there yet, at
// another place, or damaged. What they say is on stderr, and they make nothing.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "src/base/digest.h"
#include "src/cli/accounts.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/record/decision_log.h"
#include "src/record/quarantine.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::cli {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int code = 0;
  std::string out, err;
  bool Says(const std::string& word) const { return err.find(word) != std::string::npos; }
};

Ran Perform(const std::function<int()>& command) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = command();
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

// A configuration with a state folder and a log that are not there yet.
class StateCommandsTest : public record::FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    common_.config = folder_ + "/gatepost.yaml";
    Spill(folder_ + "/passphrase", "correct horse battery staple\n");
    const std::string rules = fs::absolute(GATEPOST_SOURCE_DIR "/rules").string();
    Spill(common_.config, "own_domains: [office.example]\nrules: [" + rules +
                              "]\npolicy: " + rules + "/policy.yaml\nstate: " + State() +
                              "\nlog: " + Log() + "\nantivirus: off\n");
  }
  std::string State() const { return folder_ + "/state"; }
  std::string Log() const { return folder_ + "/log"; }
  LogOptions LogCommand() const {
    LogOptions options;
    options.common = common_;
    return options;
  }
  // Every command that reads or changes what the daemon keeps.
  std::vector<std::pair<std::string, std::function<int()>>> Commands() const {
    HeldOptions held;
    held.common = common_;
    held.id = "GP-20261123-204512-7F3K9QZ2";
    held.ids = {held.id};
    held.yes = true;
    held.reason = "a test";
    KeysOptions keys;
    keys.common = common_;
    keys.name = "lan";
    keys.out = folder_ + "/lan.key";
    keys.unlock.passphrase_file = folder_ + "/passphrase";
    EvidenceOptions evidence;
    evidence.common = common_;
    evidence.id = held.id;
    evidence.out = folder_ + "/proof.json";
    evidence.reason = "a test";
    BlockOptions block;
    block.common = common_;
    block.from = "a@far.example";
    block.lasts = "4h";
    block.reason = "a test";
    BlockOptions expired;
    expired.common = common_;
    expired.expired = true;
    ExceptionOptions exception;
    exception.common = common_;
    exception.sender = "a@far.example";
    exception.lasts = "4h";
    exception.reason = "a test";
    ExceptionOptions lapsed;
    lapsed.common = common_;
    lapsed.expired = true;
    OutageOptions outage;
    outage.common = common_;
    outage.cause = "a test";
    LogOptions log = LogCommand();
    return {{"held list", [=] { return HeldList(held); }},
            {"held show", [=] { return HeldShow(held); }},
            {"held release", [=] { return HeldRelease(held); }},
            {"held delete", [=] { return HeldDelete(held); }},
            {"held retention", [=] { return HeldRetention(held); }},
            {"keys init", [=] { return KeysInit(keys); }},
            {"keys list", [=] { return KeysList(keys); }},
            {"audit", [=] { return Audit(evidence); }},
            {"proof", [=] { return Proof(evidence); }},
            {"log tail", [=] { return LogTail(log); }},
            {"log find", [=] { return LogFind(log); }},
            {"log summary", [=] { return LogSummary(log); }},
            {"log verify", [=] { return LogVerify(log); }},
            {"log key", [=] { return LogKey(log); }},
            {"explain", [=] { return Explain(evidence.common, evidence.id); }},
            {"block add", [=] { return BlockAdd(block); }},
            {"block list", [=] { return BlockList(expired); }},
            {"block remove", [=] { return BlockRemove(expired); }},
            {"exceptions add", [=] { return ExceptionsAdd(exception); }},
            {"exceptions list", [=] { return ExceptionsList(exception); }},
            {"exceptions remove", [=] { return ExceptionsRemove(lapsed); }},
            {"outage start", [=] { return OutageStart(outage); }},
            {"outage end", [=] { return OutageEnd(outage); }},
            {"outage list", [=] { return OutageList(outage); }}};
  }
  // A record of the decision log; `more` over what every record has.
  void WriteLog(const std::vector<Json>& records) const {
    record::DecisionLog::Options options;
    options.path = Log();
    options.reserve_bytes = 0;
    const auto log = record::DecisionLog::Open(options);
    ASSERT_TRUE(log.ok());
    for (const Json& more : records) {
      Json record = {{"v", 1}, {"at", Rfc3339(NowUnixMs())}, {"action", "accept"}};
      record.update(more);
      ASSERT_TRUE((*log)->Append(record).ok());
    }
  }
  Common common_;
};

// What sets a house up, as a person does before the first start.
bool SetsUp(const std::string& command) {
  return command == "keys init" || command == "block add" || command == "exceptions add";
}

TEST_F(StateCommandsTest, BeforeTheFirstStartEachCommandSaysWhatIsMissingAndMakesNothing) {
  for (const auto& [name, command] : Commands()) {
    if (SetsUp(name)) {
      continue;
    }
    const Ran ran = Perform(command);
    EXPECT_EQ(ran.code, kIncomplete) << name << ": " << ran.err;
    EXPECT_TRUE(ran.Says("gatepostd makes it when it starts")) << name << ": " << ran.err;
    EXPECT_TRUE(ran.Says(folder_)) << name << ": " << ran.err;
    for (const std::string& made :
         {State(), Log(), folder_ + "/lan.key", folder_ + "/proof.json"}) {
      EXPECT_FALSE(fs::exists(made)) << name << " made " << made;
    }
  }
}

TEST_F(StateCommandsTest, KeysPeopleBlocksAndExceptionsMayComeBeforeTheFirstStart) {
  AccountOptions account;
  account.common = common_;
  account.name = "lan";
  account.roles = {"releaser"};
  account.no_password = true;
  auto commands = Commands();
  commands.emplace_back("console account add", [=] { return AccountAdd(account); });
  for (const auto& [name, command] : commands) {
    if (!SetsUp(name) && name != "console account add") {
      continue;
    }
    fs::remove_all(State());
    const Ran ran = Perform(command);
    EXPECT_EQ(ran.code, kDone) << name << ": " << ran.err;
    EXPECT_TRUE(fs::is_directory(State() + "/audit")) << name << " is on record";
  }
}

TEST_F(StateCommandsTest, WithoutAConfigurationThereIsNoHouseToAsk) {
  if (fs::exists(kDefaultConfig)) {
    GTEST_SKIP() << "this machine has a configuration of its own";
  }
  common_.config.clear();
  auto commands = Commands();
  commands.emplace_back("status", [this] { return StatusCommand(common_); });
  for (const auto& [name, command] : commands) {
    const Ran ran = Perform(command);
    EXPECT_EQ(ran.code, kUsage) << name << ": " << ran.err;
    EXPECT_TRUE(ran.Says(std::string(kDefaultConfig) + " does not exist")) << name << ran.err;
  }
}

TEST_F(StateCommandsTest, TheStoryOfAMessageIsToldWithoutAQuarantineAndNoneIsMade) {
  WriteLog({{{"id", "GP-20261123-204512-7F3K9QZ2"},
             {"queue_id", "4QUEUE"},
             {"held_id", "GP-20261123-204512-7F3K9QZ2"}}});
  fs::create_directory(State());
  const Ran ran = Perform([this] { return Explain(common_, "4QUEUE"); });
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_NE(ran.out.find("4QUEUE"), std::string::npos) << ran.out;
  EXPECT_TRUE(fs::is_empty(State()));
}

TEST_F(StateCommandsTest, ADeletionWithoutATerminalAsksNobodyAndNeedsANamedMailOrAge) {
  std::string id;
  {
    auto store = record::Quarantine::Open(State() + "/held");
    ASSERT_TRUE(store.ok());
    const Fd fd = record::Message("Subject: x\r\n\r\nbytes\r\n");
    const auto held = (*store)->Hold(record::HeldDecision(), fd.get());
    ASSERT_TRUE(held.ok());
    id = *held;
  }
  // Whoever runs the tests: standard input is no terminal here.
  const int before = dup(STDIN_FILENO);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(dup2(null, STDIN_FILENO), STDIN_FILENO);
  HeldOptions options;
  options.common = common_;
  const Ran refused = Perform([&] { return HeldDelete(options); });
  const auto state = [&] {
    const auto store = record::Quarantine::Open(State() + "/held");
    return (*store)->Find(id)->state;
  };
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_TRUE(refused.Says("--older-than")) << refused.err;
  EXPECT_EQ(state(), record::HeldState::kHeld);
  options.ids = {id};
  EXPECT_EQ(Perform([&] { return HeldDelete(options); }).code, kDone);
  EXPECT_EQ(state(), record::HeldState::kDeleted);
  if (before >= 0) {
    dup2(before, STDIN_FILENO);
    close(before);
  }
  close(null);
}

TEST_F(StateCommandsTest, ADigestIsFoundInMarkedMailAsWellWhoseDigestsAreKeyed) {
  const std::string digest = Sha256Hex("the document");
  const std::string key(32, 'k');
  WriteLog(
      {{{"id", "plain"}, {"keyed", false}, {"parts", {{{"sha256", digest}}}}},
       {{"id", "marked"}, {"keyed", true}, {"parts", {{{"sha256", HmacSha256Hex(key, digest)}}}}},
       {{"id", "whole"}, {"keyed", true}, {"sha256", HmacSha256Hex(key, digest)}},
       {{"id", "other"}, {"keyed", true}, {"sha256", HmacSha256Hex(key, Sha256Hex("x"))}}});
  fs::create_directory(State());
  LogOptions options = LogCommand();
  options.part_sha256 = digest;
  const Ran without = Perform([&] { return LogFind(options); });
  EXPECT_EQ(without.code, kIncomplete) << "what could not be looked into is not 'no'";
  EXPECT_TRUE(without.Says("3 messages with a marking were not searched")) << without.err;
  Spill(State() + "/digest.key", key);
  std::string upper = digest;
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  for (const std::string& written : {digest, upper}) {
    options.part_sha256 = written;
    const Ran ran = Perform([&] { return LogFind(options); });
    EXPECT_EQ(ran.code, kDone) << ran.err;
    for (const char* id : {"plain", "marked", "whole"}) {
      EXPECT_NE(ran.out.find(id), std::string::npos) << id << "\n" << ran.out;
    }
    EXPECT_EQ(ran.out.find("other"), std::string::npos) << ran.out;
  }
}

TEST_F(StateCommandsTest, ADigestOrAnActionThatIsNoneIsAUsageError) {
  WriteLog({{{"id", "one"}}});
  LogOptions options = LogCommand();
  for (const std::string& wrong :
       {std::string("abc"), std::string(63, 'a'), std::string(64, 'g'), std::string(65, 'a')}) {
    options.part_sha256 = wrong;
    const Ran ran = Perform([&] { return LogFind(options); });
    EXPECT_EQ(ran.code, kUsage) << wrong;
    EXPECT_TRUE(ran.Says("64 hexadecimal digits")) << ran.err;
  }
  options.part_sha256.clear();
  options.action = "rejected";
  const Ran ran = Perform([&] { return LogFind(options); });
  EXPECT_EQ(ran.code, kUsage);
  EXPECT_TRUE(ran.Says("did you mean 'reject'?")) << ran.err;
  for (const char* known : {"accept", "defer", "quarantine", "tag"}) {
    EXPECT_TRUE(ran.Says(known)) << ran.err;
  }
}

TEST_F(StateCommandsTest, AClientThatIsNoAddressIsAUsageError) {
  ScanOptions options;
  options.common = common_;
  options.files = {folder_ + "/nothing.eml"};
  for (const char* wrong :
       {"mail.example", "192.0.2", "192.0.2.256", "192.0.2.1 ", "2001:db8::g"}) {
    options.client_ip = wrong;
    const Ran ran = Perform([&] { return Scan(options); });
    EXPECT_EQ(ran.code, kUsage) << wrong;
    EXPECT_TRUE(ran.Says("write an IPv4 or IPv6 address")) << ran.err;
  }
}

TEST_F(StateCommandsTest, RecordsThatCannotBeReadAreCountedAndNamed) {
  WriteLog({{{"id", "one"}, {"queue_id", "4ONE"}}, {{"id", "two"}, {"queue_id", "4TWO"}}});
  std::string segment;
  for (const auto& entry : fs::directory_iterator(Log())) {
    segment = entry.path().extension() == ".jsonl" ? entry.path().string() : segment;
  }
  ASSERT_FALSE(segment.empty());
  const std::string whole = Slurp(segment);
  Spill(segment, whole + "{\"id\":\"three\",\n" + "[1]\n" + whole.substr(0, 20));
  const std::string name = segment.substr(segment.rfind('/') + 1);
  for (const auto& [command, run] : Commands()) {
    if (command == "log tail" || command == "log find" || command == "log summary") {
      const Ran ran = Perform(run);
      EXPECT_EQ(ran.code, kIncomplete) << command;
      EXPECT_TRUE(ran.Says("2 records of the decision log could not be read: " + name + ":3, " +
                           name + ":4"))
          << command << ": " << ran.err;
    }
  }
  const Ran story = Perform([this] { return Explain(common_, "4TWO"); });
  EXPECT_EQ(story.code, kIncomplete);
  EXPECT_TRUE(story.Says(name + ":3")) << story.err;
  EXPECT_NE(story.out.find("4TWO"), std::string::npos) << "the readable ones are told all the same";
  Spill(segment, whole);
  EXPECT_EQ(Perform([this] { return LogTail(LogCommand()); }).err, "");
}

TEST_F(StateCommandsTest, WhatWouldHaveHappenedIsCalledObservedAndCounted) {
  WriteLog({{{"id", "one"}, {"observed", true}, {"action", "reject"}},
            {{"id", "two"}, {"observed", true}, {"action", "defer"}},
            {{"id", "three"}, {"observed", true}, {"action", "defer"}},
            {{"id", "four"}, {"observed", true}, {"action", "accept"}},
            {{"id", "five"}, {"observed", false}, {"action", "tag"}}});
  const Ran tail = Perform([this] { return LogTail(LogCommand()); });
  EXPECT_NE(tail.out.find("reject, observed"), std::string::npos) << tail.out;
  EXPECT_NE(tail.out.find("defer, observed"), std::string::npos) << tail.out;
  EXPECT_EQ(tail.out.find("accept, observed"), std::string::npos) << tail.out;
  EXPECT_EQ(tail.out.find("tag, observed"), std::string::npos) << tail.out;
  LogOptions options = LogCommand();
  options.common.json = true;
  const Json summary =
      Json::parse(Perform([&] { return LogSummary(options); }).out, nullptr, /*exceptions=*/false);
  ASSERT_TRUE(summary.is_object());
  EXPECT_EQ(summary["messages"], 5);
  EXPECT_EQ(summary["observed"], (Json{{"defer", 2}, {"reject", 1}}));
  const std::string text = Perform([this] { return LogSummary(LogCommand()); }).out;
  EXPECT_NE(text.find("of these only observed"), std::string::npos) << text;
}

}  // namespace
}  // namespace gatepost::cli
