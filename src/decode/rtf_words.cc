// Words of RTF that name a destination, and code pages of fonts.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <string_view>

#include "src/decode/rtf_reader.h"

namespace gatepost::decode {

namespace {

struct Destination {
  std::string_view word;
  RtfTarget target;
};

constexpr std::array<Destination, 65> kDestinations = {{
    {"fonttbl", RtfTarget::kFonts},
    {"colortbl", RtfTarget::kColors},
    {"stylesheet", RtfTarget::kSilent},
    {"pict", RtfTarget::kPicture},
    {"info", RtfTarget::kSilent},
    {"title", RtfTarget::kInfo},
    {"subject", RtfTarget::kInfo},
    {"author", RtfTarget::kInfo},
    {"manager", RtfTarget::kInfo},
    {"company", RtfTarget::kInfo},
    {"operator", RtfTarget::kInfo},
    {"category", RtfTarget::kInfo},
    {"keywords", RtfTarget::kInfo},
    {"comment", RtfTarget::kInfo},
    {"doccomm", RtfTarget::kInfo},
    {"hlinkbase", RtfTarget::kInfo},
    {"propname", RtfTarget::kInfo},
    {"staticval", RtfTarget::kInfo},
    {"docvar", RtfTarget::kInfo},
    {"template", RtfTarget::kTemplate},
    {"header", RtfTarget::kMargin},
    {"headerl", RtfTarget::kMargin},
    {"headerr", RtfTarget::kMargin},
    {"headerf", RtfTarget::kMargin},
    {"footer", RtfTarget::kMargin},
    {"footerl", RtfTarget::kMargin},
    {"footerr", RtfTarget::kMargin},
    {"footerf", RtfTarget::kMargin},
    {"footnote", RtfTarget::kNote},
    {"annotation", RtfTarget::kNote},
    {"atnauthor", RtfTarget::kNote},
    {"shptxt", RtfTarget::kNote},
    {"do", RtfTarget::kSilent},
    {"dptxbxtext", RtfTarget::kNote},
    {"ftnsep", RtfTarget::kNote},
    {"ftnsepc", RtfTarget::kNote},
    {"ftncn", RtfTarget::kNote},
    {"aftnsep", RtfTarget::kNote},
    {"aftnsepc", RtfTarget::kNote},
    {"aftncn", RtfTarget::kNote},
    {"moMath", RtfTarget::kBody},
    {"moMathPara", RtfTarget::kBody},
    {"pntxtb", RtfTarget::kInfo},
    {"pntxta", RtfTarget::kInfo},
    {"formfield", RtfTarget::kSilent},
    {"ffdeftext", RtfTarget::kInfo},
    {"ffhelptext", RtfTarget::kInfo},
    {"bkmkstart", RtfTarget::kInfo},
    {"xe", RtfTarget::kNote},
    {"tc", RtfTarget::kNote},
    {"ud", RtfTarget::kBody},
    {"fldrslt", RtfTarget::kBody},
    {"result", RtfTarget::kBody},
    {"nonesttables", RtfTarget::kSilent},
    {"shpinst", RtfTarget::kSilent},
    {"fldinst", RtfTarget::kField},
    {"objdata", RtfTarget::kObject},
    {"datastore", RtfTarget::kObject},
    {"objclass", RtfTarget::kField},
    {"sv", RtfTarget::kShape},
    {"sn", RtfTarget::kSilent},
    {"sp", RtfTarget::kSilent},
    {"pntext", RtfTarget::kBody},
    {"listtext", RtfTarget::kBody},
    {"nesttableprops", RtfTarget::kSilent},
}};

}  // namespace

bool RtfDestination(std::string_view word, RtfTarget* target) {
  for (const Destination& destination : kDestinations) {
    if (destination.word == word) {
      *target = destination.target;
      return true;
    }
  }
  return false;
}

int RtfCodePage(int charset) {
  switch (charset) {
    case 0:  // "ANSI"
    case 2:  // symbols: their bytes as they are
      return 1252;
    case 77:
      return 10000;
    case 128:
      return 932;
    case 129:
      return 949;
    case 134:
      return 936;
    case 136:
      return 950;
    case 161:
      return 1253;
    case 162:
      return 1254;
    case 163:
      return 1258;
    case 177:
      return 1255;
    case 178:
      return 1256;
    case 186:
      return 1257;
    case 204:
      return 1251;
    case 222:
      return 874;
    case 238:
      return 1250;
    default:
      return 0;  // as the document
  }
}

}  // namespace gatepost::decode
