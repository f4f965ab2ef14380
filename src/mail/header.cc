// Header blocks. Memory is bounded by Limits::header_fields; the end of the header is looked for
// all the same, so that the body is never lost. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/header.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "src/mail/address.h"

namespace gatepost::mail {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool IsBlankish(Bytes line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return IsBlank(c) || c == '\r' || c == '\v' || c == '\f'; });
}

// Length of the name; *colon where the colon stands. 0: no field.
size_t NameLength(Bytes line, size_t* colon) {
  size_t i = 0;
  while (i < line.size() && line[i] > 32 && line[i] < 127 && line[i] != ':') {
    ++i;
  }
  const size_t length = i;
  while (i < line.size() && IsBlank(line[i])) {
    ++i;
  }
  if (length == 0 || i >= line.size() || line[i] != ':') {
    return 0;
  }
  *colon = i;
  return length;
}

// Words that a MIME field's value holds; without a colon only these make a line one.
bool HasMimeWord(Bytes value) {
  static constexpr std::array<Bytes, 8> kWords = {
      "base64", "quoted-printable", "uuencode",   "multipart/",
      "text/",  "application/",     "attachment", "message/"};
  const std::string low = AsciiLower(value.substr(0, 120));
  return std::any_of(kWords.begin(), kWords.end(),
                     [&low](Bytes word) { return low.find(word) != std::string::npos; });
}

// A folded line that begins with the name of a MIME field and has a value to match. (DKIM lists
// names of fields, which is why the value is looked at.)
bool IsFieldInFold(Bytes content) {
  content = AsciiTrim(content);
  if (content.size() < 14 || AsciiLower(content[0]) != 'c') {
    return false;
  }
  Range name;
  uint32_t value = 0;
  const MimeField field = OddMimeField(content, &name, &value);
  return field != MimeField::kNone && HasMimeWord(content.substr(value));
}

// Does the text begin with that field, blanks and bytes that are no signs of ASCII set aside?
bool IsNamedOddly(Bytes text, Bytes lower, Range* name, uint32_t* value) {
  constexpr size_t kLongestName = 60;
  const Bytes head = text.substr(0, kLongestName);
  size_t matched = 0;
  size_t i = 0;
  for (; i < head.size() && !(head[i] == ':' && matched == lower.size()); ++i) {
    const char c = AsciiLower(head[i]);
    if (matched < lower.size() && c == lower[matched]) {
      name->begin = matched == 0 ? static_cast<uint32_t>(i) : name->begin;
      name->end = static_cast<uint32_t>(i + 1);
      ++matched;
    } else if ((c > 32 && c < 127) ||
               (c == '\n' && (i + 1 >= head.size() || !IsBlank(head[i + 1])))) {
      return false;
    }
  }
  *value = static_cast<uint32_t>(i + 1);
  return i < head.size();
}

size_t NameLength(Bytes line) {
  size_t colon = 0;
  return NameLength(line, &colon);
}

// "From:To:Subject" in a signature and "from: the beginning" in a sentence are no senders.
bool HoldsAddress(Bytes text, uint32_t value) {
  const size_t end = std::min(text.find('\n', value), text.size());
  const std::vector<Mailbox> mailboxes = ParseAddressList(text.substr(value, end - value), 2);
  return !mailboxes.empty() && mailboxes.front().address.valid();
}

bool IsMboxLine(Bytes line) {
  return line.substr(0, 5) == "From " || line.substr(0, 6) == ">From ";
}

}  // namespace

Line LineAt(Bytes raw, uint32_t at, uint32_t end, bool cr_ends_line) {
  const char* const begin = raw.data() + at;
  const size_t size = end - at;
  const void* const found = size == 0 ? nullptr : std::memchr(begin, '\n', size);
  auto newline = static_cast<uint32_t>(
      found == nullptr ? size : static_cast<size_t>(static_cast<const char*>(found) - begin));
  if (cr_ends_line) {
    const void* const cr = newline == 0 ? nullptr : std::memchr(begin, '\r', newline);
    if (cr != nullptr) {
      const auto where = static_cast<uint32_t>(static_cast<const char*>(cr) - begin);
      // CRLF is one line end; a CR before that ends a line of its own.
      const bool pair = where + 1 == newline && found != nullptr;
      return {at, at + where, at + where + (pair ? 2 : 1)};
    }
  }
  const uint32_t whole = newline + (found == nullptr ? 0 : 1);
  const bool crlf = found != nullptr && newline > 0 && begin[newline - 1] == '\r';
  return {at, at + newline - (crlf ? 1 : 0), at + whole};
}

