// Excel 97-2003 (MS-XLS), and BIFF2 to BIFF5 as far as their labels go.
// LIMITS: text up to `limit`; a cell that repeats a shared string pays for it each time.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/elsewhere.h"
#include "src/decode/formula.h"
#include "src/decode/office97.h"
#include "src/decode/reader.h"
#include "src/decode/sheet_margin.h"
#include "src/decode/xls_strings.h"

namespace gatepost::decode {

namespace {

class XlsReader {
 public:
  XlsReader(Bytes workbook, uint64_t limit) : in_(workbook), left_(limit) {}

  LegacyText Run() {
    uint64_t at = 0;
    while (at + 4 <= in_.size()) {
      const uint32_t id = in_.U16(at);
      const uint32_t length = in_.U16(at + 2);
      const Bytes data = in_.Slice(at + 4, length);
      at += 4ULL + length;
      if (id == 0x2f) {
        out_.encrypted = true;
        return std::move(out_);
      }
      if (id == 0xfc || id == 0x1b6) {
        std::vector<Bytes> blocks = {data};
        while (in_.U16(at) == 0x3c && at + 4 <= in_.size()) {
          blocks.push_back(in_.Slice(at + 4, in_.U16(at + 2)));
          at += 4ULL + in_.U16(at + 2);
        }
        if (id == 0xfc) {
          SharedStrings(std::move(blocks));
        } else if (id == 0x1b6) {
          TextObject(std::move(blocks));
        }
        continue;
      }
      Record(id, data);
    }
    EndRow();
    return std::move(out_);
  }

 private:
  void Record(uint32_t id, Bytes data) {
    const LittleEndian in(data);
    switch (id) {
      case 0x0009:  // BOF
      case 0x0209:
      case 0x0409:
      case 0x0809:
        biff8_ = id == 0x0809 && in.U16(0) >= 0x0600;
        out_.macros = out_.macros || in.U16(2) == 0x0040;  // a macro sheet
        break;
      case 0x0042:  // CODEPAGE, of 8-bit strings before BIFF8
        code_page_ = PageOf(in.U16(0));
        break;
      case 0x0085: {  // BOUNDSHEET
        const uint32_t hidden = in.U8(4) & 3;
        out_.hidden_sheet = out_.hidden_sheet || hidden != 0;
        out_.very_hidden_sheet = out_.very_hidden_sheet || hidden == 2;
        out_.macros = out_.macros || (in.U8(5) & 0x0f) == 1;
        Line(&out_.body, String(in.Slice(6, data.size()), 1));
        break;
      }
      case 0x0014:  // HEADER, FOOTER
      case 0x0015:
        Line(&out_.margin, TextOfMargin(String(data, biff8_ ? 2 : 1), FontNumber(0), &out_.marks));
        break;
      case 0x0031: {  // FONT; there is no number 4
        const std::string name = String(in.Slice(14, data.size()), 1);
        fonts_.push_back(out_.marks.NumberOf(name));
        if (fonts_.size() == 4) {
          fonts_.push_back(0);
        }
        Line(&out_.fonts, name);
        break;
      }
      case 0x00e0:  // XF
        formats_.push_back(in.U16(0));
        break;
      case 0x0204:  // LABEL, RSTRING
      case 0x00d6:
        Cell(in.U16(0), in.U16(4), String(in.Slice(6, data.size()), 2));
        break;
      case 0x0004:  // LABEL of BIFF2: no format, three bytes of attributes
        Cell(in.U16(0), UINT32_MAX, String(in.Slice(7, data.size()), 1));
        break;
      case 0x00fd: {  // LABELSST
        const uint32_t index = in.U32(6);
        if (index < shared_.size()) {
          Cell(in.U16(0), in.U16(4), shared_[index]);
        }
        break;
      }
      case 0x0006:  // FORMULA
      case 0x0206:
      case 0x0406:
        Formula(in.Slice(22, in.U16(20)));
        formula_format_ = in.U16(4);
        break;
      case 0x0207:  // STRING: the result of a formula
        Cell(row_, formula_format_, String(data, 2));
        break;
      case 0x0007:  // the same in BIFF2
        Cell(row_, UINT32_MAX, String(data, 1));
        break;
      case 0x001c:  // NOTE of BIFF5 holds its text, of BIFF8 the author
        if (!biff8_) {
          Line(&out_.body, CodePageToUtf8(code_page_, in.Slice(6, data.size())));
        }
        break;
      case 0x0018:  // NAME
        Name(data);
        break;
      case 0x01be:  // DV: four messages
        Strings(data, 4, 4);
        break;
      case 0x00cd:  // SXSTRING: what a pivot table remembers of its source
        Line(&out_.body, String(data, 2));
        break;
      case 0x100d:  // SERIESTEXT
        Line(&out_.body, String(in.Slice(2, data.size()), 1));
        break;
      case 0x041e:  // FORMAT: words in it are shown with each number
        if (data.find('"') != Bytes::npos) {
          const std::string format = String(in.Slice(2, data.size()), biff8_ ? 2 : 1);
          Line(&out_.body, format);
          Line(&out_.body, std::string(AsciiTrim(WordsOfNumberFormat(format))));
        }
        break;
      case 0x01b8:  // HLINK
        Line(&out_.body, WideWords(in.Slice(32, data.size())));
        break;
      case 0x01ae:  // SUPBOOK with a path: another workbook, or DDE
        Book(data);
        break;
      default:
        break;
    }
  }

