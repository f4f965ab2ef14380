// A message to its views: which text stands in which zone.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>

#include "src/base/utf8.h"
#include "src/text/alternatives.h"
#include "src/text/assassin.h"
#include "src/text/charset.h"
#include "src/text/header_text.h"
#include "src/text/legacy_tables.h"
#include "src/text/page_kind.h"
#include "src/text/source.h"
#include "src/text/url.h"
#include "src/text/view.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostUrls = 5'000;

void AddLine(std::string_view line, std::string* lines) {
  if (line.empty()) {
    return;
  }
  if (!lines->empty()) {
    lines->push_back('\n');
  }
  for (const char c : line) {
    lines->push_back(c == '\r' ? ' ' : c);
  }
}

class Builder {
 public:
  Builder(const mail::Envelope& envelope, const mail::Message& message,
          const decode::Leaves& leaves, const Wanted& wanted, const Limits& limits)
      : envelope_(envelope), message_(message), leaves_(leaves), views_(wanted, limits) {}

  Views Run() {
    AddLeaves();
    AddTexts();
    AddNames();
    AddEnvelope();
    AddMessageHeaders(message_, "");
    for (const mail::Message& nested : leaves_.nested) {
      AddMessageHeaders(nested, "");
    }
    if (!hint_.empty()) {
      AddWaiting();
    }
    const std::vector<std::string> for_assassin = views_.WantedForAssassin();
    AssassinReader reader(envelope_, message_);
    for (const std::string& zone : for_assassin) {
      Pieces pieces = reader.Read(zone);
      if (!pieces.ends.empty()) {
        views_.AddPieces(zone, std::move(pieces.bytes), std::move(pieces.ends));
      }
    }
    Views out = std::move(views_.out());
    std::string names;
    for (const std::string& name : legacy_) {
      names += (names.empty() ? "" : " ") + name;
    }
    if (!names.empty()) {
      out.facts["encoding.legacy"] = names;
    }
    names.clear();
    for (const std::string& name : charsets_) {
      names += (names.empty() ? "" : " ") + name;
    }
    if (!names.empty()) {
      out.facts["encoding.charsets"] = names;
    }
    return out;
  }

 private:
  static bool IsTextual(const decode::Leaf& leaf) {
    switch (leaf.type) {
      case decode::Type::kText:
      case decode::Type::kHtml:
      case decode::Type::kXml:
      case decode::Type::kCalendar:
      case decode::Type::kVcard:
      case decode::Type::kPgp:
        return true;
      default:
        return leaf.type == decode::Type::kBinary && leaf.media_type.substr(0, 5) == "text/";
    }
  }

