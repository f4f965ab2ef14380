// Forms of one text share what they can: pure ASCII has one skeleton, and folding moves nothing.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/source.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/text/forms.h"
#include "src/text/legacy.h"
#include "src/text/legacy_tables.h"
#include "src/text/tricks.h"

namespace gatepost::text {

OffsetMapPtr Step(std::vector<MapPiece> pieces, OffsetMapPtr inner) {
  if (pieces.empty()) {
    return inner;
  }
  auto step = std::make_shared<OffsetMap>();
  step->pieces = std::move(pieces);
  step->inner = std::move(inner);
  return step;
}

namespace {

// Of two texts with the same lines, the paragraphs of the second that differ; the rest becomes
// empty lines.
void KeepWhatDiffers(std::string_view first, const std::vector<uint32_t>& soft_lines,
                     LegacyText* text) {
  const std::string_view second = text->drawn;
  std::string kept;
  std::vector<MapPiece> pieces;
  const std::vector<MapPiece>& old = text->drawn_pieces;
  size_t piece = 0;
  const auto copy = [&](size_t begin, size_t end) {
    while (begin < end) {
      while (piece < old.size() && old[piece].view <= begin) {
        ++piece;
      }
      const uint32_t source =
          piece == 0 ? static_cast<uint32_t>(begin)
                     : old[piece - 1].source + static_cast<uint32_t>(begin - old[piece - 1].view);
      const size_t until = piece < old.size() ? std::min<size_t>(end, old[piece].view) : end;
      pieces.push_back({static_cast<uint32_t>(kept.size()), source});
      kept += second.substr(begin, until - begin);
      begin = until;
    }
  };
  size_t soft = 0;
  uint32_t line = 0;
  for (size_t a = 0, b = 0; b < second.size();) {
    size_t a_end = a;
    size_t b_end = b;
    for (bool more = true; more;) {
      a_end = std::min(first.find('\n', a_end), first.size());
      b_end = std::min(second.find('\n', b_end), second.size());
      while (soft < soft_lines.size() && soft_lines[soft] < line) {
        ++soft;
      }
      more = soft < soft_lines.size() && soft_lines[soft] == line && b_end < second.size();
      ++line;
      a_end += more ? 1U : 0U;
      b_end += more ? 1U : 0U;
    }
    if (first.substr(a, a_end - a) != second.substr(b, b_end - b)) {
      copy(b, b_end);
    } else {
      for (size_t i = second.find('\n', b); i < b_end; i = second.find('\n', i + 1)) {
        copy(i, i + 1);
      }
    }
    if (b_end < second.size()) {
      copy(b_end, b_end + 1);
    }
    a = a_end + 1;
    b = b_end + 1;
  }
  const auto end = static_cast<uint32_t>(second.size());
  pieces.push_back({static_cast<uint32_t>(kept.size()),
                    old.empty() ? end : old.back().source + (end - old.back().view)});
  text->drawn = std::move(kept);
  text->drawn_pieces = std::move(pieces);
}

}  // namespace

void DecodeIfLegacy(std::string_view hint, SourceText* source,
                    const std::vector<decode::FontRun>* fonts) {
  LegacyText decoded = ReadLegacy(source->raw, {hint, fonts});
  if (decoded.names.empty() && fonts != nullptr) {
    LegacyText capitals = DrawCapitals(source->raw, *fonts);
    if (!capitals.drawn.empty()) {
      KeepWhatDiffers(source->raw, source->soft_lines, &capitals);
      source->drawn = std::move(capitals.drawn);
      source->drawn_map = Step(std::move(capitals.drawn_pieces), source->raw_map);
    }
  } else if (!decoded.names.empty()) {
    source->legacy = std::move(decoded.names);
    source->decoded = std::move(decoded.utf8);
    source->decoded_map = Step(std::move(decoded.pieces), source->raw_map);
    if (!decoded.drawn.empty()) {
      KeepWhatDiffers(source->decoded, source->soft_lines, &decoded);
      source->drawn = std::move(decoded.drawn);
      source->drawn_map = Step(std::move(decoded.drawn_pieces), source->raw_map);
    }
  }
}

SourceText MakeSource(std::string_view utf8, const LineOptions& options, OffsetMapPtr to_source,
                      std::string_view hint, const std::vector<decode::FontRun>* fonts) {
  SourceText out;
  Lines lines = ReadLines(utf8, options);
  out.raw = std::move(lines.text);
  out.soft_lines = std::move(lines.soft_lines);
  std::vector<decode::FontRun> runs;
  if (fonts != nullptr && !fonts->empty()) {
    runs = MoveRuns(*fonts, lines.pieces, out.raw.size());
  }
  out.raw_map = Step(std::move(lines.pieces), std::move(to_source));
  DecodeIfLegacy(hint, &out, &runs);
  return out;
}

namespace {

// Charsets under which Vietnamese of before Unicode is found by itself (legacy.h takes letters of
// Latin code pages for their bytes), or that leave no doubt.
bool IsLatinOrWide(std::string_view charset) {
  static constexpr std::string_view kNames[] = {
      "utf-8",        "us-ascii",    "windows-1250", "windows-1252", "windows-1254", "windows-1257",
      "windows-1258", "iso-8859-1",  "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-9",
      "iso-8859-10",  "iso-8859-13", "iso-8859-14",  "iso-8859-15",  "iso-8859-16",  "macintosh"};
  return charset.substr(0, 4) == "utf-"
             ? charset != "utf-7"
             : std::find(std::begin(kNames), std::end(kNames), charset) != std::end(kNames);
}

bool HasShifts(std::string_view charset) {
  return charset == "utf-7" || charset.substr(0, 8) == "iso-2022" || charset.substr(0, 2) == "hz";
}

}  // namespace

SourceText UndecidedSource(Decoded decoded, bool html, std::vector<decode::FontRun>* fonts) {
  const OffsetMapPtr map = Step(std::move(decoded.pieces), nullptr);
  SourceText source;
  if (html) {
    HtmlText page = ReadHtml(decoded.utf8);
    source.raw = std::move(page.visible);
    source.raw_map = Step(std::move(page.map), map);
    if (fonts != nullptr) {
      *fonts = std::move(page.runs);
    }
  } else {
    Lines lines = ReadLines(decoded.utf8, {});
    source.raw = std::move(lines.text);
    source.soft_lines = std::move(lines.soft_lines);
    source.raw_map = Step(std::move(lines.pieces), map);
  }
  return source;
}

std::optional<SourceText> ReadBesideLabel(Bytes bytes, const Decoded& believed, bool html) {
  if (IsLatinOrWide(believed.charset) || !EncodingsOfLabel(believed.charset).empty() ||
      IsAscii(bytes)) {
    return std::nullopt;
  }
  Decoded other = Decode(bytes, "");
  const std::string charset = other.charset;
  if (charset == believed.charset) {
    return std::nullopt;
  }
  std::vector<decode::FontRun> fonts;
  SourceText source = UndecidedSource(std::move(other), html, &fonts);
  DecodeIfLegacy("", &source, &fonts);
  if (!source.legacy.empty()) {
    source.raw = std::move(source.decoded);
    source.raw_map = source.decoded_map;
  } else if (!HasShifts(believed.charset) || charset != "utf-8") {
    return std::nullopt;
  }
  return source;
}

ViewBuilder::ViewBuilder(const Wanted& wanted, const Limits& limits)
    : forms_(wanted.forms), room_(limits.view_bytes) {
  constexpr size_t kUsual = 48;
  out_.views.reserve(kUsual);
}

std::vector<std::string> ViewBuilder::WantedHeaders() const {
  std::vector<std::string> out;
  constexpr std::string_view kPrefix = "header:";
  for (const auto& [zone, forms] : forms_) {
    if (zone.compare(0, kPrefix.size(), kPrefix) == 0) {
      out.push_back(zone.substr(kPrefix.size()));
    }
  }
  return out;
}

std::vector<std::string> ViewBuilder::WantedForAssassin() const {
  std::vector<std::string> out;
  for (const auto& [zone, forms] : forms_) {
    if (zone.compare(0, 3, "sa:") == 0) {
      out.push_back(zone);
    }
  }
  return out;
}

void ViewBuilder::AddPieces(const Zone& zone, std::string bytes, std::vector<uint32_t> ends) {
  if (bytes.size() > room_) {
    out_.truncated = true;
    return;
  }
  room_ -= bytes.size();
  TextView view;
  view.zone = zone;
  view.form = Form::kBytes;
  view.utf8 = std::move(bytes);
  view.pieces = std::move(ends);
  out_.views.push_back(std::move(view));
}

void ViewBuilder::AddForm(const Zone& zone, Form form, const Place& place, bool undone,
                          std::string utf8, std::vector<uint32_t> soft, OffsetMapPtr map) {
  if (utf8.size() > room_) {
    out_.truncated = true;
    return;
  }
  room_ -= utf8.size();
  TextView view;
  view.zone = zone;
  view.form = form;
  view.leaf = place.leaf;
  view.part = place.part;
  view.path = place.path;
  view.undone = undone;
  view.utf8 = std::move(utf8);
  view.soft = std::move(soft);
  view.map = std::move(map);
  out_.views.push_back(std::move(view));
}

void ViewBuilder::AddForms(const Zone& zone, const SourceText& source, const Place& place,
                           bool undone) {
  const auto found = forms_.find(zone);
  if (found == forms_.end() || source.raw.empty()) {
    return;
  }
  const auto wants = [&](Form form) {
    return ((found->second >> static_cast<unsigned>(form)) & 1U) != 0;
  };
  if (wants(Form::kRaw)) {
    AddForm(zone, Form::kRaw, place, undone, source.raw,
            OffsetsOfLines(source.raw, source.soft_lines), source.raw_map);
  }
  const std::string_view text = source.Readable();
  const OffsetMapPtr& inner = source.legacy.empty() ? source.raw_map : source.decoded_map;
  const bool ascii = IsAscii(text);
  FormText nfc;  // for ASCII: the common stock of nfc, skel, fold and leet
  OffsetMapPtr nfc_map;
  for (const Form form :
       {Form::kNfcRaw, Form::kNfc, Form::kSkel, Form::kFold, Form::kLeet, Form::kCompact}) {
    if (!wants(form)) {
      continue;
    }
    if (ascii && form != Form::kNfcRaw && form != Form::kCompact) {
      if (nfc.utf8.empty()) {
        nfc = MakeForm(text, source.soft_lines, Form::kNfc);
        nfc_map = Step(std::move(nfc.pieces), inner);
      }
      const bool folds = form == Form::kFold || form == Form::kLeet;
      AddForm(zone, form, place, undone, folds ? FoldAscii(nfc.utf8, form) : nfc.utf8, nfc.soft,
              nfc_map);
      continue;
    }
    FormText made = MakeForm(text, source.soft_lines, form);
    AddForm(zone, form, place, undone, std::move(made.utf8), std::move(made.soft),
            Step(std::move(made.pieces), inner));
  }
}

namespace {

// Zones of writing; the others are names, sources and lists, where tricks are looked for elsewhere.
bool IsWriting(std::string_view zone) {
  return zone == "body" || zone == "hidden" || zone == "attachment" || zone == "subject" ||
         zone == "filename" || zone == "from-name" || zone == "docprops" || zone == "header-footer";
}

}  // namespace

LineOptions PlainLines() {
  LineOptions options;
  options.quotes = false;
  options.rejoin = false;
  options.sentences = false;
  return options;
}

void ViewBuilder::AddCount(const char* fact, uint64_t count) {
  if (count > 0) {
    std::string& value = out_.facts[fact];
    const uint64_t before = value.empty() ? 0 : std::stoull(value);
    value = std::to_string(std::min<uint64_t>(before + count, 1'000'000));
  }
}

void ViewBuilder::Add(const Zone& zone, const SourceText& source, const Place& place) {
  if (!WantsZone(zone) || source.raw.empty()) {
    return;
  }
  AddForms(zone, source, place, false);
  const std::string_view text = source.Readable();
  if (!IsAscii(text)) {
    const TextSigns signs = SurveyText(text);
    if (signs.invisible > 0) {
      out_.facts["text.invisible"] = "true";
    }
    AddCount("text.bidi", signs.overrides);
    AddCount("text.tags", signs.tags);
    AddCount("text.selectors", signs.selectors);
    AddCount("text.mixed-script", signs.mixed_script);
    AddCount("text.mark-flood", signs.mark_flood);
    AddCount("text.styled", signs.styled);
    AddCount("text.full-width", signs.full_width);
    AddCount("text.block-picture", signs.blocks);
    if (signs.tags > 0 && zone != "hidden" && WantsZone("hidden")) {
      const SourceText tagged = MakeSource(TagText(text), PlainLines(), nullptr, {});
      AddForms("hidden", tagged, place, false);
    }
  }
  AddCount("text.block-picture", DrawnRows(text));
  if (IsWriting(zone)) {
    AddUndone(zone, text, source.soft_lines,
              source.legacy.empty() ? source.raw_map : source.decoded_map, place);
  }
  if (!source.drawn.empty()) {
    SourceText drawn;
    drawn.raw = source.drawn;
    drawn.soft_lines = source.soft_lines;
    drawn.raw_map = source.drawn_map;
    AddForms(zone, drawn, place, true);
    if (IsWriting(zone)) {
      AddUndone(zone, drawn.raw, drawn.soft_lines, drawn.raw_map, place);
    }
  }
}

void ViewBuilder::AddReading(const Zone& zone, const SourceText& source, const Place& place,
                             bool counts) {
  AddForms(zone, source, place, true);
  AddUndone(zone, source.raw, source.soft_lines, source.raw_map, place, counts);
}

void ViewBuilder::AddUndone(const Zone& zone, std::string_view text,
                            const std::vector<uint32_t>& soft_lines, const OffsetMapPtr& map,
                            const Place& place, bool counts) {
  Reading reading = UndoTricks(text, soft_lines);
  if (reading.utf8.empty()) {
    return;
  }
  if (counts) {
    AddCount("text.reversed", reading.reversed ? 1 : 0);
    AddCount("text.spaced", reading.spaced ? 1 : 0);
    AddCount("text.columns", reading.columns ? 1 : 0);
    AddCount("text.entities", reading.entities ? 1 : 0);
    AddCount("text.utf7", reading.utf7 ? 1 : 0);
    AddCount("text.ill-formed", reading.replaced ? 1 : 0);
    AddCount("text.broken-words", reading.broken ? 1 : 0);
  }
  SourceText undone;
  undone.raw = std::move(reading.utf8);
  undone.soft_lines = soft_lines;
  undone.raw_map = Step(std::move(reading.pieces), map);
  AddForms(zone, undone, place, true);
}

void ViewBuilder::AddPlain(const Zone& zone, std::string_view utf8, const Place& place,
                           std::string_view hint) {
  if (!WantsZone(zone) || utf8.empty()) {
    return;
  }
  Add(zone, MakeSource(utf8, PlainLines(), nullptr, hint), place);
}

}  // namespace gatepost::text
