// Collects the defects of one message: each id once for a part, bounded by Limits::defects. A grade
// C whose id is not listed yet is listed even then, because the verdict may hang on it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/mail/defect.h"

namespace gatepost::mail {

class Report {
 public:
  explicit Report(uint32_t most) : most_(most) {}

  void Add(DefectId id, uint32_t part, std::string note = {}) {
    Add(id, KindOf(id).grade, part, std::move(note));
  }

  void Add(DefectId id, Grade grade, uint32_t part, std::string note = {}) {
    bool known = false;
    for (Defect& defect : defects_) {
      if (defect.id != id) {
        continue;
      }
      if (defect.part == part) {
        defect.grade = std::max(defect.grade, grade);
        return;
      }
      known = known || defect.grade >= grade;
    }
    if (defects_.size() >= most_ && (grade != Grade::kC || known)) {
      ++unlisted_;
      return;
    }
    defects_.push_back({id, grade, part, std::move(note)});
  }

  std::vector<Defect>& defects() { return defects_; }
  uint32_t unlisted() const { return unlisted_; }

 private:
  uint32_t most_;
  std::vector<Defect> defects_;
  uint32_t unlisted_ = 0;
};

}  // namespace gatepost::mail
