// Word, PowerPoint and the rest of OOXML. What a part is, its root element says (a part may be
// renamed; its root may not).
// LIMITS: a broken part gives what stood before the break and, its tags stripped, what follows.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/flow.h"
#include "src/decode/package.h"
#include "src/decode/sheet.h"
#include "src/decode/sniff.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

namespace {

bool IsAnyOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// How the text of a part is taken, by its root element.
enum class Kind {
  kRuns,        // text stands in t, delText, text
  kMargin,      // the same, in the zone header-footer
  kProperties,  // each element's text is a property
  kStyles,      // no text; fonts and the odd string
  kSheet,
  kRelations,
  kEverything,  // unknown XML: raw, and all text as properties
};

Kind KindOfRoot(std::string_view root) {
  if (IsAnyOf(root, {"document",
                     "footnotes",
                     "endnotes",
                     "comments",
                     "glossaryDocument",
                     "wordDocument",
                     "package",
                     "sld",
                     "notes",
                     "cmLst",
                     "dataModel",
                     "drawing",
                     "presentation",
                     "chartSpace",
                     "chart",
                     "wsDr",
                     "userShapes",
                     "ThreadedComments",
                     "html",
                     "FixedPage"})) {
    return Kind::kRuns;
  }
  if (IsAnyOf(root, {"hdr", "ftr", "sldMaster", "sldLayout", "notesMaster", "handoutMaster"})) {
    return Kind::kMargin;
  }
  if (IsAnyOf(root, {"coreProperties", "Properties"})) {
    return Kind::kProperties;
  }
  if (IsAnyOf(root, {"styles", "settings", "theme", "fonts", "numbering", "webSettings", "Types",
                     "presentationPr", "viewPr", "tblStyleLst", "styleSheet", "calcChain"})) {
    return Kind::kStyles;
  }
  if (IsAnyOf(root, {"sst", "worksheet", "chartsheet", "dialogsheet", "macrosheet", "workbook"})) {
    return Kind::kSheet;
  }
  return root == "Relationships" ? Kind::kRelations : Kind::kEverything;
}

// What one document gathers over all its parts.
struct Gathered {
  std::set<std::string> fonts;
  std::string watermarks;
  std::string hidden;  // strings that no reader shows as text: alternative text, variables, fields
  bool external = false;
};

// Elements that mean something here, by local name whatever the namespace.
enum class Tag : uint8_t {
  kOther,
  kText,      // its characters are text
  kTextLine,  // the same, and a line ends with it
  kValue,     // a chart's value
  kParagraph,
  kTabStops,  // w:tabs: the w:tab inside are settings
  kTab,
  kBreak,
  kHyphen,
  kRow,
  kCell,
  kBox,
  kChart,
  kField,
  kProperty,
  kAttributes,  // what counts are its attributes
};

Tag TagOf(std::string_view name) {
  static const std::unordered_map<std::string_view, Tag> kTags = {{"t", Tag::kText},
                                                                  {"delText", Tag::kText},
                                                                  {"text", Tag::kTextLine},
                                                                  {"v", Tag::kValue},
                                                                  {"p", Tag::kParagraph},
                                                                  {"comment", Tag::kParagraph},
                                                                  {"cm", Tag::kParagraph},
                                                                  {"tabs", Tag::kTabStops},
                                                                  {"tab", Tag::kTab},
                                                                  {"ptab", Tag::kTab},
                                                                  {"br", Tag::kBreak},
                                                                  {"cr", Tag::kBreak},
                                                                  {"noBreakHyphen", Tag::kHyphen},
                                                                  {"tr", Tag::kRow},
                                                                  {"tc", Tag::kCell},
                                                                  {"txbxContent", Tag::kBox},
                                                                  {"txbx", Tag::kBox},
                                                                  {"textbox", Tag::kBox},
                                                                  {"chartSpace", Tag::kChart},
                                                                  {"instrText", Tag::kField},
                                                                  {"property", Tag::kProperty},
                                                                  {"rFonts", Tag::kAttributes},
                                                                  {"latin", Tag::kAttributes},
                                                                  {"ea", Tag::kAttributes},
                                                                  {"cs", Tag::kAttributes},
                                                                  {"sym", Tag::kAttributes},
                                                                  {"font", Tag::kAttributes},
                                                                  {"name", Tag::kAttributes},
                                                                  {"rFont", Tag::kAttributes},
                                                                  {"textpath", Tag::kAttributes},
                                                                  {"docPr", Tag::kAttributes},
                                                                  {"cNvPr", Tag::kAttributes},
                                                                  {"docVar", Tag::kAttributes},
                                                                  {"lvlText", Tag::kAttributes},
                                                                  {"fldSimple", Tag::kAttributes},
                                                                  {"Glyphs", Tag::kAttributes}};
  const auto found = kTags.find(name);
  return found == kTags.end() ? Tag::kOther : found->second;
}

class RunSink : public XmlSink {
 public:
  RunSink(Kind kind, Gathered* gathered)
      : properties_(kind == Kind::kProperties || kind == Kind::kEverything), gathered_(gathered) {}

