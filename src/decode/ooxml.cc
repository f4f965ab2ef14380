// Word, PowerPoint and the rest of OOXML: which part is what, which order, which facts. What a part
// is, its root element says (a part may be renamed; its root may not).
// LIMITS: a broken part gives what stood before the break and, its tags stripped, what follows; raw
// XML is kept up to 1 MiB a part.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/elsewhere.h"
#include "src/decode/ooxml_text.h"
#include "src/decode/package.h"
#include "src/decode/sheet.h"
#include "src/decode/sniff.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

namespace {

class RelationSink : public XmlSink {
 public:
  explicit RelationSink(Gathered* gathered) : gathered_(gathered) {}
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "attachedTemplate") {  // of Word 2003, which has no relations
      Template(attributes.Get("val"));
    }
    if (name != "Relationship") {
      return;
    }
    const std::string_view type = attributes.Get("Type");
    const size_t slash = type.rfind('/');
    const std::string_view kind = slash == std::string_view::npos ? type : type.substr(slash + 1);
    if (!AsciiEqualsIgnoreCase(attributes.Get("TargetMode"), "External")) {
      if (kind == "attachedTemplate") {
        Template(attributes.Get("Target"));  // an address needs no word of that
      }
      return;
    }
    gathered_->object = gathered_->object || kind == "oleObject";
    // A link waits for a click and a linked picture is common; these are fetched by opening. Word
    // names the user's own template so, Excel the workbook beside this one: those are here.
    if (kind == "attachedTemplate") {
      Template(attributes.Get("Target"));
    } else if (kind != "hyperlink" && kind != "image" && kind != "video" && kind != "audio" &&
               kind != "media") {
      gathered_->external = gathered_->external || IsElsewhere(attributes.Get("Target"));
    }
  }
  void End(std::string_view /*name*/) override {}
  void Text(std::string_view /*utf8*/) override {}

 private:
  void Template(std::string_view target) {
    if (IsElsewhere(target)) {
      gathered_->remote_template = true;
      gathered_->external = true;
    }
  }

  Gathered* gathered_;
};

// Where a workbook's data comes from: a web query, a feed, a database on another computer.
class ConnectionSink : public XmlSink {
 public:
  void Start(std::string_view /*name*/, const XmlAttributes& attributes) override {
    for (const char* key : {"url", "sourceFile", "odcFile"}) {
      external = external || IsElsewhere(attributes.Get(key));
    }
    external = external || attributes.Get("connection").find("://") != std::string_view::npos;
  }
  void End(std::string_view /*name*/) override {}
  void Text(std::string_view /*utf8*/) override {}

