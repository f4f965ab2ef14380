// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/postfix_check.h"

#include <gtest/gtest.h>

#include <string>

namespace gatepost::cli {
namespace {

constexpr const char* kGoodMain = R"(queue_directory = /var/spool/postfix
smtpd_forbid_bare_newline = normalize
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
cleanup_replace_stray_cr_lf = yes
message_reject_characters = \0
milter_protocol = 6
milter_default_action = tempfail
smtpd_end_of_data_restrictions =
disable_vrfy_command = yes
soft_bounce = no
enable_long_queue_ids = yes
receive_override_options =
header_checks = regexp:/etc/postfix/gatepost_header_checks
message_size_limit = 10240000
smtpd_milters = unix:opendkim/opendkim.sock, unix:gatepost/gatepost.sock
non_smtpd_milters = unix:gatepost/gatepost.sock, unix:opendkim/opendkim.sock
)";
constexpr const char* kGoodServices = R"(smtp inet n - y - - smtpd
submission inet n - y - - smtpd
cleanup unix n - y - 0 cleanup
gatepost-release unix n - y - - smtpd
)";
constexpr const char* kGoodOverrides =
    R"(submission/inet/smtpd_milters = unix:gatepost/gatepost.sock,unix:opendkim/opendkim.sock
gatepost-release/unix/smtpd_milters = unix:opendkim/opendkim.sock
gatepost-release/unix/smtpd_authorized_xforward_hosts = 127.0.0.0/8
)";

struct Judged {
  std::string findings;
  std::string table;
  bool errors = false;
};

Judged JudgeOf(const std::string& main, const std::string& services, const std::string& overrides) {
  gateway::Config config;
  config.listen = "unix:/var/spool/postfix/gatepost/gatepost.sock";
  config.release = "unix:/var/spool/postfix/public/gatepost-release";
  Diagnostics diagnostics;
  Judged judged;
  JudgePostfix(ParsePostconf(main, services, overrides), "/etc/postfix", config, &diagnostics,
               &judged.table);
  for (const Diagnostic& one : diagnostics.all()) {
    judged.findings += one.ToString() + "\n";
  }
  judged.errors = diagnostics.has_errors();
  return judged;
}

TEST(PostfixCheck, AWellSetPostfixHasNoFinding) {
  const Judged judged = JudgeOf(kGoodMain, kGoodServices, kGoodOverrides);
  EXPECT_EQ(judged.findings, "");
  EXPECT_EQ(judged.table.find("NOT FILTERED"), std::string::npos) << judged.table;
  for (const char* entrance : {"smtp/inet", "submission/inet", "sendmail(1)", "gatepost-release"}) {
    EXPECT_NE(judged.table.find(entrance), std::string::npos) << judged.table;
  }
}

TEST(PostfixCheck, AnOverrideThatDropsTheFilterIsNamed) {
  const Judged judged =
      JudgeOf(kGoodMain, kGoodServices,
              std::string(kGoodOverrides) + "smtp/inet/smtpd_milters = unix:opendkim/x.sock\n");
  EXPECT_TRUE(judged.errors);
  EXPECT_NE(judged.table.find("smtp/inet (from outside)"), std::string::npos);
  EXPECT_NE(judged.table.find("NOT FILTERED"), std::string::npos) << judged.table;
  EXPECT_NE(judged.findings.find("smtp/inet"), std::string::npos) << judged.findings;
}

TEST(PostfixCheck, NoMiltersInAnOverrideIsNotFiltered) {
  const Judged judged =
      JudgeOf(kGoodMain, kGoodServices,
              std::string(kGoodOverrides) + "smtp/inet/receive_override_options = no_milters\n");
  EXPECT_NE(judged.table.find("NOT FILTERED"), std::string::npos) << judged.table;
}

TEST(PostfixCheck, SendmailIsAnEntranceToo) {
  const Judged judged =
      JudgeOf(std::string(kGoodMain) + "non_smtpd_milters =\n", kGoodServices, kGoodOverrides);
  EXPECT_NE(judged.findings.find("non_smtpd_milters"), std::string::npos);
  EXPECT_NE(judged.table.find("NOT FILTERED"), std::string::npos) << judged.table;
}

