// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/release.h"

#include <map>

#include "src/record/smtp_client.h"
#include "tests/unit/record/fixture.h"
#include "tests/unit/record/smtp_listener.h"

namespace gatepost::record {
namespace {

class ReleaseTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    auto store = Quarantine::Open(folder_ + "/held");
    ASSERT_TRUE(store.ok());
    store_ = std::move(store).value();
  }
  std::string Hold(const std::string& bytes, const Decision& decision = HeldDecision()) {
    const Fd fd = Message(bytes);
    const auto id = store_->Hold(decision, fd.get());
    EXPECT_TRUE(id.ok());
    return id.ok() ? *id : "";
  }
  Result<ReleaseReport> Send(const std::string& id, const std::vector<mail::Address>& to = {}) {
    ReleaseOptions options;
    options.command_timeout_ms = 5'000;
    options.final_timeout_ms = 5'000;
    return Release(store_.get(), id, to, "unix:" + Socket(), "me", options);
  }
  std::string Socket() const { return folder_ + "/smtp"; }
  std::unique_ptr<Quarantine> store_;
};

using Outcome = ReleaseReport::Outcome;

// Where today's inspection finds something else than that of the day it was held.
class ReinspectionTest : public ReleaseTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    StoreOptions options;
    options.folder = folder_ + "/held";
    options.two_persons = {"marking"};
    store_ = std::move(Quarantine::Open(options)).value();
    Decision decision = HeldDecision();
    decision.verdict.category = "spam";
    id_ = Hold("Subject: x\r\n\r\nbytes\r\n", decision);
  }
  Result<ReleaseReport> SendNow(const Reinspection& today, const std::vector<mail::Address>& to) {
    ReleaseOptions options;
    options.command_timeout_ms = 5'000;
    options.inspect = [today](const Held&, const std::string&) {
      return Result<Reinspection>(today);
    };
    return Release(store_.get(), id_, to, "unix:" + Socket(), "me", options);
  }
  void Approve(const std::vector<mail::Address>& to, bool override_infection) {
    ASSERT_TRUE(store_->RequestRelease(id_, "lan", "needed", to, 60'000).ok());
    ASSERT_TRUE(
        store_->DecideRequest(id_, {true, "boss", "I answer for it", override_infection}).ok());
  }
  const mail::Address a_ = mail::Address::Parse("a@office.example");
  const mail::Address b_ = mail::Address::Parse("b@office.example");
  std::string id_;
};

TEST_F(ReinspectionTest, AnInfectionNeedsASecondPersonsWordForTheseRecipients) {
  const Reinspection infected{{"Eicar"}, "spam"};
  EXPECT_FALSE(SendNow(infected, {}).ok());
  Approve({a_}, false);
  EXPECT_FALSE(SendNow(infected, {a_}).ok()) << "approved, but not although it is infected";
  Approve({a_}, true);
  const auto both = SendNow(infected, {});
  EXPECT_FALSE(both.ok()) << "the word was for one of them";
  EXPECT_NE(both.status().message().find("--override-infection"), std::string::npos)
      << both.status().message();
  EXPECT_EQ(store_->Find(id_)->state, HeldState::kHeld);
  Listener peer(Socket(), {});
  const auto sent = SendNow(infected, {a_});
  ASSERT_TRUE(sent.ok()) << sent.status().message();
  EXPECT_EQ(sent->outcome, Outcome::kSent);
  EXPECT_FALSE(SendNow(infected, {b_}).ok());
}

TEST_F(ReinspectionTest, AMarkingThatTodaysRulesFindNeedsASecondPerson) {
  const Reinspection marked{{}, "marking"};
  const auto refused = SendNow(marked, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("today's rules"), std::string::npos)
      << refused.status().message();
  EXPECT_EQ(store_->Find(id_)->state, HeldState::kHeld);
  Approve({}, false);
  Listener peer(Socket(), {});
  const auto sent = SendNow(marked, {});
  ASSERT_TRUE(sent.ok()) << sent.status().message();
  EXPECT_EQ(sent->outcome, Outcome::kSent);
}

TEST_F(ReleaseTest, ByteForByteWithTheClientAndTheReleaseId) {
  const std::string bytes = "Subject: x\r\n\r\n.\r\n..two\r\n\xC3\xA1\r\nlast without end";
  const std::string id = Hold(bytes);
  Listener peer(Socket(), {});
  const auto report = Send(id);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->outcome, Outcome::kSent);
  EXPECT_EQ(report->said, "250 2.0.0 Ok: queued as 4FQ");
  peer.Join();
  EXPECT_EQ(peer.data, "Subject: x\r\n\r\n..\r\n...two\r\n\xC3\xA1\r\nlast without end\r\n");
  const std::vector<std::string> expected{
      "EHLO gatepost",
      "XFORWARD NAME=mx.outside.example ADDR=192.0.2.7 HELO=outside+20helo PROTO=ESMTP IDENT=" +
          report->release_id + " SOURCE=REMOTE",
      "MAIL FROM:<x@outside.example> SIZE=" + std::to_string(bytes.size()) + " BODY=8BITMIME",
      "RCPT TO:<a@office.example>",
      "RCPT TO:<b@office.example>",
      "DATA",
      "QUIT"};
  EXPECT_EQ(peer.commands, expected);
  EXPECT_EQ(store_->Find(id)->state, HeldState::kReleased);
  EXPECT_FALSE(Send(id).ok());  // never twice
}

