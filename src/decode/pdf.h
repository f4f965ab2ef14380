// The PDF door's warm-up; see openers.h for the opener.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

namespace gatepost::decode {

// So many pages of one document are named in a row of reasons; more are not told.
constexpr size_t kListedPdfPages = 20;

// Loads what poppler loads on first use (converters, tables).
void WarmUpPdf();

}  // namespace gatepost::decode
