// Where openers put what they find. It keeps the one budget of a message: bytes, members, defects.
// Every refusal is recorded where it happens, so that an opener cannot forget to.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/decode/font_marks.h"
#include "src/decode/leaf.h"

namespace gatepost::decode {

class Collector {
 public:
  explicit Collector(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }
  Leaves& leaves() { return leaves_; }
  Leaf& leaf(size_t index) { return leaves_.leaves[index]; }

  // How many bytes one more leaf may have: leaf_bytes, or less when the budget ends.
  uint64_t Room() const;
  // Takes ownership and charges the budget. REQUIRES: bytes.size() <= Room().
  Bytes Keep(std::string bytes);
  // Charges the budget for bytes that were unpacked and not kept, so that lies cost the liar.
  void Spend(uint64_t bytes) { used_bytes_ += bytes; }
  // One more archive member; false: too many (and recorded for `path`).
  bool TakeMember(const std::string& path);

  // A leaf inside leaf `parent`, to be opened later; `name` is raw bytes as the container has it.
  // The caller may adjust what it returns before the next call.
  Leaf& AddMember(size_t parent, std::string_view name, Bytes bytes);
  // Another part of a message, or a reading of one.
  Leaf& AddPending(Leaf leaf);
  // Moves out what was added since the last call, in order.
  std::vector<Leaf> TakePending();
  bool has_pending() const { return !pending_.empty(); }

  // Passwords that the message offers: null until the leaves that need none are open. An opener
  // that meets encrypted members before defers its leaf, and is called again for it.
  const std::vector<std::string>* passwords() const {
    return has_passwords_ ? &passwords_ : nullptr;
  }
  void SetPasswords(std::vector<std::string> passwords);
  // What opened one file is likely to open the next: tried first from now on. REQUIRES: `index` is
  // one of passwords().
  void PreferPassword(size_t index);
  struct Deferred {
    size_t leaf = 0;
    void (*open)(size_t leaf, Collector* out) = nullptr;
  };
  void Defer(size_t leaf, void (*open)(size_t, Collector*)) { deferred_.push_back({leaf, open}); }
  std::vector<Deferred> TakeDeferred();
  // One more try, or `cost` of them; false: the message has had its share.
  bool TakeTry(uint32_t cost);

  // Text of a document; made well-formed here; cut (and recorded) at Limits::text_bytes. `fonts`
  // as DocumentText::fonts.
  void AddText(size_t leaf, std::string_view zone, std::string_view part_name, std::string text,
               std::vector<FontRun> fonts = {});
  // What a reader sees where words are hidden or deleted: the lines of `shown`, the same text
  // without them, that `all` does not have. Both with the marks of `marks` in them.
  void AddShown(size_t leaf, std::string_view zone, std::string_view part_name,
                std::string_view shown, std::string_view all, const FontMarks& marks);
  void AddUnscannable(Reason reason, const std::string& path);
  // The same, for a leaf: readings that nobody asked for may well be damaged.
  void AddUnscannable(Reason reason, const Leaf& leaf);
  // A container that nothing here opens; unlike bytes of no known kind it is one for sure.
  void AddUnknownContainer(const std::string& path);
  void AddDefect(mail::DefectId id, uint32_t part, std::string note = {});
  void AddDefect(mail::DefectId id, mail::Grade grade, uint32_t part, std::string note);
  void SetFact(const char* name) { leaves_.facts[name] = "true"; }

  // `name` as UTF-8 (raw bytes that are not are read as CP437, the zip default), without control
  // characters, at most 1,000 bytes.
  static std::string CleanName(std::string_view name);

 private:
  const Limits limits_;
  Leaves leaves_;
  std::vector<Leaf> pending_;
  std::vector<Deferred> deferred_;
  std::vector<std::string> passwords_;
  bool has_passwords_ = false;
  uint32_t tries_ = 0;
  uint64_t used_bytes_ = 0;
  uint64_t used_text_ = 0;
  uint32_t members_ = 0;
};

}  // namespace gatepost::decode
