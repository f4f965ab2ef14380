// The door to poppler's renderer: pages of a PDF to pixels.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "src/base/bytes.h"
#include "src/picture/raster.h"
#include "src/picture/reading.h"

namespace gatepost::picture {

class Pdf {
 public:
  // Null: damaged or locked. `pdf` must outlive it.
  static std::unique_ptr<Pdf> Open(Bytes pdf);
  ~Pdf();
  Pdf(const Pdf&) = delete;
  Pdf& operator=(const Pdf&) = delete;

  uint32_t pages() const;
  // Letters of its text layer, as far as `enough`.
  size_t Letters(uint32_t page, size_t enough) const;
  // What of the page lies in the region, and a little around it; at `dpi`, or less where the page
  // would have more than most_pixels. Empty: it cannot be drawn.
  Raster Draw(const Region& region, double dpi, uint64_t most_pixels) const;

 private:
  struct Document;
  explicit Pdf(std::unique_ptr<Document> document);
  std::unique_ptr<Document> document_;
};

// A page of PDF with a line of text and no embedded font: drawn once, fontconfig and poppler have
// loaded theirs.
Bytes PdfOfOurs();

}  // namespace gatepost::picture
