// Uuencode and yEnc. Every file in a text is found in one pass over its lines.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/uuencode.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/decode/macintosh.h"
#include "src/decode/sniff.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

// The line at `at` without its end; *next is where the following one starts.
Bytes LineAt(Bytes text, size_t at, size_t* next) {
  size_t end = text.find('\n', at);
  *next = end == Bytes::npos ? text.size() : end + 1;
  end = end == Bytes::npos ? text.size() : end;
  if (end > at && text[end - 1] == '\r') {
    --end;
  }
  return text.substr(at, end - at);
}

struct UuBegin {
  bool base64 = false;
  std::string name;
};

// "begin 644 name", "begin-base64 644 name".
bool ParseBegin(Bytes line, UuBegin* out) {
  out->base64 = line.substr(0, 13) == "begin-base64 ";
  if (!out->base64 && line.substr(0, 6) != "begin ") {
    return false;
  }
  Bytes rest = line.substr(out->base64 ? 13 : 6);
  while (!rest.empty() && rest[0] == ' ') {
    rest.remove_prefix(1);
  }
  const size_t digits = rest.find_first_not_of("01234567");
  if (digits == Bytes::npos || digits < 3 || digits > 6 || rest[digits] != ' ') {
    return false;
  }
  out->name = std::string(AsciiTrim(rest.substr(digits)));
  return !out->name.empty();
}

uint8_t UuValue(char c) { return static_cast<uint8_t>((static_cast<unsigned char>(c) - 32) & 63); }

// One data line; by_length trusts the length character, otherwise all of the line is data.
// False: not a data line.
bool DecodeUuLine(Bytes line, bool by_length, std::string* out, uint32_t* faults) {
  if (line.empty()) {
    return false;
  }
  const size_t length = UuValue(line[0]);
  const Bytes data = line.substr(1);
  for (const char c : line) {
    if (c < 32 || c > 96) {
      return false;
    }
  }
  const size_t needed = (length + 2) / 3 * 4;
  // Encoders may drop blanks at the end of a line, and some add a check character.
  if (data.size() + 3 < needed || data.size() > needed + 2) {
    *faults |= kUuBadLength;
  }
  const size_t produce = by_length ? length : data.size() / 4 * 3;
  const size_t start = out->size();
  for (size_t i = 0; out->size() - start < produce && i < std::max(needed, data.size()); i += 4) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 4; ++k) {
      bits = bits << 6 | (i + k < data.size() ? UuValue(data[i + k]) : 0U);
    }
    for (int shift = 16; shift >= 0 && out->size() - start < produce; shift -= 8) {
      out->push_back(static_cast<char>(bits >> shift & 0xff));
    }
  }
  return true;
}

// Data lines from `at` to "end", a line of length 0 or the end of the text; returns where it
// stopped.
size_t DecodeUuLines(Bytes text, size_t at, bool by_length, std::string* out, uint32_t* faults) {
  size_t spoiled_at = Bytes::npos;  // one spoiled line does not end the file, two in a row do
  UuBegin another;
  while (at < text.size()) {
    size_t next = 0;
    const Bytes line = LineAt(text, at, &next);
    if (line == "end") {
      return next;
    }
    if (ParseBegin(line, &another)) {
      return at;
    }
    if (line.empty() || DecodeUuLine(line, by_length, out, faults)) {
      spoiled_at = Bytes::npos;
    } else {
      *faults |= kUuBadLength;
      if (spoiled_at != Bytes::npos) {
        return spoiled_at;
      }
      spoiled_at = at;
    }
    at = next;
  }
  return at;
}

size_t DecodeUuBase64(Bytes text, size_t at, std::string* out, uint32_t* faults) {
  const size_t begin = at;
  size_t end = at;
  while (at < text.size()) {
    size_t next = 0;
    const Bytes line = LineAt(text, at, &next);
    end = at;
    at = next;
    if (line == "====" || line.empty()) {
      break;
    }
    end = next;
  }
  if (!DecodeBase64Strict(text.substr(begin, end - begin), out)) {
    *out = DecodeBase64Skipping(text.substr(begin, end - begin));
    *faults |= kBase64Junk;
  }
  return at;
}

size_t DecodeYenc(Bytes text, size_t at, std::string* out) {
  while (at < text.size()) {
    size_t next = 0;
    const Bytes line = LineAt(text, at, &next);
    at = next;
    if (line.substr(0, 5) == "=yend") {
      break;
    }
    if (line.substr(0, 6) == "=ypart") {
      continue;
    }
    for (size_t i = 0; i < line.size(); ++i) {
      int shift = 42;
      if (line[i] == '=' && i + 1 < line.size()) {
        ++i;
        shift += 64;
      }
      out->push_back(static_cast<char>(static_cast<unsigned char>(line[i]) - shift));
    }
  }
  return at;
}

}  // namespace

