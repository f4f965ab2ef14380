// HTML to what a reader sees and what he does not.
// LIMITS: no layout and no scripts; elements nested deeper than 500 are read as if flat; the joined
// line of a table row is built for rows of up to 2,000 bytes; 16 frames.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_entities.h"
#include "src/text/html_reader.h"
#include "src/text/legacy.h"
#include "src/text/lines.h"
#include "src/text/unicode.h"
#include "src/text/url.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostFramesRead = 16;
constexpr size_t kMostFrameBytes = 8U << 20U;  // of all frames together
constexpr size_t kMostScriptUrls = 200;
// Behind one of these a word begins, for text-transform: capitalize.
constexpr std::string_view kWordEnds = " \n\"()[]{}<>-/.,:;!?|";

// outer after inner, as one list: both ascend by view.
std::vector<MapPiece> Composed(const std::vector<MapPiece>& outer,
                               const std::vector<MapPiece>& inner) {
  if (outer.empty()) {
    return inner;
  }
  std::vector<MapPiece> out;
  size_t k = 0;
  for (size_t i = 0; i < outer.size(); ++i) {
    const uint32_t from = outer[i].source;
    const uint32_t view = outer[i].view;
    const uint32_t until = i + 1 < outer.size() ? from + (outer[i + 1].view - view) : UINT32_MAX;
    while (k + 1 < inner.size() && inner[k + 1].view <= from) {
      ++k;
    }
    out.push_back({view, inner[k].source + (from - inner[k].view)});
    while (k + 1 < inner.size() && inner[k + 1].view < until) {
      ++k;
      out.push_back({view + (inner[k].view - from), inner[k].source});
    }
  }
  return out;
}

}  // namespace

HtmlReader::HtmlReader(std::string_view html) : s_(html), tokens_(html) {
  xml_ = AsciiStartsWithIgnoreCase(AsciiTrim(html.substr(0, 100)), "<?xml");
  tokens_.set_xml(xml_);
}

bool HtmlReader::Shows() const {
  return !tokens_.in_conditional() && !flat_hidden_ && !in_comment_ &&
         (stack_.empty() || stack_.back().Shows());
}

HtmlText HtmlReader::Run() {
  FindStyleSheets();
  for (const std::string& font : sheet_.fonts()) {
    AddFont(font);
  }
  for (const std::string& url : sheet_.urls()) {
    AddUrl(url, 0, false);
  }
  Token token;
  for (tokens_.Next(&token); token.kind != Token::Kind::kEnd; tokens_.Next(&token)) {
    switch (token.kind) {
      case Token::Kind::kText:
        ReadText(token.begin, token.end);
        break;
      case Token::Kind::kOpen:
        OpenElement(token);
        break;
      case Token::Kind::kClose:
        CloseElement(token);
        break;
      case Token::Kind::kComment:
        // Raw, so that a rule sees what was commented out.
        hidden_.BlockEnd(token.begin);
        hidden_.PutWords(s_.substr(token.begin, token.end - token.begin), token.begin);
        hidden_.BlockEnd(token.end);
        break;
      case Token::Kind::kCdata:
        ReadCdata(token);
        break;
      case Token::Kind::kRaw:
        ReadRaw(token);
        break;
      case Token::Kind::kEnd:
        break;
    }
  }
  return Finish();
}

// text-transform and small capitals. In a font of before Unicode a letter beyond ASCII is another
// one than it seems: it stays.
void HtmlReader::PutAsDrawn(std::string_view text, size_t source) {
  const Box& box = stack_.back();
  bool draws = false;
  const bool ascii_only = !EncodingOfFont(font_names_[box.font], &draws).empty();
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const char32_t typed = NextCodePoint(text, &i);
    char32_t c = typed;
    if (!ascii_only || c < 0x80) {
      const std::string& before = visible_.text;
      const bool starts_word = before.empty() || visible_.blank() ||
                               kWordEnds.find(before.back()) != std::string_view::npos;
      c = box.letters == LetterCase::kUpper                        ? ToUpper(c)
          : box.letters == LetterCase::kLower                      ? ToLower(c)
          : box.letters == LetterCase::kCapitalized && starts_word ? ToUpper(c)
                                                                   : c;
      c = box.capitals ? ToUpper(c) : c;
    }
    if (c == typed) {
      visible_.Put(text.substr(begin, i - begin), source + begin);
    } else {
      std::string drawn;
      AppendUtf8(c, &drawn);
      visible_.Put(drawn, source + begin);
    }
  }
}

