// RTF 1.9: our own tokenizer, because obfuscated RTF is written for the gaps between readers. Text,
// headers, shape text, field codes, font names, and embedded objects as leaves.
// LIMITS: 1,000 open groups, deeper ones share their parent's state; fonts 2,000.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/openers.h"

namespace gatepost::decode {

namespace {

constexpr size_t kGroups = 1000;
constexpr size_t kMostFonts = 2000;

// Where the characters of a group go.
enum class Target : uint8_t {
  kBody,
  kSilent,
  kFonts,
  kMargin,
  kInfo,
  kField,
  kTemplate,
  kShape,
  kObject
};

struct Group {
  Target target = Target::kBody;
  int code_page = 1252;
  int skip_after_unicode = 1;  // \uc
  bool starred = false;        // "\*" was seen, the next word names an optional destination
};

int CodePageOfCharset(int charset) {
  switch (charset) {
    case 77:
      return 10000;
    case 128:
      return 932;
    case 129:
      return 949;
    case 134:
      return 936;
    case 136:
      return 950;
    case 161:
      return 1253;
    case 162:
      return 1254;
    case 163:
      return 1258;
    case 177:
      return 1255;
    case 178:
      return 1256;
    case 186:
      return 1257;
    case 204:
      return 1251;
    case 222:
      return 874;
    case 238:
      return 1250;
    default:
      return 0;  // as the document
  }
}

int HexValue(char c) {
  const char low = AsciiLower(c);
  return low >= '0' && low <= '9' ? low - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

struct Destination {
  std::string_view word;
  Target target;
};

constexpr std::array<Destination, 45> kDestinations = {{
    {"fonttbl", Target::kFonts},
    {"colortbl", Target::kSilent},
    {"stylesheet", Target::kSilent},
    {"pict", Target::kSilent},
    {"info", Target::kSilent},
    {"title", Target::kInfo},
    {"subject", Target::kInfo},
    {"author", Target::kInfo},
    {"manager", Target::kInfo},
    {"company", Target::kInfo},
    {"operator", Target::kInfo},
    {"category", Target::kInfo},
    {"keywords", Target::kInfo},
    {"comment", Target::kInfo},
    {"doccomm", Target::kInfo},
    {"hlinkbase", Target::kInfo},
    {"propname", Target::kInfo},
    {"staticval", Target::kInfo},
    {"docvar", Target::kInfo},
    {"template", Target::kTemplate},
    {"header", Target::kMargin},
    {"headerl", Target::kMargin},
    {"headerr", Target::kMargin},
    {"headerf", Target::kMargin},
    {"footer", Target::kMargin},
    {"footerl", Target::kMargin},
    {"footerr", Target::kMargin},
    {"footerf", Target::kMargin},
    {"footnote", Target::kBody},
    {"annotation", Target::kBody},
    {"shptxt", Target::kBody},
    {"ud", Target::kBody},
    {"fldrslt", Target::kBody},
    {"result", Target::kBody},
    {"nonesttables", Target::kSilent},
    {"shpinst", Target::kSilent},
    {"fldinst", Target::kField},
    {"objdata", Target::kObject},
    {"objclass", Target::kField},
    {"sv", Target::kShape},
    {"sn", Target::kSilent},
    {"sp", Target::kSilent},
    {"pntext", Target::kBody},
    {"listtext", Target::kBody},
    {"nesttableprops", Target::kSilent},
}};

class RtfReader {
 public:
  explicit RtfReader(Bytes rtf) : rtf_(rtf) { groups_.emplace_back(); }

  void Run() {
    while (at_ < rtf_.size()) {
      const char c = rtf_[at_];
      if (c == '{') {
        ++at_;
        Flush();
        OpenGroup();
      } else if (c == '}') {
        ++at_;
        Flush();
        CloseGroup();
      } else if (c == '\\') {
        ++at_;
        Control();
      } else {
        ++at_;
        if (c != '\r' && c != '\n') {
          Character(c);
        }
      }
    }
    Flush();
    EndObject();
  }

  std::string body, margin, info, field, attached, shape, fonts;
  std::vector<std::string> objects;

 private:
  Group& group() { return groups_.back(); }

  void OpenGroup() {
    if (groups_.size() >= kGroups) {
      ++too_deep_;
      return;
    }
    groups_.push_back(groups_.back());
    groups_.back().starred = false;
  }

  void CloseGroup() {
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    const Target target = group().target;
    if (groups_.size() > 1) {
      groups_.pop_back();
    }
    if (target != group().target) {
      if (target == Target::kObject) {
        EndObject();
      } else if (std::string* out = Output(target)) {
        EndLine(out);
        if (target == Target::kShape) {
          DropNumbers();
        }
      }
    }
  }

  // Most values of a shape are numbers; words are what is drawn (a watermark) or described.
  void DropNumbers() {
    const size_t end = shape.empty() ? 0 : shape.size() - 1;
    size_t line = end == 0 ? std::string::npos : shape.rfind('\n', end - 1);
    line = line == std::string::npos ? 0 : line + 1;
    if (shape.find_first_not_of("0123456789-;,() \n", line) == std::string::npos) {
      shape.resize(line);
    }
  }

  static void EndLine(std::string* out) {
    if (!out->empty() && out->back() != '\n') {
      out->push_back('\n');
    }
  }

  std::string* Output(Target target) {
    switch (target) {
      case Target::kBody:
        return &body;
      case Target::kMargin:
        return &margin;
      case Target::kInfo:
        return &info;
      case Target::kField:
        return &field;
      case Target::kTemplate:
        return &attached;
      case Target::kShape:
        return &shape;
      case Target::kFonts:
        return &fonts;
      default:
        return nullptr;
    }
  }

  void Character(char c) {
    if (skip_ > 0) {
      --skip_;  // the replacement for readers without Unicode
      return;
    }
    if (group().target == Target::kObject) {
      ObjectDigit(c);
      return;
    }
    pending_.push_back(c);
    // A closing ';' ends a font's name.
    if (group().target == Target::kFonts && c == ';') {
      pending_.pop_back();
      Flush();
      EndLine(&fonts);
    }
  }

  void ObjectDigit(char c) {
    const int value = HexValue(c);
    if (value < 0) {
      return;
    }
    if (half_ < 0) {
      half_ = value;
    } else {
      object_.push_back(static_cast<char>(half_ << 4 | value));
      half_ = -1;
    }
  }

  void EndObject() {
    if (!object_.empty()) {
      objects.push_back(std::exchange(object_, {}));
    }
    half_ = -1;
  }

  // Runs of bytes in one code page are converted together: double-byte pages need it.
  void Flush() {
    if (pending_.empty()) {
      return;
    }
    if (std::string* out = Output(group().target)) {
      *out += CodePageToUtf8(group().code_page, pending_);
    }
    pending_.clear();
  }

  void Put(std::string_view utf8) {
    Flush();
    if (std::string* out = Output(group().target)) {
      out->append(utf8);
    }
  }

  void Control() {
    if (at_ >= rtf_.size()) {
      return;
    }
    const char c = rtf_[at_];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      ControlWord();
      return;
    }
    ++at_;
    switch (c) {
      case '\'': {
        int value = 0;
        for (int i = 0; i < 2 && at_ < rtf_.size() && HexValue(rtf_[at_]) >= 0; ++i, ++at_) {
          value = value << 4 | HexValue(rtf_[at_]);
        }
        // In object data a hexadecimal escape is not a digit of the object.
        if (group().target != Target::kObject) {
          Character(static_cast<char>(value));
        }
        break;
      }
      case '*':
        group().starred = true;
        break;
      case '~':
        Put("\xc2\xa0");
        break;
      case '_':
        Put("-");
        break;
      case '\\':
      case '{':
      case '}':
        Character(c);
        break;
      case '\r':
      case '\n':
        Put("\n");
        break;
      default:
        break;  // "\-" is an optional hyphen; unknown symbols show nothing
    }
  }

  void ControlWord() {
    const size_t begin = at_;
    while (at_ < rtf_.size() &&
           ((rtf_[at_] >= 'a' && rtf_[at_] <= 'z') || (rtf_[at_] >= 'A' && rtf_[at_] <= 'Z'))) {
      ++at_;
    }
    const std::string_view word = rtf_.substr(begin, at_ - begin);
    bool negative = false;
    bool has_number = false;
    int64_t number = 0;
    if (at_ + 1 < rtf_.size() && rtf_[at_] == '-' && rtf_[at_ + 1] >= '0' && rtf_[at_ + 1] <= '9') {
      negative = true;
      ++at_;
    }
    while (at_ < rtf_.size() && rtf_[at_] >= '0' && rtf_[at_] <= '9') {
      has_number = true;
      if (number < INT32_MAX) {
        number = number * 10 + (rtf_[at_] - '0');
      }
      ++at_;
    }
    if (at_ < rtf_.size() && rtf_[at_] == ' ') {
      ++at_;
    }
    Apply(word, negative ? -number : number, has_number);
  }

  void Apply(std::string_view word, int64_t number, bool has_number) {
    if (word == "u") {
      Unicode(number);
      return;
    }
    if (word == "bin") {
      const uint64_t length = number > 0 ? static_cast<uint64_t>(number) : 0;
      const size_t left = rtf_.size() - at_;
      const size_t take = static_cast<size_t>(length < left ? length : left);
      if (group().target == Target::kObject) {
        object_.append(rtf_.substr(at_, take));
      }
      at_ += take;
      return;
    }
    if (skip_ > 0) {
      --skip_;
    }
    if (word == "par" || word == "line" || word == "sect" || word == "page" || word == "lbr" ||
        word == "column") {
      Put("\n");
    } else if (word == "cell" || word == "nestcell") {
      Flush();
      EndCell();
    } else if (word == "row" || word == "nestrow") {
      Flush();
      EndRow();
    } else if (word == "trowd") {
      Flush();
      cell_mark_ = cells_.empty() ? body.size() : cell_mark_;
    } else if (word == "tab") {
      Put("\t");
    } else if (word == "emdash" || word == "endash") {
      Put("-");
    } else if (word == "lquote" || word == "rquote") {
      Put("'");
    } else if (word == "ldblquote" || word == "rdblquote") {
      Put("\"");
    } else if (word == "bullet") {
      Put("*");
    } else if (word == "emspace" || word == "enspace" || word == "qmspace") {
      Put(" ");
    } else if (word == "uc") {
      group().skip_after_unicode = number >= 0 && number < 16 ? static_cast<int>(number) : 1;
    } else if (word == "ansicpg" || word == "cpg") {
      Flush();
      SetCodePage(static_cast<int>(number));
    } else if (word == "mac") {
      SetCodePage(10000);
    } else if (word == "pc") {
      SetCodePage(437);
    } else if (word == "pca") {
      SetCodePage(850);
    } else if (word == "f" || word == "af") {
      Flush();
      Font(number, has_number);
    } else if (word == "fcharset") {
      Flush();
      if (font_pages_.size() < kMostFonts) {
        font_pages_[font_] = CodePageOfCharset(static_cast<int>(number));
      }
    } else if (word == "plain") {
      Flush();
      group().code_page = document_page_;
    } else {
      Destinations(word);
    }
  }

  void Destinations(std::string_view word) {
    for (const Destination& destination : kDestinations) {
      if (destination.word == word) {
        Flush();
        // What stands in a picture or in object data is never text again.
        if (group().target != Target::kObject) {
          group().target = destination.target;
        }
        group().starred = false;
        return;
      }
    }
    if (group().starred) {
      Flush();
      group().starred = false;
      if (group().target != Target::kObject) {
        group().target = Target::kSilent;  // an optional destination that is not known
      }
    }
  }

  void SetCodePage(int page) {
    group().code_page = page;
    if (group().target == Target::kFonts) {
      font_pages_[font_] = page;
    } else {
      document_page_ = page;
      // Groups that are open already inherit it: the word stands near the beginning.
      for (Group& open : groups_) {
        open.code_page = page;
      }
    }
  }

  void Font(int64_t number, bool has_number) {
    if (!has_number) {
      return;
    }
    font_ = number;
    const auto found = font_pages_.find(number);
    const int page = found == font_pages_.end() ? 0 : found->second;
    group().code_page = page == 0 ? document_page_ : page;
  }

  void Unicode(int64_t number) {
    Flush();
    const auto unit = static_cast<char32_t>(number < 0 ? number + 65536 : number) & 0xffff;
    if (unit >= 0xd800 && unit < 0xdc00) {
      high_ = unit;
    } else if (unit >= 0xdc00 && unit < 0xe000 && high_ != 0) {
      std::string utf8;
      AppendUtf8(0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00), &utf8);
      Put(utf8);
      high_ = 0;
    } else if (unit != 0) {
      std::string utf8;
      // Symbol fonts put their bytes at F020 to F0FF.
      AppendUtf8(unit >= 0xf020 && unit <= 0xf0ff ? unit - 0xf000 : unit, &utf8);
      Put(utf8);
      high_ = 0;
    }
    skip_ = group().skip_after_unicode;
  }

