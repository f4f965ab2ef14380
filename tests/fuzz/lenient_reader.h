// Mail as other programs read it: a small reader whose habits are switches, for the target that
// fuzzes the detector of ambiguity. It shares no code with src/mail on purpose: what it shares with
// our own parser it could not contradict. LIMITS: 8 levels, 100 entities; no charsets, no file
// names; outer boundaries win. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fuzz/lenient_habits.h"

namespace gatepost::fuzz {

class LenientReader {
 public:
  LenientReader(std::string_view payload, const Habits& habits)
      : payload_(payload), habits_(habits) {}

  // Does somebody with that program get something that holds the payload?
  bool Extracts(std::string_view mail) {
    waiting_.push_back({mail, 0, false});
    for (size_t done = 0; !waiting_.empty() && done < kMostEntities; ++done) {
      const Entity entity = waiting_.back();
      waiting_.pop_back();
      if (ReadEntity(entity)) {
        return true;
      }
    }
    return false;
  }

 private:
  static constexpr size_t kMostEntities = 100;
  static constexpr unsigned kDeepest = 8;

  struct Entity {
    std::string_view bytes;
    unsigned depth;
    bool in_digest;
  };

  // The line at `at` without its end; moves behind it.
  std::string_view TakeLine(std::string_view text, size_t* at) const {
    const size_t begin = *at;
    size_t end = begin;
    while (end < text.size() && text[end] != '\n' &&
           !(text[end] == '\r' && (habits_.lone_cr_ends_line || text.substr(end, 2) == "\r\n"))) {
      ++end;
    }
    *at = end;
    if (end < text.size()) {
      *at += text.substr(end, 2) == "\r\n" ? 2 : 1;
    }
    return text.substr(begin, end - begin);
  }

  bool IsBlank(char c) const {
    return c == ' ' || c == '\t' || (habits_.more_blanks && (c == '\v' || c == '\f'));
  }

  std::string_view Trim(std::string_view s) const {
    while (!s.empty() && (IsBlank(s.front()) || s.front() == '\r' || s.front() == '\n')) {
      s.remove_prefix(1);
    }
    while (!s.empty() && (IsBlank(s.back()) || s.back() == '\r' || s.back() == '\n')) {
      s.remove_suffix(1);
    }
    return s;
  }

  static std::string Lower(std::string_view s) {
    std::string out(s);
    for (char& c : out) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
  }

  struct Header {
    std::string type;
    std::string encoding;
    bool has_type = false;
    bool has_encoding = false;
    size_t end = 0;  // of the header, where the body begins
  };

  void KeepField(const std::string& line, Header* header) const {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) {
      return;
    }
    std::string_view name = std::string_view(line).substr(0, colon);
    if (habits_.blank_before_colon) {
      name = Trim(name);
    }
    const std::string lower = Lower(name);
    const std::string words = WithoutWords(Trim(std::string_view(line).substr(colon + 1)));
    const std::string_view value = words;
    if (lower == "content-type" && (!header->has_type || habits_.last_type)) {
      header->type = value;
      header->has_type = true;
    } else if (lower == "content-transfer-encoding" &&
               (!header->has_encoding || habits_.last_encoding)) {
      header->encoding = value;
      header->has_encoding = true;
    }
  }

  // A line of a header as this program has it in its memory.
  std::string Cleaned(std::string_view line) const {
    std::string out;
    for (const char c : line) {
      if (c == '\0' && habits_.ends_at_nul) {
        break;
      }
      if (c != '\0' || !habits_.drops_nul) {
        out.push_back(habits_.seven_bits ? static_cast<char>(c & 0x7F) : c);
      }
    }
    return out;
  }

  // "=?charset?q?text?=" is its text, where the program decodes words in values.
  std::string WithoutWords(std::string_view value) const {
    std::string out(value);
    for (int rounds = 0; habits_.decodes_words && rounds < 4; ++rounds) {
      const size_t begin = out.find("=?");
      const size_t charset = begin == std::string::npos ? begin : out.find('?', begin + 2);
      const size_t kind = charset == std::string::npos ? charset : out.find('?', charset + 1);
      const size_t end = kind == std::string::npos ? kind : out.find("?=", kind + 1);
      if (end == std::string::npos || kind != charset + 2) {
        break;
      }
      std::string text = out.substr(kind + 1, end - kind - 1);
      std::replace(text.begin(), text.end(), '_', ' ');
      const bool base64 = (out[charset + 1] | 0x20) == 'b';
      out.replace(begin, end + 2 - begin, base64 ? Base64(text) : QuotedPrintable(text));
    }
    return out;
  }

