// A command of the administrator's, run to its end: an argument list, no shell of ours, bounded
// time.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost {

// Runs argv[0] (an absolute path) with `input` on its standard input and waits. `what` begins the
// text of an error ("heads: the command"). Ok: it exited 0. After time_ms it and its whole process
// group are killed. REQUIRES: argv is not empty.
Status RunCommand(const std::string& what, const std::vector<std::string>& argv, Bytes input,
                  int64_t time_ms);

}  // namespace gatepost
