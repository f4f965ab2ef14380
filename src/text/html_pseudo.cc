// Where style sheets stand, and what they put before and behind elements: ::before, ::after.
// Scripts and titles of SVG, which are markup to the tokens. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_entities.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

// Where the last <style> or <link> may begin; npos: there is none.
size_t LastSheet(std::string_view s) {
  size_t last = std::string_view::npos;
  for (size_t open = s.find('<'); open != std::string_view::npos; open = s.find('<', open + 1)) {
    if (AsciiStartsWithIgnoreCase(s.substr(open + 1, 5), "style") ||
        AsciiStartsWithIgnoreCase(s.substr(open + 1, 4), "link")) {
      last = open;
    }
  }
  return last;
}

// Style sheets as a browser finds them: the content of <style>, not what looks like it in comments,
// attributes, scripts and text fields.
class SheetFinder {
 public:
  SheetFinder(std::string_view s, bool xml, StyleSheet* sheet) : s_(s), tokens_(s), sheet_(*sheet) {
    tokens_.set_xml(xml);
  }

  void Run() {
    const size_t last = LastSheet(s_);
    if (last == std::string_view::npos) {
      return;
    }
    Token token;
    for (tokens_.Next(&token);
         token.kind != Token::Kind::kEnd && (token.begin <= last || foreign_style_ || raw_style_);
         tokens_.Next(&token)) {
      Take(token);
    }
    EndForeign(false);
  }

 private:
  void Take(const Token& token) {
    switch (token.kind) {
      case Token::Kind::kText:
      case Token::Kind::kCdata:
        if (foreign_style_) {
          const std::string_view text = s_.substr(token.begin, token.end - token.begin);
          css_ += token.kind == Token::Kind::kText ? DecodeCharacterReferences(text)
                                                   : std::string(text);
        }
        break;
      case Token::Kind::kRaw:
        if (token.name == "style") {
          sheet_.Read(s_.substr(token.begin, token.end - token.begin), media_, holding_);
        }
        raw_style_ = false;
        break;
      case Token::Kind::kOpen:
        Open(token);
        break;
      case Token::Kind::kClose:
        if (token.breaks_out || token.name == "style") {
          EndForeign(token.breaks_out);
        }
        if (token.name == "template" && templates_ > 0) {
          --templates_;
        }
        if (token.name == "noscript" && noscripts_ > 0) {
          --noscripts_;
        }
        break;
      default:
        break;
    }
  }

  void Open(const Token& token) {
    if (token.breaks_out) {
      EndForeign(true);
    }
    if (token.name == "style") {
      EndForeign(false);
      style_begin_ = token.end;
      ReadTag(token);
      foreign_style_ = token.foreign && !token.closes_itself;
      raw_style_ = !token.foreign;
    } else if (token.name == "link") {
      for (size_t i = 0; i < token.attributes; ++i) {
        const std::string_view value = AsciiTrim(tokens_.attribute(i).value);
        if (tokens_.attribute(i).name == "href" && AsciiStartsWithIgnoreCase(value, "data:")) {
          sheet_.ReadLinked(value);
        }
      }
    } else if (token.name == "template" && !token.foreign) {
      ++templates_;
    } else if (token.name == "noscript" && !token.foreign) {
      ++noscripts_;
    }
  }

  // What the tag says of its sheet, and where it stands.
  void ReadTag(const Token& token) {
    media_.clear();
    bool odd = templates_ > 0 || tokens_.in_conditional();
    for (size_t i = 0; i < token.attributes; ++i) {
      const Attribute& attribute = tokens_.attribute(i);
      if (attribute.repeated) {
        continue;
      }
      if (attribute.name == "media") {
        media_ = attribute.value.substr(0, 2'000);
      } else if (attribute.name == "type") {
        const std::string_view type = AsciiTrim(attribute.value);
        odd = odd || (!type.empty() && !AsciiEqualsIgnoreCase(type, "text/css"));
      } else if (attribute.name == "title" && !attribute.value.empty()) {
        // The first title is that of the sheets in use, others are alternatives.
        title_ = title_.empty() ? attribute.value : title_;
        odd = odd || title_ != attribute.value;
      }
    }
    // Some reader takes it for one.
    holding_ = {!odd, odd || noscripts_ > 0};
  }

  // `broken`: by markup of HTML. Whoever knows that the SVG has ended before (an end tag around it)
  // sees a sheet up to the end tag.
  void EndForeign(bool broken) {
    if (!foreign_style_) {
      return;
    }
    sheet_.Read(css_, media_, holding_);
    css_.clear();
    foreign_style_ = false;
    if (broken && style_begin_ >= whole_end_) {
      size_t end = style_begin_;
      while ((end = std::min(s_.find("</", end), s_.size())) < s_.size() &&
             !AsciiEqualsIgnoreCase(s_.substr(end + 2, 5), "style")) {
        end += 2;
      }
      whole_end_ = end;
      sheet_.Read(s_.substr(style_begin_, end - style_begin_), media_, {false, true});
    }
  }

  std::string_view s_;
  Tokenizer tokens_;
  StyleSheet& sheet_;
  size_t templates_ = 0;
  size_t noscripts_ = 0;
  std::string media_;
  std::string title_;
  Holding holding_;
  bool raw_style_ = false;      // its content is the next token
  bool foreign_style_ = false;  // in SVG: its content is text among tokens
  std::string css_;
  size_t style_begin_ = 0;
  size_t whole_end_ = 0;  // what was read as a whole ends here
};

}  // namespace

