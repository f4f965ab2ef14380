// Which font the characters of a PowerPoint 97-2003 text are in (MS-PPT 2.9.8, 2.9.35, 2.9.44):
// its own runs, else what the master says of texts of its kind.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::decode {

class PptFonts {
 public:
  // Every atom that says something of fonts, in any order; of two that say the same the last
  // counts.
  void Add(uint32_t type, uint32_t instance, Bytes data);

  struct Run {
    uint32_t characters = 0;  // UTF-16 units
    std::string_view font;    // "": not known; valid as long as this
  };
  // All fonts, one a line, by index.
  std::string names() const;
  // The runs of a text of `characters` units and of that kind (TextTypeEnum); `style`: its
  // StyleTextPropAtom, may be empty. They cover the text, no more.
  std::vector<Run> RunsOf(uint32_t kind, Bytes style, uint32_t characters) const;

 private:
  static constexpr uint32_t kNone = 0xffff;
  static constexpr uint32_t kKinds = 9;
  std::string_view NameOf(uint32_t font) const;
  uint32_t OfKind(uint32_t kind) const;

  std::map<uint32_t, std::string> names_;  // by index
  std::map<uint32_t, uint32_t> of_kind_;   // the font of a master's first level
  uint32_t default_ = kNone;
};

}  // namespace gatepost::decode