TEST(PostfixCheck, EveryUnsafeSettingIsAnErrorThatSaysWhy) {
  for (const char* line :
       {"smtpd_forbid_bare_newline = no", "milter_default_action = accept", "milter_protocol = 4",
        "smtpd_end_of_data_restrictions = reject", "soft_bounce = yes", "header_checks =",
        "recipient_bcc_maps = hash:/etc/postfix/bcc", "always_bcc = archive@office.example",
        "message_reject_characters =", "receive_override_options = no_milters",
        "enable_long_queue_ids = no", "smtpd_forbid_bare_newline_exclusions = $mynetworks"}) {
    const Judged judged =
        JudgeOf(std::string(kGoodMain) + line + "\n", kGoodServices, kGoodOverrides);
    const std::string name = std::string(line).substr(0, std::string(line).find(' '));
    EXPECT_TRUE(judged.errors) << line;
    EXPECT_NE(judged.findings.find(name), std::string::npos) << line << "\n" << judged.findings;
  }
}

TEST(PostfixCheck, APerMilterDefaultActionIsSeen) {
  const Judged judged =
      JudgeOf(std::string(kGoodMain) +
                  "smtpd_milters = { unix:gatepost/gatepost.sock, default_action = accept }\n",
              kGoodServices, kGoodOverrides);
  EXPECT_TRUE(judged.errors);
  EXPECT_NE(judged.findings.find("default_action must be tempfail"), std::string::npos)
      << judged.findings;
}

TEST(PostfixCheck, TheOrderOfMiltersIsWatched) {
  const Judged before =
      JudgeOf(std::string(kGoodMain) + "smtpd_milters = unix:gatepost/gatepost.sock, unix:dkim\n",
              kGoodServices, kGoodOverrides);
  EXPECT_NE(before.findings.find("warning"), std::string::npos) << before.findings;
  const Judged signer =
      JudgeOf(kGoodMain, kGoodServices,
              "submission/inet/smtpd_milters = unix:dkim, unix:gatepost/gatepost.sock\n"
              "gatepost-release/unix/smtpd_milters =\n"
              "gatepost-release/unix/smtpd_authorized_xforward_hosts = 127.0.0.0/8\n");
  EXPECT_NE(signer.findings.find("before it is signed"), std::string::npos) << signer.findings;
}

TEST(PostfixCheck, TheReleaseListenerMustNotBeATcpPortNorFilterAgain) {
  const Judged tcp =
      JudgeOf(kGoodMain, "smtp inet n - y - - smtpd\ngatepost-release inet n - y - - smtpd\n",
              "gatepost-release/inet/smtpd_milters =\n");
  EXPECT_NE(tcp.findings.find("must be of type unix"), std::string::npos) << tcp.findings;
  const Judged again = JudgeOf(kGoodMain, kGoodServices, "");
  EXPECT_NE(again.findings.find("held again"), std::string::npos) << again.findings;
  const Judged none = JudgeOf(kGoodMain, "smtp inet n - y - - smtpd\n", "");
  EXPECT_NE(none.findings.find("no service gatepost-release"), std::string::npos);
}

TEST(PostfixCheck, ALargerPostfixLimitIsAWarning) {
  const Judged judged = JudgeOf(std::string(kGoodMain) + "message_size_limit = 50000000\n",
                                kGoodServices, kGoodOverrides);
  EXPECT_FALSE(judged.errors);
  EXPECT_NE(judged.findings.find("message_size_limit"), std::string::npos);
}

TEST(PostfixCheck, MilterListsMayHoldBracedEntries) {
  const std::vector<std::string> entries =
      SplitMilters("inet:a:1,{ unix:b, connect_timeout=1s }  unix:c,");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1], "{ unix:b, connect_timeout=1s }");
  EXPECT_TRUE(SplitMilters("").empty());
  EXPECT_TRUE(SplitMilters("} } ,").size() <= 3);
}

TEST(PostfixCheck, NonsenseFromPostconfIsSurvived) {
  const PostfixSettings settings =
      ParsePostconf("= =\n\nno equals\n", "\n# x\nshort line\n", "x\n");
  EXPECT_TRUE(settings.services.empty());
}

}  // namespace
}  // namespace gatepost::cli
