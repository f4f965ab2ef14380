// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/mailbox_server.h"

#include <httplib.h>

#include "src/base/bytes.h"

namespace gatepost::notice {

namespace {

constexpr size_t kThreads = 8;
constexpr size_t kMostBytes = 16 * 1024;

PageRequest RequestOf(const httplib::Request& from) {
  PageRequest request;
  // A scanner that only asks for the head is shown it; it acts no more than GET does.
  request.method = from.method == "HEAD" ? "GET" : from.method;
  request.path = from.path;
  request.peer = from.remote_addr;
  request.site = AsciiLower(from.get_header_value("Sec-Fetch-Site"));
  for (const auto& [name, value] : from.params) {
    request.fields.emplace(name, value);
  }
  return request;
}

}  // namespace

struct MailboxServer::Inside {
  std::unique_ptr<httplib::Server> server;
};

MailboxServer::MailboxServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
MailboxServer::~MailboxServer() = default;

Result<std::unique_ptr<MailboxServer>> MailboxServer::Bind(Mailbox* mailbox) {
  const MailboxOptions& options = mailbox->options().mailbox;
  auto inside = std::make_unique<Inside>();
  const bool tls = !options.tls_cert.empty();
  if (tls) {
    auto secure =
        std::make_unique<httplib::SSLServer>(options.tls_cert.c_str(), options.tls_key.c_str());
    if (!secure->is_valid()) {
      return Status::Invalid("mailbox: 'tls' cannot be used: are " + options.tls_cert + " and " +
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
  server.set_keep_alive_timeout(5);
  server.set_tcp_nodelay(true);
  const auto answer = [mailbox, tls](const httplib::Request& from, httplib::Response& to) {
    const PageResponse response = mailbox->Handle(RequestOf(from));
    to.status = response.status;
    for (const auto& [name, value] : Mailbox::Headers()) {
      to.set_header(name.c_str(), value);
    }
    if (tls) {
      to.set_header("Strict-Transport-Security", "max-age=31536000");
    }
    to.set_content(response.body, response.type.c_str());
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
    return Status::Unavailable("mailbox: " + options.listen +
                               " cannot be listened on: is another program there already?");
  }
  std::unique_ptr<MailboxServer> made(new MailboxServer(std::move(inside)));  // NOLINT: private
  const std::string host =
      options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  made->url_ = (tls ? "https://" : "http://") + host + ":" + std::to_string(port);
  return made;
}

Status MailboxServer::Run() {
  return inside_->server->listen_after_bind() ? Status() : Status::Io("mailbox: the socket failed");
}

void MailboxServer::Stop() { inside_->server->stop(); }

}  // namespace gatepost::notice
