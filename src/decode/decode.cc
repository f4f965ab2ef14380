// The order of opening: an explicit stack of leaves, so that members follow their container and no
// input can deepen the call stack.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/collector.h"
#include "src/decode/leaf.h"
#include "src/decode/parts.h"
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
  static constexpr std::string_view kHarmless[] = {"txt", "jpg", "jpeg", "png", "gif",  "bmp",
                                                   "pdf", "doc", "docx", "xls", "xlsx", "ppt",
                                                   "pptx", "odt", "rtf", "csv", "mp3", "mp4"};
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
      std::any_of(leaf.names.begin(), leaf.names.end(), [](const std::string& name) {
        return IsExecutableExtension(Extension(name));
      })) {
    out->SetFact("executable.attached");
  }
}

bool IsContainer(Type type) {
  return type == Type::kMessage || type == Type::kZip || type == Type::kArchive ||
         type == Type::kOle || type == Type::kTnef || type == Type::kPkcs7;
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
    default:
      break;
  }
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
  const auto attached = std::count_if(
      leaves.leaves.begin(), leaves.leaves.end(), [](const Leaf& leaf) {
        return leaf.is_attachment && leaf.depth == 0 && !leaf.is_alternative;
      });
  leaves.facts["attachment.count"] = std::to_string(attached);
  return std::move(leaves);
}

}  // namespace

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
