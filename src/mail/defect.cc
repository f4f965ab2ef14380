// The table of defects, expanded from defect_ids.inc, and its look-ups.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/defect.h"

#include <array>

namespace gatepost::mail {
namespace {

constexpr size_t kKinds = static_cast<size_t>(DefectId::kCount);

constexpr Grade kA = Grade::kA;
constexpr Grade kB = Grade::kB;
constexpr Grade kC = Grade::kC;

constexpr std::array<DefectKind, kKinds> kTable = {{
#define GATEPOST_X(name, grade, en, vi) {DefectId::k##name, #name, grade, en, vi},
    GATEPOST_DEFECTS(GATEPOST_X)
#undef GATEPOST_X
}};

}  // namespace

char ToChar(Grade grade) {
  switch (grade) {
    case Grade::kA:
      return 'A';
    case Grade::kB:
      return 'B';
    case Grade::kC:
      return 'C';
  }
  return 'C';
}

const DefectKind& KindOf(DefectId id) {
  const auto index = static_cast<size_t>(id);
  return kTable[index < kKinds ? index : 0];
}

const DefectKind* FindDefectKind(std::string_view name) {
  for (const DefectKind& kind : kTable) {
    if (name == kind.name) {
      return &kind;
    }
  }
  return nullptr;
}

}  // namespace gatepost::mail
