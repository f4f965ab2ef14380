// Whether what a document refers to lies on this computer or is fetched from another one.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace gatepost::decode {

// A target as relations, fields and links write it: any scheme but file:, and shares
// (\\server\share, file://server/share). Not: relative names, drives (C:\, file:///C:/), folders.
// A drive may be a share too; nothing says so in the document.
bool IsElsewhere(std::string_view target);

// The same where backslashes may be doubled, as in the code of a field; any word of it.
bool NamesElsewhere(std::string_view code);

}  // namespace gatepost::decode
