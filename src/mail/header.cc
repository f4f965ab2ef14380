// Header blocks. Memory is bounded by Limits::header_fields; the end of the header is looked for
// all the same, so that the body is never lost. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/header.h"

#include <algorithm>
#include <cstring>

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

bool IsFieldLine(Bytes line) {
  size_t colon = 0;
  return NameLength(line, &colon) > 0;
}

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
    if (IsBlank(content.front())) {
      if (IsBlankish(content)) {
        out.blankish = true;
        if (rules.blankish_ends || first) {
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
