// What names and field codes of OOXML mean.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include "src/decode/elsewhere.h"
#include "src/decode/ooxml_text.h"

namespace gatepost::decode {

namespace {

bool IsAnyOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "DDE" out of "QUOTE 68 68 69".
std::string Unquote(std::string_view field) {
  std::string out;
  size_t at = 0;
  while (at < field.size()) {
    if (field[at] < '0' || field[at] > '9') {
      out.push_back(AsciiLower(field[at]));
      ++at;
      continue;
    }
    uint32_t code = 0;
    while (at < field.size() && field[at] >= '0' && field[at] <= '9') {
      code = std::min<uint32_t>(code * 10 + static_cast<uint32_t>(field[at] - '0'), 1000);
      ++at;
    }
    if (code > 0x20 && code < 0x7f) {
      out.push_back(AsciiLower(static_cast<char>(code)));
    }
    while (at < field.size() && field[at] == ' ') {
      ++at;
    }
  }
  return out;
}

}  // namespace

PartKind KindOfRoot(std::string_view root) {
  if (IsAnyOf(root, {"document",
                     "footnotes",
                     "endnotes",
                     "comments",
                     "glossaryDocument",
                     "wordDocument",
                     "package",
                     "sld",
                     "notes",
                     "cmLst",
                     "dataModel",
                     "drawing",
                     "presentation",
                     "chartSpace",
                     "chart",
                     "wsDr",
                     "userShapes",
                     "ThreadedComments",
                     "html",
                     "FixedPage"})) {
    return PartKind::kRuns;
  }
  if (IsAnyOf(root, {"hdr", "ftr", "sldMaster", "sldLayout", "notesMaster", "handoutMaster"})) {
    return PartKind::kMargin;
  }
  if (IsAnyOf(root, {"coreProperties", "Properties"})) {
    return PartKind::kProperties;
  }
  if (IsAnyOf(root, {"styles", "settings", "theme", "fonts", "numbering", "webSettings", "Types",
                     "presentationPr", "viewPr", "tblStyleLst", "styleSheet", "calcChain"})) {
    return PartKind::kStyles;
  }
  if (IsAnyOf(root, {"sst", "worksheet", "chartsheet", "dialogsheet", "macrosheet", "workbook",
                     "externalLink"})) {
    return PartKind::kSheet;
  }
  return root == "Relationships" ? PartKind::kRelations : PartKind::kEverything;
}

std::string WordsOfLevel(std::string_view label) {
  std::string words;
  for (size_t i = 0; i < label.size(); ++i) {
    if (label[i] == '%' && i + 1 < label.size() && label[i + 1] >= '0' && label[i + 1] <= '9') {
      ++i;
    } else {
      words.push_back(label[i]);
    }
  }
  const bool changed = words.size() < label.size() && AsciiTrim(words).size() > 4;
  return changed ? std::string(AsciiTrim(words)) + "\n" : std::string();
}

bool IsDdeField(std::string_view field) {
  const std::string low = Unquote(AsciiTrim(field));
  return low.compare(0, 3, "dde") == 0 || low.find(" ddeauto") != std::string::npos ||
         low.find("quoteddeauto") != std::string::npos ||
         low.find("quotedde") != std::string::npos || low.find("quote dde") != std::string::npos;
}

bool IsExternalField(std::string_view field) {
  const std::string low = AsciiLower(AsciiTrim(field));
  for (const std::string_view word : {"includetext", "link ", "import", "rd "}) {
    if (low.compare(0, word.size(), word) == 0 && NamesElsewhere(low.substr(word.size()))) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::decode