TEST_F(ReleaseTest, OneRefusedRecipientAndNothingIsSent) {
  const std::string id = Hold("Subject: x\r\n\r\n");
  Listener::Script script;
  script.replies["RCPT TO:<b@office.example>"] = "550 5.1.1 unknown\r\n";
  Listener peer(Socket(), script);
  const auto report = Send(id);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kRefused);
  EXPECT_NE(report->said.find("550 5.1.1 unknown"), std::string::npos);
  peer.Join();
  EXPECT_EQ(peer.commands.back(), "QUIT");
  EXPECT_EQ(peer.commands[peer.commands.size() - 2], "RSET");
  EXPECT_EQ(store_->Find(id)->state, HeldState::kHeld);
}

TEST_F(ReleaseTest, ChosenRecipientsOnlyAndTheRestStaysHeld) {
  const std::string id = Hold("Subject: x\r\n\r\n");
  {
    Listener peer(Socket(), {});
    ASSERT_TRUE(Send(id, {mail::Address::Parse("B@office.example")}).ok());
    peer.Join();
    EXPECT_EQ(std::count(peer.commands.begin(), peer.commands.end(), "RCPT TO:<b@office.example>"),
              1);
    EXPECT_EQ(std::count(peer.commands.begin(), peer.commands.end(), "RCPT TO:<a@office.example>"),
              0);
  }
  EXPECT_EQ(store_->Find(id)->state, HeldState::kHeld);
  EXPECT_EQ(store_->Find(id)->released.size(), 1U);
}

TEST_F(ReleaseTest, CutOffAfterTheFinalDotNobodyKnowsAndItIsNotSentAgain) {
  const std::string id = Hold("Subject: x\r\n\r\n");
  Listener::Script script;
  script.drop_after_dot = true;
  Listener peer(Socket(), script);
  const auto report = Send(id);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kUnknown);
  EXPECT_EQ(store_->Find(id)->state, HeldState::kReleasing);
  EXPECT_FALSE(Send(id).ok());
  // Postfix's log settles it.
  const std::string log = folder_ + "/mail.log";
  Spill(log, "Nov 23 h postfix/smtpd[1]: AB1: client=localhost[127.0.0.1], orig_queue_id=" +
                 report->release_id + "9, orig_client=x\n");
  EXPECT_FALSE(TraceRelease(log, report->release_id)->seen);
  Spill(log, "Nov 23 h postfix/smtpd[1]: AB1: client=localhost[127.0.0.1], orig_queue_id=" +
                 report->release_id + ", orig_client=x\n");
  EXPECT_TRUE(TraceRelease(log, report->release_id)->seen);
  EXPECT_FALSE(TraceRelease(log, report->release_id)->queued);
  Spill(log,
        Slurp(log) + "Nov 23 h postfix/qmgr[1]: AB1: from=<x>, size=1, nrcpt=1 (queue active)\n");
  EXPECT_TRUE(TraceRelease(log, report->release_id)->queued);
  ASSERT_TRUE(SettleRelease(store_.get(), id, true).ok());
  EXPECT_EQ(store_->Find(id)->state, HeldState::kReleased);
}

