// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/replace_tags.h"

#include <vector>

namespace gatepost::import {

namespace {

constexpr int kMostPasses = 6;
constexpr size_t kMostBytes = 64U << 10;

// Takes "<word NAME>" out of the text, the first one; returns NAME or "".
std::string TakeModifier(const CfSettings& settings, const std::string& word, std::string* text) {
  const std::string open = settings.tag_start + word + " ";
  const size_t begin = text->find(open);
  if (begin == std::string::npos) {
    return "";
  }
  const size_t end = text->find(settings.tag_end, begin + open.size() + 1);
  if (end == std::string::npos) {
    return "";
  }
  const std::string name = text->substr(begin + open.size(), end - begin - open.size());
  text->erase(begin, end + settings.tag_end.size() - begin);
  return name;
}

const std::string& Lookup(const std::map<std::string, std::string>& table,
                          const std::string& name) {
  static const std::string none;
  const auto found = table.find(name);
  return found == table.end() ? none : found->second;
}

// Tags and what stands between them, in turn: odd entries are tags; "" between two that touch.
std::vector<std::string> SplitTags(const std::string& text) {
  std::vector<std::string> out(1);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text[at] == '<' ? text.find_first_of("<>", at + 1) : std::string::npos;
    if (end != std::string::npos && text[end] == '>' && end > at + 1) {
      out.push_back(text.substr(at, end + 1 - at));
      out.emplace_back();
      at = end + 1;
    } else {
      out.back() += text[at++];
    }
  }
  if (out.size() > 1 && out.back().empty()) {
    out.pop_back();  // Perl's split drops empty fields at the end
  }
  return out;
}

}  // namespace

std::string ReplaceTags(const CfSettings& settings, const std::string& expression) {
  std::string text = expression;
  bool again = true;
  for (int pass = 0; again && pass < kMostPasses; ++pass) {
    again = false;
    const std::string& pre = Lookup(settings.pre, TakeModifier(settings, "pre", &text));
    const std::string& post = Lookup(settings.post, TakeModifier(settings, "post", &text));
    const std::string& inter = Lookup(settings.inter, TakeModifier(settings, "inter", &text));
    std::string out;
    for (const std::string& piece : SplitTags(text)) {
      if (piece.empty()) {
        out += inter;
        continue;
      }
      const bool is_tag = piece.size() > settings.tag_start.size() + settings.tag_end.size() &&
                          piece.front() == '<' && piece.back() == '>';
      if (!is_tag) {
        out += piece;
        continue;
      }
      const std::string& replacement =
          Lookup(settings.tags,
                 piece.substr(settings.tag_start.size(),
                              piece.size() - settings.tag_start.size() - settings.tag_end.size()));
      out += pre + (replacement.empty() ? piece : replacement) + post;
      const size_t open = replacement.find('<');
      again = again ||
              (open != std::string::npos && replacement.find('>', open + 2) != std::string::npos);
    }
    if (out.size() > kMostBytes) {
      return "";
    }
    text = std::move(out);
  }
  return text;
}

}  // namespace gatepost::import
