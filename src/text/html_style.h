// CSS as far as it hides text or sets fonts: inline declarations, and simple rules of <style>.
// LIMITS: selectors of one compound (.a, #a, p.a); @media and the like are skipped; no cascade.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::text {

constexpr int64_t kNoColor = -1;   // not said
constexpr int64_t kOddColor = -2;  // a picture, a gradient, a name we do not know

struct Style {
  bool hidden = false;
  bool shown = false;        // visibility:visible, which undoes an ancestor's visibility:hidden
  bool block = false;        // display:block and its like
  int64_t color = kNoColor;  // 0xRRGGBB
  int64_t background = kNoColor;
  std::vector<std::string> fonts;
  std::vector<std::string> urls;
};

Style ReadStyle(std::string_view declarations);
int64_t ReadColor(std::string_view text);

struct StyleSheet {
  std::set<std::string> hidden;  // ".name", "#name" that a rule hides; lower case
  std::set<std::string> odd;     // ".name", "#name" whose background we must not guess
  std::vector<std::string> fonts;
  std::vector<std::string> urls;
};
void ReadStyleSheet(std::string_view css, StyleSheet* sheet);

}  // namespace gatepost::text
