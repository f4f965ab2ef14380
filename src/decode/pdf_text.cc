// Poppler makes a line of what lies at one height, so a word at an angle falls into letters, and
// the letters into any order. They are drawn in order, though. LIMITS: pieces of at most 24
// letters, 256 letters of one run, 64 starts for each; 20,000,000 steps of comparing places for one
// document, then blanks are not told. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_text.h"

#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/decode/charset.h"

namespace gatepost::decode {

namespace {

constexpr size_t kShortPiece = 3;
constexpr size_t kLongPiece = 24;
constexpr size_t kLettersOfARun = 256;
constexpr size_t kStartsOfARun = 64;
constexpr uint64_t kStampSteps = 20'000'000;

struct PieceShape {
  size_t letters = 0;  // without combining marks
  size_t words = 0;
  size_t longest = 0;  // word
  bool only_letters = true;
};

PieceShape ShapeOf(std::string_view line) {
  PieceShape out;
  size_t word = 0;
  for (size_t at = 0; at < line.size();) {
    const Utf8Unit unit = DecodeUtf8(line, at);
    at += unit.bytes;
    const char32_t c = unit.code_point;
    if (c == ' ') {
      word = 0;
      continue;
    }
    if (c >= 0x300 && c < 0x370) {
      continue;
    }
    out.words += word == 0 ? 1 : 0;
    ++out.letters;
    out.longest = std::max(out.longest, ++word);
    // Bullets and arrows are none; nor is what symbol fonts have in the private area.
    const bool sign = (c >= 0x2000 && c < 0x2c00) || (c >= 0xe000 && c < 0xf900);
    const bool ascii = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    out.only_letters = out.only_letters && (ascii || (c >= 0xc0 && !sign));
  }
  return out;
}

std::vector<std::string_view> LinesOfPage(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of("\n\f", at), text.size());
    const std::string_view line = AsciiTrim(text.substr(at, end - at));
    if (!line.empty()) {
      out.push_back(line);
    }
    at = end + 1;
  }
  return out;
}

// Lines of at most three letters in a row, one letter among them, or three such lines.
bool LooksScattered(const std::vector<std::string_view>& lines) {
  size_t run = 0;
  size_t single = 0;
  size_t singles = 0;
  for (const std::string_view line : lines) {
    const PieceShape shape = line.size() <= kLettersOfARun
                                 ? ShapeOf(line)
                                 : PieceShape{kLongPiece, 1, kLongPiece, false};
    const bool spaced = shape.words >= kShortPiece && shape.longest == 1;
    if (!shape.only_letters || (shape.letters > kShortPiece && !spaced)) {
      run = 0;
      single = 0;
      continue;
    }
    ++run;
    single += shape.letters == 1 ? 1 : 0;
    singles += shape.letters == 1 ? 1 : 0;
    if (run > kShortPiece - 1 || (run == 2 && single > 0) || singles > kShortPiece || spaced) {
      return true;
    }
  }
  return false;
}

// A letter where it stands: along the line of writing and across it.
struct PdfGlyph {
  double begin = 0;
  double end = 0;
  double across = 0;
  double size = 0;  // of the line, from its highest letters to its deepest
};

class GlyphMap {
 public:
  // Without fonts: poppler crashes over that of a letter whose text stands beside it (ActualText)
  // and begins before any font is set. How high a line is says as much of the size.
  explicit GlyphMap(const poppler::page& page) {
    const std::vector<poppler::text_box> boxes = page.text_list();
    std::array<std::vector<double>, 4> heights;  // of letters that stand alone, by turn
    for (const poppler::text_box& box : boxes) {
      if (box.text().size() == 1) {
        heights[TurnOf(box)].push_back(PlaceOf(box, 0).size);
      }
    }
    for (std::vector<double>& some : heights) {
      std::sort(some.begin(), some.end());
    }
    for (const poppler::text_box& box : boxes) {
      const poppler::ustring text = box.text();
      double along = 0;
      for (size_t i = 0; i < text.size(); ++i) {
        const PdfGlyph glyph = PlaceOf(box, i);
        along += i + 1 < text.size() ? std::abs(glyph.end - glyph.begin) : 0;
      }
      for (size_t i = 0; i < text.size(); ++i) {
        PdfGlyph glyph = PlaceOf(box, i);
        glyph.size = HeightOf(heights[TurnOf(box)], glyph.size - along, glyph.size);
        places_[text[i]].push_back(glyph);
      }
    }
  }