void HtmlReader::ReadText(size_t begin, size_t end) {
  // Text ends <head>, and shows.
  if (!stack_.empty() && stack_.back().node.name == "head" && !tokens_.in_conditional() &&
      !AsciiTrim(s_.substr(begin, end - begin)).empty()) {
    PopTo(stack_.size() - 1, begin);
  }
  const bool shows = Shows();
  if (!shows && !stack_.empty() && stack_.back().words != Box::Words::kText) {
    ReadAside(begin, end);
    return;
  }
  Sink& out = shows ? visible_ : hidden_;
  const bool redrawn = shows && DrawsOtherLetters();
  const bool pre = !stack_.empty() && stack_.back().pre;
  const bool blank = visible_.blank();
  if (!shows && visible_.blank()) {
    out.Blank(begin);  // it stands between shown and hidden text
  }
  const size_t before = out.text.size();
  size_t at = begin;
  while (at < end) {
    const char c = s_[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      if (pre && c == '\n') {
        out.LineEnd(at);
      } else if (pre && c != '\r') {
        out.Put(" ", at);
      } else {
        out.Blank(at);
      }
      ++at;
      continue;
    }
    if (c == '\v') {
      ++at;  // no blank, and nothing to see
      continue;
    }
    if (c == '&') {
      std::string text;
      const size_t took = ReadCharacterReference(s_.substr(0, end), at, &text);
      if (took > 0) {
        if (text == "\n" || text == "\t") {
          out.Blank(at);
        } else if (text == "\v") {
          // as above
        } else if (redrawn) {
          PutAsDrawn(text, at);
        } else {
          out.Put(text, at);
        }
        at += took;
        continue;
      }
    }
    size_t run = at + 1;
    while (run < end && s_[run] != '&' && static_cast<unsigned char>(s_[run]) > ' ') {
      ++run;
    }
    if (redrawn) {
      PutAsDrawn(s_.substr(at, run - at), at);
    } else {
      out.Put(s_.substr(at, run - at), at);
    }
    at = run;
  }
  if (shows) {
    NoteFont(before);
    broke_ = broke_ && visible_.text.size() == before;
  }
  // Who reads without styles sees the capitals that were typed.
  if (redrawn && stack_.back().letters == LetterCase::kLower) {
    hidden_.BlockEnd(begin);
    hidden_.PutWords(s_.substr(begin, end - begin), begin);
    hidden_.BlockEnd(end);
  }
  if (!shows && out.text.size() > before) {
    if (!tokens_.in_conditional()) {
      Count("html.hidden", out.text.size() - before);
    }
    AddInsert(before, blank, SeenBy());
  }
  // One reader does not show it, the others do.
  if (shows && !stack_.empty() && stack_.back().outlook_hides) {
    hidden_.BlockEnd(begin);
    hidden_.PutWords(visible_.text.substr(std::min(before, visible_.text.size())), begin);
    hidden_.BlockEnd(end);
    Count("html.hidden", end - begin);
  }
}

// Text to who reads XML, a comment to who reads HTML.
void HtmlReader::ReadCdata(const Token& token) {
  const size_t begin = visible_.text.size();
  const bool blank = visible_.blank();
  const bool foreign = tokens_.in_foreign();
  in_comment_ = !foreign;
  ReadText(token.begin, token.end);
  in_comment_ = false;
  if (!foreign || xml_) {
    doubts_.Add(begin, visible_.text.size(), blank, 3);
  }
}

