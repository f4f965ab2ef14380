// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_table.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "src/base/bytes.h"
#include "src/record/held_columns.h"
#include "src/record/held_words.h"

namespace gatepost::record {

namespace {

constexpr uint32_t kMostRows = 1'000;

using Row = HeldColumns::Row;
using Span = HeldColumns::Span;

}  // namespace

bool ContainsFolded(std::string_view text, std::string_view wanted) {
  return FoldedForSearch(text).find(FoldedForSearch(wanted)) != std::string::npos;
}

bool HeldSortFromString(std::string_view word, HeldSort* out) {
  constexpr std::array<std::string_view, 7> kWords = {"time",  "sender", "recipient", "category",
                                                      "state", "size",   "score"};
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (word == kWords[i]) {
      *out = static_cast<HeldSort>(i);
      return true;
    }
  }
  return false;
}

bool InRecipients(const std::vector<std::string>& recipients, std::string_view address) {
  const size_t at = address.rfind('@');
  const std::string_view domain =
      at == std::string_view::npos ? std::string_view() : address.substr(at);
  return recipients.empty() ||
         std::any_of(recipients.begin(), recipients.end(), [&](const std::string& one) {
           return one == address || (!one.empty() && one.front() == '@' && one == domain);
         });
}

struct HeldTable::Columns {
  explicit Columns(std::string folder) : table(std::move(folder)) {}
  std::mutex mutex;
  HeldColumns table;
};

namespace {

// Which numbers of each dictionary, and which rows, a question means.
struct Chosen {
  std::vector<bool> states, categories, rules;
  std::vector<bool> sender, recipient;
  std::vector<bool> text_sender, text_recipient;  // those in which the text is found, too
  std::vector<uint8_t> text;                      // HeldColumns::Place of every row
  struct Scope {
    std::vector<bool> categories;
    std::vector<bool> recipients;
    bool all_recipients = false;
    bool subjects = false;
  };
  std::vector<Scope> scopes;
};

std::vector<bool> Among(const Words& words, const std::vector<std::string>& list) {
  return words.Which([&](Bytes word) {
    return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
  });
}

std::vector<Chosen::Scope> ChooseScopes(const std::vector<HeldScope>& scopes,
                                        const HeldColumns& table) {
  std::vector<Chosen::Scope> out;
  for (const HeldScope& scope : scopes) {
    Chosen::Scope one;
    one.categories = Among(table.categories, scope.categories);
    one.subjects = scope.subjects;
    one.all_recipients = scope.recipients.empty();
    if (!one.all_recipients) {
      one.recipients = table.recipients.Which(
          [&scope](Bytes word) { return InRecipients(scope.recipients, word); });
    }
    out.push_back(std::move(one));
  }
  return out;
}

Chosen Choose(const HeldQuery& query, const HeldColumns& table) {
  Chosen chosen;
  chosen.scopes = ChooseScopes(query.scopes, table);
  chosen.states = Among(table.states, query.states);
  chosen.categories = Among(table.categories, query.categories);
  if (!query.sender.empty()) {
    chosen.sender = table.senders.Containing(FoldedForSearch(query.sender));
  }
  if (!query.recipient.empty()) {
    chosen.recipient = table.recipients.Containing(FoldedForSearch(query.recipient));
  }
  if (!query.text.empty()) {
    const std::string text = FoldedForSearch(query.text);
    chosen.text_sender = table.senders.Containing(text);
    chosen.text_recipient = table.recipients.Containing(text);
    chosen.text = table.Containing(text);
  }
  if (!query.rule.empty()) {
    const bool beginning = query.rule.back() == '*';
    const std::string rule = beginning ? query.rule.substr(0, query.rule.size() - 1) : query.rule;
    chosen.rules = table.rules.Which(
        [&](Bytes word) { return beginning ? word.substr(0, rule.size()) == rule : word == rule; });
  }
  return chosen;
}

bool AnyOf(const std::vector<bool>& wanted, const std::vector<uint32_t>& numbers, Span span) {
  for (uint32_t i = 0; i < span.count; ++i) {
    if (wanted[numbers[span.begin + i]]) {
      return true;
    }
  }
  return false;
}

// May it be seen; *subjects: also what it is about.
bool Seen(const std::vector<Chosen::Scope>& scopes, const std::vector<uint32_t>& numbers,
          const Row& row, bool* subjects) {
  bool seen = false;
  *subjects = false;
  for (const Chosen::Scope& scope : scopes) {
    if (scope.categories[row.category] &&
        (scope.all_recipients || AnyOf(scope.recipients, numbers, row.recipients))) {
      seen = true;
      *subjects |= scope.subjects;
    }
  }
  return seen;
}

std::vector<uint32_t> Matching(const HeldQuery& query, const HeldColumns& table,
                               const Chosen& chosen) {
  std::vector<uint32_t> found;
  const std::vector<Row>& rows = table.rows();
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    bool subjects = false;
    if (row.gone || !chosen.states[row.state] || !chosen.categories[row.category] ||
        (query.since_ms > 0 && row.held_at_ms < query.since_ms) ||
        (query.until_ms > 0 && row.held_at_ms >= query.until_ms) ||
        (!query.sender.empty() && !chosen.sender[row.sender]) ||
        (!query.rule.empty() && !AnyOf(chosen.rules, table.numbers, row.rules)) ||
        (!query.recipient.empty() && !AnyOf(chosen.recipient, table.numbers, row.recipients)) ||
        !Seen(chosen.scopes, table.numbers, row, &subjects)) {
      continue;
    }
    if (!query.text.empty() &&
        chosen.text[i] < (subjects ? HeldColumns::kInSubject : HeldColumns::kOutside) &&
        !chosen.text_sender[row.sender] &&
        !AnyOf(chosen.text_recipient, table.numbers, row.recipients)) {
      continue;
    }
    found.push_back(i);
  }
  return found;
}

}  // namespace

