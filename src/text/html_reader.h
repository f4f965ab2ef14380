// HTML to text: one pass over the tokens with a stack of open elements; no tree is built.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/html_box.h"
#include "src/text/html_doubt.h"
#include "src/text/html_script.h"
#include "src/text/html_sheet.h"
#include "src/text/html_sink.h"
#include "src/text/html_table.h"
#include "src/text/html_tokens.h"
#include "src/text/view.h"

namespace gatepost::text {

// HTML inside an attribute, a data: URI or a script.
struct Frame {
  std::string html;
  size_t at = 0;
  bool shown = false;    // a reader sees it without doing anything
  bool written = false;  // a script may write it
};

class HtmlReader {
 public:
  explicit HtmlReader(std::string_view html);
  HtmlText Run();
  const std::vector<Frame>& frames() const { return frames_; }

 private:
  // Hidden text [begin, end) stood at this place of the visible text.
  struct Insert {
    size_t visible = 0;
    size_t begin = 0;
    size_t end = 0;
    bool blank = false;          // a blank stands before it
    uint8_t seen = 0;            // which readers may see it: BitOf()
    bool inside = false;         // something visible stands before it in its line
    bool breaks_before = false;  // to those readers a line ends before it
    bool breaks_after = false;
  };

  HtmlText Finish();
  void FindStyleSheets();
  void AddInsert(size_t begin, bool blank, uint8_t seen);
  void NoteBreak();
  void AddMixedLines(const std::string& visible, Doubts::Readings* readings);
  std::string LineWith(std::string_view visible, size_t line, size_t end, size_t first, size_t last,
                       uint8_t seen, bool glued) const;
  std::string WordsOf(size_t first, size_t last, uint8_t seen) const;
  uint8_t SeenBy() const;
  static void AddLine(std::string_view line, size_t source, Doubts::Readings* readings);

  bool Shows() const;
  Sink& Out() { return Shows() ? visible_ : hidden_; }
  // A line end for readers: what is only painted over (a colour, a size) still takes its line.
  void BlockEnd(size_t source, bool doubtful = false);
  void LineEnd(size_t source);
  bool Flows() const;
  void ReadText(size_t begin, size_t end);
  void ReadCdata(const Token& token);
  void ReadAside(size_t begin, size_t end);
  // Text that some reader may see, in the hidden text.
  void PutMaybe(const std::string& text, size_t source);
  void PutSeen(std::string_view text, size_t source, uint8_t seen);
  // <script> in SVG: its content is read here, its tokens are those of markup.
  void ReadForeignScript(size_t begin);
  void ReadScriptContent(std::string_view content, size_t at);
  // Text that shows, in the letters that the box shows it in.
  void PutAsDrawn(std::string_view text, size_t source);
  bool DrawsOtherLetters() const {
    return !stack_.empty() &&
           (stack_.back().capitals || stack_.back().letters != LetterCase::kAsTyped);
  }
  void ReadRaw(const Token& token);
  void OpenElement(const Token& token);
  uint32_t SpanOf(const Token& token) const;
  void AddItem(const Box& box, Box* parent);
  void ReadItems(Box* box, size_t tag_at);
  void AddWords(const std::string& words);
  void ReadAttributes(const Token& token, Box* box);
  void ReadMeta(const Token& token);
  void ReadLinkAttributes(const Token& token, const std::string& name, bool shows);
  void ReadUnknownAttribute(const Token& token, const Attribute& attribute, Box* box);
  void ReadAnimated(const Attribute& attribute);
  void ApplyStyle(const Attribute* style, const std::string& presentation, Box* box);
  void ApplyTag(const Token& token, Box* box) const;
  void NoteDoubts(const Token& token, const Box& parent, Box* box) const;
  void TakePlace(Box* box);
  void LeavePlace(Box* box);
  // A line end that a tag makes only where some reader takes the tag for what it says.
  void DoubtfulEnd(size_t source);
  bool IsOutOfPlace(const Token& token) const;
  void PutContent(const std::string& content, size_t source);
  std::string ContentOf(const Cascade& cascade, const Token& token) const;
  void ReadPseudoElements(const Token& token);
  void CloseImplied(const Token& token);
  void CloseUpTo(std::initializer_list<std::string_view> names,
                 std::initializer_list<std::string_view> scope, size_t tag_at);
  void CloseElement(const Token& token);
  // `doubtful`: a browser would not end them.
  void PopTo(size_t size, size_t tag_at, bool doubtful = false);
  void EndLink(const Box& box);
  void AddFont(std::string_view font);
  uint32_t FontNumber(std::string_view families);
  void NoteFont(size_t begin);
  void AddUrl(std::string_view given, size_t at, bool shown_frame);
  void AddFrame(std::string html, size_t at, bool shown, bool written = false);
  void Count(const char* fact, uint64_t by = 1) { facts_[fact] += by; }
  static size_t BucketOf(std::string_view name);

  std::string_view s_;
  Tokenizer tokens_;
  Sink visible_;
  Sink hidden_;
  StyleSheet sheet_;
  std::deque<Box> stack_;  // a deque: nodes stay where they are
  std::vector<const Node*> ancestors_;
  Box root_;
  bool flat_hidden_ = false;
  bool xml_ = false;                   // it begins like XML
  bool in_comment_ = false;            // what is being read is a comment to a browser
  bool raw_shows_ = true;              // what the tag of the raw element says of itself
  uint8_t raw_seen_ = 0;               // ... and who may see it though it is hidden
  bool broke_ = false;                 // a line has ended since the last text
  size_t script_end_ = 0;              // of the last script in SVG
  std::array<uint32_t, 1021> open_{};  // open elements by bucket of the name
  size_t search_budget_ = 5'000'000;   // steps through the stack for end tags
  TableRows rows_;
  static constexpr size_t kMostItems = 300;
  std::vector<TableRows::Word> ordered_;  // lines as they stand on the screen
  std::vector<Insert> inserts_;
  Doubts doubts_;
  size_t siblings_left_ = 50'000;  // how many more are kept
  std::vector<std::string> urls_;
  std::vector<HtmlText::Link> links_;
  std::vector<size_t> link_begins_;
  std::vector<std::string> fonts_;
  std::vector<std::string> font_names_{1};  // by Box::font
  std::vector<decode::FontRun> runs_;       // in visible_
  std::string base_;
  std::vector<Frame> frames_;
  ScriptSigns scripts_;
  std::map<std::string, uint64_t> facts_;
};

}  // namespace gatepost::text
