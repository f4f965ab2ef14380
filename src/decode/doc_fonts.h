// Which font each character of a Word 97 document is in: its own properties, its character style,
// its paragraph's style, the document's default (MS-DOC 2.4.6, 2.9.22, 2.9.271).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/font_marks.h"

namespace gatepost::decode {

struct DocRun {
  uint32_t font = 0;          // a number of FontMarks
  uint64_t end = UINT64_MAX;  // bytes of the document stream
  bool unseen = false;        // hidden, or deleted by a revision
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
  struct Span {
    uint32_t begin = 0;
    uint32_t end = 0;
    int32_t font = -1;     // index into fonts_
    int32_t style = -1;    // index into styles_
    int8_t capitals = -1;  // drawn so: 1, not: 0, not said: -1
    bool unseen = false;
  };
  struct Style {
    int32_t font = -1;
    int8_t capitals = -1;
    uint32_t base = 0x0fff;
  };

  void ReadNames(Bytes list, FontMarks* marks);
  void ReadStyles(Bytes sheet);
  void ReadSpans(Bytes document, Bytes pages, bool paragraphs, std::vector<Span>* spans);
  void ReadPage(Bytes document, uint64_t page, bool paragraphs, std::vector<Span>* spans);
  // Looks for fonts (and styles) in a list of single property modifiers.
  void Properties(Bytes grpprl, Span* span);
  int32_t OfStyle(int32_t style) const;
  int8_t CapitalsOfStyle(int32_t style) const;

  std::string names_;
  std::vector<uint32_t> fonts_;     // numbers of FontMarks
  std::vector<uint32_t> capitals_;  // the same fonts, drawn as capitals
  uint32_t unknown_in_capitals_ = 0;
  std::vector<Style> styles_;
  int32_t default_font_ = -1;
  std::vector<Span> characters_;
  std::vector<Span> paragraphs_;
  bool hides_text_ = false;
  bool has_unseen_ = false;
};

}  // namespace gatepost::decode
