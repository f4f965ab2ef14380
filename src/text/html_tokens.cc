// The tokenizer of HTML.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_tokens.h"

#include <algorithm>
#include <unordered_map>

#include "src/base/bytes.h"
#include "src/text/html_entities.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestName = 60;
constexpr size_t kMostAttributes = 100;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool IsTagEnd(char c) { return IsBlank(c) || c == '/' || c == '>'; }

// Lower case; NUL bytes inside names are dropped, as old readers do.
void AssignName(std::string_view given, std::string* out) {
  out->clear();
  for (const char c : given.substr(0, kLongestName)) {
    if (c != '\0') {
      out->push_back(AsciiLower(c));
    }
  }
}

}  // namespace

uint16_t TagKindOf(std::string_view lower_name) {
  using K = TagKind;
  static const std::unordered_map<std::string_view, uint16_t> kinds = [] {
    std::unordered_map<std::string_view, uint16_t> out;
    for (const char* name :
         {"address", "article",  "aside",      "blockquote", "body",   "caption",  "center",
          "dd",      "details",  "dialog",     "dir",        "div",    "dl",       "dt",
          "figure",  "fieldset", "figcaption", "footer",     "form",   "frameset", "h1",
          "h2",      "h3",       "h4",         "h5",         "h6",     "header",   "hgroup",
          "hr",      "html",     "legend",     "li",         "main",   "menu",     "nav",
          "ol",      "optgroup", "option",     "p",          "pre",    "search",   "section",
          "summary", "table",    "tbody",      "td",         "tfoot",  "th",       "thead",
          "tr",      "ul",       "xmp",        "plaintext",  "listing"}) {
      out[name] |= K::kBlock;
    }
    for (const char* name :
         {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img",
          "input", "keygen", "link", "meta", "param", "source", "track", "wbr"}) {
      out[name] |= K::kVoid;
    }
    for (const char* name : {"script", "style", "xmp", "plaintext", "iframe", "noembed", "noframes",
                             "title", "textarea"}) {
      out[name] |= K::kRaw;
    }
    for (const char* name : {"title", "textarea"}) {
      out[name] |= K::kRcData;
    }
    for (const char* name : {"xmp", "plaintext", "textarea"}) {
      out[name] |= K::kShows;
    }
    for (const char* name : {"template", "head", "datalist", "rp"}) {
      out[name] |= K::kHides;
    }
    for (const char* name : {"rt", "rtc", "noscript", "audio", "video", "canvas", "object",
                             "applet", "svg", "math", "meter", "progress", "select", "details"}) {
      out[name] |= K::kDoubt;
    }
    for (const char* name : {"caption", "tbody", "td", "tfoot", "th", "thead", "tr"}) {
      out[name] |= K::kOfTable;
    }
    for (const char* name : {"img", "input", "button", "textarea", "select", "video", "audio",
                             "canvas", "iframe", "object", "embed", "meter", "progress", "svg"}) {
      out[name] |= K::kReplaced;
    }
    for (const char* name : {"pre", "textarea", "listing", "xmp", "plaintext"}) {
      out[name] |= K::kPre;
    }
    out["td"] |= K::kCell;
    out["th"] |= K::kCell;
    out["tr"] |= K::kRow;
    return out;
  }();
  const auto found = kinds.find(lower_name);
  return found == kinds.end() ? uint16_t{0} : found->second;
}

void Tokenizer::Next(Token* token) {
  while (true) {
    if (at_ >= end_) {
      end_ = s_.size();
      in_conditional_ = false;
      raw_next_ = raw_next_ && at_ < s_.size();
      if (at_ >= s_.size()) {
        token->kind = Token::Kind::kEnd;
        return;
      }
    }
    if (raw_next_) {
      raw_next_ = false;
      token->kind = Token::Kind::kRaw;
      token->name = raw_name_;
      token->begin = at_;
      token->end = raw_name_ == "plaintext" ? end_ : FindClose(at_, raw_name_);
      at_ = token->end;
      if (at_ < end_) {
        SkipTo('>');
      }
      return;
    }
    if (s_[at_] == '<' && at_ + 1 < end_) {
      const size_t before = at_;
      if (ReadMarkup(token)) {
        return;
      }
      if (at_ != before) {
        continue;  // a declaration, skipped
      }
    }
    token->kind = Token::Kind::kText;
    token->begin = at_;
    at_ = std::min(s_.find('<', at_ + 1), end_);
    token->end = at_;
    work_ += token->end - token->begin;
    return;
  }
}

