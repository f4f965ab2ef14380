// CSS lengths.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_length.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

constexpr double kFarOut = 500;  // pixels beyond the edge

double RoughPixels(const Length& length) {
  return length.unit == Length::Unit::kEm || length.unit == Length::Unit::kRem ? length.number * 16
         : length.unit == Length::Unit::kPercent                               ? length.number * 10
                                                                               : length.number;
}

bool IsUnit(std::string_view unit) {
  constexpr std::string_view kUnits =
      " px % em pt rem ex ch vw vh vi vb vmin vmax cm mm in pc q lh rlh ic cap rex rch ric rcap "
      "svw "
      "svh svi svb svmin svmax lvw lvh lvi lvb lvmin lvmax dvw dvh dvi dvb dvmin dvmax cqw cqh cqi "
      "cqb cqmin cqmax ";
  return unit.size() <= 6 && unit.find(' ') == unit.npos &&
         kUnits.find(" " + std::string(unit) + " ") != std::string_view::npos;
}

}  // namespace

// "12px", ".1em", "0". False: no number stands in front. `value` ends where the string does.
bool ReadLength(std::string_view value, Length* out) {
  const std::string text(value.substr(0, 40));
  char* end = nullptr;
  out->number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !std::isfinite(out->number)) {
    return false;
  }
  const std::string_view unit(end);
  const auto is = [&](std::string_view name) { return unit.substr(0, name.size()) == name; };
  using Unit = Length::Unit;
  out->exact = unit.empty() ? out->number == 0 : IsUnit(unit);
  out->unit = Unit::kPixels;
  if (is("pt")) {
    out->number *= 4.0 / 3;
  } else if (is("rem")) {
    out->unit = Unit::kRem;
  } else if (is("em") || is("ex") || is("ch")) {
    out->unit = Unit::kEm;
  } else if (is("%")) {
    out->unit = Unit::kPercent;
  } else if (is("v")) {
    out->number *= 10;  // vw, vh of a window of 1,000
  } else if (is("cm")) {
    out->number *= 38;
  } else if (is("mm")) {
    out->number *= 3.8;
  } else if (is("in")) {
    out->number *= 96;
  } else if (is("pc")) {
    out->number *= 16;
  } else if (!is("px")) {
    out->unit = Unit::kNone;
  }
  return true;
}

// Any of the lengths in `value` far out of the window to the left or top; `either`: right and
// bottom too.
bool HasFarOut(std::string_view value, bool either, bool* exact) {
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find_first_of(" ,()", at), value.size());
    Length length;
    if (end > at && ReadLength(value.substr(at, end - at), &length)) {
      const double pixels = RoughPixels(length);
      if (pixels <= -kFarOut || (either && pixels >= 5'000)) {
        if (exact != nullptr) {
          *exact = length.exact;
        }
        return true;
      }
    }
    at = end + 1;
  }
  return false;
}

// rect(), inset(), circle(), polygon() that leave nothing to see.
bool ClipsAll(std::string_view value) {
  const size_t open = value.find('(');
  if (open == std::string_view::npos) {
    return false;
  }
  const std::string_view kind = AsciiTrim(value.substr(0, open));
  const std::string_view inside = value.substr(open + 1);
  Length first;
  if (!ReadLength(AsciiTrim(inside), &first)) {
    return false;
  }
  if (kind == "inset") {
    return first.unit == Length::Unit::kPercent ? first.number >= 50 : RoughPixels(first) >= 5'000;
  }
  if (kind == "circle" || kind == "ellipse") {
    return first.number <= 0;
  }
  // All corners in one place: rect(0,0,0,0), rect(1px 1px 1px 1px), polygon(0 0, 0 0, 0 0).
  for (size_t at = 0; at < inside.size();) {
    const size_t end = std::min(inside.find_first_of(" ,)", at), inside.size());
    Length length;
    if (end > at && (!ReadLength(inside.substr(at, end - at), &length) ||
                     std::abs(length.number - first.number) > 0.5)) {
      return false;
    }
    at = end + 1;
  }
  return true;
}

bool HasFourValues(std::string_view value) {
  const size_t open = value.find('(');
  const size_t close = std::min(value.find(')'), value.size());
  size_t count = 0;
  for (size_t at = std::min(open, close); at < close;) {
    const size_t begin = std::min(value.find_first_not_of(" ,(", at), close);
    at = std::min(value.find_first_of(" ,", begin), close);
    count += at > begin ? 1U : 0U;
  }
  return count == 4;
}

bool IsListOfFunctions(std::string_view value) {
  size_t at = 0;
  while (at < value.size()) {
    const size_t open = value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", at);
    if (open == value.npos || open == at || value[open] != '(') {
      return false;
    }
    size_t depth = 0;
    for (at = open; at < value.size(); ++at) {
      depth += value[at] == '(' ? 1U : 0U;
      depth -= value[at] == ')' ? 1U : 0U;
      if (depth == 0) {
        break;
      }
    }
    at = std::min(value.find_first_not_of(" \t\r\n\f", std::min(at + 1, value.size())),
                  value.size());
  }
  return true;
}

bool TransformHides(std::string_view value) {
  for (const std::string_view name : {"scale(", "scalex(", "scaley(", "scale3d("}) {
    const size_t at = value.find(name);
    Length length;
    if (at != std::string_view::npos &&
        ReadLength(AsciiTrim(value.substr(at + name.size(), 20)), &length) &&
        std::abs(length.number) < 0.05) {
      return true;
    }
  }
  const size_t translate = value.find("translate");
  return value.find("rotatex(90deg") != std::string_view::npos ||
         value.find("rotatey(90deg") != std::string_view::npos ||
         (translate != std::string_view::npos && HasFarOut(value.substr(translate), true));
}

bool IsNearlyClear(std::string_view value) {
  Length length;
  constexpr double kClear = 0.05;
  return ReadLength(AsciiTrim(value), &length) &&
         length.number * (length.unit == Length::Unit::kPercent ? 0.01 : 1) < kClear;
}

bool HasSize(std::string_view value) {
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find_first_of(" ,/", at), value.size());
    Length length;
    if (end > at && ReadLength(value.substr(at, end - at), &length) && length.number >= 1) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

}  // namespace gatepost::text