  bool external = false;
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

// Excel writes the HTML of its boxes into VML and does not close a line break. "": nothing to do.
std::string WithBreaksClosed(Bytes vml) {
  constexpr Bytes kBreak = "<br>";
  std::string out;
  if (vml.find("</br>") != Bytes::npos) {
    return out;  // this writer does
  }
  size_t from = 0;
  for (size_t at = vml.find(kBreak); at != Bytes::npos; at = vml.find(kBreak, from)) {
    out.append(vml, from, at - from).append("<br/>");
    from = at + kBreak.size();
  }
  return out.append(vml, from, Bytes::npos);
}

struct Part {
  const PackagePart* part = nullptr;
  PartKind kind = PartKind::kEverything;
  std::string root;
};

PartKind KindOf(const PackagePart& part, const std::string& root) {
  if (Extension(part.name) == "vml") {
    return PartKind::kRuns;
  }
  return root.empty() ? PartKind::kEverything : KindOfRoot(root);
}

const char* ZoneOf(PartKind kind) {
  const bool properties = kind == PartKind::kProperties || kind == PartKind::kEverything;
  return properties ? "docprops" : kind == PartKind::kMargin ? "header-footer" : "attachment";
}

void ReadPart(size_t leaf, const Part& which, SheetReader* sheets, Gathered* gathered,
              Collector* out) {
  const PackagePart& part = *which.part;
  const PartKind kind = which.kind;
  const std::string closed =
      Extension(part.name) == "vml" ? WithBreaksClosed(part.bytes) : std::string();
  const Bytes xml = closed.empty() ? part.bytes : Bytes(closed);
  XmlOutcome outcome;
  std::string text;
  if (kind == PartKind::kRelations) {
    RelationSink sink(gathered);
    outcome = ParseXml(part.bytes, &sink);
    out->AddText(leaf, "rels", part.name, RawText(part.bytes));
  } else if (kind == PartKind::kSheet) {
    outcome = sheets->Read(part.name, part.bytes, &text);
  } else {
    OoxmlTextSink sink(kind, gathered);
    outcome = ParseXml(xml, &sink);
    text = sink.Take();
    if (sink.has_unseen()) {
      Gathered scratch = *gathered;  // everything but the lines was gathered already
      OoxmlTextSink seen(kind, &scratch, true);
      ParseXml(xml, &seen);
      out->AddShown(leaf, ZoneOf(kind), part.name, seen.Take(), text, scratch.marks);
    }
  }
  std::vector<FontRun> fonts = gathered->marks.Take(&text);
  if (!outcome.complete && kind != PartKind::kRelations) {
    text += StripTags(xml.substr(outcome.stopped_at));
  }
  Report(outcome, leaf, out);
  out->AddText(leaf, ZoneOf(kind), part.name, std::move(text), std::move(fonts));
  if (kind == PartKind::kEverything || part.name == "docProps/custom.xml") {
    out->AddText(leaf, "xml", part.name, RawText(part.bytes));
  }
  gathered->signature = gathered->signature || which.root == "Signature";
  if (which.root == "connections") {
    ConnectionSink sink;
    ParseXml(part.bytes, &sink);
    gathered->external = gathered->external || sink.external;
  }
}

// Styles and themes name the fonts that the text itself leaves out.
void ReadFonts(const std::vector<Part>& parts, OoxmlFonts* fonts) {
  for (const Part& part : parts) {
    if (part.root == "theme") {
      fonts->ReadTheme(part.part->bytes);
    }
  }
  for (const Part& part : parts) {
    if (part.root == "styles") {
      fonts->ReadStyles(part.part->bytes);
    } else if (part.root == "styleSheet") {
      fonts->ReadCellStyles(part.part->bytes);
    }
  }
}

// The parts of an xlsb in the order in which they explain each other.
std::vector<const PackagePart*> BinarySheets(const std::vector<PackagePart>& parts,
                                             OoxmlFonts* fonts) {
  std::vector<const PackagePart*> order;
  for (const PackagePart& part : parts) {
    if (Extension(part.name) == "bin" && AsciiStartsWithIgnoreCase(part.name, "xl/")) {
      order.push_back(&part);
      if (RankOfBinary(part.bytes) == 0) {
        fonts->ReadBinaryCellStyles(part.bytes);
      }
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const PackagePart* a, const PackagePart* b) {
    return RankOfBinary(a->bytes) < RankOfBinary(b->bytes);
  });
  return order;
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
  out->AddText(leaf, "rels", "fields", gathered.fields);
  const std::pair<bool, const char*> facts[] = {
      {gathered.external || gathered.dde, "document.external"},
      {gathered.dde, "document.dde"},
      {gathered.remote_template, "document.remote-template"},
      {gathered.hidden_text, "document.hidden-text"},
      {gathered.hidden_slide, "document.hidden-slide"},
      {gathered.signature, "document.signed"},
      {gathered.object, "document.ole-object"}};
  for (const auto& [is_true, name] : facts) {
    if (is_true) {
      out->SetFact(name);
    }
  }
}

}  // namespace

namespace {

// A part may be called anything: what it is, its root says.
bool IsOfficeXml(Bytes bytes) {
  const size_t begin = bytes.find_first_not_of(Bytes("\xef\xbb\xbf\xff\xfe\x00 \t\r\n", 10));
  if (begin == Bytes::npos || begin > 64 || bytes[begin] != '<') {
    return false;
  }
  const std::string root = XmlRoot(bytes);
  return root != "html" && KindOfRoot(root) != PartKind::kEverything;
}

}  // namespace

bool IsXmlPart(const PackagePart& part) {
  const std::string extension = Extension(part.name);
  if (extension != "xml" && extension != "rels" && extension != "vml" && extension != "rdf" &&
      extension != "fpage" && !IsOfficeXml(part.bytes)) {
    return false;
  }
  const Type type = SniffMagic(part.bytes);
  return type == Type::kBinary && (part.bytes.empty() || LooksLikeText(part.bytes, true));
}

