// What an outer header may not say (RFC 5322 3.6; the attacks are those of "Composition Kills").
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/identity.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "src/mail/address.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

// What the punctuation of an address list says.
struct Syntax {
  bool unclosed = false;  // some quote, comment or bracket is left open
  bool group = false;     // "name: addresses;" (RFC 6854)
  bool odd = false;       // comments, quotes or escapes within an address
};

Syntax SyntaxOf(Bytes value) {
  Syntax out;
  bool quoted = false;
  bool bracket = false;
  bool colon = false;
  size_t comments = 0;
  char before = 0;  // the last character that is no blank
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\') {
      out.odd = true;
      ++i;
    } else if (quoted) {
      quoted = c != '"';
      out.odd = out.odd || (!quoted && i + 1 < value.size() && value[i + 1] == '@');
    } else if (c == '(') {
      out.odd = out.odd || (comments == 0 && before == '@');
      ++comments;
    } else if (comments > 0) {
      comments -= c == ')' ? 1 : 0;
      out.odd = out.odd || (comments == 0 && i + 1 < value.size() && value[i + 1] == '@');
    } else if (c == '"') {
      quoted = true;
    } else if (c == '<') {
      bracket = true;
    } else if (c == '>') {
      bracket = false;
    } else if (c == ':' && !bracket) {
      colon = true;
    } else if (c == ';' && !bracket) {
      out.group = out.group || colon;
    }
    before = c == ' ' || c == '\t' || c == '\r' || c == '\n' ? before : c;
  }
  out.unclosed = quoted || bracket || comments > 0;
  return out;
}

// A fold behind which a field of its own could begin: "From: a\r\n From: b".
bool HasFieldInFold(Bytes value) {
  for (size_t at = value.find('\n'); at != Bytes::npos; at = value.find('\n', at + 1)) {
    Bytes line = value.substr(at + 1);
    const size_t letter = line.find_first_not_of(" \t");
    line = letter == Bytes::npos ? Bytes() : line.substr(letter);
    const Bytes name = line.substr(0, line.find_first_of(": \r\n"));
    for (const Bytes field : {"from", "sender", "to", "subject", "reply-to"}) {
      if (AsciiEqualsIgnoreCase(name, field) && line.find(':') != Bytes::npos) {
        return true;
      }
    }
  }
  return false;
}

bool HasOverride(std::string_view text) {
  // U+202A to 202E, U+2066 to 2069.
  for (size_t at = text.find('\xE2'); at != Bytes::npos; at = text.find('\xE2', at + 1)) {
    const std::string_view three = text.substr(at, 3);
    if (three.size() == 3 && ((three[1] == '\x80' && three[2] >= '\xAA' && three[2] <= '\xAE') ||
                              (three[1] == '\x81' && three[2] >= '\xA6' && three[2] <= '\xA9'))) {
      return true;
    }
  }
  return false;
}

// The domain of the first address of a field; "" none.
std::string DomainOf(Bytes raw, const Field& field) {
  const std::vector<Mailbox> mailboxes = ParseAddressList(Slice(raw, field.value), 1);
  return mailboxes.empty() ? std::string() : std::string(mailboxes.front().address.domain());
}

// A mail in somebody's name sent by somebody else: lists and assistants do it too.
void JudgeSender(Bytes raw, const Part& root, Report* report) {
  const Field* from = nullptr;
  std::vector<const Field*> others;
  for (const Field& field : root.fields) {
    const Bytes name = Slice(raw, field.name);
    if (from == nullptr && AsciiEqualsIgnoreCase(name, "from")) {
      from = &field;
    } else if (others.size() < 4 && (AsciiEqualsIgnoreCase(name, "sender") ||
                                     AsciiEqualsIgnoreCase(name, "resent-from"))) {
      others.push_back(&field);
    }
  }
  if (from == nullptr || others.empty()) {
    return;
  }
  const std::string domain = DomainOf(raw, *from);
  for (const Field* other : others) {
    if (DomainOf(raw, *other) != domain) {
      report->Add(DefectId::kSenderDiffers, root.index);
    }
  }
}

// "a @ b" and the wide forms of the sign (U+FF20, U+FE6B) as people read them.
std::string WithPlainAt(std::string display) {
  for (const Bytes wide : {Bytes("\xEF\xBC\xA0"), Bytes("\xEF\xB9\xAB")}) {
    for (size_t at = display.find(wide); at != std::string::npos; at = display.find(wide, at)) {
      display.replace(at, wide.size(), "@");
    }
  }
  std::string out;
  for (const char c : display) {
    while (c == '@' && !out.empty() && out.back() == ' ') {
      out.pop_back();
    }
    if (c != ' ' || out.empty() || out.back() != '@') {
      out.push_back(c);
    }
  }
  return out;
}

