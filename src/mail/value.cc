// Structured values: one pass with an index, comments by a counter.
// LIMITS: 200 parameters in a field, 1,000 RFC 2231 sections altogether.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/value.h"

#include <algorithm>
#include <map>

#include "src/base/hex.h"
#include "src/base/utf8.h"
#include "src/mail/charset.h"

namespace gatepost::mail {
namespace {

constexpr size_t kMostParameters = 200;

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

// Index behind the comment that begins at `at`; value.size() when it does not end.
size_t SkipComment(Bytes value, size_t at, bool* unclosed) {
  size_t depth = 0;
  for (size_t i = at; i < value.size(); ++i) {
    if (value[i] == '\\') {
      ++i;
    } else if (value[i] == '(') {
      ++depth;
    } else if (value[i] == ')' && --depth == 0) {
      return i + 1;
    }
  }
  *unclosed = true;
  return value.size();
}

// "a=" at the start, a being an RFC 2045 token: a new parameter without its semicolon.
bool LooksLikeParameter(Bytes s) {
  size_t i = 0;
  while (i < s.size() && i < 40 &&
         ((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
          (s[i] >= '0' && s[i] <= '9') || s[i] == '-' || s[i] == '*' || s[i] == '_')) {
    ++i;
  }
  return i > 2 && i < s.size() && s[i] == '=';
}

void AddOther(std::string other, RawParameter* parameter) {
  if (other != parameter->value && parameter->others.size() < 6 &&
      std::find(parameter->others.begin(), parameter->others.end(), other) ==
          parameter->others.end()) {
    parameter->others.push_back(std::move(other));
  }
}

// Reads a quoted value from the opening quote; returns the index behind it.
size_t ReadQuoted(Bytes value, size_t at, RawParameter* out) {
  std::string kept;   // with the backslashes
  std::string glued;  // without the blanks of folds, as some readers unfold
  bool in_fold = false;
  bool closed = false;
  size_t i = at + 1;
  size_t semicolon = Bytes::npos;
  for (; i < value.size(); ++i) {
    const char c = value[i];
    in_fold = c == '\r' || c == '\n' || (in_fold && (c == ' ' || c == '\t'));
    if (!in_fold && c != '"' && c != '\\') {
      glued.push_back(c);
    }
    if (c == '\\' && i + 1 < value.size()) {
      out->escaped = true;
      kept.push_back(c);
      ++i;
      out->value.push_back(value[i]);
      glued.push_back(value[i]);
      kept.push_back(value[i]);
    } else if (c == '"') {
      closed = true;
      ++i;
      break;
    } else if (c == '\r' || c == '\n') {
      out->folded = true;
    } else {
      if (c == ';' && semicolon == Bytes::npos) {
        semicolon = out->value.size();
      }
      out->value.push_back(c);
      kept.push_back(c);
    }
  }
  out->quoted = true;
  if (out->escaped) {
    AddOther(kept, out);
  }
  if (out->folded && glued != out->value) {
    AddOther(glued, out);
  }
  if (!closed) {
    out->unclosed = true;
    // One reader takes all that follows, another what stands before the next ';'.
    if (semicolon != Bytes::npos) {
      AddOther(out->value.substr(0, semicolon), out);
    }
    AddOther("\"" + out->value, out);
  }
  return i;
}

void ReadUnquoted(Bytes text, RawParameter* out) {
  text = AsciiTrim(text);
  std::string strict;
  bool unclosed = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') {
      out->comment = true;
      i = SkipComment(text, i, &unclosed) - 1;
    } else if (text[i] == '\r' || text[i] == '\n') {
      out->folded = true;
    } else {
      strict.push_back(text[i]);
    }
  }
  out->unclosed = out->unclosed || unclosed;
  out->value = std::string(AsciiTrim(strict));
  if (out->comment) {
    AddOther(Unfold(AsciiTrim(text)), out);
  }
  out->list = out->value.find(',') != std::string::npos;
  const size_t blank = out->value.find_first_of(" \t");
  if (blank != std::string::npos) {
    out->spaced = true;
    AddOther(out->value.substr(0, blank), out);
  }
  if (out->list) {
    AddOther(out->value.substr(0, out->value.find(',')), out);
  }
  const size_t quote = out->value.find('"');
  if (quote != std::string::npos) {
    std::string without = out->value;
    without.erase(std::remove(without.begin(), without.end(), '"'), without.end());
    AddOther(std::move(without), out);
  }
}

// Reads one parameter's value; returns the index behind it (at a ';' or at a new parameter).
size_t ReadValue(Bytes value, size_t at, RawParameter* out, bool* missing_semicolon) {
  while (at < value.size() && (IsBlank(value[at]) || value[at] == '(')) {
    if (value[at] == '(') {
      at = SkipComment(value, at, &out->unclosed);
    } else {
      ++at;
    }
  }
  if (at < value.size() && value[at] == '"') {
    at = ReadQuoted(value, at, out);
    size_t end = at;
    while (end < value.size() && value[end] != ';') {
      if (value[end] == '(') {
        end = SkipComment(value, end, &out->unclosed);
        continue;
      }
      if (!IsBlank(value[end])) {
        if (LooksLikeParameter(value.substr(end))) {
          *missing_semicolon = true;
          return end;
        }
        break;
      }
      ++end;
    }
    const size_t stop = std::min(value.find(';', end), value.size());
    if (end < stop) {
      out->trailing = true;
      std::string more = out->value;
      more += Unfold(AsciiTrim(value.substr(at, stop - at)));
      more.erase(std::remove(more.begin(), more.end(), '"'), more.end());
      AddOther(std::move(more), out);
    }
    return stop;
  }
  const size_t stop = std::min(value.find(';', at), value.size());
  // "charset=us-ascii name=x": a blank, then another parameter.
  size_t end = at;
  while (end < stop) {
    if (value[end] == '(') {
      end = std::min(SkipComment(value, end, &out->unclosed), stop);
      continue;
    }
    if (IsBlank(value[end]) && end + 1 < stop && !IsBlank(value[end + 1]) && end > at &&
        LooksLikeParameter(value.substr(end + 1, stop - end - 1))) {
      *missing_semicolon = true;
      ReadUnquoted(value.substr(at, end - at), out);
      return end + 1;
    }
    ++end;
  }
  ReadUnquoted(value.substr(at, stop - at), out);
  return stop;
}

// The first word, up to ';' or, without one, up to a blank before "name=". Returns where it ends.
size_t ReadWord(Bytes value, StructuredValue* out) {
  size_t i = 0;
  bool blank = false;
  bool fold = false;
  while (i < value.size() && value[i] != ';') {
    const char c = value[i];
    if (c == '(') {
      out->comment = true;
      i = SkipComment(value, i, &out->unclosed);
      continue;
    }
    if (IsBlank(c)) {
      blank = true;
      fold = fold || c == '\n' || c == '\r';
      ++i;
      continue;
    }
    if (blank && !out->word.empty()) {
      if (LooksLikeParameter(value.substr(i)) && out->word.find('/') != std::string::npos) {
        out->missing_semicolon = true;
        break;
      }
      // Blanks around the slash are legal (RFC 2045 with CFWS); elsewhere they part two words.
      if (c != '/' && out->word.back() != '/') {
        out->inner_blank = true;
        out->folded_word = out->folded_word || fold;
        out->word.push_back(' ');
      }
    }
    blank = fold = false;
    if (c == '"' || c == '\\') {
      out->quoted = true;
    } else {
      out->word.push_back(AsciiLower(c));
    }
    ++i;
  }
  out->plain = Unfold(AsciiTrim(value.substr(0, i)));
  return i;
}

std::string PercentDecoded(Bytes s) {
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && HexValue(s[i + 1]) >= 0 && HexValue(s[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexValue(s[i + 1]) * 16 + HexValue(s[i + 2])));
      i += 2;
    } else {
      out.push_back(s[i]);
    }
  }
  return out;
}

