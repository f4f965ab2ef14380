// An RTF leaf: text, headers, field codes, font names, and embedded objects as leaves. Our own
// tokenizer, because obfuscated RTF is written for the gaps between readers.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/elsewhere.h"
#include "src/decode/equation.h"
#include "src/decode/formula.h"
#include "src/decode/ooxml_text.h"
#include "src/decode/openers.h"
#include "src/decode/reader.h"
#include "src/decode/rtf_reader.h"

namespace gatepost::decode {

namespace {

// What field codes and the name of the template start or fetch.
struct Codes {
  bool dde = false;
  bool external = false;
  bool remote_template = false;
};

Codes ReadCodes(const RtfReader& reader) {
  Codes out;
  const std::string field = AsciiLower(reader.field);
  const auto each_line = [](Bytes lines, const auto& read) {
    for (size_t at = 0; at < lines.size();) {
      const size_t end = std::min(lines.find('\n', at), lines.size());
      read(lines.substr(at, end - at));
      at = end + 1;
    }
  };
  each_line(field, [&](Bytes code) {
    out.dde = out.dde || IsDdeField(code) || code.find("ddeauto") != Bytes::npos ||
              code.find(" dde ") != Bytes::npos;
    out.external = out.external || out.dde || IsExternalField(code) ||
                   (code.find("includetext") != Bytes::npos && NamesElsewhere(code));
  });
  each_line(reader.attached,
            [&](Bytes name) { out.remote_template = out.remote_template || IsElsewhere(name); });
  return out;
}

size_t Count(Bytes where, std::string_view word) {
  size_t count = 0;
  for (size_t at = where.find(word); at != Bytes::npos; at = where.find(word, at + word.size())) {
    ++count;
  }
  return count;
}

// Whether there are objects beyond formulas that are understood, each one: counted in the source,
// where readers that take its groups otherwise see them too.
bool HasDoubtfulObjects(Bytes rtf, const RtfReader& reader) {
  const std::string source = AsciiLower(rtf);
  const size_t data = Count(source, "\\objdata");
  const size_t named = Count(source, "\\objemb");
  // The field in front of a formula names its class, too, and starts nothing.
  const size_t classes = Count(source, "equation.3") - Count(source, "embed equation.3");
  if (source.find("\\objupdate") != std::string::npos ||
      source.find("\\objautlink") != std::string::npos) {
    return true;
  }
  if (data + named + classes == 0) {
    return false;
  }
  size_t formulas = 0;
  for (size_t i = 0; i < reader.objects.size(); ++i) {
    formulas += reader.plain_objects[i] && IsSoundFormulaObject(reader.objects[i]) ? 1 : 0;
  }
  return formulas != data || named > formulas || classes > formulas;
}

void SetFacts(const RtfReader& reader, const Codes& codes, Collector* out) {
  const std::pair<bool, const char*> facts[] = {
      {codes.dde, "document.dde"},
      {codes.external || reader.linked || codes.remote_template, "document.external"},
      {codes.remote_template, "document.remote-template"},
      {reader.object_data, "document.ole-object"},
      {reader.object_update, "document.ole-update"},
      {reader.hidden_text, "document.hidden-text"}};
  for (const auto& [is_true, name] : facts) {
    if (is_true) {
      out->SetFact(name);
    }
  }
}

// \dibitmap: a bitmap of Windows without the header that its files have.
std::string AsBitmapFile(std::string bitmap) {
  const LittleEndian in(bitmap);
  const uint32_t header = in.U32(0);
  const bool core = header == 12;
  const uint32_t depth = in.U16(core ? 10 : 14);
  constexpr uint32_t kDepths[] = {1, 4, 8, 16, 24, 32};
  if ((!core && header != 40 && header != 108 && header != 124) || in.U16(core ? 8 : 12) != 1 ||
      std::find(std::begin(kDepths), std::end(kDepths), depth) == std::end(kDepths)) {
    return bitmap;
  }
  const uint32_t packed = core ? 0 : in.U32(16);
  const uint64_t listed = core ? 0 : in.U32(32);
  const uint64_t colors = listed != 0 || depth > 8 ? listed : uint64_t{1} << depth;
  const uint64_t masks = header != 40 ? 0 : packed == 3 ? 12 : packed == 6 ? 16 : 0;
  constexpr uint64_t kFileHeader = 14;
  const uint64_t pixels = kFileHeader + header + masks + colors * (core ? 3 : 4);
  const uint64_t size = kFileHeader + bitmap.size();
  return pixels > size
             ? bitmap
             : "BM" + LittleBytes(size, 4) + LittleBytes(0, 4) + LittleBytes(pixels, 4) + bitmap;
}

}  // namespace

void OpenRtf(size_t leaf, Collector* out) {
  const Bytes rtf = out->leaf(leaf).bytes;
  RtfReader reader(rtf);
  reader.Run();
  if (reader.unseen_text) {
    RtfReader shown(rtf, RtfReading::kShown);
    shown.Run();
    out->AddShown(leaf, "attachment", "", shown.body, reader.body, shown.marks);
  }
  if (reader.from_html) {
    RtfReader page(rtf, RtfReading::kHtml);
    page.Run();
    if (page.body.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, out->leaf(leaf));
    } else if (!page.body.empty()) {
      AddHtmlBody(leaf, out->Keep(std::move(page.body)), "utf-8", out);
    }
  }
  std::vector<FontRun> fonts = reader.marks.Take(&reader.body);
  out->AddText(leaf, "attachment", "", std::move(reader.body), std::move(fonts));
  reader.margin += reader.shape;
  fonts = reader.marks.Take(&reader.margin);
  out->AddText(leaf, "header-footer", "", std::move(reader.margin), std::move(fonts));
  // What field codes would show, as in Word's other formats.
  const Bytes codes(reader.field);
  for (size_t at = 0; at < codes.size();) {
    const size_t end = std::min(codes.find('\n', at), codes.size());
    reader.info += WordsOfField(codes.substr(at, end - at));
    at = end + 1;
  }
  out->AddText(leaf, "docprops", "", std::move(reader.info));
  out->AddText(leaf, "fonts", "", std::move(reader.fonts));
  SetFacts(reader, ReadCodes(reader), out);
  if (HasDoubtfulObjects(rtf, reader)) {
    out->SetFact("document.ole-doubtful");
  }
  out->AddText(leaf, "rels", "", reader.field + reader.attached);
  for (std::string& object : reader.objects) {
    const std::string path = out->leaf(leaf).path + "/object";
    if (!out->TakeMember(path)) {
      return;
    }
    if (object.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, path);
      return;
    }
    const Bytes kept = out->Keep(std::move(object));
    // OLE 1.0 wraps the compound file in a small header of its own.
    const size_t compound = kept.find(Bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8));
    std::string name;
    Bytes data;
    const size_t package = kept.substr(0, 64).find(Bytes("Package\0", 8));
    if (compound == Bytes::npos && package != Bytes::npos &&
        ReadPackage(kept.substr(std::min(kept.size(), package + 20)), &name, &data)) {
      NoteEmbedded(name, data, out);
      out->AddMember(leaf, name.empty() ? "object" : name, data);
      continue;
    }
    out->AddMember(leaf, "object", compound == Bytes::npos ? kept : kept.substr(compound));
  }
  for (std::string& picture : reader.pictures) {
    if (!out->TakeMember(out->leaf(leaf).path + "/picture")) {
      break;
    }
    constexpr size_t kHeader = 14;  // that a bitmap gets
    if (picture.size() + kHeader > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, out->leaf(leaf).path + "/picture");
      break;
    }
    picture = AsBitmapFile(std::move(picture));
    out->AddMember(leaf, "picture", out->Keep(std::move(picture))).is_component = true;
  }
}

}  // namespace gatepost::decode
