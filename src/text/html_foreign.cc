// Where SVG and MathML begin and end, as the standard of HTML says.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_foreign.h"

#include <algorithm>
#include <iterator>

namespace gatepost::text {

namespace {

constexpr size_t kMostForeign = 200;

// In order.
constexpr std::string_view kBreaksOut[] = {
    "b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
    "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
    "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
    "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strike",
    "strong", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var"};

bool IsHtmlPoint(std::string_view name, bool math, bool html_encoding) {
  if (math) {
    return name == "mi" || name == "mo" || name == "mn" || name == "ms" || name == "mtext" ||
           (name == "annotation-xml" && html_encoding);
  }
  return name == "foreignobject" || name == "desc" || name == "title";
}

}  // namespace

void ForeignContent::BreakOut() {
  deeper_ = 0;
  while (inside()) {
    open_.pop_back();
  }
}

ForeignContent::Start ForeignContent::Open(std::string_view name, bool closes_itself,
                                           bool html_attribute, bool html_encoding) {
  Start start;
  const bool root = name == "svg" || name == "math";
  bool point = false;
  bool again = false;
  bool math = name == "math";
  if (inside()) {
    if (std::binary_search(std::begin(kBreaksOut), std::end(kBreaksOut), name) ||
        (name == "font" && html_attribute)) {
      BreakOut();
      start.breaks_out = true;
      return start;
    }
    start.foreign = true;
    point = IsHtmlPoint(name, open_.back().math, html_encoding);
    math = math || (point && open_.back().math);
  } else if (!root) {
    // The two elements of MathML that stay such where HTML begins, though not within its elements.
    const bool glyph = name == "mglyph" || name == "malignmark";
    if (!glyph || open_.empty() || !open_.back().math || open_.back().html > 0) {
      return start;
    }
    again = true;
  }
  start.foreign = true;
  if (!(root || point || again) || closes_itself) {
    return start;
  }
  if (open_.size() < kMostForeign) {
    open_.push_back({std::string(name), point, math || again});
  } else {
    deeper_ += root ? 1U : 0U;
  }
  return start;
}

bool ForeignContent::Close(std::string_view name) {
  if (open_.empty()) {
    return false;
  }
  if (inside() && (name == "p" || name == "br")) {
    BreakOut();
    return true;
  }
  if (deeper_ > 0) {
    deeper_ -= name == "svg" || name == "math" ? 1U : 0U;
    return false;
  }
  for (size_t i = open_.size(); i > 0; --i) {
    if (open_[i - 1].name == name) {
      open_.resize(i - 1);
      return false;
    }
  }
  open_.back().html -= open_.back().html > 0 ? 1U : 0U;
  return false;
}

}  // namespace gatepost::text
