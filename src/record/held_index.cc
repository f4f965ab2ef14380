// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_index.h"

#include <algorithm>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/record/held_file.h"
#include "src/record/held_json.h"

namespace gatepost::record {

namespace {

// PRAGMA user_version: 0 a new file, 3 tables made, 4 filled from the files. 1 and 2 were those of
// an older layout, which is made anew.
constexpr int64_t kMade = 3;
constexpr int64_t kFilled = 4;

std::string Joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) {
    out += (out.empty() ? "" : "\n") + one;
  }
  return out;
}

// For LIKE ... ESCAPE '\': the text anywhere.
std::string Anywhere(const std::string& text) {
  std::string out = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  return out + "%";
}

std::string Searchable(const mail::Address& address) {
  return AsciiLower(ToValidUtf8(address.is_null() ? "<>" : address.spelling()));
}

}  // namespace

Result<std::unique_ptr<HeldIndex>> HeldIndex::Open(const std::string& path, bool* fresh) {
  GATEPOST_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                            Database::Open(path, Database::Durability::kFull));
  Transaction transaction(database.get());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  int64_t version = 0;
  GATEPOST_RETURN_IF_ERROR(
      database->Query("PRAGMA user_version", {}, [&](const Database::Row& row) {
        version = row.Int(0);
        return true;
      }));
  *fresh = version != kFilled;
  if (version < kMade) {
    // What lists need is kept apart from the entries themselves, so that reading a million rows
    // does not mean reading a gigabyte. `turn` counts changes: who has read up to one asks for what
    // came behind it.
    for (const char* sql :
         {"DROP TABLE IF EXISTS held", "DROP TABLE IF EXISTS recipient",
          "DROP TABLE IF EXISTS rule", "DROP TABLE IF EXISTS entry", "DROP TABLE IF EXISTS gone",
          "DROP TABLE IF EXISTS made",
          "CREATE TABLE held (id TEXT PRIMARY KEY, turn INTEGER NOT NULL, key TEXT NOT NULL,"
          " state TEXT NOT NULL, held_at INTEGER NOT NULL, category TEXT NOT NULL,"
          " sender TEXT NOT NULL, queue_id TEXT NOT NULL, message_id TEXT NOT NULL,"
          " size INTEGER NOT NULL, score REAL NOT NULL, recipients TEXT NOT NULL,"
          " rules TEXT NOT NULL, subject TEXT NOT NULL) WITHOUT ROWID",
          "CREATE TABLE entry (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID",
          "CREATE TABLE made (word TEXT NOT NULL)", "INSERT INTO made VALUES (hex(randomblob(16)))",
          "CREATE TABLE gone (id TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID",
          "CREATE INDEX held_key ON held (key)", "CREATE INDEX held_time ON held (held_at)",
          "CREATE INDEX held_turn ON held (turn)",
          "CREATE TABLE recipient (id TEXT NOT NULL, address TEXT NOT NULL)",
          "CREATE INDEX recipient_id ON recipient (id)",
          "CREATE TABLE rule (id TEXT NOT NULL, rule TEXT NOT NULL)",
          "CREATE INDEX rule_id ON rule (id)", "PRAGMA user_version=3"}) {
      GATEPOST_RETURN_IF_ERROR(database->Run(sql));
    }
  }
  GATEPOST_RETURN_IF_ERROR(transaction.Commit());
  return std::unique_ptr<HeldIndex>(new HeldIndex(std::move(database)));  // NOLINT: private
}

Result<int64_t> HeldIndex::NextTurn() {
  int64_t turn = 0;
  GATEPOST_RETURN_IF_ERROR(
      database_->Query("SELECT max(ifnull((SELECT max(turn) FROM held), 0), ifnull((SELECT "
                       "max(turn) FROM gone), 0))",
                       {}, [&](const Database::Row& row) {
                         turn = row.Int(0);
                         return true;
                       }));
  return turn + 1;
}

