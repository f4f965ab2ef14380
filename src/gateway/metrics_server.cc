// SPDX-License-Identifier: GPL-2.0-or-later
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <mutex>
#include <thread>

#include "src/base/journal.h"
#include "src/gateway/metrics.h"
#include "src/record/held_table.h"

namespace gatepost::gateway {

namespace {

constexpr int kSeconds = 5;
constexpr size_t kThreads = 2;

}  // namespace

struct MetricsServer::Server {
  Gateway* gateway = nullptr;
  Outside outside;
  std::unique_ptr<record::HeldTable> held;
  httplib::Server http;
  std::string path;  // of a Unix socket
  std::thread thread;

  std::vector<HeldCount> Held() {
    record::HeldScope all;
    std::vector<HeldCount> counts;
    for (const char* state : {"held", "releasing", "released"}) {
      const auto found = held->Count({all}, state);
      if (!found.ok()) {
        continue;
      }
      for (const auto& [category, count] : *found) {
        counts.push_back({category, state, count});
      }
    }
    return counts;
  }
};

MetricsServer::MetricsServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}

Result<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& listen,
                                                            Gateway* gateway, Outside outside) {
  auto server = std::make_unique<Server>();
  server->gateway = gateway;
  server->outside = std::move(outside);
  server->held = std::make_unique<record::HeldTable>(gateway->config().state + "/held");
  httplib::Server& http = server->http;
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // NOLINT: it takes it
  http.set_read_timeout(kSeconds);
  http.set_write_timeout(kSeconds);
  http.set_keep_alive_max_count(100);
  http.set_payload_max_length(0);
  Server* const raw = server.get();
  http.Get("/metrics", [raw](const httplib::Request& /*request*/, httplib::Response& response) {
    response.set_content(Exposition(*raw->gateway, raw->outside, raw->Held()),
                         "text/plain; version=0.0.4; charset=utf-8");
  });
  bool bound = false;
  if (listen.rfind("unix:", 0) == 0) {
    server->path = listen.substr(5);
    unlink(server->path.c_str());
    http.set_address_family(AF_UNIX);
    // The port counts as part of nothing, but 0 would ask for any.
    bound = http.bind_to_port(server->path.c_str(), 80) && chmod(server->path.c_str(), 0660) == 0;
  } else {
    const size_t at = listen.find('@');
    int port = 0;
    std::from_chars(listen.data() + 5, listen.data() + std::min(at, listen.size()), port);
    bound = at != std::string::npos && http.bind_to_port(listen.substr(at + 1).c_str(), port);
  }
  if (!bound) {
    return Status::Unavailable("metrics: cannot listen on " + listen);
  }
  server->thread = std::thread([raw] { raw->http.listen_after_bind(); });
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(server)));  // NOLINT: private
}

MetricsServer::~MetricsServer() {
  server_->http.stop();
  server_->thread.join();
  if (!server_->path.empty()) {
    unlink(server_->path.c_str());
  }
}

}  // namespace gatepost::gateway
