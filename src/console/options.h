// The key `console` of the configuration, and what of the rest the console needs.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/console/accounts.h"
#include "src/console/sessions.h"
#include "src/record/custody.h"
#include "src/web/listener.h"

namespace gatepost::console {

struct Options {
  web::Listener listener{"inet:8025@127.0.0.1"};
  // A reverse proxy: only from these addresses are its X-Forwarded-For and -Proto believed, and the
  // name of whom it has signed in.
  std::vector<std::string> proxy_addresses;  // CIDR
  std::string proxy_header;                  // "X-Remote-User"; "" people sign in here
  Units units;
  SessionLimits sessions;
  // Categories in which an attachment or message needs a second person are the record's business.
};

// Reads the file's key `console`; everything else in it is somebody else's. Every problem goes to
// diagnostics with its place.
Result<Options> LoadOptions(const std::string& config_file, Diagnostics* diagnostics);

// The house as the console is told of it.
struct House {
  std::string state, log, release, node, config;
  record::CustodyOptions custody;
  std::string priority_list;            // file of people whose mail cannot wait; "" none
  int64_t countersign_ms = 86'400'000;  // until when a second person signs an urgent release
  bool observe = false;      // mode: nothing is blocked, the log alone says what would be
  bool blocks_hold = false;  // what a block meets is held instead of refused
  // The known outbreaks as a list, without `id`; or a list of that one, with all that it touched.
  std::function<Result<Json>(const std::string& id)> outbreaks;
  // A request of the daemon's control socket, with a descriptor or -1: inspections happen there, in
  // sandboxed workers.
  std::function<Result<Json>(const Json& request, int fd)> ask;
};

}  // namespace gatepost::console
