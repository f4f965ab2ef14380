// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sheet_rows.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/font_marks.h"

namespace gatepost::decode {

void SheetRows::Line(const std::string& line) {
  if (IsBlankBesidesMarks(line)) {
    return;
  }
  if (line.size() + 1 > room_->left) {
    room_->cut = true;
    return;
  }
  room_->left -= line.size() + 1;
  if (marked_) {
    FontMarks::Append(0, text_);
  }
  marked_ = line.find('\xff') != std::string::npos;
  *text_ += line;
  text_->push_back('\n');
}

void SheetRows::AddCell(std::string text, uint32_t font) {
  if (text.empty()) {
    return;
  }
  Cell cell;
  cell.number = text.find_first_not_of("0123456789.-+E") == std::string::npos;
  if (!cell.number && (font != 0 || (!cells_.empty() && marks_in_row_))) {
    FontMarks::Append(font, &cell.text);
    marks_in_row_ = true;
  }
  cell.text += text;
  cells_.push_back(std::move(cell));
}

void SheetRows::EndRow() {
  if (cells_.size() > 1) {
    std::string joined;
    for (const Cell& cell : cells_) {
      joined += (joined.empty() ? "" : " | ") + cell.text;
    }
    Line(joined);
  }
  for (const Cell& cell : cells_) {
    // A number alone on a line tells nothing that the row did not.
    if (cells_.size() == 1 || !cell.number) {
      Line(cell.text);
    }
  }
  cells_.clear();
  marks_in_row_ = false;
}

std::string WordsOfNumberFormat(std::string_view format) {
  constexpr int kShortest = 5;  // currencies, units and yes or no are no words
  std::string words;
  std::string word;
  const auto end = [&] {
    const auto letters =
        std::count_if(word.begin(), word.end(), [](char c) { return (c & '\xc0') != '\x80'; });
    if (letters >= kShortest) {
      words.append(word).push_back('\n');
    }
    word.clear();
  };
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '"') {
      const size_t close = format.find('"', i + 1);
      if (close == std::string_view::npos) {
        break;
      }
      word += format.substr(i + 1, close - i - 1);
      i = close;
    } else if (format[i] == '\\' && i + 1 < format.size()) {
      // The next letter as it is, all bytes of it.
      do {
        word.push_back(format[++i]);
      } while (i + 1 < format.size() && (format[i + 1] & '\xc0') == '\x80');
    } else {
      end();
    }
  }
  end();
  return words;
}

namespace {

// A string or UNICHAR(7878) at *at is appended; false: neither.
bool TakeLiteral(std::string_view formula, size_t* at, std::string* out) {
  if (*at < formula.size() && formula[*at] == '"') {
    size_t i = *at + 1;
    for (; i < formula.size(); ++i) {
      if (formula[i] == '"') {
        if (formula.substr(i + 1, 1) != "\"") {
          break;
        }
        ++i;
      }
      out->push_back(formula[i]);
    }
    *at = std::min(i + 1, formula.size());
    return true;
  }
  const bool wide = AsciiStartsWithIgnoreCase(formula.substr(*at), "UNICHAR(");
  if (!wide && !AsciiStartsWithIgnoreCase(formula.substr(*at), "CHAR(")) {
    return false;
  }
  size_t i = *at + (wide ? 8 : 5);
  char32_t code = 0;
  for (; i < formula.size() && formula[i] >= '0' && formula[i] <= '9' && code < 0x110000; ++i) {
    code = code * 10 + static_cast<char32_t>(formula[i] - '0');
  }
  if (formula.substr(i, 1) != ")" || code < 0x20 || code > 0x10ffff ||
      (code >= 0xd800 && code < 0xe000)) {
    return false;
  }
  AppendUtf8(code, out);
  *at = i + 1;
  return true;
}

}  // namespace

std::string JoinedLiterals(std::string_view formula) {
  std::string out;
  std::string joined;
  for (size_t at = 0; at < formula.size();) {
    joined.clear();
    int pieces = 0;
    size_t next = at;
    while (TakeLiteral(formula, &next, &joined)) {
      ++pieces;
      at = next;
      next = std::min(formula.find_first_not_of(' ', next), formula.size());
      if (next == formula.size() || formula[next] != '&') {
        break;
      }
      next = std::min(formula.find_first_not_of(' ', next + 1), formula.size());
    }
    if (pieces == 0) {
      ++at;
    } else if (pieces > 1) {
      out.append(joined).push_back('\n');
    }
  }
  return out;
}

}  // namespace gatepost::decode
