// A zip whose members together are one document: OOXML (ECMA-376) and ODF (OASIS).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

struct PackagePart {
  std::string name;  // CleanName of the member
  Bytes bytes;
};

// True for XML: ReadOoxml takes text from all of it, so that it is no leaf.
bool IsXmlPart(const PackagePart& part);
// Of OpenDocument only these are read as documents; other XML (Basic, what a stranger put in) is a
// leaf as well.
bool IsOdfText(const std::string& name);

// Text, properties, fonts, relationships and facts of a document. `parts` holds every member that
// could be read, XML or not, in the order of the zip.
void ReadOoxml(size_t leaf, const std::vector<PackagePart>& parts, Collector* out);
void ReadOdf(size_t leaf, const std::vector<PackagePart>& parts, Collector* out);
// One XML file that is an Office document of its own (Word 2003 XML, flat OPC, Excel 2003 XML).
void ReadFlatOfficeXml(size_t leaf, Collector* out);

}  // namespace gatepost::decode
