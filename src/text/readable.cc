// What Gatepost reads, for people: NFC, legacy encodings converted, nothing normalised away.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/legacy_tables.h"
#include "src/text/source.h"
#include "src/text/unicode.h"
#include "src/text/view.h"

namespace gatepost::text {

namespace {

struct Section {
  std::string title;
  std::string text;
};

std::string Readable(std::string_view utf8, std::string_view hint,
                     const std::vector<decode::FontRun>* fonts = nullptr) {
  LineOptions options;
  options.quotes = false;
  options.rejoin = false;
  const SourceText source = MakeSource(utf8, options, nullptr, hint, fonts);
  return ToNfc(source.Readable(), nullptr);
}

bool IsShown(const decode::Leaf& leaf) {
  return leaf.type == decode::Type::kText || leaf.type == decode::Type::kHtml ||
         leaf.type == decode::Type::kXml || leaf.type == decode::Type::kCalendar ||
         leaf.type == decode::Type::kVcard || leaf.type == decode::Type::kPgp;
}

}  // namespace

std::string ReadableText(const mail::Message& message, const decode::Leaves& leaves,
                         const Limits& limits) {
  std::vector<Section> sections;
  std::string head;
  for (const char* name : {"From", "To", "Cc", "Date", "Subject"}) {
    const std::string text = message.Text(message.root(), name);
    if (!text.empty()) {
      head += std::string(name) + ": " + ToNfc(ToValidUtf8(text), nullptr) + "\n";
    }
  }
  for (size_t i = 0; i < leaves.leaves.size(); ++i) {
    const decode::Leaf& leaf = leaves.leaves[i];
    if (IsShown(leaf) && !leaf.is_container && !leaf.bytes.empty()) {
      const bool html = leaf.type == decode::Type::kHtml || leaf.media_type == "text/html";
      const Bytes bytes = leaf.bytes.substr(0, limits.text_bytes);
      const std::string utf8 =
          ToUtf8(bytes, html && leaf.charset.empty() ? MetaCharset(bytes) : leaf.charset, nullptr);
      const std::string_view hint = EncodingsOfLabel(leaf.charset);
      if (html) {
        const HtmlText read = ReadHtml(utf8);
        sections.push_back({leaf.path, Readable(read.visible, hint, &read.runs)});
      } else {
        sections.push_back({leaf.path, Readable(utf8, hint)});
      }
    }
    for (const decode::DocumentText& text : leaves.texts) {
      if (text.leaf == i && (text.zone == "attachment" || text.zone == "header-footer")) {
        sections.push_back({text.part_name.empty() ? leaf.path : leaf.path + ": " + text.part_name,
                            Readable(ToValidUtf8(text.utf8), "", &text.fonts)});
      }
    }
  }
  std::string out = head;
  for (const Section& section : sections) {
    if (section.text.empty() || out.size() > limits.text_bytes) {
      continue;
    }
    if (!out.empty()) {
      out += "\n";
    }
    if (sections.size() > 1) {
      out += "== " + section.title + " ==\n";
    }
    out += section.text + "\n";
  }
  return out;
}

}  // namespace gatepost::text
