// One part of OOXML to text: runs, tables, boxes, fields, properties, and what attributes say.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/decode/flow.h"
#include "src/decode/font_marks.h"
#include "src/decode/ooxml_fonts.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

// How the text of a part is taken, by its root element.
enum class PartKind : uint8_t {
  kRuns,        // text stands in t, delText, text
  kMargin,      // the same, in the zone header-footer
  kProperties,  // each element's text is a property
  kStyles,      // no text; fonts and the odd string
  kSheet,
  kRelations,
  kEverything,  // unknown XML: raw, and all text as properties
};
PartKind KindOfRoot(std::string_view root);

// What one document gathers over all its parts.
struct Gathered {
  FontMarks marks;
  OoxmlFonts run_fonts;
  std::set<std::string> fonts;
  std::string watermarks;
  std::string hidden;           // strings that no reader shows as text: alternative text, variables
  std::set<std::string> names;  // of shapes, styles and bookmarks; they are in `hidden`
  std::string fields;           // one field code a line
  bool external = false;
  bool dde = false;
  bool remote_template = false;
  bool hidden_text = false;   // words that w:vanish hides
  bool hidden_slide = false;  // or sheet
  bool signature = false;
  bool object = false;
};

class OoxmlTextSink : public XmlSink {
 public:
  // shown_only: without words that are deleted, hidden, white or nearly without size.
  OoxmlTextSink(PartKind kind, Gathered* gathered, bool shown_only = false);
  void Start(std::string_view name, const XmlAttributes& attributes) override;
  void End(std::string_view name) override;
  void Text(std::string_view utf8) override;
  // All text, with the marks of `gathered->marks` in it.
  std::string Take();
  // There were such words.
  bool has_unseen() const { return has_unseen_; }

 private:
  struct Run {
    bool inside = false;
    std::string font;
    std::string style;
    std::string paragraph_style;
    std::string ground;            // of its paragraph, where that says one
    bool joins = false;            // the mark of its paragraph is deleted or hidden
    Looks looks;                   // what it says itself
    int8_t unseen = -1;            // -1: not looked up yet
    int8_t capitals = -1;          // small letters are drawn so: 1, not: 0, not said: -1
    uint32_t number = UINT32_MAX;  // of the font; UINT32_MAX: not looked up yet
    int html_around = 0;           // html_ of the text around a box
  };

  bool Unseen();
  bool LeavesOut() { return shown_only_ && Unseen(); }
  void Look(std::string_view name, const XmlAttributes& attributes);
  void Attributes(std::string_view name, const XmlAttributes& attributes);
  void Strings(const XmlAttributes& attributes);
  void Name(std::string_view name);
  void Font(std::string_view font);
  void SetRunFont(std::string font);
  void SetHtmlFont(std::string_view font);
  void SetCapitals(bool capitals);
  bool DrawsCapitals() const;
  uint32_t FontOfRun();
  void Symbol(std::string_view hex);
  void Field(std::string_view kind);
  void EndField();
  void EndProperty(std::string_view name);

  bool properties_;
  bool shown_only_;
  bool has_unseen_ = false;
  int deleted_ = 0;              // elements of deleted text that are open
  int former_ = 0;               // of former properties
  int settings_ = 0;             // of a paragraph's
  std::vector<bool> codes_;      // of the fields that are open: still in the code
  std::vector<bool> overrides_;  // of the order of letters, that are open: from right to left
  std::string cell_ground_;
  bool strings_;  // attributes are content
  Gathered* gathered_;
  Flow flow_;
  Run run_;
  std::vector<Run> outer_runs_;  // of the boxes that are open
  bool in_tab_stops_ = false;
  int in_text_ = 0;
  int html_ = 0;  // a box of VML and the div in it that are open
  bool in_field_ = false;
  bool chart_ = false;
  std::string field_;
  std::string property_;
  std::string property_text_;
};

// The words that the label of a list's level would show, one a line: what is no number.
std::string WordsOfLevel(std::string_view label);

// DDE, DDEAUTO, or QUOTE with the numbers of these letters; INCLUDETEXT and the like of a place
// elsewhere.
bool IsDdeField(std::string_view field);
bool IsExternalField(std::string_view field);

}  // namespace gatepost::decode