bool SniffsAsContent(Bytes bytes) {
  if (bytes.size() < 8) {
    return false;
  }
  const Type magic = SniffMagic(bytes);
  if (magic != Type::kBinary && magic != Type::kPkcs7 && !(bytes[0] == '#')) {
    // Two-byte magics say too little about a guess.
    const bool short_magic = (bytes[0] == 'B' && bytes[1] == 'M') ||
                             (bytes[0] == 'M' && bytes[1] == 'Z' && bytes.size() < 64) ||
                             (bytes[0] == '\x1f' && bytes[1] == '\x9d') || bytes[0] == '\x60';
    return !short_magic;
  }
  if (bytes.size() < 12 || !LooksLikeText(bytes, false)) {
    return false;
  }
  const Bytes window = bytes.substr(0, 512);
  size_t letters = 0;
  for (const char c : window) {
    letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' ||
                       static_cast<unsigned char>(c) >= 0xc0
                   ? 1
                   : 0;
  }
  // Cut at a code point's edge, the window may end within one.
  size_t end = window.size();
  while (end > 0 && (static_cast<unsigned char>(window[end - 1]) & 0xc0) == 0x80) {
    --end;
  }
  end = end > 0 && static_cast<unsigned char>(window[end - 1]) >= 0x80 ? end - 1 : window.size();
  return letters * 2 > window.size() && IsUtf8(window.substr(0, end));
}

void UuReadings(Bytes body, const std::function<void(std::string, uint32_t)>& add) {
  size_t at = 0;
  UuBegin begin;
  bool found = false;
  while (at < body.size() && !found) {
    size_t next = 0;
    found = ParseBegin(LineAt(body, at, &next), &begin);
    at = next;
  }
  if (!found) {
    std::string bytes;
    uint32_t faults = kUuNoBegin;
    DecodeUuLines(body, 0, true, &bytes, &faults);
    add(std::move(bytes), faults);
    if ((faults & kUuBadLength) != 0) {
      std::string whole;
      uint32_t ignored = 0;
      DecodeUuLines(body, 0, false, &whole, &ignored);
      add(std::move(whole), faults);
    }
    add(std::string(body), faults);
    return;
  }
  // What stands around the files is shown by who looks for them in the text.
  constexpr int kMostFiles = 8;
  bool words_around = !AsciiTrim(body.substr(0, body.rfind("begin", at))).empty();
  uint32_t all_faults = 0;
  for (int n = 0; n < kMostFiles && found; ++n) {
    std::string bytes;
    uint32_t faults = 0;
    const size_t start = at;
    at = begin.base64 ? DecodeUuBase64(body, at, &bytes, &faults)
                      : DecodeUuLines(body, at, true, &bytes, &faults);
    add(std::move(bytes), faults);
    if (!begin.base64 && (faults & kUuBadLength) != 0) {
      std::string whole;
      uint32_t ignored = 0;
      DecodeUuLines(body, start, false, &whole, &ignored);
      add(std::move(whole), faults);
    }
    all_faults |= faults;
    found = false;
    while (at < body.size() && !found) {
      size_t next = 0;
      const Bytes line = LineAt(body, at, &next);
      found = ParseBegin(line, &begin);
      words_around = words_around || (!found && line != "end" && !AsciiTrim(line).empty());
      at = next;
    }
  }
  if (words_around || all_faults != 0) {
    add(std::string(body), all_faults);
  }
}

std::vector<InlineFile> FindInlineFiles(Bytes text, const Limits& limits) {
  std::vector<InlineFile> files;
  const size_t most = static_cast<size_t>(limits.readings_per_part) * 4;
  size_t at = 0;
  while (files.size() < most && (at = text.find(kBinHexLine, at)) != Bytes::npos) {
    BinHexFile binhex;
    size_t end = 0;
    if (!DecodeBinHex(text.substr(at), &binhex, &end)) {
      at += kBinHexLine.size();
      continue;
    }
    InlineFile file;
    file.name = std::move(binhex.name);
    file.bytes = std::move(binhex.data);
    file.faults = binhex.damaged ? static_cast<uint32_t>(kUuBadLength) : 0U;
    files.push_back(std::move(file));
    at += end;
  }
  at = 0;
  // "begin" and "=ybegin" share letters that running text seldom has at the start of a line.
  while (files.size() < most && (at = text.find("begin", at)) != Bytes::npos) {
    size_t line_start = at;
    while (line_start > 0 && text[line_start - 1] != '\n' && at - line_start < 2) {
      --line_start;
    }
    if (line_start > 0 && text[line_start - 1] != '\n') {
      at += 5;
      continue;
    }
    size_t next = 0;
    const Bytes line = LineAt(text, line_start, &next);
    UuBegin begin;
    InlineFile file;
    if (line.substr(0, 8) == "=ybegin ") {
      const size_t name = line.find(" name=");
      file.name = std::string(name == Bytes::npos ? Bytes() : AsciiTrim(line.substr(name + 6)));
      at = DecodeYenc(text, next, &file.bytes);
    } else if (line_start == at && ParseBegin(line, &begin)) {
      file.name = begin.name;
      at = begin.base64 ? DecodeUuBase64(text, next, &file.bytes, &file.faults)
                        : DecodeUuLines(text, next, true, &file.bytes, &file.faults);
    } else {
      at += 5;
      continue;
    }
    if (!file.bytes.empty()) {
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace gatepost::decode
