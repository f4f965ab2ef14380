// LIMITS: 1,000 font names are listed; strings out of attributes of a part are at most 4 MiB.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/ooxml_text.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/formula.h"
#include "src/decode/ooxml_tags.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostFonts = 1000;
constexpr size_t kMostHidden = 4U << 20;
constexpr size_t kDeepest = 256;

// Visio's marks of runs, paragraphs and tabs, empty elements within the text of a shape, and
// fields.
bool IsMarkOfRun(std::string_view name) {
  return name == "cp" || name == "pp" || name == "tp" || name == "fld";
}

bool IsAnyOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

OoxmlTextSink::OoxmlTextSink(PartKind kind, Gathered* gathered, bool shown_only)
    : properties_(kind == PartKind::kProperties || kind == PartKind::kEverything),
      shown_only_(shown_only),
      strings_(kind == PartKind::kEverything),
      gathered_(gathered) {}

void OoxmlTextSink::Start(std::string_view name, const XmlAttributes& attributes) {
  switch (TagOf(name)) {
    case Tag::kText:
    case Tag::kTextLine:
      ++in_text_;
      break;
    case Tag::kValue:
      in_text_ += chart_ ? 1 : 0;
      break;
    case Tag::kTabStops:
      in_tab_stops_ = true;
      break;
    case Tag::kTab:
      if (!in_tab_stops_ && !LeavesOut()) {
        flow_.Text("\t");
      }
      break;
    case Tag::kBreak:
      if (!LeavesOut()) {
        flow_.LineBreak();
      }
      break;
    case Tag::kHyphen:
      if (!LeavesOut()) {
        flow_.Text("-");
      }
      break;
    case Tag::kDeleted:
      ++deleted_;
      run_.joins = run_.joins || (settings_ > 0 && former_ == 0);
      break;
    case Tag::kFormer:
      ++former_;
      break;
    case Tag::kOverride:
      if (overrides_.size() < kDeepest) {
        overrides_.push_back(attributes.Get("val") == "rtl");
      }
      flow_.Text(overrides_.back() ? "\xe2\x80\xae" : "");
      break;
    case Tag::kRow:
      flow_.BeginRow();
      break;
    case Tag::kCell:
      flow_.BeginCell();
      break;
    case Tag::kBox:
    case Tag::kHtmlBox:
      flow_.BeginBox();
      if (outer_runs_.size() < kDeepest) {
        run_.html_around = std::exchange(html_, 0);
        outer_runs_.push_back(std::exchange(run_, {}));
      }
      html_ += TagOf(name) == Tag::kHtmlBox ? 1 : 0;
      break;
    case Tag::kHtml:
      flow_.EndParagraph();
      html_ += html_ > 0 ? 1 : 0;
      break;
    case Tag::kChart:
      chart_ = true;
      break;
    case Tag::kField:
      in_field_ = true;
      break;
    case Tag::kFieldChar:
      Field(attributes.Get("fldCharType"));
      break;
    case Tag::kProperty:
      property_ = std::string(attributes.Get("name"));
      break;
    case Tag::kRun:
      run_.inside = true;
      run_.font.clear();
      run_.style.clear();
      run_.capitals = -1;
      run_.looks = Looks();
      run_.unseen = -1;
      run_.number = UINT32_MAX;
      break;
    case Tag::kAttributes:
      Attributes(name, attributes);
      break;
    case Tag::kParagraph:
      run_ = Run();
      break;
    case Tag::kSettings:
      ++settings_;
      break;
    case Tag::kOther:
      break;
  }
  if (properties_ && !IsMarkOfRun(name)) {
    EndProperty("");  // what stands before an element within it
  }
  if (strings_) {
    Strings(attributes);
  }
}

