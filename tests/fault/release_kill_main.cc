// Kills a release (with its trail) at every write, fsync, rename, unlink and send, before, after
// and half way through, for every n; then does what a person does: settles by the log of the
// listener and releases again. Nothing may be lost and nothing sent twice. Usage: release_kill
// LIBRARY (drives), release_kill work FOLDER SOCKET (is killed). SPDX-License-Identifier:
// GPL-2.0-or-later
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/base/journal.h"
#include "src/record/audit_trail.h"
#include "src/record/quarantine.h"
#include "src/record/release.h"

namespace {

using namespace gatepost;  // NOLINT: a test program
namespace fs = std::filesystem;

constexpr const char* kBody = "Subject: x\r\n\r\nonce and never twice\r\n.\r\nto the end\r\n";

record::Decision MakeDecision() {
  record::Decision decision;
  decision.envelope.received_at_ms = NowUnixMs();
  decision.id = MakeId(decision.envelope.received_at_ms);
  decision.envelope.sender = mail::Address::Parse("a@outside.example");
  decision.verdict.action = policy::Action::kQuarantine;
  decision.verdict.category = "spam";
  policy::RecipientVerdict one;
  one.recipient = mail::Address::Parse("a@office.example");
  one.action = policy::Action::kQuarantine;
  decision.verdict.recipients.push_back(one);
  return decision;
}

record::StoreOptions StoreAt(const std::string& folder) {
  record::StoreOptions options;
  options.folder = folder + "/held";
  return options;
}

// A listener that takes a message when its final dot is there, and then logs as Postfix does: the
// session at MAIL, the queue once it is taken. What was taken stays in `taken`.
class Listener {
 public:
  Listener(const std::string& path, std::string log) : log_(std::move(log)) {
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    fd_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    good_ = bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0 &&
            listen(fd_.get(), 16) == 0;
    thread_ = std::thread([this] { Serve(); });
  }
  ~Listener() {
    shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  bool good() const { return good_; }
  // Sessions are served one after the other: who is greeted knows that all before is dealt with.
  void Settle() {
    const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    char greeting[64];
    if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0) {
      static_cast<void>(recv(probe.get(), greeting, sizeof greeting, 0));
    }
  }
  int taken() const { return taken_; }
  bool whole() const { return whole_; }
  void Reset() {
    taken_ = 0;
    whole_ = true;
    std::ofstream(log_, std::ios::trunc);
  }

 private:
  void Serve() {
    for (;;) {
      const Fd session(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!session.valid()) {
        return;
      }
      Talk(session.get());
    }
  }
  static void Say(int fd, const std::string& text) {
    static_cast<void>(send(fd, text.data(), text.size(), MSG_NOSIGNAL));
  }
  void Log(const std::string& text) { std::ofstream(log_, std::ios::app) << text << "\n"; }

