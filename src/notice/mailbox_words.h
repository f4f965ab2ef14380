// The words and the frame of the recipients' page, in Vietnamese and in English.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/bytes.h"
#include "src/notice/options.h"

namespace gatepost::notice {

// For text and for attributes in double quotes; not UTF-8 becomes U+FFFD.
std::string Escaped(Bytes text);
// A whole page; `body` is HTML of ours. `here`: this page's path, for the other language.
std::string Page(Language language, const std::string& title, const std::string& body,
                 const std::string& here);
// A page that says one thing.
std::string Notice(Language language, const std::string& title, const std::string& text);
const char* StyleSheet();

// vi or en.
inline const char* Say(Language language, const char* vi, const char* en) {
  return language == Language::kEnglish ? en : vi;
}

}  // namespace gatepost::notice
