// Addresses and names of a header field as SpamAssassin takes them apart, which is not RFC 5322:
// what a reader would take for a name is one, quotes and comments or not.
// LIMITS: no nested comments; of one field the first 1,000.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/text/assassin.h"
#include "src/text/assassin_uri.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostMailboxes = 1'000;
constexpr size_t kNone = std::string_view::npos;

bool IsOneOf(char c, std::string_view set) { return set.find(c) != kNone; }

size_t SkipBlanks(std::string_view s, size_t at) {
  while (at < s.size() && IsBlankByte(s[at])) {
    ++at;
  }
  return at;
}

// Behind the text that `close` ends, from behind its opening sign on; kNone: it is not closed.
size_t EndOfQuoted(std::string_view s, size_t at, char close) {
  for (; at < s.size(); ++at) {
    if (s[at] == '\\') {
      ++at;
    } else if (s[at] == close) {
      return at + 1;
    }
  }
  return kNone;
}

// A comment "(...)" without parentheses in it, at s[at]; kNone: there is none.
size_t EndOfComment(std::string_view s, size_t at) {
  for (++at; at < s.size() && s[at] != '('; ++at) {
    if (s[at] == '\\') {
      ++at;
    } else if (s[at] == ')') {
      return at + 1;
    }
  }
  return kNone;
}

std::string WithoutComments(std::string_view s) {
  std::string out;
  for (size_t at = 0; at < s.size();) {
    const size_t end = s[at] == '(' ? EndOfComment(s, at) : kNone;
    if (end != kNone) {
      at = end;
    } else {
      out += s[at++];
    }
  }
  return out;
}

// user@domain at s[at]; kNone: it is none.
size_t EndOfAddress(std::string_view s, size_t at) {
  if (at < s.size() && s[at] == '"') {
    at = EndOfQuoted(s, at + 1, '"');
    if (at == kNone) {
      return kNone;
    }
  } else {
    const size_t begin = at;
    while (at < s.size() && !IsBlankByte(s[at]) && !IsOneOf(s[at], "@<>()[],:;")) {
      ++at;
    }
    if (at == begin) {
      return kNone;
    }
  }
  if (at >= s.size() || s[at] != '@') {
    return kNone;
  }
  const size_t domain = ++at;
  if (at < s.size() && s[at] == '[') {
    ++at;
    while (at < s.size() && ((s[at] >= '0' && s[at] <= '9') || s[at] == ':' || s[at] == '.')) {
      ++at;
    }
    return at > domain + 1 && at < s.size() && s[at] == ']' ? at + 1 : kNone;
  }
  while (at < s.size() && !IsBlankByte(s[at]) && !IsOneOf(s[at], "\"<>()[],:;")) {
    ++at;
  }
  return at > domain ? at : kNone;
}

bool IsAddress(std::string_view s) { return EndOfAddress(s, 0) == s.size() && !s.empty(); }

bool IsPlausible(std::string_view address) {
  return address.substr(0, 3) != "\"\"@" && std::count(address.begin(), address.end(), '"') != 1;
}

// Quoted text and what is not: behind the last of it.
size_t EndOfPhrase(std::string_view s, size_t at) {
  while (at < s.size() && !IsOneOf(s[at], ",;<")) {
    if (s[at] != '"') {
      ++at;
      continue;
    }
    const size_t end = EndOfQuoted(s, at + 1, '"');
    if (end == kNone) {
      break;
    }
    at = end;
  }
  return at;
}

