// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_table.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/record/held_index.h"
#include "src/record/held_words.h"

namespace gatepost::record {

namespace {

constexpr uint32_t kMostRows = 1'000;

// Lower case of ASCII, Latin-1, Latin Extended-A and the Vietnamese letters.
char32_t Lower(char32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) {
    return c + 32;
  }
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x1E00 && c <= 0x1EFF)) {
    return c | 1U;
  }
  return c == 0x1A0 || c == 0x1AF ? c + 1 : c;
}

std::string Folded(Bytes text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      out.push_back(AsciiLower(text[at++]));
      continue;
    }
    const Utf8Unit unit = DecodeUtf8(text, at);
    AppendUtf8(Lower(unit.code_point), &out);
    at += unit.bytes;
  }
  return out;
}

bool Contains(Bytes text, Bytes folded) {
  return memmem(text.data(), text.size(), folded.data(), folded.size()) != nullptr;
}

std::vector<std::string> Lines(const std::string& joined) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= joined.size() && !joined.empty();) {
    const size_t end = std::min(joined.find('\n', at), joined.size());
    out.push_back(joined.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

struct Span {
  uint32_t begin = 0;
  uint32_t count = 0;
};

struct Row {
  int64_t held_at_ms = 0;
  uint64_t size = 0;
  float score = 0;
  uint32_t sender = 0;
  Span recipients, rules;  // in numbers
  uint64_t text = 0;       // in texts: id, queue id, message id, subject, folded; each ended by NUL
  uint32_t text_size = 0;
  uint32_t folded_at = 0;   // in text: queue id, message id, then the subject
  uint32_t subject_at = 0;  // in text, folded
  uint16_t category = 0;
  uint8_t state = 0;
  bool gone = false;
};

}  // namespace

bool ContainsFolded(std::string_view text, std::string_view wanted) {
  return Contains(Folded(text), Folded(wanted));
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
  std::string folder;
  std::mutex mutex;
  std::unique_ptr<HeldIndex> index;
  ino_t inode = 0;
  HeldPlace place;

  std::vector<Row> rows;
  std::unordered_map<uint64_t, uint32_t> by_id;  // hash of the id: ids are ours, not an attacker's
  Words addresses, rules, categories, states;
  std::vector<uint32_t> numbers;
  std::string texts;
  uint64_t waste = 0;  // bytes of texts that no row means any more

  static uint64_t HashOf(Bytes id) { return std::hash<std::string_view>()(id); }
  void Clear() {
    rows.clear();
    by_id.clear();
    addresses = {};
    rules = {};
    categories = {};
    states = {};
    numbers.clear();
    texts.clear();
    waste = 0;
  }
  Bytes TextOf(const Row& row) const { return Bytes(texts).substr(row.text, row.text_size); }
  Bytes Field(const Row& row, int number) const {
    Bytes rest = TextOf(row);
    for (; number > 0; --number) {
      rest.remove_prefix(std::min(rest.find('\0') + 1, rest.size()));
    }
    return rest.substr(0, rest.find('\0'));
  }
  Bytes IdOf(const Row& row) const { return Field(row, 0); }
  Span Put(const std::string& joined, Words* words) {
    Span span{static_cast<uint32_t>(numbers.size()), 0};
    for (const std::string& one : Lines(joined)) {
      numbers.push_back(words->Add(one));
      ++span.count;
    }
    return span;
  }
  void Put(const HeldLine& line);
  void Take(const std::string& id);
  Status Open();
  Status Refresh();
  int Compare(const Row& a, const Row& b, HeldSort sort) const;
  const std::string& FirstRecipient(const Row& row) const {
    static const std::string kNone;
    return row.recipients.count == 0 ? kNone : addresses.at(numbers[row.recipients.begin]);
  }
  HeldRow Show(const Row& row) const;
};

void HeldTable::Columns::Put(const HeldLine& line) {
  const uint64_t hash = HashOf(line.id);
  const auto [place_of, fresh] = by_id.emplace(hash, static_cast<uint32_t>(rows.size()));
  if (fresh) {
    rows.emplace_back();
  }
  Row& row = rows[place_of->second];
  const Row old = row;
  row.gone = false;
  row.held_at_ms = line.held_at_ms;
  row.size = line.size;
  row.score = static_cast<float>(line.score);
  row.category = static_cast<uint16_t>(categories.Add(line.category));
  row.state = static_cast<uint8_t>(states.Add(line.state));
  row.sender = addresses.Add(line.sender);
  std::string text = line.id + '\0' + line.subject + '\0' + line.queue_id + '\0' + line.message_id;
  text.push_back('\0');
  row.folded_at = static_cast<uint32_t>(text.size());
  text += Folded(line.id) + '\n' + Folded(line.queue_id) + '\n' + Folded(line.message_id) + '\n';
  row.subject_at = static_cast<uint32_t>(text.size());
  text += Folded(line.subject);
  if (!fresh && TextOf(old) == text) {
    return;  // the usual change is that of the state; recipients and rules never change
  }
  waste += old.text_size;
  row.recipients = Put(line.recipients, &addresses);
  row.rules = Put(line.rules, &rules);
  row.text = texts.size();
  row.text_size = static_cast<uint32_t>(text.size());
  texts += text;
}

void HeldTable::Columns::Take(const std::string& id) {
  if (id.empty()) {
    Clear();
  } else if (const auto found = by_id.find(HashOf(id)); found != by_id.end()) {
    rows[found->second].gone = true;
  }
}

Status HeldTable::Columns::Open() {
  const std::string path = folder + "/index.sqlite";
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return Status::FromErrno(path, errno);
  }
  if (index != nullptr && info.st_ino == inode) {
    return {};
  }
  index.reset();  // the file was replaced: who damaged it has made it anew
  bool fresh = false;
  GATEPOST_ASSIGN_OR_RETURN(index, HeldIndex::Open(path, &fresh));
  inode = info.st_ino;
  return {};
}

