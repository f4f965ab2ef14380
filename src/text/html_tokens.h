// HTML to tokens as tolerant readers do it: nothing is lost, nothing recurses, each byte is looked
// at a bounded number of times.
// LIMITS: names beyond 60 bytes are cut; attributes beyond 100 of one tag are read and dropped.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/html_foreign.h"

namespace gatepost::text {

struct Attribute {
  std::string name;       // lower case
  std::string value;      // character references decoded
  size_t at = 0;          // where the value stands
  bool repeated = false;  // not the first of its name: browsers drop it
};

// What an element's name means to us; one look-up a tag.
struct TagKind {
  static constexpr uint16_t kBlock = 1;
  static constexpr uint16_t kVoid = 2;
  static constexpr uint16_t kRaw = 4;     // content is no markup: script, style, xmp...
  static constexpr uint16_t kRcData = 8;  // ... but has character references: title, textarea
  static constexpr uint16_t kHides = 16;  // template, head, datalist...
  static constexpr uint16_t kPre = 32;
  static constexpr uint16_t kCell = 64;
  static constexpr uint16_t kRow = 128;
  static constexpr uint16_t kShows = 256;     // raw content that a reader sees: xmp, plaintext
  static constexpr uint16_t kDoubt = 512;     // content that some readers show: noscript, object...
  static constexpr uint16_t kOfTable = 1024;  // nothing without a table around it
  static constexpr uint16_t kReplaced = 2048;  // a field, a picture: it has a size of its own
};
uint16_t TagKindOf(std::string_view lower_name);

struct Token {
  enum class Kind : uint8_t { kText, kOpen, kClose, kComment, kCdata, kRaw, kEnd };
  Kind kind = Kind::kEnd;
  size_t begin = 0;  // in the source; kComment, kCdata, kRaw: of the content
  size_t end = 0;
  std::string name;            // kOpen, kClose, kRaw: lower case
  uint16_t tag = 0;            // kOpen, kClose: TagKind
  size_t attributes = 0;       // kOpen: how many of attributes() are this tag's
  bool closes_itself = false;  // kOpen: "/>", which means something in SVG and MathML only
  bool foreign = false;        // kOpen: the element is one of SVG or MathML
  bool breaks_out = false;     // kOpen, kClose: it ends what is open of SVG and MathML
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view source) : s_(source), end_(source.size()) {}

  // kEnd for ever once the source is used up. After kOpen of a raw element comes kRaw with its
  // content (also when it is empty), then what follows; its end tag is no token.
  void Next(Token* token);
  // In SVG, MathML and XML <![CDATA[ ]]> is text; elsewhere it is a comment that '>' ends.
  void set_xml(bool xml) { xml_ = xml; }
  bool in_foreign() const { return xml_ || foreign_.inside(); }
  const ForeignContent& foreign() const { return foreign_; }
  void TrimForeign(size_t depth) { foreign_.Trim(depth); }
  const Attribute& attribute(size_t i) const { return attributes_[i]; }
  // Inside <!--[if ...]> ... <![endif]-->, which only some readers show.
  bool in_conditional() const { return in_conditional_; }
  bool saw_conditional() const { return saw_conditional_; }
  // ... and Outlook may be one of them.
  bool in_outlook() const { return in_conditional_ && outlook_; }
  // How many bytes were looked at: at most a small multiple of the source (tests).
  uint64_t work() const { return work_; }

 private:
  bool ReadMarkup(Token* token);
  bool ReadDeclaration(Token* token);
  bool ReadBogusComment(Token* token);
  void ReadAttributes(Token* token);
  void PlaceInForeign(Token* token);
  void ReadValue(Attribute* attribute);
  size_t FindClose(size_t from, std::string_view name);
  void SkipTo(char c);

  std::string_view s_;
  size_t at_ = 0;
  size_t end_;  // of what is being read: of the source, or of a conditional comment
  bool in_conditional_ = false;
  bool saw_conditional_ = false;
  bool outlook_ = false;
  bool raw_next_ = false;
  bool xml_ = false;
  ForeignContent foreign_;
  std::string raw_name_;
  std::vector<Attribute> attributes_;
  // There is no further quote, comment end or end tag of that kind behind these: do not look again.
  size_t no_double_ = std::string_view::npos;
  size_t no_single_ = std::string_view::npos;
  size_t no_comment_end_ = std::string_view::npos;
  size_t no_cdata_end_ = std::string_view::npos;
  size_t next_bang_ = 0;  // the next "--!>" at or behind what was asked last
  std::string no_close_name_;
  uint64_t work_ = 0;
};

}  // namespace gatepost::text