// Styles may stand after what they hide, so they are read first.
void HtmlReader::FindStyleSheets() {
  SheetFinder finder(s_, xml_, &sheet_);
  finder.Run();
}

void HtmlReader::ReadPseudoElements(const Token& token) {
  const std::vector<const Node*> above(ancestors_.begin(), ancestors_.end() - 1);
  Box& box = stack_.back();
  StyleSheet::Met before;
  sheet_.Match(box.node, above, Pseudo::kBefore, &before);
  const std::string content = ContentOf(before.now, token);
  if (!content.empty()) {
    const size_t begin = visible_.text.size();
    PutContent(content, token.begin);
    if (before.doubt && ContentOf(before.other, token) != content) {
      doubts_.Add(begin, visible_.text.size(), false, before.cause);
    }
  } else if (before.doubt) {
    PutMaybe(ContentOf(before.other, token), token.begin);
  }
  StyleSheet::Met after;
  sheet_.Match(box.node, above, Pseudo::kAfter, &after);
  box.after = ContentOf(after.now, token);
  if (after.doubt && box.after.empty()) {
    box.after_maybe = ContentOf(after.other, token);
  }
}

void HtmlReader::PutMaybe(const std::string& text, size_t source) {
  if (Shows()) {
    PutSeen(text, source, BitOf(Viewer::kInDoubt));
  }
}

void HtmlReader::PutSeen(std::string_view text, size_t source, uint8_t seen) {
  if (text.empty()) {
    return;
  }
  const size_t before = hidden_.text.size();
  const bool blank = visible_.blank();
  hidden_.PutWords(text, source);
  AddInsert(before, blank, seen);
}

// Words of SVG that stand beside the page: a title, which is a hint. Sheets and scripts have been
// read as such.
void HtmlReader::ReadAside(size_t begin, size_t end) {
  if (stack_.back().words == Box::Words::kAside) {
    hidden_.BlockEnd(begin);
    hidden_.PutWords(ToValidUtf8(DecodeCharacterReferences(s_.substr(begin, end - begin))), begin);
    hidden_.BlockEnd(end);
  }
}

// Up to its end tag, which others inside have in common.
void HtmlReader::ReadForeignScript(size_t begin) {
  if (begin < script_end_) {
    return;
  }
  size_t end = begin;
  while (end < s_.size()) {
    end = std::min(s_.find("</", end), s_.size());
    if (AsciiStartsWithIgnoreCase(s_.substr(std::min(end + 2, s_.size()), 6), "script")) {
      break;
    }
    end = std::min(end + 2, s_.size());
  }
  script_end_ = end;
  const std::string_view content = s_.substr(begin, end - begin);
  ReadScriptContent(content, begin);
  if (content.find('&') != std::string_view::npos) {
    ReadScript(DecodeCharacterReferences(content.substr(0, kMostScriptBytes)), &scripts_);
  }
}

void HtmlReader::PutContent(const std::string& content, size_t source) {
  if (Shows() && DrawsOtherLetters()) {
    PutAsDrawn(content, source);
  } else if (Shows()) {
    visible_.Put(content, source);
  } else {
    const size_t before = hidden_.text.size();
    const bool blank = visible_.blank();
    hidden_.Put(content, source);
    AddInsert(before, blank, SeenBy());
  }
}

std::string HtmlReader::ContentOf(const Cascade& cascade, const Token& token) const {
  const Declaration* content = cascade.Get(Property::kContent);
  const Declaration* display = cascade.Get(Property::kDisplay);
  if (content == nullptr ||
      (display != nullptr && static_cast<Display>(display->word) == Display::kNone)) {
    return "";
  }
  std::string out;
  std::string_view text = content->text;
  while (!text.empty()) {
    const size_t open = std::min(text.find('\x01'), text.size());
    out += text.substr(0, open);
    text.remove_prefix(std::min(open + 1, text.size()));
    const size_t close = text.find('\x01');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      continue;
    }
    for (size_t i = 0; i < token.attributes; ++i) {
      if (tokens_.attribute(i).name == text.substr(0, close)) {
        out += tokens_.attribute(i).value;
        break;
      }
    }
    text.remove_prefix(close + 1);
  }
  std::replace(out.begin(), out.end(), '\n', ' ');
  return ToValidUtf8(out);
}

}  // namespace gatepost::text
