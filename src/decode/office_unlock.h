// Compound files of Office with a password: what the program itself opens without asking, and what
// the words of the message open.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/decode/collector.h"
#include "src/decode/ole.h"

namespace gatepost::decode {

struct OfficeUnlocked {
  bool locked = false;      // there is a lock that a word could open
  bool streams = false;     // streams of the file were deciphered where they stand
  bool by_default = false;  // by a password that the program tries by itself
  bool by_word = false;
  // Whether it is locked depends on who reads it, or another word may show something else: it stays
  // `encrypted`, whatever was read.
  bool doubtful = false;
  bool short_of = false;              // a package is not as long as it says
  std::vector<std::string> packages;  // OOXML; their streams are taken out of the file
  bool opened() const { return streams || !packages.empty(); }
};
// The passwords that programs try by themselves, unless `again`, and then the words, where they are
// known; within the tries of the message. What stays locked stays in the file as it was. Total.
OfficeUnlocked UnlockOffice(const Leaf& leaf, bool again, OleFile* file, Collector* out);

}  // namespace gatepost::decode