Status HeldTable::Columns::Refresh() {
  const Status opened = Open();
  if (opened.code() == Code::kNotFound) {
    Clear();
    return {};
  }
  GATEPOST_RETURN_IF_ERROR(opened);
  if (waste > texts.size() / 2 && waste > (1U << 20)) {
    place = {};  // read anew rather than carry what nobody means
  }
  return index->Changes(
      &place, [this](const HeldLine& line) { Put(line); },
      [this](const std::string& id) { Take(id); });
}

int HeldTable::Columns::Compare(const Row& a, const Row& b, HeldSort sort) const {
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  switch (sort) {
    case HeldSort::kTime:
      return order(a.held_at_ms, b.held_at_ms);
    case HeldSort::kSender:
      return a.sender == b.sender ? 0 : addresses.at(a.sender).compare(addresses.at(b.sender));
    case HeldSort::kRecipient:
      return FirstRecipient(a).compare(FirstRecipient(b));
    case HeldSort::kCategory:
      return categories.at(a.category).compare(categories.at(b.category));
    case HeldSort::kState:
      return states.at(a.state).compare(states.at(b.state));
    case HeldSort::kSize:
      return order(a.size, b.size);
    case HeldSort::kScore:
      return order(a.score, b.score);
  }
  return 0;
}

HeldRow HeldTable::Columns::Show(const Row& row) const {
  HeldRow out;
  out.id = Field(row, 0);
  out.subject = Field(row, 1);
  out.queue_id = Field(row, 2);
  out.message_id = Field(row, 3);
  out.state = states.at(row.state);
  out.category = categories.at(row.category);
  out.sender = addresses.at(row.sender);
  for (uint32_t i = 0; i < row.recipients.count; ++i) {
    out.recipients.push_back(addresses.at(numbers[row.recipients.begin + i]));
  }
  for (uint32_t i = 0; i < row.rules.count; ++i) {
    out.rules.push_back(rules.at(numbers[row.rules.begin + i]));
  }
  out.held_at_ms = row.held_at_ms;
  out.size = row.size;
  out.score = static_cast<double>(row.score);
  return out;
}

