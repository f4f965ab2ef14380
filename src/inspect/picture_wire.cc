// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/picture_wire.h"

#include <algorithm>

#include "src/inspect/wire.h"

namespace gatepost::inspect {

namespace {

constexpr auto kLastKind = static_cast<uint8_t>(picture::Kind::kPdf);
constexpr auto kLastRank = static_cast<uint8_t>(PictureRank::kCodes);
constexpr auto kLastOutcome = static_cast<uint8_t>(picture::Outcome::kDamaged);
constexpr uint32_t kMostPages = 100'000;
constexpr uint32_t kMostCorner = 1'000'000;

Status Broken(const char* what) {
  return Status::Invalid(std::string("pictures: ") + what + " on the wire is broken");
}

void PutReading(const picture::Reading& reading, Writer* out) {
  out->U8(static_cast<uint8_t>(reading.outcome));
  out->U32(std::min(reading.pages, kMostPages));
  out->U32(std::min(reading.regions, picture::kMostRegions));
  out->U8(reading.code_part ? 1 : 0);
  out->U32(std::min(reading.corner, kMostCorner));
  out->U8(reading.regions_left ? 1 : 0);
  out->U8(reading.codes_left ? 1 : 0);
  out->Text(reading.text, picture::kMostText);
  const size_t codes = std::min(reading.codes.size(), picture::kMostCodes);
  out->U32(static_cast<uint32_t>(codes));
  for (size_t i = 0; i < codes; ++i) {
    out->Text(reading.codes[i], picture::kMostCodeText);
  }
}

picture::Reading GetReading(Reader* in) {
  picture::Reading reading;
  reading.outcome = static_cast<picture::Outcome>(in->Upto(kLastOutcome));
  reading.pages = in->U32();
  if (reading.pages > kMostPages) {
    in->Fail();
  }
  reading.regions = in->U32();
  reading.code_part = in->Upto(1) == 1;
  reading.corner = in->U32();
  reading.regions_left = in->Upto(1) == 1;
  reading.codes_left = in->Upto(1) == 1;
  if (reading.regions > picture::kMostRegions || reading.corner > kMostCorner) {
    in->Fail();
  }
  reading.text = in->Text(picture::kMostText);
  const uint32_t codes = in->Count(picture::kMostCodes, 4);
  for (uint32_t i = 0; i < codes; ++i) {
    reading.codes.push_back(in->Text(picture::kMostCodeText));
  }
  return reading;
}

static_assert(picture::kMostDrawnPages == picture::kMostListedCodePages);
void PutPages(const std::vector<uint32_t>& pages, Writer* out) {
  const size_t count = std::min<size_t>(pages.size(), picture::kMostDrawnPages);
  out->U32(static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    out->U32(pages[i]);
  }
}

void PutRegions(const std::vector<picture::Region>& regions, Writer* out) {
  const size_t count = std::min<size_t>(regions.size(), picture::kMostRegions);
  out->U32(static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    out->U32(regions[i].page);
    for (const uint16_t edge : regions[i].box) {
      out->U32(edge);
    }
  }
}

std::vector<picture::Region> GetRegions(Reader* in) {
  constexpr uint32_t kWhole = 1'000;
  std::vector<picture::Region> regions(in->Count(picture::kMostRegions, 5 * 4));
  for (picture::Region& region : regions) {
    region.page = in->U32();
    for (uint16_t& edge : region.box) {
      const uint32_t value = in->U32();
      edge = static_cast<uint16_t>(std::min(value, kWhole));
      if (value > kWhole) {
        in->Fail();
      }
    }
  }
  return regions;
}

std::vector<uint32_t> GetPages(Reader* in) {
  std::vector<uint32_t> pages(in->Count(picture::kMostDrawnPages, 4));
  for (uint32_t& page : pages) {
    page = in->U32();
  }
  return pages;
}

}  // namespace

void PutWanted(const std::vector<WantedPicture>& wanted, Writer* out) {
  const size_t count = std::min<size_t>(wanted.size(), kMostPictures);
  out->U32(static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    out->Text(wanted[i].path, kMostPath);
    out->U32(wanted[i].leaf);
    out->U8(static_cast<uint8_t>(wanted[i].kind));
    out->U64(wanted[i].offset);
    out->U64(wanted[i].length);
    out->U8(static_cast<uint8_t>(wanted[i].rank));
    PutPages(wanted[i].drawn_pages, out);
    PutRegions(wanted[i].regions, out);
    PutPages(wanted[i].code_pages, out);
  }
}

std::vector<WantedPicture> GetWanted(Reader* in) {
  constexpr uint32_t kLeast = 4 + 4 + 1 + 8 + 8 + 1 + 4 + 4 + 4;
  std::vector<WantedPicture> wanted(in->Count(kMostPictures, kLeast));
  for (WantedPicture& one : wanted) {
    one.path = in->Text(kMostPath);
    one.leaf = in->U32();
    one.kind = static_cast<picture::Kind>(in->Upto(kLastKind));
    one.offset = in->U64();
    one.length = in->U64();
    one.rank = static_cast<PictureRank>(in->Upto(kLastRank));
    one.drawn_pages = GetPages(in);
    one.regions = GetRegions(in);
    one.code_pages = GetPages(in);
    if (one.offset > kMostPictureBytes || one.length > kMostPictureBytes - one.offset) {
      in->Fail();
    }
  }
  return wanted;
}

void PutAnswers(const std::vector<PictureAnswer>& answers, Writer* out) {
  const size_t count = std::min<size_t>(answers.size(), kMostPictures);
  out->U32(static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    out->U32(answers[i].leaf);
    out->U64(answers[i].length);
    out->U8(answers[i].come ? 1 : 0);
    PutReading(answers[i].reading, out);
  }
}

std::vector<PictureAnswer> GetAnswers(Reader* in) {
  constexpr uint32_t kLeast = 4 + 8 + 1 + 1 + 4 + 4 + 1 + 4 + 1 + 1 + 4 + 4;
  std::vector<PictureAnswer> answers(in->Count(kMostPictures, kLeast));
  for (PictureAnswer& one : answers) {
    one.leaf = in->U32();
    one.length = in->U64();
    one.come = in->Upto(1) == 1;
    one.reading = GetReading(in);
  }
  return answers;
}

std::string EncodeRequest(const picture::Request& request) {
  Writer out(64);
  out.U8(static_cast<uint8_t>(request.kind));
  out.U64(request.offset);
  out.U64(request.length);
  out.U64(request.pixels);
  out.U32(request.pages);
  out.U32(request.budget_ms);
  PutPages(request.drawn_pages, &out);
  PutRegions(request.regions, &out);
  out.U32(request.more);
  PutPages(request.code_pages, &out);
  return out.Take();
}

Result<picture::Request> DecodeRequest(Bytes wire) {
  Reader in(wire);
  picture::Request request;
  request.kind = static_cast<picture::Kind>(in.Upto(kLastKind));
  request.offset = in.U64();
  request.length = in.U64();
  request.pixels = in.U64();
  request.pages = in.U32();
  request.budget_ms = in.U32();
  request.drawn_pages = GetPages(&in);
  request.regions = GetRegions(&in);
  request.more = in.U32();
  request.code_pages = GetPages(&in);
  if (!in.AtEnd()) {
    return Broken("a request");
  }
  return request;
}

std::string EncodeReading(const picture::Reading& reading) {
  Writer out(reading.text.size() + 256);
  PutReading(reading, &out);
  return out.Take();
}

Result<picture::Reading> DecodeReading(Bytes wire) {
  Reader in(wire);
  picture::Reading reading = GetReading(&in);
  if (!in.AtEnd()) {
    return Broken("a reading");
  }
  return reading;
}

std::string EncodeDrawRequest(const picture::DrawRequest& request) {
  Writer out(64);
  out.U8(static_cast<uint8_t>(request.kind));
  out.U64(request.offset);
  out.U64(request.length);
  out.U64(request.pixels);
  out.U32(request.page);
  out.U32(request.longest);
  return out.Take();
}

Result<picture::DrawRequest> DecodeDrawRequest(Bytes wire) {
  Reader in(wire);
  picture::DrawRequest request;
  request.kind = static_cast<picture::Kind>(in.Upto(kLastKind));
  request.offset = in.U64();
  request.length = in.U64();
  request.pixels = in.U64();
  request.page = in.U32();
  request.longest = in.U32();
  if (!in.AtEnd() || request.longest == 0 || request.longest > picture::kMostLongest) {
    return Broken("what to draw");
  }
  return request;
}

std::string EncodeDrawing(const picture::Drawing& drawing) {
  const picture::Raster& raster = drawing.raster;
  Writer out(raster.pixels.size() + 64);
  out.U8(static_cast<uint8_t>(drawing.outcome));
  out.U32(std::min(drawing.pages, kMostPages));
  out.U32(raster.width);
  out.U32(raster.height);
  out.U8(static_cast<uint8_t>(raster.channels));
  out.Raw({reinterpret_cast<const char*>(raster.pixels.data()), raster.pixels.size()});
  return out.Take();
}

Result<picture::Drawing> DecodeDrawing(Bytes wire, uint32_t longest) {
  Reader in(wire);
  picture::Drawing drawing;
  drawing.outcome = static_cast<picture::Outcome>(in.Upto(kLastOutcome));
  drawing.pages = in.U32();
  picture::Raster& raster = drawing.raster;
  raster.width = in.U32();
  raster.height = in.U32();
  raster.channels = in.U8();
  const Bytes pixels = in.Raw(kMostDrawingBytes);
  const bool drawn = drawing.outcome == picture::Outcome::kRead;
  if (!in.AtEnd() || drawing.pages > kMostPages || drawn == pixels.empty() ||
      (raster.channels != 1 && raster.channels != 3) ||
      std::max(raster.width, raster.height) > longest ||
      pixels.size() != static_cast<uint64_t>(raster.width) * raster.height * raster.channels) {
    return Broken("a drawing");
  }
  raster.pixels.assign(pixels.begin(), pixels.end());
  return drawing;
}

std::string EncodePictureOptions(const PictureWorkerOptions& options) {
  Writer out(256);
  out.U8(options.draws ? 1 : 0);
  out.Raw(options.data);
  out.U8(options.sandbox ? 1 : 0);
  out.U32(static_cast<uint32_t>(options.parent));
  return out.Take();
}

Result<PictureWorkerOptions> DecodePictureOptions(Bytes wire) {
  constexpr size_t kMostFolder = 4'096;
  Reader in(wire);
  PictureWorkerOptions options;
  options.draws = in.Upto(1) == 1;
  options.data = std::string(in.Raw(kMostFolder));
  options.sandbox = in.Upto(1) == 1;
  options.parent = static_cast<int>(in.U32());
  if (!in.AtEnd()) {
    return Broken("the options");
  }
  return options;
}

}  // namespace gatepost::inspect
