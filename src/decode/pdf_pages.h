// The pages of a PDF as its tree has them, whatever it says of their number (qpdf).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/decode/pdf_cover.h"

class QPDF;

namespace gatepost::decode {

struct PdfPages {
  size_t count = 0;  // at most kMostPdfPages
  // For each page in order: it shows a picture large enough for a scan, or curves enough for text;
  std::vector<bool> pictures;
  // what is there to see beside letters: bytes of content as stored, most where there are objects;
  std::vector<uint64_t> drawn;
  // it draws more than a page of a document does, and what lays out its text would take gigabytes.
  std::vector<bool> heavy;
  // Words of it are drawn in fonts that do not say which letters they are.
  std::vector<bool> untold;
  // What lies on it beside its letters.
  std::vector<PdfPageCover> cover;
  // Some page places text outside of what it shows, or draws with patterns or glyphs that hold
  // text.
  bool beyond = false;
  // The tree has no page, or not `claimed` ones (counted to kMostPdfPages); then
  bool lies = false;
  // the same document with one flat list of pages; "" where that cannot be written.
  std::string rebuilt;
  // Fonts say that their letters are others than they show: the document without what they say; ""
  // where none does.
  std::string as_shown;
  bool deceives = false;  // as PdfFonts says
};

constexpr size_t kMostPdfPages = 2000;

// `content_limit`: what all content streams together may inflate to; pages behind are heavy.
// `file_limit`: the size of `rebuilt` and `as_shown`. Changes `pdf` where it writes one. Throws
// what qpdf throws.
PdfPages ReadPdfPages(QPDF* pdf, size_t claimed, uint64_t content_limit, uint64_t file_limit);

// For a document whose pages go `beyond`: the same with all that is drawn on its pages, and
// patterns and glyphs with text as pages behind them. "" where that cannot be written. *cut: some
// of them were left out. Changes `pdf`.
std::string DrawAll(QPDF* pdf, uint64_t content_limit, uint64_t file_limit, bool* cut);

// The document as it is now, without encryption.
std::string WritePdf(QPDF* pdf, uint64_t limit);

}  // namespace gatepost::decode
