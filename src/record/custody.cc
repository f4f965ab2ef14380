// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/custody.h"

#include "src/base/quantity.h"
#include "src/mail/address.h"

namespace gatepost::record {

namespace {

constexpr uint64_t kDay = 86'400'000;
constexpr uint64_t kHundredYears = 36'500 * kDay;

void TakeSet(YamlMap* map, const char* key, std::set<std::string>* out) {
  std::vector<std::string> words;
  if (map->TakeStrings(key, &words)) {
    *out = std::set<std::string>(words.begin(), words.end());
  }
}

void TakeRetention(const YamlNode& node, std::map<std::string, int64_t>* out,
                   Diagnostics* diagnostics) {
  if (!node.is_map()) {
    diagnostics->Error(node.place, "'retention' must name times by category: {spam: 30d}");
    return;
  }
  for (const auto& [category, time] : node.entries) {
    uint64_t ms = 0;
    if (time.is_scalar() && time.scalar == "never") {
      (*out)[category.scalar] = 0;
    } else if (!time.is_scalar() || !ParseDuration(time.scalar, &ms) || ms < 1'000 ||
               ms > kHundredYears) {
      diagnostics->Error(time.place,
                         "'" + category.scalar + "' must be a time such as 30d or 12h, or never");
    } else {
      (*out)[category.scalar] = static_cast<int64_t>(ms);
    }
  }
}

}  // namespace

void CustodyOptions::Read(const YamlNode& root,
                          const std::function<std::string(std::string)>& resolve,
                          Diagnostics* diagnostics) {
  if (const YamlNode* node = root.Find("custody"); node != nullptr && !node->is_null()) {
    YamlMap map(*node, "custody", diagnostics);
    if (map.TakeString("keys", &keys)) {
      keys = resolve(keys);
    }
    TakeSet(&map, "two_persons", &two_persons);
    TakeSet(&map, "online", &online);
    for (const char* never : {"virus", "marking", "unscannable"}) {
      if (online.count(never) > 0) {
        diagnostics->Error(
            node->Find("online")->place,
            std::string("'") + never + "' is opened by people only and cannot be online");
      }
    }
    Quantities(&map, diagnostics).Time("request_expires", 60'000, 30 * kDay, [&](uint64_t ms) {
      request_valid_ms = static_cast<int64_t>(ms);
    });
    map.Finish();
  }
  if (const YamlNode* node = root.Find("retention"); node != nullptr && !node->is_null()) {
    TakeRetention(*node, &retention_ms, diagnostics);
  }
  if (const YamlNode* node = root.Find("quota"); node != nullptr && !node->is_null()) {
    constexpr uint64_t kLeast = 1U << 20;
    if (!node->is_scalar() || !ParseSize(node->scalar, &quota_bytes) || quota_bytes < kLeast) {
      diagnostics->Error(node->place, "'quota' must be a size such as 20G, at least 1M");
    }
  }
  if (const YamlNode* node = root.Find("heads"); node != nullptr && !node->is_null()) {
    YamlMap map(*node, "heads", diagnostics);
    if (map.TakeString("folder", &heads_folder)) {
      heads_folder = resolve(heads_folder);
    }
    map.TakeString("command", &heads_command);
    if (map.TakeStrings("mail", &heads_mail)) {
      for (const std::string& one : heads_mail) {
        const mail::Address address = mail::Address::Parse(one);
        if (!address.valid() || address.domain().empty()) {
          diagnostics->Error(node->Find("mail")->place,
                             "'" + one + "' is not an address such as officer@office.example");
        }
      }
    }
    map.Finish();
  }
}

void CheckCategories(const YamlNode& root, const std::set<std::string>& known,
                     Diagnostics* diagnostics) {
  const auto check = [&](const YamlNode& node, const std::string& where) {
    if (!node.is_scalar() || known.count(node.scalar) > 0) {
      return;
    }
    const std::string near = Nearest(node.scalar, {known.begin(), known.end()});
    diagnostics->Warning(node.place, "'" + node.scalar + "' in '" + where +
                                         "' is no category of the policy" +
                                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
  };
  if (const YamlNode* const custody = root.Find("custody"); custody != nullptr) {
    for (const char* key : {"two_persons", "online"}) {
      if (const YamlNode* const list = custody->Find(key); list != nullptr) {
        check(*list, key);
        for (const YamlNode& one : list->items) {
          check(one, key);
        }
      }
    }
  }
  if (const YamlNode* const retention = root.Find("retention"); retention != nullptr) {
    for (const auto& [category, time] : retention->entries) {
      if (category.scalar != "default") {
        check(category, "retention");
      }
    }
  }
}

int64_t CustodyOptions::RetentionOf(const std::string& category) const {
  auto found = retention_ms.find(category);
  if (found == retention_ms.end()) {
    found = retention_ms.find("default");
  }
  return found == retention_ms.end() ? 0 : found->second;
}

StoreOptions CustodyOptions::ForStore(const std::string& state) const {
  StoreOptions options;
  options.folder = state + "/held";
  options.two_persons = two_persons;
  options.keys_folder = KeysFolder(state);
  options.online = online;
  options.quota_bytes = quota_bytes;
  return options;
}

std::vector<Unread> UnreadCategories(const KeyRing& ring, const std::set<std::string>& categories,
                                     const std::set<std::string>& online) {
  std::vector<Unread> all;
  for (const std::string& category : categories) {
    if (ring.empty() || ring.HasReader(category)) {
      continue;
    }
    Unread one;
    one.category = category;
    for (const RingKey& key : ring.For(category, online)) {
      if (key.kind == KeyKind::kEscrow) {
        one.kept = Unread::Kept::kForEscrow;
        break;
      }
      one.kept = Unread::Kept::kForService;
    }
    all.push_back(std::move(one));
  }
  return all;
}

namespace {

const char* Fate(Unread::Kept kept) {
  switch (kept) {
    case Unread::Kept::kInClear:
      return "it is held in clear";
    case Unread::Kept::kForService:
      return "only the release service's does";
    case Unread::Kept::kForEscrow:
      return "only the escrow key does";
  }
  return "";
}

}  // namespace

std::string InWords(const Unread& one) {
  return "no reviewer's key opens '" + one.category + "': " + Fate(one.kept);
}

std::string InWords(const std::vector<Unread>& all) {
  std::string out;
  for (const Unread& one : all) {
    out += (out.empty() ? "no reviewer's key opens " : ", ") + one.category + " (" +
           Fate(one.kept) + ")";
  }
  return out.empty() ? out : out + "; 'gatepost keys add' makes a reader";
}

}  // namespace gatepost::record
