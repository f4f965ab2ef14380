// HTML to what a reader sees and what he does not. One pass over the source, an explicit stack of
// open elements, every search bounded; no tree is built.
// LIMITS: no layout and no scripts; elements nested deeper than kDeepest are read as if flat; the
// joined line of a table row is built for rows of up to kLongestRow bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <set>

#include "src/base/utf8.h"
#include "src/text/html_entities.h"
#include "src/text/html_style.h"
#include "src/text/lines.h"
#include "src/text/view.h"

namespace gatepost::text {

namespace {

constexpr size_t kDeepest = 500;
constexpr size_t kLongestRow = 2'000;
constexpr size_t kMostUrls = 5'000;
constexpr size_t kLongestUrl = 2'048;
constexpr size_t kMostFrames = 8;

bool IsOneOf(std::string_view name, const std::set<std::string_view>& names) {
  return names.count(name) > 0;
}

const std::set<std::string_view>& Blocks() {
  static const std::set<std::string_view> names = {
      "address",  "article",    "aside",  "blockquote", "body",   "caption",  "center",
      "dd",       "details",    "dialog", "dir",        "div",    "dl",       "dt",
      "fieldset", "figcaption", "figure", "footer",     "form",   "frameset", "h1",
      "h2",       "h3",         "h4",     "h5",         "h6",     "header",   "hgroup",
      "hr",       "html",       "legend", "li",         "main",   "menu",     "nav",
      "ol",       "optgroup",   "option", "p",          "pre",    "search",   "section",
      "summary",  "table",      "tbody",  "td",         "tfoot",  "th",       "thead",
      "tr",       "ul",         "xmp",    "plaintext",  "listing"};
  return names;
}

const std::set<std::string_view>& Voids() {
  static const std::set<std::string_view> names = {"area",  "base",   "br",    "col",  "embed",
                                                   "hr",    "img",    "input", "link", "meta",
                                                   "param", "source", "track", "wbr"};
  return names;
}

struct Attribute {
  std::string name;  // lower case
  std::string value;
  size_t at = 0;
};

struct Element {
  std::string name;
  bool hidden = false;
  bool pre = false;
  int64_t color = kNoColor;
  int64_t background = kNoColor;
};

// <iframe srcdoc>: HTML inside an attribute.
struct Frame {
  std::string html;
  size_t at = 0;
};

// A text under construction: white space collapses, positions are kept.
class Sink {
 public:
  void Put(std::string_view bytes, size_t source) {
    if (blank_ && !text.empty() && text.back() != '\n') {
      Map(blank_source_);
      text.push_back(' ');
    }
    blank_ = false;
    Map(source);
    text.append(bytes);
  }
  void Blank(size_t source) {
    if (!blank_) {
      blank_ = true;
      blank_source_ = source;
    }
  }
  // A line end that a block makes: never two, none in front.
  void BlockEnd(size_t source) {
    blank_ = false;
    if (!text.empty() && text.back() != '\n') {
      LineEnd(source);
    }
    if (lines > 0 && (block_ends.empty() || block_ends.back() != lines - 1)) {
      block_ends.push_back(lines - 1);
    }
  }
  void LineEnd(size_t source) {
    blank_ = false;
    Map(source);
    text.push_back('\n');
    ++lines;
  }
  std::string text;
  std::vector<MapPiece> pieces;
  std::vector<uint32_t> block_ends;  // numbers of '\n'
  uint32_t lines = 0;

 private:
  void Map(size_t source) {
    const auto view = static_cast<uint32_t>(text.size());
    const auto at = static_cast<uint32_t>(source);
    if (pieces.empty() || at - pieces.back().source != view - pieces.back().view) {
      pieces.push_back({view, at});
    }
  }
  bool blank_ = false;
  size_t blank_source_ = 0;
};

class HtmlReader {
 public:
  explicit HtmlReader(std::string_view html) : s_(html), end_(html.size()) {}

