// The elements of OOXML and VML that mean something to a reader of text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace gatepost::decode {

// Elements that mean something here, by local name whatever the namespace.
enum class Tag : uint8_t {
  kOther,
  kText,      // its characters are text
  kTextLine,  // the same, and a line ends with it
  kValue,     // a chart's value
  kParagraph,
  kTabStops,  // w:tabs: the w:tab inside are settings
  kTab,
  kBreak,
  kHyphen,
  kDeleted,   // w:del, w:moveFrom; mc:Fallback, which a reader that knows the choice leaves out
  kOverride,  // w:bdo: its letters in the order it says
  kFormer,    // w:rPrChange, w:pPrChange: how it looked before
  kRow,
  kCell,
  kBox,
  kHtmlBox,  // v:textbox: what stands in it is HTML, or w:txbxContent
  kHtml,     // div in one
  kChart,
  kField,
  kFieldChar,
  kProperty,
  kRun,
  kSettings,    // of a paragraph: fonts in it are those of its mark
  kAttributes,  // what counts are its attributes
};

Tag TagOf(std::string_view name);

}  // namespace gatepost::decode
