// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/draw.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/inspect/picture_process.h"
#include "src/picture/png.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kMostDrawn = 24;
constexpr uint32_t kMostPagesOfOne = 4;
constexpr uint32_t kLongestSide = 1'200;
constexpr size_t kMostPngBytes = 8U << 20;
constexpr int64_t kOneMs = 5'000;
constexpr int64_t kAllMs = 20'000;
constexpr int kMostFailures = 3;  // workers that one mail may cost

class Studio {
 public:
  Studio(const MessageFd& file, const picture::Settings& settings, bool sandbox)
      : file_(file), settings_(settings), sandbox_(sandbox), end_ms_(SteadyMs() + kAllMs) {}

  Status Open() {
    GATEPOST_ASSIGN_OR_RETURN(
        process_, PictureProcess::Start(settings_, sandbox_, PictureProcess::Work::kDraw, end_ms_));
    return Status::Ok();
  }

  void Add(const WantedPicture& wanted) {
    uint32_t pages = 1;
    uint32_t page = 0;
    while (page < std::min(pages, kMostPagesOfOne) && AddPage(wanted, page, &pages)) {
      ++page;
    }
    if (page < pages) {
      const std::string from = std::to_string(page + 1);
      out_.left_out.push_back(pages == 1            ? wanted.path
                              : page + 1 == pages ? wanted.path + " (" + from + ")"
                                                  : wanted.path + " (" + from + "-" +
                                                        std::to_string(pages) + ")");
    }
  }

  DrawnPictures Take() { return std::move(out_); }

 private:
  bool AddPage(const WantedPicture& wanted, uint32_t page, uint32_t* pages) {
    const int64_t now = SteadyMs();
    if (out_.pictures.size() >= kMostDrawn || now >= end_ms_ ||
        wanted.offset > file_.bytes().size() ||
        wanted.length > file_.bytes().size() - wanted.offset) {
      return false;
    }
    if (process_ == nullptr || !process_->Lives()) {
      process_.reset();
      if (failures_ >= kMostFailures || !Open().ok()) {
        return false;
      }
    }
    picture::DrawRequest request;
    request.kind = wanted.kind;
    request.offset = wanted.offset;
    request.length = wanted.length;
    request.pixels = settings_.pixels;
    request.page = page;
    request.longest = kLongestSide;
    const Result<picture::Drawing> drawing =
        process_->Draw(request, file_.fd(), std::min(now + kOneMs, end_ms_));
    if (!drawing.ok()) {
      Journal(Loudness::kWarning, "GP2108", "a picture worker failed at a picture",
              {{"worker", std::to_string(process_->pid())},
               {"reason", drawing.status().message()}});
      process_.reset();
      ++failures_;
      return false;
    }
    if (drawing->outcome != picture::Outcome::kRead) {
      return false;
    }
    DrawnPicture one;
    one.path = wanted.path;
    one.page = wanted.kind == picture::Kind::kPdf || drawing->pages > 1 ? page + 1 : 0;
    one.pages = drawing->pages;
    one.width = drawing->raster.width;
    one.height = drawing->raster.height;
    one.png = picture::EncodePng(drawing->raster);
    if (one.png.empty() || one.png.size() > kMostPngBytes - bytes_) {
      return false;
    }
    *pages = drawing->pages;
    bytes_ += one.png.size();
    out_.pictures.push_back(std::move(one));
    return true;
  }

  const MessageFd& file_;
  const picture::Settings& settings_;
  const bool sandbox_;
  const int64_t end_ms_;
  std::unique_ptr<PictureProcess> process_;
  int failures_ = 0;
  size_t bytes_ = 0;
  DrawnPictures out_;
};

}  // namespace

Result<DrawnPictures> DrawAll(const std::vector<WantedPicture>& wanted, const MessageFd& file,
                              const picture::Settings& settings, bool sandbox) {
  Studio studio(file, settings, sandbox);
  if (!wanted.empty()) {
    GATEPOST_RETURN_IF_ERROR(studio.Open());
  }
  for (const WantedPicture& one : wanted) {
    studio.Add(one);
  }
  return studio.Take();
}

}  // namespace gatepost::inspect
