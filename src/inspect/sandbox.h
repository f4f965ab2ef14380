// The sandbox of a worker: own mount, network and IPC namespaces, a scratch folder on a tmpfs of
// its own, no capabilities, rlimits, no core dump, Landlock (read-only access to the data that
// parsers need, nothing else) and a seccomp filter that kills. What the kernel lacks stops the
// start, by name; only the network and IPC namespaces may be missing (seccomp has no socket call at
// all). SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/result.h"

namespace gatepost::inspect {

struct SandboxOptions {
  // Mounted over in the worker's own mount namespace; must exist.
  std::string scratch = "/tmp";
  uint64_t scratch_bytes = 256ULL << 20;
  uint64_t memory_bytes = 4ULL << 30;  // RLIMIT_AS beyond what is mapped already
  uint32_t cpu_seconds = 3'600;        // RLIMIT_CPU
  int parent = 0;                      // pid that must be alive; the worker dies with it
};

// Locks the calling process in for good. REQUIRES: single-threaded. On success *description says
// what is in force: "landlock 7, seccomp, user+mount+net+ipc namespaces, tmpfs 256 MiB". On failure
// the process is half locked in and must exit.
Status EnterSandbox(const SandboxOptions& options, std::string* description);

// What sandboxed and unsandboxed workers share: no core dump, not traceable, dies with its parent.
Status EnterMinimum(const SandboxOptions& options);

// Removes everything in a folder; iterative, does not follow links, stays on one file system.
// False: something is left.
bool EmptyFolder(const std::string& folder);

}  // namespace gatepost::inspect
