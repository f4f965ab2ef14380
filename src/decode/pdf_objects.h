// What a PDF holds beside its pages: annotations, forms, scripts, actions, files, signatures
// (qpdf). SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

struct PdfObjects {
  bool read = false;  // false: qpdf could not open it, nothing below is filled
  // For each page in order: it shows a picture large enough for a scan, or curves enough for text.
  std::vector<bool> pictures;
  // Layers that are switched off: the same document without layers, so that all of them show. ""
  // where no layer is off.
  std::string without_layers;
};

// Text, links, scripts, embedded files and facts go to `out`. `pdf` begins with its header. A
// password that opens the file for reading must be the empty one. Total.
PdfObjects ReadPdfObjects(size_t leaf, Bytes pdf, Collector* out);

}  // namespace gatepost::decode
