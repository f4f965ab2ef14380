// What a part says of itself: Content-Type, Content-Transfer-Encoding, Content-Disposition, and
// every other reading of these that some mail program has. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/mail/message.h"
#include "src/mail/report.h"

namespace gatepost::mail {

// A string that may be the boundary; the first is the one that most readers take.
struct BoundaryCandidate {
  std::string text;
  bool only_if_used = false;  // a far-fetched reading: a defect (grade C) only when it occurs
};

struct Labels {
  std::vector<BoundaryCandidate> boundaries;
  bool has_boundary = false;             // a boundary parameter in any form
  std::vector<std::string> other_types;  // values of Content-Type that other readers follow
  bool mime_version = false;
  bool any_mime = false;  // some Content-* field
};

// How labels are read.
struct LabelRules {
  const std::string* content_type = nullptr;  // stands for all Content-Type fields
  bool digest = false;                        // message/rfc822 is the default
  bool odd_names = false;                     // fields with odd names count (header.h)
};

// Reads part->fields and fills type, parameters, disposition, encoding and names of *part. Defects
// go to the report under part->index.
Labels ReadLabels(Bytes raw, const LabelRules& rules, Part* part, Report* report);

// Part::names and what is wrong with them, from the parameters already read.
void ReadNames(Part* part, Report* report);

}  // namespace gatepost::mail
