// The PDF door's warm-up; see openers.h for the opener.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace gatepost::decode {

// Loads what poppler loads on first use (converters, tables).
void WarmUpPdf();

}  // namespace gatepost::decode
