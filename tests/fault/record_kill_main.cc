// Kills the recording of a message at every call that changes the disk, one after the other, and
// looks at what a restart finds: no entry that is half there, the retry finds the copy that was
// held, nothing that was acknowledged is lost, the log's chain is whole.
// Usage: record_kill [sealed] LIBRARY (drives), record_kill work[-sealed] FOLDER (is killed).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/base/journal.h"
#include "src/record/decision_log.h"
#include "src/record/key_ring.h"
#include "src/record/quarantine.h"

namespace {

using namespace gatepost;  // NOLINT: a test program
namespace fs = std::filesystem;

record::Decision MakeDecision(const std::string& sender) {
  record::Decision decision;
  decision.envelope.received_at_ms = NowUnixMs();
  decision.id = MakeId(decision.envelope.received_at_ms);
  decision.envelope.sender = mail::Address::Parse(sender);
  decision.verdict.action = policy::Action::kQuarantine;
  decision.verdict.category = "unscannable";
  policy::RecipientVerdict one;
  one.recipient = mail::Address::Parse("a@office.example");
  one.action = policy::Action::kQuarantine;
  decision.verdict.recipients.push_back(one);
  return decision;
}

// What the worker has been told is durable: a line each, in a file that is not counted.
void Acknowledge(const std::string& folder, const std::string& what) {
  std::FILE* const file = std::fopen((folder + "/acknowledged").c_str(), "a");
  std::fprintf(file, "%s\n", what.c_str());
  std::fclose(file);
}

// The same key in the process that is killed and in the one that looks.
record::PrivateKey Reviewer() {
  record::PrivateKey key;
  key.name = "lan";
  key.secret = Secret(std::string(32, 'k'));
  key.public_key = BoxPublicKey(key.secret);
  key.id = record::KeyIdOf(key.public_key);
  return key;
}

record::StoreOptions StoreAt(const std::string& folder, bool sealed) {
  record::StoreOptions options;
  options.folder = folder + "/held";
  options.keys_folder = sealed ? folder + "/keys" : "";
  return options;
}

// What is held in clear is sealed; with the ring there everything else is sealed from the start.
int WorkSealed(const std::string& folder) {
  auto clear = record::Quarantine::Open(StoreAt(folder, false));
  if (!clear.ok()) {
    return 3;
  }
  const auto fd = MemFd("message", "Subject: x\r\n\r\nmigrated");
  const auto id = (*clear)->Hold(MakeDecision("migrated@outside.example"), fd->get());
  if (!id.ok()) {
    return 4;
  }
  Acknowledge(folder, "held " + *id + " migrated");
  auto store = record::Quarantine::Open(StoreAt(folder, true));
  const auto sealed = store.ok() ? (*store)->Seal(*id) : Result<bool>(store.status());
  if (!sealed.ok()) {
    return 5;
  }
  Acknowledge(folder, "sealed " + *id);
  const auto again = (*store)->Strip(*id, "nobody");
  return again.ok() ? 0 : 6;
}

// One message for each fate: held and logged, released, deleted.
int Work(const std::string& folder, bool with_keys) {
  if (with_keys) {
    if (const int code = WorkSealed(folder); code != 0) {
      return 10 + code;
    }
  }
  record::DecisionLog::Options options;
  options.path = folder + "/log";
  options.reserve_bytes = 1U << 16;
  auto log = record::DecisionLog::Open(options);
  auto store = record::Quarantine::Open(StoreAt(folder, with_keys));
  if (!log.ok() || !store.ok()) {
    return 3;
  }
  for (const char* fate : {"held", "released", "deleted"}) {
    const record::Decision decision = MakeDecision(std::string(fate) + "@outside.example");
    const auto fd = MemFd("message", std::string("Subject: x\r\n\r\n") + fate);
    const auto id = (*store)->Hold(decision, fd->get());
    if (!id.ok()) {
      return 4;
    }
    Acknowledge(folder, std::string("held ") + *id + " " + fate);
    if (!(*log)->Append(record::ToJson(decision, "key")).ok()) {
      return 5;
    }
    Acknowledge(folder, "logged " + decision.id);
    if (std::string(fate) == "released") {
      const auto release = (*store)->BeginRelease(*id, "test");
      if (!release.ok()) {
        return 6;
      }
      Acknowledge(folder, "releasing " + *id);
      if (!(*store)->FinishRelease(*id, *release).ok()) {
        return 7;
      }
      Acknowledge(folder, "released " + *id);
    }
    if (std::string(fate) == "deleted") {
      if (!(*store)->Delete(*id, "test").ok()) {
        return 8;
      }
      Acknowledge(folder, "deleted " + *id);
    }
  }
  return 0;
}

int failures = 0;

void Expect(bool good, const std::string& where, const std::string& what) {
  if (!good) {
    std::printf("FAILED at %s: %s\n", where.c_str(), what.c_str());
    ++failures;
  }
}

void Check(const std::string& folder, const std::string& where) {
  const record::PrivateKey reviewer = Reviewer();
  record::DecisionLog::Options options;
  options.path = folder + "/log";
  options.reserve_bytes = 1U << 16;
  auto log = record::DecisionLog::Open(options);
  auto store = record::Quarantine::Open(StoreAt(folder, fs::exists(folder + "/keys")));
  Expect(log.ok(), where, "log does not open: " + log.status().message());
  Expect(store.ok(), where, "store does not open: " + store.status().message());
  if (!log.ok() || !store.ok()) {
    return;
  }
  const auto chain = record::VerifyLog(options.path);
  Expect(chain.ok() && chain->whole, where,
         "chain: " + (chain.ok() ? chain->first_problem : chain.status().message()));
  std::set<std::string> logged;
  const Status read = record::ReadLog(options.path, [&](const Json& record) {
    if (record.contains("id")) {
      logged.insert(record["id"].get<std::string>());
    }
    return true;
  });
  Expect(read.ok(), where, "log cannot be read");

  std::set<std::string> listed;
  const auto list = (*store)->List({});
  Expect(list.ok(), where, "list: " + list.status().message());
  for (const record::Held& held : *list) {
    listed.insert(held.id);
    const auto found = (*store)->Find(held.id);
    Expect(found.ok() && found->state == held.state, where, held.id + ": index and file differ");
    Expect((*store)->ReadMessage(held.id, &reviewer).ok() ==
               (held.state != record::HeldState::kDeleted),
           where, held.id + ": content and state differ");
  }
  size_t contents = 0;
  size_t wrapped = 0;
  size_t records = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/held")) {
    const std::string kind = entry.path().extension();
    contents += kind == ".eml" || kind == ".sealed" ? 1 : 0;
    wrapped += kind == ".keys" ? 1 : 0;
    records += entry.path().extension() == ".json" ? 1 : 0;
  }
  size_t deleted = 0;
  size_t sealed = 0;
  for (const record::Held& held : *list) {
    deleted += held.state == record::HeldState::kDeleted ? 1 : 0;
    sealed += held.sealed && held.state != record::HeldState::kDeleted ? 1 : 0;
  }
  Expect(wrapped == sealed, where, "keys without a sealed entry, or the reverse");
  Expect(records == listed.size(), where, "records and index differ in number");
  Expect(contents + deleted == records, where, "contents without a record, or the reverse");
  Expect(fs::is_empty(folder + "/held/tmp"), where, "something was left in tmp");

