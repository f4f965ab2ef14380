// A worker: one process, one message at a time, in the sandbox.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/files.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

// What a worker inherits from its zygote.
struct Inheritance {
  const InspectorOptions* options = nullptr;
  const scan::Scanner* scanner = nullptr;
  const virus::Engine* engine = nullptr;
  std::string scratch;  // where libclamav puts its files
  uint64_t id = 0;
  int zygote = 0;  // pid
};

// REQUIRES: just forked. Never returns.
[[noreturn]] void RunWorker(const Inheritance& inheritance, Fd socket);

// A message of ours with one part for each reader, whose inspection loads every lazy table. Run by
// the zygote before it forks and by each worker before it reports ready (which also proves that its
// sandbox lets it work).
std::string WarmUpMessage();
void WarmUp(const Inheritance& inheritance);

}  // namespace gatepost::inspect
