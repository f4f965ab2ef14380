// Files as old Macintosh mail carries them: BinHex 4.0 (RFC 1741), AppleSingle and AppleDouble
// (RFC 1740). SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/bytes.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

struct BinHexFile {
  std::string name;      // raw bytes
  std::string data;      // what other systems have as the file
  std::string resource;  // the Macintosh's second fork
  bool damaged = false;  // cut, or lengths that do not fit
};

// The line that announces BinHex; readers look for its beginning.
inline constexpr Bytes kBinHexLine = "(This file must be converted with BinHex";

// The file that begins behind that line, or at the first ':' that begins a line. False: there is
// none. *end is where it stops in the text. Total and linear.
bool DecodeBinHex(Bytes text, BinHexFile* out, size_t* end);

// AppleSingle, AppleDouble, or text that is BinHex as a whole: the forks become members. False: it
// is none of them.
bool OpenMacintosh(size_t leaf, Collector* out);

}  // namespace gatepost::decode
