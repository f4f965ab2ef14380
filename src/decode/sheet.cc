// LIMITS: the text of all sheets together is bounded; a cell that repeats a long shared string pays
// for it each time.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sheet.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/reader.h"
#include "src/decode/sheet_margin.h"

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

}  // namespace

class SheetSink : public XmlSink {
 public:
  SheetSink(SheetReader* reader, std::string* text) : reader_(reader), text_(text) {}

  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "si" || name == "is") {
      value_.clear();
    } else if (name == "rPh") {
      phonetic_ = true;  // how a string is pronounced: no part of it, but words all the same
    } else if (name == "t") {
      in_text_ = true;
      text_begin_ = value_.size();
    } else if (name == "rFont") {
      FontMarks::Append(reader_->marks_->NumberOf(attributes.Get("val")), &value_);
    } else if (name == "c" || name == "Cell" || name == "cell") {
      kind_ = std::string(attributes.Get("t"));
      font_ = reader_->marks_->NumberOf(reader_->fonts_->OfCell(attributes.Get("s")));
      value_.clear();
      formula_ = std::string(attributes.Get("Formula"));
    } else if (name == "v" || name == "Data" || name == "val") {
      value_.clear();
      text_begin_ = 0;
      in_text_ = name != "val";
    } else if (name == "f" || name == "formula" || name == "formula1" || name == "formula2") {
      in_formula_ = true;
    } else if (name == "row" || name == "Row") {
      EndRow();
    } else {
      Settings(name, attributes);
    }
  }

  void End(std::string_view name) override {
    if (name == "t" || name == "v" || name == "Data") {
      in_text_ = false;
      UnescapeXstring(std::min(text_begin_, value_.size()), &value_);
      if (name == "Data") {
        AddCell(std::exchange(value_, {}), 0);
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
      }
      formula_.clear();
    } else if (name == "si") {
      Line(value_);
      reader_->shared_.push_back(std::exchange(value_, {}));
    } else if (name == "c" || name == "cell") {
      EndCell();
    } else if (name == "row" || name == "Row") {
      EndRow();
    } else if (in_margin_) {
      in_margin_ = false;
      AddMargin();
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
    }
  }

  void Finish() { EndRow(); }

 private:
  struct Cell {
    std::string text;
    bool number = false;
  };

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
    } else if (name == "Visible") {
      value_.clear();
      in_visible_ = true;
    } else if (name == "ddeLink" || name == "externalReference") {
      reader_->dde_ = reader_->dde_ || name == "ddeLink";
      Line(std::string(attributes.Get("ddeService")) + " " +
           std::string(attributes.Get("ddeTopic")));
    } else if (name == "oleLink") {
      reader_->external_ = true;
    } else if (name == "macrosheet") {
      reader_->macros_ = true;
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
    const size_t bar = formula.find('|');
    if (bar != std::string::npos && bar > 0 && formula.find('!', bar) != std::string::npos &&
        formula.find('"') > bar) {
      reader_->dde_ = true;
    }
    if (formula.find("WEBSERVICE(") != std::string::npos) {
      reader_->external_ = true;
    }
  }

  void Line(const std::string& line) {
    if (IsBlankBesidesMarks(line)) {
      return;
    }
    if (line.size() + 1 > reader_->left_) {
      reader_->cut_ = true;
      return;
    }
    reader_->left_ -= line.size() + 1;
    if (marked_) {
      FontMarks::Append(0, text_);
      marked_ = false;
    }
    marked_ = line.find('\xff') != std::string::npos;
    *text_ += line;
    text_->push_back('\n');
  }

  void AddCell(std::string text, uint32_t font) {
    if (text.empty()) {
      return;
    }
    Cell cell;
    cell.number = text.find_first_not_of("0123456789.-+E") == std::string::npos;
    if (!cell.number && (font != 0 || (!cells_.empty() && marks_in_row_))) {
      FontMarks::Append(font, &cell.text);
      marks_in_row_ = true;
    }
    cell.text += text;
    cells_.push_back(std::move(cell));
  }

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
        // Long strings stand in the list of shared strings already; a row needs its short ones.
        constexpr size_t kLong = 2000;
        const std::string& shared = reader_->shared_[index];
        value = shared.size() <= kLong ? shared : WithoutMarks(shared).substr(0, kLong);
      }
    }
    AddCell(std::move(value), font_);
    // Formulas that start something: cmd|'/c ...'!A0, WEBSERVICE, HYPERLINK, EXEC...
    NoteFormula(formula_);
    if (formula_.find('|') != std::string::npos || formula_.find("http") != std::string::npos ||
        formula_.find("EXEC") != std::string::npos || formula_.find("CALL") != std::string::npos ||
        formula_.find('"') != std::string::npos) {
      AddCell(std::exchange(formula_, {}), 0);
    }
    formula_.clear();
    kind_.clear();
    font_ = 0;
  }

  void EndRow() {
    if (cells_.size() > 1) {
      std::string joined;
      for (const Cell& cell : cells_) {
        joined += (joined.empty() ? "" : " | ") + cell.text;
      }
      Line(joined);
    }
    for (const Cell& cell : cells_) {
      // A number alone on a line tells nothing that the row did not.
      if (cells_.size() == 1 || !cell.number) {
        Line(cell.text);
      }
    }
    cells_.clear();
    marks_in_row_ = false;
  }

  void AddMargin() {
    const uint32_t normal = reader_->marks_->NumberOf(reader_->fonts_->OfCell("0"));
    reader_->margins_ += TextOfMargin(margin_, normal, reader_->marks_) + "\n";
    margin_.clear();
  }

  SheetReader* reader_;
  std::string* text_;
  std::vector<Cell> cells_;
  uint32_t font_ = 0;
  bool marks_in_row_ = false;
  bool marked_ = false;
  std::string kind_;
  std::string value_;
  std::string formula_;
  std::string margin_;
  std::string phonetic_text_;
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