  Header ReadHeader(std::string_view text) const {
    Header header;
    std::string field;
    size_t at = 0;
    while (at < text.size()) {
      const size_t begin = at;
      const std::string line = Cleaned(TakeLine(text, &at));
      if (line.empty() || (habits_.blanks_are_blank_line && Trim(line).empty())) {
        header.end = at;
        KeepField(field, &header);
        return header;
      }
      if (IsBlank(line.front())) {
        field += habits_.folds_without_blank ? std::string(Trim(line)) : line;
        continue;
      }
      KeepField(field, &header);
      field = line;
      if (habits_.junk_ends_header && line.find(':') == std::string::npos) {
        header.end = begin;
        return header;
      }
    }
    KeepField(field, &header);
    header.end = text.size();
    return header;
  }

  std::string WithoutQuotes(std::string value) const {
    if (habits_.strips_quotes) {
      value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
    }
    return value;
  }

  std::string WithoutComments(std::string_view value) const {
    if (!habits_.drops_comments) {
      return std::string(value);
    }
    std::string out;
    size_t depth = 0;
    bool quoted = false;
    for (const char c : value) {
      quoted = depth == 0 && c == '"' ? !quoted : quoted;
      if (!quoted && c == '(') {
        ++depth;
      } else if (!quoted && c == ')' && depth > 0) {
        --depth;
      } else if (depth == 0) {
        out.push_back(c);
      }
    }
    return out;
  }

  // name=value pairs behind the type, in order.
  std::vector<std::pair<std::string, std::string>> Parameters(std::string_view value) const {
    std::vector<std::pair<std::string, std::string>> out;
    size_t at = value.find(';');
    while (at < value.size()) {
      ++at;
      const size_t equals = value.find_first_of("=;", at);
      if (equals == std::string_view::npos) {
        break;
      }
      if (value[equals] == ';') {
        at = equals;
        continue;
      }
      const std::string name = Lower(Trim(value.substr(at, equals - at)));
      size_t i = equals + 1;
      while (i < value.size() && IsBlank(value[i])) {
        ++i;
      }
      std::string text;
      if (i < value.size() && value[i] == '"') {
        for (++i; i < value.size() && value[i] != '"'; ++i) {
          if (value[i] == '\\' && i + 1 < value.size()) {
            ++i;
          }
          text.push_back(value[i]);
        }
      } else {
        size_t end = std::min(value.find(';', i), value.size());
        if (habits_.token_ends_at_blank) {
          end = std::min(value.find_first_of(" \t;", i), value.size());
        }
        text = Trim(value.substr(i, end - i));
        i = end;
      }
      out.emplace_back(name, text);
      at = std::min(value.find(';', i), value.size());
    }
    return out;
  }

