// Whether a reader sees the words of a Word run: what its properties, its styles and the document's
// defaults say of w:vanish, its colour, what is behind it, and its size (ECMA-376 part 1, 17.3.2).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/decode/xml.h"

namespace gatepost::decode {

struct Looks {
  int8_t vanishes = -1;  // 1: yes, 0: no, -1: not said; so the next two
  int8_t tiny = -1;
  int8_t narrow = -1;     // letters drawn a tenth as wide, or less
  int8_t filled = -1;     // 0: the letters have no fill, which is all there is of them unless
  bool outlined = false;  // their outline is drawn
  bool in_line = false;   // the next fill is that of the outline
  std::string ink;        // "RRGGBB" or "auto"; "" not said; so `ground`
  std::string ground;

  // What one property says; others are left alone. A former state (w:rPrChange) is none.
  void Take(std::string_view name, const XmlAttributes& attributes);
  // What is not said here, `under` says.
  void Inherit(const Looks& under);
  // Hidden, without fill and outline, in the colour of what is behind it, or of no size to speak
  // of.
  bool unseen() const;
};

}  // namespace gatepost::decode
