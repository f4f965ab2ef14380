// What the fonts of a PDF say of their letters: nothing, or others than they show (qpdf).
// LIMITS: 1 MiB of the table of one font, 65,536 codes in it; nodes and names of PdfScales.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "src/base/bytes.h"
#include "src/decode/pdf_qpdf.h"
#include "src/decode/pdf_scales.h"

namespace gatepost::decode {

// A ToUnicode table (ISO 32000-1, 9.10.3): code to the first of its letters, 0 where it has none.
struct PdfLetterTable {
  std::map<uint16_t, uint32_t> letters;
  bool leans = false;  // on another table (usecmap), which is not looked at
};
// Total.
PdfLetterTable ReadLetterTable(Bytes cmap);

class PdfFonts {
 public:
  // `scales` bounds the work and outlives this.
  explicit PdfFonts(PdfScales* scales) : scales_(scales) {}

  // Words of the page are drawn in fonts that do not say which letters they are, so that whoever
  // copies them gets others or none. In doubt, true. REQUIRES: scales->IsHeavy(page) was asked.
  bool HasUntold(QPDFObjectHandle page, QPDFObjectHandle resources);

  // Takes the table from each font of the pages asked for whose table contradicts the names of the
  // glyphs that it shows. False: there was none.
  bool DropLies();

 private:
  struct Font {
    QPDFObjectHandle object;
    bool composite = false;
    bool tells_all = false;
    bool lies = false;
    std::map<uint16_t, uint32_t> letters;  // of its table
    std::set<uint16_t> meaningless;        // codes whose glyphs have only numbers for names
  };
  // What one page draws: codes by font.
  struct Untold {
    std::map<const Font*, std::array<std::set<uint16_t>, 3>> codes;  // none, blank, private
    bool Enough() const;
  };
  const Font* FontOf(QPDFObjectHandle object);
  static void ReadComposite(QPDFObjectHandle object, Font* font);
  static void ReadSimple(QPDFObjectHandle object, Font* font);
  static void Count(const Font& font, const PdfFontUse& use, Untold* out);

  PdfScales* scales_;
  std::map<QPDFObjGen, Font> fonts_;
};

}  // namespace gatepost::decode
