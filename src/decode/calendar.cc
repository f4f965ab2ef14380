// iCalendar (RFC 5545) and vCard (2.1, RFC 2426, RFC 6350): lines unfolded, values unescaped,
// inline files as members. The raw file stays readable beside it. LIMITS: 200,000 lines; files
// within the budget. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/openers.h"
#include "src/decode/script.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostLines = 200'000;

// Values that are numbers, dates and keys, not words.
bool IsDull(std::string_view name) {
  static constexpr std::array<std::string_view, 22> kNames = {
      "begin",   "end",           "version",  "prodid",        "dtstart",    "dtend",
      "dtstamp", "uid",           "created",  "last-modified", "sequence",   "status",
      "transp",  "rrule",         "trigger",  "tzoffsetfrom",  "tzoffsetto", "calscale",
      "rev",     "recurrence-id", "duration", "priority"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string Unescape(std::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) {
      const char next = value[++i];
      if (next == 'n' || next == 'N') {
        out.push_back('\n');
      } else {
        out.push_back(next);
      }
    } else {
      out.push_back(value[i]);
    }
  }
  return out;
}

int PageOf(std::string_view charset) {
  static constexpr std::string_view kWindows = "windows-";
  if (AsciiStartsWithIgnoreCase(charset, kWindows)) {
    int page = 0;
    for (const char c : charset.substr(kWindows.size(), 4)) {
      page = c >= '0' && c <= '9' ? page * 10 + (c - '0') : page;
    }
    return page;
  }
  return 1252;
}

// One content line, taken apart.
struct Property {
  std::string name;  // lower case, without a group
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string value;
  std::string_view Get(std::string_view parameter) const {
    for (const auto& [name_of, value_of] : parameters) {
      if (name_of == parameter) {
        return value_of;
      }
    }
    return {};
  }
};

bool Split(std::string_view line, Property* out) {
  std::vector<std::string> pieces(1);
  bool quoted = false;
  size_t at = 0;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ':' && !quoted) {
      break;
    } else if (c == ';' && !quoted) {
      pieces.emplace_back();
    } else {
      pieces.back().push_back(c);
    }
  }
  if (at == line.size()) {
    return false;
  }
  out->name = AsciiLower(pieces[0].substr(pieces[0].rfind('.') + 1));  // npos + 1 is 0
  for (size_t i = 1; i < pieces.size(); ++i) {
    const size_t equals = pieces[i].find('=');
    // vCard 2.1: a bare word is an encoding or a type.
    out->parameters.emplace_back(
        equals == std::string::npos ? "encoding" : AsciiLower(pieces[i].substr(0, equals)),
        equals == std::string::npos ? pieces[i] : pieces[i].substr(equals + 1));
  }
  out->value = std::string(line.substr(at + 1));
  return true;
}

bool HasEncoding(const Property& property, std::string_view word) {
  return std::any_of(property.parameters.begin(), property.parameters.end(), [word](const auto& p) {
    return p.first == "encoding" && AsciiEqualsIgnoreCase(p.second, word);
  });
}

class CardReader {
 public:
  CardReader(size_t leaf, Collector* out) : leaf_(leaf), out_(out) {}

