// What the readers of sa:uri and sa:header share: names of hosts, and ASCII as Perl takes bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/hex.h"

namespace gatepost::text {

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c);
}
inline bool IsWordByte(char c) { return IsAlnum(c) || c == '_'; }
inline bool IsBlankByte(char c) { return c == ' ' || (c >= 9 && c <= 13); }
inline bool HasPrefix(std::string_view s, std::string_view with) {
  return s.substr(0, with.size()) == with;
}

// At least two labels of letters, digits and '-', as DNS has them.
bool IsHostName(std::string_view host);
bool EndsInTopLevel(std::string_view host);
bool IsTopLevelDomain(std::string_view lower);
// %21 to %7e become what they stand for, what must not stand in a URI becomes %xx. `any`: there was
// one to become something.
std::string UnescapeUri(const std::string& uri, bool* any);

}  // namespace gatepost::text
