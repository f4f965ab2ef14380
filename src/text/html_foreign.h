// SVG and MathML inside HTML: where markup follows other rules. What is raw text in HTML (<style>,
// <xmp>, <iframe>...) is an ordinary element there, and <p>, <img> and their like end it.
// LIMITS: of more than 200 such elements inside one another only the number is known; of HTML
// elements between them only how many are open, those without end tags included.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::text {

class ForeignContent {
 public:
  // Are the rules those of SVG and MathML where we stand?
  bool inside() const { return !open_.empty() && !open_.back().point; }
  size_t depth() const { return open_.size() + deeper_; }
  // What was open at a depth is what is open: an end tag outside has ended the rest.
  void Trim(size_t depth) {
    if (depth < open_.size()) {
      open_.resize(depth);
      deeper_ = 0;
    } else if (depth < open_.size() + deeper_) {
      deeper_ = depth - open_.size();
    }
  }

  struct Start {
    bool foreign = false;     // the element is one of SVG or MathML
    bool breaks_out = false;  // it ends all of those that are open
  };
  // `html_attribute`: <font> with color, face or size. `html_encoding`: <annotation-xml> of HTML.
  Start Open(std::string_view name, bool closes_itself, bool html_attribute, bool html_encoding);
  // An element of HTML that has content begins.
  void OpenHtml() {
    if (!open_.empty() && open_.back().point) {
      ++open_.back().html;
    }
  }
  // True: the end tag ends all that are open, as <p> does.
  bool Close(std::string_view name);

 private:
  struct Element {
    std::string name;
    bool point = false;  // HTML begins again in it
    bool math = false;
    size_t html = 0;  // elements of HTML that are open in it
  };
  void BreakOut();
  size_t deeper_ = 0;          // roots that are open beyond those
  std::vector<Element> open_;  // <svg>, <math> and those in which HTML begins again
};

}  // namespace gatepost::text
