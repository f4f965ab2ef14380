// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_columns.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/base/utf8.h"

namespace gatepost::record {

namespace {

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

std::vector<std::string> Lines(const std::string& joined) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= joined.size() && !joined.empty();) {
    const size_t end = std::min(joined.find('\n', at), joined.size());
    out.push_back(joined.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

uint64_t HashOf(Bytes id) { return std::hash<std::string_view>()(id); }

// The digits of the time ("GP-20261123-204512-...") and the three letters behind them. Other ids
// are all alike here, which is slower and no less an order.
uint64_t KeyOf(Bytes id) {
  if (id.size() < 22) {
    return 0;
  }
  uint64_t key = 0;
  for (size_t at = 3; at < 18; ++at) {
    if (at != 11) {
      key = key * 10 + static_cast<uint64_t>(static_cast<unsigned char>(id[at]) - '0') % 10;
    }
  }
  for (size_t at = 19; at < 22; ++at) {
    // "0" to "Z" in 43 places: six bits keep their order.
    key = key << 6U | ((static_cast<unsigned char>(id[at]) - '0') & 0x3FU);
  }
  return key;
}

template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

}  // namespace

std::string FoldedForSearch(Bytes text) {
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

void HeldColumns::Clear() {
  rows_.clear();
  by_id_.clear();
  for (Words* words : {&senders, &recipients, &rules, &categories, &states}) {
    words->Clear();
  }
  numbers.clear();
  texts_.clear();
  folded_.clear();
  pieces_.clear();
  waste_ = 0;
}

Bytes HeldColumns::Field(const Row& row, int number) const {
  Bytes rest = TextOf(row);
  for (; number > 0; --number) {
    rest.remove_prefix(std::min(rest.find('\0') + 1, rest.size()));
  }
  return rest.substr(0, rest.find('\0'));
}

HeldColumns::Span HeldColumns::PutAll(const std::string& joined, Words* words) {
  Span span{static_cast<uint32_t>(numbers.size()), 0};
  for (const std::string& one : Lines(joined)) {
    numbers.push_back(words->Add(one));
    ++span.count;
  }
  return span;
}

void HeldColumns::Put(const HeldLine& line) {
  const auto [place_of, fresh] =
      by_id_.emplace(HashOf(line.id), static_cast<uint32_t>(rows_.size()));
  if (fresh) {
    rows_.emplace_back();
  }
  Row& row = rows_[place_of->second];
  row.gone = false;
  row.held_at_ms = line.held_at_ms;
  row.id_key = KeyOf(line.id);
  row.size = line.size;
  row.score = static_cast<float>(line.score);
  row.category = static_cast<uint16_t>(categories.Add(line.category));
  row.state = static_cast<uint8_t>(states.Add(line.state));
  row.sender = senders.Add(line.sender);
  std::string text = line.id + '\0' + line.subject + '\0' + line.queue_id + '\0' + line.message_id;
  text.push_back('\0');
  if (!fresh && TextOf(row) == text) {
    return;  // the usual change is that of the state; recipients and rules never change
  }
  waste_ += row.text_size;
  row.recipients = PutAll(line.recipients, &recipients);
  row.rules = PutAll(line.rules, &rules);
  row.text = texts_.size();
  row.text_size = static_cast<uint32_t>(text.size());
  texts_ += text;
  row.folded = folded_.size();
  pieces_.push_back({row.folded, place_of->second});
  for (const std::string* one : {&line.id, &line.queue_id, &line.message_id}) {
    folded_ += FoldedForSearch(*one) + '\n';
  }
  row.subject_at = static_cast<uint32_t>(folded_.size() - row.folded);
  folded_ += FoldedForSearch(line.subject) + '\0';
}

void HeldColumns::Take(const std::string& id) {
  uint32_t number = 0;
  if (id.empty()) {
    Clear();
  } else if (Find(id, &number)) {
    rows_[number].gone = true;
  }
}

bool HeldColumns::Find(const std::string& id, uint32_t* number) const {
  const auto found = by_id_.find(HashOf(id));
  if (found == by_id_.end()) {
    return false;
  }
  *number = found->second;
  return true;
}

Status HeldColumns::Open() {
  const std::string path = folder_ + "/index.sqlite";
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return Status::FromErrno(path, errno);
  }
  if (index_ != nullptr && info.st_ino == inode_) {
    return {};
  }
  index_.reset();  // the file was replaced: who damaged it has made it anew
  bool fresh = false;
  GATEPOST_ASSIGN_OR_RETURN(index_, HeldIndex::Open(path, &fresh));
  inode_ = info.st_ino;
  return {};
}

Status HeldColumns::Refresh() {
  const Status opened = Open();
  if (opened.code() == Code::kNotFound) {
    Clear();
    return {};
  }
  GATEPOST_RETURN_IF_ERROR(opened);
  if (waste_ > texts_.size() / 2 && waste_ > (1U << 20)) {
    place_ = {};  // read anew rather than carry what nobody means
  }
  const Status read = index_->Changes(
      &place_, [this](const HeldLine& line) { Put(line); },
      [this](const std::string& id) { Take(id); });
  for (Words* words : {&senders, &recipients, &categories, &states}) {
    words->Order();
  }
  return read;
}

int HeldColumns::Compare(const Row& a, const Row& b, HeldSort sort) const {
  int order = 0;
  switch (sort) {
    case HeldSort::kTime:
      order = Order(a.held_at_ms, b.held_at_ms);
      break;
    case HeldSort::kSender:
      order = Order(senders.RankOf(a.sender), senders.RankOf(b.sender));
      break;
    case HeldSort::kRecipient: {
      // The first of each; none comes first.
      const auto rank = [this](const Row& row) {
        return row.recipients.count == 0
                   ? uint64_t{0}
                   : uint64_t{recipients.RankOf(numbers[row.recipients.begin])} + 1;
      };
      order = Order(rank(a), rank(b));
      break;
    }
    case HeldSort::kCategory:
      order = Order(categories.RankOf(a.category), categories.RankOf(b.category));
      break;
    case HeldSort::kState:
      order = Order(states.RankOf(a.state), states.RankOf(b.state));
      break;
    case HeldSort::kSize:
      order = Order(a.size, b.size);
      break;
    case HeldSort::kScore:
      order = Order(a.score, b.score);
      break;
  }
  if (order != 0 || (order = Order(a.id_key, b.id_key)) != 0) {
    return order;
  }
  return IdOf(a).compare(IdOf(b));
}

std::vector<uint8_t> HeldColumns::Containing(Bytes folded) const {
  std::vector<uint8_t> out(rows_.size(), kNowhere);
  if (folded.empty() || folded.find('\0') != Bytes::npos) {
    return out;
  }
  size_t piece = 0;
  for (size_t at = 0; at < folded_.size();) {
    const void* const hit =
        memmem(folded_.data() + at, folded_.size() - at, folded.data(), folded.size());
    if (hit == nullptr) {
      break;
    }
    const auto place = static_cast<size_t>(static_cast<const char*>(hit) - folded_.data());
    while (piece + 1 < pieces_.size() && pieces_[piece + 1].at <= place) {
      ++piece;
    }
    const Row& row = rows_[pieces_[piece].row];
    if (row.folded == pieces_[piece].at) {
      // What comes first says all: behind the subject's beginning lies nothing but the subject.
      const bool outside = place + folded.size() <= row.folded + row.subject_at;
      out[pieces_[piece].row] = outside ? kOutside : kInSubject;
    }
    at = piece + 1 < pieces_.size() ? pieces_[piece + 1].at : folded_.size();
  }
  return out;
}

HeldRow HeldColumns::Show(const Row& row) const {
  HeldRow out;
  out.id = Field(row, 0);
  out.subject = Field(row, 1);
  out.queue_id = Field(row, 2);
  out.message_id = Field(row, 3);
  out.state = states.at(row.state);
  out.category = categories.at(row.category);
  out.sender = senders.at(row.sender);
  for (uint32_t i = 0; i < row.recipients.count; ++i) {
    out.recipients.emplace_back(recipients.at(numbers[row.recipients.begin + i]));
  }
  for (uint32_t i = 0; i < row.rules.count; ++i) {
    out.rules.emplace_back(rules.at(numbers[row.rules.begin + i]));
  }
  out.held_at_ms = row.held_at_ms;
  out.size = row.size;
  out.score = static_cast<double>(row.score);
  return out;
}

}  // namespace gatepost::record
