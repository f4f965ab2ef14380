// What people did, on the record before it is done.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::console {

struct Note {
  std::string kind;  // as record::AuditKind writes it: "view", "export", "release"...
  std::string actor, on_behalf;
  std::string reason;
  std::string held_id;
  std::string client_ip;
  std::string via = "console";
  std::vector<std::pair<std::string, std::string>> details;
};

// Thread-safe.
class Trail {
 public:
  static Result<std::unique_ptr<Trail>> Open(const std::string& state, const std::string& node);
  ~Trail();
  // Durable on return.
  Status Append(const Note& note);
  // Oldest first, until `visit` returns false.
  Status Read(const std::function<bool(const Json& record)>& visit, int64_t since_ms) const;

 private:
  struct Inside;
  explicit Trail(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace gatepost::console
