// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/header.h"

#include <algorithm>
#include <set>

namespace gatepost::picture {

namespace {

constexpr size_t kMostJpegHeaders = 4U << 20;
constexpr uint32_t kMostPages = 64;

// Reads numbers at places of a string; beyond its end everything is 0.
class Numbers {
 public:
  Numbers(Bytes in, bool big_endian) : in_(in), big_endian_(big_endian) {}

  uint32_t Get(size_t at, size_t bytes) const {
    if (bytes > in_.size() || at > in_.size() - bytes) {
      return 0;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; ++i) {
      const size_t place = big_endian_ ? at + i : at + bytes - 1 - i;
      value = value << 8U | static_cast<uint8_t>(in_[place]);
    }
    return value;
  }

 private:
  Bytes in_;
  bool big_endian_;
};

// ISO/IEC 15948, 11.2.2.
void ReadPng(Bytes picture, Header* out) {
  const Numbers number(picture, true);
  out->width = number.Get(16, 4);
  out->height = number.Get(20, 4);
}

// ITU T.81, B.2.2: the first start-of-frame marker.
void ReadJpeg(Bytes picture, Header* out) {
  const Numbers number(picture, true);
  const size_t end = std::min(picture.size(), kMostJpegHeaders);
  size_t at = 2;
  while (at + 4 <= end) {
    if (picture[at] != '\xff') {
      ++at;  // decoders skip what does not belong there
      continue;
    }
    const uint32_t marker = number.Get(at + 1, 1);
    if (marker == 0xff) {
      ++at;
      continue;
    }
    const bool alone = marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8);
    if (alone) {
      at += 2;
      continue;
    }
    const bool frame =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      out->height = number.Get(at + 5, 2);
      out->width = number.Get(at + 7, 2);
      return;
    }
    at += 2 + std::max<uint32_t>(number.Get(at + 2, 2), 2);
  }
}

// GIF89a: the screen, or the largest frame: browsers make the screen larger, libraries unpack
// frames.
void ReadGif(Bytes picture, Header* out) {
  constexpr uint32_t kMostBlocks = 100'000;
  const Numbers number(picture, false);
  out->width = number.Get(6, 2);
  out->height = number.Get(8, 2);
  const auto table = [&number](size_t flags_at) -> size_t {
    const uint32_t flags = number.Get(flags_at, 1);
    return (flags & 0x80U) != 0 ? 3ULL << ((flags & 7U) + 1) : 0;
  };
  size_t at = 13 + table(10);
  for (uint32_t blocks = 0; at < picture.size() && blocks < kMostBlocks;) {
    const uint32_t kind = number.Get(at, 1);
    if (kind == 0x2c) {
      out->width = std::max(out->width, number.Get(at + 5, 2));
      out->height = std::max(out->height, number.Get(at + 7, 2));
      at += 10 + table(at + 9) + 1;
    } else if (kind == 0x21) {
      at += 2;
    } else {
      break;
    }
    for (; number.Get(at, 1) != 0 && blocks < kMostBlocks; ++blocks) {
      at += 1 + number.Get(at, 1);
    }
    ++at;
    ++blocks;
  }
}

void ReadBmp(Bytes picture, Header* out) {
  const Numbers number(picture, false);
  if (number.Get(14, 4) == 12) {  // OS/2
    out->width = number.Get(18, 2);
    out->height = number.Get(20, 2);
    return;
  }
  out->width = number.Get(18, 4);
  const uint32_t height = number.Get(22, 4);
  // Negative: rows from top to bottom.
  out->height = height > 0x7fffffffU ? 0U - height : height;
}

// TIFF 6.0, section 2: the chain of directories.
void ReadTiff(Bytes picture, Header* out) {
  const Numbers number(picture, picture[0] == 'M');
  constexpr uint32_t kWidth = 256;
  constexpr uint32_t kHeight = 257;
  constexpr uint32_t kShort = 3;
  std::set<uint32_t> seen;
  uint32_t pages = 0;
  uint32_t at = number.Get(4, 4);
  while (at != 0 && pages < kMostPages && seen.insert(at).second && at < picture.size()) {
    const uint32_t entries = number.Get(at, 2);
    uint32_t width = 0;
    uint32_t height = 0;
    for (uint32_t i = 0; i < entries; ++i) {
      const size_t entry = at + 2ULL + 12ULL * i;
      const uint32_t tag = number.Get(entry, 2);
      if (tag != kWidth && tag != kHeight) {
        continue;
      }
      const size_t bytes = number.Get(entry + 2, 2) == kShort ? 2 : 4;
      (tag == kWidth ? width : height) = number.Get(entry + 8, bytes);
    }
    if (static_cast<uint64_t>(width) * height > out->pixels()) {
      out->width = width;
      out->height = height;
    }
    ++pages;
    at = number.Get(at + 2ULL + 12ULL * entries, 4);
  }
  out->pages = std::max<uint32_t>(pages, 1);
}

// RFC 9649.
void ReadWebp(Bytes picture, Header* out) {
  const Numbers number(picture, false);
  const Bytes kind = picture.substr(12, 4);
  if (kind == "VP8X") {
    out->width = 1 + number.Get(24, 3);
    out->height = 1 + number.Get(27, 3);
  } else if (kind == "VP8L") {
    const uint32_t bits = number.Get(21, 4);
    out->width = 1 + (bits & 0x3fffU);
    out->height = 1 + (bits >> 14U & 0x3fffU);
  } else {
    out->width = number.Get(26, 2) & 0x3fffU;
    out->height = number.Get(28, 2) & 0x3fffU;
  }
}

}  // namespace

Header ReadHeader(Bytes picture) {
  Header header;
  if (picture.substr(0, 8) == Bytes("\x89PNG\r\n\x1a\n", 8)) {
    header.format = Format::kPng;
    ReadPng(picture, &header);
  } else if (picture.substr(0, 3) == "\xff\xd8\xff") {
    header.format = Format::kJpeg;
    ReadJpeg(picture, &header);
  } else if (picture.substr(0, 6) == "GIF87a" || picture.substr(0, 6) == "GIF89a") {
    header.format = Format::kGif;
    ReadGif(picture, &header);
  } else if (picture.substr(0, 4) == Bytes("II*\0", 4) ||
             picture.substr(0, 4) == Bytes("MM\0*", 4)) {
    header.format = Format::kTiff;
    ReadTiff(picture, &header);
  } else if (picture.substr(0, 4) == "RIFF" && picture.size() > 15 &&
             picture.substr(8, 4) == "WEBP") {
    header.format = Format::kWebp;
    ReadWebp(picture, &header);
  } else if (picture.substr(0, 2) == "BM" && picture.size() > 26) {
    header.format = Format::kBmp;
    ReadBmp(picture, &header);
  }
  return header;
}

}  // namespace gatepost::picture