void HtmlReader::ReadScriptContent(std::string_view content, size_t at) {
  Count("html.script");
  ReadScript(content, &scripts_);
  for (const std::string& url : FindUrls(content.substr(0, kMostScriptBytes), kMostScriptUrls)) {
    AddUrl(url.substr(0, url.find_first_of("'\\")), at, false);
  }
}

// Content that is no markup. Its element never goes onto the stack.
void HtmlReader::ReadRaw(const Token& token) {
  const std::string_view content = s_.substr(token.begin, token.end - token.begin);
  if (raw_seen_ != 0 && (token.name == "style" || token.name == "script")) {
    PutSeen(content, token.begin, raw_seen_);
  }
  if (token.name == "style") {
    return;
  }
  if (token.name == "script") {
    ReadScriptContent(content, token.begin);
    return;
  }
  const uint16_t kind = TagKindOf(token.name);
  const bool shows = (kind & TagKind::kShows) != 0 && raw_shows_ && Shows();
  Sink& out = shows ? visible_ : hidden_;
  out.BlockEnd(token.begin);
  const size_t before = hidden_.text.size();
  const bool blank = visible_.blank();
  if ((kind & TagKind::kRcData) != 0) {
    const std::string text = ToValidUtf8(DecodeCharacterReferences(AsciiTrim(content)));
    if (token.name == "title") {
      out.Put(text, token.begin);
    } else {
      // References move what follows: all of it came from the element.
      Sink lines;
      lines.PutWords(text, 0);
      out.Put(lines.text, token.begin);
      out.lines += lines.lines;
    }
  } else {
    out.PutWords(content, token.begin);
  }
  if (!shows && raw_seen_ != 0) {
    AddInsert(before, blank, raw_seen_);
  }
  out.BlockEnd(token.end);
}

HtmlText HtmlReader::Finish() {
  HtmlText out;
  for (const Box& box : stack_) {
    EndLink(box);
  }
  visible_.pieces.push_back(
      {static_cast<uint32_t>(visible_.text.size()), static_cast<uint32_t>(s_.size())});
  if (rows_.picture_rows() >= 21) {
    Count("text.block-picture", rows_.picture_rows());
  }
  Doubts::Readings readings = doubts_.Read(visible_);
  AddMixedLines(visible_.text, &readings);
  rows_.EndTable();
  for (const std::string& words : sheet_.words()) {
    AddWords(words);
  }
  for (const auto* list : {&rows_.words(), &std::as_const(ordered_)}) {
    for (const TableRows::Word& word : *list) {
      AddLine(word.text, word.at, &readings);
    }
  }
  for (MapPiece& piece : readings.pieces) {
    piece.source = std::min(piece.source, static_cast<uint32_t>(s_.size()));
  }
  out.readings = std::move(readings.text);
  out.readings_map = std::move(readings.pieces);
  LineOptions options;
  options.block_ends = &visible_.block_ends;
  Lines lines = ReadLines(visible_.text, options);
  out.visible = std::move(lines.text);
  uint32_t number = 0;
  size_t next = 0;
  for (size_t i = out.visible.find('\n'); i != std::string::npos && next < lines.soft_lines.size();
       i = out.visible.find('\n', i + 1)) {
    if (number++ == lines.soft_lines[next]) {
      out.soft.push_back(static_cast<uint32_t>(i));
      ++next;
    }
  }
  out.runs = MoveRuns(runs_, lines.pieces, out.visible.size());
  out.map = Composed(lines.pieces, visible_.pieces);
  // A row that is told once more in one line comes from its end tag, and is longer than that.
  for (MapPiece& piece : out.map) {
    piece.source = std::min(piece.source, static_cast<uint32_t>(s_.size()));
  }
  // The line end behind the last line is gone, and with it what led back from there.
  while (!out.map.empty() && out.map.back().view > out.visible.size()) {
    out.map.pop_back();
  }
  hidden_.BlockEnd(s_.size());
  out.hidden = std::move(hidden_.text);
  while (!out.hidden.empty() && out.hidden.back() == '\n') {
    out.hidden.pop_back();
  }
  if (facts_.count("html.script") > 0) {
    TakeHiddenData(s_, &scripts_);
  }
  if (scripts_.Smuggles()) {
    Count("html.smuggling");
  }
  if (scripts_.redirects) {
    Count("html.script-redirect");
  }
  if (tokens_.saw_conditional()) {
    Count("html.conditional");
  }
  for (std::string& text : scripts_.texts) {
    AddFrame(std::move(text), 0, false, scripts_.writes);
  }
  if (!scripts_.written.empty()) {
    AddFrame(ToValidUtf8(scripts_.written), 0, false, true);
  }
  for (const std::string& literal : scripts_.literals) {
    out.hidden += (out.hidden.empty() ? "" : "\n") + literal;
    out.written += scripts_.writes ? literal + "\n" : "";
  }
  out.urls = std::move(urls_);
  out.links = std::move(links_);
  out.fonts = std::move(fonts_);
  out.facts = std::move(facts_);
  out.payloads = std::move(scripts_.payloads);
  out.work = tokens_.work() + sheet_.work() + (5'000'000 - search_budget_);
  return out;
}

