// Result and Status: how our own failures travel (configuration, disk, engine; never bad mail,
// which is data). A message begins with where, and says what a person can do.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace gatepost {

enum class Code {
  kOk,
  kInvalid,      // what a person wrote is wrong: configuration, rules, arguments
  kNotFound,     // the named thing does not exist
  kUnavailable,  // may work later: engine missing, pool busy, database locked
  kNoSpace,      // ENOSPC, EDQUOT, or a cap of ours
  kIo,           // any other failure of the operating system
  kInternal,     // an inconsistency of ours
};

// Outcome of an operation that returns nothing. Cheap when all is well.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  static Status Ok() { return {}; }
  static Status Invalid(std::string m) { return {Code::kInvalid, std::move(m)}; }
  static Status NotFound(std::string m) { return {Code::kNotFound, std::move(m)}; }
  static Status Unavailable(std::string m) { return {Code::kUnavailable, std::move(m)}; }
  static Status NoSpace(std::string m) { return {Code::kNoSpace, std::move(m)}; }
  static Status Io(std::string m) { return {Code::kIo, std::move(m)}; }
  static Status Internal(std::string m) { return {Code::kInternal, std::move(m)}; }
  // From errno: "WHERE: strerror"; ENOSPC and EDQUOT become kNoSpace, ENOENT kNotFound.
  static Status FromErrno(const std::string& where, int error_number);

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}         // NOLINT: implicit on purpose
  Result(Status status) : held_(std::move(status)) {}  // NOLINT: implicit on purpose
  bool ok() const { return std::holds_alternative<T>(held_); }
  // REQUIRES: ok().
  T& value() & { return std::get<T>(held_); }
  const T& value() const& { return std::get<T>(held_); }
  T&& value() && { return std::get<T>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  // Ok when there is a value.
  Status status() const { return ok() ? Status() : std::get<Status>(held_); }

 private:
  std::variant<T, Status> held_;
};

}  // namespace gatepost

#define GATEPOST_RETURN_IF_ERROR(expr)            \
  do {                                            \
    ::gatepost::Status gatepost_status_ = (expr); \
    if (!gatepost_status_.ok()) {                 \
      return gatepost_status_;                    \
    }                                             \
  } while (false)

// A declaration cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
#define GATEPOST_CONCAT_INNER(a, b) a##b
#define GATEPOST_CONCAT(a, b) GATEPOST_CONCAT_INNER(a, b)
#define GATEPOST_ASSIGN_OR_RETURN(decl, expr) \
  GATEPOST_ASSIGN_OR_RETURN_INNER(GATEPOST_CONCAT(gatepost_result_, __LINE__), decl, expr)
#define GATEPOST_ASSIGN_OR_RETURN_INNER(tmp, decl, expr) \
  auto tmp = (expr);                                     \
  if (!tmp.ok()) {                                       \
    return tmp.status();                                 \
  }                                                      \
  decl = std::move(tmp).value()
// NOLINTEND(bugprone-macro-parentheses)