  static int PageOf(uint32_t number) {
    static constexpr uint32_t kKnown[] = {1250, 1251, 1253, 1254, 1255, 1256, 1257,
                                          874,  932,  936,  949,  950,  10000};
    return std::find(std::begin(kKnown), std::end(kKnown), number) != std::end(kKnown)
               ? static_cast<int>(number)
               : 1252;
  }

  void Book(Bytes data) {
    const LittleEndian in(data);
    const std::string path = String(in.Slice(2, data.size()), 2);
    if (in.U16(2) != 0x0401 && in.U16(2) != 0x3a01 && path.size() > 2) {
      const BookPath book = ReadBookPath(path);
      Line(&out_.body, book.text);
      out_.external = out_.external || book.service || IsElsewhere(book.text);
      out_.dde = out_.dde || book.service;
    }
  }

  // A defined name: built-in ones are a number; 1 and 2 start macros (MS-XLS 2.4.150).
  void Name(Bytes data) {
    const LittleEndian in(data);
    const uint32_t chars = in.U8(3);
    const uint64_t at = biff8_ ? 15 : 14;
    const bool wide = biff8_ && (in.U8(14) & 1) != 0;
    const Bytes bytes = in.Slice(at, wide ? 2ULL * chars : chars);
    const std::string name = wide ? Utf16LeToUtf8(bytes) : CodePageToUtf8(code_page_, bytes);
    const bool built_in = (in.U16(0) & 0x20) != 0;
    const std::string low = AsciiLower(name);
    const bool starts = (built_in && (in.U8(at) == 1 || in.U8(at) == 2)) ||
                        low.find("auto_open") != std::string::npos ||
                        low.find("auto_close") != std::string::npos;
    out_.autorun = out_.autorun || starts;
    out_.macros = out_.macros || starts;
    if (!built_in) {
      Line(&out_.body, name);
    }
    Formula(in.Slice(at + bytes.size(), in.U16(4)));
  }

  // Strings and dangerous functions of a tokenised formula (MS-XLS 2.5.198).
  void Formula(Bytes tokens) {
    const LittleEndian in(tokens);
    uint64_t at = 0;
    while (at < tokens.size()) {
      const uint32_t token = in.U8(at++);
      const uint32_t base = token < 0x20 ? token : (token & 0x1f) | 0x20;
      if (token == 0x17) {  // ptgStr
        const uint32_t chars = in.U8(at);
        const bool wide = biff8_ && (in.U8(at + 1) & 1) != 0;
        const uint64_t skip = biff8_ ? 2 : 1;
        const Bytes bytes = in.Slice(at + skip, wide ? 2ULL * chars : chars);
        Line(&out_.body, wide ? Utf16LeToUtf8(bytes) : CodePageToUtf8(code_page_, bytes));
        at += skip + bytes.size();
        continue;
      }
      if (token == 0x19) {  // ptgAttr; a CHOOSE has a table
        at += (in.U8(at) & 4) != 0 ? 5 + 2ULL * in.U16(at + 1) : 3;
        continue;
      }
      if (base == 0x22) {  // ptgFuncVar
        Function(in.U16(at + 1) & 0x7fff);
      } else if (base == 0x21) {  // ptgFunc
        Function(in.U16(at));
      }
      const int size = SizeOfToken(base);
      if (size < 0) {
        return;
      }
      at += static_cast<uint64_t>(size);
    }
  }

