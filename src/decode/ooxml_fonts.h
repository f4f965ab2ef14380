// Which font a run of OOXML is in when it does not say so itself: its style, the style's ancestors,
// the document's defaults, the theme (ECMA-376 part 1, 17.7 and 20.1.6).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/ooxml_looks.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

class OoxmlFonts {
 public:
  // Parts with the roots styles (Word), theme, styleSheet (Excel). Themes first.
  void ReadStyles(Bytes xml);
  void ReadTheme(Bytes xml);
  void ReadCellStyles(Bytes xml);
  void ReadBinaryCellStyles(Bytes part);  // of xlsb (sheet_binary.cc)

  // All give "" where nothing is known.
  std::string_view OfStyle(std::string_view id) const;
  // w:caps or w:smallCaps; of the default paragraph style where `id` is "".
  bool DrawsCapitals(std::string_view id) const;
  // What the styles of a run and its paragraph ("" none) and the defaults say.
  Looks OfStyles(std::string_view run_style, std::string_view paragraph_style) const;
  // Of paragraphs that name no style.
  std::string_view Default() const;
  // "minorHAnsi", "majorBidi", "+mn-lt"...; another word is a font's own name.
  std::string_view OfThemeWord(std::string_view word) const;
  // Of cells with that format number of an Excel sheet; 0 where none is given.
  std::string_view OfCell(size_t format) const;
  std::string_view OfCellFont(size_t number) const;

 private:
  friend class StyleSink;
  friend class CellStyleSink;
  struct Style {
    std::string font;
    std::string based_on;
    int8_t capitals = -1;  // drawn so: 1, not: 0, not said: -1
    Looks looks;
  };
  Looks LooksOf(std::string_view id) const;
  void AddCellFont(std::string name);
  void AddCellFormat(size_t font);
  std::map<std::string, Style, std::less<>> styles_;
  std::string default_style_;
  std::string default_font_;
  Looks default_looks_;
  std::string major_;
  std::string minor_;
  std::vector<std::string> cell_fonts_;
  std::vector<size_t> cell_formats_;  // indexes into cell_fonts_
};

// ST_OnOff: an element without a value is on.
inline bool IsOn(std::string_view value) {
  return value != "0" && value != "false" && value != "off" && value != "none";
}

// The font that Latin letters of a w:rFonts are in; letters beyond ASCII are hAnsi (17.3.2.26).
std::string RunFont(const XmlAttributes& attributes, const OoxmlFonts& fonts);

}  // namespace gatepost::decode