HeldTable::HeldTable(std::string folder) : columns_(std::make_unique<Columns>(std::move(folder))) {}
HeldTable::~HeldTable() = default;

Status HeldTable::Refresh() {
  const std::lock_guard<std::mutex> lock(columns_->mutex);
  return columns_->table.Refresh();
}

Result<HeldPage> HeldTable::List(const HeldQuery& query) {
  HeldColumns& table = columns_->table;
  const std::lock_guard<std::mutex> lock(columns_->mutex);
  GATEPOST_RETURN_IF_ERROR(table.Refresh());
  const Chosen chosen = Choose(query, table);
  std::vector<uint32_t> found = Matching(query, table, chosen);
  HeldPage page;
  page.total = found.size();
  // The id breaks ties in the direction of the sort: one total order, whichever way it is walked.
  const bool backwards = query.last || !query.before.empty();
  const auto in_order = [&](uint32_t a, uint32_t b) {
    const int order = table.Compare(table.rows()[a], table.rows()[b], query.sort);
    return query.descending != backwards ? order > 0 : order < 0;
  };
  const std::string& edge = backwards ? query.before : query.after;
  auto begin = found.begin();
  if (!edge.empty()) {
    uint32_t mark = 0;
    if (!table.Find(edge, &mark)) {
      return Status::NotFound(edge + ": no such entry to page from");
    }
    begin = std::partition(found.begin(), found.end(),
                           [&](uint32_t one) { return !in_order(mark, one); });
  }
  const uint64_t outside = static_cast<uint64_t>(begin - found.begin());
  uint64_t limit = std::clamp<uint64_t>(query.limit, 1, kMostRows);
  if (query.last && query.before.empty() && page.total % limit != 0) {
    limit = page.total % limit;  // pages as they would be when walked from the first one
  }
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min<uint64_t>(
                               limit, static_cast<uint64_t>(found.end() - begin)));
  std::partial_sort(begin, end, found.end(), in_order);
  if (backwards) {
    std::reverse(begin, end);
  }
  const uint64_t shown = static_cast<uint64_t>(end - begin);
  page.before = backwards ? page.total - outside - shown : outside;
  for (auto one = begin; one != end; ++one) {
    const Row& row = table.rows()[*one];
    page.rows.push_back(table.Show(row));
    bool subjects = false;
    Seen(chosen.scopes, table.numbers, row, &subjects);
    if (!subjects) {
      page.rows.back().subject.clear();
    }
  }
  return page;
}

Result<std::vector<std::pair<std::string, uint64_t>>> HeldTable::Count(
    const std::vector<HeldScope>& scopes, const std::string& state) {
  HeldColumns& table = columns_->table;
  const std::lock_guard<std::mutex> lock(columns_->mutex);
  GATEPOST_RETURN_IF_ERROR(table.Refresh());
  const std::vector<Chosen::Scope> seen = ChooseScopes(scopes, table);
  const std::vector<bool> states = Among(table.states, {state});
  std::vector<uint64_t> counts(table.categories.size());
  for (const Row& row : table.rows()) {
    bool subjects = false;
    if (!row.gone && states[row.state] && Seen(seen, table.numbers, row, &subjects)) {
      ++counts[row.category];
    }
  }
  std::vector<std::pair<std::string, uint64_t>> out;
  for (uint32_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      out.emplace_back(table.categories.at(i), counts[i]);
    }
  }
  return out;
}

}  // namespace gatepost::record
