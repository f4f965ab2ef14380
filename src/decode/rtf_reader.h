// RTF 1.9 to text: one pass, no tree. What each group's characters are for is its target.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/font_marks.h"

namespace gatepost::decode {

// Where the characters of a group go.
enum class RtfTarget : uint8_t {
  kBody,
  kNote,  // footnotes, annotations, shapes: behind the body
  kSilent,
  kFonts,
  kColors,
  kMargin,
  kInfo,
  kField,
  kTemplate,
  kShape,
  kObject,
  kPicture,
  kHtmlTag
};

enum class RtfReading : uint8_t {
  kAll,
  kShown,  // without what is hidden or deleted
  kHtml    // the page that Exchange packed into it (MS-OXRTFEX), as source, in `body`
};

// The target of a destination word; false: no such word.
bool RtfDestination(std::string_view word, RtfTarget* target);
// Of a font's \fcharset; 0: as the document.
int RtfCodePage(int charset);

class RtfReader {
 public:
  explicit RtfReader(Bytes rtf, RtfReading reading = RtfReading::kAll)
      : rtf_(rtf), reading_(reading) {
    groups_.emplace_back();
  }

  void Run();

  // With the marks of `marks` in them: body, margin.
  std::string body, margin, info, field, attached, shape, fonts;
  std::vector<std::string> objects, pictures;
  // Of each object: its data is nothing but pairs of digits in a group of its own, as programs
  // write it. What hides an exploit from filters is not.
  std::vector<bool> plain_objects;
  FontMarks marks;
  bool object_data = false;    // \objdata, or a link to an object
  bool object_update = false;  // \objupdate: opened without a click
  bool linked = false;
  bool from_html = false;  // \fromhtml: what mail programs show is the page in it
  bool hidden_text = false;
  bool unseen_text = false;  // deleted by a revision, white, of no size, or written twice

 private:
  struct Group {
    RtfTarget target = RtfTarget::kBody;
    int code_page = 1252;
    int skip_after_unicode = 1;  // \uc
    bool starred = false;        // "\*" was seen, the next word names an optional destination
    uint32_t font = 0;           // a number of marks
    bool by_default = false;     // no \f yet: in the font of \deff
    bool capitals = false;       // small letters are drawn so
    bool hidden = false;         // \v
    bool html_rtf = false;       // \htmlrtf: for readers of RTF alone
    bool deleted = false;        // \deleted
    bool replaced = false;       // in \upr: for readers without Unicode
    bool white = false;          // \cf
    bool on_color = false;       // \highlight, \chcbpat, \cb
    bool tiny = false;           // \fs: a point at most
  };

  Group& group() { return groups_.back(); }
  bool InData() {
    return group().target == RtfTarget::kObject || group().target == RtfTarget::kPicture;
  }

  void OpenGroup();
  void CloseGroup();

  // Most values of a shape are numbers; words are what is drawn (a watermark) or described.
  void DropNumbers();
  static void EndLine(std::string* out);
  std::string* Output(RtfTarget target);
  void Character(char c);
  void ObjectDigit(char c);
  void EndObject(RtfTarget target);

  // Runs of bytes in one code page are converted together: double-byte pages need it.
  void Flush();
  void Put(std::string_view utf8);

  // Which font the text behind this is in, where text is moved about or a reader wants to know.
  void Mark(RtfTarget target, std::string* out);
  void NameFont(std::string_view name);
  void UseDefaultFont();
  bool Unseen();
  bool Looks(std::string_view word, int64_t number, bool has_number);
  void Color(std::string_view part, int64_t number);
  void Control();
  void ControlWord();
  void Apply(std::string_view word, int64_t number, bool has_number);
  void Destinations(std::string_view word);
  void SetCodePage(int page);
  void Font(int64_t number, bool has_number);
  void Unicode(int64_t number);
  void EndCell();
  void EndRow();

  Bytes rtf_;
  RtfReading reading_;
  size_t at_ = 0;
  std::vector<Group> groups_;
  size_t too_deep_ = 0;
  std::string pending_;
  int skip_ = 0;
  char32_t high_ = 0;
  int document_page_ = 1252;
  uint32_t color_ = 0;            // that is being read
  std::vector<bool> white_ = {};  // by number, of \colortbl
  int64_t font_ = 0;
  int64_t default_font_ = -1;
  std::map<int64_t, int> font_pages_;
  std::map<int64_t, uint32_t> font_names_;  // numbers of marks
  std::string notes_;
  const std::string* marked_in_ = nullptr;
  uint32_t marked_ = 0;
  std::string object_;
  size_t shape_end_ = 0;  // of what DropNumbers has looked at
  int half_ = -1;
  bool plain_object_ = false;
  size_t cell_mark_ = 0;
  std::vector<std::string> cells_;
};

}  // namespace gatepost::decode
