// OpenDocument (ISO 26300): content.xml, styles.xml, meta.xml, and objects inside the package.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/elsewhere.h"
#include "src/decode/flow.h"
#include "src/decode/formula.h"
#include "src/decode/odf_fonts.h"
#include "src/decode/package.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

namespace {

bool IsFooterDeclaration(std::string_view name) {
  return name == "header-decl" || name == "footer-decl" || name == "date-time-decl";
}

bool IsNumberFormat(std::string_view name) {
  return name == "number-style" || name == "currency-style" || name == "percentage-style" ||
         name == "date-style" || name == "time-style" || name == "boolean-style" ||
         name == "text-style";
}

class OdfSink : public XmlSink {
 public:
  // shown_only: without runs that a style hides.
  OdfSink(bool properties, bool shown_only, const OdfStyles* shared, FontMarks* marks)
      : properties_(properties), shown_only_(shown_only), styles_(shared), runs_(&styles_, marks) {}

  void Start(std::string_view name, const XmlAttributes& attributes) override {
    styles_.Start(name, attributes);
    runs_.Start(name, attributes);
    if (IsParagraph(name)) {
      ++paragraphs_;
    } else if (name == "meta" && !properties_) {
      ++meta_;  // a flat document has its properties in the same file
    } else if (name == "Signature") {
      signed_ = true;
    } else if (name == "tab") {
      flow().Text("\t");
    } else if (name == "line-break") {
      flow().LineBreak();
    } else if (name == "s") {
      flow().Text(" ");
    } else if (name == "table-row") {
      flow().BeginRow();
    } else if (name == "table-cell" || name == "covered-table-cell") {
      flow().BeginCell();
    } else if (IsFooterDeclaration(name)) {
      ++paragraphs_;  // what slides say below, once for all
    } else if (name == "annotation" || name == "text-box" || name == "note-body" ||
               name == "ruby-text" || IsOdfShape(name)) {
      flow().BeginBox();
    } else if (name == "header" || name == "footer" || name == "header-left" ||
               name == "footer-left" || name == "header-first" || name == "footer-first") {
      ++margins_;
    } else if (name == "font-face") {
      AddFont(attributes.Get("font-family"));
      AddFont(attributes.Get("name"));
    } else if (name == "table") {
      flow().SetFont(runs_.font());  // none of the cell before
      flow().Text(attributes.Get("name"));
      flow().EndParagraph();
    } else if (name == "user-defined") {
      property_ = std::string(attributes.Get("name"));
    } else if (name == "encryption-data") {
      encrypted_ = true;
    }
    const std::string_view link = attributes.Get("href");
    if (name != "a" && name != "image" && link.size() > 4 && IsElsewhere(link) &&
        !AsciiStartsWithIgnoreCase(link, "vnd.") && !AsciiStartsWithIgnoreCase(link, "mailto:")) {
      external_ = true;
    }
    if (name == "dde-source" || name == "event-listener") {
      active_ = true;
    }
    dde_ = dde_ || name == "dde-source" || name == "dde-connection-decl" ||
           AsciiLower(attributes.Get("formula").substr(0, 200)).find("dde(") != std::string::npos;
    hidden_ = hidden_ || name == "hidden-text" || name == "hidden-paragraph" ||
              attributes.Get("display") == "none";
    Attributes(name, attributes);
  }

  void End(std::string_view name) override {
    styles_.End(name);
    runs_.End(name);
    if (in_format_ && (name == "text" || IsNumberFormat(name))) {
      Field(AsciiTrim(format_), 4);
      format_.clear();
      in_format_ = name == "text";
    }
    if (IsParagraph(name)) {
      paragraphs_ -= paragraphs_ > 0 ? 1 : 0;
      flow().EndParagraph();
    } else if (name == "meta" && meta_ > 0) {
      --meta_;
    } else if (name == "table-row") {
      flow().EndRow();
    } else if (name == "table-cell" || name == "covered-table-cell") {
      flow().EndCell();
    } else if (name == "annotation" || name == "text-box" || name == "note-body" ||
               name == "ruby-text") {
      flow().EndBox();
    } else if (name == "header" || name == "footer" || name == "header-left" ||
               name == "footer-left" || name == "header-first" || name == "footer-first") {
      flow().EndParagraph();
      margins_ -= margins_ > 0 ? 1 : 0;
    } else if (!properties_ && meta_ == 0 &&
               (name == "creator" || name == "date" || name == "date-string")) {
      flow().EndParagraph();  // of a comment
    } else if (IsFooterDeclaration(name)) {
      paragraphs_ -= paragraphs_ > 0 ? 1 : 0;
      flow().EndParagraph();
    } else if (IsOdfShape(name)) {
      flow().EndBox();
    } else if (properties_ || meta_ > 0) {
      if (!property_.empty() && name == "user-defined") {
        flow().EndParagraph();
        flow().Text(std::exchange(property_, {}) + ": " + value_);
      }
      flow().EndParagraph();
      value_.clear();
    }
  }

