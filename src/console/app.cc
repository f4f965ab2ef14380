// From a request to the function that answers it: pages, session, rights, the forgery token.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/app.h"

#include <algorithm>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/base/utf8.h"
#include "src/console/pages.h"
#include "src/mail/envelope.h"

namespace gatepost::console {

namespace {

constexpr const char* kSecureCookie = "__Host-gatepost";
constexpr const char* kPlainCookie = "gatepost";  // on loopback without TLS a browser drops __Host-
constexpr size_t kMostBody = 256 * 1024;

// Does `path` fit the route's pattern; the parts in braces go into *values.
bool Fits(std::string_view pattern, std::string_view path,
          std::map<std::string, std::string>* values) {
  values->clear();
  while (!pattern.empty() || !path.empty()) {
    if (pattern.empty() || path.empty() || pattern.front() != '/' || path.front() != '/') {
      return false;
    }
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::string_view want = pattern.substr(0, pattern.find('/'));
    const std::string_view have = path.substr(0, path.find('/'));
    if (want.size() > 2 && want.front() == '{') {
      if (have.empty()) {
        return false;
      }
      (*values)[std::string(want.substr(1, want.size() - 2))] = std::string(have);
    } else if (want != have) {
      return false;
    }
    pattern.remove_prefix(want.size());
    path.remove_prefix(have.size());
  }
  return true;
}

void AddHeaders(const Request& request, Response* response) {
  const auto add = [response](const char* name, std::string value) {
    for (const auto& [had, is] : response->headers) {
      if (had == name) {
        return;
      }
    }
    response->headers.emplace_back(name, std::move(value));
  };
  // OWASP ASVS 14.4. No inline script or style, nothing from elsewhere; scripts may not make HTML
  // out of strings.
  add("Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
      "'self'; "
      "frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Permissions-Policy",
      "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()");
  add("Cache-Control", "no-store");
  if (request.secure) {
    add("Strict-Transport-Security", "max-age=31536000");
  }
}

}  // namespace

std::string Call::Word(const char* key) const {
  const auto found = body.find(key);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool Call::Flag(const char* key) const {
  const auto found = body.find(key);
  return found != body.end() && found->is_boolean() && found->get<bool>();
}

std::vector<std::string> Call::Words(const char* key) const {
  std::vector<std::string> out;
  const auto found = body.find(key);
  if (found != body.end() && found->is_array()) {
    for (const Json& one : *found) {
      if (one.is_string()) {
        out.push_back(one.get<std::string>());
      }
    }
  }
  return out;
}

App::App(House house, Options options)
    : house_(std::move(house)),
      options_(std::move(options)),
      accounts_(house_.state + "/console"),
      sessions_(options_.sessions),
      table_(house_.state + "/held") {}

App::~App() = default;

Result<std::unique_ptr<App>> App::Open(House house, Options options) {
  std::unique_ptr<App> app(new App(std::move(house), std::move(options)));  // NOLINT: private
  GATEPOST_RETURN_IF_ERROR(MakeFolder(app->house_.state + "/console", 0770));
  GATEPOST_ASSIGN_OR_RETURN(
      app->trail_, record::AuditTrail::Open(
                       {record::AuditFolder(app->house_.state), app->house_.node, nullptr}));
  GATEPOST_ASSIGN_OR_RETURN(
      app->quarantine_, record::Quarantine::Open(app->house_.custody.ForStore(app->house_.state)));
  GATEPOST_ASSIGN_OR_RETURN(
      app->decisions_, record::DecisionIndex::Open(app->house_.state + "/console/decisions.sqlite",
                                                   app->house_.log));
  GATEPOST_RETURN_IF_ERROR(app->ReadTrail());
  GATEPOST_RETURN_IF_ERROR(app->table_.Refresh());
  return app;
}

// Nothing of a session outlives it: neither an unlocked key nor a view that nobody fetched.
void App::Sweep() {
  const int64_t now = SteadyMs();
  sessions_.EndOver(now);
  const std::lock_guard<std::mutex> lock(kept_mutex_);
  for (auto one = kept_.begin(); one != kept_.end();) {
    if (one->second.until_ms < now || !sessions_.Lives(one->second.session)) {
      kept_bytes_ -= one->second.bytes.size();
      one = kept_.erase(one);
    } else {
      ++one;
    }
  }
}

void App::Follow() {
  Sweep();
  bool behind = true;
  while (behind) {
    const Status status = decisions_->Follow(10'000, &behind);
    if (!status.ok()) {
      Journal(Loudness::kWarning, "GP7004", "the index of decisions is behind the log",
              {{"reason", status.message()}});
      return;
    }
  }
}

bool App::FromProxy(const Request& request) const {
  return !options_.proxy_header.empty() && request.by_proxy;
}

// The nearest address that is no proxy of ours: what stands further left the client may have
// written itself. Whatever is no address leaves the proxy's own.
void App::LookBehindProxy(Request* request) const {
  if (!mail::InNetworks(request->peer, options_.proxy_addresses)) {
    return;
  }
  request->by_proxy = true;
  request->secure = request->secure || request->Header("x-forwarded-proto") == "https";
  const std::string hops = request->Header("x-forwarded-for");
  size_t end = hops.size();
  while (true) {
    const size_t comma = end == 0 ? std::string::npos : hops.rfind(',', end - 1);
    const size_t begin = comma == std::string::npos ? 0 : comma + 1;
    const std::string hop(AsciiTrim(Bytes(hops).substr(begin, end - begin)));
    if (hop.find('/') != std::string::npos || !mail::IsNetwork(hop)) {
      return;
    }
    request->peer = hop;
    if (comma == std::string::npos || !mail::InNetworks(hop, options_.proxy_addresses)) {
      return;
    }
    end = comma;
  }
}

bool App::Identify(Call* call) {
  const Request& request = call->request;
  const std::string token = request.Cookie(request.secure ? kSecureCookie : kPlainCookie);
  std::optional<Session> session = token.empty() ? std::nullopt : sessions_.Use(token, SteadyMs());
  if (FromProxy(request)) {
    const std::string name = AsciiLower(request.Header(AsciiLower(options_.proxy_header)));
    if (session.has_value() && session->account != name) {
      sessions_.End(token);  // the proxy now speaks for somebody else
      session.reset();
    }
  }
  if (!session.has_value()) {
    return false;
  }
  Result<Account> account = accounts_.Find(session->account);
  if (!account.ok() || account->epoch != session->epoch) {
    sessions_.End(token);  // who has left, or whose rights were changed
    return false;
  }
  Result<Rights> rights = accounts_.RightsOf(*account, options_.units, NowUnixMs());
  if (!rights.ok()) {
    return false;
  }
  call->account = std::move(account).value();
  call->rights = std::move(rights).value();
  call->session = std::move(*session);
  return true;
}

bool App::CsrfFits(const Call& call) const {
  return EqualSecret(call.session.csrf, call.request.Header("x-csrf-token"));
}

Response App::Handle(const Request& asked) {
  Request request = asked;
  LookBehindProxy(&request);
  Response response;
  try {
    const bool api = request.path.rfind("/api/", 0) == 0;
    if (!api) {
      response = Page(request);
      AddHeaders(request, &response);
      return response;
    }
    bool path_known = false;
    const Route* route = nullptr;
    Call call{request, {}, {}, {}, {}, {}};
    for (const Route& one : Routes()) {
      std::map<std::string, std::string> values;
      if (Fits(one.path, request.path, &values)) {
        path_known = true;
        if (request.method == one.method) {
          route = &one;
          call.path = std::move(values);
          break;
        }
      }
    }
    const bool change = request.method != "GET";
    // A page of another site may send a form here, but not JSON and not our own header.
    const std::string site = request.Header("sec-fetch-site");
    if (route == nullptr) {
      response = path_known ? Response::Error(405, "no-method", "not this method")
                            : Response::Error(404, "not-found", "there is nothing here");
    } else if (!site.empty() && site != "same-origin" && site != "none" && change) {
      response = Response::Error(403, "cross-site", "another site sent this");
    } else if (request.body.size() > kMostBody) {
      response =
          Response::Error(413, "too-long", "more than " + std::to_string(kMostBody) + " bytes");
    } else if (route->permission != Permission::kNone && !Identify(&call)) {
      response =
          Response::Error(401, FromProxy(request) ? "proxy-sign-in" : "sign-in", "sign in first");
    } else if (!call.rights.May(route->permission)) {
      response = Response::Error(
          403, "denied",
          std::string("your account lacks the permission '") + ToString(route->permission) + "'");
    } else if (change && route->permission != Permission::kNone && !CsrfFits(call)) {
      response = Response::Error(403, "csrf", "the page is out of date: load it again");
    } else {
      if (change && !request.body.empty()) {
        if (request.Header("content-type").rfind("application/json", 0) != 0) {
          response = Response::Error(415, "not-json", "the body must be application/json");
          AddHeaders(request, &response);
          return response;
        }
        const Result<Json> body = ParseJson("the request", request.body);
        if (!body.ok() || !body->is_object()) {
          response = Response::Error(400, "not-json", "the body must be one JSON object");
          AddHeaders(request, &response);
          return response;
        }
        call.body = *body;
      }
      response = (this->*route->answer)(&call);
    }
  } catch (const std::exception& e) {
    Journal(Loudness::kError, "GP7003", "a request could not be answered",
            {{"path", request.path}, {"reason", e.what()}});
    response = Response::Error(500, "internal", "this could not be done; the journal says why");
  }
  AddHeaders(request, &response);
  return response;
}

record::AuditEvent App::EventOf(const Call& call, Kind kind, const std::string& held_id,
                                const std::string& reason) const {
  record::AuditEvent event;
  event.kind = kind;
  event.via = "console";
  event.actor = call.account.name;
  for (const Grant& grant : call.rights.grants()) {
    if (!grant.on_behalf_of.empty()) {
      event.on_behalf += (event.on_behalf.empty() ? "" : ", ") + grant.on_behalf_of;
    }
  }
  event.reason = PrintableUtf8(reason, 1'000);
  event.held_id = held_id;
  event.client_ip = call.request.peer;
  return event;
}

Status App::Write(const Call& call, Kind kind, const std::string& held_id,
                  const std::string& reason,
                  std::vector<std::pair<std::string, std::string>> details) {
  record::AuditEvent event = EventOf(call, kind, held_id, reason);
  event.details = std::move(details);
  return trail_->Append(event);
}

Status App::ReadTrail() {
  // Two processes that write at the same time may stand in either order.
  constexpr int64_t kOverlapMs = 60'000;
  const std::lock_guard<std::mutex> lock(kept_mutex_);
  return record::ReadAudit(
      trail_->folder(),
      [this](const Json& record) {
        const std::string event = record.value("event", "");
        if (event == record::ToString(Kind::kWrongly)) {
          wrongly_.insert(record.value("held_id", ""));
        } else if (event == record::ToString(Kind::kRelease) &&
                   !record.value("details", Json::object()).value("urgent", "").empty()) {
          urgent_.insert(record.value("held_id", ""));
        }
        trail_ms_ = std::max(trail_ms_, ParseTime(record.value("at", ""), 0));
        return true;
      },
      std::max<int64_t>(trail_ms_ - kOverlapMs, 0));
}

bool App::IsWrongly(const std::string& id) {
  const std::lock_guard<std::mutex> lock(kept_mutex_);
  return wrongly_.count(id) > 0;
}

std::optional<record::Held> App::FindHeld(const Call& call, const std::string& id,
                                          Permission permission, Response* no) {
  *no = Response::Error(404, "not-found", id + ": no such entry, or not yours to see");
  Result<record::Held> held = quarantine_->Find(id);
  if (!held.ok()) {
    return std::nullopt;
  }
  std::vector<std::string> recipients;
  for (const mail::Recipient& one : held->envelope.recipients) {
    recipients.push_back(one.address.spelling());
  }
  if (call.rights.MayAny(permission, held->category, recipients)) {
    return std::move(held).value();
  }
  if (call.rights.MayAny(Permission::kList, held->category, recipients)) {
    *no = Response::Error(
        403, "denied",
        std::string("you may see this entry, but lack '") + ToString(permission) + "' for it");
  }
  return std::nullopt;
}

}  // namespace gatepost::console
