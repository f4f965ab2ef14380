// Leaves to views: well-formed UTF-8 that rules see, with a way back to the source. A view has a
// zone (where the text stood) and a form (how it was normalised).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/decode/leaf.h"
#include "src/mail/envelope.h"
#include "src/mail/message.h"

namespace gatepost::text {

// How text is normalised; each builds on an earlier one.
//   raw      as extracted, no change
//   nfcraw   NFC only
//   nfc      NFC; invisible characters removed (00AD 034F 061C 115F 1160 180E 200B-200F 202A-202E
//            2060-2064 2066-2069 FEFF, and what renders as nothing: C0 controls, variation
//            selectors, fillers, tags); all blanks to one space, none at a line's ends; ASCII
//            punctuation
//   skel     nfc + NFKC + look-alikes (Cyrillic, Greek, dotless i) to Latin, accents kept
//   fold     skel, lower case, all marks removed, d-stroke to d
//   leet     fold + 0=o 1=i !=i 3=e 4=a @=a 5=s $=s |=i
//   compact  skel without blanks, dots, dashes, underscores, bullets
//   bytes    bytes as they stand, for zones sa:*; expressions read bytes, not letters
// ASCII punctuation (all but raw, nfcraw): each code point >= 80 that is not a letter, mark or
// number becomes ASCII: dashes -, single quotes ', double quotes ", blanks a space, else '.'.
enum class Form : uint8_t { kRaw, kNfcRaw, kNfc, kSkel, kFold, kLeet, kCompact, kBytes };
constexpr size_t kFormCount = 8;
const char* ToString(Form form);  // "raw", "nfcraw", ...
bool FormFromString(std::string_view text, Form* out);

// Zones are names. Fixed ones: subject, body (visible text of text parts), hidden (text of an HTML
// part that a reader does not show), attachment (text of documents and attached text),
// filename (attachments and archive members), url, from, from-name, to, cc, reply-to, env-from,
// env-to, docprops, header-footer, fonts, rels, xml, ole, html (source of HTML parts), rtf, and
// header:NAME for any header field (lower case; of every part for content-*).
// As SpamAssassin shows a message to its rules (src/text/README.md), in form bytes only: sa:body,
// sa:body-only (without the subject), sa:rawbody, sa:full, sa:uri, sa:fields (names of header
// fields), sa:header:FIELD and sa:mime:FIELD, both with :raw, :addr or :name behind them.
// A rule's zone `any` means subject, body, hidden, attachment, filename, docprops, header-footer.
using Zone = std::string;

// Back from a text to what it was made of, piecewise: bytes [view, next piece's view) came from
// source bytes starting at `source`. A piece stands only where the difference of the two changes.
struct MapPiece {
  uint32_t view;
  uint32_t source;
};

// One step back, and the steps before it (form -> decoded text -> lines -> HTML source -> leaf).
// Steps are shared between the forms of one text; composing them waits until someone asks.
struct OffsetMap {
  std::vector<MapPiece> pieces;            // ascending by view; empty: this step changed nothing
  std::shared_ptr<const OffsetMap> inner;  // null: the step before is the source itself
};
using OffsetMapPtr = std::shared_ptr<const OffsetMap>;

// A value type; owns its text. Lines end in '\n' (none at the very end); `soft` lists, ascending,
// the offsets of those '\n' that a wrapped paragraph put there (format=flowed RFC 3676, hard wraps,
// quoting): with them read as spaces, each line is a paragraph.
struct TextView {
  Zone zone;
  Form form = Form::kNfc;
  uint32_t leaf =
      UINT32_MAX;    // index into Leaves::leaves; UINT32_MAX: from a header or the envelope
  std::string part;  // "1.2"; "" for the envelope
  std::string path;  // leaf's path, or the header's name
  // A second reading of the same text: with tricks undone, or in the capitals that a font draws;
  // paragraphs without one are empty lines.
  bool undone = false;
  std::string utf8;  // INVARIANT: well-formed UTF-8, but for form bytes
  // Ascending ends of what an expression sees at once, each followed by one '\n' that belongs to
  // nobody: such a piece may hold '\n' of its own. Empty: a piece is a line (a paragraph, with
  // soft).
  std::vector<uint32_t> pieces;
  std::vector<uint32_t> soft;
  OffsetMapPtr map;  // null: the view is its source

  // Where the view's range stood: in the decoded leaf (bytes) or in the unfolded header value.
  Range SourceOf(Range view_range) const;
  // utf8 with soft line ends replaced by spaces: same length, same offsets.
  std::string Paragraphs() const;
};

// Which (zone, form) pairs some rule asks for; others are not built. Zone "header:*" is not
// allowed here: ask by name.
struct Wanted {
  std::map<Zone, uint32_t, std::less<>> forms;  // of each zone; bit 1 << form
  void Add(std::string_view zone, Form form);
  bool Wants(std::string_view zone, Form form) const;
};

struct Views {
  std::vector<TextView> views;
  std::vector<mail::Defect> defects;
  std::map<std::string, std::string> facts;  // "encoding.legacy" -> "tcvn3", "text.invisible" ...
  bool truncated = false;                    // Limits::view_bytes was hit: unscannable(too-big)
};

// Total. Same views in the same order for the same input.
Views BuildViews(const mail::Envelope& envelope, const mail::Message& message,
                 const decode::Leaves& leaves, const Wanted& wanted, const Limits& limits);

// One view of given text, as if it had been extracted so (rule examples, tests).
TextView MakeView(const Zone& zone, Form form, std::string_view utf8);

// What Gatepost reads, for people (`gatepost text`): NFC, visible text, Vietnamese legacy
// encodings converted, a heading line per leaf when there are several.
std::string ReadableText(const mail::Message& message, const decode::Leaves& leaves,
                         const Limits& limits);

// The charset ladder: label, BOM, then content. Total; *guessed_wrong says that the label lied.
std::string ToUtf8(Bytes bytes, std::string_view charset_label, bool* label_lied);

// Adding views that are not in Leaves: visible text and hidden text of HTML.
struct HtmlText {
  struct Link {
    std::string target;  // href, entity-decoded
    std::string shown;   // its text, cut at 300 bytes
  };
  std::string visible;  // lines and paragraphs as shown; what <bdo> turns round stands between
                        // U+202E and U+202C
  // What a browser would not show (comments, styles, titles...), then whole lines in which both
  // kinds stand, as a reader without styles shows them.
  std::string hidden;
  // Lines that some readers may see so: without what may not show, or with what may.
  std::string readings;
  std::vector<MapPiece> readings_map;     // readings -> source
  std::string written;                    // lines that scripts may write, once they are run
  std::vector<std::string> urls;          // href, src, action... entity-decoded, in order
  std::vector<Link> links;                // <a href>, in order
  std::vector<std::string> fonts;         // face=, font-family, in order, without duplicates
  std::vector<decode::FontRun> runs;      // in visible, where a font is named
  std::vector<uint32_t> soft;             // in visible
  std::vector<MapPiece> map;              // visible -> source
  std::map<std::string, uint64_t> facts;  // "html.hidden" -> how many bytes ...: see README
  std::set<std::string> payloads;         // types of files that scripts and data: URIs carry
  uint64_t work = 0;                      // steps taken: at most a small multiple of the source
};
// Tolerant, iterative, total.
HtmlText ReadHtml(std::string_view utf8);

}  // namespace gatepost::text
