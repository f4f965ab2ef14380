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
milter_content_timeout = 120s
smtpd_milter_maps =
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
pickup unix n - y 60 1 pickup
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

// The table that gatepost-postfix writes, and an administrator's own.
Result<std::string> Answer(const std::string& table, const std::string& key) {
  if (table == "regexp:/etc/postfix/gatepost_header_checks" &&
      key.find(" :") != std::string::npos) {
    return std::string("REJECT 5.6.0 Blank before the colon of a header field");
  }
  return std::string(table == "regexp:/etc/postfix/everything" ? "DUNNO" : "");
}

Judged JudgeOf(const std::string& main, const std::string& services, const std::string& overrides,
               const std::string& listen = "unix:/var/spool/postfix/gatepost/gatepost.sock") {
  gateway::Config config;
  config.listen = listen;
  config.release = "unix:/var/spool/postfix/public/gatepost-release";
  Diagnostics diagnostics;
  Judged judged;
  JudgePostfix(ParsePostconf(main, services, overrides), "/etc/postfix", config, Answer,
               &diagnostics, &judged.table);
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
        "milter_content_timeout = 5s", "milter_content_timeout = 1m",
        "smtpd_milter_maps = cidr:/etc/postfix/friends", "smtpd_proxy_filter = 127.0.0.1:10025",
        "header_checks = regexp:/etc/postfix/header_checks",
        "header_checks = regexp:/etc/postfix/everything, "
        "regexp:/etc/postfix/gatepost_header_checks",
        "enable_long_queue_ids = no", "smtpd_forbid_bare_newline_exclusions = $mynetworks"}) {
    const Judged judged =
        JudgeOf(std::string(kGoodMain) + line + "\n", kGoodServices, kGoodOverrides);
    const std::string name = std::string(line).substr(0, std::string(line).find(' '));
    EXPECT_TRUE(judged.errors) << line;
    EXPECT_NE(judged.findings.find(name), std::string::npos) << line << "\n" << judged.findings;
  }
}

// What one service is told in master.cf undoes what main.cf says.
TEST(PostfixCheck, EveryUnsafeOverrideOfAServiceIsNamed) {
  for (const char* line :
       {"pickup/unix/receive_override_options = no_milters",
        "pickup/unix/receive_override_options = no_header_body_checks",
        "cleanup/unix/non_smtpd_milters =",
        "cleanup/unix/non_smtpd_milters = unix:opendkim/opendkim.sock",
        "smtp/inet/receive_override_options = no_header_body_checks",
        "smtp/inet/smtpd_milter_maps = cidr:/etc/postfix/friends",
        "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10025", "smtp/inet/milter_content_timeout = 5s",
        "cleanup/unix/milter_content_timeout = 5s", "cleanup/unix/milter_default_action = accept",
        "cleanup/unix/always_bcc = x@office.example", "smtp/inet/always_bcc = x@office.example",
        "cleanup/unix/recipient_bcc_maps = hash:/etc/postfix/bcc", "cleanup/unix/header_checks =",
        "cleanup/unix/header_checks = regexp:/etc/postfix/header_checks"}) {
    const Judged judged = JudgeOf(kGoodMain, kGoodServices, std::string(kGoodOverrides) + line);
    const std::string whole(line);
    const std::string service = whole.substr(0, whole.rfind('/', whole.find(" =")));
    const std::string name =
        whole.substr(service.size() + 1, whole.find(" =") - service.size() - 1);
    EXPECT_TRUE(judged.errors) << line;
    EXPECT_NE(judged.findings.find("master.cf: error: " + service + ": "), std::string::npos)
        << line << "\n"
        << judged.findings;
    EXPECT_NE(judged.findings.find(name), std::string::npos) << line << "\n" << judged.findings;
  }
}

TEST(PostfixCheck, SendmailIsNotFilteredWhenPickupOrCleanupSaysSo) {
  for (const char* line :
       {"pickup/unix/receive_override_options = no_milters", "cleanup/unix/non_smtpd_milters ="}) {
    const Judged judged = JudgeOf(kGoodMain, kGoodServices, std::string(kGoodOverrides) + line);
    const size_t row = judged.table.find("sendmail(1)");
    ASSERT_NE(row, std::string::npos) << judged.table;
    EXPECT_NE(judged.table.find("NOT FILTERED", row), std::string::npos) << judged.table;
  }
  // A cleanup of its own, for pickup alone.
  const Judged other =
      JudgeOf(kGoodMain, std::string(kGoodServices) + "local unix n - y - 0 cleanup\n",
              std::string(kGoodOverrides) +
                  "pickup/unix/cleanup_service_name = local\nlocal/unix/non_smtpd_milters =\n");
  EXPECT_NE(other.findings.find("local/unix: non_smtpd_milters"), std::string::npos)
      << other.findings;
}

