// Addresses and address lists: one scanner over the bytes each, no recursion, comments by a
// counter. LIMITS: an address longer than 4 KiB is not valid; what it would be is not worked out
// further. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/address.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/mail/idn.h"
#include "src/mail/message.h"

namespace gatepost::mail {
namespace {

constexpr size_t kLongestAddress = 4'096;

// Copies without comments and without blanks outside quotes (RFC 5322 CFWS). *balanced: every quote
// and comment was closed, and no blank parts two words.
std::string WithoutCfws(Bytes s, bool* balanced) {
  std::string out;
  out.reserve(s.size());
  size_t depth = 0;
  bool quoted = false;
  bool parted = false;  // a blank or comment stands before the next character
  bool torn = false;    // "a b@host": two words where one must be
  for (size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    if (c == '\\' && (quoted || depth > 0)) {
      if (quoted) {
        out.push_back(c);
        if (i + 1 < s.size()) {
          out.push_back(s[i + 1]);
        }
      }
      ++i;
    } else if (depth > 0) {
      depth += c == '(' ? 1 : 0;
      depth -= c == ')' ? 1 : 0;
    } else if (c == '"') {
      quoted = !quoted;
      out.push_back(c);
    } else if (quoted) {
      if (c != '\r' && c != '\n') {
        out.push_back(c);
      }
    } else if (c == '(') {
      ++depth;
      parted = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      parted = true;
    } else {
      constexpr Bytes kJoints = ".@,:";
      torn = torn || (parted && !out.empty() && kJoints.find(out.back()) == Bytes::npos &&
                      kJoints.find(c) == Bytes::npos);
      parted = false;
      out.push_back(c);
    }
  }
  *balanced = !quoted && depth == 0 && !torn;
  return out;
}

// Where the last '@' outside quotes stands; npos: none.
size_t LastAt(Bytes s) {
  size_t found = Bytes::npos;
  bool quoted = false;
  for (size_t i = 0; i < s.size(); ++i) {
    if (quoted && s[i] == '\\') {
      ++i;
    } else if (s[i] == '"') {
      quoted = !quoted;
    } else if (s[i] == '@' && !quoted) {
      found = i;
    }
  }
  return found;
}

std::string Unquoted(Bytes s, bool* plain) {
  std::string out;
  out.reserve(s.size());
  bool quoted = false;
  *plain = true;
  constexpr Bytes kSpecials = "()<>[]:;@,";
  for (size_t i = 0; i < s.size(); ++i) {
    if (quoted && s[i] == '\\' && i + 1 < s.size()) {
      out.push_back(s[++i]);
    } else if (s[i] == '"') {
      quoted = !quoted;
    } else {
      const auto byte = static_cast<unsigned char>(s[i]);
      if (byte < 0x20 || byte == 0x7F || (!quoted && kSpecials.find(s[i]) != Bytes::npos)) {
        *plain = false;
      }
      out.push_back(s[i]);
    }
  }
  return out;
}

// The domain that a relay would go on to after the one behind '@': percent hack, quoted '@'
// (Postfix resolves `"user@gmail.com"@own` so), bang path. Empty: none.
Bytes HiddenDomain(Bytes local) {
  const size_t first = local.find_first_of("%@");
  if (first != Bytes::npos) {
    const Bytes rest = local.substr(first + 1);
    return rest.substr(0, rest.find_first_of("%@"));
  }
  const size_t bang = local.rfind('!');
  if (bang != Bytes::npos && bang > 0) {
    const Bytes path = local.substr(0, bang);
    const size_t before = path.rfind('!');
    const Bytes host = before == Bytes::npos ? path : path.substr(before + 1);
    return host.find('.') != Bytes::npos ? host : Bytes();
  }
  return {};
}

bool IsBelow(std::string_view domain, std::string_view above) {
  if (domain == above) {
    return true;
  }
  return domain.size() > above.size() && domain.substr(domain.size() - above.size()) == above &&
         domain[domain.size() - above.size() - 1] == '.';
}

}  // namespace

Address Address::Parse(Bytes text) {
  Address out;
  text = AsciiTrim(text);
  if (!text.empty() && text.front() == '<') {
    text.remove_prefix(1);
    if (!text.empty() && text.back() == '>') {
      text.remove_suffix(1);
    } else {
      out.valid_ = false;
    }
    text = AsciiTrim(text);
  }
  out.spelling_ = std::string(text);
  if (text.empty()) {
    return out;
  }
  if (text.size() > kLongestAddress) {
    out.valid_ = false;
    text = text.substr(0, kLongestAddress);
  }
  bool balanced = true;
  std::string bare = WithoutCfws(text, &balanced);
  Bytes rest = bare;
  // Source route (RFC 5321 appendix F.2): "@a,@b:user@host" goes to user@host.
  if (!rest.empty() && rest.front() == '@') {
    const size_t colon = rest.find(':');
    if (colon == Bytes::npos) {
      out.valid_ = false;
    } else {
      rest = rest.substr(colon + 1);
    }
  }
  const size_t at = LastAt(rest);
  bool plain = true;
  bool domain_valid = false;
  if (at == Bytes::npos) {
    const std::string local = Unquoted(rest, &plain);
    out.local_ = ToValidUtf8(local);
    domain_valid = AsciiEqualsIgnoreCase(local, "postmaster");
  } else {
    out.local_ = ToValidUtf8(Unquoted(rest.substr(0, at), &plain));
    out.domain_ = ToValidUtf8(NormalDomain(rest.substr(at + 1), &domain_valid));
  }
  out.final_domain_ = out.domain_;
  const Bytes hidden = HiddenDomain(out.local_);
  if (!hidden.empty()) {
    bool ignored = false;
    out.final_domain_ = ToValidUtf8(NormalDomain(hidden, &ignored));
  }
  out.valid_ = out.valid_ && balanced && plain && domain_valid && !out.local_.empty();
  return out;
}

std::string Address::local_key() const {
  const size_t plus = local_.find('+');
  // "+tag" alone is a name, not an extension.
  return AsciiLower(plus == std::string::npos || plus == 0 ? Bytes(local_)
                                                           : Bytes(local_).substr(0, plus));
}

std::string Address::key() const {
  if (is_null()) {
    return {};
  }
  std::string out = local_key();
  out += '@';
  out += domain_;
  return out;
}

bool Address::InDomain(std::string_view domain) const {
  if (domain.empty() || domain_.empty()) {
    return false;
  }
  bool valid = false;
  const bool normal = std::all_of(domain.begin(), domain.end(),
                                  [](char c) {
                                    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                           c == '-' || c == '.' || c == '_';
                                  }) &&
                      domain.back() != '.';
  const std::string wanted = normal ? std::string(domain) : NormalDomain(domain, &valid);
  return IsBelow(domain_, wanted) && IsBelow(final_domain_, wanted);
}

namespace {

// Collects one mailbox while the list is scanned.
struct Collecting {
  std::string phrase;   // words outside brackets, quotes taken off
  std::string comment;  // the last comment
  std::string address;  // between '<' and '>'
  std::string bare;     // like phrase, but quotes kept: "a b"@host without brackets
  bool bracketed = false;

