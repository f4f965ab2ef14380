// Which codes the streams of a page show in which font, as far as that can be told without drawing:
// fonts are set by name or by a state (gs), saved and restored, and go on in forms.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "src/decode/pdf_fonts.h"

namespace gatepost::decode {

bool PdfFonts::CountStream(QPDFObjectHandle stream, const Place& place, Names* carried,
                           Reading* out) {
  const PdfDrawing& drawing = scales_->DrawingOf(stream);
  QPDFObjectHandle by = place.by;
  const auto list_of = [&by](const char* key) {
    QPDFObjectHandle list = by.isDictionary() ? by.getKey(key) : QPDFObjectHandle::newNull();
    return list.isDictionary() ? list : QPDFObjectHandle::newDictionary();
  };
  QPDFObjectHandle fonts = list_of("/Font");
  // Asked for once each: a font without a number of its own is another one each time.
  std::map<std::string, const Font*> known;
  const auto font_of = [&](const std::string& name) {
    const auto [at, is_new] = known.try_emplace(name, nullptr);
    if (is_new) {
      at->second = FontOf(fonts.getKey(name));
    }
    return at->second;
  };
  // What is set where the stream names none: by the streams before, or by whoever draws the form.
  std::set<const Font*> outer;
  for (const std::string& name : *carried) {
    outer.insert(font_of(name));
  }
  if (carried->empty()) {
    outer.insert(place.inherited);
  }
  outer.erase(nullptr);
  // A state that sets a font may do so before any of the letters.
  std::set<const Font*> of_states;
  QPDFObjectHandle states = list_of("/ExtGState");
  for (const std::string& name : drawing.states) {
    QPDFObjectHandle state = states.getKey(name);
    QPDFObjectHandle font =
        state.isDictionary() ? state.getKey("/Font") : QPDFObjectHandle::newNull();
    if (font.isArray() && font.getArrayNItems() > 0) {
      of_states.insert(FontOf(font.getArrayItem(0)));
    }
  }
  of_states.erase(nullptr);
  size_t codes = 0;
  const auto count = [&](const Font* font, const PdfFontUse& use) {
    codes += use.pairs.size();
    if (font != nullptr) {
      Count(*font, use, &out->untold);
    }
  };
  for (const auto& [name, use] : drawing.fonts) {
    std::set<const Font*> set = of_states;
    if (name.empty()) {
      set.insert(outer.begin(), outer.end());
    } else {
      set.insert(font_of(name));
    }
    for (const Font* font : set) {
      count(font, use);
    }
  }
  QPDFObjectHandle objects = list_of("/XObject");
  for (const auto& [name, font_name] : drawing.called_with) {
    QPDFObjectHandle form = objects.getKey(name);
    if (!form.isStream() || !IsPdfName(form.getDict().getKey("/Subtype"), "/Form")) {
      continue;
    }
    std::set<const Font*> set = of_states;
    if (font_name.empty()) {
      set.insert(outer.begin(), outer.end());
    } else {
      set.insert(font_of(font_name));
    }
    set.insert(nullptr);
    for (const Font* font : set) {
      Open(form, place, font, out);
    }
    if (!scales_->Look(set.size())) {
      return false;
    }
  }
  if (!drawing.saves_font && !out->saves_font) {
    *carried = drawing.last_font.empty() ? *carried : Names{drawing.last_font};
  } else {
    out->saves_font = true;
    for (const auto& [name, use] : drawing.fonts) {
      carried->insert(name);
    }
    carried->erase("");
  }
  return scales_->Look(1 + drawing.fonts.size() + drawing.called_with.size() +
                       drawing.states.size() + codes / 16);
}

void PdfFonts::Open(QPDFObjectHandle form, const Place& from, const Font* font, Reading* out) {
  // Most forms name the font of all that they draw.
  const PdfDrawing& drawing = scales_->DrawingOf(form);
  const bool inherits = drawing.fonts.count("") > 0 ||
                        std::any_of(drawing.called_with.begin(), drawing.called_with.end(),
                                    [](const auto& call) { return call.second.empty(); });
  QPDFObjectHandle own = form.getDict().getKey("/Resources");
  Place place;
  place.by = own.isDictionary() ? own : from.by;
  place.owner = own.isDictionary() ? form.getObjGen() : from.owner;
  place.inherited = inherits ? font : nullptr;
  if (out->seen.emplace(form.getObjGen(), place.owner, place.inherited).second) {
    out->open.emplace_back(form, place);
  }
}

bool PdfFonts::HasUntold(QPDFObjectHandle page, QPDFObjectHandle resources) {
  Reading reading;
  Place place;
  place.by = resources;
  Names carried;
  QPDFObjectHandle contents = page.getKey("/Contents");
  const int streams = contents.isArray() ? contents.getArrayNItems() : 1;
  for (int i = 0; i < streams; ++i) {
    if (!CountStream(contents.isArray() ? contents.getArrayItem(i) : contents, place, &carried,
                     &reading)) {
      return true;
    }
  }
  QPDFObjectHandle notes = page.getKey("/Annots");
  for (int i = 0; notes.isArray() && i < notes.getArrayNItems(); ++i) {
    const std::vector<QPDFObjectHandle> looks = LooksOf(notes.getArrayItem(i));
    if (!scales_->Look(1 + looks.size())) {
      return true;
    }
    for (QPDFObjectHandle look : looks) {
      if (look.isStream()) {
        Open(look, place, nullptr, &reading);
      }
    }
  }
  while (!reading.open.empty()) {
    const auto [form, at] = reading.open.back();
    reading.open.pop_back();
    carried.clear();
    reading.saves_font = false;
    if (!CountStream(form, at, &carried, &reading)) {
      return true;
    }
  }
  return reading.untold.Enough();
}

}  // namespace gatepost::decode
