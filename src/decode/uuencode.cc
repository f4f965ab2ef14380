// Uuencode and yEnc. Every file in a text is found in one pass over its lines.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/uuencode.h"

#include <algorithm>

#include "src/decode/macintosh.h"
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
  bool loose = false;  // no name, or no mode: only what follows can say whether a file begins
  std::string name;
};

// Lines on which some reader begins a file.
bool IsBeginLine(Bytes line) {
  return line.substr(0, 6) == "begin " || line.substr(0, 13) == "begin-base64 ";
}

// "begin 644 name", "begin-base64 644 name".
bool ParseBegin(Bytes line, UuBegin* out) {
  out->base64 = line.substr(0, 13) == "begin-base64 ";
  if (!IsBeginLine(line)) {
    return false;
  }
  const Bytes rest = AsciiTrim(line.substr(out->base64 ? 13 : 6));
  const size_t digits = std::min(rest.find_first_not_of("01234567"), rest.size());
  const bool mode = digits >= 3 && digits <= 6 &&
                    (digits == rest.size() || rest[digits] == ' ' || rest[digits] == '\t');
  out->name = std::string(AsciiTrim(mode ? rest.substr(digits) : rest));
  out->loose = !mode || out->name.empty();
  return mode || !out->base64;
}

uint8_t UuValue(char c) { return static_cast<uint8_t>((static_cast<unsigned char>(c) - 32) & 63); }

// Is the line as long as its first character says? Encoders may drop blanks at the end of a line,
// and some add a check character.
bool FitsLength(Bytes line) {
  if (line.empty() || line[0] < 32 || line[0] > 96) {
    return false;
  }
  const size_t needed = (static_cast<size_t>(UuValue(line[0])) + 2) / 3 * 4;
  return line.size() - 1 + 3 >= needed && line.size() - 1 <= needed + 2;
}

// Decoders look at six bits of each character and never ask whether it is one of the alphabet's.
bool IsUuLine(Bytes line, bool any_character) {
  const char last = any_character || FitsLength(line) ? 126 : 96;
  return !line.empty() &&
         std::all_of(line.begin(), line.end(), [last](char c) { return c >= 32 && c <= last; });
}

// One data line; by_length trusts the length character, otherwise all of the line is data.
void DecodeUuLine(Bytes line, bool by_length, std::string* out, uint32_t* faults) {
  const size_t length = UuValue(line[0]);
  const Bytes data = line.substr(1);
  if (!FitsLength(line)) {
    *faults |= kUuBadLength;
  }
  const size_t produce = by_length ? length : data.size() * 3 / 4;
  const size_t start = out->size();
  for (size_t i = 0; out->size() - start < produce; i += 4) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 4; ++k) {
      bits = bits << 6 | (i + k < data.size() ? UuValue(data[i + k]) : 0U);
    }
    for (int shift = 16; shift >= 0 && out->size() - start < produce; shift -= 8) {
      out->push_back(static_cast<char>(bits >> shift & 0xff));
    }
  }
}

bool IsEndLine(Bytes line) {
  return line.substr(0, 3) == "end" && AsciiTrim(line.substr(3)).empty();
}

// Does a line "end" close what begins at `at`? All before it is data then, whatever it looks like.
bool HasEnd(Bytes text, size_t at) {
  while (at < text.size()) {
    const Bytes line = LineAt(text, at, &at);
    if (IsEndLine(line)) {
      return true;
    }
    if (IsBeginLine(line)) {
      return false;
    }
  }
  return false;
}

// A line of data that fits behind it makes a beginning of what is hardly one.
bool IsFile(const UuBegin& begin, Bytes text, size_t at) {
  if (!begin.loose || begin.base64) {
    return true;
  }
  const Bytes first = LineAt(text, at, &at);
  if (FitsLength(first) && IsUuLine(first, false) && UuValue(first[0]) > 0) {
    return true;
  }
  // The line of length zero before "end" is no word of a letter.
  Bytes before;
  while (at < text.size()) {
    const Bytes line = LineAt(text, at, &at);
    if (IsEndLine(line) || IsBeginLine(line)) {
      return IsEndLine(line) && (before == "`" || before == " ");
    }
    before = line;
  }
  return false;
}

// A line of full length at or behind `at`, before a line that begins a file: where it stands, or
// npos.
size_t FullLine(Bytes text, size_t at) {
  constexpr size_t kFull = 61;  // "M" and 60 signs
  while (at < text.size()) {
    size_t next = 0;
    const Bytes line = LineAt(text, at, &next);
    if (IsBeginLine(line)) {
      break;
    }
    if (line.size() >= kFull && line[0] == 'M' && FitsLength(line) && IsUuLine(line, false)) {
      return at;
    }
    at = next;
  }
  return Bytes::npos;
}