std::string Unquoted(std::string_view phrase) {
  std::string out;
  for (size_t at = 0; at < phrase.size();) {
    if (phrase[at] == '"') {
      const size_t end = EndOfQuoted(phrase, at + 1, '"');
      if (end == kNone) {
        ++at;
        continue;
      }
      for (size_t i = at + 1; i + 1 < end; ++i) {
        if (phrase[i] != '\\') {
          out += phrase[i];
        }
      }
      at = end;
    } else {
      const size_t end = std::min(phrase.find('"', at), phrase.size());
      out += WithoutComments(phrase.substr(at, end - at));
      at = end;
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view s) : s_(s) {}

  std::vector<AssassinMailbox> Run() {
    while (at_ < s_.size() && out_.size() < kMostMailboxes && (Bracketed() || Alone())) {
    }
    // What does not fit any pattern may still hold addresses in brackets.
    for (size_t open = s_.find('<', at_); open != kNone && out_.size() < kMostMailboxes;
         open = s_.find('<', open + 1)) {
      const size_t end = EndOfAddress(s_, open + 1);
      if (end != kNone && end < s_.size() && s_[end] == '>' &&
          IsPlausible(s_.substr(open + 1, end - open - 1))) {
        AssassinMailbox one;
        one.has_address = true;
        one.address = OneAt(s_.substr(open + 1, end - open - 1));
        out_.push_back(std::move(one));
      }
    }
    return std::move(out_);
  }

 private:
  // Up to a second '@'.
  static std::string OneAt(std::string_view address) {
    const size_t sign = address.find('@');
    const size_t second = sign == kNone ? kNone : address.find('@', sign + 1);
    return std::string(address.substr(0, second));
  }

  // A comment, and what ends an entry; kNone: something else stands there.
  size_t EndOfEntry(size_t at, std::string* comment, bool* has_comment) const {
    const size_t open = SkipBlanks(s_, at);
    *has_comment = false;
    if (open < s_.size() && s_[open] == '(') {
      const size_t end = EndOfComment(s_, open);
      if (end != kNone) {
        *comment = std::string(s_.substr(open + 1, end - open - 2));
        *has_comment = true;
        at = end;
      }
    }
    at = SkipBlanks(s_, at);
    if (at >= s_.size()) {
      return at;
    }
    return IsOneOf(s_[at], ",;") ? at + 1 : kNone;
  }

  // PHRASE <ADDRESS>
  bool Bracketed() {
    const size_t begin = SkipBlanks(s_, at_);
    const size_t open = EndOfPhrase(s_, begin);
    if (open >= s_.size() || s_[open] != '<') {
      return false;
    }
    const size_t first = SkipBlanks(s_, open + 1);
    // To the last '>' of the run of characters behind the user's part.
    size_t end = first;
    while (end < s_.size() && s_[end] != '>' && s_[end] != '@') {
      ++end;
    }
    size_t run = end;
    while (run < s_.size() && !IsBlankByte(s_[run])) {
      ++run;
    }
    const size_t blank = SkipBlanks(s_, run);
    size_t close = kNone;
    if (blank < s_.size() && s_[blank] == '>' && run > first) {
      close = blank;
      end = run;
    } else if (run > end) {
      close = s_.rfind('>', run - 1);
      end = close;
      if (close == kNone || close < first) {
        return false;
      }
    } else {
      return false;
    }
    if (!IsAddress(WithoutComments(s_.substr(first, end - first)))) {
      const size_t nearest = s_.find('>', first);  // "<a@b>,<c@d>"
      end = nearest < close ? nearest : end;
      close = std::min(nearest, close);
    }
    std::string comment;
    bool has_comment = false;
    size_t next = EndOfEntry(close + 1, &comment, &has_comment);
    while (next == kNone) {
      // "<a@b> <a@b>": some write it twice.
      const size_t again = SkipBlanks(s_, close + 1);
      const size_t again_close =
          again < s_.size() && s_[again] == '<' ? s_.find('>', again) : kNone;
      if (again_close == kNone) {
        return false;
      }
      close = again_close;
      next = EndOfEntry(close + 1, &comment, &has_comment);
    }
    std::string_view address = s_.substr(first, end - first);
    while (!address.empty() && IsBlankByte(address.back())) {
      address.remove_suffix(1);
    }
    Add(s_.substr(begin, open - begin), true, address, has_comment ? &comment : nullptr);
    at_ = next;
    return true;
  }

  // ADDRESS or PHRASE
  bool Alone() {
    const size_t begin = SkipBlanks(s_, at_);
    std::string comment;
    bool has_comment = false;
    const size_t address = EndOfAddress(s_, begin);
    if (address != kNone) {
      const size_t next = EndOfEntry(address, &comment, &has_comment);
      if (next != kNone) {
        Add("", true, s_.substr(begin, address - begin), has_comment ? &comment : nullptr);
        at_ = next;
        return true;
      }
    }
    const size_t phrase = EndOfPhrase(s_, begin);
    if (phrase == begin) {
      return false;
    }
    const size_t next = EndOfEntry(phrase, &comment, &has_comment);
    if (next == kNone) {
      return false;
    }
    Add(s_.substr(begin, phrase - begin), false, "", has_comment ? &comment : nullptr);
    at_ = next;
    return true;
  }

  void Add(std::string_view phrase, bool has_address, std::string_view address,
           const std::string* comment) {
    AssassinMailbox one;
    const std::string bare = WithoutComments(address);
    one.has_address = has_address && IsAddress(bare) && IsPlausible(bare);
    one.address = one.has_address ? bare : "";
    one.has_name = !phrase.empty();
    if (one.has_name) {
      one.name = Unquoted(phrase);
      const size_t sign = one.name.find('@');
      if (!one.has_address && IsAddress(one.name) && IsPlausible(one.name) &&
          IsHostName(AsciiLower(one.name.substr(sign + 1)))) {
        one.has_address = true;
        one.address = one.name;
        one.has_name = false;
      } else if (one.name.empty() || (one.has_address && one.name == one.address)) {
        one.has_name = false;
      }
    }
    if (!one.has_name && comment != nullptr) {
      one.has_name = true;
      one.name = *comment;
    }
    one.address = OneAt(one.address);
    out_.push_back(std::move(one));
  }

  std::string_view s_;
  size_t at_ = 0;
  std::vector<AssassinMailbox> out_;
};

}  // namespace

std::vector<AssassinMailbox> ReadAssassinMailboxes(std::string_view value) {
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value.substr(i, 2) == "\\\\") {
      ++i;
    } else {
      text += value[i];
    }
  }
  while (!text.empty() && IsBlankByte(text.back())) {
    text.pop_back();
  }
  // "Group: a@b, c@d;"
  const size_t special = std::min(text.find_first_of("\"()<>"), text.size());
  const size_t colon = special == 0 ? kNone : text.rfind(':', special - 1);
  std::string_view rest = text;
  if (colon != kNone && colon > 0) {
    rest.remove_prefix(SkipBlanks(rest, colon + 1));
  }
  return SkipBlanks(rest, 0) == rest.size() ? std::vector<AssassinMailbox>() : Reader(rest).Run();
}

}  // namespace gatepost::text
