// LIMITS: one document a file, 64 levels, 32 MB.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace gatepost {

namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxBytes = 32U << 20;

// Builds the tree from yaml-cpp's events. The stack holds open collections by value; a finished one
// moves into its parent, so there are no pointers into growing vectors.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, Diagnostics* diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
    YamlNode node;
    node.place = PlaceOf(mark);
    Add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    diagnostics_->Error(PlaceOf(mark), "aliases (*name) are not supported: write the value again");
    Add(YamlNode{});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseAnchor(mark, anchor);
    YamlNode node;
    node.place = PlaceOf(mark);
    node.kind = YamlNode::Kind::kScalar;
    node.scalar = value;
    // yaml-cpp gives quoted scalars the non-specific tag "!" and plain ones "?".
    node.quoted = tag == "!";
    if (!node.quoted && (value == "~" || value == "null" || (value.empty() && tag == "?"))) {
      node.kind = YamlNode::Kind::kNull;
    }
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, YamlNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

  YamlNode TakeRoot() { return std::move(root_); }

 private:
  struct Level {
    YamlNode node;
    bool has_key = false;
    YamlNode key;
  };

  Place PlaceOf(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) {
      diagnostics_->Error(PlaceOf(mark), "anchors (&name) are not supported: remove it");
    }
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    RefuseAnchor(mark, anchor);
    if (stack_.size() >= kMaxDepth) {
      throw YAML::ParserException(mark, "nested deeper than 64 levels");
    }
    Level level;
    level.node.kind = kind;
    level.node.place = PlaceOf(mark);
    stack_.push_back(std::move(level));
  }

  void Close() {
    YamlNode done = std::move(stack_.back().node);
    stack_.pop_back();
    Add(std::move(done));
  }

  void Add(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = stack_.back();
    if (level.node.kind == YamlNode::Kind::kSequence) {
      level.node.items.push_back(std::move(node));
      return;
    }
    if (!level.has_key) {
      if (!node.is_scalar()) {
        diagnostics_->Error(node.place, "a key must be a plain word");
      } else if (const YamlNode* earlier = level.node.Find(node.scalar)) {
        diagnostics_->Error(node.place, "key '" + node.scalar + "' is given twice (first in line " +
                                            std::to_string(earlier->place.line) +
                                            "): keep one of them");
      }
      level.key = std::move(node);
      level.has_key = true;
      return;
    }
    level.node.entries.emplace_back(std::move(level.key), std::move(node));
    level.has_key = false;
  }

  std::string file_;
  Diagnostics* diagnostics_;
  std::vector<Level> stack_;
  YamlNode root_;
};

// The place of a tab that indents line `last` (from 1) or the one before it; line 0: none does.
Place TabInIndentation(const std::string& file, std::string_view text, int last) {
  Place place{file, 1, 1};
  bool indentation = true;
  for (const char c : text) {
    if (indentation && c == '\t' && place.line + 1 >= last) {
      return place;
    }
    indentation = c == '\n' || (indentation && c == ' ');
    place.column = c == '\n' ? 1 : place.column + 1;
    place.line += c == '\n' ? 1 : 0;
    if (place.line > last) {
      break;
    }
  }
  return {file, 0, 0};
}

// The parser says what it did not find; what a person can do about it is nearly always one of
// these.
Diagnostic NotYaml(const std::string& file, std::string_view text, const YAML::Exception& e) {
  Diagnostic found;
  found.place = TabInIndentation(file, text, e.mark.line + 1);
  if (found.place.line > 0) {
    found.message = "a tab indents this line, which YAML does not allow: use blanks";
    return found;
  }
  found.place = {file, e.mark.line + 1, e.mark.column + 1};
  found.message = "not valid YAML: " + e.msg;
  if (e.msg == YAML::ErrorMsg::MAP_VALUE) {
    found.message += "; put a text that holds ': ' between quotes";
  } else if (e.msg == YAML::ErrorMsg::END_OF_MAP || e.msg == YAML::ErrorMsg::END_OF_SEQ ||
             e.msg == YAML::ErrorMsg::BLOCK_ENTRY || e.msg == YAML::ErrorMsg::MAP_KEY) {
    found.message += "; indent this line as far as the others of its map or list";
  } else if (e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
    found.message += "; close the '{' or '[' that is open here, and put texts with signs in quotes";
  } else if (e.msg == YAML::ErrorMsg::UNKNOWN_TOKEN) {
    found.message += "; put a text that begins with a sign between quotes";
  }
  return found;
}

// The line and column of the second document's '---' (the first one may have its own).
Place SecondDocument(const std::string& file, std::string_view text) {
  Place place{file, 1, 1};
  bool content = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (content && line.substr(0, 3) == "---") {
      return place;
    }
    content = content || (!line.empty() && line[0] != '#' && line[0] != '%' && line[0] != '\r');
    ++place.line;
    at = end + 1;
  }
  return {file, 0, 0};
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.scalar == key) {
      return &value;
    }
  }
  return nullptr;
}

