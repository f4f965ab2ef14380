// The door to poppler: text by page and properties; what hangs beside the pages is
// pdf_objects.cc's. LIMITS: 2,000 pages; text within Limits::text_bytes; embedded files within the
// budget. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf.h"

#include <iconv.h>
#include <poppler/cpp/poppler-destination.h>
#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-embedded-file.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/decode/openers.h"
#include "src/decode/pdf_objects.h"
#include "src/decode/pdf_pages.h"
#include "src/decode/pdf_text.h"

namespace gatepost::decode {

namespace {

constexpr int kMostPages = static_cast<int>(kMostPdfPages);
// A page number or a scanner's stamp is not a text layer.
constexpr size_t kLettersOfAPage = 16;
// Nor is a line that a scanner or a signature puts over a scan.
constexpr size_t kLettersOverAScan = 100;
// Of a content stream, compressed: a line of text and some rules; nothing.
constexpr uint64_t kBytesOfALine = 600;
constexpr uint64_t kBytesOfNothing = 0;

void Discard(const std::string& /*message*/, void* /*data*/) {}

struct PageText {
  std::string text;
  std::vector<size_t> letters;  // of each page
};

// Without the pages that are too heavy.
PageText TextOfPages(const poppler::document& document, const std::vector<bool>& heavy,
                     bool stamped, uint64_t limit) {
  PageText out;
  PdfStamps stamps;
  const int pages = std::min(document.pages(), kMostPages);
  for (int i = 0; i < pages; ++i) {
    if (static_cast<size_t>(i) < heavy.size() && heavy[static_cast<size_t>(i)]) {
      out.letters.push_back(kLettersOfAPage);
      continue;
    }
    size_t letters = 0;
    const std::unique_ptr<poppler::page> page(document.create_page(i));
    if (page != nullptr) {
      // Reading order, so that columns stay apart and a stamp keeps a line of its own.
      std::string lines =
          PdfUtf8(page->text(poppler::rectf(), poppler::page::non_raw_non_physical_layout));
      for (char& c : lines) {
        c = c == '\f' ? '\n' : c;
        letters += c != ' ' && c != '\n' ? 1 : 0;
      }
      out.text += lines;
      if (!out.text.empty() && out.text.back() != '\n') {
        out.text.push_back('\n');
      }
      out.text += stamps.Read(*page, lines, stamped);
    }
    out.letters.push_back(letters);
    if (out.text.size() > limit) {
      break;  // AddText cuts and records
    }
  }
  return out;
}

// Pictures cover a page, and of its letters hardly any are drawn on it. What stands behind a scan
// for those who search it, unseen, is text, good or bad.
bool IsScan(size_t letters, const PdfPageCover& cover) {
  return cover.covered && cover.unseen < kLettersOfAPage &&
         letters - std::min<uint64_t>(letters, cover.of_notes) < kLettersOverAScan;
}

// What could be read by drawing it, scans first.
void NotePlaces(size_t leaf, const std::vector<PdfPageCover>& cover, Collector* out) {
  PagePictures found;
  for (const bool covered : {true, false}) {
    for (size_t i = 0; i < cover.size(); ++i) {
      if (cover[i].covered != covered) {
        continue;
      }
      for (PicturePlace place : cover[i].places) {
        place.page = static_cast<uint32_t>(i);
        found.more = found.more || found.places.size() >= kListedPdfPages;
        if (!found.more) {
          found.places.push_back(place);
        }
      }
    }
  }
  for (size_t i = 0; i < cover.size(); ++i) {
    if (cover[i].may_hold_code && found.code_pages.size() >= kListedPdfPages) {
      found.more = true;
    } else if (cover[i].may_hold_code) {
      found.code_pages.push_back(static_cast<uint32_t>(i));
    }
  }
  if (!found.places.empty() || !found.code_pages.empty()) {
    out->leaves().pictures[leaf] = std::move(found);
  }
}

// What cannot be read because it is a picture: the whole document, or single pages of it.
void NotePictures(size_t leaf, const std::vector<size_t>& letters, const PdfPages& tree,
                  Collector* out) {
  const size_t all = std::accumulate(letters.begin(), letters.end(), size_t{0});
  const bool few = all < kLettersOfAPage * std::min<size_t>(letters.size(), 4);
  // Few letters and hardly anything besides are a short page, not a picture of one.
  const uint64_t most = all == 0 ? kBytesOfNothing : kBytesOfALine;
  const bool bare = tree.drawn.size() == letters.size() &&
                    std::all_of(tree.drawn.begin(), tree.drawn.end(),
                                [&](uint64_t drawn) { return drawn <= most; });
  if (!letters.empty() && few && !bare) {
    out->SetFact("document.image-only");
    out->AddUnscannable(Reason::kImageOnly, out->leaf(leaf));
    return;
  }
  size_t listed = 0;
  for (size_t i = 0; i < std::min(letters.size(), tree.pictures.size()); ++i) {
    const bool is_picture = letters[i] < kLettersOfAPage && tree.pictures[i];
    if ((is_picture || tree.untold[i] || IsScan(letters[i], tree.cover[i])) &&
        listed++ < kListedPdfPages) {
      out->SetFact("document.image-pages");
      out->AddUnscannable(Reason::kImageOnly,
                          out->leaf(leaf).path + "/page " + std::to_string(i + 1));
    }
  }
}

std::unique_ptr<poppler::document> Load(Bytes pdf) {
  poppler::set_debug_error_function(Discard, nullptr);
  if (pdf.size() > INT32_MAX) {
    return nullptr;
  }
  return std::unique_ptr<poppler::document>(
      poppler::document::load_from_raw_data(pdf.data(), static_cast<int>(pdf.size())));
}

// Pages that are not read, by number.
void NoteHeavyPages(size_t leaf, const std::vector<bool>& heavy, Collector* out) {
  size_t listed = 0;
  for (size_t i = 0; i < heavy.size(); ++i) {
    if (heavy[i] && listed++ < kListedPdfPages) {
      out->AddUnscannable(Reason::kTooBig, out->leaf(leaf).path + "/page " + std::to_string(i + 1));
    }
  }
}

void ReadPages(size_t leaf, const poppler::document& document, const PdfObjects& objects,
               Collector* out) {
  const uint64_t limit = out->limits().text_bytes;
  const PdfPages& tree = objects.pages;
  // Readers differ in which pages they show where the tree contradicts itself: all are read.
  std::unique_ptr<poppler::document> rebuilt;
  if (objects.read ? tree.lies : document.pages() <= 0) {
    out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
    rebuilt = tree.rebuilt.empty() ? nullptr : Load(tree.rebuilt);
  }
  const poppler::document& pages_of = rebuilt != nullptr ? *rebuilt : document;
  PageText pages = TextOfPages(pages_of, tree.heavy, objects.stamped, limit);
  NoteHeavyPages(leaf, tree.heavy, out);
  if (document.pages() > kMostPages) {
    out->AddUnscannable(Reason::kTruncated, out->leaf(leaf));
  }
  NotePictures(leaf, pages.letters, tree, out);
  NotePlaces(leaf, tree.cover, out);
  if (!objects.without_layers.empty()) {
    const std::unique_ptr<poppler::document> all = Load(objects.without_layers);
    PageText shown;
    if (all != nullptr) {
      shown = TextOfPages(*all, tree.heavy, objects.stamped, limit);
    }
    if (shown.text.size() > pages.text.size()) {
      out->SetFact("document.hidden-text");
      out->AddText(leaf, "attachment", "all layers", std::move(shown.text));
    }
  }
  if (!tree.as_shown.empty()) {
    const std::unique_ptr<poppler::document> shown = Load(tree.as_shown);
    if (tree.deceives) {
      out->SetFact("document.hidden-text");  // what is told is seen by nobody
    }
    if (shown != nullptr) {
      out->AddText(leaf, "attachment", "letters as shown",
                   TextOfPages(*shown, tree.heavy, objects.stamped, limit).text);
    }
  }
  if (!objects.all_drawn.empty()) {
    const std::unique_ptr<poppler::document> all = Load(objects.all_drawn);
    PageText drawn;
    if (all != nullptr) {
      drawn = TextOfPages(*all, {}, objects.stamped, limit);
    }
    const auto letters = [](const PageText& text) {
      return std::accumulate(text.letters.begin(), text.letters.end(), size_t{0});
    };
    if (letters(drawn) > letters(pages)) {
      out->AddText(leaf, "attachment", "all that is drawn", std::move(drawn.text));
    }
  }
  out->AddText(leaf, "attachment", "", std::move(pages.text));
}

void ReadProperties(size_t leaf, const poppler::document& document, bool metadata, Collector* out) {
  std::string properties;
  for (const std::string& key : document.info_keys()) {
    if (key != "CreationDate" && key != "ModDate") {
      static constexpr std::string_view kUsual[] = {"Title",   "Author",   "Subject", "Keywords",
                                                    "Creator", "Producer", "Trapped"};
      const std::string value = PdfUtf8(document.info_key(key));
      const bool usual = std::find(std::begin(kUsual), std::end(kUsual), key) != std::end(kUsual);
      properties += value + "\n" + (usual ? "" : key + ": " + value + "\n");
    }
  }
  out->AddText(leaf, "docprops", "", std::move(properties));
  if (metadata) {
    out->AddText(leaf, "xml", "metadata", PdfUtf8(document.metadata()));
  }
}

void ReadFiles(size_t leaf, const poppler::document& document, Collector* out) {
  if (!document.has_embedded_files()) {
    return;
  }
  for (poppler::embedded_file* file : document.embedded_files()) {
    if (file == nullptr || !file->is_valid()) {
      continue;
    }
    const std::string name = file->name();
    const std::string path = out->leaf(leaf).path + "/" + Collector::CleanName(name);
    if (!out->TakeMember(path)) {
      return;
    }
    const poppler::byte_array data = file->data();
    if (data.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, path);
      continue;
    }
    out->AddMember(leaf, name, out->Keep(std::string(data.begin(), data.end())));
  }
}

// As an archive whose one member is the document without its lock.
void OpenLocked(size_t leaf, Bytes pdf, Collector* out) {
  if (out->passwords() == nullptr) {
    out->Defer(leaf, OpenPdf);
    return;
  }
  out->SetFact("document.encrypted");
  std::string plain = UnlockPdf(pdf, out);
  if (plain.empty() || out->leaf(leaf).depth >= out->limits().archive_depth ||
      !out->TakeMember(out->leaf(leaf).path)) {
    out->AddUnscannable(Reason::kEncrypted, out->leaf(leaf));
    return;
  }
  out->SetFact("archive.password-in-mail");
  const std::string name = out->leaf(leaf).name;
  out->leaf(leaf).is_container = true;
  out->AddMember(leaf, name, out->Keep(std::move(plain)));
}

// What was filled into a form, without the form (FDF: ISO 32000-1, 12.7.7): the same objects, and
// no pages.
void OpenFormData(size_t leaf, Collector* out) {
  // qpdf finds objects by the lines that they begin.
  std::string pdf;
  const Bytes data = out->leaf(leaf).bytes;
  constexpr Bytes kEnd = "endobj";
  for (size_t at = 0; at < data.size();) {
    const size_t end = std::min(data.find(kEnd, at), data.size());
    const size_t next = std::min(end + kEnd.size(), data.size());
    pdf.append(data.substr(at, next - at)).push_back('\n');
    at = next;
  }
  pdf[1] = 'P';
  if (!ReadPdfObjects(leaf, pdf, 0, out).read) {
    out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
  }
}

}  // namespace

