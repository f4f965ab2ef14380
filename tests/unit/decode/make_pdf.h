// Small documents in PDF.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace gatepost::decode {

inline constexpr char kPdfText[] = "BT /F 12 Tf 72 700 Td (The budget of the department) Tj ET";

inline constexpr char kPdfFont[] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

inline std::string Stream(const std::string& data, const std::string& more = "") {
  return "<<" + more + "/Length " + std::to_string(data.size()) + ">>stream\n" + data +
         "\nendstream";
}

// Object 1 is the catalog, 2 the page tree of page 3, 4 its contents; the rest follows from 5.
inline std::string MakePdf(const std::string& catalog, const std::string& page,
                           const std::vector<std::string>& more,
                           const std::string& content = kPdfText, const std::string& kids = "3 0 R",
                           const std::string& font = kPdfFont) {
  std::vector<std::string> objects = {
      "<</Type/Catalog/Pages 2 0 R" + catalog + ">>",
      "<</Type/Pages/Kids[" + kids + "]/Count " + (kids.size() > 5 ? "2" : "1") + ">>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F" + font +
          ">>/Properties<</L 5 0 R>>>>" + page + ">>",
      Stream(content)};
  objects.insert(objects.end(), more.begin(), more.end());
  std::string out = "%PDF-1.6\n";
  for (size_t i = 0; i < objects.size(); ++i) {
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  return out + "trailer<</Root 1 0 R/Size " + std::to_string(objects.size() + 1) + ">>\n%%EOF\n";
}

}  // namespace gatepost::decode
