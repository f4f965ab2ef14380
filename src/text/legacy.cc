// The order of the questions: ASCII (VIQR only), encoded twice, fonts and syllables in each code
// page that could have shown the bytes. What was found is decoded once.
// LIMITS: 3,000 different words decide which encodings a text uses; 200,000 are decoded.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy.h"

#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/decode/font_marks.h"
#include "src/text/legacy_decode.h"
#include "src/text/legacy_path.h"
#include "src/text/legacy_words.h"
#include "src/text/twice.h"
#include "src/text/unicode.h"
#include "src/text/viqr.h"

namespace gatepost::text {

namespace {

constexpr size_t kDeciding = 3'000;
constexpr size_t kDecoded = 200'000;
constexpr size_t kOtherPages = 8;  // different words, before pages but windows-1252 are tried
constexpr std::string_view kTwice = "utf-8-twice";
constexpr std::string_view kViqr = "viqr";
constexpr std::array<Page, kPages> kAllPages = {Page::kWindows1252, Page::kWindows1250,
                                                Page::kLatin2,      Page::kMacintosh,
                                                Page::kWindows1258, Page::kLatin9};

// What the fonts of the runs mean: an encoding for each word, and where capitals are drawn.
struct FontMeaning {
  FontEncodings encodings;
  CapitalRanges capitals;
};

// Takes the mark off a font's name.
bool TakeCapitalsMark(std::string_view* name) {
  constexpr std::string_view kMark = decode::kDrawnAsCapitals;
  if (name->size() < kMark.size() || name->substr(name->size() - kMark.size()) != kMark) {
    return false;
  }
  name->remove_suffix(kMark.size());
  return true;
}

FontMeaning ReadFonts(const LegacyWords& text, const std::vector<decode::FontRun>* runs) {
  FontMeaning out;
  if (runs == nullptr || runs->empty()) {
    return out;
  }
  out.encodings.assign(text.words.size(), kNoFont);
  std::string last;
  std::string_view name;
  size_t encoding = kEncodings;
  bool capitals = false;
  size_t w = 0;
  for (const decode::FontRun& run : *runs) {
    if (run.font != last) {
      last = run.font;
      name = last;
      const bool drawn = TakeCapitalsMark(&name);
      encoding = EncodingNamed(EncodingOfFont(name, &capitals));
      capitals = drawn || (capitals && encoding < kEncodings);
    }
    while (w < text.words.size() && text.words[w].begin < run.begin) {
      ++w;
    }
    for (; w < text.words.size() && text.words[w].begin < run.end; ++w) {
      out.encodings[w] = encoding < kEncodings ? static_cast<uint8_t>(encoding)
                         : name.empty()        ? kNoFont
                                               : kOtherFont;
    }
    if (capitals && run.begin < run.end) {
      out.capitals.emplace_back(run.begin, run.end);
    }
  }
  return out;
}

std::string NamesOf(const std::vector<uint8_t>& encodings) {
  std::array<size_t, kEncodings + 1> counts{};
  for (const uint8_t e : encodings) {
    ++counts[e];
  }
  std::string names;
  for (size_t rank = 0; rank < kEncodings; ++rank) {
    const auto most = std::max_element(counts.begin(), counts.begin() + kEncodings);
    if (*most == 0) {
      break;
    }
    names += names.empty() ? "" : " ";
    names += kEncodingNames[static_cast<size_t>(most - counts.begin())];
    *most = 0;
  }
  return names;
}

// Bytes that are no text at all: controls that no encoding has as letters, and what was ill-formed.
bool IsNoText(std::string_view utf8) {
  constexpr std::string_view kNoLetters("\x00\x03\x07\x08\x0E\x0F\x10\x18\x1A\x1C\x1D\x1F\x7F", 13);
  size_t characters = 0;
  size_t odd = 0;
  for (size_t i = 0; i < utf8.size(); ++characters) {
    const char32_t c = NextCodePoint(utf8, &i);
    odd += c == kReplacement ||
                   (c < 0x80 && kNoLetters.find(static_cast<char>(c)) != std::string_view::npos)
               ? 1U
               : 0U;
  }
  return odd * 100 > characters;
}

// The second step's way back through the first's.
std::vector<MapPiece> Join(const std::vector<MapPiece>& second, const std::vector<MapPiece>& first,
                           size_t size) {
  std::vector<MapPiece> out;
  const auto back = [&](uint32_t at) {
    auto piece = std::upper_bound(first.begin(), first.end(), at,
                                  [](uint32_t a, const MapPiece& p) { return a < p.view; });
    return piece == first.begin() ? at : (piece - 1)->source + (at - (piece - 1)->view);
  };
  // Every edge of either step is an edge of both together.
  std::vector<MapPiece> edges = second.empty() ? std::vector<MapPiece>{{0, 0}} : second;
  size_t f = 0;
  for (size_t k = 0; k < edges.size(); ++k) {
    const uint32_t begin = edges[k].source;
    const uint32_t end = k + 1 < edges.size() ? edges[k + 1].source : static_cast<uint32_t>(size);
    out.push_back({edges[k].view, back(begin)});
    while (f < first.size() && first[f].view <= begin) {
      ++f;
    }
    for (; f < first.size() && first[f].view < end; ++f) {
      // A stretch that shrank has edges of the first step behind its end.
      const uint32_t limit = k + 1 < edges.size() ? edges[k + 1].view : UINT32_MAX;
      out.push_back({std::min(edges[k].view + (first[f].view - begin), limit), first[f].source});
    }
  }
  return out;
}

LegacyText ReadTwice(std::string_view utf8, Page page) {
  LegacyText out = DecodeTwice(utf8, page);
  for (int again = 0; again < 2 && TwiceScore(out.utf8, page) > 0; ++again) {
    LegacyText next = DecodeTwice(out.utf8, page);
    next.pieces = Join(next.pieces, out.pieces, out.utf8.size());
    out = std::move(next);
  }
  out.names = kTwice;
  return out;
}

bool MayBeTwice(std::string_view utf8, Page page) {
  // All letters of the Vietnamese block begin with E1; marks with CC, horns with C6.
  for (size_t i = 0; i < utf8.size();) {
    const char32_t c = NextCodePoint(utf8, &i);
    const int byte = c < 0x80 ? 0 : ByteIn(page, c);
    if ((byte == 0xE1 || byte == 0xCC || byte == 0xC6) && i < utf8.size()) {
      size_t next = i;
      const char32_t second = NextCodePoint(utf8, &next);
      const int tail = second < 0x80 ? 0 : ByteIn(page, second);
      if (tail >= 0x80 && tail < 0xC0) {
        return true;
      }
    }
  }
  return false;
}

// A page, and what the text says when read through it.
struct Candidate {
  LegacyWords words;
  FontMeaning fonts;
  uint32_t used = 0;
  int64_t gain = 0;
};

// Keeps the page that explains more words. A word that is Vietnamese Unicode as it stands, beyond
// what any page of Western letters has by chance, counts against being converted, where there are
// more than windows-1258 shows by chance in a text of another encoding.
void Consider(LegacyWords words, const LegacyHints& hints, Candidate* best) {
  Candidate next;
  next.fonts = ReadFonts(words, hints.fonts);
  next.used = EncodingsUsed(words, EncodingsNamed(hints.encoding), next.fonts.encodings);
  if (words.page == Page::kWindows1258) {
    next.used &= ~(1U << EncodingNamed("windows-1258"));  // Unicode's own combining marks
  }
  int64_t explained = 0;
  int64_t against = 0;
  for (const MarkedWord& word : words.words) {
    const WordKind& kind = words.kinds[word.kind];
    const bool fits = (kind.valid & next.used) != 0;
    explained += fits ? 1 : 0;
    against += fits && kind.as_it_is && kind.beyond_latin1 ? 1 : 0;
  }
  next.gain = against * 3 <= explained ? explained : explained - 2 * against;
  next.words = std::move(words);
  if (next.gain > best->gain || (best->words.words.empty() && !next.fonts.capitals.empty())) {
    *best = std::move(next);
  }
}

// Most words are Vietnamese as they stand: no page will say otherwise.
bool IsUnicodeVietnamese(const LegacyWords& words) {
  const auto as_it_is = std::count_if(words.kinds.begin(), words.kinds.end(),
                                      [](const WordKind& kind) { return kind.as_it_is; });
  return static_cast<size_t>(as_it_is) * 4 >= words.kinds.size() * 3;
}

LegacyText DecodeCandidate(std::string_view utf8, const LegacyHints& hints, Candidate* candidate) {
  if (candidate->words.kinds.size() >= kDeciding) {
    candidate->words = CollectWords(utf8, candidate->words.page, kDecoded);
    candidate->fonts = ReadFonts(candidate->words, hints.fonts);
  }
  const std::vector<uint8_t> encodings =
      AssignEncodings(candidate->words, candidate->used, candidate->fonts.encodings);
  std::string names = NamesOf(encodings);
  if (names.empty()) {
    return {};
  }
  LegacyText out = DecodeWords(utf8, candidate->words, encodings, candidate->fonts.capitals);
  out.names = std::move(names);
  return out;
}

}  // namespace

LegacyText DrawCapitals(std::string_view utf8, const std::vector<decode::FontRun>& fonts) {
  LegacyText out;
  bool any = false;
  size_t at = 0;
  const auto put = [&](std::string_view text, size_t source) {
    const auto view = static_cast<uint32_t>(out.drawn.size());
    if (out.drawn_pieces.empty() ||
        source - out.drawn_pieces.back().source != view - out.drawn_pieces.back().view) {
      out.drawn_pieces.push_back({view, static_cast<uint32_t>(source)});
    }
    out.drawn += text;
  };
  for (const decode::FontRun& run : fonts) {
    std::string_view name = run.font;
    if (!TakeCapitalsMark(&name) || run.begin < at || run.end > utf8.size() ||
        (static_cast<unsigned char>(utf8[run.begin]) & 0xC0U) == 0x80) {
      continue;
    }
    put(utf8.substr(at, run.begin - at), at);
    std::string capital;
    for (at = run.begin; at < run.end;) {
      const size_t begin = at;
      const char32_t c = NextCodePoint(utf8, &at);
      capital.clear();
      AppendUtf8(ToUpper(c), &capital);
      put(capital, begin);
      any = any || ToUpper(c) != c;
    }
  }
  if (!any) {
    return {};
  }
  put(utf8.substr(at), at);
  return out;
}

LegacyText ReadLegacy(std::string_view utf8, const LegacyHints& hints) {
  if (IsAscii(utf8)) {
    const bool viqr = IsViqr(utf8, hints.encoding.find(kViqr) != std::string_view::npos);
    LegacyText out = viqr ? DecodeViqr(utf8) : LegacyText{};
    out.names = viqr ? kViqr : "";
    return out;
  }
  if (IsNoText(utf8)) {
    return {};
  }
  Page twice = Page::kWindows1252;
  size_t twice_score = 0;
  Candidate best;
  for (const Page page : kAllPages) {
    LegacyWords words = CollectWords(utf8, page, kDeciding);
    if (page != Page::kWindows1252 && !words.differs) {
      continue;  // it would read as before
    }
    const size_t score = MayBeTwice(utf8, page) ? TwiceScore(utf8, page) : 0;
    if (score > twice_score) {
      twice_score = score;
      twice = page;
    }
    const bool first = page == Page::kWindows1252;
    const bool unicode = first && IsUnicodeVietnamese(words);
    // A few words would read as something through one page or another.
    if (first || words.kinds.size() >= kOtherPages) {
      Consider(std::move(words), hints, &best);
    }
    if (unicode && best.gain == 0) {
      break;
    }
  }
  if (twice_score > 0) {
    return ReadTwice(utf8, twice);
  }
  if (best.gain > 0 || !best.fonts.capitals.empty()) {
    LegacyText out = DecodeCandidate(utf8, hints, &best);
    if (!out.names.empty()) {
      return out;
    }
  }
  if (IsViqr(utf8, hints.encoding.find(kViqr) != std::string_view::npos)) {
    LegacyText out = DecodeViqr(utf8);
    out.names = kViqr;
    return out;
  }
  return {};
}

}  // namespace gatepost::text
