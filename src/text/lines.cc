// Lines and paragraphs. Erring towards joining: a line that a wrap did end must be found at any
// width
// (`unless` must see its paragraph), one joined too many costs little.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/lines.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr uint32_t kLongestWrapped = 100;  // code points; nobody wraps wider
constexpr uint32_t kNarrowest = 36;        // a wrap at 40, quoted twice

struct Line {
  uint32_t begin = 0;  // of the text behind quote marks
  uint32_t end = 0;    // before the line end
  uint32_t depth = 0;
  uint32_t length = 0;      // code points without blanks at the end; only when rejoining
  uint32_t first_word = 0;  // code points
  bool has_blank = false;
  bool flows = false;  // RFC 3676: goes on in the next line
  bool block_end = false;
};

// The first line end at or after `at`: its position and length; {size, 0} at the end.
struct LineEnd {
  size_t at;
  size_t length;
};

LineEnd FindLineEnd(std::string_view s, size_t from, bool odd_ends) {
  if (!odd_ends) {
    const size_t at = s.find('\n', from);
    return at == std::string_view::npos ? LineEnd{s.size(), 0} : LineEnd{at, 1};
  }
  for (size_t i = from; i < s.size(); ++i) {
    const auto byte = static_cast<unsigned char>(s[i]);
    if (byte == '\n' || byte == '\v' || byte == '\f') {
      return {i, 1};
    }
    if (byte == '\r') {
      return {i, i + 1 < s.size() && s[i + 1] == '\n' ? 2U : 1U};
    }
    if (byte == 0xE2 && i + 2 < s.size() && s[i + 1] == '\x80' &&
        (s[i + 2] == '\xA8' || s[i + 2] == '\xA9')) {
      return {i, 3};
    }
  }
  return {s.size(), 0};
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Takes quote marks off the line's front.
void Unquote(std::string_view s, Line* line) {
  uint32_t i = line->begin;
  while (i < line->end && line->depth < 100) {
    uint32_t mark = i;
    // "> > text" has one blank between marks; a first mark stands in the first column.
    if (line->depth > 0 && IsBlank(s[mark]) && mark + 1 < line->end && s[mark + 1] == '>') {
      ++mark;
    }
    if (s[mark] != '>') {
      break;
    }
    ++line->depth;
    i = mark + 1;
  }
  if (line->depth > 0 && i < line->end && s[i] == ' ') {
    ++i;
  }
  line->begin = i;
}

void Measure(std::string_view s, Line* line) {
  uint32_t end = line->end;
  while (end > line->begin && IsBlank(s[end - 1])) {
    --end;
  }
  uint32_t at = line->begin;
  while (at < end && IsBlank(s[at])) {
    ++at;
    ++line->length;
  }
  const uint32_t begin = at;
  while (at < end && !IsBlank(s[at])) {
    ++at;
  }
  line->has_blank = at < end;
  line->first_word = static_cast<uint32_t>(CountCodePoints(s.substr(begin, at - begin)));
  line->length += line->first_word + static_cast<uint32_t>(CountCodePoints(s.substr(at, end - at)));
}

std::vector<Line> Split(std::string_view s, const LineOptions& options) {
  // Most texts have CRLF or LF alone: then memchr finds the ends.
  bool odd_ends = s.find('\v') != std::string_view::npos ||
                  s.find('\f') != std::string_view::npos ||
                  s.find("\xE2\x80\xA8") != std::string_view::npos ||
                  s.find("\xE2\x80\xA9") != std::string_view::npos;
  for (size_t cr = s.find('\r'); cr != std::string_view::npos && !odd_ends;
       cr = s.find('\r', cr + 1)) {
    odd_ends = cr + 1 >= s.size() || s[cr + 1] != '\n';
  }
  std::vector<Line> lines;
  size_t at = 0;
  size_t next_block_end = 0;
  uint32_t number = 0;
  while (at < s.size()) {
    const LineEnd end = FindLineEnd(s, at, odd_ends);
    Line line;
    line.begin = static_cast<uint32_t>(at);
    line.end = static_cast<uint32_t>(end.at);
    if (!odd_ends && line.end > line.begin && s[line.end - 1] == '\r') {
      --line.end;
    }
    if (options.quotes && line.begin < line.end && s[line.begin] == '>') {
      Unquote(s, &line);
    }
    if (options.flowed) {
      if (line.begin < line.end && s[line.begin] == ' ' && line.depth == 0) {
        ++line.begin;  // space-stuffing (4.4); Unquote took it off quoted lines
      }
      line.flows = line.end > line.begin && s[line.end - 1] == ' ' &&
                   s.substr(line.begin, line.end - line.begin) != "-- ";
    }
    if (options.block_ends != nullptr && next_block_end < options.block_ends->size() &&
        (*options.block_ends)[next_block_end] == number) {
      line.block_end = true;
      ++next_block_end;
    }
    ++number;
    lines.push_back(line);
    at = end.at + end.length;
  }
  return lines;
}

// A sentence that is not over and goes on in lower case, however short its line: who splits a
// phrase that a rule looks for needs no more than a line end.
bool GoesOn(std::string_view s, const Line& line, const Line& next) {
  uint32_t end = line.end;
  while (end > line.begin && IsBlank(s[end - 1])) {
    --end;
  }
  size_t at = next.begin;
  while (at < next.end && IsBlank(s[at])) {
    ++at;
  }
  if (end == line.begin || at >= next.end) {
    return false;
  }
  constexpr std::string_view kOver = ".:;!?,-=*_>/\\|)]}\"'";
  size_t last = end - 1;
  while (last > line.begin && (static_cast<unsigned char>(s[last]) & 0xC0U) == 0x80) {
    --last;
  }
  const char32_t before = NextCodePoint(s, &last);
  const char32_t c = NextCodePoint(s, &at);
  // Capitals are a heading or a stamp: they stand alone.
  return kOver.find(s[end - 1]) == std::string_view::npos && ToLower(before) == before &&
         ToLower(c) == c && ToUpper(c) != c;
}

// Marks in `soft` each line of [first, last) that goes on in the next.
void RejoinBlock(std::string_view s, const std::vector<Line>& lines, size_t first, size_t last,
                 const LineOptions& options, std::vector<bool>* soft) {
  uint32_t width = 0;
  for (size_t i = first; i < last; ++i) {
    if (lines[i].has_blank && lines[i].length <= kLongestWrapped) {
      width = std::max(width, lines[i].length);
    }
  }
  const uint32_t full = std::max(width * options.fullness / 100, kNarrowest);
  for (size_t i = first; i + 1 < last; ++i) {
    if ((lines[i].length <= kLongestWrapped &&
         lines[i].length + 1 + lines[i + 1].first_word > full) ||
        (options.sentences && GoesOn(s, lines[i], lines[i + 1]))) {
      (*soft)[i] = true;
    }
  }
}

void Rejoin(std::string_view s, const LineOptions& options, std::vector<Line>* lines,
            std::vector<bool>* soft) {
  for (Line& line : *lines) {
    Measure(s, &line);
  }
  size_t first = 0;
  while (first < lines->size()) {
    if ((*lines)[first].length == 0) {
      ++first;
      continue;
    }
    size_t last = first + 1;
    while (last < lines->size() && (*lines)[last].length > 0 &&
           (*lines)[last].depth == (*lines)[first].depth && !(*lines)[last - 1].block_end) {
      ++last;
    }
    RejoinBlock(s, *lines, first, last, options, soft);
    first = last;
  }
}

}  // namespace

