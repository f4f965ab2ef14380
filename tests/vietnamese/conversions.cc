// Prints each text of a folder of messages that is read as Vietnamese of before Unicode: the file,
// the encodings, and how the text begins, before and after. For false_conversions.py.
//   conversions FILE...
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <iostream>
#include <string>

#include "src/base/files.h"
#include "src/base/limits.h"
#include "src/base/utf8.h"
#include "src/decode/leaf.h"
#include "src/mail/message.h"
#include "src/text/legacy.h"
#include "src/text/view.h"

namespace gatepost {
namespace {

void Report(const std::string& file, const std::string& text,
            const std::vector<decode::FontRun>* fonts, size_t* texts) {
  ++*texts;
  const text::LegacyText read = text::ReadLegacy(text, {"", fonts});
  if (!read.names.empty()) {
    // What differs first is worth seeing.
    const auto at = static_cast<size_t>(
        std::mismatch(text.begin(), text.end(), read.utf8.begin(), read.utf8.end()).first -
        text.begin());
    const size_t from = at > 40 ? at - 40 : 0;
    std::cout << file << "\t" << read.names << "\t"
              << PrintableUtf8(ToValidUtf8(text.substr(from, 200)), 200) << "\t"
              << PrintableUtf8(ToValidUtf8(read.utf8.substr(std::min(from, read.utf8.size()), 200)),
                               200)
              << "\n";
  }
}

void ReadMail(const std::string& file, size_t* texts) {
  const Result<std::string> bytes = ReadFile(file);
  if (!bytes.ok()) {
    std::cerr << file << ": cannot be read\n";
    return;
  }
  const Limits limits;
  const mail::Message message = mail::Message::Parse(bytes.value(), limits);
  const decode::Leaves leaves = decode::Decode(message, limits);
  for (const decode::Leaf& leaf : leaves.leaves) {
    const bool html = leaf.type == decode::Type::kHtml || leaf.media_type == "text/html";
    if (leaf.is_container || (leaf.type != decode::Type::kText && !html)) {
      continue;
    }
    const std::string utf8 = text::ToUtf8(leaf.bytes, leaf.charset, nullptr);
    if (html) {
      const text::HtmlText read = text::ReadHtml(utf8);
      Report(file, read.visible, &read.runs, texts);
    } else {
      Report(file, utf8, nullptr, texts);
    }
  }
  for (const decode::DocumentText& document : leaves.texts) {
    if (document.zone == "attachment" || document.zone == "header-footer") {
      Report(file, ToValidUtf8(document.utf8), &document.fonts, texts);
    }
  }
  Report(file, ToValidUtf8(message.Text(message.root(), "Subject")), nullptr, texts);
}

}  // namespace
}  // namespace gatepost

int main(int argc, char** argv) {
  gatepost::decode::WarmUp();
  size_t texts = 0;
  for (int i = 1; i < argc; ++i) {
    gatepost::ReadMail(argv[i], &texts);
  }
  std::cerr << texts << " texts\n";
  return 0;
}
