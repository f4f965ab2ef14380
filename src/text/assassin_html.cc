// HTML as SpamAssassin renders it: all text, hidden or not, with a line end for each block.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/text/assassin.h"
#include "src/text/assassin_uri.h"
#include "src/text/html_entities.h"
#include "src/text/html_tokens.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestUri = 8'192;
constexpr size_t kMostTags = 200;  // different ones

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view GapOf(std::string_view tag) {
  if (tag == "br" || tag == "div") {
    return "\n";
  }
  if (IsOneOf(tag, {"li", "td", "th", "dd", "dt", "embed", "h1", "h2", "h3", "h4", "h5", "h6"})) {
    return " ";
  }
  if (IsOneOf(tag, {"p", "hr", "blockquote", "pre", "listing", "plaintext", "xmp", "title"})) {
    return "\n\n";
  }
  return "";
}

struct Uri {
  std::string scheme, authority, path, query, fragment;
  bool has_scheme = false, has_authority = false, has_query = false, has_fragment = false;
};

// RFC 3986 appendix B.
Uri ParseUri(std::string_view text) {
  Uri out;
  const size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    out.has_fragment = true;
    out.fragment = std::string(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  const size_t colon = text.find_first_of(":/?");
  if (colon != std::string_view::npos && colon > 0 && text[colon] == ':') {
    out.has_scheme = true;
    out.scheme = std::string(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  if (text.substr(0, 2) == "//") {
    const size_t end = std::min(text.find_first_of("/?", 2), text.size());
    out.has_authority = true;
    out.authority = std::string(text.substr(2, end - 2));
    text.remove_prefix(end);
  }
  const size_t question = text.find('?');
  if (question != std::string_view::npos) {
    out.has_query = true;
    out.query = std::string(text.substr(question + 1));
    text = text.substr(0, question);
  }
  out.path = std::string(text);
  return out;
}

// RFC 3986 5.2.4, as far as SpamAssassin goes.
std::string WithoutDots(std::string_view path) {
  std::string out;
  if (path.substr(0, 3) == "../") {
    path.remove_prefix(2);
  } else if (path.substr(0, 2) == "./") {
    path.remove_prefix(1);
  }
  std::string left(path);
  std::string_view rest = left;
  while (!rest.empty()) {
    if (rest == "/." || rest.substr(0, 3) == "/./") {
      if (rest == "/.") {
        out += '/';
        break;
      }
      rest.remove_prefix(2);
    } else if (rest == "/.." || rest.substr(0, 4) == "/../") {
      const size_t slash = out.rfind('/');
      out.erase(slash == std::string::npos ? 0 : slash);
      if (rest == "/..") {
        out += '/';
        break;
      }
      rest.remove_prefix(3);
    } else {
      const size_t end = std::min(rest.find('/', 1), rest.size());
      out += rest.substr(0, end);
      rest.remove_prefix(end);
    }
  }
  return out;
}

std::string Target(const std::string& base_text, const std::string& text) {
  const Uri base = ParseUri(base_text);
  Uri uri = ParseUri(text);
  Uri out;
  if (uri.has_scheme && base.has_scheme && uri.scheme == base.scheme) {
    uri.has_scheme = false;
  }
  const auto take_rest = [&] {
    out.has_authority = uri.has_authority;
    out.authority = uri.authority;
    out.path = WithoutDots(uri.path);
    out.has_query = uri.has_query;
    out.query = uri.query;
  };
  if (uri.has_scheme) {
    out.has_scheme = true;
    out.scheme = uri.scheme;
    take_rest();
  } else {
    if (uri.has_authority) {
      take_rest();
    } else {
      if (uri.path.empty()) {
        out.path = base.path;
        out.has_query = uri.has_query || base.has_query;
        out.query = uri.has_query ? uri.query : base.query;
      } else {
        std::string path = uri.path;
        if (path[0] != '/') {
          const size_t slash = base.path.rfind('/');
          path = base.has_authority && base.path.empty()
                     ? "/" + path
                     : (slash == std::string::npos ? "" : base.path.substr(0, slash + 1)) + path;
        }
        out.path = WithoutDots(path);
        out.has_query = uri.has_query;
        out.query = uri.query;
      }
      out.has_authority = base.has_authority;
      out.authority = base.authority;
    }
    out.has_scheme = base.has_scheme;
    out.scheme = base.scheme;
  }
  std::string result;
  if (out.has_scheme && !out.scheme.empty()) {
    result = out.scheme + ":";
  } else if (out.has_authority) {
    const std::string lower = AsciiLower(out.authority);
    result = lower.substr(0, 3) == "www" ? "http:" : lower.substr(0, 3) == "ftp" ? "ftp:" : "";
  }
  result += out.has_authority ? "//" + out.authority : "";
  result += out.path;
  result += out.has_query ? "?" + out.query : "";
  result += uri.has_fragment ? "#" + uri.fragment : "";
  return result;
}

// The reference at s[at] == '&' as Perl's HTML::Parser reads it; the bytes it took, 0: none.
// Numbers are characters, those of controls too.
size_t ReadReference(std::string_view s, size_t at, std::string* out) {
  if (at + 1 >= s.size() || s[at + 1] != '#') {
    return ReadCharacterReference(s, at, out);
  }
  size_t end = at + 2;
  const bool hex = end < s.size() && (s[end] == 'x' || s[end] == 'X');
  end += hex ? 1 : 0;
  const size_t digits = end;
  uint64_t value = 0;
  for (; end < s.size() && end - digits < 20; ++end) {
    const int digit = HexValue(s[end]);
    if (digit < 0 || (!hex && digit > 9)) {
      break;
    }
    value = std::min<uint64_t>(value * (hex ? 16 : 10) + static_cast<uint64_t>(digit), 1U << 30U);
  }
  if (end == digits) {
    return 0;
  }
  AppendUtf8(static_cast<char32_t>(value), out);
  return end - at + (end < s.size() && s[end] == ';' ? 1 : 0);
}

std::string DecodeReferences(std::string_view s) {
  std::string out;
  for (size_t at = 0; at < s.size();) {
    const size_t took = s[at] == '&' ? ReadReference(s, at, &out) : 0;
    if (took == 0) {
      out += s[at];
    }
    at += std::max<size_t>(took, 1);
  }
  return out;
}

// Has it a character beyond U+00FF?
bool HasWide(std::string_view utf8) {
  return std::any_of(utf8.begin(), utf8.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0xC4; });
}

class Renderer {
 public:
  Renderer(std::vector<std::string>* uris, std::set<std::string>* tags)
      : uris_(uris), tags_(tags) {}

  std::string Run(std::string_view source) {
    Tokenizer tokens(source);
    Token token;
    for (tokens.Next(&token); token.kind != Token::Kind::kEnd; tokens.Next(&token)) {
      if (tokens.in_conditional()) {
        continue;  // a comment to SpamAssassin
      }
      const std::string_view content = source.substr(token.begin, token.end - token.begin);
      switch (token.kind) {
        case Token::Kind::kText:
          Text(content);
          break;
        case Token::Kind::kRaw:
          if (token.name != "script" && token.name != "style") {
            Text(content);
            Gap(GapOf(token.name));
          }
          break;
        case Token::Kind::kOpen:
          if (tags_->size() < kMostTags) {
            tags_->insert(token.name);
          }
          Gap(GapOf(token.name));
          Attributes(tokens, token);
          break;
        case Token::Kind::kClose:
          Gap(GapOf(token.name));
          break;
        default:
          break;
      }
    }
    return std::move(out_);
  }

 private:
  void Text(std::string_view content) {
    const std::string text = DecodeReferences(content);
    std::string flat;
    bool blank = false;
    for (const char c : text) {
      const bool is_blank = c == ' ' || (c >= 9 && c <= 13);
      if (!is_blank) {
        flat += c;
      } else if (!blank) {
        flat += ' ';
      }
      blank = is_blank;
    }
    if (after_gap_ && !flat.empty() && flat[0] == ' ') {
      flat.erase(0, 1);
    }
    out_ += flat;
    after_gap_ = false;
  }

  void Gap(std::string_view gap) {
    if (gap.empty()) {
      return;
    }
    if (!after_gap_ && !out_.empty() && out_.back() == ' ') {
      out_.pop_back();
    }
    out_ += gap;
    after_gap_ = true;
  }

  // Without blanks at both ends, and not longer than SpamAssassin reads.
  static std::string Trimmed(std::string_view uri) {
    constexpr std::string_view kNoBreak = "\xC2\xA0";
    for (;;) {
      if (!uri.empty() && IsBlankByte(uri.front())) {
        uri.remove_prefix(1);
      } else if (HasPrefix(uri, kNoBreak)) {
        uri.remove_prefix(kNoBreak.size());
      } else if (!uri.empty() && IsBlankByte(uri.back())) {
        uri.remove_suffix(1);
      } else if (uri.size() >= kNoBreak.size() &&
                 uri.substr(uri.size() - kNoBreak.size()) == kNoBreak) {
        uri.remove_suffix(kNoBreak.size());
      } else {
        return std::string(uri.substr(0, kLongestUri));
      }
    }
  }

  void Push(std::string_view value) {
    std::string uri = Trimmed(value);
    if (uri.empty()) {
      return;
    }
    const std::string lower = AsciiLower(uri.substr(0, 8));
    for (const std::string_view scheme : {"data:", "mailto:", "file:", "cid:", "tel:"}) {
      if (lower.substr(0, scheme.size()) == scheme) {
        uris_->push_back(std::move(uri));
        return;
      }
    }
    std::string target = Target(base_, uri);
    if (!target.empty()) {
      uris_->push_back(std::move(target));
    }
  }

  void Base(std::string uri) {
    Push(uri);
    const std::string lower = AsciiLower(uri);
    if (lower.substr(0, 5) != "http:" && lower.substr(0, 6) != "https:" &&
        lower.substr(0, 4) != "ftp:") {
      return;
    }
    const size_t authority = uri.find_first_not_of('/', uri.find(':') + 1);
    const size_t slash = uri.rfind('/');
    const size_t dot = uri.rfind('.');
    if (authority != std::string::npos && slash != std::string::npos && slash > authority &&
        dot != std::string::npos && dot > slash + 1 && uri.size() - dot - 1 >= 2 &&
        uri.size() - dot - 1 <= 4) {
      uri.resize(slash + 1);
    }
    if (uri.empty() || uri.back() != '/') {
      uri += '/';
    }
    base_ = uri;
  }

  void Attributes(const Tokenizer& tokens, const Token& token) {
    const std::string& tag = token.name;
    const auto find = [&](std::string_view name) -> const std::string* {
      for (size_t i = 0; i < token.attributes; ++i) {
        if (tokens.attribute(i).name == name && !tokens.attribute(i).repeated) {
          return &tokens.attribute(i).value;
        }
      }
      return nullptr;
    };
    const auto push = [&](std::string_view name) {
      if (const std::string* value = find(name)) {
        Push(*value);
      }
    };
    if (IsOneOf(tag, {"body", "table", "tr", "td"})) {
      push("background");
    } else if (IsOneOf(tag, {"a", "area", "link"})) {
      if (const std::string* href = find("href"); href != nullptr && tag == "a") {
        uris_->push_back(Trimmed(*href));  // as written: what its text is kept under
      }
      push("href");
      push("data-saferedirecturl");
    } else if (IsOneOf(tag, {"img", "frame", "iframe", "embed", "script", "bgsound"})) {
      push("src");
    } else if (tag == "form") {
      push("action");
    } else if (tag == "base") {
      if (const std::string* value = find("href"); value != nullptr && !value->empty()) {
        Base(*value);
      }
    } else if (tag == "meta") {
      const std::string* equivalent = find("http-equiv");
      const std::string* content = find("content");
      if (equivalent == nullptr || content == nullptr ||
          AsciiLower(*equivalent).find("refresh") == std::string::npos) {
        return;
      }
      const size_t at = AsciiLower(*content).find("url");
      const size_t equals = at == std::string::npos ? at : content->find('=', at);
      if (equals != std::string::npos) {
        Push(content->substr(equals + 1, content->find(';', equals) - equals - 1));
      }
    }
  }

  std::vector<std::string>* uris_;
  std::set<std::string>* tags_;
  std::string out_;
  bool after_gap_ = false;
  std::string base_;
};

}  // namespace

AssassinText RenderAssassinHtml(const AssassinText& html, std::vector<std::string>* uris,
                                std::set<std::string>* tags) {
  const std::string_view utf8 = html.utf8;
  std::string source;
  source.reserve(utf8.size());
  constexpr std::string_view kBlank = "&nbsp;";
  for (size_t i = 0; i < utf8.size();) {
    if (utf8[i] == '&' && HasPrefix(utf8.substr(i), kBlank)) {
      source += ' ';
      i += kBlank.size();
    } else if (utf8[i] == '\xE2' &&
               (utf8.substr(i, 3) == "\xE2\x80\x9C" || utf8.substr(i, 3) == "\xE2\x80\x9D")) {
      source += '"';
      i += 3;
    } else {
      source += utf8[i++];
    }
  }
  AssassinText out;
  out.utf8 = Renderer(uris, tags).Run(source);
  out.wide = html.wide || HasWide(out.utf8);
  return out;
}

}  // namespace gatepost::text
