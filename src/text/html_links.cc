// Attributes that lead somewhere or carry something: URLs, frames, texts read in a thing's place.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <unordered_map>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/assassin_uri.h"
#include "src/text/html_attributes.h"
#include "src/text/html_reader.h"
#include "src/text/url.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostUrls = 5'000;
constexpr size_t kMostFrames = 16;
constexpr size_t kLongestShown = 300;
constexpr size_t kMostFonts = 100;
constexpr size_t kMostRuns = 100'000;

bool HasScheme(std::string_view url, std::string_view scheme) {
  return AsciiStartsWithIgnoreCase(url, scheme);
}

// The host of "http://user@host:80/path", or of "www.host/path"; lower case, "" none.
std::string HostOf(std::string_view url) {
  const std::string lower = AsciiLower(AsciiTrim(url).substr(0, 300));
  std::string_view rest = lower;
  if (HasScheme(rest, "http://") || HasScheme(rest, "https://")) {
    rest.remove_prefix(rest.find("//") + 2);
  } else if (!HasScheme(rest, "www.")) {
    return "";
  }
  rest = rest.substr(0, rest.find_first_of("/?#\\"));
  const size_t user = rest.rfind('@');
  rest.remove_prefix(user == std::string_view::npos ? 0 : user + 1);
  rest = rest.substr(0, rest.find(':'));
  const bool plain = rest.find('.') != std::string_view::npos &&
                     rest.find_first_of(" \t\n<>\"") == std::string_view::npos;
  return plain ? std::string(rest) : "";
}

// What somebody registered, roughly: two labels, three under "com.vn" and its like.
std::string_view Registered(std::string_view host) {
  const size_t last = host.rfind('.');
  const size_t second =
      last == 0 || last == std::string_view::npos ? last : host.rfind('.', last - 1);
  if (second == std::string_view::npos || second == 0) {
    return host;
  }
  const bool country = host.size() - last == 3 && last - second <= 4;
  const size_t third = country ? host.rfind('.', second - 1) : second;
  return third == std::string_view::npos ? host : host.substr(third + 1);
}

// "bank.com", "bank.com/login": its host; "" otherwise. Ends of names that are ends of files' names
// as well do not count.
std::string BareHost(std::string_view word) {
  constexpr std::string_view kFiles = " zip md py sh rs pl so mov app ps ";
  while (!word.empty() && std::string_view(".,;:!?/)\"'").find(word.back()) != word.npos) {
    word.remove_suffix(1);
  }
  const std::string host =
      AsciiLower(word.substr(0, std::min(word.find_first_of("/?#:"), word.size())));
  const size_t dot = host.rfind('.');
  const bool file = dot == std::string::npos ||
                    kFiles.find(" " + host.substr(dot + 1) + " ") != std::string_view::npos;
  return !file && IsHostName(host) && IsTopLevelDomain(host.substr(dot + 1)) ? host : "";
}

// A link that says it leads to one place and leads to another.
bool IsElsewhere(const HtmlText::Link& link) {
  const std::string target = HostOf(link.target);
  if (target.empty()) {
    return false;
  }
  // A sentence that names a host is no promise; one with a whole address in it is.
  const std::string_view text = AsciiTrim(link.shown);
  std::vector<std::string> shown{std::string(text)};
  for (std::string& url : FindUrls(text, 5)) {
    if (url.find("://") != std::string::npos) {
      shown.push_back(std::move(url));
    }
  }
  const std::string bare = text.find_first_of(" \n\t") == text.npos ? BareHost(text) : "";
  if (!bare.empty()) {
    shown.push_back("http://" + bare);
  }
  bool any = false;
  for (const std::string& url : shown) {
    const std::string host = HostOf(url);
    if (!host.empty() && Registered(host) == Registered(target)) {
      return false;
    }
    any = any || !host.empty();
  }
  return any;
}

}  // namespace

