// The door to tesseract: grey pixels to text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/picture/raster.h"

namespace gatepost::picture {

enum class Layout { kPage, kSparse, kBlock };

struct OcrText {
  std::string utf8;
  int confidence = 0;  // 0 to 100, mean over words
};

// Holds loaded language data; made before forking, used after it. One picture at a time.
class Ocr {
 public:
  // `data`: folder of *.traineddata, "" for the compiled-in one. Languages as tesseract names them.
  static Result<std::unique_ptr<Ocr>> Load(const std::string& data, const std::string& languages);
  ~Ocr();
  Ocr(const Ocr&) = delete;
  Ocr& operator=(const Ocr&) = delete;

  // How often a page has to be turned by a quarter, clockwise, to stand upright; 0 where that is
  // not clear. REQUIRES: loaded with the language "osd", which reads no text.
  int QuartersToUpright(const Raster& grey, int64_t deadline_ms);

  // Until deadline_ms (SteadyMs): what was read by then.
  OcrText Read(const Raster& grey, Layout layout, int64_t deadline_ms);

 private:
  struct Engine;
  explicit Ocr(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace gatepost::picture
