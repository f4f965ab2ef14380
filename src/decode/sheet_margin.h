// Headers and footers of Excel's sheets: codes in the text say where it stands and in which font
// (ECMA-376 part 1, 18.3.1.39; MS-XLS 2.4.136).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/decode/font_marks.h"

namespace gatepost::decode {

// The text of a header as it is shown, each of its thirds on a line of its own, with marks where a
// font is known. `normal` is the font (a number of `marks`) of text that names none.
std::string TextOfMargin(std::string_view codes, uint32_t normal, FontMarks* marks);

}  // namespace gatepost::decode
