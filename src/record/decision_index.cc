// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/decision_index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <set>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/record/chain.h"
#include "src/record/sqlite.h"

namespace gatepost::record {

namespace {

constexpr int64_t kLayout = 3;
constexpr int64_t kHourMs = 3'600'000;
constexpr uint32_t kMostRows = 500;
constexpr uint64_t kBatch = 2'000;
// Upper edges of the latency buckets, in ms; what is slower is "inf".
constexpr std::array<int, 12> kEdges = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20000};

const Json& List(const Json& record, const char* key) {
  static const Json kNone = Json::array();
  const auto found = record.find(key);
  return found != record.end() && found->is_array() ? *found : kNone;
}

std::string DomainOf(const std::string& address) {
  const size_t at = address.rfind('@');
  return at == std::string::npos ? std::string() : address.substr(at);
}

std::string LatencyEdge(const Json& record) {
  const auto ms = record.find("ms");
  if (ms == record.end() || !ms->is_object()) {
    return {};
  }
  double total = 0;
  if (const auto whole = ms->find("total"); whole != ms->end() && whole->is_number()) {
    total = whole->get<double>();
  } else {
    for (const auto& [stage, value] : ms->items()) {
      total += value.is_number() ? value.get<double>() : 0;
    }
  }
  for (const int edge : kEdges) {
    if (total <= edge) {
      return std::to_string(edge);
    }
  }
  return "inf";
}

}  // namespace

struct DecisionIndex::Store {
  std::string log;
  std::mutex mutex;
  std::unique_ptr<Database> database;

  Status MakeTables();
  Status Put(const std::string& segment, uint64_t at, uint64_t size, const Json& record);
  Status Count(int64_t hour, const char* kind, const std::string& key, int64_t by);
  Result<Json> ReadRecord(const std::string& segment, uint64_t at, uint64_t size) const;
  Result<std::pair<std::string, uint64_t>> Place();
};

DecisionIndex::DecisionIndex(std::unique_ptr<Store> store) : store_(std::move(store)) {}
DecisionIndex::~DecisionIndex() = default;

Status DecisionIndex::Store::MakeTables() {
  int64_t version = 0;
  Transaction transaction(database.get());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  GATEPOST_RETURN_IF_ERROR(
      database->Query("PRAGMA user_version", {}, [&](const Database::Row& row) {
        version = row.Int(0);
        return true;
      }));
  if (version != kLayout) {
    for (const char* sql :
         {"DROP TABLE IF EXISTS decision", "DROP TABLE IF EXISTS party", "DROP TABLE IF EXISTS hit",
          "DROP TABLE IF EXISTS sum", "DROP TABLE IF EXISTS place",
          "CREATE TABLE decision (row INTEGER PRIMARY KEY, at INTEGER NOT NULL, id TEXT NOT NULL,"
          " held_id TEXT NOT NULL, queue_id TEXT NOT NULL, message_id TEXT NOT NULL,"
          " action TEXT NOT NULL, category TEXT NOT NULL, segment TEXT NOT NULL,"
          " offset INTEGER NOT NULL, size INTEGER NOT NULL)",
          "CREATE INDEX decision_id ON decision (id)",
          "CREATE INDEX decision_held ON decision (held_id) WHERE held_id<>''",
          "CREATE INDEX decision_queue ON decision (queue_id)",
          "CREATE INDEX decision_message ON decision (message_id)",
          "CREATE INDEX decision_time ON decision (at)",
          "CREATE TABLE party (address TEXT NOT NULL, row INTEGER NOT NULL,"
          " PRIMARY KEY (address, row)) WITHOUT ROWID",
          "CREATE TABLE hit (rule TEXT NOT NULL, row INTEGER NOT NULL,"
          " PRIMARY KEY (rule, row)) WITHOUT ROWID",
          "CREATE TABLE sum (hour INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,"
          " count INTEGER NOT NULL, PRIMARY KEY (hour, kind, key)) WITHOUT ROWID",
          "CREATE TABLE place (segment TEXT NOT NULL, offset INTEGER NOT NULL)",
          "PRAGMA user_version=3"}) {
      GATEPOST_RETURN_IF_ERROR(database->Run(sql));
    }
  }
  return transaction.Commit();
}

