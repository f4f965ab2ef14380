// `gatepost explain`: the whole story of one message, out of the decision log, the quarantine and
// the notices.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <deque>
#include <memory>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/log_tools.h"
#include "src/cli/terminal.h"
#include "src/decode/leaf.h"
#include "src/notice/queue.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

namespace {

// What exceptions and blocks did, and what shadow rules and clauses would have done.
void PrintInterventions(const Json& record) {
  for (const Json& one : Member(record, "exceptions")) {
    PrintLine("  exception   " + Word(one, "id") + " of " + Word(one, "owner") + ": " +
              Word(one, "reason") +
              (one.value("applied", false) ? "" : "  (not applied: " + Word(one, "because") + ")"));
  }
  for (const Json& one : Member(record, "blocks")) {
    PrintLine("  block       " + Word(one, "id") + " (" + Word(one, "by") + ") of " +
              Word(one, "owner") + ": " + Word(one, "reason") +
              (one.value("applied", false) ? "" : "  (" + Word(one, "because") + " decided)"));
  }
  for (const Json& one : Member(record, "shadow")) {
    const bool rule = one.contains("rule");
    PrintLine("  shadow      " + std::string(rule ? "rule " : "clause ") +
              Word(one, rule ? "rule" : "clause") + " would have made it " + Word(one, "action") +
              " by clause " + Word(one, "by"));
  }
}

// Who was told of it by mail, oldest first.
Json NoticesAbout(const std::string& state, const std::string& held_id) {
  Json out = Json::array();
  const Result<std::vector<Json>> all =
      notice::ReadFinished(notice::NoticeFolder(state), /*since_ms=*/0);
  for (const Json& one : all.ok() ? *all : std::vector<Json>()) {
    if (Word(one, "held_id") == held_id && Word(one, "kind").rfind("check", 0) != 0) {
      out.push_back({{"at", Word(one, "at")},
                     {"kind", Word(one, "kind")},
                     {"to", Word(one, "to")},
                     {"outcome", Word(one, "outcome")}});
    }
  }
  return out;
}

}  // namespace

