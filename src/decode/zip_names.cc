// LIMITS: case is that of ASCII; a pair of names that differ in the case of other letters is two.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/zip_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/decode/sniff.h"

namespace gatepost::decode {

bool IsFolderName(std::string_view name) {
  return !name.empty() && (name.back() == '/' || name.back() == '\\');
}

bool IsUnsafeName(std::string_view name) {
  return name.find("../") != std::string_view::npos ||
         name.find("..\\") != std::string_view::npos || name == ".." ||
         (!name.empty() && (name[0] == '/' || name[0] == '\\')) ||
         (name.size() > 1 && name[1] == ':') || std::any_of(name.begin(), name.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

std::string NormalName(std::string_view name) {
  std::vector<std::string_view> steps;
  while (!name.empty()) {
    const size_t end = name.find_first_of("/\\");
    std::string_view step = name.substr(0, end);
    name = end == std::string_view::npos ? std::string_view() : name.substr(end + 1);
    if (step == "..") {
      if (!steps.empty()) {
        steps.pop_back();
      }
      continue;
    }
    while (!step.empty() && (step.back() == '.' || step.back() == ' ')) {
      step.remove_suffix(1);
    }
    if (!step.empty()) {
      steps.push_back(step);
    }
  }
  std::string out;
  for (const std::string_view step : steps) {
    out += out.empty() ? "" : "/";
    out += step;
  }
  return out;
}

bool SameKindOfName(Bytes name, Bytes unicode) {
  return !IsAscii(unicode) && Extension(name) == Extension(unicode);
}

NameSet::Answer NameSet::Add(std::string_view name, bool is_folder) {
  const std::string normal = NormalName(name);
  const auto [it, is_new] = known_.emplace(AsciiLower(normal), Known{normal, is_folder});
  if (is_new || (is_folder && it->second.is_folder)) {
    return kNew;
  }
  return it->second.spelling == normal ? kSame : kSameButCase;
}

}  // namespace gatepost::decode
