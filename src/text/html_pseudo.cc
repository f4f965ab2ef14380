// Where style sheets stand, and what they put before and behind elements: ::before, ::after.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostMaybes = 20'000;

// media="..." of a tag.
std::string_view MediaOf(std::string_view tag) {
  const size_t at = AsciiLower(tag.substr(0, 2'000)).find("media=");
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view value = tag.substr(at + 6);
  const bool quoted = !value.empty() && (value[0] == '"' || value[0] == '\'');
  return quoted ? value.substr(1, value.find(value[0], 1) - 1) : value.substr(0, value.find(' '));
}

}  // namespace

// Styles may stand after what they hide, so they are read first.
void HtmlReader::FindStyleSheets() {
  size_t none_before = 0;
  for (size_t open = s_.find("<"); open != std::string_view::npos; open = s_.find('<', open + 1)) {
    const bool link = AsciiStartsWithIgnoreCase(s_.substr(open, 5), "<link");
    if (!link && !AsciiStartsWithIgnoreCase(s_.substr(open, 6), "<style")) {
      continue;
    }
    const size_t begin = s_.find('>', open);
    if (begin == std::string_view::npos) {
      return;
    }
    if (link) {
      const std::string_view tag = s_.substr(open, begin - open);
      const size_t data = tag.find("data:text/css");
      if (data != std::string_view::npos) {
        sheet_.ReadLinked(
            tag.substr(data, std::min(tag.find_first_of("\"'", data), tag.size()) - data));
      }
      open = begin;
      continue;
    }
    size_t close = std::max(begin + 1, none_before);
    for (close = s_.find("</", close); close != std::string_view::npos;
         close = s_.find("</", close + 2)) {
      if (AsciiEqualsIgnoreCase(s_.substr(close + 2, 5), "style")) {
        break;
      }
    }
    close = std::min(close, s_.size());
    none_before = close;
    sheet_.Read(s_.substr(begin + 1, close - std::min(close, begin + 1)),
                MediaOf(s_.substr(open, begin - open)));
    open = std::max(open, close - 1);
  }
}

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
