// A Perl expression as it stands in a configuration file to one that our engines read.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatepost::import {

struct PerlRegex {
  std::string text;  // ASCII; options s and m in front as (?s), x undone, signs of macros escaped
  bool caseless = false;
};

// "/.../flags", "m{...}flags" and the other delimiters, or a bare expression (as `test` reads it).
// Bytes beyond ASCII become \xHH.
Result<PerlRegex> ReadPerlRegex(std::string_view written);

// Where the expression of "/.../i # rest" ends: behind its flags; npos when it does not.
size_t EndOfPerlRegex(std::string_view written);

}  // namespace gatepost::import
