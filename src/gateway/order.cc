// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/order.h"

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "src/base/files.h"

namespace gatepost::gateway {

namespace {

std::string UserName(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16'384> buffer{};
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::to_string(uid);
  }
  return found->pw_name;
}

}  // namespace

Json PeerOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return {{"user", "unknown"}};
  }
  Json who = {{"uid", peer.uid}, {"user", UserName(peer.uid)}};
  // Survives sudo and su, and nobody but root can change it.
  const Result<std::string> login = ReadFile("/proc/" + std::to_string(peer.pid) + "/loginuid");
  uid_t owner = 0;
  if (login.ok() &&
      std::from_chars(login->data(), login->data() + login->size(), owner).ec == std::errc() &&
      owner != static_cast<uid_t>(-1) && owner != peer.uid) {
    who["login"] = UserName(owner);
  }
  return who;
}

std::string InWords(const Json& who, const std::string& nobody) {
  if (!who.is_object() || !who.contains("user")) {
    return nobody;
  }
  const std::string user = who.value("user", "");
  const std::string login = who.value("login", "");
  return login.empty() ? user : user + " (" + login + ")";
}

}  // namespace gatepost::gateway
