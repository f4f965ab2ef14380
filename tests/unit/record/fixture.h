// What the tests of records share: a folder that goes away, and decisions made by hand.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/record/decision.h"

namespace gatepost::record {

class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "gatepost-record-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::string Slurp(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static void Spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string folder_;
};

// A message for two recipients of ours; both copies are to be held.
inline Decision HeldDecision(const std::string& sender = "x@outside.example") {
  Decision decision;
  decision.envelope.received_at_ms = NowUnixMs();
  decision.id = MakeId(decision.envelope.received_at_ms);
  decision.node = "test";
  decision.envelope.sender = mail::Address::Parse(sender);
  decision.envelope.queue_id = "4F1";
  decision.envelope.client_ip = "192.0.2.7";
  decision.envelope.client_name = "mx.outside.example";
  decision.envelope.helo = "outside helo";
  decision.verdict.action = policy::Action::kQuarantine;
  decision.verdict.category = "unscannable";
  decision.verdict.clause = "unreadable";
  for (const char* to : {"a@office.example", "b@office.example"}) {
    mail::Recipient recipient;
    recipient.address = mail::Address::Parse(to);
    decision.envelope.recipients.push_back(recipient);
    policy::RecipientVerdict one;
    one.recipient = recipient.address;
    one.action = policy::Action::kQuarantine;
    one.clause = "unreadable";
    decision.verdict.recipients.push_back(one);
  }
  decision.findings.subject = "the subject";
  decision.findings.header_from = "X <x@outside.example>";
  decision.findings.message_id = "<1@outside.example>";
  return decision;
}

inline Fd Message(const std::string& bytes) {
  Result<Fd> fd = MemFd("message", bytes);
  EXPECT_TRUE(fd.ok());
  return std::move(fd).value();
}

}  // namespace gatepost::record