Meaning MeaningOf(std::string_view name) {
  using M = Meaning;
  static const std::unordered_map<std::string_view, Meaning> known = {
      {"hidden", M::kHidden},
      {"style", M::kStyle},
      {"class", M::kClass},
      {"id", M::kId},
      {"bgcolor", M::kBgcolor},
      {"background", M::kBackground},
      {"color", M::kColor},
      {"text", M::kText},
      {"face", M::kFace},
      {"size", M::kSize},
      {"href", M::kUrl},
      {"src", M::kUrl},
      {"action", M::kUrl},
      {"formaction", M::kUrl},
      {"data", M::kUrl},
      {"poster", M::kUrl},
      {"cite", M::kUrl},
      {"longdesc", M::kUrl},
      {"xlink:href", M::kUrl},
      {"ping", M::kUrl},
      {"srcset", M::kUrl},
      {"lowsrc", M::kUrl},
      {"dynsrc", M::kUrl},
      {"manifest", M::kUrl},
      {"alt", M::kAlternative},
      {"title", M::kAlternative},
      {"placeholder", M::kAlternative},
      {"aria-label", M::kAlternative},
      {"label", M::kAlternative},
      {"summary", M::kAlternative},
      {"value", M::kValue},
      {"srcdoc", M::kSrcdoc},
      {"dir", M::kDir},
      {"download", M::kDownload}};
  const auto found = known.find(name);
  return found == known.end() ? M::kNone : found->second;
}

void HtmlReader::ReadMeta(const Token& token) {
  std::string_view content;
  bool refreshes = false;
  size_t at = token.begin;
  for (size_t i = 0; i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    if (attribute.name == "content") {
      content = attribute.value;
      at = attribute.at;
    } else if (attribute.name == "http-equiv") {
      refreshes = refreshes || AsciiLower(attribute.value).find("refresh") != std::string::npos;
    }
  }
  if (!refreshes) {
    return;  // a charset, a viewport, key words: their commas and semicolons lead nowhere
  }
  const size_t url = AsciiLower(content).find("url=");
  const size_t delay = content.find_first_of(";,");
  if (url == std::string_view::npos && delay == std::string_view::npos) {
    return;
  }
  // "0;http://..." will do, too.
  std::string_view target = AsciiTrim(url == std::string_view::npos ? content.substr(delay + 1)
                                                                    : content.substr(url + 4));
  if (target.empty()) {
    return;
  }
  while (!target.empty() && (target.front() == '\'' || target.front() == '"')) {
    target = target.substr(1, target.size() - (target.size() > 1 ? 2 : 1));
  }
  Count("html.meta-refresh");
  AddUrl(target, at, false);
}

// URLs, texts in attributes.
void HtmlReader::ReadLinkAttributes(const Token& token, const std::string& name, bool shows) {
  bool data_link = false;
  bool download = false;
  for (size_t i = 0; i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    switch (MeaningOf(attribute.name)) {
      case Meaning::kUrl:
      case Meaning::kBackground:
        if (name == "base" && attribute.name == "href" && base_.empty()) {
          base_ = attribute.value;
          Count("html.base");
        }
        if (attribute.name == "action" || attribute.name == "formaction") {
          Count("html.form");
        }
        data_link = data_link || (name == "a" && HasScheme(AsciiTrim(attribute.value), "data:"));
        AddUrl(attribute.value, attribute.at,
               name == "iframe" || name == "embed" || name == "object" || name == "frame");
        break;
      case Meaning::kAlternative:
        hidden_.BlockEnd(token.begin);
        if (shows && !tokens_.in_conditional() && attribute.name == "alt" &&
            (name == "img" || name == "input")) {
          // In the line, where pictures are not fetched.
          PutSeen(attribute.value, attribute.at, BitOf(Viewer::kNoPictures));
        } else {
          hidden_.PutWords(attribute.value, attribute.at);
        }
        hidden_.BlockEnd(token.begin);
        if (shows && (attribute.name == "placeholder" ||
                      (attribute.name == "label" && (name == "option" || name == "optgroup")))) {
          PutMaybe(attribute.value, attribute.at);
          hidden_.BlockEnd(token.begin);
        }
        break;
      case Meaning::kValue:
        if ((name == "input" || name == "button") && !attribute.value.empty()) {
          // What stands in a field or on a button; other kinds show none of it.
          const auto hidden = [&] {
            for (size_t k = 0; k < token.attributes; ++k) {
              const Attribute& type = tokens_.attribute(k);
              if (type.name == "type") {
                return AsciiEqualsIgnoreCase(type.value, "hidden") ||
                       AsciiEqualsIgnoreCase(type.value, "radio") ||
                       AsciiEqualsIgnoreCase(type.value, "checkbox");
              }
            }
            return name == "button";
          };
          Sink& out = !shows || hidden() ? hidden_ : Out();
          out.Blank(attribute.at);
          out.Put(ToValidUtf8(attribute.value), attribute.at);
          out.Blank(attribute.at);
        }
        break;
      case Meaning::kSrcdoc:
        Count("html.srcdoc");
        AddFrame(attribute.value, attribute.at, true);
        break;
      case Meaning::kDownload:
        download = true;
        break;
      default:
        break;
    }
  }
  if (data_link && download) {
    Count("html.smuggling");
  }
}

