// Bytes to a message: our own zero-copy MIME parser (RFC 5322, 2045, 2046, 2047, 2231, 6532). It is
// total: any bytes are a message. It is iterative and bounded by Limits. Where bytes allow two
// readings it records a Defect and keeps what the other reading needs (see Part::alternatives);
// it never chooses silently.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/mail/address.h"
#include "src/mail/defect.h"

namespace gatepost::mail {

// One header field; ranges into the raw message.
struct Field {
  Range whole;  // with its line ends
  Range name;   // without blanks before the colon
  Range value;  // after the colon, folds included, without the last line end
};

// Content-Transfer-Encoding as labelled; decode/ decides what bytes it stands for.
enum class Encoding : uint8_t {
  kIdentity,  // 7bit, 8bit, binary or none
  kBase64,
  kQuotedPrintable,
  kUuencode,  // x-uuencode, uue...
  kUnknown,
};

// A parameter of Content-Type or Content-Disposition after RFC 2231 joining; value is UTF-8 for
// *-encoded and RFC 2047 words, raw bytes made valid UTF-8 otherwise.
struct Parameter {
  std::string name;  // lower case, without "*"
  std::string value;
};

struct Part {
  uint32_t index = 0;
  uint32_t parent = 0;  // own index for the root
  uint16_t depth = 0;
  std::string path;  // "1", "1.2", "1.2.1": IMAP-like numbers (RFC 3501 6.4.5), root "0"
  Range header;      // fields with the blank line
  Range body;        // without the line end that belongs to the following boundary
  std::vector<Field> fields;
  std::string type = "text";      // lower case
  std::string subtype = "plain";  // lower case
  std::vector<Parameter> type_parameters;
  std::string disposition;  // lower case; "" none
  std::vector<Parameter> disposition_parameters;
  Encoding encoding = Encoding::kIdentity;
  // Every other encoding that some reader would apply: second field, unknown label, illegal on a
  // composite type... Without duplicates and without `encoding`.
  std::vector<Encoding> alternative_encodings;
  // Every file name that some reader would show, best first: RFC 2231 filename*, filename, name*,
  // name, with and without RFC 2047 decoding. UTF-8.
  std::vector<std::string> names;
  std::vector<uint32_t> children;  // parts of a multipart; the one message of a message/rfc822
  bool is_multipart = false;
  bool is_message = false;  // message/rfc822, message/global, message/delivery... with a child
  // Part of a second reading (another boundary, a preamble that parses, a nested message found
  // where the type does not say so), to be scanned like any other.
  bool alternative = false;

  const Parameter* FindTypeParameter(std::string_view name) const;
};

// Owns the part table and copies of small values; the raw bytes belong to the caller and must
// outlive it. Immutable after Parse, so any thread may read.
class Message {
 public:
  // Total. Lines may end in CRLF or LF (a lone CR is a defect); the first blank line ends a header.
  static Message Parse(Bytes raw, const Limits& limits);

  Bytes raw() const { return raw_; }
  // Pre-order, root first; never empty.
  const std::vector<Part>& parts() const { return parts_; }
  const Part& root() const { return parts_.front(); }
  const std::vector<Defect>& defects() const { return defects_; }
  // Defects that were not listed because of Limits::defects.
  uint32_t unlisted_defects() const { return unlisted_defects_; }

  // All fields of a part with that name (any case), in order.
  std::vector<const Field*> FindFields(const Part& part, std::string_view name) const;
  // The unfolded value (RFC 5322 2.2.3) of the first such field with RFC 2047 words decoded, UTF-8;
  // "" when there is none.
  std::string Text(const Part& part, std::string_view name) const;
  // Unfolded, not decoded, raw bytes.
  std::string Unfolded(const Field& field) const;
  // Decoded body bytes are decode/'s; these are the raw ones.
  Bytes Body(const Part& part) const { return Slice(raw_, part.body); }

 private:
  friend class Parser;
  Bytes raw_;
  std::vector<Part> parts_;
  std::vector<Defect> defects_;
  uint32_t unlisted_defects_ = 0;
};

// RFC 2047: encoded words to UTF-8, raw 8-bit as UTF-8 or else Latin-1; adjacent words joined.
// Total.
std::string DecodeEncodedWords(Bytes value);

}  // namespace gatepost::mail