TEST(PostfixCheck, ClientsInMilterMapsAreNotCalledFiltered) {
  const Judged judged =
      JudgeOf(std::string(kGoodMain) + "smtpd_milter_maps = cidr:/etc/postfix/friends\n",
              kGoodServices, kGoodOverrides);
  EXPECT_NE(judged.table.find("NOT FILTERED for clients in smtpd_milter_maps"), std::string::npos)
      << judged.table;
}

TEST(PostfixCheck, AServiceThatTakesLargerMailIsAWarning) {
  const Judged judged =
      JudgeOf(kGoodMain, kGoodServices,
              std::string(kGoodOverrides) + "smtp/inet/message_size_limit = 50000000\n");
  EXPECT_FALSE(judged.errors) << judged.findings;
  EXPECT_NE(judged.findings.find("smtp/inet: message_size_limit = 50000000"), std::string::npos)
      << judged.findings;
}

TEST(PostfixCheck, AContentFilterIsNamed) {
  const Judged all = JudgeOf(std::string(kGoodMain) + "content_filter = smtp:[127.0.0.1]:10024\n",
                             kGoodServices, kGoodOverrides);
  EXPECT_NE(all.findings.find("content_filter = smtp:[127.0.0.1]:10024"), std::string::npos);
  const Judged one =
      JudgeOf(kGoodMain, kGoodServices,
              std::string(kGoodOverrides) + "smtp/inet/content_filter = scan:dummy\n");
  EXPECT_NE(one.findings.find("smtp/inet: content_filter = scan:dummy"), std::string::npos);
}

TEST(PostfixCheck, ASocketOutsideTheChrootOfAServiceIsNamed) {
  const std::string absolute =
      std::string(kGoodMain) + "smtpd_milters = unix:/var/spool/postfix/gatepost/gatepost.sock\n";
  const Judged chrooted = JudgeOf(absolute, kGoodServices, kGoodOverrides);
  EXPECT_NE(
      chrooted.findings.find("smtp/inet: it is chrooted to /var/spool/postfix and cannot reach"),
      std::string::npos)
      << chrooted.findings;
  EXPECT_NE(chrooted.findings.find("write unix:gatepost/gatepost.sock"), std::string::npos);
  EXPECT_NE(chrooted.table.find("out of reach"), std::string::npos) << chrooted.table;
  std::string services(kGoodServices);
  services.replace(services.find("n - y"), 5, "n - n");  // smtp/inet
  EXPECT_EQ(JudgeOf(absolute, services, kGoodOverrides).findings, "");
  // "-" is what it was before compatibility level 1.
  services.replace(services.find("n - n"), 5, "n - -");
  EXPECT_EQ(JudgeOf(absolute + "compatibility_level = 3.6\n", services, kGoodOverrides).findings,
            "");
  EXPECT_TRUE(JudgeOf(absolute + "compatibility_level = 0\n", services, kGoodOverrides).errors);
}

TEST(PostfixCheck, AListenerOnEveryAddressIsTheOneOnLoopback) {
  std::string main(kGoodMain);
  std::string overrides(kGoodOverrides);
  for (std::string* text : {&main, &overrides}) {
    for (size_t at = 0; (at = text->find("unix:gatepost/gatepost.sock")) != std::string::npos;) {
      text->replace(at, 27, "inet:127.0.0.1:8891");
    }
  }
  for (const char* listen : {"inet:8891@0.0.0.0", "inet6:8891@::", "inet6:8891@[::]",
                             "inet:8891@127.0.0.1", "inet:8891@localhost"}) {
    EXPECT_EQ(JudgeOf(main, kGoodServices, overrides, listen).findings, "") << listen;
  }
  for (const char* listen : {"inet:8892@0.0.0.0", "inet:8891@192.0.2.1"}) {
    EXPECT_NE(
        JudgeOf(main, kGoodServices, overrides, listen).findings.find("does not name Gatepost"),
        std::string::npos)
        << listen;
  }
}

TEST(PostfixCheck, AMilterOfOursIsHeldToItsOwnOptions) {
  for (const char* options : {"content_timeout=5s", "protocol=4",
                              "{default_action = accept}, connect_timeout=tempfail"}) {
    const Judged judged =
        JudgeOf(std::string(kGoodMain) + "smtpd_milters = { unix:gatepost/gatepost.sock, " +
                    options + " }\n",
                kGoodServices, kGoodOverrides);
    EXPECT_TRUE(judged.errors) << options;
  }
  EXPECT_EQ(
      JudgeOf(std::string(kGoodMain) +
                  "smtpd_milters = { unix:gatepost/gatepost.sock, default_action=tempfail }\n",
              kGoodServices, kGoodOverrides)
          .findings,
      "");
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
