// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/codes.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <exception>

#include "src/base/utf8.h"
#include "src/picture/reading.h"

namespace gatepost::picture {

namespace {

void Look(const Raster& grey, ZXing::Binarizer binarizer, std::vector<std::string>* codes) {
  ZXing::DecodeHints hints;
  hints.setFormats(ZXing::BarcodeFormat::MatrixCodes);
  hints.setTryHarder(true);
  hints.setTryRotate(true);
  hints.setTryDownscale(true);
  hints.setBinarizer(binarizer);
  hints.setMaxNumberOfSymbols(kMostCodes);
  const ZXing::ImageView view(grey.pixels.data(), static_cast<int>(grey.width),
                              static_cast<int>(grey.height), ZXing::ImageFormat::Lum);
  for (const ZXing::Result& result : ZXing::ReadBarcodes(view, hints)) {
    if (!result.isValid() || codes->size() >= kMostCodes) {
      continue;
    }
    std::string text = ToValidUtf8(result.text());
    if (text.size() > kMostCodeText) {
      text = ToValidUtf8(text.substr(0, kMostCodeText - 3));
    }
    if (!text.empty() && std::find(codes->begin(), codes->end(), text) == codes->end()) {
      codes->push_back(std::move(text));
    }
  }
}

}  // namespace

void ReadCodes(const Raster& grey, std::vector<std::string>* codes) {
  if (grey.width < 21 || grey.height < 21) {
    return;  // the smallest QR code has 21 modules
  }
  try {
    const size_t before = codes->size();
    Look(grey, ZXing::Binarizer::LocalAverage, codes);
    if (codes->size() == before) {
      Look(grey, ZXing::Binarizer::GlobalHistogram, codes);
    }
    if (codes->size() == before) {
      // Light on dark: telephones read it, so do we.
      Raster inverted = grey;
      for (uint8_t& pixel : inverted.pixels) {
        pixel = static_cast<uint8_t>(255 - pixel);
      }
      Look(inverted, ZXing::Binarizer::LocalAverage, codes);
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return;  // what it cannot decode is no code
  }
}

}  // namespace gatepost::picture
