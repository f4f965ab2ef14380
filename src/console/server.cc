// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/server.h"

#include <httplib.h>

#include "src/base/bytes.h"
#include "src/mail/envelope.h"

namespace gatepost::console {

namespace {

constexpr size_t kThreads = 16;
constexpr size_t kMostBytes = 256 * 1024;

Request RequestOf(const httplib::Request& from, const Options& options) {
  Request request;
  request.method = from.method;
  request.path = from.path;
  request.body = from.body;
  request.peer = from.remote_addr;
  for (const auto& [name, value] : from.params) {
    request.query.emplace(name, value);
  }
  for (const auto& [name, value] : from.headers) {
    request.headers.emplace(AsciiLower(name), value);
  }
  request.secure = !options.tls_cert.empty();
  if (!request.secure && mail::InNetworks(request.peer, options.proxy_addresses)) {
    request.secure = request.Header("x-forwarded-proto") == "https";
  }
  return request;
}

}  // namespace

struct Server::Inside {
  App* app = nullptr;
  std::unique_ptr<httplib::Server> server;
};

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Bind(App* app) {
  const Options& options = app->options();
  auto inside = std::make_unique<Inside>();
  inside->app = app;
  const bool tls = !options.tls_cert.empty();
  if (tls) {
    auto secure =
        std::make_unique<httplib::SSLServer>(options.tls_cert.c_str(), options.tls_key.c_str());
    if (!secure->is_valid()) {
      return Status::Invalid("console: 'tls' cannot be used: are " + options.tls_cert + " and " +
                             options.tls_key + " a certificate and its key in PEM, readable here?");
    }
    inside->server = std::move(secure);
  } else {
    inside->server = std::make_unique<httplib::Server>();
  }
  httplib::Server& server = *inside->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // NOLINT: httplib owns
  server.set_payload_max_length(kMostBytes);
  server.set_read_timeout(10, 0);
  server.set_write_timeout(30, 0);
  server.set_keep_alive_timeout(15);
  server.set_keep_alive_max_count(1'000);
  server.set_tcp_nodelay(true);
  const auto answer = [app](const httplib::Request& from, httplib::Response& to) {
    const Response response = app->Handle(RequestOf(from, app->options()));
    to.status = response.status;
    for (const auto& [name, value] : response.headers) {
      to.set_header(name.c_str(), value);
    }
    if (response.status != 304) {
      to.set_content(response.body, response.type.c_str());
    }
  };
  const char* const everything = R"(.*)";
  server.Get(everything, answer);
  server.Post(everything, answer);
  server.Put(everything, answer);
  server.Delete(everything, answer);
  server.Patch(everything, answer);
  server.Options(everything, answer);
  int port = options.port;
  const bool bound = port == 0 ? (port = server.bind_to_any_port(options.host.c_str())) > 0
                               : server.bind_to_port(options.host.c_str(), port);
  if (!bound) {
    return Status::Unavailable("console: " + options.listen +
                               " cannot be listened on: is another program there already?");
  }
  std::unique_ptr<Server> made(new Server(std::move(inside)));  // NOLINT: private
  const std::string host =
      options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  made->url_ = (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
  return made;
}

Status Server::Run() {
  return inside_->server->listen_after_bind() ? Status() : Status::Io("console: the socket failed");
}

void Server::Stop() { inside_->server->stop(); }

}  // namespace gatepost::console
