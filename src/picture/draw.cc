// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/draw.h"

#include <algorithm>

#include "src/picture/header.h"
#include "src/picture/page.h"

namespace gatepost::picture {

namespace {

constexpr double kScreenDpi = 110;  // paper at a size that a screen shows whole

Raster AtMost(uint32_t longest, Raster raster) {
  if (std::max(raster.width, raster.height) > longest) {
    raster = Scaled(raster, longest);
  }
  // A mile by a hair cannot be made smaller.
  return std::max(raster.width, raster.height) > longest ? Raster() : std::move(raster);
}

void DrawPage(const DrawRequest& request, Bytes bytes, Drawing* out) {
  const std::unique_ptr<Pdf> pdf = Pdf::Open(bytes);
  if (pdf == nullptr || request.page >= pdf->pages()) {
    return;
  }
  out->pages = pdf->pages();
  out->raster = AtMost(request.longest, pdf->Draw({request.page}, kScreenDpi, request.pixels));
}

}  // namespace

Drawing Draw(const DrawRequest& request, Bytes bytes) {
  Drawing out;
  if (request.kind == Kind::kPdf) {
    DrawPage(request, bytes, &out);
  } else {
    const Header header = ReadHeader(bytes);
    if (header.least_pixels() > request.pixels) {
      out.outcome = Outcome::kTooMany;
      return out;
    }
    // Faxes have pages, and what matters may stand on any frame.
    if (header.format == Format::kGif) {
      bool more = false;
      const std::vector<std::string> frames = GifFrames(bytes, &more);
      out.pages = static_cast<uint32_t>(frames.size()) + (more ? 1 : 0);
      if (request.page < frames.size()) {
        out.raster = AtMost(request.longest, Unpack(frames[request.page], 0, request.pixels));
      }
    } else {
      out.pages = std::max<uint32_t>(header.pages, 1);
      out.raster = AtMost(request.longest, Unpack(bytes, request.page, request.pixels));
    }
  }
  if (!out.raster.empty()) {
    out.outcome = Outcome::kRead;
  }
  return out;
}

bool WarmUpDrawing() {
  DrawRequest request;
  request.kind = Kind::kPdf;
  request.pixels = 1'000'000;
  request.longest = 300;
  return Draw(request, PdfOfOurs()).outcome == Outcome::kRead;
}

}  // namespace gatepost::picture