  void Talk(int fd) {
    const std::string queue_id = "4Q" + std::to_string(++number_);
    std::string buffer;
    std::string ident;
    bool in_data = false;
    Say(fd, "220 test ESMTP\r\n");
    char chunk[4'096];
    for (ssize_t got = 0; (got = recv(fd, chunk, sizeof chunk, 0)) > 0;) {
      buffer.append(chunk, static_cast<size_t>(got));
      for (size_t end = 0; !in_data && (end = buffer.find("\r\n")) != std::string::npos;) {
        const std::string line = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        if (const size_t at = line.find("IDENT="); at != std::string::npos) {
          ident = line.substr(at + 6, line.find(' ', at) - at - 6);
        }
        if (line.rfind("EHLO", 0) == 0) {
          Say(fd,
              "250-test\r\n250-XFORWARD NAME ADDR PROTO HELO SOURCE IDENT PORT\r\n250 "
              "8BITMIME\r\n");
        } else if (line == "DATA") {
          in_data = true;
          Say(fd, "354 go\r\n");
        } else {
          if (line.rfind("MAIL", 0) == 0) {
            Log("Nov 26 00:00:00 mx postfix/smtpd[1]: " + queue_id +
                ": client=localhost[127.0.0.1], orig_queue_id=" + ident);
          }
          Say(fd, "250 ok\r\n");
        }
      }
      const size_t dot = in_data ? buffer.find("\r\n.\r\n") : std::string::npos;
      if (dot != std::string::npos) {
        // Its dots are doubled: the one in the body is none.
        whole_ = whole_ && buffer.find("to the end") < dot && buffer.find("\r\n..\r\n") < dot;
        ++taken_;
        Log("Nov 26 00:00:00 mx postfix/qmgr[1]: " + queue_id +
            ": from=<a@outside.example>, size=1, nrcpt=1 (queue active)");
        Say(fd, "250 2.0.0 Ok: queued as " + queue_id + "\r\n");
        in_data = false;
        buffer.erase(0, dot + 5);
      }
    }
  }

  const std::string log_;
  Fd fd_;
  bool good_ = false;
  sockaddr_un address_{};
  int number_ = 0;
  std::atomic<int> taken_{0};
  std::atomic<bool> whole_{true};
  std::thread thread_;
};

// The only entry there is is released.
Result<record::ReleaseReport> ReleaseIt(const std::string& folder, const std::string& id,
                                        const std::string& listener) {
  GATEPOST_ASSIGN_OR_RETURN(const auto store, record::Quarantine::Open(StoreAt(folder)));
  GATEPOST_ASSIGN_OR_RETURN(const auto audit,
                            record::AuditTrail::Open({folder + "/audit", "test", nullptr}));
  record::ReleaseOptions options;
  options.audit = audit.get();
  options.via = "test";
  return record::Release(store.get(), id, {}, "unix:" + listener, "lan", options);
}

Result<std::string> OnlyId(const std::string& folder) {
  GATEPOST_ASSIGN_OR_RETURN(const auto store, record::Quarantine::Open(StoreAt(folder)));
  GATEPOST_ASSIGN_OR_RETURN(const auto list, store->List({}));
  return list.size() == 1 ? Result<std::string>(list[0].id)
                          : Result<std::string>(Status::Internal("not one entry"));
}

int Work(const std::string& folder, const std::string& listener) {
  const auto id = OnlyId(folder);
  if (!id.ok()) {
    return 3;
  }
  const auto report = ReleaseIt(folder, *id, listener);
  return report.ok() && report->outcome == record::ReleaseReport::Outcome::kSent ? 0 : 4;
}

int failures = 0;

void Expect(bool good, const std::string& where, const std::string& what) {
  if (!good) {
    std::printf("FAILED at %s: %s\n", where.c_str(), what.c_str());
    ++failures;
  }
}

// As `gatepost held release --settle`, then `held release` where it is still held.
void Recover(const std::string& folder, const std::string& log, Listener* listener,
             const std::string& socket, const std::string& where) {
  auto store = record::Quarantine::Open(StoreAt(folder));
  Expect(store.ok(), where, "store: " + store.status().message());
  const auto list =
      store.ok() ? (*store)->List({}) : Result<std::vector<record::Held>>(store.status());
  Expect(list.ok() && list->size() == 1, where, "the entry is lost");
  if (!list.ok() || list->size() != 1) {
    return;
  }
  const std::string id = (*list)[0].id;
  const bool sent = listener->taken() == 1;
  record::Held held = (*list)[0];
  Expect(held.state != record::HeldState::kHeld || !sent, where,
         "it was sent and says held: it would be sent twice");
  Expect(held.state != record::HeldState::kReleased || sent, where, "it says released and was not");
  if (held.state == record::HeldState::kReleasing) {
    const auto trace = record::TraceRelease(log, held.release_id);
    Expect(trace.ok() && trace->queued == sent, where, "the log says something else");
    Expect(record::SettleRelease(store->get(), id, sent).ok(), where, "cannot be settled");
    held = *(*store)->Find(id);
  }
  const auto again = ReleaseIt(folder, id, socket);
  listener->Settle();
  Expect(again.ok() != sent, where, sent ? "it was released twice" : "it cannot be released");
  Expect(listener->taken() == 1, where, "sent " + std::to_string(listener->taken()) + " times");
  Expect(listener->whole(), where, "what arrived is not what was held");
  Expect((*(*store)->Find(id)).state == record::HeldState::kReleased, where, "not released");
}

int Drive(const std::string& library) {
  std::string base = (fs::temp_directory_path() / "gatepost-release-XXXXXX").string();
  if (mkdtemp(base.data()) == nullptr) {
    return 1;
  }
  const std::string socket = base + "/listener";
  const std::string log = base + "/mail.log";
  Listener listener(socket, log);
  Expect(listener.good(), "start", "no listener");
  int kills = 0;
  for (const char* how : {"before", "half", "after"}) {
    for (int at = 1; at < 2'000 && listener.good(); ++at) {
      const std::string folder = base + "/run";
      const std::string where = std::string(how) + " " + std::to_string(at);
      fs::remove_all(folder);
      fs::create_directories(folder);
      listener.Reset();
      {
        auto store = record::Quarantine::Open(StoreAt(folder));
        const auto fd = MemFd("message", kBody);
        Expect(store.ok() && (*store)->Hold(MakeDecision(), fd->get()).ok(), where, "not held");
      }
      const pid_t child = fork();
      if (child == 0) {
        setenv("LD_PRELOAD", library.c_str(), 1);
        setenv("GATEPOST_KILL_AT", std::to_string(at).c_str(), 1);
        setenv("GATEPOST_KILL_HOW", how, 1);
        execl("/proc/self/exe", "release_kill", "work", folder.c_str(), socket.c_str(),
              static_cast<char*>(nullptr));
        _exit(127);
      }
      int status = 0;
      waitpid(child, &status, 0);
      listener.Settle();
      const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
      Expect(killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0), where,
             "the worker ended with status " + std::to_string(status));
      Recover(folder, log, &listener, socket, where);
      if (!killed) {
        break;  // it came to its end: every call was reached once
      }
      ++kills;
    }
  }
  fs::remove_all(base);
  std::printf("%d kills, %d failures\n", kills, failures);
  // Fewer would mean that the library does not stand before the calls.
  return failures == 0 && kills > 150 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "work") {
    return Work(argv[2], argv[3]);
  }
  if (argc == 2) {
    SetJournalLoudness(Loudness::kError);
    return Drive(argv[1]);
  }
  std::fprintf(stderr, "usage: release_kill LIBRARY\n");
  return 2;
}
