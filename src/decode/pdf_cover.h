// Where the pictures of a PDF lie on its pages, and how much of a page they cover (qpdf): a scan
// that has some text is a scan all the same.
// LIMITS: 200,000 steps and forms of one document, 8 levels of forms; 1,000 notes of a page; a page
// is looked at in 64 x 64 squares.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "src/decode/leaf.h"
#include "src/decode/pdf_qpdf.h"
#include "src/decode/pdf_scales.h"

namespace gatepost::decode {

struct PdfPageCover {
  // Pictures that no page before has shown as large cover more than half of it.
  bool covered = false;
  bool cut = false;  // it was too much to look at: none of this is known
  // Such pictures where they do not, or all of the page; `page` is not set.
  std::vector<PicturePlace> places;
  // There may be a code on it: a picture, or lines enough to draw one.
  bool may_hold_code = false;
  // What of its letters is no text that stands on the page: drawn in a mode that shows none; of the
  // looks of notes, signatures among them.
  uint64_t unseen = 0;
  uint64_t of_notes = 0;
};

// One for a document: it knows the pictures of the pages before.
class PdfCover {
 public:
  // `scales` outlives this.
  explicit PdfCover(PdfScales* scales) : scales_(scales) {}

  // `box`: left, bottom, right, top of what is shown of the page; `rotate`: degrees, as the page
  // says. REQUIRES: scales->IsHeavy(page) was asked and said no.
  PdfPageCover Read(QPDFObjectHandle page, QPDFObjectHandle resources,
                    const std::array<double, 4>& box, int64_t rotate);

 private:
  static constexpr size_t kSquares = 64;
  using Matrix = std::array<double, 6>;
  using Box = std::array<double, 4>;

  struct State {
    Matrix matrix{1, 0, 0, 1, 0, 0};
    std::vector<Matrix> saved;
  };

  // False: the budget is used up.
  bool Walk(QPDFObjectHandle stream, QPDFObjectHandle by, int level, State* state);
  bool WalkNotes(QPDFObjectHandle page, QPDFObjectHandle resources);
  void Mark(QPDFObjectHandle picture, const Matrix& matrix);
  PicturePlace PlaceOf(const Box& part) const;

  PdfScales* scales_;
  size_t looked_ = 0;
  std::map<QPDFObjGen, double> shown_;  // pictures, and how much of a page they covered at most
  // Of the page that is being read:
  Box box_{};
  int64_t rotate_ = 0;
  std::bitset<kSquares * kSquares> squares_;
  uint64_t pixels_ = 0;
  bool many_ = false;
  PdfPageCover out_;
};

}  // namespace gatepost::decode