  void Run() {
    Bytes rest = out_->leaf(leaf_).bytes;
    std::string wide;
    if (rest.substr(0, 2) == "\xff\xfe") {
      wide = Utf16LeToUtf8(rest.substr(2));
      rest = wide;
    }
    std::string line;
    bool any = false;
    size_t lines = 0;
    while (!rest.empty() && ++lines <= kMostLines) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      Bytes next = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!next.empty() && next.back() == '\r') {
        next.remove_suffix(1);
      }
      const bool soft = any && !line.empty() && line.back() == '=' && IsQuoted(line);
      if (any && !next.empty() && (next[0] == ' ' || next[0] == '\t')) {
        line.append(next.substr(1));
      } else if (soft) {
        line += "\r\n";
        line.append(next);
      } else {
        Take(line);
        line = std::string(next);
        any = true;
      }
    }
    Take(line);
    if (!rest.empty()) {
      out_->AddUnscannable(Reason::kTruncated, out_->leaf(leaf_));
    }
    out_->AddText(leaf_, "attachment", "properties", std::move(text_));
    out_->AddText(leaf_, "url", "links", std::move(links_));
  }

 private:
  static bool IsQuoted(const std::string& line) {
    const std::string head = AsciiLower(line.substr(0, std::min<size_t>(line.find(':'), 200)));
    return head.find("quoted-printable") != std::string::npos;
  }

  void Take(const std::string& line) {
    Property property;
    if (line.empty() || !Split(line, &property) || IsDull(property.name)) {
      return;
    }
    if (HasEncoding(property, "base64") || HasEncoding(property, "b")) {
      File(property, DecodeBase64Skipping(property.value));
      return;
    }
    std::string media_type;
    std::string data;
    if (ReadDataUri(property.value, &media_type, &data)) {
      File(property, std::move(data));
      return;
    }
    // The same text in another form.
    if (ReadDataUri(property.Get("altrep"), &media_type, &data)) {
      if (AsciiStartsWithIgnoreCase(media_type, "text/html")) {
        Html(std::move(data));
      } else {
        File(property, std::move(data));
      }
    }
    std::string value = property.value;
    if (HasEncoding(property, "quoted-printable")) {
      value = DecodeBody(value, mail::Encoding::kQuotedPrintable, out_->limits()).front().bytes;
    }
    if (!IsUtf8(value)) {
      value = CodePageToUtf8(PageOf(property.Get("charset")), value);
    }
    value = Unescape(value);
    if (property.name == "agent" && !value.empty()) {
      Card(std::move(value));  // a card in a card (RFC 2426, 3.5.4)
      return;
    }
    if (property.name == "x-alt-desc" ||
        AsciiEqualsIgnoreCase(property.Get("fmttype"), "text/html")) {
      Html(std::move(value));
      return;
    }
    const std::string_view person = property.Get("cn");
    if (!person.empty()) {
      Say(std::string(person));
    }
    const bool link = property.name == "url" || property.name == "attach" ||
                      property.name == "photo" || property.name == "source" ||
                      property.name == "conference";
    if (link) {
      links_ += value + "\n";
    }
    if (!property.Get("altrep").empty()) {
      links_ += std::string(property.Get("altrep")) + "\n";
    }
    const std::string fields = value;
    if (property.name == "n" || property.name == "adr" || property.name == "org") {
      std::replace(value.begin(), value.end(), ';', ' ');
    }
    Say(value);
    if (property.name == "categories" || property.name == "resources") {
      SayEach(value, ',');
    } else if (property.name == "org") {
      SayEach(fields, ';');
    }
  }

  // A list, or fields: each is shown by itself too.
  void SayEach(const std::string& list, char separator) {
    size_t from = 0;
    for (size_t at = list.find(separator); at != std::string::npos || from > 0;
         at = list.find(separator, from)) {
      Say(std::string(AsciiTrim(Bytes(list).substr(from, at - from))));
      if (at == std::string::npos) {
        break;
      }
      from = at + 1;
    }
  }

  void Say(const std::string& value) {
    if (text_.size() + value.size() < out_->limits().text_bytes) {
      text_ += value + "\n";
    }
  }

  void Html(std::string html) {
    if (html.size() > out_->Room()) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(leaf_));
    } else if (out_->TakeMember(out_->leaf(leaf_).path)) {
      Leaf& member = out_->AddMember(leaf_, "description.html", out_->Keep(std::move(html)));
      member.names.clear();
      member.name.clear();  // programs show it as the entry's text: nobody gets a file of that name
      member.names.clear();
      member.media_type = "text/html";
      member.charset = "utf-8";
    }
  }

  void Card(std::string card) {
    Say(card);
    if (out_->leaf(leaf_).depth >= out_->limits().archive_depth) {
      out_->AddUnscannable(Reason::kTooDeep, out_->leaf(leaf_));
    } else if (card.size() > out_->Room()) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(leaf_));
    } else if (out_->TakeMember(out_->leaf(leaf_).path)) {
      out_->AddMember(leaf_, "agent.vcf", out_->Keep(std::move(card))).media_type = "text/vcard";
    }
  }

  void File(const Property& property, std::string data) {
    std::string name(property.Get("x-filename"));
    for (const char* key : {"filename", "x-apple-filename", "x-label"}) {
      if (name.empty()) {
        name = std::string(property.Get(key));
      }
    }
    if (name.empty()) {
      name = property.name;
    }
    if (data.size() > out_->Room()) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(leaf_).path + "/" + name);
    } else if (!data.empty() && out_->TakeMember(out_->leaf(leaf_).path + "/" + name)) {
      NoteEmbedded(name, data, out_);
      out_->AddMember(leaf_, name, out_->Keep(std::move(data)));
    }
  }

  size_t leaf_;
  Collector* out_;
  std::string text_;
  std::string links_;
};

}  // namespace

void OpenCalendar(size_t leaf, Collector* out) { CardReader(leaf, out).Run(); }

}  // namespace gatepost::decode