int Explain(const Common& common, const std::string& id) {
  LogOptions options;
  options.common = common;
  options.limit = 0;
  LogReading log;
  if (!ReadDecisions(options, &log)) {
    return log.exit_code;
  }
  const std::string bare = WithoutBrackets(id);
  std::deque<Json> story;
  for (const Json& record : log.records) {
    if (Word(record, "id") == id || Word(record, "queue_id") == id ||
        Word(record, "held_id") == id || WithoutBrackets(Word(record, "message_id")) == bare) {
      story.push_back(record);
    }
  }
  if (story.empty()) {
    PrintError("no decision has the queue id, message id or decision id '" + id + "'");
    return kIncomplete;
  }
  record::StoreOptions store = log.config.custody.ForStore(log.config.state);
  store.make = false;  // who asks makes nothing
  const Result<std::unique_ptr<record::Quarantine>> quarantine = record::Quarantine::Open(store);
  for (const Json& record : story) {
    Json held;
    const std::string held_id = Word(record, "held_id");
    if (!held_id.empty() && quarantine.ok()) {
      if (const Result<record::Held> entry = (*quarantine)->Find(held_id); entry.ok()) {
        held = {{"id", entry->id},
                {"state", record::ToString(entry->state)},
                {"changed_at", entry->changed_at_ms > 0 ? Rfc3339(entry->changed_at_ms) : ""},
                {"by", entry->last_actor},
                {"release_id", entry->release_id},
                {"released", Json::array()}};
        for (const record::ReleaseMark& one : entry->released) {
          held["released"].push_back({{"rcpt", PrintableUtf8(one.recipient.spelling(), 320)},
                                      {"at", one.at_ms > 0 ? Rfc3339(one.at_ms) : ""},
                                      {"by", one.actor},
                                      {"release_id", one.release_id}});
        }
        held["notices"] = NoticesAbout(log.config.state, held_id);
      }
    }
    if (common.json) {
      Json line = record;
      line["held"] = held;
      PrintLine(DumpJson(line));
      continue;
    }
    PrintLine(Paint(Colour::kBold, Word(record, "id")) + "  " + Word(record, "at") + "  " +
              Word(record, "action") + (record.value("observed", false) ? " (observed only)" : ""));
    PrintLine(
        "  from        " + Word(record, "from") + "  client " + Word(record, "client_ip") +
        (Word(record, "auth_user").empty() ? "" : "  signed in as " + Word(record, "auth_user")));
    PrintLine("  queue id    " + Word(record, "queue_id") + "  message id " +
              Word(record, "message_id"));
    for (const Json& one : Member(record, "recipients")) {
      PrintLine("  to          " + Word(one, "rcpt") + " (" + Word(one, "direction") +
                "): " + Word(one, "action") + " by clause " +
                (Word(one, "clause").empty() ? "(none)" : Word(one, "clause")));
    }
    if (!Word(record, "basis").empty()) {
      PrintLine("  basis       " + Word(record, "basis"));
    }
    if (!Word(record, "reply").empty()) {
      PrintLine("  reply       " + Word(record, "reply"));
    }
    for (const Json& one : Member(record, "infections")) {
      PrintLine("  infection   " + Word(one, "name") + "  " + Word(one, "path"));
    }
    for (const Json& one : Member(record, "unscannable")) {
      PrintLine("  unread      " + Word(one, "reason") + "  " + Word(one, "path"));
      if (decode::Reason reason{}; decode::ReasonFromString(Word(one, "reason"), &reason)) {
        const bool vi = Vietnamese();
        PrintLine("              " + Paint(Colour::kDim, vi ? decode::SentenceVi(reason)
                                                            : decode::SentenceEn(reason)));
        PrintLine("              " +
                  Paint(Colour::kDim, vi ? decode::AdviceVi(reason) : decode::AdviceEn(reason)));
      }
    }
    for (const Json& one : Member(record, "defects")) {
      PrintLine("  defect      " + Word(one, "id") + " (" + Word(one, "grade") + ")");
    }
    for (const Json& one : Member(record, "rules")) {
      char score[32];
      std::snprintf(score, sizeof score, "%+.1f", one.value("score", 0.0));
      PrintLine("  rule        " + Word(one, "id") + "  " + score + "  " + Word(one, "mode") +
                (one.value("excepted", false) ? "  taken away by an exception" : ""));
    }
    PrintInterventions(record);
    for (const Json& one : Member(record, "parts")) {
      PrintLine("  part        " + Word(one, "path") + "  " + Word(one, "type") + "  " +
                std::to_string(one.value("size", 0)) + " bytes  read: " + Word(one, "read"));
    }
    if (!held.is_null()) {
      PrintLine("  held as     " + Word(held, "id") + ": " + Word(held, "state") +
                (Word(held, "changed_at").empty() ? "" : " at " + Word(held, "changed_at")) +
                (Word(held, "by").empty() ? "" : " by " + Word(held, "by")));
      for (const Json& one : Member(held, "released")) {
        PrintLine("  released    to " + Word(one, "rcpt") + " at " + Word(one, "at") + " by " +
                  Word(one, "by") + ", release " + Word(one, "release_id"));
      }
      for (const Json& one : Member(held, "notices")) {
        PrintLine("  notice      " + Word(one, "kind") + " to " +
                  PrintableUtf8(Word(one, "to"), 320) + " at " + Word(one, "at") + ": " +
                  Word(one, "outcome"));
      }
    }
    const Json& generation = Member(record, "generation");
    PrintLine("  generation  rules " + Word(generation, "rules").substr(0, 12) + ", policy " +
              Word(generation, "policy").substr(0, 12) + ", antivirus " +
              Word(generation, "antivirus").substr(0, 12));
    PrintLine("  record      seq " + std::to_string(record.value("seq", 0)) + ", hash " +
              Word(record, "hash").substr(0, 16) + "...");
  }
  return log.exit_code;
}

}  // namespace gatepost::cli
