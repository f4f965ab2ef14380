// What mail is held for, in one word: the categories that clauses of a policy give, with what
// people are told in place of the word. The console's pages have the same words (words.json).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

namespace gatepost::record {

// Those that the gateway itself and the shipped policy know.
const std::set<std::string>& UsualCategories();
// The usual ones and those of a house's own policy; a file that cannot be read adds none.
std::set<std::string> CategoriesOf(const std::string& policy_file);
// "không đọc được" or "unreadable"; a category of a house's own is its own word.
std::string CategoryWords(const std::string& category, bool vietnamese);

}  // namespace gatepost::record
