// What the fonts of a PDF say of their letters: nothing, or others than they show (qpdf).
// LIMITS: 1 MiB of the table of one font, 65,536 codes in it, told four times at most (more than
// that tells nothing); nodes and names of PdfScales. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/pdf_qpdf.h"
#include "src/decode/pdf_scales.h"

namespace gatepost::decode {

// A ToUnicode table (ISO 32000-1, 9.10.3).
struct PdfLetterTable {
  std::vector<uint32_t> letters;  // by code, the first of them; 0 where it tells none
  size_t told = 0;                // entries
  bool cut = false;               // there is more than is read: nothing of it counts
  // 0: none, or a code that is not in it.
  uint32_t Of(uint16_t code) const { return code < letters.size() ? letters[code] : 0; }
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
  // One of them tells other Latin letters, or none at all, for those of its glyphs; signs for
  // letters are what fonts of pictures do.
  bool deceives() const { return deceives_; }

 private:
  struct Font {
    QPDFObjectHandle object;
    bool composite = false;
    bool by_bytes = false;  // a composite font whose codes are of one
    bool tells_all = false;
    bool lies = false;
    bool deceives = false;                        // with letters of the same script, or blanks
    std::shared_ptr<const PdfLetterTable> table;  // null: none
    std::bitset<256> meaningless;                 // codes whose glyphs have only numbers for names
  };
  // What one page draws: codes by font.
  struct Untold {
    std::map<const Font*, std::array<std::set<uint16_t>, 3>> codes;  // none, blank, private
    bool Enough() const;
  };
  using Names = std::set<std::string>;
  // Where a stream is drawn: by which resources, whose they are (a form, or the page: none), and
  // with which font, where it sets none by itself.
  struct Place {
    QPDFObjectHandle by;
    QPDFObjGen owner;
    const Font* inherited = nullptr;
  };
  struct Reading {
    Untold untold;
    bool saves_font = false;
    std::set<std::tuple<QPDFObjGen, QPDFObjGen, const Font*>> seen;
    std::vector<std::pair<QPDFObjectHandle, Place>> open;  // forms
  };
  // False: too much was looked at. `carried`: fonts that may be set when it begins, and when it
  // ends.
  bool CountStream(QPDFObjectHandle stream, const Place& place, Names* carried, Reading* out);
  void Open(QPDFObjectHandle form, const Place& from, const Font* font, Reading* out);
  const Font* FontOf(QPDFObjectHandle object);
  std::shared_ptr<const PdfLetterTable> TableOf(QPDFObjectHandle stream);
  static void ReadComposite(QPDFObjectHandle object, Font* font);
  static void ReadSimple(QPDFObjectHandle object, Font* font);
  static void Count(const Font& font, const PdfFontUse& use, Untold* out);

  PdfScales* scales_;
  bool deceives_ = false;
  std::map<QPDFObjGen, Font> fonts_;
  std::map<QPDFObjGen, std::shared_ptr<const PdfLetterTable>> tables_;
};

}  // namespace gatepost::decode
