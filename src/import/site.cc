// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/site.h"

#include <algorithm>
#include <array>
#include <map>

#include "src/base/bytes.h"

namespace gatepost::import {

namespace {

struct Kind {
  const char* directive;
  const char* old_name;  // before SpamAssassin 4
  const char* rule;
  const char* list;
  const char* zone;
  bool authenticated;  // counts only for senders that SPF or DKIM confirms
  double score;
};
constexpr std::array<Kind, 6> kKinds = {{
    {"welcomelist_from", "whitelist_from", "USER_IN_WELCOMELIST", "sa-welcomelist-from", "from",
     false, -100},
    {"blocklist_from", "blacklist_from", "USER_IN_BLOCKLIST", "sa-blocklist-from", "from", false,
     100},
    {"welcomelist_to", "whitelist_to", "USER_IN_WELCOMELIST_TO", "sa-welcomelist-to", "to", false,
     -6},
    {"blocklist_to", "blacklist_to", "USER_IN_BLOCKLIST_TO", "sa-blocklist-to", "to", false, 10},
    {"welcomelist_auth", "whitelist_auth", "USER_IN_WELCOMELIST_AUTH", "sa-welcomelist-auth",
     "from", true, -6},
    {"def_welcomelist_auth", "def_whitelist_auth", "USER_IN_DEF_WELCOMELIST_AUTH",
     "sa-def-welcomelist-auth", "from", true, -1.5},
}};

// Told apart from settings of plugins: what a site would miss.
constexpr std::array<const char*, 11> kWorthSaying = {
    "welcomelist_from_rcvd", "whitelist_from_rcvd", "def_welcomelist_from_rcvd", "more_spam_to",
    "all_spam_to",           "trusted_networks",    "internal_networks",         "msa_networks",
    "rewrite_header",        "shortcircuit",        "blocklist_uri_host"};

std::vector<std::string> Words(const std::string& value) {
  std::vector<std::string> out;
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find_first_of(" \t", at), value.size());
    if (end > at) {
      out.push_back(value.substr(at, end - at));
    }
    at = end + 1;
  }
  return out;
}

// As an entry of a list: "*@example.org" is that domain, "*@*.example.org" what is below it. ""
// when the pattern says something that a list cannot.
std::string AsEntry(const std::string& pattern) {
  std::string text = AsciiLower(pattern);
  if (text.compare(0, 4, "*@*.") == 0) {
    text = text.substr(3);
  } else if (text.compare(0, 2, "*@") == 0) {
    text = text.substr(2);
  } else if (text.compare(0, 2, "*.") == 0) {
    text = text.substr(1);
  }
  return text.find_first_of("*?") == std::string::npos ? text : "";
}

double ScoreFor(const CfSettings& settings, const Kind& kind) {
  const auto score = settings.scores.find(kind.rule);
  return score == settings.scores.end() ? kind.score : score->second[0];
}

}  // namespace

Site ReadSite(const CfSettings& settings) {
  Site out;
  out.pack.name = "spamassassin-site";
  out.pack.file = "site.yaml";
  out.pack.imported = "SpamAssassin, what the site says of senders and recipients";
  std::map<const Kind*, std::vector<std::string>> lists;
  // Nothing is passed over in silence: how often, and where first.
  std::map<std::string, std::pair<size_t, Place>> unread;
  for (const Directive& one : settings.others) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& known) {
      return one.key == known.directive || one.key == known.old_name;
    });
    if (kind != kKinds.end()) {
      for (const std::string& word : Words(one.value)) {
        const std::string entry = AsEntry(word);
        if (entry.empty()) {
          out.entries.push_back({one.key + " " + word, "setting", Outcome::kNot,
                                 "the pattern is no address and no domain: write a rule",
                                 one.place});
        } else {
          lists[&*kind].push_back(entry);
        }
      }
    } else if (one.key.rfind("freemail_", 0) == 0) {
      continue;  // read by Freemail
    } else if (one.key == "required_score" || one.key == "required_hits") {
      out.policy = "thresholds: {tag: " + one.value + "}\n";
      out.entries.push_back({one.key + " " + one.value, "setting", Outcome::kCaveat,
                             "it belongs into policy.yaml: see POLICY.txt", one.place});
    } else if (std::any_of(kWorthSaying.begin(), kWorthSaying.end(),
                           [&](const char* known) { return one.key == known; })) {
      out.entries.push_back({one.key + " " + one.value, "setting", Outcome::kNot,
                             one.key.find("networks") != std::string::npos
                                 ? "say it in gatepost.yaml: own_networks, trusted_relays"
                             : one.key.find("rcvd") != std::string::npos
                                 ? "needs the name of the delivering host: use welcomelist_auth"
                                 : "nothing here does the same: write a clause",
                             one.place});
    } else {
      unread.try_emplace(one.key, 0, one.place).first->second.first++;
    }
  }
  for (const auto& [key, found] : unread) {
    out.entries.push_back(
        {key + " (" + std::to_string(found.first) + (found.first == 1 ? " line)" : " lines)"),
         "setting", Outcome::kNot, "sets what no rule here asks, or serves Perl functions",
         found.second});
  }
  for (auto& [kind, entries] : lists) {
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    out.entries.push_back(
        {std::string(kind->directive) + " (" + std::to_string(entries.size()) + " entries)",
         "setting",
         Outcome::kConverted,
         "",
         {"settings", 0, 0}});
    out.pack.lists[kind->list] = entries;
    NewRule rule;
    rule.id = kind->rule;
    rule.title_en = std::string("Listed in SpamAssassin's ") + kind->directive;
    rule.score = std::clamp(ScoreFor(settings, *kind), -100.0, 100.0);
    rule.zone = kind->zone;
    rule.form = "nfcraw";
    rule.lists = {kind->list};
    if (kind->authenticated) {
      NewRule listed = rule;
      listed.id = "__" + rule.id + ".listed";
      listed.part = true;
      rule.when = "{all: [{rule: " + listed.id +
                  "}, {any: [{fact: auth.dkim, is: pass}, {fact: auth.spf, is: pass}]}]}";
      out.pack.rules.push_back(std::move(listed));
    }
    out.pack.rules.push_back(std::move(rule));
  }
  return out;
}

}  // namespace gatepost::import
