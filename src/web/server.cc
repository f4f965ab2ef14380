// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/web/server.h"

#include <httplib.h>

#include <utility>

#include "src/base/bytes.h"

namespace gatepost::web {

namespace {

Request RequestOf(const httplib::Request& from, bool tls) {
  Request request;
  request.method = from.method;
  request.path = from.path;
  request.body = from.body;
  request.peer = from.remote_addr;
  request.secure = tls;
  for (const auto& [name, value] : from.params) {
    request.query.emplace(name, value);
  }
  for (const auto& [name, value] : from.headers) {
    const auto [first, is_new] = request.headers.emplace(AsciiLower(name), value);
    if (!is_new) {
      first->second += (first->first == "cookie" ? "; " : ", ") + value;
    }
  }
  return request;
}

}  // namespace

struct Server::Inside {
  std::string what;
  std::unique_ptr<httplib::Server> server;
};

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Bind(const std::string& what, const Listener& listener,
                                             const ServerLimits& limits, Handler handler) {
  auto inside = std::make_unique<Inside>();
  inside->what = what;
  const bool tls = listener.tls();
  if (tls) {
    auto secure =
        std::make_unique<httplib::SSLServer>(listener.tls_cert.c_str(), listener.tls_key.c_str());
    if (!secure->is_valid()) {
      return Status::Invalid(what + ": 'tls' cannot be used: are " + listener.tls_cert + " and " +
                             listener.tls_key +
                             " a certificate and its key in PEM, readable here?");
    }
    inside->server = std::move(secure);
  } else {
    inside->server = std::make_unique<httplib::Server>();
  }
  httplib::Server& server = *inside->server;
  server.new_task_queue = [threads = limits.threads] {
    return new httplib::ThreadPool(threads);  // NOLINT: httplib owns it
  };
  server.set_payload_max_length(limits.body_bytes);
  server.set_read_timeout(10, 0);
  server.set_write_timeout(30, 0);
  server.set_keep_alive_timeout(15);
  server.set_keep_alive_max_count(1'000);
  server.set_tcp_nodelay(true);
  const auto answer = [handler = std::move(handler), tls](const httplib::Request& from,
                                                          httplib::Response& to) {
    const Response response = handler(RequestOf(from, tls));
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
  int port = listener.port;
  const bool bound = port == 0 ? (port = server.bind_to_any_port(listener.host.c_str())) > 0
                               : server.bind_to_port(listener.host.c_str(), port);
  if (!bound) {
    return Status::Unavailable(what + ": " + listener.listen +
                               " cannot be listened on: is another program there already?");
  }
  std::unique_ptr<Server> made(new Server(std::move(inside)));  // NOLINT: private
  const std::string host =
      listener.host.find(':') == std::string::npos ? listener.host : "[" + listener.host + "]";
  made->url_ = (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
  return made;
}

Status Server::Run() {
  return inside_->server->listen_after_bind() ? Status()
                                              : Status::Io(inside_->what + ": the socket failed");
}

void Server::Stop() { inside_->server->stop(); }

}  // namespace gatepost::web
