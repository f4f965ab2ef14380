// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/web/listener.h"

#include <charconv>

namespace gatepost::web {

namespace {

bool IsLoopback(const std::string& host) {
  return host.rfind("127.", 0) == 0 || host == "::1" || host == "localhost";
}

bool Parse(const std::string& text, std::string* host, int* port) {
  const size_t colon = text.find(':');
  const size_t at = text.find('@');
  const std::string kind = text.substr(0, colon);
  if ((kind != "inet" && kind != "inet6") || at == std::string::npos || at < colon) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + at, *port);
  *host = text.substr(at + 1);
  return error == std::errc() && end == text.data() + at && *port >= 0 && *port <= 65'535 &&
         !host->empty();
}

}  // namespace

void Listener::Read(YamlMap* map, const std::function<std::string(std::string)>& resolve,
                    Diagnostics* diagnostics) {
  map->TakeString("listen", &listen);
  const YamlNode* const node = map->Take("tls");
  if (node == nullptr) {
    return;
  }
  YamlMap files(*node, "tls", diagnostics);
  const bool cert = files.TakeString("cert", &tls_cert);
  const bool key = files.TakeString("key", &tls_key);
  if (cert && key) {
    tls_cert = resolve(tls_cert);
    tls_key = resolve(tls_key);
  } else {
    diagnostics->Error(node->place, "'tls' needs 'cert' and 'key', PEM files");
  }
  files.Finish();
}

void Listener::Check(const Place& place, const std::string& secret, Diagnostics* diagnostics) {
  if (!Parse(listen, &host, &port)) {
    diagnostics->Error(place,
                       "'listen' must be inet:PORT@HOST or inet6:PORT@HOST, with a port up to "
                       "65535");
  } else if (!IsLoopback(host) && !tls()) {
    diagnostics->Error(place, "'listen' is not loopback: " + secret +
                                  " would cross the network in clear; add "
                                  "'tls: {cert: FILE, key: FILE}'");
  }
}

}  // namespace gatepost::web