TEST_F(ReleaseTest, EveryFailureBeforeTheFinalDotLeavesItHeld) {
  for (const char* command : {"greeting", "EHLO", "MAIL", "DATA", ".", "drop"}) {
    const std::string id = Hold(std::string("Subject: ") + command + "\r\n\r\n");
    Listener::Script script;
    const std::string word = command;
    script.drop_in_data = word == "drop";
    if (word == "EHLO") {
      script.ehlo = "421 busy\r\n";
    }
    if (word == "MAIL") {
      script.replies["MAIL FROM:<x@outside.example> SIZE=" +
                     std::to_string(std::string("Subject: MAIL\r\n\r\n").size())] =
          "452 4.3.1 full\r\n";
    }
    if (word == "DATA" || word == ".") {
      script.replies[word] = "451 4.3.0 later\r\n";
    }
    if (word == "greeting") {
      EXPECT_EQ(Send(id)->outcome, Outcome::kRefused);  // nobody listens
    } else {
      Listener peer(Socket(), script);
      const auto report = Send(id);
      ASSERT_TRUE(report.ok());
      if (word == "drop") {
        // The peer left in the middle: whether our dot was still sent into the void or not, it is
        // never recorded as sent.
        EXPECT_NE(report->outcome, Outcome::kSent);
        unlink(Socket().c_str());
        continue;
      }
      EXPECT_EQ(report->outcome, Outcome::kRefused) << word;
    }
    EXPECT_EQ(store_->Find(id)->state, HeldState::kHeld) << word;
    unlink(Socket().c_str());
  }
}

TEST_F(ReleaseTest, NobodyThereIsNotCalledARefusalAndNamesTheSetting) {
  const std::string id = Hold("Subject: x\r\n\r\n");
  const auto nobody = Send(id);
  ASSERT_TRUE(nobody.ok());
  EXPECT_TRUE(nobody->unreachable);
  for (const char* word : {"re-injection listener cannot be reached", "'release'"}) {
    EXPECT_NE(nobody->said.find(word), std::string::npos) << nobody->said;
  }
  EXPECT_NE(nobody->said.find(Socket()), std::string::npos) << nobody->said;
  Listener::Script script;
  script.replies["."] = "451 4.3.0 later\r\n";
  Listener peer(Socket(), script);
  const auto refused = Send(id);
  ASSERT_TRUE(refused.ok());
  EXPECT_FALSE(refused->unreachable) << refused->said;
  EXPECT_NE(refused->said.find("451 4.3.0 later"), std::string::npos) << refused->said;
}

TEST_F(ReleaseTest, AnAddressCannotCarryACommand) {
  Decision decision = HeldDecision();
  decision.envelope.sender = mail::Address::Parse("x@y.example>\r\nRCPT TO:<evil@z.example");
  const std::string id = Hold("Subject: x\r\n\r\n", decision);
  Listener peer(Socket(), {});
  const auto report = Send(id);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->outcome, Outcome::kRefused);
  peer.Join();
  for (const std::string& command : peer.commands) {
    EXPECT_EQ(command.find("evil"), std::string::npos) << command;
  }
}

TEST(Smtp, DotsAreDoubledAtEveryLineStartThatAnyoneMaySee) {
  EXPECT_EQ(DotStuffed(""), "\r\n");
  EXPECT_EQ(DotStuffed(".\r\n"), "..\r\n");
  EXPECT_EQ(DotStuffed("a\n.\nb"), "a\n..\nb\r\n");
  EXPECT_EQ(DotStuffed("a.b\r\n.c\r\n"), "a.b\r\n..c\r\n");
  EXPECT_EQ(Xtext("a+b=c d\r\n\xC3"), "a+2Bb+3Dc+20d+0D+0A+C3");
}

}  // namespace
}  // namespace gatepost::record
