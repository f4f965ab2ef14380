// Which font a run of OpenDocument is in, and whether its small letters are drawn as capitals
// (ISO 26300-1, 16.2 and 20: style:style, its ancestors, style:default-style, style:font-face).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/font_marks.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

// The styles of one file, and of the one whose styles it shares.
class OdfStyles {
 public:
  // shared: may be null; must outlive this.
  explicit OdfStyles(const OdfStyles* shared) : shared_(shared) {}
  // A styles.xml, added to what is known; what comes later counts.
  void Read(Bytes xml);
  // The same while somebody else parses: of every element.
  void Start(std::string_view name, const XmlAttributes& attributes);
  void End(std::string_view name);

  struct Look {
    std::string font;      // "": not said
    int8_t capitals = -1;  // small letters are drawn as capitals: 1, not: 0, not said: -1
    int8_t hidden = -1;    // text:display: none 1, shown 0
    int8_t white = -1;     // fo:color
    int8_t tiny = -1;      // fo:font-size: a point at most
    int8_t colored = -1;   // what is behind it
  };
  // `family` as in style:family; a style that does not exist is the family's default.
  Look Of(std::string_view family, std::string_view style) const;

 private:
  struct Style {
    Look look;
    std::string parent;
  };
  const Style* Find(const std::string& key) const;
  std::string FontOf(const XmlAttributes& attributes) const;

  const OdfStyles* shared_;
  std::map<std::string, Style, std::less<>> styles_;  // by family, US, name; default: name ""
  std::map<std::string, std::string, std::less<>> faces_;
  std::string open_;  // key of the style that is being read
};

// Shapes that hold paragraphs themselves; a frame holds a text box.
bool IsOdfShape(std::string_view element);

// Follows the elements that text stands in.
class OdfRuns {
 public:
  OdfRuns(const OdfStyles* styles, FontMarks* marks) : styles_(styles), marks_(marks) {}
  void Start(std::string_view name, const XmlAttributes& attributes);
  void End(std::string_view name);
  // Of text that comes now: a number of FontMarks.
  uint32_t font();
  // Text that comes now is not shown.
  bool hidden() const { return !levels_.empty() && levels_.back().unseen(); }

 private:
  struct Level {
    uint32_t font = 0;
    bool capitals = false;
    bool hidden = false;
    bool white = false;
    bool tiny = false;
    bool colored = false;
    bool unseen() const { return hidden || tiny || (white && !colored); }
  };
  void Push(std::string_view family, std::string_view style);
  std::string_view CellStyle(const XmlAttributes& attributes);

  const OdfStyles* styles_;
  FontMarks* marks_;
  std::vector<Level> levels_;
  size_t deeper_ = 0;  // levels beyond the limit
  std::map<std::string, OdfStyles::Look, std::less<>> known_;
  // Of the table: the columns' default styles, each up to a column, and where we are.
  std::vector<std::pair<size_t, std::string>> columns_;
  std::string row_style_;
  size_t column_ = 0;
};

}  // namespace gatepost::decode
