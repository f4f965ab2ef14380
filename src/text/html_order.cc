// Lines of a page that are not written as they are shown: boxes that a style puts into another
// order, strings that style sheets hold. LIMITS: 500 lines; boxes of 4,000 bytes with 300 items.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

// A child that does not stand where it is written.
void HtmlReader::AddItem(const Box& box, Box* parent) {
  constexpr int64_t kAtTheRight = int64_t{1} << 40U;
  if (parent->items.size() >= kMostItems) {
    return;
  }
  const size_t end = visible_.text.size();
  if (box.placed || parent->reverse) {
    parent->items.push_back({box.begin, end, box.order});
  } else if (box.floats_left) {
    parent->items.push_back({box.begin, end, -1});
  } else if (box.floats_right || (parent->right_to_left && (parent->flex || box.whole_in_line))) {
    // Behind what is not moved, the last one first.
    parent->items.push_back({box.begin, end, kAtTheRight - static_cast<int64_t>(box.begin)});
  }
}

// The items of a box in the order in which they stand on the screen, where that is another: without
// blanks between them, and with.
void HtmlReader::ReadItems(Box* box, size_t tag_at) {
  constexpr size_t kLongest = 4'000;
  constexpr size_t kMostLines = 500;
  const std::string_view text(visible_.text);
  if (text.size() - box->begin > kLongest || ordered_.size() >= kMostLines) {
    return;
  }
  std::vector<Box::Item> all;
  size_t at = box->begin;
  const auto add = [&](size_t begin, size_t end, int64_t order) {
    if (!AsciiTrim(text.substr(begin, end - begin)).empty()) {
      all.push_back({begin, end, order});
    }
  };
  for (const Box::Item& item : box->items) {
    if (item.begin < at || item.end > text.size()) {
      continue;
    }
    add(at, item.begin, 0);
    add(item.begin, item.end, item.order);
    at = item.end;
  }
  add(at, text.size(), 0);
  std::vector<Box::Item> shown = all;
  std::stable_sort(shown.begin(), shown.end(),
                   [](const Box::Item& a, const Box::Item& b) { return a.order < b.order; });
  if (box->reverse) {
    std::reverse(shown.begin(), shown.end());
  }
  const bool same =
      std::equal(all.begin(), all.end(), shown.begin(), shown.end(),
                 [](const Box::Item& a, const Box::Item& b) { return a.begin == b.begin; });
  if (same) {
    return;
  }
  std::string joined;
  std::string apart;
  for (const Box::Item& item : shown) {
    std::string words(text.substr(item.begin, item.end - item.begin));
    std::replace(words.begin(), words.end(), '\n', ' ');
    joined += words;
    apart += (apart.empty() ? "" : " ") + std::string(AsciiTrim(words));
  }
  ordered_.push_back({joined, tag_at});
  ordered_.push_back({apart, tag_at});
}

// Strings that style sheets show, we do not know where.
void HtmlReader::AddWords(const std::string& words) {
  constexpr size_t kMostLines = 500;
  if (ordered_.size() < kMostLines) {
    ordered_.push_back({ToValidUtf8(words), 0});
  }
}

}  // namespace gatepost::text
