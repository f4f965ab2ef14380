// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <iterator>

#include "src/base/quantity.h"
#include "src/base/yaml.h"
#include "src/record/category.h"
#include "src/record/key_ring.h"

namespace gatepost::gateway {

namespace {

void LoadLimits(const YamlNode& node, Limits* limits, Diagnostics* diagnostics) {
  YamlMap map(node, "limits", diagnostics);
  Quantities take(&map, diagnostics);
  constexpr uint64_t kGigabyte = 1ULL << 30;
  take.Size("message", 1'000, kGigabyte, &limits->message_bytes);
  take.Size("spool", 1'000'000, 64 * kGigabyte, &limits->spool_bytes);
  take.Size("mime_depth", 1, 100, &limits->mime_depth);
  take.Size("mime_parts", 1, 100'000, &limits->mime_parts);
  take.Size("header_fields", 10, 100'000, &limits->header_fields);
  take.Size("header_field", 1'000, 10'000'000, &limits->header_field_bytes);
  take.Size("readings_per_part", 1, 64, &limits->readings_per_part);
  take.Size("reading_expansion", 1, 16, &limits->reading_expansion);
  take.Size("decoded", 1'000'000, 8 * kGigabyte, &limits->decoded_bytes);
  take.Size("leaf", 100'000, 2 * kGigabyte, &limits->leaf_bytes);
  take.Size("archive_depth", 1, 64, &limits->archive_depth);
  take.Size("archive_members", 1, 1'000'000, &limits->archive_members);
  take.Size("archive_ratio", 10, 100'000, &limits->archive_ratio);
  take.Size("text", 100'000, kGigabyte, &limits->text_bytes);
  take.Size("views", 100'000, 4 * kGigabyte, &limits->view_bytes);
  take.Size("worker_messages", 1, 1'000'000, &limits->worker_messages);
  take.Size("worker_memory", 256ULL << 20, 64 * kGigabyte, &limits->worker_memory_bytes);
  take.Size("scratch", 1'000'000, 16 * kGigabyte, &limits->scratch_bytes);
  using std::chrono::milliseconds;
  // Deadline and retry together stay under the 60 s that are safe at the end of data.
  take.Time("inspect_deadline", 100, 28'000,
            [limits](uint64_t ms) { limits->inspect_deadline = milliseconds(ms); });
  take.Time("queue_deadline", 100, 30'000,
            [limits](uint64_t ms) { limits->queue_deadline = milliseconds(ms); });
  map.Finish();
}

using Need = inspect::AntivirusOptions::Need;

bool NeedFromString(const std::string& word, Need* out) {
  if (word == "required") {
    *out = Need::kRequired;
  } else if (word == "optional") {
    *out = Need::kOptional;
  } else if (word == "off") {
    *out = Need::kOff;
  } else {
    return false;
  }
  return true;
}

// `antivirus: off`, or a map with `database`, `mode` (or `required: true` and the like), `max_age`.
void LoadAntivirus(const YamlNode& node, const std::function<std::string(std::string)>& resolve,
                   inspect::AntivirusOptions* options, Diagnostics* diagnostics) {
  constexpr const char* kExpected = "must be required, optional or off";
  if (node.is_scalar()) {
    if (!NeedFromString(node.scalar, &options->need)) {
      diagnostics->Error(node.place,
                         std::string("'antivirus' ") + kExpected + ", or a map with 'database'");
    }
    return;
  }
  YamlMap map(node, "antivirus", diagnostics);
  if (map.TakeString("database", &options->database)) {
    options->database = resolve(options->database);
    // Whoever names a database wants mail scanned with it.
    options->need = Need::kRequired;
  }
  std::string word;
  if (map.TakeString("mode", &word) && !NeedFromString(word, &options->need)) {
    std::string message = "'mode' ";
    message += kExpected;
    diagnostics->Error(node.Find("mode")->place, std::move(message));
  }
  for (const char* key : {"required", "optional", "off"}) {
    bool chosen = false;
    if (map.TakeBool(key, &chosen) && chosen) {
      NeedFromString(key, &options->need);
    }
  }
  Quantities(&map, diagnostics).Time("max_age", 60'000, 3'650ULL * 86'400'000, [&](uint64_t ms) {
    options->max_age_s = static_cast<int64_t>(ms / 1'000);
  });
  map.Finish();
}

// `pictures: on`, or a map with what differs from the defaults.
void LoadPictures(const YamlNode& node, const std::function<std::string(std::string)>& resolve,
                  inspect::PictureOptions* options, Diagnostics* diagnostics) {
  if (node.is_scalar()) {
    const bool on = node.scalar == "on" || node.scalar == "true" || node.scalar == "yes";
    if (!on && node.scalar != "off" && node.scalar != "false" && node.scalar != "no") {
      diagnostics->Error(node.place, "'pictures' must be on or off, or a map");
    }
    options->on = on;
    return;
  }
  YamlMap map(node, "pictures", diagnostics);
  options->on = true;  // whoever sets something wants them read
  map.TakeBool("on", &options->on);
  Quantities take(&map, diagnostics);
  take.Size("pixels", 10'000, 100'000'000, &options->pixels);
  take.Size("images", 1, 50, &options->images);
  take.Size("workers", 1, 16, &options->workers);
  // Together with two passes of the inspection it stays below the 60 s that are safe.
  take.Time("time", 500, 30'000,
            [options](uint64_t ms) { options->time = std::chrono::milliseconds(ms); });
  if (map.TakeString("languages", &options->data)) {
    options->data = resolve(options->data);
  }
  map.Finish();
}

// `packages`: some of `rules`; an empty list says that none is a package's.
void LoadPackages(const YamlNode& node, const std::function<std::string(std::string)>& resolve,
                  const std::vector<std::string>& rules, std::vector<std::string>* out,
                  Diagnostics* diagnostics) {
  const auto take = [&](const YamlNode& one) {
    const std::string path = one.is_scalar() ? resolve(one.scalar) : "";
    if (std::find(rules.begin(), rules.end(), path) == rules.end()) {
      const std::string nearest = Nearest(path, rules);
      diagnostics->Error(one.place,
                         "'packages' names folders of 'rules' that installed packages "
                         "fill; this is none of them" +
                             (nearest.empty() ? "" : ", did you mean '" + nearest + "'?"));
      return;
    }
    out->push_back(path);
  };
  if (node.is_sequence()) {
    for (const YamlNode& one : node.items) {
      take(one);
    }
  } else if (!node.is_null()) {
    take(node);
  }
}

// `keep: {sample: 5%, for: 7d, size: 1G}`
void LoadKeep(const YamlNode& node, record::KeepOptions* options, Diagnostics* diagnostics) {
  YamlMap map(node, "keep", diagnostics);
  std::string sample;
  if (!map.TakeString("sample", &sample)) {
    diagnostics->Error(node.place, "'keep' needs 'sample', the share of accepted mail, such as 5%");
  } else {
    double percent = 0;
    const char* const end = sample.data() + sample.size();
    const auto [stop, error] = std::from_chars(sample.data(), end, percent);
    if (error != std::errc() || stop + 1 != end || *stop != '%' || !(percent > 0) ||
        percent > 100) {
      diagnostics->Error(node.Find("sample")->place,
                         "'sample' must be a share such as 5% or 0.5%, above 0% and at most 100%");
    } else {
      options->sample = percent / 100;
    }
  }
  Quantities take(&map, diagnostics);
  options->for_ms = 7LL * 86'400'000;
  take.Time("for", 60'000, 90ULL * 86'400'000,
            [options](uint64_t ms) { options->for_ms = static_cast<int64_t>(ms); });
  take.Size("size", 1'000'000, 1ULL << 40, &options->bytes);
  map.Finish();
}

// `blocks: {action: quarantine}`
void LoadBlocks(const YamlNode& node, policy::BlockAction* action, Diagnostics* diagnostics) {
  YamlMap map(node, "blocks", diagnostics);
  std::string word;
  if (map.TakeString("action", &word)) {
    *action =
        word == "quarantine" ? policy::BlockAction::kQuarantine : policy::BlockAction::kReject;
    if (word != "quarantine" && word != "reject") {
      diagnostics->Error(node.Find("action")->place, "'action' must be reject or quarantine");
    }
  }
  map.Finish();
}

void CheckNetworks(const YamlNode* node, const std::vector<std::string>& networks,
                   Diagnostics* diagnostics) {
  for (size_t i = 0; i < networks.size(); ++i) {
    if (!mail::IsNetwork(networks[i])) {
      diagnostics->Error(
          node->is_sequence() ? node->items[i].place : node->place,
          "'" + networks[i] +
              "' is not a network: write 192.0.2.0/24, 2001:db8::/32 or one address");
    }
  }
}

bool IsPort(const std::string& text) {
  int port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port >= 1 && port <= 65'535;
}

// unix:PATH, inet:PORT@HOST or inet6:PORT@HOST. A port that does not fit was once cut to 16 bits by
// libmilter, which listened on another one and said nothing.
void CheckListen(const char* key, const YamlNode& node, const std::string& text, bool inet6,
                 Diagnostics* diagnostics) {
  const size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const size_t at = text.find('@');
  if (text.rfind("unix:", 0) == 0 && text.size() > 5) {
    return;
  }
  if ((kind != "inet" && !(kind == "inet6" && inet6)) || at == std::string::npos ||
      at + 1 == text.size()) {
    diagnostics->Error(node.place,
                       std::string("'") + key + "' must be unix:PATH" +
                           (inet6 ? ", inet:PORT@HOST or inet6:PORT@HOST" : " or inet:PORT@HOST") +
                           ", such as inet:8891@127.0.0.1");
  } else if (!IsPort(text.substr(colon + 1, at - colon - 1))) {
    diagnostics->Error(node.place, std::string("'") + key + "': '" +
                                       text.substr(colon + 1, at - colon - 1) +
                                       "' is no port; it must be a number from 1 to 65535");
  }
}

// unix:PATH or HOST:PORT: who takes released mail (record/smtp_client.h).
void CheckRelease(const YamlNode& node, const std::string& text, Diagnostics* diagnostics) {
  const size_t colon = text.rfind(':');
  const bool is_unix = text.rfind("unix:", 0) == 0;
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() ||
      (!is_unix && text.find('@') != std::string::npos)) {
    diagnostics->Error(node.place,
                       "'release' must be unix:PATH or HOST:PORT, such as "
                       "unix:/var/spool/postfix/public/gatepost-release");
  } else if (!is_unix && !IsPort(text.substr(colon + 1))) {
    diagnostics->Error(node.place, "'release': '" + text.substr(colon + 1) +
                                       "' is no port; it must be a number from 1 to 65535");
  }
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

Result<Config> Config::Load(const std::string& file, Diagnostics* diagnostics) {
  Diagnostics mine;
  Config config;
  config.file = std::filesystem::absolute(file).lexically_normal().string();
  Result<YamlNode> root = LoadYaml(file, &mine);
  if (root.ok()) {
    config.Fill(*root, &mine);
  }
  for (const Diagnostic& diagnostic : mine.all()) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      diagnostics->Error(diagnostic.place, diagnostic.message);
    } else {
      diagnostics->Warning(diagnostic.place, diagnostic.message);
    }
  }
  if (mine.has_errors()) {
    return mine.ToStatus();
  }
  return config;
}

void Config::Fill(const YamlNode& root, Diagnostics* diagnostics) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const auto resolve = [&folder](const std::string& path) {
    return std::filesystem::path(path).is_absolute() ? path
                                                     : (folder / path).lexically_normal().string();
  };
  const auto take_path = [&](YamlMap* map, const std::string& key, std::string* out) {
    if (map->TakeString(key, out)) {
      *out = resolve(*out);
    }
  };

  YamlMap map(root, "the configuration", diagnostics);
  if (map.TakeString("listen", &listen)) {
    CheckListen("listen", *root.Find("listen"), listen, true, diagnostics);
  }
  std::string mode;
  if (map.TakeString("mode", &mode)) {
    observe = mode == "observe";
    if (!observe && mode != "enforce") {
      diagnostics->Error(root.Find("mode")->place, "'mode' must be enforce or observe");
    }
  }
  if (!map.TakeStrings("own_domains", &site.own_domains) || site.own_domains.empty()) {
    diagnostics->Error({file, 1, 1},
                       "'own_domains' is missing: list the domains whose mail comes in here");
  }
  for (std::string& domain : site.own_domains) {
    const bool with_below = !domain.empty() && domain.front() == '.';
    const mail::Address address =
        mail::Address::Parse("x@" + (with_below ? domain.substr(1) : domain));
    if (!address.valid() || address.domain().empty()) {
      diagnostics->Error(root.Find("own_domains")->place, "'" + domain + "' is not a domain");
      continue;
    }
    domain = (with_below ? "." : "") + address.domain();
  }
  map.TakeStrings("own_networks", &site.own_networks);
  map.TakeStrings("trusted_relays", &site.trusted_relays);
  CheckNetworks(root.Find("own_networks"), site.own_networks, diagnostics);
  CheckNetworks(root.Find("trusted_relays"), site.trusted_relays, diagnostics);
  node = HostName();
  map.TakeString("node", &node);
  site.authserv_id = node;
  // Whoever names it has milters in front of us that write under it; without them everything that
  // bears our name is forged.
  site.auth_milters = map.TakeString("authserv_id", &site.authserv_id);
  if (!map.TakeStrings("rules", &rules) || rules.empty()) {
    diagnostics->Error({file, 1, 1}, "'rules' is missing: name the folders with rules");
  }
  for (std::string& rule_folder : rules) {
    rule_folder = resolve(rule_folder);
  }
  if (const YamlNode* named = map.Take("packages"); named != nullptr) {
    LoadPackages(*named, resolve, rules, &packages, diagnostics);
  } else {
    // By the hierarchy of file systems, /usr is the packages' and all else the site's.
    std::copy_if(rules.begin(), rules.end(), std::back_inserter(packages),
                 [](const std::string& path) { return path.rfind("/usr/", 0) == 0; });
  }
  take_path(&map, "policy", &policy);
  if (policy.empty()) {
    diagnostics->Error({file, 1, 1}, "'policy' is missing: name the policy file");
  }
  take_path(&map, "state", &state);
  take_path(&map, "log", &log);
  antivirus.database = "/var/lib/clamav";
  if (const YamlNode* node_of = map.Take("antivirus"); node_of != nullptr) {
    LoadAntivirus(*node_of, resolve, &antivirus, diagnostics);
  }
  if (const YamlNode* node_of = map.Take("pictures"); node_of != nullptr) {
    LoadPictures(*node_of, resolve, &pictures, diagnostics);
  }
  int64_t count = 0;
  if (map.TakeInt("workers", &count, 1, 512)) {
    workers = static_cast<uint32_t>(count);
  }
  if (const YamlNode* node_of = map.Take("limits"); node_of != nullptr) {
    LoadLimits(*node_of, &limits, diagnostics);
  }
  if (const YamlNode* node_of = map.Take("keep"); node_of != nullptr && !node_of->is_null()) {
    LoadKeep(*node_of, &keep, diagnostics);
  }
  if (const YamlNode* node_of = map.Take("blocks"); node_of != nullptr && !node_of->is_null()) {
    LoadBlocks(*node_of, &blocks, diagnostics);
  }
  if (const YamlNode* node_of = map.Take("outbreak"); node_of != nullptr && !node_of->is_null()) {
    outbreak.Read(*node_of, diagnostics);
  }
  if (map.TakeString("release", &release)) {
    CheckRelease(*root.Find("release"), release, diagnostics);
  }
  for (const char* key : {"custody", "retention", "quota", "heads"}) {
    map.Take(key);
  }
  custody.Read(root, resolve, diagnostics);
  record::CheckCategories(root, Categories(*this), diagnostics);
  map.Take("notices");
  notices.Read(root,
               site.own_domains.empty() ? "localhost"
                                        : site.own_domains[0].substr(site.own_domains[0][0] == '.'),
               resolve, diagnostics);
  custody.listener = release;
  custody.mail_from = HouseAddress();
  if (map.TakeString("metrics", &metrics) && !metrics.empty()) {
    CheckListen("metrics", *root.Find("metrics"), metrics, false, diagnostics);
  }
  map.Take("console");  // belongs to the console room, which reads it itself
  map.Finish();
}

std::set<std::string> Categories(const Config& config) {
  return record::CategoriesOf(config.policy);
}

void CheckKeys(const Config& config, Diagnostics* diagnostics) {
  const std::string folder = config.custody.KeysFolder(config.state);
  const Result<record::KeyRing> ring = record::KeyRing::Load(folder);
  if (!ring.ok()) {
    diagnostics->Error({record::RingFile(folder), 1, 1}, ring.status().message());
    return;
  }
  if (ring->empty()) {
    diagnostics->Warning({config.file, 0, 0},
                         "held mail is stored in clear: 'gatepost keys init NAME --out FILE' makes "
                         "the keys that seal it");
    return;
  }
  for (const record::Unread& one :
       record::UnreadCategories(*ring, Categories(config), config.custody.online)) {
    diagnostics->Warning({record::RingFile(folder), 1, 1},
                         record::InWords(one) + "; 'gatepost keys add' makes a reader");
  }
}

std::string Config::HouseAddress() const {
  if (!outbreak.from.empty()) {
    return outbreak.from;
  }
  const std::string domain = site.own_domains.empty() ? node : site.own_domains.front();
  return "gatepost@" + (domain.front() == '.' ? domain.substr(1) : domain);
}

ruleset::Sources Config::RuleFolders() const {
  std::vector<ruleset::Sources::Folder> folders;
  for (const std::string& path : rules) {
    folders.push_back(
        {path, std::find(packages.begin(), packages.end(), path) != packages.end(), {}});
  }
  return ruleset::Sources::OfFolders(std::move(folders));
}

inspect::InspectorOptions Config::ToInspectorOptions() const {
  inspect::InspectorOptions options;
  options.rule_folders = rules;
  options.antivirus = antivirus;
  options.site = site;
  options.limits = limits;
  options.pictures = pictures;
  options.workers = workers;
  return options;
}

}  // namespace gatepost::gateway
