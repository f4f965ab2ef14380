// The order of opening: an explicit stack of leaves, so that members follow their container and no
// input can deepen the call stack.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/collector.h"
#include "src/decode/inflate.h"
#include "src/decode/leaf.h"
#include "src/decode/macintosh.h"
#include "src/decode/ole.h"
#include "src/decode/openers.h"
#include "src/decode/package.h"
#include "src/decode/parts.h"
#include "src/decode/passwords.h"
#include "src/decode/pdf.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

using mail::DefectId;

bool IsDocument(Type type) {
  return type == Type::kOoxml || type == Type::kOdf || type == Type::kOle || type == Type::kRtf ||
         type == Type::kPdf;
}

// Label or name promise something harmless and the content is another thing.
void CheckDisguise(const Leaf& leaf, Collector* out) {
  if (leaf.is_alternative) {
    return;
  }
  const auto labelled = [&leaf](Bytes prefix) {
    return AsciiStartsWithIgnoreCase(leaf.media_type, prefix);
  };
  const std::string extension = Extension(leaf.name);
  static constexpr std::string_view kHarmless[] = {"txt",  "jpg", "jpeg", "png", "gif",  "bmp",
                                                   "pdf",  "doc", "docx", "xls", "xlsx", "ppt",
                                                   "pptx", "odt", "rtf",  "csv", "mp3",  "mp4"};
  const bool harmless_name =
      std::find(std::begin(kHarmless), std::end(kHarmless), extension) != std::end(kHarmless);
  const bool media = labelled("image/") || labelled("audio/") || labelled("video/");
  if (leaf.type == Type::kExecutable && leaf.bytes[0] != '#' &&
      (labelled("text/") || media || labelled("application/pdf") || harmless_name)) {
    out->AddDefect(DefectId::kTypeContradictsContent, leaf.part, "a program");
  } else if ((leaf.type == Type::kZip || leaf.type == Type::kArchive || leaf.type == Type::kOle ||
              leaf.type == Type::kPdf) &&
             (labelled("text/") || media)) {
    // Careless senders label by extension, so a document is only tagged.
    out->AddDefect(DefectId::kTypeContradictsContent, mail::Grade::kB, leaf.part,
                   ToString(leaf.type));
  }
}

void NoteFacts(const Leaf& leaf, Collector* out) {
  if (!leaf.is_attachment) {
    return;
  }
  if (IsDocument(leaf.type)) {
    out->SetFact("document.attached");
  }
  if (leaf.type == Type::kExecutable ||
      std::any_of(leaf.names.begin(), leaf.names.end(),
                  [](const std::string& name) { return IsExecutableExtension(Extension(name)); })) {
    out->SetFact("executable.attached");
  }
}

bool IsContainer(Type type) {
  return type == Type::kMessage || type == Type::kZip || type == Type::kArchive ||
         type == Type::kOle || type == Type::kTnef || type == Type::kPkcs7;
}

// Scans and faxes: TIFF is what they come as.
bool IsTiff(Bytes bytes) {
  return bytes.substr(0, 4) == Bytes("II*\0", 4) || bytes.substr(0, 4) == Bytes("MM\0*", 4);
}

// A zip by its end: the record ends the file and its directory is where it says. What merely holds
// a zip somewhere (an uncompressed tar, an album of files) is not that.
bool EndsAsZip(Bytes b) {
  constexpr size_t kTail = 66'000;  // an end record with the longest comment
  const size_t from = b.size() > kTail ? b.size() - kTail : 0;
  const LittleEndian in(b);
  for (size_t at = b.rfind(Bytes("PK\x05\x06", 4)); at != Bytes::npos && at >= from;
       at = b.rfind(Bytes("PK\x05\x06", 4), at - 1)) {
    const uint64_t size = in.U32(at + 12);
    if (at + 22 + in.U16(at + 20) == b.size() && size > 0 && size <= at &&
        b.substr(at - size, 4) == Bytes("PK\x01\x02", 4)) {
      return true;
    }
    if (at == 0) {
      break;
    }
  }
  return false;
}

