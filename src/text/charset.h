// Bytes and a label to UTF-8: the ladder of BOM, content and label.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/text/view.h"

namespace gatepost::text {

struct Decoded {
  std::string utf8;              // well-formed
  std::vector<MapPiece> pieces;  // utf8 -> bytes; empty: same offsets
  std::string charset;           // what it was read as, lower case: "utf-8", "windows-1252"...
  bool label_lied = false;       // the label names something else
  bool was_told_utf8 = false;    // and read as windows-1252, for most beyond ASCII is ill-formed
  bool repaired = false;         // ill-formed sequences became U+FFFD
  uint32_t overlong = 0;  // characters in more bytes than they need, as old readers take them
};

// Total. Steps, the first that fits wins: BOM (UTF-8, 16, 32); NUL bytes where UTF-16 or UTF-32 has
// them; 7-bit shifts (ISO-2022 by its escapes, HZ and UTF-7 by label); ASCII; valid UTF-8 (against
// a multi-byte label only with three sequences or where the label's own reading fails); the label;
// UTF-16 and UTF-32 by label; windows-1252, which keeps every byte apart (81 8D 8F 90 9D are
// U+0081...), so that Vietnamese font encodings can still be found.
Decoded Decode(Bytes bytes, std::string_view charset_label);

// As a reader does who believes the label: what is ill-formed is U+FFFD.
Decoded DecodeAsUtf8(Bytes bytes);

// What an HTML document says of itself in a <meta> near its head; "" nothing.
std::string MetaCharset(Bytes html);

// U+0000..00FF, and the characters that windows-1252 has in 80..9F, to their byte; -1: none.
int ByteOf(char32_t c);
// windows-1252 (WHATWG): every byte is a character.
char32_t Windows1252(unsigned char byte);
// Of another single-byte charset, as ICU names it; U+FFFD: no character there.
char32_t OneByte(unsigned char byte, const char* charset);

}  // namespace gatepost::text