  HtmlText Run() {
    FindStyleSheets();
    for (const std::string& font : sheet_.fonts) {
      AddFont(font);
    }
    for (const std::string& url : sheet_.urls) {
      AddUrl(url);
    }
    while (at_ < s_.size()) {
      if (at_ >= end_) {  // a conditional comment is over
        end_ = s_.size();
        in_conditional_ = false;
        if (at_ >= s_.size()) {
          break;
        }
      }
      if (s_[at_] == '<' && at_ + 1 < end_ && ReadMarkup()) {
        continue;
      }
      ReadText();
    }
    return Finish();
  }

  const std::vector<Frame>& frames() const { return frames_; }

 private:
  HtmlText Finish() {
    HtmlText out;
    visible_.pieces.push_back(
        {static_cast<uint32_t>(visible_.text.size()), static_cast<uint32_t>(s_.size())});
    LineOptions options;
    options.block_ends = &visible_.block_ends;
    Lines lines = ReadLines(visible_.text, options);
    out.soft.clear();
    out.visible = std::move(lines.text);
    uint32_t number = 0;
    size_t next = 0;
    for (size_t i = 0; i < out.visible.size() && next < lines.soft_lines.size(); ++i) {
      if (out.visible[i] == '\n' && number++ == lines.soft_lines[next]) {
        out.soft.push_back(static_cast<uint32_t>(i));
        ++next;
      }
    }
    out.map = Composed(lines.pieces, visible_.pieces);
    // The line end behind the last line is gone, and with it what led back from there.
    while (!out.map.empty() && out.map.back().view > out.visible.size()) {
      out.map.pop_back();
    }
    hidden_.BlockEnd(s_.size());
    out.hidden = std::move(hidden_.text);
    while (!out.hidden.empty() && out.hidden.back() == '\n') {
      out.hidden.pop_back();
    }
    out.urls = std::move(urls_);
    out.fonts = std::move(fonts_);
    return out;
  }

  // outer after inner, as one list: both ascend by view.
  static std::vector<MapPiece> Composed(const std::vector<MapPiece>& outer,
                                        const std::vector<MapPiece>& inner) {
    if (outer.empty()) {
      return inner;
    }
    std::vector<MapPiece> out;
    size_t k = 0;
    for (size_t i = 0; i < outer.size(); ++i) {
      const uint32_t from = outer[i].source;
      const uint32_t view = outer[i].view;
      const uint32_t until = i + 1 < outer.size() ? from + (outer[i + 1].view - view) : UINT32_MAX;
      while (k + 1 < inner.size() && inner[k + 1].view <= from) {
        ++k;
      }
      out.push_back({view, inner[k].source + (from - inner[k].view)});
      while (k + 1 < inner.size() && inner[k + 1].view < until) {
        ++k;
        out.push_back({view + (inner[k].view - from), inner[k].source});
      }
    }
    return out;
  }

  // Styles may stand after what they hide, so they are read first.
  void FindStyleSheets() {
    for (size_t open = s_.find('<'); open != std::string_view::npos;
         open = s_.find('<', open + 1)) {
      if (!AsciiStartsWithIgnoreCase(s_.substr(open, 6), "<style")) {
        continue;
      }
      const size_t begin = s_.find('>', open);
      if (begin == std::string_view::npos) {
        return;
      }
      const size_t close = FindClose(begin + 1, "style");
      ReadStyleSheet(s_.substr(begin + 1, close - begin - 1), &sheet_);
      open = close - 1;
    }
  }

  // Where "</name" stands, or the end.
  size_t FindClose(size_t from, std::string_view name) const {
    for (size_t at = s_.find("</", from); at != std::string_view::npos;
         at = s_.find("</", at + 2)) {
      if (AsciiEqualsIgnoreCase(s_.substr(at + 2, name.size()), name)) {
        return at;
      }
    }
    return s_.size();
  }

  bool Hidden() const {
    return in_conditional_ || flat_hidden_ || (!stack_.empty() && stack_.back().hidden);
  }
  bool Pre() const { return !stack_.empty() && stack_.back().pre; }
  Sink& Out() { return Hidden() ? hidden_ : visible_; }