// A zip within other bytes, wherever: a local header that a writer could have made, and an end
// record behind it. Viewers that repair look for both from either side and never ask how much junk
// there is.
bool HoldsZip(const Leaf& leaf) {
  constexpr int kPlaces = 64;
  const Bytes b = leaf.bytes;
  const LittleEndian in(b);
  size_t at = b.find(Bytes("PK\x03\x04", 4));
  for (int i = 0; at != Bytes::npos && i < kPlaces; ++i) {
    const uint32_t name = in.U16(at + 26);
    // A file that a PDF embeds as it is has been read as such.
    const bool of_pdf =
        leaf.type == Type::kPdf && at >= 8 && b.substr(at - 8, 8).find("stream") != Bytes::npos;
    if (in.U16(at + 4) % 256 <= 63 && in.U16(at + 8) < 100 && name > 0 && name < 4096 && !of_pdf) {
      return b.find(Bytes("PK\x05\x06", 4), at + 30) != Bytes::npos;
    }
    at = b.find(Bytes("PK\x03\x04", 4), at + 4);
  }
  return false;
}

// A tar behind the end of another, or behind zeros: what stops at an empty block does not see it,
// what looks for the next header does (tar --ignore-zeros). npos: none.
size_t FindSecondTar(Bytes b) {
  constexpr size_t kBlock = 512;
  constexpr size_t kMagicAt = 257;
  for (size_t at = b.find("ustar", kMagicAt + kBlock); at != Bytes::npos;
       at = b.find("ustar", at + 5)) {
    if (at % kBlock != kMagicAt) {
      continue;
    }
    const size_t header = at - kMagicAt;
    const Bytes before = b.substr(header - kBlock, kBlock);
    if (before.find_first_not_of('\0') == Bytes::npos) {
      return header;
    }
  }
  return Bytes::npos;
}

// Near the end, where every reader looks.
bool HasZipParts(Bytes b) {
  constexpr size_t kTail = 66'000;
  const size_t from = b.size() > kTail ? b.size() - kTail : 0;
  return b.substr(from).find(Bytes("PK\x05\x06", 4)) != Bytes::npos &&
         b.find(Bytes("PK\x03\x04", 4)) != Bytes::npos;
}

// Something that also opens as an archive: a self-extracting program or script, or a polyglot.
void OpenAppended(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  const bool program = leaf.type == Type::kExecutable;
  const bool loose = program || leaf.type == Type::kImage || leaf.type == Type::kPdf ||
                     leaf.type == Type::kBinary || leaf.type == Type::kHtml;
  if (leaf.type == Type::kZip || leaf.type == Type::kOoxml || leaf.type == Type::kOdf ||
      leaf.depth >= out->limits().archive_depth) {
    return;
  }
  const bool tar = leaf.type == Type::kArchive && leaf.bytes.size() > 512 &&
                   leaf.bytes.substr(257, 5) == "ustar";
  if (tar || leaf.type == Type::kBinary) {
    const size_t at = FindSecondTar(leaf.bytes);
    if (at != Bytes::npos) {
      out->AddDefect(DefectId::kArchiveAppended, mail::Grade::kB, leaf.part, "a tar behind zeros");
      out->AddMember(index, "appended", leaf.bytes.substr(at)).is_alternative = true;
      return;
    }
  }
  if ((loose && HasZipParts(leaf.bytes)) || EndsAsZip(leaf.bytes)) {
    if (!program) {
      out->AddDefect(DefectId::kArchiveAppended, leaf.part);
    }
    OpenZip(index, out);
    return;
  }
  if ((loose || leaf.type == Type::kText || leaf.type == Type::kXml) && HoldsZip(leaf)) {
    if (!program) {
      // Some formats of programs hold zip files of their own.
      out->AddDefect(DefectId::kArchiveAppended, mail::Grade::kB, leaf.part, "within other data");
    }
    OpenZip(index, out);
    return;
  }
  if (!loose) {
    return;
  }
  static constexpr Bytes kMagics[] = {Bytes("Rar!\x1a\x07", 6), Bytes("7z\xbc\xaf\x27\x1c", 6)};
  // Programs that unpack themselves: a cabinet behind a stub, a compressed tar behind a script.
  static constexpr Bytes kOfPrograms[] = {Bytes("MSCF\0\0\0\0", 8), Bytes("\n\x1f\x8b\x08", 4),
                                          Bytes("\n\xfd"
                                                "7zXZ\0",
                                                7),
                                          Bytes("\nBZh91AY&SY", 11)};
  const auto open = [&](Bytes magic, bool of_programs) {
    // A stub may hold the magic as data: what does not open there is no finding.
    constexpr int kPlaces = 4;
    size_t at = leaf.bytes.find(magic, 1);
    for (int i = 0; at != Bytes::npos && i < kPlaces; ++i, at = leaf.bytes.find(magic, at + 1)) {
      Leaf& inner =
          out->AddMember(index, "appended", leaf.bytes.substr(magic[0] == '\n' ? at + 1 : at));
      inner.is_alternative = true;
      if (!program && !of_programs) {
        out->AddDefect(DefectId::kArchiveAppended, leaf.part);
      }
    }
  };
  for (const Bytes magic : kMagics) {
    open(magic, false);
  }
  if (program) {
    for (const Bytes magic : kOfPrograms) {
      open(magic, true);
    }
  }
}

