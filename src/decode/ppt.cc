// PowerPoint 97-2003 (MS-PPT), and property sets (MS-OLEPS).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/inflate.h"
#include "src/decode/office97.h"
#include "src/decode/ppt_fonts.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr uint32_t kCryptSession = 0x2f14;  // called a container, and holds no records

// Where records begin that PowerPoint goes to, and whether the walk through the document has come
// by.
using PptPlaces = std::map<uint64_t, bool>;

// One record behind the other; containers are entered by stepping over their headers. Marks in
// `places`, where given, those that it comes by; its numbers count from `begin` of the document.
class PptRecords {
 public:
  explicit PptRecords(Bytes document, PptPlaces* places = nullptr, uint64_t begin = 0)
      : in_(document), places_(places), begin_(begin) {}

  struct Record {
    uint32_t instance = 0;
    uint32_t type = 0;
    Bytes data;  // shorter than it says where the document ends
  };
  // The next one that is no container; false: there is none.
  bool Next(Record* out) {
    while (at_ + 8 <= in_.size()) {
      if (blob_end_ != 0 && at_ + 8 > blob_end_) {
        at_ = blob_end_;  // what is no record must not shift what follows
        blob_end_ = 0;
        continue;
      }
      if (places_ != nullptr) {
        const auto found = places_->find(begin_ + at_);
        if (found != places_->end()) {
          found->second = true;
        }
      }
      const uint32_t version = in_.U16(at_);
      const uint32_t type = in_.U16(at_ + 2);
      const uint32_t length = in_.U32(at_ + 4);
      at_ += 8;
      if ((version & 0x0f) == 0x0f && type != kCryptSession) {
        continue;
      }
      if (type == 0x138b && blob_end_ == 0) {
        blob_end_ = at_ + length;  // PowerPoint 2002 and later: comments and the like (2.3.20)
        continue;
      }
      if (blob_end_ != 0 && at_ + length > blob_end_) {
        at_ = blob_end_;
        blob_end_ = 0;
        continue;
      }
      *out = {version >> 4, type, in_.Slice(at_, length)};
      at_ += length;
      return true;
    }
    return false;
  }

 private:
  LittleEndian in_;
  PptPlaces* places_;
  uint64_t begin_;
  uint64_t at_ = 0;
  uint64_t blob_end_ = 0;  // of the BinaryTagDataBlob whose records are being read; 0: none
};

constexpr uint32_t kTextHeaderAtom = 0x0f9f;
constexpr uint32_t kTextCharsAtom = 0x0fa0;
constexpr uint32_t kStyleTextPropAtom = 0x0fa1;
constexpr uint32_t kTextBytesAtom = 0x0fa8;
constexpr uint32_t kCString = 0x0fba;
constexpr uint32_t kOtherText = 4;

// Texts, each written when its style is known or cannot come any more.
class PptText {
 public:
  PptText(const PptFonts* fonts, LegacyText* out) : fonts_(fonts), out_(out) {}

  void Add(const PptRecords::Record& record) {
    if (record.type == kTextHeaderAtom) {
      Flush({});
      kind_ = LittleEndian(record.data).U32(0);
    } else if (record.type == kTextCharsAtom || record.type == kTextBytesAtom) {
      Flush({});
      text_ = record.data;
      wide_ = record.type == kTextCharsAtom;
    } else if (record.type == kStyleTextPropAtom) {
      Flush(record.data);
    } else if (record.type == kCString) {
      Flush({});
      Append(0, Utf16LeToUtf8(record.data));
      EndText(!record.data.empty());
    }
  }
  void Flush(Bytes style) {
    const Bytes text = std::exchange(text_, {});
    const size_t unit = wide_ ? 2 : 1;
    size_t at = 0;
    for (const PptFonts::Run& run :
         fonts_->RunsOf(kind_, style, static_cast<uint32_t>(text.size() / unit))) {
      const Bytes piece = text.substr(at * unit, run.characters * unit);
      at += run.characters;
      Append(out_->marks.NumberOf(run.font),
             wide_ ? Utf16LeToUtf8(piece) : CodePageToUtf8(1252, piece));
    }
    EndText(!text.empty());
    kind_ = text.empty() ? kind_ : kOtherText;
  }

 private:
  void Append(uint32_t font, std::string text) {
    std::replace(text.begin(), text.end(), '\r', '\n');
    std::replace(text.begin(), text.end(), '\v', '\n');
    if (font != font_) {
      FontMarks::Append(font, &out_->body);
      font_ = font;
    }
    out_->body += text;
  }
  void EndText(bool any) {
    if (any) {
      out_->body += "\n";
    }
  }

  const PptFonts* fonts_;
  LegacyText* out_;
  Bytes text_;
  bool wide_ = false;
  uint32_t kind_ = kOtherText;
  uint32_t font_ = 0;
};

