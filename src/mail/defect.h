// Defects: what is odd about a message. Bad mail is data, so nothing here is an error. Grades say
// what a strict filter does: A legal but odd (every reading is scanned), B malformed but common in
// honest mail (tagged, scanned), C ambiguity that only an attacker needs (held, or 550 5.6.0).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatepost::mail {

enum class Grade : uint8_t { kA, kB, kC };
char ToChar(Grade grade);  // 'A', 'B', 'C'

// Stable ids, written to logs and to MIME-Ambiguity-Results. One line each; the table in defect.cc
// gives id text, usual grade and a sentence for people in English and Vietnamese.
enum class DefectId : uint16_t;

struct Defect {
  DefectId id;
  Grade grade;        // usually the table's; a room may raise or lower it with a reason
  uint32_t part = 0;  // index into Message::parts()
  std::string note;   // a few words more, never content; may be empty
};

// One row of the table.
struct DefectKind {
  DefectId id;
  const char* name;        // "DuplicateContentType"
  Grade grade;
  const char* sentence_en;
  const char* sentence_vi;
};

// Never null for an id of the enum.
const DefectKind& KindOf(DefectId id);
// Null: no such name.
const DefectKind* FindDefectKind(std::string_view name);

}  // namespace gatepost::mail

#include "src/mail/defect_ids.inc"
