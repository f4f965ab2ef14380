// The way through the house, in one file. Left of the verdict everything is a function of the
// message and the generation; right of it come the effects: hold, then log, then the answer.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/gateway.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/ids.h"
#include "src/base/journal.h"
#include "src/gateway/counters.h"
#include "src/gateway/generations.h"
#include "src/gateway/outbreak_desk.h"
#include "src/gateway/upkeep.h"
#include "src/notice/desk.h"
#include "src/policy/shadow.h"
#include "src/record/audit_trail.h"
#include "src/record/blocks.h"
#include "src/record/correspondents.h"
#include "src/record/decision_log.h"
#include "src/record/exceptions.h"
#include "src/record/kept.h"
#include "src/record/quarantine.h"

namespace gatepost::gateway {

struct Gateway::Rooms {
  std::string digest_key;                  // of this site, for digests of marked mail
  std::unique_ptr<record::Signer> signer;  // of the heads of both logs
  std::unique_ptr<record::Quarantine> quarantine;
  std::unique_ptr<record::DecisionLog> log;
  std::unique_ptr<record::AuditTrail> audit;
  std::unique_ptr<Upkeep> upkeep;
  std::unique_ptr<record::Correspondents> correspondents;
  std::unique_ptr<record::ExceptionsWatch> exceptions;
  std::unique_ptr<record::KeptMail> kept;
  std::unique_ptr<record::BlocksWatch> blocks;
  std::unique_ptr<Outbreak> outbreak;
  std::unique_ptr<OutbreakDesk> outbreaks;

  std::unique_ptr<Generations> generations;
  std::unique_ptr<Counters> counters;
  std::unique_ptr<notice::Desk> desk;  // reads the stores above, so it ends before them
  std::string counted_rules;           // Tend's alone: the version whose rules the counters know

  int64_t started_at_ms = NowUnixMs();
  std::atomic<int64_t> keep_failed_at_ms{0};
  std::atomic<uint64_t> handled{0};
  std::atomic<uint64_t> deferred{0};