// At '<'. False: at_ moved behind something without meaning, or stays where this is text.
bool Tokenizer::ReadMarkup(Token* token) {
  const char c = s_[at_ + 1];
  if (c == '!') {
    return ReadDeclaration(token);
  }
  if (c == '?') {
    return ReadBogusComment(token);
  }
  const bool close = c == '/';
  const size_t name_at = at_ + (close ? 2 : 1);
  if (name_at >= end_ || !IsLetter(s_[name_at])) {
    return close && ReadBogusComment(token);
  }
  size_t name_end = name_at;
  while (name_end < end_ && !IsTagEnd(s_[name_end])) {
    ++name_end;
  }
  token->begin = at_;
  AssignName(s_.substr(name_at, name_end - name_at), &token->name);
  token->tag = TagKindOf(token->name);
  token->kind = close ? Token::Kind::kClose : Token::Kind::kOpen;
  at_ = name_end;
  ReadAttributes(token);
  token->end = at_;
  work_ += token->end - token->begin;
  PlaceInForeign(token);
  if (!close && (token->tag & TagKind::kRaw) != 0) {
    raw_next_ = true;
    raw_name_ = token->name;
  }
  return true;
}

void Tokenizer::PlaceInForeign(Token* token) {
  token->foreign = false;
  token->breaks_out = false;
  if (token->kind == Token::Kind::kClose) {
    token->breaks_out = foreign_.Close(token->name);
    return;
  }
  bool html_attribute = false;
  bool html_encoding = false;
  if (foreign_.inside()) {
    for (size_t i = 0; i < token->attributes; ++i) {
      const Attribute& one = attributes_[i];
      html_attribute =
          html_attribute || one.name == "color" || one.name == "face" || one.name == "size";
      html_encoding = html_encoding || (one.name == "encoding" &&
                                        AsciiLower(one.value).find("html") != std::string::npos);
    }
  }
  const ForeignContent::Start start =
      foreign_.Open(token->name, token->closes_itself, html_attribute, html_encoding);
  token->foreign = start.foreign;
  token->breaks_out = start.breaks_out;
  if (!start.foreign && (token->tag & TagKind::kVoid) == 0) {
    foreign_.OpenHtml();
  }
  if (start.foreign) {
    using K = TagKind;
    constexpr uint16_t kOfHtml =
        K::kVoid | K::kRaw | K::kRcData | K::kHides | K::kShows | K::kCell | K::kRow | K::kOfTable;
    token->tag = static_cast<uint16_t>(token->tag & ~kOfHtml);
  }
}

void Tokenizer::SkipTo(char c) {
  const size_t found = s_.substr(0, end_).find(c, at_);
  const size_t next = found == std::string_view::npos ? end_ : found + 1;
  work_ += next - at_;
  at_ = next;
}

// "<?...>", "</ ...>" and "<!...>" are comments to a browser. False: one that says nothing (a
// document type, the marks of Word).
bool Tokenizer::ReadBogusComment(Token* token) {
  const size_t from = at_ + 2;
  SkipTo('>');
  const size_t to = at_ > from && s_[at_ - 1] == '>' ? at_ - 1 : at_;
  const std::string_view text = s_.substr(from, std::max(from, to) - from);
  if (text.empty() || text[0] == '[' || AsciiStartsWithIgnoreCase(text, "doctype") ||
      AsciiStartsWithIgnoreCase(text, "xml")) {
    return false;
  }
  token->kind = Token::Kind::kComment;
  token->begin = from;
  token->end = from + text.size();
  return true;
}

bool Tokenizer::ReadDeclaration(Token* token) {
  if (s_.substr(at_, 4) != "<!--") {
    if (s_.substr(at_, 9) == "<![CDATA[") {
      token->kind = Token::Kind::kCdata;
      token->begin = std::min(at_ + 9, end_);
      const bool foreign = in_foreign();
      const std::string_view stop = foreign ? "]]>" : ">";
      const size_t found = no_cdata_end_ <= token->begin && foreign ? std::string_view::npos
                                                                    : s_.find(stop, token->begin);
      if (found == std::string_view::npos && foreign) {
        no_cdata_end_ = token->begin;
      }
      const size_t close = std::min(found, end_);
      work_ += close - token->begin;
      at_ = std::min(close + stop.size(), end_);
      const std::string_view content = s_.substr(token->begin, close - token->begin);
      const bool marked =
          !foreign && content.size() >= 2 && content.substr(content.size() - 2) == "]]";
      token->end = close - (marked ? 2 : 0);
      return true;
    }
    return ReadBogusComment(token);
  }
  const size_t from = at_ + 4;
  if (s_.substr(from, 1) == ">" || s_.substr(from, 2) == "->") {
    at_ = from + (s_[from] == '>' ? 1 : 2);
    return false;
  }
  const bool none = no_comment_end_ <= from;
  size_t close = none ? std::string_view::npos : s_.find("-->", from);
  size_t length = 3;
  if (close == std::string_view::npos && !none) {
    no_comment_end_ = from;
  }
  if (next_bang_ < from && next_bang_ != std::string_view::npos) {
    next_bang_ = s_.find("--!>", from);
  }
  if (next_bang_ != std::string_view::npos && next_bang_ >= from && next_bang_ < close) {
    close = next_bang_;
    length = 4;
  }
  if (close == std::string_view::npos || close > end_) {
    close = end_;
    length = 0;
  }
  work_ += close - from;
  if (s_.substr(from, 3) == "[if") {
    const size_t condition = s_.substr(0, close).find("]>", from);
    if (condition != std::string_view::npos) {
      at_ = condition + 2;
      end_ = close + length;
      in_conditional_ = true;
      const std::string asked = AsciiLower(s_.substr(from, std::min<size_t>(condition - from, 60)));
      outlook_ = (asked.find("mso") != asked.npos || asked.find("vml") != asked.npos) &&
                 asked.find("!mso") == asked.npos && asked.find("!(mso") == asked.npos;
      saw_conditional_ = true;
      return false;
    }
  }
  token->kind = Token::Kind::kComment;
  token->begin = from;
  token->end = close;
  at_ = close + length;
  return true;
}

