// URIs in running text, and what each is read as.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/assassin_uri.h"

#include <algorithm>
#include <array>
#include <set>

#include "src/base/bytes.h"
#include "src/text/assassin.h"

namespace gatepost::text {

namespace {

constexpr auto kTopLevel = std::to_array<std::string_view>({
#include "src/text/top_level_domains.inc"
});

constexpr size_t kLongestRest = 2'048;
constexpr size_t kLongestSide = 251;

bool IsEnd(char c) {
  return IsBlankByte(c) || c == '\x1b' || c == '\xa0' ||
         std::string_view("><\"`}]{[|").find(c) != std::string_view::npos;
}
bool IsMailEnd(char c) {
  return IsEnd(c) || c == ',' || c == '(' || c == '\'' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsStart(char c) {
  return IsBlankByte(c) || c == '\x1b' || c == '\xa0' ||
         std::string_view("><\"'`,{[(|").find(c) != std::string_view::npos;
}
bool IsBareStart(char c) {
  return IsBlankByte(c) || c == '\x1b' || c == '\xa0' ||
         std::string_view("!\"#$&'()*+,/:;<=>?@[\\]^`{|}~").find(c) != std::string_view::npos;
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
  if (HasPrefix(rest, "javascript:") || HasPrefix(rest, "cid:") || HasPrefix(rest, "file:")) {
    return false;
  }
  if (HasPrefix(rest, "mailto:")) {
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
    const bool word = IsWordByte(line_[at]);
    if (at == 0) {
      return word;
    }
    return IsWordByte(line_[at - 1]) != word || IsStart(line_[at - 1]);
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
      scheme = scheme == 0 && HasPrefix(lower, one) ? one.size() : scheme;
    }
    if (scheme == 0 && HasPrefix(lower, "www")) {
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
    if (HasPrefix(lower, kMailto)) {
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
    if (HasPrefix(lower, "cid:") || HasPrefix(lower, "mid:")) {
      return;
    }
    const size_t colon = raw.find(':');
    if (colon != std::string::npos && colon > 0 && raw.size() - colon <= 3 &&
        raw.find_first_not_of('/', colon + 1) == std::string::npos &&
        std::all_of(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(colon), IsWordByte)) {
      return;
    }
    std::string uri = raw;
    const bool has_scheme = HasPrefix(lower, "http:") || HasPrefix(lower, "https:") ||
                            HasPrefix(lower, "ftp:") || HasPrefix(lower, "mailto:");
    if (!has_scheme && !AddScheme(lower, &uri)) {
      return;
    }
    if (HasPrefix(AsciiLower(uri), "mailto:")) {
      bool escaped = false;
      std::string plain = UnescapeUri(uri, &escaped);
      uri = escaped ? std::move(plain) : uri;
      const size_t sign = uri.find('@');
      if (sign == std::string::npos) {
        return;
      }
      std::string host = uri.substr(sign + 1);
      host.resize(std::min(host.find_first_of("?&>"), host.size()));
      while (host.size() > 3 && host.compare(host.size() - 3, 3, "%20") == 0) {
        host.resize(host.size() - 3);
      }
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
    if (HasPrefix(lower, "ftp.")) {
      *uri = "ftp://" + *uri;
      return true;
    }
    size_t www = HasPrefix(lower, "www") ? 3 : 0;
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
      for (const std::string_view word : {"skype", "e-mail", "email", "-mail", "mail", ""}) {
        if (HasPrefix(lower, word) && lower.size() > word.size() && lower[word.size()] == ':') {
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

}  // namespace

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
        !label.empty() && label.size() <= 63 && IsWordByte(label.front()) &&
        IsWordByte(label.back()) &&
        std::all_of(label.begin(), label.end(), [](char c) { return IsWordByte(c) || c == '-'; });
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

bool IsTopLevelDomain(std::string_view lower) {
  return std::binary_search(kTopLevel.begin(), kTopLevel.end(), lower);
}

std::vector<std::string> FindAssassinUris(const std::vector<std::string>& body) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const std::string& line : body) {
    if (line.find_first_of(".@:") == std::string::npos) {
      continue;  // a URI has one of these
    }
    Finder(line, &seen, &out).Run();
  }
  return out;
}

}  // namespace gatepost::text
