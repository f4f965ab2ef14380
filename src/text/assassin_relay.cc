// Received fields to hops, in the notation of X-Spam-Relays-External.
// LIMITS: the common notations ("from HELO (RDNS [IP]) by HOST with P id I" and what Exim, qmail
// and Sendmail make of it); a hop in another is left out. No network is trusted but hops from
// private addresses and signed-in senders in a row from the top, as SpamAssassin without
// trusted_networks. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/text/assassin.h"

namespace gatepost::text {

namespace {

struct Hop {
  std::string ip, rdns, helo, by, ident, envfrom, id, auth;
};

bool IsIpChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
         c == '.';
}

// An address that begins at text[at], or "".
std::string IpAt(std::string_view text, size_t at) {
  if (AsciiLower(text.substr(at, 5)) == "ipv6:") {
    at += 5;
  }
  size_t end = at;
  while (end < text.size() && IsIpChar(text[end])) {
    ++end;
  }
  const std::string ip(text.substr(at, end - at));
  const auto dots = std::count(ip.begin(), ip.end(), '.');
  const auto colons = std::count(ip.begin(), ip.end(), ':');
  return (dots == 3 && colons == 0 && ip.size() >= 7) || colons >= 2 ? ip : "";
}

std::string_view WordAt(std::string_view text, size_t at) {
  const size_t end = text.find(' ', at);
  return at >= text.size() ? std::string_view()
                           : text.substr(at, end == std::string_view::npos ? end : end - at);
}

std::string Cleaned(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (std::string_view(" \t#[]()<>|").find(c) != std::string_view::npos || c == '\0') {
      c = '!';
    }
  }
  return out;
}

// What stands behind `mark` up to a blank or bracket, or "".
std::string Behind(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) {
    return "";
  }
  const size_t begin = at + mark.size();
  return std::string(text.substr(begin, text.find_first_of(" )>;", begin) - begin));
}

void ReadAuth(std::string_view line, Hop* hop) {
  for (const std::string_view word :
       {"ESMTPSA", "ESMTPA", "LMTPSA", "LMTPA", "ASMTP", "HTTPS", "HTTPU", "HTTP"}) {
    const size_t at = line.find(std::string(" with ") + std::string(word));
    const size_t end = at == std::string_view::npos ? at : at + 6 + word.size();
    if (at != std::string_view::npos &&
        (end == line.size() || line[end] == ' ' || line[end] == ';')) {
      hop->auth = word;
      return;
    }
  }
  if (line.find("authenticated") != std::string_view::npos && line.find("])") < line.find(" by ")) {
    hop->auth = "Sendmail";
  } else if (line.find("(Authenticated sender: ") != std::string_view::npos) {
    hop->auth = "Postfix";
  }
}

// "(RDNS [IP])", "([IP])", "(HELO x)", "(user@IP)", "([IP] helo=x)": what stands between the first
// word and " by ".
void ReadBrackets(std::string_view middle, bool exim, const std::string& first, Hop* hop) {
  const size_t open = middle.find('[');
  const std::string bracketed = open == std::string_view::npos ? "" : IpAt(middle, open + 1);
  std::string helo = Behind(middle, "helo=");
  for (const std::string_view mark : {"(HELO ", "(EHLO ", "(LHLO "}) {
    helo = helo.empty() ? Behind(middle, mark) : helo;
  }
  hop->ident = Behind(middle, "ident=");
  if (!bracketed.empty()) {
    hop->ip = bracketed;
    const size_t before = middle.rfind('(', open);
    std::string name(before == std::string_view::npos
                         ? std::string_view()
                         : middle.substr(before + 1, open - before - 1));
    while (!name.empty() && name.back() == ' ') {
      name.pop_back();
    }
    const size_t at = name.find('@');
    if (at != std::string::npos) {
      hop->ident = name.substr(0, 6) == "IDENT:" ? name.substr(6, at - 6) : name.substr(0, at);
      name.erase(0, at + 1);
    }
    const bool plain = name.find(' ') == std::string::npos && name != "unverified";
    hop->helo = helo.empty() ? first : helo;
    hop->rdns = !helo.empty() || (exim && name.empty()) ? first : plain ? name : "";
    return;
  }
  for (size_t at = middle.find('('); at != std::string_view::npos; at = middle.find('(', at + 1)) {
    std::string_view inside = middle.substr(at + 1, middle.find(')', at) - at - 1);
    const size_t sign = inside.find('@');
    const std::string ip = IpAt(inside, sign == std::string_view::npos ? 0 : sign + 1);
    if (!ip.empty()) {
      hop->ip = ip;
      hop->ident = sign == std::string_view::npos ? "" : std::string(inside.substr(0, sign));
      hop->rdns = first;
      hop->helo = helo.empty() ? first : helo;
      return;
    }
  }
}

