// What a tag, its attributes and its styles say of a box.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <functional>
#include <optional>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/html_attributes.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostLinks = 2'000;
constexpr uint64_t kOfBox = 1;  // a doubt that the element itself raises
constexpr uint64_t kOfSize = 2;
constexpr uint64_t kOfOutline = 3;
constexpr float kTinyPixels = 3;  // an eye may pass over it
constexpr size_t kWord = 1;       // Outlook, in kOtherViewers

void SplitClasses(std::string_view names, std::vector<std::string>* out) {
  size_t at = 0;
  while (at < names.size() && out->size() < 30) {
    const size_t end = std::min(names.find_first_of(" \t\r\n\f", at), names.size());
    if (end > at) {
      out->emplace_back(names.substr(at, end - at));
    }
    at = end + 1;
  }
}

// onload, onbegin, onwebkitanimationend: all that HTML and SVG know are letters only, none is
// shorter than onend; "only_selected" of a drawing program is none.
bool IsHandlerName(std::string_view name) {
  return name.size() > 4 && name.substr(0, 2) == "on" &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// Attributes of SVG that are properties of CSS.
bool IsPresentation(std::string_view name) {
  for (const std::string_view one : {"fill", "fill-opacity", "opacity", "display", "visibility",
                                     "font-size", "transform", "filter", "clip-path", "mask"}) {
    if (name == one) {
      return true;
    }
  }
  return false;
}

}  // namespace

// What browsers' own styles say.
void HtmlReader::ApplyTag(const Token& token, Box* box) const {
  const std::string_view name = token.name;
  Look& outlook = box->others[kWord];
  box->pre = box->pre || (token.tag & TagKind::kPre) != 0;
  box->foreign = token.foreign;
  if (token.foreign) {
    box->foreign_depth = tokens_.foreign().depth();
    box->html_point = !tokens_.foreign().inside() && !token.closes_itself;
    if (!token.closes_itself && (box->html_point || name == "svg" || name == "math")) {
      --box->foreign_depth;
    }
    if (name == "style" || name == "script" || name == "title") {
      box->SetNone(true);
      box->words = name == "title" ? Box::Words::kAside : Box::Words::kNone;
    }
    return;
  }
  if (name == "template") {
    // Whatever a style says. Word does not know it.
    const bool around = outlook.hidden;
    box->hidden = true;
    for (Look& look : box->others) {
      look.hidden = true;
    }
    outlook.hidden = around;
  } else if ((token.tag & TagKind::kHides) != 0 || name == "dialog") {
    box->SetNone(true);  // a dialog until the attribute "open" says otherwise
    outlook.none = name == "head";
    box->block = box->block && name != "dialog";
  } else if (name == "xml") {
    outlook.none = true;  // data of Word's
  } else if (name == "mark") {
    for (Look* look : {static_cast<Look*>(box), &box->others[0], &box->others[2]}) {
      look->color = 0;
      look->background = 0xFFFF00;
    }
  }
}

