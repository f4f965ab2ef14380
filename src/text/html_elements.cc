// Elements: what their tags and attributes do to the text that follows.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_attributes.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

constexpr size_t kDeepest = 500;
constexpr size_t kMostLinks = 2'000;
constexpr std::string_view kTakenOut = " style script link meta title base template ";
constexpr std::string_view kOfHead =
    " base basefont bgsound head html link meta noframes noscript script style template title ";
constexpr uint64_t kOfTag = 1;  // a doubt that the element itself raises
constexpr uint32_t kDark = 96;  // of 255: a module of a QR code

bool IsDark(int64_t color) {
  return color >= 0 && ((color >> 16) & 0xFF) < kDark && ((color >> 8) & 0xFF) < kDark &&
         (color & 0xFF) < kDark;
}

void SplitClasses(std::string_view names, std::vector<std::string>* out) {
  size_t at = 0;
  while (at < names.size() && out->size() < 30) {
    const size_t end = std::min(names.find_first_of(" \t\r\n\f", at), names.size());
    if (end > at) {
      out->push_back(AsciiLower(names.substr(at, end - at)));
    }
    at = end + 1;
  }
}

}  // namespace

bool HtmlReader::Flows() const {
  return !tokens_.in_conditional() && !flat_hidden_ && (stack_.empty() || !stack_.back().hidden);
}

void HtmlReader::BlockEnd(size_t source, bool doubtful) {
  if (Flows()) {
    if (!doubtful) {
      doubts_.BlockEnd(visible_.text.size());
    }
    visible_.BlockEnd(source);
  }
  if (!Shows()) {
    hidden_.BlockEnd(source);
  }
}

void HtmlReader::LineEnd(size_t source) {
  if (Flows()) {
    visible_.LineEnd(source);
  }
  if (!Shows()) {
    hidden_.LineEnd(source);
  }
}

void HtmlReader::DoubtfulEnd(size_t source) {
  const size_t before = visible_.text.size();
  const bool blank = visible_.blank();
  BlockEnd(source, true);
  doubts_.Add(before, visible_.text.size(), blank, kOfTag);
}

// Start tags that a browser ignores: parts of a table without one, a second <body>, a <form> in a
// form.
bool HtmlReader::IsOutOfPlace(const Token& token) const {
  const auto open = [&](std::string_view name) { return open_[BucketOf(name)] > 0; };
  if ((token.tag & TagKind::kOfTable) != 0) {
    return !open("table");
  }
  if (token.name == "form") {
    return open("form");
  }
  return (token.name == "body" || token.name == "frameset" || token.name == "html" ||
          token.name == "head") &&
         (open("body") || !visible_.text.empty());
}

void HtmlReader::TakePlace(Box* box) {
  if (!sheet_.asks_siblings()) {
    return;
  }
  Box& parent = stack_.empty() ? root_ : stack_.back();
  box->node.is_bare = kTakenOut.find(" " + box->node.name + " ") == std::string_view::npos;
  box->node.place = ++parent.children;
  parent.bare_children += box->node.is_bare ? 1U : 0U;
  box->node.place_bare = parent.bare_children;
  box->node.siblings = &parent.closed;
  box->node.before = static_cast<uint32_t>(parent.closed.size());
  for (auto& [name, count] : parent.names) {
    if (name == box->node.name) {
      box->node.place_of_name = ++count;
      return;
    }
  }
  if (parent.names.size() < 50) {
    parent.names.emplace_back(box->node.name, 1);
    box->node.place_of_name = 1;
  }
}

// `box` has been the last of its parent, which is the innermost that is still open.
void HtmlReader::LeavePlace(Box* box) {
  if (sheet_.asks_siblings() && siblings_left_ > 0) {
    --siblings_left_;
    (stack_.empty() ? root_ : stack_.back()).closed.push_back(std::move(box->node));
  }
}

// How many columns a cell takes.
uint32_t HtmlReader::SpanOf(const Token& token) const {
  constexpr uint32_t kMostColumns = 1'000;
  uint32_t span = 0;
  for (size_t i = 0; i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    if (attribute.name == "colspan") {
      for (const char c : attribute.value) {
        span = c >= '0' && c <= '9' ? std::min(span * 10 + (c - '0'), kMostColumns) : span;
      }
    }
  }
  return std::max(span, 1U);
}

