// What style sheets put before and behind elements: ::before, ::after.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/utf8.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostMaybes = 20'000;

}  // namespace

void HtmlReader::ReadPseudoElements(const Token& token) {
  const std::vector<const Node*> above(ancestors_.begin(), ancestors_.end() - 1);
  Box& box = stack_.back();
  StyleSheet::Met before;
  sheet_.Match(box.node, above, Pseudo::kBefore, &before);
  const std::string content = ContentOf(before.now, token);
  if (!content.empty()) {
    const size_t begin = visible_.text.size();
    PutContent(content, token.begin);
    if (before.doubt && ContentOf(before.other, token) != content) {
      doubts_.Add(begin, visible_.text.size(), false, before.cause);
    }
  } else if (before.doubt) {
    PutMaybe(ContentOf(before.other, token), token.begin);
  }
  StyleSheet::Met after;
  sheet_.Match(box.node, above, Pseudo::kAfter, &after);
  box.after = ContentOf(after.now, token);
  if (after.doubt && box.after.empty()) {
    box.after_maybe = ContentOf(after.other, token);
  }
}

void HtmlReader::PutMaybe(const std::string& text, size_t source) {
  if (text.empty() || !Shows() || inserts_.size() >= kMostMaybes) {
    return;
  }
  const bool inside = !visible_.text.empty() && visible_.text.back() != '\n';
  const size_t before = hidden_.text.size();
  hidden_.PutWords(text, source);
  inserts_.push_back(
      {visible_.text.size(), before, hidden_.text.size(), visible_.blank(), true, inside});
}

void HtmlReader::PutContent(const std::string& content, size_t source) {
  if (Shows() && DrawsOtherLetters()) {
    PutAsDrawn(content, source);
  } else {
    Out().Put(content, source);
  }
}

std::string HtmlReader::ContentOf(const Cascade& cascade, const Token& token) const {
  const Declaration* content = cascade.Get(Property::kContent);
  const Declaration* display = cascade.Get(Property::kDisplay);
  if (content == nullptr ||
      (display != nullptr && static_cast<Display>(display->word) == Display::kNone)) {
    return "";
  }
  std::string out;
  std::string_view text = content->text;
  while (!text.empty()) {
    const size_t open = std::min(text.find('\x01'), text.size());
    out += text.substr(0, open);
    text.remove_prefix(std::min(open + 1, text.size()));
    const size_t close = text.find('\x01');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      continue;
    }
    for (size_t i = 0; i < token.attributes; ++i) {
      if (tokens_.attribute(i).name == text.substr(0, close)) {
        out += tokens_.attribute(i).value;
        break;
      }
    }
    text.remove_prefix(close + 1);
  }
  std::replace(out.begin(), out.end(), '\n', ' ');
  return ToValidUtf8(out);
}

}  // namespace gatepost::text
