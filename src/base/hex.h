// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace gatepost {

// Of a hexadecimal digit in either case; -1: it is none.
constexpr int HexValue(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

}  // namespace gatepost
