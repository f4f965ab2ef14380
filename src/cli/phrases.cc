// LIMITS: the first 400 lines of the message; 2,000 near lines of good mail are remembered.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/phrases.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/view.h"

namespace gatepost::cli {

namespace {

constexpr size_t kMostLines = 400;
constexpr size_t kMostGoodLines = 2'000;
constexpr size_t kLeastWords = 3;
constexpr size_t kMostWords = 5;
constexpr size_t kLeastLetters = 10;
constexpr size_t kMostWordBytes = 40;
constexpr double kSubjectBonus = 4;
constexpr double kCommonWord = -5;
constexpr size_t kWeighed = 7;  // letters of a word that make it weigh more

// What every letter says, folded: it makes no message peculiar.
constexpr auto kCommon = std::to_array<std::string_view>({
    "a",    "about", "all",   "am",    "an",    "and",   "anh",   "any",   "are",  "as",   "at",
    "ban",  "be",    "best",  "cac",   "can",   "chi",   "cho",   "chung", "co",   "con",  "cua",
    "da",   "dang",  "de",    "dear",  "den",   "do",    "duoc",  "em",    "for",  "from", "gui",
    "has",  "have",  "hello", "hi",    "i",     "if",    "in",    "is",    "it",   "khi",  "khong",
    "kinh", "la",    "lam",   "mail",  "me",    "mot",   "my",    "nay",   "neu",  "ngay", "nhe",
    "nhu",  "nhung", "no",    "not",   "of",    "on",    "ong",   "or",    "our",  "please", "qua",
    "re",   "regards", "se",  "so",    "thank", "thanks", "that", "the",   "theo", "thi",  "this",
    "thu",  "to",    "toi",   "trong", "trong", "tu",    "va",    "ve",    "viec", "voi",  "was",
    "we",   "will",  "with",  "xin",   "you",   "your",  "quy",   "fwd"});

bool IsCommon(std::string_view folded) {
  return std::find(kCommon.begin(), kCommon.end(), folded) != kCommon.end();
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) {
      out.emplace_back(text.substr(at, end - at));
    }
    at = end + 1;
  }
  return out;
}

// Paragraphs of a text as rules see them.
std::vector<std::string> Paragraphs(std::string_view text, text::Form form) {
  return Lines(text::MakeView("body", form, text).Paragraphs());
}

std::vector<std::string> WordsOf(std::string_view folded) {
  std::vector<std::string> out;
  for (size_t at = 0; at < folded.size();) {
    size_t end = at;
    while (end < folded.size() && IsWordByte(folded[end])) {
      ++end;
    }
    if (end > at) {
      out.emplace_back(folded.substr(at, end - at));
    }
    at = end + 1;
  }
  return out;
}

size_t Letters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return IsWordByte(c) && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string FoldedText(std::string_view text) {
  return text::MakeView("subject", text::Form::kFold, text).utf8;
}

PhraseFinder::PhraseFinder(std::string_view subject, std::string_view text) {
  for (const std::string& line : Paragraphs(subject, text::Form::kNfc)) {
    AddLine(line, true);
  }
  for (const std::string& line : Paragraphs(text, text::Form::kNfc)) {
    if (lines_.size() >= kMostLines) {
      break;
    }
    AddLine(line, false);
  }
}

void PhraseFinder::AddLine(const std::string& line, bool in_subject) {
  lines_.push_back(line);
  // Runs of words with one blank between them.
  struct Word {
    size_t begin, end;
    std::string folded;
  };
  std::vector<Word> run;
  const auto flush = [&] {
    for (size_t i = 0; i < run.size(); ++i) {
      for (size_t n = kLeastWords; n <= kMostWords && i + n <= run.size(); ++n) {
        Candidate one;
        one.phrase.words = line.substr(run[i].begin, run[i + n - 1].end - run[i].begin);
        one.phrase.line = line;
        one.phrase.in_subject = in_subject;
        one.weight = in_subject ? kSubjectBonus : 0;
        // A phrase that begins or ends with what every letter says is longer than it need be.
        if (Letters(one.phrase.words) < kLeastLetters || IsCommon(run[i].folded) ||
            IsCommon(run[i + n - 1].folded)) {
          continue;
        }
        for (size_t k = i; k < i + n; ++k) {
          const std::string& word = run[k].folded;
          one.folded += (one.folded.empty() ? "" : " ") + word;
          one.keys.push_back(word);
          one.weight += IsCommon(word)
                            ? kCommonWord
                            : static_cast<double>(std::min(Letters(word), kWeighed)) - 2;
          good_with_.emplace(word, 0);
        }
        one.weight /= std::sqrt(static_cast<double>(n));
        if (by_folded_.count(one.folded) == 0) {
          by_folded_[one.folded].push_back(candidates_.size());
          candidates_.push_back(std::move(one));
        }
      }
    }
    run.clear();
  };
  for (size_t at = 0; at < line.size();) {
    size_t end = at;
    while (end < line.size() && IsWordByte(line[end])) {
      ++end;
    }
    const bool address = (at > 0 && std::string_view("@./:_-").find(line[at - 1]) !=
                                        std::string_view::npos) ||
                         (end + 1 < line.size() && end > at && IsWordByte(line[end + 1]) &&
                          std::string_view("@./:_").find(line[end]) != std::string_view::npos);
    const std::string_view word = std::string_view(line).substr(at, end - at);
    if (end == at) {
      if (line[at] != ' ' || (at > 0 && line[at - 1] == ' ')) {
        flush();
      }
      ++at;
      continue;
    }
    if (address || HasDigit(word) || word.size() > kMostWordBytes) {
      flush();
    } else {
      run.push_back({at, end, FoldedText(word)});
    }
    at = end;
  }
  flush();
}

