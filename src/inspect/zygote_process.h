// The daemon's end of a zygote: has it forked from the stem, hands it options and rules, waits
// until it has loaded. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "src/base/files.h"
#include "src/base/json.h"
#include "src/inspect/inspector.h"
#include "src/inspect/stem_process.h"

namespace gatepost::inspect {

// Ends the process when destroyed.
class ZygoteProcess {
 public:
  struct Versions {
    std::string rules;
    StemProcess::Versions signatures;
  };

  // sources: a memfd with the rules. Its load goes on after Start has returned.
  static Result<std::unique_ptr<ZygoteProcess>> Start(std::shared_ptr<StemProcess> stem,
                                                      const InspectorOptions& options, int sources);
  // Blocks until it has loaded. Warnings and errors of the load are appended to *diagnostics.
  Status WaitUntilLoaded(Diagnostics* diagnostics);
  ~ZygoteProcess();
  ZygoteProcess(const ZygoteProcess&) = delete;
  ZygoteProcess& operator=(const ZygoteProcess&) = delete;

  int control() const { return control_.get(); }
  pid_t pid() const { return pid_; }
  const Versions& versions() const { return versions_; }
  const std::shared_ptr<StemProcess>& stem() const { return stem_; }
  // How long each stage of the load took: {"rules": ms, ...}.
  const Json& load_ms() const { return load_ms_; }

 private:
  ZygoteProcess(std::shared_ptr<StemProcess> stem, StemProcess::Forked forked, Fd control)
      : stem_(std::move(stem)),
        pid_(forked.pid),
        pidfd_(std::move(forked.pidfd)),
        control_(std::move(control)) {}

  std::shared_ptr<StemProcess> stem_;
  pid_t pid_;
  Fd pidfd_;
  Fd control_;
  Versions versions_;
  Json load_ms_;
  bool loaded_ = false;
};

}  // namespace gatepost::inspect
