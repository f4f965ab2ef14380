// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/perl_regex.h"

#include <algorithm>
#include <cstdio>

namespace gatepost::import {

namespace {

char Closing(char open) {
  switch (open) {
    case '{':
      return '}';
    case '(':
      return ')';
    case '[':
      return ']';
    case '<':
      return '>';
    default:
      return open;
  }
}

bool IsWord(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

struct Pieces {
  std::string_view body;
  std::string_view flags;
  char delimiter = '/';
  size_t end = 0;
  bool good = false;
};

Pieces Split(std::string_view written) {
  Pieces out;
  size_t at = 0;
  if (written.substr(0, 1) == "m" && written.size() > 1 && !IsWord(written[1])) {
    at = 1;
  } else if (written.substr(0, 1) != "/") {
    return out;
  }
  out.delimiter = written[at];
  const char close = Closing(out.delimiter);
  const size_t begin = ++at;
  int depth = 1;
  for (; at < written.size(); ++at) {
    if (written[at] == '\\') {
      ++at;
    } else if (written[at] == close && --depth == 0) {
      break;
    } else if (written[at] == out.delimiter && close != out.delimiter) {
      ++depth;
    }
  }
  if (at >= written.size()) {
    return out;
  }
  out.body = written.substr(begin, at - begin);
  const size_t flags = ++at;
  while (at < written.size() && written[at] >= 'a' && written[at] <= 'z') {
    ++at;
  }
  out.flags = written.substr(flags, at - flags);
  out.end = at;
  out.good = true;
  return out;
}

}  // namespace

size_t EndOfPerlRegex(std::string_view written) {
  const Pieces pieces = Split(written);
  return pieces.good ? pieces.end : std::string_view::npos;
}

Result<PerlRegex> ReadPerlRegex(std::string_view written) {
  Pieces pieces = Split(written);
  if (!pieces.good) {
    return Status::Invalid("is no expression in slashes");
  }
  PerlRegex out;
  bool extended = false;
  std::string options;
  for (const char flag : pieces.flags) {
    if (flag == 'i') {
      out.caseless = true;
    } else if (flag == 'x') {
      extended = true;
    } else if (flag == 's' || flag == 'm') {
      options += flag;
    } else if (flag != 'o' && flag != 'g' && flag != 'a') {
      std::string message = "has an option that is not supported: ";
      message += flag;
      return Status::Invalid(message);
    }
  }
  const std::string_view body = pieces.body;
  bool in_class = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' && i + 1 < body.size()) {
      const char next = body[++i];
      // A delimiter is escaped for Perl's sake only, when it means nothing by itself.
      if (next == pieces.delimiter && (next == '/' || next == '!' || next == ',' || next == '~' ||
                                       next == '#' || next == '%' || next == ';' || next == '\'')) {
        out.text += next;
      } else if (static_cast<unsigned char>(next) >= 0x80) {
        --i;
        out.text += "";
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\x%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(body[++i])));
        out.text += hex;
      } else if (next == '\t') {
        out.text += "\\t";
      } else {
        out.text += '\\';
        out.text += next;
      }
      continue;
    }
    if (byte >= 0x80 || (byte < 0x20 && !extended)) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned>(byte));
      out.text += hex;
      continue;
    }
    if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      out.text += c;
      if (i + 1 < body.size() && body[i + 1] == '^') {
        out.text += body[++i];
      }
      if (i + 1 < body.size() && body[i + 1] == ']') {
        out.text += "\\]";
        ++i;
      }
      continue;
    } else if (extended && (c == ' ' || byte < 0x20)) {
      continue;
    } else if (extended && c == '#') {
      i = std::min(body.find('\n', i), body.size());
      continue;
    } else if (body.substr(i, 3) == "(?#") {
      i = std::min(body.find(')', i), body.size());
      continue;
    }
    if (in_class && c == '[' && i + 1 < body.size() && body[i + 1] == ':') {
      const size_t close = body.find(":]", i + 2);
      if (close != std::string_view::npos) {
        out.text += body.substr(i, close + 2 - i);
        i = close + 1;
        continue;
      }
    }
    const bool macro_sign = (c == '<' || c == '@') && i + 1 < body.size() && IsWord(body[i + 1]);
    const bool named_group = c == '<' && ((i > 1 && body.substr(i - 2, 2) == "(?") ||
                                          (i > 2 && body.substr(i - 3, 3) == "(?P"));
    if (macro_sign && !named_group) {
      out.text += '\\';
    }
    out.text += c;
  }
  if (!options.empty()) {
    out.text = "(?" + options + ")" + out.text;
  }
  return out;
}

}  // namespace gatepost::import