// The document from its beginning, and from each place that PowerPoint goes to and this has not
// come by: an object that nobody uses may hold a record that says to be as long as what follows.
std::vector<Bytes> PptStretches(Bytes document, Bytes current_user, bool* cut) {
  const SlideObjects objects = SlideObjectsOf(document, LittleEndian(current_user).U32(16));
  *cut = *cut || objects.too_many;
  PptPlaces places;
  for (const auto& [number, place] : objects.places) {
    places.emplace(place, false);
  }
  std::vector<Bytes> out = {document};
  PptRecords::Record record;
  for (PptRecords all(document, &places); all.Next(&record);) {
  }
  uint64_t walked = 0;
  const LittleEndian in(document);
  for (auto& [at, passed] : places) {
    if (passed || at + 8 > document.size()) {
      continue;
    }
    const Bytes stretch = in.Slice(at, 8 + uint64_t{in.U32(at + 4)});
    walked += stretch.size();
    if (walked > 4 * document.size()) {
      *cut = true;
      break;
    }
    for (PptRecords all(stretch, &places, at); all.Next(&record);) {
    }
    out.push_back(stretch);
  }
  return out;
}

}  // namespace

SlideObjects SlideObjectsOf(Bytes stream, uint64_t edit) {
  constexpr int kMostEdits = 1000;
  constexpr int kMostObjects = 50'000;
  SlideObjects out;
  int seen = 0;
  const LittleEndian in(stream);
  for (int i = 0; in.U16(edit + 2) == 0x0ff5; ++i) {
    if (i == kMostEdits) {
      out.too_many = true;
      break;
    }
    if (out.session == 0 && in.U32(edit + 4) >= 0x20) {
      out.session = in.U32(edit + 8 + 28);
    }
    const uint64_t directory = in.U32(edit + 8 + 12);
    const uint64_t end = std::min<uint64_t>(directory + 8 + in.U32(directory + 4), in.size());
    for (uint64_t at = directory + 8; in.U16(directory + 2) == 0x1772 && at + 4 <= end;) {
      const uint32_t first = in.U32(at) & 0xfffffU;
      const uint32_t count = in.U32(at) >> 20;
      at += 4;
      for (uint32_t k = 0; k < count && at + 4 <= end; ++k, ++seen, at += 4) {
        out.places.emplace(first + k, in.U32(at));
      }
      if (++seen > kMostObjects) {
        out.too_many = true;
        return out;
      }
    }
    const uint64_t before = in.U32(edit + 8 + 8);
    if (before == 0 || before >= edit) {
      break;  // an older one stands before a newer one, always
    }
    edit = before;
  }
  return out;
}

LegacyText ReadPpt(Bytes document, Bytes current_user, uint64_t limit) {
  LegacyText out;
  PptFonts fonts;
  PptRecords::Record record;
  const std::vector<Bytes> stretches = PptStretches(document, current_user, &out.cut);
  for (const Bytes stretch : stretches) {
    for (PptRecords all(stretch); all.Next(&record);) {
      fonts.Add(record.type, record.instance, record.data);
    }
  }
  PptText text(&fonts, &out);
  uint64_t objects = 0;
  size_t next = 0;
  PptRecords all(stretches[next++]);
  while (out.body.size() < limit) {
    if (!all.Next(&record)) {
      if (next == stretches.size()) {
        break;
      }
      all = PptRecords(stretches[next++]);
      continue;
    }
    const LittleEndian in(record.data);
    text.Add(record);
    if (record.type == 0x0400) {  // VBAInfoAtom: where the project is, and whether
      out.macros = out.macros || in.U32(0) != 0 || in.U32(4) != 0;
    } else if (record.type == kCryptSession) {
      out.encrypted = true;
    } else if (record.type == 0x1011) {  // ExOleObjStg: instance 1 is its size, then zlib (2.10.34)
      // Behind the size stands a zlib stream: two bytes of header, then DEFLATE.
      const uint64_t room = limit - std::min(limit, objects);
      std::string object =
          record.instance == 1
              ? Inflate(record.data.substr(std::min<size_t>(6, record.data.size())), room).bytes
              : std::string(record.data.substr(0, room));
      objects += object.size();
      if (!object.empty() && objects <= limit) {
        out.objects.push_back(std::move(object));
      } else {
        out.cut = out.cut || objects > limit;
      }
    } else if (record.type == 0x0fd6 || record.type == 0x0fd7) {  // ExOleLinkAtom and kin
      out.external = true;
    }
  }
  text.Flush({});
  out.fonts = fonts.names();
  return out;
}

std::string ReadPropertySet(Bytes stream) {
  const LittleEndian in(stream);
  std::string out;
  if (in.U16(0) != 0xfffe) {
    return out;
  }
  const uint32_t sets = std::min<uint32_t>(in.U32(24), 2);
  for (uint32_t s = 0; s < sets; ++s) {
    const uint64_t base = in.U32(28 + 20ULL * s + 16);
    const uint32_t count = std::min<uint32_t>(in.U32(base + 4), 1000);
    int code_page = 1252;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t id = in.U32(base + 8 + 8ULL * i);
      const uint64_t at = base + in.U32(base + 12 + 8ULL * i);
      const uint32_t type = in.U16(at);
      const uint32_t length = std::min<uint32_t>(in.U32(at + 4), 65536);
      std::string text;
      if (id == 1 && type == 2) {
        code_page = static_cast<int>(in.U16(at + 4));
      } else if (type == 0x1e) {
        text = code_page == 1200 ? Utf16LeToUtf8(in.Slice(at + 8, length))
                                 : CodePageToUtf8(code_page, in.Slice(at + 8, length));
      } else if (type == 0x1f) {
        text = Utf16LeToUtf8(in.Slice(at + 8, 2ULL * length));
      }
      text = text.substr(0, text.find('\0'));
      if (!text.empty()) {
        out += text + "\n";
      }
    }
  }
  return out;
}

}  // namespace gatepost::decode
