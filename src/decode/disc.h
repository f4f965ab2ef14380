// Images of discs (ISO 9660, ECMA-119): which trees of files they hold beside the oldest.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"

namespace gatepost::decode {

// It is one at all.
bool HoldsIso(Bytes disc);
// UDF: a tree of its own, which libarchive does not read.
bool HoldsUdf(Bytes disc);
// Joliet: a tree with names in UTF-16, which Windows reads and Unix mostly does not.
bool HoldsJoliet(Bytes disc);
// Rock Ridge: other names, links and places for files of the oldest tree; Windows does not look.
bool HoldsRockRidge(Bytes disc);

}  // namespace gatepost::decode
