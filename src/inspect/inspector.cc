// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/inspector.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/journal.h"
#include "src/inspect/codec.h"
#include "src/inspect/crew.h"
#include "src/inspect/draw.h"
#include "src/inspect/message_fd.h"
#include "src/inspect/picture_crew.h"
#include "src/inspect/protocol.h"
#include "src/inspect/show.h"
#include "src/inspect/spawn.h"
#include "src/inspect/stem.h"
#include "src/inspect/wire.h"
#include "src/inspect/zygote_process.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kDrawWaitMs = 15'000;

// Where a worker puts pictures: it cannot grow beyond what we read of it.
Result<Fd> PictureFile() {
  Fd file(memfd_create("pictures", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() || ftruncate(file.get(), static_cast<off_t>(kMostPictureBytes)) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW) != 0) {
    return Status::FromErrno("inspector: a file for pictures", errno);
  }
  return file;
}

// Cuts the file to what the worker named.
Result<MessageFd> SealPictures(const Fd& file, const std::vector<WantedPicture>& wanted) {
  uint64_t size = 0;
  for (const WantedPicture& one : wanted) {
    size = std::max(size, one.offset + one.length);
  }
  if (ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    return Status::FromErrno("inspector: pictures", errno);
  }
  return MessageFd::Seal(file.get());
}

// Those of `others` that are not in *all yet.
void AddNew(const Diagnostics& others, Diagnostics* all) {
  std::set<std::string> known;
  for (const Diagnostic& one : all->all()) {
    known.insert(one.ToString());
  }
  for (const Diagnostic& one : others.all()) {
    if (known.insert(one.ToString()).second) {
      if (one.severity == Diagnostic::Severity::kError) {
        all->Error(one.place, one.message);
      } else {
        all->Warning(one.place, one.message);
      }
    }
  }
}

void AddNotInspected(Crew::Outcome outcome, Findings* findings) {
  const decode::Reason reason =
      outcome == Crew::Outcome::kTimedOut ? decode::Reason::kTimedOut : decode::Reason::kCrashed;
  findings->unscannable.push_back({reason, ""});
  findings->facts[std::string("unscannable.") + decode::ToString(reason)] = "true";
}

class CrewInspector final : public Inspector {
 public:
  CrewInspector(const InspectorOptions& options, std::shared_ptr<const ruleset::RuleSet> rules,
                Fd sources, uint32_t workers)
      : limits_(options.limits),
        picture_time_ms_(options.pictures.time.count()),
        crew_(options, std::move(rules), std::move(sources), workers) {}
  ~CrewInspector() override {
    // Between two passes a message is with nobody of the crew.
    const std::unique_lock<std::shared_mutex> lock(under_way_);
  }

  Status Begin(std::unique_ptr<ZygoteProcess> zygote, double start_ms) {
    const InspectorOptions& options = crew_.options();
    if (options.pictures.on) {
      GATEPOST_ASSIGN_OR_RETURN(pictures_, PictureCrew::Start(options.pictures, options.sandbox));
    }
    return crew_.Begin(std::move(zygote), start_ms);
  }

  Result<Findings> InspectFor(Detail detail, const mail::Envelope& envelope, int message_fd,
                              const std::function<void()>& keep_alive) override;
  Result<ReadText> Read(const std::string& name, int document_fd) override;
  Result<Shown> Show(const mail::Envelope& envelope, const std::string& password,
                     int message_fd) override;
  Result<DrawnPictures> Draw(const std::string& password, int message_fd) override;
  std::shared_ptr<const ruleset::RuleSet> rules() const override { return crew_.rules(); }
  State state() const override;
  const ruleset::Sources& sources() const override { return *crew_.options().sources; }
  std::shared_ptr<StemProcess> stem() const { return crew_.stem(); }

 private:
  Result<Crew::Outcome> InspectPlain(const std::string& envelope, const MessageFd& message,
                                     Findings* findings, const std::function<void()>& meanwhile,
                                     const std::function<void()>& keep_alive);
  // The same, then the pictures, then all of it again together with what stands in them.
  Result<Crew::Outcome> InspectWithPictures(const std::string& envelope, const MessageFd& message,
                                            Findings* findings,
                                            const std::function<void()>& meanwhile,
                                            const std::function<void()>& keep_alive);
  // What was wanted and could not be put together with the rest.
  static void AddNotRead(const std::vector<WantedPicture>& wanted, Findings* findings);

  const Limits limits_;
  const int64_t picture_time_ms_;
  std::unique_ptr<PictureCrew> pictures_;  // null: off
  std::timed_mutex drawing_;
  std::atomic<uint64_t> inspected_{0};
  std::shared_mutex under_way_;  // shared by all inspections
  Crew crew_;
};