struct Section {
  unsigned number = 0;
  bool encoded = false;
  Bytes value;
};

// "name*", "name*0", "name*0*": the base name; *section filled; false: a plain name.
bool SplitSection(const RawParameter& raw, std::string* base, Section* section, bool* numbered) {
  const size_t star = raw.name.find('*');
  if (star == std::string::npos || star == 0) {
    return false;
  }
  *base = raw.name.substr(0, star);
  Bytes rest = Bytes(raw.name).substr(star + 1);
  section->value = raw.value;
  section->encoded = rest.empty();
  if (!rest.empty() && rest.back() == '*') {
    section->encoded = true;
    rest.remove_suffix(1);
  }
  *numbered = !rest.empty();
  unsigned number = 0;
  for (const char c : rest) {
    if (c < '0' || c > '9' || number > 100'000) {
      return false;
    }
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  section->number = number;
  return true;
}

// "charset'language'text" of the first section, then the others.
std::string JoinSections(const std::vector<Section>& sections) {
  std::string charset;
  std::string bytes;
  bool encoded = false;
  for (size_t i = 0; i < sections.size(); ++i) {
    Bytes value = sections[i].value;
    if (i == 0 && sections[i].encoded) {
      const size_t first = value.find('\'');
      const size_t second = first == Bytes::npos ? first : value.find('\'', first + 1);
      if (second != Bytes::npos) {
        charset = std::string(value.substr(0, first));
        value = value.substr(second + 1);
      }
      encoded = true;
    }
    bytes += sections[i].encoded ? PercentDecoded(value) : std::string(value);
  }
  return encoded && !charset.empty() ? ConvertToUtf8(bytes, charset, nullptr) : GuessUtf8(bytes);
}

void AddParameter(const std::string& name, std::string value, JoinedParameters* out) {
  for (const Parameter& seen : out->parameters) {
    if (seen.name == name && seen.value == value) {
      return;
    }
  }
  if (out->parameters.size() < 2 * kMostParameters) {
    out->parameters.push_back({name, std::move(value)});
  }
}

}  // namespace