void ReadOoxml(size_t leaf, const std::vector<PackagePart>& parts, Collector* out) {
  std::vector<Part> order;
  Gathered gathered;
  for (const PackagePart& part : parts) {
    const std::string name = AsciiLower(part.name);
    if (name.find("vbaproject") != std::string::npos ||
        name.find("macrosheets/") != std::string::npos) {
      out->SetFact("document.macros");
    }
    gathered.object = gathered.object || name.find("embeddings/oleobject") != std::string::npos;
    if (IsXmlPart(part)) {
      std::string root = XmlRoot(part.bytes);
      const PartKind kind = KindOf(part, root);
      order.push_back(Part{&part, kind, std::move(root)});
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Part& a, const Part& b) { return Earlier(a.part, b.part); });
  ReadFonts(order, &gathered.run_fonts);
  const std::vector<const PackagePart*> binaries = BinarySheets(parts, &gathered.run_fonts);
  SheetReader sheets(out->limits().text_bytes, &gathered.marks, &gathered.run_fonts);
  for (const Part& part : order) {
    ReadPart(leaf, part, &sheets, &gathered, out);
  }
  for (const PackagePart* part : binaries) {
    std::string text;
    sheets.ReadBinary(part->bytes, &text);
    std::vector<FontRun> runs = gathered.marks.Take(&text);
    out->AddText(leaf, "attachment", part->name, std::move(text), std::move(runs));
  }
  std::string margins = sheets.TakeMargins();
  std::vector<FontRun> fonts = gathered.marks.Take(&margins);
  out->AddText(leaf, "header-footer", "", std::move(margins), std::move(fonts));
  sheets.SetFacts(out);
  if (sheets.cut()) {
    out->AddUnscannable(Reason::kTooBig, out->leaf(leaf));
  }
  Finish(leaf, gathered, out);
}

namespace {

// Any other XML is read as the text that it is; beside that, what its elements hold.
void OtherXml(size_t leaf, Gathered* gathered, Collector* out) {
  OoxmlTextSink sink(PartKind::kEverything, gathered);
  if (!ParseXml(out->leaf(leaf).bytes, &sink).entities) {
    out->AddText(leaf, "attachment", "values", sink.Take());
    out->AddText(leaf, "docprops", "values", std::move(gathered->hidden));
  }
}

}  // namespace

void ReadFlatOfficeXml(size_t leaf, Collector* out) {
  const Bytes xml = out->leaf(leaf).bytes;
  const std::string root = XmlRoot(xml);
  if (root == "Workbook") {
    FontMarks marks;
    const OoxmlFonts fonts;
    SheetReader sheets(out->limits().text_bytes, &marks, &fonts);
    std::string text;
    Report(sheets.ReadFlat(xml, &text), leaf, out);
    std::vector<FontRun> runs = marks.Take(&text);
    out->AddText(leaf, "attachment", "", std::move(text), std::move(runs));
    text = sheets.TakeMargins();
    runs = marks.Take(&text);
    out->AddText(leaf, "header-footer", "", std::move(text), std::move(runs));
    sheets.SetFacts(out);
    return;
  }
  if (root == "document" &&
      xml.substr(0, 4096).find("oasis:names:tc:opendocument") != Bytes::npos) {
    ReadOdf(leaf, {PackagePart{"content.xml", xml}}, out);
    return;
  }
  Gathered gathered;
  if (root != "wordDocument" && root != "package") {
    OtherXml(leaf, &gathered, out);
    return;
  }
  OoxmlTextSink sink(PartKind::kRuns, &gathered);
  const XmlOutcome outcome = ParseXml(xml, &sink);
  std::string text = sink.Take();
  std::vector<FontRun> fonts = gathered.marks.Take(&text);
  if (!outcome.complete) {
    text += StripTags(xml.substr(outcome.stopped_at));
  }
  RelationSink relations(&gathered);
  ParseXml(xml, &relations);
  Report(outcome, leaf, out);
  out->AddText(leaf, "attachment", "", std::move(text), std::move(fonts));
  if (xml.find("binData") != Bytes::npos && xml.find("editdata.mso") != Bytes::npos) {
    out->SetFact("document.macros");
  }
  Finish(leaf, gathered, out);
}

}  // namespace gatepost::decode
