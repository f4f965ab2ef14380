// LIMITS: the text of all sheets together is bounded; a cell that repeats a long shared string pays
// for it each time.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sheet.h"

#include <string_view>
#include <utility>

#include "src/decode/charset.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

class SheetSink : public XmlSink {
 public:
  SheetSink(SheetReader* reader, std::string* text) : reader_(reader), text_(text) {}

  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "si" || name == "is") {
      value_.clear();
    } else if (name == "rPh") {
      phonetic_ = true;  // how a string is pronounced; not shown
    } else if (name == "t") {
      in_text_ = !phonetic_;
    } else if (name == "c" || name == "Cell") {
      kind_ = std::string(attributes.Get("t"));
      value_.clear();
      formula_.clear();
    } else if (name == "v" || name == "Data") {
      value_.clear();
      in_text_ = true;
    } else if (name == "f") {
      in_formula_ = true;
    } else if (name == "row" || name == "Row") {
      EndRow();
    } else if (name == "sheet" || name == "Worksheet" || name == "definedName") {
      Line(std::string(attributes.Get(name == "Worksheet" ? "Name" : "name")));
      in_name_ = name == "definedName";
    } else if (name == "ddeLink" || name == "externalReference") {
      Line(std::string(attributes.Get("ddeService")) + " " +
           std::string(attributes.Get("ddeTopic")));
    } else if (name.size() == 9 || name.size() == 10 || name.size() == 11) {
      in_margin_ = name == "oddHeader" || name == "oddFooter" || name == "evenHeader" ||
                   name == "evenFooter" || name == "firstHeader" || name == "firstFooter";
    }
  }

  void End(std::string_view name) override {
    if (name == "t" || name == "v" || name == "Data") {
      in_text_ = false;
      if (name == "Data") {
        cells_.push_back(std::exchange(value_, {}));
      }
    } else if (name == "rPh") {
      phonetic_ = false;
    } else if (name == "f") {
      in_formula_ = false;
    } else if (name == "si") {
      Line(value_);
      reader_->shared_.push_back(std::exchange(value_, {}));
    } else if (name == "c") {
      EndCell();
    } else if (name == "row" || name == "Row") {
      EndRow();
    } else if (in_margin_) {
      in_margin_ = false;
      AddMargin();
    } else if (in_name_) {
      in_name_ = false;
      Line(std::exchange(value_, {}));
    }
  }

  void Text(std::string_view utf8) override {
    if (in_margin_) {
      margin_.append(utf8);
    } else if (in_formula_) {
      formula_.append(utf8);
    } else if (in_text_ || in_name_) {
      value_.append(utf8);
    }
  }

  void Finish() { EndRow(); }

 private:
  void Line(const std::string& line) {
    if (AsciiTrim(line).empty()) {
      return;
    }
    if (line.size() + 1 > reader_->left_) {
      reader_->cut_ = true;
      return;
    }
    reader_->left_ -= line.size() + 1;
    *text_ += line;
    text_->push_back('\n');
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
      // Long strings stand in the list of shared strings already; a row needs its short ones.
      constexpr size_t kLong = 2000;
      value = number && index < reader_->shared_.size() ? reader_->shared_[index].substr(0, kLong)
                                                        : std::string();
    }
    if (!value.empty()) {
      cells_.push_back(std::move(value));
    }
    // Formulas that start something: cmd|'/c ...'!A0, WEBSERVICE, HYPERLINK, EXEC...
    if (formula_.find('|') != std::string::npos || formula_.find("http") != std::string::npos ||
        formula_.find("EXEC") != std::string::npos || formula_.find("CALL") != std::string::npos ||
        formula_.find('"') != std::string::npos) {
      cells_.push_back(std::exchange(formula_, {}));
    }
    kind_.clear();
  }

  void EndRow() {
    if (cells_.size() > 1) {
      std::string joined;
      for (const std::string& cell : cells_) {
        joined += (joined.empty() ? "" : " | ") + cell;
      }
      Line(joined);
    }
    for (const std::string& cell : cells_) {
      // A number alone on a line tells nothing that the row did not.
      if (cells_.size() == 1 || cell.find_first_not_of("0123456789.-+E") != std::string::npos) {
        Line(cell);
      }
    }
    cells_.clear();
  }

  // "&C&\"Arial,Bold\"&12MAT" : codes start with '&'.
  void AddMargin() {
    std::string plain;
    for (size_t i = 0; i < margin_.size(); ++i) {
      if (margin_[i] != '&' || i + 1 >= margin_.size()) {
        plain.push_back(margin_[i]);
        continue;
      }
      ++i;
      const char code = margin_[i];
      if (code == '&') {
        plain.push_back('&');
      } else if (code == '"') {
        const size_t end = margin_.find('"', i + 1);
        i = end == std::string::npos ? margin_.size() : end;
      } else if (code == 'L' || code == 'C' || code == 'R') {
        plain.push_back('\n');
      } else if (code >= '0' && code <= '9') {
        while (i + 1 < margin_.size() && margin_[i + 1] >= '0' && margin_[i + 1] <= '9') {
          ++i;
        }
      }
    }
    reader_->margins_ += plain + "\n";
    margin_.clear();
  }

  SheetReader* reader_;
  std::string* text_;
  std::vector<std::string> cells_;
  std::string kind_;
  std::string value_;
  std::string formula_;
  std::string margin_;
  bool in_text_ = false;
  bool in_formula_ = false;
  bool in_margin_ = false;
  bool in_name_ = false;
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
    const LittleEndian record(in.Slice(at, length));
    at += length;
    uint64_t string_at = 0;
    switch (type) {
      case 19:
        string_at = 1;
        break;  // BrtSSTItem: flags, string
      case 6:
        string_at = 8;
        break;  // BrtCellSt
      case 8:
        string_at = 8;
        break;     // BrtFmlaString
      case 156: {  // BrtBundleSh: two words, relation id, name
        string_at = 8;
        const uint32_t id = record.U32(8);
        string_at = 12 + (id == UINT32_MAX ? 0 : 2ULL * id);
        break;
      }
      default:
        continue;
    }
    const std::string line =
        Utf16LeToUtf8(record.Slice(string_at + 4, 2ULL * record.U32(string_at)));
    if (line.size() + 1 > left_) {
      cut_ = true;
      return;
    }
    if (!line.empty()) {
      left_ -= line.size() + 1;
      *text += line + "\n";
    }
  }
}

std::string SheetReader::TakeMargins() { return std::exchange(margins_, {}); }

}  // namespace gatepost::decode
