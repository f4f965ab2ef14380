// Signing in and out, and what an account sets for itself.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <memory>
#include <utility>

#include "src/base/clock.h"
#include "src/base/password.h"
#include "src/console/answer.h"
#include "src/console/app.h"
#include "src/console/totp.h"
#include "src/mail/envelope.h"

namespace gatepost::console {

namespace {

constexpr size_t kMostKeyFile = 8'192;

// Behind a tunnel or a proxy that is not named in the configuration all people have this machine's
// own address: one who forgets a password does not keep out the others.
int FreeFailuresFrom(const std::string& address) {
  const bool shared = mail::InNetworks(address, {"127.0.0.0/8", "::1"});
  return shared ? 10 * Brake::kFree : Brake::kFree;
}

// A hash of nobody's password: a name that does not exist takes as long as one that does.
const std::string& NobodysHash() {
  static const std::string kHash = HashPassword("nobody has this password");
  return kHash;
}

std::string CookieLine(const Request& request, const std::string& token, bool end) {
  // Secure needs TLS; on loopback without it only this machine hears the cookie.
  std::string line = request.secure ? "__Host-gatepost=" : "gatepost=";
  line += token + "; Path=/; HttpOnly; SameSite=Strict";
  return line + (request.secure ? "; Secure" : "") + (end ? "; Max-Age=0" : "");
}

}  // namespace

Json App::AccountJson(const Call& call) const {
  Json roles = Json::array();
  Json permissions = Json::array();
  Json on_behalf = Json::array();
  for (const Role role : call.account.roles) {
    roles.push_back(ToString(role));
  }
  for (size_t i = 0; i < kPermissionCount; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (call.rights.May(permission)) {
      permissions.push_back(ToString(permission));
    }
  }
  for (const Grant& grant : call.rights.grants()) {
    if (!grant.on_behalf_of.empty()) {
      on_behalf.push_back(grant.on_behalf_of);
    }
  }
  return {{"account", call.account.name},
          {"roles", roles},
          {"permissions", permissions},
          {"categories", call.account.categories},
          {"units", call.account.units},
          {"on_behalf_of", on_behalf},
          {"language", call.account.language},
          {"zone", call.account.zone},
          {"theme", call.account.theme},
          {"key", call.session.key == nullptr ? "" : call.session.key->name},
          {"second_factor", !call.account.totp.empty()},
          {"csrf", call.session.csrf},
          {"idle_minutes", options_.sessions.idle_ms / 60'000},
          {"node", house_.node}};
}

Response App::SignIn(Call* call) {
  const Request& request = call->request;
  const bool by_proxy = FromProxy(request);
  const std::string name =
      by_proxy ? AsciiLower(request.Header(AsciiLower(options_.proxy_header))) : call->Word("name");
  const int64_t now = SteadyMs();
  const std::string by_name = "name " + name;
  const std::string by_address = "address " + request.peer;
  const auto refuse = [&](const char* why) {
    record::AuditEvent note;
    note.kind = Kind::kSignInFailed;
    note.via = "console";
    note.actor = IsAccountName(name) ? name : "?";
    note.client_ip = request.peer;
    note.details = {{"why", why}};
    static_cast<void>(trail_->Append(note).ok());
  };
  if (!by_proxy) {
    const int64_t wait = std::max(brake_.Wait(by_name, now), brake_.Wait(by_address, now));
    if (wait > 0) {
      refuse("too many tries");
      Response response = Response::Error(
          429, "wait", "too many tries; wait " + std::to_string((wait + 999) / 1'000) + " s");
      response.headers.emplace_back("Retry-After", std::to_string((wait + 999) / 1'000));
      return response;
    }
  }
  Result<Account> account = IsAccountName(name) ? accounts_.Find(name) : Status::NotFound(name);
  bool fits = account.ok();
  if (!by_proxy) {
    const std::string& hash =
        account.ok() && !account->password.empty() ? account->password : NobodysHash();
    const std::lock_guard<std::mutex> lock(password_mutex_);
    fits =
        VerifyPassword(hash, call->Word("password")) && account.ok() && !account->password.empty();
  }
  if (fits && !by_proxy && !account->totp.empty()) {
    if (call->Word("code").empty()) {
      // Somebody knows the password: the officer sees it, and whoever asks often waits. The address
      // is not to blame: every sign-in with a code begins so.
      brake_.Failed(by_name, now);
      refuse("the password fits, the code is still to come");
      return Response::Error(401, "code-needed", "the code of your authenticator is needed too");
    }
    std::string secret;
    const int64_t step = FromBase32(account->totp, &secret)
                             ? MatchTotp(secret, call->Word("code"), NowUnixMs())
                             : -1;
    fits = step >= 0 && accounts_.UseStep(name, step);
  }
  if (!fits) {
    brake_.Failed(by_name, now);
    brake_.Failed(by_address, now, FreeFailuresFrom(request.peer));
    refuse("name, password or code do not fit");
    return Response::Error(401, "wrong", "name, password or code do not fit");
  }
  brake_.Succeeded(by_name);
  call->account = *account;
  GATEPOST_ASSIGN_OR_ANSWER(call->rights,
                            accounts_.RightsOf(*account, options_.units, NowUnixMs()));
  GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kSignIn, "", ""));
  // Always a new session: whatever cookie came along is not taken over.
  call->session = sessions_.Begin(account->name, account->epoch, request.peer, now);
  Response response = Response::Of(AccountJson(*call));
  response.headers.emplace_back("Set-Cookie", CookieLine(request, call->session.token, false));
  return response;
}

Response App::SignOut(Call* call) {
  const Status written = Write(*call, Kind::kSignOut, "", "");
  sessions_.End(call->session.token);  // whatever the trail says: nobody is kept signed in
  if (!written.ok()) {
    return AnswerOf(written);
  }
  Response response = Response::Of(Json::object());
  response.headers.emplace_back("Set-Cookie", CookieLine(call->request, "", true));
  response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
  return response;
}

Response App::Me(Call* call) { return Response::Of(AccountJson(*call)); }

// A reviewer's own key file, chosen in the browser, and its passphrase: both are gone with the
// session, and neither is ever written.
Response App::Unlock(Call* call) {
  const std::string text = call->Word("file");
  if (text.empty() || text.size() > kMostKeyFile) {
    return Response::Error(400, "bad-key", "choose the file of your private key");
  }
  const std::string brake = "key " + call->account.name;
  if (brake_.Wait(brake, SteadyMs()) > 0) {
    return Response::Error(429, "wait", "too many tries; wait a while");
  }
  Result<record::PrivateKey> key = Status::Invalid("");
  {
    const Secret passphrase(call->Word("passphrase"));
    const std::lock_guard<std::mutex> lock(password_mutex_);  // it takes 256 MB
    key = record::ParsePrivateKey("the file", text, passphrase);
  }
  if (!key.ok()) {
    brake_.Failed(brake, SteadyMs());
    return Response::Error(400, "bad-key", key.status().message());
  }
  GATEPOST_ASSIGN_OR_ANSWER(const record::KeyRing ring,
                            record::KeyRing::Load(house_.custody.KeysFolder(house_.state)));
  if (ring.FindId(key->id) == nullptr || key->kind != record::KeyKind::kPerson) {
    return Response::Error(400, "bad-key", "this key is none of this house's reviewers'");
  }
  GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kKeyChange, "", "",
                                 {{"what", "unlocked"}, {"key", key->name}, {"key_id", key->id}}));
  brake_.Succeeded(brake);
  call->session.key = std::make_shared<const record::PrivateKey>(std::move(key).value());
  sessions_.SetKey(call->session.token, call->session.key);
  return Response::Of(AccountJson(*call));
}

Response App::Lock(Call* call) {
  sessions_.SetKey(call->session.token, nullptr);
  call->session.key = nullptr;
  GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kKeyChange, "", "", {{"what", "locked"}}));
  return Response::Of(AccountJson(*call));
}