void SheetReader::ReadBinary(Bytes part, std::string* text) {
  const LittleEndian in(part);
  uint64_t at = 0;
  // Record: type and length, each in 7-bit groups (MS-XLSB 2.1.4).
  const auto number = [&in, &at](int groups) {
    uint32_t value = 0;
    for (int i = 0; i < groups; ++i) {
      const uint32_t byte = in.U8(at++);
      value |= (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) {
        break;
      }
    }
    return value;
  };
  while (at < part.size()) {
    const uint32_t type = number(2);
    const uint32_t length = number(4);
    BinaryRecord(type, in.Slice(at, length), text);
    at += length;
  }
}

// Records of MS-XLSB 2.4 that hold strings: XLWideString is a count and UTF-16.
void SheetReader::BinaryRecord(uint32_t type, Bytes data, std::string* text) {
  const LittleEndian record(data);
  uint64_t at = 0;
  int strings = 1;
  switch (type) {
    case 19:   // BrtSSTItem: flags, string
    case 637:  // BrtCommentText
      at = 1;
      break;
    case 6:  // BrtCellSt
    case 8:  // BrtFmlaString
      at = 8;
      break;
    case 39:  // BrtName
      at = 9;
      break;
    case 64:  // BrtDVal
      at = 8 + 16ULL * record.U32(4);
      strings = 4;
      break;
    case 156: {  // BrtBundleSh: state, number, relation id, name
      very_hidden_sheet_ = very_hidden_sheet_ || record.U32(0) == 2;
      hidden_sheet_ = hidden_sheet_ || record.U32(0) == 1 || record.U32(0) == 2;
      const uint32_t id = record.U32(8);
      at = 12 + (id == UINT32_MAX ? 0 : 2ULL * id);
      break;
    }
    case 360:  // BrtBeginSupBook: kind, two strings
      dde_ = dde_ || record.U16(0) == 1;
      external_ = external_ || record.U16(0) == 2;
      at = 2;
      strings = 2;
      break;
    case 479:  // BrtBeginHeaderFooter
      at = 2;
      strings = 6;
      break;
    case 494:  // BrtHLink: range, relation id, location, tip, display
      at = 16;
      strings = 4;
      break;
    default:
      return;
  }
  for (int i = 0; i < strings && at + 4 <= data.size(); ++i) {
    const uint32_t count = record.U32(at);
    at += 4;
    if (count == UINT32_MAX) {
      continue;  // a null string
    }
    const std::string line = Utf16LeToUtf8(record.Slice(at, 2ULL * count));
    at += 2ULL * count;
    if (line.size() + 1 > left_) {
      cut_ = true;
      return;
    }
    if (AsciiLower(line).find("auto_open") != std::string::npos) {
      macros_ = true;
      autorun_ = true;
    }
    if (!line.empty()) {
      left_ -= line.size() + 1;
      *text += line + "\n";
    }
  }
}

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

std::string SheetReader::TakeMargins() { return std::exchange(margins_, {}); }

}  // namespace gatepost::decode