void HtmlReader::EndLink(const Box& box) {
  if (box.link < links_.size()) {
    const size_t begin = std::min(link_begins_[box.link], visible_.text.size());
    links_[box.link].shown = visible_.text.substr(begin, kLongestShown);
    if (IsElsewhere(links_[box.link])) {
      Count("html.link-mismatch");
    }
  }
}

void HtmlReader::AddFont(std::string_view font) {
  const std::string_view trimmed = AsciiTrim(font);
  if (!trimmed.empty() && fonts_.size() < 200 &&
      std::find(fonts_.begin(), fonts_.end(), trimmed) == fonts_.end()) {
    fonts_.emplace_back(trimmed);
  }
}

// The first of a list is what a reader with the font installed sees.
uint32_t HtmlReader::FontNumber(std::string_view families) {
  std::string_view name = AsciiTrim(families.substr(0, families.find(',')));
  while (name.size() > 1 && (name.front() == '"' || name.front() == '\'')) {
    name.remove_prefix(1);
    name.remove_suffix(name.back() == '"' || name.back() == '\'' ? 1 : 0);
  }
  if (name.empty() || name.size() > 100) {
    return 0;
  }
  const auto found = std::find(font_names_.begin() + 1, font_names_.end(), name);
  if (found != font_names_.end()) {
    return static_cast<uint32_t>(found - font_names_.begin());
  }
  if (font_names_.size() > kMostFonts) {
    return 0;
  }
  font_names_.emplace_back(name);
  return static_cast<uint32_t>(font_names_.size() - 1);
}

// What was put into the visible text from `begin` on is in the font of the open element.
void HtmlReader::NoteFont(size_t begin) {
  const uint32_t number = stack_.empty() ? 0 : stack_.back().font;
  const auto from = static_cast<uint32_t>(begin);
  const auto to = static_cast<uint32_t>(visible_.text.size());
  if (number == 0 || from >= to) {
    return;
  }
  if (!runs_.empty() && runs_.back().end == from && runs_.back().font == font_names_[number]) {
    runs_.back().end = to;
  } else if (runs_.size() < kMostRuns) {
    runs_.push_back({from, to, font_names_[number]});
  }
}

void HtmlReader::AddFrame(std::string html, size_t at, bool shown, bool written) {
  if (frames_.size() < kMostFrames) {
    frames_.push_back({std::move(html), at, shown, written});
  }
}

// As browsers do: blanks at the ends and line ends inside do not count.
void HtmlReader::AddUrl(std::string_view given, size_t at, bool shown_frame) {
  const std::string_view trimmed = AsciiTrim(given);
  if (HasScheme(trimmed, "data:")) {
    Count("html.data-uri");
    std::string media_type;
    std::string bytes;
    if (ReadDataUri(trimmed, &media_type, &bytes) && media_type.compare(0, 6, "image/") != 0) {
      if (media_type == "text/html" || media_type == "application/xhtml+xml") {
        AddFrame(ToValidUtf8(bytes), at, shown_frame);
      } else {
        TakePayload(std::move(bytes), &scripts_);
      }
    } else if (media_type == "image/svg+xml") {
      AddFrame(ToValidUtf8(bytes), at, shown_frame);
    }
  }
  if (urls_.size() >= kMostUrls) {
    return;
  }
  std::string url;
  for (const char c : trimmed) {
    if (c != '\t' && c != '\n' && c != '\r' && url.size() < kLongestUrl) {
      url.push_back(c);
    }
  }
  if (url.empty() || url[0] == '#') {
    return;
  }
  if (HasScheme(url, "javascript:") || HasScheme(url, "vbscript:")) {
    Count("html.script-url");
    ReadScript(PercentDecoded(url), &scripts_);
  }
  const size_t scheme = url.find_first_of(":/?#");
  const bool relative = scheme == std::string::npos || url[scheme] != ':';
  if (relative && !base_.empty() && url.substr(0, 2) != "//") {
    const size_t host = base_.find("//");
    const size_t slash = url[0] == '/' ? base_.find('/', host == std::string::npos ? 0 : host + 2)
                                       : base_.rfind('/') + 1;
    urls_.push_back(ToValidUtf8(base_.substr(0, slash) + url));
  }
  urls_.push_back(ToValidUtf8(url));
}

}  // namespace gatepost::text
