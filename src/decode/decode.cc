// The order of opening: an explicit stack of leaves, so that members follow their container and no
// input can deepen the call stack.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/collector.h"
#include "src/decode/leaf.h"
#include "src/decode/ole.h"
#include "src/decode/openers.h"
#include "src/decode/package.h"
#include "src/decode/parts.h"
#include "src/decode/pdf.h"
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

// Something that also opens as an archive: a self-extracting program, or a polyglot.
void OpenAppended(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  const bool program = leaf.type == Type::kExecutable;
  if ((!program && leaf.type != Type::kImage && leaf.type != Type::kPdf &&
       leaf.type != Type::kBinary && leaf.type != Type::kHtml) ||
      leaf.depth >= out->limits().archive_depth) {
    return;
  }
  constexpr size_t kTail = 66'000;  // an end record with the longest comment
  const size_t from = leaf.bytes.size() > kTail ? leaf.bytes.size() - kTail : 0;
  if (leaf.bytes.substr(from).find(Bytes("PK\x05\x06", 4)) != Bytes::npos &&
      leaf.bytes.find(Bytes("PK\x03\x04", 4)) != Bytes::npos) {
    if (!program) {
      out->AddDefect(DefectId::kArchiveAppended, leaf.part);
    }
    OpenZip(index, out);
    return;
  }
  for (const Bytes magic : {Bytes("Rar!\x1a\x07", 6), Bytes("7z\xbc\xaf\x27\x1c", 6)}) {
    const size_t at = leaf.bytes.find(magic);
    // A scanner's program may hold the magic as data: what does not open there is no finding.
    if (at != Bytes::npos && at > 0) {
      Leaf& inner = out->AddMember(index, "appended", leaf.bytes.substr(at));
      inner.is_alternative = true;
      if (!program) {
        out->AddDefect(DefectId::kArchiveAppended, leaf.part);
      }
    }
  }
}

void Open(size_t index, Collector* out) {
  const Type type = out->leaf(index).type;
  if (IsContainer(type) && out->leaf(index).depth >= out->limits().archive_depth) {
    out->AddUnscannable(Reason::kTooDeep, out->leaf(index));
    return;
  }
  switch (type) {
    case Type::kText:
    case Type::kHtml:
      OpenText(index, out);
      break;
    case Type::kMessage:
      OpenMessage(index, out);
      break;
    case Type::kZip:
      OpenZip(index, out);
      break;
    case Type::kArchive:
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
      ReadFlatOfficeXml(index, out);
      break;
    case Type::kPgp:
      if (out->leaf(index).bytes.substr(0, 27) == "-----BEGIN PGP MESSAGE-----") {
        out->AddUnscannable(Reason::kEncrypted, out->leaf(index));
        out->SetFact("message.encrypted");
      }
      break;
    case Type::kImage:
      if (IsTiff(out->leaf(index).bytes) && out->leaf(index).is_attachment) {
        out->SetFact("document.image-only");
        out->AddUnscannable(Reason::kImageOnly, out->leaf(index));
      }
      break;
    default:
      break;
  }
  OpenAppended(index, out);
}

Leaves Run(Collector* out) {
  std::vector<Leaf> stack = out->TakePending();
  std::reverse(stack.begin(), stack.end());
  while (!stack.empty()) {
    Leaf leaf = std::move(stack.back());
    stack.pop_back();
    if (!leaf.is_container) {
      leaf.type = Sniff(leaf.bytes, leaf.name, leaf.media_type);
    }
    const size_t index = out->leaves().leaves.size();
    CheckDisguise(leaf, out);
    out->leaves().leaves.push_back(std::move(leaf));
    if (!out->leaf(index).is_container) {
      Open(index, out);
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
  Collector collector(limits);
  AddParts(message, nullptr, &collector);
  return Run(&collector);
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
  return Run(&collector);
}

}  // namespace gatepost::decode
