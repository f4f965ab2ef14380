// The door to qpdf. Every object of the file is looked at once, wherever it hangs: a reader that
// follows only the usual paths misses what another reader shows.
// LIMITS: 500,000 objects, 3,000,000 values; scripts and form data
// within Limits::text_bytes; files within the budget.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_objects.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "src/decode/elsewhere.h"
#include "src/decode/openers.h"
#include "src/decode/pdf_pages.h"
#include "src/decode/pdf_qpdf.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostObjects = 500'000;
constexpr size_t kMostValues = 3'000'000;

class ObjectReader {
 public:
  ObjectReader(size_t leaf, QPDF* pdf, Collector* out) : leaf_(leaf), pdf_(*pdf), out_(out) {}

  bool stamped() const { return stamped_; }
  void Run() {
    std::vector<QPDFObjectHandle> objects = pdf_.getAllObjects();
    if (objects.size() > kMostObjects) {
      out_->AddUnscannable(Reason::kTruncated, out_->leaf(leaf_));
      objects.resize(kMostObjects);
    }
    for (const QPDFObjectHandle& object : objects) {
      Walk(object);
    }
    Catalog();
    Finish();
  }

 private:
  // One indirect object with all that it holds directly.
  void Walk(const QPDFObjectHandle& object) {
    std::vector<QPDFObjectHandle> stack = {object};
    while (!stack.empty()) {
      if (++values_ > kMostValues) {
        cut_ = true;
        return;
      }
      QPDFObjectHandle value = stack.back();
      stack.pop_back();
      const auto push = [&stack](QPDFObjectHandle inner) {
        if (!inner.isIndirect() && (inner.isDictionary() || inner.isArray())) {
          stack.push_back(std::move(inner));
        }
      };
      if (value.isArray()) {
        for (int i = 0; i < value.getArrayNItems(); ++i) {
          push(value.getArrayItem(i));
        }
        continue;
      }
      if (value.isStream()) {
        Stream(value);
        value = value.getDict();
      }
      if (value.isDictionary()) {
        Dictionary(value);
        for (const std::string& key : value.getKeys()) {
          push(value.getKey(key));
        }
      }
    }
  }

  void Dictionary(QPDFObjectHandle dict) {
    Annotation(dict);
    // A field below another has its kind from there.
    if (dict.hasKey("/FT") || dict.hasKey("/TU") || (dict.hasKey("/T") && dict.hasKey("/V"))) {
      Field(dict);
    }
    if (dict.hasKey("/JS")) {
      Script(dict.getKey("/JS"));
    }
    if (dict.hasKey("/S") && dict.getKey("/S").isName()) {
      Action(dict);
    }
    if (dict.hasKey("/EF")) {
      File(dict);
    }
    if (dict.hasKey("/XFA")) {
      Xfa(dict.getKey("/XFA"));
    }
    if (dict.hasKey("/ByteRange") && dict.hasKey("/Contents")) {
      out_->SetFact("document.signed");
    }
    if (dict.hasKey("/Title") && (dict.hasKey("/Parent") || dict.hasKey("/Dest"))) {
      Say(dict, "/Title", &outline_);
    }
    if (IsPdfName(dict.getKey("/Type"), "/OCG")) {
      Say(dict, "/Name", &outline_);
    } else if (IsPdfName(dict.getKey("/Type"), "/CollectionField")) {
      Say(dict, "/N", &outline_);
    }
    if (dict.getKey("/P").isString()) {  // before the number of a page
      Say(dict, "/P", &outline_);
    }
    for (const char* key : {"/Reason", "/Location", "/ContactInfo"}) {  // of a signature
      Say(dict, key, &annotations_);
    }
    for (const char* key : {"/Alt", "/ActualText"}) {
      Say(dict, key, &alternates_);
    }
    // Scripts of the document and of a page run without a click; those of fields check numbers.
    if (dict.hasKey("/OpenAction") ||
        (dict.hasKey("/AA") && (IsPdfName(dict.getKey("/Type"), "/Page") ||
                                IsPdfName(dict.getKey("/Type"), "/Catalog")))) {
      opens_ = true;
    }
  }

  void Annotation(QPDFObjectHandle dict) {
    if (!dict.hasKey("/Subtype") || !dict.hasKey("/Rect")) {
      return;
    }
    const QPDFObjectHandle kind = dict.getKey("/Subtype");
    stamped_ = stamped_ ||
               (dict.hasKey("/AP") && (IsPdfName(kind, "/Stamp") || IsPdfName(kind, "/Watermark")));
    for (const char* key : {"/Contents", "/Subj", "/T"}) {
      if (key[1] != 'T' || !dict.hasKey("/FT")) {
        Say(dict, key, &annotations_);
      }
    }
    if (dict.hasKey("/RC")) {
      annotations_ += StripTags(StringOf(dict.getKey("/RC"))) + "\n";
    }
  }

