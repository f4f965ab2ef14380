// Words that a picture carries beside its pixels: comments, titles and descriptions of JPEG, PNG,
// GIF and WebP, which programs show as its properties, and of what is called a BMP. LIMITS: 1,000
// pieces, 1 MiB of each, text_bytes of all. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include "src/decode/inflate.h"
#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostPieces = 1'000;
constexpr size_t kLongestPiece = 1U << 20;
constexpr size_t kMostBmp = 1U << 20;

// Segments before the scan: COM and APPn (EXIF, XMP, IPTC).
std::string JpegWords(Bytes b) {
  std::string out;
  size_t at = 2;
  for (size_t n = 0; n < kMostPieces && at + 4 <= b.size() && b[at] == '\xff'; ++n) {
    const auto marker = static_cast<unsigned char>(b[at + 1]);
    const size_t length = BigEndian(b, at + 2, 2);
    constexpr unsigned kScan = 0xda;
    if (marker == kScan || length < 2) {
      break;
    }
    if (marker == 0xfe || (marker >= 0xe1 && marker <= 0xef && marker != 0xe2)) {  // E2: colours
      (out += b.substr(at + 4, length - 2)).push_back('\0');
    }
    at += 2 + length;
  }
  return out;
}

// tEXt, zTXt, iTXt, eXIf.
std::string PngWords(Bytes b, uint64_t room) {
  std::string out;
  size_t at = 8;
  for (size_t n = 0; n < kMostPieces && at + 12 <= b.size(); ++n) {
    const uint64_t length = BigEndian(b, at, 4);
    const Bytes kind = b.substr(at + 4, 4);
    Bytes data = b.substr(at + 8, std::min<uint64_t>(length, kLongestPiece));
    at += std::min<uint64_t>(length, b.size()) + 12;
    const bool packed = kind == "zTXt" || kind == "iTXt";
    if (!packed && kind != "tEXt" && kind != "eXIf") {
      continue;
    }
    // A key, NUL; then how it is packed, and in iTXt two more strings.
    const size_t key = std::min(data.find('\0'), data.size());
    size_t begin = key + (kind == "iTXt" ? 3 : 2);
    const bool deflated = kind == "zTXt" || (packed && key + 1 < data.size() && data[key + 1] == 1);
    for (int i = 0; kind == "iTXt" && i < 2; ++i) {
      begin = std::min(data.find('\0', begin), data.size()) + 1;
    }
    if (deflated && begin + 2 < data.size()) {
      (out += data.substr(0, key)).push_back('\0');
      out += Inflate(data.substr(begin + 2), std::min<uint64_t>(room, kLongestPiece)).bytes;
    } else {
      out += data;
    }
    out.push_back('\0');
  }
  return out;
}

// Comment and application extensions, wherever they stand: their blocks joined.
std::string GifWords(Bytes b) {
  std::string out;
  size_t n = 0;
  for (size_t at = b.find("!\xfe"); at != Bytes::npos && n < kMostPieces;
       at = b.find("!\xfe", at + 1), ++n) {
    size_t block = at + 2;
    while (block < b.size() && b[block] != '\0' && out.size() < kLongestPiece) {
      const size_t length = static_cast<unsigned char>(b[block]);
      out += b.substr(block + 1, length);
      block += 1 + length;
    }
    out.push_back('\0');
  }
  return out;
}

std::string WebpWords(Bytes b) {
  std::string out;
  for (const char* kind : {"EXIF", "XMP "}) {
    const size_t at = b.find(kind, 12);
    if (at != Bytes::npos) {
      (out += b.substr(at + 8, kLongestPiece)).push_back('\0');
    }
  }
  return out;
}

// A picture that Windows keeps without packing says how long it is; letters behind two that happen
// to be "BM" say nothing of the kind. Its grey values may spell words, its size does not.
std::string BmpWords(Bytes b) {
  const uint64_t size = LittleEndian(b).U32(2);
  return size == b.size() || b.size() > kMostBmp ? std::string() : std::string(b.substr(2));
}

}  // namespace

void OpenPictureWords(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  const Bytes b = leaf.bytes;
  const std::string words = b.substr(0, 2) == "\xff\xd8"  ? JpegWords(b)
                            : b.substr(0, 4) == "\x89PNG" ? PngWords(b, out->Room())
                            : b.substr(0, 4) == "GIF8"    ? GifWords(b)
                            : b.substr(0, 4) == "RIFF"    ? WebpWords(b)
                            : b.substr(0, 2) == "BM"      ? BmpWords(b)
                                                          : std::string();
  out->Spend(words.size());
  out->AddText(index, "docprops", "picture", ReadableStretches(words, out->limits().text_bytes));
}

}  // namespace gatepost::decode