std::string Unfold(Bytes value) {
  std::string out;
  out.reserve(value.size());
  for (size_t at = 0; at < value.size();) {
    size_t end = at;  // find_first_of would ask about each byte with a call
    while (end < value.size() && value[end] != '\r' && value[end] != '\n') {
      ++end;
    }
    out.append(value, at, end - at);
    at = end + 1;
  }
  return out;
}

bool HasEncodedWord(Bytes value) {
  const size_t at = value.find("=?");
  if (at == Bytes::npos) {
    return false;
  }
  const size_t end = value.rfind("?=");
  return end != Bytes::npos && end > at + 4 &&
         std::count(value.begin() + static_cast<std::ptrdiff_t>(at),
                    value.begin() + static_cast<std::ptrdiff_t>(end) + 1, '?') >= 4;
}

StructuredValue ParseStructured(Bytes value) {
  StructuredValue out;
  size_t at = ReadWord(value, &out);
  while (at < value.size()) {
    while (at < value.size() && (IsBlank(value[at]) || value[at] == ';' || value[at] == '(')) {
      if (value[at] == '(') {
        out.comment = true;
        at = SkipComment(value, at, &out.unclosed);
      } else {
        ++at;
      }
    }
    if (at >= value.size()) {
      break;
    }
    if (out.parameters.size() + out.junk.size() >= kMostParameters) {
      out.too_many = true;
      break;
    }
    RawParameter parameter;
    const size_t begin = at;
    while (at < value.size() && value[at] != '=' && value[at] != ';') {
      if (value[at] == '(') {
        at = SkipComment(value, at, &out.unclosed);
        continue;
      }
      if (!IsBlank(value[at]) && value[at] != '"') {
        parameter.name.push_back(AsciiLower(value[at]));
      }
      ++at;
    }
    if (at >= value.size() || value[at] == ';') {
      out.junk.push_back(Unfold(AsciiTrim(value.substr(begin, at - begin))));
      continue;
    }
    at = ReadValue(value, at + 1, &parameter, &out.missing_semicolon);
    out.parameters.push_back(std::move(parameter));
  }
  return out;
}

JoinedParameters JoinParameters(const std::vector<RawParameter>& raw) {
  JoinedParameters out;
  std::map<std::string, std::vector<Section>> numbered;
  std::vector<std::pair<std::string, Section>> single;
  for (const RawParameter& parameter : raw) {
    std::string base;
    Section section;
    bool is_numbered = false;
    if (!SplitSection(parameter, &base, &section, &is_numbered)) {
      continue;
    }
    if (is_numbered) {
      numbered[base].push_back(section);
    } else {
      single.emplace_back(base, section);
    }
  }
  // RFC 2231 first: it is the more explicit one, and readers that know it prefer it.
  for (const auto& [base, section] : single) {
    AddParameter(base, JoinSections({section}), &out);
  }
  for (auto& [base, sections] : numbered) {
    const std::vector<Section> as_written = sections;
    std::stable_sort(sections.begin(), sections.end(),
                     [](const Section& a, const Section& b) { return a.number < b.number; });
    std::vector<Section> strict;
    for (const Section& section : sections) {
      if (section.number == strict.size()) {
        strict.push_back(section);
      } else {
        out.bad_sections = true;
      }
    }
    if (!strict.empty()) {
      AddParameter(base, JoinSections(strict), &out);
    }
    if (strict.size() != sections.size()) {
      AddParameter(base, JoinSections(sections), &out);
      AddParameter(base, JoinSections(as_written), &out);
    }
  }
  for (const RawParameter& parameter : raw) {
    std::string base;
    Section section;
    bool is_numbered = false;
    if (SplitSection(parameter, &base, &section, &is_numbered)) {
      continue;
    }
    if (HasEncodedWord(parameter.value)) {
      out.encoded_word = true;
      out.encoded_word_names.push_back(parameter.name);
      AddParameter(parameter.name, DecodeEncodedWords(parameter.value), &out);
    }
    AddParameter(parameter.name, GuessUtf8(parameter.value), &out);
    for (const std::string& other : parameter.others) {
      AddParameter(parameter.name, GuessUtf8(other), &out);
    }
  }
  return out;
}

}  // namespace gatepost::mail
