// The order of opening: an explicit stack of leaves, so that members follow their container and no
// input can deepen the call stack.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/base/digest.h"
#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/cipher.h"
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
#include "src/decode/sniff.h"
#include "src/decode/volume.h"

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
    if (leaf.bytes.substr(open, 2) == "<<") {  // the sign itself
      shown.push_back('<');
      at = open + 2;
      continue;
    }
    const size_t close = leaf.bytes.find('>', open);
    if (open == leaf.bytes.size() || close == Bytes::npos) {
      break;
    }
    const Bytes command = leaf.bytes.substr(open, close - open + 1);
    at = close + 1;
    if (command == "<nl>" || command == "<paragraph>") {
      shown += "\r\n";
    } else if (AsciiEqualsIgnoreCase(command, "<param>")) {
      const size_t end = leaf.bytes.substr(at, 1000).find("</");
      if (end != Bytes::npos && AsciiEqualsIgnoreCase(leaf.bytes.substr(at + end, 8), "</param>")) {
        at += end + 8;
      }
    }
  }
  if (shown.size() == leaf.bytes.size()) {
    return;
  }
  if (shown.size() > out->Room()) {
    out->AddUnscannable(Reason::kTooBig, leaf);
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
      OpenText(index, out);
      break;
    case Type::kPgp:
      OpenText(index, out);
      break;
    case Type::kImage:
      OpenPictureWords(index, out);
      if (IsTiff(out->leaf(index).bytes) && out->leaf(index).is_attachment) {
        out->SetFact("document.image-only");
        out->AddUnscannable(Reason::kImageOnly, out->leaf(index));
      }
      break;
    case Type::kBinary:
      if (out->leaf(index).bytes.substr(0, 10) == "ActiveMime") {
        OpenActiveMime(index, out);
        return;
      }
      if (OpenShortcut(index, out)) {
        return;
      }
      if (out->leaf(index).bytes.substr(0, 4096).find("=ybegin ") != Bytes::npos) {
        OpenText(index, out);  // yEnc is text for those who read it only
      }
      OpenZlib(index, out);
      OpenPgpPacket(index, out);
      OpenBehindFrames(index, out);
      if (IsVolumeName(out->leaf(index).name)) {
        out->AddUnscannable(Reason::kTruncated, out->leaf(index));
      }
      break;
    default:
      break;
  }
  OpenAppended(index, out);
  if ((type == Type::kBinary || type == Type::kText) && !out->has_pending()) {
    OpenUnknown(index, out);
  }
}

// How a text with NULs in it is shown, by what it is without them.
Type ShownType(Type without) {
  static constexpr Type kShown[] = {Type::kHtml,  Type::kXml, Type::kMessage, Type::kCalendar,
                                    Type::kVcard, Type::kRtf, Type::kPgp};
  return std::find(std::begin(kShown), std::end(kShown), without) != std::end(kShown) ? without
                                                                                      : Type::kText;
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
  const Type wanted =
      html_label || IsPageExtension(Extension(leaf.name)) ? Type::kHtml : Type::kText;
  const bool printable = IsMostlyPrintable(leaf.bytes);
  // A picture, program or archive that is nothing but letters is one by its first bytes only; so is
  // a script.
  const bool by_magic = leaf.type == Type::kBinary || leaf.type == Type::kImage ||
                        leaf.type == Type::kExecutable || leaf.type == Type::kArchive;
  const bool shown =
      (text_label && leaf.name.empty()) || (printable && (text_label || text_name || by_magic));
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
  if (by_magic && !IsUtf8(text.bytes)) {
    // The letters behind a few bytes of magic that are none.
    constexpr size_t kMagic = 16;
    const Bytes head = text.bytes.substr(0, kMagic);
    size_t begin = head.size();
    while (begin > 0 && static_cast<unsigned char>(head[begin - 1]) < 0x80) {
      --begin;
    }
    if (IsUtf8(text.bytes.substr(begin))) {
      text.bytes.remove_prefix(begin);
    }
  }
  if (leaf.type == Type::kBinary && wanted != Type::kHtml) {
    // A page or a message whose readers pass over the NULs is read as one.
    text.type = ShownType(Sniff(text.bytes, leaf.name, leaf.media_type));
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

// The same bytes under the same names say nothing new. Without this a file of five kilobytes, in
// which one header leads to the next, was opened ten thousand times, and hardly anything was
// unpacked that the budget could count. Of what is large (the budget counts that) only the same
// stretch is known again: to compare it would cost as much.
class Repeats {
 public:
  // Whether it was opened no deeper than here.
  bool Has(const Leaf& leaf) {
    constexpr size_t kSmall = 65'536;
    if (leaf.depth == 0 || leaf.bytes.empty()) {
      return false;
    }
    std::string what = std::to_string(static_cast<int>(leaf.type)) +
                       (leaf.is_alternative ? 'a' : '-') + (leaf.is_attachment ? 'f' : '-') +
                       leaf.media_type + '\0' + leaf.charset + '\0' + leaf.name;
    for (const std::string& name : leaf.names) {
      (what += '\0') += name;
    }
    const bool small = leaf.bytes.size() <= kSmall;
    what += '\0' + (small ? Sha256Hex(leaf.bytes) : std::string());
    const Key key(small ? nullptr : leaf.bytes.data(), leaf.bytes.size(), std::move(what));
    const auto [place, is_new] = opened_.emplace(key, leaf.depth);
    if (is_new || leaf.depth < place->second) {
      place->second = leaf.depth;
      return false;
    }
    return true;
  }

 private:
  using Key = std::tuple<const char*, size_t, std::string>;
  std::map<Key, uint32_t> opened_;
};

Leaves Run(const mail::Message* message, Collector* out,
           const std::vector<std::string>& given = {}) {
  Repeats repeats;
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
    if (!out->leaf(index).is_container && !repeats.Has(out->leaf(index))) {
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
  WarmUpCiphers();
  WarmUpPdf();
  ReadOle(WriteOle({{"a", "b"}}), 1);
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
