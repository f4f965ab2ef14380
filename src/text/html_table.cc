// Rows of tables.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_table.h"

#include <string>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/undo_letters.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostLettersOfSlice = 2;
constexpr size_t kFewestOfWord = 4;  // letters

// How many letters stand in it; SIZE_MAX: there is something else, too.
size_t LettersOnly(std::string_view text) {
  size_t letters = 0;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = NextCodePoint(text, &i);
    if (IsWordLetter(c)) {
      ++letters;
    } else if (!IsMarkOrNothing(c) && c != ' ' && c != '\n') {
      return SIZE_MAX;
    }
  }
  return letters;
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> out;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(AsciiTrim(text.substr(at, end - at)));
    at = end + 1;
  }
  while (out.size() > 1 && out.back().empty()) {
    out.pop_back();
  }
  return out;
}

}  // namespace

void TableRows::AddWord(std::string_view text, size_t at) {
  const std::string_view trimmed = AsciiTrim(text);
  if (words_.size() < kMostWords && LettersOnly(trimmed) >= kFewestOfWord) {
    words_.push_back({std::string(trimmed), at});
  }
}

void TableRows::EndColumns() {
  for (const Word& column : columns_) {
    AddWord(column.text, column.at);
  }
  columns_.clear();
}

// An empty cell is the gap between two words.
void TableRows::ReadSlices(const Sink& visible, size_t at) {
  std::vector<std::vector<std::string_view>> cells;
  size_t lines = 0;
  bool slices = !cells_.empty() && cells_.back().end <= visible.text.size() &&
                cells_.back().end - cells_.front().begin <= kLongestRow;
  for (size_t i = 0; slices && i < cells_.size(); ++i) {
    const std::string_view text =
        std::string_view(visible.text).substr(cells_[i].begin, cells_[i].end - cells_[i].begin);
    cells.push_back(LinesOf(AsciiTrim(text)));
    lines = std::max(lines, cells.back().size());
    slices = std::all_of(cells.back().begin(), cells.back().end(), [](std::string_view line) {
      return LettersOnly(line) <= kMostLettersOfSlice;
    });
  }
  if (!slices) {
    EndColumns();
    return;
  }
  for (size_t k = 0; cells.size() > 1 && k < lines; ++k) {
    std::string word;
    for (const std::vector<std::string_view>& cell : cells) {
      word += k < cell.size() && !cell[k].empty() ? cell[k] : " ";
    }
    AddWord(word, at);
  }
  columns_.resize(std::max(columns_.size(), cells.size()));
  for (size_t i = 0; i < cells.size(); ++i) {
    for (const std::string_view line : cells[i]) {
      if (columns_[i].text.size() < kLongestWord) {
        columns_[i].text += line.empty() ? " " : line;
        columns_[i].at = at;
      }
    }
  }
}

void TableRows::EndCell(const Sink& visible) {
  if (row_open_ && cell_open_ && cells_.size() < 100) {
    cells_.push_back({cell_begin_, visible.text.size()});
  }
  cell_open_ = false;
}

void TableRows::EndRow(size_t tag_at, Sink* visible) {
  const bool empty = cells_.empty() || cells_.front().begin == visible->text.size();
  const bool picture =
      row_open_ && empty && count_ >= kFewestModules && dark_ > 0 && dark_ < count_;
  rows_ = picture ? rows_ + 1 : 0;
  best_rows_ = std::max(best_rows_, rows_);
  if (row_open_) {
    ReadSlices(*visible, tag_at);
  }
  if (row_open_ && cells_.size() > 1 && cells_.back().end - cells_.front().begin <= kLongestRow) {
    std::string joined;
    size_t filled = 0;
    for (const Cell& cell : cells_) {
      std::string text = visible->text.substr(cell.begin, cell.end - cell.begin);
      std::replace(text.begin(), text.end(), '\n', ' ');
      const std::string_view trimmed = AsciiTrim(text);
      if (trimmed.empty()) {
        continue;
      }
      joined += (filled++ == 0 ? "" : " | ") + std::string(trimmed);
    }
    if (filled > 1) {
      visible->BlockEnd(tag_at);
      visible->Put(joined, tag_at);
      visible->BlockEnd(tag_at);
    }
  }
  row_open_ = false;  // a row that holds a table of its own is not joined
  cells_.clear();
}

}  // namespace gatepost::text
