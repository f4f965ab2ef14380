// Excel 97-2003 (MS-XLS), and BIFF5 as far as its labels go.
// LIMITS: text up to `limit`; a cell that repeats a shared string pays for it each time.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/office97.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

// Strings that may run on into CONTINUE records; at each edge a flag byte says anew whether the
// characters have one byte or two (MS-XLS 2.5.293).
class ContinuedReader {
 public:
  explicit ContinuedReader(std::vector<Bytes> blocks) : blocks_(std::move(blocks)) {}
  bool done() const { return block_ >= blocks_.size(); }

  uint32_t Number(int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      value |= static_cast<uint32_t>(Byte()) << (8 * i);
    }
    return value;
  }

  void Skip(uint64_t bytes) {
    while (bytes > 0 && !done()) {
      const uint64_t here = std::min<uint64_t>(bytes, blocks_[block_].size() - at_);
      at_ += here;
      bytes -= here;
      Settle();
    }
  }

  // XLUnicodeRichExtendedString without its character count.
  std::string Text(uint32_t chars, uint64_t limit) {
    const uint32_t flags = Number(1);
    const uint32_t runs = (flags & 8) != 0 ? Number(2) : 0;
    const uint32_t phonetic = (flags & 4) != 0 ? Number(4) : 0;
    std::string utf8;
    bool wide = (flags & 1) != 0;
    while (chars > 0 && !done()) {
      const Bytes block = blocks_[block_];
      const uint64_t left = block.size() - at_;
      const uint64_t fit = wide ? left / 2 : left;
      const uint64_t here = std::min<uint64_t>(chars, fit);
      if (utf8.size() < limit) {
        utf8 += wide ? Utf16LeToUtf8(block.substr(at_, here * 2))
                     : CodePageToUtf8(1252, block.substr(at_, here));
      }
      at_ += wide ? here * 2 : here;
      chars -= static_cast<uint32_t>(here);
      if (chars > 0) {
        ++block_;
        at_ = 0;
        if (done()) {
          break;
        }
        wide = (Number(1) & 1) != 0;
      }
    }
    Settle();
    Skip(static_cast<uint64_t>(runs) * 4 + phonetic);
    return utf8;
  }

 private:
  uint8_t Byte() {
    Settle();
    return done() ? 0 : static_cast<uint8_t>(blocks_[block_][at_++]);
  }
  void Settle() {
    while (!done() && at_ >= blocks_[block_].size()) {
      ++block_;
      at_ = 0;
    }
  }

  std::vector<Bytes> blocks_;
  size_t block_ = 0;
  size_t at_ = 0;
};

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
        id == 0xfc ? SharedStrings(std::move(blocks)) : TextObject(std::move(blocks));
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
      case 0x0809:  // BOF
        biff8_ = in.U16(0) >= 0x0600;
        out_.macros = out_.macros || in.U16(2) == 0x0040;  // a macro sheet
        break;
      case 0x0085:  // BOUNDSHEET
        out_.macros = out_.macros || (in.U8(5) & 0x0f) == 1;
        Line(&out_.body, String(in.Slice(6, data.size()), 1));
        break;
      case 0x0014:  // HEADER, FOOTER
      case 0x0015:
        Line(&out_.margin, String(data, biff8_ ? 2 : 1));
        break;
      case 0x0031:  // FONT
        Line(&out_.fonts, String(in.Slice(14, data.size()), 1));
        break;
      case 0x0204:  // LABEL, RSTRING
      case 0x00d6:
        Cell(in.U16(0), String(in.Slice(6, data.size()), 2));
        break;
      case 0x00fd: {  // LABELSST
        const uint32_t index = in.U32(6);
        if (index < shared_.size()) {
          Cell(in.U16(0), shared_[index]);
        }
        break;
      }
      case 0x0207:  // STRING: the result of a formula
        Cell(row_, String(data, 2));
        break;
      case 0x001c:  // NOTE of BIFF5 holds its text
        if (!biff8_) {
          Line(&out_.body, CodePageToUtf8(1252, in.Slice(6, data.size())));
        }
        break;
      case 0x01ae: {  // SUPBOOK with a path: another workbook, or DDE
        const std::string path = String(in.Slice(2, data.size()), 2);
        if (in.U16(2) != 0x0401 && in.U16(2) != 0x3a01 && path.size() > 2) {
          Line(&out_.body, path);
          out_.external = out_.external || path.find('\x03') != std::string::npos;
        }
        break;
      }
      default:
        break;
    }
  }

  // A string with a count of 1 or 2 bytes; BIFF8 has a flag byte behind it.
  std::string String(Bytes data, int count_bytes) const {
    const LittleEndian in(data);
    const uint32_t chars = count_bytes == 1 ? in.U8(0) : in.U16(0);
    const auto start = static_cast<uint64_t>(count_bytes);
    if (!biff8_) {
      return CodePageToUtf8(1252, in.Slice(start, chars));
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
      std::string text = reader.Text(chars, left_);
      Line(&out_.body, text);
      constexpr size_t kLong = 2000;  // the whole stands in the list already
      text.resize(std::min(text.size(), kLong));
      shared_.push_back(std::move(text));
    }
  }

  // TXO: a text box or comment; its characters are in the first CONTINUE.
  void TextObject(std::vector<Bytes> blocks) {
    const uint32_t chars = LittleEndian(blocks[0]).U16(10);
    if (blocks.size() > 1 && chars > 0) {
      blocks.erase(blocks.begin());
      const uint32_t flags = LittleEndian(blocks[0]).U8(0) & 1U;
      const LittleEndian in(blocks[0]);
      Line(&out_.body, flags != 0 ? Utf16LeToUtf8(in.Slice(1, 2ULL * chars))
                                  : CodePageToUtf8(1252, in.Slice(1, chars)));
    }
  }

  void Cell(uint32_t row, std::string text) {
    if (row != row_) {
      EndRow();
      row_ = row;
    }
    if (!text.empty()) {
      cells_.push_back(std::move(text));
    }
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
  }

  void Line(std::string* to, const std::string& line) {
    if (line.empty() || line.size() + 1 > left_) {
      return;
    }
    left_ -= line.size() + 1;
    *to += line;
    to->push_back('\n');
  }

  LittleEndian in_;
  uint64_t left_;
  LegacyText out_;
  bool biff8_ = true;
  std::vector<std::string> shared_;
  std::vector<std::string> cells_;
  uint32_t row_ = UINT32_MAX;
};

}  // namespace

LegacyText ReadXls(Bytes workbook, uint64_t limit) { return XlsReader(workbook, limit).Run(); }

}  // namespace gatepost::decode