  static std::string Unescape(std::string_view text, bool with_charset) {
    if (with_charset) {
      const size_t one = text.find('\'');
      const size_t two = one == std::string_view::npos ? one : text.find('\'', one + 1);
      text = two == std::string_view::npos ? text : text.substr(two + 1);
    }
    const auto digit = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
          digit(text[i + 2]) >= 0) {
        out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
        i += 2;
      } else {
        out.push_back(text[i]);
      }
    }
    return out;
  }

  std::string BoundaryOf(std::string_view type) const {
    std::string plain;
    std::string joined;
    bool have = false;
    int next = 0;
    for (const auto& [name, value] : Parameters(type)) {
      if (name == "boundary" && (!have || habits_.last_boundary)) {
        plain = value;
        have = true;
      } else if (habits_.joins_sections && name == "boundary*") {
        joined = Unescape(value, true);
      } else if (habits_.joins_sections && name.rfind("boundary*", 0) == 0) {
        const bool escaped = name.back() == '*';
        const std::string number = name.substr(9, name.size() - 9 - (escaped ? 1U : 0U));
        if (number == std::to_string(next)) {
          joined += escaped ? Unescape(value, next == 0) : value;
          ++next;
        }
      }
    }
    return joined.empty() ? plain : joined;
  }

  enum class Coding { kNone, kBase64, kQuotedPrintable };
  Coding CodingOf(std::string_view label) const {
    const std::string label_text = WithoutQuotes(WithoutComments(label));
    const std::string lower = Lower(Trim(label_text));
    const auto is = [&](std::string_view word) {
      return lower == word || (habits_.encoding_by_prefix && lower.rfind(word, 0) == 0) ||
             (habits_.encoding_anywhere && lower.find(word) != std::string::npos);
    };
    return is("base64")             ? Coding::kBase64
           : is("quoted-printable") ? Coding::kQuotedPrintable
                                    : Coding::kNone;
  }

  std::string Base64(std::string_view body) const {
    std::string out;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : body) {
      if (c == '=') {
        if (!habits_.base64_goes_on) {
          break;
        }
        bits = count = 0;
        continue;
      }
      const int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                        : c >= 'a' && c <= 'z' ? c - 'a' + 26
                        : c >= '0' && c <= '9' ? c - '0' + 52
                        : c == '+'             ? 62
                        : c == '/'             ? 63
                                               : -1;
      if (digit < 0) {
        if (habits_.base64_stops && c != '\r' && c != '\n' && !IsBlank(c)) {
          break;
        }
        continue;
      }
      bits = ((bits << 6U) | static_cast<unsigned>(digit)) & 0xFFFFFFU;
      count += 6;
      if (count >= 8) {
        count -= 8;
        out.push_back(static_cast<char>((bits >> count) & 0xFFU));
      }
    }
    return out;
  }

  std::string QuotedPrintable(std::string_view body) const {
    const auto digit = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    std::string out;
    for (size_t i = 0; i < body.size(); ++i) {
      if (body[i] != '=') {
        out.push_back(body[i]);
        continue;
      }
      if (i + 2 < body.size() && digit(body[i + 1]) >= 0 && digit(body[i + 2]) >= 0) {
        out.push_back(static_cast<char>(digit(body[i + 1]) * 16 + digit(body[i + 2])));
        i += 2;
        continue;
      }
      size_t end = i + 1;
      while (end < body.size() && IsBlank(body[end])) {
        ++end;
      }
      if (body.substr(end, 2) == "\r\n") {
        i = end + 1;
      } else if (end < body.size() && body[end] == '\n') {
        i = end;
      } else {
        out.push_back('=');
      }
    }
    return out;
  }

  // All files that "begin 644 name" announces, one behind the other.
  static std::string Uudecoded(std::string_view body) {
    std::string out;
    bool open = false;
    for (size_t at = 0; at < body.size();) {
      const size_t newline = std::min(body.find('\n', at), body.size());
      std::string_view line = body.substr(at, newline - at);
      at = newline + 1;
      while (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
      }
      if (line.substr(0, 6) == "begin ") {
        open = true;
        continue;
      }
      if (!open || line.empty() || line == "end") {
        open = open && line != "end";
        continue;
      }
      size_t left = (static_cast<unsigned char>(line[0]) - 32U) & 63U;
      for (size_t i = 1; i + 3 < line.size() && left > 0; i += 4) {
        unsigned bits = 0;
        for (size_t k = 0; k < 4; ++k) {
          bits = bits << 6U | ((static_cast<unsigned char>(line[i + k]) - 32U) & 63U);
        }
        for (int shift = 16; shift >= 0 && left > 0; shift -= 8, --left) {
          out.push_back(static_cast<char>(bits >> static_cast<unsigned>(shift) & 0xFFU));
        }
      }
    }
    return out;
  }

  // A guess is judged by what comes of it.
  static bool IsText(std::string_view decoded) {
    return std::all_of(decoded.begin(), decoded.end(), [](char c) {
      return (c >= ' ' && c < 127) || c == '\r' || c == '\n' || c == '\t';
    });
  }

  // Nothing but digits of base64 and line ends, eight bytes at least.
  static bool LooksLikeBase64(std::string_view body) {
    size_t digits = 0;
    for (const char c : body) {
      const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
      if (!digit && c != '\r' && c != '\n') {
        return false;
      }
      digits += digit ? 1U : 0U;
    }
    return digits >= 8;
  }

  std::string_view Decoded(std::string_view body, const Header& header) {
    if (habits_.uuencode) {
      storage_.push_back(Uudecoded(body));
      if (!storage_.back().empty()) {
        return storage_.back();
      }
    }
    if (habits_.guesses_base64 && header.encoding.empty() && LooksLikeBase64(body)) {
      storage_.push_back(Base64(body));
      if (IsText(storage_.back())) {
        return storage_.back();
      }
    }
    switch (CodingOf(header.encoding)) {
      case Coding::kBase64:
        storage_.push_back(Base64(body));
        return storage_.back();
      case Coding::kQuotedPrintable:
        storage_.push_back(QuotedPrintable(body));
        return storage_.back();
      case Coding::kNone:
        break;
    }
    return body;
  }

  // The parts between the boundary lines; false: there is none.
  bool Cut(std::string_view body, const std::string& boundary, const Entity& entity, bool digest) {
    const std::string mark = habits_.boundary_any_case ? Lower("--" + boundary) : "--" + boundary;
    bool open = false;
    size_t begin = 0;
    bool any = false;
    const auto end_part = [&](size_t end) {
      if (open && waiting_.size() < kMostEntities) {
        waiting_.push_back({body.substr(begin, end - begin), entity.depth + 1, digest});
      }
    };
    for (size_t at = 0; at < body.size();) {
      const size_t line_begin = at;
      const std::string_view line = TakeLine(body, &at);
      const std::string_view head = line.substr(0, mark.size());
      if (head != mark && (!habits_.boundary_any_case || Lower(head) != mark)) {
        continue;
      }
      const std::string_view rest = Trim(line.substr(mark.size()));
      if (rest == "--" || (habits_.boundary_by_prefix && rest.substr(0, 2) == "--")) {
        end_part(line_begin);
        open = false;
        if (!habits_.parts_behind_close) {
          return any;
        }
      } else if (rest.empty() || habits_.boundary_by_prefix) {
        end_part(line_begin);
        open = any = true;
        begin = at;
      }
    }
    end_part(body.size());
    return any;
  }

  // What the first line that begins with two hyphens says.
  std::string BoundaryBySight(std::string_view body) const {
    for (size_t at = 0; at < body.size();) {
      const std::string_view line = Trim(TakeLine(body, &at));
      if (line.size() > 2 && line.substr(0, 2) == "--") {
        return std::string(line.substr(2));
      }
    }
    return {};
  }

  bool ReadEntity(const Entity& entity) {
    const Header header = ReadHeader(entity.bytes);
    const std::string_view body = entity.bytes.substr(header.end);
    const std::string type = WithoutComments(header.type);
    const bool anywhere =
        habits_.multipart_anywhere && Lower(type).find("multipart") != std::string::npos;
    const std::string name = WithoutQuotes(type.substr(0, type.find(';')));
    std::string kind = Lower(Trim(name));
    if (!header.has_type && entity.in_digest) {
      kind = "message/rfc822";
    }
    if (entity.depth < kDeepest && (anywhere || kind.rfind("multipart/", 0) == 0)) {
      const std::string boundary = BoundaryOf(type);
      if (!boundary.empty() && Cut(body, boundary, entity, kind == "multipart/digest")) {
        return false;
      }
      const std::string seen = habits_.boundary_by_sight ? BoundaryBySight(body) : std::string();
      if (!seen.empty() && Cut(body, seen, entity, kind == "multipart/digest")) {
        return false;
      }
      return body.find(payload_) != std::string_view::npos;
    }
    const std::string_view decoded = Decoded(body, header);
    if (entity.depth < kDeepest && (kind == "message/rfc822" || kind == "message/global")) {
      waiting_.push_back({decoded, entity.depth + 1, false});
      return false;
    }
    return decoded.find(payload_) != std::string_view::npos;
  }

  std::string_view payload_;
  const Habits& habits_;
  std::vector<Entity> waiting_;
  std::deque<std::string> storage_;
};

}  // namespace gatepost::fuzz
