// Code pages of names and documents to UTF-8 (ICU behind one door). Mail charsets are text/'s.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

// The default of zip names (APPNOTE 4.4.4, appendix D).
std::string Cp437ToUtf8(Bytes bytes);
// Windows code page by number: 1250 to 1258, 874, 932, 936, 949, 950, 437, 850, 10000 (Macintosh),
// 65001. Unknown numbers are read as 1252. Ill-formed input becomes U+FFFD.
std::string CodePageToUtf8(int code_page, Bytes bytes);
// UTF-16 little endian; lone surrogates become U+FFFD, an odd last byte is dropped.
std::string Utf16LeToUtf8(Bytes bytes);
// The other way; what is no UTF-8 becomes U+FFFD.
std::string Utf8ToUtf16Le(Bytes utf8);

// What each byte of an encoding of one byte a letter means; -1: nothing. False: ICU knows no such
// encoding, or a letter may take more than one byte.
bool SingleByteLetters(const char* encoding, std::array<int, 256>* letters);

}  // namespace gatepost::decode
