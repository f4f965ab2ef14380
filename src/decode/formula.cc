// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/formula.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"

namespace gatepost::decode {

bool CallsProgram(std::string_view formula) {
  const size_t first = formula.find('|');
  const size_t item = formula.rfind('!');
  if (first == std::string_view::npos || item == std::string_view::npos || first > item) {
    return false;
  }
  char quote = 0;
  int brackets = 0;
  bool in_brackets = false;  // there was a bar
  for (size_t i = 0; i < formula.size(); ++i) {
    const char c = formula[i];
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;  // two of them close it and open it again
    } else if (brackets > 0 && c == '\'') {
      ++i;  // in the name of a column it takes its meaning from the next
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == ']') {
      brackets += c == '[' ? 1 : -1;
    } else if (c == '|' && i > 0 && i < item) {
      if (brackets <= 0) {
        return true;
      }
      in_brackets = true;
    }
  }
  return quote != 0 || (in_brackets && brackets != 0);
}

bool IsTopicAndItem(std::string_view text) {
  text = AsciiTrim(text);
  size_t mark = std::string_view::npos;
  if (!text.empty() && text[0] == '\'') {
    const size_t quote = text.find('\'', 1);
    mark = quote == std::string_view::npos ? quote : quote + 1;
  } else {
    mark = text.find_first_of("! \t");
  }
  if (mark == std::string_view::npos || mark + 1 >= text.size() || text[mark] != '!') {
    return false;
  }
  const char item = text[mark + 1];
  return (item >= '0' && item <= '9') || (AsciiLower(item) >= 'a' && AsciiLower(item) <= 'z') ||
         std::string_view("_$'\"#").find(item) != std::string_view::npos;
}

std::string WordsOfNumberFormat(std::string_view format) {
  constexpr int kShortest = 5;  // currencies, units and yes or no are no words
  std::string words;
  std::string word;
  const auto end = [&] {
    const auto letters =
        std::count_if(word.begin(), word.end(), [](char c) { return (c & '\xc0') != '\x80'; });
    if (letters >= kShortest) {
      words.append(word).push_back('\n');
    }
    word.clear();
  };
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '"') {
      const size_t close = format.find('"', i + 1);
      if (close == std::string_view::npos) {
        break;
      }
      word += format.substr(i + 1, close - i - 1);
      i = close;
    } else if (format[i] == '\\' && i + 1 < format.size()) {
      // The next letter as it is, all bytes of it.
      do {
        word.push_back(format[++i]);
      } while (i + 1 < format.size() && (format[i + 1] & '\xc0') == '\x80');
    } else {
      end();
    }
  }
  end();
  return words;
}

namespace {

constexpr int kMostCalls = 8;               // SUBSTITUTE in SUBSTITUTE
constexpr size_t kMostComputed = 64 << 10;  // of one formula

bool TakeLiteral(std::string_view formula, int calls, size_t* at, std::string* out);

void SkipBlanks(std::string_view formula, size_t* at) {
  *at = std::min(formula.find_first_not_of(' ', *at), formula.size());
}

// A number of a letter at *at; 0: none, or none that shows.
char32_t TakeCode(std::string_view text, size_t* at) {
  char32_t code = 0;
  size_t i = *at;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && code < 0x110000; ++i) {
    code = code * 10 + static_cast<char32_t>(text[i] - '0');
  }
  *at = i;
  return code < 0x20 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : code;
}

void ReplaceAll(std::string_view text, std::string_view old, std::string_view fresh,
                std::string* out) {
  for (size_t at = 0; at < text.size() && out->size() < kMostComputed;) {
    const size_t next = old.empty() ? std::string_view::npos : text.find(old, at);
    out->append(text.substr(at, next - at));
    if (next == std::string_view::npos) {
      return;
    }
    out->append(fresh);
    at = next + old.size();
  }
}

// SUBSTITUTE(text, old, new) of literals.
// NOLINTNEXTLINE(misc-no-recursion): kMostCalls bounds it.
bool TakeSubstitute(std::string_view formula, int calls, size_t* at, std::string* out) {
  std::string parts[3];
  size_t i = *at;
  for (int n = 0; n < 3; ++n) {
    SkipBlanks(formula, &i);
    if (!TakeLiteral(formula, calls + 1, &i, &parts[n])) {
      return false;
    }
    SkipBlanks(formula, &i);
    const bool goes_on = i < formula.size() && (formula[i] == ',' || formula[i] == ';');
    if (n < 2 && !goes_on) {
      return false;
    }
    i += n < 2 ? 1 : 0;
  }
  const size_t close = formula.find(')', i);  // there may be a count, which is not asked for
  *at = close == std::string_view::npos ? formula.size() : close + 1;
  ReplaceAll(parts[0], parts[1], parts[2], out);
  return true;
}