Response App::SetMe(Call* call) {
  const std::string language = call->Word("language");
  const std::string theme = call->Word("theme");
  const std::string zone = call->Word("zone");
  const std::string old_password = call->Word("password");
  const std::string new_password = call->Word("new_password");
  if ((!language.empty() && language != "vi" && language != "en") ||
      (!theme.empty() && theme != "auto" && theme != "light" && theme != "dark") ||
      zone.size() > 64 ||
      zone.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") !=
          std::string::npos) {
    return Response::Error(400, "bad-setting", "language vi or en, theme auto, light or dark");
  }
  std::string hash;
  if (!new_password.empty()) {
    if (new_password.size() < 12 || new_password.size() > 256) {
      return Response::Error(400, "password-short", "a password has 12 to 256 bytes");
    }
    const std::lock_guard<std::mutex> lock(password_mutex_);
    if (brake_.Wait("name " + call->account.name, SteadyMs()) > 0 ||
        !VerifyPassword(call->account.password, old_password)) {
      brake_.Failed("name " + call->account.name, SteadyMs());
      return Response::Error(403, "wrong", "the present password does not fit");
    }
    hash = HashPassword(new_password);
    if (hash.empty()) {
      return Response::Error(503, "internal", "not enough memory to hash the password");
    }
  }
  if (!hash.empty()) {
    GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kAccessChange, "", "own password changed"));
  }
  GATEPOST_ANSWER_IF_ERROR(accounts_.Change(call->account.name, [&](Account* account, bool exists) {
    if (!exists) {
      return Status::NotFound("the account is gone");
    }
    account->language = language.empty() ? account->language : language;
    account->theme = theme.empty() ? account->theme : theme;
    account->zone = zone.empty() ? account->zone : zone;
    if (!hash.empty()) {
      account->password = hash;
      ++account->epoch;  // every session of this account ends, this one too
    }
    call->account = *account;
    return Status();
  }));
  return Response::Of(AccountJson(*call));
}

}  // namespace gatepost::console