  int SizeOfToken(uint32_t base) const {
    if ((base >= 0x03 && base <= 0x16)) {
      return 0;  // operators
    }
    switch (base) {
      case 0x01:  // ptgExp, ptgTbl
      case 0x02:
        return 4;
      case 0x1c:  // ptgErr, ptgBool
      case 0x1d:
        return 1;
      case 0x1e:
        return 2;
      case 0x1f:
        return 8;
      case 0x20:
        return 7;
      case 0x21:
        return 2;
      case 0x22:
        return 3;
      case 0x23:
        return biff8_ ? 4 : 14;
      case 0x24:
      case 0x2a:
      case 0x2c:
        return biff8_ ? 4 : 3;
      case 0x25:
      case 0x2b:
      case 0x2d:
        return biff8_ ? 8 : 6;
      case 0x26:
      case 0x27:
      case 0x28:
        return 6;
      case 0x29:
      case 0x2e:
      case 0x2f:
        return 2;
      case 0x39:
        return biff8_ ? 6 : 24;
      case 0x3a:
      case 0x3c:
        return biff8_ ? 6 : 17;
      case 0x3b:
      case 0x3d:
        return biff8_ ? 10 : 20;
      default:
        return -1;
    }
  }

  void Function(uint32_t number) {
    const char* name = number == 110   ? "EXEC()"
                       : number == 150 ? "CALL()"
                       : number == 149 ? "REGISTER()"
                                       : nullptr;
    if (name != nullptr) {
      out_.macros = true;
      Line(&out_.body, name);
    }
  }

  // XLUnicodeStrings one behind the other.
  void Strings(Bytes data, uint64_t at, int count) {
    const LittleEndian in(data);
    for (int i = 0; i < count && at + 3 <= data.size(); ++i) {
      const uint32_t chars = in.U16(at);
      const bool wide = (in.U8(at + 2) & 1) != 0;
      const std::string text = String(in.Slice(at, data.size()), 2);
      if (text.size() > 1) {
        Line(&out_.body, text);
      }
      at += 3ULL + (wide ? 2ULL : 1ULL) * chars;
    }
  }

  // A string with a count of 1 or 2 bytes; BIFF8 has a flag byte behind it.
  std::string String(Bytes data, int count_bytes) const {
    const LittleEndian in(data);
    const uint32_t chars = count_bytes == 1 ? in.U8(0) : in.U16(0);
    const auto start = static_cast<uint64_t>(count_bytes);
    if (!biff8_) {
      return CodePageToUtf8(code_page_, in.Slice(start, chars));
    }
    const uint32_t flags = in.U8(start);
    const uint64_t skip = start + 1 + ((flags & 8) != 0 ? 2 : 0) + ((flags & 4) != 0 ? 4 : 0);
    return (flags & 1) != 0 ? Utf16LeToUtf8(in.Slice(skip, 2ULL * chars))
                            : CodePageToUtf8(1252, in.Slice(skip, chars));
  }