bool ReadHop(const std::string& value, Hop* hop) {
  std::string line;
  for (const char c : value) {
    if (c == ' ' || (c >= 9 && c <= 13)) {
      line += !line.empty() && line.back() != ' ' ? " " : "";
    } else {
      line += c;
    }
  }
  if (AsciiLower(line.substr(0, 5)) != "from " ||
      line.find(" with local for ") != std::string::npos) {
    return false;
  }
  const std::string rest = line.substr(5);
  const std::string first(WordAt(rest, 0));
  const size_t by = rest.find(" by ");
  const size_t glued = rest.find(")by ");
  const size_t end = std::min(by == std::string::npos ? rest.size() : by,
                              glued == std::string::npos ? rest.size() : glued + 1);
  const std::string_view middle =
      std::string_view(rest).substr(0, end).substr(std::min(first.size(), end));
  hop->by = Cleaned(WordAt(rest, std::min(rest.find("by ", end), rest.size()) + 3));
  while (!hop->by.empty() && hop->by.back() == ';') {
    hop->by.pop_back();
  }
  ReadAuth(line, hop);
  const bool exim = line.find("Exim") != std::string::npos;
  if (exim && line.find(" with local") != std::string::npos) {
    return false;
  }
  const std::string own =
      IpAt(first, !first.empty() && (first[0] == '[' || first[0] == '(') ? 1 : 0);
  ReadBrackets(middle, exim, first, hop);
  if (hop->ip.empty() && !own.empty()) {
    hop->ip = own;
    hop->helo = Behind(middle, "helo=");
    hop->rdns.clear();
  } else if (first.size() > 1 && first[0] == '[' && !own.empty() && hop->ip.empty()) {
    hop->ip = own;
  }
  if (hop->ip.empty() || hop->by.empty()) {
    return false;
  }
  if (AsciiLower(hop->rdns) == "unknown" || (!hop->rdns.empty() && hop->rdns[0] == '[')) {
    hop->rdns.clear();
  }
  while (!hop->rdns.empty() && hop->rdns.back() == '.') {
    hop->rdns.pop_back();
  }
  const size_t id = line.find(" id ");
  if (id != std::string::npos) {
    std::string_view word = WordAt(line, id + 4);
    word.remove_prefix(!word.empty() && word[0] == '<' ? 1 : 0);
    word = word.substr(0, word.find_first_of("<>;"));
    hop->id = word.size() >= 3 ? std::string(word) : "";
  }
  for (const std::string_view mark :
       {"envelope-from ", "envelope-sender ", "envelope-from=", "envelope-sender="}) {
    if (hop->envfrom.empty()) {
      hop->envfrom = Behind(line, mark);
    }
  }
  hop->envfrom.erase(std::remove(hop->envfrom.begin(), hop->envfrom.end(), '<'),
                     hop->envfrom.end());
  return true;
}

bool IsPrivate(const std::string& ip) {
  const auto starts = [&](std::string_view with) { return ip.compare(0, with.size(), with) == 0; };
  if (starts("172.")) {
    const int second = std::atoi(ip.c_str() + 4);
    return second >= 16 && second <= 31;
  }
  if (starts("100.")) {
    const int second = std::atoi(ip.c_str() + 4);
    return second >= 64 && second <= 127;
  }
  return starts("10.") || starts("127.") || starts("192.168.") || starts("169.254.") ||
         ip == "::1" || starts("fe80:") || starts("fd");
}

}  // namespace

std::string AssassinRelays(const mail::Message& message, bool trusted) {
  std::string out;
  bool trusts = true;
  for (const mail::Field* field : message.FindFields(message.root(), "received")) {
    Hop hop;
    if (!ReadHop(std::string(Slice(message.raw(), field->value)), &hop)) {
      continue;
    }
    trusts = trusts && (IsPrivate(hop.ip) || !hop.auth.empty());
    if (trusts != trusted) {
      continue;
    }
    out += (out.empty() ? "[ ip=" : " [ ip=") + hop.ip + " rdns=" + Cleaned(hop.rdns) +
           " helo=" + Cleaned(hop.helo) + " by=" + hop.by + " ident=" + Cleaned(hop.ident) +
           " envfrom=" + Cleaned(hop.envfrom) + " intl=" + (trusted ? "1" : "0") + " id=" + hop.id +
           " auth=" + hop.auth + " msa=0 ]";
  }
  return out;
}

}  // namespace gatepost::text