  void Start(std::string_view name, const XmlAttributes& attributes) override {
    switch (TagOf(name)) {
      case Tag::kText:
      case Tag::kTextLine:
        ++in_text_;
        break;
      case Tag::kValue:
        in_text_ += chart_ ? 1 : 0;
        break;
      case Tag::kTabStops:
        in_tab_stops_ = true;
        break;
      case Tag::kTab:
        if (!in_tab_stops_) {
          flow_.Text("\t");
        }
        break;
      case Tag::kBreak:
        flow_.LineBreak();
        break;
      case Tag::kHyphen:
        flow_.Text("-");
        break;
      case Tag::kRow:
        flow_.BeginRow();
        break;
      case Tag::kCell:
        flow_.BeginCell();
        break;
      case Tag::kBox:
        flow_.BeginBox();
        break;
      case Tag::kChart:
        chart_ = true;
        break;
      case Tag::kField:
        in_field_ = true;
        break;
      case Tag::kProperty:
        property_ = std::string(attributes.Get("name"));
        break;
      case Tag::kAttributes:
        Attributes(name, attributes);
        break;
      case Tag::kParagraph:
      case Tag::kOther:
        break;
    }
    if (properties_) {
      property_text_.clear();
    }
  }

  void End(std::string_view name) override {
    switch (TagOf(name)) {
      case Tag::kText:
        in_text_ -= in_text_ > 0 ? 1 : 0;
        break;
      case Tag::kTextLine:
        in_text_ -= in_text_ > 0 ? 1 : 0;
        flow_.EndParagraph();
        break;
      case Tag::kValue:
        in_text_ -= chart_ && in_text_ > 0 ? 1 : 0;
        flow_.EndParagraph();
        break;
      case Tag::kTabStops:
        in_tab_stops_ = false;
        break;
      case Tag::kParagraph:
        flow_.EndParagraph();
        break;
      case Tag::kRow:
        flow_.EndRow();
        break;
      case Tag::kCell:
        flow_.EndCell();
        break;
      case Tag::kBox:
        flow_.EndBox();
        break;
      case Tag::kField:
        in_field_ = false;
        gathered_->hidden.push_back('\n');
        break;
      default:
        break;
    }
    if (properties_) {
      EndProperty(name);
    }
  }

  void Text(std::string_view utf8) override {
    if (in_field_) {
      gathered_->hidden.append(utf8);
    } else if (properties_) {
      property_text_.append(utf8);
    } else if (in_text_ > 0) {
      flow_.Text(utf8);
    }
  }

  std::string Take() { return flow_.Take(); }

 private:
  void Attributes(std::string_view name, const XmlAttributes& attributes) {
    if (name == "rFonts") {
      for (const char* key : {"ascii", "hAnsi", "cs", "eastAsia"}) {
        Font(attributes.Get(key));
      }
    } else if (IsAnyOf(name, {"latin", "ea", "cs", "sym"}) && !attributes.Get("typeface").empty()) {
      Font(attributes.Get("typeface"));
    } else if (name == "sym") {
      Font(attributes.Get("font"));
      Symbol(attributes.Get("char"));
    } else if (name == "font") {
      Font(attributes.Get("name"));
    } else if (IsAnyOf(name, {"name", "rFont"})) {
      Font(attributes.Get("val"));
    } else if (name == "fldSimple") {
      gathered_->hidden += std::string(attributes.Get("instr")) + "\n";
    } else if (name == "Glyphs") {  // XPS
      flow_.Text(attributes.Get("UnicodeString"));
      flow_.EndParagraph();
    } else if (name == "textpath") {
      gathered_->watermarks += std::string(attributes.Get("string")) + "\n";
    } else if (IsAnyOf(name, {"docPr", "cNvPr", "docVar", "lvlText"})) {
      for (const char* key : {"descr", "val"}) {
        const std::string_view value = attributes.Get(key);
        if (value.size() > 4) {
          gathered_->hidden += std::string(value) + "\n";
        }
      }
    }
  }