  void Note(const Decoded& decoded, const decode::Leaf& leaf) {
    std::string label;
    for (const char c : AsciiLower(leaf.charset)) {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.') {
        label.push_back(c);
      }
    }
    if (charsets_.size() < 20) {
      if (!label.empty() && label.size() <= 40) {
        charsets_.insert(label);
      }
      charsets_.insert(decoded.charset);
    }
  }

  void NoteLegacy(const SourceText& source, const Zone& zone, const ViewBuilder::Place& place) {
    constexpr size_t kMostWaiting = 50;
    constexpr size_t kShort = 4'000;
    if (source.legacy.empty() && hint_.empty() && source.raw.size() <= kShort &&
        waiting_.size() < kMostWaiting && !IsAscii(source.raw)) {
      waiting_.push_back({zone, source, place});
    }
    AddLegacyNames(source.legacy);
  }

  void AddLegacyNames(const std::string& names) {
    for (size_t at = 0; at < names.size();) {
      const size_t end = std::min(names.find(' ', at), names.size());
      legacy_.insert(names.substr(at, end - at));
      if (hint_.empty()) {
        hint_ = names.substr(at, end - at);
      }
      at = end + 1;
    }
  }

  // Short texts that came before the message's encoding was known (a cover letter of two words, and
  // then its attachment) are read once more, in that encoding.
  void AddWaiting() {
    std::vector<Waiting> waiting = std::move(waiting_);
    for (Waiting& one : waiting) {
      DecodeIfLegacy(hint_, &one.source);
      if (!one.source.legacy.empty()) {
        one.source.raw = std::move(one.source.decoded);
        one.source.raw_map = one.source.decoded_map;
        one.source.legacy.clear();
        views_.AddReading(one.zone, one.source, one.place);
      }
    }
  }

  // A text beside the running ones; what it is written in is a fact of the message as well.
  void AddShort(const Zone& zone, std::string_view utf8, const ViewBuilder::Place& place,
                std::string_view hint) {
    if (views_.WantsZone(zone) && !utf8.empty()) {
      const SourceText source = MakeSource(utf8, PlainLines(), nullptr, hint);
      NoteLegacy(source, zone, place);
      views_.Add(zone, source, place);
    }
  }

  // The encodings that a label names, and that of the message.
  std::string HintWith(std::string_view label) const {
    const std::string_view named = EncodingsOfLabel(label);
    return named.empty() ? hint_ : std::string(named) + " " + hint_;
  }

  // The charset of the first encoded word; "" none (RFC 2047).
  static std::string_view LabelOfWords(std::string_view value) {
    const size_t at = value.find("=?");
    const size_t end = at == std::string_view::npos
                           ? at
                           : value.find_first_of("?*", std::min(at + 2, value.size()));
    return end == std::string_view::npos ? "" : value.substr(at + 2, end - at - 2);
  }

  // Cut at what may still be turned into views.
  Bytes Cut(Bytes bytes) {
    if (bytes.size() > views_.room()) {
      views_.out().truncated = true;
      return bytes.substr(0, views_.room());
    }
    return bytes;
  }

  void AddLeaves() {
    for (size_t i = 0; i < leaves_.leaves.size(); ++i) {
      const decode::Leaf& leaf = leaves_.leaves[i];
      const ViewBuilder::Place place{static_cast<uint32_t>(i), leaf.part_path, leaf.path};
      if (leaf.type == decode::Type::kRtf && views_.WantsZone("rtf")) {
        views_.AddPlain("rtf", Decode(Cut(leaf.bytes), "windows-1252").utf8, place);
      }
      if (leaf.bytes.empty() || leaf.is_container || !IsTextual(leaf)) {
        continue;
      }
      AddTextLeaf(leaf, place);
    }
    views_.AddCount("text.alternatives-differ", alternatives_.CountDifferent());
  }

  // format=flowed and delsp are the part's.
  void SetFlow(const decode::Leaf& leaf, LineOptions* options) const {
    if (leaf.depth > 0 || leaf.part >= message_.parts().size()) {
      return;
    }
    const mail::Part& part = message_.parts()[leaf.part];
    const mail::Parameter* format = part.FindTypeParameter("format");
    const mail::Parameter* delsp = part.FindTypeParameter("delsp");
    options->flowed = format != nullptr && AsciiEqualsIgnoreCase(format->value, "flowed");
    options->delsp = delsp != nullptr && AsciiEqualsIgnoreCase(delsp->value, "yes");
  }

  void AddTextLeaf(const decode::Leaf& leaf, const ViewBuilder::Place& place) {
    const Zone zone = leaf.is_attachment ? "attachment" : "body";
    const bool html = leaf.type == decode::Type::kHtml || leaf.media_type == "text/html";
    const Bytes bytes = Cut(leaf.bytes);
    Decoded decoded =
        Decode(bytes, html && leaf.charset.empty() ? MetaCharset(bytes) : leaf.charset);
    Note(decoded, leaf);
    views_.AddCount("text.overlong", decoded.overlong);
    const OffsetMapPtr to_bytes = Step(std::move(decoded.pieces), nullptr);
    if (decoded.was_told_utf8) {
      AddAsTold(bytes, html, zone, place);
    }
    std::optional<SourceText> beside = ReadBesideLabel(bytes, decoded, html);
    if (beside) {
      AddLegacyNames(beside->legacy);
      beside->legacy.clear();
      views_.AddReading(zone, *beside, place);
    }
    if (html) {
      AddHtml(decoded.utf8, zone, to_bytes, place, HintWith(leaf.charset), leaf);
    }
    if (leaf.type == decode::Type::kXml) {
      views_.AddPlain("xml", decoded.utf8, place);
    }
    // Labelled plain, a client shows the source.
    if (!html || leaf.media_type == "text/plain") {
      LineOptions options;
      SetFlow(leaf, &options);
      const SourceText source = MakeSource(decoded.utf8, options, to_bytes, HintWith(leaf.charset));
      NoteLegacy(source, zone, place);
      views_.Add(zone, source, place);
      alternatives_.Add(message_, leaf, false, source.Readable());
      AddUrls(FindUrls(source.raw, kMostUrls), place);
      std::vector<MapPiece> pieces;
      const std::string joined = WithoutInnerTabs(decoded.utf8, &pieces);
      AddLines(zone, joined, Step(std::move(pieces), to_bytes), HintWith(leaf.charset), place);
    }
  }

  // Bytes that are hardly UTF-8, labelled so: readers that believe it show all the rest.
  void AddAsTold(Bytes bytes, bool html, const Zone& zone, const ViewBuilder::Place& place) {
    views_.AddReading(zone, UndecidedSource(DecodeAsUtf8(bytes), html, nullptr), place, true);
  }

  void AddHtml(const std::string& utf8, const Zone& zone, const OffsetMapPtr& to_bytes,
               const ViewBuilder::Place& place, const std::string& hint, const decode::Leaf& leaf) {
    HtmlText html = ReadHtml(utf8);
    SourceText source;
    source.raw = std::move(html.visible);
    uint32_t line = 0;
    size_t next = 0;
    for (size_t i = 0; i < source.raw.size() && next < html.soft.size(); ++i) {
      if (source.raw[i] == '\n') {
        if (html.soft[next] == i) {
          source.soft_lines.push_back(line);
          ++next;
        }
        ++line;
      }
    }
    source.raw_map = Step(std::move(html.map), to_bytes);
    DecodeIfLegacy(hint, &source, &html.runs);
    NoteLegacy(source, zone, place);
    for (const auto& [fact, count] : html.facts) {
      views_.AddCount(fact.c_str(), count);
    }
    views_.Add(zone, source, place);
    alternatives_.Add(message_, leaf, true, source.Readable());
    AddLines(zone, html.readings, Step(std::move(html.readings_map), to_bytes), hint, place);
    // No mail program runs scripts; whoever opens an attachment does.
    if (leaf.is_attachment) {
      AddLines(zone, html.written, nullptr, hint, place);
      const bool runs = html.facts.count("html.script") > 0 ||
                        html.facts.count("html.event-handler") > 0 ||
                        html.facts.count("html.script-url") > 0;
      views_.AddCount("html.script-picture", runs && RunsUnexpected(leaf, utf8) ? 1 : 0);
    }
    if (views_.WantsZone("hidden")) {
      AddShort("hidden", html.hidden, place, hint);
    }
    if (views_.WantsZone("html")) {
      views_.AddPlain("html", utf8, place);
    }
    if (views_.WantsZone("fonts")) {
      std::string fonts;
      for (const std::string& font : html.fonts) {
        AddLine(ToValidUtf8(font), &fonts);
      }
      views_.AddPlain("fonts", fonts, place);
    }
    std::vector<std::string> urls = std::move(html.urls);
    const std::vector<std::string> shown = FindUrls(source.raw, kMostUrls);
    urls.insert(urls.end(), shown.begin(), shown.end());
    AddUrls(urls, place);
  }

  // Lines that some readers see so, as a second reading.
  void AddLines(const Zone& zone, const std::string& lines, const OffsetMapPtr& map,
                const std::string& hint, const ViewBuilder::Place& place) {
    if (lines.empty() || !views_.WantsZone(zone)) {
      return;
    }
    SourceText read = MakeSource(lines, PlainLines(), map, hint);
    if (!read.legacy.empty()) {
      read.raw = std::move(read.decoded);
      read.raw_map = read.decoded_map;
      read.legacy.clear();
    }
    views_.AddReading(zone, read, place);
  }

  void AddUrls(const std::vector<std::string>& urls, const ViewBuilder::Place& place) {
    if (!views_.WantsZone("url")) {
      return;
    }
    std::string lines;
    std::set<std::string_view> seen;
    uint64_t names = 0;  // in letters beyond ASCII
    for (const std::string& url : urls) {
      if (!seen.insert(url).second) {
        continue;
      }
      AddLine(url, &lines);
      const std::string shown = ShownUrl(url);
      AddLine(shown, &lines);
      const Range host = HostIn(shown);
      names += IsAscii(std::string_view(shown).substr(host.begin, host.end - host.begin)) ? 0U : 1U;
    }
    views_.AddPlain("url", lines, place);
    views_.AddCount("url.punycode", names);
  }

  void AddTexts() {
    for (const decode::DocumentText& text : leaves_.texts) {
      if (text.leaf >= leaves_.leaves.size()) {
        continue;
      }
      const decode::Leaf& leaf = leaves_.leaves[text.leaf];
      const ViewBuilder::Place place{static_cast<uint32_t>(text.leaf), leaf.part_path, leaf.path};
      LineOptions options;
      options.quotes = false;
      options.rejoin = leaf.type == decode::Type::kPdf && text.zone == "attachment";
      options.fullness = 85;  // proportional fonts
      const bool running = text.zone == "attachment" || text.zone == "header-footer";
      if (!views_.WantsZone(text.zone) && !(running && views_.WantsZone("url"))) {
        continue;
      }
      const std::string_view whole = Cut(text.utf8);
      const std::string valid = ToValidUtf8(whole);
      const SourceText source = MakeSource(valid, options, nullptr, hint_, &text.fonts);
      NoteLegacy(source, text.zone, place);
      if (running) {
        AddUrls(FindUrls(source.raw, kMostUrls), place);
      }
      views_.Add(text.zone, source, place);
    }
  }

  void AddNames() {
    if (!views_.WantsZone("filename")) {
      return;
    }
    std::set<std::string> seen;
    std::string lines;
    const auto add = [&](const std::string& name) {
      std::string flat = ToValidUtf8(name);
      std::replace(flat.begin(), flat.end(), '\n', ' ');
      if (!flat.empty() && seen.insert(flat).second) {
        AddLine(flat, &lines);
      }
    };
    for (const mail::Part& part : message_.parts()) {
      for (const std::string& name : part.names) {
        add(name);
      }
    }
    for (const decode::Leaf& leaf : leaves_.leaves) {
      add(leaf.name);
      for (const std::string& name : leaf.names) {
        add(name);
      }
    }
    AddShort("filename", lines, {}, hint_);
  }

  void AddEnvelope() {
    views_.AddPlain("env-from", OneMailbox({"", envelope_.sender}), {});
    std::string lines;
    for (const mail::Recipient& recipient : envelope_.recipients) {
      AddLine(OneMailbox({"", recipient.address}), &lines);
    }
    views_.AddPlain("env-to", lines, {});
  }

  static std::string TextOf(const mail::Message& message, const mail::Field& field) {
    return ToValidUtf8(mail::DecodeEncodedWords(message.Unfolded(field)));
  }

  void AddAddresses(const mail::Message& message, const mail::Part& part, const Zone& zone,
                    const ViewBuilder::Place& place) {
    const bool names = zone == "from" && views_.WantsZone("from-name");
    if (!views_.WantsZone(zone) && !names) {
      return;
    }
    std::string lines;
    std::string displays;
    std::string label;
    for (const mail::Field* field : message.FindFields(part, zone)) {
      label += LabelOfWords(message.Unfolded(*field));
      for (const mail::Mailbox& mailbox : mail::ParseAddressList(message.Unfolded(*field))) {
        AddLine(OneMailbox(mailbox), &lines);
        AddLine(ToValidUtf8(mailbox.display), &displays);
      }
    }
    views_.AddPlain(zone, lines, place);
    if (names) {
      AddShort("from-name", displays, place, HintWith(label));
    }
  }

  void AddMessageHeaders(const mail::Message& message, const std::string& path) {
    const std::vector<std::string> names = views_.WantedHeaders();
    for (const mail::Part& part : message.parts()) {
      // The header of a message, and the same read otherwise.
      const mail::Part& above = message.parts()[part.parent];
      const bool heads_message =
          part.index == 0 || above.is_message ||
          (part.alternative && above.index == 0 && part.header.begin == above.header.begin);
      for (const std::string& name : names) {
        if (heads_message || name.compare(0, 8, "content-") == 0) {
          AddHeader(message, part, name, path);
        }
      }
      if (!heads_message) {
        continue;
      }
      const ViewBuilder::Place place{UINT32_MAX, part.path, "subject"};
      if (views_.WantsZone("subject")) {
        std::string lines;
        std::string label;
        for (const mail::Field* field : message.FindFields(part, "subject")) {
          AddLine(TextOf(message, *field), &lines);
          label += LabelOfWords(message.Unfolded(*field));
        }
        AddShort("subject", lines, place, HintWith(label));
      }
      for (const char* zone : {"from", "to", "cc", "reply-to"}) {
        AddAddresses(message, part, zone, {UINT32_MAX, part.path, zone});
      }
    }
  }

  void AddHeader(const mail::Message& message, const mail::Part& part, const std::string& name,
                 const std::string& path) {
    std::string lines;
    std::string decoded;
    for (const mail::Field* field : message.FindFields(part, name)) {
      const std::string text = TextOf(message, *field);
      AddLine(AsciiTrim(text), &lines);
      AddLine(Base64Text(text), &decoded);
    }
    const ViewBuilder::Place place{UINT32_MAX, part.path, path.empty() ? name : path};
    views_.AddPlain("header:" + name, lines, place);
    views_.AddPlain("header:" + name, decoded, place);
  }

  Alternatives alternatives_;
  const mail::Envelope& envelope_;
  const mail::Message& message_;
  const decode::Leaves& leaves_;
  ViewBuilder views_;
  std::set<std::string> legacy_;
  std::set<std::string> charsets_;
  std::string hint_;
  struct Waiting {
    Zone zone;
    SourceText source;
    ViewBuilder::Place place;
  };
  std::vector<Waiting> waiting_;
};

}  // namespace

Views BuildViews(const mail::Envelope& envelope, const mail::Message& message,
                 const decode::Leaves& leaves, const Wanted& wanted, const Limits& limits) {
  return Builder(envelope, message, leaves, wanted, limits).Run();
}

}  // namespace gatepost::text
