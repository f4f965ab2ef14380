// LIMITS: 2,000 pages, 1,000,000 nodes and notes; 8 levels of forms for pictures, 30 for text;
// 500,000 letters drawn on one page (poppler takes 1.5 KB for a word of one letter).
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_pages.h"

#include <exception>
#include <map>
#include <set>
#include <string_view>

#include "src/base/bytes.h"
#include "src/decode/pdf_qpdf.h"

namespace gatepost::decode {

namespace {

constexpr size_t kPdfNodes = 1'000'000;
constexpr int kPictureLevels = 8;
constexpr int kDrawingLevels = 30;
constexpr uint64_t kLettersOfAPdfPage = 500'000;
constexpr int64_t kPixelsOfAScan = 300'000;  // A4 at 60 dots an inch has 348,000
constexpr int64_t kBytesOfCurves = 20'000;   // compressed: a page of letters drawn as outlines

// A page, or a form that it draws, shows a large picture.
bool ShowsPicture(QPDFObjectHandle resources, int levels, size_t* looked) {
  std::vector<std::pair<QPDFObjectHandle, int>> stack = {{resources, levels}};
  std::set<QPDFObjGen> seen;
  constexpr size_t kMostLooked = 100'000;
  while (!stack.empty() && ++*looked < kMostLooked) {
    auto [from, left] = stack.back();
    stack.pop_back();
    if (!from.isDictionary() || !from.getKey("/XObject").isDictionary()) {
      continue;
    }
    QPDFObjectHandle objects = from.getKey("/XObject");
    for (const std::string& key : objects.getKeys()) {
      QPDFObjectHandle object = objects.getKey(key);
      if (!object.isStream() || !seen.insert(object.getObjGen()).second) {
        continue;
      }
      QPDFObjectHandle dict = object.getDict();
      QPDFObjectHandle width = dict.getKey("/Width");
      QPDFObjectHandle height = dict.getKey("/Height");
      if (width.isInteger() && height.isInteger() && width.getIntValue() > 0 &&
          height.getIntValue() > kPixelsOfAScan / width.getIntValue()) {
        return true;
      }
      if (IsPdfName(dict.getKey("/Subtype"), "/Form") && left > 0) {
        stack.emplace_back(dict.getKey("/Resources"), left - 1);
      }
    }
  }
  return false;
}

int64_t ContentBytes(QPDFObjectHandle contents) {
  int64_t bytes = 0;
  const auto add = [&bytes](QPDFObjectHandle stream) {
    if (stream.isStream() && stream.getDict().getKey("/Length").isInteger()) {
      bytes += std::clamp<int64_t>(stream.getDict().getKey("/Length").getIntValue(), 0, INT32_MAX);
    }
  };
  if (contents.isArray()) {
    for (int i = 0; i < std::min(contents.getArrayNItems(), 1000); ++i) {
      add(contents.getArrayItem(i));
    }
  } else {
    add(contents);
  }
  return bytes;
}

// What a content stream draws by itself, and what it calls for.
struct PdfDrawing {
  uint64_t letters = 0;                   // bytes of strings
  std::map<std::string, uint64_t> calls;  // forms by name, "/F1"
};

bool IsPdfSpace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

bool IsPdfDelimiter(char c) {
  return IsPdfSpace(c) || std::string_view("()<>[]{}/%").find(c) != std::string_view::npos;
}

size_t EndOfPdfString(Bytes s, size_t at) {
  int open = 0;
  for (; at < s.size(); ++at) {
    if (s[at] == '\\') {
      ++at;
    } else if (s[at] == '(') {
      ++open;
    } else if (s[at] == ')' && --open == 0) {
      return at + 1;
    }
  }
  return s.size();
}

// Behind the data of a picture that stands in the stream itself.
size_t EndOfInlinePicture(Bytes s, size_t at) {
  for (size_t end = s.find("EI", at); end != Bytes::npos; end = s.find("EI", end + 1)) {
    if (end > at && IsPdfSpace(s[end - 1]) && (end + 2 >= s.size() || IsPdfSpace(s[end + 2]))) {
      return end + 2;
    }
  }
  return s.size();
}

PdfDrawing ReadDrawing(Bytes s) {
  PdfDrawing out;
  std::string name;
  bool picture = false;
  for (size_t at = 0; at < s.size();) {
    const char c = s[at];
    if (c == '(') {
      const size_t end = EndOfPdfString(s, at);
      out.letters += end - at;
      at = end;
    } else if (c == '<' && s.substr(at, 2) != "<<") {
      const size_t end = std::min(s.find('>', at), s.size());
      out.letters += (end - at) / 2;
      at = end;
    } else if (c == '%') {
      at = std::min(s.find_first_of("\r\n", at), s.size());
    } else if (IsPdfDelimiter(c) && c != '/') {
      at += s.substr(at, 2) == "<<" ? 2 : 1;
    } else {
      size_t end = at + 1;
      while (end < s.size() && !IsPdfDelimiter(s[end])) {
        ++end;
      }
      const Bytes token = s.substr(at, end - at);
      at = end;
      if (c == '/') {
        name.assign(token.substr(0, 128));
      } else if (token == "Do") {
        ++out.calls[name];
      } else if (token == "BI") {
        picture = true;
      } else if (token == "ID" && picture) {
        picture = false;
        at = EndOfInlinePicture(s, at);
      }
    }
  }
  return out;
}

// How many letters a page draws, forms and the looks of notes included.
class PdfScales {
 public:
  explicit PdfScales(uint64_t limit) : left_(limit) {}