void HtmlReader::ReadAttributes(const Token& token, Box* box) {
  const Attribute* style = nullptr;
  const std::string_view name = token.name;
  bool links = false;
  std::string presentation;  // of SVG
  for (size_t i = 0; i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    const Meaning meaning = MeaningOf(attribute.name);
    if (sheet_.asks_attributes()) {
      box->node.attributes.emplace_back(attribute.name, AsciiLower(attribute.value));
    }
    if (meaning == Meaning::kNone) {
      if (token.foreign && IsPresentation(attribute.name) && presentation.size() < 2'000) {
        presentation += attribute.name + ":" + attribute.value.substr(0, 200) + ";";
      }
      ReadUnknownAttribute(token, attribute, box);
      continue;
    }
    links = links || meaning >= Meaning::kUrl || meaning == Meaning::kBackground;
    if (attribute.repeated) {
      continue;
    }
    switch (meaning) {
      case Meaning::kHidden: {
        const bool outlook = box->others[kWord].none;  // which does not know it
        box->SetNone(true);
        box->others[kWord].none = outlook;
        box->block = false;
        break;
      }
      case Meaning::kStyle:
        style = &attribute;
        break;
      case Meaning::kClass:
        SplitClasses(attribute.value, &box->node.classes);
        break;
      case Meaning::kId:
        box->node.id = attribute.value.substr(0, 200);
        break;
      case Meaning::kBgcolor:
        ApplyBackground(ReadColor(attribute.value), box);
        break;
      case Meaning::kBackground:
        box->background = kOddColor;
        for (Look& look : box->others) {
          look.background = kOddColor;
        }
        break;
      case Meaning::kFace:
        AddFont(attribute.value);
        box->font = FontNumber(attribute.value);
        break;
      case Meaning::kSize:
        if (name == "font" && attribute.value == "1") {
          box->font_pixels = 10;
          for (Look& look : box->others) {
            look.font_pixels = 10;
          }
        }
        break;
      case Meaning::kDir:
        box->right_to_left = AsciiEqualsIgnoreCase(attribute.value, "rtl");
        box->reversed = name == "bdo" && box->right_to_left;
        break;
      case Meaning::kUrl:
        if (name == "a" && attribute.name == "href") {
          // A link has a colour of its own.
          box->others[0].color = kOddColor;
          box->others[kWord].color = kOddColor;
        }
        break;
      default:
        break;
    }
  }
  // Text colours come after backgrounds, whatever their order in the tag.
  const bool of_font = name == "font" || name == "basefont";
  const bool of_body = name == "body";
  for (size_t i = 0; (of_font || of_body) && i < token.attributes; ++i) {
    const Attribute& attribute = tokens_.attribute(i);
    if (attribute.name == (of_font ? "color" : "text")) {
      ApplyColor(ReadColor(attribute.value), box);
    }
  }
  ApplyStyle(style, presentation, box);
  if (of_body && stack_.size() <= 1) {
    root_.background = box->background;
    for (size_t i = 0; i < box->others.size(); ++i) {
      root_.others[i].background = box->others[i].background;
    }
  }
  if (links) {
    ReadLinkAttributes(token, token.name, box->Shows());
  }
  if (name == "a") {
    for (size_t i = 0; i < token.attributes && links_.size() < kMostLinks; ++i) {
      if (tokens_.attribute(i).name == "href" && !tokens_.attribute(i).repeated) {
        box->link = links_.size();
        links_.push_back({ToValidUtf8(tokens_.attribute(i).value.substr(0, kLongestUrl)), ""});
        link_begins_.push_back(visible_.text.size());
      }
    }
  }
}

// Attributes that mean something on some elements only.
void HtmlReader::ReadUnknownAttribute(const Token& token, const Attribute& attribute, Box* box) {
  const std::string_view name = token.name;
  const std::string_view attribute_name = attribute.name;
  if (IsHandlerName(attribute.name)) {
    Count("html.event-handler");
    ReadScript(attribute.value, &scripts_);
  } else if (AsciiStartsWithIgnoreCase(AsciiTrim(attribute.value), "javascript:")) {
    Count("html.script-url");  // <set to=...>, <animate values=...>
  } else if (attribute.name == "open" && name == "dialog") {
    box->SetNone(false);
    box->block = true;
  } else if (attribute.name.compare(0, 10, "shadowroot") == 0 && name == "template") {
    // It shows, and what its parent holds beside it may not.
    box->maybe_shown = stack_.empty() || stack_.back().Shows();
    if (!stack_.empty() && !stack_.back().doubtful) {
      stack_.back().doubtful = true;
      stack_.back().cause += kOfBox;
    }
  } else if (attribute.name == "popover" || (attribute.name == "align" && name == "table" &&
                                             !AsciiEqualsIgnoreCase(attribute.value, "center"))) {
    box->doubtful = true;
    box->cause += kOfBox;
  } else if ((name == "text" || name == "tspan") &&
             (attribute.name == "x" || attribute.name == "y")) {
    box->placed = true;  // of SVG
    box->order += int64_t{std::atoi(attribute.value.substr(0, 8).c_str())} *
                  (attribute.name == "x" ? 1 : 12'500);
  } else if (attribute.name == "content" && name == "meta") {
    ReadMeta(token);
  } else if (token.foreign && (attribute.name == "to" || attribute.name == "from" ||
                               attribute.name == "values" || attribute.name == "by")) {
    ReadAnimated(attribute);
  } else if (attribute.name == "string" && name.size() >= 8 &&
             name.compare(name.size() - 8, 8, "textpath") == 0) {
    // WordArt of VML: a line of its own.
    NoteBreak();
    hidden_.BlockEnd(attribute.at);
    PutSeen(attribute.value, attribute.at, BitOf(Viewer::kOutlook));
    hidden_.BlockEnd(attribute.at);
    NoteBreak();
  }
}

// <set to=...>, <animate values=...> of SVG: where a link may lead in the end.
void HtmlReader::ReadAnimated(const Attribute& attribute) {
  const std::string_view all(attribute.value);
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find(';', at), all.size());
    const std::string_view one = AsciiTrim(all.substr(at, end - at));
    if (one.find("//") != std::string_view::npos || AsciiStartsWithIgnoreCase(one, "mailto:")) {
      AddUrl(one, attribute.at, false);
    }
    at = end + 1;
  }
}

