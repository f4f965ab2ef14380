// One view against the rules that look at its zone and form.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/scan/confirm.h"
#include "src/scan/program.h"

namespace gatepost::scan {

// Appends what the view's rules find to *results.out (matches and places unordered, `failed` with
// repetitions). `number` is the view's index. Adds to *times what it took, unless null.
void ScanView(const Program& program, const Plan& plan, const text::TextView& view, uint32_t number,
              const Results& results, Times* times);

}  // namespace gatepost::scan
