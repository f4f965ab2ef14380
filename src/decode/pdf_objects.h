// What a PDF holds beside its pages: annotations, forms, scripts, actions, files, signatures
// (qpdf). SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>

#include "src/base/bytes.h"
#include "src/decode/collector.h"
#include "src/decode/pdf_pages.h"

namespace gatepost::decode {

struct PdfObjects {
  bool read = false;     // false: qpdf could not open it, nothing below is filled
  bool stamped = false;  // some annotation is drawn over the words of its page
  PdfPages pages;
  // Layers that are switched off: the same document without layers, so that all of them show. ""
  // where no layer is off.
  std::string without_layers;
  std::string all_drawn;  // as DrawAll, where pages go beyond what they show
};

// Text, links, scripts, embedded files and facts go to `out`. `pdf` begins with its header;
// `claimed`: how many pages poppler finds in it. A password that opens the file for reading must be
// the empty one. Total.
PdfObjects ReadPdfObjects(size_t leaf, Bytes pdf, size_t claimed, Collector* out);

// The document without its lock, where a word that the message offers opens it; "" where none does.
// REQUIRES: out->passwords() is not null. Total.
std::string UnlockPdf(Bytes pdf, Collector* out);

}  // namespace gatepost::decode
