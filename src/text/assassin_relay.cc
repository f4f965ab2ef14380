// Received fields to hops, in the notation of X-Spam-Relays-External.
// LIMITS: the common notations ("from HELO (RDNS [IP]) by HOST with P id I" and what Exim, qmail
// and Sendmail make of it); a hop in another is left out. No network is trusted but hops from
// private addresses and signed-in senders in a row from the top, as SpamAssassin without
// trusted_networks.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "src/text/assassin.h"
#include "src/text/assassin_uri.h"

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
  const std::string lower = AsciiLower(line);
  for (const std::string_view word :
       {"esmtpsa", "esmtpa", "lmtpsa", "lmtpa", "utf8smtpsa", "utf8smtpa", "utf8lmtpsa",
        "utf8lmtpa", "asmtp", "https", "httpu", "http"}) {
    const std::string with = " with " + std::string(word);
    const size_t at = lower.find(with);
    const size_t end = at + with.size();
    if (at != std::string::npos &&
        (end == lower.size() || lower[end] == ' ' || lower[end] == ';')) {
      hop->auth = line.substr(end - word.size(), word.size());
      return;
    }
  }
  if (line.find("authenticated") != std::string_view::npos && line.find("])") < line.find(" by ")) {
    hop->auth = "Sendmail";
  } else if (line.find("(Authenticated sender: ") != std::string_view::npos) {
    hop->auth = "Postfix";
  }
}

// How qmail and others write who was asked for the name of the client: " with SMTP" without an id.
bool NamesClientFirst(std::string_view behind_by) {
  if (behind_by.find(" SMTPSVC") != std::string_view::npos ||
      behind_by.find(" Microsoft SMTP Server") != std::string_view::npos) {
    return false;
  }
  for (const std::string_view word : {" SMTP", " QMQP"}) {
    for (size_t at = behind_by.find(word); at != std::string_view::npos;
         at = behind_by.find(word, at + 1)) {
      if (behind_by.substr(0, at).find(" with") != std::string_view::npos) {
        return !HasPrefix(behind_by.substr(at + word.size()), " id ");
      }
    }
  }
  return false;
}

// What stands between the first word and " by ": "(RDNS [IP])", "([IP])", "(HELO x)", "(user@IP)",
// "([IP] helo=x)".
void ReadBrackets(std::string middle, std::string_view behind_by, bool exim,
                  const std::string& first, Hop* hop) {
  std::string helo = Behind(middle, "helo=");
  for (const std::string_view mark : {"(HELO ", "(EHLO ", "(LHLO "}) {
    const size_t at = middle.find(mark);
    if (at == std::string::npos) {
      continue;
    }
    helo = helo.empty() ? Behind(middle, mark) : helo;
    middle.erase(at, std::min(middle.find(')', at), middle.size() - 1) + 1 - at);
  }
  const size_t open = middle.find('[');
  const std::string bracketed = open == std::string::npos ? "" : IpAt(middle, open + 1);
  const bool asks_by =
      HasPrefix(behind_by.substr(std::min(behind_by.find(' ', 3), behind_by.size())), " (");
  hop->ident = Behind(middle, "ident=");
  if (!bracketed.empty()) {
    hop->ip = bracketed;
    const size_t before = middle.rfind('(', open);
    std::string name =
        before == std::string::npos ? "" : middle.substr(before + 1, open - before - 1);
    while (!name.empty() && name.back() == ' ') {
      name.pop_back();
    }
    const size_t at = name.rfind('@');
    bool asked = false;
    if (at != std::string::npos) {
      hop->ident = HasPrefix(name, "IDENT:") ? name.substr(6, at - 6) : name.substr(0, at);
      name.erase(0, at + 1);
      asked = name.empty() && !asks_by;
    }
    const bool plain = name.find(' ') == std::string::npos;
    asked = asked || (name.empty() && (exim || NamesClientFirst(behind_by)));
    hop->helo = helo.empty() ? first : helo;
    hop->rdns = !helo.empty() || asked ? first : plain ? name : "";
    return;
  }
  for (size_t at = middle.find('('); at != std::string::npos; at = middle.find('(', at + 1)) {
    const std::string inside = middle.substr(at + 1, middle.find(')', at) - at - 1);
    const size_t sign = inside.rfind('@');
    const std::string ip = IpAt(inside, sign == std::string::npos ? 0 : sign + 1);
    if (!ip.empty()) {
      hop->ip = ip;
      hop->ident = sign == std::string::npos ? "" : inside.substr(0, sign);
      hop->rdns = first;
      hop->helo = helo.empty() ? first : helo;
      return;
    }
  }
  hop->helo = helo;
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
      line.find(" with local for ") != std::string::npos ||
      line.find(" with POP3") != std::string::npos ||
      line.find(" with IMAP") != std::string::npos) {
    return false;  // what a program fetched or delivered, no relay
  }
  const std::string rest = line.substr(5);
  std::string first(WordAt(rest, 0));
  const size_t by = rest.find(" by ");
  const size_t glued = rest.find(")by ");
  const size_t end = std::min(by == std::string::npos ? rest.size() : by,
                              glued == std::string::npos ? rest.size() : glued + 1);
  const std::string middle =
      rest.substr(std::min(first.size(), end), end - std::min(first.size(), end));
  const std::string_view behind_by =
      std::string_view(rest).substr(std::min(rest.find("by ", end), rest.size()));
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
  // "from (NAME [IP]) by": nobody said HELO.
  if (first.size() > 1 && first[0] == '(') {
    first = first.substr(1, first.find_first_of(")[") - 1);
  }
  ReadBrackets(middle, behind_by, exim, first, hop);
  if (hop->ip.empty() && !own.empty()) {
    hop->ip = own;
    hop->rdns.clear();
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

// Trusted are hops from private addresses and of signed-in senders, in a row from the top.
bool IsTrusted(const Hop& hop) { return IsPrivate(hop.ip) || !hop.auth.empty(); }

}  // namespace