// OpenPGP without armour (RFC 4880 section 4.2: a session key or encrypted data comes first), age,
// and `openssl enc`.
bool IsEncryptedFile(const Leaf& leaf) {
  const Bytes b = leaf.bytes;
  if (b.substr(0, 8) == "Salted__" || b.substr(0, 22) == "age-encryption.org/v1\n") {
    return true;
  }
  const std::string extension = Extension(leaf.name);
  if (b.size() < 20 || (extension != "pgp" && extension != "gpg" && extension != "asc" &&
                        leaf.media_type != "application/pgp-encrypted")) {
    return false;
  }
  const auto first = static_cast<unsigned char>(b[0]);
  const unsigned tag = (first & 0xc0U) == 0xc0U ? first & 0x3fU : (first & 0x3cU) >> 2U;
  return (first & 0x80U) != 0 && (tag == 1 || tag == 3 || tag == 9 || tag == 18 || tag == 20);
}

// A zlib stream (RFC 1950) by itself, whole to its end.
void OpenZlib(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  if (leaf.bytes.size() < 8 || leaf.bytes[0] != '\x78' ||
      (0x7800U + static_cast<unsigned char>(leaf.bytes[1])) % 31 != 0 ||
      leaf.depth >= out->limits().archive_depth) {
    return;
  }
  Inflated inside = Inflate(leaf.bytes.substr(2), out->Room());
  if (!inside.complete || inside.too_big) {
    out->Spend(inside.bytes.size());
    if (inside.too_big) {
      out->AddUnscannable(Reason::kTooBig, leaf);
    }
    return;
  }
  if (out->TakeMember(leaf.path + "/content")) {
    out->AddMember(index, "content", out->Keep(std::move(inside.bytes)));
  }
}

// text/enriched and text/richtext (RFC 1896, RFC 1341): words between <commands>, which no reader
// shows.
void AddEnrichedText(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  if (!AsciiEqualsIgnoreCase(leaf.media_type, "text/enriched") &&
      !AsciiEqualsIgnoreCase(leaf.media_type, "text/richtext")) {
    return;
  }
  std::string shown;
  for (size_t at = 0; at < leaf.bytes.size();) {
    const size_t open = std::min(leaf.bytes.find('<', at), leaf.bytes.size());
    shown += leaf.bytes.substr(at, open - at);
    const size_t close = leaf.bytes.find('>', open);
    if (open == leaf.bytes.size() || close == Bytes::npos) {
      break;
    }
    const Bytes command = leaf.bytes.substr(open, close - open + 1);
    at = close + 1;
    if (command == "<nl>" || command == "<paragraph>") {
      shown += "\r\n";
    } else if (AsciiEqualsIgnoreCase(command, "<param>")) {
      const size_t end = AsciiLower(leaf.bytes.substr(at, 1000)).find("</param>");
      at += end == std::string::npos ? 0 : end + 8;
    } else if (command == "<<>") {
      shown.push_back('<');
    }
  }
  if (shown.size() == leaf.bytes.size() || shown.size() > out->Room()) {
    return;
  }
  Leaf text = leaf;
  text.type = Type::kText;
  text.is_typed = true;
  text.is_alternative = true;
  text.media_type.clear();
  text.bytes = out->Keep(std::move(shown));
  out->AddPending(std::move(text));
}

