// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/settings.h"

#include <map>
#include <string_view>
#include <utility>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/base/yaml.h"

namespace gatepost::gateway {

namespace {

constexpr size_t kLongest = 400;  // of a value; the trail takes 1,000 bytes
constexpr const char* kNone = "(none)";

std::string OneLine(const YamlNode& node) {
  std::string out;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return kNone;
    case YamlNode::Kind::kScalar:
      return node.scalar;
    case YamlNode::Kind::kSequence:
      for (const YamlNode& item : node.items) {
        out += (out.empty() ? "" : ", ") + OneLine(item);
      }
      return "[" + out + "]";
    case YamlNode::Kind::kMap:
      for (const auto& [key, value] : node.entries) {
        out += (out.empty() ? "" : ", ") + key.scalar + ": " + OneLine(value);
      }
      return "{" + out + "}";
  }
  return out;
}

// Long values differ at their ends too.
std::string Shortened(const std::string& value) {
  return value.size() <= kLongest
             ? value
             : value.substr(0, kLongest) + "... (SHA-256 " + Sha256Hex(value).substr(0, 16) + ")";
}

std::string LastFile(const Config& config) { return config.state + "/config.last"; }

// "custody.two_persons" -> "[virus, marking]": the two upper levels, their values as one line. Empty
// for what is no YAML.
std::map<std::string, std::string> SettingsOf(std::string_view text) {
  std::map<std::string, std::string> all;
  Diagnostics ignored;  // whoever loads the file tells of its faults
  const Result<YamlNode> root = ParseYaml("config", text, &ignored);
  if (!root.ok() || !root->is_map()) {
    return all;
  }
  for (const auto& [key, value] : root->entries) {
    if (!value.is_map()) {
      all[key.scalar] = OneLine(value);
      continue;
    }
    for (const auto& [inner, of] : value.entries) {
      all[key.scalar + "." + inner.scalar] = OneLine(of);
    }
  }
  return all;
}

// Settings that came, went or changed, with "before -> now".
std::map<std::string, std::string> ChangedSettings(std::string_view before, std::string_view now) {
  const std::map<std::string, std::string> from = SettingsOf(before);
  const std::map<std::string, std::string> to = SettingsOf(now);
  std::map<std::string, std::string> changed;
  for (const auto& [key, value] : from) {
    const auto found = to.find(key);
    if (found == to.end() || found->second != value) {
      changed[key] =
          Shortened(value) + " -> " + (found == to.end() ? kNone : Shortened(found->second));
    }
  }
  for (const auto& [key, value] : to) {
    if (from.count(key) == 0) {
      changed[key] = kNone + std::string(" -> ") + Shortened(value);
    }
  }
  return changed;
}

}  // namespace

void TellOfSettings(const Config& config, const Order& order, record::AuditTrail* audit) {
  Result<std::string> now = ReadFile(config.file);
  const Result<std::string> before = ReadFile(LastFile(config));
  if (now.ok() && before.ok() && *now == *before) {
    return;
  }
  Status told = now.status();
  if (now.ok()) {
    record::AuditEvent event;
    event.kind = record::AuditKind::kConfigChange;
    event.actor = InWords(order.who, "gatepostd");
    event.via = order.who.contains("user") ? "cli" : "gatepostd";
    event.reason = order.why;
    event.details = {{"how", order.how}, {"file", config.file}, {"sha256", Sha256Hex(*now)}};
    event.details.emplace_back("sha256_before", before.ok() ? Sha256Hex(*before) : kNone);
    if (before.ok()) {  // the first one is no change, and known by its digest
      for (auto& [key, change] : ChangedSettings(*before, *now)) {
        event.details.emplace_back(key, std::move(change));
      }
    }
    told = audit->Append(event);
  }
  if (told.ok()) {
    told = WriteFileDurably(LastFile(config), *now);
  }
  if (!told.ok()) {
    Journal(Loudness::kError, "GP2027", "a change of the configuration could not be recorded",
            {{"reason", told.message()}});
  }
}

}  // namespace gatepost::gateway
