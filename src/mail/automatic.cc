// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/automatic.h"

#include <algorithm>
#include <string>

namespace gatepost::mail {

namespace {

// The first word of a value: without comments, parameters and case.
std::string FirstWord(Bytes value) {
  std::string word;
  int depth = 0;
  for (const char c : value) {
    if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
      if (c == ';' || c == ',' || (blank && !word.empty())) {
        break;
      }
      if (!blank) {
        word.push_back(AsciiLower(c));
      }
    }
  }
  return word;
}

bool SaysAutomatic(Bytes name, Bytes value) {
  if (AsciiStartsWithIgnoreCase(name, "List-") ||
      AsciiEqualsIgnoreCase(name, "X-Auto-Response-Suppress")) {
    return true;
  }
  const std::string word = FirstWord(value);
  if (AsciiEqualsIgnoreCase(name, "Auto-Submitted")) {
    return word != "no";
  }
  if (AsciiEqualsIgnoreCase(name, "Precedence")) {
    return word == "bulk" || word == "list" || word == "junk";
  }
  if (AsciiEqualsIgnoreCase(name, "Content-Type")) {
    return word == "multipart/report" || word == "message/disposition-notification";
  }
  return AsciiEqualsIgnoreCase(name, "Return-Path") && word == "<>";
}

}  // namespace

bool IsAutomatic(Bytes raw) {
  const Bytes seen = raw.substr(0, kAutomaticBytes);
  Bytes name;
  std::string value;
  for (size_t at = 0; at < seen.size();) {
    const size_t end = std::min(seen.find('\n', at), seen.size());
    if (end == kAutomaticBytes) {
      return true;
    }
    const Bytes line = seen.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
      value += line;
      continue;
    }
    if (SaysAutomatic(name, value)) {
      return true;
    }
    if (AsciiTrim(line).empty()) {
      return false;  // the header's end
    }
    const size_t colon = line.find(':');
    name = AsciiTrim(line.substr(0, colon));
    value = colon == Bytes::npos ? std::string() : std::string(line.substr(colon + 1));
  }
  return seen.size() == kAutomaticBytes || SaysAutomatic(name, value);
}

}  // namespace gatepost::mail
