// The habits of programs that read mail, as switches of lenient_reader.h, and sets of them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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
  bool drops_nul = false;    // in a header
  bool ends_at_nul = false;  // a value is a string of C
  bool seven_bits = false;   // the eighth bit of a header's bytes is thrown away
  bool boundary_any_case = false;
  bool boundary_by_sight =
      false;                   // where none is declared, or it does not occur: the first "--" line
  bool strips_quotes = false;  // of a type or an encoding
  bool multipart_anywhere = false;  // "text/plain, multipart/mixed"
  bool decodes_words = false;       // RFC 2047 in a value
  bool base64_stops = false;        // at a byte that is no digit
  bool guesses_base64 = false;      // of a body without an encoding that is nothing else
  bool uuencode = false;            // whatever the label says
  bool more_blanks = false;         // VT and FF are blanks
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
    Habits& nul = add("without NUL");
    nul.drops_nul = nul.more_blanks = nul.strips_quotes = true;
    Habits& strings = add("strings of C");
    strings.ends_at_nul = strings.base64_stops = strings.last_boundary = true;
    add("seven bits").seven_bits = true;
    Habits& sight = add("by sight");
    sight.boundary_by_sight = sight.multipart_anywhere = sight.guesses_base64 = true;
    sight.uuencode = sight.strips_quotes = sight.boundary_any_case = true;
    Habits& words = add("words");
    words.decodes_words = words.drops_comments = words.more_blanks = true;
    Habits& old = add("old Unix");
    old.uuencode = old.junk_ends_header = old.boundary_any_case = old.lone_cr_ends_line = true;
    Habits& all = add("loosest");
    all.lone_cr_ends_line = all.blank_before_colon = all.boundary_by_prefix = true;
    all.encoding_by_prefix = all.base64_goes_on = all.parts_behind_close = true;
    all.joins_sections = all.drops_comments = all.token_ends_at_blank = true;
    return out;
  }();
  return readers;
}

}  // namespace gatepost::fuzz
