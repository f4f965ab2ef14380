// The value of a structured field (RFC 2045 5.1, RFC 2231): a first word, then parameters. Keeps
// every reading that some mail program has of a sloppy value.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/mail/message.h"

namespace gatepost::mail {

// One "name=value" as it stands.
struct RawParameter {
  std::string name;   // lower case, with any "*"
  std::string value;  // comments, quotes and escapes taken off, folds undone
  // What other readers make of it: escapes kept, comment kept, up to the next blank...
  std::vector<std::string> others;
  bool quoted = false;
  bool folded = false;    // a line end inside the value
  bool unclosed = false;  // the quote does not end
  bool escaped = false;   // a backslash inside the quotes
  bool trailing = false;  // more behind the closing quote
  bool comment = false;   // beside an unquoted value
  bool list = false;      // a comma in an unquoted value
  bool spaced = false;    // a blank inside an unquoted value
};

struct StructuredValue {
  // Lower case, without comments; blanks inside become one: "text/plain", "attachment", "ba se64".
  std::string word;
  std::string plain;    // what stood there, trimmed, folds undone, comments kept
  bool quoted = false;  // quotes or backslashes in the first word
  bool comment = false;
  bool unclosed = false;     // a comment or quote does not end
  bool inner_blank = false;  // blanks inside the first word
  bool folded_word = false;  // a fold inside the first word
  std::vector<RawParameter> parameters;
  std::vector<std::string> junk;  // segments that are no parameter
  bool missing_semicolon = false;
  bool too_many = false;
};

// Total and linear.
StructuredValue ParseStructured(Bytes value);

// Parameters after RFC 2231 joining, see Part::type_parameters; and what was odd about it.
struct JoinedParameters {
  std::vector<Parameter> parameters;
  bool bad_sections = false;  // gaps, duplicates
  bool encoded_word = false;  // some value held one
  std::vector<std::string> encoded_word_names;
};
JoinedParameters JoinParameters(const std::vector<RawParameter>& raw);

// Without CR and LF of folds.
std::string Unfold(Bytes value);
bool HasEncodedWord(Bytes value);

}  // namespace gatepost::mail