  void Font(std::string_view font) {
    constexpr size_t kMostFonts = 1000;
    if (!font.empty() && font.size() < 200 && font[0] != '+' &&
        gathered_->fonts.size() < kMostFonts) {
      gathered_->fonts.insert(std::string(font));
    }
  }

  // w:sym char="F041" is a glyph of a symbol font; the low byte is what was typed.
  void Symbol(std::string_view hex) {
    char32_t code = 0;
    for (const char c : hex.substr(0, 6)) {
      const char low = AsciiLower(c);
      const int digit = low >= '0' && low <= '9'   ? low - '0'
                        : low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                   : -1;
      if (digit < 0) {
        return;
      }
      code = code * 16 + static_cast<char32_t>(digit);
    }
    if (code >= 0xf020 && code <= 0xf0ff) {
      code -= 0xf000;
    }
    if (code >= 0x20) {
      std::string utf8;
      AppendUtf8(code, &utf8);
      flow_.Text(utf8);
    }
  }

  void EndProperty(std::string_view name) {
    const Bytes value = AsciiTrim(property_text_);
    if (!value.empty()) {
      flow_.Text(value);
      flow_.EndParagraph();
      if (!property_.empty()) {
        flow_.Text(property_);
        flow_.Text(": ");
        flow_.Text(value);
        flow_.EndParagraph();
      }
    }
    property_text_.clear();
    if (name == "property") {
      property_.clear();
    }
  }

  bool properties_;
  Gathered* gathered_;
  Flow flow_;
  bool in_tab_stops_ = false;
  int in_text_ = 0;
  bool in_field_ = false;
  bool chart_ = false;
  std::string property_;
  std::string property_text_;
};

class RelationSink : public XmlSink {
 public:
  explicit RelationSink(Gathered* gathered) : gathered_(gathered) {}
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship" ||
        !AsciiEqualsIgnoreCase(attributes.Get("TargetMode"), "External")) {
      return;
    }
    const std::string_view type = attributes.Get("Type");
    const size_t slash = type.rfind('/');
    const std::string_view kind = slash == std::string_view::npos ? type : type.substr(slash + 1);
    // A link waits for a click and a linked picture is common; these are fetched by opening.
    if (kind != "hyperlink" && kind != "image" && kind != "video" && kind != "audio" &&
        kind != "media") {
      gathered_->external = true;
    }
  }
  void End(std::string_view /*name*/) override {}
  void Text(std::string_view /*utf8*/) override {}

 private:
  Gathered* gathered_;
};

// XML as well-formed UTF-8 for rules that look at the source.
std::string RawText(Bytes xml) {
  constexpr size_t kMostRaw = 1U << 20;
  return ToValidUtf8(xml.substr(0, kMostRaw));
}

void Report(const XmlOutcome& outcome, size_t leaf, Collector* out) {
  if (outcome.entities) {
    out->AddDefect(mail::DefectId::kXmlEntities, out->leaf(leaf).part);
  } else if (!outcome.complete) {
    out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
  }
}

void ReadPart(size_t leaf, const PackagePart& part, SheetReader* sheets, Gathered* gathered,
              Collector* out) {
  const std::string root = XmlRoot(part.bytes);
  Kind kind = root.empty() ? Kind::kEverything : KindOfRoot(root);
  const std::string extension = Extension(part.name);
  if (extension == "vml") {
    kind = Kind::kRuns;
  }
  XmlOutcome outcome;
  std::string text;
  if (kind == Kind::kRelations) {
    RelationSink sink(gathered);
    outcome = ParseXml(part.bytes, &sink);
    out->AddText(leaf, "rels", part.name, RawText(part.bytes));
  } else if (kind == Kind::kSheet) {
    outcome = sheets->Read(part.name, part.bytes, &text);
  } else {
    RunSink sink(kind, gathered);
    outcome = ParseXml(part.bytes, &sink);
    text = sink.Take();
  }
  if (!outcome.complete && kind != Kind::kRelations) {
    text += StripTags(part.bytes.substr(outcome.stopped_at));
  }
  Report(outcome, leaf, out);
  const bool properties = kind == Kind::kProperties || kind == Kind::kEverything;
  out->AddText(leaf,
               properties              ? "docprops"
               : kind == Kind::kMargin ? "header-footer"
                                       : "attachment",
               part.name, std::move(text));
  if (kind == Kind::kEverything || part.name == "docProps/custom.xml") {
    out->AddText(leaf, "xml", part.name, RawText(part.bytes));
  }
}

