// Content transfer encodings (RFC 2045 section 6, POSIX uuencode, yEnc): one strict decoder that is
// fast, and beside it every reading that some mail program is known to make of a broken body.
// Total; time is linear in the body for each reading.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/decode/leaf.h"

namespace gatepost::decode {

// What was wrong with an encoded body; bits of Readings::faults.
enum Fault : uint32_t {
  kBase64Junk = 1U << 0,              // characters outside the alphabet
  kBase64DataAfterPadding = 1U << 1,  // '=' and then more data: readers stop or go on
  kBase64TextAfterPadding = 1U << 2,  // a footer that a list server put behind the data
  kBase64Incomplete = 1U << 3,        // padding missing or a quantum cut
  kQpBadHex = 1U << 4,                // '=' without two hexadecimal digits
  kQpLooseBreak = 1U << 5,            // "= " before the line's end, or a lone CR after '='
  kUuBadLength = 1U << 6,             // a line shorter or longer than its first character says
  kUuNoBegin = 1U << 7,
  kReadingsCut = 1U << 8,  // Limits::readings_per_part or reading_expansion
  kAmongWords = 1U << 9,   // no more than a word of a line
};

struct Readings {
  std::vector<Reading> readings;  // the strict one first, at least one, no two alike
  uint32_t faults = 0;
};
Readings DecodeReadings(Bytes body, mail::Encoding encoding, const Limits& limits);

// Appends; true when the body was canonical base64 (blanks and line ends apart). False leaves *out
// as it was.
bool DecodeBase64Strict(Bytes body, std::string* out);

// Junk passed over, the end at the first '='.
std::string DecodeBase64Skipping(Bytes body);
// Blanks and padding are passed over; "" when anything else in it is no base64.
std::string DecodeBase64Only(Bytes text);

// A file written into running text by uuencode, `uuencode -m` or yEnc.
struct InlineFile {
  std::string name;  // as written, raw bytes
  std::string bytes;
  uint32_t faults = 0;
};
// At most limits.readings_per_part * 4 files, leaf_bytes together.
std::vector<InlineFile> FindInlineFiles(Bytes text, const Limits& limits);

// Runs of lines in text that are base64 without saying so and decode into something: a known type
// or readable text. At most limits.readings_per_part * 4 of them, more texts joined into one; files
// beyond that are a fault (kReadingsCut). Of words of a line, and of all where `is_usual` (XML and
// JSON carry files so), limits.archive_members.
std::vector<std::string> FindHiddenBase64(Bytes text, const Limits& limits,
                                          uint32_t* faults = nullptr, bool is_usual = false);

// A body labelled as base64 that people could read as it stands: blanks within its lines.
bool ReadsAsWords(Bytes body);

// How well an unlabelled body fits an encoding; for bodies whose label says nothing.
bool PlausiblyBase64(Bytes body);
bool PlausiblyQuotedPrintable(Bytes body);

}  // namespace gatepost::decode