  void Field(QPDFObjectHandle dict) {
    for (const char* key : {"/TU", "/V", "/DV", "/RV", "/Opt"}) {
      Say(dict, key, &fields_);
    }
    if (dict.hasKey("/MK") && dict.getKey("/MK").isDictionary()) {
      Say(dict.getKey("/MK"), "/CA", &fields_);
    }
    if (IsPdfName(dict.getKey("/FT"), "/Sig") && dict.getKey("/V").isDictionary()) {
      out_->SetFact("document.signed");
    }
  }

  void Action(QPDFObjectHandle dict) {
    const std::string kind = dict.getKey("/S").getName();
    if (kind == "/URI") {
      Say(dict, "/URI", &links_);
    } else if (kind == "/Launch") {
      out_->SetFact("document.launch");
      out_->SetFact("document.external");
      Say(dict, "/F", &actions_);
      for (const char* system : {"/F", "/Win", "/Unix", "/Mac"}) {
        QPDFObjectHandle what = dict.getKey(system);
        if (what.isDictionary()) {
          for (const char* key : {"/F", "/UF", "/P", "/D"}) {
            Say(what, key, &actions_);
          }
        }
      }
    } else if (kind == "/GoToR" || kind == "/GoToE" || kind == "/SubmitForm" ||
               kind == "/ImportData") {
      QPDFObjectHandle file = dict.getKey("/F");
      Say(dict, "/F", &links_);
      if (file.isDictionary()) {
        Say(file, "/F", &links_);
        Say(file, "/UF", &links_);
      }
      // A chapter in the file beside it and the address of a form are links like any other; a share
      // gives the reader's password away when the page is opened.
      if (kind == "/ImportData" ||
          (kind != "/SubmitForm" &&
           (LeadsAway(file) || (file.isDictionary() && (LeadsAway(file.getKey("/F")) ||
                                                        LeadsAway(file.getKey("/UF"))))))) {
        out_->SetFact("document.external");
      }
    }
  }

  bool LeadsAway(QPDFObjectHandle name) { return name.isString() && IsElsewhere(StringOf(name)); }

  void Script(QPDFObjectHandle script) {
    std::string source = StringOf(script);
    if (source.empty()) {
      return;
    }
    scripts_ = true;
    AddFile("macro/script.txt", std::move(source));
  }

  void Xfa(QPDFObjectHandle xfa) {
    std::string whole;
    if (xfa.isArray()) {
      for (int i = 1; i < xfa.getArrayNItems(); i += 2) {
        whole += StringOf(xfa.getArrayItem(i));
      }
    } else {
      whole = StringOf(xfa);
    }
    if (whole.find("<script") != std::string::npos || whole.find(":script") != std::string::npos) {
      scripts_ = true;
    }
    out_->AddText(leaf_, "attachment", "xfa", StripTags(whole));
    out_->AddText(leaf_, "xml", "xfa", std::move(whole));
  }

  void File(QPDFObjectHandle spec) {
    std::string name;
    for (const char* key : {"/F", "/UF"}) {
      if (spec.getKey(key).isString()) {
        name = spec.getKey(key).getUTF8Value();
      }
    }
    Say(spec, "/Desc", &annotations_);
    QPDFObjectHandle files = spec.getKey("/EF");
    if (!files.isDictionary()) {
      return;
    }
    for (const std::string& key : files.getKeys()) {
      Embedded(name, files.getKey(key));
    }
  }

  void Embedded(const std::string& name, QPDFObjectHandle stream) {
    if (stream.isStream() && files_.insert(stream.getObjGen()).second) {
      std::string data = StringOf(stream);
      NoteEmbedded(name, data, out_);
      AddFile(name.empty() ? "file" : name, std::move(data));
    }
  }

  void Stream(QPDFObjectHandle stream) {
    QPDFObjectHandle type = stream.getDict().getKey("/Type");
    if (IsPdfName(type, "/EmbeddedFile")) {
      unnamed_.push_back(stream);
    } else if (IsPdfName(type, "/Metadata")) {
      std::string xml = StringOf(stream);
      out_->AddText(leaf_, "docprops", "metadata", StripTags(xml));
      out_->AddText(leaf_, "xml", "metadata", std::move(xml));
    }
  }

  void AddFile(const std::string& name, std::string data) {
    const std::string path = out_->leaf(leaf_).path + "/" + Collector::CleanName(name);
    if (data.size() > out_->Room()) {
      out_->AddUnscannable(Reason::kTooBig, path);
    } else if (!data.empty() && out_->TakeMember(path)) {
      out_->AddMember(leaf_, name, out_->Keep(std::move(data)));
    }
  }

