// CSS colours.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_color.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

constexpr int kHardToSee = 24;  // of 255, in every channel

struct NamedColor {
  std::string_view name;
  int64_t value;
};
constexpr NamedColor kColors[] = {
#include "src/text/html_colors.inc"
};

Color ReadHex(std::string_view hex) {
  if (hex.size() != 3 && hex.size() != 4 && hex.size() != 6 && hex.size() != 8) {
    return {kOddColor, 255};
  }
  int64_t value = 0;
  for (const char c : hex) {
    const char lower = AsciiLower(c);
    const int digit = lower >= '0' && lower <= '9'   ? lower - '0'
                      : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                     : -1;
    if (digit < 0) {
      return {kOddColor, 255};
    }
    value = hex.size() <= 4 ? value * 256 + digit * 17 : value * 16 + digit;
  }
  if (hex.size() == 4 || hex.size() == 8) {
    return {value >> 8, static_cast<uint8_t>(value & 0xFF)};
  }
  return {value, 255, true};
}

struct Number {
  double value = 0;
  bool percent = false;
};

// The numbers between the parentheses, at most four.
size_t ReadNumbers(const std::string& value, std::array<Number, 4>* out) {
  size_t count = 0;
  const char* at = value.c_str() + std::min(value.find('('), value.size() - 1) + 1;
  while (*at != '\0' && count < out->size()) {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    if (end == at) {
      ++at;
      continue;
    }
    (*out)[count++] = {std::isfinite(number) ? number : 0, *end == '%'};
    at = end;
  }
  return count;
}

// Commas between some of the values of a function, and none between others.
bool HasMixedCommas(std::string_view value) {
  const size_t open = value.find('(');
  const size_t close = std::min(value.find(')'), value.size());
  if (open == value.npos || open + 1 >= close) {
    return false;
  }
  const std::string_view inside = AsciiTrim(value.substr(open + 1, close - open - 1));
  size_t commas = 0;
  size_t blanks = 0;
  for (size_t i = 0; i < inside.size();) {
    const size_t end = std::min(inside.find_first_not_of(" \t\n\r\f,/", i), inside.size());
    if (end == i) {
      i = std::min(inside.find_first_of(" \t\n\r\f,/", i), inside.size());
      continue;
    }
    const bool comma = inside.substr(i, end - i).find(',') != inside.npos;
    commas += comma ? 1U : 0U;
    blanks += comma ? 0U : 1U;
    i = end;
  }
  return commas > 0 && blanks > 0;
}

int64_t Channel(const Number& number) {
  const double value = number.percent ? number.value * 2.55 : number.value;
  return static_cast<int64_t>(std::clamp(value, 0.0, 255.0) + 0.5);
}

uint8_t Alpha(const Number& number) {
  const double value = number.percent ? number.value / 100 : number.value;
  return static_cast<uint8_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5);
}

int64_t FromHsl(double hue, double saturation, double lightness) {
  const double wrapped = std::fmod(std::fmod(hue, 360.0) + 360.0, 360.0) / 30.0;
  const double a = saturation * std::min(lightness, 1 - lightness);
  int64_t out = 0;
  for (const double n : {0.0, 8.0, 4.0}) {
    const double k = std::fmod(n + wrapped, 12.0);
    const double part = lightness - a * std::max(-1.0, std::min({k - 3, 9 - k, 1.0}));
    out = out * 256 + static_cast<int64_t>(std::clamp(part, 0.0, 1.0) * 255 + 0.5);
  }
  return out;
}

}  // namespace

Color ReadColor(std::string_view text) {
  const std::string value = AsciiLower(AsciiTrim(text.substr(0, 200)));
  if (value.empty() || value == "inherit" || value == "none" || value == "initial" ||
      value == "unset" || value == "currentcolor" || value == "auto") {
    return {};
  }
  if (value == "transparent") {
    return {0, 0};
  }
  if (value[0] == '#') {
    return ReadHex(std::string_view(value).substr(1));
  }
  const bool rgb = value.compare(0, 3, "rgb") == 0;
  if (rgb || value.compare(0, 3, "hsl") == 0) {
    std::array<Number, 4> numbers;
    const size_t count = ReadNumbers(value, &numbers);
    if (count < 3) {
      return {kOddColor, 255};
    }
    const uint8_t alpha = count > 3 ? Alpha(numbers[3]) : uint8_t{255};
    const bool invalid = HasMixedCommas(value);
    if (rgb) {
      const bool plain = value.compare(0, 4, "rgb(") == 0 && alpha == 255 && !invalid &&
                         value.find('%') == std::string::npos;
      return {Channel(numbers[0]) * 65'536 + Channel(numbers[1]) * 256 + Channel(numbers[2]), alpha,
              plain, invalid};
    }
    return {FromHsl(numbers[0].value, std::clamp(numbers[1].value / 100, 0.0, 1.0),
                    std::clamp(numbers[2].value / 100, 0.0, 1.0)),
            alpha, false, invalid};
  }
  const auto* const found = std::lower_bound(
      std::begin(kColors), std::end(kColors), std::string_view(value),
      [](const NamedColor& color, std::string_view name) { return color.name < name; });
  if (found != std::end(kColors) && found->name == value) {
    return {found->value, 255, true};
  }
  Color bare = ReadHex(value);  // bgcolor=ffffff
  bare.invalid = bare.rgb >= 0;
  return bare;
}

bool IsUnknownColor(std::string_view lower) {
  for (const std::string_view name :
       {"lch(", "lab(", "oklch(", "oklab(", "hwb(", "color(", "color-mix(", "light-dark(",
        "contrast-color(", "device-cmyk(", "alpha("}) {
    const size_t at = lower.find(name);
    if (at != lower.npos && (at == 0 || lower[at - 1] < 'a' || lower[at - 1] > 'z')) {
      return true;
    }
  }
  const bool function = lower.substr(0, 3) == "rgb" || lower.substr(0, 3) == "hsl";
  if (function && (lower.find("none") != lower.npos || lower.find("from ") != lower.npos)) {
    return true;
  }
  return false;
}

bool IsLightOfSystem(std::string_view lower) {
  for (const std::string_view name : {"canvas", "window", "field", "buttonface", "buttonhighlight",
                                      "threedface", "threedhighlight", "threedlightshadow",
                                      "infobackground", "menu", "highlighttext", "background"}) {
    if (lower == name) {
      return true;
    }
  }
  return false;
}

int64_t Blend(const Color& over, int64_t under) {
  if (over.rgb == kNoColor || over.alpha == 0) {
    return under;
  }
  if (over.rgb < 0 || over.alpha == 255) {
    return over.rgb;
  }
  if (under < 0) {
    return kOddColor;
  }
  int64_t out = 0;
  for (const unsigned shift : {16U, 8U, 0U}) {
    const int64_t a = (over.rgb >> shift) & 0xFF;
    const int64_t b = (under >> shift) & 0xFF;
    out = out * 256 + (a * over.alpha + b * (255 - over.alpha)) / 255;
  }
  return out;
}

bool LookAlike(int64_t a, int64_t b) {
  if (a < 0 || b < 0) {
    return false;
  }
  for (const unsigned shift : {16U, 8U, 0U}) {
    const auto left = static_cast<int>((a >> shift) & 0xFF);
    const auto right = static_cast<int>((b >> shift) & 0xFF);
    if (std::abs(left - right) > kHardToSee) {
      return false;
    }
  }
  return true;
}

}  // namespace gatepost::text
