// Base64 that no label announces (some mail programs find it by its looks), and whether what a
// guess led to means anything.
// LIMITS: each byte is decoded at most six times; four times Limits::readings_per_part are kept
// apart, of words of a line and in XML and JSON Limits::archive_members.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/inflate.h"
#include "src/decode/script.h"
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

// With junk in between only what is longer than a word is tried.
constexpr size_t kLeastDirty = 40;

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

// A line of base64 with signs in between that decoders pass over: hardly any of other kinds, and
// blanks only where they cut it into equal groups. Prose has a blank in six characters and groups
// of all lengths.
bool IsDirtyBase64(Bytes line) {
  if (line.size() < kLeastLetters) {
    return false;
  }
  size_t junk = 0;
  size_t group = 0;
  size_t width = 0;
  for (const char c : line) {
    if (c == ' ' || c == '\t') {
      if (width != 0 && group != width) {
        return false;
      }
      width = group;
      group = 0;
      continue;
    }
    ++group;
    junk += IsBase64Letter(c) || c == '=' ? 0 : 1;
    if (junk * 6 > line.size()) {
      return false;
    }
  }
  return width == 0 || (width >= 4 && group <= width && line.size() >= kLeastDirty);
}

// Marks of quoting in front of a line.
Bytes WithoutQuoteMarks(Bytes line) {
  size_t at = 0;
  while (at < line.size() && at < 20 && (line[at] == '>' || line[at] == '|' || line[at] == ' ')) {
    ++at;
  }
  return line.substr(at);
}

// UTF-16 that is text: the high bytes of nearly all units are those of Latin letters with
// whatever they carry, and of punctuation.
bool IsUtf16Text(Bytes bytes) {
  const bool little = bytes.substr(0, 2) == "\xff\xfe";
  const bool big = bytes.substr(0, 2) == "\xfe\xff";
  const Bytes window = bytes.substr(little || big ? 2 : 0, 512);
  const size_t units = window.size() / 2;
  if (units < kLeastLetters / 2) {
    return false;
  }
  for (const size_t high : {size_t{1}, size_t{0}}) {
    size_t latin = 0;
    size_t ascii = 0;
    for (size_t i = 0; i < units; ++i) {
      const auto page = static_cast<unsigned char>(window[2 * i + high]);
      const auto low = static_cast<unsigned char>(window[2 * i + 1 - high]);
      latin += page <= 0x03 || page == 0x1e || page == 0x20 ? 1 : 0;
      ascii += page == 0 && (low >= 0x20 || low == '\r' || low == '\n' || low == '\t') ? 1 : 0;
    }
    if (latin * 20 >= units * 19 && ascii * 2 > units && !(high == 1 ? big : little)) {
      return true;
    }
  }
  return false;
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
  // `is_usual`: where base64 is how a file of that kind carries others (XML, JSON).
  Finder(const Limits& limits, bool is_usual)
      : left_(is_usual ? limits.archive_members
                       : static_cast<size_t>(limits.readings_per_part) * 4),
        words_left_(limits.archive_members) {}

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

  // Lines with junk in between, decoded together: what decoders pass over is passed over.
  void Dirty(Bytes block) {
    std::string bytes = DecodeBase64Skipping(block);
    if (Keep(&bytes, block, false)) {
      return;
    }
    if (block.find_first_of("-_") != Bytes::npos && block.find_first_of("+/") == Bytes::npos) {
      std::string plain(block);  // the alphabet of links (RFC 4648, 5)
      std::replace(plain.begin(), plain.end(), '-', '+');
      std::replace(plain.begin(), plain.end(), '_', '/');
      bytes = DecodeBase64Skipping(plain);
      Keep(&bytes, block, false);
    }
  }

  // A word of a line: bounces and trackers have such, too, and pages with pictures in `data:` many.
  void Word(Bytes word) {
    const bool before = alone_;
    std::swap(left_, words_left_);
    Dirty(word);
    std::swap(left_, words_left_);
    alone_ = before;
  }

  bool found() const { return !found_.empty(); }
  bool alone() const { return alone_; }
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
    if (data.size() >= kFullLine) {
      InflateText(bytes);
    }
    const bool text = LooksLikeText(*bytes, false) && SniffMagic(*bytes) == Type::kBinary;
    const bool means =
        ((text || data.size() >= kFullLine) && SniffsAsContent(*bytes)) || IsUtf16Text(*bytes);
    if (!means && !(strict && IsShortText(*bytes))) {
      return false;
    }
    alone_ = true;
    if (left_ > 0) {
      --left_;
      found_.push_back(std::move(*bytes));
    } else if (text) {
      more_text_ += *bytes + "\n\n";  // so that none is left out
    } else {
      cut_ = true;
    }
    return true;
  }

  // Text that was packed first (raw DEFLATE, and percent signs within: draw.io, SAML).
  void InflateText(std::string* bytes) {
    if (SniffMagic(*bytes) != Type::kBinary || LooksLikeText(*bytes, false)) {
      return;
    }
    Inflated inside = Inflate(*bytes, inflate_left_);
    inflate_left_ -= std::min<uint64_t>(inflate_left_, inside.bytes.size());
    cut_ = cut_ || inside.too_big;
    // What stands behind the stream is passed over by those who unpack it.
    if (!inside.complete || !LooksLikeText(inside.bytes, false)) {
      return;
    }
    *bytes = AsciiStartsWithIgnoreCase(AsciiTrim(inside.bytes), "%3c")
                 ? PercentDecoded(inside.bytes)
                 : std::move(inside.bytes);
  }

  uint64_t inflate_left_ = 16U << 20;  // of all guesses together
  size_t left_;                        // of what stands by itself
  size_t words_left_;
  std::vector<std::string> found_;
  std::string more_text_;
  bool cut_ = false;
  bool alone_ = false;  // some of it is more than a word of a line
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

