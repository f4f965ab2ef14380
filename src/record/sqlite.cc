// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "src/base/files.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr int kBusyMs = 10'000;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

Status ToStatus(int code, const std::string& path, const char* said) {
  const std::string message = path + ": " + (said != nullptr ? said : sqlite3_errstr(code));
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return Status::NoSpace(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Status::Unavailable(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Status::Internal(message);
    default:
      return Status::Io(message);
  }
}

}  // namespace

struct Database::Connection {
  std::string path;
  std::unique_ptr<sqlite3, CloseDatabase> database;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, CloseStatement>> statements;

  Status Fail(int code) const {
    const Status status = ToStatus(code, path, sqlite3_errmsg(database.get()));
    // The log's index, which is mapped, says no more than that it could not be made.
    const bool full = status.code() == Code::kIo && database != nullptr &&
                      sqlite3_system_errno(database.get()) == ENOSPC;
    return full ? Status::NoSpace(status.message()) : status;
  }
};

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Durability durability) {
  // Made by us, so that the mode is ours: SQLite gives its other files the same. Only a new file is
  // opened here: closing a descriptor of one that is in use drops the locks of every connection
  // that this process has to it (POSIX), and the next process to leave takes the log from under us.
  {
    const Fd made(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660));
    struct stat info {};
    if (!made.valid() && errno != EEXIST) {
      return Status::FromErrno(path, errno);
    }
    if (made.valid()) {
      const size_t slash = path.rfind('/');
      GATEPOST_RETURN_IF_ERROR(
          GiveToOwnerOf(slash == std::string::npos ? "." : path.substr(0, slash + 1), made.get()));
    }
    if (!made.valid() && (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode))) {
      return Status::Io(path + ": is not a file");
    }
  }
  auto connection = std::make_unique<Connection>();
  connection->path = path;
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection->database.reset(raw);
  if (code != SQLITE_OK) {
    return connection->Fail(code);
  }
  sqlite3_busy_timeout(raw, kBusyMs);
  std::unique_ptr<Database> database(new Database(std::move(connection)));  // NOLINT: private
  GATEPOST_RETURN_IF_ERROR(database->Run("PRAGMA journal_mode=WAL"));
  GATEPOST_RETURN_IF_ERROR(database->Run(
      durability == Durability::kFull ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF"));
  return database;
}

int64_t Database::Row::Int(int column) const {
  return sqlite3_column_int64(static_cast<sqlite3_stmt*>(statement_), column);
}

double Database::Row::Real(int column) const {
  return sqlite3_column_double(static_cast<sqlite3_stmt*>(statement_), column);
}

std::string Database::Row::Text(int column) const {
  auto* const statement = static_cast<sqlite3_stmt*>(statement_);
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

Status Database::Query(const std::string& sql, const std::vector<SqlValue>& values,
                       const std::function<bool(const Row&)>& visit) {
  auto& kept = connection_->statements[sql];
  if (kept == nullptr) {
    sqlite3_stmt* raw = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_->database.get(), sql.c_str(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) {
      const Status status = connection_->Fail(code);
      connection_->statements.erase(sql);
      return status;
    }
    kept.reset(raw);
  }
  sqlite3_stmt* const statement = kept.get();
  for (size_t i = 0; i < values.size(); ++i) {
    const int at = static_cast<int>(i) + 1;
    if (const auto* number = std::get_if<int64_t>(&values[i])) {
      sqlite3_bind_int64(statement, at, *number);
    } else if (const auto* real = std::get_if<double>(&values[i])) {
      sqlite3_bind_double(statement, at, *real);
    } else {
      const std::string& text = std::get<std::string>(values[i]);
      sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (visit && !visit(Row(statement))) {
      code = SQLITE_DONE;
      break;
    }
  }
  const Status status = code == SQLITE_DONE ? Status() : connection_->Fail(code);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return status;
}

Status Database::Run(const std::string& sql, const std::vector<SqlValue>& values) {
  return Query(sql, values, {});
}

Transaction::~Transaction() {
  if (open_) {
    static_cast<void>(database_->Run("ROLLBACK"));
  }
}

Status Transaction::Begin() {
  GATEPOST_RETURN_IF_ERROR(database_->Run("BEGIN IMMEDIATE"));
  open_ = true;
  return {};
}

Status Transaction::Commit() {
  GATEPOST_RETURN_IF_ERROR(database_->Run("COMMIT"));
  open_ = false;
  return {};
}

}  // namespace gatepost::record
