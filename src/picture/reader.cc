// The order of things: codes first, then red ink, then the page: what matters most is cheapest, and
// what was read when the time is up is the answer.
// LIMITS: codes on 8 pages of a PDF that have text and on 8 more that may hold one, on 64 frames of
// a GIF; text on three of these: the first, the last, the one with most data; 20 regions of a PDF.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/reader.h"

#include <algorithm>
#include <numeric>

#include "src/base/clock.h"
#include "src/picture/codes.h"
#include "src/picture/exif.h"
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
constexpr uint32_t kMostCodePages = 16;
constexpr size_t kCodeFrames = 16;
constexpr size_t kLargeFrames = 1;
constexpr uint32_t kPagesOfAGif = 3;  // that it counts as
constexpr int kLeftForRight = 2;      // Exif's number for it
constexpr uint32_t kSmallSide = 150;
constexpr int kSure = 80;  // tesseract's mean confidence on a good scan is 90
constexpr int kSureOfAWord = 60;
constexpr std::ptrdiff_t kLeastMarks = 4;
constexpr size_t kLeastPieces = 3;
constexpr size_t kMostTurnedPieces = 60;
constexpr size_t kMostPieces = 2'500;
// A page number or a scanner's stamp is not a text layer; as in decode.
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
    out_.corner = out_.codes.empty() ? out_.corner : 0;
    if (out_.outcome == Outcome::kRead && (out_of_time_ || out_of_pages_)) {
      out_.outcome = Outcome::kPartly;
    }
    return std::move(out_);
  }

 private:
  // What need not be read leaves time for what must, of this message and of others.
  void HalveTime() {
    const int64_t now = SteadyMs();
    deadline_ = now + std::max<int64_t>(deadline_ - now, 0) / 2;
  }

  // A small picture, which holds no words.
  bool OnlyCodes() const { return request_.kind == Kind::kImage && request_.pages == 0; }

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
    if (out_.codes.size() == before && std::max(grey.width, grey.height) <= kSmallSide) {
      // It may be shown larger than it is.
      constexpr uint32_t kTimes = 4;
      ReadCodes(Enlarged(grey, kTimes), &out_.codes);
    }
    if (out_.codes.size() == before && !OnlyCodes()) {
      const CodeParts parts = PartsOfCode(grey);
      out_.code_part = out_.code_part || parts.two;
      out_.corner = out_.corner == 0 ? parts.corner : out_.corner;
    }
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
    if (text.confidence < kSure || !Printed(text.utf8)) {
      ReadTurned(Grey(raster));
    }
    TimeIsUp();
  }

  // A word or two, on their side or on their head: too few to tell by their lines, so each turn is
  // tried, small. Letters of a few words are large where they are all that there is, and tesseract
  // reads them better when they are not.
  void ReadTurned(const Raster& grey) {
    constexpr uint32_t kSmall = 500;
    constexpr int kUpright = 85;
    const uint32_t longest = std::max(grey.width, grey.height);
    const Raster small = Scaled(grey, std::min(kSmall, 3 * longest));
    const size_t pieces = Pieces(small);
    if (pieces < kLeastPieces || pieces > kMostTurnedPieces) {
      return;  // nothing, or a photo
    }
    int best = kSureOfAWord - 1;
    int best_quarters = 0;
    for (const int quarters : {0, 2, 1, 3}) {
      if (TimeIsUp()) {
        return;
      }
      const OcrText text = vietnamese_->Read(Turned(small, quarters), Layout::kPage, deadline_);
      if (text.confidence < kSureOfAWord || Marks(text.utf8) < kLeastMarks) {
        continue;
      }
      Add(text.utf8);
      if (text.confidence > best) {
        best = text.confidence;
        best_quarters = quarters;
      }
      if (quarters == 0 && text.confidence >= kUpright) {
        return;
      }
    }
    if (best_quarters != 0) {
      const Raster turned = Turned(Sized(grey), best_quarters);
      ReadFramed(turned);
      Add(vietnamese_->Read(turned, Layout::kPage, deadline_).utf8);
    }
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

  static std::ptrdiff_t Marks(const std::string& text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return static_cast<unsigned char>(c) > ' '; });
  }

  // A photo of a landscape is not turned round and round.
  static bool Printed(const std::string& text) {
    constexpr std::ptrdiff_t kFewWords = 12;
    return Marks(text) >= kFewWords;
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
    const int orientation = ExifOrientation(bytes, header.format);
    for (uint32_t i = 0; i < header.pages && !TimeIsUp(); ++i) {
      if (i >= std::max<uint32_t>(request_.pages, 1)) {
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
      if (OnlyCodes()) {
        return;
      }
      ReadText(raster);
      if (IsMirrored(orientation)) {
        // Not every program turns it, and this one nobody can read both ways.
        ReadText(Oriented(raster, kLeftForRight));
        --out_.pages;
      }
    }
  }

  // Codes on the first frames, text on those that may hold most of it, then codes on the others;
  // what is not looked at is said, for films have hundreds.
  void ReadGif(Bytes bytes) {
    const std::vector<std::string> frames = GifFrames(bytes, &out_.codes_left);
    // Text may stand in the first frame, in the one that stays, or in those that hold most.
    std::vector<size_t> by_size(frames.size());
    std::iota(by_size.begin(), by_size.end(), size_t{0});
    std::stable_sort(by_size.begin(), by_size.end(),
                     [&frames](size_t a, size_t b) { return frames[a].size() > frames[b].size(); });
    by_size.resize(std::min(by_size.size(), kLargeFrames));
    const auto has_text = [&](size_t i) {
      return i == 0 || i + 1 == frames.size() ||
             std::find(by_size.begin(), by_size.end(), i) != by_size.end();
    };
    for (size_t i = 0; i < frames.size() && !TimeIsUp(); ++i) {
      if (i >= kCodeFrames && !has_text(i)) {
        continue;
      }
      const Raster raster = Unpack(frames[i], 0, request_.pixels);
      if (raster.empty()) {
        out_.outcome = i == 0 ? Outcome::kDamaged : Outcome::kPartly;
        return;
      }
      LookForCodes(Grey(raster));
      if (OnlyCodes()) {
        continue;
      }
      if (has_text(i)) {
        ReadText(raster);
      } else {
        out_.codes_left = true;  // text that comes and goes
      }
    }
    out_.pages = std::min(out_.pages, kPagesOfAGif);
    const bool out_of_time = out_of_time_;
    HalveTime();
    for (size_t i = kCodeFrames; i < frames.size(); ++i) {
      if (has_text(i)) {
        continue;
      }
      out_.codes_left = true;
      const Raster raster = TimeIsUp() ? Raster() : Unpack(frames[i], 0, request_.pixels);
      if (raster.empty()) {
        break;
      }
      LookForCodes(Grey(raster));
    }
    out_of_time_ = out_of_time;
  }

  bool IsDrawn(uint32_t page) const {
    const std::vector<uint32_t>& drawn = request_.drawn_pages;
    return drawn.size() >= kMostDrawnPages ||
           std::find(drawn.begin(), drawn.end(), page) != drawn.end();
  }

  // A page that has its text is worth being looked at for codes: the first ones, and then those
  // that may hold one.
  bool WantsCodes(uint32_t page) {
    const std::vector<uint32_t>& listed = request_.code_pages;
    const bool may = std::find(listed.begin(), listed.end(), page) != listed.end() ||
                     (listed.size() >= kMostListedCodePages && page > listed.back());
    if (looked_ < (may ? kMostCodePages : kCodePages)) {
      ++looked_;
      return true;
    }
    out_.codes_left = out_.codes_left || may;
    return false;
  }

  void ReadPdf(Bytes bytes) {
    const std::unique_ptr<Pdf> pdf = Pdf::Open(bytes);
    if (pdf == nullptr) {
      out_.outcome = Outcome::kDamaged;
      return;
    }
    constexpr uint32_t kMostPages = 2'000;
    const uint32_t pages = std::min(pdf->pages(), kMostPages);
    std::vector<bool> read(pages, false);
    for (uint32_t i = 0; i < pages && !TimeIsUp(); ++i) {
      const bool has_text = !IsDrawn(i) && pdf->Letters(i, kLettersOfAPage) >= kLettersOfAPage;
      if (has_text ? !WantsCodes(i) : out_.pages >= request_.pages) {
        // A page with text that is not looked at for codes has been read all the same.
        out_of_pages_ = out_of_pages_ || !has_text;
        continue;
      }
      const Raster raster = pdf->Draw({i}, has_text ? kCodeDpi : kDpi, request_.pixels);
      if (raster.empty()) {
        out_.outcome = Outcome::kPartly;
        continue;
      }
      LookForCodes(Grey(raster));
      if (!has_text) {
        ReadText(raster);
        read[i] = true;
      }
    }
    ReadRegions(*pdf, read);
  }

  // Last, and what is left of them leaves nothing unread that has to be read.
  void ReadRegions(const Pdf& pdf, const std::vector<bool>& read) {
    const bool out_of_time = out_of_time_;
    const bool out_of_pages = out_of_pages_;
    const uint32_t pages = out_.pages;
    HalveTime();
    for (const Region& region : request_.regions) {
      if (region.page >= read.size() || read[region.page]) {
        continue;
      }
      if (out_.regions >= request_.more || TimeIsUp()) {
        out_.regions_left = true;
        break;
      }
      const Raster raster = pdf.Draw(region, kDpi, request_.pixels);
      if (raster.empty()) {
        out_.regions_left = true;
        continue;
      }
      LookForCodes(Grey(raster));
      ReadText(raster);
      ++out_.regions;
    }
    out_.regions_left =
        out_.regions_left || (out_of_time_ && !out_of_time) || (out_of_pages_ && !out_of_pages);
    out_of_time_ = out_of_time;
    out_of_pages_ = out_of_pages;
    out_.pages = pages;
  }

  Ocr* vietnamese_;
  Ocr* english_;
  Ocr* upright_;
  const Request& request_;
  int64_t deadline_;
  bool out_of_time_ = false;
  bool out_of_pages_ = false;
  uint32_t looked_ = 0;  // pages with text, for codes
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
