// What the document type of an XML file (SVG, XHTML) declares: entities that stand for text or for
// markup, attributes that elements have without saying so. The file as a browser sees it is a
// second reading of the leaf.
// LIMITS: a declaration in the first 64 KiB; 1,000 entities with names of 200 bytes, 8 deep; 1,000
// attributes; the reading is at most 1 MiB or twice the file. More is a defect.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/base/utf8.h"
#include "src/decode/openers.h"

namespace gatepost::decode {

namespace {

constexpr size_t kDoctypeWindow = 65'536;
constexpr size_t kMostEntities = 1'000;
constexpr size_t kLongestEntityName = 200;
constexpr int kDeepestEntity = 8;

bool IsNameSign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

// Words of a declaration: names, and strings in quotes.
class Declared {
 public:
  Declared(Bytes s, size_t at) : s_(s), at_(at) {}

  // False: the declaration has ended.
  bool Next(std::string* word, bool* quoted) {
    while (at_ < s_.size() && s_[at_] != '>' && s_[at_] != '"' && s_[at_] != '\'' &&
           !IsNameSign(s_[at_]) && s_[at_] != '%' && s_[at_] != '#') {
      ++at_;
    }
    if (at_ >= s_.size() || s_[at_] == '>') {
      return false;
    }
    *quoted = s_[at_] == '"' || s_[at_] == '\'';
    size_t end = at_ + 1;
    if (*quoted) {
      end = std::min(s_.find(s_[at_], end), s_.size());
      *word = std::string(s_.substr(at_ + 1, end - at_ - 1));
      at_ = std::min(end + 1, s_.size());
    } else {
      while (end < s_.size() && IsNameSign(s_[end])) {
        ++end;
      }
      *word = std::string(s_.substr(at_, end - at_));
      at_ = end;
    }
    return true;
  }

  size_t at() const { return at_; }

 private:
  Bytes s_;
  size_t at_;
};

// &#7888; and &#x1ED0; in the value of an entity: undone when it is declared.
std::string WithCharacters(const std::string& value) {
  std::string out;
  for (size_t at = 0; at < value.size();) {
    constexpr size_t kLongest = 13;  // "&#x0010FFFF;" and one zero more
    const std::string_view rest = std::string_view(value).substr(at, kLongest);
    const size_t length = rest.substr(0, 2) == "&#" ? rest.find(';') : std::string_view::npos;
    if (length == std::string_view::npos) {
      out.push_back(value[at++]);
      continue;
    }
    const size_t end = at + length;
    const bool hex = value[at + 2] == 'x' || value[at + 2] == 'X';
    uint32_t code = 0;
    for (size_t i = at + (hex ? 3 : 2); i < end; ++i) {
      const int digit = HexValue(value[i]);
      const bool fits = digit >= 0 && (hex || digit < 10);
      code = std::min<uint32_t>(code * (hex ? 16 : 10) + static_cast<uint32_t>(fits ? digit : 0),
                                0x110000);
    }
    if (code > 0 && code < 0x110000 && (code < 0xD800 || code >= 0xE000)) {
      AppendUtf8(code, &out);
    }
    at = end + 1;
  }
  return out;
}

class EntityReader {
 public:
  EntityReader(Bytes file, size_t most) : s_(file), most_(most) {}

  // "": it declares nothing.
  std::string Run() {
    const size_t end = ReadDoctype();
    if (entities_.empty() && attributes_.empty()) {
      return {};
    }
    std::string out;
    Expand(s_.substr(end), 0, &out);
    for (const std::string& one : attributes_) {
      out += one;
    }
    return out;
  }

  bool cut() const { return cut_; }