void OpenPdf(size_t leaf, Collector* out) {
  Bytes pdf = out->leaf(leaf).bytes;
  const bool is_form_data = pdf.substr(0, 5) == "%FDF-";
  const size_t start = pdf.substr(0, 1U << 16).find("%PDF");
  if (start != Bytes::npos) {
    pdf.remove_prefix(start);  // offsets count from the header
  }
  const std::unique_ptr<poppler::document> document = Load(pdf);
  // With pages it is a document, whatever its first line says.
  if (is_form_data && (document == nullptr || document->pages() <= 0)) {
    OpenFormData(leaf, out);
    return;
  }
  if (document == nullptr) {
    const bool encrypted = pdf.find("/Encrypt") != Bytes::npos;
    out->AddUnscannable(encrypted ? Reason::kEncrypted : Reason::kDamaged, out->leaf(leaf));
    if (encrypted) {
      out->SetFact("document.encrypted");
    }
    return;
  }
  if (document->is_locked()) {
    OpenLocked(leaf, pdf, out);
    return;
  }
  const PdfObjects objects =
      ReadPdfObjects(leaf, pdf, static_cast<size_t>(std::max(document->pages(), 0)), out);
  ReadProperties(leaf, *document, !objects.read, out);
  ReadPages(leaf, *document, objects, out);
  if (objects.read) {
    return;
  }
  ReadFiles(leaf, *document, out);
  for (const Bytes action : {Bytes("/Launch"), Bytes("/GoToR"), Bytes("/GoToE")}) {
    if (pdf.find(action) != Bytes::npos) {
      out->SetFact("document.external");
    }
  }
  if (pdf.find("/JavaScript") != Bytes::npos) {
    out->SetFact("document.macros");
  }
}

void WarmUpPdf() {
  // Held open for the life of the process, so that glibc keeps the converter that poppler uses.
  static const iconv_t held = iconv_open("UTF-16", "UTF-8");
  (void)held;
  static constexpr char kTiny[] =
      "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
      "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
      "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
      "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
      "4 0 obj<</Length 31>>stream\nBT /F 12 Tf 9 9 Td (warm) Tj ET\nendstream endobj\n"
      "trailer<</Root 1 0 R/Size 5>>\n%%EOF\n";
  const std::unique_ptr<poppler::document> document = Load(Bytes(kTiny, sizeof kTiny - 1));
  if (document != nullptr && document->pages() > 0) {
    const std::unique_ptr<poppler::page> page(document->create_page(0));
    if (page != nullptr) {
      page->text();
    }
  }
}

}  // namespace gatepost::decode
