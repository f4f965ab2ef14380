// What the pages of a PDF draw, by their content streams (qpdf): how many letters, and how far out.
// LIMITS: 1,000,000 nodes and notes and as many names, 100,000 names of forms in one stream, 30
// levels of forms; 500,000 letters drawn on one page (poppler takes 1.5 KB for a word of one
// letter); 1,000 fonts in one stream; 8,000 steps of one stream and 200,000 of all.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/pdf_qpdf.h"

namespace gatepost::decode {

constexpr size_t kPdfNodes = 1'000'000;
constexpr uint64_t kLettersOfAPdfPage = 500'000;
constexpr uint64_t kTooManyPdfLetters = 1ULL << 32;  // wherever that stands, it is heavy

// The codes that a font is asked for: which, not how often.
struct PdfFontUse {
  std::bitset<256> bytes;
  std::vector<uint16_t> pairs;  // of two bytes, as composite fonts take them: ascending, each once
};

// What `first` does and `then`, as one matrix (ISO 32000-1, 8.3.4).
std::array<double, 6> PdfProduct(const std::array<double, 6>& first,
                                 const std::array<double, 6>& then);

// What a content stream does on its way to the pictures and forms that it draws.
struct PdfStep {
  enum class Kind : uint8_t { kSave, kRestore, kMove, kCall, kPicture } kind = Kind::kSave;
  std::array<double, 6> matrix{};  // kMove: as cm takes it
  std::string name;                // kCall: of what is drawn, "/I1"
};

// What a content stream draws by itself, and what it calls for.
struct PdfDrawing {
  uint64_t letters = 0;  // bytes of strings
  // Where it says that text or a picture stands (Tm, cm, the first Td), and how far it goes on from
  // there at once.
  double least[2] = {0, 0};
  double most[2] = {0, 0};
  double step = 0;
  std::map<std::string, uint64_t> calls;  // forms by name, "/F1"
  // By name; "" where the stream names none ahead. `last` goes on into the next stream of a page.
  std::map<std::string, PdfFontUse> fonts;
  std::string last_font;
  bool saves_font = false;  // more is saved than restored: a later stream may restore it
  // Forms and pictures by name, and the font that is set when they are drawn.
  std::set<std::pair<std::string, std::string>> called_with;
  std::set<std::string> states;  // that are set (gs): they may have a font
  // In order, without what leads to nothing that is drawn.
  std::vector<PdfStep> steps;
  bool steps_cut = false;
  uint64_t unseen = 0;  // of `letters`, in the modes that draw none (Tr 3 and 7)
  uint64_t lines = 0;   // rectangles and straight lines
};

// Total. With more than 100,000 forms or 1,000 fonts it says so many letters that whatever draws it
// is heavy.
PdfDrawing ReadDrawing(Bytes content, size_t most_steps = 8'000);

// How many letters a page draws, forms and the looks of notes included.
class PdfScales {
 public:
  // `limit`: what all content streams together may inflate to.
  explicit PdfScales(uint64_t limit) : left_(limit) {}

  bool IsHeavy(QPDFObjectHandle page, QPDFObjectHandle resources);
  // Letters of a pattern or glyph, its forms included.
  uint64_t Letters(QPDFObjectHandle stream, QPDFObjectHandle resources) {
    return Weigh(stream, resources, 1);
  }
  // `more` names of patterns, fonts, glyphs and forms are about to be looked at, whoever does.
  // False: a million were, and what has not been seen by then is not known.
  bool Look(size_t more) {
    names_ += more;
    return names_ < kPdfNodes;
  }
  // Empty where it is no stream.
  const PdfDrawing& DrawingOf(QPDFObjectHandle stream);
  // REQUIRES: IsHeavy(page) was asked. Text may stand outside of `box`: left, bottom, right, top.
  bool GoesBeyond(QPDFObjectHandle page, const std::array<double, 4>& box);

 private:
  static void Add(uint64_t more, uint64_t* sum) {
    *sum = std::min(kTooManyPdfLetters, *sum + more);
  }
  const PdfDrawing& Read(QPDFObjectHandle stream);
  // At most kDrawingLevels deep; each form is weighed once.
  uint64_t Weigh(QPDFObjectHandle stream, QPDFObjectHandle outer, int level);

  uint64_t left_;
  size_t looked_ = 0;
  size_t names_ = 0;
  size_t steps_ = 0;
  std::map<QPDFObjGen, PdfDrawing> drawings_;
  std::map<QPDFObjGen, uint64_t> weights_;
};

}  // namespace gatepost::decode
