// Decoded characters with the way back. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/utf8.h"
#include "src/text/legacy.h"

namespace gatepost::text {

// Put characters in order, then Finish.
class LegacyWriter {
 public:
  explicit LegacyWriter(LegacyText* out) : LegacyWriter(&out->utf8, &out->pieces) {}
  LegacyWriter(std::string* utf8, std::vector<MapPiece>* pieces) : utf8_(utf8), pieces_(pieces) {}

  void Put(char32_t c, size_t source) {
    Note(source);
    AppendUtf8(c, utf8_);
  }
  void Copy(std::string_view utf8, size_t source) {
    Note(source);
    *utf8_ += utf8;
  }
  void Finish(size_t source) { Note(source); }

 private:
  void Note(size_t source) {
    const auto view = static_cast<uint32_t>(utf8_->size());
    const auto at = static_cast<uint32_t>(source);
    const bool moved =
        pieces_->empty() ? view != at : at - pieces_->back().source != view - pieces_->back().view;
    if (!moved) {
      return;
    }
    if (pieces_->empty() && view != 0) {
      pieces_->push_back({0, 0});
    }
    pieces_->push_back({view, at});
  }

  std::string* utf8_;
  std::vector<MapPiece>* pieces_;
};

}  // namespace gatepost::text
