// LIMITS: libmilter's own pool of threads has no upper bound and is not fair under many busy
// connections (README.md); Postfix's process limits bound it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/server.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "milter/pulse.h"
#include "src/base/journal.h"

namespace gatepost::milter {

namespace {

// libmilter hands no pointer of ours to its first callback, so the one server stands here.
std::atomic<Server*> the_server{nullptr};

constexpr unsigned long kNoReplies = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT |
                                     SMFIP_NR_DATA | SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH |
                                     SMFIP_NR_BODY;
constexpr unsigned long kActions = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT;
// What libmilter takes in smfi_setreply (its documentation says 980).
constexpr size_t kReplyBytes = 900;
// The answer leaves libmilter's thread after the callback has returned; nothing tells us when.
constexpr std::chrono::milliseconds kAnswerUnderWay{200};
constexpr int kKnockMs = 20;

std::string Macro(SMFICTX* context, const char* name) {
  std::string spelled(name);
  const char* value = smfi_getsymval(context, spelled.data());
  return value == nullptr ? std::string() : std::string(value);
}

// A client without an address is not a local program: it must not look like one.
std::string ClientIp(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address != nullptr && address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof four);
    inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
    return text.data();
  }
  if (address != nullptr && address->sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, address, sizeof six);
    inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    return text.data();
  }
  return "unknown";
}

sfsistat Reply(SMFICTX* context, sfsistat status, const std::string& code, const std::string& xcode,
               const std::string& text) {
  std::string safe;
  for (const char c : text.substr(0, kReplyBytes / 2)) {
    const bool printable = c >= 0x20 && c < 0x7F;
    safe += printable ? c : '?';
    if (c == '%') {
      safe += '%';  // libmilter documents the text as a format
    }
  }
  std::string code_copy = code;
  std::string xcode_copy = xcode;
  if (smfi_setreply(context, code_copy.data(), xcode_copy.data(), safe.data()) != MI_SUCCESS) {
    Journal(Loudness::kWarning, "GP3003", "libmilter refused a reply; Postfix uses its own words",
            {{"code", code}, {"text", text}});
  }
  return status;
}

// Deletions first: they count fields as they were received.
bool Edit(SMFICTX* context, const Session& session, const gateway::Answer& answer) {
  for (const HeaderPlace& place : session.forgeries().ToDelete()) {
    std::string name = place.name;
    if (smfi_chgheader(context, name.data(), static_cast<int>(place.index), nullptr) !=
        MI_SUCCESS) {
      return false;
    }
  }
  for (const std::string& recipient : answer.delete_recipients) {
    const std::vector<std::string> spellings = session.AsGiven(recipient);
    if (spellings.empty()) {
      return false;  // it would be delivered to somebody for whom it is held
    }
    for (std::string spelling : spellings) {
      if (smfi_delrcpt(context, spelling.data()) != MI_SUCCESS) {
        return false;
      }
    }
  }
  for (const auto& [name, value] : answer.add_headers) {
    std::string name_copy = name;
    std::string value_copy = " " + value;  // SMFIP_HDR_LEADSPC: the blank is ours to give
    if (smfi_addheader(context, name_copy.data(), value_copy.data()) != MI_SUCCESS) {
      return false;
    }
  }
  return true;
}

// Is somebody serving at this socket?
bool Answers(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe.valid() &&
         connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

Status PrepareSocketPath(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return Status::Invalid("listen: the path " + path + " is longer than a socket's may be (107)");
  }
  struct stat found {};
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (stat(folder.c_str(), &found) != 0) {
    return Status::FromErrno("listen: the folder " + folder +
                                 " must exist and be ours (contrib/postfix/gatepost-postfix apply "
                                 "makes it)",
                             errno);
  }
  if (lstat(path.c_str(), &found) != 0) {
    return Status::Ok();
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Status::Invalid("listen: " + path + " is there and is not a socket; move it away");
  }
  if (Answers(path)) {
    return Status::Unavailable("listen: another gatepostd answers at " + path);
  }
  if (unlink(path.c_str()) != 0) {
    return Status::FromErrno("listen: removing the stale socket " + path, errno);
  }
  return Status::Ok();
}

