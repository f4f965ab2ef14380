// Values of CSS that are lists: URLs, fonts, strings.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::text {

// What url() in it names.
void AddUrls(std::string_view value, std::vector<std::string>* urls);
// The names of a font-family.
void AddFonts(std::string_view value, std::vector<std::string>* fonts);
// content: the strings, "" for counters and pictures; see Declaration::text. `alternative`: what
// stands behind a '/' is read aloud in its place, and not shown.
std::string ReadContent(std::string_view value, bool alternative = false);
// A value that is computed where it is shown: what comes of it is in doubt.
bool IsComputed(std::string_view value);

}  // namespace gatepost::text
