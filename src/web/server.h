// The socket of our pages (cpp-httplib): HTTP or HTTPS to Request and Response.
// LIMITS: the server's own (ServerLimits), 10 s to send a request; headers as httplib bounds them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/web/listener.h"
#include "src/web/message.h"

namespace gatepost::web {

struct ServerLimits {
  size_t threads = 8;  // requests at a time
  size_t body_bytes = 16 * 1024;
};

class Server {
 public:
  // Total: whatever comes is answered.
  using Handler = std::function<Response(const Request&)>;
  // Binds at once. `what` ("console") begins errors.
  static Result<std::unique_ptr<Server>> Bind(const std::string& what, const Listener& listener,
                                              const ServerLimits& limits, Handler handler);
  ~Server();
  // "http://127.0.0.1:8025", with the port that was really taken.
  const std::string& url() const { return url_; }
  // Serves until Stop().
  Status Run();
  void Stop();

 private:
  struct Inside;
  explicit Server(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
  std::string url_;
};

}  // namespace gatepost::web
