// The door to SQLite: a connection with prepared statements kept by their text. Private to the
// room; what is stored here can always be made anew from files.
// LIMITS: a statement waits 10 s for another process's transaction, then kUnavailable.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "src/base/result.h"

namespace gatepost::record {

using SqlValue = std::variant<int64_t, double, std::string>;

// Not thread-safe: the owner has a mutex.
class Database {
 public:
  enum class Durability { kFull, kNone };  // kNone: a power cut may lose the newest, never fsyncs
  ~Database();
  // Makes the file (mode 0660: the group of the house) when missing; WAL. kInternal: the file is damaged.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Durability durability);

  class Row {
   public:
    explicit Row(void* statement) : statement_(statement) {}
    int64_t Int(int column) const;
    double Real(int column) const;
    std::string Text(int column) const;

   private:
    void* statement_;
  };
  // Each row to visit, until it returns false.
  Status Query(const std::string& sql, const std::vector<SqlValue>& values,
               const std::function<bool(const Row&)>& visit);
  Status Run(const std::string& sql, const std::vector<SqlValue>& values = {});

 private:
  struct Connection;
  explicit Database(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

// BEGIN IMMEDIATE now; ROLLBACK when it goes without Commit().
class Transaction {
 public:
  explicit Transaction(Database* database) : database_(database) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Status Begin();
  Status Commit();

 private:
  Database* database_;
  bool open_ = false;
};

}  // namespace gatepost::record
