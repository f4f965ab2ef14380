// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/raster.h"

#include <leptonica/allheaders.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "src/picture/exif.h"
#include "src/picture/header.h"

namespace gatepost::picture {

namespace {

constexpr size_t kMostFrames = 64;

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using PixPtr = std::unique_ptr<Pix, PixDeleter>;

const l_uint8* Data(Bytes bytes) { return reinterpret_cast<const l_uint8*>(bytes.data()); }

PixPtr ToPix(const Raster& raster) {
  const bool grey = raster.channels == 1;
  PixPtr pix(pixCreate(static_cast<l_int32>(raster.width), static_cast<l_int32>(raster.height),
                       grey ? 8 : 32));
  if (pix == nullptr) {
    return nullptr;
  }
  l_uint32* const data = pixGetData(pix.get());
  const auto words = static_cast<size_t>(pixGetWpl(pix.get()));
  const uint8_t* from = raster.pixels.data();
  for (uint32_t y = 0; y < raster.height; ++y) {
    l_uint32* const line = data + y * words;
    for (uint32_t x = 0; x < raster.width; ++x, from += raster.channels) {
      if (grey) {
        SET_DATA_BYTE(line, x, *from);
      } else {
        composeRGBPixel(from[0], from[1], from[2], line + x);
      }
    }
  }
  return pix;
}

// 8 bits or 32 bits a pixel.
Raster FromPix(Pix* pix) {
  Raster out;
  out.width = static_cast<uint32_t>(pixGetWidth(pix));
  out.height = static_cast<uint32_t>(pixGetHeight(pix));
  out.channels = pixGetDepth(pix) == 32 ? 3 : 1;
  out.pixels.resize(static_cast<size_t>(out.width) * out.height * out.channels);
  const l_uint32* const data = pixGetData(pix);
  const auto words = static_cast<size_t>(pixGetWpl(pix));
  uint8_t* to = out.pixels.data();
  for (uint32_t y = 0; y < out.height; ++y) {
    const l_uint32* const line = data + y * words;
    for (uint32_t x = 0; x < out.width; ++x) {
      if (out.channels == 1) {
        *to++ = static_cast<uint8_t>(GET_DATA_BYTE(line, x));
      } else {
        *to++ = static_cast<uint8_t>(line[x] >> L_RED_SHIFT);
        *to++ = static_cast<uint8_t>(line[x] >> L_GREEN_SHIFT);
        *to++ = static_cast<uint8_t>(line[x] >> L_BLUE_SHIFT);
      }
    }
  }
  return out;
}

// Grey or colour without palette and transparency.
Raster Normal(PixPtr pix) {
  if (pix == nullptr) {
    return {};
  }
  if (pixGetColormap(pix.get()) != nullptr) {
    pix.reset(pixRemoveColormap(pix.get(), REMOVE_CMAP_BASED_ON_SRC));
  }
  if (pix != nullptr && pixGetDepth(pix.get()) == 32 && pixGetSpp(pix.get()) == 4) {
    // What is written in black on nothing is read on white.
    pix.reset(pixAlphaBlendUniform(pix.get(), 0xffffff00));
  }
  if (pix == nullptr) {
    return {};
  }
  if (pixGetDepth(pix.get()) != 32 && pixGetDepth(pix.get()) != 8) {
    pix.reset(pixConvertTo8(pix.get(), 0));
  }
  return pix == nullptr ? Raster() : FromPix(pix.get());
}

uint8_t Luminance(const uint8_t* pixel) {
  return static_cast<uint8_t>((299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2]) / 1000U);
}

struct BoxaDeleter {
  void operator()(Boxa* boxa) const { boxaDestroy(&boxa); }
};
struct PixaDeleter {
  void operator()(Pixa* pixa) const { pixaDestroy(&pixa); }
};
struct BoxDeleter {
  void operator()(Box* box) const { boxDestroy(&box); }
};

constexpr l_float32 kRadians = 3.14159265F / 180.0F;

// The angle of lines (of text, of a frame), degrees; 0 where there is none to speak of.
l_float32 AngleOf(Pix* binary, int reduction) {
  constexpr l_float32 kSweep = 15.0F;
  constexpr l_float32 kSure = 2.5F;
  constexpr l_float32 kLevel = 0.3F;
  l_float32 angle = 0;
  l_float32 confidence = 0;
  if (pixFindSkewSweepAndSearch(binary, &angle, &confidence, 2 * reduction, reduction, kSweep, 1.0F,
                                0.1F) != 0 ||
      confidence < kSure || std::fabs(angle) < kLevel) {
    return 0;
  }
  return angle;
}

// A line or two are read best at this height.
Raster Comfortable(const Raster& words) {
  constexpr uint32_t kHeight = 130;
  const uint32_t longest = std::max(words.width, words.height);
  return Scaled(words, static_cast<uint32_t>(static_cast<uint64_t>(longest) * kHeight /
                                             std::max<uint32_t>(words.height, 1)));
}

// What lies inside frame `index`, the frame itself wiped out.
Raster InsideOf(l_int32 index, Pix* page, Boxa* boxes, Pixa* parts) {
  const std::unique_ptr<Box, BoxDeleter> box(boxaGetBox(boxes, index, L_CLONE));
  const PixPtr frame(pixaGetPix(parts, index, L_CLONE));
  const PixPtr inside(box == nullptr ? nullptr : pixClipRectangle(page, box.get(), nullptr));
  if (inside == nullptr || frame == nullptr) {
    return {};
  }
  const l_float32 angle = AngleOf(frame.get(), 1);
  // A soft edge belongs to its line.
  const PixPtr wide(pixDilateBrick(nullptr, frame.get(), 5, 5));
  if (wide == nullptr || pixSetMasked(inside.get(), wide.get(), 255) != 0) {
    return {};
  }
  const PixPtr bordered(pixAddBorder(inside.get(), 24, 255));
  const PixPtr level(bordered == nullptr ? nullptr
                                         : pixRotate(bordered.get(), angle * kRadians,
                                                     L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
  if (level == nullptr) {
    return {};
  }
  return Comfortable(FromPix(level.get()));
}

Raster GreyLike(const Raster& raster) {
  Raster out;
  out.width = raster.width;
  out.height = raster.height;
  out.pixels.resize(static_cast<size_t>(raster.width) * raster.height, 255);
  return out;
}

}  // namespace

Raster Unpack(Bytes picture, uint32_t page, uint64_t most_pixels) {
  setMsgSeverity(L_SEVERITY_NONE);
  const Header header = ReadHeader(picture);
  switch (header.format) {
    case Format::kJpeg: {
      uint64_t pixels = header.pixels();
      int reduction = 1;
      while (pixels > most_pixels && reduction < 8) {
        reduction *= 2;
        pixels /= 4;
      }
      if (page > 0 || pixels > most_pixels) {
        return {};
      }
      return Oriented(
          Normal(PixPtr(pixReadMemJpeg(Data(picture), picture.size(), 0, reduction, nullptr, 0))),
          ExifOrientation(picture, header.format));
    }
    case Format::kTiff:
      return Normal(PixPtr(pixReadMemTiff(Data(picture), picture.size(), static_cast<int>(page))));
    case Format::kPng:
    case Format::kGif:
    case Format::kBmp:
    case Format::kWebp:
      return page > 0 ? Raster()
                      : Oriented(Normal(PixPtr(pixReadMem(Data(picture), picture.size()))),
                                 ExifOrientation(picture, header.format));
    case Format::kUnknown:
      break;
  }
  return {};
}

std::vector<std::string> GifFrames(Bytes gif, bool* more) {
  std::vector<std::string> frames;
  *more = false;
  if (gif.size() < 13) {
    return frames;
  }
  const auto byte = [gif](size_t at) {
    return at < gif.size() ? static_cast<uint8_t>(gif[at]) : uint8_t{0};
  };
  const auto table = [&byte](size_t flags_at) -> size_t {
    const uint8_t flags = byte(flags_at);
    return (flags & 0x80U) != 0 ? 3ULL << ((flags & 7U) + 1) : 0;
  };
  const std::string head(gif.substr(0, 13 + table(10)));
  // Sub-blocks, each with its length before it, the last of length 0.
  const auto skip_blocks = [&](size_t at) {
    while (at < gif.size() && byte(at) != 0) {
      at += 1ULL + byte(at);
    }
    return std::min(at + 1, gif.size());
  };
  size_t at = head.size();
  while (at < gif.size()) {
    if (byte(at) == 0x21) {
      at = skip_blocks(at + 2);
    } else if (byte(at) == 0x2c && frames.size() >= kMostFrames) {
      *more = true;
      break;
    } else if (byte(at) == 0x2c) {
      const size_t data = at + 10 + table(at + 9) + 1;
      const size_t end = skip_blocks(data);
      frames.push_back(head + std::string(gif.substr(at, end - at)) + '\x3b');
      at = end;
    } else {
      break;
    }
  }
  if (frames.empty()) {
    frames.emplace_back(gif);
  }
  return frames;
}

Raster Grey(const Raster& raster) {
  if (raster.channels == 1) {
    return raster;
  }
  Raster out = GreyLike(raster);
  for (size_t i = 0; i < out.pixels.size(); ++i) {
    out.pixels[i] = Luminance(raster.pixels.data() + 3 * i);
  }
  return out;
}

Raster WithoutRed(const Raster& raster) {
  if (raster.channels == 1) {
    return raster;
  }
  Raster out = GreyLike(raster);
  for (size_t i = 0; i < out.pixels.size(); ++i) {
    out.pixels[i] = raster.pixels[3 * i];
  }
  return out;
}

Raster RedInk(const Raster& raster) {
  if (raster.channels == 1) {
    return {};
  }
  constexpr int kRedder = 50;       // than green and blue, of 255
  constexpr size_t kLeast = 5'000;  // one pixel in so many
  constexpr size_t kMost = 3;       // one pixel in so many: a red background
  Raster out = GreyLike(raster);
  size_t red = 0;
  for (size_t i = 0; i < out.pixels.size(); ++i) {
    const uint8_t* const pixel = raster.pixels.data() + 3 * i;
    const int other = std::max(pixel[1], pixel[2]);
    const int surplus = pixel[0] - other;
    if (surplus > kRedder / 2) {
      // Soft edges are worth keeping: tesseract reads grey.
      out.pixels[i] = static_cast<uint8_t>(std::max(0, 255 - 2 * surplus));
    }
    red += surplus > kRedder ? 1 : 0;
  }
  const size_t all = std::max<size_t>(out.pixels.size(), 1);
  if (red < std::max<size_t>(all / kLeast, 200) || red > all / kMost) {
    return {};
  }
  return out;
}

Raster Enlarged(const Raster& grey, uint32_t times) {
  Raster out;
  out.width = grey.width * times;
  out.height = grey.height * times;
  out.pixels.reserve(static_cast<size_t>(out.width) * out.height);
  for (uint32_t y = 0; y < out.height; ++y) {
    const uint8_t* const row = grey.pixels.data() + static_cast<size_t>(y / times) * grey.width;
    for (uint32_t x = 0; x < out.width; ++x) {
      out.pixels.push_back(row[x / times]);
    }
  }
  return out;
}

Raster Scaled(const Raster& raster, uint32_t longest) {
  const uint32_t now = std::max(raster.width, raster.height);
  if (now == longest || now == 0) {
    return raster;
  }
  const PixPtr pix = ToPix(raster);
  const float factor = static_cast<float>(longest) / static_cast<float>(now);
  const PixPtr scaled(pix == nullptr ? nullptr : pixScale(pix.get(), factor, factor));
  return scaled == nullptr ? raster : FromPix(scaled.get());
}

Raster Level(const Raster& grey, double* degrees) {
  *degrees = 0;
  const PixPtr pix = ToPix(grey);
  if (pix == nullptr) {
    return grey;
  }
  const PixPtr binary(pixConvertTo1(pix.get(), 160));
  const bool small = std::max(grey.width, grey.height) < 1'200;
  const l_float32 angle = binary == nullptr ? 0.0F : AngleOf(binary.get(), small ? 1 : 2);
  if (angle == 0.0F) {
    return grey;
  }
  const PixPtr turned(
      pixRotate(pix.get(), angle * kRadians, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
  if (turned == nullptr) {
    return grey;
  }
  *degrees = static_cast<double>(angle);
  return FromPix(turned.get());
}

std::vector<Raster> Framed(const Raster& grey) {
  constexpr size_t kMostFramed = 6;
  constexpr int kLeastWidth = 60;
  constexpr int kLeastHeight = 24;
  std::vector<Raster> out;
  const PixPtr pix = ToPix(grey);
  Pix* thresholded = nullptr;
  if (pix == nullptr || pixOtsuAdaptiveThreshold(pix.get(), static_cast<l_int32>(grey.width),
                                                 static_cast<l_int32>(grey.height), 0, 0, 0.1F,
                                                 nullptr, &thresholded) != 0) {
    return out;
  }
  const PixPtr dots_apart(thresholded);
  // A thin line of a compressed picture has gaps.
  const PixPtr binary(pixCloseSafeBrick(nullptr, dots_apart.get(), 3, 3));
  if (binary == nullptr) {
    return out;
  }
  Pixa* raw_parts = nullptr;
  const std::unique_ptr<Boxa, BoxaDeleter> boxes(pixConnComp(binary.get(), &raw_parts, 8));
  const std::unique_ptr<Pixa, PixaDeleter> parts(raw_parts);
  if (boxes == nullptr || parts == nullptr) {
    return out;
  }
  struct Frame {
    l_int32 part, area;
  };
  std::vector<Frame> frames;
  const l_int32 count = boxaGetCount(boxes.get());
  for (l_int32 i = 0; i < count; ++i) {
    l_int32 width = 0;
    l_int32 height = 0;
    boxaGetBoxGeometry(boxes.get(), i, nullptr, nullptr, &width, &height);
    // Wider than high, and not a table that fills the page.
    if (width < kLeastWidth || height < kLeastHeight || width < height ||
        width > 3 * static_cast<l_int32>(grey.width) / 4 ||
        height > static_cast<l_int32>(grey.height) / 4 + kLeastHeight) {
      continue;
    }
    const PixPtr part(pixaGetPix(parts.get(), i, L_CLONE));
    l_int32 dots = 0;
    // A frame is mostly hollow; a picture or a word that is one piece is not.
    if (part != nullptr && pixCountPixels(part.get(), &dots, nullptr) == 0 &&
        static_cast<int64_t>(dots) * 3 < static_cast<int64_t>(width) * height) {
      frames.push_back({i, width * height});
    }
  }
  std::sort(frames.begin(), frames.end(),
            [](const Frame& a, const Frame& b) { return a.area > b.area; });
  for (size_t i = 0; i < frames.size() && i < kMostFramed; ++i) {
    Raster inside = InsideOf(frames[i].part, pix.get(), boxes.get(), parts.get());
    if (!inside.empty()) {
      out.push_back(std::move(inside));
    }
  }
  return out;
}

std::vector<Raster> Clumps(const Raster& ink) {
  constexpr l_int32 kMostClumps = 3;
  constexpr l_int32 kLeastHeight = 24;
  constexpr l_int32 kMargin = 24;
  std::vector<Raster> out;
  const PixPtr pix = ToPix(ink);
  const PixPtr dots(pix == nullptr ? nullptr : pixConvertTo1(pix.get(), 200));
  const PixPtr clumps(dots == nullptr ? nullptr : pixDilateBrick(nullptr, dots.get(), 31, 31));
  if (clumps == nullptr) {
    return out;
  }
  const std::unique_ptr<Boxa, BoxaDeleter> boxes(pixConnComp(clumps.get(), nullptr, 8));
  const std::unique_ptr<Boxa, BoxaDeleter> sorted(
      boxes == nullptr ? nullptr
                       : boxaSort(boxes.get(), L_SORT_BY_AREA, L_SORT_DECREASING, nullptr));
  const l_int32 count = sorted == nullptr ? 0 : boxaGetCount(sorted.get());
  for (l_int32 i = 0; i < std::min(count, kMostClumps); ++i) {
    const std::unique_ptr<Box, BoxDeleter> box(boxaGetBox(sorted.get(), i, L_CLONE));
    const PixPtr part(box == nullptr ? nullptr : pixClipRectangle(pix.get(), box.get(), nullptr));
    if (part == nullptr || pixGetHeight(part.get()) < kLeastHeight) {
      continue;
    }
    const PixPtr bordered(pixAddBorder(part.get(), kMargin, 255));
    const PixPtr binary(bordered == nullptr ? nullptr : pixConvertTo1(bordered.get(), 160));
    const l_float32 angle = binary == nullptr ? 0.0F : AngleOf(binary.get(), 1);
    const PixPtr level(bordered == nullptr ? nullptr
                                           : pixRotate(bordered.get(), angle * kRadians,
                                                       L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
    if (level != nullptr) {
      out.push_back(Comfortable(FromPix(level.get())));
    }
  }
  return out;
}

size_t Pieces(const Raster& ink) {
  const PixPtr pix = ToPix(ink);
  const PixPtr dots(pix == nullptr ? nullptr : pixConvertTo1(pix.get(), 200));
  l_int32 count = 0;
  if (dots == nullptr || pixCountConnComp(dots.get(), 8, &count) != 0) {
    return 0;
  }
  return static_cast<size_t>(std::max(count, 0));
}

Raster Turned(const Raster& grey, int quarters) {
  const PixPtr pix = ToPix(grey);
  const PixPtr turned(pix == nullptr ? nullptr : pixRotateOrth(pix.get(), quarters));
  return turned == nullptr ? grey : FromPix(turned.get());
}

}  // namespace gatepost::picture
