// Lines without what may not show in them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_doubt.h"

#include <algorithm>
#include <set>

namespace gatepost::text {

namespace {

constexpr size_t kMostStretches = 5'000;
constexpr size_t kMostReadingBytes = 1U << 20U;
constexpr size_t kMostCauses = 4;

// What stands in [from, to) of a sink, and where it came from.
void CopyMapped(const Sink& sink, size_t from, size_t to, Doubts::Readings* out) {
  const auto after =
      std::upper_bound(sink.pieces.begin(), sink.pieces.end(), from,
                       [](size_t view, const MapPiece& piece) { return view < piece.view; });
  for (auto piece = after == sink.pieces.begin() ? after : after - 1;
       piece != sink.pieces.end() && piece->view < to; ++piece) {
    const size_t begin = std::max<size_t>(piece->view, from);
    out->pieces.push_back({static_cast<uint32_t>(out->text.size() + (begin - from)),
                           static_cast<uint32_t>(piece->source + (begin - piece->view))});
  }
  out->text.append(sink.text, from, to - from);
}

}  // namespace

void Doubts::Add(size_t begin, size_t end, bool blank, uint64_t cause) {
  if (end > begin && list_.size() < kMostStretches) {
    list_.push_back({begin, end, cause, blank, false});
  }
}

// [line, line_end) without the stretches from `from` to `to`; `cause`: only those of that cause.
void Doubts::ReadLine(const Sink& visible, size_t from, size_t to, size_t line, size_t line_end,
                      const uint64_t* cause, Readings* out) {
  const size_t before_text = out->text.size();
  const size_t before_pieces = out->pieces.size();
  size_t done = line;
  bool within = false;  // some stretch has text on both sides
  for (size_t i = from; i < to; ++i) {
    const Stretch& one = list_[i];
    if (one.begin < done || (cause != nullptr && one.cause != *cause)) {
      continue;
    }
    CopyMapped(visible, done, one.begin, out);
    done = one.end;
    const char next = done < line_end ? visible.text[done] : '\n';
    const bool first = out->text.size() == before_text || out->text.back() == '\n';
    if (one.breaks) {
      out->text += first ? "" : "\n";
    } else if (!first && next != '\n') {
      within = true;
      out->text += one.blank && next != ' ' && out->text.back() != ' ' ? " " : "";
    }
  }
  CopyMapped(visible, done, line_end, out);
  if (!within) {
    out->text.resize(before_text);
    out->pieces.resize(before_pieces);
    return;
  }
  out->text.push_back('\n');
}

Doubts::Readings Doubts::Read(const Sink& visible) {
  Readings out;
  std::sort(list_.begin(), list_.end(), [](const Stretch& a, const Stretch& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  const std::string& text = visible.text;
  for (size_t i = 0; i < list_.size() && out.text.size() < kMostReadingBytes;) {
    const size_t before = list_[i].begin == 0 ? text.npos : text.rfind('\n', list_[i].begin - 1);
    const size_t line = before == text.npos ? 0 : before + 1;
    // The line goes on behind stretches that hold line ends.
    size_t line_end = std::min(text.find('\n', list_[i].end), text.size());
    std::set<uint64_t> causes;
    size_t next = i;
    for (; next < list_.size() && list_[next].begin <= line_end; ++next) {
      causes.insert(list_[next].cause);
      if (list_[next].end > line_end) {
        line_end = std::min(text.find('\n', list_[next].end), text.size());
      }
    }
    ReadLine(visible, i, next, line, line_end, nullptr, &out);
    if (causes.size() > 1 && causes.size() <= kMostCauses) {
      for (const uint64_t cause : causes) {
        ReadLine(visible, i, next, line, line_end, &cause, &out);
      }
    }
    i = next;
  }
  return out;
}

}  // namespace gatepost::text
