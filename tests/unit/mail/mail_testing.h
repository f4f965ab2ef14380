// Small helpers of the mail room's tests.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/mail/message.h"

namespace gatepost::mail {

inline std::string Crlf(std::string_view lf) {
  std::string out;
  for (const char c : lf) {
    if (c == '\n') {
      out += '\r';
    }
    out += c;
  }
  return out;
}

inline std::string Paths(const Message& message) {
  std::string out;
  for (const Part& part : message.parts()) {
    out += (out.empty() ? "" : " ") + part.path;
  }
  return out;
}

// "MissingMimeVersion:A NonEmptyPreamble:A"
inline std::string Names(const Message& message) {
  std::string out;
  for (const Defect& defect : message.defects()) {
    out += (out.empty() ? "" : " ") + std::string(KindOf(defect.id).name) + ":" +
           ToChar(defect.grade);
  }
  return out;
}

inline bool Has(const Message& message, DefectId id) {
  for (const Defect& defect : message.defects()) {
    if (defect.id == id) {
      return true;
    }
  }
  return false;
}

inline bool HasGradeC(const Message& message) {
  for (const Defect& defect : message.defects()) {
    if (defect.grade == Grade::kC) {
      return true;
    }
  }
  return false;
}

// Does some part's raw body contain the text?
inline bool SomePartHolds(const Message& message, std::string_view text) {
  for (const Part& part : message.parts()) {
    if (part.children.empty() && message.Body(part).find(text) != Bytes::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::mail