Result<Crew::Outcome> CrewInspector::InspectPlain(const std::string& envelope,
                                                  const MessageFd& message, Findings* findings,
                                                  const std::function<void()>& meanwhile,
                                                  const std::function<void()>& keep_alive) {
  Crew::Task task;
  task.kind = FrameKind::kInspect;
  task.reply_kind = FrameKind::kFindings;
  task.payload = envelope;
  task.fds = {message.fd()};
  task.most_reply = limits_.findings_bytes + kReplyOverhead;
  task.meanwhile = meanwhile;
  task.accept = [&](Bytes wire) {
    Result<Findings> decoded = DecodeFindings(wire, *rules(), limits_);
    if (!decoded.ok()) {
      return false;
    }
    *findings = std::move(decoded).value();
    return true;
  };
  return crew_.Run(task, keep_alive);
}

void CrewInspector::AddNotRead(const std::vector<WantedPicture>& wanted, Findings* findings) {
  for (const WantedPicture& one : wanted) {
    if (one.needed() && findings->unscannable.size() < kMostUnscannable) {
      findings->unscannable.push_back({decode::Reason::kNotRead, one.path});
      findings->facts["unscannable.not-read"] = "true";
    }
    if (!one.regions.empty() || !one.code_pages.empty()) {
      findings->facts["picture.pages-left"] = "true";
    }
  }
}

Result<Crew::Outcome> CrewInspector::InspectWithPictures(const std::string& envelope,
                                                         const MessageFd& message,
                                                         Findings* findings,
                                                         const std::function<void()>& meanwhile,
                                                         const std::function<void()>& keep_alive) {
  const int64_t begin = SteadyMs();
  // Both tries of a message without pictures would take no longer.
  const int64_t end = begin + 2 * limits_.inspect_deadline.count();
  GATEPOST_ASSIGN_OR_RETURN(const Fd file, PictureFile());
  std::vector<WantedPicture> wanted;
  const auto encode = [&envelope](const std::vector<PictureAnswer>& answers) {
    Writer out;
    out.Raw(envelope);
    PutAnswers(answers, &out);
    return out.Take();
  };
  Crew::Task task;
  task.kind = FrameKind::kInspectPictures;
  task.reply_kind = FrameKind::kFindingsPictures;
  task.payload = encode({});
  task.fds = {message.fd(), file.get()};
  task.most_reply = limits_.findings_bytes + kMostPictures * (kMostPath + 1'024) + kReplyOverhead;
  task.meanwhile = meanwhile;
  task.accept = [&](Bytes wire) {
    Reader in(wire);
    Result<Findings> decoded =
        DecodeFindings(in.Raw(limits_.findings_bytes + kReplyOverhead), *rules(), limits_);
    std::vector<WantedPicture> also = GetWanted(&in);
    if (!decoded.ok() || !in.AtEnd()) {
      return false;
    }
    *findings = std::move(decoded).value();
    wanted = std::move(also);
    return true;
  };
  GATEPOST_ASSIGN_OR_RETURN(const Crew::Outcome outcome, crew_.Run(task, keep_alive));
  if (outcome != Crew::Outcome::kDone || wanted.empty()) {
    return outcome;
  }
  const std::vector<WantedPicture> pictures = wanted;
  const int64_t now = SteadyMs();
  const int64_t again_ms = 2 * (now - begin) + 500;  // the second pass, on a bad day
  const int64_t until = std::min(now + picture_time_ms_, end - again_ms);
  const Result<MessageFd> sealed = SealPictures(file, pictures);
  if (!sealed.ok() || until <= now) {
    AddNotRead(pictures, findings);
    return outcome;
  }
  task.payload = encode(pictures_->Read(pictures, *sealed, until, keep_alive));
  const double picture_ms = static_cast<double>(SteadyMs() - now);
  task.fds = {message.fd()};
  task.tries = 1;
  task.deadline_ms = end;
  // A copy, because what cannot be had leaves the first findings as they are.
  const Findings first = *findings;
  const Result<Crew::Outcome> second = crew_.Run(task, keep_alive);
  if (!second.ok() || *second != Crew::Outcome::kDone) {
    *findings = first;
    AddNotRead(pictures, findings);
  }
  findings->ms["pictures"] = picture_ms;
  return outcome;
}

Result<Findings> CrewInspector::InspectFor(Detail detail, const mail::Envelope& envelope,
                                           int message_fd,
                                           const std::function<void()>& keep_alive) {
  const std::shared_lock<std::shared_mutex> lock(under_way_);
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd message, MessageFd::Seal(message_fd));
  Findings findings;
  findings.size = message.bytes().size();
  if (findings.size > limits_.message_bytes) {
    findings.sha256 = Sha256Hex(message.bytes());
    findings.unscannable.push_back({decode::Reason::kTooBig, ""});
    findings.facts["unscannable.too-big"] = "true";
    return findings;
  }
  // Counted and hashed here, while the worker is at work: those two the worker is not asked for.
  std::string sha256;
  const auto meanwhile = [&] {
    if (sha256.empty()) {
      sha256 = Sha256Hex(message.bytes());
    }
  };
  const std::string request = EncodeInspectRequest(envelope, detail);
  GATEPOST_ASSIGN_OR_RETURN(
      const Crew::Outcome outcome,
      pictures_ == nullptr
          ? InspectPlain(request, message, &findings, meanwhile, keep_alive)
          : InspectWithPictures(request, message, &findings, meanwhile, keep_alive));
  meanwhile();
  findings.sha256 = sha256;
  findings.size = message.bytes().size();
  if (outcome != Crew::Outcome::kDone) {
    AddNotInspected(outcome, &findings);
  }
  ++inspected_;
  return findings;
}

