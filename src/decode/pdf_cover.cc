// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_cover.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatepost::decode {

namespace {

constexpr size_t kMostStepsLooked = 200'000;
constexpr int kCoverLevels = 8;
constexpr int kMostNotesOfAPage = 1'000;
constexpr uint64_t kPixelsOfACover = 100'000;  // a texture behind a page has fewer
constexpr uint64_t kLinesOfACode = 150;        // the smallest QR code has more dark modules
// On the page, in points: a word that can be read.
constexpr double kLeastWide = 24;
constexpr double kLeastHigh = 8;
constexpr size_t kPlacesOfAPage = 3;  // for more, all of it is drawn
constexpr double kLarger = 1.5;

bool NumbersOf(QPDFObjectHandle list, double* out, int count) {
  if (!list.isArray() || list.getArrayNItems() != count) {
    return false;
  }
  for (int i = 0; i < count; ++i) {
    if (!list.getArrayItem(i).isNumber()) {
      return false;
    }
    out[i] = list.getArrayItem(i).getNumericValue();
  }
  return true;
}

// What holds the rectangle `box` after `matrix`.
std::array<double, 4> BoxAfter(const std::array<double, 4>& box,
                               const std::array<double, 6>& matrix) {
  std::array<double, 4> out = {1e12, 1e12, -1e12, -1e12};
  for (const double x : {box[0], box[2]}) {
    for (const double y : {box[1], box[3]}) {
      const double at_x = matrix[0] * x + matrix[2] * y + matrix[4];
      const double at_y = matrix[1] * x + matrix[3] * y + matrix[5];
      out[0] = std::min(out[0], at_x);
      out[1] = std::min(out[1], at_y);
      out[2] = std::max(out[2], at_x);
      out[3] = std::max(out[3], at_y);
    }
  }
  return out;
}

int64_t SideOf(QPDFObjectHandle dict, const char* key) {
  QPDFObjectHandle side = dict.getKey(key);
  return side.isInteger() ? std::clamp<int64_t>(side.getIntValue(), 0, 1'000'000) : 0;
}

uint16_t Permille(double part) {
  return static_cast<uint16_t>(std::lround(1'000 * std::clamp(part, 0.0, 1.0)));
}

}  // namespace

PicturePlace PdfCover::PlaceOf(const Box& part) const {
  // From the top, as it is drawn; then turned with the page.
  std::array<double, 4> at = {part[0], 1 - part[3], part[2], 1 - part[1]};
  for (int64_t turn = 0; turn < (rotate_ % 360 + 360) % 360 / 90; ++turn) {
    at = {1 - at[3], at[0], 1 - at[1], at[2]};
  }
  PicturePlace place;
  for (size_t i = 0; i < at.size(); ++i) {
    place.box[i] = Permille(at[i]);
  }
  return place;
}

void PdfCover::Mark(QPDFObjectHandle picture, const Matrix& matrix) {
  const double wide = box_[2] - box_[0];
  const double high = box_[3] - box_[1];
  Box part = BoxAfter({0, 0, 1, 1}, matrix);
  part = {(part[0] - box_[0]) / wide, (part[1] - box_[1]) / high, (part[2] - box_[0]) / wide,
          (part[3] - box_[1]) / high};
  for (double& edge : part) {
    edge = edge > 0 ? std::min(edge, 1.0) : 0.0;  // what is no number lies nowhere
  }
  const double area = (part[2] - part[0]) * (part[3] - part[1]);
  if (!(area > 0)) {
    return;
  }
  uint64_t pixels = kPixelsOfACover;  // of one that stands in the stream, nobody counts them
  if (picture.isStream()) {
    double& before = shown_[picture.getObjGen()];
    if (area < kLarger * before) {
      return;
    }
    before = area;
    pixels = static_cast<uint64_t>(SideOf(picture.getDict(), "/Width") *
                                   SideOf(picture.getDict(), "/Height"));
  }
  pixels_ += pixels;
  out_.may_hold_code = true;
  for (size_t y = 0; y < kSquares; ++y) {
    const double middle_y = (static_cast<double>(y) + 0.5) / kSquares;
    if (middle_y < part[1] || middle_y >= part[3]) {
      continue;
    }
    for (size_t x = 0; x < kSquares; ++x) {
      const double middle_x = (static_cast<double>(x) + 0.5) / kSquares;
      if (middle_x >= part[0] && middle_x < part[2]) {
        squares_.set(y * kSquares + x);
      }
    }
  }
  if ((part[2] - part[0]) * wide < kLeastWide || (part[3] - part[1]) * high < kLeastHigh) {
    many_ = many_ || squares_.count() > kSquares;  // strips of one picture
    return;
  }
  many_ = many_ || out_.places.size() >= kPlacesOfAPage;
  if (!many_) {
    out_.places.push_back(PlaceOf(part));
  }
}

// NOLINTNEXTLINE(misc-no-recursion): kCoverLevels bounds it.
bool PdfCover::Walk(QPDFObjectHandle stream, QPDFObjectHandle by, int level, State* state) {
  const PdfDrawing& drawing = scales_->DrawingOf(stream);
  looked_ += 1 + drawing.steps.size();
  if (looked_ > kMostStepsLooked) {
    return false;
  }
  out_.unseen += drawing.unseen;
  out_.may_hold_code = out_.may_hold_code || drawing.lines >= kLinesOfACode;
  QPDFObjectHandle objects =
      by.isDictionary() ? by.getKey("/XObject") : QPDFObjectHandle::newNull();
  for (const PdfStep& step : drawing.steps) {
    switch (step.kind) {
      case PdfStep::Kind::kSave:
        state->saved.push_back(state->matrix);
        break;
      case PdfStep::Kind::kRestore:
        if (!state->saved.empty()) {
          state->matrix = state->saved.back();
          state->saved.pop_back();
        }
        break;
      case PdfStep::Kind::kMove:
        state->matrix = PdfProduct(step.matrix, state->matrix);
        break;
      case PdfStep::Kind::kPicture:
        Mark(QPDFObjectHandle::newNull(), state->matrix);
        break;
      case PdfStep::Kind::kCall: {
        QPDFObjectHandle object =
            objects.isDictionary() ? objects.getKey(step.name) : QPDFObjectHandle::newNull();
        if (!object.isStream()) {
          break;
        }
        if (IsPdfName(object.getDict().getKey("/Subtype"), "/Image")) {
          Mark(object, state->matrix);
        } else if (level < kCoverLevels) {
          State inner;
          Matrix own{1, 0, 0, 1, 0, 0};
          NumbersOf(object.getDict().getKey("/Matrix"), own.data(), 6);
          inner.matrix = PdfProduct(own, state->matrix);
          QPDFObjectHandle resources = object.getDict().getKey("/Resources");
          if (!Walk(object, resources.isDictionary() ? resources : by, level + 1, &inner)) {
            return false;
          }
        }
        break;
      }
    }
  }
  return !drawing.steps_cut;
}

// ISO 32000-1, 12.5.5: the box of the look, after its matrix, is made to fill the rectangle.
bool PdfCover::WalkNotes(QPDFObjectHandle page, QPDFObjectHandle resources) {
  QPDFObjectHandle notes = page.getKey("/Annots");
  bool all = true;
  for (int i = 0; notes.isArray() && i < std::min(notes.getArrayNItems(), kMostNotesOfAPage); ++i) {
    QPDFObjectHandle note = notes.getArrayItem(i);
    for (QPDFObjectHandle look : LooksOf(note)) {
      if (!look.isStream()) {
        continue;
      }
      out_.of_notes += scales_->Letters(look, resources);
      Box rect{};
      Box box{};
      Matrix own{1, 0, 0, 1, 0, 0};
      if (!NumbersOf(note.getKey("/Rect"), rect.data(), 4) ||
          !NumbersOf(look.getDict().getKey("/BBox"), box.data(), 4)) {
        continue;
      }
      NumbersOf(look.getDict().getKey("/Matrix"), own.data(), 6);
      rect = {std::min(rect[0], rect[2]), std::min(rect[1], rect[3]), std::max(rect[0], rect[2]),
              std::max(rect[1], rect[3])};
      const Box shown = BoxAfter(box, own);
      const double wide = (rect[2] - rect[0]) / std::max(shown[2] - shown[0], 1e-6);
      const double high = (rect[3] - rect[1]) / std::max(shown[3] - shown[1], 1e-6);
      State state;
      state.matrix =
          PdfProduct(own, {wide, 0, 0, high, rect[0] - wide * shown[0], rect[1] - high * shown[1]});
      QPDFObjectHandle inner = look.getDict().getKey("/Resources");
      all = Walk(look, inner.isDictionary() ? inner : resources, 1, &state) && all;
    }
  }
  return all;
}

PdfPageCover PdfCover::Read(QPDFObjectHandle page, QPDFObjectHandle resources,
                            const std::array<double, 4>& box, int64_t rotate) {
  out_ = {};
  box_ = box;
  rotate_ = rotate;
  squares_.reset();
  pixels_ = 0;
  many_ = false;
  if (!(box[2] - box[0] >= 1) || !(box[3] - box[1] >= 1)) {
    return {};
  }
  State state;
  QPDFObjectHandle contents = page.getKey("/Contents");
  const int streams = contents.isArray() ? std::min(contents.getArrayNItems(), 1'000) : 1;
  bool all = true;
  for (int i = 0; i < streams; ++i) {
    QPDFObjectHandle stream = contents.isArray() ? contents.getArrayItem(i) : contents;
    all = (!stream.isStream() || Walk(stream, resources, 0, &state)) && all;
  }
  all = WalkNotes(page, resources) && all;
  const size_t half = squares_.size() / 2;
  out_.covered = squares_.count() > half && pixels_ >= kPixelsOfACover;
  out_.cut = !all;
  if (out_.covered || many_ || out_.cut) {
    // Where it was too much to look at, all of it is looked at in another way.
    out_.places = {PlaceOf({0, 0, 1, 1})};
    out_.may_hold_code = true;
  }
  return std::move(out_);
}

}  // namespace gatepost::decode
