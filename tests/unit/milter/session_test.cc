// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/session.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatepost::milter {
namespace {

std::string Gathered(Session* session) {
  session->Finish();
  const Result<int> fd = session->spool().Seal();
  return fd.ok() ? *ReadFd(*fd) : "not whole";
}

TEST(Session, AMessageIsGatheredAsItCameOverTheWire) {
  SpoolBudget budget(1 << 30);
  Session session(&budget);
  session.Connect("mail.example.net", "2001:db8::1");
  session.Helo("mail.example.net");
  session.Mail({1 << 20, ""}, "<a@example.net>", {"SIZE=100", "BODY=8BITMIME"});
  session.Rcpt("<b@office.example>");
  session.Header("Subject", " two\n\tlines");
  session.Header("X-None", "");
  session.Header("X-Tab", "\tvalue");
  session.EndOfHeader();
  session.Body("body\r\nwith ");
  session.Body(std::string_view("x\0y", 3));
  EXPECT_EQ(Gathered(&session),
            std::string("Subject: two\r\n\tlines\r\nX-None:\r\nX-Tab:\tvalue\r\n\r\n"
                        "body\r\nwith ") +
                std::string("x\0y", 3));
  EXPECT_EQ(session.envelope().sender.spelling(), "a@example.net");
  EXPECT_EQ(session.envelope().client_ip, "2001:db8::1");
  EXPECT_EQ(session.envelope().helo, "mail.example.net");
  EXPECT_FALSE(session.envelope().smtputf8);
  EXPECT_GT(session.envelope().received_at_ms, 0);
}

TEST(Session, AMessageWithoutABodyStillEndsItsHeader) {
  SpoolBudget budget(1 << 30);
  Session session(&budget);
  session.Mail({1'000, ""}, "<>", {});
  session.Header("Subject", " x");
  EXPECT_EQ(Gathered(&session), "Subject: x\r\n\r\n");
  EXPECT_TRUE(session.envelope().sender.is_null());
}

TEST(Session, AMessageWithoutAnyFieldBeginsWithTheBlankLine) {
  SpoolBudget budget(1 << 30);
  Session session(&budget);
  session.Mail({1'000, ""}, "<a@b.example>", {"smtputf8"});
  session.EndOfHeader();
  EXPECT_EQ(Gathered(&session), "\r\n");
  EXPECT_TRUE(session.envelope().smtputf8);
}

TEST(Session, TheNextMessageOfAConnectionKnowsNothingOfTheOneBefore) {
  SpoolBudget budget(1 << 30);
  Session session(&budget);
  session.Connect("client", "192.0.2.9");
  session.Mail({1'000, "mx"}, "<one@b.example>", {"SMTPUTF8"});
  session.Rcpt("<first@office.example>");
  session.Header("X-Spam-Flag", " YES");
  session.Body("secret");
  session.MarkBroken();
  session.Mail({1'000, "mx"}, "<two@b.example>", {});
  session.Rcpt("<second@office.example>");
  session.Header("Subject", " clean");
  EXPECT_FALSE(session.broken());
  EXPECT_FALSE(session.envelope().smtputf8);
  ASSERT_EQ(session.envelope().recipients.size(), 1U);
  EXPECT_EQ(session.envelope().recipients[0].address.spelling(), "second@office.example");
  EXPECT_TRUE(session.forgeries().ToDelete().empty());
  EXPECT_EQ(Gathered(&session), "Subject: clean\r\n\r\n");
  EXPECT_EQ(session.envelope().client_ip, "192.0.2.9") << "the connection stays";
}

TEST(Session, AnAbortGivesTheMemoryBack) {
  SpoolBudget budget(1 << 30);
  Session session(&budget);
  session.Mail({1 << 20, ""}, "<a@b.example>", {});
  session.Body(std::string(500'000, 'x'));
  EXPECT_GT(budget.taken(), 0U);
  session.Abort();
  EXPECT_EQ(budget.taken(), 0U);
  EXPECT_FALSE(session.in_message());
  session.Header("Late", " field");
  session.Body("late");
  EXPECT_FALSE(session.in_message());
}

TEST(Session, ARecipientIsDeletedInTheSpellingOfRcptTo) {
  SpoolBudget budget(1 << 30);
  Session session(&budget);
  session.Mail({1'000, ""}, "<a@b.example>", {});
  session.Rcpt("<Van.Thu@Office.Example>");
  session.Rcpt("<\"a b\"@office.example>");
  session.Rcpt("<Van.Thu@Office.Example>");
  for (const mail::Recipient& one : session.envelope().recipients) {
    EXPECT_FALSE(session.AsGiven(one.address.spelling()).empty()) << one.address.spelling();
  }
  EXPECT_EQ(session.AsGiven("Van.Thu@Office.Example"),
            std::vector<std::string>{"<Van.Thu@Office.Example>"});
  EXPECT_TRUE(session.AsGiven("van.thu@office.example").empty());
}

TEST(Session, MailOfALocalProgramHasNoClient) {
  mail::Envelope envelope;
  envelope.client_ip = "127.0.0.1";
  Macros macros;
  macros.client_port = "0";
  Apply(macros, &envelope);
  EXPECT_EQ(envelope.client_ip, "");
}

TEST(Session, AClientOnLoopbackOrElsewhereStaysAClient) {
  mail::Envelope loopback;
  loopback.client_ip = "127.0.0.1";
  Macros macros;
  macros.client_port = "40112";
  Apply(macros, &loopback);
  EXPECT_EQ(loopback.client_ip, "127.0.0.1");
  mail::Envelope outside;
  outside.client_ip = "192.0.2.1";
  macros.client_port = "0";
  macros.auth_user = "van.thu";
  macros.queue_id = "4XyZ";
  Apply(macros, &outside);
  EXPECT_EQ(outside.client_ip, "192.0.2.1");
  EXPECT_EQ(outside.auth_user, "van.thu");
  EXPECT_EQ(outside.queue_id, "4XyZ");
}

TEST(ForgeryWatch, OurFieldsAreFoundInAnyCaseAndCountedByName) {
  ForgeryWatch watch("mx");
  watch.See("Received", " from x");
  watch.See("x-spam-flag", " NO");
  watch.See("X-Spam-Flag", " YES");
  watch.See("X-Gatepost-Id", " GP-1");
  watch.See("X-Spam-Flagged", " no copy of ours");
  const std::vector<HeaderPlace> expected = {
      {"X-Gatepost-Id", 1}, {"X-Spam-Flag", 2}, {"x-spam-flag", 1}};
  EXPECT_EQ(watch.ToDelete(), expected) << "the last of a name first";
}

TEST(ForgeryWatch, ResultsThatOurMiltersInsertedStay) {
  ForgeryWatch watch("mx.office.example");
  watch.See("Authentication-Results", " mx.office.example; dmarc=pass header.from=a.example");
  watch.See("DKIM-Filter", " OpenDKIM Filter v2.11.0 mx.office.example");
  watch.See("Authentication-Results", " mx.office.example;\n\tdkim=pass header.d=a.example");
  watch.See("Received", " from a.example");
  EXPECT_TRUE(watch.ToDelete().empty());
}

TEST(ForgeryWatch, AForgedResultBelowIsRemoved) {
  ForgeryWatch watch("mx.office.example");
  watch.See("Authentication-Results", " mx.office.example; dkim=fail");
  watch.See("Received", " from a.example");
  watch.See("Authentication-Results", " MX.office.example (really) 1; dkim=pass");
  watch.See("Authentication-Results", " other.example; dkim=pass");
  watch.See("authentication-results", " \"mx.office.example\"; spf=pass");
  const std::vector<HeaderPlace> expected = {{"authentication-results", 4},
                                             {"Authentication-Results", 2}};
  EXPECT_EQ(watch.ToDelete(), expected);
}

TEST(ForgeryWatch, WhereNoMilterVerifiesEvenTheTopmostResultIsForged) {
  ForgeryWatch watch("mx.office.example", false);
  watch.See("Authentication-Results", " mx.office.example; dkim=pass header.d=bank.example");
  watch.See("Received", " from a.example");
  const std::vector<HeaderPlace> expected = {{"Authentication-Results", 1}};
  EXPECT_EQ(watch.ToDelete(), expected);
}

TEST(ForgeryWatch, AForgedResultRightBelowOursRepeatsAMethod) {
  ForgeryWatch watch("mx.office.example");
  watch.See("Authentication-Results", " mx.office.example; dkim=fail; spf=fail");
  watch.See("Authentication-Results", " mx.office.example; arc=pass; spf=pass");
  const std::vector<HeaderPlace> expected = {{"Authentication-Results", 2}};
  EXPECT_EQ(watch.ToDelete(), expected);
}

TEST(ForgeryWatch, AnAuthservIdInACommentIsNotOne) {
  ForgeryWatch watch("mx.office.example");
  watch.See("Subject", " x");
  watch.See("Authentication-Results", " (mx.office.example;) other.example; dkim=pass");
  EXPECT_TRUE(watch.ToDelete().empty());
  watch.See("Authentication-Results", " (a (nested \\) one)) mx.office.example.; dkim=pass");
  EXPECT_EQ(watch.ToDelete().size(), 1U);
}

}  // namespace
}  // namespace gatepost::milter