Result<ReadText> CrewInspector::Read(const std::string& name, int document_fd) {
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd document, MessageFd::Seal(document_fd));
  ReadText text;
  if (document.bytes().size() > std::max(limits_.message_bytes, limits_.leaf_bytes)) {
    text.unscannable.push_back({decode::Reason::kTooBig, name});
    return text;
  }
  Crew::Task task;
  task.kind = FrameKind::kRead;
  task.reply_kind = FrameKind::kText;
  task.payload = name;
  task.fds = {document.fd()};
  task.most_reply = limits_.text_bytes + 1'000 * (kMostPath + 8) + kReplyOverhead;
  task.meanwhile = [] {};
  task.accept = [&](Bytes wire) {
    Reader in(wire);
    text = {};
    const uint32_t count = in.Count(kMostUnscannable, 5);
    for (uint32_t i = 0; i < count; ++i) {
      const auto reason =
          static_cast<decode::Reason>(in.Upto(static_cast<uint8_t>(decode::kLastReason)));
      text.unscannable.push_back({reason, in.Text(kMostPath)});
    }
    text.utf8 = in.Text(limits_.text_bytes);
    return in.AtEnd();
  };
  GATEPOST_ASSIGN_OR_RETURN(const Crew::Outcome outcome, crew_.Run(task, {}));
  if (outcome != Crew::Outcome::kDone) {
    text = {};
    text.unscannable.push_back(
        {outcome == Crew::Outcome::kTimedOut ? decode::Reason::kTimedOut : decode::Reason::kCrashed,
         name});
  }
  return text;
}

Result<Shown> CrewInspector::Show(const mail::Envelope& envelope, const std::string& password,
                                  int message_fd) {
  const std::shared_lock<std::shared_mutex> lock(under_way_);
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd message, MessageFd::Seal(message_fd));
  if (message.bytes().size() > limits_.message_bytes) {
    return Status::Invalid("the message is larger than limits.message");
  }
  Shown shown;
  Writer payload;
  payload.Raw(EncodeEnvelope(envelope));
  payload.Raw(password);
  Crew::Task task;
  task.kind = FrameKind::kShow;
  task.reply_kind = FrameKind::kShown;
  task.payload = payload.Take();
  task.fds = {message.fd()};
  task.most_reply = limits_.findings_bytes + kMostShown + kReplyOverhead;
  task.meanwhile = [] {};
  task.accept = [&](Bytes wire) {
    Result<Shown> decoded = DecodeShown(wire, *rules(), limits_);
    if (!decoded.ok()) {
      return false;
    }
    shown = std::move(decoded).value();
    return true;
  };
  GATEPOST_ASSIGN_OR_RETURN(const Crew::Outcome outcome, crew_.Run(task, {}));
  if (outcome != Crew::Outcome::kDone) {
    return Status::Unavailable(outcome == Crew::Outcome::kTimedOut
                                   ? "the inspection took longer than limits.inspect_deadline"
                                   : "the inspection crashed; nothing else was touched");
  }
  shown.findings.sha256 = Sha256Hex(message.bytes());
  shown.findings.size = message.bytes().size();
  return shown;
}