Result<std::unique_ptr<DecisionIndex>> DecisionIndex::Open(const std::string& path,
                                                           const std::string& log) {
  auto store = std::make_unique<Store>();
  store->log = log;
  for (int tries = 0; tries < 2; ++tries) {
    // A power cut may lose the newest rows; they are taken in again.
    Result<std::unique_ptr<Database>> opened = Database::Open(path, Database::Durability::kNone);
    Status status = opened.status();
    if (opened.ok()) {
      store->database = std::move(opened).value();
      status = store->MakeTables();
    }
    if (status.ok()) {
      return std::unique_ptr<DecisionIndex>(
          new DecisionIndex(std::move(store)));  // NOLINT: private
    }
    if (status.code() != Code::kInternal || tries > 0) {
      return status;
    }
    Journal(Loudness::kWarning, "GP4012",
            "the index of decisions is damaged: making it anew from the log",
            {{"file", path}, {"reason", status.message()}});
    store->database.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      unlink((path + suffix).c_str());
    }
  }
  return Status::Internal(path + ": cannot be made");
}

Status DecisionIndex::Store::Count(int64_t hour, const char* kind, const std::string& key,
                                   int64_t by) {
  return database->Run(
      "INSERT INTO sum (hour, kind, key, count) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (hour, kind, key) DO UPDATE SET count=count+?4",
      {hour, std::string(kind), key, by});
}

Status DecisionIndex::Store::Put(const std::string& segment, uint64_t at, uint64_t size,
                                 const Json& record) {
  const std::string id = Word(record, "id");
  if (id.empty()) {
    return {};  // an event of the log itself
  }
  const int64_t when = std::max<int64_t>(ParseTime(Word(record, "at"), 0), 0);
  const std::string action = Word(record, "action");
  const std::string category = Word(record, "category");
  GATEPOST_RETURN_IF_ERROR(database->Run(
      "INSERT INTO decision (at, id, held_id, queue_id, message_id, action, category, segment,"
      " offset, size) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      {when, id, Word(record, "held_id"), Word(record, "queue_id"), Word(record, "message_id"),
       action, category, segment, static_cast<int64_t>(at), static_cast<int64_t>(size)}));
  std::set<std::string> parties{AsciiLower(Word(record, "from"))};
  for (const Json& one : List(record, "recipients")) {
    parties.insert(AsciiLower(Word(one, "rcpt")));
  }
  std::set<std::string> domains;
  for (const std::string& party : parties) {
    domains.insert(DomainOf(party));
  }
  parties.merge(domains);
  for (const std::string& party : parties) {
    if (!party.empty()) {
      GATEPOST_RETURN_IF_ERROR(
          database->Run("INSERT OR IGNORE INTO party (address, row) VALUES (?1,"
                        " (SELECT max(row) FROM decision))",
                        {party}));
    }
  }
  const int64_t hour = when - when % kHourMs;
  GATEPOST_RETURN_IF_ERROR(Count(hour, "action", action, 1));
  if (!category.empty()) {
    GATEPOST_RETURN_IF_ERROR(Count(hour, "category", category, 1));
  }
  if (const std::string edge = LatencyEdge(record); !edge.empty()) {
    GATEPOST_RETURN_IF_ERROR(Count(hour, "latency", edge, 1));
  }
  if (const auto bytes = record.find("size"); bytes != record.end() && bytes->is_number()) {
    GATEPOST_RETURN_IF_ERROR(Count(hour, "bytes", "", bytes->get<int64_t>()));
  }
  for (const Json& one : List(record, "rules")) {
    GATEPOST_RETURN_IF_ERROR(
        Count(hour, Word(one, "mode") == "shadow" ? "shadow" : "rule", Word(one, "id"), 1));
    GATEPOST_RETURN_IF_ERROR(
        database->Run("INSERT OR IGNORE INTO hit (rule, row) VALUES (?1,"
                      " (SELECT max(row) FROM decision))",
                      {Word(one, "id")}));
  }
  return {};
}

