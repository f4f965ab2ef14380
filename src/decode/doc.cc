// Word 97-2003 (MS-DOC): the piece table tells where the text stands; Word 6 and 95 have it in one
// run.
// LIMITS: text up to `limit` bytes; pieces are read in order and may overlap, so the limit bounds
// the work too.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/doc_fonts.h"
#include "src/decode/elsewhere.h"
#include "src/decode/office97.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

// Word's control characters to lines; table cells end with 07, rows with an empty cell.
class DocFlow {
 public:
  explicit DocFlow(std::string* out) : out_(out), row_start_(out->size()) {}

  void Put(Bytes utf8) {
    size_t plain = 0;
    for (size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      if (c >= 0x20 || c == '\t' || c == '\n') {
        continue;
      }
      Plain(utf8.substr(plain, i - plain));
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
    Plain(utf8.substr(plain));
  }

  // Of the text that follows; a number of FontMarks.
  void SetFont(uint32_t number) { font_ = number; }

  void Line() {
    if (!out_->empty() && out_->back() != '\n') {
      out_->push_back('\n');
    }
    marked_ = UINT32_MAX;
  }

 private:
  // What is moved later must say its font itself, so each line and cell does.
  void Plain(Bytes utf8) {
    if (utf8.empty()) {
      return;
    }
    if (font_ != marked_ && (font_ != 0 || used_)) {
      FontMarks::Append(font_, out_);
      marked_ = font_;
      used_ = true;
    }
    out_->append(utf8);
  }

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
    marked_ = UINT32_MAX;
  }

  // A row's first cell may hold several lines; only its last is certain to belong to it, and none
  // from before the last row: a file of marks alone would take the same long line for each.
  size_t LineStart() const {
    const Bytes since = Bytes(*out_).substr(row_start_);
    const size_t before = since.size() < 2 ? Bytes::npos : since.rfind('\n', since.size() - 2);
    return row_start_ + (before == Bytes::npos ? 0 : before + 1);
  }

  void Row() {
    if (cells_ > 1) {
      *out_ += joined_;
      out_->push_back('\n');
    }
    joined_.clear();
    cells_ = 0;
    row_start_ = out_->size();
    marked_ = UINT32_MAX;
  }

  std::string* out_;
  size_t row_start_;  // behind the last row's end
  size_t cells_ = 0;
  size_t cell_start_ = 0;
  std::string joined_;
  uint32_t font_ = 0;
  uint32_t marked_ = 0;
  bool used_ = false;
};

struct Piece {
  uint32_t begin = 0;  // in characters
  uint32_t end = 0;
  uint64_t offset = 0;
  bool wide = false;
};

std::vector<Piece> ReadPieces(Bytes clx, bool word6) {
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
    piece.wide = !word6 && (fc & 0x40000000U) == 0;
    piece.offset = word6 ? fc : piece.wide ? fc & 0x3fffffffU : (fc & 0x3fffffffU) / 2;
    if (piece.end > piece.begin) {
      pieces.push_back(piece);
    }
  }
  return pieces;
}

// Characters [begin, end) of the document, as far as pieces and `limit` go, run by run; shown_only:
// without those that are hidden or deleted.
void PutText(Bytes document, const std::vector<Piece>& pieces, uint64_t begin, uint64_t end,
             const DocFonts& fonts, bool shown_only, uint64_t limit, DocFlow* flow) {
  const LittleEndian in(document);
  uint64_t put = 0;
  for (const Piece& piece : pieces) {
    const uint64_t from = std::max<uint64_t>(piece.begin, begin);
    const uint64_t to = std::min<uint64_t>(piece.end, end);
    if (from >= to || put >= limit) {
      continue;
    }
    const uint64_t width = piece.wide ? 2 : 1;
    uint64_t at = piece.offset + width * (from - piece.begin);
    const uint64_t stop =
        std::min<uint64_t>(at + width * std::min(to - from, limit), document.size());
    while (at < stop) {
      const DocRun run = fonts.At(at);
      uint64_t run_end = run.end;
      while (run_end < stop) {
        const DocRun next = fonts.At(run_end);
        if (next.font != run.font || next.unseen != run.unseen) {
          break;
        }
        run_end = next.end;
      }
      // A run that ends between the bytes of a character ends behind it.
      const uint64_t length = std::min(stop, run_end) - at;
      const uint64_t whole = std::min(stop - at, (length + width - 1) / width * width);
      if (!shown_only || !run.unseen) {
        flow->SetFont(run.font);
        const Bytes bytes = in.Slice(at, whole);
        flow->Put(piece.wide ? Utf16LeToUtf8(bytes) : CodePageToUtf8(1252, bytes));
      }
      put += whole;
      at += whole;
    }
  }
}

