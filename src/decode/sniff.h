// What bytes are, beyond the coarse Type of leaf.h: which opener fits, and what no opener fits.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/bytes.h"
#include "src/decode/leaf.h"

namespace gatepost::decode {

// A type that has a magic number (no text types); kBinary: none known.
Type SniffMagic(Bytes bytes);

// Reads as text in some charset: few control characters, no NUL unless UTF-16 or UTF-32. The
// tolerance for control characters is for VISCII and VPS, which put letters there.
bool LooksLikeText(Bytes bytes, bool labelled_text);
// Most of it can be read: what an editor shows of it is text, whatever stands between.
bool IsMostlyPrintable(Bytes bytes);
// A name that an editor opens. `extension` as Extension gives it.
bool IsTextExtension(std::string_view extension);
// Names of what is opened, were it what it is called.
bool PromisesContent(std::string_view extension);
// Data of no known kind with a name and label that let no program for archives open it: databases,
// saved objects, archives that nothing here opens.
bool IsOtherData(const Leaf& leaf);
// A name that a browser opens.
bool IsPageExtension(std::string_view extension);
// The first lines are fields of a mail's header, two at least well known.
bool LooksLikeMessage(Bytes bytes);
// How an mbox (RFC 4155) begins: a line "From ", then a header.
bool IsMailbox(Bytes head);

// Lower-case, without the dot; "" none. Trailing dots and blanks are dropped, as Windows does.
std::string Extension(std::string_view name);

// A name that Windows runs on a double click.
bool IsExecutableExtension(std::string_view extension);

}  // namespace gatepost::decode
