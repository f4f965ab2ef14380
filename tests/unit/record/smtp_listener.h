// Who takes released mail in the tests: an SMTP peer that does as it is told.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/files.h"

namespace gatepost::record {

// A peer on a Unix socket: answers by the first word (or two) of a command, keeps what it was told.
class Listener {
 public:
  struct Script {
    std::string ehlo =
        "250-peer\r\n250-SIZE 100000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
        "250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT\r\n";
    std::map<std::string, std::string> replies;  // "RCPT TO:<b@office.example>" -> "550 no\r\n"
    bool drop_after_dot = false;
    bool drop_in_data = false;
  };
  Listener(const std::string& path, Script script) : script_(std::move(script)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    listen_.Reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(bind(listen_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listen_.get(), 1), 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Listener() {
    shutdown(listen_.get(), SHUT_RDWR);
    thread_.join();
  }
  void Join() {
    thread_.join();
    thread_ = std::thread([] {});
  }
  std::vector<std::string> commands;
  std::string data;  // as it came, dots still doubled, up to the final dot

 private:
  void Say(int fd, const std::string& text) {
    EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  void Serve() {
    const Fd peer(accept(listen_.get(), nullptr, nullptr));
    if (!peer.valid()) {
      return;
    }
    Say(peer.get(), "220 peer\r\n");
    std::string buffer;
    bool in_data = false;
    for (;;) {
      char chunk[4'096];
      const ssize_t got = recv(peer.get(), chunk, sizeof chunk, 0);
      if (got <= 0) {
        return;
      }
      buffer.append(chunk, static_cast<size_t>(got));
      if (in_data) {
        if (script_.drop_in_data) {
          return;
        }
        const size_t end = buffer.find("\r\n.\r\n");
        if (end == std::string::npos) {
          continue;
        }
        data = buffer.substr(0, end + 2);
        buffer.erase(0, end + 5);
        in_data = false;
        if (script_.drop_after_dot) {
          return;
        }
        Say(peer.get(), Reply(".", "250 2.0.0 Ok: queued as 4FQ\r\n"));
      }
      for (size_t end = buffer.find("\r\n"); end != std::string::npos && !in_data;
           end = buffer.find("\r\n")) {
        const std::string line = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        commands.push_back(line);
        if (line == "QUIT") {
          return;
        }
        if (line == "DATA") {
          Say(peer.get(), Reply(line, "354 go\r\n"));
          in_data = Reply(line, "354")[0] == '3';
        } else {
          Say(peer.get(), line.rfind("EHLO", 0) == 0 ? script_.ehlo : Reply(line, "250 ok\r\n"));
        }
      }
    }
  }
  std::string Reply(const std::string& line, const std::string& otherwise) const {
    const auto found = script_.replies.find(line);
    return found == script_.replies.end() ? otherwise : found->second;
  }
  Script script_;
  Fd listen_;
  std::thread thread_;
};

}  // namespace gatepost::record
