// The lint of SMTP replies. A reply goes to a stranger's server and into its logs and bounces, so
// it names neither what was found nor the rule that found it.
// LIMITS: 400 bytes for both languages, because a reply line holds 512 (RFC 5321 4.5.3.1.5) and
// the reference is appended.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "src/base/bytes.h"
#include "src/policy/clause.h"

namespace gatepost::policy {

namespace {

constexpr size_t kMaxReply = 400;
// "mat" is the word of the Vietnamese levels without its diacritics.
constexpr std::array<const char*, 10> kTellingWords{
    "mat",     "secret",     "confidential", "classified", "classification",
    "marking", "restricted", "noforn",       "tlp",        "cui"};

bool IsWordByte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Does `word` stand in `text` between bytes that are not letters or digits? Both lower case.
bool HasWord(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !IsWordByte(text[at - 1])) && (end == text.size() || !IsWordByte(text[end]))) {
      return true;
    }
  }
  return false;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "550 5.7.1": three digits, blank, class.subject.detail (RFC 3463), both of class `first`.
bool IsCode(std::string_view code, char first) {
  if (code.size() < 9 || code[0] != first || !IsDigit(code[1]) || code[1] > '5' ||
      !IsDigit(code[2]) || code[3] != ' ' || code[4] != first || code[5] != '.') {
    return false;
  }
  const std::string_view rest = code.substr(6);
  const size_t dot = rest.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot > 3 || rest.size() - dot - 1 > 3 ||
      rest.size() == dot + 1) {
    return false;
  }
  for (size_t i = 0; i < rest.size(); ++i) {
    if (i != dot && !IsDigit(rest[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace

void LintReply(const Clause& clause, const Place& place, const ruleset::RuleSet& rules,
               Diagnostics* diagnostics) {
  const char first = clause.action == Action::kReject ? '5' : '4';
  if (!IsCode(clause.code, first)) {
    diagnostics->Error(
        place, "the code of '" + std::string(ToString(clause.action)) + "' must look like " +
                   (first == '5' ? "'550 5.7.1'" : "'451 4.7.1'") + ", not '" + clause.code + "'");
  }
  const std::string text = clause.text_en + " / " + clause.text_vi;
  if (text.size() > kMaxReply) {
    diagnostics->Error(place, "the reply is longer than 400 bytes");
  }
  for (const char c : text) {
    if (c < 0x20 || c > 0x7E || c == '%') {
      // '%' is the milter library's own sign.
      diagnostics->Error(place,
                         "a reply is printable ASCII without '%' (write Vietnamese without "
                         "diacritics)");
      break;
    }
  }
  const std::string lower = AsciiLower(text);
  for (const char* word : kTellingWords) {
    if (HasWord(lower, word)) {
      diagnostics->Error(
          place, std::string("a reply must not tell what was found: leave out '") + word + "'");
    }
  }
  for (const ruleset::Rule& rule : rules.rules()) {
    if (HasWord(lower, AsciiLower(rule.id))) {
      diagnostics->Error(place, "a reply must not name a rule: leave out '" + rule.id + "'");
    }
  }
}

}  // namespace gatepost::policy