Result<YamlNode> ParseYaml(const std::string& file, std::string_view text,
                           Diagnostics* diagnostics) {
  if (text.size() > kMaxBytes) {
    diagnostics->Error({file, 0, 0}, "larger than 32 MB: split the file");
    return diagnostics->ToStatus();
  }
  Diagnostics mine;
  TreeBuilder builder(file, &mine);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      TreeBuilder second(file, &mine);
      if (parser.HandleNextDocument(second)) {
        mine.Error(SecondDocument(file, text),
                   "a second document ('---') begins here: make it one");
      }
    }
  } catch (const YAML::Exception& e) {
    const Diagnostic found = NotYaml(file, text, e);
    mine.Error(found.place, found.message);
  }
  for (const Diagnostic& diagnostic : mine.all()) {
    diagnostics->Error(diagnostic.place, diagnostic.message);
  }
  if (mine.has_errors()) {
    return mine.ToStatus();
  }
  return builder.TakeRoot();
}

Result<YamlNode> LoadYaml(const std::string& file, Diagnostics* diagnostics) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf() || stream.peek() == std::ifstream::traits_type::eof())) {
    const Status status = Status::FromErrno(file, errno != 0 ? errno : EIO);
    diagnostics->Error({file, 0, 0}, "cannot be read: " + status.message());
    return status;
  }
  return ParseYaml(file, text.str(), diagnostics);
}

YamlMap::YamlMap(const YamlNode& node, std::string what, Diagnostics* diagnostics)
    : node_(&node), what_(std::move(what)), diagnostics_(diagnostics) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics_->Error(node.place, what_ + " must be a map of 'key: value' lines");
  }
}

const YamlNode* YamlMap::Take(const std::string& key) {
  known_.push_back(key);
  return node_->is_map() ? node_->Find(key) : nullptr;
}

bool YamlMap::TakeString(const std::string& key, std::string* out) {
  const YamlNode* node = Take(key);
  if (node == nullptr || node->is_null()) {
    return false;
  }
  if (!node->is_scalar()) {
    diagnostics_->Error(node->place, "'" + key + "' must be one text");
    return false;
  }
  *out = node->scalar;
  return true;
}

bool YamlMap::TakeBool(const std::string& key, bool* out) {
  std::string word;
  if (!TakeString(key, &word)) {
    return false;
  }
  if (word == "true" || word == "yes" || word == "on") {
    *out = true;
  } else if (word == "false" || word == "no" || word == "off") {
    *out = false;
  } else {
    diagnostics_->Error(node_->Find(key)->place, "'" + key + "' must be true or false");
    return false;
  }
  return true;
}

bool YamlMap::TakeInt(const std::string& key, int64_t* out, int64_t least, int64_t most) {
  std::string word;
  if (!TakeString(key, &word)) {
    return false;
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < least || value > most) {
    diagnostics_->Error(node_->Find(key)->place, "'" + key + "' must be a whole number from " +
                                                     std::to_string(least) + " to " +
                                                     std::to_string(most));
    return false;
  }
  *out = value;
  return true;
}

bool YamlMap::TakeDouble(const std::string& key, double* out) {
  std::string word;
  if (!TakeString(key, &word)) {
    return false;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value != value) {
    diagnostics_->Error(node_->Find(key)->place, "'" + key + "' must be a number such as 1.5");
    return false;
  }
  *out = value;
  return true;
}

bool YamlMap::TakeStrings(const std::string& key, std::vector<std::string>* out) {
  const YamlNode* node = Take(key);
  if (node == nullptr || node->is_null()) {
    return false;
  }
  out->clear();
  if (node->is_scalar()) {
    out->push_back(node->scalar);
    return true;
  }
  if (node->is_map()) {
    diagnostics_->Error(node->place, "'" + key + "' must be a text or a list of texts");
    return false;
  }
  for (const YamlNode& item : node->items) {
    if (!item.is_scalar()) {
      diagnostics_->Error(item.place, "'" + key + "' must hold texts only");
      continue;
    }
    out->push_back(item.scalar);
  }
  return true;
}

void YamlMap::Finish() {
  if (!node_->is_map()) {
    return;
  }
  for (const auto& [name, value] : node_->entries) {
    if (std::find(known_.begin(), known_.end(), name.scalar) != known_.end()) {
      continue;
    }
    const std::string nearest = Nearest(name.scalar, known_);
    std::string advice = ", did you mean '" + nearest + "'?";
    if (nearest.empty()) {
      std::string all;
      for (auto key = known_.begin(); key != known_.end(); ++key) {
        if (std::find(known_.begin(), key, *key) == key) {  // some are asked for twice
          all += (all.empty() ? "" : ", ") + *key;
        }
      }
      advice = ": it may hold " + all;
    }
    diagnostics_->Error(name.place, "unknown key '" + name.scalar + "' in " + what_ + advice);
  }
}

}  // namespace gatepost
