// Macro source out of a VBA project (MS-OVBA): modules are carved from the streams by the line that
// each begins with, so that a project whose directory lies is read too.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::decode {

struct VbaModule {
  std::string name;            // "Module1"; UTF-8
  std::string source;          // UTF-8
  bool starts_itself = false;  // AutoOpen, Document_Open, Workbook_Open...
};

struct VbaProject {
  std::vector<VbaModule> modules;
  bool cut = false;  // there was more than `limit`
};

// Total; at most `limit` bytes of source together.
VbaProject ReadVba(const std::vector<Bytes>& streams, uint64_t limit);

// A compressed container (2.4.1), which begins with 01; what is damaged ends it.
std::string UnpackVba(Bytes container, uint64_t limit);

}  // namespace gatepost::decode
