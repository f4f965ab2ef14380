// What Prometheus reads: counters and gauges in its text format, served on a socket of their own
// (`metrics:`, off by default). Names are gatepost_NOUN_total, _seconds and so on; labels hold
// nothing that came with a mail.
// LIMITS: two askers at a time, requests up to 8 KB, five seconds each.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/gateway.h"

namespace gatepost::gateway {

// What the gateway does not know of itself.
struct Outside {
  std::function<uint64_t()> spool_bytes;  // of messages under way
};

struct HeldCount {
  std::string category, state;
  uint64_t count = 0;
};

// The whole page.
std::string Exposition(const Gateway& gateway, const Outside& outside,
                       const std::vector<HeldCount>& held);

class MetricsServer {
 public:
  // listen: "unix:PATH" (mode 0660) or "inet:PORT@HOST". Serves GET /metrics from threads of its
  // own until destroyed. `gateway` must outlive it.
  static Result<std::unique_ptr<MetricsServer>> Start(const std::string& listen, Gateway* gateway,
                                                      Outside outside);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

 private:
  struct Server;
  explicit MetricsServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace gatepost::gateway
