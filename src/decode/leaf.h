// A message to leaves: transfer encodings (every plausible reading where they conflict), archives
// behind a strict zip validator, documents. One budget for all; what cannot be opened is a named
// Unscannable, never a silent pass. Total.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/mail/message.h"

namespace gatepost::decode {

// What a leaf is, told by its content first and by its name and label second.
enum class Type : uint8_t {
  kEmpty,
  kText,  // text/plain or anything that reads as text
  kHtml,
  kMessage,  // message/rfc822, .eml
  kZip,
  kArchive,  // zip apart; rar, 7z, tar, gz, xz, cab, iso...: libarchive
  kOoxml,
  kOdf,
  kOle,
  kRtf,
  kPdf,
  kXml,
  kCalendar,
  kVcard,
  kTnef,
  kImage,
  kExecutable,  // PE, ELF, Mach-O, scripts with #!
  kPkcs7,
  kPgp,
  kBinary,  // unknown
};
const char* ToString(Type type);  // "text", "html", "message", "zip", ...

// Why something could not be read. One reason for each thing a person can act on.
enum class Reason : uint8_t {
  kEncrypted,
  kImageOnly,
  kUnknownType,
  kTooBig,
  kTooDeep,
  kDamaged,
  kCrashed,
  kTimedOut,
  kNoSignatures,
  kNotScanned,
  kTruncated,
  kNotRead,
};
constexpr Reason kLastReason = Reason::kNotRead;
const char* ToString(Reason reason);  // "encrypted", "image-only", "unknown-type", ...
// False: no such word.
bool ReasonFromString(std::string_view text, Reason* out);
// What the reason means, and what a person can do about it; no full stop. `gatepost scan`,
// `explain` and `held show` print them.
const char* SentenceEn(Reason reason);
const char* SentenceVi(Reason reason);
const char* AdviceEn(Reason reason);
const char* AdviceVi(Reason reason);

struct Unscannable {
  Reason reason;
  std::string path;  // as Leaf::path
};

// One thing that is not opened further, or a container that was (the bytes of both are given, so
// that signatures see every layer).
struct Leaf {
  uint32_t part = 0;      // mail::Part::index of the top message's part it came from
  std::string part_path;  // "1.2"
  std::string path;       // "report.zip/inner/plan.docx"; part_path where a part has no name
  std::string name;       // last component; "" none. UTF-8
  std::vector<std::string> names;  // every name a reader could show
  std::string media_type;          // as labelled, "text/html"; "" inside archives
  std::string charset;             // as labelled; "" none
  Type type = Type::kBinary;
  Bytes bytes;                  // owned by Leaves
  bool is_attachment = false;   // has a name or disposition attachment, or is inside a container
  bool is_container = false;    // was opened: its members are leaves of their own
  bool is_component = false;    // what a document's own program put into its package
  bool is_alternative = false;  // a second reading of a part that is also given otherwise
  bool is_within = false;       // found in data that nobody opens as it (IsOtherData)
  bool is_typed = false;  // `type` says how this reading is shown, whatever its bytes look like
  uint16_t depth = 0;     // containers above it
  std::string sha256;     // hex; only where asked for (see Leaves::Digest)
};

// A stretch of text in one font; a font's name may say that its bytes are not what they seem
// (".VnTime" is TCVN3).
struct FontRun {
  uint32_t begin = 0;  // bytes of DocumentText::utf8
  uint32_t end = 0;
  std::string font;  // as the document names it, UTF-8, at most 100 bytes
};

// Text taken out of a document, in paragraphs; text/ turns it into views.
struct DocumentText {
  size_t leaf = 0;   // index into Leaves::leaves
  std::string zone;  // "attachment", "docprops", "header-footer", "fonts", "rels", "xml", "ole"
  std::string part_name;  // "word/document.xml", "word/header1.xml", ...; "" none
  std::string utf8;       // well-formed; paragraphs end in '\n', table cells in a row " | "
  // Where the format says it: ascending, not overlapping; gaps are in no known font. The text of
  // 8-bit fonts is their bytes as windows-1252 shows them (Word's own private-use copies of symbol
  // fonts, U+F020 to U+F0FF, are brought down to U+0020 to U+00FF).
  std::vector<FontRun> fonts;
};

// A part of a page that shows a picture, whatever text the page has besides.
struct PicturePlace {
  uint32_t page = 0;              // from 0
  std::array<uint16_t, 4> box{};  // left, top, right, bottom of the page as it is drawn, permille
};

// What could be read of a PDF by drawing it.
struct PagePictures {
  std::vector<PicturePlace> places;  // pages that are scans first; at most kListedPdfPages
  std::vector<uint32_t> code_pages;  // that may hold a code, from 0; at most kListedPdfPages
  bool more = false;                 // there are more of either
};

// Owns all decoded bytes (a deque, so that views into them stay). Movable, not copyable.
struct Leaves {
  std::vector<Leaf> leaves;         // in reading order
  std::vector<DocumentText> texts;  // in reading order
  std::vector<Unscannable> unscannable;
  std::vector<mail::Defect> defects;
  std::map<std::string, std::string> facts;  // "document.macros" -> "true", ...
  // Messages inside the message (message/rfc822 that had to be decoded, .eml in archives), parsed;
  // their parts are leaves too. The outer message's own rfc822 children are in it already.
  std::deque<mail::Message> nested;
  std::map<size_t, PagePictures> pictures;  // of PDFs, by leaf; none where there is nothing to say
  std::deque<std::string> storage;

  Leaves() = default;
  Leaves(Leaves&&) = default;
  Leaves& operator=(Leaves&&) = default;
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
};

// Total, within the budget. `message` must outlive the result (leaves may point into its bytes).
Leaves Decode(const mail::Message& message, const Limits& limits);
// A bare document or archive instead of a message (`gatepost text plan.docx`); `bytes` must outlive
// the result.
Leaves DecodeDocument(const std::string& name, Bytes bytes, const Limits& limits);

// Loads what the libraries behind load on first use, so that forked workers find it in place and
// need no file for it (converters of ICU, glibc and poppler).
void WarmUp();

// Every plausible reading of a body under an encoding, the strict one first; at least one.
// Exposed for tests and fuzzing.
struct Reading {
  std::string bytes;
  bool clean = true;  // false: the strict decoder met something it had to skip or guess
};
std::vector<Reading> DecodeBody(Bytes body, mail::Encoding encoding, const Limits& limits);

// By content, then by name and label.
Type Sniff(Bytes bytes, std::string_view name, std::string_view media_type);

}  // namespace gatepost::decode
