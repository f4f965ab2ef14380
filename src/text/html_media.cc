// Media queries: decided for a screen of 1,000 by 800; but a reader's window may be another one.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdlib>

#include "src/base/bytes.h"
#include "src/text/html_sheet.h"

namespace gatepost::text {

namespace {

constexpr double kScreenWidth = 1'000;
constexpr double kScreenHeight = 800;

// One query of @media: "only screen and (max-width: 600px)".
Holding HoldsQuery(std::string_view query) {
  const auto has = [&](std::string_view word) {
    return query.find(word) != std::string_view::npos;
  };
  const bool negated = has("not ");
  Holding out;
  out.holds = !has("print") && !has("speech") && !has("aural");
  std::string_view type = query;
  for (const std::string_view ahead : {"only ", "not "}) {
    type = AsciiTrim(type.substr(type.substr(0, ahead.size()) == ahead ? ahead.size() : 0));
  }
  type = type.substr(0, type.find_first_of(" ("));
  const bool unknown = !type.empty() && type != "all" && type != "screen" && type != "and" &&
                       type != "or" && type != "not";
  // For print is for print, whatever else it asks.
  const bool settled = !out.holds && !negated;
  if (unknown && out.holds) {
    out = {false, true};  // no medium that a browser knows
  }
  for (size_t open = query.find('('); open != std::string_view::npos;
       open = query.find('(', open + 1)) {
    out.doubt = !settled;
    const size_t close = std::min(query.find(')', open), query.size());
    const std::string_view feature = AsciiTrim(query.substr(open + 1, close - open - 1));
    const size_t colon = feature.find(':');
    const std::string_view name = AsciiTrim(feature.substr(0, colon));
    const std::string value(colon == std::string_view::npos ? ""
                                                            : AsciiTrim(feature.substr(colon + 1)));
    const double number =
        std::strtod(value.c_str(), nullptr) * (value.find("em") != std::string::npos ? 16.0 : 1.0);
    const bool wide = name.find("width") != std::string_view::npos;
    const double size = wide ? kScreenWidth : kScreenHeight;
    if (wide || name.find("height") != std::string_view::npos) {
      out.holds = out.holds && (name.substr(0, 4) == "max-"   ? size <= number
                                : name.substr(0, 4) == "min-" ? size >= number
                                                              : false);
    } else if (name == "orientation") {
      out.holds = out.holds && value == "landscape";
    } else if (name == "prefers-color-scheme") {
      out.holds = out.holds && value == "light";
    } else {
      out.holds = out.holds && name.find("webkit") == std::string_view::npos && name == "color";
    }
  }
  out.holds = out.holds != negated;
  out.doubt = out.doubt || negated;
  return out;
}

}  // namespace

Holding HoldsMedia(std::string_view condition) {
  const std::string lower = AsciiLower(condition);
  const std::string_view text = lower;
  Holding out;
  out.holds = false;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const Holding one = HoldsQuery(AsciiTrim(text.substr(at, comma - at)));
    if (one.holds && !one.doubt) {
      return one;
    }
    out.holds = out.holds || one.holds;
    out.doubt = out.doubt || one.doubt;
    at = comma + 1;
  }
  return out;
}

}  // namespace gatepost::text