namespace {

// Which numbers of each dictionary a question means.
struct Chosen {
  std::vector<bool> states, categories, rules;
  Wanted sender, recipient, text;
  struct Scope {
    std::vector<bool> categories;
    Wanted recipients;
    bool all_recipients = false;
    bool subjects = false;
  };
  std::vector<Scope> scopes;
};

std::vector<bool> Among(const Words& words, const std::vector<std::string>& list) {
  return words.Which([&](const std::string& word) {
    return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
  });
}

std::vector<Chosen::Scope> ChooseScopes(const std::vector<HeldScope>& scopes,
                                        const Words& categories, const Words& addresses) {
  std::vector<Chosen::Scope> out;
  for (const HeldScope& scope : scopes) {
    Chosen::Scope one;
    one.categories = Among(categories, scope.categories);
    one.all_recipients = scope.recipients.empty();
    one.subjects = scope.subjects;
    if (!one.all_recipients) {
      one.recipients = Wanted(addresses, [&scope](const std::string& word) {
        return InRecipients(scope.recipients, word);
      });
    }
    out.push_back(std::move(one));
  }
  return out;
}

template <typename Numbers>
bool AnyOf(const Numbers& wanted, const std::vector<uint32_t>& numbers, Span span) {
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

}  // namespace

HeldTable::HeldTable(std::string folder) : columns_(std::make_unique<Columns>()) {
  columns_->folder = std::move(folder);
}
HeldTable::~HeldTable() = default;

Status HeldTable::Refresh() {
  const std::lock_guard<std::mutex> lock(columns_->mutex);
  return columns_->Refresh();
}

Result<HeldPage> HeldTable::List(const HeldQuery& query) {
  Columns& all = *columns_;
  const std::lock_guard<std::mutex> lock(all.mutex);
  GATEPOST_RETURN_IF_ERROR(all.Refresh());
  Chosen chosen;
  chosen.scopes = ChooseScopes(query.scopes, all.categories, all.addresses);
  chosen.states = Among(all.states, query.states);
  chosen.categories = Among(all.categories, query.categories);
  const auto has = [](const std::string& folded) {
    return [folded](const std::string& word) { return Contains(word, folded); };
  };
  const std::string sender = Folded(query.sender);
  const std::string recipient = Folded(query.recipient);
  const std::string text = Folded(query.text);
  chosen.sender = Wanted(all.addresses, has(sender));
  chosen.recipient = Wanted(all.addresses, has(recipient));
  chosen.text = Wanted(all.addresses, has(text));
  if (!query.rule.empty()) {
    const bool beginning = query.rule.back() == '*';
    const std::string rule = beginning ? query.rule.substr(0, query.rule.size() - 1) : query.rule;
    chosen.rules = all.rules.Which([&](const std::string& word) {
      return beginning ? word.compare(0, rule.size(), rule) == 0 : word == rule;
    });
  }
  std::vector<uint32_t> found;
  for (size_t i = 0; i < all.rows.size(); ++i) {
    const Row& row = all.rows[i];
    bool subjects = false;
    if (row.gone || !chosen.states[row.state] || !chosen.categories[row.category] ||
        (query.since_ms > 0 && row.held_at_ms < query.since_ms) ||
        (query.until_ms > 0 && row.held_at_ms >= query.until_ms) ||
        (!query.rule.empty() && !AnyOf(chosen.rules, all.numbers, row.rules)) ||
        !Seen(chosen.scopes, all.numbers, row, &subjects) ||
        (!sender.empty() && !chosen.sender[row.sender]) ||
        (!recipient.empty() && !AnyOf(chosen.recipient, all.numbers, row.recipients))) {
      continue;
    }
    if (!text.empty() && !chosen.text[row.sender] &&
        !AnyOf(chosen.text, all.numbers, row.recipients)) {
      const Bytes whole = all.TextOf(row);
      const Bytes folded = subjects ? whole.substr(row.folded_at)
                                    : whole.substr(row.folded_at, row.subject_at - row.folded_at);
      if (!Contains(folded, text)) {
        continue;
      }
    }
    found.push_back(static_cast<uint32_t>(i));
  }
  HeldPage page;
  page.total = found.size();
  // The id breaks ties in the direction of the sort: one total order, whichever way it is walked.
  const auto compare = [&](uint32_t a, uint32_t b) {
    const int order = all.Compare(all.rows[a], all.rows[b], query.sort);
    return order != 0 ? order : all.IdOf(all.rows[a]).compare(all.IdOf(all.rows[b]));
  };
  const bool backwards = query.last || !query.before.empty();
  const auto in_order = [&](uint32_t a, uint32_t b) {
    const int order = compare(a, b);
    return query.descending != backwards ? order > 0 : order < 0;
  };
  const std::string& edge = backwards ? query.before : query.after;
  auto begin = found.begin();
  if (!edge.empty()) {
    const auto place = all.by_id.find(Columns::HashOf(edge));
    if (place == all.by_id.end()) {
      return Status::NotFound(edge + ": no such entry to page from");
    }
    const uint32_t mark = place->second;
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
    page.rows.push_back(all.Show(all.rows[*one]));
    bool subjects = false;
    Seen(chosen.scopes, all.numbers, all.rows[*one], &subjects);
    if (!subjects) {
      page.rows.back().subject.clear();
    }
  }
  return page;
}

Result<std::vector<std::pair<std::string, uint64_t>>> HeldTable::Count(
    const std::vector<HeldScope>& scopes, const std::string& state) {
  Columns& all = *columns_;
  const std::lock_guard<std::mutex> lock(all.mutex);
  GATEPOST_RETURN_IF_ERROR(all.Refresh());
  const std::vector<Chosen::Scope> seen = ChooseScopes(scopes, all.categories, all.addresses);
  const std::vector<bool> states = Among(all.states, {state});
  std::vector<uint64_t> counts(all.categories.size());
  for (const Row& row : all.rows) {
    bool subjects = false;
    if (!row.gone && states[row.state] && Seen(seen, all.numbers, row, &subjects)) {
      ++counts[row.category];
    }
  }
  std::vector<std::pair<std::string, uint64_t>> out;
  for (uint32_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      out.emplace_back(all.categories.at(i), counts[i]);
    }
  }
  return out;
}

}  // namespace gatepost::record
