// What SpamAssassin takes one URI for, besides itself: unescaped, without a port, behind a
// redirector, with its numbers in dots.
// LIMITS: 100 readings of one URI; redirectors are known by "http" in the URI, not by patterns.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <set>

#include "src/base/bytes.h"
#include "src/text/assassin.h"
#include "src/text/assassin_uri.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestUri = 8'192;
constexpr size_t kMostVariants = 100;

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
    const bool hex = HasPrefix(part, "0x");
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
    if (HasPrefix(lower, "mailto:") || (sign != std::string::npos && sign < colon)) {
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
      size_t begin = HasPrefix(lower, "mailto:") ? 7 : 0;
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
      if (HasPrefix(lower, scheme)) {
        size_t at = scheme.size();
        for (int i = 0; i < 2 && at < fresh.size() && fresh[at] == '/'; ++i) {
          ++at;
        }
        fresh = fresh.substr(0, scheme.size()) + "//" + fresh.substr(at);
        break;
      }
    }
    bool escaped = false;
    const std::string unescaped = UnescapeUri(fresh, &escaped);
    fresh = escaped ? unescaped : fresh;
    size_t name = 0;
    while (name < fresh.size() &&
           (IsAlnum(fresh[name]) || fresh[name] == '-' || fresh[name] == '_')) {
      ++name;
    }
    if (name == 0 || name >= fresh.size() || fresh[name] != ':') {
      fresh = (HasPrefix(fresh, "ftp.") ? "ftp://" : "http://") + fresh;
    }
    const std::string now = AsciiLower(fresh);
    const size_t scheme = HasPrefix(now, "https://") ? 8 : HasPrefix(now, "http://") ? 7 : 0;
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
    const size_t user = host.find('@');
    if (user != std::string::npos && user > 0) {
      host.erase(0, user + 1);
      variants_->push_back(proto + host + rest);
    }
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
    } else if (HasPrefix(lower, "0x") && lower.size() > 2 &&
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
      const std::string name = HasPrefix(plain, "www.") ? plain.substr(4) : plain;
      if (!name.empty() && name.find('.') == std::string::npos && !EndsInTopLevel(plain)) {
        variants_->push_back(proto + "www." + name + ".com" + rest);
      }
    }
  }

  std::vector<std::string>* variants_;
  std::vector<std::string>* more_;
};

}  // namespace

std::string UnescapeUri(const std::string& uri, bool* any) {
  std::string out;
  *any = false;
  for (size_t i = 0; i < uri.size(); ++i) {
    const auto c = static_cast<unsigned char>(uri[i]);
    if (c == '%' && i + 2 < uri.size() && HexValue(uri[i + 1]) >= 0 && HexValue(uri[i + 2]) >= 0) {
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
