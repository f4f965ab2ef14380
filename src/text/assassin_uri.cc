// URIs in running text, and what each is read as.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "src/base/bytes.h"
#include "src/text/assassin.h"

namespace gatepost::text {

namespace {

constexpr auto kTopLevel = std::to_array<std::string_view>({
#include "src/text/top_level_domains.inc"
});

constexpr size_t kLongestUri = 8'192;
constexpr size_t kLongestRest = 2'048;
constexpr size_t kLongestSide = 251;
constexpr size_t kMostVariants = 100;

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordChar(char c) { return IsAlnum(c) || c == '_'; }
bool IsBlank(char c) { return c == ' ' || (c >= 9 && c <= 13); }
bool IsEnd(char c) {
  return IsBlank(c) || c == '\x1b' || c == '\xa0' ||
         std::string_view("><\"`}]{[|").find(c) != std::string_view::npos;
}
bool IsMailEnd(char c) {
  return IsEnd(c) || c == ',' || c == '(' || c == '\'' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsStart(char c) {
  return IsBlank(c) || c == '\x1b' || c == '\xa0' ||
         std::string_view("><\"'`,{[(|").find(c) != std::string_view::npos;
}
bool IsBareStart(char c) {
  return IsBlank(c) || c == '\x1b' || c == '\xa0' ||
         std::string_view("!\"#$&'()*+,/:;<=>?@[\\]^`{|}~").find(c) != std::string_view::npos;
}

bool StartsWith(std::string_view lower, std::string_view with) {
  return lower.substr(0, with.size()) == with;
}

// At least two labels of letters, digits and '-', as DNS has them.
bool IsHostName(std::string_view host) {
  while (!host.empty() && host.back() == '.') {
    host.remove_suffix(1);
  }
  if (host.size() > 253) {
    return false;
  }
  std::vector<std::string_view> labels;
  for (size_t at = 0; at <= host.size();) {
    const size_t dot = std::min(host.find('.', at), host.size());
    labels.push_back(host.substr(at, dot - at));
    at = dot + 1;
  }
  if (labels.size() < 2) {
    return false;
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string_view label = labels[i];
    const bool good =
        !label.empty() && label.size() <= 63 && IsWordChar(label.front()) &&
        IsWordChar(label.back()) &&
        std::all_of(label.begin(), label.end(), [](char c) { return IsWordChar(c) || c == '-'; });
    if (!good || (i + 2 >= labels.size() && label.find('_') != std::string_view::npos)) {
      return false;
    }
  }
  return true;
}

bool EndsInTopLevel(std::string_view host) {
  const size_t dot = host.rfind('.');
  return dot != std::string_view::npos && IsTopLevelDomain(AsciiLower(host.substr(dot + 1)));
}

bool IsIp(std::string_view host) {
  int parts = 0;
  for (size_t at = 0; at <= host.size(); ++parts) {
    const size_t dot = std::min(host.find('.', at), host.size());
    int value = 0;
    if (dot == at || dot - at > 3) {
      return false;
    }
    for (const char c : host.substr(at, dot - at)) {
      if (!IsDigit(c)) {
        return false;
      }
      value = value * 10 + (c - '0');
    }
    if (value > 255) {
      return false;
    }
    at = dot + 1;
  }
  return parts == 4;
}

bool HasDomain(const std::string& uri) {
  std::string rest = AsciiLower(uri);
  if (StartsWith(rest, "javascript:") || StartsWith(rest, "cid:") || StartsWith(rest, "file:")) {
    return false;
  }
  if (StartsWith(rest, "mailto:")) {
    rest =
        rest.substr(7, rest.find('?', 7) == std::string::npos ? rest.npos : rest.find('?', 7) - 7);
    const size_t at = rest.find('@');
    if (at == std::string::npos || rest.find('@', at + 1) != std::string::npos) {
      return false;
    }
    rest = rest.substr(at + 1);
  } else {
    size_t letters = 0;
    while (letters < rest.size() && rest[letters] >= 'a' && rest[letters] <= 'z') {
      ++letters;
    }
    if (letters > 0 && letters < rest.size() && rest[letters] == ':') {
      ++letters;
      for (int i = 0; i < 2 && letters < rest.size() && rest[letters] == '/'; ++i) {
        ++letters;
      }
      rest.erase(0, letters);
    }
    rest.resize(std::min(rest.find_first_of("/?#"), rest.size()));
    const size_t at = rest.rfind('@');
    rest.erase(0, at == std::string::npos ? 0 : at + 1);
    const size_t colon = rest.rfind(':');
    if (colon != std::string::npos &&
        std::all_of(rest.begin() + static_cast<std::ptrdiff_t>(colon) + 1, rest.end(), IsDigit)) {
      rest.resize(colon);
    }
  }
  return IsIp(rest) || (IsHostName(rest) && EndsInTopLevel(rest));
}

// Finds in one line.
class Finder {
 public:
  Finder(std::string_view line, std::set<std::string>* seen, std::vector<std::string>* out)
      : line_(line), lower_(AsciiLower(line)), seen_(seen), out_(out) {}

  void Run() {
    for (size_t at = 0; at < line_.size();) {
      const size_t end = Boundary(at) ? Match(at) : 0;
      if (end > at) {
        Keep(at, end);
        at = end;
      } else {
        ++at;
      }
    }
  }

 private:
  enum class Kind { kScheme, kMail, kBare };

  bool Boundary(size_t at) const {
    const bool word = IsWordChar(line_[at]);
    if (at == 0) {
      return word;
    }
    return IsWordChar(line_[at - 1]) != word || IsStart(line_[at - 1]);
  }

  size_t EndOf(size_t from, bool (*ends)(char)) const {
    size_t at = from;
    while (at < line_.size() && !ends(line_[at])) {
      ++at;
    }
    return at;
  }

  // The end of what begins here, or 0.
  size_t Match(size_t at) {
    const std::string_view lower = std::string_view(lower_).substr(at);
    size_t scheme = 0;
    for (const std::string_view one : {"https://", "http://", "ftp://", "ftp."}) {
      scheme = scheme == 0 && StartsWith(lower, one) ? one.size() : scheme;
    }
    if (scheme == 0 && StartsWith(lower, "www")) {
      size_t dot = 3;
      while (dot < 5 && dot < lower.size() && IsDigit(lower[dot])) {
        ++dot;
      }
      scheme = dot < lower.size() && lower[dot] == '.' ? dot + 1 : 0;
    }
    if (scheme > 0) {
      const size_t end = EndOf(at + scheme, IsEnd);
      if (end > at + scheme && end - at - scheme <= kLongestRest) {
        kind_ = Kind::kScheme;
        return end;
      }
    }
    if (const size_t end = Mail(at, lower); end > 0) {
      kind_ = Kind::kMail;
      return end;
    }
    kind_ = Kind::kBare;
    return at == 0 || IsBareStart(line_[at - 1]) ? Bare(at) : 0;
  }

  size_t Mail(size_t at, std::string_view lower) {
    constexpr std::string_view kMailto = "mailto:";
    if (StartsWith(lower, kMailto)) {
      const size_t end = EndOf(at + kMailto.size(), IsMailEnd);
      if (end > at + kMailto.size() && end - at <= kLongestRest) {
        return end;
      }
    }
    // The next '@' or end of an address is the same for a whole stretch.
    if (at >= stretch_) {
      stretch_ = at;
      while (stretch_ < line_.size() && line_[stretch_] != '@' && !IsMailEnd(line_[stretch_])) {
        ++stretch_;
      }
      stretch_ = std::max(stretch_, at + 1);
    }
    const size_t sign = line_[at] == '@' || IsMailEnd(line_[at]) ? at : stretch_;
    if (sign >= line_.size() || line_[sign] != '@' || sign == at || sign - at > kLongestSide) {
      return 0;
    }
    const size_t end = EndOf(sign + 1, IsMailEnd);
    return end > sign + 1 && end - sign - 1 <= kLongestSide ? end : 0;
  }

  size_t Bare(size_t at) {
    if (!IsAlnum(line_[at])) {
      return 0;
    }
    size_t end = at;
    while (end < line_.size() && end - at < 320 &&
           (IsAlnum(line_[end]) || line_[end] == '.' || line_[end] == '_' || line_[end] == '-')) {
      ++end;
    }
    size_t host = end;
    if (line_[host - 1] == '.') {
      --host;
    }
    if (host - at < 3 || !EndsInTopLevel(line_.substr(at, host - at))) {
      return 0;
    }
    host_ = line_.substr(at, host - at);
    if (end < line_.size() && line_[end] == ':') {
      size_t digits = end + 1;
      while (digits < line_.size() && digits - end <= 5 && IsDigit(line_[digits])) {
        ++digits;
      }
      end = digits > end + 1 ? digits : end;
    }
    if (end < line_.size() && line_[end] == '/') {
      const size_t rest = EndOf(end + 1, IsEnd);
      end = rest > end + 1 && rest - end - 1 <= kLongestRest ? rest : end;
    }
    return end >= line_.size() || IsEnd(line_[end]) ? end : 0;
  }

  void Keep(size_t begin, size_t end) {
    std::string raw(line_.substr(begin, end - begin));
    const size_t close = raw.find(')');
    if (close != std::string::npos && raw.find('(') > close) {
      raw.resize(close);
    }
    while (!raw.empty() &&
           std::string_view("-~!@#^&*()_+=:;'?,.").find(raw.back()) != std::string_view::npos) {
      raw.pop_back();
    }
    if (!seen_->insert(raw).second ||
        (kind_ == Kind::kMail && raw.find('@') == std::string::npos) ||
        (kind_ == Kind::kBare && !IsHostName(host_))) {
      return;
    }
    const std::string lower = AsciiLower(raw);
    if (StartsWith(lower, "cid:") || StartsWith(lower, "mid:")) {
      return;
    }
    const size_t colon = raw.find(':');
    if (colon != std::string::npos && colon > 0 && raw.size() - colon <= 3 &&
        raw.find_first_not_of('/', colon + 1) == std::string::npos &&
        std::all_of(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(colon), IsWordChar)) {
      return;
    }
    std::string uri = raw;
    const bool has_scheme = StartsWith(lower, "http:") || StartsWith(lower, "https:") ||
                            StartsWith(lower, "ftp:") || StartsWith(lower, "mailto:");
    if (!has_scheme && !AddScheme(lower, &uri)) {
      return;
    }
    if (StartsWith(AsciiLower(uri), "mailto:")) {
      const size_t sign = uri.find('@');
      if (sign == std::string::npos) {
        return;
      }
      std::string host = uri.substr(sign + 1);
      host.resize(std::min(host.find_first_of("?&>"), host.size()));
      if (!EndsInTopLevel(host) || host.find_first_of(" \t\r\n") != std::string::npos) {
        return;
      }
    }
    const std::vector<std::string> all = CanonicalUris(uri);
    if (std::any_of(all.begin(), all.end(), HasDomain)) {
      out_->push_back(uri);
    }
  }

  static bool AddScheme(const std::string& lower, std::string* uri) {
    if (StartsWith(lower, "ftp.")) {
      *uri = "ftp://" + *uri;
      return true;
    }
    size_t www = StartsWith(lower, "www") ? 3 : 0;
    while (www > 0 && www < 5 && www < lower.size() && IsDigit(lower[www])) {
      ++www;
    }
    const size_t sign = uri->find('@');
    const size_t slash = uri->find('/');
    if ((www > 0 && www < lower.size() && lower[www] == '.') ||
        (sign != std::string::npos && slash != std::string::npos && slash + 1 < uri->rfind('@'))) {
      *uri = "http://" + *uri;
      return true;
    }
    if (sign != std::string::npos) {
      if (uri->find('.', sign + 2) == std::string::npos ||
          lower.find("&nbsp;") != std::string::npos) {
        return false;
      }
      for (const std::string_view word : {"skype", "e-mail", "email", "mail", ""}) {
        if (StartsWith(lower, word) && lower.size() > word.size() && lower[word.size()] == ':') {
          uri->erase(0, std::min(uri->find_first_not_of(':', word.size()), uri->size()));
          break;
        }
      }
      *uri = "mailto:" + *uri;
      return true;
    }
    if (uri->find('.') == std::string::npos) {
      return false;
    }
    *uri = "http://" + *uri;
    return true;
  }

  std::string_view line_;
  std::string lower_;
  std::set<std::string>* seen_;
  std::vector<std::string>* out_;
  Kind kind_ = Kind::kScheme;
  std::string_view host_;
  size_t stretch_ = 0;
};

int HexValue(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// %21 to %7e become what they stand for, what must not stand in a URI becomes %xx.
std::string Unescape(const std::string& uri, bool* any) {
  std::string out;
  *any = false;
  for (size_t i = 0; i < uri.size(); ++i) {
    const auto c = static_cast<unsigned char>(uri[i]);
    if (c == '%' && i + 2 < uri.size() + 0 && HexValue(uri[i + 1]) >= 0 &&
        HexValue(uri[i + 2]) >= 0) {
      *any = true;
      const int value = HexValue(uri[i + 1]) * 16 + HexValue(uri[i + 2]);
      if (value > 0x20 && value < 0x7F) {
        out += static_cast<char>(value);
      } else {
        out.append(uri, i, 3);
      }
      i += 2;
    } else if (c <= 0x20 || c >= 0x7F || c == '"' || c == '%' || c == '<' || c == '>') {
      char hex[8];
      std::snprintf(hex, sizeof hex, "%%%02x", static_cast<unsigned>(c));
      out += hex;
    } else {
      out += uri[i];
    }
  }
  return out;
}

void ReplaceReferences(std::string* uri) {
  std::string out;
  for (size_t i = 0; i < uri->size(); ++i) {
    if (uri->compare(i, 2, "&#") == 0) {
      size_t at = i + 2;
      const bool hex = at < uri->size() && ((*uri)[at] == 'x' || (*uri)[at] == 'X');
      at += hex ? 1 : 0;
      uint32_t value = 0;
      const size_t digits = at;
      while (at < uri->size() && at - digits < 12 &&
             (hex ? HexValue((*uri)[at]) >= 0 : IsDigit((*uri)[at]))) {
        value = std::min<uint32_t>(
            value * (hex ? 16 : 10) + static_cast<uint32_t>(HexValue((*uri)[at])), 0x110000);
        ++at;
      }
      if (at > digits && at < uri->size() && (*uri)[at] == ';') {
        if (value > 32 && value < 127) {
          out += static_cast<char>(value);
          i = at;
          continue;
        }
        if (value == 0x3002 || value == 0xFF0E || value == 0xFF61) {
          out += '.';
          i = at;
          continue;
        }
      }
    }
    out += (*uri)[i];
  }
  *uri = std::move(out);
}

std::string Dotted(uint32_t value) {
  return std::to_string(value >> 24U) + "." + std::to_string((value >> 16U) & 255U) + "." +
         std::to_string((value >> 8U) & 255U) + "." + std::to_string(value & 255U);
}

// "0x7f.1.2.3", "017.2.3.4": each part a number in some notation; "" when it is none.
std::string PlainIp(const std::string& host) {
  std::string out;
  int parts = 0;
  for (size_t at = 0; at <= host.size(); ++parts) {
    const size_t dot = std::min(host.find('.', at), host.size());
    const std::string part = AsciiLower(host.substr(at, dot - at));
    at = dot + 1;
    const bool hex = StartsWith(part, "0x");
    const std::string digits = hex ? part.substr(2) : part;
    if (digits.empty() || parts > 3 || !std::all_of(digits.begin(), digits.end(), [hex](char c) {
          return hex ? HexValue(c) >= 0 : IsDigit(c);
        })) {
      return "";
    }
    uint64_t value = 0;
    const bool octal = !hex && digits.size() > 1 && digits[0] == '0' &&
                       digits.find_first_of("89") == std::string::npos;
    for (const char c : digits) {
      value = std::min<uint64_t>(value * (hex     ? 16
                                          : octal ? 8
                                                  : 10) +
                                     static_cast<uint64_t>(HexValue(c)),
                                 1U << 30);
    }
    out += (out.empty() ? "" : ".") + std::to_string(value);
  }
  return parts == 4 ? out : "";
}

// One URI of the list: appends its variants, and to *more what a redirector leads to.
class Canonical {
 public:
  explicit Canonical(std::vector<std::string>* variants, std::vector<std::string>* more)
      : variants_(variants), more_(more) {}

  void Run(const std::string& uri) {
    const std::string lower = AsciiLower(uri);
    if (uri.size() <= 1 || uri[0] == '#' || uri[0] == '?' || uri[0] == '&' ||
        (uri[0] == '/' && uri[1] != '/')) {
      return;
    }
    const size_t sign = uri.find('@');
    const size_t colon = uri.find(':');
    if (StartsWith(lower, "mailto:") || (sign != std::string::npos && sign < colon)) {
      Mail(uri, lower, sign);
      return;
    }
    Web(uri, lower);
  }

 private:
  void Mail(const std::string& uri, const std::string& lower, size_t sign) {
    if (sign == std::string::npos || sign == 0) {
      return;
    }
    const size_t question = uri.find('?', sign);
    if (question != std::string::npos && question > sign + 1) {
      variants_->push_back(uri.substr(0, question));
    }
    const size_t ampersand = uri.find_first_of("?&", sign);
    if (ampersand != std::string::npos && ampersand > sign + 1 && uri[ampersand] == '&') {
      variants_->push_back(uri.substr(0, ampersand));
    }
    if (uri.find("%20") != std::string::npos) {
      size_t begin = StartsWith(lower, "mailto:") ? 7 : 0;
      while (uri.compare(begin, 3, "%20") == 0) {
        begin += 3;
      }
      const size_t end = std::min(uri.find_first_of("?&%", sign), uri.size());
      if (begin < sign && end > sign + 1) {
        variants_->push_back("mailto:" + uri.substr(begin, end - begin));
      }
    }
    const size_t open = uri.rfind('<', sign);
    const size_t close = uri.find('>', sign);
    if (open != std::string::npos && close != std::string::npos && close > sign + 1 &&
        open + 1 < sign && uri.find_first_of("?&") > open) {
      variants_->push_back("mailto:" + uri.substr(open + 1, close - open - 1));
    }
  }

  void Web(const std::string& uri, const std::string& lower) {
    std::string fresh = uri;
    std::replace(fresh.begin(), fresh.end(), '\\', '/');
    for (const std::string_view scheme : {"https:", "http:"}) {
      if (StartsWith(lower, scheme)) {
        size_t at = scheme.size();
        for (int i = 0; i < 2 && at < fresh.size() && fresh[at] == '/'; ++i) {
          ++at;
        }
        fresh = fresh.substr(0, scheme.size()) + "//" + fresh.substr(at);
        break;
      }
    }
    bool escaped = false;
    const std::string unescaped = Unescape(fresh, &escaped);
    fresh = escaped ? unescaped : fresh;
    size_t name = 0;
    while (name < fresh.size() &&
           (IsAlnum(fresh[name]) || fresh[name] == '-' || fresh[name] == '_')) {
      ++name;
    }
    if (name == 0 || name >= fresh.size() || fresh[name] != ':') {
      fresh = (StartsWith(fresh, "ftp.") ? "ftp://" : "http://") + fresh;
    }
    const std::string now = AsciiLower(fresh);
    const size_t scheme = StartsWith(now, "https://") ? 8 : StartsWith(now, "http://") ? 7 : 0;
    if (scheme > 0) {
      const size_t end = fresh.find_first_of("/?#", scheme);
      if (end != std::string::npos && end > scheme && fresh[end] != '/') {
        fresh.insert(end, "/");
      }
    }
    ReplaceReferences(&fresh);
    if (fresh != uri) {
      variants_->push_back(fresh);
    }
    if (scheme > 0) {
      Host(fresh, scheme);
    }
  }

  void Host(const std::string& uri, size_t scheme) {
    const std::string proto = uri.substr(0, scheme);
    size_t at = scheme;
    const size_t end = std::min(uri.find_first_of("/?#", at), uri.size());
    const size_t sign = uri.find('@', at);
    const bool auth = sign != std::string::npos && sign < end;
    at = auth ? sign + 1 : at;
    const size_t host_end = std::min(uri.find_first_of("/?#:", at), uri.size());
    if (host_end == at) {
      return;
    }
    std::string host = uri.substr(at, host_end - at);
    const std::string rest = uri.substr(host_end);
    size_t digits = 1;
    std::string port;
    if (!rest.empty() && rest[0] == ':') {
      while (digits < rest.size() && IsDigit(rest[digits])) {
        ++digits;
      }
      port = rest.substr(1, digits - 1);
    }
    std::string without_port;
    if (port.empty()) {
      port = proto == "http://" ? "80" : "443";
    } else {
      without_port = rest;
      if ((proto == "http://" && port == "80") || (proto != "http://" && port == "443")) {
        without_port = rest.substr(digits);
        variants_->push_back(proto + host + without_port);
      }
    }
    const std::string plain = AsciiLower(host);
    if (std::any_of(host.begin(), host.end(),
                    [](char c) { return static_cast<unsigned char>(c) <= 0x20; })) {
      host.erase(std::remove_if(host.begin(), host.end(),
                                [](char c) { return static_cast<unsigned char>(c) <= 0x20; }),
                 host.end());
      variants_->push_back(proto + host + rest);
    }
    Redirected(rest);
    if (!host.empty() && !IsAlnum(host.back())) {
      while (!host.empty() && !IsAlnum(host.back())) {
        host.pop_back();
      }
      variants_->push_back(proto + host + rest);
    }
    Numbers(proto, host, rest, plain, auth, port);
  }

  void Redirected(const std::string& rest) {
    const std::string lower = AsciiLower(rest);
    size_t at = lower.find("http");
    while (at != std::string::npos) {
      const size_t colon = at + 4 + (lower.compare(at + 4, 1, "s") == 0 ? 1 : 0);
      if (lower.compare(colon, 1, ":") == 0) {
        const size_t end = std::min(rest.find_first_of("&#", colon + 1), rest.size());
        const std::string target = rest.substr(at, end - at);
        if (end > colon + 1 && target.find('.') != std::string::npos) {
          more_->push_back(target);
        }
        return;
      }
      at = lower.find("http", at + 1);
    }
  }

  void Numbers(const std::string& proto, const std::string& host, const std::string& rest,
               const std::string& plain, bool auth, const std::string& port) {
    const std::string ip = PlainIp(host);
    const std::string lower = AsciiLower(host);
    if (!ip.empty()) {
      variants_->push_back(proto + ip + rest);
    } else if (StartsWith(lower, "0x") && lower.size() > 2 &&
               std::all_of(lower.begin() + 2, lower.end(),
                           [](char c) { return HexValue(c) >= 0; })) {
      uint32_t value = 0;
      for (const char c : lower.substr(2)) {
        value = value << 4U | static_cast<uint32_t>(HexValue(c));
      }
      variants_->push_back(proto + Dotted(value) + rest);
    } else if (!host.empty() && std::all_of(host.begin(), host.end(), IsDigit)) {
      uint64_t value = 0;
      for (const char c : host) {
        value = std::min<uint64_t>(value * 10 + static_cast<uint64_t>(c - '0'), 1ULL << 40U);
      }
      variants_->push_back(proto + Dotted(static_cast<uint32_t>(value)) + rest);
    } else if (proto == "http://" && !auth && plain != "localhost" && port == "80") {
      const std::string name = StartsWith(plain, "www.") ? plain.substr(4) : plain;
      if (!name.empty() && name.find('.') == std::string::npos && !EndsInTopLevel(plain)) {
        variants_->push_back(proto + "www." + name + ".com" + rest);
      }
    }
  }

  std::vector<std::string>* variants_;
  std::vector<std::string>* more_;
};

}  // namespace

bool IsTopLevelDomain(std::string_view lower) {
  return std::binary_search(kTopLevel.begin(), kTopLevel.end(), lower);
}

std::vector<std::string> FindAssassinUris(const std::vector<std::string>& body) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const std::string& line : body) {
    Finder(line, &seen, &out).Run();
  }
  return out;
}

std::vector<std::string> CanonicalUris(const std::string& uri) {
  std::vector<std::string> list = {uri};
  std::vector<std::string> variants;
  std::set<std::string> seen;
  for (size_t i = 0; i < list.size() && list.size() + variants.size() < kMostVariants; ++i) {
    std::string one = list[i];
    one.erase(std::remove_if(one.begin(), one.end(), [](char c) { return c == '\n' || c == '\r'; }),
              one.end());
    one = std::string(AsciiTrim(one));
    list[i] = one;
    std::vector<std::string> more;
    Canonical(&variants, &more).Run(one);
    for (std::string& target : more) {
      if (std::find(list.begin(), list.end(), target) == list.end()) {
        list.push_back(std::move(target));
      }
    }
  }
  list.insert(list.end(), variants.begin(), variants.end());
  std::vector<std::string> out;
  for (std::string& one : list) {
    one.resize(std::min(one.size(), kLongestUri));
    if (!one.empty() && seen.insert(one).second) {
      out.push_back(std::move(one));
    }
  }
  return out;
}

}  // namespace gatepost::text