  void ReadText() {
    Sink& out = Out();
    const bool pre = Pre();
    const size_t first = at_;
    while (at_ < end_ && (s_[at_] != '<' || at_ == first)) {
      const char c = s_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        if (pre && c == '\n') {
          out.LineEnd(at_);
        } else if (pre && c != '\r') {
          out.Put(" ", at_);
        } else {
          out.Blank(at_);
        }
        ++at_;
        continue;
      }
      if (c == '&') {
        std::string text;
        const size_t took = ReadCharacterReference(s_.substr(0, end_), at_, &text);
        if (took > 0) {
          if (text == "\n" || text == "\t") {
            out.Blank(at_);
          } else {
            out.Put(text, at_);
          }
          at_ += took;
          continue;
        }
      }
      size_t run = at_ + 1;
      while (run < end_ && s_[run] != '<' && s_[run] != '&' &&
             static_cast<unsigned char>(s_[run]) > ' ') {
        ++run;
      }
      out.Put(s_.substr(at_, run - at_), at_);
      at_ = run;
    }
  }

  // At '<'. False: this is text.
  bool ReadMarkup() {
    const char c = s_[at_ + 1];
    if (c == '!') {
      ReadDeclarationOrComment();
      return true;
    }
    if (c == '?') {
      SkipTo('>');
      return true;
    }
    const bool close = c == '/';
    const size_t name_at = at_ + (close ? 2 : 1);
    if (name_at >= end_ || !IsLetter(s_[name_at])) {
      if (close) {
        SkipTo('>');
      }
      return close;
    }
    size_t name_end = name_at;
    while (name_end < end_ && !IsTagEnd(s_[name_end])) {
      ++name_end;
    }
    const size_t tag_at = at_;
    const std::string name =
        AsciiLower(s_.substr(name_at, std::min<size_t>(name_end - name_at, 40)));
    at_ = name_end;
    std::vector<Attribute> attributes;
    ReadAttributes(&attributes);
    if (close) {
      CloseElement(name, tag_at);
    } else {
      OpenElement(name, attributes, tag_at);
    }
    return true;
  }

  static bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  static bool IsBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  }
  static bool IsTagEnd(char c) { return IsBlank(c) || c == '/' || c == '>'; }

  void SkipTo(char c) {
    const size_t found = s_.find(c, at_);
    at_ = found == std::string_view::npos || found >= end_ ? end_ : found + 1;
  }

  void ReadDeclarationOrComment() {
    if (s_.substr(at_, 4) != "<!--") {
      if (s_.substr(at_, 9) == "<![CDATA[") {
        at_ += 9;  // foreign content shows it; elsewhere it is a comment: take it as text
        return;
      }
      SkipTo('>');
      return;
    }
    size_t from = at_ + 4;
    if (s_.substr(from, 1) == ">" || s_.substr(from, 2) == "->") {
      at_ = from + (s_[from] == '>' ? 1 : 2);
      return;
    }
    size_t close = s_.find("-->", from);
    size_t length = 3;
    const size_t bang = s_.substr(0, close).find("--!>", from);
    if (bang != std::string_view::npos) {
      close = bang;
      length = 4;
    }
    if (close == std::string_view::npos || close > end_) {
      close = end_;
      length = 0;
    }
    const size_t condition =
        s_.substr(from, 3) == "[if" ? s_.substr(0, close).find("]>", from) : std::string_view::npos;
    if (condition != std::string_view::npos) {
      at_ = condition + 2;
      end_ = close + length;
      in_conditional_ = true;
      return;
    }
    // Raw, so that a rule sees what was commented out.
    hidden_.BlockEnd(from);
    PutHidden(s_.substr(from, close - from), from);
    hidden_.BlockEnd(close);
    at_ = close + length;
  }