void AssassinRelays::Prepare() {
  if (std::exchange(prepared_, true)) {
    return;
  }
  std::vector<Hop> hops;
  bool within = true;  // above the first hop that is not trusted
  for (const mail::Field* field : message_.FindFields(message_.root(), "received")) {
    Hop hop;
    const bool known = ReadHop(std::string(Slice(message_.raw(), field->value)), &hop);
    within = within && (!known || IsTrusted(hop));
    trusted_fields_ += within ? 1 : 0;
    if (known) {
      hops.push_back(std::move(hop));
    }
  }
  // Where a web mailer says from where it was used.
  for (const char* name : {"x-yahoo-post-ip", "x-originating-ip", "x-apparently-from"}) {
    const std::vector<const mail::Field*> fields = message_.FindFields(message_.root(), name);
    const Bytes value = fields.empty() ? Bytes() : Slice(message_.raw(), fields.back()->value);
    Hop hop;
    for (size_t at = 0; at < value.size() && hop.ip.empty(); ++at) {
      if (IsIpChar(value[at]) && (at == 0 || !IsIpChar(value[at - 1]))) {
        hop.ip = IpAt(value, at);
      }
    }
    if (!hop.ip.empty()) {
      hops.push_back(std::move(hop));
    }
  }
  bool trusts = true;
  for (const Hop& hop : hops) {
    trusts = trusts && IsTrusted(hop);
    std::string& out = trusts ? trusted_ : untrusted_;
    out += (out.empty() ? "[ ip=" : " [ ip=") + hop.ip + " rdns=" + Cleaned(hop.rdns) +
           " helo=" + Cleaned(hop.helo) + " by=" + hop.by + " ident=" + Cleaned(hop.ident) +
           " envfrom=" + Cleaned(hop.envfrom) + " intl=" + (trusts ? "1" : "0") + " id=" + hop.id +
           " auth=" + hop.auth + " msa=0 ]";
  }
}

const std::string& AssassinRelays::Hops(bool trusted) {
  Prepare();
  return trusted ? trusted_ : untrusted_;
}

size_t AssassinRelays::TrustedFields() {
  Prepare();
  return trusted_fields_;
}

}  // namespace gatepost::text