// The group of the folder, so that Postfix may connect.
void ShareSocket(const std::string& path) {
  struct stat folder {};
  struct stat socket {};
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (stat(parent.c_str(), &folder) != 0 || lstat(path.c_str(), &socket) != 0 ||
      socket.st_gid == folder.st_gid) {
    return;
  }
  if (lchown(path.c_str(), static_cast<uid_t>(-1), folder.st_gid) != 0) {
    Journal(Loudness::kWarning, "GP3004",
            "the socket does not have the group of its folder: can Postfix connect? Make the "
            "folder setgid (chmod g+s)",
            {{"socket", path}});
  }
}

}  // namespace

bool OpenMessages::Begin() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (drained_) {
    return false;
  }
  ++open_;
  ++total_;
  return true;
}

void OpenMessages::End() {
  const std::lock_guard<std::mutex> lock(mutex_);
  --open_;
  if (open_ == 0) {
    none_.notify_all();
  }
}

uint32_t OpenMessages::Drain(int64_t most_ms) {
  std::unique_lock<std::mutex> lock(mutex_);
  none_.wait_for(lock, std::chrono::milliseconds(most_ms), [this] { return open_ == 0; });
  drained_ = true;
  return open_;
}

uint32_t OpenMessages::open() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return open_;
}

uint64_t OpenMessages::total() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return total_;
}

// The callbacks. Those before the end of a message gather and say nothing: an accept there would
// let the next message of the session by (Postfix 3.7), a refusal would be a decision.
struct Callbacks {
  static Session* Of(SMFICTX* context) { return static_cast<Session*>(smfi_getpriv(context)); }

  // Nothing of ours may unwind into libmilter. What fails before the end of a message is remembered
  // for it.
  template <typename Work>
  static sfsistat Gather(SMFICTX* context, const char* what, Work&& work) {
    Session* session = Of(context);
    try {
      if (session != nullptr) {
        work(session);
      }
    } catch (const std::exception& error) {
      Journal(Loudness::kError, "GP3001", "a callback failed; the message will be told 451",
              {{"callback", what}, {"reason", error.what()}});
      session->MarkBroken();
    }
    return SMFIS_NOREPLY;
  }

  // pf2 and pf3 are for versions of the protocol to come.
  static sfsistat Negotiate(SMFICTX* context, unsigned long offered_actions,
                            unsigned long offered_steps, unsigned long /*f2*/, unsigned long /*f3*/,
                            unsigned long* actions, unsigned long* steps, unsigned long* pf2,
                            unsigned long* pf3) {
    *pf2 = 0;
    *pf3 = 0;
    if ((offered_actions & kActions) != kActions || (offered_steps & SMFIP_HDR_LEADSPC) == 0) {
      Journal(Loudness::kError, "GP3002",
              "the mail server offers too little: set milter_protocol = 6 in Postfix");
      return SMFIS_REJECT;
    }
    // Where the server cannot do without a reply, libmilter gives it in our name.
    *steps = kNoReplies | SMFIP_HDR_LEADSPC | SMFIP_NOUNKNOWN;
    *actions = kActions;
    if ((offered_actions & SMFIF_SETSYMLIST) != 0) {
      *actions |= SMFIF_SETSYMLIST;
      const std::pair<int, const char*> wanted[] = {
          {SMFIM_CONNECT, "j {daemon_name} {client_name} {client_port}"},
          {SMFIM_HELO, "{tls_version}"},
          {SMFIM_ENVFROM,
           "i {auth_authen} {auth_type} {daemon_name} {client_name} {client_port} {tls_version}"},
          {SMFIM_ENVRCPT, "i"},
          {SMFIM_DATA, "i"},
          {SMFIM_EOM, "i"}};
      for (const auto& [stage, macros] : wanted) {
        std::string copy = macros;
        if (smfi_setsymlist(context, stage, copy.data()) != MI_SUCCESS) {
          return SMFIS_REJECT;
        }
      }
    }
    return SMFIS_CONTINUE;
  }

  static sfsistat Connect(SMFICTX* context, char* name, sockaddr* address) {
    try {
      Close(context);
      auto session = std::make_unique<Session>(&the_server.load()->budget_);
      session->Connect(name == nullptr ? "" : name, ClientIp(address));
      if (smfi_setpriv(context, session.get()) == MI_SUCCESS) {
        session.release();  // NOLINT: Close takes it back
      }
    } catch (const std::exception& error) {
      // Without a session the end of each message says 451.
      Journal(Loudness::kError, "GP3001", "a callback failed; the message will be told 451",
              {{"callback", "connect"}, {"reason", error.what()}});
    }
    return SMFIS_NOREPLY;
  }