MimeField MimeFieldOf(Bytes name) {
  if (name.size() < 12 || (AsciiLower(name[0]) != 'c' && AsciiLower(name[0]) != 'm')) {
    return MimeField::kNone;
  }
  if (AsciiEqualsIgnoreCase(name, "content-type")) {
    return MimeField::kType;
  }
  if (AsciiEqualsIgnoreCase(name, "content-transfer-encoding")) {
    return MimeField::kEncoding;
  }
  if (AsciiEqualsIgnoreCase(name, "content-disposition")) {
    return MimeField::kDisposition;
  }
  return AsciiEqualsIgnoreCase(name, "mime-version") ? MimeField::kVersion : MimeField::kNone;
}

MimeField OddMimeField(Bytes text, Range* name, uint32_t* value) {
  struct Target {
    Bytes letters;
    MimeField field;
  };
  static constexpr std::array<Target, 3> kTargets = {{
      {"contenttype", MimeField::kType},
      {"contenttransferencoding", MimeField::kEncoding},
      {"contentdisposition", MimeField::kDisposition},
  }};
  constexpr size_t kLongestName = 160;
  const Bytes head = text.substr(0, kLongestName);
  std::array<size_t, kTargets.size()> matched{};
  size_t letters = 0;
  size_t begin = 0;
  size_t i = 0;
  bool comment_open = false;
  const Target* found = nullptr;
  for (; i < head.size() && found == nullptr; ++i) {
    const char c = AsciiLower(head[i]);
    comment_open = (comment_open || c == '(') && c != ')';
    if (comment_open || c == ')') {
      continue;
    }
    if (c < 'a' || c > 'z') {
      const bool line_end = c == '\n' || c == '\r';
      const bool folds = line_end && i + 1 < head.size() &&
                         (IsBlank(head[i + 1]) || (c == '\r' && head[i + 1] == '\n'));
      if ((letters == 0 && i > 8) || (line_end && !folds) || c == ':' || (c >= '0' && c <= '9')) {
        return MimeField::kNone;
      }
      continue;
    }
    begin = letters == 0 ? i : begin;
    bool any = false;
    for (size_t t = 0; t < kTargets.size(); ++t) {
      if (matched[t] == letters && letters < kTargets[t].letters.size() &&
          kTargets[t].letters[letters] == c) {
        ++matched[t];
        any = true;
        if (matched[t] == kTargets[t].letters.size()) {
          found = &kTargets[t];
        }
      }
    }
    ++letters;
    if (!any) {
      return MimeField::kNone;
    }
  }
  if (found == nullptr) {
    return MimeField::kNone;
  }
  const size_t end = i;
  // To the sign behind the name; anything but letters and digits may stand before it.
  bool colon = false;
  bool gap = false;
  for (; i < head.size(); ++i) {
    const char c = AsciiLower(head[i]);
    comment_open = (comment_open || c == '(') && c != ')';
    if (comment_open || c == ')') {
      continue;
    }
    if (c == ':') {
      colon = true;
      ++i;
      break;
    }
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      break;
    }
    if ((c == '\n' || c == '\r') &&
        (i + 1 >= head.size() || !(IsBlank(head[i + 1]) || (c == '\r' && head[i + 1] == '\n')))) {
      return MimeField::kNone;
    }
    gap = true;
  }
  const size_t line_end = std::min(text.find('\n', i), text.size());
  if (!colon && (!gap || !HasMimeWord(text.substr(i, line_end - i)))) {
    return MimeField::kNone;
  }
  *name = {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  *value = static_cast<uint32_t>(i);
  return found->field;
}

bool OddFromField(Bytes text, Range* name, uint32_t* value) {
  return IsNamedOddly(text, "from", name, value) && HoldsAddress(text, *value);
}

bool OddSenderField(Bytes text, Range* name, uint32_t* value) {
  for (const Bytes field : {"from", "sender", "reply-to"}) {
    if (IsNamedOddly(text, field, name, value)) {
      return HoldsAddress(text, *value);
    }
  }
  return false;
}

bool IsFieldLine(Bytes line) { return NameLength(line) > 0; }

bool IsMimeFieldLine(Bytes line) {
  return (AsciiStartsWithIgnoreCase(line, "content-") ||
          AsciiStartsWithIgnoreCase(line, "mime-version")) &&
         IsFieldLine(line);
}

bool StartsWithMimeFields(Bytes text) {
  const auto end = static_cast<uint32_t>(text.size());
  uint32_t at = 0;
  bool mime = false;
  bool any = false;
  for (int lines = 0; at < end && lines < 50; ++lines) {
    const Line line = LineAt(text, at, end, false);
    const Bytes content = text.substr(line.begin, line.content_end - line.begin);
    at = line.end;
    if (content.empty()) {
      if (any) {
        break;
      }
      continue;
    }
    if (IsBlank(content.front())) {
      if (!any) {
        return false;
      }
      continue;
    }
    if (!IsFieldLine(content)) {
      break;
    }
    any = true;
    mime = mime || IsMimeFieldLine(content);
  }
  return mime;
}

