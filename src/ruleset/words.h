// Small texts that the loader's two files share.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"

namespace gatepost::ruleset {

// "file:line".
std::string Where(const Place& place);
// ", did you mean 'x'?", or "".
std::string DidYouMean(const std::string& word, const std::vector<std::string>& known);
// Letters, digits, '-', '_' and '.', at most 64.
bool IsId(std::string_view id);
// `title`: a text, or a text for each language. `what` begins the message when there is none.
void ReadTitle(YamlMap* map, const Place& place, const std::string& what, std::string* en,
               std::string* vi, Diagnostics* diagnostics);

}  // namespace gatepost::ruleset