  void PutHidden(std::string_view text, size_t source) {
    size_t i = 0;
    while (i < text.size()) {
      if (static_cast<unsigned char>(text[i]) <= ' ') {
        if (text[i] == '\n') {
          hidden_.BlockEnd(source + i);
        } else {
          hidden_.Blank(source + i);
        }
        ++i;
        continue;
      }
      size_t run = i;
      while (run < text.size() && static_cast<unsigned char>(text[run]) > ' ') {
        ++run;
      }
      hidden_.Put(text.substr(i, run - i), source + i);
      i = run;
    }
  }

  void ReadAttributes(std::vector<Attribute>* attributes) {
    while (at_ < end_) {
      const char c = s_[at_];
      if (c == '>') {
        ++at_;
        return;
      }
      if (IsBlank(c) || c == '/') {
        ++at_;
        continue;
      }
      if (c == '<') {
        return;  // a tag that was never closed: read on as if it were
      }
      const size_t name_at = at_;
      ++at_;
      while (at_ < end_ && !IsTagEnd(s_[at_]) && s_[at_] != '=') {
        ++at_;
      }
      Attribute attribute;
      attribute.name = AsciiLower(s_.substr(name_at, std::min<size_t>(at_ - name_at, 60)));
      size_t after = at_;
      while (after < end_ && IsBlank(s_[after])) {
        ++after;
      }
      if (after < end_ && s_[after] == '=') {
        at_ = after + 1;
        ReadValue(&attribute);
      }
      if (attributes->size() < 100) {
        attributes->push_back(std::move(attribute));
      }
    }
  }

  void ReadValue(Attribute* attribute) {
    while (at_ < end_ && IsBlank(s_[at_])) {
      ++at_;
    }
    if (at_ >= end_) {
      return;
    }
    size_t stop = at_;
    const char quote = s_[at_];
    if (quote == '"' || quote == '\'') {
      size_t& last = quote == '"' ? last_double_ : last_single_;
      size_t close = std::string_view::npos;
      if (last == std::string_view::npos || at_ + 1 <= last) {
        close = s_.find(quote, at_ + 1);
        if (close == std::string_view::npos) {
          last = at_;  // there is no further one: do not look again
        }
      }
      if (close != std::string_view::npos && close < end_) {
        attribute->at = at_ + 1;
        attribute->value = DecodeCharacterReferences(s_.substr(at_ + 1, close - at_ - 1));
        at_ = close + 1;
        return;
      }
      ++at_;
      stop = at_;
    }
    while (stop < end_ && !IsBlank(s_[stop]) && s_[stop] != '>') {
      ++stop;
    }
    attribute->at = at_;
    attribute->value = DecodeCharacterReferences(s_.substr(at_, stop - at_));
    at_ = stop;
  }

  void OpenElement(const std::string& name, const std::vector<Attribute>& attributes,
                   size_t tag_at) {
    CloseImplied(name, tag_at);
    const bool block = IsOneOf(name, Blocks());
    Element element;
    element.name = name;
    const bool parent_hidden = !stack_.empty() && stack_.back().hidden;
    const bool parent_pre = Pre();
    element.hidden = parent_hidden || name == "template" || name == "head" || name == "datalist";
    element.pre = parent_pre || name == "pre" || name == "textarea" || name == "listing";
    element.color = stack_.empty() ? int64_t{0} : stack_.back().color;
    element.background = stack_.empty() ? int64_t{0xFFFFFF} : stack_.back().background;
    bool as_block = block;
    ReadMeaning(attributes, &element, &as_block);
    if (name == "br") {
      Out().LineEnd(tag_at);
    } else if (as_block) {
      Out().BlockEnd(tag_at);
    }
    ReadSpecial(name, attributes, tag_at);
    if (name == "tr") {
      StartRow();
    } else if (name == "td" || name == "th") {
      StartCell();
    }
    if (name == "script" || name == "style") {
      at_ = FindClose(at_, name);
      return;
    }
    if (name == "title" && s_.size() > at_) {
      const size_t close = FindClose(at_, name);
      hidden_.BlockEnd(at_);
      hidden_.Put(DecodeCharacterReferences(AsciiTrim(s_.substr(at_, close - at_))), at_);
      hidden_.BlockEnd(close);
      at_ = close;
      return;
    }
    if (IsOneOf(name, Voids())) {
      return;
    }
    if (stack_.size() < kDeepest) {
      ++open_[BucketOf(name)];
      stack_.push_back(std::move(element));
    } else {
      flat_hidden_ = flat_hidden_ || element.hidden;
    }
  }

