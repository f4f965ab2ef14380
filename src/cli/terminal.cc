// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "src/base/utf8.h"

namespace gatepost::cli {

namespace {

// At most `columns` wide, with "..." where it was cut.
std::string Fit(const std::string& text, int columns) {
  if (DisplayWidth(text) <= columns) {
    return text;
  }
  std::string out;
  int width = 0;
  for (size_t i = 0; i < text.size();) {
    const Utf8Unit unit = DecodeUtf8(text, i);
    const int one = std::max(0, wcwidth(static_cast<wchar_t>(unit.code_point)));
    if (width + one > columns - 3) {
      break;
    }
    out.append(text, i, unit.bytes);
    width += one;
    i += unit.bytes;
  }
  return out + "...";
}

}  // namespace

bool Colourful() {
  static const bool yes = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return yes;
}

std::string Painted(Colour colour, const std::string& text) {
  constexpr const char* kCodes[] = {"",         "\033[31m", "\033[32m", "\033[33m",
                                    "\033[34m", "\033[2m",  "\033[1m"};
  if (colour == Colour::kPlain) {
    return text;
  }
  return kCodes[static_cast<size_t>(colour)] + text + "\033[0m";
}

std::string Paint(Colour colour, const std::string& text) {
  return Colourful() ? Painted(colour, text) : text;
}

bool Vietnamese() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') {
      return std::string(value).rfind("vi", 0) == 0;
    }
  }
  return false;
}

int TerminalColumns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
    return size.ws_col;
  }
  return 100;
}

int DisplayWidth(const std::string& utf8) {
  int width = 0;
  for (size_t i = 0; i < utf8.size();) {
    const Utf8Unit unit = DecodeUtf8(utf8, i);
    width += std::max(0, wcwidth(static_cast<wchar_t>(unit.code_point)));
    i += unit.bytes;
  }
  return width;
}

std::string Plural(uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string OneDecimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::vector<std::string> Wrapped(const std::string& text, int columns) {
  std::vector<std::string> lines;
  std::string line;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > columns) {
      lines.push_back(std::move(line));
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  lines.push_back(std::move(line));
  return lines;
}

std::string Table::ToString() const {
  std::vector<std::vector<std::string>> printable = rows_;
  std::vector<int> widths;
  for (const std::string& title : heading_) {
    widths.push_back(DisplayWidth(title));
  }
  for (auto& row : printable) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = PrintableUtf8(row[i], 1'000);
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  int total = 2 * static_cast<int>(widths.size() - 1);
  for (const int width : widths) {
    total += width;
  }
  const int excess = total - TerminalColumns();
  if (excess > 0) {
    widths[flexible_] = std::max(12, widths[flexible_] - excess);
  }
  const auto line = [&](const std::vector<std::string>& row, Colour colour) {
    std::string out;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = Fit(row[i], widths[i]);
      out += cell;
      if (i + 1 < row.size()) {
        out.append(static_cast<size_t>(widths[i] - DisplayWidth(cell)) + 2, ' ');
      }
    }
    return Paint(colour, out) + "\n";
  };
  std::string out = line(heading_, Colour::kBold);
  for (const auto& row : printable) {
    out += line(row, Colour::kPlain);
  }
  return out;
}

void PrintLine(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

void PrintError(const std::string& text) { std::fprintf(stderr, "gatepost: %s\n", text.c_str()); }

}  // namespace gatepost::cli
