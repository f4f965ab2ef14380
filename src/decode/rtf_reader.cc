// LIMITS: 1,000 open groups, deeper ones share their parent's state; fonts 2,000.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/rtf_reader.h"

#include <utility>

#include "src/base/hex.h"
#include "src/base/utf8.h"
#include "src/decode/charset.h"

namespace gatepost::decode {

namespace {

constexpr size_t kGroups = 1000;
constexpr size_t kMostFonts = 2000;

}  // namespace

void RtfReader::Run() {
  while (at_ < rtf_.size()) {
    const char c = rtf_[at_];
    if (c == '{') {
      ++at_;
      Flush();
      skip_ = 0;
      OpenGroup();
    } else if (c == '}') {
      ++at_;
      Flush();
      skip_ = 0;
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
  EndObject(group().target);
  if (!notes_.empty()) {
    EndLine(&body);
    body += notes_;
  }
}

void RtfReader::OpenGroup() {
  plain_object_ = plain_object_ && !InData();
  if (groups_.size() >= kGroups) {
    ++too_deep_;
    return;
  }
  groups_.push_back(groups_.back());
  groups_.back().starred = false;
}

void RtfReader::CloseGroup() {
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  const RtfTarget target = group().target;
  if (groups_.size() > 1) {
    groups_.pop_back();
  }
  if (target != group().target) {
    if (target == RtfTarget::kObject || target == RtfTarget::kPicture) {
      EndObject(target);
    } else if (target == RtfTarget::kHtmlTag) {
      return;  // a tag ends no line
    } else if (std::string* out = Output(target)) {
      EndLine(out);
      if (target == RtfTarget::kShape) {
        DropNumbers();
      }
    }
  }
}

void RtfReader::DropNumbers() {
  if (shape.find_first_not_of("0123456789-;,() \n", shape_end_) == std::string::npos) {
    shape.resize(shape_end_);
  }
  shape_end_ = shape.size();
}

void RtfReader::EndLine(std::string* out) {
  if (!out->empty() && out->back() != '\n') {
    out->push_back('\n');
  }
}

std::string* RtfReader::Output(RtfTarget target) {
  switch (target) {
    case RtfTarget::kBody:
    case RtfTarget::kHtmlTag:
      return &body;
    case RtfTarget::kNote:
      return &notes_;
    case RtfTarget::kMargin:
      return &margin;
    case RtfTarget::kInfo:
      return &info;
    case RtfTarget::kField:
      return &field;
    case RtfTarget::kTemplate:
      return &attached;
    case RtfTarget::kShape:
      return &shape;
    case RtfTarget::kFonts:
      return &fonts;
    default:
      return nullptr;
  }
}

void RtfReader::Character(char c) {
  if (skip_ > 0) {
    --skip_;  // the replacement for readers without Unicode
    return;
  }
  if (InData()) {
    ObjectDigit(c);
    return;
  }
  if (group().target == RtfTarget::kColors) {
    Color(";", c == ';' ? 1 : 0);
    return;
  }
  pending_.push_back(c);
  // A closing ';' ends a font's name.
  if (group().target == RtfTarget::kFonts && c == ';') {
    pending_.pop_back();
    const size_t begin = fonts.size();
    Flush();
    NameFont(std::string_view(fonts).substr(begin));
    EndLine(&fonts);
  }
}

void RtfReader::ObjectDigit(char c) {
  const int value = HexValue(c);
  if (value < 0) {
    plain_object_ = plain_object_ && (c == ' ' || c == '\t');
    return;
  }
  if (half_ < 0) {
    half_ = value;
  } else {
    object_.push_back(static_cast<char>(half_ << 4 | value));
    half_ = -1;
  }
}

void RtfReader::EndObject(RtfTarget target) {
  if (!object_.empty()) {
    if (target == RtfTarget::kObject) {
      plain_objects.push_back(plain_object_ && half_ < 0);
    }
    (target == RtfTarget::kObject ? objects : pictures).push_back(std::exchange(object_, {}));
  }
  half_ = -1;
  plain_object_ = false;
}

void RtfReader::Flush() {
  if (pending_.empty()) {
    return;
  }
  std::string* const out = Unseen() ? nullptr : Output(group().target);
  if (out != nullptr) {
    Mark(group().target, out);
    *out += CodePageToUtf8(group().code_page, pending_);
  }
  pending_.clear();
}

void RtfReader::Put(std::string_view utf8) {
  Flush();
  std::string* const out = Unseen() ? nullptr : Output(group().target);
  if (out != nullptr) {
    if (utf8 != "\n") {
      Mark(group().target, out);
    }
    out->append(utf8);
  }
}

void RtfReader::Mark(RtfTarget target, std::string* out) {
  const bool running =
      reading_ != RtfReading::kHtml &&
      (target == RtfTarget::kBody || target == RtfTarget::kMargin || target == RtfTarget::kNote);
  const uint32_t number = group().capitals ? marks.InCapitals(group().font) : group().font;
  if (running && (marked_in_ != out || marked_ != number)) {
    FontMarks::Append(number, out);
    marked_in_ = out;
    marked_ = number;
  }
}

void RtfReader::NameFont(std::string_view name) {
  while (!name.empty() && (name.back() == '\n' || name.back() == ' ')) {
    name.remove_suffix(1);
  }
  while (!name.empty() && (name.front() == '\n' || name.front() == ' ')) {
    name.remove_prefix(1);
  }
  if (font_names_.size() < kMostFonts && !name.empty()) {
    font_names_[font_] = marks.NumberOf(name);
    // What these fonts are typed in has nothing to do with the character set they claim.
    if (AsciiStartsWithIgnoreCase(name, ".vn") || AsciiStartsWithIgnoreCase(name, "vni-")) {
      font_pages_[font_] = 1252;
    }
    UseDefaultFont();
  }
}

// \deff comes before the fonts have names: text that names no font is in it.
void RtfReader::UseDefaultFont() {
  if (font_ != default_font_) {
    return;
  }
  const auto page = font_pages_.find(font_);
  for (Group& one : groups_) {
    if (one.by_default) {
      one.font = font_names_[font_];
      one.code_page = page == font_pages_.end() || page->second == 0 ? one.code_page : page->second;
    }
  }
}

void RtfReader::Control() {
  plain_object_ = plain_object_ && !InData();
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
      if (!InData()) {
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

void RtfReader::ControlWord() {
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

void RtfReader::Apply(std::string_view word, int64_t number, bool has_number) {
  if (word == "u") {
    Unicode(number);
    return;
  }
  if (word == "bin") {
    const uint64_t length = number > 0 ? static_cast<uint64_t>(number) : 0;
    const size_t left = rtf_.size() - at_;
    const bool object = group().target == RtfTarget::kObject;
    // More bytes than there are: a lie that would hide the rest of the file from us only.
    const size_t take = length <= left ? static_cast<size_t>(length) : object ? left : 0;
    if (InData()) {
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
    marked_in_ = nullptr;
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
      font_pages_[font_] = RtfCodePage(static_cast<int>(number));
    }
  } else if (word == "deff") {
    default_font_ = number;
    group().by_default = true;
  } else if (word == "plain") {
    Flush();
    group().capitals = false;
    group().hidden = false;
    group().deleted = false;
    group().white = false;
    group().on_color = false;
    group().tiny = false;
    Font(default_font_, true);
  } else if (word == "caps" || word == "scaps") {
    Flush();
    group().capitals = !has_number || number != 0;
  } else if (Looks(word, number, has_number)) {
    return;
  } else if (word == "objupdate") {
    object_update = true;
  } else if (word == "htmlrtf") {
    Flush();
    group().html_rtf = !has_number || number != 0;
  } else if (word == "fromhtml") {
    from_html = true;
  } else if (word == "objlink" || word == "objautlink") {
    linked = true;
  } else {
    Destinations(word);
  }
}

void RtfReader::Destinations(std::string_view word) {
  RtfTarget target = RtfTarget::kSilent;
  if (word == "htmltag" && reading_ == RtfReading::kHtml) {
    Flush();
    group().starred = false;
    group().target = InData() ? group().target : RtfTarget::kHtmlTag;
    return;
  }
  if (RtfDestination(word, &target)) {
    Flush();
    object_data = object_data || word == "objdata";
    plain_object_ = word == "objdata" && group().starred && !InData() && object_.empty();
    // What stands in a picture or in object data is never text again.
    // A box that hangs on the middle of a line stands behind the text, so that it cuts no word.
    if (word == "shptxt" && (body.empty() || body.back() == '\n')) {
      target = RtfTarget::kBody;
    }
    const bool running = target == RtfTarget::kBody || target == RtfTarget::kNote;
    const bool stays =
        group().target == RtfTarget::kObject ||
        (running && (group().target == RtfTarget::kMargin || group().target == RtfTarget::kNote));
    if (!stays) {
      group().target = target;
    }
    group().starred = false;
    return;
  }
  if (group().starred) {
    Flush();
    group().starred = false;
    if (group().target != RtfTarget::kObject) {
      group().target = RtfTarget::kSilent;  // an optional destination that is not known
    }
  }
}

void RtfReader::SetCodePage(int page) {
  group().code_page = page;
  if (group().target == RtfTarget::kFonts) {
    font_pages_[font_] = page;
  } else {
    document_page_ = page;
    // Groups that are open already inherit it: the word stands near the beginning.
    for (Group& open : groups_) {
      open.code_page = page;
    }
  }
}

void RtfReader::Font(int64_t number, bool has_number) {
  if (!has_number) {
    return;
  }
  font_ = number;
  group().by_default = false;
  const auto found = font_pages_.find(number);
  const int page = found == font_pages_.end() ? 0 : found->second;
  group().code_page = page == 0 ? document_page_ : page;
  const auto name = font_names_.find(number);
  group().font = name == font_names_.end() ? 0 : name->second;
}

void RtfReader::Unicode(int64_t number) {
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

}  // namespace gatepost::decode
