// Forms of one text share what they can: pure ASCII has one skeleton, and folding moves nothing.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/source.h"

#include <algorithm>

#include "src/text/forms.h"
#include "src/text/legacy.h"
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

void DecodeIfLegacy(std::string_view hint, SourceText* source,
                    const std::vector<decode::FontRun>* fonts) {
  LegacyText decoded = ReadLegacy(source->raw, {hint, fonts});
  if (!decoded.names.empty()) {
    source->legacy = std::move(decoded.names);
    source->decoded = std::move(decoded.utf8);
    source->decoded_map = Step(std::move(decoded.pieces), source->raw_map);
  }
}

namespace {

// Runs of a text to runs of what lines made of it. Lines keep the order, so one pass does it.
std::vector<decode::FontRun> MoveRuns(const std::vector<decode::FontRun>& runs,
                                      const std::vector<MapPiece>& pieces, size_t size) {
  if (pieces.empty()) {
    return runs;
  }
  std::vector<decode::FontRun> out;
  size_t p = 0;
  for (const decode::FontRun& run : runs) {
    // In the line text: from the first piece that reaches behind run.begin, to run.end.
    const auto view_of = [&](uint32_t source) {
      while (p + 1 < pieces.size() && pieces[p + 1].source <= source) {
        ++p;
      }
      const uint32_t limit =
          p + 1 < pieces.size() ? pieces[p + 1].view : static_cast<uint32_t>(size);
      return source <= pieces[p].source
                 ? pieces[p].view
                 : std::min(pieces[p].view + (source - pieces[p].source), limit);
    };
    decode::FontRun moved = run;
    moved.begin = view_of(run.begin);
    moved.end = view_of(run.end);
    if (moved.begin < moved.end) {
      out.push_back(std::move(moved));
    }
  }
  return out;
}

}  // namespace

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

ViewBuilder::ViewBuilder(const Wanted& wanted, const Limits& limits) : room_(limits.text_bytes) {
  for (const auto& [zone, form] : wanted.pairs) {
    forms_[zone] |= 1U << static_cast<unsigned>(form);
  }
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
    if (signs.tags > 0 && zone != "hidden") {
      AddPlain("hidden", TagText(text), place);
    }
  }
  if (!IsWriting(zone)) {
    return;
  }
  Reading reading = UndoTricks(text, source.soft_lines);
  if (reading.utf8.empty()) {
    return;
  }
  AddCount("text.reversed", reading.reversed ? 1 : 0);
  AddCount("text.spaced", reading.spaced ? 1 : 0);
  AddCount("text.columns", reading.columns ? 1 : 0);
  AddCount("text.entities", reading.entities ? 1 : 0);
  AddCount("text.utf7", reading.utf7 ? 1 : 0);
  SourceText undone;
  undone.raw = std::move(reading.utf8);
  undone.soft_lines = source.soft_lines;
  undone.raw_map =
      Step(std::move(reading.pieces), source.legacy.empty() ? source.raw_map : source.decoded_map);
  AddForms(zone, undone, place, true);
}

void ViewBuilder::AddPlain(const Zone& zone, std::string_view utf8, const Place& place,
                           std::string_view hint) {
  if (!WantsZone(zone) || utf8.empty()) {
    return;
  }
  LineOptions options;
  options.quotes = false;
  options.rejoin = false;
  Add(zone, MakeSource(utf8, options, nullptr, hint), place);
}

}  // namespace gatepost::text
