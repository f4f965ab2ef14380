// Which font a character was in, while a reader moves its text about (rows joined, boxes moved to
// the end of their paragraph): marks of bytes that UTF-8 cannot hold travel inside the text and are
// taken out when it is done. Vietnamese text of before Unicode is told by the font of its run.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/decode/leaf.h"

namespace gatepost::decode {

// Stands behind a font's name, also behind an empty one, where the document has small letters drawn
// as capitals (w:caps, \caps, sprmCFCaps, fo:text-transform).
constexpr std::string_view kDrawnAsCapitals =
    "\x1F"
    "capitals";

// The fonts of one document and their numbers; 0 is "no font known".
class FontMarks {
 public:
  FontMarks() : names_(1) {}
  // Numbers are stable; a font beyond the limit, or with a name of more than 100 bytes, is 0.
  uint32_t NumberOf(std::string_view name);
  // The same font where small letters are drawn as capitals.
  uint32_t InCapitals(uint32_t number);
  // Text behind the mark is in that font, up to the next mark.
  static void Append(uint32_t number, std::string* text);
  // Takes the marks out of *text and returns the runs they made: ascending, not overlapping, none
  // empty, none for font 0. After the limit of runs the rest has no font.
  std::vector<FontRun> Take(std::string* text) const;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

// Nothing but marks and ASCII blanks.
bool IsBlankBesidesMarks(std::string_view text);
std::string WithoutMarks(std::string_view text);
// The lines of a text that another reading of the same document does not have, each with the mark
// that it begins under: what a reader sees where hidden words are left out.
std::string LinesBesides(std::string_view text, std::string_view other);

}  // namespace gatepost::decode
