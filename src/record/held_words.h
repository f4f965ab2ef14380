// The dictionaries of the list of held mail: strings that occur again and again, by number, and
// which of them a question wants. Private to held_table.cc.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::record {

// Strings that occur again and again, by number.
class Words {
 public:
  uint32_t Add(Bytes text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) {
      return found->second;
    }
    texts_.emplace_back(text);
    const auto number = static_cast<uint32_t>(texts_.size() - 1);
    numbers_.emplace(texts_.back(), number);
    return number;
  }
  const std::string& at(uint32_t number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }
  // Of every word: is it wanted?
  std::vector<bool> Which(const std::function<bool(const std::string&)>& wanted) const {
    std::vector<bool> out(texts_.size());
    for (size_t i = 0; i < texts_.size(); ++i) {
      out[i] = wanted(texts_[i]);
    }
    return out;
  }

 private:
  std::deque<std::string> texts_;  // a deque: the views below stay
  std::unordered_map<std::string_view, uint32_t> numbers_;
};

// Is a word of a dictionary wanted? Asked once a word, and only of those that rows ask for: there
// are about as many senders as there are entries.
class Wanted {
 public:
  Wanted() = default;
  Wanted(const Words& words, std::function<bool(const std::string&)> test)
      : words_(&words), test_(std::move(test)), known_(words.size()) {}
  bool operator[](uint32_t number) const {
    char& known = known_[number];
    if (known == 0) {
      known = test_(words_->at(number)) ? 1 : 2;
    }
    return known == 1;
  }

 private:
  const Words* words_ = nullptr;
  std::function<bool(const std::string&)> test_;
  mutable std::vector<char> known_;  // 0 not asked yet, 1 yes, 2 no
};

}  // namespace gatepost::record
