// What scripts carry and are about to do.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/script.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/hex.h"
#include "src/base/utf8.h"
#include "src/decode/leaf.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

constexpr size_t kShortestBase64 = 32;
constexpr size_t kShortestCodes = 8;
constexpr size_t kMostTexts = 20;
constexpr size_t kMostLiterals = 2'000;
constexpr size_t kMostLiteralBytes = 1U << 17U;
constexpr size_t kShortestHidden = 64;  // base64 digits in a page
constexpr size_t kMostHidden = 50;
constexpr size_t kMostFiles = 16;
constexpr size_t kLongestText = 1U << 20U;

int Base64Digit(char c) {
  return c >= 'A' && c <= 'Z'   ? c - 'A'
         : c >= 'a' && c <= 'z' ? c - 'a' + 26
         : c >= '0' && c <= '9' ? c - '0' + 52
         : c == '+' || c == '-' ? 62
         : c == '/' || c == '_' ? 63
                                : -1;
}

bool LooksLikeText(std::string_view s) {
  size_t odd = 0;
  const std::string_view sample = s.substr(0, 4'000);
  for (const char c : sample) {
    odd += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' ? 1U : 0U;
  }
  size_t cut = sample.size();
  while (cut > 0 && cut + 4 > sample.size() &&
         (static_cast<unsigned char>(sample[cut - 1]) & 0x80U)) {
    --cut;
  }
  return odd == 0 && IsUtf8(sample.substr(0, cut));
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// The string literal at s[*at], a quote: its content without escapes. *at moves behind it. A quote
// that is never closed ends the script.
std::string ReadLiteral(std::string_view s, size_t* at) {
  const char quote = s[*at];
  std::string out;
  size_t i = *at + 1;
  while (i < s.size() && s[i] != quote) {
    if (s[i] == '\n' && quote != '`') {
      break;  // an apostrophe in a comment, not a string
    }
    if (s[i] != '\\' || i + 1 >= s.size()) {
      out.push_back(s[i++]);
      continue;
    }
    const char c = s[i + 1];
    i += 2;
    if ((c == 'x' || c == 'u') && i < s.size()) {
      const size_t digits = c == 'x' ? 2 : 4;
      char32_t value = 0;
      size_t k = 0;
      for (; k < digits && i + k < s.size() && HexValue(s[i + k]) >= 0; ++k) {
        value = value * 16 + static_cast<char32_t>(HexValue(s[i + k]));
      }
      if (k == digits) {
        i += digits;
        AppendUtf8(value, &out);
        continue;
      }
    }
    out.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '\n' ? ' ' : c);
  }
  *at = std::min(i + 1, s.size());
  return out;
}

// Literals joined by + , and blanks are one: that is how scripts hide long strings.
std::string ReadJoined(std::string_view s, size_t* at) {
  std::string out = ReadLiteral(s, at);
  while (*at < s.size()) {
    size_t next = *at;
    while (next < s.size() && (IsBlank(s[next]) || s[next] == '+' || s[next] == ',')) {
      ++next;
    }
    if (next >= s.size() || next == *at || (s[next] != '"' && s[next] != '\'' && s[next] != '`')) {
      break;
    }
    *at = next;
    out += ReadLiteral(s, at);
  }
  return out;
}

// Numbers from 0 to 255 in a row: character codes, or the bytes of a file.
std::string ReadCodes(std::string_view s, size_t* at) {
  std::string out;
  size_t i = *at;
  while (i < s.size() && s[i] >= '0' && s[i] <= '9') {
    const bool hex = s[i] == '0' && i + 1 < s.size() && (s[i + 1] == 'x' || s[i + 1] == 'X');
    i += hex ? 2 : 0;
    uint32_t value = 0;
    for (; i < s.size() && (hex ? HexValue(s[i]) >= 0 : s[i] >= '0' && s[i] <= '9'); ++i) {
      value = std::min<uint32_t>(value * (hex ? 16 : 10) + static_cast<uint32_t>(HexValue(s[i])),
                                 100'000);
    }
    if (value > 0xFF) {
      break;
    }
    out.push_back(static_cast<char>(value));
    size_t next = i;
    while (next < s.size() && IsBlank(s[next])) {
      ++next;
    }
    if (next >= s.size() || s[next] != ',') {
      break;
    }
    ++next;
    while (next < s.size() && IsBlank(s[next])) {
      ++next;
    }
    i = next;
  }
  *at = std::max(i, *at + 1);
  return out;
}

void TakeLiteral(const std::string& literal, bool reversed, ScriptSigns* out) {
  if (literal.find("%3C") != std::string::npos || literal.find("%3c") != std::string::npos ||
      literal.find("%u00") != std::string::npos) {
    TakePayload(PercentDecoded(literal), out);
    return;
  }
  if (literal.size() < kShortestBase64) {
    return;
  }
  const size_t comma = literal.compare(0, 5, "data:") == 0 ? literal.find(',') : std::string::npos;
  if (comma != std::string::npos) {
    std::string media_type;
    std::string bytes;
    if (ReadDataUri(literal, &media_type, &bytes)) {
      TakePayload(std::move(bytes), out);
    }
    return;
  }
  std::string bytes = DecodeBase64Only(literal);
  if (!bytes.empty()) {
    TakePayload(std::move(bytes), out);
  }
  if (reversed) {
    bytes = DecodeBase64Only(std::string(literal.rbegin(), literal.rend()));
    if (!bytes.empty()) {
      TakePayload(std::move(bytes), out);
    }
  }
  if (literal.find('<') != std::string::npos && out->texts.size() < kMostTexts) {
    out->texts.push_back(ToValidUtf8(literal.substr(0, kLongestText)));
  }
}

// Does what stands before a literal write it into the page? "document.write(", "innerHTML +=".
bool IsWrittenAt(std::string_view script, size_t at) {
  std::string_view before = script.substr(at < 60 ? 0 : at - 60, std::min<size_t>(at, 60));
  while (!before.empty() && (IsBlank(before.back()) || before.back() == '(' ||
                             before.back() == '=' || before.back() == '+')) {
    before.remove_suffix(1);
  }
  for (const std::string_view sink :
       {"write", "writeln", "innerHTML", "outerHTML", "innerText", "outerText", "textContent",
        "createTextNode", "append", "prepend", ".html", ".text", "nodeValue"}) {
    if (before.size() >= sink.size() && before.substr(before.size() - sink.size()) == sink) {
      return true;
    }
  }
  return false;
}

// A string that reads like words: several of them, or letters beyond ASCII, or capitals.
bool LooksLikeWords(std::string_view s) {
  if (s.size() < 3 || s.size() > 20'000 || !IsUtf8(s)) {
    return false;
  }
  const bool words =
      s.find(' ') != std::string_view::npos && s.find_first_of("{}=;") == std::string_view::npos;
  return words || std::any_of(s.begin(), s.end(),
                              [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void KeepLiteral(const std::string& literal, bool is_written, ScriptSigns* out) {
  if (is_written && out->written.size() + literal.size() <= kMostLiteralBytes) {
    out->written += literal;
  }
  if (out->literals.size() < kMostLiterals && LooksLikeWords(literal)) {
    out->literals.push_back(literal);
  } else if (out->literals.size() < kMostLiterals && out->decodes &&
             literal.find('%') != std::string::npos) {
    std::string decoded = PercentDecoded(literal);  // unescape("T%u1ED0I")
    if (LooksLikeWords(decoded)) {
      out->literals.push_back(std::move(decoded));
    }
  }
}

}  // namespace

std::string PercentDecoded(std::string_view s) {
  std::string out;
  for (size_t i = 0; i < s.size();) {
    const bool wide = s[i] == '%' && i + 5 < s.size() && (s[i + 1] == 'u' || s[i + 1] == 'U');
    const size_t from = i + (wide ? 2 : 1);
    const size_t digits = wide ? 4 : 2;
    char32_t value = 0;
    size_t k = 0;
    for (; s[i] == '%' && k < digits && from + k < s.size() && HexValue(s[from + k]) >= 0; ++k) {
      value = value * 16 + static_cast<char32_t>(HexValue(s[from + k]));
    }
    if (k != digits) {
      out.push_back(s[i++]);
      continue;
    }
    if (wide) {
      AppendUtf8(value, &out);
    } else {
      out.push_back(static_cast<char>(value));
    }
    i = from + digits;
  }
  return out;
}

bool ReadDataUri(std::string_view uri, std::string* media_type, std::string* bytes) {
  const std::string_view trimmed = AsciiTrim(uri);
  if (!AsciiStartsWithIgnoreCase(trimmed, "data:")) {
    return false;
  }
  const size_t comma = trimmed.find(',');
  if (comma == std::string_view::npos) {
    return false;
  }
  const std::string head = AsciiLower(trimmed.substr(5, comma - 5));
  *media_type = std::string(AsciiTrim(head.substr(0, head.find(';'))));
  const std::string plain = PercentDecoded(trimmed.substr(comma + 1));
  *bytes = head.find("base64") != std::string::npos ? DecodeBase64Only(plain) : plain;
  return true;
}

namespace {

void Keep(const std::string& bytes, ScriptSigns* out) {
  if (out->keep && out->files.size() < kMostFiles &&
      std::find(out->files.begin(), out->files.end(), bytes) == out->files.end()) {
    out->files.push_back(bytes);
  }
}

}  // namespace

void TakePayload(std::string bytes, ScriptSigns* out) {
  if (bytes.size() < kShortestCodes) {
    return;
  }
  const Type type = Sniff(bytes, "", "");
  if (type == Type::kImage || type == Type::kEmpty) {
    constexpr size_t kLeastPicture = 200;  // below it dots and lines
    if (bytes.size() >= kLeastPicture) {
      Keep(bytes, out);  // no harm by itself; perhaps somebody reads pictures
    }
    return;
  }
  if (type != Type::kText && type != Type::kHtml && type != Type::kBinary && type != Type::kXml) {
    out->payloads.insert(ToString(type));
    Keep(bytes, out);
    return;
  }
  // Base64 twice, percent inside base64: one more layer each.
  if (LooksLikeText(bytes) && out->texts.size() < kMostTexts) {
    Keep(bytes, out);
    if (bytes.find("%3C") != std::string::npos || bytes.find("%3c") != std::string::npos) {
      bytes = PercentDecoded(bytes);
    }
    out->texts.push_back(ToValidUtf8(bytes.substr(0, kLongestText)));
  }
}

void ReadScript(std::string_view given, ScriptSigns* out) {
  const std::string_view script = given.substr(0, kMostScriptBytes);
  const auto has = [&](std::string_view word) {
    return script.find(word) != std::string_view::npos;
  };
  out->makes_file = out->makes_file || has("Blob(") || has("Blob ") || has("Uint8Array") ||
                    has("msSaveBlob") || has("new File(") || has("ArrayBuffer");
  out->decodes = out->decodes || has("atob") || has("fromCharCode") || has("unescape") ||
                 has("charCodeAt") || has("base64") || has("decodeURIComponent") ||
                 has("fromCodePoint");
  out->saves = out->saves || has("createObjectURL") || has("msSaveOrOpenBlob") ||
               has("msSaveBlob") || has(".download") || has("saveAs(") || has("'download'") ||
               has("\"download\"");
  out->writes = out->writes || has("document.write") || has("innerHTML") || has("eval(") ||
                has("insertAdjacentHTML") || has("document[");
  out->redirects = out->redirects || has("location") || has("window.open");
  const bool reversed = has("reverse(");
  for (size_t at = 0; at < script.size();) {
    const char c = script[at];
    if (c == '"' || c == '\'' || c == '`') {
      const bool is_written = IsWrittenAt(script, at);
      const std::string literal = ReadJoined(script, &at);
      KeepLiteral(literal, is_written, out);
      TakeLiteral(literal, reversed, out);
      continue;
    }
    const bool number =
        c >= '0' && c <= '9' && at > 0 && (script[at - 1] == '(' || script[at - 1] == '[');
    if (number) {
      std::string codes = ReadCodes(script, &at);
      if (codes.size() >= kShortestCodes) {
        TakePayload(std::move(codes), out);
      }
      continue;
    }
    ++at;
  }
}

void TakeHiddenData(std::string_view page, ScriptSigns* out) {
  size_t found = 0;
  for (size_t at = 0; at < page.size() && found < kMostHidden;) {
    if (Base64Digit(page[at]) < 0) {
      ++at;
      continue;
    }
    // A run of digits, over lines; what is no base64 is left behind at once.
    size_t end = at;
    size_t digits = 0;
    while (end < page.size() && (Base64Digit(page[end]) >= 0 || page[end] == '=' ||
                                 page[end] == '\n' || page[end] == '\r')) {
      digits += Base64Digit(page[end]) >= 0 ? 1U : 0U;
      ++end;
    }
    const char before = at == 0 ? '>' : page[at - 1];
    const bool alone = before == '>' || before == '"' || before == '\'' || IsBlank(before);
    if (alone && digits >= kShortestHidden) {
      std::string bytes = DecodeBase64Only(page.substr(at, end - at));
      const Type type = Sniff(bytes, "", "");
      if (type != Type::kText && type != Type::kBinary && type != Type::kXml) {
        ++found;
        TakePayload(std::move(bytes), out);
      }
    }
    at = std::max(end, at + 1);
  }
}

}  // namespace gatepost::decode