  void Text(std::string_view utf8) override {
    if (properties_ || meta_ > 0) {
      flow().Text(utf8);
    } else if (paragraphs_ > 0 && !(shown_only_ && runs_.hidden())) {
      hides_runs_ = hides_runs_ || runs_.hidden();
      flow().SetFont(runs_.font());
      flow().Text(utf8);
    }
    if (!property_.empty()) {
      value_.append(utf8);
    }
    if (in_format_) {
      format_.append(utf8);
    }
  }

  std::string TakeBody() { return body_.Take(); }
  std::string TakeMargin() { return margin_.Take(); }
  std::string TakeMeta() { return properties_of_flat_.Take(); }
  std::string TakeFields() { return std::move(fields_); }
  std::string TakeNames() { return std::move(names_); }
  bool hidden() const { return hidden_; }
  bool hides_runs() const { return hides_runs_; }
  bool dde() const { return dde_; }
  bool is_signed() const { return signed_; }
  const std::set<std::string>& fonts() const { return fonts_; }
  bool external() const { return external_; }
  bool encrypted() const { return encrypted_; }
  bool active() const { return active_; }

 private:
  bool IsParagraph(std::string_view name) const {
    return name == "p" || name == "h" || name == "math" ||
           (!properties_ && (name == "title" || name == "desc"));
  }

  // Words that stand in attributes: what a field would show under another condition, what stands on
  // a button or around a list's number, names and messages.
  void Attributes(std::string_view name, const XmlAttributes& attributes) {
    for (const char* key : {"string-value", "string-value-if-true", "string-value-if-false"}) {
      Field(attributes.Get(key), 1);
    }
    for (const char* key :
         {"label", "current-value", "description", "num-prefix", "num-suffix", "comment"}) {
      Field(attributes.Get(key), 4);
    }
    if (name == "label") {
      Field(attributes.Get("value"), 4);
    } else if (name == "help-message" || name == "error-message") {
      Field(attributes.Get("title"), 4);
    } else if (name == "page" && attributes.Get("name").substr(0, 4) != "page") {
      Field(attributes.Get("name"), 4);
    } else if (name == "named-expression") {
      Field(WordsOfNumberFormat(attributes.Get("expression")), 4);
    }
    // What was typed into a form, a formula or the list that a cell lets one choose from.
    Field(attributes.Get("value-type").empty() && name != "label" ? attributes.Get("value") : "",
          6);
    for (const char* key : {"formula", "condition"}) {
      if (attributes.Get(key).find('"') != std::string_view::npos) {
        Field(WordsOfNumberFormat(attributes.Get(key)), 4);
        Field(JoinedLiterals(attributes.Get(key)), 4);
      }
    }
    if (name == "bookmark" || name == "bookmark-start" || name == "section" || name == "frame" ||
        name == "reference-mark" || name == "reference-mark-start" || name == "g" ||
        name == "form" || attributes.Get("control-implementation").size() > 0 || IsOdfShape(name)) {
      Name(attributes.Get("name"));
    } else if (name == "style") {
      Name(attributes.Get("display-name"));
      Name(attributes.Get("name"));
    }
    in_format_ = in_format_ || IsNumberFormat(name);
  }

  // What its writer called a shape, style or bookmark; '_' stands for a blank where none may be.
  void Name(std::string_view name) {
    constexpr size_t kMostNames = 1U << 18;
    if (name.size() < 3 || name.size() > 1'000 || name[0] == '_' || names_.size() > kMostNames) {
      return;
    }
    names_.append(name).push_back('\n');
    if (name.find('_') != std::string_view::npos) {
      std::string words(name);
      std::replace(words.begin(), words.end(), '_', ' ');
      names_.append(words).push_back('\n');
    }
  }

  void Field(std::string_view words, size_t least) {
    words = words.substr(0, words.size() > 10'000 ? 10'000 : words.size());
    if (words.size() >= least) {
      fields_.append(words);
      fields_.push_back('\n');
    }
  }

  Flow& flow() { return meta_ > 0 ? properties_of_flat_ : margins_ > 0 ? margin_ : body_; }
  void AddFont(std::string_view font) {
    if (!font.empty() && font.size() < 200 && fonts_.size() < 1000) {
      fonts_.insert(std::string(font));
    }
  }

