// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/schema.h"

namespace gatepost::schema {

namespace {

Json With(std::string_view description, Json schema) {
  Json out = Json::object();
  if (!description.empty()) {
    out["description"] = std::string(description);
  }
  for (auto& [key, value] : schema.items()) {
    if (key != "description" || description.empty()) {
      out[key] = std::move(value);
    }
  }
  return out;
}

const Json& Scalar() {
  static const Json scalar = {{"type", {"string", "number", "boolean"}}};
  return scalar;
}

}  // namespace

Json Text(std::string_view description) { return With(description, Scalar()); }

Json Pattern(std::string_view description, std::string_view pattern) {
  return With(description, {{"type", {"string", "number", "boolean"}}, {"pattern", pattern}});
}

Json Words(std::string_view description, const std::vector<std::string>& words) {
  Json all = Json::array();
  for (const std::string& word : words) {
    all.push_back(word);
  }
  return With(description, {{"enum", std::move(all)}});
}

Json Flag(std::string_view description) {
  return With(description, {{"enum", {true, false, "on", "off", "yes", "no", "true", "false"}}});
}

Json Whole(std::string_view description, int64_t least, int64_t most) {
  return With(description, {{"type", "integer"}, {"minimum", least}, {"maximum", most}});
}

Json Number(std::string_view description) { return With(description, {{"type", "number"}}); }

Json NumberWithin(std::string_view description, double least, double most) {
  return With(description, {{"type", "number"}, {"minimum", least}, {"maximum", most}});
}

Json OneOrMore(std::string_view description, Json item) {
  Json list = {{"type", "array"}, {"items", item}};
  return With(description, {{"anyOf", Json::array({std::move(item), std::move(list)})}});
}

Json ListOf(std::string_view description, Json item) {
  return With(description, {{"type", "array"}, {"items", std::move(item)}});
}

Json Map(std::string_view description, const std::vector<Property>& properties) {
  Json all = Json::object();
  Json required = Json::array();
  for (const Property& one : properties) {
    all[one.key] = one.schema;
    if (one.required) {
      required.push_back(one.key);
    }
  }
  Json out = {
      {"type", "object"}, {"properties", std::move(all)}, {"additionalProperties", false}};
  if (!required.empty()) {
    out["required"] = std::move(required);
  }
  return With(description, std::move(out));
}

Json MapOf(std::string_view description, Json value) {
  return With(description, {{"type", "object"}, {"additionalProperties", std::move(value)}});
}

Json AnyOf(std::string_view description, std::vector<Json> choices) {
  Json all = Json::array();
  for (Json& one : choices) {
    all.push_back(std::move(one));
  }
  return With(description, {{"anyOf", std::move(all)}});
}

Json Reference(const std::string& definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

Json Described(std::string_view description, Json schema) {
  return With(description, std::move(schema));
}

Json Document(std::string_view name, std::string_view title, Json root,
              std::vector<std::pair<std::string, Json>> definitions) {
  Json out = {{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"$id", "urn:gatepost:schema:" + std::string(name)},
              {"title", std::string(title)}};
  for (auto& [key, value] : root.items()) {
    out[key] = std::move(value);
  }
  Json all = Json::object();
  for (auto& [key, value] : definitions) {
    all[key] = std::move(value);
  }
  out["definitions"] = std::move(all);
  return out;
}

}  // namespace gatepost::schema
