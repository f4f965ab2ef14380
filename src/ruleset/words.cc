// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/words.h"

#include <algorithm>

namespace gatepost::ruleset {

std::string Where(const Place& place) { return place.file + ":" + std::to_string(place.line); }

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = Nearest(word, known);
  return nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?";
}

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id[0] != '-' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

void ReadTitle(YamlMap* map, const Place& place, const std::string& what, std::string* en,
               std::string* vi, Diagnostics* diagnostics) {
  const YamlNode* title = map->Take("title");
  if (title != nullptr && title->is_scalar()) {
    *en = title->scalar;
  } else if (title != nullptr) {
    YamlMap inner(*title, "a title", diagnostics);
    inner.TakeString("en", en);
    inner.TakeString("vi", vi);
    inner.Finish();
  }
  if (en->empty() && vi->empty()) {
    diagnostics->Warning(place, what + " has no title: add title: {en: .., vi: ..}");
  } else if (en->empty() || vi->empty()) {
    diagnostics->Warning(place, what +
                                    " has its title in one language only: add title: {en: .., "
                                    "vi: ..}");
  }
}

}  // namespace gatepost::ruleset
