// The configuration (gatepost.yaml): every key explained in contrib/gatepost.yaml, an unknown key
// is an error that names file, line and the nearest key.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/limits.h"
#include "src/base/result.h"
#include "src/base/yaml.h"
#include "src/gateway/outbreak_options.h"
#include "src/inspect/inspector.h"
#include "src/mail/envelope.h"
#include "src/notice/options.h"
#include "src/policy/block.h"
#include "src/record/custody.h"
#include "src/record/kept.h"
#include "src/ruleset/sources.h"

namespace gatepost::gateway {

struct Config {
  std::string file;  // where it was read
  std::string listen = "unix:/var/spool/postfix/gatepost/gatepost.sock";
  bool observe = false;  // mode: observe
  mail::Site site;
  std::vector<std::string> rules;     // folders
  std::vector<std::string> packages;  // those of them that installed packages fill
  std::string policy;                 // file
  std::string state = "/var/lib/gatepost";
  std::string log = "/var/log/gatepost";
  inspect::AntivirusOptions antivirus;
  inspect::PictureOptions pictures;  // off
  uint32_t workers = 0;              // 0: one per core
  Limits limits;
  std::string release = "unix:/var/spool/postfix/public/gatepost-release";
  std::string node;     // default: host name
  std::string metrics;  // "unix:PATH" or "inet:PORT@HOST"; "" off
  record::CustodyOptions custody;
  record::KeepOptions keep;  // off
  notice::Options notices;
  policy::BlockAction blocks = policy::BlockAction::kReject;  // blocks: {action: ...}
  OutbreakOptions outbreak;

  // Relative paths are taken from the configuration file's folder.
  static Result<Config> Load(const std::string& file, Diagnostics* diagnostics);
  // The From field of our own mail to people of this house.
  std::string HouseAddress() const;
  // Where the rules are to be read, with packages' folders marked.
  ruleset::Sources RuleFolders() const;
  // Without cache folder and key, which belong to the state folder (see Generation).
  inspect::InspectorOptions ToInspectorOptions() const;

 private:
  void Fill(const YamlNode& root, Diagnostics* diagnostics);
};

// What mail of this house can be held for: the usual categories and those of its policy.
std::set<std::string> Categories(const Config& config);
// Whether held mail is sealed: a warning when it is not, or for some categories is not; an error
// when the key ring cannot be read, because then nothing can be held.
void CheckKeys(const Config& config, Diagnostics* diagnostics);

}  // namespace gatepost::gateway