Result<DrawnPictures> CrewInspector::Draw(const std::string& password, int message_fd) {
  const std::shared_lock<std::shared_mutex> lock(under_way_);
  // A picture takes as much memory as a message, a PDF more.
  const std::unique_lock<std::timed_mutex> turn(drawing_, std::chrono::milliseconds(kDrawWaitMs));
  if (!turn.owns_lock()) {
    return Status::Unavailable("pictures of other mails are being drawn; try again");
  }
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd message, MessageFd::Seal(message_fd));
  if (message.bytes().size() > limits_.message_bytes) {
    return Status::Invalid("the message is larger than limits.message");
  }
  GATEPOST_ASSIGN_OR_RETURN(const Fd file, PictureFile());
  std::vector<WantedPicture> wanted;
  Writer payload;
  payload.Raw(password);
  Crew::Task task;
  task.kind = FrameKind::kCollect;
  task.reply_kind = FrameKind::kCollected;
  task.payload = payload.Take();
  task.fds = {message.fd(), file.get()};
  task.most_reply = 2 * kMostPictures * (kMostPath + 32) + kReplyOverhead;
  task.meanwhile = [] {};
  std::vector<std::string> left_out;
  task.accept = [&wanted, &left_out](Bytes wire) {
    Reader in(wire);
    wanted = GetWanted(&in);
    left_out.assign(in.Count(kMostPictures, 4), "");
    for (std::string& path : left_out) {
      path = in.Text(kMostPath);
    }
    return in.AtEnd();
  };
  GATEPOST_ASSIGN_OR_RETURN(const Crew::Outcome outcome, crew_.Run(task, {}));
  if (outcome != Crew::Outcome::kDone) {
    return Status::Unavailable("the pictures could not be collected: the worker " +
                               std::string(outcome == Crew::Outcome::kTimedOut
                                               ? "took longer than limits.inspect_deadline"
                                               : "crashed; nothing else was touched"));
  }
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd sealed, SealPictures(file, wanted));
  GATEPOST_ASSIGN_OR_RETURN(DrawnPictures drawn, DrawAll(wanted, sealed, crew_.options().pictures,
                                                         crew_.options().sandbox));
  drawn.left_out.insert(drawn.left_out.end(), left_out.begin(), left_out.end());
  return drawn;
}

Inspector::State CrewInspector::state() const {
  State state = crew_.state();
  state.inspected = inspected_;
  if (pictures_ != nullptr) {
    PictureCrew::State pictures = pictures_->state();
    state.pictures = pictures.read;
    state.pictures_remembered = pictures.remembered;
    state.pictures_failed = pictures.failed;
    state.picture_workers = std::move(pictures.pids);
    state.picture_sandbox = std::move(pictures.sandbox);
  }
  return state;
}

}  // namespace

Inspector::~Inspector() = default;

Result<std::shared_ptr<Inspector>> Inspector::Start(const InspectorOptions& given,
                                                    Diagnostics* diagnostics,
                                                    const Inspector* previous) {
  const int64_t begin = SteadyMs();
  InspectorOptions options = given;
  ruleset::Sources sources =
      given.sources == nullptr ? ruleset::Sources::OfFolders(given.rule_folders) : *given.sources;
  // The daemon's own copy: what the worker's numbers mean.
  GATEPOST_ASSIGN_OR_RETURN(auto rules, ruleset::RuleSet::Load(&sources, diagnostics));
  sources.Close();
  options.sources = std::make_shared<const ruleset::Sources>(std::move(sources));
  GATEPOST_ASSIGN_OR_RETURN(Fd wire, MemFd("rules", options.sources->Serialize()));

  std::shared_ptr<StemProcess> stem;
  if (const auto* const crew = dynamic_cast<const CrewInspector*>(previous); crew != nullptr) {
    stem = crew->stem();
  }
  if (stem != nullptr && stem->Fits(options)) {
    AddDiagnostics(ToJson(stem->diagnostics()), diagnostics);
  } else {
    GATEPOST_ASSIGN_OR_RETURN(stem, StemProcess::Start("/proc/self/exe", options, diagnostics));
  }
  auto started = ZygoteProcess::Start(stem, options, wire.get());
  if (!started.ok()) {
    // A stem that was killed meanwhile.
    Diagnostics again;
    GATEPOST_ASSIGN_OR_RETURN(stem, StemProcess::Start("/proc/self/exe", options, &again));
    started = ZygoteProcess::Start(stem, options, wire.get());
  }
  GATEPOST_ASSIGN_OR_RETURN(auto zygote, std::move(started));
  // Of the rules it says the same as we do above.
  Diagnostics of_zygote;
  const Status loaded = zygote->WaitUntilLoaded(&of_zygote);
  AddNew(of_zygote, diagnostics);
  GATEPOST_RETURN_IF_ERROR(loaded);
  uint32_t workers = options.workers;
  if (workers == 0) {
    workers = std::max(std::thread::hardware_concurrency(), 1U);
  }
  auto inspector =
      std::make_shared<CrewInspector>(options, std::move(rules), std::move(wire), workers);
  GATEPOST_RETURN_IF_ERROR(
      inspector->Begin(std::move(zygote), static_cast<double>(SteadyMs() - begin)));
  return std::shared_ptr<Inspector>(std::move(inspector));
}

void RunZygoteIfAsked(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == kStemArgument) {
    _exit(RunStem(std::atoi(argv[2])));
  }
}

}  // namespace gatepost::inspect
