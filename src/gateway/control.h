// The control socket: how the command line asks the running daemon (status, reload, scan, read).
// A Unix stream socket in the state folder, 0660; a request is one JSON object, at most one
// descriptor comes with it, the answer is one JSON object. Both are framed by a 4-byte
// little-endian length.
//   {"do": "status"}                                   -> Gateway::State()
//   {"do": "reload" | "rollback" | "rollback-off" | "accept" | "overrides-seen", "why",
//    "which"?, "what"?, "all"?}
//       -> {"ok": bool, "message": text, "number", "versions", "difference", "words", "load_ms",
//           "note"?, "accepted"?}
//   {"do": "scan", "file", "from", "rcpt": [...], "client_ip", "auth"} + message -> ScanReport;
//       without client_ip and auth the message comes from outside (192.0.2.1) and is inbound;
//       "over_limit": "refuse" answers for a message above limits.message what a client would hear
//       (552), instead of an error
//   {"do": "show", ..., "password"} + message          -> ScanReport with headers, texts, pages
//   {"do": "rules"}                                    -> {"rules": [...]}, those in force
//   {"do": "read", "name"} + document                  -> {"text", "unscannable": [...]}
// Errors: {"error": text}.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/gateway/gateway.h"
#include "src/gateway/order.h"

namespace gatepost::gateway {

class ControlServer {
 public:
  // Listens at once, serves from a thread of its own until destroyed. `gateway` must outlive it.
  // `reload` re-reads the configuration and reloads; its status goes to the asker.
  using ReloadCall = std::function<Status(const Order& order, Json* report)>;
  static Result<std::unique_ptr<ControlServer>> Start(Gateway* gateway, const Config& config,
                                                      ReloadCall reload);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  struct Server;
  explicit ControlServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

std::string ControlSocket(const std::string& state_folder);

// kNotFound or kUnavailable: no daemon answers there. fd: -1 or a descriptor to hand over.
Result<Json> AskDaemon(const std::string& state_folder, const Json& request, int fd,
                       int timeout_ms);

// Answers a "scan" or "read" request about the bytes of `message_fd` with that generation: what the
// daemon does for an asker, and the command line does itself when there is no daemon.
Result<Json> AnswerInspection(const Generation& generation, const Config& config,
                              const Json& request, int message_fd);

}  // namespace gatepost::gateway
