// Strings of BIFF8 records.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

// Where another workbook lies (MS-XLS 2.5.277, virtPath), with the separators of Windows.
struct BookPath {
  std::string text;
  bool service = false;  // of DDE or OLE instead: a program, 03, its topic
};
inline BookPath ReadBookPath(std::string_view path) {
  BookPath out;
  if (path.empty() || path[0] != '\x01') {
    out.service = path.find('\x03') != std::string_view::npos;
    out.text = std::string(path);
    return out;
  }
  for (size_t i = 1; i < path.size(); ++i) {
    if (path[i] == '\x01' && i + 1 < path.size()) {  // a drive, or @ for a share
      ++i;
      out.text += path[i] == '@' ? "\\\\" : std::string(1, path[i]) + ":\\";
    } else if (path[i] == '\x05') {  // an address, behind its length
      ++i;
    } else if (path[i] == '\x02' || path[i] == '\x03') {
      out.text += "\\";
    } else if (path[i] == '\x04') {
      out.text += "..\\";
    } else if (path[i] < '\0' || path[i] >= ' ') {
      out.text.push_back(path[i]);
    }
  }
  return out;
}

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
  struct FontChange {
    uint32_t at = 0;  // in characters
    uint32_t font = 0;
  };
  std::string Text(uint32_t chars, uint64_t limit, std::vector<FontChange>* changes) {
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
    for (uint32_t i = 0; i < runs && !done(); ++i) {
      const uint32_t at = Number(2);
      changes->push_back(FontChange{at, Number(2)});
    }
    Skip(phonetic);
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

// Words in UTF-16 among other things, one a line.
inline std::string WideWords(Bytes data) {
  const LittleEndian in(data);
  std::string words;
  for (uint64_t at = 0; at + 1 < data.size(); at += 2) {
    uint64_t end = at;
    while (end + 1 < data.size() && in.U16(end) >= 0x20 && in.U16(end) < 0x3000) {
      end += 2;
    }
    if (end - at >= 8) {
      words += Utf16LeToUtf8(in.Slice(at, end - at)) + "\n";
    }
    at = std::max(at, end);
  }
  return words;
}

}  // namespace gatepost::decode