  // One glyph for each letter, so that the way along them is short; empty where there are none.
  std::vector<PdfGlyph> Place(const std::u16string& letters, uint64_t* steps) const {
    std::vector<const std::vector<PdfGlyph>*> choices;
    for (const char16_t c : letters) {
      const auto found = places_.find(c);
      if (found == places_.end()) {
        return {};
      }
      choices.push_back(&found->second);
    }
    std::vector<PdfGlyph> best;
    double least = 1e12;
    for (size_t start = 0; start < std::min(choices[0]->size(), kStartsOfARun); ++start) {
      std::vector<PdfGlyph> way = {(*choices[0])[start]};
      std::unordered_set<const PdfGlyph*> used = {&(*choices[0])[start]};
      double length = 0;
      for (size_t i = 1; i < choices.size() && length < least; ++i) {
        const PdfGlyph* next = nullptr;
        double near = 1e12;
        *steps += choices[i]->size();
        if (*steps > kStampSteps) {
          return {};
        }
        for (const PdfGlyph& one : *choices[i]) {
          const double away = std::abs(one.begin - way.back().end) +
                              std::abs(one.across - way.back().across) +
                              std::abs(one.size - way.back().size);
          if (away < near && !used.contains(&one)) {
            near = away;
            next = &one;
          }
        }
        if (next == nullptr) {
          length = least;
          break;
        }
        used.insert(next);
        way.push_back(*next);
        length += near;
      }
      if (length < least) {
        least = length;
        best = std::move(way);
      }
    }
    return best;
  }

 private:
  static size_t TurnOf(const poppler::text_box& box) {
    const int turn = box.rotation() >= 90 ? box.rotation() / 90 : box.rotation();
    return static_cast<size_t>(std::clamp(turn, 0, 3));
  }

  static PdfGlyph PlaceOf(const poppler::text_box& box, size_t i) {
    const poppler::rectf at = box.char_bbox(i);
    const double x = (at.left() + at.right()) / 2;
    const double y = (at.top() + at.bottom()) / 2;
    const double high = at.bottom() - at.top();
    const double wide = at.right() - at.left();
    switch (TurnOf(box)) {
      case 1:
        return {at.top(), at.bottom(), x, wide};
      case 2:
        return {-at.right(), -at.left(), y, high};
      case 3:
        return {-at.bottom(), -at.top(), x, wide};
      default:
        return {at.left(), at.right(), y, high};
    }
  }

  // Of a piece that is at most as high as `most`: at an angle each further letter makes it higher,
  // down to `least`. Letters that stand alone say how high they are.
  static double HeightOf(const std::vector<double>& heights, double least, double most) {
    const auto above = std::upper_bound(heights.begin(), heights.end(), most * 1.01);
    return above != heights.begin() && *(above - 1) >= 0.95 * least ? *(above - 1) : most;
  }

  std::unordered_map<char16_t, std::vector<PdfGlyph>> places_;
};

// Pieces in the order of drawing that may be one stamp.
using PieceRun = std::vector<std::u16string>;

std::string JoinedWith(const PieceRun& run, std::string_view between) {
  std::string out;
  for (const std::u16string& piece : run) {
    out += out.empty() ? "" : between;
    for (const char16_t c : piece) {
      AppendUtf8(c, &out);
    }
  }
  return out + "\n";
}

