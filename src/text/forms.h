// A text to its forms. One pass a form, straight from the text, so that each way back is one step.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/view.h"

namespace gatepost::text {

struct FormText {
  std::string utf8;
  std::vector<uint32_t> soft;    // offsets in utf8
  std::vector<MapPiece> pieces;  // utf8 -> text; empty: same offsets
  bool dropped = false;          // something invisible was removed
};

// `soft_lines`: which '\n' of text (counted from 0, ascending) a wrap put there. No form adds or
// removes a '\n', so the same numbers hold for every form.
// REQUIRES: text is well-formed UTF-8.
FormText MakeForm(std::string_view text, const std::vector<uint32_t>& soft_lines, Form form);

// Same length, same offsets: what fold and leet make of a nfc text that is pure ASCII.
std::string FoldAscii(std::string_view nfc, Form form);

// Offsets of the '\n' with these numbers.
std::vector<uint32_t> OffsetsOfLines(std::string_view text,
                                     const std::vector<uint32_t>& soft_lines);

}  // namespace gatepost::text
