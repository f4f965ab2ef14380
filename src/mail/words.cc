// RFC 2047 encoded words. Lenient where readers are: words without blanks around them, blanks
// inside Q text, missing padding. Adjacent words of one charset and encoding are joined as bytes
// first, so that a character split over two words is whole again. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <array>

#include "src/base/hex.h"
#include "src/mail/charset.h"
#include "src/mail/message.h"

namespace gatepost::mail {
namespace {

// One "=?charset?X?text?=" found at `begin`.
struct Word {
  size_t end = 0;
  Bytes charset;      // without an RFC 2231 language
  char encoding = 0;  // 'b' or 'q'
  Bytes text;
};

constexpr size_t kLongestCharset = 60;

bool MatchWord(Bytes s, size_t begin, Word* word) {
  // The caller saw "=?".
  const Bytes head = s.substr(begin + 2, kLongestCharset + 1);
  const size_t mark = head.find('?');
  if (mark == Bytes::npos || mark == 0) {
    return false;
  }
  size_t at = begin + 2 + mark + 1;
  if (at + 1 >= s.size() || s[at + 1] != '?') {
    return false;
  }
  const char encoding = AsciiLower(s[at]);
  if (encoding != 'b' && encoding != 'q') {
    return false;
  }
  at += 2;
  word->charset = head.substr(0, mark);
  word->charset = word->charset.substr(0, word->charset.find('*'));
  for (const char c : word->charset) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F) {
      return false;
    }
  }
  // The text ends at the first "?="; a Q text may not contain '?', but "?=41" readers exist, so a
  // "?=" directly at the start of the text belongs to it when another follows.
  size_t end = s.find("?=", at);
  if (end == Bytes::npos) {
    return false;
  }
  if (end == at && encoding == 'q') {
    const size_t next = s.find("?=", at + 2);
    if (next != Bytes::npos && s.substr(at, next - at).find("=?") == Bytes::npos) {
      end = next;
    }
  }
  word->encoding = encoding;
  word->text = s.substr(at, end - at);
  word->end = end + 2;
  return true;
}

void AppendQ(Bytes text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_') {
      out->push_back(' ');
    } else if (c == '=' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
               HexValue(text[i + 2]) >= 0) {
      out->push_back(static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])));
      i += 2;
    } else if (c != '\r' && c != '\n') {
      out->push_back(c);
    }
  }
}

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - '0' + 52;
  }
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void AppendB(Bytes text, std::string* out) {
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = Base64Value(c);
    if (c == '=') {
      // Padding ends a group; whatever follows is a group of its own.
      bits = 0;
      count = 0;
      continue;
    }
    if (value < 0) {
      continue;
    }
    bits = (bits << 6) | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>((bits >> count) & 0xFFU));
      bits &= (1U << count) - 1U;
    }
  }
}

bool IsBlank(Bytes s) {
  for (const char c : s) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string DecodeEncodedWords(Bytes value) {
  std::string out;
  out.reserve(value.size());
  std::string joined;   // decoded bytes of adjacent words with one charset
  std::string charset;  // of `joined`, lower case
  bool open = false;
  const auto flush = [&] {
    if (open) {
      out += ConvertToUtf8(joined, charset, nullptr);
      joined.clear();
      open = false;
    }
  };
  size_t plain = 0;  // where text that is not yet written begins
  size_t at = 0;
  const size_t last_end = value.rfind("?=");  // nothing that begins behind it can be a word
  while ((at = value.find("=?", at)) != Bytes::npos && last_end != Bytes::npos && at < last_end) {
    Word word;
    if (!MatchWord(value, at, &word)) {
      at += 2;
      continue;
    }
    const Bytes between = value.substr(plain, at - plain);
    const bool adjacent = open && IsBlank(between);
    const std::string word_charset = AsciiLower(word.charset);
    if (!adjacent || word_charset != charset) {
      flush();
      if (!adjacent) {
        out += GuessUtf8(between);
      }
    }
    charset = word_charset;
    open = true;
    if (word.encoding == 'b') {
      AppendB(word.text, &joined);
    } else {
      AppendQ(word.text, &joined);
    }
    at = word.end;
    plain = at;
  }
  flush();
  out += GuessUtf8(value.substr(plain));
  return out;
}

}  // namespace gatepost::mail