void HtmlReader::ApplyStyle(const Attribute* style, const std::string& presentation, Box* box) {
  Declarations own;
  Declarations presented;
  Cascade plain;  // without style sheets
  StyleSheet::Met met;
  bool computed = false;  // a value that nobody can tell, which may undo what hides as well
  const auto add = [&](const Declaration& one, uint32_t specificity) {
    if (!one.doubt) {
      met.now.Add(&one, specificity, 0);
      plain.Add(&one, specificity, 0);
    }
    met.other.Add(&one, specificity, 0);
    if (one.doubt) {
      met.doubt = true;
      computed = computed || one.property == Property::kInDoubt;
      met.cause += std::hash<std::string_view>()(style == nullptr ? presentation : style->value);
    }
  };
  if (!presentation.empty()) {
    presented = ReadDeclarations(presentation);
    for (const Declaration& one : presented.list) {
      add(one, 0);
    }
  }
  if (!sheet_.empty()) {
    sheet_.Match(box->node, ancestors_, Pseudo::kNone, &met);
  }
  if (style != nullptr && !style->value.empty()) {
    own = ReadDeclarations(style->value);
    for (const Declaration& one : own.list) {
      add(one, Cascade::kInline);
    }
    for (const std::string& words : own.words) {
      AddWords(words);
    }
    for (const std::string& font : own.fonts) {
      AddFont(font);
    }
    for (const std::string& url : own.urls) {
      AddUrl(url, style->at, false);
    }
  }
  std::optional<Box> other;
  if (met.doubt) {
    other = *box;
    Apply(met.other, &*other);
  }
  if (!met.now.empty()) {
    Apply(met.now, box);
    ApplyForOthers(met.now, plain, box);
    if (const Declaration* family = met.now.Get(Property::kFontFamily)) {
      box->font = FontNumber(family->text);
    }
    for (const Cascade* cascade : {&met.now, &met.other}) {
      const Declaration* display = cascade->Get(Property::kDisplay);
      box->displayed = box->displayed || (display != nullptr &&
                                          static_cast<Display>(display->word) != Display::kNone);
    }
    // What holds at first may not be what is shown in the end.
    if (met.now.Is(Property::kAnimation) && sheet_.has_keyframes()) {
      const bool shows = box->Shows();
      box->doubtful = box->doubtful || shows;
      box->maybe_shown = box->maybe_shown || (!shows && (stack_.empty() || stack_.back().Shows()));
      box->cause += kOfBox;
    }
  }
  if (!met.doubt) {
    return;
  }
  box->cause = met.cause;
  if (box->Shows()) {
    box->doubtful = box->doubtful || !other->Shows() || (other->out_of_flow && !box->out_of_flow);
    box->loose = box->loose || (box->block && !other->block && other->Shows());
  } else if (other->Shows() || (computed && !box->hidden)) {
    box->maybe_shown = true;
  }
}

// Shown, but some reader may not see it.
void HtmlReader::NoteDoubts(const Token& token, const Box& parent, Box* box) const {
  const bool was_shown = parent.Shows();
  const auto doubt = [&](uint64_t cause) {
    box->doubtful = true;
    box->cause += cause;
  };
  if (!box->Shows()) {
    if (was_shown) {
      box->block = box->block && !box->out_of_flow;
      box->maybe_shown = box->maybe_shown || box->loose;
    }
    return;
  }
  if (was_shown && (box->out_of_flow || (token.tag & TagKind::kDoubt) != 0)) {
    doubt(kOfBox);
  }
  if (box->font_pixels <= kTinyPixels && parent.font_pixels > kTinyPixels) {
    doubt(kOfSize);
  }
  const bool outlined = box->shadowed && LookAlike(box->color, box->background);
  if ((outlined && (!parent.shadowed || !LookAlike(parent.color, parent.background))) ||
      (token.name == "mark" && !was_shown)) {
    doubt(kOfOutline);
  }
  if (box->outlook_hides && !parent.outlook_hides) {
    doubt(kOfBox);
  }
}

}  // namespace gatepost::text
