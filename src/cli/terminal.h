// What a person sees: colours on a terminal only, tables that fit it, English or Vietnamese by
// locale, machine output untouched.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatepost::cli {

enum class Colour { kPlain, kRed, kGreen, kYellow, kBlue, kDim, kBold };

// Is stdout a terminal, and NO_COLOR not set?
bool Colourful();
// Text with colour, wherever it goes.
std::string Painted(Colour colour, const std::string& text);
// Text with colour when stdout is a terminal and NO_COLOR is not set.
std::string Paint(Colour colour, const std::string& text);
// True when LC_ALL, LC_MESSAGES or LANG begins with "vi".
bool Vietnamese();
// The terminal's width in columns; 100 when there is none.
int TerminalColumns();
// How many columns UTF-8 text takes (combining marks none, East Asian wide ones two).
int DisplayWidth(const std::string& utf8);

// "1 rule", "3 rules".
std::string Plural(uint64_t count, const char* one, const char* many);
// "2.5": scores, milliseconds.
std::string OneDecimal(double value);
// Lines of at most so many columns, broken at blanks; a longer word stands alone. At least one.
std::vector<std::string> Wrapped(const std::string& text, int columns);

// Rows of equally many cells under a heading. Cells are made printable; the column named `flexible`
// is cut with "..." so that lines fit the terminal.
class Table {
 public:
  Table(std::vector<std::string> heading, size_t flexible)
      : heading_(std::move(heading)), flexible_(flexible) {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string ToString() const;

 private:
  std::vector<std::string> heading_;
  std::vector<std::vector<std::string>> rows_;
  size_t flexible_;
};

void PrintLine(const std::string& text);   // stdout
void PrintError(const std::string& text);  // stderr, "gatepost: " before it

}  // namespace gatepost::cli