void HtmlReader::OpenElement(const Token& token) {
  CloseImplied(token);
  const std::string& name = token.name;
  const Box& parent = stack_.empty() ? root_ : stack_.back();
  Box box;
  box.tag = token.tag;
  box.block = (token.tag & TagKind::kBlock) != 0;
  Inherit(parent, &box);
  box.node.name = name;
  if (name.size() > 7 && name.compare(name.size() - 7, 7, ":script") == 0) {
    Count("html.script");  // <svg:script>
  }
  TakePlace(&box);
  box.begin = visible_.text.size();
  box.begins_blank = visible_.blank();
  box.loose = IsOutOfPlace(token);
  if (name == "head" && box.loose) {
    return;
  }
  box.hidden = box.hidden || (token.tag & TagKind::kHides) != 0;
  box.pre = box.pre || (token.tag & TagKind::kPre) != 0;
  if (name == "dialog") {
    box.hidden = true;  // until the attribute "open" says otherwise
    box.block = false;
  }
  const bool was_shown = parent.Shows();
  ReadAttributes(token, &box);
  if (was_shown && box.Shows() && (box.out_of_flow || (token.tag & TagKind::kDoubt) != 0)) {
    box.doubtful = true;
    box.cause += kOfTag;
  } else if (was_shown && !box.Shows()) {
    box.block = box.block && !box.out_of_flow;
    box.maybe_shown = box.maybe_shown || box.loose;
  }
  if (name == "br") {
    if (!box.hidden || parent.hidden) {
      LineEnd(token.begin);
    }
  } else if (box.block && box.loose) {
    DoubtfulEnd(token.begin);
  } else if (box.block) {
    BlockEnd(token.begin);
  } else if ((token.tag & TagKind::kBlock) != 0) {
    hidden_.BlockEnd(token.begin);  // not in the flow: what stands around it is one line
  }
  if ((token.tag & TagKind::kRow) != 0) {
    rows_.StartRow();
  } else if ((token.tag & TagKind::kCell) != 0) {
    rows_.StartCell(visible_, IsDark(box.background), SpanOf(token));
  }
  if ((token.tag & (TagKind::kVoid | TagKind::kRaw)) != 0) {
    raw_shows_ = box.Shows();
    if (box.doubtful) {
      doubts_.Add(box.begin, visible_.text.size(), box.begins_blank, box.cause);
    }
    LeavePlace(&box);
    return;
  }
  if (stack_.size() >= kDeepest) {
    flat_hidden_ = flat_hidden_ || box.hidden;
    return;
  }
  ++open_[BucketOf(name)];
  if (name == "svg" || name == "math") {
    tokens_.set_foreign(true);
  }
  stack_.push_back(std::move(box));
  ancestors_.push_back(&stack_.back().node);
  if (stack_.back().reversed) {
    Out().Put("\xE2\x80\xAE", token.begin);
    Count("html.reversed");
  }
  if (sheet_.has_pseudo()) {
    ReadPseudoElements(token);
  }
}

