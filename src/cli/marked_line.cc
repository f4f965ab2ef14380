// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/marked_line.h"

#include <wchar.h>

#include <algorithm>

#include "src/base/utf8.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

namespace {

constexpr const char* kDot = "\xE2\x80\xA2";  // U+2022
constexpr const char* kCut = "...";
constexpr int kCutColumns = 3;
constexpr size_t kRecognised = 4;  // code points of a word whose first letter stays

int Columns(char32_t c) { return std::max(0, wcwidth(static_cast<wchar_t>(c))); }

bool IsWordCharacter(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xAA;
}

// What a terminal would obey rather than show.
bool Acts(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
}

std::string Harmless(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size();) {
    const Utf8Unit unit = DecodeUtf8(utf8, i);
    const bool blank = unit.code_point == '\t' || unit.code_point == '\n';
    AppendUtf8(blank ? ' ' : Acts(unit.code_point) ? kReplacement : unit.code_point, &out);
    i += unit.bytes;
  }
  return out;
}

// As much of the text's end (or beginning) as fits into `columns`, with kCut where it was cut.
std::string FitEnd(const std::string& text, int columns) {
  if (DisplayWidth(text) <= columns) {
    return text;
  }
  size_t at = 0;
  int width = DisplayWidth(text);
  while (at < text.size() && width > columns - kCutColumns) {
    const Utf8Unit unit = DecodeUtf8(text, at);
    width -= Columns(unit.code_point);
    at += unit.bytes;
  }
  // A mark without its letter would land on the dots.
  while (at < text.size() && Columns(DecodeUtf8(text, at).code_point) == 0) {
    at += DecodeUtf8(text, at).bytes;
  }
  return kCut + text.substr(at);
}

std::string FitBegin(const std::string& text, int columns) {
  if (DisplayWidth(text) <= columns) {
    return text;
  }
  std::string out;
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Unit unit = DecodeUtf8(text, at);
    width += Columns(unit.code_point);
    if (width > columns - kCutColumns) {
      break;
    }
    out.append(text, at, unit.bytes);
    at += unit.bytes;
  }
  return out + kCut;
}

// A match may go on in the next line, or have begun in the one before: whole words of it that stand at
// the line's edge are masked too.
void MaskAtEdges(const std::string& word, std::string* text) {
  for (size_t blank = word.rfind(' '); blank != std::string::npos && blank > 0;
       blank = word.rfind(' ', blank - 1)) {
    const std::string head = word.substr(0, blank);
    if (text->size() >= head.size() &&
        text->compare(text->size() - head.size(), head.size(), head) == 0) {
      text->replace(text->size() - head.size(), head.size(), Masked(head));
      break;
    }
  }
  for (size_t blank = word.find(' '); blank != std::string::npos;
       blank = word.find(' ', blank + 1)) {
    const std::string tail = word.substr(blank + 1);
    if (text->compare(0, tail.size(), tail) == 0) {
      text->replace(0, tail.size(), Masked(tail));
      break;
    }
  }
}

std::string WithoutWords(std::string text, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    MaskAtEdges(word, &text);
    if (word.size() < 2) {
      continue;
    }
    const std::string dots = Masked(word);
    for (size_t at = text.find(word); at != std::string::npos;
         at = text.find(word, at + dots.size())) {
      text.replace(at, word.size(), dots);
    }
  }
  return text;
}

}  // namespace

std::string Masked(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size();) {
    size_t end = i;
    size_t letters = 0;
    while (end < utf8.size()) {
      const Utf8Unit unit = DecodeUtf8(utf8, end);
      if (!IsWordCharacter(unit.code_point)) {
        break;
      }
      letters += Columns(unit.code_point) > 0 ? 1 : 0;
      end += unit.bytes;
    }
    if (end == i) {
      const Utf8Unit unit = DecodeUtf8(utf8, i);
      out.append(utf8.substr(i, unit.bytes));
      i += unit.bytes;
      continue;
    }
    bool first = letters >= kRecognised && (utf8[i] < '0' || utf8[i] > '9');
    while (i < end) {
      const Utf8Unit unit = DecodeUtf8(utf8, i);
      for (int column = first ? 1 : 0; column < Columns(unit.code_point); ++column) {
        out += kDot;
      }
      if (first) {
        out.append(utf8.substr(i, unit.bytes));
        first = false;
      }
      i += unit.bytes;
    }
  }
  return out;
}

MarkedLine Mark(std::string_view line, Range match, const MarkOptions& options) {
  match.end = std::min(match.end, static_cast<uint32_t>(line.size()));
  match.begin = std::min(match.begin, match.end);
  std::string before = Harmless(line.substr(0, match.begin));
  std::string found = Harmless(line.substr(match.begin, match.end - match.begin));
  std::string after = Harmless(line.substr(match.end));
  if (!options.show) {
    found = Masked(found);
    before = WithoutWords(std::move(before), options.hide);
    after = WithoutWords(std::move(after), options.hide);
  }
  found = FitBegin(found, std::max(options.columns, kCutColumns + 1));
  const int room = std::max(options.columns - DisplayWidth(found), 0);
  // What one side does not need, the other may have.
  const int right = std::min(DisplayWidth(after), std::max(room / 2, room - DisplayWidth(before)));
  before = FitEnd(before, std::max(room - right, kCutColumns));
  after = FitBegin(after, std::max(right, kCutColumns));
  MarkedLine out;
  if (options.underline) {
    out.text = before + "\033[4;31m" + found + "\033[0m" + after;
    return out;
  }
  out.text = before + found + after;
  // Where nothing has a width (a lone mark), one caret still says where.
  out.carets = std::string(static_cast<size_t>(DisplayWidth(before)), ' ') +
               std::string(static_cast<size_t>(std::max(1, DisplayWidth(found))), '^');
  return out;
}

}  // namespace gatepost::cli