void JoinByPlace(const std::u16string& letters, const std::vector<PdfGlyph>& way,
                 std::string* out) {
  std::vector<double> gaps;
  for (size_t i = 1; i < way.size(); ++i) {
    gaps.push_back(way[i].begin - way[i - 1].end);
  }
  std::vector<double> sorted = gaps;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2),
                   sorted.end());
  const double usual = std::max(0.0, sorted[sorted.size() / 2]);
  std::string spaced;
  std::string close;
  size_t count = 0;
  const auto end_line = [&] {
    if (count >= kShortPiece) {
      *out += spaced + "\n";
      if (close != spaced) {
        *out += close + "\n";
      }
    }
    spaced.clear();
    close.clear();
    count = 0;
  };
  for (size_t i = 0; i < letters.size(); ++i) {
    if (i > 0) {
      const double size = std::max(1.0, way[i - 1].size);
      const double gap = gaps[i - 1];
      const double apart = std::abs(way[i].across - way[i - 1].across);
      // No line of writing leaves the axis by more than half a right angle.
      const double wide = way[i - 1].end - way[i - 1].begin + std::max(0.0, gap);
      if (gap < -0.7 * size || gap > std::max(1.5 * size, 3 * usual) ||
          apart > 1.15 * wide + 0.5 * size ||
          std::abs(way[i].size - way[i - 1].size) > 0.2 * size) {
        end_line();
      } else if (gap > 1.4 * usual + 0.12 * size) {
        spaced.push_back(' ');
      }
    }
    AppendUtf8(letters[i], &spaced);
    AppendUtf8(letters[i], &close);
    ++count;
  }
  end_line();
}

std::u16string Utf16Of(std::string_view word) {
  std::u16string out;
  for (size_t at = 0; at < word.size();) {
    const Utf8Unit unit = DecodeUtf8(word, at);
    at += unit.bytes;
    out.push_back(unit.code_point < 0x10000 ? static_cast<char16_t>(unit.code_point) : u'\xfffd');
  }
  return out;
}

}  // namespace

std::string PdfUtf8(const poppler::ustring& text) {
  std::string utf16;
  utf16.reserve(text.size() * 2);
  for (const auto unit : text) {
    utf16.push_back(static_cast<char>(unit & 0xff));
    utf16.push_back(static_cast<char>(unit >> 8 & 0xff));
  }
  std::string utf8 = Utf16LeToUtf8(utf16);
  if (utf8.compare(0, 3, "\xef\xbb\xbf") == 0) {
    utf8.erase(0, 3);  // iconv puts a mark before each string
  }
  return utf8;
}

std::string PdfStamps::Read(const poppler::page& page, std::string_view lines, bool stamped) {
  const std::vector<std::string_view> first = LinesOfPage(lines);
  const bool scattered = LooksScattered(first);
  if (!scattered && !stamped) {
    return {};
  }
  const std::unordered_set<std::string_view> known(first.begin(), first.end());
  const std::string raw = PdfUtf8(page.text(poppler::rectf(), poppler::page::raw_order_layout));
  std::string out;
  std::vector<PieceRun> runs(1);
  size_t letters = 0;
  for (const std::string_view line : LinesOfPage(raw)) {
    const bool is_new = !known.contains(line);
    const PieceShape shape = ShapeOf(line);
    if (is_new) {
      out += std::string(line) + "\n";
    }
    if (!scattered) {
      continue;
    }
    if (shape.letters > kShortPiece && (!is_new || shape.letters > kLongPiece) &&
        (shape.longest > 1 || shape.letters > kLettersOfARun)) {
      runs.emplace_back();
      letters = 0;
      continue;
    }
    if (letters + shape.letters > kLettersOfARun) {
      runs.emplace_back();
      letters = 0;
    }
    letters += shape.letters;
    for (size_t at = 0; at < line.size();) {
      const size_t end = std::min(line.find(' ', at), line.size());
      if (end > at) {
        runs.back().push_back(Utf16Of(line.substr(at, end - at)));
      }
      at = end + 1;
    }
  }
  const GlyphMap glyphs(page);
  for (const PieceRun& run : runs) {
    if (run.size() < 2) {
      continue;
    }
    std::u16string all;
    for (const std::u16string& piece : run) {
      all += piece;
    }
    const std::vector<PdfGlyph> way = glyphs.Place(all, &steps_);
    if (way.size() == all.size()) {
      JoinByPlace(all, way, &out);
    } else {
      out += JoinedWith(run, "") + JoinedWith(run, " ");
    }
  }
  return out;
}

}  // namespace gatepost::decode