  std::shared_ptr<const policy::Exceptions> PresentExceptions();
  std::shared_ptr<const policy::Blocks> PresentBlocks();
  void Effects(record::Decision* decision, const Config& now, int message_fd);
  void RememberCorrespondents(const record::Decision& decision);
};

namespace {

constexpr const char* kDeferEn =
    "Temporary problem with the content filter, please try again later";
constexpr const char* kDeferVi = "Bo loc thu tam thoi gap su co, vui long gui lai sau";

// The verdict when we could not finish: everything stays with the sender.
void Defer(const std::string& code, const std::string& clause, record::Decision* decision) {
  policy::Verdict& verdict = decision->verdict;
  verdict.action = policy::Action::kDefer;
  verdict.clause = clause;
  verdict.reply_code = code;
  verdict.reply_text = std::string(kDeferEn) + " / " + kDeferVi;
  verdict.recipients.clear();
  for (const mail::Recipient& recipient : decision->envelope.recipients) {
    verdict.recipients.push_back(
        {recipient.address, recipient.direction, policy::Action::kDefer, clause, {}});
  }
  decision->held_id.clear();
  decision->reply = ReplyLine(*decision);
}

double SecondsSince(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

bool HoldsSomething(const policy::Verdict& verdict) {
  for (const policy::RecipientVerdict& one : verdict.recipients) {
    if (one.action == policy::Action::kQuarantine) {
      return true;
    }
  }
  return false;
}

Result<std::string> SiteKey(const std::string& path) {
  Result<std::string> key = ReadFile(path);
  if (key.ok() || key.status().code() != Code::kNotFound) {
    return key;
  }
  GATEPOST_RETURN_IF_ERROR(WriteFileDurably(path, RandomBytes(32)));
  if (chmod(path.c_str(), 0600) != 0) {
    return Status::FromErrno(path, errno);
  }
  return ReadFile(path);
}

// What is known of a message before anybody has looked into it.
record::Decision Begin(const Generation& generation, const Config& config,
                       mail::Envelope envelope) {
  record::Decision decision;
  if (envelope.received_at_ms == 0) {
    envelope.received_at_ms = NowUnixMs();
  }
  decision.id = MakeId(envelope.received_at_ms);
  decision.node = config.node;
  decision.observed = config.observe;
  decision.generation = generation.versions;
  decision.envelope = std::move(envelope);
  return decision;
}

}  // namespace

record::Decision Consider(const Generation& generation, const Config& config,
                          mail::Envelope envelope, int message_fd,
                          const std::function<void()>& keep_alive, const Standing& standing,
                          inspect::Detail detail) {
  record::Decision decision = Begin(generation, config, std::move(envelope));
  Result<inspect::Findings> findings =
      generation.inspector->InspectFor(detail, decision.envelope, message_fd, keep_alive);
  if (!findings.ok()) {
    Journal(Loudness::kError, "GP2001", "a message could not be inspected: the client is told 451",
            {{"id", decision.id},
             {"queue_id", decision.envelope.queue_id},
             {"reason", findings.status().message()}});
    Defer(findings.status().code() == Code::kUnavailable ? "451 4.3.2" : "451 4.3.0",
          "inspection-unfinished", &decision);
    return decision;
  }
  decision.findings = std::move(findings).value();
  Outbreak nobody_else("");
  Spread spread = (standing.outbreak == nullptr ? nobody_else : *standing.outbreak)
                      .Count(decision.envelope, decision.id, &decision.findings);
  if (spread.most > 1) {
    generation.outbreak->Set(std::to_string(spread.most), &decision.findings);
  }
  if (standing.spread != nullptr) {
    *standing.spread = std::move(spread);
  }
  JudgeDecision(generation,
                standing.exceptions == nullptr ? policy::Exceptions() : *standing.exceptions,
                &decision);
  if (standing.blocks != nullptr && !standing.blocks->empty()) {
    policy::ApplyBlocks(*standing.blocks, config.blocks, decision.envelope, decision.findings,
                        &decision.verdict);
    decision.reply = ReplyLine(decision);
  }
  return decision;
}

record::Decision TooLong(const Generation& generation, const Config& config,
                         mail::Envelope envelope, uint64_t size) {
  record::Decision decision = Begin(generation, config, std::move(envelope));
  decision.findings.size = size;
  policy::Verdict& verdict = decision.verdict;
  verdict.action = policy::Action::kReject;
  verdict.clause = "message-too-long";
  verdict.category = "policy";
  verdict.reply_code = "552 5.3.4";
  verdict.reply_text = "Message of " + std::to_string(size) +
                       " bytes is larger than the content filter's limit of " +
                       std::to_string(config.limits.message_bytes) + " bytes / Thu qua lon";
  for (const mail::Recipient& one : decision.envelope.recipients) {
    verdict.recipients.push_back({one.address, one.direction, verdict.action, verdict.clause, {}});
  }
  decision.reply = ReplyLine(decision);
  return decision;
}

void JudgeDecision(const Generation& generation, const policy::Exceptions& exceptions,
                   record::Decision* decision) {
  inspect::Findings& findings = decision->findings;
  decision->verdict = generation.policy->Judge(decision->envelope, findings, exceptions);
  decision->verdict.shadow = policy::ShadowEffects(
      *generation.policy, decision->envelope, findings, exceptions, decision->verdict,
      [&generation](const std::string& rule, inspect::Findings* enforced) {
        generation.what_if->Enforce(rule, enforced);
      });
  // From here on the score is the one that was judged; the hits stay, marked.
  findings.score = decision->verdict.score;
  for (const policy::ExceptionUse& use : decision->verdict.exceptions) {
    for (inspect::RuleHit& hit : findings.hits) {
      hit.excepted |= std::find(use.rules.begin(), use.rules.end(), hit.id) != use.rules.end();
    }
  }
  decision->reply = ReplyLine(*decision);
}

Gateway::Gateway(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::Open(const Config& config, Diagnostics* diagnostics) {
  auto rooms = std::make_unique<Rooms>();
  GATEPOST_RETURN_IF_ERROR(MakeFolder(config.state, 0770));
  GATEPOST_ASSIGN_OR_RETURN(rooms->digest_key, SiteKey(config.state + "/digest.key"));
  GATEPOST_ASSIGN_OR_RETURN(rooms->quarantine,
                            record::Quarantine::Open(config.custody.ForStore(config.state)));
  record::DecisionLog::Options log_options;
  log_options.path = config.log;
  log_options.node = config.node;
  GATEPOST_ASSIGN_OR_RETURN(rooms->signer,
                            record::Signer::Open(record::SigningKeyFile(config.state)));
  log_options.signer = rooms->signer.get();
  GATEPOST_ASSIGN_OR_RETURN(rooms->log, record::DecisionLog::Open(log_options));
  GATEPOST_ASSIGN_OR_RETURN(
      rooms->audit, record::AuditTrail::Open(
                        {record::AuditFolder(config.state), config.node, rooms->signer.get()}));
  rooms->upkeep = std::make_unique<Upkeep>(rooms->quarantine.get(), rooms->audit.get());
  GATEPOST_ASSIGN_OR_RETURN(rooms->correspondents, record::Correspondents::Open(config.state));

  GATEPOST_ASSIGN_OR_RETURN(rooms->generations,
                            Generations::Open(config, rooms->audit.get(), diagnostics));
  rooms->counters = std::make_unique<Counters>(config.state);
  rooms->counters->Know(*rooms->generations->present().generation->inspector->rules());
  rooms->exceptions = std::make_unique<record::ExceptionsWatch>(config.state);
  rooms->blocks = std::make_unique<record::BlocksWatch>(config.state);
  rooms->outbreak = std::make_unique<Outbreak>(rooms->digest_key);
  rooms->outbreaks = std::make_unique<OutbreakDesk>(config.state, rooms->outbreak.get());
  rooms->kept = std::make_unique<record::KeptMail>(config.state);
  rooms->desk = std::make_unique<notice::Desk>(
      rooms->quarantine.get(), [generations = rooms->generations.get()] {
        const std::shared_ptr<const Config> now = generations->present().config;
        return notice::House{now->notices, now->site, now->state, now->release};
      });
  return std::unique_ptr<Gateway>(new Gateway(std::move(rooms)));  // NOLINT: private constructor
}

record::Decision Gateway::Handle(mail::Envelope envelope, int message_fd,
                                 const std::function<void()>& keep_alive) {
  const auto begun = std::chrono::steady_clock::now();
  const auto [shared_config, generation] = rooms_->generations->present();
  const Config& config = *shared_config;
  mail::ClassifyDirections(config.site, &envelope);
  for (mail::Recipient& recipient : envelope.recipients) {
    recipient.known_correspondent =
        recipient.direction == mail::Direction::kOutbound &&
        rooms_->correspondents->Knows(recipient.address, envelope.sender, envelope.received_at_ms);
  }
  const std::shared_ptr<const policy::Exceptions> exceptions = rooms_->PresentExceptions();
  const std::shared_ptr<const policy::Blocks> blocks = rooms_->PresentBlocks();
  Spread spread;
  const uint32_t weight = rooms_->counters->Weight();
  record::Decision decision =
      Consider(*generation, config, std::move(envelope), message_fd, keep_alive,
               {exceptions.get(), blocks.get(), rooms_->outbreak.get(), &spread},
               weight > 0 ? inspect::Detail::kMeasured : inspect::Detail::kRecord);
  rooms_->Effects(&decision, config, message_fd);
  rooms_->outbreaks->Note(config.outbreak, decision, spread);
  rooms_->counters->Count(decision, SecondsSince(begun), weight);
  ++rooms_->handled;
  rooms_->deferred += decision.verdict.action == policy::Action::kDefer ? 1 : 0;
  return decision;
}

std::shared_ptr<const policy::Exceptions> Gateway::Rooms::PresentExceptions() {
  std::shared_ptr<const policy::Exceptions> present = exceptions->Current();
  bool fresh = false;
  if (const std::string problem = exceptions->Problem(&fresh); fresh) {
    Journal(Loudness::kError, "GP2017", "the exceptions cannot be read, so none applies",
            {{"reason", problem}});
  }
  return present;
}

std::shared_ptr<const policy::Blocks> Gateway::Rooms::PresentBlocks() {
  std::shared_ptr<const policy::Blocks> present = blocks->Current();
  bool fresh = false;
  if (const std::string problem = blocks->Problem(&fresh); fresh) {
    Journal(Loudness::kError, "GP2040",
            "the blocks cannot be read, so those that were read last stay in force",
            {{"reason", problem}});
  }
  return present;
}

// Hold, then log. Whatever fails turns the verdict into a defer: the sender keeps the message and
// tries again, and the retry finds the copy that was held.
void Gateway::Rooms::Effects(record::Decision* decision, const Config& now, int message_fd) {
  if (!now.observe && decision->verdict.action != policy::Action::kDefer &&
      decision->verdict.action != policy::Action::kReject && HoldsSomething(decision->verdict)) {
    Result<std::string> held = quarantine->Hold(*decision, message_fd);
    if (held.ok()) {
      decision->held_id = *held;
    } else {
      Journal(Loudness::kError, "GP2002", "a message could not be held: the client is told 451",
              {{"id", decision->id},
               {"queue_id", decision->envelope.queue_id},
               {"reason", held.status().message()}});
      Defer(held.status().code() == Code::kNoSpace ? "451 4.3.1" : "451 4.3.0", "hold-unfinished",
            decision);
    }
  }
  const Status logged = log->Append(record::ToJson(*decision, digest_key));
  if (!logged.ok()) {
    Journal(Loudness::kError, "GP2003", "a decision could not be logged: the client is told 451",
            {{"id", decision->id},
             {"queue_id", decision->envelope.queue_id},
             {"reason", logged.message()}});
    Defer("451 4.3.0", "log-unfinished", decision);
    return;
  }
  RememberCorrespondents(*decision);
  // After all that counts: a sample that cannot be kept costs nobody his mail.
  if (const Status sampled = kept->Keep(now.keep, *decision, message_fd);
      !sampled.ok() && NowUnixMs() - keep_failed_at_ms.exchange(NowUnixMs()) > 60'000) {
    Journal(Loudness::kWarning, "GP2018", "accepted mail of the sample could not be kept",
            {{"id", decision->id}, {"reason", sampled.message()}});
  }
}

void Gateway::Rooms::RememberCorrespondents(const record::Decision& decision) {
  if (decision.envelope.sender.is_null() || decision.envelope.sender_is_ours) {
    return;
  }
  for (const policy::RecipientVerdict& one : decision.verdict.recipients) {
    if (one.direction == mail::Direction::kInbound &&
        (one.action == policy::Action::kAccept || one.action == policy::Action::kTag)) {
      correspondents->Remember(decision.envelope.sender, one.recipient,
                               decision.envelope.received_at_ms);
    }
  }
}

Answer Gateway::Refuse(mail::Envelope envelope, NotGathered why, uint64_t size) {
  const auto begun = std::chrono::steady_clock::now();
  const Config now = config();
  mail::ClassifyDirections(now.site, &envelope);
  const std::shared_ptr<const Generation> present = generation();
  record::Decision decision = why == NotGathered::kTooLong
                                  ? TooLong(*present, now, std::move(envelope), size)
                                  : Begin(*present, now, std::move(envelope));
  decision.findings.size = size;
  if (why == NotGathered::kTooLong) {
    Journal(Loudness::kNotice, "GP2004", "a message over the limit was refused with 552",
            {{"id", decision.id},
             {"queue_id", decision.envelope.queue_id},
             {"size", std::to_string(size)},
             {"limit", std::to_string(now.limits.message_bytes)}});
  } else {
    const bool busy = why == NotGathered::kNoRoom;
    Journal(Loudness::kWarning, "GP2005", "no room for a message; the client is told 451",
            {{"id", decision.id},
             {"queue_id", decision.envelope.queue_id},
             {"size", std::to_string(size)},
             {"why", busy ? "limits: spool" : "memory"}});
    Defer(busy ? "451 4.3.2" : "451 4.3.0", busy ? "spool-full" : "no-memory", &decision);
  }
  rooms_->Effects(&decision, now, -1);
  rooms_->counters->Count(decision, SecondsSince(begun));
  ++rooms_->handled;
  rooms_->deferred += decision.verdict.action == policy::Action::kDefer ? 1 : 0;
  return AnswerTo(decision);
}

Answer Gateway::AnswerTo(const record::Decision& decision) const {
  return AnswerFor(decision, generation()->policy->thresholds());
}

const Counters& Gateway::counters() const { return *rooms_->counters; }

bool Gateway::log_on_reserve() const { return rooms_->log->on_reserve(); }

Generations* Gateway::generations() const { return rooms_->generations.get(); }

void Gateway::StartNotices() { rooms_->desk->Start(); }

Status Gateway::Reload(const Config& config, Diagnostics* diagnostics) {
  return rooms_->generations->Reload(config, Order(), diagnostics, nullptr);
}

void Gateway::Tend() {
  rooms_->upkeep->Hourly(config());
  rooms_->outbreaks->Tend(config(), rooms_->audit.get());
  rooms_->counters->SaveNowAndThen();
  const std::shared_ptr<const Generation> now = generation();
  if (const std::string& version = now->versions.rules; version != rooms_->counted_rules) {
    rooms_->counters->Know(*now->inspector->rules());
    rooms_->counted_rules = version;
  }
  for (const Status& signed_heads : {rooms_->log->SignHeads(), rooms_->audit->SignHeads()}) {
    if (!signed_heads.ok()) {
      Journal(Loudness::kWarning, "GP2014", "the newest records of a log could not be signed",
              {{"reason", signed_heads.message()}});
    }
  }
}

std::shared_ptr<const Generation> Gateway::generation() const {
  return rooms_->generations->present().generation;
}

Config Gateway::config() const { return *rooms_->generations->present().config; }

Json Gateway::State() const {
  const auto [config, now] = rooms_->generations->present();
  const inspect::Inspector::State inspector = now->inspector->state();
  Json state;
  state["version"] = GATEPOST_VERSION;
  state["started_at"] = Rfc3339(rooms_->started_at_ms);
  state["handled"] = rooms_->handled.load();
  state["deferred"] = rooms_->deferred.load();
  state["log_on_reserve"] = rooms_->log->on_reserve();
  using Need = inspect::AntivirusOptions::Need;
  state["mode"] = config->observe ? "observe" : "enforce";
  state["config"] = config->file;
  const Need need = config->antivirus.need;
  // As the inspector asks of each message: what is older is as good as none.
  const int64_t age_s =
      inspector.antivirus_built_at > 0 ? NowUnixMs() / 1000 - inspector.antivirus_built_at : 0;
  const int64_t most_s = config->antivirus.max_age_s;
  state["antivirus"] = {
      {"mode", need == Need::kRequired ? "required"
               : need == Need::kOff    ? "off"
                                       : "optional"},
      {"signatures", inspector.signatures},
      {"built_at",
       inspector.antivirus_built_at > 0 ? Rfc3339(inspector.antivirus_built_at * 1000) : ""},
      {"age_s", age_s},
      {"max_age_s", most_s},
      {"too_old", inspector.signatures > 0 && most_s > 0 && age_s > most_s}};
  state["custody"] = rooms_->upkeep->State(*config);
  state["notices"] = rooms_->desk->State();
  rooms_->generations->AddState(&state);
  size_t expired = 0;
  const std::shared_ptr<const policy::Exceptions> exceptions = rooms_->exceptions->Current();
  for (const policy::Exception& one : *exceptions) {
    expired += one.expires_ms <= NowUnixMs() ? 1 : 0;
  }
  state["exceptions"] = {{"active", exceptions->size() - expired},
                         {"expired", expired},
                         {"problem", rooms_->exceptions->Problem()}};
  size_t ended = 0;
  const std::shared_ptr<const policy::Blocks> blocks = rooms_->blocks->Current();
  for (const policy::Block& one : *blocks) {
    ended += one.expires_ms <= NowUnixMs() ? 1 : 0;
  }
  state["blocks"] = {{"active", blocks->size() - ended},
                     {"expired", ended},
                     {"problem", rooms_->blocks->Problem()}};
  state["outbreaks"] = rooms_->outbreaks->State();
  state["workers"] = {{"count", inspector.workers},       {"busy", inspector.busy},
                      {"inspected", inspector.inspected}, {"crashed", inspector.crashed},
                      {"timed_out", inspector.timed_out}, {"recycled", inspector.recycled},
                      {"sandbox", inspector.sandbox}};
  if (config->pictures.on) {
    state["pictures"] = {{"workers", inspector.picture_workers.size()},
                         {"read", inspector.pictures},
                         {"remembered", inspector.pictures_remembered},
                         {"failed", inspector.pictures_failed},
                         {"sandbox", inspector.picture_sandbox}};
  }
  return state;
}

}  // namespace gatepost::gateway