  static sfsistat Helo(SMFICTX* context, char* name) {
    return Gather(context, "helo", [name](Session* session) { session->Helo(name); });
  }

  static sfsistat Mail(SMFICTX* context, char** arguments) {
    return Gather(context, "mail", [arguments](Session* session) {
      std::vector<std::string> parameters;
      for (char** one = arguments + 1; *one != nullptr; ++one) {
        parameters.emplace_back(*one);
      }
      session->Mail(the_server.load()->session_settings(), *arguments, parameters);
    });
  }

  static sfsistat Rcpt(SMFICTX* context, char** arguments) {
    return Gather(context, "rcpt", [arguments](Session* session) { session->Rcpt(*arguments); });
  }

  static sfsistat Data(SMFICTX* /*context*/) { return SMFIS_NOREPLY; }

  static sfsistat Header(SMFICTX* context, char* name, char* value) {
    return Gather(context, "header",
                  [name, value](Session* session) { session->Header(name, value); });
  }

  static sfsistat EndOfHeader(SMFICTX* context) {
    return Gather(context, "eoh", [](Session* session) { session->EndOfHeader(); });
  }

  static sfsistat Body(SMFICTX* context, unsigned char* chunk, size_t size) {
    return Gather(context, "body", [chunk, size](Session* session) {
      session->Body(Bytes(reinterpret_cast<const char*>(chunk), size));
    });
  }

  static sfsistat EndOfMessage(SMFICTX* context) {
    Server* server = the_server;
    if (!server->open_.Begin()) {
      return SMFIS_TEMPFAIL;  // leaving: the next gatepostd gets it
    }
    sfsistat status = SMFIS_TEMPFAIL;
    Session* session = Of(context);
    try {
      status = Decide(context, server, session);
    } catch (const std::exception& error) {
      Journal(Loudness::kError, "GP3001", "a callback failed; the message is told 451",
              {{"callback", "eom"}, {"reason", error.what()}});
    }
    if (session != nullptr) {
      session->Abort();  // gives its memory back; after a final reply nobody calls Abort
    }
    server->open_.End();
    return status;
  }

  static sfsistat Decide(SMFICTX* context, Server* server, Session* session) {
    if (session == nullptr || session->broken() || !session->in_message()) {
      return Reply(context, SMFIS_TEMPFAIL, "451", "4.3.0", "Content filter: temporary failure");
    }
    session->Finish();
    Macros macros;
    macros.queue_id = Macro(context, "i");
    macros.auth_user = Macro(context, "{auth_authen}");
    macros.daemon_name = Macro(context, "{daemon_name}");
    macros.client_name = Macro(context, "{client_name}");
    macros.client_port = Macro(context, "{client_port}");
    macros.tls_version = Macro(context, "{tls_version}");
    Apply(macros, &session->envelope());

    Spool& spool = session->spool();
    const Result<int> sealed =
        spool.state() == Spool::State::kWhole ? spool.Seal() : Result<int>(-1);
    if (spool.state() != Spool::State::kWhole) {
      return Give(context, *session,
                  server->refuser_(session->envelope(), spool.state(), spool.size()));
    }
    const gateway::Answer answer = server->handler_(
        session->envelope(), *sealed, [context] { static_cast<void>(smfi_progress(context)); });
    return Give(context, *session, answer);
  }

  static sfsistat Give(SMFICTX* context, const Session& session, const gateway::Answer& answer) {
    switch (answer.kind) {
      case gateway::Answer::Kind::kAccept:
        if (!Edit(context, session, answer)) {
          Journal(Loudness::kError, "GP3005", "Postfix took no changes; the client is told 451",
                  {{"queue_id", session.envelope().queue_id}});
          return SMFIS_TEMPFAIL;
        }
        return SMFIS_ACCEPT;
      case gateway::Answer::Kind::kDiscard:
        return SMFIS_DISCARD;
      case gateway::Answer::Kind::kReject:
        return Reply(context, SMFIS_REJECT, answer.code, answer.xcode, answer.text);
      case gateway::Answer::Kind::kTempfail:
        return Reply(context, SMFIS_TEMPFAIL, answer.code, answer.xcode, answer.text);
    }
    return SMFIS_TEMPFAIL;
  }

