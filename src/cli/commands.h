// The commands of the program `gatepost`: one function each, returning the exit code. Options are
// plain data, filled from the command line by gatepost_main.cc.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatepost::cli {

struct Common {
  std::string config;  // --config; "" the default one
  bool json = false;
};

struct ScanOptions {
  Common common;
  std::string from;
  bool has_from = false;
  std::vector<std::string> rcpt;
  std::string client_ip;
  std::string auth;
  std::string lang;        // "vi", "en"; "" by locale
  bool show_text = false;  // matched words in clear
  std::vector<std::string> files;
};
int Scan(const ScanOptions& options);

int Text(const Common& common, const std::vector<std::string>& files);

struct DefectsOptions {
  Common common;
  std::vector<std::string> folders;
  double most_c = 100;  // exit code 1 when more percent of the mails are grade C
};
int Defects(const DefectsOptions& options);

struct CheckOptions {
  Common common;
  bool postfix = false;
  std::string postfix_config;  // --postfix-config DIR; "" Postfix's default
  bool policy = false;         // print the policy as understood
};
int Check(const CheckOptions& options);

int StatusCommand(const Common& common);
struct ReloadOptions {
  Common common;
  std::string reason;
};
int Reload(const ReloadOptions& options);

// which: "rules", "policy" or "config".
int SchemaCommand(const Common& common, const std::string& which);

int RulesList(const Common& common, const std::string& pack);
int RulesTest(const Common& common, const std::vector<std::string>& which);
int RulesExplain(const Common& common, const std::string& id);

// Which private key opens sealed mail, and where its passphrase comes from.
struct KeyOptions {
  std::string key;              // --key FILE
  std::string passphrase_file;  // --passphrase-file FILE: its first line
  int passphrase_fd = -1;       // --passphrase-fd N: likewise
};
// What decides and what it takes to change that (generations.cc).
struct GenerationsOptions {
  Common common;
  std::string reason;
  std::string id;                  // rollback; generations: its difference, or with `out` its files
  std::string out;                 // generations: a folder to write that generation's files to
  std::vector<std::string> names;  // accept, overrides
  bool off = false;                // rollback
  bool all = false;                // accept
  bool seen = false;               // overrides
  uint32_t limit = 20;             // activations
  std::string since = "30d";       // dead
};
int RulesGenerations(const GenerationsOptions& options);
int RulesActivations(const GenerationsOptions& options);
int RulesRollback(const GenerationsOptions& options);
int RulesAccept(const GenerationsOptions& options);
int RulesOverrides(const GenerationsOptions& options);
int RulesDead(const GenerationsOptions& options);
struct SlowOptions {
  Common common;
  std::string on;                  // mail to measure with; "" what the gateway has measured
  std::vector<std::string> files;  // with `on`: rules over those of the configuration
  uint32_t limit = 20;             // rules shown; 0: all
};
int RulesSlow(const SlowOptions& options);
struct RulesNewOptions {
  Common common;
  std::string from;               // the message
  std::string id;                 // "" the first free of NEW-001...
  std::vector<std::string> good;  // folders of good mail: phrases of theirs are left out
  std::string output;             // "" stdout
  bool keep_mail = false;         // copy the message beside the output, as an example
};
int RulesNew(const RulesNewOptions& options);
struct ShadowOptions {
  Common common;
  std::string since;
};
int RulesShadow(const ShadowOptions& options);

struct ReplayOptions {
  Common common;
  std::vector<std::string> rules;  // proposed folders
  std::string policy;              // proposed file; "" see the command's help
  std::string on;                  // file, folder, "held", "kept"
  std::string since, client_ip, auth, html;
  bool whole = false, on_top = false;  // how `rules` stand to the present ones
  bool subjects = false, virus = false;
  uint32_t examples = 5;
};
int RulesReplay(const ReplayOptions& options);

struct ExceptionOptions {
  Common common;
  std::vector<std::string> ids, rules;
  std::string sender, sha256, file, owner, reason, lasts;
  bool expired = false;
};
int ExceptionsList(const ExceptionOptions& options);
int ExceptionsAdd(const ExceptionOptions& options);
int ExceptionsRemove(const ExceptionOptions& options);
struct ImportOptions {
  Common common;
  std::vector<std::string> from;  // folders or files
  std::string out;
};
int RulesImportSpamAssassin(const ImportOptions& options);
int RulesImportRspamd(const ImportOptions& options);

struct HeldOptions {
  Common common;
  KeyOptions unlock;
  std::string reason;               // why: for the audit trail
  std::string search;               // list: a word in the subject
  bool override_infection = false;  // approve
  bool release = false;             // approve: and release at once
  bool dry_run = false;             // retention
  bool confirm_clock = false;       // retention
  std::string id;
  std::vector<std::string> ids;
  std::vector<std::string> rcpt;  // release: to these only
  std::string category, sender, recipient, state, rule;
  std::string since, older_than;
  uint32_t limit = 100;
  bool content = false;        // show: the message's source too
  bool settle = false;         // release: decide entries left in `releasing`
  bool yes = false;            // delete: do not ask
  std::string postfix_log;     // settle: where Postfix logs
  std::string was;             // settle: "sent" or "held", where the log says nothing
  bool allow_similar = false;  // release: add an exception
  std::string lasts, owner, by;
  bool urgent = false;  // release: priority mail, by one person, to be countersigned
};
int HeldList(const HeldOptions& options);
int HeldShow(const HeldOptions& options);
int HeldRelease(const HeldOptions& options);
int HeldDelete(const HeldOptions& options);
int HeldRequest(const HeldOptions& options);
int HeldApprove(const HeldOptions& options);
int HeldDeny(const HeldOptions& options);
int HeldCountersign(const HeldOptions& options);
int HeldMigrate(const HeldOptions& options);
int HeldRetention(const HeldOptions& options);

struct KeysOptions {
  Common common;
  KeyOptions unlock;  // an existing key, or the passphrase of the one that is made
  KeyOptions fresh;   // rotate: the passphrase of the new one
  std::string name, out, public_file, reason;
  std::vector<std::string> categories;
  bool service = false;  // rotate: the release service's key
};
int KeysInit(const KeysOptions& options);
int KeysMake(const KeysOptions& options);
int KeysAdd(const KeysOptions& options);
int KeysEscrow(const KeysOptions& options);
int KeysList(const KeysOptions& options);
int KeysOpens(const KeysOptions& options);
int KeysRewrap(const KeysOptions& options);
int KeysRotate(const KeysOptions& options);
int KeysRemove(const KeysOptions& options);

struct LogOptions {
  Common common;
  std::string from, to, since, message_id, part_sha256, queue_id, action, rule;
  uint32_t limit = 20;
  bool follow = false;
  std::string public_key;          // verify: file with the key
  std::vector<std::string> heads;  // verify: files with heads that were kept elsewhere
  bool send = false;               // heads: hand them over now
  std::string before;              // prune: a day, or an age
  std::string reason;
};
int LogTail(const LogOptions& options);
int LogFind(const LogOptions& options);
int LogSummary(const LogOptions& options);
int LogVerify(const LogOptions& options);
int LogHeads(const LogOptions& options);
int LogKey(const LogOptions& options);
int LogPrune(const LogOptions& options);
int Explain(const Common& common, const std::string& id);

struct EvidenceOptions {
  Common common;
  std::string id;
  std::string out;  // proof: the file to write
  std::string reason;
  std::string public_key;  // proof verify
};
int Audit(const EvidenceOptions& options);
int Proof(const EvidenceOptions& options);
int ProofVerify(const EvidenceOptions& options);

}  // namespace gatepost::cli