void Tokenizer::ReadAttributes(Token* token) {
  size_t count = 0;
  token->closes_itself = false;
  while (at_ < end_) {
    const char c = s_[at_];
    if (c == '>') {
      ++at_;
      break;
    }
    if (IsBlank(c) || c == '/') {
      ++at_;
      token->closes_itself = c == '/' && at_ < end_ && s_[at_] == '>';
      continue;
    }
    if (c == '<') {
      break;  // a tag that was never closed: read on as if it were
    }
    const size_t name_at = at_;
    ++at_;
    while (at_ < end_ && !IsTagEnd(s_[at_]) && s_[at_] != '=') {
      ++at_;
    }
    if (attributes_.size() <= count) {
      attributes_.emplace_back();
    }
    Attribute& attribute = attributes_[count];
    AssignName(s_.substr(name_at, at_ - name_at), &attribute.name);
    attribute.value.clear();
    attribute.at = name_at;
    size_t after = at_;
    while (after < end_ && IsBlank(s_[after])) {
      ++after;
    }
    if (after < end_ && s_[after] == '=') {
      at_ = after + 1;
      ReadValue(&attribute);
    }
    if (count < kMostAttributes) {
      attribute.repeated =
          std::any_of(attributes_.begin(), attributes_.begin() + static_cast<std::ptrdiff_t>(count),
                      [&](const Attribute& other) { return other.name == attribute.name; });
      ++count;
    }
  }
  token->attributes = count;
}

void Tokenizer::ReadValue(Attribute* attribute) {
  while (at_ < end_ && IsBlank(s_[at_])) {
    ++at_;
  }
  if (at_ >= end_) {
    return;
  }
  const auto assign = [&](size_t from, size_t to) {
    const std::string_view raw = s_.substr(from, to - from);
    attribute->at = from;
    if (raw.find('&') == std::string_view::npos) {
      attribute->value.assign(raw);
    } else {
      attribute->value = DecodeCharacterReferences(raw);
    }
  };
  const char quote = s_[at_];
  if (quote == '"' || quote == '\'') {
    size_t& none = quote == '"' ? no_double_ : no_single_;
    size_t close = std::string_view::npos;
    if (at_ < none) {
      close = s_.find(quote, at_ + 1);
      if (close == std::string_view::npos) {
        none = at_;
      }
    }
    if (close != std::string_view::npos && close < end_) {
      assign(at_ + 1, close);
      at_ = close + 1;
      return;
    }
    ++at_;
  }
  size_t stop = at_;
  while (stop < end_ && !IsBlank(s_[stop]) && s_[stop] != '>') {
    ++stop;
  }
  assign(at_, stop);
  at_ = stop;
}

// Where "</name" stands, or the end.
size_t Tokenizer::FindClose(size_t from, std::string_view name) {
  if (no_close_name_ == name) {
    return end_;
  }
  const std::string_view s = s_.substr(0, end_);
  for (size_t at = s.find("</", from); at != std::string_view::npos; at = s.find("</", at + 2)) {
    if (AsciiEqualsIgnoreCase(s.substr(at + 2, name.size()), name) &&
        (at + 2 + name.size() >= s.size() || IsTagEnd(s[at + 2 + name.size()]))) {
      work_ += at - from;
      return at;
    }
  }
  work_ += end_ - from;
  if (end_ == s_.size()) {
    no_close_name_ = name;
  }
  return end_;
}

}  // namespace gatepost::text