Lines ReadLines(std::string_view utf8, const LineOptions& options) {
  Lines out;
  std::vector<Line> lines = Split(utf8, options);
  std::vector<bool> soft(lines.size());
  if (options.flowed || !options.rejoin) {
    for (size_t i = 0; i + 1 < lines.size(); ++i) {
      const bool goes_on = options.flowed ? lines[i].flows
                                          : options.sentences && !lines[i].block_end &&
                                                GoesOn(utf8, lines[i], lines[i + 1]);
      soft[i] = goes_on && lines[i + 1].depth == lines[i].depth &&
                utf8.substr(lines[i + 1].begin, lines[i + 1].end - lines[i + 1].begin) != "-- ";
    }
  } else {
    Rejoin(utf8, options, &lines, &soft);
  }
  out.text.reserve(utf8.size());
  uint32_t number = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    Line line = lines[i];
    const bool glued = options.flowed && options.delsp && line.flows && soft[i];
    if (glued) {
      --line.end;
    }
    const auto view = static_cast<uint32_t>(out.text.size());
    const uint32_t expected =
        out.pieces.empty() ? view : out.pieces.back().source + (view - out.pieces.back().view);
    if (expected != line.begin) {
      if (out.pieces.empty() && view != 0) {
        out.pieces.push_back({0, 0});
      }
      out.pieces.push_back({view, line.begin});
    }
    out.text.append(utf8.substr(line.begin, line.end - line.begin));
    if (i + 1 == lines.size() || glued) {
      continue;
    }
    if (soft[i]) {
      out.soft_lines.push_back(number);
    }
    ++number;
    out.text.push_back('\n');
  }
  if (!out.pieces.empty()) {
    out.pieces.push_back(
        {static_cast<uint32_t>(out.text.size()), static_cast<uint32_t>(utf8.size())});
  }
  return out;
}

