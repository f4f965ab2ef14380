// Binary workbooks of Excel 2007 and later (MS-XLSB): strings with their fonts, rows, names,
// messages, headers. LIMITS: as sheet.cc; numbers are not read.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/reader.h"
#include "src/decode/sheet.h"
#include "src/decode/sheet_margin.h"
#include "src/decode/sheet_rows.h"

namespace gatepost::decode {

namespace {

enum Record : uint32_t {
  kRowHeader = 0,
  kCellString = 6,
  kCellShared = 7,
  kFormulaString = 8,
  kSharedItem = 19,
  kName = 39,
  kFont = 43,
  kFormat = 47,
  kCellRichString = 62,
  kValidation = 64,
  kSheetEntry = 156,  // BrtBundleSh
  kStyleSheet = 278,
  kBook = 360,  // BrtBeginSupBook
  kHeaderFooter = 479,
  kHyperlink = 494,
  kCellFormats = 617,
  kEndCellFormats = 618,
  kCommentText = 637,
};

// Calls `take` with the type and the bytes of each record; both come in 7-bit groups (2.1.4).
template <typename Take>
void EachRecord(Bytes part, Take take) {
  const LittleEndian in(part);
  uint64_t at = 0;
  const auto number = [&in, &at](int groups) {
    uint32_t value = 0;
    for (int i = 0; i < groups; ++i) {
      const uint32_t byte = in.U8(at++);
      value |= (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) {
        break;
      }
    }
    return value;
  };
  while (at < part.size()) {
    const uint32_t type = number(2);
    const uint32_t length = number(4);
    take(type, in.Slice(at, length));
    at += length;
  }
}

// XLWideString, a count and UTF-16; moves *at behind it. "" for a null one too.
std::string WideString(const LittleEndian& in, uint64_t* at) {
  const uint32_t count = in.U32(*at);
  *at += 4;
  if (count == UINT32_MAX) {
    return {};
  }
  std::string text = Utf16LeToUtf8(in.Slice(*at, 2ULL * count));
  *at += 2ULL * count;
  return text;
}

}  // namespace

class BinarySheet {
 public:
  BinarySheet(SheetReader* reader, std::string* text)
      : reader_(*reader), rows_(&reader->room_, text) {}

  void Read(Bytes part) {
    EachRecord(part, [this](uint32_t type, Bytes data) { Take(type, data); });
    rows_.EndRow();
  }

 private:
  void Take(uint32_t type, Bytes data) {
    const LittleEndian in(data);
    uint64_t at = 8;  // behind a cell's column and format
    switch (type) {
      case kRowHeader:
        rows_.EndRow();
        break;
      case kCellString:
      case kFormulaString:
        rows_.AddCell(WideString(in, &at), FontOfCell(in));
        break;
      case kCellRichString:
        rows_.AddCell(RichString(in, &at), FontOfCell(in));
        break;
      case kCellShared:
        if (in.U32(8) < reader_.shared_.size()) {
          rows_.AddCell(reader_.ShortShared(in.U32(8)), FontOfCell(in));
        }
        break;
      case kSharedItem: {
        at = 0;
        std::string text = RichString(in, &at);
        rows_.Line(text);
        reader_.shared_.push_back(std::move(text));
        break;
      }
      case kCommentText:
        at = 0;
        rows_.Line(RichString(in, &at));
        break;
      case kHeaderFooter:
        at = 2;
        for (int i = 0; i < 6 && at + 4 <= data.size(); ++i) {
          reader_.AddMargin(WideString(in, &at));
        }
        break;
      default:
        Settings(type, data);
        break;
    }
  }

  void Settings(uint32_t type, Bytes data) {
    const LittleEndian in(data);
    switch (type) {
      case kName:
        Strings(in, 9, 1);
        break;
      case kValidation:
        Strings(in, 8 + 16ULL * in.U32(4), 4);
        break;
      case kSheetEntry: {  // state, number, relation id, name
        reader_.very_hidden_sheet_ = reader_.very_hidden_sheet_ || in.U32(0) == 2;
        reader_.hidden_sheet_ = reader_.hidden_sheet_ || in.U32(0) == 1 || in.U32(0) == 2;
        const uint32_t id = in.U32(8);
        Strings(in, 12 + (id == UINT32_MAX ? 0 : 2ULL * id), 1);
        break;
      }
      case kBook:  // kind, two strings; where other books and objects lie, relations say
        reader_.dde_ = reader_.dde_ || in.U16(0) == 1;
        Strings(in, 2, 2);
        break;
      case kHyperlink:  // range, relation id, location, tip, display
        Strings(in, 16, 4);
        break;
      default:
        break;
    }
  }

  void Strings(const LittleEndian& in, uint64_t at, int count) {
    for (int i = 0; i < count && at + 4 <= in.size(); ++i) {
      const std::string line = WideString(in, &at);
      if (AsciiLower(line).find("auto_open") != std::string::npos) {
        reader_.macros_ = true;
        reader_.autorun_ = true;
      }
      rows_.Line(line);
    }
  }

  // Flags, the text, and where its fonts change, in UTF-16 units (RichStr, 2.5.122).
  std::string RichString(const LittleEndian& in, uint64_t* at) {
    const bool rich = (in.U8(*at) & 1) != 0;
    ++*at;
    const uint64_t begin = *at + 4;
    std::string text = WideString(in, at);
    if (!rich || text.empty()) {
      return text;
    }
    const uint32_t runs = in.U32(*at);
    std::string marked;
    uint32_t from = 0;
    for (uint32_t i = 0; i < runs && *at + 8 + 4ULL * i <= in.size(); ++i) {
      const uint64_t run = *at + 4 + 4ULL * i;
      const uint32_t units = static_cast<uint32_t>(*at - begin) / 2;
      const uint32_t to = std::min(in.U16(run), units);
      if (to < from) {
        break;
      }
      marked += Utf16LeToUtf8(in.Slice(begin + 2ULL * from, 2ULL * (to - from)));
      FontMarks::Append(reader_.marks_->NumberOf(reader_.fonts_->OfCellFont(in.U16(run + 2))),
                        &marked);
      from = to;
    }
    return marked + Utf16LeToUtf8(in.Slice(begin + 2ULL * from, *at - begin - 2ULL * from));
  }

  uint32_t FontOfCell(const LittleEndian& in) const {
    return reader_.marks_->NumberOf(reader_.fonts_->OfCell(in.U32(4) & 0xffffff));
  }

  SheetReader& reader_;
  SheetRows rows_;
};

void SheetReader::ReadBinary(Bytes part, std::string* text) { BinarySheet(this, text).Read(part); }

int RankOfBinary(Bytes part) {
  const uint32_t first = LittleEndian(part).U16(0);
  // Records of two bytes: styles, shared strings, the workbook.
  return first == 0x0296 ? 0 : first == 0x019f ? 1 : first == 0x0183 ? 2 : 3;
}

void OoxmlFonts::ReadBinaryCellStyles(Bytes part) {
  bool in_formats = false;
  EachRecord(part, [&](uint32_t type, Bytes data) {
    const LittleEndian in(data);
    uint64_t at = 21;
    if (type == kFont) {
      AddCellFont(WideString(in, &at));
    } else if (type == kFormat && in_formats) {
      AddCellFormat(in.U16(4));
    }
    in_formats = type == kCellFormats || (in_formats && type != kEndCellFormats);
  });
}

}  // namespace gatepost::decode
