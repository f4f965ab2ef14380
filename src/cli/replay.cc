// `gatepost rules replay`: what would become of yesterday's mail under other rules. Each message is
// read once and inspected under both generations by sandboxed workers on all cores.
// LIMITS: virus scanning and picture reading are off on both sides unless --virus asks for the
// first; how often others got the same letter (outbreak.count) and known correspondents are not
// known. SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/past_mail.h"
#include "src/cli/progress.h"
#include "src/cli/replay_report.h"
#include "src/cli/replay_show.h"
#include "src/cli/terminal.h"
#include "src/gateway/gateway.h"
#include "src/record/exceptions.h"

namespace gatepost::cli {

namespace {

namespace fs = std::filesystem;

using GenerationPtr = std::shared_ptr<const gateway::Generation>;

// ^C is asked for instead of delivered, so that what there is can still be printed; a second one
// ends the program. The threads that are started later inherit the mask.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    fd_.Reset(signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Interrupt() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  bool Asked() {
    signalfd_siginfo info;
    if (!asked_ && read(fd_.get(), &info, sizeof info) > 0) {
      asked_ = true;
    } else if (asked_ && read(fd_.get(), &info, sizeof info) > 0) {
      _exit(130);
    }
    return asked_;
  }

 private:
  sigset_t set_{}, before_{};
  Fd fd_;
  bool asked_ = false;
};

void PrintDiagnostics(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics.all()) {
    if (one.severity == Diagnostic::Severity::kError) {
      std::fprintf(stderr, "%s\n", one.ToString().c_str());
    }
  }
}

std::string Absolute(const std::string& path) {
  std::string clean = fs::absolute(path).lexically_normal().string();
  while (clean.size() > 1 && clean.back() == '/') {
    clean.pop_back();
  }
  return clean;
}

// How many rules of the set come from below the folder.
size_t RulesFrom(const std::string& folder, const std::vector<std::string>& files) {
  return static_cast<size_t>(std::count_if(files.begin(), files.end(), [&](const auto& file) {
    return Absolute(file).rfind(Absolute(folder) + "/", 0) == 0;
  }));
}

// Which of the present folders the proposed one is a new version of: the one with the most of whose
// rules it shares the ids, if these are half of them at least. -1: none, it stands on top of all.
int ReplacedFolder(const gateway::Config& config, const std::string& proposed) {
  Diagnostics ignored;
  const auto present = ruleset::RuleSet::Load(config.rules, &ignored);
  std::vector<std::string> with = config.rules;
  with.push_back(proposed);
  // With the others, for a pack may lean on their words; alone, where both define the same.
  auto fresh = ruleset::RuleSet::Load(with, &ignored);
  if (!fresh.ok()) {
    fresh = ruleset::RuleSet::Load({proposed}, &ignored);
  }
  if (!present.ok() || !fresh.ok()) {
    return -1;
  }
  int best = -1;
  size_t most = 0;
  for (size_t i = 0; i < config.rules.size(); ++i) {
    std::vector<std::string> mine, shared;
    for (const ruleset::Rule& rule : (*present)->rules()) {
      mine.push_back(rule.place.file);
      const ruleset::Rule* const other = (*fresh)->Find(rule.id);
      if (other != nullptr && RulesFrom(proposed, {other->place.file}) == 1) {
        shared.push_back(rule.place.file);
      }
    }
    const size_t all = RulesFrom(config.rules[i], mine);
    const size_t both = RulesFrom(config.rules[i], shared);
    if (all > 0 && 2 * both >= all && both > most) {
      best = static_cast<int>(i);
      most = both;
    }
  }
  return best;
}

// The proposed configuration. Says in *note how the folders were taken.
Result<gateway::Config> Propose(const ReplayOptions& options, const gateway::Config& present,
                                std::string* note) {
  const bool vi = Vietnamese();
  gateway::Config proposed = present;
  for (const std::string& folder : options.rules) {
    if (!fs::is_directory(folder)) {
      return Status::Invalid("--rules " + folder + ": is no folder");
    }
  }
  std::vector<std::string> folders;
  for (const std::string& folder : options.rules) {
    folders.push_back(Absolute(folder));
  }
  std::string own_policy;
  if (options.whole) {
    proposed.rules = folders;
    own_policy = folders.empty() ? "" : folders.front() + "/policy.yaml";
  } else {
    for (const std::string& folder : folders) {
      const int replaced = options.on_top ? -1 : ReplacedFolder(present, folder);
      if (replaced >= 0) {
        const std::string& old = present.rules[static_cast<size_t>(replaced)];
        proposed.rules[static_cast<size_t>(replaced)] = folder;
        *note += (note->empty() ? "" : " ") + folder +
                 (vi ? " được dùng thay cho " : " stands in place of ") + old +
                 (vi ? "." : "; --on-top would add it.");
        if (Absolute(present.policy).rfind(Absolute(old) + "/", 0) == 0) {
          own_policy = folder + Absolute(present.policy).substr(Absolute(old).size());
        }
      } else {
        proposed.rules.push_back(folder);
        *note += (note->empty() ? "" : " ") + folder +
                 (vi ? " được thêm vào sau các thư mục hiện có."
                     : " comes on top of the present folders; --whole would replace them.");
      }
    }
  }
  if (!options.policy.empty()) {
    proposed.policy = Absolute(options.policy);
  } else if (fs::exists(own_policy)) {
    proposed.policy = own_policy;
  }
  return proposed;
}