void OoxmlTextSink::End(std::string_view name) {
  switch (TagOf(name)) {
    case Tag::kText:
      in_text_ -= in_text_ > 0 ? 1 : 0;
      break;
    case Tag::kTextLine:
      in_text_ -= in_text_ > 0 ? 1 : 0;
      flow_.EndParagraph();
      break;
    case Tag::kValue:
      in_text_ -= chart_ && in_text_ > 0 ? 1 : 0;
      flow_.EndParagraph();
      break;
    case Tag::kTabStops:
      in_tab_stops_ = false;
      break;
    case Tag::kDeleted:
      deleted_ -= deleted_ > 0 ? 1 : 0;
      break;
    case Tag::kFormer:
      former_ -= former_ > 0 ? 1 : 0;
      break;
    case Tag::kOverride:
      if (!overrides_.empty()) {
        flow_.Text(overrides_.back() ? "\xe2\x80\xac" : "");
        overrides_.pop_back();
      }
      break;
    case Tag::kSettings:
      settings_ -= settings_ > 0 ? 1 : 0;
      break;
    case Tag::kParagraph:
      codes_.clear();  // one that does not end hides nothing behind its paragraph
      has_unseen_ = has_unseen_ || run_.joins;
      if (!shown_only_ || !run_.joins) {
        flow_.EndParagraph();
      }
      break;
    case Tag::kRow:
      flow_.EndRow();
      break;
    case Tag::kCell:
      cell_ground_.clear();
      flow_.EndCell();
      break;
    case Tag::kBox:
    case Tag::kHtmlBox:
      flow_.EndBox();
      html_ = 0;
      if (!outer_runs_.empty()) {
        run_ = std::move(outer_runs_.back());
        outer_runs_.pop_back();
        html_ = run_.html_around;
      }
      break;
    case Tag::kHtml:
      flow_.EndParagraph();
      html_ -= html_ > 0 ? 1 : 0;
      break;
    case Tag::kField:
      in_field_ = false;
      break;
    case Tag::kRun:
      run_.inside = false;
      break;
    case Tag::kAttributes:
      if (html_ > 0 && name == "font") {
        SetHtmlFont({});
      }
      break;
    default:
      break;
  }
  if (properties_) {
    if (!IsMarkOfRun(name)) {
      EndProperty(name);
    }
  }
}

void OoxmlTextSink::Text(std::string_view utf8) {
  if (in_field_) {
    if (field_.size() < kMostHidden) {
      field_.append(utf8);
    }
  } else if (properties_) {
    property_text_.append(utf8);
  } else if (in_text_ > 0) {
    has_unseen_ = has_unseen_ || Unseen();
    if (!LeavesOut()) {
      flow_.SetFont(FontOfRun());
      flow_.Text(utf8);
    }
  } else if (html_ > 0 && !LeavesOut()) {
    std::string line(utf8);
    std::replace(line.begin(), line.end(), '\n', ' ');
    flow_.SetFont(FontOfRun());
    flow_.Text(line);
  }
}

std::string OoxmlTextSink::Take() {
  EndField();
  return flow_.Take();
}

