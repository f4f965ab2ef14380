// `gatepost audit`, `gatepost proof`, and what `gatepost log` does with signed heads.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <set>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/cli/key_tools.h"
#include "src/cli/terminal.h"
#include "src/record/chain.h"
#include "src/record/hand_over.h"
#include "src/record/proof.h"

namespace gatepost::cli {

namespace {

// The signing key's public half: as given, else the site's, else "".
Result<std::string> PublicKey(const gateway::Config& config, const std::string& file) {
  if (!file.empty()) {
    return record::ReadPublicKey(file);
  }
  const Result<std::string> own =
      record::ReadPublicKey(record::SigningKeyFile(config.state) + ".pub");
  return own.ok() || own.status().code() == Code::kNotFound
             ? Result<std::string>(own.ok() ? *own : std::string())
             : own;
}

Json ReportJson(const record::ChainReport& report) {
  return {{"records", report.records},         {"whole", report.whole},
          {"first_seq", report.first_seq},     {"last_seq", report.last_seq},
          {"last_hash", report.last_hash},     {"heads", report.heads},
          {"signed_seq", report.signed_seq},   {"pruned_segments", report.pruned},
          {"problem_seq", report.problem_seq}, {"first_problem", report.first_problem}};
}

void PrintReport(const char* name, const record::ChainReport& report) {
  const std::string begin = std::string(name) + "  ";
  if (!report.whole) {
    PrintLine(begin + Paint(Colour::kRed, "broken") + ": " + report.first_problem);
    return;
  }
  PrintLine(begin + Paint(Colour::kGreen, "whole") + ": " + std::to_string(report.records) +
            " records, every hash fits; signed up to record " + std::to_string(report.signed_seq) +
            (report.pruned > 0
                 ? "; " + std::to_string(report.pruned) + " pruned segments with their summaries"
                 : ""));
}

// A trail that nobody has written yet is whole.
Result<record::ChainReport> VerifyAudit(const gateway::Config& config,
                                        record::VerifyOptions options) {
  options.name = record::kAudit;
  Result<record::ChainReport> report =
      record::VerifyLog(record::AuditFolder(config.state), options);
  if (!report.ok() && report.status().code() == Code::kNotFound) {
    record::ChainReport none;
    none.whole = true;
    return none;
  }
  return report;
}

std::vector<record::LogName> BothLogs(const gateway::Config& config) {
  return {{config.log, record::kDecisions}, {record::AuditFolder(config.state), record::kAudit}};
}

}  // namespace

int LogVerify(const LogOptions& options) {
  gateway::Config config;
  if (!HouseOf(options.common.config, &config)) {
    return kUsage;
  }
  record::VerifyOptions verify;
  const Result<std::string> key = PublicKey(config, options.public_key);
  if (!key.ok()) {
    return Fail(key.status());
  }
  verify.public_key = *key;
  verify.head_files = options.heads;
  if (const Status there = LogIsThere(config); !there.ok()) {
    return Fail(there);
  }
  const Result<record::ChainReport> decisions = record::VerifyLog(config.log, verify);
  if (!decisions.ok()) {
    return Fail(decisions.status());
  }
  const Result<record::ChainReport> audit = VerifyAudit(config, verify);
  if (!audit.ok()) {
    return Fail(audit.status());
  }
  const bool whole = decisions->whole && audit->whole;
  if (options.common.json) {
    Json out = ReportJson(*decisions);
    out["audit"] = ReportJson(*audit);
    PrintLine(DumpJson(out));
  } else {
    PrintReport("decisions", *decisions);
    PrintReport("audit    ", *audit);
  }
  return whole ? kDone : kIncomplete;
}

int LogKey(const LogOptions& options) {
  gateway::Config config;
  if (!HouseOf(options.common.config, &config)) {
    return kUsage;
  }
  const Result<std::string> key =
      record::ReadPublicKey(record::SigningKeyFile(config.state) + ".pub");
  if (!key.ok()) {
    return Fail(key.status().code() == Code::kNotFound
                    ? Status::NotFound("no signing key " + record::SigningKeyFile(config.state) +
                                       " yet: gatepostd makes it when it starts; is 'state' right "
                                       "in the configuration?")
                    : key.status());
  }
  PrintLine(options.common.json ? DumpJson({{"public_key", *key}}) : *key);
  return kDone;
}

int LogHeads(const LogOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const Result<std::vector<record::Head>> heads = record::NewestHeads(BothLogs(custody->config));
  if (!heads.ok()) {
    return Fail(heads.status());
  }
  std::fputs(record::HeadLines(*heads).c_str(), stdout);
  if (!options.send) {
    return kDone;
  }
  const record::CustodyOptions& where = custody->config.custody;
  if (!where.SendsHeads()) {
    return Fail(Status::Invalid("'heads' names no folder, command or mail in the configuration"));
  }
  Status sent = custody->Tell(record::AuditKind::kHeads, "", options.reason,
                              {{"heads", std::to_string(heads->size())}});
  if (sent.ok()) {
    sent = record::HandOverHeads(where, custody->config.state, custody->config.node, *heads,
                                 NowUnixMs());
  }
  return sent.ok() ? kDone : Fail(sent);
}

int LogPrune(const LogOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const int64_t before = ParseTime(options.before, NowUnixMs());
  if (before < 0) {
    return Fail(Status::Invalid("--before " + options.before + ": write 2026-11-23 or 730d"));
  }
  if (custody->signer == nullptr) {
    return Fail(Status::Invalid("the signing key " + record::SigningKeyFile(custody->config.state) +
                                " cannot be read: a summary must be signed"));
  }
  const std::string reason = ReasonOr(options.reason, "Why is it taken away?");
  for (const record::LogName& log : BothLogs(custody->config)) {
    const Status told = custody->Tell(record::AuditKind::kPrune, "", reason,
                                      {{"log", log.name}, {"before", Rfc3339(before)}});
    const Result<record::PruneReport> report =
        told.ok() ? record::PruneLog(log.path, log.name, before / record::kDayMs, *custody->signer,
                                     custody->config.node, Actor())
                  : Result<record::PruneReport>(told);
    if (!report.ok()) {
      return Fail(report.status());
    }
    if (options.common.json) {
      PrintLine(DumpJson(
          {{"log", log.name}, {"segments", report->segments}, {"records", report->records}}));
    } else {
      PrintLine(log.name + ": " + std::to_string(report->segments) + " segments with " +
                std::to_string(report->records) + " records taken away");
    }
  }
  return kDone;
}

namespace {

// Does the quarantine have it? Asked only when both logs know nothing: opening the store may write.
bool IsHeldThere(const gateway::Config& config, const std::string& id) {
  record::StoreOptions options = config.custody.ForStore(config.state);
  options.make = false;
  const Result<std::unique_ptr<record::Quarantine>> store = record::Quarantine::Open(options);
  if (!store.ok()) {
    return false;
  }
  record::HeldFilter by_queue_id;
  by_queue_id.queue_id = id;
  record::HeldFilter by_message_id;
  by_message_id.message_id = id;
  const auto found = [&](const record::HeldFilter& filter) {
    const Result<std::vector<record::Held>> list = (*store)->List(filter);
    return list.ok() && !list->empty();
  };
  return (*store)->Find(id).ok() || found(by_queue_id) || found(by_message_id);
}

}  // namespace

int Audit(const EvidenceOptions& options) {
  gateway::Config config;
  if (!HouseOf(options.common.config, &config)) {
    return kUsage;
  }
  if (const Status there = StateIsThere(config); !there.ok()) {
    return Fail(there);
  }
  // Whatever the person knows of the mail leads to the ids that the trail knows.
  std::set<std::string> ids{options.id};
  const std::string bare = options.id.size() > 2 && options.id.front() == '<'
                               ? options.id.substr(1, options.id.size() - 2)
                               : options.id;
  bool known = false;
  const Status read_log = record::ReadLog(config.log, [&](const Json& one) {
    const std::string message_id = Word(one, "message_id");
    if (Word(one, "queue_id") == options.id || Word(one, "id") == options.id ||
        Word(one, "held_id") == options.id || message_id == options.id ||
        message_id == "<" + bare + ">") {
      known = true;
      ids.insert(Word(one, "id"));
      ids.insert(Word(one, "held_id"));
    }
    return true;
  });
  if (!read_log.ok() && read_log.code() != Code::kNotFound) {
    return Fail(read_log);
  }
  ids.erase("");
  std::vector<Json> story;
  const Status read = record::ReadAudit(record::AuditFolder(config.state), [&](const Json& one) {
    if (ids.count(Word(one, "held_id")) > 0) {
      story.push_back(one);
    }
    return true;
  });
  if (!read.ok() && read.code() != Code::kNotFound) {
    return Fail(read);
  }
  if (!known && story.empty() && !IsHeldThere(config, options.id)) {
    PrintError("there is no such mail: " + PrintableUtf8(options.id, 300) +
               " is in neither the decision log nor the quarantine nor the audit trail");
    return kIncomplete;
  }
  const Result<std::string> key = PublicKey(config, options.public_key);
  record::VerifyOptions verify;
  verify.public_key = key.ok() ? *key : std::string();
  const Result<record::ChainReport> chain = VerifyAudit(config, verify);
  if (!chain.ok()) {
    return Fail(chain.status());
  }
  if (options.common.json) {
    PrintLine(DumpJson({{"ids", ids}, {"events", story}, {"chain", ReportJson(*chain)}}));
    return chain->whole ? kDone : kIncomplete;
  }
  for (const Json& one : story) {
    PrintLine(Word(one, "at").substr(0, 19) + "  " + Paint(Colour::kBold, Word(one, "event")) +
              "  by " + Word(one, "actor") +
              (Word(one, "on_behalf").empty() ? "" : " for " + Word(one, "on_behalf")) + " (" +
              Word(one, "via") + ")" +
              (Word(one, "reason").empty() ? "" : "  because: " + Word(one, "reason")));
    const auto details = one.find("details");
    for (auto it = details != one.end() ? details->begin() : one.end();
         details != one.end() && it != details->end(); ++it) {
      if (it->is_string() && !it->get_ref<const std::string&>().empty()) {
        PrintLine("    " + it.key() + ": " + it->get<std::string>());
      }
    }
  }
  if (story.empty()) {
    PrintLine("nobody has touched " + options.id);
  }
  PrintReport("audit", *chain);
  return chain->whole ? kDone : kIncomplete;
}

int Proof(const EvidenceOptions& options) {
  if (options.id.empty()) {
    return Fail(Status::Invalid("name a Message-ID, queue id or decision id"));
  }
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const gateway::Config& config = custody->config;
  Result<Json> proof = record::MakeProof(config.log, options.id, config.node, NowUnixMs());
  if (!proof.ok()) {
    return Fail(proof.status());
  }
  const Status told =
      custody->Tell(record::AuditKind::kExport, Word((*proof)["decisions"][0]["summary"], "id"),
                    options.reason, {{"what", "proof"}});
  if (!told.ok()) {
    return Fail(told);
  }
  const std::string text = proof->dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (options.out.empty()) {
    std::fputs(text.c_str(), stdout);
  } else if (const Status written = WriteFileDurably(options.out, text); !written.ok()) {
    return Fail(written);
  }
  const record::ProofReport report = record::CheckProof(*proof, "");
  if (!report.fits) {
    PrintError(report.problem + (report.problem.find("no signed head") != std::string::npos
                                     ? ": the daemon signs within seconds; try again"
                                     : ""));
    return kIncomplete;
  }
  return kDone;
}

int ProofVerify(const EvidenceOptions& options) {
  const Result<std::string> text = ReadFile(options.id);
  const Result<Json> proof = text.ok() ? ParseJson(options.id, *text) : Result<Json>(text.status());
  if (!proof.ok()) {
    return Fail(proof.status());
  }
  const Result<std::string> key = options.public_key.empty()
                                      ? Result<std::string>(std::string())
                                      : record::ReadPublicKey(options.public_key);
  if (!key.ok()) {
    return Fail(key.status());
  }
  const record::ProofReport report = record::CheckProof(*proof, *key);
  if (options.common.json) {
    PrintLine(DumpJson({{"fits", report.fits},
                        {"decisions", report.decisions},
                        {"signed_at", report.signed_at},
                        {"public_key", report.public_key},
                        {"problem", report.problem}}));
  } else if (report.fits) {
    PrintLine(
        Paint(Colour::kGreen, "fits") + ": " + std::to_string(report.decisions) +
        " decisions, signed at " + report.signed_at + " with " + report.public_key +
        (key->empty() ? " (the key in the file itself; compare it with the one you keep)" : ""));
  } else {
    PrintLine(Paint(Colour::kRed, "does not fit") + ": " + PrintableUtf8(report.problem, 1'000));
  }
  return report.fits ? kDone : kIncomplete;
}

}  // namespace gatepost::cli
