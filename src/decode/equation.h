// Formulas of the old equation editor, as objects in documents. Its reader has holes
// (CVE-2017-11882, CVE-2018-0798, CVE-2018-0802), so that only one of which every byte is
// understood is an honest one. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"

namespace gatepost::decode {

// The stream "Equation Native": MTEF 3 with names of fonts, matrices and templates of sizes that
// the editor itself writes.
bool IsSoundFormula(Bytes native);
// What such a stream holds is understood up to a name or a matrix that the editor has no room for:
// it overruns. Unlike a formula that is not sound, which may be newer or odd, no honest one does.
bool IsOverrun(Bytes native);
// An object of OLE 1.0, as RTF has it, with nothing but a formula in its compound file.
bool IsSoundFormulaObject(Bytes object);

}  // namespace gatepost::decode
