// Decoded characters with the way back. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/utf8.h"
#include "src/text/legacy.h"

namespace gatepost::text {

// Put characters in order, then Finish.
class LegacyWriter {
 public:
  explicit LegacyWriter(LegacyText* out) : out_(out) {}

  void Put(char32_t c, size_t source) {
    Note(source);
    AppendUtf8(c, &out_->utf8);
  }
  void Copy(std::string_view utf8, size_t source) {
    Note(source);
    out_->utf8 += utf8;
  }
  void Finish(size_t source) { Note(source); }

 private:
  void Note(size_t source) {
    const auto view = static_cast<uint32_t>(out_->utf8.size());
    const auto at = static_cast<uint32_t>(source);
    const bool moved = out_->pieces.empty()
                           ? view != at
                           : at - out_->pieces.back().source != view - out_->pieces.back().view;
    if (!moved) {
      return;
    }
    if (out_->pieces.empty() && view != 0) {
      out_->pieces.push_back({0, 0});
    }
    out_->pieces.push_back({view, at});
  }

  LegacyText* out_;
};

}  // namespace gatepost::text