void PhraseFinder::AddGood(std::string_view text) {
  ++good_;
  std::unordered_set<std::string> words;
  std::unordered_set<size_t> found;
  const std::vector<std::string> folded = Paragraphs(text, text::Form::kFold);
  const std::vector<std::string> shown = Paragraphs(text, text::Form::kNfc);
  for (size_t i = 0; i < folded.size(); ++i) {
    const std::vector<std::string> line = WordsOf(folded[i]);
    size_t known = 0;
    for (size_t at = 0; at < line.size(); ++at) {
      if (good_with_.count(line[at]) > 0) {
        words.insert(line[at]);
        known += IsCommon(line[at]) ? 0 : 1;
      }
      std::string phrase;
      for (size_t n = 0; n < kMostWords && at + n < line.size(); ++n) {
        phrase += (n == 0 ? "" : " ") + line[at + n];
        const auto match = by_folded_.find(phrase);
        if (match != by_folded_.end()) {
          found.insert(match->second.begin(), match->second.end());
        }
      }
    }
    if (known > 1 && good_lines_.size() < kMostGoodLines && i < shown.size() &&
        folded.size() == shown.size()) {
      good_lines_.push_back(shown[i]);
    }
  }
  for (const std::string& word : words) {
    ++good_with_[word];
  }
  for (const size_t index : found) {
    ++candidates_[index].good;
  }
}

std::vector<Phrase> PhraseFinder::Find(size_t most) const {
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& one = candidates_[i];
    double weight = one.weight;
    for (const std::string& key : one.keys) {
      const auto known = good_with_.find(key);
      if (good_ > 0 && known != good_with_.end()) {
        weight += std::log((good_ + 1.0) / (known->second + 1.0));
      }
    }
    if (one.good == 0 && weight > 0) {
      order.emplace_back(-weight, i);
    }
  }
  std::sort(order.begin(), order.end());
  std::vector<Phrase> out;
  for (const auto& [weight, index] : order) {
    const Candidate& one = candidates_[index];
    const bool same_line = std::any_of(out.begin(), out.end(), [&](const Phrase& chosen) {
      return chosen.line == one.phrase.line ||
             FoldedText(chosen.line).find(one.folded) != std::string::npos;
    });
    if (!same_line) {
      out.push_back(one.phrase);
    }
    if (out.size() >= most) {
      break;
    }
  }
  return out;
}

std::vector<std::string> PhraseFinder::NearMisses(const std::vector<Phrase>& phrases,
                                                  size_t most) const {
  std::unordered_set<std::string> keys;
  std::vector<std::string> folded;
  for (const Phrase& phrase : phrases) {
    folded.push_back(FoldedText(phrase.words));
    for (std::string& word : WordsOf(folded.back())) {
      if (!IsCommon(word)) {
        keys.insert(std::move(word));
      }
    }
  }
  std::vector<std::pair<long, const std::string*>> order;
  const auto add = [&](const std::vector<std::string>& lines, long preferred) {
    for (const std::string& line : lines) {
      const std::string text = FoldedText(line);
      const bool has = std::any_of(folded.begin(), folded.end(), [&](const std::string& phrase) {
        return text.find(phrase) != std::string::npos;
      });
      const auto words = WordsOf(text);
      const long shared = std::count_if(words.begin(), words.end(), [&](const std::string& word) {
        return keys.count(word) > 0;
      });
      if (!has && Letters(line) >= kLeastLetters && line.size() < 400) {
        order.emplace_back(-shared - preferred, &line);
      }
    }
  };
  add(good_lines_, 1);
  add(lines_, 0);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [weight, line] : order) {
    if (out.size() < most && std::find(out.begin(), out.end(), *line) == out.end()) {
      out.push_back(*line);
    }
  }
  return out;
}

}  // namespace gatepost::cli
