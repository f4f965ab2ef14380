// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/options.h"

#include <charconv>
#include <filesystem>

#include "src/base/yaml.h"
#include "src/mail/envelope.h"

namespace gatepost::console {

namespace {

bool IsLoopback(const std::string& host) {
  return host.rfind("127.", 0) == 0 || host == "::1" || host == "localhost";
}

// "inet:PORT@HOST" or "inet6:PORT@HOST".
bool ParseListen(const std::string& text, std::string* host, int* port) {
  const size_t colon = text.find(':');
  const size_t at = text.find('@');
  const std::string kind = text.substr(0, colon);
  if ((kind != "inet" && kind != "inet6") || at == std::string::npos || at < colon) {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + at, *port);
  *host = text.substr(at + 1);
  return error == std::errc() && end == text.data() + at && *port >= 0 && *port <= 65'535 &&
         !host->empty();
}

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
    map.TakeString("listen", &options.listen);
    if (const YamlNode* tls = map.Take("tls"); tls != nullptr) {
      YamlMap files(*tls, "tls", diagnostics);
      const auto take = [&](const char* key, std::string* out) {
        if (!files.TakeString(key, out)) {
          diagnostics->Error(tls->place, std::string("'tls' needs '") + key + "', a PEM file");
        } else if (!std::filesystem::path(*out).is_absolute()) {
          *out = (folder / *out).lexically_normal().string();
        }
      };
      take("cert", &options.tls_cert);
      take("key", &options.tls_key);
      files.Finish();
    }
    if (const YamlNode* proxy = map.Take("proxy"); proxy != nullptr) {
      YamlMap of(*proxy, "proxy", diagnostics);
      of.TakeString("header", &options.proxy_header);
      of.TakeStrings("addresses", &options.proxy_addresses);
      of.Finish();
      if (options.proxy_header.empty() || options.proxy_addresses.empty()) {
        diagnostics->Error(proxy->place,
                           "'proxy' needs 'header' and 'addresses': from anywhere else anybody "
                           "could call themselves anything");
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
  if (!ParseListen(options.listen, &options.host, &options.port)) {
    diagnostics->Error(listen_at, "'listen' must be inet:PORT@HOST or inet6:PORT@HOST");
  } else if (!IsLoopback(options.host) && options.tls_cert.empty()) {
    diagnostics->Error(listen_at,
                       "'listen' is not loopback: passwords would cross the network in "
                       "clear; add 'tls: {cert: FILE, key: FILE}'");
  }
  if (diagnostics->has_errors()) {
    return diagnostics->ToStatus();
  }
  return options;
}

}  // namespace gatepost::console
