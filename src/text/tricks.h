// What writers do to words so that a machine does not see them: signs that become facts, and the
// reading of a text with the tricks undone, which is scanned beside the text itself.
// LIMITS: overrides nested deeper than kDeepestOverride are dropped, not undone; letters set apart
// are joined only where at least kFewestSpaced stand in a row.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/view.h"

namespace gatepost::text {

constexpr size_t kDeepestOverride = 8;
constexpr size_t kFewestSpaced = 3;

// Counted over one text; a sign says how, never why: newsletters know most of them.
struct TextSigns {
  uint32_t invisible = 0;     // zero-width characters between two Latin letters (U+00AD apart)
  uint32_t overrides = 0;     // U+202D, U+202E
  uint32_t tags = 0;          // U+E0020..E007F outside a flag
  uint32_t selectors = 0;     // variation selectors that follow one another: they carry bytes
  uint32_t mixed_script = 0;  // words of three letters with Latin and its look-alikes
  uint32_t mark_flood = 0;    // letters under more than five marks
  uint32_t styled = 0;        // words of three mathematical, circled, squared or raised letters
  uint32_t full_width = 0;    // words of three full-width Latin letters
  uint32_t blocks = 0;        // rows of a picture made of block characters
};
// REQUIRES: well-formed UTF-8. One pass; pure ASCII has no sign.
TextSigns SurveyText(std::string_view utf8);

// Lines that follow one another, each of two signs only that change often: a QR code drawn with
// "##" and blanks, or "X" and ".". Their number where it is that of a code, else 0.
uint32_t DrawnRows(std::string_view text);

// What tag characters spell ("" nothing); a reader sees none of it.
std::string TagText(std::string_view utf8);

// A text with its tricks undone.
struct Reading {
  std::string utf8;              // "" when there was nothing to undo
  std::vector<MapPiece> pieces;  // utf8 -> text
  bool reversed = false;         // bidi overrides
  bool spaced = false;           // "t ố i  m ậ t", "t.ố.i"; capitals: "TỐ*I M/ẬT"
  bool columns = false;          // one letter a line, a stamp over several lines
  bool entities = false;         // character references that a reader sees as such
  bool utf7 = false;             // "+HqQ-" in a text that is not declared to be UTF-7
  bool replaced = false;         // bytes within a word that some readers leave out (U+FFFD)
  bool broken = false;           // a word over two lines: soft hyphen, or a relay that cut the line
};
// Paragraphs without a trick become empty lines, so that line numbers stay; the rest has as many
// lines as before. `soft_lines` as MakeForm. Linear.
Reading UndoTricks(std::string_view utf8, const std::vector<uint32_t>& soft_lines);

}  // namespace gatepost::text
