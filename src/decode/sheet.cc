// LIMITS: the text of all sheets together is bounded; a cell that repeats a long shared string pays
// for it each time.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sheet.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/formula.h"
#include "src/decode/ooxml_looks.h"
#include "src/decode/sheet_margin.h"
#include "src/decode/sheet_rows.h"

namespace gatepost::decode {

namespace {

// ST_Xstring (ECMA-376 part 1, 22.9.2.19): "_x1EC6_" is the letter U+1EC6, "_x005F_" the sign "_"
// itself. From `begin` on.
void UnescapeXstring(size_t begin, std::string* text) {
  size_t at = text->find("_x", begin);
  if (at == std::string::npos) {
    return;
  }
  constexpr size_t kLength = 7;
  std::string out = text->substr(0, at);
  while (at < text->size()) {
    char32_t code = 0;
    bool escape = text->compare(at, 2, "_x") == 0 && at + kLength <= text->size() &&
                  (*text)[at + kLength - 1] == '_';
    for (size_t i = at + 2; escape && i < at + kLength - 1; ++i) {
      const char c = AsciiLower((*text)[i]);
      const bool digit = c >= '0' && c <= '9';
      escape = digit || (c >= 'a' && c <= 'f');
      code = code * 16 + static_cast<char32_t>(digit ? c - '0' : c - 'a' + 10);
    }
    if (escape && code >= 0x20 && (code < 0xd800 || code > 0xdfff)) {
      AppendUtf8(code, &out);
      at += kLength;
    } else {
      out.push_back((*text)[at++]);
    }
  }
  *text = std::move(out);
}

size_t IndexOf(std::string_view number) {
  size_t index = 0;
  for (const char c : number.substr(0, 6)) {
    index = c >= '0' && c <= '9' ? index * 10 + static_cast<size_t>(c - '0') : SIZE_MAX / 100;
  }
  return index;
}

}  // namespace

class SheetSink : public XmlSink {
 public:
  SheetSink(SheetReader* reader, std::string* text)
      : reader_(reader), rows_(&reader->room_, text) {}

  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "si" || name == "is") {
      value_.clear();
      shown_.clear();
      has_unseen_ = false;
      run_ = Looks();
    } else if (name == "rPh") {
      phonetic_ = true;  // how a string is pronounced: no part of it, but words all the same
    } else if (name == "t") {
      in_text_ = true;
      text_begin_ = value_.size();
    } else if (name == "r") {
      run_ = Looks();
    } else if (name == "rFont") {
      FontMarks::Append(reader_->marks_->NumberOf(attributes.Get("val")), &value_);
      FontMarks::Append(reader_->marks_->NumberOf(attributes.Get("val")), &shown_);
    } else if (name == "sz" || name == "color") {
      LookOfRun(name, attributes);
    } else if (name == "c" || name == "Cell" || name == "cell") {
      kind_ = std::string(attributes.Get("t"));
      font_ =
          name == "Cell"
              ? FlatFont(attributes.Get("StyleID"))
              : reader_->marks_->NumberOf(reader_->fonts_->OfCell(IndexOf(attributes.Get("s"))));
      value_.clear();
      formula_ = std::string(attributes.Get("Formula"));
    } else if (name == "v" || name == "Data" || name == "val") {
      value_.clear();
      text_begin_ = 0;
      in_text_ = name != "val";
    } else if (name == "f" || name == "formula" || name == "formula1" || name == "formula2") {
      in_formula_ = true;
    } else if (name == "row" || name == "Row") {
      rows_.EndRow();
    } else {
      Settings(name, attributes);
    }
  }

  void End(std::string_view name) override {
    if (name == "t" || name == "v" || name == "Data") {
      in_text_ = false;
      UnescapeXstring(std::min(text_begin_, value_.size()), &value_);
      if (name == "Data") {
        rows_.AddCell(std::exchange(value_, {}), font_);
      }
    } else if (name == "rPh") {
      phonetic_ = false;
      Line(std::exchange(phonetic_text_, {}));
    } else if (name == "f") {
      in_formula_ = false;
    } else if (name == "formula" || name == "formula1" || name == "formula2") {
      in_formula_ = false;
      NoteFormula(formula_);
      if (formula_.find('"') != std::string::npos) {
        Line(formula_);
        Choices(formula_);
      }
      formula_.clear();
    } else if (name == "is") {
      AddShown();
    } else if (name == "si") {
      Line(value_);
      AddShown();
      reader_->shared_.push_back(std::exchange(value_, {}));
    } else if (name == "c" || name == "cell") {
      EndCell();
    } else if (name == "row" || name == "Row") {
      rows_.EndRow();
    } else if (in_margin_) {
      in_margin_ = false;
      reader_->AddMargin(std::exchange(margin_, {}));
    } else if (in_name_) {
      in_name_ = false;
      NoteFormula(value_);
      Line(std::exchange(value_, {}));
    } else if (in_visible_) {
      in_visible_ = false;
      NoteState(std::exchange(value_, {}));
    }
  }

  void Text(std::string_view utf8) override {
    if (in_margin_) {
      margin_.append(utf8);
    } else if (in_formula_) {
      formula_.append(utf8);
    } else if (phonetic_ && in_text_) {
      phonetic_text_.append(utf8);
    } else if (in_text_ || in_name_ || in_visible_) {
      value_.append(utf8);
      has_unseen_ = has_unseen_ || run_.unseen();
      shown_.append(run_.unseen() ? std::string_view() : utf8);
    }
  }

  void Finish() { rows_.EndRow(); }

 private:
  // Of a run within a string: a colour with its opacity, or the theme's first, which is white; the
  // size in points.
  void LookOfRun(std::string_view name, const XmlAttributes& attributes) {
    const std::string_view value = attributes.Get(name == "sz" ? "val" : "rgb");
    if (name == "sz") {
      run_.tiny = value == "1" ? 1 : 0;
    } else if ((attributes.Get("theme") == "0" && attributes.Get("tint").empty()) ||
               attributes.Get("indexed") == "9" || attributes.Get("indexed") == "1") {
      run_.ink = "FFFFFF";
    } else {
      run_.ink = std::string(value.size() == 8 ? value.substr(2) : value.substr(0, 6));
    }
  }

  // The string as a reader sees it, where it has words that one does not.
  void AddShown() {
    if (std::exchange(has_unseen_, false)) {
      UnescapeXstring(0, &shown_);
      Line(shown_);
    }
    shown_.clear();
  }

  uint32_t FlatFont(std::string_view style) const {
    const auto found = flat_fonts_.find(style);
    return found == flat_fonts_.end() ? flat_default_ : found->second;
  }

  // Of Excel 2003 XML: of a style, or within a string.
  void FlatFontOf(const XmlAttributes& attributes) {
    const uint32_t font = reader_->marks_->NumberOf(attributes.Get("FontName"));
    constexpr size_t kMostStyles = 70'000;
    if (in_text_) {
      FontMarks::Append(reader_->marks_->NumberOf(attributes.Get("Face")), &value_);
    } else if (font != 0 && flat_fonts_.size() < kMostStyles) {
      flat_fonts_[style_] = font;
      flat_default_ = style_ == "Default" ? font : flat_default_;
    }
  }

  // What is not a cell: names, messages, links, sources.
  void Settings(std::string_view name, const XmlAttributes& attributes) {
    if (name == "sheet" || name == "Worksheet" || name == "definedName" || name == "NamedRange") {
      Line(std::string(
          attributes.Get(name == "Worksheet" || name == "NamedRange" ? "Name" : "name")));
      NoteState(attributes.Get("state"));
      in_name_ = name == "definedName";
      if (in_name_) {
        Line(std::string(attributes.Get("comment")));
        NoteName(attributes.Get("name"));
      } else if (name == "NamedRange") {
        Line(std::string(attributes.Get("RefersTo")));
      }
      value_.clear();
    } else if (name == "Style") {
      style_ = std::string(attributes.Get("ID"));
    } else if (name == "Font") {
      FlatFontOf(attributes);
    } else if (name == "Header" || name == "Footer") {
      reader_->AddMargin(attributes.Get("Data"));
    } else if (name == "Visible") {
      value_.clear();
      in_visible_ = true;
    } else if (name == "ddeLink" || name == "externalReference") {
      reader_->dde_ = reader_->dde_ || name == "ddeLink";
      Line(std::string(attributes.Get("ddeService")) + " " +
           std::string(attributes.Get("ddeTopic")));
    } else if (name == "macrosheet") {
      reader_->macros_ = true;
    } else if (name == "scenario") {
      Line(std::string(attributes.Get("name")));
      Line(std::string(attributes.Get("comment")));
    } else if (name == "cfRule") {
      Line(std::string(attributes.Get("text")));
    } else if (name == "sheetName") {
      Line(std::string(attributes.Get("val")));
    } else if (name == "dataValidation" || name == "hyperlink") {
      for (const char* key :
           {"promptTitle", "prompt", "errorTitle", "error", "display", "tooltip", "location"}) {
        Line(std::string(attributes.Get(key)));
      }
      formula_.clear();
    } else if (name.size() == 9 || name.size() == 10 || name.size() == 11) {
      in_margin_ = name == "oddHeader" || name == "oddFooter" || name == "evenHeader" ||
                   name == "evenFooter" || name == "firstHeader" || name == "firstFooter";
    }
  }

  // "mot,hai,ba", what a cell lets one choose from: each stands in a line of its own.
  void Choices(std::string_view list) {
    list = AsciiTrim(list);
    if (list.size() < 2 || list.front() != '"' || list.back() != '"') {
      return;
    }
    list = list.substr(1, list.size() - 2);
    while (!list.empty()) {
      const size_t end = std::min(list.find_first_of(",;"), list.size());
      Line(std::string(AsciiTrim(list.substr(0, end))));
      list.remove_prefix(std::min(end + 1, list.size()));
    }
  }

  void NoteState(std::string_view state) {
    reader_->very_hidden_sheet_ =
        reader_->very_hidden_sheet_ || state == "veryHidden" || state == "SheetVeryHidden";
    reader_->hidden_sheet_ = reader_->hidden_sheet_ || reader_->very_hidden_sheet_ ||
                             state == "hidden" || state == "SheetHidden";
  }

  void NoteName(std::string_view name) {
    const std::string low = AsciiLower(name);
    if (low.find("auto_open") != std::string::npos || low.find("auto_close") != std::string::npos) {
      reader_->macros_ = true;
      reader_->autorun_ = true;
    }
  }

  // cmd|'/c ...'!A0 is DDE; WEBSERVICE fetches.
  void NoteFormula(const std::string& formula) {
    if (formula.find('"') != std::string::npos) {
      Line(std::string(AsciiTrim(JoinedLiterals(formula))));
    }
    reader_->dde_ = reader_->dde_ || CallsProgram(formula);
    if (formula.find("WEBSERVICE(") != std::string::npos) {
      reader_->external_ = true;
    }
  }

  void Line(const std::string& line) { rows_.Line(line); }

  void EndCell() {
    std::string value = std::exchange(value_, {});
    if (kind_ == "s") {
      size_t index = 0;
      bool number = !value.empty() && value.size() < 10;
      for (const char c : value) {
        number = number && c >= '0' && c <= '9';
        index = index * 10 + static_cast<size_t>(c - '0');
      }
      value.clear();
      if (number && index < reader_->shared_.size()) {
        value = reader_->ShortShared(index);
      }
    }
    rows_.AddCell(std::move(value), font_);
    // Formulas that start something: cmd|'/c ...'!A0, WEBSERVICE, HYPERLINK, EXEC...
    NoteFormula(formula_);
    if (formula_.find('|') != std::string::npos || formula_.find("http") != std::string::npos ||
        formula_.find("EXEC") != std::string::npos || formula_.find("CALL") != std::string::npos ||
        formula_.find('"') != std::string::npos) {
      rows_.AddCell(std::exchange(formula_, {}), 0);
    }
    formula_.clear();
    kind_.clear();
    font_ = 0;
  }

  SheetReader* reader_;
  SheetRows rows_;
  uint32_t font_ = 0;
  std::string kind_;
  std::string value_;
  std::string formula_;
  std::string margin_;
  std::string phonetic_text_;
  std::string shown_;  // as value_, without what is not seen
  bool has_unseen_ = false;
  Looks run_;
  std::map<std::string, uint32_t, std::less<>> flat_fonts_;  // by style
  uint32_t flat_default_ = 0;
  std::string style_;
  size_t text_begin_ = 0;  // in value_: where the element began
  bool in_text_ = false;
  bool in_formula_ = false;
  bool in_margin_ = false;
  bool in_name_ = false;
  bool in_visible_ = false;
  bool phonetic_ = false;
};