Result<std::pair<std::string, uint64_t>> DecisionIndex::Store::Place() {
  std::pair<std::string, uint64_t> place{"", 0};
  GATEPOST_RETURN_IF_ERROR(
      database->Query("SELECT segment, offset FROM place", {}, [&](const Database::Row& row) {
        place = {row.Text(0), static_cast<uint64_t>(row.Int(1))};
        return true;
      }));
  return place;
}

Status DecisionIndex::Follow(uint64_t most, bool* behind) {
  const std::lock_guard<std::mutex> lock(store_->mutex);
  Store& store = *store_;
  *behind = false;
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(store.log));
  Transaction transaction(store.database.get());
  GATEPOST_RETURN_IF_ERROR(transaction.Begin());
  GATEPOST_ASSIGN_OR_RETURN(auto place, store.Place());
  uint64_t taken = 0;
  const uint64_t enough = most == 0 ? UINT64_MAX : std::max(most, kBatch);
  Status put;
  for (const std::string& segment : segments) {
    if (segment < place.first || *behind) {
      continue;
    }
    struct stat info {};
    const bool there = stat(segment.c_str(), &info) == 0;
    if (segment != place.first || (there && static_cast<uint64_t>(info.st_size) < place.second)) {
      place = {segment, 0};
    }
    uint64_t end = place.second;
    GATEPOST_RETURN_IF_ERROR(ReadLines(
        segment,
        [&](uint64_t /*number*/, std::string_view line, bool whole) {
          if (!whole) {
            return true;
          }
          if (taken >= enough) {
            *behind = true;
            return false;
          }
          const uint64_t begin = place.second;
          place.second = end;
          const Json record = Json::parse(line, nullptr, /*allow_exceptions=*/false);
          if (record.is_object()) {
            put = store.Put(segment, begin, line.size(), record);
            ++taken;
          }
          return put.ok();
        },
        place.second, &end));
    GATEPOST_RETURN_IF_ERROR(put);
  }
  if (taken == 0 && !*behind) {
    return {};
  }
  GATEPOST_RETURN_IF_ERROR(store.database->Run("DELETE FROM place"));
  GATEPOST_RETURN_IF_ERROR(
      store.database->Run("INSERT INTO place (segment, offset) VALUES (?1, ?2)",
                          {place.first, static_cast<int64_t>(place.second)}));
  return transaction.Commit();
}

