// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/ocr.h"

#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "src/base/clock.h"
#include "src/base/utf8.h"

namespace gatepost::picture {

struct Ocr::Engine {
  tesseract::TessBaseAPI api;
};

Ocr::Ocr(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Ocr::~Ocr() = default;

Result<std::unique_ptr<Ocr>> Ocr::Load(const std::string& data, const std::string& languages) {
  auto engine = std::make_unique<Engine>();
  if (engine->api.Init(
          data.empty() ? nullptr : data.c_str(), languages.c_str(),
          languages == "osd" ? tesseract::OEM_TESSERACT_ONLY : tesseract::OEM_LSTM_ONLY) != 0) {
    return Status::NotFound("pictures: tesseract cannot load the languages " + languages +
                            (data.empty() ? std::string() : " from " + data) +
                            "; install tesseract-ocr-vie, tesseract-ocr-eng and tesseract-ocr-osd");
  }
  // It writes advice to stderr; the resolution is ours to choose.
  engine->api.SetVariable("debug_file", "/dev/null");
  engine->api.SetVariable("user_defined_dpi", "200");
  return std::unique_ptr<Ocr>(new Ocr(std::move(engine)));
}

int Ocr::QuartersToUpright(const Raster& grey, int64_t deadline_ms) {
  if (grey.empty() || SteadyMs() >= deadline_ms) {
    return 0;
  }
  tesseract::TessBaseAPI& api = engine_->api;
  api.SetPageSegMode(tesseract::PSM_OSD_ONLY);
  api.SetImage(grey.pixels.data(), static_cast<int>(grey.width), static_cast<int>(grey.height), 1,
               static_cast<int>(grey.width));
  constexpr float kClear = 1.5F;
  int degrees = 0;
  float sure = 0;
  const bool found = api.DetectOrientationScript(&degrees, &sure, nullptr, nullptr);
  api.Clear();
  // It tells how far the page has been turned clockwise.
  return found && sure >= kClear ? (4 - degrees / 90 % 4) % 4 : 0;
}

OcrText Ocr::Read(const Raster& grey, Layout layout, int64_t deadline_ms) {
  OcrText out;
  const int64_t left = deadline_ms - SteadyMs();
  if (grey.empty() || left <= 0) {
    return out;
  }
  tesseract::TessBaseAPI& api = engine_->api;
  api.SetPageSegMode(layout == Layout::kPage     ? tesseract::PSM_AUTO
                     : layout == Layout::kSparse ? tesseract::PSM_SPARSE_TEXT
                                                 : tesseract::PSM_SINGLE_BLOCK);
  api.SetImage(grey.pixels.data(), static_cast<int>(grey.width), static_cast<int>(grey.height), 1,
               static_cast<int>(grey.width));
  tesseract::ETEXT_DESC monitor;
  monitor.set_deadline_msecs(static_cast<int32_t>(std::min<int64_t>(left, INT_MAX)));
  if (api.Recognize(&monitor) == 0) {
    const std::unique_ptr<char[]> text(api.GetUTF8Text());
    out.utf8 = text == nullptr ? std::string() : ToValidUtf8(text.get());
    out.confidence = std::clamp(api.MeanTextConf(), 0, 100);
  }
  // Its adaptive state and the picture go: a picture must not colour how the next one is read.
  api.Clear();
  api.ClearAdaptiveClassifier();
  return out;
}

}  // namespace gatepost::picture