  void ReadMeaning(const std::vector<Attribute>& attributes, Element* element, bool* as_block) {
    for (const Attribute& attribute : attributes) {
      const std::string& name = attribute.name;
      if (name == "hidden") {
        element->hidden = true;
      } else if (name == "style") {
        const Style style = ReadStyle(attribute.value);
        element->hidden = element->hidden || style.hidden;
        *as_block = *as_block || style.block;
        element->color = style.color != kNoColor ? style.color : element->color;
        element->background = style.background != kNoColor ? style.background : element->background;
        for (const std::string& font : style.fonts) {
          AddFont(font);
        }
        for (const std::string& url : style.urls) {
          AddUrl(url);
        }
      } else if (name == "class" || name == "id") {
        ReadClasses(attribute.value, name == "class" ? '.' : '#', element);
      } else if (name == "bgcolor") {
        element->background = ReadColor(attribute.value);
      } else if (name == "background") {
        element->background = kOddColor;
      } else if (name == "color" && element->name == "font") {
        element->color = ReadColor(attribute.value);
      } else if (name == "text" && element->name == "body") {
        element->color = ReadColor(attribute.value);
      } else if (name == "face") {
        AddFont(attribute.value);
      }
    }
    element->hidden =
        element->hidden || (element->color >= 0 && element->color == element->background);
  }

  void ReadClasses(std::string_view names, char mark, Element* element) {
    size_t at = 0;
    while (at < names.size()) {
      const size_t end = std::min(names.find_first_of(" \t\r\n", at), names.size());
      if (end > at) {
        const std::string key = mark + AsciiLower(names.substr(at, end - at));
        element->hidden = element->hidden || sheet_.hidden.count(key) > 0;
        if (sheet_.odd.count(key) > 0) {
          element->background = kOddColor;
        }
      }
      at = end + 1;
    }
  }

  // URLs, texts in attributes.
  void ReadSpecial(const std::string& name, const std::vector<Attribute>& attributes,
                   size_t tag_at) {
    static const std::set<std::string_view> url_names = {
        "href", "src",      "action",     "formaction", "background", "data",   "poster",
        "cite", "longdesc", "xlink:href", "ping",       "srcset",     "lowsrc", "dynsrc"};
    const bool button = name == "input";
    for (const Attribute& attribute : attributes) {
      if (url_names.count(attribute.name) > 0) {
        if (name == "base" && attribute.name == "href" && base_.empty()) {
          base_ = attribute.value;
        }
        AddUrl(attribute.value);
      } else if (attribute.name == "content" && name == "meta") {
        const size_t url = AsciiLower(attribute.value).find("url=");
        if (url != std::string::npos) {
          std::string_view target = AsciiTrim(std::string_view(attribute.value).substr(url + 4));
          while (!target.empty() && (target.front() == '\'' || target.front() == '"')) {
            target = target.substr(1, target.size() - (target.size() > 1 ? 2 : 1));
          }
          AddUrl(target);
        }
      } else if (attribute.name == "alt" || attribute.name == "title" ||
                 attribute.name == "placeholder" || attribute.name == "aria-label") {
        hidden_.BlockEnd(tag_at);
        PutHidden(attribute.value, attribute.at);
        hidden_.BlockEnd(tag_at);
      } else if (attribute.name == "value" && button && !attribute.value.empty()) {
        Out().Put(ToValidUtf8(attribute.value), attribute.at);
      } else if (attribute.name == "srcdoc" && frames_.size() < kMostFrames) {
        frames_.push_back({attribute.value, attribute.at});
      }
    }
  }