Status HeldIndex::Forget(const std::string& id) {
  for (const char* sql : {"DELETE FROM held WHERE id=?1", "DELETE FROM entry WHERE id=?1",
                          "DELETE FROM recipient WHERE id=?1", "DELETE FROM rule WHERE id=?1"}) {
    GATEPOST_RETURN_IF_ERROR(database_->Run(sql, {id}));
  }
  return {};
}

Status HeldIndex::Remove(const std::string& id) {
  GATEPOST_ASSIGN_OR_RETURN(const int64_t turn, NextTurn());
  GATEPOST_RETURN_IF_ERROR(Forget(id));
  return database_->Run("INSERT OR REPLACE INTO gone (id, turn) VALUES (?1, ?2)", {id, turn});
}

Status HeldIndex::Clear() {
  for (const char* sql :
       {"DELETE FROM held", "DELETE FROM entry", "DELETE FROM recipient", "DELETE FROM rule",
        "DELETE FROM gone", "UPDATE made SET word=hex(randomblob(16))"}) {
    GATEPOST_RETURN_IF_ERROR(database_->Run(sql));
  }
  return {};
}

Status HeldIndex::MarkFilled() { return database_->Run("PRAGMA user_version=4"); }

Status HeldIndex::Put(const Held& held) {
  GATEPOST_ASSIGN_OR_RETURN(const int64_t turn, NextTurn());
  GATEPOST_RETURN_IF_ERROR(Forget(held.id));
  std::vector<std::string> recipients;
  for (const mail::Recipient& one : held.envelope.recipients) {
    recipients.push_back(Searchable(one.address));
    GATEPOST_RETURN_IF_ERROR(database_->Run("INSERT INTO recipient (id, address) VALUES (?1, ?2)",
                                            {held.id, recipients.back()}));
  }
  for (const std::string& rule : held.rules) {
    GATEPOST_RETURN_IF_ERROR(
        database_->Run("INSERT INTO rule (id, rule) VALUES (?1, ?2)", {held.id, rule}));
  }
  GATEPOST_RETURN_IF_ERROR(database_->Run(
      "INSERT INTO held (id, turn, key, state, held_at, category, sender, queue_id, message_id,"
      " size, score, recipients, rules, subject)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      {held.id, turn, held.key, std::string(ToString(held.state)), held.held_at_ms, held.category,
       Searchable(held.envelope.sender), ToValidUtf8(held.envelope.queue_id),
       ToValidUtf8(held.message_id), static_cast<int64_t>(held.size), held.score,
       Joined(recipients), Joined(held.rules), ToValidUtf8(held.subject)}));
  return database_->Run("INSERT INTO entry (id, json) VALUES (?1, ?2)",
                        {held.id, DumpJson(HeldToJson(held))});
}

Status HeldIndex::Changes(HeldPlace* place, const std::function<void(const HeldLine&)>& changed,
                          const std::function<void(const std::string& id)>& gone) {
  // One snapshot for all that is read.
  GATEPOST_RETURN_IF_ERROR(database_->Run("BEGIN"));
  const Status read = ReadChanges(place, changed, gone);
  GATEPOST_RETURN_IF_ERROR(database_->Run("COMMIT"));
  return read;
}

