// Alternatives by their words. A short text beside a long one ("your program shows no HTML") is no
// contradiction.
// LIMITS: words of four letters or more, or with a letter beyond ASCII; 5,000 of each.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/alternatives.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/text/undo_letters.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostDifferentWords = 5'000;
constexpr size_t kFewestDifferentWords = 5;
constexpr size_t kMostTimesLonger = 4;
constexpr size_t kMostOfNotice = 40;
constexpr size_t kSharedInTwelve = 1;  // of the shorter one's words

void AddWords(std::string_view utf8, std::unordered_set<std::string>* words) {
  std::string word;
  size_t letters = 0;
  const auto flush = [&] {
    if (letters >= 4 || word.size() > letters) {
      words->insert(word);
    }
    word.clear();
    letters = 0;
  };
  for (size_t i = 0; i < utf8.size() && words->size() < kMostDifferentWords;) {
    const char32_t c = NextCodePoint(utf8, &i);
    if (IsWordLetter(c)) {
      AppendUtf8(ToLower(c), &word);
      ++letters;
      if (letters >= 100) {
        flush();
      }
    } else if (!IsMarkOrNothing(c)) {
      flush();
    }
  }
  flush();
}

// "Your program shows no HTML, please open this in a browser."
bool IsNotice(const std::unordered_set<std::string>& words) {
  return words.size() <= kMostOfNotice && (words.count("html") > 0 || words.count("browser") > 0 ||
                                           words.count("mime") > 0 || words.count("duyệt") > 0);
}

}  // namespace

void Alternatives::Add(const mail::Message& message, const decode::Leaf& leaf, bool html,
                       std::string_view utf8) {
  if (leaf.depth > 0 || leaf.is_attachment || leaf.part >= message.parts().size()) {
    return;
  }
  for (const mail::Part* part = &message.parts()[leaf.part]; part->parent != part->index;) {
    part = &message.parts()[part->parent];
    if (part->is_message) {
      return;
    }
    if (part->type == "multipart" && part->subtype == "alternative") {
      AddWords(utf8, &words_[part->index][html ? 1 : 0]);
      return;
    }
  }
}

uint64_t Alternatives::CountDifferent() const {
  uint64_t count = 0;
  for (const auto& [part, both] : words_) {
    const Words& fewer = both[0].size() <= both[1].size() ? both[0] : both[1];
    const Words& more = both[0].size() <= both[1].size() ? both[1] : both[0];
    if (IsNotice(both[0]) || fewer.size() < kFewestDifferentWords ||
        more.size() > fewer.size() * kMostTimesLonger) {
      continue;
    }
    const auto shared = std::count_if(
        fewer.begin(), fewer.end(), [&](const std::string& word) { return more.count(word) > 0; });
    count += static_cast<size_t>(shared) * 12 <= fewer.size() * kSharedInTwelve ? 1U : 0U;
  }
  return count;
}

}  // namespace gatepost::text