Result<Json> DecisionIndex::Store::ReadRecord(const std::string& segment, uint64_t at,
                                              uint64_t size) const {
  const Fd fd(open(segment.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return Status::FromErrno(segment, errno);
  }
  std::string line(std::min<uint64_t>(size, kMaxLine), '\0');
  const ssize_t got = pread(fd.get(), line.data(), line.size(), static_cast<off_t>(at));
  if (got != static_cast<ssize_t>(line.size())) {
    return Status::NotFound(segment + ": shorter than it was");
  }
  return ParseJson(segment, line);
}

Result<std::vector<DecisionRow>> DecisionIndex::Find(const DecisionQuery& query) {
  std::string sql = "SELECT d.row, d.segment, d.offset, d.size FROM decision d";
  std::vector<SqlValue> values;
  std::string where = " WHERE 1";
  const auto also = [&](const std::string& condition, SqlValue value) {
    values.push_back(std::move(value));
    where += " AND " + condition + std::to_string(values.size());
  };
  // The narrowest first: a table of pairs (word, row) gives the newest rows of a word without
  // sorting.
  std::string order = "d.row";
  if (!query.address.empty()) {
    sql.replace(sql.find("decision d"), std::string::npos,
                "party p CROSS JOIN decision d ON d.row=p.row");
    also("p.address=?", AsciiLower(query.address));
    order = "p.row";
    if (!query.rule.empty()) {
      also("EXISTS (SELECT 1 FROM hit h WHERE h.row=p.row AND h.rule=?", query.rule);
      where += ")";
    }
  } else if (!query.rule.empty()) {
    sql.replace(sql.find("decision d"), std::string::npos,
                "hit h CROSS JOIN decision d ON d.row=h.row");
    also("h.rule=?", query.rule);
    order = "h.row";
  }
  if (!query.id.empty()) {
    also("d.row IN (SELECT row FROM decision WHERE id=?", query.id);
    const std::string number = std::to_string(values.size());
    where += " UNION SELECT row FROM decision WHERE held_id<>'' AND held_id=?" + number + ")";
  }
  if (!query.queue_id.empty()) {
    also("d.queue_id=?", query.queue_id);
  }
  if (!query.message_id.empty()) {
    also("d.message_id=?", query.message_id);
  }
  // What is common is tested row by row (the plus keeps it from choosing the way).
  if (!query.action.empty()) {
    also("+d.action=?", query.action);
  }
  if (!query.category.empty()) {
    also("+d.category=?", query.category);
  }
  if (query.since_ms > 0) {
    also("+d.at>=?", query.since_ms);
    if (order == "d.row" && query.id.empty() && query.queue_id.empty() &&
        query.message_id.empty()) {
      // Rows stand in the order of time, give or take what was decided side by side.
      also("d.row>=(SELECT ifnull(min(row), 0) FROM (SELECT row FROM decision WHERE at>=?",
           query.since_ms);
      where += " ORDER BY at LIMIT 100))";
    }
  }
  if (query.until_ms > 0) {
    also("+d.at<?", query.until_ms);
    if (order == "d.row" && query.id.empty() && query.queue_id.empty() &&
        query.message_id.empty()) {
      also("d.row<=(SELECT ifnull(max(row), 0) FROM (SELECT row FROM decision WHERE at<?",
           query.until_ms);
      where += " ORDER BY at DESC LIMIT 100))";
    }
  }
  if (query.before > 0) {
    also(order + "<?", query.before);
  }
  sql += where + " ORDER BY " + order + " DESC LIMIT " +
         std::to_string(std::clamp<uint32_t>(query.limit, 1, kMostRows));
  struct Place {
    int64_t row;
    std::string segment;
    uint64_t at, size;
  };
  std::vector<Place> places;
  {
    const std::lock_guard<std::mutex> lock(store_->mutex);
    GATEPOST_RETURN_IF_ERROR(store_->database->Query(sql, values, [&](const Database::Row& row) {
      places.push_back({row.Int(0), row.Text(1), static_cast<uint64_t>(row.Int(2)),
                        static_cast<uint64_t>(row.Int(3))});
      return true;
    }));
  }
  std::vector<DecisionRow> found;
  for (const Place& place : places) {
    const Result<Json> record = store_->ReadRecord(place.segment, place.at, place.size);
    if (record.ok()) {  // otherwise its segment was taken away
      found.push_back({place.row, *record});
    }
  }
  return found;
}

Result<std::vector<HourSum>> DecisionIndex::Sums(int64_t since_ms, int64_t until_ms) {
  const std::lock_guard<std::mutex> lock(store_->mutex);
  std::vector<HourSum> sums;
  GATEPOST_RETURN_IF_ERROR(store_->database->Query(
      "SELECT hour, kind, key, count FROM sum WHERE hour>=?1 AND hour<?2",
      {since_ms - since_ms % kHourMs, until_ms}, [&](const Database::Row& row) {
        sums.push_back({row.Int(0), row.Text(1), row.Text(2), row.Int(3)});
        return true;
      }));
  return sums;
}

}  // namespace gatepost::record
