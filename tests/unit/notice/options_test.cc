// The key `notices`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/options.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/unit/record/fixture.h"

namespace gatepost::notice {
namespace {

class OptionsTest : public record::FolderTest {
 protected:
  Options Read(const std::string& text) {
    Options options;
    diagnostics_ = Diagnostics();
    const Result<YamlNode> root = ParseYaml("gatepost.yaml", text, &diagnostics_);
    EXPECT_TRUE(root.ok());
    options.Read(
        *root, "office.example", [this](const std::string& path) { return folder_ + "/" + path; },
        &diagnostics_);
    return options;
  }
  std::string Errors() const { return diagnostics_.ToStatus().message(); }
  Diagnostics diagnostics_;
};

TEST_F(OptionsTest, WithoutTheKeyOurSendersAreToldAndNobodyElse) {
  const Options options = Read("{}");
  EXPECT_FALSE(diagnostics_.has_errors()) << Errors();
  EXPECT_TRUE(options.senders);
  EXPECT_FALSE(options.digests);
  EXPECT_EQ(options.from.spelling(), "postmaster@office.example");
  EXPECT_FALSE(Read("notices: off").senders);
}

TEST_F(OptionsTest, TheSampleLoadsAndItsTimesAreTheDefaults) {
  Spill(folder_ + "/priority.txt", "# the chair\nchair@office.example\n@board.example # all\n");
  std::ifstream file(GATEPOST_SOURCE_DIR "/contrib/gatepost.yaml");
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    inside = line == "# notices:" || (inside && line.rfind("#   ", 0) == 0);
    text += inside ? line.substr(2) + "\n" : "";
  }
  const Options options = Read(text);
  EXPECT_FALSE(diagnostics_.has_errors()) << Errors();
  EXPECT_EQ(options.digest_at, Options().digest_at);
  EXPECT_EQ(options.mailbox.links_ms, Options().mailbox.links_ms);
  EXPECT_EQ(options.mailbox.url, "https://mail.office.example");
  EXPECT_EQ(options.clerks.size(), 1U);
  EXPECT_EQ(options.AddressOf("lan as root").spelling(), "lan@office.example");
  EXPECT_TRUE(options.AddressOf("somebody").is_null());
  EXPECT_EQ(options.AddressOf("x@office.example").spelling(), "x@office.example");
  const auto list = ReadAddressFile(options.priority_list);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(*list, (std::vector<std::string>{"chair@office.example", "@board.example"}));
}

TEST_F(OptionsTest, WhatCannotBeMeantIsNamedWithItsLine) {
  const auto expect = [this](const std::string& text, const std::string& said) {
    Read("notices:\n  " + text + "\n");
    EXPECT_NE(Errors().find(said), std::string::npos) << text << "\n" << Errors();
    EXPECT_NE(Errors().find("gatepost.yaml:"), std::string::npos) << Errors();
  };
  expect("sender: on", "did you mean 'senders'?");
  expect("language: fr", "must be vi or en");
  expect("officers: nobody", "is not an address");
  expect("too_long: soon", "must be a time such as 24h");
  expect("digest: {at: ['25:00']}", "is not a time of day");
  expect("digest: {at: ['7']}", "is not a time of day");
  expect("digest: {clerks: [{to: a@x.example}]}", "needs 'to' and 'recipients'");
  expect("mailbox: {listen: 'inet:8026@127.0.0.1'}", "needs 'url'");
  expect("mailbox: {url: 'https://x', release: [virus]}", "not for recipients to release");
  expect("mailbox: {url: 'https://x', listen: 'inet:8026@0.0.0.0'}", "is not loopback");
  expect("priority: {list: nowhere.txt}", "nowhere.txt");
  Spill(folder_ + "/list.txt", "a@x.example\nnobody\n");
  expect("priority: {list: list.txt}", "list.txt:2: 'nobody'");
  Spill(folder_ + "/list.txt", "a@x.example\n");
  expect("priority: {list: list.txt}", "alerts nobody");
  expect("priority: {list: list.txt, command: [page]}", "full path");
}

TEST_F(OptionsTest, TheFileOfWhoIsOnDutyWinsWhileItNamesAnybody) {
  Options options = Read("notices: {officers: a@office.example, on_duty: duty.txt}");
  EXPECT_EQ(options.Officers()[0].spelling(), "a@office.example");
  Spill(folder_ + "/duty.txt", "b@office.example\n");
  EXPECT_EQ(options.Officers()[0].spelling(), "b@office.example");
  Spill(folder_ + "/duty.txt", "# nobody today\n");
  EXPECT_EQ(options.Officers()[0].spelling(), "a@office.example");
}

}  // namespace
}  // namespace gatepost::notice
