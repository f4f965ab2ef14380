// What a HeldTable keeps of each entry, as plain columns, and how it follows the index. Private to
// the room. Not thread-safe. LIMITS: as held_table.h. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/base/bytes.h"
#include "src/record/held_index.h"
#include "src/record/held_table.h"
#include "src/record/held_words.h"

namespace gatepost::record {

// Lower case of ASCII, Latin and Vietnamese letters.
std::string FoldedForSearch(Bytes text);

class HeldColumns {
 public:
  struct Span {
    uint32_t begin = 0;
    uint32_t count = 0;
  };
  struct Row {
    int64_t held_at_ms = 0;
    uint64_t id_key = 0;  // as the ids are ordered, for all but ids of one second
    uint64_t size = 0;
    uint64_t text = 0;    // in texts: id, subject, queue id, message id, each ended by NUL
    uint64_t folded = 0;  // in folded: id, queue id, message id, each ended by LF; subject; NUL
    float score = 0;
    uint32_t sender = 0;
    Span recipients, rules;  // in numbers
    uint32_t text_size = 0;
    uint32_t subject_at = 0;  // behind folded
    uint16_t category = 0;
    uint8_t state = 0;
    bool gone = false;
  };
  // Where a text was found in a row.
  enum Place : uint8_t { kNowhere = 0, kInSubject = 1, kOutside = 2 };

  explicit HeldColumns(std::string folder) : folder_(std::move(folder)) {}

  // Reads what has changed in the index. A missing index is an empty one.
  Status Refresh();
  const std::vector<Row>& rows() const { return rows_; }
  // A row's number; false: no such entry, or never seen.
  bool Find(const std::string& id, uint32_t* number) const;
  Bytes IdOf(const Row& row) const { return Field(row, 0); }
  HeldRow Show(const Row& row) const;
  // Whichever way a list is walked, the id breaks ties.
  int Compare(const Row& a, const Row& b, HeldSort sort) const;
  // Of every row, one pass over all their texts.
  std::vector<uint8_t> Containing(Bytes folded) const;

  Words senders, recipients, rules, categories, states;
  std::vector<uint32_t> numbers;  // of recipients and rules

 private:
  void Clear();
  void Put(const HeldLine& line);
  void Take(const std::string& id);
  Status Open();
  Bytes TextOf(const Row& row) const { return Bytes(texts_).substr(row.text, row.text_size); }
  Bytes Field(const Row& row, int number) const;
  Span PutAll(const std::string& joined, Words* words);

  std::string folder_;
  std::unique_ptr<HeldIndex> index_;
  ino_t inode_ = 0;
  HeldPlace place_;
  std::vector<Row> rows_;
  std::unordered_map<uint64_t, uint32_t> by_id_;  // hash of the id: ids are ours, not an attacker's
  std::string texts_, folded_;
  struct Piece {
    uint64_t at = 0;  // in folded_, ascending
    uint32_t row = 0;
  };
  std::vector<Piece> pieces_;  // a row means its last one
  uint64_t waste_ = 0;         // bytes of texts_ that no row means any more
};

}  // namespace gatepost::record
