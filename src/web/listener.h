// Where pages are served: the keys `listen` and `tls` of a part of the configuration.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"

namespace gatepost::web {

struct Listener {
  // `usual`: what is listened on where nothing is said.
  explicit Listener(std::string usual) : listen(std::move(usual)) {}

  std::string listen;  // "inet:PORT@HOST" or "inet6:PORT@HOST"; port 0: any that is free
  std::string host;    // parsed from listen
  int port = 0;
  std::string tls_cert, tls_key;  // PEM files; "" plain HTTP, which only loopback may speak

  bool tls() const { return !tls_cert.empty(); }
  // Takes both keys; `resolve` makes paths absolute.
  void Read(YamlMap* map, const std::function<std::string(std::string)>& resolve,
            Diagnostics* diagnostics);
  // Understands `listen`; an error says that `secret` ("passwords") would cross a network in clear.
  void Check(const Place& place, const std::string& secret, Diagnostics* diagnostics);
};

}  // namespace gatepost::web
