// `gatepost rules import`: other programs' rules into a folder, with a report.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "src/base/files.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/import/prove.h"
#include "src/import/rspamd.h"
#include "src/import/spam_assassin.h"

namespace gatepost::cli {

namespace {

int Finish(const ImportOptions& options, Result<import::Imported> imported,
           Diagnostics diagnostics) {
  const Status loads = imported.ok() ? import::Prove(&imported.value(), &diagnostics) : Status();
  for (const Diagnostic& one : diagnostics.all()) {
    std::fprintf(stderr, "%s\n", one.ToString().c_str());
  }
  if (!imported.ok()) {
    PrintError(imported.status().message());
    return kUsage;
  }
  import::Report& report = imported->report;
  Status status = import::WritePacks(imported->packs, options.out, &report.written);
  if (status.ok() && !imported->policy.empty()) {
    status = WriteFileDurably(
        options.out + "/POLICY.txt",
        "# Lines for your policy.yaml, as SpamAssassin was configured.\n" + imported->policy);
  }
  if (status.ok()) {
    status = WriteFileDurably(options.out + "/IMPORT.txt", report.ToText());
  }
  if (status.ok()) {
    status = WriteFileDurably(options.out + "/IMPORT.json", report.ToJson() + "\n");
  }
  if (!status.ok()) {
    PrintError(status.message());
    return kUsage;
  }
  if (options.common.json) {
    PrintLine(report.ToJson());
  } else {
    std::fputs(report.ToText().c_str(), stdout);
    PrintLine("\nWritten: " + std::to_string(report.written.size()) + " files in " + options.out +
              ", this report in IMPORT.txt and IMPORT.json beside them.");
  }
  if (!loads.ok()) {
    PrintError(loads.message());
    return kIncomplete;
  }
  return kDone;
}

}  // namespace

int RulesImportSpamAssassin(const ImportOptions& options) {
  Diagnostics diagnostics;
  Result<import::Imported> imported = import::ImportSpamAssassin(options.from, &diagnostics);
  return Finish(options, std::move(imported), std::move(diagnostics));
}

int RulesImportRspamd(const ImportOptions& options) {
  Diagnostics diagnostics;
  Result<import::Imported> imported = import::ImportRspamd(options.from, &diagnostics);
  return Finish(options, std::move(imported), std::move(diagnostics));
}

}  // namespace gatepost::cli