  std::ifstream acknowledged(folder + "/acknowledged");
  std::string word;
  std::string id;
  while (acknowledged >> word >> id) {
    if (word == "logged") {
      Expect(logged.count(id) > 0, where, id + ": was logged and is not in the log");
      continue;
    }
    const auto held = (*store)->Find(id);
    Expect(held.ok() && listed.count(id) > 0, where, id + ": was held and is gone");
    if (!held.ok()) {
      continue;
    }
    if (word == "held") {
      std::string fate;
      acknowledged >> fate;
      if (held->state == record::HeldState::kHeld) {
        const auto fd = MemFd("message", "Subject: x\r\n\r\n" + fate);
        const auto again = (*store)->Hold(MakeDecision(fate + "@outside.example"), fd->get());
        Expect(again.ok() && *again == id, where, id + ": a retry does not find it");
      }
    }
    Expect(word != "releasing" || held->state == record::HeldState::kReleasing ||
               held->state == record::HeldState::kReleased,
           where, id + ": the release is forgotten and could be sent twice");
    Expect(word != "released" || held->state == record::HeldState::kReleased, where,
           id + ": is not released");
    Expect(word != "sealed" || held->sealed, where, id + ": was sealed and is in clear");
    Expect(word != "deleted" || held->state == record::HeldState::kDeleted, where,
           id + ": is not deleted");
  }
  Expect((*log)->Append({{"v", 1}, {"event", "after"}}).ok(), where, "the log does not go on");
}

int Drive(const char* self, const std::string& library, bool with_keys) {
  std::string base = (fs::temp_directory_path() / "gatepost-kill-XXXXXX").string();
  if (mkdtemp(base.data()) == nullptr) {
    return 1;
  }
  int kills = 0;
  for (const char* how : {"before", "half", "after"}) {
    for (int at = 1; at < 2'000; ++at) {
      const std::string folder = base + "/run";
      fs::remove_all(folder);
      fs::create_directories(folder);
      if (with_keys) {
        record::KeyRing ring;
        Expect(ring.Add(record::PublicPart(Reviewer())).ok() && ring.Save(folder + "/keys").ok(),
               how, "the ring cannot be written");
      }
      const std::string where = std::string(how) + " " + std::to_string(at);
      const pid_t child = fork();
      if (child == 0) {
        setenv("LD_PRELOAD", library.c_str(), 1);
        setenv("GATEPOST_KILL_AT", std::to_string(at).c_str(), 1);
        setenv("GATEPOST_KILL_HOW", how, 1);
        execl(self, self, with_keys ? "work-sealed" : "work", folder.c_str(),
              static_cast<char*>(nullptr));
        _exit(127);
      }
      int status = 0;
      waitpid(child, &status, 0);
      const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
      Expect(killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0), where,
             "the worker ended with status " + std::to_string(status));
      Check(folder, where);
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
  const std::string first = argc > 1 ? argv[1] : "";
  if (argc == 3 && (first == "work" || first == "work-sealed")) {
    return Work(argv[2], first == "work-sealed");
  }
  if (argc == 2 || (argc == 3 && first == "sealed")) {
    SetJournalLoudness(Loudness::kError);
    return Drive("/proc/self/exe", argv[argc - 1], argc == 3);
  }
  std::fprintf(stderr, "usage: record_kill LIBRARY\n");
  return 2;
}
