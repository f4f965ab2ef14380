// Tables in a text file (RFC 4180, and what spreadsheets take for one): the cells as they are
// shown, without the quotes around them. LIMITS: one cell or row is kept once; the separator is
// told by the first 64 KiB.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/formula.h"
#include "src/decode/openers.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

bool IsTableName(const Leaf& leaf) {
  const std::string extension = Extension(leaf.name);
  return extension == "csv" || extension == "tsv" || extension == "tab" ||
         AsciiEqualsIgnoreCase(leaf.media_type, "text/csv") ||
         AsciiEqualsIgnoreCase(leaf.media_type, "text/tab-separated-values");
}

// The one that stands in most rows, then the most frequent; 0: none does. Excel believes a first
// line "sep=;".
char SeparatorOf(std::string_view text) {
  if (AsciiStartsWithIgnoreCase(text, "sep=") && text.size() > 4) {
    return text[4];
  }
  struct Count {
    char sign;
    size_t rows = 0;
    size_t all = 0;
    bool in_row = false;
  };
  std::array<Count, 3> counts = {{{'\t'}, {';'}, {','}}};
  bool quoted = false;
  for (const char c : text.substr(0, 1U << 16)) {
    quoted = c == '"' ? !quoted : quoted;
    for (Count& count : counts) {
      if (c == '\n') {
        count.in_row = false;
      } else if (c == count.sign && !quoted) {
        ++count.all;
        count.rows += count.in_row ? 0 : 1;
        count.in_row = true;
      }
    }
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const Count& a, const Count& b) {
        return std::pair(a.rows, a.all) < std::pair(b.rows, b.all);
      });
  return most->rows == 0 ? '\0' : most->sign;
}

bool HasLetter(std::string_view cell) {
  return std::any_of(cell.begin(), cell.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (AsciiLower(c) >= 'a' && AsciiLower(c) <= 'z');
  });
}

// What spreadsheets compute when they open the file.
bool IsFormula(std::string_view cell) {
  return !cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos &&
         cell.find('"') != std::string_view::npos;
}

// Cells, each between empty lines so that none seems to go on in the next; rows too that had
// quotes.
class CellWriter {
 public:
  CellWriter(char separator, uint64_t room) : separator_(separator), left_(room) {}

  std::string Read(std::string_view text) {
    for (size_t at = 0; at < text.size() && !cut_;) {
      at = Cell(text, at);
    }
    EndRow();
    return std::move(out_);
  }
  bool cut() const { return cut_; }

 private:
  // From a cell's first byte to the next one's.
  size_t Cell(std::string_view text, size_t at) {
    std::string cell;
    const size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
    if (begin < text.size() && text[begin] == '"') {
      row_quoted_ = true;
      at = begin + 1;
      for (; at < text.size(); ++at) {
        if (text[at] == '"') {
          if (at + 1 >= text.size() || text[at + 1] != '"') {
            ++at;
            break;
          }
          ++at;
        }
        cell.push_back(text[at]);
      }
    }
    // What stands behind the closing quote belongs to the cell.
    const size_t end = std::min(text.find_first_of(std::string{separator_, '\n'}, at), text.size());
    cell.append(text.substr(at, end - at));
    row_.push_back(std::move(cell));
    if (end >= text.size() || text[end] == '\n') {
      EndRow();
    }
    return end + 1;
  }

  void EndRow() {
    std::string joined;
    for (const std::string& cell : row_) {
      Put(AsciiTrim(cell));
      if (IsFormula(AsciiTrim(cell))) {
        Put(AsciiTrim(JoinedLiterals(cell)));
      }
      joined += (joined.empty() ? "" : " | ") + std::string(AsciiTrim(cell));
    }
    if (row_.size() > 1 && row_quoted_) {
      Put(joined);
    }
    row_.clear();
    row_quoted_ = false;
  }

  void Put(std::string_view line) {
    if (!HasLetter(line) || !seen_.emplace(line).second) {
      return;
    }
    if (line.size() + 2 > left_) {
      cut_ = true;
      return;
    }
    left_ -= line.size() + 2;
    out_.append(line).append("\n\n");
  }

  char separator_;
  uint64_t left_;
  bool cut_ = false;
  bool row_quoted_ = false;
  std::vector<std::string> row_;
  std::unordered_set<std::string> seen_;
  std::string out_;
};

}  // namespace

void OpenTable(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  if (!IsTableName(leaf) || leaf.is_alternative) {
    return;
  }
  std::string wide;
  Bytes text = leaf.bytes;
  if (text.substr(0, 2) == "\xff\xfe") {
    wide = Utf16LeToUtf8(text.substr(2));
    text = wide;
  } else if (text.substr(0, 2) == "\xfe\xff") {
    wide = std::string(text.substr(2));
    for (size_t i = 0; i + 1 < wide.size(); i += 2) {
      std::swap(wide[i], wide[i + 1]);
    }
    wide = Utf16LeToUtf8(wide);
    text = wide;
  } else if (text.substr(0, 3) == "\xef\xbb\xbf") {
    text.remove_prefix(3);
  }
  const char separator = SeparatorOf(text);
  if (separator == '\0' && text.find('"') == Bytes::npos) {
    return;  // its lines are its cells
  }
  CellWriter writer(separator == '\0' ? '\n' : separator, out->Room());
  std::string cells = writer.Read(text);
  if (writer.cut()) {
    out->AddUnscannable(Reason::kTooBig, leaf);
  }
  if (cells.empty()) {
    return;
  }
  Leaf table = leaf;
  table.type = Type::kText;
  table.is_typed = true;
  table.is_alternative = true;
  table.charset = text.data() == leaf.bytes.data() ? leaf.charset : "utf-8";
  table.bytes = out->Keep(std::move(cells));
  out->AddPending(std::move(table));
}

}  // namespace gatepost::decode