void HtmlReader::ReadAttributes(const Token& token, Box* box) {
  const Attribute* style = nullptr;
  const std::string& name = token.name;
  bool links = false;
  for (size_t i = 0; i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    const Meaning meaning = MeaningOf(attribute.name);
    if (sheet_.asks_attributes()) {
      box->node.attributes.emplace_back(attribute.name, AsciiLower(attribute.value));
    }
    if (meaning == Meaning::kNone) {
      if (attribute.name.size() > 4 && attribute.name.compare(0, 2, "on") == 0) {
        Count("html.event-handler");
        ReadScript(attribute.value, &scripts_);
      } else if (AsciiStartsWithIgnoreCase(AsciiTrim(attribute.value), "javascript:")) {
        Count("html.script-url");  // <set to=...>, <animate values=...>
      } else if (attribute.name == "open" && name == "dialog") {
        box->hidden = stack_.empty() ? false : stack_.back().hidden;
        box->block = true;
      } else if (attribute.name.compare(0, 10, "shadowroot") == 0 && name == "template") {
        // It shows, and what its parent holds beside it may not.
        box->maybe_shown = stack_.empty() || stack_.back().Shows();
        if (!stack_.empty() && !stack_.back().doubtful) {
          stack_.back().doubtful = true;
          stack_.back().cause += kOfTag;
        }
      } else if (attribute.name == "popover" ||
                 (attribute.name == "align" && name == "table" &&
                  !AsciiEqualsIgnoreCase(attribute.value, "center"))) {
        box->doubtful = true;
        box->cause += kOfTag;
      } else if ((name == "text" || name == "tspan") &&
                 (attribute.name == "x" || attribute.name == "y")) {
        box->placed = true;  // of SVG
        box->order += int64_t{std::atoi(attribute.value.substr(0, 8).c_str())} *
                      (attribute.name == "x" ? 1 : 12'500);
      } else if (attribute.name == "content" && name == "meta") {
        ReadMeta(token);
      }
      continue;
    }
    links = links || meaning >= Meaning::kUrl || meaning == Meaning::kBackground;
    if (attribute.repeated) {
      continue;
    }
    switch (meaning) {
      case Meaning::kHidden:
        box->hidden = true;
        box->block = false;
        break;
      case Meaning::kStyle:
        style = &attribute;
        break;
      case Meaning::kClass:
        SplitClasses(attribute.value, &box->node.classes);
        break;
      case Meaning::kId:
        box->node.id = AsciiLower(attribute.value.substr(0, 200));
        break;
      case Meaning::kBgcolor:
        ApplyBackground(ReadColor(attribute.value), box);
        break;
      case Meaning::kBackground:
        box->background = kOddColor;
        break;
      case Meaning::kFace:
        AddFont(attribute.value);
        box->font = FontNumber(attribute.value);
        break;
      case Meaning::kSize:
        if (name == "font" && attribute.value == "1") {
          box->font_pixels = 10;
        }
        break;
      case Meaning::kDir:
        box->right_to_left = AsciiEqualsIgnoreCase(attribute.value, "rtl");
        box->reversed = name == "bdo" && box->right_to_left;
        break;
      default:
        break;
    }
  }
  // Text colours come after backgrounds, whatever their order in the tag.
  for (size_t i = 0; i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    if ((attribute.name == "color" && (name == "font" || name == "basefont")) ||
        (attribute.name == "text" && name == "body")) {
      ApplyColor(ReadColor(attribute.value), box);
    }
  }
  ApplyStyle(style, box);
  if (name == "body" && stack_.size() <= 1) {
    root_.background = box->background;
  }
  if (links) {
    ReadLinkAttributes(token, name, box->Shows());
  }
  if (name == "a") {
    for (size_t i = 0; i < token.attributes && links_.size() < kMostLinks; ++i) {
      if (tokens_.attribute(i).name == "href" && !tokens_.attribute(i).repeated) {
        box->link = links_.size();
        links_.push_back({ToValidUtf8(tokens_.attribute(i).value.substr(0, kLongestUrl)), ""});
        link_begins_.push_back(visible_.text.size());
      }
    }
  }
}

void HtmlReader::ApplyStyle(const Attribute* style, Box* box) {
  Declarations own;
  StyleSheet::Met met;
  if (!sheet_.empty()) {
    sheet_.Match(box->node, ancestors_, Pseudo::kNone, &met);
  }
  if (style != nullptr && !style->value.empty()) {
    own = ReadDeclarations(style->value);
    for (const Declaration& one : own.list) {
      if (!one.doubt) {
        met.now.Add(&one, Cascade::kInline, 0);
      }
      met.other.Add(&one, Cascade::kInline, 0);
      if (one.doubt) {
        met.doubt = true;
        met.cause += std::hash<std::string>()(style->value);
      }
    }
    for (const std::string& words : own.words) {
      AddWords(words);
    }
    for (const std::string& font : own.fonts) {
      AddFont(font);
    }
    for (const std::string& url : own.urls) {
      AddUrl(url, style->at, false);
    }
  }
  Box other;
  if (met.doubt) {
    other = *box;
    Apply(met.other, &other);
  }
  if (!met.now.empty()) {
    Apply(met.now, box);
    if (const Declaration* family = met.now.Get(Property::kFontFamily)) {
      box->font = FontNumber(family->text);
    }
  }
  if (!met.doubt) {
    return;
  }
  box->cause = met.cause;
  if (box->Shows()) {
    box->doubtful = !other.Shows() || (other.out_of_flow && !box->out_of_flow);
    box->loose = box->loose || (box->block && !other.block && other.Shows());
  } else if (other.Shows()) {
    box->maybe_shown = true;
  }
}

// End tags that HTML lets people leave out.
void HtmlReader::CloseImplied(const Token& token) {
  const std::string& name = token.name;
  if (!stack_.empty() && stack_.back().node.name == "head" && !tokens_.in_conditional() &&
      kOfHead.find(" " + name + " ") == std::string_view::npos && name.find(':') == name.npos) {
    PopTo(stack_.size() - 1, token.begin);  // what has no place there begins the body
  }
  if (name == "li") {
    CloseUpTo({"li"}, {"ul", "ol", "menu", "table"}, token.begin);
  } else if ((token.tag & TagKind::kCell) != 0) {
    CloseUpTo({"td", "th"}, {"tr", "table"}, token.begin);
  } else if ((token.tag & TagKind::kRow) != 0) {
    CloseUpTo({"tr"}, {"table", "tbody"}, token.begin);
  } else if (name == "dt" || name == "dd") {
    CloseUpTo({"dt", "dd"}, {"dl", "table"}, token.begin);
  } else if (name == "option") {
    CloseUpTo({"option"}, {"select"}, token.begin);
  } else if (name == "body") {
    CloseUpTo({"head"}, {}, token.begin);
  } else if ((token.tag & TagKind::kBlock) != 0) {
    CloseUpTo({"p"}, {"td", "th", "table", "button"}, token.begin);
  }
}

void HtmlReader::CloseUpTo(std::initializer_list<std::string_view> names,
                           std::initializer_list<std::string_view> scope, size_t tag_at) {
  bool open = false;
  for (const std::string_view name : names) {
    open = open || open_[BucketOf(name)] > 0;
  }
  // The search is bounded: what lies deeper than this is not closed by implication.
  for (size_t steps = 0; open && steps < 32 && steps < stack_.size(); ++steps) {
    const std::string& at = stack_[stack_.size() - 1 - steps].node.name;
    if (std::find(scope.begin(), scope.end(), at) != scope.end()) {
      return;
    }
    if (std::find(names.begin(), names.end(), at) != names.end()) {
      PopTo(stack_.size() - 1 - steps, tag_at);
      return;
    }
  }
}

void HtmlReader::CloseElement(const Token& token) {
  if (token.name == "br") {
    LineEnd(token.begin);
  } else if (token.name == "p" && open_[BucketOf("p")] == 0) {
    BlockEnd(token.begin);  // an empty paragraph
  }
  if (open_[BucketOf(token.name)] == 0) {
    return;  // nothing ends: a browser ignores it, and the word goes on
  }
  // Text behind </body> goes on where it was; an end tag in a cell ends nothing around its table.
  bool ignored = token.name == "body" || token.name == "html";
  const bool of_table = (token.tag & TagKind::kOfTable) != 0 || token.name == "table";
  for (size_t i = stack_.size(); i > 0 && search_budget_ > 0; --i, --search_budget_) {
    const Box& box = stack_[i - 1];
    if (box.node.name == token.name) {
      PopTo(i - 1, token.begin, ignored);
      return;
    }
    ignored = ignored || (!of_table && (box.tag & TagKind::kCell) != 0 && !box.loose);
  }
}

void HtmlReader::PopTo(size_t size, size_t tag_at, bool doubtful) {
  while (stack_.size() > size) {
    Box& box = stack_.back();
    if (!box.after.empty()) {
      PutContent(box.after, tag_at);
    }
    PutMaybe(box.after_maybe, tag_at);
    if (box.reversed) {
      Out().Put("\xE2\x80\xAC", tag_at);
    }
    if (box.block && (doubtful || box.loose)) {
      DoubtfulEnd(tag_at);
    } else if (box.block) {
      BlockEnd(tag_at);
    } else if ((box.tag & TagKind::kBlock) != 0) {
      hidden_.BlockEnd(tag_at);
    }
    if ((box.tag & TagKind::kCell) != 0) {
      rows_.EndCell(visible_);
    } else if ((box.tag & TagKind::kRow) != 0) {
      rows_.EndRow(tag_at, &visible_);
    } else if (box.node.name == "table") {
      rows_.EndTable();
    }
    EndLink(box);
    if (box.reverse || !box.items.empty()) {
      ReadItems(&box, tag_at);
    }
    if (stack_.size() > 1) {
      AddItem(box, &stack_[stack_.size() - 2]);
    }
    if (box.doubtful) {
      doubts_.Add(box.begin, visible_.text.size(), box.begins_blank, box.cause);
    }
    --open_[BucketOf(box.node.name)];
    if (box.node.name == "svg" || box.node.name == "math") {
      tokens_.set_foreign(xml_ || open_[BucketOf("svg")] > 0 || open_[BucketOf("math")] > 0);
    }
    Box closed = std::move(box);
    ancestors_.pop_back();
    stack_.pop_back();
    LeavePlace(&closed);
  }
}

// Known names have a bucket each in practice; a collision costs a search of the stack.
size_t HtmlReader::BucketOf(std::string_view name) {
  size_t hash = name.size();
  for (const char c : name) {
    hash = hash * 131 + static_cast<unsigned char>(c);
  }
  return hash % 1021;
}

}  // namespace gatepost::text