void Open(size_t index, Collector* out) {
  const Type type = out->leaf(index).type;
  if (IsContainer(type) && out->leaf(index).depth >= out->limits().archive_depth) {
    out->AddUnscannable(Reason::kTooDeep, out->leaf(index));
    return;
  }
  if ((type == Type::kText || type == Type::kBinary) && IsEncryptedFile(out->leaf(index))) {
    out->AddUnscannable(Reason::kEncrypted, out->leaf(index));
    out->SetFact("message.encrypted");
  }
  switch (type) {
    case Type::kText:
      OpenShortcut(index, out);
      OpenText(index, out);
      OpenTable(index, out);
      OpenEscapes(index, out);
      AddEnrichedText(index, out);
      break;
    case Type::kExecutable:
      OpenShortcut(index, out);
      break;
    case Type::kCalendar:
    case Type::kVcard:
      OpenCalendar(index, out);
      break;
    case Type::kHtml:
      OpenText(index, out);
      OpenScripts(index, out);
      OpenEntities(index, out);
      break;
    case Type::kMessage:
      OpenMessage(index, out);
      break;
    case Type::kZip:
      OpenZip(index, out);
      break;
    case Type::kArchive:
      if (OpenMacintosh(index, out)) {
        break;
      }
      if (out->leaf(index).bytes.substr(0, 4) == "\xe4\x52\x5c\x7b") {
        OpenOneNote(index, out);
      } else {
        OpenArchive(index, out);
      }
      break;
    case Type::kOle:
      OpenOle(index, out);
      break;
    case Type::kRtf:
      OpenRtf(index, out);
      break;
    case Type::kPdf:
      OpenPdf(index, out);
      break;
    case Type::kTnef:
      OpenTnef(index, out);
      break;
    case Type::kPkcs7:
      OpenPkcs7(index, out);
      break;
    case Type::kXml:
      if (!OpenShortcut(index, out)) {
        ReadFlatOfficeXml(index, out);
      }
      OpenEntities(index, out);
      break;
    case Type::kPgp:
      OpenText(index, out);
      break;
    case Type::kImage:
      if (IsTiff(out->leaf(index).bytes) && out->leaf(index).is_attachment) {
        out->SetFact("document.image-only");
        out->AddUnscannable(Reason::kImageOnly, out->leaf(index));
      }
      break;
    case Type::kBinary:
      if (out->leaf(index).bytes.substr(0, 10) == "ActiveMime") {
        OpenActiveMime(index, out);
        break;
      }
      if (OpenShortcut(index, out)) {
        break;
      }
      if (out->leaf(index).bytes.substr(0, 4096).find("=ybegin ") != Bytes::npos) {
        OpenText(index, out);  // yEnc is text for those who read it only
      }
      OpenZlib(index, out);
      if (IsVolumeName(out->leaf(index).name)) {
        out->AddUnscannable(Reason::kTruncated, out->leaf(index));
      }
      break;
    default:
      break;
  }
  OpenAppended(index, out);
}

// A text that begins like a picture, a key or a document, or that has NULs and control characters
// in it, is shown as text all the same: by its label in a mail, by its name in an editor.
void AddShownText(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  const bool opened = leaf.is_container && leaf.type != Type::kMessage;
  if (leaf.is_alternative || opened || leaf.bytes.empty()) {
    return;
  }
  const bool text_name = IsTextExtension(Extension(leaf.name));
  const bool html_label = AsciiEqualsIgnoreCase(leaf.media_type, "text/html");
  const bool text_label = html_label || AsciiEqualsIgnoreCase(leaf.media_type, "text/plain");
  const Type wanted = html_label ? Type::kHtml : Type::kText;
  const bool printable = IsMostlyPrintable(leaf.bytes);
  const bool shown = (text_label && leaf.name.empty()) ||
                     (printable && (text_label || text_name)) ||
                     (printable && leaf.type == Type::kBinary);
  const bool read = leaf.type == wanted || leaf.type == Type::kText || leaf.type == Type::kXml ||
                    leaf.type == Type::kCalendar || leaf.type == Type::kVcard ||
                    leaf.type == Type::kPgp ||
                    (text_label && !text_name && leaf.type == Type::kHtml);
  if (!shown || read) {
    return;
  }
  Leaf text = leaf;
  text.type = wanted;
  text.is_typed = true;
  text.is_container = false;
  text.is_alternative = true;
  text.media_type = html_label ? leaf.media_type : "";  // what is inline in it was looked for
  if (leaf.bytes.find('\0') != Bytes::npos && printable) {
    std::string without;
    without.reserve(leaf.bytes.size());
    std::copy_if(leaf.bytes.begin(), leaf.bytes.end(), std::back_inserter(without),
                 [](char c) { return c != '\0'; });
    if (without.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, leaf);
      return;
    }
    text.bytes = out->Keep(std::move(without));
  }
  out->AddPending(std::move(text));
}