void OoxmlTextSink::Attributes(std::string_view name, const XmlAttributes& attributes) {
  if (former_ > 0) {
    return;
  }
  if (name == "rFonts") {
    for (const char* key : {"ascii", "hAnsi", "cs", "eastAsia"}) {
      Font(attributes.Get(key));
    }
    SetRunFont(RunFont(attributes, gathered_->run_fonts));
  } else if (name == "rStyle") {
    run_.style = std::string(attributes.Get("val"));
  } else if (name == "pStyle") {
    run_.paragraph_style = std::string(attributes.Get("val"));
  } else if (IsAnyOf(name, {"caps", "smallCaps"})) {
    SetCapitals(IsOn(attributes.Get("val")));
  } else if (name == "rPr") {  // DrawingML
    const std::string_view cap = attributes.Get("cap");
    if (!cap.empty()) {
      SetCapitals(cap != "none");
    }
    const std::string_view size = attributes.Get("sz");  // in hundredths of a point
    run_.looks.tiny = !size.empty() && (size.size() < 3 || size == "100") ? 1 : run_.looks.tiny;
  } else if (IsAnyOf(name, {"ln", "textOutline", "noFill", "solidFill", "gradFill"})) {
    run_.looks.Take(name, attributes);
  } else if (IsAnyOf(name, {"vanish", "color", "sz", "w", "highlight", "shd"})) {
    Look(name, attributes);
  } else if (IsAnyOf(name, {"latin", "ea", "cs", "sym"}) && !attributes.Get("typeface").empty()) {
    Font(attributes.Get("typeface"));
    if (name == "latin") {
      SetRunFont(std::string(gathered_->run_fonts.OfThemeWord(attributes.Get("typeface"))));
    }
  } else if (name == "sym") {
    Font(attributes.Get("font"));
    SetRunFont(std::string(attributes.Get("font")));
    Symbol(attributes.Get("char"));
  } else if (name == "font") {
    Font(attributes.Get("name"));
    if (html_ > 0 && !attributes.Get("face").empty()) {
      Font(attributes.Get("face"));
      SetHtmlFont(attributes.Get("face"));
    }
  } else if (IsAnyOf(name, {"name", "rFont"})) {
    Font(attributes.Get("val"));
    if (name == "name") {
      Name(attributes.Get("val"));  // of a style
    }
    if (name == "rFont") {
      SetRunFont(std::string(attributes.Get("val")));
    }
  } else if (name == "sld") {
    const std::string_view show = attributes.Get("show");
    gathered_->hidden_slide = gathered_->hidden_slide || show == "0" || show == "false";
  } else if (name == "fldSimple") {
    EndField();
    field_ = std::string(attributes.Get("instr"));
    EndField();
  } else if (IsAnyOf(name, {"OLEObject", "oleObj"})) {
    gathered_->object = true;
  } else if (name == "Glyphs") {  // XPS
    flow_.Text(attributes.Get("UnicodeString"));
    flow_.EndParagraph();
  } else if (name == "textpath") {
    gathered_->watermarks += std::string(attributes.Get("string")) + "\n";
  } else {
    for (const char* key :
         {"descr", "title", "alt", "val", "tooltip", "displayText", "value", "formatCode"}) {
      const std::string_view value = attributes.Get(key);
      if (value.size() > 4 && gathered_->hidden.size() < kMostHidden &&
          (std::string_view(key) != "formatCode" || value.find('"') != std::string_view::npos)) {
        gathered_->hidden += std::string(value) + "\n";
      }
    }
    if (gathered_->hidden.size() < kMostHidden) {
      if (name == "numFmt") {
        gathered_->hidden += WordsOfNumberFormat(attributes.Get("formatCode"));
      } else if (name == "lvlText") {
        gathered_->hidden += WordsOfLevel(attributes.Get("val"));
      } else if (IsAnyOf(name, {"section", "custShow", "cSld"})) {
        gathered_->hidden += std::string(attributes.Get("name")) + "\n";
      } else {
        Name(attributes.Get("name"));
        Name(attributes.Get("id"));
      }
    }
  }
}

// What its writer called a shape, style or bookmark; '_' stands for a blank where none may be.
void OoxmlTextSink::Name(std::string_view name) {
  constexpr size_t kLongest = 1'000;
  if (name.size() < 3 || name.size() > kLongest || name[0] == '_' ||
      gathered_->hidden.size() > kMostHidden ||
      !gathered_->names.insert(std::string(name)).second) {
    return;
  }
  gathered_->hidden += std::string(name) + "\n";
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  if (words != name) {
    gathered_->hidden += words + "\n";
  }
}

// XML of makers we do not know, pivot caches, tables, tags: words stand in attributes too. Numbers,
// identifiers and addresses of schemas do not count as words.
void OoxmlTextSink::Strings(const XmlAttributes& attributes) {
  for (size_t i = 0; i < attributes.size(); ++i) {
    const std::string_view value = attributes.value(i);
    const std::string_view key = attributes.name(i);
    const bool words = !IsAscii(value) || value.find(' ') != std::string_view::npos;
    if (value.size() < 3 || gathered_->hidden.size() > kMostHidden ||
        value.find_first_not_of("0123456789-+.,:TZ{}") == std::string_view::npos ||
        value.substr(0, 4) == "http" || key.substr(0, 5) == "xmlns") {
      continue;
    }
    if (words || IsAnyOf(key, {"v", "val", "value", "name", "caption", "title", "label", "text"})) {
      gathered_->hidden += std::string(value) + "\n";
    }
  }
}

void OoxmlTextSink::Font(std::string_view font) {
  if (!font.empty() && font.size() < 200 && font[0] != '+' &&
      gathered_->fonts.size() < kMostFonts) {
    gathered_->fonts.insert(std::string(font));
  }
}

