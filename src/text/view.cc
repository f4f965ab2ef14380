// The small parts of a view: names of forms, what is wanted, the way back.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/view.h"

#include <algorithm>
#include <array>

namespace gatepost::text {

namespace {

constexpr std::array<const char*, kFormCount> kFormNames = {"raw",  "nfcraw", "nfc",     "skel",
                                                            "fold", "leet",   "compact", "bytes"};

// One step back. The end is found from the last byte, because a text may show a stretch of its
// source twice (a table row after its cells) and then the piece that follows lies before.
Range StepBack(const std::vector<MapPiece>& pieces, Range range) {
  const auto piece_of = [&](uint32_t at) {
    const auto after =
        std::upper_bound(pieces.begin(), pieces.end(), at,
                         [](uint32_t value, const MapPiece& piece) { return value < piece.view; });
    return after == pieces.begin() ? after : after - 1;
  };
  const auto linear = [&](std::vector<MapPiece>::const_iterator piece, uint32_t at) {
    uint32_t source = at < piece->view ? piece->source : piece->source + (at - piece->view);
    const auto next = piece + 1;
    if (next != pieces.end() && next->source >= piece->source) {
      source = std::min(source, next->source);
    }
    return source;
  };
  const auto first = piece_of(range.begin);
  Range out;
  out.begin = linear(first, range.begin);
  if (range.empty()) {
    out.end = out.begin;
    return out;
  }
  const auto last = piece_of(range.end - 1);
  const auto next = last + 1;
  out.end = next != pieces.end() && next->view == range.end && next->source >= last->source
                ? next->source
                : linear(last, range.end);
  if (out.end < out.begin) {
    std::swap(out.begin, out.end);
  }
  return out;
}

}  // namespace

const char* ToString(Form form) { return kFormNames[static_cast<size_t>(form)]; }

bool FormFromString(std::string_view text, Form* out) {
  for (size_t i = 0; i < kFormCount; ++i) {
    if (text == kFormNames[i]) {
      *out = static_cast<Form>(i);
      return true;
    }
  }
  return false;
}

Range TextView::SourceOf(Range view_range) const {
  Range range = view_range;
  for (const OffsetMap* step = map.get(); step != nullptr; step = step->inner.get()) {
    if (!step->pieces.empty()) {
      range = StepBack(step->pieces, range);
    }
  }
  return range;
}

std::string TextView::Paragraphs() const {
  std::string out = utf8;
  for (const uint32_t at : soft) {
    out[at] = ' ';
  }
  return out;
}

void Wanted::Add(std::string_view zone, Form form) {
  forms[Zone(zone)] |= 1U << static_cast<unsigned>(form);
}

bool Wanted::Wants(std::string_view zone, Form form) const {
  const auto found = forms.find(zone);
  return found != forms.end() && ((found->second >> static_cast<unsigned>(form)) & 1U) != 0;
}

}  // namespace gatepost::text
