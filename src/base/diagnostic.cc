// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/diagnostic.h"

#include <algorithm>

namespace gatepost {

namespace {

size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Diagnostic::ToString() const {
  std::string out = place.file;
  if (place.line > 0) {
    out += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  return out + (severity == Severity::kError ? ": error: " : ": warning: ") + message;
}

void Diagnostics::Error(const Place& place, std::string message) {
  all_.push_back({Diagnostic::Severity::kError, place, std::move(message)});
  ++errors_;
}

void Diagnostics::Warning(const Place& place, std::string message) {
  all_.push_back({Diagnostic::Severity::kWarning, place, std::move(message)});
}

Status Diagnostics::ToStatus() const {
  if (!has_errors()) {
    return {};
  }
  std::string message;
  for (const Diagnostic& diagnostic : all_) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      message += (message.empty() ? "" : "\n") + diagnostic.ToString();
    }
  }
  return Status::Invalid(std::move(message));
}

std::string Nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  const auto begun = [&word](const std::string& candidate) {
    return candidate.rfind(word, 0) == 0 || (!candidate.empty() && word.rfind(candidate, 0) == 0);
  };
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    // "rule" is "rules" rather than "role".
    const bool rather =
        distance == best_distance && !best.empty() && begun(candidate) && !begun(best);
    if (distance < best_distance || rather) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace gatepost
