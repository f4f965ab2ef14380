// DecodeFindings on any bytes: never a crash; what it accepts, it accepts again after encoding.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "src/inspect/findings.h"

namespace {

std::shared_ptr<const gatepost::ruleset::RuleSet> Rules() {
  char folder[] = "/tmp/gatepost-fuzz-XXXXXX";
  if (mkdtemp(folder) == nullptr) {
    std::abort();
  }
  const std::string file = std::string(folder) + "/rules.yaml";
  {
    std::ofstream out(file);
    out << "pack: test\nversion: '1'\ntitle: {en: t, vi: t}\njurisdiction: VN\ndefault: on\nrules:\n";
    for (const char* id : {"TST-001", "TST-002", "TST-003"}) {
      out << "  - id: " << id
          << "\n    title: {en: t, vi: t}\n    why: t\n    zones: [body]\n    form: nfc\n"
             "    match: 'word'\n    score: 1\n    severity: low\n"
             "    examples: {match: ['word'], no_match: ['x']}\n";
    }
  }
  gatepost::Diagnostics diagnostics;
  auto rules = gatepost::ruleset::RuleSet::Load({folder}, &diagnostics);
  unlink(file.c_str());
  rmdir(folder);
  if (!rules.ok()) {
    std::abort();
  }
  return *rules;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto rules = Rules();
  const gatepost::Limits limits;
  const auto findings = gatepost::inspect::DecodeFindings(
      gatepost::Bytes(reinterpret_cast<const char*>(data), size), *rules, limits);
  if (findings.ok()) {
    const std::string again = gatepost::inspect::EncodeFindings(*findings);
    if (!gatepost::inspect::DecodeFindings(again, *rules, limits).ok()) {
      std::abort();
    }
  }
  return 0;
}