  bool properties_;
  bool shown_only_;
  bool hides_runs_ = false;
  OdfStyles styles_;  // what this file says itself, before its text
  OdfRuns runs_;
  Flow body_;
  Flow margin_;
  Flow properties_of_flat_;
  std::string fields_;
  std::string names_;
  int meta_ = 0;
  bool hidden_ = false;
  bool dde_ = false;
  bool signed_ = false;
  int paragraphs_ = 0;
  int margins_ = 0;
  bool external_ = false;
  bool encrypted_ = false;
  bool active_ = false;
  std::string property_;
  std::string value_;
  bool in_format_ = false;  // of numbers: its words are shown with each
  std::string format_;
  std::set<std::string> fonts_;
};

}  // namespace

bool IsOdfText(const std::string& name) {
  static constexpr std::string_view kNames[] = {"content.xml",
                                                "styles.xml",
                                                "meta.xml",
                                                "settings.xml",
                                                "manifest.xml",
                                                "manifest.rdf",
                                                "documentsignatures.xml",
                                                "macrosignatures.xml"};
  const std::string_view last = std::string_view(name).substr(name.rfind('/') + 1);
  return std::find(std::begin(kNames), std::end(kNames), last) != std::end(kNames);
}

void ReadOdf(size_t leaf, const std::vector<PackagePart>& parts, Collector* out) {
  std::set<std::string> fonts;
  FontMarks marks;
  const auto is_styles = [](const PackagePart& part) {
    return part.name.size() > 11 &&
           part.name.compare(part.name.size() - 11, 11, "/styles.xml") == 0;
  };
  OdfStyles shared(nullptr);
  for (const PackagePart& part : parts) {
    if (is_styles(part)) {  // of an object inside
      shared.Read(part.bytes);
    }
  }
  for (const PackagePart& part : parts) {
    if (part.name == "styles.xml") {
      shared.Read(part.bytes);
    }
  }
  for (const PackagePart& part : parts) {
    if (AsciiStartsWithIgnoreCase(part.name, "Basic/") ||
        AsciiStartsWithIgnoreCase(part.name, "Scripts/")) {
      out->SetFact("document.macros");
    }
    if (!IsXmlPart(part)) {
      continue;
    }
    const bool properties =
        part.name.size() >= 8 && part.name.compare(part.name.size() - 8, 8, "meta.xml") == 0;
    OdfSink sink(properties, false, &shared, &marks);
    const XmlOutcome outcome = ParseXml(part.bytes, &sink);
    std::string body = sink.TakeBody();
    if (sink.hides_runs()) {
      OdfSink seen(properties, true, &shared, &marks);
      ParseXml(part.bytes, &seen);
      out->AddShown(leaf, "attachment", part.name, seen.TakeBody(), body, marks);
    }
    std::vector<FontRun> runs = marks.Take(&body);
    std::string margin = sink.TakeMargin();
    std::vector<FontRun> runs_of_margin = marks.Take(&margin);
    if (outcome.entities) {
      out->AddDefect(mail::DefectId::kXmlEntities, out->leaf(leaf).part);
    } else if (!outcome.complete && !part.bytes.empty() && !sink.encrypted()) {
      out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
    }
    if (!outcome.complete) {
      body += StripTags(part.bytes.substr(outcome.stopped_at));
    }
    out->AddText(leaf, properties ? "docprops" : "attachment", part.name, std::move(body),
                 std::move(runs));
    out->AddText(leaf, "header-footer", part.name, std::move(margin), std::move(runs_of_margin));
    out->AddText(leaf, "docprops", part.name, sink.TakeMeta());
    out->AddText(leaf, "attachment", "fields", sink.TakeFields());
    out->AddText(leaf, "docprops", "names", sink.TakeNames());
    if (sink.hidden()) {
      out->SetFact("document.hidden-text");
    }
    if (sink.dde()) {
      out->SetFact("document.dde");
    }
    if (sink.is_signed()) {
      out->SetFact("document.signed");
    }
    fonts.insert(sink.fonts().begin(), sink.fonts().end());
    if (sink.external()) {
      out->SetFact("document.external");
    }
    if (sink.active()) {
      out->SetFact("document.macros");
    }
    if (sink.encrypted()) {
      out->AddUnscannable(Reason::kEncrypted, out->leaf(leaf));
      out->SetFact("document.encrypted");
    }
  }
  std::string list;
  for (const std::string& font : fonts) {
    list += font + "\n";
  }
  out->AddText(leaf, "fonts", "", std::move(list));
}

}  // namespace gatepost::decode
