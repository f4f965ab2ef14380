// One XML part of a package, of Office or of OpenDocument, or a flat document: the first byte says
// which. The root element decides what the part is.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/package.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  if (size == 0) {
    return 0;
  }
  const unsigned which = data[0] % 4;
  FuzzOpener(data + 1, size - 1, "a.xml", Type::kXml, [which](size_t leaf, Collector* out) {
    static constexpr const char* kNames[] = {"word/document.xml", "xl/worksheets/sheet1.xml",
                                             "content.xml", ""};
    const std::vector<PackagePart> parts = {{kNames[which], out->leaf(leaf).bytes}};
    if (which == 3) {
      ReadFlatOfficeXml(leaf, out);
    } else if (which == 2) {
      ReadOdf(leaf, parts, out);
    } else {
      ReadOoxml(leaf, parts, out);
    }
  });
  return 0;
}
