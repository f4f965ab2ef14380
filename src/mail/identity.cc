// What an outer header may not say (RFC 5322 3.6; the attacks are those of "Composition Kills").
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/identity.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "src/mail/address.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

// Is some quote, comment or bracket left open?
bool IsUnclosed(Bytes value) {
  bool quoted = false;
  bool bracket = false;
  size_t comments = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\') {
      ++i;
    } else if (quoted) {
      quoted = c != '"';
    } else if (c == '(') {
      ++comments;
    } else if (comments > 0) {
      comments -= c == ')' ? 1 : 0;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '<') {
      bracket = true;
    } else if (c == '>') {
      bracket = false;
    }
  }
  return quoted || bracket || comments > 0;
}

void JudgeFrom(Bytes value, Report* report) {
  const std::vector<Mailbox> mailboxes = ParseAddressList(value, 20);
  if (IsUnclosed(value)) {
    report->Add(DefectId::kUnclosedInFrom, 0);
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
    const size_t at = mailbox.display.find('@');
    if (at != std::string::npos && at > 0) {
      const size_t blank = mailbox.display.find_last_of(" \t\"'<(", at);
      const size_t begin = blank == std::string::npos ? 0 : blank + 1;
      const size_t end = mailbox.display.find_first_of(" \t\"'>)", at);
      const Address shown = Address::Parse(
          Bytes(mailbox.display)
              .substr(begin, end == std::string::npos ? std::string::npos : end - begin));
      if (shown.valid() && shown.domain() != address.domain()) {
        report->Add(DefectId::kDisplayNameIsAddress, 0);
      }
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