  bool empty() const { return !bracketed && AsciiTrim(bare).empty(); }
};

void Finish(Collecting* current, std::vector<Mailbox>* out) {
  if (!current->empty()) {
    Mailbox mailbox;
    if (current->bracketed) {
      mailbox.address = Address::Parse(current->address);
      mailbox.display = DecodeEncodedWords(AsciiTrim(current->phrase));
    } else {
      mailbox.address = Address::Parse(current->bare);
      mailbox.display = DecodeEncodedWords(AsciiTrim(current->comment));
    }
    out->push_back(std::move(mailbox));
  }
  *current = Collecting();
}

}  // namespace

std::vector<Mailbox> ParseAddressList(Bytes value, size_t most) {
  std::vector<Mailbox> out;
  Collecting current;
  size_t comments = 0;  // depth
  bool quoted = false;
  bool in_brackets = false;
  std::string comment;
  for (size_t i = 0; i < value.size() && out.size() < most; ++i) {
    const char c = value[i];
    if (c == '\r' || c == '\n') {
      continue;  // a fold; the blank behind it stays
    }
    if (comments > 0) {
      if (c == '\\' && i + 1 < value.size()) {
        comment.push_back(value[++i]);
      } else if (c == ')' && --comments == 0) {
        current.comment = std::move(comment);
        comment.clear();
      } else {
        comments += c == '(' ? 1 : 0;
        comment.push_back(c);
      }
      continue;
    }
    std::string& target = in_brackets ? current.address : current.bare;
    if (quoted) {
      target.push_back(c);
      if (c == '\\' && i + 1 < value.size()) {
        target.push_back(value[++i]);
        if (!in_brackets) {
          current.phrase.push_back(value[i]);
        }
      } else if (c == '"') {
        quoted = false;
      } else if (!in_brackets) {
        current.phrase.push_back(c);
      }
      continue;
    }
    if (c == '"') {
      quoted = true;
      target.push_back(c);
    } else if (c == '(') {
      ++comments;
    } else if (in_brackets) {
      if (c == '>') {
        in_brackets = false;
      } else {
        target.push_back(c);
      }
    } else if (c == '<') {
      // "<a@x> <b@y>": both are mailboxes to some reader.
      if (current.bracketed) {
        Finish(&current, &out);
      }
      in_brackets = true;
      current.bracketed = true;
    } else if (c == ',' || c == ';') {
      Finish(&current, &out);
    } else if (c == ':' && !current.bracketed && current.bare.find('@') == std::string::npos) {
      current = Collecting();  // a group's name (RFC 5322 3.4)
    } else {
      target.push_back(c);
      current.phrase.push_back(c);
    }
  }
  if (out.size() < most) {
    Finish(&current, &out);
  }
  return out;
}

}  // namespace gatepost::mail
