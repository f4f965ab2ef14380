// What an element looks like as far as it decides whether its text can be seen.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/text/html_sheet.h"
#include "src/text/html_style.h"

namespace gatepost::text {

struct Box {
  Node node;
  uint16_t tag = 0;
  bool hidden = false;         // nothing inside can show
  bool invisible = false;      // visibility: a descendant may show again
  bool thin = false;           // line-height of nothing
  bool indented = false;       // text-indent out of sight
  bool outlook_hides = false;  // mso-hide: one reader does not show it, the others do
  bool pre = false;
  bool right_to_left = false;  // direction
  bool reversed = false;       // bidi override: U+202E stands before its text
  bool block = false;
  bool out_of_flow = false;    // floats, or stands where it likes: lines around it are one
  bool maybe_shown = false;    // hidden, but some reader may see it
  bool doubtful = false;       // shown, but some reader may not see it
  uint64_t cause = 0;          // of the doubt: the same for what one rule puts in doubt
  size_t begin = 0;            // doubtful: where it begins in the visible text
  bool begins_blank = false;   // ... behind a blank
  uint32_t bare_children = 0;  // ... without <style> and its like
  uint32_t children = 0;       // counted when a sheet asks for siblings
  std::vector<Node> closed;    // ... those that have ended
  std::vector<std::pair<std::string, uint32_t>> names;  // ... how many of each name
  LetterCase letters = LetterCase::kAsTyped;
  bool capitals = false;  // small letters are drawn as capitals, whatever `letters` made of them
  double font_pixels = 16;
  int64_t color = 0;
  int64_t background = 0xFFFFFF;
  bool loose = false;  // its tags may count for nothing, or make no block
  std::string after;   // content of ::after
  std::string after_maybe;
  uint32_t font = 0;       // HtmlReader's number of its name; 0: none named
  size_t link = SIZE_MAX;  // index of the link that it opened
  bool placed = false;     // it stands where `order` says, not where it is written
  int64_t order = 0;
  bool reverse = false;        // its items go from the end
  bool flex = false;           // its children are items in a row
  bool whole_in_line = false;  // inline-block and its like: to the line it is one letter
  bool floats_left = false;    // ahead of the line that it is written in
  bool floats_right = false;   // behind it; the first of several is the last
  struct Item {
    size_t begin;
    size_t end;
    int64_t order;
  };
  std::vector<Item> items;  // of the visible text; those that are placed, or all of one in reverse

  bool Shows() const {
    return !hidden && !invisible && !thin && !indented && font_pixels > 1.6 &&
           !LookAlike(color, background);
  }
};

// What `parent` hands down.
void Inherit(const Box& parent, Box* box);
// What the winning declarations make of it.
void Apply(const Cascade& cascade, Box* box);
// color=, bgcolor=, text= and the like: below every style sheet.
void ApplyColor(const Color& color, Box* box);
void ApplyBackground(const Color& color, Box* box);

}  // namespace gatepost::text
