// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/codes.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <cmath>
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

// Corner marks (ISO/IEC 18004, 6.3.3): seen along any line through the middle, dark and light
// stretches of 1, 1, 3, 1 and 1 modules.
class CornerMarks {
 public:
  explicit CornerMarks(const Raster& grey) : grey_(grey) {}

  CodeParts Find() {
    const auto [least, most] = std::minmax_element(grey_.pixels.begin(), grey_.pixels.end());
    CodeParts out;
    if (*most - *least < kContrast) {
      return out;
    }
    threshold_ = (*most + *least) / 2;
    const uint32_t step = std::max<uint32_t>(1, grey_.height / kRows);
    for (uint32_t y = 0; y < grey_.height; y += step) {
      if (Row(y)) {
        out.two = true;
        break;
      }
    }
    for (const Mark& mark : marks_) {
      if (out.corner == 0 && IsDrawnWell(mark)) {
        out.corner = static_cast<uint32_t>(std::lround(16 * mark.unit));
      }
    }
    return out;
  }

 private:
  static constexpr int kContrast = 60;
  static constexpr uint32_t kRows = 500;
  static constexpr size_t kMostMarks = 64;
  struct Mark {
    double x, y, unit;
  };

  bool Dark(uint32_t x, uint32_t y) const {
    return grey_.pixels[static_cast<size_t>(y) * grey_.width + x] < threshold_;
  }

  // Lengths of five stretches, the middle one counting three.
  static bool IsMark(const uint32_t (&run)[5], double* unit) {
    *unit = (run[0] + run[1] + run[2] + run[3] + run[4]) / 7.0;
    if (*unit < 1.5) {
      return false;
    }
    for (int i = 0; i < 5; ++i) {
      const double wanted = i == 2 ? 3 * *unit : *unit;
      if (std::abs(run[i] - wanted) > *unit * (i == 2 ? 1.0 : 0.6)) {
        return false;
      }
    }
    return true;
  }

  // The same stretches from top to bottom through a point of the middle one.
  bool Column(uint32_t x, uint32_t y, double unit) const {
    uint32_t run[5] = {};
    // What is longer is no mark of that size; stripes would have each walk go from edge to edge.
    const auto longest = static_cast<uint32_t>(6 * unit);
    const auto walk = [&](int direction, int first) {
      bool dark = true;
      int i = first;
      for (int64_t at = direction > 0 ? y : static_cast<int64_t>(y) - 1;
           at >= 0 && at < grey_.height; at += direction) {
        if (Dark(x, static_cast<uint32_t>(at)) != dark) {
          dark = !dark;
          i += direction;
          if (i < 0 || i > 4) {
            return;
          }
        }
        if (++run[i] > longest) {
          return;
        }
      }
    };
    walk(1, 2);
    walk(-1, 2);
    double upright = 0;
    return IsMark(run, &upright) && std::abs(upright - unit) < unit * 0.4;
  }

  bool Row(uint32_t y) {
    uint32_t run[5] = {};
    uint32_t begin = 0;
    for (uint32_t x = 0; x < grey_.width; ++x) {
      const bool last = x + 1 == grey_.width;
      if (!last && Dark(x + 1, y) == Dark(x, y)) {
        continue;
      }
      std::copy(run + 1, run + 5, run);
      run[4] = x + 1 - begin;
      begin = x + 1;
      double unit = 0;
      if (!Dark(x, y) || run[0] == 0 || !IsMark(run, &unit)) {
        continue;
      }
      const uint32_t middle = x - run[4] - run[3] - run[2] / 2;
      if (Column(middle, y, unit) &&
          Add({static_cast<double>(middle), static_cast<double>(y), unit})) {
        return true;
      }
    }
    return false;
  }

  // Module by module: three dark ones squared within a light and a dark ring, and nothing dark
  // beside that on the sides that are in the picture.
  bool IsDrawnWell(const Mark& mark) const {
    // The row that was looked at need not be the middle one.
    const auto x = static_cast<uint32_t>(mark.x);
    auto top = static_cast<int64_t>(mark.y);
    auto bottom = top;
    while (top > 0 && Dark(x, static_cast<uint32_t>(top - 1))) {
      --top;
    }
    while (bottom + 1 < grey_.height && Dark(x, static_cast<uint32_t>(bottom + 1))) {
      ++bottom;
    }
    const double middle = static_cast<double>(top + bottom) / 2;
    int wrong = 0;
    for (int row = -4; row <= 4; ++row) {
      for (int column = -4; column <= 4; ++column) {
        const int ring = std::max(std::abs(row), std::abs(column));
        const double at_x = std::round(mark.x + column * mark.unit);
        const double at_y = std::round(middle + row * mark.unit);
        if (at_x < 0 || at_y < 0 || at_x >= grey_.width || at_y >= grey_.height) {
          wrong += ring <= 3 ? 2 : 0;
          continue;
        }
        const bool dark = Dark(static_cast<uint32_t>(at_x), static_cast<uint32_t>(at_y));
        wrong += dark == (ring == 2 || ring == 4) ? 1 : 0;
      }
    }
    constexpr int kMostWrong = 3;
    return wrong <= kMostWrong;
  }

  // True: there is another of its size elsewhere.
  bool Add(const Mark& mark) {
    for (const Mark& other : marks_) {
      const double away = std::max(std::abs(other.x - mark.x), std::abs(other.y - mark.y));
      if (away > 7 * mark.unit && std::abs(other.unit - mark.unit) < 0.3 * mark.unit) {
        return true;
      }
    }
    if (marks_.size() < kMostMarks) {
      marks_.push_back(mark);
    }
    return false;
  }

  const Raster& grey_;
  int threshold_ = 0;
  std::vector<Mark> marks_;
};

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

CodeParts PartsOfCode(const Raster& grey) {
  return grey.channels == 1 && !grey.empty() ? CornerMarks(grey).Find() : CodeParts();
}

}  // namespace gatepost::picture