// Does the name show an address that is not the mailbox's? Each "@" is looked at.
bool ShowsAnother(const Mailbox& mailbox) {
  constexpr Bytes kEnds = " \t\"'<>()[],;:";
  constexpr int kMost = 20;
  const std::string plain = WithPlainAt(mailbox.display.substr(0, 4096));
  const Bytes display = plain;
  size_t at = display.find('@');
  for (int n = 0; at != Bytes::npos && n < kMost; ++n, at = display.find('@', at + 1)) {
    const size_t before = at == 0 ? Bytes::npos : display.find_last_of(kEnds, at - 1);
    const size_t begin = before == Bytes::npos ? 0 : before + 1;
    const size_t end = std::min(display.find_first_of(kEnds, at), display.size());
    const Address shown = Address::Parse(display.substr(begin, end - begin));
    // "An @ Home" names no mailbox.
    const bool has_dot = shown.domain().find('.') != std::string::npos;
    if (shown.valid() && has_dot && shown.domain() != mailbox.address.domain()) {
      return true;
    }
  }
  return false;
}

void JudgeFrom(Bytes value, Report* report) {
  const std::vector<Mailbox> mailboxes = ParseAddressList(value, 20);
  const Syntax syntax = SyntaxOf(value);
  if (syntax.unclosed) {
    report->Add(DefectId::kUnclosedInFrom, 0);
  }
  if (syntax.group) {
    report->Add(DefectId::kGroupInFrom, 0);
  }
  if (syntax.odd) {
    report->Add(DefectId::kOddAddress, 0);
  }
  if (HasFieldInFold(value)) {
    report->Add(DefectId::kFieldInFold, 0);
  }
  if (value.find('\xE2') != Bytes::npos || HasEncodedWord(value)) {
    if (HasOverride(DecodeEncodedWords(Unfold(value)))) {
      report->Add(DefectId::kBidiInHeader, 0);
    }
  }
  if (mailboxes.size() > 1) {
    report->Add(DefectId::kMultipleFromAddresses, 0);
  }
  bool valid = !mailboxes.empty();
  for (const Mailbox& mailbox : mailboxes) {
    const Address& address = mailbox.address;
    valid = valid && address.valid();
    if (address.spelling().find("=?") != std::string::npos &&
        address.spelling().find("?=") != std::string::npos) {
      report->Add(DefectId::kEncodedWordInAddress, 0);
    }
    if (!address.spelling().empty() && address.spelling().front() == '@') {
      report->Add(DefectId::kSourceRouteInFrom, 0);
    }
    if (ShowsAnother(mailbox)) {
      report->Add(DefectId::kDisplayNameIsAddress, 0);
    }
  }
  if (!valid) {
    report->Add(DefectId::kMalformedFrom, 0);
  }
}

}  // namespace

void JudgeIdentity(Bytes raw, const Part& root, Report* report) {
  static constexpr std::array<std::string_view, 13> kOnce = {
      "from",        "sender",     "reply-to", "to",   "cc",           "bcc",       "message-id",
      "in-reply-to", "references", "subject",  "date", "mime-version", "content-id"};
  JudgeSender(raw, root, report);
  std::array<const Field*, kOnce.size()> seen{};
  for (const Field& field : root.fields) {
    const Bytes name = Slice(raw, field.name);
    for (size_t i = 0; i < kOnce.size(); ++i) {
      if (name.size() != kOnce[i].size() || !AsciiEqualsIgnoreCase(name, kOnce[i])) {
        continue;
      }
      if (seen[i] == nullptr) {
        seen[i] = &field;
        if (i == 0) {
          JudgeFrom(Slice(raw, field.value), report);
        }
        if (kOnce[i] == "subject") {
          const Bytes value = Slice(raw, field.value);
          if ((value.find('\xE2') != Bytes::npos || HasEncodedWord(value)) &&
              HasOverride(DecodeEncodedWords(Unfold(value)))) {
            report->Add(DefectId::kBidiInHeader, 0);
          }
        }
        break;
      }
      const bool same = Unfold(AsciiTrim(Slice(raw, field.value))) ==
                        Unfold(AsciiTrim(Slice(raw, seen[i]->value)));
      if (i == 0) {
        report->Add(DefectId::kDuplicateFrom, same ? Grade::kB : Grade::kC, 0);
        JudgeFrom(Slice(raw, field.value), report);
      } else {
        report->Add(DefectId::kDuplicateScalarHeader, same ? Grade::kA : Grade::kB, 0,
                    std::string(kOnce[i]));
      }
      break;
    }
  }
}

}  // namespace gatepost::mail
