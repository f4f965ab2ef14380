// Kinds of pages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/page_kind.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

bool HasEnding(std::string_view name) {
  const std::string lower = AsciiLower(AsciiTrim(name));
  const size_t dot = lower.rfind('.');
  if (dot == std::string::npos) {
    return false;
  }
  const std::initializer_list<std::string_view> endings = {"svg",  "svgz", "xhtml", "xht", "shtml",
                                                           "shtm", "stm",  "xml",   "mml", "rdf"};
  return std::find(endings.begin(), endings.end(), lower.substr(dot + 1)) != endings.end();
}

// Is the first element, behind comments and declarations, <svg>?
bool BeginsAsSvg(std::string_view utf8) {
  const std::string_view head = utf8.substr(0, 20'000);
  for (size_t at = head.find('<'); at != std::string_view::npos; at = head.find('<', at + 1)) {
    const std::string_view tag = head.substr(at + 1);
    if (tag.substr(0, 3) == "!--") {
      at = std::min(head.find("-->", at), head.size() - 1);
    } else if (!tag.empty() && tag[0] != '!' && tag[0] != '?') {
      const std::string name = AsciiLower(tag.substr(0, tag.find_first_of(" \t\r\n>/")));
      return name == "svg" || (name.size() > 4 && name.compare(name.size() - 4, 4, ":svg") == 0);
    }
  }
  return false;
}

}  // namespace

bool RunsUnexpected(const decode::Leaf& leaf, std::string_view utf8) {
  return HasEnding(leaf.name) ||
         std::any_of(leaf.names.begin(), leaf.names.end(),
                     [](const std::string& name) { return HasEnding(name); }) ||
         leaf.media_type == "image/svg+xml" || leaf.media_type == "application/xhtml+xml" ||
         BeginsAsSvg(utf8);
}

}  // namespace gatepost::text