  bool IsHeavy(QPDFObjectHandle page, QPDFObjectHandle resources) {
    uint64_t letters = 0;
    QPDFObjectHandle contents = page.getKey("/Contents");
    if (contents.isArray()) {
      for (int i = 0; i < contents.getArrayNItems() && ++looked_ < kPdfNodes; ++i) {
        Add(Weigh(contents.getArrayItem(i), resources, 0), &letters);
      }
    } else {
      Add(Weigh(contents, resources, 0), &letters);
    }
    QPDFObjectHandle notes = page.getKey("/Annots");
    for (int i = 0; notes.isArray() && i < notes.getArrayNItems() && ++looked_ < kPdfNodes; ++i) {
      QPDFObjectHandle note = notes.getArrayItem(i);
      if (!note.isDictionary() || !note.getKey("/AP").isDictionary()) {
        continue;
      }
      QPDFObjectHandle look = note.getKey("/AP").getKey("/N");
      if (look.isDictionary()) {
        for (const std::string& key : look.getKeys()) {
          Add(Weigh(look.getKey(key), resources, 0), &letters);
        }
      } else {
        Add(Weigh(look, resources, 0), &letters);
      }
    }
    return letters > kLettersOfAPdfPage || looked_ >= kPdfNodes;
  }

 private:
  static constexpr uint64_t kTooMany = 1ULL << 32;

  static void Add(uint64_t more, uint64_t* sum) { *sum = std::min(kTooMany, *sum + more); }

  const PdfDrawing& Read(QPDFObjectHandle stream) {
    const auto [at, fresh] = drawings_.try_emplace(stream.getObjGen());
    if (!fresh) {
      return at->second;
    }
    PdfPipe pipe(left_);
    try {
      bool decoded = false;
      stream.pipeStreamData(&pipe, &decoded, 0, qpdf_dl_generalized, true, false);
    } catch (const std::exception&) {
      // What came before is what poppler sees too, but for a bomb.
    }
    const bool cut = pipe.cut();
    const std::string data = pipe.Take();
    left_ -= data.size();
    at->second = ReadDrawing(data);
    if (cut) {
      at->second.letters = kTooMany;
    }
    return at->second;
  }

  // At most kDrawingLevels deep; each form is weighed once.
  uint64_t Weigh(QPDFObjectHandle stream, QPDFObjectHandle outer, int level) {
    if (!stream.isStream() || level > kDrawingLevels) {
      return 0;
    }
    if (level > 0) {  // a page's own stream means other forms on another page
      const auto [at, fresh] = weights_.try_emplace(stream.getObjGen(), 0);
      if (!fresh) {
        return at->second;  // 0 while it is being weighed: a form within itself
      }
    }
    const PdfDrawing& drawing = Read(stream);
    looked_ += drawing.calls.size();
    if (looked_ >= kPdfNodes) {
      return kTooMany;
    }
    QPDFObjectHandle own = stream.getDict().getKey("/Resources");
    QPDFObjectHandle resources = own.isDictionary() ? own : outer;
    QPDFObjectHandle objects =
        resources.isDictionary() ? resources.getKey("/XObject") : QPDFObjectHandle::newNull();
    uint64_t letters = drawing.letters;
    for (const auto& [name, times] : drawing.calls) {
      if (!objects.isDictionary()) {
        break;
      }
      QPDFObjectHandle called = objects.getKey(name);
      if (called.isStream() && IsPdfName(called.getDict().getKey("/Subtype"), "/Form")) {
        // One for the call itself: empty forms cost time too.
        const uint64_t each = 1 + Weigh(called, resources, level + 1);
        Add(times > kTooMany / each ? kTooMany : times * each, &letters);
      }
    }
    if (level > 0) {
      weights_[stream.getObjGen()] = letters;
    }
    return letters;
  }