  // End tags that HTML lets people leave out.
  void CloseImplied(const std::string& name, size_t tag_at) {
    if (name == "li") {
      CloseUpTo({"li"}, {"ul", "ol", "menu", "table"}, tag_at);
    } else if (name == "td" || name == "th") {
      CloseUpTo({"td", "th"}, {"tr", "table"}, tag_at);
    } else if (name == "tr") {
      CloseUpTo({"tr"}, {"table", "tbody"}, tag_at);
    } else if (name == "dt" || name == "dd") {
      CloseUpTo({"dt", "dd"}, {"dl", "table"}, tag_at);
    } else if (name == "option") {
      CloseUpTo({"option"}, {"select"}, tag_at);
    } else if (name == "body") {
      CloseUpTo({"head"}, {}, tag_at);
    } else if (IsOneOf(name, Blocks())) {
      CloseUpTo({"p"}, {"td", "th", "table", "button"}, tag_at);
    }
  }

  void CloseUpTo(std::initializer_list<std::string_view> names,
                 std::initializer_list<std::string_view> scope, size_t tag_at) {
    bool open = false;
    for (const std::string_view name : names) {
      open = open || open_[BucketOf(name)] > 0;
    }
    // The search is bounded: what lies deeper than this is not closed by implication.
    for (size_t steps = 0; open && steps < 32 && steps < stack_.size(); ++steps) {
      const std::string& at = stack_[stack_.size() - 1 - steps].name;
      if (std::find(scope.begin(), scope.end(), at) != scope.end()) {
        return;
      }
      if (std::find(names.begin(), names.end(), at) != names.end()) {
        PopTo(stack_.size() - 1 - steps, tag_at);
        return;
      }
    }
  }

  void CloseElement(const std::string& name, size_t tag_at) {
    if (name == "br" || name == "p") {
      if (name == "br") {
        Out().LineEnd(tag_at);
      } else {
        Out().BlockEnd(tag_at);
      }
    }
    if (open_[BucketOf(name)] == 0) {
      if (IsOneOf(name, Blocks())) {
        Out().BlockEnd(tag_at);
      }
      return;
    }
    for (size_t i = stack_.size(); i > 0 && search_budget_ > 0; --i, --search_budget_) {
      if (stack_[i - 1].name == name) {
        PopTo(i - 1, tag_at);
        return;
      }
    }
  }

  void PopTo(size_t size, size_t tag_at) {
    while (stack_.size() > size) {
      const std::string name = stack_.back().name;
      if (IsOneOf(name, Blocks())) {
        Out().BlockEnd(tag_at);
      }
      if (name == "td" || name == "th") {
        EndCell();
      } else if (name == "tr") {
        EndRow(tag_at);
      }
      --open_[BucketOf(name)];
      stack_.pop_back();
    }
  }

  // Known names have a bucket each in practice; a collision costs a search of the stack.
  static size_t BucketOf(std::string_view name) {
    size_t hash = name.size();
    for (const char c : name) {
      hash = hash * 131 + static_cast<unsigned char>(c);
    }
    return hash % 1021;
  }

  // Tables: cells are lines of their own; a row of several is also one line, "a | b".
  struct Cell {
    size_t begin;
    size_t end;
  };
  void StartRow() {
    cells_.clear();
    row_open_ = true;
  }
  void StartCell() {
    cell_open_ = row_open_;
    cell_begin_ = visible_.text.size();
  }
  void EndCell() {
    if (row_open_ && cell_open_ && cells_.size() < 100) {
      cells_.push_back({cell_begin_, visible_.text.size()});
    }
    cell_open_ = false;
  }
  void EndRow(size_t tag_at) {
    if (row_open_ && cells_.size() > 1 && cells_.back().end - cells_.front().begin <= kLongestRow) {
      std::string joined;
      size_t filled = 0;
      for (const Cell& cell : cells_) {
        std::string text = visible_.text.substr(cell.begin, cell.end - cell.begin);
        std::replace(text.begin(), text.end(), '\n', ' ');
        const std::string_view trimmed = AsciiTrim(text);
        if (trimmed.empty()) {
          continue;
        }
        joined += (filled++ == 0 ? "" : " | ") + std::string(trimmed);
      }
      if (filled > 1) {
        visible_.BlockEnd(tag_at);
        visible_.Put(joined, tag_at);
        visible_.BlockEnd(tag_at);
      }
    }
    row_open_ = false;  // a row that holds a table of its own is not joined
    cells_.clear();
  }

