// The figures of a month out of records as every door of the house writes them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/month_report.h"

#include <array>
#include <ctime>

#include "src/record/audit_trail.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::cli {
namespace {

class MonthReportTest : public record::FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    config_.state = folder_;
    config_.log = folder_ + "/log.jsonl";
    config_.node = "test";
    Spill(config_.log, "");
  }
  void Held(const std::string& id) {
    Json decision = {
        {"id", id},
        {"at", Rfc3339(NowUnixMs() - 1'000)},
        {"action", "quarantine"},
        {"clause", "as-spam"},
        {"category", "spam"},
        {"held_id", id},
        {"recipients",
         {{{"rcpt", "a@office.example"}, {"direction", "inbound"}, {"action", "quarantine"}}}}};
    Spill(config_.log, Slurp(config_.log) + DumpJson(decision) + "\n");
  }
  void Released(const std::string& id, const std::string& outcome, const std::string& via,
                record::AuditKind kind = record::AuditKind::kRelease) {
    const auto trail = record::AuditTrail::Open({record::AuditFolder(folder_), "test", nullptr});
    ASSERT_TRUE(trail.ok());
    record::AuditEvent event;
    event.kind = kind;
    event.actor = "lan";
    event.via = via;
    event.held_id = id;
    event.details = {{"outcome", outcome}};
    ASSERT_TRUE((*trail)->Append(event).ok());
  }
  MonthFigures Count() {
    const int64_t now = NowUnixMs();
    const std::time_t seconds = now / 1'000;
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 16> month{};
    std::strftime(month.data(), month.size(), "%Y-%m", &local);
    const auto figures = CountMonth(config_, {}, month.data(), now);
    EXPECT_TRUE(figures.ok()) << figures.status().message();
    return figures.ok() ? *figures : MonthFigures();
  }
  gateway::Config config_;
};

TEST_F(MonthReportTest, WhatTheConsoleAndTheCommandLineLetGoCountsAlike) {
  for (const char* id : {"GP-1", "GP-2", "GP-3", "GP-4", "GP-5"}) {
    Held(id);
  }
  for (const char* outcome : {"begun", "released"}) {
    Released("GP-1", outcome, "console");
  }
  for (const char* outcome : {"begun", "sent"}) {
    Released("GP-2", outcome, "cli");
  }
  Released("GP-3", "sent", "cli", record::AuditKind::kSettle);
  Released("GP-4", "refused", "console");
  Released("GP-5", "held", "cli", record::AuditKind::kSettle);
  const MonthFigures figures = Count();
  EXPECT_EQ(figures.wrong.held, 5U);
  EXPECT_EQ(figures.wrong.released, 3U);
  EXPECT_EQ(figures.wrong.either, 3U);
  EXPECT_EQ(figures.holds.count, 3U);
  EXPECT_EQ(figures.holds_by_category.at("spam").count, 3U);
  EXPECT_EQ(figures.opened.at("lan").releases, 3U);
}

TEST_F(MonthReportTest, ThePageSaysWhatTheConsoleSays) {
  Held("GP-1");
  Released("GP-1", "released", "console");
  const std::string page = MonthPage(Count(), /*vietnamese=*/true);
  EXPECT_EQ(page.find("trả lại"), std::string::npos) << "that is what is done to a bounce";
  EXPECT_NE(page.find("Đã cho đi"), std::string::npos);
  EXPECT_NE(page.find("<th>Cho đi</th>"), std::string::npos);
  EXPECT_EQ(page.find("Xem trước"), std::string::npos) << "nothing writes previews";
  EXPECT_NE(page.find("Thư rác"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::cli