// Word 6 and 95: 8-bit text, in pieces when it was saved fast, else from fcMin to fcMac.
void ReadWord6(Bytes document, uint64_t limit, DocFlow* body) {
  const LittleEndian fib(document);
  std::vector<Piece> pieces;
  if ((fib.U16(0x0a) & 0x0004) != 0) {
    pieces = ReadPieces(fib.Slice(fib.U32(0x0160), fib.U32(0x0164)), true);
  }
  if (!pieces.empty()) {
    PutText(document, pieces, 0, UINT64_MAX, DocFonts(), false, limit, body);
  } else {
    const uint32_t begin = fib.U32(0x18);
    const uint32_t end = fib.U32(0x1c);
    body->Put(CodePageToUtf8(1252, fib.Slice(begin, end > begin ? end - begin : 0)));
  }
  body->Line();
}

// SttbfAssoc (MS-DOC 2.9.275): strings by number, the second is the template.
std::string TemplateOf(Bytes strings) {
  const LittleEndian in(strings);
  const bool wide = in.U16(0) == 0xffff;
  const uint64_t first = wide ? 6 : 4;
  const uint64_t second =
      wide ? first + 2 + 2ULL * in.U16(first) : first + 1 + uint64_t{in.U8(first)};
  return wide ? Utf16LeToUtf8(in.Slice(second + 2, 2ULL * in.U16(second)))
              : CodePageToUtf8(1252, in.Slice(second + 1, in.U8(second)));
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
    ReadWord6(document, limit, &body);
    return out;
  }
  const Bytes table = (flags & 0x0200) != 0 ? table1 : table0;
  const LittleEndian in_table(table);
  const std::vector<Piece> pieces =
      ReadPieces(in_table.Slice(fib.U32(0x01a2), fib.U32(0x01a6)), false);
  // The subdocuments stand one behind the other: text, footnotes, headers, macros, annotations,
  // endnotes, text boxes, text boxes of headers.
  uint64_t ends[8] = {};
  uint64_t sum = 0;
  for (size_t i = 0; i < 8; ++i) {
    sum += fib.U32(0x4c + 4 * i);
    ends[i] = sum;
  }
  if (pieces.empty()) {
    // Without a piece table the text stands in one run, as fcMin and ccpText say.
    const uint32_t begin = fib.U32(0x18);
    body.Put(CodePageToUtf8(1252, fib.Slice(begin, std::min(ends[0], limit))));
    body.Line();
    out.damaged = ends[0] > 0;
    return out;
  }
  const DocFonts fonts(document, table, &out.marks);
  const auto put = [&](uint64_t begin, uint64_t end, DocFlow* flow) {
    PutText(document, pieces, begin, end, fonts, false, limit, flow);
    flow->Line();
  };
  put(0, ends[1], &body);
  DocFlow margin(&out.margin);
  put(ends[1], ends[2], &margin);
  put(ends[2], ends[6], &body);
  put(ends[6], ends[7], &margin);
  // What stands behind the last subdocument belongs to none, and is text all the same.
  put(ends[7], UINT64_MAX, &body);
  if (fonts.has_unseen()) {
    DocFlow flow(&out.shown);
    PutText(document, pieces, 0, UINT64_MAX, fonts, true, limit, &flow);
    flow.Line();
  }
  out.attached = TemplateOf(in_table.Slice(fib.U32(0x019a), fib.U32(0x019e)));
  if (!IsElsewhere(out.attached)) {
    out.attached.clear();
  }
  out.fonts = fonts.names();
  out.hidden_text = fonts.hides_text();
  return out;
}

}  // namespace gatepost::decode
