// The door to yaml-cpp: YAML text to a plain tree that knows where each node stands. A key given
// twice is an error (yaml-cpp would silently keep the first), so are anchors, aliases and tags
// (nobody needs them in a rule, and they make small files large).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/result.h"

namespace gatepost {

// A tree owns its children and is moved, never copied: copying would recurse over what was read.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  // Defined behind the class: a pair of an incomplete type is more than clang takes.
  YamlNode();
  YamlNode(const YamlNode&) = delete;
  YamlNode(YamlNode&&) noexcept;
  YamlNode& operator=(const YamlNode&) = delete;
  YamlNode& operator=(YamlNode&&) noexcept;
  ~YamlNode();
  Kind kind = Kind::kNull;
  Place place;
  std::string scalar;           // kScalar, as UTF-8
  bool quoted = false;          // the scalar was quoted, so that "true" is text
  std::vector<YamlNode> items;  // kSequence
  std::vector<std::pair<YamlNode, YamlNode>> entries;  // kMap, in file order

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_map() const { return kind == Kind::kMap; }
  // The value of a key, or null.
  const YamlNode* Find(std::string_view key) const;
};

inline YamlNode::YamlNode() = default;
inline YamlNode::YamlNode(YamlNode&&) noexcept = default;
inline YamlNode& YamlNode::operator=(YamlNode&&) noexcept = default;
inline YamlNode::~YamlNode() = default;

// One document. Duplicate keys and the like go to diagnostics; the result is then an error too.
// An empty document is a kNull node. `file` is used in places only.
Result<YamlNode> ParseYaml(const std::string& file, std::string_view text,
                           Diagnostics* diagnostics);
Result<YamlNode> LoadYaml(const std::string& file, Diagnostics* diagnostics);

// Reading a map with known keys. Each Take* marks the key as known and checks the type, so that
// Finish() can name unknown keys with the nearest known one. A missing key leaves *out as it is.
class YamlMap {
 public:
  // Not a map: one error, and every Take* finds nothing. The node must outlive this.
  YamlMap(const YamlNode& node, std::string what, Diagnostics* diagnostics);
  // The raw node, or null when absent.
  const YamlNode* Take(const std::string& key);
  bool TakeString(const std::string& key, std::string* out);
  bool TakeBool(const std::string& key, bool* out);
  bool TakeInt(const std::string& key, int64_t* out, int64_t least, int64_t most);
  bool TakeDouble(const std::string& key, double* out);
  // A scalar or a sequence of scalars.
  bool TakeStrings(const std::string& key, std::vector<std::string>* out);
  // Reports every key that nobody took.
  void Finish();

 private:
  const YamlNode* node_;
  std::string what_;
  Diagnostics* diagnostics_;
  std::vector<std::string> known_;
};

}  // namespace gatepost