  uint64_t left_;
  size_t looked_ = 0;
  std::map<QPDFObjGen, PdfDrawing> drawings_;
  std::map<QPDFObjGen, uint64_t> weights_;
};

// What a page has from the nodes above it.
constexpr const char* kInherited[] = {"/Resources", "/MediaBox", "/CropBox", "/Rotate"};

struct PdfLeaf {
  QPDFObjectHandle object;
  std::map<std::string, QPDFObjectHandle> inherited;
};

// The leaves of the tree in order. A page that is listed twice is two pages.
std::vector<PdfLeaf> LeavesOfTree(QPDFObjectHandle root) {
  std::vector<PdfLeaf> out;
  std::set<QPDFObjGen> seen;
  size_t looked = 0;
  std::vector<PdfLeaf> stack = {{root.getKey("/Pages"), {}}};
  while (!stack.empty() && out.size() < kMostPdfPages && looked < kPdfNodes) {
    PdfLeaf node = std::move(stack.back());
    stack.pop_back();
    if (!node.object.isDictionary()) {
      continue;
    }
    QPDFObjectHandle kids = node.object.getKey("/Kids");
    if (kids.isArray() && node.object.isIndirect() &&
        !seen.insert(node.object.getObjGen()).second) {
      continue;
    }
    for (const char* key : kInherited) {
      if (node.object.hasKey(key)) {
        node.inherited[key] = node.object.getKey(key);
      }
    }
    if (!kids.isArray()) {
      if (IsPdfName(node.object.getKey("/Type"), "/Pages") && !node.object.hasKey("/Contents")) {
        continue;  // an empty node
      }
      out.push_back(std::move(node));
      continue;
    }
    // Enough of them for the pages that are read; nothing else stands in an honest list.
    const int many = std::min<int>(kids.getArrayNItems(), 4 * static_cast<int>(kMostPdfPages));
    looked += static_cast<size_t>(many) + 1;
    for (int i = many - 1; i >= 0; --i) {
      stack.push_back(PdfLeaf{kids.getArrayItem(i), node.inherited});
    }
  }
  return out;
}

// Pages that no tree names.
std::vector<PdfLeaf> LoosePages(QPDF* pdf) {
  std::vector<PdfLeaf> out;
  for (const QPDFObjectHandle& object : pdf->getAllObjects()) {
    if (out.size() < kMostPdfPages && QPDFObjectHandle(object).isDictionary() &&
        IsPdfName(QPDFObjectHandle(object).getKey("/Type"), "/Page")) {
      out.push_back({object, {}});
    }
  }
  return out;
}

void MakeFlatTree(QPDF* pdf, std::vector<PdfLeaf>* pages) {
  QPDFObjectHandle tree = pdf->makeIndirectObject(QPDFObjectHandle::newDictionary());
  QPDFObjectHandle kids = QPDFObjectHandle::newArray();
  std::set<QPDFObjGen> listed;
  for (PdfLeaf& page : *pages) {
    if (page.object.isIndirect() && !listed.insert(page.object.getObjGen()).second) {
      page.object = page.object.shallowCopy();  // poppler wants an object for each page
    }
    for (const auto& [key, value] : page.inherited) {
      if (!page.object.hasKey(key)) {
        page.object.replaceKey(key, value);
      }
    }
    page.object.replaceKey("/Type", QPDFObjectHandle::newName("/Page"));
    page.object.replaceKey("/Parent", tree);
    kids.appendItem(page.object.isIndirect() ? page.object : pdf->makeIndirectObject(page.object));
  }
  tree.replaceKey("/Type", QPDFObjectHandle::newName("/Pages"));
  tree.replaceKey("/Count", QPDFObjectHandle::newInteger(static_cast<int64_t>(pages->size())));
  tree.replaceKey("/Kids", kids);
  pdf->getRoot().replaceKey("/Pages", tree);
}

}  // namespace

std::string WritePdf(QPDF* pdf, uint64_t limit) {
  QPDFWriter writer(*pdf);
  PdfPipe pipe(limit);
  writer.setOutputPipeline(&pipe);
  writer.setStaticID(true);
  writer.setPreserveEncryption(false);
  writer.setStreamDataMode(qpdf_s_preserve);
  writer.write();
  return pipe.Take();
}

PdfPages ReadPdfPages(QPDF* pdf, size_t claimed, uint64_t content_limit, uint64_t file_limit) {
  PdfPages out;
  std::vector<PdfLeaf> pages = LeavesOfTree(pdf->getRoot());
  out.lies = pages.empty() || pages.size() != std::min(claimed, kMostPdfPages);
  if (pages.empty()) {
    pages = LoosePages(pdf);
  }
  out.count = pages.size();
  PdfScales scales(content_limit);
  size_t looked = 0;
  for (PdfLeaf& page : pages) {
    const auto found = page.inherited.find("/Resources");
    const QPDFObjectHandle resources =
        found != page.inherited.end() ? found->second : page.object.getKey("/Resources");
    out.pictures.push_back(ShowsPicture(resources, kPictureLevels, &looked) ||
                           ContentBytes(page.object.getKey("/Contents")) >= kBytesOfCurves);
    out.heavy.push_back(scales.IsHeavy(page.object, resources));
  }
  if (out.lies && !pages.empty()) {
    try {
      MakeFlatTree(pdf, &pages);
      out.rebuilt = WritePdf(pdf, file_limit);
    } catch (const std::exception&) {
      // Named as damaged all the same.
    }
  }
  return out;
}

}  // namespace gatepost::decode
