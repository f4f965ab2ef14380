// The daemon's end of a zygote: starts it, compares builds, hands it the options, waits until it
// has loaded. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "src/base/files.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

// Ends the process when destroyed.
class ZygoteProcess {
 public:
  struct Versions {
    std::string rules;
    std::string antivirus;
    int64_t antivirus_built_at = 0;
    uint32_t signatures = 0;
  };

  // `program` is run with the zygote's arguments: /proc/self/exe but in tests. Warnings and errors
  // of the load are appended to *diagnostics.
  static Result<std::unique_ptr<ZygoteProcess>> Start(const std::string& program,
                                                      const InspectorOptions& options,
                                                      Diagnostics* diagnostics);
  ~ZygoteProcess();
  ZygoteProcess(const ZygoteProcess&) = delete;
  ZygoteProcess& operator=(const ZygoteProcess&) = delete;

  int control() const { return control_.get(); }
  pid_t pid() const { return pid_; }
  const Versions& versions() const { return versions_; }

 private:
  ZygoteProcess(pid_t pid, Fd control) : pid_(pid), control_(std::move(control)) {}
  Status Load(const InspectorOptions& options, Diagnostics* diagnostics);

  pid_t pid_;
  Fd control_;
  Versions versions_;
  bool loaded_ = false;
};

}  // namespace gatepost::inspect
