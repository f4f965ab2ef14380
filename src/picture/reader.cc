// The order of things: codes first, then red ink, then the page: what matters most is cheapest, and
// what was read when the time is up is the answer.
// LIMITS: codes on 8 pages of a PDF and on 16 frames of a GIF; text on three of these: the first,
// the last, the one with most data. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/reader.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/picture/codes.h"
#include "src/picture/header.h"
#include "src/picture/page.h"

namespace gatepost::picture {

namespace {

// Tesseract is at its best where a small letter is 20 to 30 pixels high: paper at 200 dpi.
constexpr uint32_t kLongest = 2'200;
constexpr uint32_t kShortest = 1'600;
constexpr double kDpi = 200;
constexpr double kCodeDpi = 150;
constexpr uint32_t kCodePages = 8;
constexpr int kSure = 80;  // tesseract's mean confidence on a good scan is 90
// A page number or a scanner's stamp is not a text layer; as in decode.
constexpr size_t kMostPieces = 2'500;
constexpr size_t kLettersOfAPage = 16;

class Session {
 public:
  Session(Ocr* vietnamese, Ocr* english, Ocr* upright, const Request& request)
      : vietnamese_(vietnamese),
        english_(english),
        upright_(upright),
        request_(request),
        deadline_(SteadyMs() + static_cast<int64_t>(request.budget_ms)) {}

  Reading Run(Bytes bytes) {
    if (request_.kind == Kind::kPdf) {
      ReadPdf(bytes);
    } else {
      ReadImage(bytes);
    }
    out_.code_part = out_.code_part && out_.codes.empty();
    if (out_.outcome == Outcome::kRead && (out_of_time_ || out_of_pages_)) {
      out_.outcome = Outcome::kPartly;
    }
    return std::move(out_);
  }

 private:
  bool TimeIsUp() {
    out_of_time_ = out_of_time_ || SteadyMs() >= deadline_;
    return out_of_time_;
  }

  void Add(const std::string& text) {
    if (text.empty()) {
      return;
    }
    if (out_.text.size() + text.size() + 1 > kMostText) {
      out_of_pages_ = true;
      return;
    }
    out_.text += text;
    if (out_.text.back() != '\n') {
      out_.text.push_back('\n');
    }
  }

  // Small print is made larger, a poster smaller.
  static Raster Sized(const Raster& grey) {
    const uint32_t longest = std::max(grey.width, grey.height);
    if (longest > kLongest) {
      return Scaled(grey, kLongest);
    }
    if (longest < kShortest) {
      // Not more than three times: there is nothing between the pixels.
      return Scaled(grey, std::min(kShortest, 3 * longest));
    }
    return grey;
  }

  void LookForCodes(const Raster& grey) {
    const size_t before = out_.codes.size();
    ReadCodes(grey, &out_.codes);
    out_.code_part = out_.code_part || (out_.codes.size() == before && HoldsPartOfCode(grey));
  }

  void ReadText(const Raster& raster) {
    if (TimeIsUp()) {
      return;
    }
    ++out_.pages;
    Raster ink = RedInk(raster);
    Raster sized = Sized(ink.empty() ? Grey(raster) : WithoutRed(raster));
    if (!ink.empty()) {
      ink = Sized(ink);
      ReadInk(ink);
    }
    ReadFramed(sized);
    double degrees = 0;
    Raster grey = Level(sized, &degrees);
    OcrText text = vietnamese_->Read(grey, Layout::kPage, deadline_);
    if (text.confidence < kSure && Printed(text.utf8)) {
      // Perhaps it lies on its side or on its head; what looked like words then was none.
      const int quarters = upright_->QuartersToUpright(grey, deadline_);
      if (quarters != 0) {
        if (!ink.empty()) {
          ReadInk(Turned(ink, quarters));
        }
        ReadFramed(Turned(sized, quarters));
        grey = Turned(grey, quarters);
        text = vietnamese_->Read(grey, Layout::kPage, deadline_);
      }
    }
    Add(text.utf8);
    if (text.confidence < kSure && Printed(text.utf8)) {
      Add(english_->Read(grey, Layout::kPage, deadline_).utf8);
    }
    TimeIsUp();
  }

  // A stamp stands at an angle of its own and across text: its ink is read apart.
  void ReadInk(const Raster& ink) {
    ReadFramed(ink);
    for (const Raster& one : Clumps(ink)) {
      if (TimeIsUp()) {
        return;
      }
      Add(vietnamese_->Read(one, Layout::kBlock, deadline_).utf8);
    }
    // A page in red has fewer. The time that tesseract takes to look for text in specks grows with
    // their square, and it does not look at the clock meanwhile.
    if (Pieces(ink) > kMostPieces) {
      return;
    }
    double degrees = 0;
    Add(vietnamese_->Read(Level(ink, &degrees), Layout::kSparse, deadline_).utf8);
  }

  void ReadFramed(const Raster& page) {
    for (const Raster& one : Framed(page)) {
      if (TimeIsUp()) {
        return;
      }
      Add(vietnamese_->Read(one, Layout::kBlock, deadline_).utf8);
    }
  }