HeaderScan ScanHeader(Bytes raw, Range range, const LineRules& rules, const Limits& limits) {
  HeaderScan out;
  out.fields.reserve(range.size() > 400 ? 32 : 6);
  uint32_t at = range.begin;
  bool first = true;
  const auto finish_field = [&](uint32_t end, uint32_t content_end) {
    if (!out.fields.empty()) {
      Field& field = out.fields.back();
      field.whole.end = end;
      field.value.end = std::max(content_end, field.value.begin);
      if (field.whole.size() > limits.header_field_bytes) {
        out.too_long = true;
      }
    }
  };
  bool open = false;  // the last field may go on
  while (at < range.end) {
    const Line line = LineAt(raw, at, range.end, rules.cr_ends_line);
    const Bytes content = raw.substr(line.begin, line.content_end - line.begin);
    if (content.empty()) {
      out.blank_line = true;
      at = line.end;
      break;
    }
    if (rules.skip_junk &&
        MimeFieldOf(content.substr(0, NameLength(content))) == MimeField::kNone) {
      Range name;
      uint32_t value = 0;
      const Bytes rest = raw.substr(line.begin, std::min<uint32_t>(400, range.end - line.begin));
      const bool odd =
          OddMimeField(rest, &name, &value) != MimeField::kNone ||
          (NameLength(content) == 0 &&
           (OddSenderField(rest, &name, &value) ||
            (!IsBlank(content.front()) && IsNamedOddly(rest, "subject", &name, &value))));
      if (odd && out.fields.size() < limits.header_fields) {
        Field field;
        const uint32_t value_at = line.begin + value;
        const Line last =
            value_at > line.end ? LineAt(raw, value_at - 1, range.end, rules.cr_ends_line) : line;
        field.whole = {line.begin, last.end};
        field.name = {line.begin + name.begin, line.begin + name.end};
        field.value = {value_at, std::max(value_at, last.content_end)};
        out.fields.push_back(field);
        out.odd_name = open = true;
        first = false;
        at = last.end;
        continue;
      }
    }
    if (IsBlank(content.front())) {
      Range name;
      uint32_t value = 0;
      out.fold_field = out.fold_field || IsFieldInFold(content);
      out.fold_from = out.fold_from || OddSenderField(content, &name, &value);
      if (IsBlankish(content)) {
        out.blankish = true;
        if (rules.blankish_ends || (first && !rules.skip_junk)) {
          out.blank_line = true;
          at = line.end;
          break;
        }
      }
      if (first) {
        out.folded_first = true;
        if (!rules.skip_junk) {
          break;
        }
      }
      if (open) {
        finish_field(line.end, line.content_end);
      }
      at = line.end;
      continue;
    }
    size_t colon = 0;
    const size_t name = NameLength(content, &colon);
    if (name == 0) {
      if (first && IsMboxLine(content)) {
        out.mbox_line = true;
        at = line.end;
        first = false;
        continue;
      }
      out.junk = true;
      if (!rules.skip_junk) {
        break;
      }
      open = false;
      at = line.end;
      first = false;
      continue;
    }
    first = false;
    if (out.fields.size() >= limits.header_fields) {
      out.too_many = true;
      open = false;
      at = line.end;
      continue;
    }
    out.space_before_colon = out.space_before_colon || name != colon;
    if (name > 11 && AsciiLower(content[0]) <= 'c' &&
        MimeFieldOf(content.substr(0, name)) == MimeField::kNone) {
      Range place;
      uint32_t value = 0;
      out.odd_name = out.odd_name || OddMimeField(content, &place, &value) != MimeField::kNone;
    }
    Field field;
    field.whole = {line.begin, line.end};
    field.name = {line.begin, line.begin + static_cast<uint32_t>(name)};
    field.value = {line.begin + static_cast<uint32_t>(colon) + 1, line.content_end};
    out.fields.push_back(field);
    open = true;
    finish_field(line.end, line.content_end);
    at = line.end;
  }
  out.body = at;
  const Bytes block = raw.substr(range.begin, at - range.begin);
  out.nul = block.find('\0') != Bytes::npos;
  // One branchless pass that the compiler turns into vector code.
  unsigned odd = 0;
  unsigned high = 0;
  for (const char c : block) {
    const auto byte = static_cast<unsigned char>(c);
    high |= byte;
    odd |= static_cast<unsigned>(byte < 0x20) & static_cast<unsigned>(byte != '\t') &
           static_cast<unsigned>(byte != '\n') & static_cast<unsigned>(byte != '\r');
    odd |= static_cast<unsigned>(byte == 0x7F);
  }
  out.control = odd != 0;
  out.high = (high & 0x80U) != 0;
  for (size_t i = block.find('\r'); i != Bytes::npos; i = block.find('\r', i + 1)) {
    if (range.begin + i + 1 >= raw.size() || raw[range.begin + i + 1] != '\n') {
      out.bare_cr = true;
      break;
    }
  }
  return out;
}

}  // namespace gatepost::mail