// Reading order: the body before its notes, slides by number.
bool Earlier(const PackagePart* a, const PackagePart* b) {
  const auto rank = [](const std::string& name) {
    return name.find("sharedStrings") != std::string::npos  ? 0
           : name.find("workbook.xml") != std::string::npos ? 1
           : name.find("document.xml") != std::string::npos ? 2
                                                            : 3;
  };
  if (rank(a->name) != rank(b->name)) {
    return rank(a->name) < rank(b->name);
  }
  // slide2 before slide10: a longer name of the same folder comes later.
  const size_t folder_a = a->name.rfind('/');
  const size_t folder_b = b->name.rfind('/');
  if (folder_a == folder_b && a->name.compare(0, folder_a, b->name, 0, folder_b) == 0 &&
      a->name.size() != b->name.size()) {
    return a->name.size() < b->name.size();
  }
  return a->name < b->name;
}

void Finish(size_t leaf, const Gathered& gathered, Collector* out) {
  std::string fonts;
  for (const std::string& font : gathered.fonts) {
    fonts += font + "\n";
  }
  out->AddText(leaf, "header-footer", "", gathered.watermarks);
  out->AddText(leaf, "fonts", "", std::move(fonts));
  out->AddText(leaf, "docprops", "", gathered.hidden);
  if (gathered.external || gathered.hidden.find("DDE") != std::string::npos) {
    out->SetFact("document.external");
  }
}

}  // namespace

bool IsXmlPart(const PackagePart& part) {
  const std::string extension = Extension(part.name);
  if (extension != "xml" && extension != "rels" && extension != "vml" && extension != "rdf" &&
      extension != "fpage") {
    return false;
  }
  const Type type = SniffMagic(part.bytes);
  return type == Type::kBinary && (part.bytes.empty() || LooksLikeText(part.bytes, true));
}

void ReadOoxml(size_t leaf, const std::vector<PackagePart>& parts, Collector* out) {
  std::vector<const PackagePart*> order;
  for (const PackagePart& part : parts) {
    const std::string name = AsciiLower(part.name);
    if (name.find("vbaproject") != std::string::npos ||
        name.find("macrosheets/") != std::string::npos) {
      out->SetFact("document.macros");
    }
    if (IsXmlPart(part)) {
      order.push_back(&part);
    }
  }
  std::stable_sort(order.begin(), order.end(), Earlier);
  Gathered gathered;
  SheetReader sheets(out->limits().text_bytes);
  for (const PackagePart* part : order) {
    ReadPart(leaf, *part, &sheets, &gathered, out);
  }
  for (const PackagePart& part : parts) {
    if (Extension(part.name) == "bin" && AsciiStartsWithIgnoreCase(part.name, "xl/")) {
      std::string text;
      sheets.ReadBinary(part.bytes, &text);
      out->AddText(leaf, "attachment", part.name, std::move(text));
    }
  }
  out->AddText(leaf, "header-footer", "", sheets.TakeMargins());
  if (sheets.cut()) {
    out->AddUnscannable(Reason::kTooBig, out->leaf(leaf));
  }
  Finish(leaf, gathered, out);
}

void ReadFlatOfficeXml(size_t leaf, Collector* out) {
  const Bytes xml = out->leaf(leaf).bytes;
  const std::string root = XmlRoot(xml);
  if (root == "Workbook") {
    SheetReader sheets(out->limits().text_bytes);
    std::string text;
    Report(sheets.ReadFlat(xml, &text), leaf, out);
    out->AddText(leaf, "attachment", "", std::move(text));
    return;
  }
  if (root != "wordDocument" && root != "package") {
    return;  // any other XML is read as the text that it is
  }
  Gathered gathered;
  RunSink sink(Kind::kRuns, &gathered);
  const XmlOutcome outcome = ParseXml(xml, &sink);
  std::string text = sink.Take();
  if (!outcome.complete) {
    text += StripTags(xml.substr(outcome.stopped_at));
  }
  Report(outcome, leaf, out);
  out->AddText(leaf, "attachment", "", std::move(text));
  if (xml.find("binData") != Bytes::npos && xml.find("editdata.mso") != Bytes::npos) {
    out->SetFact("document.macros");
  }
  Finish(leaf, gathered, out);
}

}  // namespace gatepost::decode
