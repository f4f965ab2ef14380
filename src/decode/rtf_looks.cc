// What hides words of RTF from a reader's eye.
// LIMITS: 4,096 colours; white is told from all others, and where a colour is behind the words none
// hides them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <utility>

#include "src/decode/rtf_reader.h"

namespace gatepost::decode {

// What hides words: true where `word` is about that.
bool RtfReader::Looks(std::string_view word, int64_t number, bool has_number) {
  const bool on = !has_number || number != 0;
  if (word == "red" || word == "green" || word == "blue") {
    Color(word, number);
  } else if (word == "v") {
    Flush();
    group().hidden = on;
    hidden_text = hidden_text || on;
  } else if (word == "deleted") {
    Flush();
    group().deleted = on;
  } else if (word == "upr" || word == "ud") {
    group().replaced = word == "upr";
    return word == "upr";
  } else if (word == "cf") {
    Flush();
    group().white = number > 0 && static_cast<uint64_t>(number) < white_.size() &&
                    white_[static_cast<size_t>(number)];
  } else if (word == "highlight" || word == "chcbpat" || word == "cb") {
    Flush();
    group().on_color = number > 0 && (static_cast<uint64_t>(number) >= white_.size() ||
                                      !white_[static_cast<size_t>(number)]);
  } else if (word == "fs") {
    Flush();
    group().tiny = has_number && number <= 2;
  } else {
    return false;
  }
  return true;
}

bool RtfReader::Unseen() {
  const Group& now = group();
  if (reading_ == RtfReading::kHtml) {
    return now.html_rtf && now.target != RtfTarget::kHtmlTag;
  }
  const bool unseen =
      now.hidden || now.deleted || now.replaced || now.tiny || (now.white && !now.on_color);
  unseen_text = unseen_text || unseen;
  return unseen && reading_ == RtfReading::kShown;
}

// \colortbl: "\red255\green255\blue255;", the first of all often empty (by itself).
void RtfReader::Color(std::string_view part, int64_t number) {
  constexpr size_t kMostColors = 4096;
  constexpr int64_t kNearlyAll = 248;
  if (part != ";") {
    color_ += number >= kNearlyAll ? 1 : 0;
  } else if (number == 1 && white_.size() < kMostColors) {
    white_.push_back(std::exchange(color_, 0) == 3);
  }
}

}  // namespace gatepost::decode
