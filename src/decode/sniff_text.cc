// Does a leaf read as text? LIMITS: looks at its first 4 KiB, IsMostlyPrintable at 64.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/utf8.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

// UTF-32 without a mark: two bytes in four are NUL always, a third nearly never, and the letters
// are no control characters.
bool IsUtf32Text(Bytes window) {
  const size_t units = window.size() / 4;
  if (units < 4) {
    return false;
  }
  for (const bool little : {true, false}) {
    size_t control = 0;
    size_t i = 0;
    for (; i < units; ++i) {
      const auto at = [&](size_t byte) {
        return static_cast<uint32_t>(
            static_cast<unsigned char>(window[4 * i + (little ? byte : 3 - byte)]));
      };
      const uint32_t code = at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
      if (code > 0x10ffff || code == 0) {
        break;
      }
      control += code < 0x20 && code != '\t' && code != '\n' && code != '\r' ? 1 : 0;
    }
    if (i == units && control * 33 <= units) {
      return true;
    }
  }
  return false;
}

// Code units of UTF-16 that are control characters; `high`: which of two bytes is the high one.
size_t ControlUnits(Bytes window, size_t high) {
  size_t control = 0;
  for (size_t i = 0; i + 1 < window.size(); i += 2) {
    const auto low = static_cast<unsigned char>(window[i + 1 - high]);
    control +=
        window[i + high] == '\0' && low < 0x20 && low != '\t' && low != '\n' && low != '\r' ? 1 : 0;
  }
  return control;
}

}  // namespace

bool LooksLikeText(Bytes bytes, bool labelled_text) {
  constexpr size_t kWindow = 4096;
  const Bytes window = bytes.substr(0, kWindow);
  if (window.substr(0, 2) == "\xff\xfe" || window.substr(0, 2) == "\xfe\xff" ||
      window.substr(0, 4) == Bytes("\x00\x00\xfe\xff", 4) || IsUtf32Text(window)) {
    return true;
  }
  size_t nul[2] = {0, 0};
  size_t control = 0;
  for (size_t i = 0; i < window.size(); ++i) {
    const auto c = static_cast<unsigned char>(window[i]);
    if (c == 0) {
      ++nul[i & 1];
    } else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b) {
      ++control;
    }
  }
  const size_t half = window.size() / 2;
  if (nul[0] + nul[1] > 0) {
    // UTF-16 without a mark: nearly all NULs on one side, and many of them.
    const size_t more = std::max(nul[0], nul[1]);
    const size_t fewer = std::min(nul[0], nul[1]);
    const bool utf16 = half >= 4 && more * 2 > half && fewer * 20 < half;
    if (utf16) {
      control = ControlUnits(window, nul[1] > nul[0] ? 1 : 0);
    }
    if (!utf16 && !(labelled_text && (nul[0] + nul[1]) * 100 < window.size())) {
      return false;
    }
  }
  return control * 100 <= window.size() * (labelled_text ? 12 : 3);
}

bool IsMostlyPrintable(Bytes bytes) {
  constexpr size_t kSample = 1U << 16;
  const Bytes sample = bytes.substr(0, kSample);
  size_t odd = 0;
  size_t ascii = 0;
  for (const char c : sample) {
    const auto byte = static_cast<unsigned char>(c);
    ascii += byte >= 0x20 && byte < 0x7f ? 1 : 0;
    odd += (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f') ||
                   byte == 0x7f
               ? 1
               : 0;
  }
  return sample.size() >= 8 && odd * 8 < sample.size() &&
         (ascii * 2 > sample.size() || IsUtf8(sample));
}

bool IsPageExtension(std::string_view extension) {
  static constexpr std::string_view kExtensions[] = {"htm",   "html", "xhtml", "xht",
                                                     "shtml", "svg",  "hta"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

bool IsTextExtension(std::string_view extension) {
  static constexpr std::string_view kExtensions[] = {"txt", "text", "log",  "csv", "tsv",
                                                     "md",  "ini",  "diff", "me"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

}  // namespace gatepost::decode