// Two generations side by side; what is wrong is printed.
struct Pair {
  GenerationPtr present, proposed;
  Status status;
};

Pair LoadBoth(const gateway::Config& present, const gateway::Config& proposed) {
  Diagnostics of_present, of_proposed;
  Result<GenerationPtr> one = Status::Internal("not loaded");
  std::thread other([&] { one = gateway::Generation::Load(present, &of_present); });
  Result<GenerationPtr> two = gateway::Generation::Load(proposed, &of_proposed);
  other.join();
  Pair pair;
  if (!one.ok()) {
    PrintDiagnostics(of_present);
    pair.status = Status::Invalid("the present rules or policy cannot be used: " +
                                  (of_present.has_errors() ? "see above" : one.status().message()));
    return pair;
  }
  if (!two.ok()) {
    PrintDiagnostics(of_proposed);
    pair.status =
        Status::Invalid("the proposed rules or policy cannot be used: " +
                        (of_proposed.has_errors() ? "see above" : two.status().message()));
    return pair;
  }
  pair.present = *one;
  pair.proposed = *two;
  return pair;
}

// What all threads share.
struct Replay {
  const gateway::Config& config;
  const PastMail& mail;
  const Pair& pair;
  const policy::Exceptions& exceptions;
  size_t examples;

  std::atomic<size_t> next{0};
  std::atomic<size_t> done{0};
  std::atomic<bool> stop{false};
  std::mutex mutex{};  // guards report and out of order results
  ReplayReport* report = nullptr;
  std::map<size_t, std::optional<ReplayMail>> ready{};
  size_t added = 0;  // so many are in the report, in the order of the mail

  void Work();
  Result<ReplayMail> Compare(size_t index) const;
  void Put(size_t index, std::optional<ReplayMail> mail);
};

Result<ReplayMail> Replay::Compare(size_t index) const {
  GATEPOST_ASSIGN_OR_RETURN(const PastMessage message, mail.Read(index));
  GATEPOST_ASSIGN_OR_RETURN(const Fd memory, MemFd("gatepost-replay", message.bytes));
  const auto consider = [&](const GenerationPtr& generation) {
    return gateway::Consider(*generation, config, message.envelope, memory.get(), {},
                             {&exceptions, nullptr, nullptr, nullptr});
  };
  const record::Decision before = consider(pair.present);
  const record::Decision after = consider(pair.proposed);
  if (before.verdict.clause == "inspection-unfinished" ||
      after.verdict.clause == "inspection-unfinished") {
    return Status::Unavailable("could not be inspected");
  }
  ReplayMail compared = CompareSides(before, after);
  compared.name = message.name;
  compared.marked = compared.marked || message.marked;
  if (compared.marked) {
    compared.subject.clear();
  }
  return compared;
}

// In the order of the mail, so that the same replay prints the same examples.
void Replay::Put(size_t index, std::optional<ReplayMail> compared) {
  const std::lock_guard<std::mutex> lock(mutex);
  ready.emplace(index, std::move(compared));
  for (auto it = ready.find(added); it != ready.end(); it = ready.find(added)) {
    if (it->second) {
      report->Add(std::move(*it->second), examples);
    }
    ready.erase(it);
    ++added;
  }
}

void Replay::Work() {
  for (size_t i = next++; i < mail.size() && !stop; i = next++) {
    Result<ReplayMail> compared = Compare(i);
    if (compared.ok()) {
      Put(i, std::move(compared).value());
    } else {
      {
        const std::lock_guard<std::mutex> lock(mutex);
        const bool older = compared.status().code() == Code::kNotFound;
        ++(older ? report->older : report->failed);
        if (!older && report->failed <= 20) {
          PrintError(compared.status().message());
        }
      }
      Put(i, std::nullopt);
    }
    ++done;
  }
}