// The first counts: what follows inside a run is a tracked former state.
void OoxmlTextSink::SetRunFont(std::string font) {
  if (run_.inside && run_.font.empty()) {
    run_.font = std::move(font);
    run_.number = UINT32_MAX;
  }
}

void OoxmlTextSink::SetHtmlFont(std::string_view font) {
  run_.font = std::string(font);
  run_.number = UINT32_MAX;
}

// As for fonts, but either of two elements may say yes.
void OoxmlTextSink::SetCapitals(bool capitals) {
  if (run_.inside && run_.capitals != 1) {
    run_.capitals = capitals ? 1 : 0;
    run_.number = UINT32_MAX;
  }
}

bool OoxmlTextSink::DrawsCapitals() const {
  if (run_.capitals >= 0) {
    return run_.capitals == 1;
  }
  const OoxmlFonts& fonts = gathered_->run_fonts;
  return (!run_.style.empty() && fonts.DrawsCapitals(run_.style)) ||
         fonts.DrawsCapitals(run_.paragraph_style);
}

uint32_t OoxmlTextSink::FontOfRun() {
  if (run_.number == UINT32_MAX) {
    const OoxmlFonts& fonts = gathered_->run_fonts;
    std::string_view font = run_.font;
    if (font.empty() && !run_.style.empty()) {
      font = fonts.OfStyle(run_.style);
    }
    if (font.empty() && !run_.paragraph_style.empty()) {
      font = fonts.OfStyle(run_.paragraph_style);
    }
    if (font.empty()) {
      font = fonts.Default();
    }
    if (font.empty()) {
      font = fonts.OfThemeWord("minor");
    }
    run_.number = gathered_->marks.NumberOf(font);
    if (DrawsCapitals()) {
      run_.number = gathered_->marks.InCapitals(run_.number);
    }
  }
  return run_.number;
}

// w:sym char="F041" is a glyph of a symbol font; the low byte is what was typed.
void OoxmlTextSink::Symbol(std::string_view hex) {
  char32_t code = 0;
  for (const char c : hex.substr(0, 6)) {
    const char low = AsciiLower(c);
    const int digit = low >= '0' && low <= '9'   ? low - '0'
                      : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                 : -1;
    if (digit < 0) {
      return;
    }
    code = code * 16 + static_cast<char32_t>(digit);
  }
  if (code >= 0xf020 && code <= 0xf0ff) {
    code -= 0xf000;
  }
  if (code >= 0x20 && !LeavesOut()) {
    std::string utf8;
    AppendUtf8(code, &utf8);
    flow_.SetFont(FontOfRun());
    flow_.Text(utf8);
  }
}

// A field's code may be cut into runs, and fields may stand in fields: all up to the end that
// leaves none open would be one code, but a result between them must not hide its beginning.
void OoxmlTextSink::Field(std::string_view kind) {
  // Between "begin" and "separate" stands a code, whatever elements its words are in.
  if (kind == "begin" && codes_.size() < kDeepest) {
    codes_.push_back(true);
  } else if (kind == "separate" && !codes_.empty()) {
    codes_.back() = false;
  } else if (kind == "end" && !codes_.empty()) {
    codes_.pop_back();
  }
  if (kind == "separate" || kind == "end") {
    EndField();
  }
}

void OoxmlTextSink::EndField() {
  if (AsciiTrim(field_).empty()) {
    return;
  }
  gathered_->dde = gathered_->dde || IsDdeField(field_);
  gathered_->external = gathered_->external || IsExternalField(field_);
  if (gathered_->fields.size() < kMostHidden) {
    gathered_->fields += field_ + "\n";
    gathered_->hidden += WordsOfField(field_);
  }
  field_.clear();
}

void OoxmlTextSink::EndProperty(std::string_view name) {
  const Bytes value = AsciiTrim(property_text_);
  if (!value.empty()) {
    flow_.Text(value);
    flow_.EndParagraph();
    if (!property_.empty()) {
      flow_.Text(property_);
      flow_.Text(": ");
      flow_.Text(value);
      flow_.EndParagraph();
    }
  }
  property_text_.clear();
  if (name == "property") {
    property_.clear();
  }
}

}  // namespace gatepost::decode