// Lines keep the order, so one pass does it.
std::vector<decode::FontRun> MoveRuns(const std::vector<decode::FontRun>& runs,
                                      const std::vector<MapPiece>& given, size_t size) {
  // A line end at the very end may be gone though nothing moved.
  const std::vector<MapPiece> same = {{0, 0}};
  const std::vector<MapPiece>& pieces = given.empty() ? same : given;
  std::vector<decode::FontRun> out;
  size_t p = 0;
  for (const decode::FontRun& run : runs) {
    // In the line text: from the first piece that reaches behind run.begin, to run.end.
    const auto view_of = [&](uint32_t source) {
      while (p + 1 < pieces.size() && pieces[p + 1].source <= source) {
        ++p;
      }
      const uint32_t limit =
          p + 1 < pieces.size() ? pieces[p + 1].view : static_cast<uint32_t>(size);
      return source <= pieces[p].source
                 ? pieces[p].view
                 : std::min(pieces[p].view + (source - pieces[p].source), limit);
    };
    decode::FontRun moved = run;
    moved.begin = view_of(run.begin);
    moved.end = std::min(view_of(run.end), static_cast<uint32_t>(size));
    // Where bytes were dropped two runs may meet.
    moved.begin = std::max(moved.begin, out.empty() ? 0 : out.back().end);
    if (moved.begin < moved.end) {
      out.push_back(std::move(moved));
    }
  }
  return out;
}

std::string WithoutInnerTabs(std::string_view utf8, std::vector<MapPiece>* pieces) {
  const auto inner = [&](size_t at) {
    return (utf8[at] == '\v' || utf8[at] == '\f') && at > 0 && at + 1 < utf8.size() &&
           static_cast<unsigned char>(utf8[at - 1]) > ' ' &&
           static_cast<unsigned char>(utf8[at + 1]) > ' ';
  };
  std::string out;
  if (utf8.find('\v') == utf8.npos && utf8.find('\f') == utf8.npos) {
    return out;  // nearly always, and much faster than to look for either
  }
  for (size_t at = utf8.find_first_of("\v\f"); at != std::string_view::npos;
       at = utf8.find_first_of("\v\f", at)) {
    const size_t before = at == 0 ? utf8.npos : utf8.rfind('\n', at - 1);
    const size_t begin = before == utf8.npos ? 0 : before + 1;
    const size_t end = std::min(utf8.find('\n', at), utf8.size());
    // Between other controls it is no text.
    bool clean = utf8.substr(begin, end - begin).find("\xEF\xBF\xBD") == utf8.npos;
    bool any = false;
    for (size_t i = begin; i < end && clean; ++i) {
      clean = static_cast<unsigned char>(utf8[i]) >= ' ' || IsBlank(utf8[i]) || utf8[i] == '\r' ||
              utf8[i] == '\v' || utf8[i] == '\f';
      any = any || inner(i);
    }
    size_t done = begin;
    for (size_t i = begin; clean && any && i <= end; ++i) {
      if (i == end || inner(i)) {
        pieces->push_back({static_cast<uint32_t>(out.size()), static_cast<uint32_t>(done)});
        out.append(utf8, done, i - done);
        done = i + 1;
      }
    }
    out += clean && any ? "\n" : "";
    at = std::max(end, at + 1);
  }
  return out;
}

}  // namespace gatepost::text
