// LIMITS: of the theme's colours only the white one is known; a black ground of "auto" is not.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/ooxml_looks.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "src/base/bytes.h"
#include "src/decode/ooxml_fonts.h"

namespace gatepost::decode {

namespace {

// ST_HighlightColor.
std::string_view ColorOfHighlight(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kColors = {
      {{"black", "000000"},
       {"blue", "0000FF"},
       {"cyan", "00FFFF"},
       {"darkBlue", "000080"},
       {"darkCyan", "008080"},
       {"darkGray", "808080"},
       {"darkGreen", "008000"},
       {"darkMagenta", "800080"},
       {"darkRed", "800000"},
       {"darkYellow", "808000"},
       {"green", "00FF00"},
       {"lightGray", "C0C0C0"},
       {"magenta", "FF00FF"},
       {"red", "FF0000"},
       {"white", "FFFFFF"},
       {"yellow", "FFFF00"}}};
  for (const auto& [known, color] : kColors) {
    if (known == name) {
      return color;
    }
  }
  return "auto";
}

// A colour of the theme counts for more than the number beside it, which is for old readers.
std::string Color(std::string_view value, std::string_view theme, std::string_view shade) {
  if (theme == "background1" || theme == "light1") {
    return shade.empty() ? "FFFFFF" : std::string(value);
  }
  return theme.empty() ? std::string(value.substr(0, 8)) : "auto";
}

// To the eye: no part of the colours differs by more than a few steps of 255.
bool IsSameColor(std::string_view a, std::string_view b) {
  constexpr long kSteps = 8;
  if (a.size() != 6 || b.size() != 6) {
    return false;
  }
  for (size_t i = 0; i < 6; i += 2) {
    const long left = std::strtol(std::string(a.substr(i, 2)).c_str(), nullptr, 16);
    const long right = std::strtol(std::string(b.substr(i, 2)).c_str(), nullptr, 16);
    if (std::abs(left - right) > kSteps) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Looks::Take(std::string_view name, const XmlAttributes& attributes) {
  const std::string_view value = attributes.Get("val");
  if (name == "ln" || name == "textOutline") {  // DrawingML and its like in Word
    in_line = true;
  } else if (name == "noFill" || name == "solidFill" || name == "gradFill") {
    const bool fills = name != "noFill";
    outlined = in_line ? fills : outlined;
    filled = in_line ? filled : static_cast<int8_t>(fills ? 1 : 0);
    in_line = false;
  } else if (name == "vanish") {
    vanishes = IsOn(value) ? 1 : 0;
  } else if (name == "sz") {  // in half points
    tiny = value == "0" || value == "1" || value == "2" ? 1 : 0;
  } else if (name == "w") {  // in hundredths
    narrow = value == "10" || (value.size() == 1 && value[0] >= '0' && value[0] <= '9') ? 1 : 0;
  } else if (name == "color") {
    ink = Color(value, attributes.Get("themeColor"), attributes.Get("themeShade"));
  } else if (name == "highlight") {
    ground = std::string(ColorOfHighlight(value));
  } else if (name == "shd" && (ground.empty() || ground == "auto")) {  // a highlight covers it
    ground = value == "solid" ? Color(attributes.Get("color"), attributes.Get("themeColor"),
                                      attributes.Get("themeShade"))
                              : Color(attributes.Get("fill"), attributes.Get("themeFill"),
                                      attributes.Get("themeFillShade"));
    if (!attributes.Get("themeFill").empty() && ground == "auto") {
      ground = "theme";  // of some colour
    }
  }
}

void Looks::Inherit(const Looks& under) {
  vanishes = vanishes < 0 ? under.vanishes : vanishes;
  tiny = tiny < 0 ? under.tiny : tiny;
  narrow = narrow < 0 ? under.narrow : narrow;
  filled = filled < 0 ? under.filled : filled;
  ink = ink.empty() ? under.ink : ink;
  ground = ground.empty() || ground == "auto" ? under.ground : ground;
}

bool Looks::unseen() const {
  const bool paper = ground.empty() || ground == "auto";
  return vanishes == 1 || tiny == 1 || narrow == 1 || (filled == 0 && !outlined) ||
         IsSameColor(ink, paper ? "FFFFFF" : ground);
}

}  // namespace gatepost::decode
