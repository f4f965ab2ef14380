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

// Reads texts, and keeps the encoding that the message has, which its shorter texts follow.
class Reader {
 public:
  std::string Read(std::string_view utf8, std::string_view label,
                   const std::vector<decode::FontRun>* fonts = nullptr) {
    LineOptions options;
    options.quotes = false;
    options.rejoin = false;
    std::string hint(EncodingsOfLabel(label));
    hint += (hint.empty() ? "" : " ") + hint_;
    const SourceText source = MakeSource(utf8, options, nullptr, hint, fonts);
    if (hint_.empty()) {
      unread_ = unread_ || (source.legacy.empty() && !IsAscii(source.raw));
      hint_ = source.legacy.substr(0, source.legacy.find(' '));
    }
    return ToNfc(source.Readable(), nullptr);
  }

  // Some text came before the encoding was known, and might be in it.
  bool LearntLate() const { return unread_ && !hint_.empty(); }

 private:
  std::string hint_;
  bool unread_ = false;
};

bool IsShown(const decode::Leaf& leaf) {
  return leaf.type == decode::Type::kText || leaf.type == decode::Type::kHtml ||
         leaf.type == decode::Type::kXml || leaf.type == decode::Type::kCalendar ||
         leaf.type == decode::Type::kVcard || leaf.type == decode::Type::kPgp;
}

std::string ReadHead(const mail::Message& message, Reader* reader) {
  std::string out;
  for (const char* name : {"From", "To", "Cc", "Date", "Subject"}) {
    const std::string text = message.Text(message.root(), name);
    if (!text.empty()) {
      out += std::string(name) + ": " + reader->Read(ToValidUtf8(text), "") + "\n";
    }
  }
  return out;
}

std::vector<Section> ReadSections(const decode::Leaves& leaves, const Limits& limits,
                                  Reader* reader) {
  std::vector<Section> sections;
  for (size_t i = 0; i < leaves.leaves.size(); ++i) {
    const decode::Leaf& leaf = leaves.leaves[i];
    if (IsShown(leaf) && !leaf.is_container && !leaf.bytes.empty()) {
      const bool html = leaf.type == decode::Type::kHtml || leaf.media_type == "text/html";
      const Bytes bytes = leaf.bytes.substr(0, limits.text_bytes);
      const Decoded decoded =
          Decode(bytes, html && leaf.charset.empty() ? MetaCharset(bytes) : leaf.charset);
      const std::string& utf8 = decoded.utf8;
      if (const std::optional<SourceText> beside = ReadBesideLabel(bytes, decoded, html)) {
        sections.push_back({leaf.path + " without its charset", ToNfc(beside->raw, nullptr)});
      }
      if (html) {
        const HtmlText read = ReadHtml(utf8);
        sections.push_back({leaf.path, reader->Read(read.visible, leaf.charset, &read.runs)});
      } else {
        sections.push_back({leaf.path, reader->Read(utf8, leaf.charset)});
      }
    }
    for (const decode::DocumentText& text : leaves.texts) {
      if (text.leaf == i && (text.zone == "attachment" || text.zone == "header-footer")) {
        sections.push_back({text.part_name.empty() ? leaf.path : leaf.path + ": " + text.part_name,
                            reader->Read(ToValidUtf8(text.utf8), "", &text.fonts)});
      }
    }
  }
  return sections;
}

}  // namespace

std::string ReadableText(const mail::Message& message, const decode::Leaves& leaves,
                         const Limits& limits) {
  Reader reader;
  std::vector<Section> sections = ReadSections(leaves, limits, &reader);
  std::string out = ReadHead(message, &reader);
  if (reader.LearntLate()) {
    sections = ReadSections(leaves, limits, &reader);
    out = ReadHead(message, &reader);
  }
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
