// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/page.h"

#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-image.h>
#include <poppler/cpp/poppler-page-renderer.h>
#include <poppler/cpp/poppler-page.h>

#include <algorithm>
#include <cmath>

namespace gatepost::picture {

struct Pdf::Document {
  std::unique_ptr<poppler::document> poppler;
};

namespace {

void Discard(const std::string& /*message*/, void* /*data*/) {}

constexpr char kPdfOfOurs[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 60]/Contents 4 0 R"
    "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
    "4 0 obj<</Length 34>>stream\nBT /F 14 Tf 20 20 Td (warm up) Tj ET\nendstream endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

}  // namespace

Bytes PdfOfOurs() { return {kPdfOfOurs, sizeof(kPdfOfOurs) - 1}; }

Pdf::Pdf(std::unique_ptr<Document> document) : document_(std::move(document)) {}
Pdf::~Pdf() = default;

std::unique_ptr<Pdf> Pdf::Open(Bytes pdf) {
  poppler::set_debug_error_function(Discard, nullptr);
  const size_t start = pdf.substr(0, 4096).find("%PDF");
  if (start != Bytes::npos) {
    pdf.remove_prefix(start);  // offsets count from the header
  }
  if (pdf.empty() || pdf.size() > INT32_MAX) {
    return nullptr;
  }
  auto document = std::make_unique<Document>();
  document->poppler.reset(
      poppler::document::load_from_raw_data(pdf.data(), static_cast<int>(pdf.size())));
  if (document->poppler == nullptr || document->poppler->is_locked()) {
    return nullptr;
  }
  return std::unique_ptr<Pdf>(new Pdf(std::move(document)));
}

uint32_t Pdf::pages() const {
  return static_cast<uint32_t>(std::max(document_->poppler->pages(), 0));
}

size_t Pdf::Letters(uint32_t page, size_t enough) const {
  const std::unique_ptr<poppler::page> one(document_->poppler->create_page(static_cast<int>(page)));
  if (one == nullptr) {
    return 0;
  }
  size_t letters = 0;
  const poppler::ustring text = one->text();
  for (const auto unit : text) {
    letters += unit > ' ' ? 1 : 0;
    if (letters >= enough) {
      break;
    }
  }
  return letters;
}

Raster Pdf::Draw(const Region& region, double dpi, uint64_t most_pixels) const {
  const std::unique_ptr<poppler::page> one(
      document_->poppler->create_page(static_cast<int>(region.page)));
  if (one == nullptr) {
    return {};
  }
  const poppler::rectf box = one->page_rect();
  constexpr double kPoints = 72.0;
  const double pixels = box.width() * box.height() * dpi * dpi / (kPoints * kPoints);
  if (!(pixels >= 1.0)) {
    return {};
  }
  dpi *= std::min(1.0, std::sqrt(static_cast<double>(most_pixels) / pixels));
  // A page of a mile by an inch has few pixels and no use.
  constexpr double kMostSide = 20'000;
  if (std::max(box.width(), box.height()) * dpi / kPoints > kMostSide) {
    return {};
  }
  poppler::page_renderer renderer;
  renderer.set_render_hint(poppler::page_renderer::antialiasing, true);
  renderer.set_render_hint(poppler::page_renderer::text_antialiasing, true);
  renderer.set_image_format(poppler::image::format_rgb24);
  poppler::image image;
  if (region.box == Region().box) {
    image = renderer.render_page(one.get(), dpi, dpi);
  } else {
    const bool lies = one->orientation() == poppler::page::landscape ||
                      one->orientation() == poppler::page::seascape;
    const double wide = (lies ? box.height() : box.width()) * dpi / kPoints;
    const double high = (lies ? box.width() : box.height()) * dpi / kPoints;
    constexpr double kAround = 6;
    const auto edge = [&region](size_t i, double whole, double around) {
      return static_cast<int>(std::clamp(region.box.at(i) / 1000.0 * whole + around, 0.0, whole));
    };
    const int left = edge(0, wide, -kAround);
    const int top = edge(1, high, -kAround);
    image = renderer.render_page(one.get(), dpi, dpi, left, top,
                                 std::max(1, edge(2, wide, kAround) - left),
                                 std::max(1, edge(3, high, kAround) - top));
  }
  if (!image.is_valid()) {
    return {};
  }
  Raster out;
  out.width = static_cast<uint32_t>(image.width());
  out.height = static_cast<uint32_t>(image.height());
  out.channels = 3;
  out.pixels.reserve(static_cast<size_t>(out.width) * out.height * 3);
  for (int y = 0; y < image.height(); ++y) {
    const char* const row = image.const_data() + static_cast<ptrdiff_t>(y) * image.bytes_per_row();
    out.pixels.insert(out.pixels.end(), row, row + 3LL * image.width());
  }
  return out;
}

}  // namespace gatepost::picture
