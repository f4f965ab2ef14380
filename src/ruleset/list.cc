// LIMITS: 500,000 entries of 1,000 bytes; 1,000 entries with '*' (each is tried in turn).
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/list.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/mail/address.h"
#include "src/ruleset/lint.h"

namespace gatepost::ruleset {

namespace {

constexpr size_t kMaxEntries = 500'000;
constexpr size_t kMaxEntryBytes = 1'000;
constexpr size_t kMaxGlobs = 1'000;
constexpr size_t kMaxDoubtful = 50;

// A domain or address with letters beyond ASCII as mail::Address has it, with labels in Punycode
// and small letters; "" it has none, or is neither. A dot in front stays.
std::string Ascii(std::string_view key) {
  const size_t dot = key.find('.', 1);
  if (dot == std::string_view::npos || dot + 1 >= key.size() ||
      std::all_of(key.begin(), key.end(), [](char c) { return (c & 0x80) == 0; })) {
    return {};
  }
  if (const size_t at = key.rfind('@'); at != std::string_view::npos && at > 0) {
    const std::string domain = mail::Address::Parse(key).domain();
    return domain.empty() ? domain : std::string(key.substr(0, at + 1)) + domain;
  }
  const bool below = key[0] == '.';
  const std::string bare(key.substr(below || key[0] == '@' ? 1 : 0));
  const std::string domain = mail::Address::Parse("x@" + bare).domain();
  return domain.empty() ? domain : (below ? "." : "") + domain;
}

}  // namespace

void WordList::Add(std::string_view entry, const Place& place, Diagnostics* diagnostics) {
  const Bytes trimmed = AsciiTrim(entry);
  if (trimmed.empty()) {
    diagnostics->Error(place, "an entry of a list is empty");
    return;
  }
  if (!IsUtf8(trimmed) || trimmed.size() > kMaxEntryBytes) {
    diagnostics->Error(place, "an entry of a list is not UTF-8 or longer than 1,000 bytes");
    return;
  }
  if (entries_.size() >= kMaxEntries) {
    if (entries_.size() == kMaxEntries) {
      diagnostics->Error(place, "a list holds more than 500,000 entries: split it");
      entries_.emplace_back();
    }
    return;
  }
  const std::string key = AsciiLower(trimmed);
  entries_.emplace_back(trimmed);
  if (const std::string why = LintEntry(trimmed); !why.empty()) {
    Doubt(place, "'" + std::string(trimmed) + "' can never be found: it " + why);
  }
  if (key.find(' ') != std::string::npos) {
    ++phrases_;
  } else if (key.find('*') != std::string::npos) {
    if (key.find_first_not_of("*.@") == std::string::npos) {
      diagnostics->Error(place, "'" + key + "' would list everything");
    } else if (globs_.size() >= kMaxGlobs) {
      diagnostics->Error(place, "a list holds more than 1,000 entries with '*'");
    } else {
      globs_.push_back(key);
    }
  } else if (key[0] == '.') {
    if (!suffixes_.insert(key).second) {
      Doubt(place, "'" + key + "' is in the list already: remove one");
    }
  } else if (!exact_.insert(key[0] == '@' && key.size() > 1 ? key.substr(1) : key).second) {
    // "@example.com" and "example.com" say the same.
    Doubt(place, "'" + key + "' is in the list already: remove one");
  }
  if (key.find_first_of(" *") != std::string::npos) {
    return;
  }
  // "bücher.example" stands in mail as "xn--bcher-kva.example".
  if (const std::string ascii = Ascii(key); !ascii.empty()) {
    (ascii[0] == '.' ? suffixes_ : exact_).insert(ascii);
  }
}

void WordList::Doubt(const Place& place, std::string message) {
  if (doubtful_.size() < kMaxDoubtful) {
    doubtful_.push_back({Diagnostic::Severity::kWarning, place, std::move(message)});
  }
}

void WordList::AddFile(const std::string& file, std::string_view content,
                       Diagnostics* diagnostics) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  if (content.substr(0, kBom.size()) == kBom) {
    content.remove_prefix(kBom.size());
  }
  int number = 0;
  for (size_t at = 0; at < content.size();) {
    const size_t end = std::min(content.find('\n', at), content.size());
    std::string_view line = content.substr(at, end - at);
    at = end + 1;
    ++number;
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
        line = line.substr(0, i);
        break;
      }
    }
    if (!AsciiTrim(line).empty()) {
      Add(line, {file, number, 1}, diagnostics);
    }
  }
}

bool WordList::ContainsDomain(const std::string& domain) const {
  if (exact_.count(domain) > 0) {
    return true;
  }
  if (!suffixes_.empty()) {
    for (size_t dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1)) {
      if (suffixes_.count(domain.substr(dot)) > 0) {
        return true;
      }
    }
  }
  for (const std::string& glob : globs_) {
    if (GlobMatches(glob, domain)) {
      return true;
    }
  }
  return false;
}

bool WordList::Contains(std::string_view key) const {
  if (key.empty() || key.size() > kMaxEntryBytes) {
    return false;
  }
  if (key.find('@') == std::string_view::npos) {
    std::string lower = AsciiLower(key);
    if (lower.size() > 1 && lower.back() == '.') {
      lower.pop_back();  // a domain's root dot
    }
    if (ContainsDomain(lower)) {
      return true;
    }
    const std::string ascii = Ascii(lower);
    return !ascii.empty() && ContainsDomain(ascii);
  }
  const mail::Address address = mail::Address::Parse(key);
  return ContainsDomain(AsciiLower(key)) || ContainsDomain(address.key()) ||
         ContainsDomain(address.domain()) ||
         (address.final_domain() != address.domain() && ContainsDomain(address.final_domain()));
}

}  // namespace gatepost::ruleset
