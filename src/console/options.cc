// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/options.h"

#include <filesystem>

#include "src/base/yaml.h"
#include "src/mail/envelope.h"

namespace gatepost::console {

namespace {

void LoadUnits(const YamlNode& node, Units* units, Diagnostics* diagnostics) {
  if (!node.is_map()) {
    diagnostics->Error(node.place, "'units' must be a map: the unit's name and its addresses");
    return;
  }
  YamlMap map(node, "units", diagnostics);
  for (const auto& [key, value] : node.entries) {
    std::vector<std::string> list;
    map.TakeStrings(key.scalar, &list);
    for (std::string& one : list) {
      const bool domain = !one.empty() && one.front() == '@';
      const mail::Address address = mail::Address::Parse(domain ? "x" + one : one);
      if (!address.valid() || address.domain().empty()) {
        diagnostics->Error(value.place, "'" + one + "' is neither an address nor '@domain'");
        continue;
      }
      one = domain ? "@" + address.domain() : AsciiLower(one);
    }
    (*units)[key.scalar] = std::move(list);
  }
  map.Finish();
}

}  // namespace

Result<Options> LoadOptions(const std::string& config_file, Diagnostics* diagnostics) {
  Options options;
  GATEPOST_ASSIGN_OR_RETURN(const YamlNode root, LoadYaml(config_file, diagnostics));
  const YamlNode* const node = root.Find("console");
  const std::filesystem::path folder = std::filesystem::path(config_file).parent_path();
  Place listen_at{config_file, 1, 1};
  if (node != nullptr && !node->is_null()) {
    YamlMap map(*node, "console", diagnostics);
    listen_at = node->place;
    options.listener.Read(
        &map,
        [&folder](const std::string& path) { return (folder / path).lexically_normal().string(); },
        diagnostics);
    if (const YamlNode* proxy = map.Take("proxy"); proxy != nullptr) {
      YamlMap of(*proxy, "proxy", diagnostics);
      of.TakeString("header", &options.proxy_header);
      of.TakeStrings("addresses", &options.proxy_addresses);
      of.Finish();
      if (options.proxy_addresses.empty()) {
        diagnostics->Error(proxy->place,
                           "'proxy' needs 'addresses': from anywhere else anybody could call "
                           "themselves anything");
      }
      for (const std::string& one : options.proxy_addresses) {
        if (!mail::IsNetwork(one)) {
          diagnostics->Error(proxy->place, "'" + one + "' is not an address or network");
        }
      }
    }
    if (const YamlNode* units = map.Take("units"); units != nullptr) {
      LoadUnits(*units, &options.units, diagnostics);
    }
    int64_t minutes = 0;
    if (map.TakeInt("idle_minutes", &minutes, 1, 60)) {
      options.sessions.idle_ms = minutes * 60'000;
    }
    if (map.TakeInt("absolute_hours", &minutes, 1, 24)) {
      options.sessions.absolute_ms = minutes * 3'600'000;
    }
    map.Finish();
  }
  options.listener.Check(listen_at, "passwords", diagnostics);
  if (diagnostics->has_errors()) {
    return diagnostics->ToStatus();
  }
  return options;
}

}  // namespace gatepost::console
