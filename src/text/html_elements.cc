// Elements: what their tags and attributes do to the text that follows.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

constexpr size_t kDeepest = 500;
constexpr std::string_view kTakenOut = " style script link meta title base template ";
constexpr std::string_view kOfHead =
    " base basefont bgsound head html link meta noframes noscript script style template title ";
constexpr uint64_t kOfTag = 1;  // a doubt that the element itself raises
constexpr uint32_t kDark = 96;  // of 255: a module of a QR code

bool IsDark(int64_t color) {
  return color >= 0 && ((color >> 16) & 0xFF) < kDark && ((color >> 8) & 0xFF) < kDark &&
         (color & 0xFF) < kDark;
}

}  // namespace

bool HtmlReader::Flows() const {
  return !tokens_.in_conditional() && !flat_hidden_ && (stack_.empty() || !stack_.back().IsGone());
}

void HtmlReader::BlockEnd(size_t source, bool doubtful) {
  if (!doubtful) {
    NoteBreak();
  }
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
  NoteBreak();
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
  const std::string_view name = token.name;
  const auto open = [&](std::string_view one) { return open_[BucketOf(one)] > 0; };
  if ((token.tag & TagKind::kOfTable) != 0) {
    return !open("table");
  }
  if (name == "form") {
    return open("form");
  }
  return (name == "body" || name == "frameset" || name == "html" || name == "head") &&
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
  if (token.breaks_out) {
    while (!stack_.empty() && stack_.back().foreign && !stack_.back().html_point) {
      PopTo(stack_.size() - 1, token.begin);
    }
  }
  if (!token.foreign) {
    CloseImplied(token);
  }
  const std::string_view name = token.name;
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
  box.loose = !token.foreign && IsOutOfPlace(token);
  if (name == "head" && box.loose) {
    return;
  }
  ApplyTag(token, &box);
  ReadAttributes(token, &box);
  NoteDoubts(token, parent, &box);
  if (name == "br") {
    if (!box.IsGone() || parent.IsGone()) {
      LineEnd(token.begin);
    }
  } else if (box.block && box.loose) {
    DoubtfulEnd(token.begin);
  } else if (box.block) {
    BlockEnd(token.begin);
  } else if ((token.tag & TagKind::kBlock) != 0) {
    hidden_.BlockEnd(token.begin);  // not in the flow: what stands around it is one line
    if (!box.loose && box.SeenBy() != 0) {
      NoteBreak();
    }
  }
  if ((token.tag & TagKind::kRow) != 0) {
    rows_.StartRow();
  } else if ((token.tag & TagKind::kCell) != 0) {
    rows_.StartCell(visible_, IsDark(box.background), SpanOf(token));
  }
  if ((token.tag & (TagKind::kVoid | TagKind::kRaw)) != 0) {
    raw_shows_ = box.Shows();
    raw_seen_ = box.Shows() ? BitOf(Viewer::kBrowser) : box.SeenBy();
    if ((token.tag & TagKind::kShows) == 0 && (!box.displayed || name == "iframe")) {
      raw_seen_ = 0;  // hidden unless a style shows it
    }
    if (box.doubtful) {
      doubts_.Add(box.begin, visible_.text.size(), box.begins_blank, box.cause);
    }
    LeavePlace(&box);
    return;
  }
  if (stack_.size() >= kDeepest) {
    flat_hidden_ = flat_hidden_ || box.IsGone();
    return;
  }
  ++open_[BucketOf(name)];
  stack_.push_back(std::move(box));
  ancestors_.push_back(&stack_.back().node);
  if (stack_.back().reversed) {
    Out().Put("\xE2\x80\xAE", token.begin);
    Count("html.reversed");
  }
  if (sheet_.has_pseudo()) {
    ReadPseudoElements(token);
  }
  if (token.foreign && name == "script" && !token.closes_itself) {
    ReadForeignScript(token.end);
  }
  if (token.foreign && token.closes_itself) {
    PopTo(stack_.size() - 1, token.end);
  }
}

// End tags that HTML lets people leave out.
void HtmlReader::CloseImplied(const Token& token) {
  const std::string_view name = token.name;
  if (!stack_.empty() && stack_.back().node.name == "head" && !tokens_.in_conditional() &&
      kOfHead.find(" " + token.name + " ") == std::string_view::npos &&
      name.find(':') == name.npos) {
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
  const std::string_view name = token.name;
  if (token.breaks_out) {
    while (!stack_.empty() && stack_.back().foreign && !stack_.back().html_point) {
      PopTo(stack_.size() - 1, token.begin);
    }
  }
  if (name == "br") {
    LineEnd(token.begin);
  } else if (name == "p" && open_[BucketOf("p")] == 0) {
    BlockEnd(token.begin);  // an empty paragraph
  }
  if (open_[BucketOf(token.name)] == 0) {
    return;  // nothing ends: a browser ignores it, and the word goes on
  }
  // Text behind </body> goes on where it was; an end tag in a cell ends nothing around its table.
  bool ignored = name == "body" || name == "html";
  const bool of_table = (token.tag & TagKind::kOfTable) != 0 || name == "table";
  for (size_t i = stack_.size(); i > 0 && search_budget_ > 0; --i, --search_budget_) {
    const Box& box = stack_[i - 1];
    if (box.node.name == name) {
      PopTo(i - 1, token.begin, ignored);
      return;
    }
    ignored = ignored || (!of_table && (box.tag & TagKind::kCell) != 0 && !box.loose);
  }
}

void HtmlReader::PopTo(size_t size, size_t tag_at, bool doubtful) {
  while (stack_.size() > size) {
    Box& box = stack_.back();
    const std::string_view name = box.node.name;
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
      if (!box.loose && box.SeenBy() != 0) {
        NoteBreak();
      }
    }
    if ((box.tag & TagKind::kCell) != 0) {
      rows_.EndCell(visible_);
    } else if ((box.tag & TagKind::kRow) != 0) {
      rows_.EndRow(tag_at, &visible_);
    } else if (name == "table") {
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
    if (box.foreign && (box.html_point || name == "svg" || name == "math")) {
      tokens_.TrimForeign(box.foreign_depth);
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
