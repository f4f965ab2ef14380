// LIMITS: 4,000 fonts, 200,000 runs in one text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/font_marks.h"

#include <algorithm>
#include <set>
#include <utility>

namespace gatepost::decode {

namespace {

// FF, then twelve bits in two bytes that are neither blank nor ASCII.
constexpr char kMark = '\xff';
constexpr size_t kMarkLength = 3;
constexpr size_t kMostFonts = 4000;
constexpr size_t kMostRuns = 200'000;
constexpr size_t kLongestName = 100;

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

uint32_t FontMarks::NumberOf(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) {
    return 0;
  }
  const auto found = numbers_.find(std::string(name));
  if (found != numbers_.end()) {
    return found->second;
  }
  if (names_.size() >= kMostFonts) {
    return 0;
  }
  const auto number = static_cast<uint32_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(name, number);
  return number;
}

uint32_t FontMarks::InCapitals(uint32_t number) {
  std::string name = number < names_.size() ? names_[number] : std::string();
  return NumberOf(name.append(kDrawnAsCapitals));
}

void FontMarks::Append(uint32_t number, std::string* text) {
  text->push_back(kMark);
  text->push_back(static_cast<char>(0xc0 | (number >> 6 & 0x3f)));
  text->push_back(static_cast<char>(0xc0 | (number & 0x3f)));
}

std::vector<FontRun> FontMarks::Take(std::string* text) const {
  std::vector<FontRun> runs;
  size_t at = text->find(kMark);
  if (at == std::string::npos) {
    return runs;
  }
  std::string plain;
  plain.reserve(text->size());
  plain.append(*text, 0, at);
  while (at < text->size()) {
    uint32_t number = 0;
    if (at + kMarkLength <= text->size()) {
      number = (static_cast<unsigned char>((*text)[at + 1]) & 0x3fU) << 6 |
               (static_cast<unsigned char>((*text)[at + 2]) & 0x3fU);
    }
    const size_t from = std::min(at + kMarkLength, text->size());
    at = std::min(text->find(kMark, from), text->size());
    const auto begin = static_cast<uint32_t>(plain.size());
    plain.append(*text, from, at - from);
    const auto end = static_cast<uint32_t>(plain.size());
    if (number == 0 || number >= names_.size() || begin == end) {
      continue;
    }
    if (!runs.empty() && runs.back().end == begin && runs.back().font == names_[number]) {
      runs.back().end = end;
    } else if (runs.size() < kMostRuns) {
      runs.push_back(FontRun{begin, end, names_[number]});
    }
  }
  *text = std::move(plain);
  return runs;
}

bool IsBlankBesidesMarks(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kMark) {
      i += kMarkLength - 1;
    } else if (!IsBlank(text[i])) {
      return false;
    }
  }
  return true;
}

std::string WithoutMarks(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kMark) {
      i += kMarkLength - 1;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

std::string LinesBesides(std::string_view text, std::string_view other) {
  std::set<std::string> known;
  for (size_t at = 0; at < other.size();) {
    const size_t end = std::min(other.find('\n', at), other.size());
    known.insert(WithoutMarks(other.substr(at, end - at)));
    at = end + 1;
  }
  std::string out;
  std::string mark;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!IsBlankBesidesMarks(line) && known.count(WithoutMarks(line)) == 0) {
      out.append(mark).append(line).push_back('\n');
    }
    const size_t last = line.rfind(kMark);
    if (last != std::string_view::npos && last + kMarkLength <= line.size()) {
      mark = std::string(line.substr(last, kMarkLength));
    }
    at = end + 1;
  }
  return out;
}

}  // namespace gatepost::decode