  void AddFont(std::string_view font) {
    const std::string_view trimmed = AsciiTrim(font);
    if (!trimmed.empty() && fonts_.size() < 200 &&
        std::find(fonts_.begin(), fonts_.end(), trimmed) == fonts_.end()) {
      fonts_.emplace_back(trimmed);
    }
  }

  // As browsers do: blanks at the ends and line ends inside do not count.
  void AddUrl(std::string_view given) {
    if (urls_.size() >= kMostUrls) {
      return;
    }
    std::string url;
    for (const char c : AsciiTrim(given)) {
      if (c != '\t' && c != '\n' && c != '\r' && url.size() < kLongestUrl) {
        url.push_back(c);
      }
    }
    if (url.empty() || url[0] == '#') {
      return;
    }
    const size_t scheme = url.find_first_of(":/?#");
    const bool relative = scheme == std::string::npos || url[scheme] != ':';
    if (relative && !base_.empty() && url.substr(0, 2) != "//") {
      const size_t host = base_.find("//");
      const size_t slash = url[0] == '/' ? base_.find('/', host == std::string::npos ? 0 : host + 2)
                                         : base_.rfind('/') + 1;
      urls_.push_back(ToValidUtf8(base_.substr(0, slash) + url));
    }
    urls_.push_back(ToValidUtf8(url));
  }

  std::string_view s_;
  size_t at_ = 0;
  size_t end_;  // of what is being read: of the source, or of a conditional comment
  bool in_conditional_ = false;
  bool flat_hidden_ = false;
  Sink visible_;
  Sink hidden_;
  StyleSheet sheet_;
  std::vector<Element> stack_;
  std::array<uint32_t, 1021> open_{};  // open elements by bucket of the name
  size_t last_double_ = std::string_view::npos;
  size_t last_single_ = std::string_view::npos;
  std::vector<std::string> urls_;
  std::vector<std::string> fonts_;
  std::string base_;
  std::vector<Frame> frames_;
  size_t search_budget_ = 5'000'000;  // steps through the stack for end tags
  std::vector<Cell> cells_;
  bool row_open_ = false;
  bool cell_open_ = false;
  size_t cell_begin_ = 0;
};

}  // namespace

HtmlText ReadHtml(std::string_view utf8) {
  HtmlReader reader(utf8);
  HtmlText out = reader.Run();
  // What frames hold stands behind the rest; frames inside frames are read too, within the count.
  std::vector<Frame> frames = reader.frames();
  for (size_t i = 0; i < frames.size() && i < kMostFrames; ++i) {
    HtmlReader inner_reader(frames[i].html);
    HtmlText inner = inner_reader.Run();
    for (Frame frame : inner_reader.frames()) {
      frame.at = frames[i].at;
      frames.push_back(std::move(frame));
    }
    if (!inner.visible.empty()) {
      out.visible += out.visible.empty() ? "" : "\n";
      // Entities make the frame's own offsets useless: all of it came from the attribute.
      out.map.push_back(
          {static_cast<uint32_t>(out.visible.size()), static_cast<uint32_t>(frames[i].at)});
      out.visible += inner.visible;
      out.map.push_back(
          {static_cast<uint32_t>(out.visible.size()),
           static_cast<uint32_t>(std::min(frames[i].at + inner.visible.size(), utf8.size()))});
    }
    out.hidden += (out.hidden.empty() || inner.hidden.empty() ? "" : "\n") + inner.hidden;
    out.urls.insert(out.urls.end(), inner.urls.begin(), inner.urls.end());
  }
  return out;
}

}  // namespace gatepost::text