  static sfsistat Abort(SMFICTX* context) {
    return Gather(context, "abort", [](Session* session) { session->Abort(); });
  }

  static sfsistat Close(SMFICTX* context) {
    const std::unique_ptr<Session> session(Of(context));
    static_cast<void>(smfi_setpriv(context, nullptr));
    return SMFIS_CONTINUE;
  }
};

Server::Server(const Settings& settings, Handler handler, Refuser refuser)
    : listen_(settings.listen),
      handler_(std::move(handler)),
      refuser_(std::move(refuser)),
      budget_(settings.spool_bytes),
      session_(settings.session) {
  the_server = this;
}

Server::~Server() { the_server = nullptr; }

Session::Settings Server::session_settings() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return session_;
}

void Server::SetLimits(const Session::Settings& session, uint64_t spool_bytes) {
  budget_.SetMost(spool_bytes);
  const std::lock_guard<std::mutex> lock(mutex_);
  session_ = session;
}

Status Server::Listen() {
  const bool is_unix = listen_.rfind("unix:", 0) == 0;
  const bool is_inet = listen_.rfind("inet:", 0) == 0 || listen_.rfind("inet6:", 0) == 0;
  const Status not_understood =
      Status::Invalid("listen: '" + listen_ +
                      "' is not understood; write unix:PATH, inet:PORT@HOST or "
                      "inet6:PORT@HOST");
  if (!is_unix && !is_inet) {
    return not_understood;
  }
  const std::string path = is_unix ? listen_.substr(5) : std::string();
  if (is_unix) {
    GATEPOST_RETURN_IF_ERROR(PrepareSocketPath(path));
  }
  std::string name = "gatepost";
  smfiDesc filter{};
  filter.xxfi_name = name.data();
  filter.xxfi_version = SMFI_VERSION;
  filter.xxfi_flags = kActions | SMFIF_SETSYMLIST;
  filter.xxfi_connect = Callbacks::Connect;
  filter.xxfi_helo = Callbacks::Helo;
  filter.xxfi_envfrom = Callbacks::Mail;
  filter.xxfi_envrcpt = Callbacks::Rcpt;
  filter.xxfi_header = Callbacks::Header;
  filter.xxfi_eoh = Callbacks::EndOfHeader;
  filter.xxfi_body = Callbacks::Body;
  filter.xxfi_eom = Callbacks::EndOfMessage;
  filter.xxfi_abort = Callbacks::Abort;
  filter.xxfi_close = Callbacks::Close;
  filter.xxfi_data = Callbacks::Data;
  filter.xxfi_negotiate = Callbacks::Negotiate;
  std::string connection = listen_;
  if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(connection.data()) != MI_SUCCESS) {
    return not_understood;
  }
  static_cast<void>(smfi_setbacklog(512));
  const mode_t before = umask(0117);
  errno = 0;
  const int opened = smfi_opensocket(false);
  const int error = errno;
  umask(before);
  if (opened != MI_SUCCESS) {
    return Status::FromErrno("listen: opening " + listen_, error == 0 ? EADDRNOTAVAIL : error);
  }
  if (is_unix) {
    ShareSocket(path);
  }
  return Status::Ok();
}

Status Server::Run() {
  return smfi_main() == MI_SUCCESS ? Status::Ok()
                                   : Status::Internal("libmilter stopped serving; see the syslog");
}

uint32_t Server::Stop(int64_t most_ms) {
  // libmilter closes its socket under a lock that its listener holds while it waits for a client,
  // five seconds at a time: until it has noticed, we are the client.
  std::atomic<bool> stopped{false};
  std::thread waker([this, &stopped] {
    while (!stopped) {
      static_cast<void>(Knock(listen_, kKnockMs));
      std::this_thread::sleep_for(std::chrono::milliseconds(kKnockMs));
    }
  });
  static_cast<void>(smfi_stop());
  stopped = true;
  waker.join();
  const uint32_t left = open_.Drain(most_ms);
  usleep(static_cast<useconds_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(kAnswerUnderWay).count()));
  return left;
}

}  // namespace gatepost::milter
