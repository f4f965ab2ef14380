// Do the parts of a multipart/alternative say the same? Two letters in one: what the one program
// shows is another text than what the other does.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "src/decode/leaf.h"
#include "src/mail/message.h"

namespace gatepost::text {

class Alternatives {
 public:
  // The text of a leaf that is shown as plain text or as HTML. Only those below a
  // multipart/alternative count.
  void Add(const mail::Message& message, const decode::Leaf& leaf, bool html,
           std::string_view utf8);
  // Alternatives of about the same length that have hardly a word in common.
  uint64_t CountDifferent() const;

 private:
  using Words = std::unordered_set<std::string>;
  std::map<uint32_t, std::array<Words, 2>> words_;  // by the multipart: plain, HTML
};

}  // namespace gatepost::text
