// The program `gatepost`: reads the command line, calls one command.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <clocale>

#include "src/cli/arguments.h"
#include "src/inspect/inspector.h"

int main(int argc, char** argv) {
  gatepost::inspect::RunZygoteIfAsked(argc, argv);
  // For wcwidth only; numbers and messages are never formatted by locale.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  return gatepost::cli::Program().Run(argc, argv);
}