XmlOutcome SheetReader::Read(const std::string& /*part_name*/, Bytes xml, std::string* text) {
  SheetSink sink(this, text);
  const XmlOutcome outcome = ParseXml(xml, &sink);
  sink.Finish();
  return outcome;
}

XmlOutcome SheetReader::ReadFlat(Bytes xml, std::string* text) { return Read("", xml, text); }

void SheetReader::SetFacts(Collector* out) const {
  const std::pair<bool, const char*> facts[] = {{hidden_sheet_, "document.hidden-sheet"},
                                                {very_hidden_sheet_, "document.very-hidden-sheet"},
                                                {dde_, "document.dde"},
                                                {dde_ || external_, "document.external"},
                                                {macros_, "document.macros"},
                                                {autorun_, "document.macro-autorun"}};
  for (const auto& [is_true, name] : facts) {
    if (is_true) {
      out->SetFact(name);
    }
  }
}

void SheetReader::AddMargin(std::string_view codes) {
  margins_ += TextOfMargin(codes, marks_->NumberOf(fonts_->OfCell(0)), marks_) + "\n";
}

// Long strings stand in the list of shared strings already; a row needs its short ones.
std::string SheetReader::ShortShared(size_t index) const {
  constexpr size_t kLong = 2000;
  const std::string& shared = shared_[index];
  return shared.size() <= kLong ? shared : WithoutMarks(shared).substr(0, kLong);
}

std::string SheetReader::TakeMargins() { return std::exchange(margins_, {}); }

}  // namespace gatepost::decode
