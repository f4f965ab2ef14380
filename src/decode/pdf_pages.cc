// LIMITS: 2,000 pages, 1,000,000 nodes and notes; 8 levels of forms for pictures; 300 patterns and
// glyphs, more are named as too big.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_pages.h"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <set>
#include <string_view>

#include "src/base/bytes.h"
#include "src/decode/pdf_fonts.h"
#include "src/decode/pdf_qpdf.h"
#include "src/decode/pdf_scales.h"

namespace gatepost::decode {

namespace {

constexpr int kPictureLevels = 8;
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

// Does a content stream hold an operator that leaves a mark (PDF 32000-1, table 51)?
bool Paints(std::string_view content) {
  static constexpr std::string_view kOperators[] = {"S",  "s",  "f",  "F",  "f*", "B", "B*", "b",
                                                    "b*", "sh", "Do", "Tj", "TJ", "'", "\""};
  constexpr std::string_view kBlank = " \t\r\n\f)]>";
  size_t begin = 0;
  while ((begin = content.find_first_not_of(kBlank, begin)) != std::string_view::npos) {
    const size_t end = std::min(content.find_first_of(kBlank, begin), content.size());
    if (std::find(std::begin(kOperators), std::end(kOperators),
                  content.substr(begin, end - begin)) != std::end(kOperators)) {
      return true;
    }
    begin = end;
  }
  return false;
}

// How much a page draws: the bytes of its content as they are stored. UINT64_MAX where it has
// pictures, forms, patterns or notes besides, or where it cannot be said.
uint64_t DrawnBytes(QPDFObjectHandle page, QPDFObjectHandle resources, int64_t claimed) {
  constexpr int64_t kMostRead = 4'000;
  constexpr int kMostNotes = 1'000;
  constexpr int kMostStreams = 100;
  for (const char* kind : {"/XObject", "/Pattern", "/Shading"}) {
    if (resources.isDictionary() && resources.getKey(kind).isDictionary()) {
      return UINT64_MAX;
    }
  }
  QPDFObjectHandle notes = page.getKey("/Annots");
  for (int i = 0; notes.isArray() && i < notes.getArrayNItems(); ++i) {
    QPDFObjectHandle kind = notes.getArrayItem(i).isDictionary()
                                ? notes.getArrayItem(i).getKey("/Subtype")
                                : QPDFObjectHandle::newNull();
    if (i >= kMostNotes || !(IsPdfName(kind, "/Widget") || IsPdfName(kind, "/Link"))) {
      return UINT64_MAX;
    }
  }
  QPDFObjectHandle contents = page.getKey("/Contents");
  if (claimed > kMostRead || (contents.isArray() && contents.getArrayNItems() > kMostStreams)) {
    return UINT64_MAX;
  }
  std::vector<QPDFObjectHandle> streams;
  if (contents.isArray()) {
    streams = contents.getArrayAsVector();
  } else if (contents.isStream()) {
    streams = {contents};
  }
  uint64_t bytes = 0;
  bool paints = false;
  try {
    for (QPDFObjectHandle& stream : streams) {
      bytes += stream.getRawStreamData()->getSize();
      const std::shared_ptr<Buffer> data = stream.getStreamData(qpdf_dl_specialized);
      const std::string_view text(reinterpret_cast<const char*>(data->getBuffer()),
                                  data->getSize());
      if (text.find("BI") != std::string_view::npos && text.find("ID") != std::string_view::npos) {
        return UINT64_MAX;  // a picture in line
      }
      paints = paints || Paints(text);
    }
  } catch (const std::exception&) {
    return UINT64_MAX;
  }
  return paints ? bytes : 0;
}

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

// A key of a page, or of the nodes above it.
QPDFObjectHandle KeyOf(PdfLeaf* page, const char* key) {
  if (page->object.hasKey(key)) {
    return page->object.getKey(key);
  }
  const auto found = page->inherited.find(key);
  return found == page->inherited.end() ? QPDFObjectHandle::newNull() : found->second;
}

// Left, bottom, right, top. False: it says none.
bool BoxOf(QPDFObjectHandle box, std::array<double, 4>* out) {
  if (!box.isArray() || box.getArrayNItems() != 4) {
    return false;
  }
  for (int i = 0; i < 4; ++i) {
    if (!box.getArrayItem(i).isNumber()) {
      return false;
    }
    (*out)[static_cast<size_t>(i)] = box.getArrayItem(i).getNumericValue();
  }
  if ((*out)[0] > (*out)[2]) {
    std::swap((*out)[0], (*out)[2]);
  }
  if ((*out)[1] > (*out)[3]) {
    std::swap((*out)[1], (*out)[3]);
  }
  return true;
}

// What programs show of a page, and with which turn.
std::array<double, 4> ShownBox(PdfLeaf* page) {
  std::array<double, 4> box = {0, 0, 612, 792};
  BoxOf(KeyOf(page, "/MediaBox"), &box);
  std::array<double, 4> crop = box;
  if (BoxOf(KeyOf(page, "/CropBox"), &crop)) {
    crop = {std::max(box[0], crop[0]), std::max(box[1], crop[1]), std::min(box[2], crop[2]),
            std::min(box[3], crop[3])};
  }
  return crop[0] < crop[2] && crop[1] < crop[3] ? crop : box;
}

int64_t RotationOf(PdfLeaf* page) {
  QPDFObjectHandle rotate = KeyOf(page, "/Rotate");
  return rotate.isInteger() ? std::clamp<int64_t>(rotate.getIntValue(), -360'000, 360'000) : 0;
}

// What is shown of a page is less than the page, or its text goes further.
bool ShowsLess(PdfLeaf* page, PdfScales* scales) {
  std::array<double, 4> media{};
  if (!BoxOf(KeyOf(page, "/MediaBox"), &media)) {
    return false;
  }
  std::array<double, 4> crop = media;
  BoxOf(KeyOf(page, "/CropBox"), &crop);
  constexpr double kTrim = 40;  // printers cut less than that off
  const bool cropped = crop[0] > media[0] + kTrim || crop[1] > media[1] + kTrim ||
                       crop[2] < media[2] - kTrim || crop[3] < media[3] - kTrim;
  return cropped || scales->GoesBeyond(page->object, media);
}

// Patterns and glyphs of Type 3 fonts that draw text, each as the page that it could be; what they
// draw with in their turn goes to `open`. False: some were left out.
bool FindPainters(QPDFObjectHandle resources, PdfScales* scales, std::set<QPDFObjGen>* seen,
                  std::vector<QPDFObjectHandle>* open, std::vector<PdfLeaf>* out) {
  constexpr size_t kMostPainters = 300;
  bool all = true;
  const auto add = [&](QPDFObjectHandle stream, QPDFObjectHandle outer) {
    if (!stream.isStream() || !seen->insert(stream.getObjGen()).second) {
      return;
    }
    QPDFObjectHandle own = stream.getDict().getKey("/Resources");
    if (own.isDictionary()) {
      open->push_back(own);
    }
    const uint64_t letters = scales->Letters(stream, outer);
    if (letters == 0) {
      return;
    }
    if (letters > kLettersOfAPdfPage || out->size() >= kMostPainters) {
      all = false;
      return;
    }
    QPDFObjectHandle page = QPDFObjectHandle::newDictionary();
    page.replaceKey("/Contents", stream);
    page.replaceKey("/Resources", own.isDictionary() ? own : outer);
    out->push_back({page, {}});
  };
  // Names are counted each time: pages may share a list of them.
  const auto keys_of = [&](QPDFObjectHandle list) {
    std::set<std::string> keys;
    if (list.isDictionary()) {
      keys = list.getKeys();
      all = scales->Look(keys.size()) && all;
    }
    return keys;
  };
  QPDFObjectHandle patterns = resources.getKey("/Pattern");
  for (const std::string& key : keys_of(patterns)) {
    add(patterns.getKey(key), resources);
  }
  QPDFObjectHandle fonts = resources.getKey("/Font");
  for (const std::string& key : keys_of(fonts)) {
    QPDFObjectHandle font = fonts.getKey(key);
    if (!font.isDictionary() || !IsPdfName(font.getKey("/Subtype"), "/Type3") ||
        !font.getKey("/CharProcs").isDictionary() ||
        (font.isIndirect() && !seen->insert(font.getObjGen()).second)) {
      continue;
    }
    QPDFObjectHandle own = font.getKey("/Resources");
    if (own.isDictionary()) {
      open->push_back(own);
    }
    QPDFObjectHandle glyphs = font.getKey("/CharProcs");
    for (const std::string& glyph : keys_of(glyphs)) {
      add(glyphs.getKey(glyph), own.isDictionary() ? own : resources);
    }
  }
  return all;
}

// Of a page, of the forms that it draws, and so on: each once. False: as above.
bool FindPaintersOf(PdfLeaf* page, PdfScales* scales, std::set<QPDFObjGen>* seen,
                    std::vector<PdfLeaf>* out) {
  std::vector<QPDFObjectHandle> open = {KeyOf(page, "/Resources")};
  bool all = true;
  while (!open.empty()) {
    if (!scales->Look(1)) {
      return false;
    }
    QPDFObjectHandle resources = open.back();
    open.pop_back();
    if (!resources.isDictionary() ||
        (resources.isIndirect() && !seen->insert(resources.getObjGen()).second)) {
      continue;  // those of other pages, too
    }
    all = FindPainters(resources, scales, seen, &open, out) && all;
    QPDFObjectHandle objects = resources.getKey("/XObject");
    if (!objects.isDictionary()) {
      continue;
    }
    const std::set<std::string> keys = objects.getKeys();
    all = scales->Look(keys.size()) && all;
    for (const std::string& key : keys) {
      QPDFObjectHandle form = objects.getKey(key);
      if (form.isStream() && seen->insert(form.getObjGen()).second) {
        open.push_back(form.getDict().getKey("/Resources"));
      }
    }
  }
  return all;
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

std::string DrawAll(QPDF* pdf, uint64_t content_limit, uint64_t file_limit, bool* cut) {
  try {
    std::vector<PdfLeaf> pages = LeavesOfTree(pdf->getRoot());
    PdfScales scales(content_limit);
    std::set<QPDFObjGen> seen;
    std::vector<PdfLeaf> painters;
    std::vector<PdfLeaf> kept;
    for (PdfLeaf& page : pages) {
      if (scales.IsHeavy(page.object, KeyOf(&page, "/Resources"))) {
        continue;  // it is named elsewhere
      }
      *cut = !FindPaintersOf(&page, &scales, &seen, &painters) || *cut;
      kept.push_back(page);
    }
    kept.insert(kept.end(), painters.begin(), painters.end());
    QPDFObjectHandle everywhere = QPDFObjectHandle::newArray();
    for (const int64_t edge : {-20'000, -20'000, 20'000, 20'000}) {
      everywhere.appendItem(QPDFObjectHandle::newInteger(edge));
    }
    for (PdfLeaf& page : kept) {
      page.object.replaceKey("/MediaBox", everywhere);
      page.object.replaceKey("/CropBox", everywhere);
    }
    MakeFlatTree(pdf, &kept);
    return WritePdf(pdf, file_limit);
  } catch (const std::exception&) {
    return {};
  }
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
  PdfFonts fonts(&scales);
  PdfCover cover(&scales);
  size_t looked = 0;
  std::set<QPDFObjGen> seen;
  for (PdfLeaf& page : pages) {
    const auto found = page.inherited.find("/Resources");
    const QPDFObjectHandle resources =
        found != page.inherited.end() ? found->second : page.object.getKey("/Resources");
    const int64_t content = ContentBytes(page.object.getKey("/Contents"));
    out.pictures.push_back(ShowsPicture(resources, kPictureLevels, &looked) ||
                           content >= kBytesOfCurves);
    out.drawn.push_back(DrawnBytes(page.object, resources, content));
    out.heavy.push_back(scales.IsHeavy(page.object, resources));
    out.untold.push_back(!out.heavy.back() && fonts.HasUntold(page.object, resources));
    PdfPageCover& covered = out.cover.emplace_back();
    if (!out.heavy.back()) {
      covered = cover.Read(page.object, resources, ShownBox(&page), RotationOf(&page));
      covered.covered = covered.covered || (covered.cut && out.pictures.back());
    }
    if (!out.beyond && !out.heavy.back()) {
      std::vector<PdfLeaf> painters;
      const bool all = FindPaintersOf(&page, &scales, &seen, &painters);
      out.beyond = !all || !painters.empty() || ShowsLess(&page, &scales);
    }
  }
  if (out.lies && !pages.empty()) {
    try {
      MakeFlatTree(pdf, &pages);
      out.rebuilt = WritePdf(pdf, file_limit);
    } catch (const std::exception&) {
      // Named as damaged all the same.
    }
  }
  if (fonts.DropLies()) {
    out.deceives = fonts.deceives();
    try {
      out.as_shown = WritePdf(pdf, file_limit);
    } catch (const std::exception&) {
      out.untold.assign(pages.size(), true);
    }
  }
  return out;
}

}  // namespace gatepost::decode
