// Word 97-2003 (MS-DOC): the piece table tells where the text stands; Word 6 and 95 have it in one
// run.
// LIMITS: text up to `limit` bytes; pieces are read in order and may overlap, so the limit bounds
// the work too.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/office97.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

// Word's control characters to lines; table cells end with 07, rows with an empty cell.
class DocFlow {
 public:
  explicit DocFlow(std::string* out) : out_(out), mark_(out->size()) {}

  void Put(Bytes utf8) {
    size_t plain = 0;
    for (size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      if (c >= 0x20 || c == '\t' || c == '\n') {
        continue;
      }
      out_->append(utf8.substr(plain, i - plain));
      plain = i + 1;
      switch (c) {
        case 0x07:
          Cell();
          break;
        case 0x0b:
        case 0x0c:
        case 0x0d:
          Line();
          break;
        case 0x1e:
          out_->push_back('-');
          break;
        case 0x13:  // field code, then its result
        case 0x14:
        case 0x15:
          out_->push_back(' ');
          break;
        default:
          break;
      }
    }
    out_->append(utf8.substr(plain));
  }

  void Line() {
    if (!out_->empty() && out_->back() != '\n') {
      out_->push_back('\n');
    }
    if (cells_ == 0) {
      mark_ = out_->size();
    }
  }

 private:
  void Cell() {
    const bool nothing = cells_ > 0 && cell_start_ == out_->size();
    if (nothing) {
      Row();
      return;
    }
    if (!out_->empty() && out_->back() != '\n') {
      out_->push_back('\n');
    }
    std::string line(AsciiTrim(Bytes(*out_).substr(cells_ == 0 ? LineStart() : cell_start_)));
    std::replace(line.begin(), line.end(), '\n', ' ');
    joined_ += (cells_ == 0 ? "" : " | ") + line;
    ++cells_;
    cell_start_ = out_->size();
  }

  // A row's first cell may hold several lines; only its last is certain to belong to it.
  size_t LineStart() const {
    const size_t end = out_->empty() ? 0 : out_->size() - 1;
    const size_t before = end == 0 ? std::string::npos : out_->rfind('\n', end - 1);
    return before == std::string::npos ? 0 : before + 1;
  }

  void Row() {
    if (cells_ > 1) {
      *out_ += joined_;
      out_->push_back('\n');
    }
    joined_.clear();
    cells_ = 0;
    mark_ = out_->size();
  }

  std::string* out_;
  size_t mark_;
  size_t cells_ = 0;
  size_t cell_start_ = 0;
  std::string joined_;
};

struct Piece {
  uint32_t begin = 0;  // in characters
  uint32_t end = 0;
  uint64_t offset = 0;
  bool wide = false;
};

std::vector<Piece> ReadPieces(Bytes clx) {
  std::vector<Piece> pieces;
  const LittleEndian in(clx);
  uint64_t at = 0;
  while (at < clx.size() && in.U8(at) == 1) {
    at += 3ULL + in.U16(at + 1);
  }
  if (in.U8(at) != 2) {
    return pieces;
  }
  const uint32_t length = in.U32(at + 1);
  const uint64_t count = length < 4 ? 0 : (std::min<uint64_t>(length, clx.size()) - 4) / 12;
  const uint64_t cps = at + 5;
  const uint64_t pcds = cps + 4 * (count + 1);
  for (uint64_t i = 0; i < count; ++i) {
    Piece piece;
    piece.begin = in.U32(cps + 4 * i);
    piece.end = in.U32(cps + 4 * i + 4);
    const uint32_t fc = in.U32(pcds + 8 * i + 2);
    piece.wide = (fc & 0x40000000U) == 0;
    piece.offset = piece.wide ? fc & 0x3fffffffU : (fc & 0x3fffffffU) / 2;
    if (piece.end > piece.begin) {
      pieces.push_back(piece);
    }
  }
  return pieces;
}

// Characters [begin, end) of the document, as far as pieces and `limit` go.
std::string TextOf(Bytes document, const std::vector<Piece>& pieces, uint64_t begin, uint64_t end,
                   uint64_t limit) {
  const LittleEndian in(document);
  std::string text;
  for (const Piece& piece : pieces) {
    const uint64_t from = std::max<uint64_t>(piece.begin, begin);
    const uint64_t to = std::min<uint64_t>(piece.end, end);
    if (from >= to || text.size() >= limit) {
      continue;
    }
    const uint64_t skip = from - piece.begin;
    const uint64_t chars = std::min<uint64_t>(to - from, limit);
    text += piece.wide ? Utf16LeToUtf8(in.Slice(piece.offset + 2 * skip, 2 * chars))
                       : CodePageToUtf8(1252, in.Slice(piece.offset + skip, chars));
  }
  return text;
}

// SttbfFfn (MS-DOC 2.9.286): names of fonts, UTF-16 behind 40 fixed bytes each.
std::string ReadFonts(Bytes table) {
  const LittleEndian in(table);
  std::string fonts;
  const uint32_t count = in.U16(0);
  uint64_t at = 4;
  for (uint32_t i = 0; i < count && at < table.size(); ++i) {
    const uint32_t length = in.U8(at);
    const std::string name = Utf16LeToUtf8(in.Slice(at + 40, length < 39 ? 0 : length - 39));
    const std::string first = name.substr(0, name.find('\0'));
    if (!first.empty()) {
      fonts += first + "\n";
    }
    at += 1ULL + length;
  }
  return fonts;
}

}  // namespace

LegacyText ReadDoc(Bytes document, Bytes table0, Bytes table1, uint64_t limit) {
  LegacyText out;
  const LittleEndian fib(document);
  const uint32_t ident = fib.U16(0);
  if (ident != 0xa5ec && ident != 0xa5dc) {
    out.damaged = true;
    return out;
  }
  const uint32_t flags = fib.U16(0x0a);
  if ((flags & 0x0100) != 0) {
    out.encrypted = true;
    return out;
  }
  DocFlow body(&out.body);
  if (fib.U16(2) < 0x00c1) {
    // Word 6 and 95: 8-bit text from fcMin to fcMac.
    const uint32_t begin = fib.U32(0x18);
    const uint32_t end = fib.U32(0x1c);
    body.Put(CodePageToUtf8(1252, fib.Slice(begin, end > begin ? end - begin : 0)));
    body.Line();
    return out;
  }
  const LittleEndian table((flags & 0x0200) != 0 ? table1 : table0);
  const std::vector<Piece> pieces = ReadPieces(table.Slice(fib.U32(0x01a2), fib.U32(0x01a6)));
  const uint64_t main = fib.U32(0x4c);
  const uint64_t notes = main + fib.U32(0x50);
  const uint64_t margins = notes + fib.U32(0x54);
  if (pieces.empty()) {
    // Without a piece table the text stands in one run, as fcMin and ccpText say.
    const uint32_t begin = fib.U32(0x18);
    body.Put(CodePageToUtf8(1252, fib.Slice(begin, std::min(main, limit))));
    body.Line();
    out.damaged = main > 0;
    return out;
  }
  body.Put(TextOf(document, pieces, 0, notes, limit));
  body.Line();
  DocFlow margin(&out.margin);
  margin.Put(TextOf(document, pieces, notes, margins, limit));
  margin.Line();
  // Annotations, endnotes, text boxes, text boxes of headers.
  body.Put(TextOf(document, pieces, margins, UINT64_MAX, limit));
  body.Line();
  out.fonts = ReadFonts(table.Slice(fib.U32(0x0112), fib.U32(0x0116)));
  return out;
}

}  // namespace gatepost::decode