  void EndCell() {
    EndLine(&body);
    if (group().target == Target::kBody && cell_mark_ <= body.size()) {
      cells_.push_back(body.substr(cell_mark_));
      cell_mark_ = body.size();
    }
  }

  void EndRow() {
    std::string joined;
    size_t filled = 0;
    for (std::string& cell : cells_) {
      std::string line(AsciiTrim(cell));
      for (char& c : line) {
        c = c == '\n' ? ' ' : c;
      }
      filled += line.empty() ? 0 : 1;
      joined += (joined.empty() ? "" : " | ") + line;
    }
    if (filled > 1) {
      body += joined + "\n";
    }
    cells_.clear();
    cell_mark_ = body.size();
  }

  Bytes rtf_;
  size_t at_ = 0;
  std::vector<Group> groups_;
  size_t too_deep_ = 0;
  std::string pending_;
  int skip_ = 0;
  char32_t high_ = 0;
  int document_page_ = 1252;
  int64_t font_ = 0;
  std::map<int64_t, int> font_pages_;
  std::string object_;
  int half_ = -1;
  size_t cell_mark_ = 0;
  std::vector<std::string> cells_;
};

}  // namespace

void OpenRtf(size_t leaf, Collector* out) {
  const Bytes rtf = out->leaf(leaf).bytes;
  RtfReader reader(rtf);
  reader.Run();
  out->AddText(leaf, "attachment", "", std::move(reader.body));
  out->AddText(leaf, "header-footer", "", reader.margin + reader.shape);
  out->AddText(leaf, "docprops", "", std::move(reader.info));
  out->AddText(leaf, "fonts", "", std::move(reader.fonts));
  const std::string field = AsciiLower(reader.field);
  if (field.find("includetext") != std::string::npos ||
      field.find("ddeauto") != std::string::npos ||
      reader.attached.find("://") != std::string::npos ||
      reader.attached.find("\\\\") != std::string::npos) {
    out->SetFact("document.external");
  }
  out->AddText(leaf, "rels", "", reader.field + reader.attached);
  for (std::string& object : reader.objects) {
    const std::string path = out->leaf(leaf).path + "/object";
    if (!out->TakeMember(path)) {
      return;
    }
    if (object.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, path);
      return;
    }
    const Bytes kept = out->Keep(std::move(object));
    // OLE 1.0 wraps the compound file in a small header of its own.
    const size_t compound = kept.find(Bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8));
    std::string name;
    Bytes data;
    const size_t package = kept.substr(0, 64).find(Bytes("Package\0", 8));
    if (compound == Bytes::npos && package != Bytes::npos &&
        ReadPackage(kept.substr(std::min(kept.size(), package + 20)), &name, &data)) {
      out->AddMember(leaf, name.empty() ? "object" : name, data);
      continue;
    }
    out->AddMember(leaf, "object", compound == Bytes::npos ? kept : kept.substr(compound));
  }
}

}  // namespace gatepost::decode
