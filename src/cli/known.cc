// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/known.h"

#include "src/base/diagnostic.h"
#include "src/base/utf8.h"
#include "src/cli/terminal.h"
#include "src/record/standing.h"

namespace gatepost::cli {

std::string WhyUnknown(const std::string& what, const std::string& word,
                       const std::set<std::string>& known) {
  if (known.count(word) > 0) {
    return "";
  }
  std::string out = "'" + PrintableUtf8(word, 100) + "' is not a " + what;
  const std::string near = Nearest(word, {known.begin(), known.end()});
  out += near.empty() ? "." : "; did you mean '" + near + "'?";
  std::string all;
  for (const std::string& one : known) {
    all += (all.empty() ? " Known: " : ", ") + one;
  }
  return out + all;
}

bool AreCategories(const gateway::Config& config, const std::vector<std::string>& words,
                   const record::Quarantine* store) {
  const std::set<std::string> known = gateway::Categories(config);
  for (const std::string& word : words) {
    const std::string why = WhyUnknown("category", word, known);
    if (why.empty()) {
      continue;
    }
    record::HeldFilter one;
    one.category = word;
    one.limit = 1;
    const Result<std::vector<record::Held>> there =
        store != nullptr && !word.empty() ? store->List(one)
                                          : Result<std::vector<record::Held>>(Status::NotFound(""));
    if (!there.ok() || there->empty()) {
      PrintError(why);
      return false;
    }
  }
  return true;
}

bool IsHeldState(const std::string& word) {
  std::set<std::string> known = {"all"};
  for (const record::HeldState state :
       {record::HeldState::kHeld, record::HeldState::kReleasing, record::HeldState::kReleased,
        record::HeldState::kDeleted}) {
    known.insert(record::ToString(state));
  }
  const std::string why = word.empty() ? "" : WhyUnknown("state", word, known);
  if (!why.empty()) {
    PrintError(why);
  }
  return why.empty();
}

bool HasReason(const std::string& reason) {
  if (!record::IsReason(reason)) {
    PrintError("say why: --reason 'at least three letters', which is recorded");
    return false;
  }
  return true;
}

}  // namespace gatepost::cli
