// Base64 that no label announces (some mail programs find it by its looks), and whether what a
// guess led to means anything.
// LIMITS: each byte is decoded at most four times; four times Limits::readings_per_part are kept
// apart.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/sniff.h"
#include "src/decode/transfer.h"
#include "src/decode/uuencode.h"

namespace gatepost::decode {

namespace {

// Below this no run of letters is taken for base64: of the words of 3,000 mails none of 12
// letters or more decodes to readable text, ten of 8 do.
constexpr size_t kLeastLetters = 12;
// Lines of encoders that write for mail. Shorter ones are read for their text only.
constexpr size_t kFullLine = 40;

bool IsBase64Letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// A line that holds nothing but base64: its length without blanks around it, or 0.
size_t Base64Length(Bytes line) {
  line = AsciiTrim(line);
  for (size_t i = 0; i < line.size(); ++i) {
    if (!IsBase64Letter(line[i]) && !(line[i] == '=' && i + 2 >= line.size())) {
      return 0;
    }
  }
  return line.size();
}

// Latin letters with whatever they carry, no control characters: this short, nothing less will do.
bool IsShortText(Bytes bytes) {
  constexpr size_t kLongest = 64;
  if (bytes.size() < kLeastLetters / 2 || bytes.size() > kLongest) {
    return false;
  }
  size_t characters = 0;
  size_t letters = 0;
  for (size_t at = 0; at < bytes.size();) {
    const Utf8Unit unit = DecodeUtf8(bytes, at);
    at += unit.bytes;
    const char32_t c = unit.code_point;
    const bool line = c == '\t' || c == '\r' || c == '\n';
    const bool latin =
        (c >= 0xC0 && c < 0x250) || (c >= 0x300 && c < 0x370) || (c >= 0x1E00 && c < 0x1F00);
    if (!unit.valid || (c < 0x20 && !line) || (c >= 0x7F && !latin)) {
      return false;
    }
    characters += line ? 0 : 1;
    letters += latin || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' ? 1 : 0;
  }
  return letters > 0 && letters * 10 >= characters * 7;
}

class Finder {
 public:
  explicit Finder(const Limits& limits)
      : most_(static_cast<size_t>(limits.readings_per_part) * 4) {}

  // Lines that are all base64: as one text, and else cut where their lengths say that one ends.
  void Block(Bytes block) {
    if (block.size() < kLeastLetters) {
      return;
    }
    std::string bytes;
    if (DecodeBase64Strict(block, &bytes) && Keep(&bytes, block, true)) {
      return;
    }
    size_t begin = 0;
    size_t width = 0;
    for (size_t at = 0; at < block.size();) {
      const size_t end = std::min(block.find('\n', at), block.size());
      const Bytes line = AsciiTrim(block.substr(at, end - at));
      const bool joins = line.size() <= width || (line.size() >= kFullLine && width >= kFullLine);
      if (width > 0 && !joins) {
        Segment(block.substr(begin, at - begin));
        width = 0;
      }
      begin = width == 0 ? at : begin;
      const bool last =
          (width > 0 && line.size() < width && !(line.size() >= kFullLine && width >= kFullLine)) ||
          (!line.empty() && line.back() == '=');
      width = width == 0 ? line.size() : width;
      at = std::min(end + 1, block.size());
      if (last) {
        Segment(block.substr(begin, at - begin));
        width = 0;
        begin = at;
      }
    }
    if (begin < block.size()) {
      Segment(block.substr(begin));
    }
  }

  bool found() const { return !found_.empty(); }
  bool cut() const { return cut_; }
  std::vector<std::string> Take() {
    if (!more_text_.empty()) {
      found_.push_back(std::move(more_text_));
    }
    return std::move(found_);
  }

 private:
  void Segment(Bytes data) {
    if (data.size() < kLeastLetters) {
      return;
    }
    std::string bytes;
    const bool strict = DecodeBase64Strict(data, &bytes);
    if (!strict) {
      bytes = DecodeBase64Skipping(data);
    }
    Keep(&bytes, data, strict);
  }

  bool Keep(std::string* bytes, Bytes data, bool strict) {
    const bool text = LooksLikeText(*bytes, false) && SniffMagic(*bytes) == Type::kBinary;
    const bool means = (text || data.size() >= kFullLine) && SniffsAsContent(*bytes);
    if (!means && !(strict && IsShortText(*bytes))) {
      return false;
    }
    if (found_.size() < most_) {
      found_.push_back(std::move(*bytes));
    } else if (text) {
      more_text_ += *bytes + "\n\n";  // so that none is left out
    } else {
      cut_ = true;
    }
    return true;
  }

  size_t most_;
  std::vector<std::string> found_;
  std::string more_text_;
  bool cut_ = false;
};

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
  size_t characters = 0;
  size_t letters = 0;
  for (const char c : window) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || byte >= 0xc0;
    letters += letter ? 1 : 0;
    characters += (byte & 0xc0U) == 0x80 || c == '\r' || c == '\n' ? 0 : 1;
  }
  // Cut at a code point's edge, the window may end within one.
  size_t end = window.size();
  while (end > 0 && (static_cast<unsigned char>(window[end - 1]) & 0xc0) == 0x80) {
    --end;
  }
  end = end > 0 && static_cast<unsigned char>(window[end - 1]) >= 0x80 ? end - 1 : window.size();
  return letters * 2 > characters && IsUtf8(window.substr(0, end));
}

std::vector<std::string> FindHiddenBase64(Bytes text, const Limits& limits, uint32_t* faults) {
  Finder finder(limits);
  size_t block = Bytes::npos;  // where the lines that are all base64 begin
  size_t blocks = 0;
  bool other = false;  // something else stands between
  const auto flush = [&](size_t end) {
    if (block != Bytes::npos) {
      finder.Block(text.substr(block, end - block));
      ++blocks;
      block = Bytes::npos;
    }
  };
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const Bytes line = AsciiTrim(text.substr(at, end - at));
    size_t data = at;
    if (AsciiStartsWithIgnoreCase(line, "data:")) {
      // A link that carries its file: what follows the comma.
      flush(at);
      const size_t comma = text.substr(at, end - at).find(',');
      if (comma != Bytes::npos &&
          AsciiLower(text.substr(at, comma)).find("base64") != Bytes::npos) {
        data = at + comma + 1;
      }
    }
    // Most lines of a letter fail at their first blank.
    if (Base64Length(text.substr(data, end - data)) == 0) {
      flush(at);
      other = other || !line.empty();
    } else if (block == Bytes::npos) {
      block = data;
    }
    at = end + 1;
  }
  flush(text.size());
  if (blocks > 1 && !other) {
    Finder whole(limits);
    whole.Block(text);  // decoders pass over empty lines
    if (whole.found()) {
      finder = std::move(whole);
    }
  }
  if (finder.cut() && faults != nullptr) {
    *faults |= kReadingsCut;
  }
  return finder.Take();
}

}  // namespace gatepost::decode