  // The text of a string, of each string of an array, or of a stream, as lines.
  void Say(QPDFObjectHandle dict, const char* key, std::string* to) {
    if (!dict.hasKey(key)) {
      return;
    }
    std::vector<QPDFObjectHandle> stack = {dict.getKey(key)};
    while (!stack.empty() && ++values_ < kMostValues) {
      QPDFObjectHandle value = stack.back();
      stack.pop_back();
      if (value.isArray()) {
        for (int i = value.getArrayNItems() - 1; i >= 0; --i) {
          QPDFObjectHandle inner = value.getArrayItem(i);
          if (inner.isString() || (inner.isArray() && !inner.isIndirect())) {
            stack.push_back(std::move(inner));
          }
        }
      } else if (value.isString() || value.isStream()) {
        const std::string text = StringOf(value);
        if (!text.empty() && to->size() + text.size() < out_->limits().text_bytes) {
          *to += text + "\n";
        }
      }
    }
  }

  std::string StringOf(QPDFObjectHandle value) {
    if (value.isString()) {
      return value.getUTF8Value();
    }
    if (!value.isStream()) {
      return {};
    }
    PdfPipe pipe(out_->Room());
    bool decoded = false;
    try {
      value.pipeStreamData(&pipe, &decoded, 0, qpdf_dl_generalized, true, false);
    } catch (const std::exception&) {
      cut_ = true;  // what came before stays
    }
    cut_ = cut_ || pipe.cut();
    return pipe.Take();
  }

  void Catalog() {
    for (const QPDFObjectHandle& stream : unnamed_) {
      Embedded("", stream);
    }
    QPDFObjectHandle root = pdf_.getRoot();
    QPDFObjectHandle names = root.getKey("/Names");
    if (names.isDictionary() && names.hasKey("/JavaScript")) {
      opens_ = true;
    }
  }

  void Finish() {
    if (scripts_) {
      out_->SetFact("document.macros");
      if (opens_) {
        out_->SetFact("document.macro-autorun");
      }
    }
    if (cut_) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(leaf_));
    }
    out_->AddText(leaf_, "attachment", "annotations", std::move(annotations_));
    out_->AddText(leaf_, "attachment", "fields", std::move(fields_));
    out_->AddText(leaf_, "attachment", "outline", std::move(outline_));
    out_->AddText(leaf_, "attachment", "alternates", std::move(alternates_));
    out_->AddText(leaf_, "rels", "actions", std::move(actions_));
    out_->AddText(leaf_, "url", "links", std::move(links_));
  }

  size_t leaf_;
  QPDF& pdf_;
  Collector* out_;
  size_t values_ = 0;
  bool cut_ = false;
  bool scripts_ = false;
  bool stamped_ = false;
  bool opens_ = false;
  std::set<QPDFObjGen> files_;
  std::vector<QPDFObjectHandle> unnamed_;
  std::string annotations_;
  std::string fields_;
  std::string outline_;
  std::string alternates_;
  std::string actions_;
  std::string links_;
};

// Some layer is not shown when the document opens.
bool HidesLayers(QPDFObjectHandle root) {
  QPDFObjectHandle layers = root.getKey("/OCProperties");
  if (!layers.isDictionary() || !layers.getKey("/D").isDictionary()) {
    return layers.isDictionary();
  }
  QPDFObjectHandle standard = layers.getKey("/D");
  return IsPdfName(standard.getKey("/BaseState"), "/OFF") ||
         (standard.getKey("/OFF").isArray() && standard.getKey("/OFF").getArrayNItems() > 0) ||
         (standard.getKey("/AS").isArray() && standard.getKey("/AS").getArrayNItems() > 0);
}

}  // namespace

PdfObjects ReadPdfObjects(size_t leaf, Bytes bytes, size_t claimed, Collector* out) {
  PdfObjects result;
  try {
    const std::shared_ptr<QPDF> pdf = QPDF::create();
    pdf->setSuppressWarnings(true);
    pdf->processMemoryFile("mail", bytes.data(), bytes.size(), "");
    ObjectReader reader(leaf, pdf.get(), out);
    reader.Run();
    result.stamped = reader.stamped();
    result.pages = ReadPdfPages(pdf.get(), claimed, out->limits().leaf_bytes, out->Room());
    result.read = true;
    if (HidesLayers(pdf->getRoot())) {
      pdf->getRoot().removeKey("/OCProperties");
      result.without_layers = WritePdf(pdf.get(), out->Room());
    }
    if (result.pages.beyond) {
      bool cut = false;
      result.all_drawn = DrawAll(pdf.get(), out->Room(), out->Room(), &cut);
      if (cut) {
        out->AddUnscannable(Reason::kTooBig, out->leaf(leaf));
      }
    }
  } catch (const std::bad_alloc&) {
    out->AddUnscannable(Reason::kTooBig, out->leaf(leaf));
  } catch (const std::exception&) {
    // What was read stays; poppler has its own view of a damaged file.
  }
  return result;
}

}  // namespace gatepost::decode
