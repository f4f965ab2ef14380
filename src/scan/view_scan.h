// One view against the rules that look at its zone and form.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/scan/program.h"

namespace gatepost::scan {

// Appends what the view's rules find to *out (matches and places unordered, `failed` with
// repetitions). `number` is the view's index; evidence_count, per rule, goes up to `evidence`.
void ScanView(const Program& program, const Plan& plan, const text::TextView& view, uint32_t number,
              uint32_t evidence, std::vector<uint32_t>* evidence_count, Matches* out);

}  // namespace gatepost::scan
