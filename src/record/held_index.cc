// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_index.h"

#include <utility>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

// PRAGMA user_version: 0 a new file, 1 tables made, 2 filled from the files.
constexpr int64_t kFilled = 2;

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
  if (version == 0) {
    for (const char* sql :
         {"CREATE TABLE held (id TEXT PRIMARY KEY, key TEXT NOT NULL, state TEXT NOT NULL,"
          " held_at INTEGER NOT NULL, category TEXT NOT NULL, sender TEXT NOT NULL,"
          " queue_id TEXT NOT NULL, message_id TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID",
          "CREATE INDEX held_key ON held (key)", "CREATE INDEX held_time ON held (held_at)",
          "CREATE TABLE recipient (id TEXT NOT NULL, address TEXT NOT NULL)",
          "CREATE INDEX recipient_id ON recipient (id)",
          "CREATE TABLE rule (id TEXT NOT NULL, rule TEXT NOT NULL)",
          "CREATE INDEX rule_id ON rule (id)", "PRAGMA user_version=1"}) {
      GATEPOST_RETURN_IF_ERROR(database->Run(sql));
    }
  }
  GATEPOST_RETURN_IF_ERROR(transaction.Commit());
  return std::unique_ptr<HeldIndex>(new HeldIndex(std::move(database)));  // NOLINT: private
}

Status HeldIndex::Remove(const std::string& id) {
  for (const char* sql : {"DELETE FROM held WHERE id=?1", "DELETE FROM recipient WHERE id=?1",
                          "DELETE FROM rule WHERE id=?1"}) {
    GATEPOST_RETURN_IF_ERROR(database_->Run(sql, {id}));
  }
  return {};
}

Status HeldIndex::Clear() {
  for (const char* sql : {"DELETE FROM held", "DELETE FROM recipient", "DELETE FROM rule"}) {
    GATEPOST_RETURN_IF_ERROR(database_->Run(sql));
  }
  return {};
}

Status HeldIndex::MarkFilled() { return database_->Run("PRAGMA user_version=2"); }

Status HeldIndex::Put(const Held& held) {
  GATEPOST_RETURN_IF_ERROR(Remove(held.id));
  GATEPOST_RETURN_IF_ERROR(database_->Run(
      "INSERT INTO held (id, key, state, held_at, category, sender, queue_id, message_id, json)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      {held.id, held.key, std::string(ToString(held.state)), held.held_at_ms, held.category,
       Searchable(held.envelope.sender), ToValidUtf8(held.envelope.queue_id),
       ToValidUtf8(held.message_id), DumpJson(HeldToJson(held))}));
  for (const mail::Recipient& one : held.envelope.recipients) {
    GATEPOST_RETURN_IF_ERROR(database_->Run("INSERT INTO recipient (id, address) VALUES (?1, ?2)",
                                            {held.id, Searchable(one.address)}));
  }
  for (const std::string& rule : held.rules) {
    GATEPOST_RETURN_IF_ERROR(
        database_->Run("INSERT INTO rule (id, rule) VALUES (?1, ?2)", {held.id, rule}));
  }
  return {};
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
  std::string sql = "SELECT id, json FROM held WHERE 1";
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
  sql += " ORDER BY held_at DESC, id DESC";
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