  // A photo of a landscape is not turned round and round.
  static bool Printed(const std::string& text) {
    constexpr std::ptrdiff_t kFewWords = 12;
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return static_cast<unsigned char>(c) > ' '; }) >= kFewWords;
  }

  void ReadImage(Bytes bytes) {
    const Header header = ReadHeader(bytes);
    if (header.format == Format::kUnknown || header.pixels() == 0) {
      out_.outcome = Outcome::kDamaged;
      return;
    }
    if (header.least_pixels() > request_.pixels) {
      out_.outcome = Outcome::kTooMany;
      return;
    }
    if (header.format == Format::kGif) {
      ReadGif(bytes);
      return;
    }
    for (uint32_t i = 0; i < header.pages && !TimeIsUp(); ++i) {
      if (i >= request_.pages) {
        out_of_pages_ = true;
        return;
      }
      const Raster raster = Unpack(bytes, i, request_.pixels);
      if (raster.empty()) {
        // A later page that does not open is a page that was not read.
        out_.outcome = i == 0 ? Outcome::kDamaged : Outcome::kPartly;
        return;
      }
      LookForCodes(Grey(raster));
      ReadText(raster);
    }
  }

  void ReadGif(Bytes bytes) {
    const std::vector<std::string> frames = GifFrames(bytes);
    // Text may stand in the first frame, in the one that stays, or in the one that holds most.
    const auto largest =
        static_cast<size_t>(std::max_element(frames.begin(), frames.end(),
                                             [](const std::string& a, const std::string& b) {
                                               return a.size() < b.size();
                                             }) -
                            frames.begin());
    for (size_t i = 0; i < frames.size() && !TimeIsUp(); ++i) {
      const Raster raster = Unpack(frames[i], 0, request_.pixels);
      if (raster.empty()) {
        out_.outcome = i == 0 ? Outcome::kDamaged : Outcome::kPartly;
        return;
      }
      LookForCodes(Grey(raster));
      if (i == 0 || i == largest || i + 1 == frames.size()) {
        ReadText(raster);
      }
    }
  }

  bool IsDrawn(uint32_t page) const {
    const std::vector<uint32_t>& drawn = request_.drawn_pages;
    return drawn.size() >= kMostDrawnPages ||
           std::find(drawn.begin(), drawn.end(), page) != drawn.end();
  }

  void ReadPdf(Bytes bytes) {
    const std::unique_ptr<Pdf> pdf = Pdf::Open(bytes);
    if (pdf == nullptr) {
      out_.outcome = Outcome::kDamaged;
      return;
    }
    constexpr uint32_t kMostPages = 2'000;
    const uint32_t pages = std::min(pdf->pages(), kMostPages);
    uint32_t with_text = 0;
    for (uint32_t i = 0; i < pages && !TimeIsUp(); ++i) {
      const bool has_text = !IsDrawn(i) && pdf->Letters(i, kLettersOfAPage) >= kLettersOfAPage;
      if (has_text ? ++with_text > kCodePages : out_.pages >= request_.pages) {
        // A page with text that is not looked at for codes has been read all the same.
        out_of_pages_ = out_of_pages_ || !has_text;
        continue;
      }
      const Raster raster = pdf->Draw(i, has_text ? kCodeDpi : kDpi, request_.pixels);
      if (raster.empty()) {
        out_.outcome = Outcome::kPartly;
        continue;
      }
      LookForCodes(Grey(raster));
      if (!has_text) {
        ReadText(raster);
      }
    }
  }

  Ocr* vietnamese_;
  Ocr* english_;
  Ocr* upright_;
  const Request& request_;
  const int64_t deadline_;
  bool out_of_time_ = false;
  bool out_of_pages_ = false;
  Reading out_;
};

}  // namespace

Result<std::unique_ptr<Reader>> Reader::Load(const Settings& settings) {
  std::unique_ptr<Reader> reader(new Reader());
  GATEPOST_ASSIGN_OR_RETURN(reader->vietnamese_, Ocr::Load(settings.data, "vie"));
  GATEPOST_ASSIGN_OR_RETURN(reader->english_, Ocr::Load(settings.data, "eng"));
  GATEPOST_ASSIGN_OR_RETURN(reader->upright_, Ocr::Load(settings.data, "osd"));
  return reader;
}

Reading Reader::Read(const Request& request, Bytes bytes) {
  return Session(vietnamese_.get(), english_.get(), upright_.get(), request).Run(bytes);
}

void Reader::WarmUp() {
  constexpr uint32_t kBudgetMs = 20'000;
  Request request;
  request.kind = Kind::kPdf;
  request.pixels = 4'000'000;
  request.pages = 1;
  request.budget_ms = kBudgetMs;
  Read(request, PdfOfOurs());
  // Both engines, on a page of nothing.
  Raster paper;
  paper.width = 64;
  paper.height = 64;
  paper.pixels.assign(64ULL * 64, 255);
  for (Ocr* ocr : {vietnamese_.get(), english_.get()}) {
    ocr->Read(paper, Layout::kSparse, SteadyMs() + kBudgetMs);
  }
}

}  // namespace gatepost::picture
