// Files of no known kind: what can be read in them is read, and what cannot is said to be unread.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "src/decode/magic.h"
#include "src/decode/opaque.h"
#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

// Drawings (AutoCAD, metafiles of Windows) and databases keep many words as they are.
bool IsDrawingOrDatabase(Bytes b) {
  return b.substr(0, 4) == "AC10" || b.substr(0, 15) == "SQLite format 3" ||
         (b.size() > 44 && b.substr(40, 4) == " EMF") || b.substr(0, 4) == "\xd7\xcd\xc6\x9a";
}

// Sound, film, pictures and fonts: compressed by their nature, so that noise says nothing. Their
// words (titles, subtitles, layers of text) are read like those of others.
bool IsMedia(Bytes b) {
  struct Beginning {
    size_t at;
    Bytes bytes;
  };
  static constexpr std::array<Beginning, 40> kBeginnings = {{
      {0, Lit("ID3")},
      {0, Lit("OggS")},
      {0, Lit("fLaC")},
      {0, Lit("RIFF")},
      {0, Lit("FORM")},
      {0, Lit("MThd")},
      {0, Lit("#!AMR")},
      {0, Lit(".snd")},
      {0, Lit("caff")},
      {0, Lit("MAC ")},
      {0, Lit("wvpk")},
      {4, Lit("ftyp")},
      {4, Lit("moov")},
      {4, Lit("mdat")},
      {4, Lit("wide")},
      {0, Lit("\x1a\x45\xdf\xa3")},                  // Matroska
      {0, Lit("\x30\x26\xb2\x75\x8e\x66\xcf\x11")},  // ASF
      {0, Lit("FLV\x01")},
      {0, Lit(".RMF")},
      {0, Lit("\x00\x00\x01\xba")},  // MPEG
      {0, Lit("\x00\x00\x01\xb3")},
      {0, Lit("8BPS")},
      {0, Lit("\x00\x00\x01\x00")},  // icons
      {0, Lit("\x00\x00\x02\x00")},
      {0, Lit("\x00\x00\x00\x0cjP  ")},  // JPEG 2000
      {0, Lit("\xff\x4f\xff\x51")},
      {0, Lit("\x00\x00\x00\x0cJXL ")},
      {0, Lit("\xff\x0a")},
      {0, Lit("II\xbc\x01")},  // JPEG XR
      {0, Lit("IIU\x00")},     // cameras
      {0, Lit("FUJIFILM")},
      {0, Lit("gimp xcf")},
      {0, Lit("DDS ")},
      {0, Lit("\x76\x2f\x31\x01")},  // OpenEXR
      {0, Lit("OTTO")},
      {0, Lit("ttcf")},
      {0, Lit("wOFF")},
      {0, Lit("wOF2")},
      {0, Lit("\x00\x01\x00\x00\x00")},  // TrueType
      {0, Lit("true\x00")},
  }};
  const auto is_at = [b](const Beginning& m) { return At(b, m.at, m.bytes); };
  // A frame of MPEG audio: eleven bits of synchronisation, a layer, a bit rate, a sampling rate.
  const bool frame = b.size() > 3 && b[0] == '\xff' && (b[1] & '\xe0') == '\xe0' &&
                     (b[1] & 6) != 0 && (b[2] & '\xf0') != '\xf0' && (b[2] & 12) != 12;
  constexpr size_t kPacket = 188;  // a transport stream
  const bool packets =
      b.size() > 2 * kPacket && b[0] == 'G' && b[kPacket] == 'G' && b[2 * kPacket] == 'G';
  // Type 1 fonts, and OpenPGP keys and signatures (RFC 9580 section 5): a packet of that kind whose
  // version is known.
  const bool font = b.size() > 16 && b[0] == '\x80' && b[1] == 1 && At(b, 6, Lit("%!"));
  const bool key = b.size() > 8 && (b[0] & '\xfc') == '\x98' && b[3] >= 3 && b[3] <= 6;
  return frame || packets || font || key ||
         std::any_of(kBeginnings.begin(), kBeginnings.end(), is_at);
}

// A picture without compression (PBM, PGM, PPM in bytes): its grey values are letters by chance.
bool IsRaster(Bytes b) {
  return b.size() > 8 && b[0] == 'P' && b[1] >= '4' && b[1] <= '7' && (b[2] == '\n' || b[2] == ' ');
}

// Word and Excel write who has a file open into a small one beside it.
bool IsOwnerFile(const Leaf& leaf) {
  constexpr size_t kLongest = 200;
  return leaf.name.substr(0, 2) == "~$" && leaf.bytes.size() <= kLongest;
}

}  // namespace

void OpenUnknown(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  const bool shown = AsciiStartsWithIgnoreCase(leaf.media_type, "text/") && !leaf.is_attachment;
  if (leaf.is_alternative || shown || IsRaster(leaf.bytes)) {
    return;
  }
  if (leaf.type == Type::kText) {  // what is called a text may be none
    if (leaf.is_attachment && !leaf.is_component && IsNoise(leaf.bytes)) {
      out->AddUnscannable(Reason::kUnknownType, leaf);
    }
    return;
  }
  const std::string path = AsciiLower(leaf.path);
  // Parts that hold what a page shows and that nobody else reads.
  const bool is_shown = !leaf.is_component || IsDrawingOrDatabase(leaf.bytes) ||
                        path.find("/activex") != std::string::npos ||
                        path.find("/objectreplacements/") != std::string::npos ||
                        path.find("/printersettings") != std::string::npos;
  if (is_shown && !IsMostlyPrintable(leaf.bytes)) {  // what is, is shown as a text (decode.cc)
    out->AddText(index, "attachment", "readable",
                 ReadableStretches(leaf.bytes, out->limits().text_bytes));
  }
  const std::vector<Unscannable>& told = out->leaves().unscannable;
  if (leaf.is_component || (!told.empty() && told.back().path == leaf.path)) {
    return;  // or encrypted, or a volume
  }
  const std::string extension = Extension(leaf.name);
  if (NamesOpaqueContainer(extension)) {
    out->AddUnknownContainer(leaf.path);
  } else if (PromisesContent(extension) && !IsOwnerFile(leaf)) {
    out->AddUnscannable(Reason::kDamaged, leaf);
  } else if (IsNoise(leaf.bytes) && !IsMedia(leaf.bytes) && !IsDrawingOrDatabase(leaf.bytes)) {
    out->AddUnscannable(Reason::kUnknownType, leaf);
  }
}

}  // namespace gatepost::decode