// The lines from the one at `line_start`, each without the marks of quoting or blanks that stand
// before `begin` in it, up to "end", another beginning or a line that lacks them.
std::string WithoutMargin(Bytes text, size_t line_start, size_t begin) {
  const Bytes margin = text.substr(line_start, begin - line_start);
  std::string out;
  for (size_t at = line_start; at < text.size();) {
    const Bytes whole = LineAt(text, at, &at);
    if (whole.substr(0, margin.size()) != margin) {
      break;
    }
    const Bytes line = whole.substr(margin.size());
    if (!out.empty() && IsBeginLine(line)) {
      break;
    }
    out += line;
    out.push_back('\n');
    if (IsEndLine(line)) {
      break;
    }
  }
  return out;
}

// Data lines from `at` to "end", a line of length 0 or the end of the text; returns where it
// stopped.
size_t DecodeUuLines(Bytes text, size_t at, bool by_length, std::string* out, uint32_t* faults) {
  size_t spoiled_at = Bytes::npos;  // one spoiled line does not end the file, two in a row do
  const bool ended = HasEnd(text, at);
  size_t full_at = 0;  // the next line of full length, once it was looked for
  while (at < text.size()) {
    size_t next = 0;
    const Bytes line = LineAt(text, at, &next);
    if (IsEndLine(line)) {
      return next;
    }
    if (IsBeginLine(line)) {
      return at;
    }
    if (line.empty() || IsUuLine(line, ended)) {
      if (!line.empty()) {
        DecodeUuLine(line, by_length, out, faults);
      }
      spoiled_at = Bytes::npos;
    } else {
      *faults |= kUuBadLength;
      if (spoiled_at != Bytes::npos && !ended) {
        // Without an end it goes on where data in full lines does.
        if (full_at != Bytes::npos && full_at < at) {
          full_at = FullLine(text, at);
        }
        if (full_at == Bytes::npos) {
          return spoiled_at;
        }
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

void UuReadings(Bytes body, const std::function<void(std::string, uint32_t)>& add) {
  size_t at = 0;
  UuBegin begin;
  bool found = false;
  while (at < body.size() && !found) {
    size_t next = 0;
    found = ParseBegin(LineAt(body, at, &next), &begin) && IsFile(begin, body, next);
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
      found = ParseBegin(line, &begin) && IsFile(begin, body, next);
      words_around = words_around || (!found && line != "end" && !AsciiTrim(line).empty());
      at = next;
    }
  }
  if (words_around || all_faults != 0) {
    add(std::string(body), all_faults);
  }
}

namespace {

// The file that begins at `at`, if one does, and where to look on. Where lengths lie it is there
// twice.
size_t AddUuFile(Bytes text, size_t at, std::vector<InlineFile>* files) {
  size_t next = 0;
  const Bytes line = LineAt(text, at, &next);
  UuBegin begin;
  if (!ParseBegin(line, &begin) || !IsFile(begin, text, next)) {
    return at + 5;
  }
  InlineFile file;
  InlineFile whole;
  file.name = begin.name;
  const size_t end = begin.base64 ? DecodeUuBase64(text, next, &file.bytes, &file.faults)
                                  : DecodeUuLines(text, next, true, &file.bytes, &file.faults);
  if (!begin.base64 && (file.faults & kUuBadLength) != 0) {
    whole.name = begin.name;
    uint32_t ignored = 0;
    DecodeUuLines(text, next, false, &whole.bytes, &ignored);
  }
  const bool another = !whole.bytes.empty() && whole.bytes != file.bytes;
  if (!file.bytes.empty()) {
    files->push_back(std::move(file));
  }
  if (another) {
    files->push_back(std::move(whole));
  }
  return end;
}

}  // namespace

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
    constexpr size_t kWidest = 20;  // a margin: marks of quoting, blanks
    size_t line_start = at;
    while (line_start > 0 && text[line_start - 1] != '\n' && at - line_start <= kWidest) {
      --line_start;
    }
    const Bytes margin = text.substr(line_start, at - line_start);
    if (margin == "=y" && text.substr(at, 6) == "begin ") {
      size_t next = 0;
      const Bytes line = LineAt(text, line_start, &next);
      InlineFile file;
      const size_t name = line.find(" name=");
      file.name = std::string(name == Bytes::npos ? Bytes() : AsciiTrim(line.substr(name + 6)));
      at = DecodeYenc(text, next, &file.bytes);
      if (!file.bytes.empty()) {
        files.push_back(std::move(file));
      }
    } else if (margin.size() > kWidest || margin.find_first_not_of("> |\t") != Bytes::npos) {
      at += 5;
    } else if (margin.empty()) {
      at = AddUuFile(text, at, &files);
    } else {
      // As somebody else's words, or set in: programs that look for files there pass over it.
      AddUuFile(WithoutMargin(text, line_start, at), 0, &files);
      at += 5;
    }
  }
  return files;
}

}  // namespace gatepost::decode