// A string, UNICHAR(7878) or a call of SUBSTITUTE at *at is appended; false: none of them.
// NOLINTNEXTLINE(misc-no-recursion): kMostCalls bounds it.
bool TakeLiteral(std::string_view formula, int calls, size_t* at, std::string* out) {
  if (*at < formula.size() && formula[*at] == '"') {
    size_t i = *at + 1;
    for (; i < formula.size(); ++i) {
      if (formula[i] == '"') {
        if (formula.substr(i + 1, 1) != "\"") {
          break;
        }
        ++i;
      }
      out->push_back(formula[i]);
    }
    *at = std::min(i + 1, formula.size());
    return true;
  }
  constexpr std::string_view kSubstitute = "SUBSTITUTE(";
  if (AsciiStartsWithIgnoreCase(formula.substr(*at), kSubstitute)) {
    size_t i = *at + kSubstitute.size();
    if (calls >= kMostCalls || !TakeSubstitute(formula, calls, &i, out)) {
      return false;
    }
    *at = i;
    return true;
  }
  const bool wide = AsciiStartsWithIgnoreCase(formula.substr(*at), "UNICHAR(");
  if (!wide && !AsciiStartsWithIgnoreCase(formula.substr(*at), "CHAR(")) {
    return false;
  }
  size_t i = *at + (wide ? 8 : 5);
  const char32_t code = TakeCode(formula, &i);
  if (code == 0 || formula.substr(i, 1) != ")") {
    return false;
  }
  AppendUtf8(code, out);
  *at = i + 1;
  return true;
}

// The name of a call that joins what stands between its commas; 0: none at `at`.
size_t JoiningCall(std::string_view formula, size_t at) {
  for (const std::string_view name : {"CONCATENATE(", "CONCAT("}) {
    if (AsciiStartsWithIgnoreCase(formula.substr(at), name)) {
      return name.size();
    }
  }
  return 0;
}

// QUOTE 84 7888 73: letters by their numbers, outside of strings.
std::string LettersOfQuote(std::string_view code) {
  std::string out;
  for (size_t at = 0; at < code.size();) {
    if (code[at] == '"') {
      at = std::min(code.find('"', at + 1), code.size() - 1) + 1;
    } else if (code[at] >= '0' && code[at] <= '9') {
      const char32_t letter = TakeCode(code, &at);
      if (letter != 0) {
        AppendUtf8(letter, &out);
      }
    } else {
      ++at;
    }
  }
  return AsciiTrim(out).empty() ? std::string() : out + "\n";
}

}  // namespace

std::string JoinedLiterals(std::string_view formula) {
  std::string out;
  std::string joined;
  for (size_t at = 0; at < formula.size() && out.size() < kMostComputed;) {
    joined.clear();
    const size_t call = JoiningCall(formula, at);
    int pieces = 0;
    size_t next = at + call;
    if (call > 0) {
      SkipBlanks(formula, &next);
    }
    while (true) {
      const bool computed = next < formula.size() && (formula[next] | 0x20) == 's';
      if (!TakeLiteral(formula, 0, &next, &joined)) {
        break;
      }
      pieces += computed ? 2 : 1;
      at = next;
      SkipBlanks(formula, &next);
      const char sign = next < formula.size() ? formula[next] : '\0';
      if (sign != '&' && (call == 0 || (sign != ',' && sign != ';'))) {
        break;
      }
      ++next;
      SkipBlanks(formula, &next);
    }
    if (pieces == 0) {
      at += call == 0 ? 1 : call;
    } else if (pieces > 1) {
      out.append(joined).push_back('\n');
    }
  }
  return out;
}

std::string WordsOfField(std::string_view field) {
  const Bytes code = AsciiTrim(field);
  if (AsciiStartsWithIgnoreCase(code, "quote ")) {
    return WordsOfNumberFormat(code) + LettersOfQuote(code);
  }
  constexpr Bytes kSymbol = "symbol ";
  if (AsciiStartsWithIgnoreCase(code, kSymbol)) {
    const std::string low = AsciiLower(code);
    size_t at = std::min(code.find_first_not_of(' ', kSymbol.size()), code.size());
    const char32_t letter = TakeCode(code, &at);
    std::string out;
    // Arrows and boxes of a font of pictures are no letters.
    if (letter != 0 && low.find("dings") == std::string::npos &&
        low.find("symbol", kSymbol.size()) == std::string::npos) {
      AppendUtf8(letter, &out);
    }
    return out;
  }
  constexpr Bytes kButton = "macrobutton ";
  if (AsciiStartsWithIgnoreCase(code, kButton)) {  // the macro's name, then what is shown
    const Bytes rest = AsciiTrim(code.substr(kButton.size()));
    const size_t blank = rest.find(' ');
    return blank == Bytes::npos ? std::string() : std::string(rest.substr(blank + 1)) + "\n";
  }
  return {};
}

}  // namespace gatepost::decode
