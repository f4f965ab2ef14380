// LIMITS: 1,000 modules.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/vba.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "src/decode/charset.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostModules = 1000;
constexpr size_t kChunk = 4096;

// PROJECTCODEPAGE (2.3.4.2.1.4): id 3, size 2, number. It stands near the beginning of "dir".
int PageOf(Bytes stream) {
  const std::string dir = UnpackVba(stream, 512);
  const size_t at = dir.find(std::string_view("\x03\x00\x02\x00\x00\x00", 6));
  const uint32_t page = at == std::string::npos ? 0 : LittleEndian(dir).U16(at + 6);
  return page == 0 ? 0 : static_cast<int>(page);
}

std::string NameOf(std::string_view source) {
  constexpr std::string_view kBefore = "VB_Name = \"";
  const size_t at = source.substr(0, 512).find(kBefore);
  if (at == std::string_view::npos) {
    return "module";
  }
  const std::string_view rest = source.substr(at + kBefore.size(), 100);
  return std::string(rest.substr(0, rest.find('"')));
}

bool StartsItself(std::string_view source) {
  static constexpr std::array<std::string_view, 18> kNames = {"sub autoopen",
                                                              "sub auto_open",
                                                              "sub autoexec",
                                                              "sub autoclose",
                                                              "sub auto_close",
                                                              "sub autonew",
                                                              "sub autoexit",
                                                              "sub document_open",
                                                              "sub document_close",
                                                              "sub document_new",
                                                              "sub workbook_open",
                                                              "sub workbook_activate",
                                                              "sub workbook_beforeclose",
                                                              "sub document_contentcontrolonenter",
                                                              "sub slideshow_begin",
                                                              "sub onslideshowpagechange",
                                                              "sub app_newpresentation",
                                                              "_layout("};
  const std::string low = AsciiLower(source);
  return std::any_of(kNames.begin(), kNames.end(),
                     [&low](std::string_view name) { return low.find(name) != std::string::npos; });
}

}  // namespace

std::string UnpackVba(Bytes container, uint64_t limit) {
  std::string out;
  const LittleEndian in(container);
  if (in.U8(0) != 1) {
    return out;
  }
  size_t at = 1;
  while (at + 2 < container.size() && out.size() < limit) {
    const uint32_t header = in.U16(at);
    if ((header >> 12 & 7) != 3) {
      break;  // no chunk
    }
    const size_t end = std::min<size_t>(at + (header & 0x0fff) + 3, container.size());
    at += 2;
    const size_t start = out.size();
    if ((header & 0x8000) == 0) {
      out.append(container.substr(at, std::min(kChunk, container.size() - at)));
      at += kChunk;
      continue;
    }
    while (at < end && out.size() - start < kChunk) {
      const uint32_t flags = in.U8(at++);
      for (int bit = 0; bit < 8 && at < end && out.size() - start < kChunk; ++bit) {
        if ((flags >> bit & 1) == 0) {
          out.push_back(container[at++]);
          continue;
        }
        // The further inside the chunk, the more bits are the distance (2.4.1.3.19.1).
        const size_t done = out.size() - start;
        uint32_t bits = 4;
        while ((size_t{1} << bits) < done) {
          ++bits;
        }
        const uint32_t token = in.U16(at);
        at += 2;
        const uint32_t length = (token & (0xffffU >> bits)) + 3;
        const size_t distance = (token >> (16 - bits)) + 1;
        if (distance > done) {
          return out;
        }
        for (uint32_t i = 0; i < length && out.size() - start < kChunk; ++i) {
          out.push_back(out[out.size() - distance]);
        }
      }
    }
    at = end;
  }
  out.resize(std::min<uint64_t>(out.size(), limit));
  return out;
}

VbaProject ReadVba(const std::vector<Bytes>& streams, uint64_t limit) {
  VbaProject out;
  // "Attribut" comes first, uncompressed behind its flags, in every module's container.
  constexpr Bytes kBeginning{"\0Attribut", 9};
  int page = 0;
  uint64_t used = 0;
  for (const Bytes stream : streams) {
    if (page == 0 && !stream.empty() && stream[0] == 1) {
      page = PageOf(stream);
    }
  }
  for (const Bytes stream : streams) {
    for (size_t at = stream.find(kBeginning); at != Bytes::npos;
         at = stream.find(kBeginning, at + kBeginning.size())) {
      if (at < 3 || stream[at - 3] != 1) {
        continue;
      }
      if (used >= limit || out.modules.size() >= kMostModules) {
        out.cut = true;
        return out;
      }
      const std::string source = UnpackVba(stream.substr(at - 3), limit - used);
      used += source.size();
      if (source.size() < kBeginning.size()) {
        continue;
      }
      VbaModule module;
      module.source = CodePageToUtf8(page == 0 ? 1252 : page, source);
      module.name = NameOf(module.source);
      module.starts_itself = StartsItself(module.source);
      out.modules.push_back(std::move(module));
    }
  }
  return out;
}

}  // namespace gatepost::decode
