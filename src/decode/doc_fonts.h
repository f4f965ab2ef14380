// Which font each character of a Word 97 document is in: its own properties, its character style,
// its paragraph's style, the document's default (MS-DOC 2.4.6, 2.9.22, 2.9.271).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/font_marks.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

struct DocRun {
  uint32_t font = 0;          // a number of FontMarks
  uint64_t end = UINT64_MAX;  // bytes of the document stream
  bool unseen = false;        // hidden, deleted by a revision, white or of no size
};

class DocFonts {
 public:
  // No font is known.
  DocFonts() = default;
  // Both streams are only read here.
  DocFonts(Bytes document, Bytes table, FontMarks* marks);

  // What holds for the character at byte `at` of the document stream, and how far.
  DocRun At(uint64_t at) const;
  // All fonts, one a line.
  const std::string& names() const { return names_; }
  bool hides_text() const { return hides_text_; }
  // Some text is hidden or deleted.
  bool has_unseen() const { return has_unseen_; }

 private:
  // Yes: 1, no: 0, not said: -1.
  struct Look {
    int32_t font = -1;  // index into fonts_
    int8_t capitals = -1;
    int8_t vanishes = -1;
    int8_t white = -1;
    int8_t tiny = -1;     // a point at most
    int8_t colored = -1;  // what is behind it
    void Inherit(const Look& under);
    bool unseen() const { return vanishes == 1 || tiny == 1 || (white == 1 && colored != 1); }
  };
  struct Span {
    uint32_t begin = 0;
    uint32_t end = 0;
    int32_t style = -1;  // index into styles_
    Look look;
    bool deleted = false;
  };
  struct Style {
    Look look;
    uint32_t base = 0x0fff;
  };

  void ReadNames(Bytes list, FontMarks* marks);
  void ReadStyles(Bytes sheet);
  void ReadSpans(Bytes document, Bytes pages, bool paragraphs, std::vector<Span>* spans);
  void ReadPage(Bytes document, uint64_t page, bool paragraphs, std::vector<Span>* spans);
  // Looks for fonts (and styles) in a list of single property modifiers.
  void Properties(Bytes grpprl, Span* span);
  // With what its ancestors say.
  Look OfStyle(int32_t style) const;
  static void Property(uint32_t sprm, const LittleEndian& in, uint64_t at, Look* look);
  static void Toggle(uint32_t value, bool keep, int8_t* to);
  // Notes whether runs or their styles hide text.
  void NoteUnseen();

  std::string names_;
  std::vector<uint32_t> fonts_;     // numbers of FontMarks
  std::vector<uint32_t> capitals_;  // the same fonts, drawn as capitals
  uint32_t unknown_in_capitals_ = 0;
  std::vector<Style> styles_;
  std::vector<Look> looks_;  // of styles_, with their ancestors
  int32_t default_font_ = -1;
  std::vector<Span> characters_;
  std::vector<Span> paragraphs_;
  bool hides_text_ = false;
  bool has_unseen_ = false;
};

}  // namespace gatepost::decode
