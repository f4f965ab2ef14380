// The socket of the recipients' page (cpp-httplib).
// LIMITS: 8 requests at a time, 16 KB each, 10 s to send one.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/notice/mailbox.h"

namespace gatepost::notice {

class MailboxServer {
 public:
  // Binds at once. `mailbox` must outlive it.
  static Result<std::unique_ptr<MailboxServer>> Bind(Mailbox* mailbox);
  ~MailboxServer();
  // "http://127.0.0.1:8026", with the port that was really taken.
  const std::string& url() const { return url_; }
  // Serves until Stop().
  Status Run();
  void Stop();

 private:
  struct Inside;
  explicit MailboxServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
  std::string url_;
};

}  // namespace gatepost::notice
