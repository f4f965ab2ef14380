// The command line of `gatepost keys`, `gatepost audit` and `gatepost proof`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddKeys() {
  CLI::App* const keys =
      app_.add_subcommand("keys", "whose keys open held mail (src/record/KEYS.md)");
  keys->require_subcommand(1);
  keys->footer("Example: gatepost keys init lan --out /media/stick/lan.key");
  std::shared_ptr<KeysOptions> options;
  const auto add_passphrase = [](CLI::App* command, KeyOptions* unlock) {
    command->add_option("--passphrase-file", unlock->passphrase_file,
                        "read the passphrase from this file; default: ask on the terminal");
    command->add_option("--passphrase-fd", unlock->passphrase_fd,
                        "read the passphrase from this descriptor");
  };

  CLI::App* command =
      Add<KeysOptions>(keys, "init", "the first reviewer's key and the release service's",
                       "keys init lan --out /media/stick/lan.key", KeysInit, &options);
  // Not required(): the command says what is missing, both of them at once.
  command->add_option("name", options->name, "the reviewer");
  command->add_option("-o,--out", options->out, "file for their private key; never overwritten");
  add_passphrase(command, &options->unlock);

  command = Add<KeysOptions>(keys, "make",
                             "a key pair on your own machine; prints the public part for 'add'",
                             "keys make minh --out minh.key > minh.pub", KeysMake, &options);
  command->add_option("name", options->name, "your name")->required();
  command->add_option("-o,--out", options->out, "file for the private key");
  add_passphrase(command, &options->unlock);

  command =
      Add<KeysOptions>(keys, "add", "a reviewer, for all categories or some",
                       "keys add --public minh.pub --categories spam freemail", KeysAdd, &options);
  command->add_option("name", options->name, "the reviewer");
  command->add_option("--public", options->public_file, "their public part, from 'keys make'");
  command->add_option("-o,--out", options->out, "or: make the pair here, private key to this file");
  command->add_option("--categories", options->categories, "spam, virus...; default all");
  add_passphrase(command, &options->unlock);

  command = Add<KeysOptions>(keys, "escrow", "a key for the day others are lost; kept off-line",
                             "keys escrow --out /media/stick/escrow.key", KeysEscrow, &options);
  command->add_option("name", options->name, "default: escrow");
  command->add_option("-o,--out", options->out, "file for its private key");
  add_passphrase(command, &options->unlock);

  Add<KeysOptions>(keys, "list", "the ring: who opens what", "keys list", KeysList, &options);

  command = Add<KeysOptions>(keys, "opens", "which held mail a key opens: when it is lost, or found",
                             "keys opens minh", KeysOpens, &options);
  command->add_option("name", options->name, "the reviewer, or the id of the key")->required();

  command = Add<KeysOptions>(keys, "rewrap", "seal what is held already for the ring as it is now",
                             "keys rewrap --key lan.key", KeysRewrap, &options);
  AddKeyOptions(command, &options->unlock);
  command->add_option("--reason", options->reason, "why, for the audit trail");

  command = Add<KeysOptions>(keys, "rotate", "a new key in place of yours, for what is held too",
                             "keys rotate --key lan.key --out lan-2027.key", KeysRotate, &options);
  AddKeyOptions(command, &options->unlock);
  command->add_option("-o,--out", options->out, "file for the new private key");
  command
      ->add_flag("--service", options->service,
                 "the release service's key instead; run again what was interrupted")
      ->excludes("--key")
      ->excludes("--out");
  command->add_option("--new-passphrase-file", options->fresh.passphrase_file,
                      "read the new key's passphrase from this file");
  command->add_option("--new-passphrase-fd", options->fresh.passphrase_fd,
                      "read the new key's passphrase from this descriptor");

  command = Add<KeysOptions>(keys, "remove", "a reviewer who left: from the ring and from all mail",
                             "keys remove minh --reason 'left on 30 June'", KeysRemove, &options);
  command->add_option("name", options->name, "as 'keys list' shows it")->required();
  command->add_option("--reason", options->reason, "why, for the audit trail");
}

void Program::AddEvidence() {
  std::shared_ptr<EvidenceOptions> options;
  CLI::App* command = Add<EvidenceOptions>(
      &app_, "audit", "who saw, released, denied, deleted or exported a mail, and why",
      "audit GP-20261123-204512-7F3K9QZ2", Audit, &options);
  command->add_option("id", options->id, "held id, decision id, queue id or Message-ID")
      ->required();

  CLI::App* const proof = Add<EvidenceOptions>(
      &app_, "proof", "one mail's evidence in a file; 'proof verify' checks it",
      "proof '<1@office.example>' -o proof.json", Proof, &options);
  proof->add_option("id", options->id, "Message-ID, queue id, decision id or held id");
  proof->add_option("-o,--out", options->out, "the file to write; default: standard output");
  proof->add_option("--reason", options->reason, "what it is for, for the audit trail");
  // A command that has one below it hears its callback last: 'proof verify' is not 'proof'.
  proof->callback([this, proof, held = options] {
    if (proof->get_subcommands().empty()) {
      action_ = [held] { return Proof(*held); };
    }
  });
  command = Add<EvidenceOptions>(proof, "verify", "needs nothing but the file and the public key",
                                 "proof verify proof.json --public-key gatepost.pub", ProofVerify,
                                 &options);
  command->add_option("file", options->id, "the proof")->required();
  command->add_option("--public-key", options->public_key,
                      "file with the key, from 'gatepost log key'; default: the one in the proof");
}

}  // namespace gatepost::cli
