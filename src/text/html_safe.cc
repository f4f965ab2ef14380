// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_safe.h"

#include <algorithm>
#include <array>
#include <vector>

#include "src/base/utf8.h"
#include "src/text/html_entities.h"
#include "src/text/html_tokens.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostBytes = 512 * 1024;
constexpr size_t kMostDepth = 100;
constexpr size_t kMostTags = 100'000;
constexpr size_t kMostTarget = 300;

constexpr std::array<std::string_view, 42> kAllowed = {
    "b",      "blockquote", "br",  "caption", "center",  "code", "dd",    "div",  "dl",
    "dt",     "em",         "h1",  "h2",      "h3",      "h4",   "h5",    "h6",   "hr",
    "i",      "li",         "ol",  "p",       "pre",     "s",    "small", "span", "strike",
    "strong", "sub",        "sup", "table",   "tbody",   "td",   "tfoot", "th",   "thead",
    "tr",     "tt",         "u",   "ul",      "address", "font"};

bool IsAllowed(std::string_view name) {
  return std::find(kAllowed.begin(), kAllowed.end(), name) != kAllowed.end();
}

bool IsVoid(std::string_view name) { return name == "br" || name == "hr"; }

// Their content is another language; nothing of it is text for people.
bool IsForeign(std::string_view name) {
  return name == "svg" || name == "math" || name == "object" || name == "audio" ||
         name == "video" || name == "canvas" || name == "template" || name == "select" ||
         name == "head" || name == "map";
}

class Maker {
 public:
  explicit Maker(std::string_view source) : s_(source), tokens_(source) {}

  std::string Run() {
    Token token;
    for (tokens_.Next(&token); token.kind != Token::Kind::kEnd; tokens_.Next(&token)) {
      if (out_.size() > kMostBytes || ++tags_ > kMostTags) {
        cut_ = true;
        break;
      }
      Take(token);
    }
    while (!open_.empty()) {
      Close();
    }
    return out_ + (cut_ ? "<p>[...]</p>" : "");
  }

 private:
  void Take(const Token& token) {
    if (!foreign_.empty()) {
      if (token.kind == Token::Kind::kOpen && token.name == foreign_) {
        ++foreign_depth_;
      } else if (token.kind == Token::Kind::kClose && token.name == foreign_ &&
                 --foreign_depth_ == 0) {
        foreign_.clear();
      } else if (token.kind == Token::Kind::kOpen && token.name == "body") {
        foreign_.clear();  // a head that nobody closed
      }
      return;
    }
    switch (token.kind) {
      case Token::Kind::kText:
      case Token::Kind::kCdata:
        Text(DecodeCharacterReferences(s_.substr(token.begin, token.end - token.begin)));
        break;
      case Token::Kind::kOpen:
        Open(token);
        break;
      case Token::Kind::kClose:
        CloseNamed(token.name);
        break;
      case Token::Kind::kRaw:  // scripts, styles, titles, comments
      case Token::Kind::kComment:
      case Token::Kind::kEnd:
        break;
    }
  }

  void Text(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      const Utf8Unit unit = DecodeUtf8(text, at);
      const char32_t c = unit.code_point;
      at += unit.bytes;
      if (c == '&') {
        out_ += "&amp;";
      } else if (c == '<') {
        out_ += "&lt;";
      } else if (c == '>') {
        out_ += "&gt;";
      } else if (c == '"') {
        out_ += "&quot;";
      } else if (c == '\'') {
        out_ += "&#39;";
      } else if (c == '`') {
        out_ += "&#96;";
      } else if (c == '\n' || c == '\t') {
        out_ += static_cast<char>(c);
      } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
        out_ += ' ';
      } else if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) {
        AppendUtf8(kReplacement, &out_);  // what turns the order of letters round is shown as such
      } else {
        AppendUtf8(c, &out_);
      }
    }
  }

  std::string Value(const Token& token, std::string_view name) const {
    for (size_t i = 0; i < token.attributes; ++i) {
      const Attribute& one = tokens_.attribute(i);
      if (one.name == name && !one.repeated) {
        return one.value;
      }
    }
    return {};
  }

  // A number of 1 to 99 or nothing.
  void Span(const Token& token, std::string_view name) {
    const std::string value = Value(token, name);
    if (!value.empty() && value.size() <= 2 && value.front() != '0' &&
        value.find_first_not_of("0123456789") == std::string::npos) {
      out_ += " " + std::string(name) + "=\"" + value + "\"";
    }
  }

  void Open(const Token& token) {
    const std::string& name = token.name;
    if (name == "a") {
      // Shown where it leads when it is closed; links do not stand in links.
      CloseNamed("a");
      if (open_.size() < kMostDepth) {
        out_ += "<u class=\"link\">";
        open_.push_back({"a", Value(token, "href").substr(0, kMostTarget)});
      }
      return;
    }
    if (name == "img" || name == "image") {
      out_ += "<i class=\"picture\">";
      Text(Value(token, "alt").substr(0, kMostTarget));
      out_ += "</i>";
      return;
    }
    if (IsForeign(name)) {
      foreign_ = name;
      foreign_depth_ = 1;
      return;
    }
    if (!IsAllowed(name)) {
      return;
    }
    if (IsVoid(name)) {
      out_ += "<" + name + ">";
      return;
    }
    if (open_.size() >= kMostDepth) {
      return;
    }
    const std::string written =
        name == "font" || name == "center" || name == "tt" || name == "strike" || name == "address"
            ? std::string(name == "center" || name == "address" ? "div" : "span")
            : name;
    out_ += "<" + written;
    if (name == "td" || name == "th") {
      Span(token, "colspan");
      Span(token, "rowspan");
    }
    const std::string direction = Value(token, "dir");
    if (direction == "rtl" || direction == "ltr") {
      out_ += " dir=\"" + direction + "\"";
    }
    out_ += ">";
    open_.push_back({name, written});
  }

  // Closes the innermost element; `second` is what was written, for links where they lead.
  void Close() {
    const auto [name, second] = open_.back();
    open_.pop_back();
    if (name != "a") {
      out_ += "</" + second + ">";
      return;
    }
    out_ += "</u>";
    if (!second.empty()) {
      out_ += "<small class=\"target\">[";
      Text(second);
      out_ += "]</small>";
    }
  }

  void CloseNamed(std::string_view name) {
    const auto found = std::find_if(open_.rbegin(), open_.rend(),
                                    [&](const auto& one) { return one.first == name; });
    if (found == open_.rend()) {
      return;
    }
    const auto depth = static_cast<size_t>(open_.rend() - found) - 1;
    while (open_.size() > depth) {
      Close();
    }
  }

  std::string_view s_;
  Tokenizer tokens_;
  std::string out_;
  std::vector<std::pair<std::string, std::string>> open_;
  std::string foreign_;
  int foreign_depth_ = 0;
  size_t tags_ = 0;
  bool cut_ = false;
};

}  // namespace

std::string SafeHtml(std::string_view utf8) { return Maker(utf8).Run(); }

}  // namespace gatepost::text