void Run(Replay* replay, Interrupt* interrupt) {
  const size_t total = replay->mail.size();
  Progress progress(total);
  std::vector<std::thread> threads;
  // One more than cores: while a thread reads a file, the workers have something to do.
  const size_t count =
      std::min<size_t>(total, std::max(1U, std::thread::hardware_concurrency()) + 1);
  std::atomic<size_t> working{count};
  threads.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([replay, &working] {
      replay->Work();
      --working;
    });
  }
  while (working > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    replay->stop = replay->stop || interrupt->Asked();
    progress.Show(replay->done);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

std::vector<std::string> Notes(const ReplayOptions& options, const gateway::Config& config,
                               const std::string& folders) {
  const bool vi = Vietnamese();
  std::vector<std::string> notes;
  if (!folders.empty()) {
    notes.push_back(folders);
  }
  if (!options.virus && config.antivirus.need != inspect::AntivirusOptions::Need::kOff) {
    notes.emplace_back(vi ? "Không quét virus ở cả hai phía (--virus để quét)."
                          : "Neither side scans for viruses (--virus does).");
  }
  if (config.pictures.on) {
    notes.emplace_back(vi ? "Không đọc chữ trong ảnh ở cả hai phía."
                          : "Neither side reads pictures.");
  }
  return notes;
}

}  // namespace

int RulesReplay(const ReplayOptions& options) {
  Interrupt interrupt;
  gateway::Config config;
  if (!ConfigOf(options.common.config, &config)) {
    return kUsage;
  }
  if (options.rules.empty() && options.policy.empty()) {
    PrintError("name what is proposed: --rules FOLDER, --policy FILE or both");
    return kUsage;
  }
  PastOptions past{options.on, 0, options.client_ip, options.auth};
  if (!options.since.empty()) {
    past.since_ms = ParseTime(options.since, NowUnixMs());
    if (past.since_ms < 0) {
      PrintError("--since " + options.since + ": write 2026-11-23, 30d, 12h or 15m");
      return kUsage;
    }
  }
  std::string folders;
  Result<gateway::Config> proposed = Propose(options, config, &folders);
  if (!proposed.ok()) {
    PrintError(proposed.status().message());
    return kUsage;
  }
  const Result<std::unique_ptr<PastMail>> mail = PastMail::Open(config, past);
  if (!mail.ok()) {
    PrintError(mail.status().message());
    return mail.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  ReplayReport report;
  report.notes = Notes(options, config, folders);
  for (gateway::Config* one : {&config, &*proposed}) {
    one->pictures.on = false;
    one->workers = 0;
    if (!options.virus) {
      one->antivirus.need = inspect::AntivirusOptions::Need::kOff;
    }
  }
  const Pair pair = LoadBoth(config, *proposed);
  if (!pair.status.ok()) {
    PrintError(pair.status.message());
    return kUsage;
  }
  const Result<policy::Exceptions> exceptions =
      record::ReadExceptions(record::ExceptionsFile(config.state));
  const policy::Exceptions present_exceptions =
      exceptions.ok() ? *exceptions : policy::Exceptions();

  report.on = options.on;
  report.kind = (*mail)->kind();
  report.total = (*mail)->size();
  report.rules_before = config.rules;
  report.rules_after = proposed->rules;
  report.policy_before = config.policy;
  report.policy_after = proposed->policy;
  report.at = Rfc3339(NowUnixMs());
  const int64_t begun = SteadyMs();
  Replay replay{config, **mail, pair, present_exceptions, options.examples};
  replay.report = &report;
  Run(&replay, &interrupt);
  report.seconds = static_cast<double>(SteadyMs() - begun) / 1'000;
  report.interrupted = replay.added < report.total;
  report.Finish();

  ShowOptions show{options.subjects, Vietnamese()};
  if (!options.html.empty()) {
    if (const Status written = WriteFileDurably(options.html, ReplayHtml(report, show));
        !written.ok()) {
      PrintError(written.message());
      return kIncomplete;
    }
  }
  const std::string out =
      options.common.json ? DumpJson(ReplayJson(report, show)) + "\n" : ReplayText(report, show);
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (!options.html.empty() && !options.common.json) {
    PrintLine((show.vietnamese ? "\ntrang báo cáo: " : "\npage: ") + options.html);
  }
  return report.interrupted || report.failed > 0 ? kIncomplete : kDone;
}

}  // namespace gatepost::cli