HtmlText ReadHtml(std::string_view utf8) {
  HtmlReader reader(utf8);
  HtmlText out = reader.Run();
  // What frames hold stands behind the rest; frames inside frames are read too, within the count.
  std::vector<Frame> frames = reader.frames();
  size_t bytes = 0;
  for (size_t i = 0; i < frames.size() && i < kMostFramesRead; ++i) {
    bytes += frames[i].html.size();
    if (bytes > kMostFrameBytes) {
      break;
    }
    HtmlReader inner_reader(frames[i].html);
    HtmlText inner = inner_reader.Run();
    for (Frame frame : inner_reader.frames()) {
      frame.at = frames[i].at;
      frame.shown = frame.shown && frames[i].shown;
      frames.push_back(std::move(frame));
    }
    if (!inner.visible.empty() && frames[i].shown) {
      out.visible += out.visible.empty() ? "" : "\n";
      // Entities make the frame's own offsets useless: all of it came from the attribute.
      out.map.push_back(
          {static_cast<uint32_t>(out.visible.size()), static_cast<uint32_t>(frames[i].at)});
      for (decode::FontRun& run : inner.runs) {
        run.begin += static_cast<uint32_t>(out.visible.size());
        run.end += static_cast<uint32_t>(out.visible.size());
        out.runs.push_back(std::move(run));
      }
      out.visible += inner.visible;
      out.map.push_back(
          {static_cast<uint32_t>(out.visible.size()),
           static_cast<uint32_t>(std::min(frames[i].at + inner.visible.size(), utf8.size()))});
    } else if (!inner.visible.empty()) {
      out.hidden += (out.hidden.empty() ? "" : "\n") + inner.visible;
    }
    out.written += frames[i].written && !inner.visible.empty() ? inner.visible + "\n" : "";
    out.written += inner.written;
    out.hidden += (out.hidden.empty() || inner.hidden.empty() ? "" : "\n") + inner.hidden;
    if (!inner.readings.empty() && frames[i].shown) {
      out.readings_map.push_back(
          {static_cast<uint32_t>(out.readings.size()), static_cast<uint32_t>(frames[i].at)});
      out.readings += inner.readings;
    }
    out.urls.insert(out.urls.end(), inner.urls.begin(), inner.urls.end());
    out.links.insert(out.links.end(), inner.links.begin(), inner.links.end());
    out.payloads.insert(inner.payloads.begin(), inner.payloads.end());
    for (const auto& [fact, count] : inner.facts) {
      out.facts[fact] += count;
    }
    out.work += inner.work;
  }
  if (!out.payloads.empty()) {
    out.facts["html.smuggling"] += 1;
  }
  return out;
}

}  // namespace gatepost::text
