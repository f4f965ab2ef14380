// JSON Schema (draft 7, which editors' YAML language servers read) for what our loaders take: small
// builders, so that a room writes down its keys beside the loader that reads them. Scalars are
// lenient as YamlMap is: a number is a text, "on" is true.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/json.h"

namespace gatepost::schema {

struct Property {
  std::string key;
  Json schema;
  bool required = false;
};

// A scalar (YamlMap::TakeString).
Json Text(std::string_view description);
// A text that matches an ECMA 262 expression.
Json Pattern(std::string_view description, std::string_view pattern);
// One of the words.
Json Words(std::string_view description, const std::vector<std::string>& words);
// true, false, on, off, yes, no (TakeBool).
Json Flag(std::string_view description);
Json Whole(std::string_view description, int64_t least, int64_t most);
Json Number(std::string_view description);
Json NumberWithin(std::string_view description, double least, double most);
// One of `item` or a list of them (TakeStrings).
Json OneOrMore(std::string_view description, Json item);
Json ListOf(std::string_view description, Json item);
// A map of these keys and no other (YamlMap::Finish).
Json Map(std::string_view description, const std::vector<Property>& properties);
// A map whose keys are the user's.
Json MapOf(std::string_view description, Json value);
Json AnyOf(std::string_view description, std::vector<Json> choices);
Json Reference(const std::string& definition);
Json Described(std::string_view description, Json schema);

// The whole: `$schema`, an address to cite it by, a title, the root's own members, definitions.
Json Document(std::string_view name, std::string_view title, Json root,
              std::vector<std::pair<std::string, Json>> definitions);

}  // namespace gatepost::schema