// What could not be opened without the passwords that the rest of the message offers; `message` is
// null for a bare document.
std::vector<Leaf> OpenDeferred(const mail::Message* message, const std::vector<std::string>& given,
                               Collector* out) {
  const std::vector<Collector::Deferred> deferred = out->TakeDeferred();
  if (!deferred.empty()) {
    std::vector<std::string> passwords = given;
    for (std::string& one : OfferedPasswords(message, out->leaves())) {
      passwords.push_back(std::move(one));
    }
    out->SetPasswords(std::move(passwords));
  }
  for (const Collector::Deferred& one : deferred) {
    one.open(one.leaf, out);
    NoteFacts(out->leaf(one.leaf), out);
  }
  std::vector<Leaf> members = out->TakePending();
  std::reverse(members.begin(), members.end());
  return members;
}

Leaves Run(const mail::Message* message, Collector* out,
           const std::vector<std::string>& given = {}) {
  std::vector<Leaf> stack = out->TakePending();
  std::reverse(stack.begin(), stack.end());
  for (;;) {
    if (stack.empty()) {
      stack = OpenDeferred(message, given, out);
      if (stack.empty()) {
        break;
      }
    }
    Leaf leaf = std::move(stack.back());
    stack.pop_back();
    if (!leaf.is_container && !leaf.is_typed) {
      leaf.type = Sniff(leaf.bytes, leaf.name, leaf.media_type);
    }
    const size_t index = out->leaves().leaves.size();
    CheckDisguise(leaf, out);
    out->leaves().leaves.push_back(std::move(leaf));
    if (!out->leaf(index).is_container) {
      Open(index, out);
      AddShownText(index, out);
    }
    NoteFacts(out->leaf(index), out);
    std::vector<Leaf> members = out->TakePending();
    stack.insert(stack.end(), std::make_move_iterator(members.rbegin()),
                 std::make_move_iterator(members.rend()));
  }
  Leaves& leaves = out->leaves();
  const auto attached =
      std::count_if(leaves.leaves.begin(), leaves.leaves.end(), [](const Leaf& leaf) {
        return leaf.is_attachment && leaf.depth == 0 && !leaf.is_alternative;
      });
  leaves.facts["attachment.count"] = std::to_string(attached);
  return std::move(leaves);
}

}  // namespace

void WarmUp() {
  WarmUpPdf();
  ReadOle("", 0);
  CodePageToUtf8(1258, "\x80");
  Cp437ToUtf8("\x80");
}

Leaves Decode(const mail::Message& message, const Limits& limits) {
  return DecodeWith(message, limits, {});
}

Leaves DecodeWith(const mail::Message& message, const Limits& limits,
                  const std::vector<std::string>& given) {
  Collector collector(limits);
  AddParts(message, nullptr, &collector);
  return Run(&message, &collector, given);
}

Leaves DecodeDocument(const std::string& name, Bytes bytes, const Limits& limits) {
  Collector collector(limits);
  Leaf leaf;
  leaf.part_path = "1";
  leaf.name = Collector::CleanName(name);
  leaf.path = leaf.name.empty() ? leaf.part_path : leaf.name;
  if (!leaf.name.empty()) {
    leaf.names.push_back(leaf.name);
  }
  leaf.bytes = bytes;
  leaf.is_attachment = true;
  collector.AddPending(std::move(leaf));
  return Run(nullptr, &collector);
}

}  // namespace gatepost::decode