Status HeldIndex::ReadChanges(HeldPlace* place, const std::function<void(const HeldLine&)>& changed,
                              const std::function<void(const std::string& id)>& gone) {
  std::string made;
  GATEPOST_RETURN_IF_ERROR(
      database_->Query("SELECT word FROM made", {}, [&](const Database::Row& row) {
        made = row.Text(0);
        return true;
      }));
  if (made != place->made) {
    *place = {made, 0};
    gone("");
  }
  const int64_t since = place->turn;
  const auto seen = [place](int64_t at) { place->turn = std::max(place->turn, at); };
  GATEPOST_RETURN_IF_ERROR(database_->Query("SELECT id, turn FROM gone WHERE turn>?1", {since},
                                            [&](const Database::Row& row) {
                                              gone(row.Text(0));
                                              seen(row.Int(1));
                                              return true;
                                            }));
  HeldLine line;
  // From the beginning, the table is read as it lies; the index would be a detour.
  const std::string sql =
      "SELECT id, turn, state, held_at, category, sender, queue_id, message_id, size, score,"
      " recipients, rules, subject FROM held " +
      std::string(since == 0 ? "NOT INDEXED" : "INDEXED BY held_turn") + " WHERE turn>?1";
  return database_->Query(sql, {since}, [&](const Database::Row& row) {
    line.id = row.Text(0);
    line.state = row.Text(2);
    line.held_at_ms = row.Int(3);
    line.category = row.Text(4);
    line.sender = row.Text(5);
    line.queue_id = row.Text(6);
    line.message_id = row.Text(7);
    line.size = static_cast<uint64_t>(row.Int(8));
    line.score = row.Real(9);
    line.recipients = row.Text(10);
    line.rules = row.Text(11);
    line.subject = row.Text(12);
    changed(line);
    seen(row.Int(1));
    return true;
  });
}

Result<std::vector<std::string>> HeldIndex::FindHeld(const std::string& key, int64_t since_ms) {
  std::vector<std::string> ids;
  GATEPOST_RETURN_IF_ERROR(database_->Query(
      "SELECT id FROM held WHERE key=?1 AND state='held' AND held_at>=?2 ORDER BY held_at DESC",
      {key, since_ms}, [&](const Database::Row& row) {
        ids.push_back(row.Text(0));
        return true;
      }));
  return ids;
}

Result<std::vector<Held>> HeldIndex::List(const HeldFilter& filter) {
  std::string sql = "SELECT held.id, entry.json FROM held JOIN entry ON entry.id=held.id WHERE 1";
  std::vector<SqlValue> values;
  const auto where = [&](const char* condition, SqlValue value) {
    values.push_back(std::move(value));
    sql += std::string(" AND ") + condition + std::to_string(values.size());
  };
  const auto also = [&](const char* rest) { sql += rest; };
  if (!filter.category.empty()) {
    where("category=?", filter.category);
  }
  if (!filter.state.empty()) {
    where("state=?", filter.state);
  }
  if (!filter.queue_id.empty()) {
    where("queue_id=?", filter.queue_id);
  }
  if (!filter.message_id.empty()) {
    where("message_id=?", filter.message_id);
  }
  if (filter.since_ms > 0) {
    where("held_at>=?", filter.since_ms);
  }
  if (filter.until_ms > 0) {
    where("held_at<?", filter.until_ms);
  }
  if (!filter.sender.empty()) {
    where("sender LIKE ?", Anywhere(AsciiLower(filter.sender)));
    also(" ESCAPE '\\'");
  }
  if (!filter.recipient.empty()) {
    where("EXISTS (SELECT 1 FROM recipient r WHERE r.id=held.id AND r.address LIKE ?",
          Anywhere(AsciiLower(filter.recipient)));
    also(" ESCAPE '\\')");
  }
  if (!filter.rule.empty()) {
    where("EXISTS (SELECT 1 FROM rule r WHERE r.id=held.id AND r.rule GLOB ?", filter.rule);
    also(")");
  }
  sql += " ORDER BY held_at DESC, held.id DESC";
  if (filter.limit > 0) {
    sql += " LIMIT " + std::to_string(filter.limit);
  }
  std::vector<Held> found;
  Status damage;
  GATEPOST_RETURN_IF_ERROR(database_->Query(sql, values, [&](const Database::Row& row) {
    const Result<Json> json = ParseJson("index", row.Text(1));
    Result<Held> held = json.ok() ? HeldFromJson("index", *json) : Result<Held>(json.status());
    if (!held.ok()) {
      damage = Status::Internal(row.Text(0) + ": " + held.status().message());
      return false;
    }
    found.push_back(std::move(held).value());
    return true;
  }));
  GATEPOST_RETURN_IF_ERROR(damage);
  return found;
}

}  // namespace gatepost::record
