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

namespace gatepost::fuzz {

// One program's habits; each switch is one that mail programs, libraries or virus scanners have.
struct Habits {
  const char* name;
  bool lone_cr_ends_line = false;
  bool blanks_are_blank_line = false;  // " \r\n" ends a header
  bool junk_ends_header = false;       // a line without a colon is the body already
  bool last_type = false;              // of two Content-Type fields the last
  bool last_encoding = false;
  bool last_boundary = false;        // of two parameters the last
  bool joins_sections = false;       // RFC 2231: boundary*, boundary*0
  bool drops_comments = false;       // "(...)" in a value
  bool token_ends_at_blank = false;  // boundary=one two
  bool blank_before_colon = false;   // "Name : value" is a field
  bool folds_without_blank = false;  // "ba\r\n se64"
  bool encoding_by_prefix = false;   // "base64 or so"
  bool encoding_anywhere = false;    // "x, base64"
  bool base64_goes_on = false;       // behind "="
  bool boundary_by_prefix = false;   // anything may follow it on its line
  bool parts_behind_close = false;
};

inline const std::vector<Habits>& Readers() {
  static const std::vector<Habits> readers = [] {
    std::vector<Habits> out;
    out.push_back({"strict"});
    const auto add = [&](const char* name) -> Habits& {
      out.push_back({name});
      return out.back();
    };
    add("comments").drops_comments = true;
    Habits& last = add("last of all");
    last.last_type = last.last_encoding = last.last_boundary = true;
    Habits& last_fields = add("last fields, first parameter");
    last_fields.last_type = last_fields.last_encoding = true;
    add("last encoding").last_encoding = true;
    add("last type").last_type = true;
    add("last boundary").last_boundary = true;
    Habits& sections = add("RFC 2231");
    sections.joins_sections = sections.drops_comments = true;
    Habits& lines = add("loose lines");
    lines.lone_cr_ends_line = lines.blanks_are_blank_line = lines.boundary_by_prefix = true;
    Habits& header = add("loose header");
    header.junk_ends_header = header.blank_before_colon = header.token_ends_at_blank = true;
    Habits& encodings = add("loose encodings");
    encodings.encoding_by_prefix = encodings.base64_goes_on = encodings.drops_comments = true;
    Habits& scanner = add("scanner");
    scanner.encoding_anywhere = scanner.base64_goes_on = scanner.boundary_by_prefix = true;
    scanner.parts_behind_close = scanner.blank_before_colon = true;
    Habits& joins = add("folds without blank");
    joins.folds_without_blank = joins.token_ends_at_blank = true;
    Habits& all = add("loosest");
    all.lone_cr_ends_line = all.blank_before_colon = all.boundary_by_prefix = true;
    all.encoding_by_prefix = all.base64_goes_on = all.parts_behind_close = true;
    all.joins_sections = all.drops_comments = all.token_ends_at_blank = true;
    return out;
  }();
  return readers;
}

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

  static bool IsBlank(char c) { return c == ' ' || c == '\t'; }

  static std::string_view Trim(std::string_view s) {
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
    const std::string_view value = Trim(std::string_view(line).substr(colon + 1));
    if (lower == "content-type" && (!header->has_type || habits_.last_type)) {
      header->type = value;
      header->has_type = true;
    } else if (lower == "content-transfer-encoding" &&
               (!header->has_encoding || habits_.last_encoding)) {
      header->encoding = value;
      header->has_encoding = true;
    }
  }

  Header ReadHeader(std::string_view text) const {
    Header header;
    std::string field;
    size_t at = 0;
    while (at < text.size()) {
      const size_t begin = at;
      const std::string_view line = TakeLine(text, &at);
      if (line.empty() || (habits_.blanks_are_blank_line && Trim(line).empty())) {
        header.end = at;
        KeepField(field, &header);
        return header;
      }
      if (IsBlank(line.front())) {
        field += habits_.folds_without_blank ? std::string(Trim(line)) : std::string(line);
        continue;
      }
      KeepField(field, &header);
      field = line;
      if (habits_.junk_ends_header && line.find(':') == std::string_view::npos) {
        header.end = begin;
        return header;
      }
    }
    KeepField(field, &header);
    header.end = text.size();
    return header;
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
    const std::string lower = Lower(Trim(WithoutComments(label)));
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

  static std::string QuotedPrintable(std::string_view body) {
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

  std::string_view Decoded(std::string_view body, const Header& header) {
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
    const std::string mark = "--" + boundary;
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
      if (line.substr(0, mark.size()) != mark) {
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

  bool ReadEntity(const Entity& entity) {
    const Header header = ReadHeader(entity.bytes);
    const std::string_view body = entity.bytes.substr(header.end);
    const std::string type = WithoutComments(header.type);
    std::string kind = Lower(Trim(std::string_view(type).substr(0, type.find(';'))));
    if (!header.has_type && entity.in_digest) {
      kind = "message/rfc822";
    }
    if (entity.depth < kDeepest && kind.rfind("multipart/", 0) == 0) {
      const std::string boundary = BoundaryOf(type);
      if (!boundary.empty() && Cut(body, boundary, entity, kind == "multipart/digest")) {
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
