// Which Vietnamese level word a marking bears, in any spelling that the packs know.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::scan {

// The strongest level word in a matched text: "tuyệt mật" over "tối mật" over "mật", with or
// without accents, letter-spaced, typed in Telex, VNI or VIQR, or in a legacy encoding read as
// cp1252. kOther when none is recognised (a foreign marking).
//
// Told by what all of these spellings share: the ASCII letters stay, the accented one becomes one
// to six other characters. So TUY?T M?T, T?I M?T and M?T, where ? is not an ASCII letter or is the
// unaccented vowel.
ruleset::Level LevelInText(Bytes utf8);

// By severity: none, other, mat, toi-mat, tuyet-mat.
ruleset::Level Stronger(ruleset::Level a, ruleset::Level b);

}  // namespace gatepost::scan
