// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/virus/names.h"

namespace gatepost::virus {

namespace {

struct Row {
  std::string_view prefix;
  Meaning meaning;
};

constexpr Meaning Unreadable(decode::Reason reason) {
  return {Meaning::Kind::kUnscannable, reason, ""};
}

constexpr Meaning Fact(const char* fact) {
  return {Meaning::Kind::kFact, decode::Reason::kNotScanned, fact};
}

// First fit counts, so the particular stands before the general.
constexpr Row kRows[] = {
    {"Heuristics.Limits.Exceeded.MaxRecursion", Unreadable(decode::Reason::kTooDeep)},
    {"Heuristics.Limits.Exceeded.MaxScanTime", Unreadable(decode::Reason::kTimedOut)},
    {"Heuristics.Limits.Exceeded", Unreadable(decode::Reason::kTooBig)},
    {"Heuristics.XZ.DicSizeLimit", Unreadable(decode::Reason::kTooBig)},
    {"Heuristics.Encrypted", Unreadable(decode::Reason::kEncrypted)},
    {"Heuristics.OLE2.ContainsMacros", Fact("virus.macros")},
    {"Heuristics.Broken", Fact("virus.broken")},
    {"Heuristics.MBRPartition", Fact("virus.broken")},
    {"Heuristics.GPTPartition", Fact("virus.broken")},
    {"Heuristics.APMPartition", Fact("virus.broken")},
    {"Heuristics.Phishing", Fact("virus.phishing")},
};

}  // namespace

Meaning MeaningOf(std::string_view alert) {
  for (const Row& row : kRows) {
    if (alert.substr(0, row.prefix.size()) == row.prefix) {
      return row.meaning;
    }
  }
  return {};
}

}  // namespace gatepost::virus