  void SharedStrings(std::vector<Bytes> blocks) {
    ContinuedReader reader(std::move(blocks));
    reader.Skip(4);
    const uint32_t count = reader.Number(4);
    for (uint32_t i = 0; i < count && !reader.done(); ++i) {
      const uint32_t chars = reader.Number(2);
      std::vector<ContinuedReader::FontChange> changes;
      std::string text = reader.Text(chars, left_, &changes);
      constexpr size_t kLong = 2000;  // the whole stands in the list already
      size_t length = std::min(text.size(), kLong);
      while (length < text.size() && length > 0 &&
             (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80) {
        --length;  // no letter is cut
      }
      std::string kept = text.substr(0, length);
      if (!changes.empty()) {
        text = Marked(text, changes);
        kept = text.size() <= kLong ? text : kept;
      }
      Line(&out_.body, text);
      shared_.push_back(std::move(kept));
    }
  }

  // TXO: a text box or comment; its characters and then its fonts are in CONTINUE records.
  void TextObject(std::vector<Bytes> blocks) {
    const LittleEndian head(blocks[0]);
    const uint32_t chars = head.U16(10);
    const uint32_t runs = head.U16(12) / 8;
    blocks.erase(blocks.begin());
    if (blocks.empty() || chars == 0) {
      return;
    }
    ContinuedReader reader(std::move(blocks));
    std::vector<ContinuedReader::FontChange> changes;
    const std::string text = reader.Text(chars, left_, &changes);
    for (uint32_t i = 0; i < runs && !reader.done(); ++i) {
      const uint32_t at = reader.Number(2);
      changes.push_back({at, reader.Number(2)});
      reader.Skip(4);
    }
    Line(&out_.body, Marked(text, changes));
  }

  // With a mark at each change of font; changes count UTF-16 units.
  std::string Marked(const std::string& text,
                     const std::vector<ContinuedReader::FontChange>& changes) {
    std::string out;
    size_t next = 0;
    uint32_t units = 0;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte & 0xc0U) != 0x80U) {
        while (next < changes.size() && changes[next].at <= units) {
          FontMarks::Append(FontNumber(changes[next].font), &out);
          ++next;
        }
        units += byte >= 0xf0 ? 2 : 1;
      }
      out.push_back(c);
    }
    return out;
  }

  uint32_t FontNumber(uint32_t font) const { return font < fonts_.size() ? fonts_[font] : 0; }

  void Cell(uint32_t row, uint32_t format, std::string text) {
    if (row != row_) {
      EndRow();
      row_ = row;
    }
    if (text.empty()) {
      return;
    }
    const uint32_t font = format < formats_.size() ? FontNumber(formats_[format]) : 0;
    std::string cell;
    if (font != 0 || marks_in_row_) {
      FontMarks::Append(font, &cell);
      marks_in_row_ = true;
    }
    cells_.push_back(std::move(cell) + text);
  }

  void EndRow() {
    if (cells_.size() > 1) {
      std::string joined;
      for (const std::string& cell : cells_) {
        joined += (joined.empty() ? "" : " | ") + cell;
      }
      Line(&out_.body, joined);
    }
    for (const std::string& cell : cells_) {
      Line(&out_.body, cell);
    }
    cells_.clear();
    marks_in_row_ = false;
  }

  void Line(std::string* to, const std::string& line) {
    if (IsBlankBesidesMarks(line)) {
      return;
    }
    if (line.size() + 1 > left_) {
      out_.cut = true;
      return;
    }
    left_ -= line.size() + 1;
    if (marked_ && to == &out_.body) {
      FontMarks::Append(0, to);
      marked_ = false;
    }
    marked_ = marked_ || (to == &out_.body && line.find('\xff') != std::string::npos);
    *to += line;
    to->push_back('\n');
  }

  LittleEndian in_;
  uint64_t left_;
  LegacyText out_;
  bool biff8_ = true;
  int code_page_ = 1252;
  std::vector<uint32_t> fonts_;    // numbers of marks
  std::vector<uint32_t> formats_;  // indexes into fonts_
  uint32_t formula_format_ = 0;
  bool marks_in_row_ = false;
  bool marked_ = false;
  std::vector<std::string> shared_;
  std::vector<std::string> cells_;
  uint32_t row_ = UINT32_MAX;
};

}  // namespace

bool IsSheetStream(Bytes bytes) {
  const LittleEndian in(bytes);
  const uint32_t id = in.U16(0);
  const uint32_t length = in.U16(2);
  const uint32_t kind = in.U16(6);  // workbook, module, sheet, chart, macros, workspace
  return bytes.size() >= 12 && (id == 0x0809 || id == 0x0409 || id == 0x0209 || id == 0x0009) &&
         length >= 4 && length <= 16 && length % 2 == 0 &&
         (kind == 0x05 || kind == 0x06 || kind == 0x10 || kind == 0x20 || kind == 0x40 ||
          kind == 0x0100);
}

LegacyText ReadXls(Bytes workbook, uint64_t limit) { return XlsReader(workbook, limit).Run(); }

}  // namespace gatepost::decode