 private:
  // Where the document type ends.
  size_t ReadDoctype() {
    const size_t doctype = s_.substr(0, kDoctypeWindow).find("<!DOCTYPE");
    if (doctype == Bytes::npos) {
      return 0;
    }
    size_t at = doctype + 2;
    for (size_t next = s_.find("<!", at); next != Bytes::npos; next = s_.find("<!", at)) {
      if (s_.substr(at, next - at).find("]>") != Bytes::npos) {
        break;  // the next is no part of it
      }
      at = next + 2;
      if (s_.substr(next, 8) == "<!ENTITY") {
        at = ReadEntity(next + 8);
      } else if (s_.substr(next, 9) == "<!ATTLIST") {
        at = ReadAttributes(next + 9);
      }
    }
    const size_t subset = s_.find(']', at);
    const size_t close = s_.find('>', subset == Bytes::npos ? at : subset);
    return close == Bytes::npos ? s_.size() : close + 1;
  }

  size_t ReadEntity(size_t at) {
    Declared words(s_, at);
    std::string name;
    std::string value;
    bool quoted = false;
    if (words.Next(&name, &quoted) && !quoted && words.Next(&value, &quoted) && quoted) {
      if (entities_.size() < kMostEntities && name.size() <= kLongestEntityName) {
        entities_.emplace(std::move(name), WithCharacters(value));  // the first counts
      } else {
        cut_ = true;
      }
    }
    return words.at();
  }

  // An element with the attributes that it has by declaration.
  size_t ReadAttributes(size_t at) {
    Declared words(s_, at);
    std::string element;
    std::string name;
    std::string word;
    bool quoted = false;
    words.Next(&element, &quoted);
    while (words.Next(&word, &quoted)) {
      if (!quoted) {
        name = name.empty() || word.empty() ? word : name;
        continue;
      }
      // The element's name comes with each of them, and may be as long as the file.
      attribute_bytes_ += 2 * element.size() + name.size() + word.size();
      if (attributes_.size() < kMostEntities && attribute_bytes_ <= most_) {
        attributes_.push_back("<" + element + " " + name + "=\"" + word + "\"></" + element + ">");
      } else {
        cut_ = true;
      }
      name.clear();
    }
    return words.at();
  }

  // NOLINTNEXTLINE(misc-no-recursion): `depth` bounds it.
  void Expand(Bytes text, int depth, std::string* out) {
    for (size_t at = 0; at < text.size();) {
      const size_t sign = std::min(text.find('&', at), text.size());
      out->append(text.substr(at, sign - at));
      at = sign;
      if (at == text.size()) {
        return;
      }
      size_t end = at + 1;
      while (end < text.size() && end - at <= kLongestEntityName && IsNameSign(text[end])) {
        ++end;
      }
      const auto found = end < text.size() && text[end] == ';'
                             ? entities_.find(std::string(text.substr(at + 1, end - at - 1)))
                             : entities_.end();
      if (found == entities_.end()) {
        out->push_back('&');
        ++at;
        continue;
      }
      if (depth >= kDeepestEntity || out->size() > most_ || ++steps_ > kMostSteps) {
        cut_ = true;
        return;
      }
      Expand(found->second, depth + 1, out);
      at = end + 1;
    }
  }

  static constexpr size_t kMostSteps = 100'000;
  Bytes s_;
  size_t most_;
  size_t steps_ = 0;
  bool cut_ = false;
  std::map<std::string, std::string> entities_;
  std::vector<std::string> attributes_;
  size_t attribute_bytes_ = 0;
};

}  // namespace

void OpenEntities(size_t leaf, Collector* out) {
  const Leaf file = out->leaf(leaf);
  const Bytes head = file.bytes.substr(0, kDoctypeWindow);
  if (file.is_typed ||
      (head.find("<!ENTITY") == Bytes::npos && head.find("<!ATTLIST") == Bytes::npos)) {
    return;
  }
  EntityReader reader(file.bytes, std::max<size_t>(2 * file.bytes.size(), 1U << 20));
  std::string shown = reader.Run();
  if (reader.cut()) {
    out->AddDefect(mail::DefectId::kXmlEntities, file.part);
  }
  if (shown.empty()) {
    return;
  }
  if (shown.size() > out->Room()) {
    out->AddUnscannable(Reason::kTooBig, file);
    return;
  }
  Leaf reading = file;
  reading.is_typed = true;
  reading.is_alternative = true;
  reading.bytes = out->Keep(std::move(shown));
  out->AddPending(std::move(reading));
}

}  // namespace gatepost::decode