namespace {

// What FindHiddenBase64 knows of the lines so far.
class Lines {
 public:
  Lines(Bytes text, Finder* finder) : text_(text), finder_(finder) {}

  void Line(size_t at, size_t end) {
    const Bytes line = AsciiTrim(text_.substr(at, end - at));
    size_t data = at;
    if (AsciiStartsWithIgnoreCase(line, "data:")) {
      // A link that carries its file: what follows the comma.
      Flush(at);
      const size_t comma = text_.substr(at, end - at).find(',');
      if (comma != Bytes::npos &&
          AsciiLower(text_.substr(at, comma)).find("base64") != Bytes::npos) {
        data = at + comma + 1;
      }
    }
    // Most lines of a letter fail at their first blank.
    if (Base64Length(text_.substr(data, end - data)) != 0) {
      block_ = block_ == Bytes::npos ? data : block_;
      if (!dirty_.empty()) {
        dirty_.append(line).push_back('\n');
      }
      return;
    }
    Flush(at);
    other_ = other_ || !line.empty();
    Unclean(line);
  }

  void Flush(size_t end) {
    if (block_ != Bytes::npos) {
      // Behind a line with junk in it the lines without any are most likely its rest.
      finder_->Block(text_.substr(block_, end - block_));
      ++blocks_;
      if (dirty_.empty()) {
        dirty_ = text_.substr(block_, end - block_);
        clean_ = true;
      }
      block_ = Bytes::npos;
    }
  }

  void End() {
    Flush(text_.size());
    FlushDirty();
  }

  bool only_blocks() const { return blocks_ > 1 && !other_; }

 private:
  // A line that is not all base64.
  void Unclean(Bytes line) {
    if (line.empty() && !clean_) {
      return;
    }
    const Bytes inner = WithoutQuoteMarks(line);
    // A short line between two is passed over as junk is; so is the end of the data.
    const bool junk = inner.size() < kLeastLetters && !dirty_.empty() && !line.empty() &&
                      inner.find(' ') == Bytes::npos;
    if (junk || IsDirtyBase64(inner)) {
      clean_ = false;
      dirty_.append(inner).push_back('\n');
      if (!junk) {
        Words(line);  // or the value of a key (JSON, LDIF)
      }
      return;
    }
    FlushDirty();
    Words(line);
  }

  // Base64 among the words of a line. A run of that length holds one of every so many letters, so
  // that most of a line is never looked at.
  void Words(Bytes line) {
    const auto is_edge = [line](size_t at, Bytes more) {
      return at >= line.size() || Bytes(" \t\"'<>()[]").find(line[at]) != Bytes::npos ||
             more.find(line[at]) != Bytes::npos;
    };
    for (size_t at = kLeastDirty - 1; at < line.size(); at += kLeastDirty) {
      if (!IsBase64Letter(line[at])) {
        continue;
      }
      size_t begin = at;
      while (begin > 0 && IsBase64Letter(line[begin - 1])) {
        --begin;
      }
      for (; at < line.size() && (IsBase64Letter(line[at]) || line[at] == '='); ++at) {
      }
      if (at - begin >= kLeastDirty && (begin == 0 || is_edge(begin - 1, ":,;")) &&
          is_edge(at, ".,;")) {
        finder_->Word(line.substr(begin, at - begin));
      }
    }
  }

  void FlushDirty() {
    if (!dirty_.empty() && !clean_) {
      finder_->Dirty(dirty_);
    }
    dirty_.clear();
    clean_ = false;
  }

  Bytes text_;
  Finder* finder_;
  size_t block_ = Bytes::npos;  // where the lines that are all base64 begin
  size_t blocks_ = 0;
  bool other_ = false;  // something else stands between
  std::string dirty_;   // lines with junk in between, and those around them
  bool clean_ = false;  // none of them has any
};

}  // namespace

std::vector<std::string> FindHiddenBase64(Bytes text, const Limits& limits, uint32_t* faults,
                                          bool is_usual) {
  Finder finder(limits, is_usual);
  Lines lines(text, &finder);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.Line(at, end);
    at = end + 1;
  }
  lines.End();
  if (lines.only_blocks()) {
    Finder whole(limits, is_usual);
    whole.Block(text);  // decoders pass over empty lines
    if (whole.found()) {
      finder = std::move(whole);
    }
  }
  if (faults != nullptr) {
    *faults |=
        (finder.cut() ? kReadingsCut : 0U) | (finder.found() && !finder.alone() ? kAmongWords : 0U);
  }
  return finder.Take();
}

}  // namespace gatepost::decode
