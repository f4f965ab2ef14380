// The daemon's end of a stem: starts it, compares builds, waits until it has loaded the signatures,
// has zygotes forked from it. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>

#include "src/base/files.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

// Thread-safe. Ends the process when destroyed.
class StemProcess {
 public:
  struct Versions {
    std::string antivirus;
    int64_t antivirus_built_at = 0;
    uint32_t signatures = 0;
  };

  // `program` is run with the stem's arguments: /proc/self/exe but in tests. Warnings and errors of
  // the load are appended to *diagnostics.
  static Result<std::shared_ptr<StemProcess>> Start(const std::string& program,
                                                    const InspectorOptions& options,
                                                    Diagnostics* diagnostics);
  ~StemProcess();
  StemProcess(const StemProcess&) = delete;
  StemProcess& operator=(const StemProcess&) = delete;

  // Would a stem started now with these options be the same? Looks at the signature folder.
  bool Fits(const InspectorOptions& options) const;
  // What its load had to say.
  const Diagnostics& diagnostics() const { return diagnostics_; }
  const Versions& versions() const { return versions_; }

  struct Forked {
    pid_t pid = 0;
    Fd pidfd;
  };
  // `control` becomes the zygote's; `sources`: a memfd with the rules.
  Result<Forked> ForkZygote(const InspectorOptions& options, int control, int sources);

 private:
  StemProcess(pid_t pid, Fd control) : pid_(pid), control_(std::move(control)) {}
  Status Load(const InspectorOptions& options);
  static std::string KeyOf(const InspectorOptions& options);

  pid_t pid_;
  std::mutex mutex_;  // guards the conversation on control_
  Fd control_;
  std::string key_;  // of what it was started with
  Versions versions_;
  Diagnostics diagnostics_;
  bool loaded_ = false;
};

}  // namespace gatepost::inspect
