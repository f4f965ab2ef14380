// The socket of the console (cpp-httplib): HTTP or HTTPS to Request and Response.
// LIMITS: 16 requests at a time, 256 KB each, 10 s to send one; headers as httplib bounds them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/console/app.h"

namespace gatepost::console {

class Server {
 public:
  // Binds at once. `app` must outlive it.
  static Result<std::unique_ptr<Server>> Bind(App* app);
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

}  // namespace gatepost::console
