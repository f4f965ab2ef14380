// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/report.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "src/base/json.h"

namespace gatepost::import {

namespace {

bool IsEval(const Entry& entry) { return entry.kind.find("eval") != std::string::npos; }
bool IsRule(const Entry& entry) { return entry.kind != "setting"; }

std::string PlaceText(const Place& place) {
  return place.line > 0 ? place.file + ":" + std::to_string(place.line) : place.file;
}

// "A B C" in lines of at most 100 columns.
void AddWrapped(const std::vector<std::string>& words, std::string* out) {
  std::string line = "     ";
  for (const std::string& word : words) {
    if (line.size() + word.size() + 1 > 100 && line.size() > 5) {
      *out += line + "\n";
      line = "     ";
    }
    line += " " + word;
  }
  *out += line + "\n";
}

}  // namespace

const char* ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kConverted:
      return "converted";
    case Outcome::kCaveat:
      return "caveat";
    case Outcome::kOff:
      return "off";
    case Outcome::kNot:
      return "not-converted";
  }
  return "";
}

void AddCaveat(const std::string& reason, Entry* entry) {
  entry->outcome = Outcome::kCaveat;
  entry->reason += (entry->reason.empty() ? "" : "; ") + reason;
}

size_t Report::Count(Outcome outcome) const {
  return static_cast<size_t>(std::count_if(
      entries.begin(), entries.end(),
      [outcome](const Entry& entry) { return IsRule(entry) && entry.outcome == outcome; }));
}

double Report::ShareWithoutEval() const {
  size_t all = 0;
  size_t good = 0;
  for (const Entry& entry : entries) {
    if (!IsRule(entry) || IsEval(entry) || entry.outcome == Outcome::kOff) {
      continue;
    }
    ++all;
    good += entry.outcome == Outcome::kNot ? 0 : 1;
  }
  return all == 0 ? 1 : static_cast<double>(good) / static_cast<double>(all);
}

std::string Report::ToText() const {
  std::map<std::string, std::map<Outcome, size_t>> kinds;
  for (const Entry& entry : entries) {
    ++kinds[entry.kind][entry.outcome];
  }
  std::string out = "Import of " + source + "\n\n";
  char line[160];
  std::snprintf(line, sizeof line, "%-20s %10s %10s %8s %14s\n", "kind", "converted", "caveat",
                "off", "not converted");
  out += line;
  for (const auto& [kind, counts] : kinds) {
    const auto count = [&counts = counts](Outcome outcome) {
      const auto found = counts.find(outcome);
      return found == counts.end() ? size_t{0} : found->second;
    };
    std::snprintf(line, sizeof line, "%-20s %10zu %10zu %8zu %14zu\n", kind.c_str(),
                  count(Outcome::kConverted), count(Outcome::kCaveat), count(Outcome::kOff),
                  count(Outcome::kNot));
    out += line;
  }
  std::snprintf(
      line, sizeof line,
      "\nRules without eval: %.1f %% converted (those that the source switches off left out)\n",
      100 * ShareWithoutEval());
  out += line;
  for (const auto& [outcome, title] :
       {std::pair(Outcome::kNot, "Not converted"), std::pair(Outcome::kCaveat, "With a caveat"),
        std::pair(Outcome::kOff, "Off")}) {
    std::map<std::string, std::vector<std::string>> reasons;
    for (const Entry& entry : entries) {
      if (entry.outcome == outcome) {
        reasons[entry.reason].push_back(entry.name);
      }
    }
    if (!reasons.empty()) {
      out += std::string("\n") + title + "\n";
    }
    for (auto& [reason, names] : reasons) {
      out += "  " + reason + " (" + std::to_string(names.size()) + ")\n";
      AddWrapped(names, &out);
    }
  }
  return out;
}

std::string Report::ToJson() const {
  Json out = {{"source", source},
              {"converted", Count(Outcome::kConverted)},
              {"caveat", Count(Outcome::kCaveat)},
              {"off", Count(Outcome::kOff)},
              {"not_converted", Count(Outcome::kNot)},
              {"share_without_eval", ShareWithoutEval()},
              {"files", written},
              {"entries", Json::array()}};
  for (const Entry& entry : entries) {
    out["entries"].push_back({{"name", entry.name},
                              {"kind", entry.kind},
                              {"outcome", ToString(entry.outcome)},
                              {"reason", entry.reason},
                              {"place", PlaceText(entry.place)}});
  }
  return DumpJson(out);
}

}  // namespace gatepost::import
