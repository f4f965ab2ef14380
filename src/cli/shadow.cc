// `gatepost rules shadow`: what rules and clauses in shadow mode would have done, from the decision
// log.
// LIMITS: the log says what was found under the generation of each message; a rule that was changed
// since is counted as it was.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <map>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/rules_common.h"
#include "src/cli/terminal.h"
#include "src/gateway/packages.h"
#include "src/policy/policy.h"
#include "src/record/decision_log.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"

namespace gatepost::cli {

namespace {

constexpr size_t kTopSenders = 3;
constexpr size_t kMostSenders = 10'000;  // domains counted for one entry

struct Tally {
  bool is_clause = false;
  bool in_shadow = true;  // of the present configuration
  uint64_t hits = 0;      // rules: messages in which it hit
  uint64_t held = 0, rejected = 0, deferred = 0, tagged = 0, freed = 0;
  uint64_t otherwise_accepted = 0;  // of held, rejected and deferred
  std::map<std::string, uint64_t> senders;
  std::vector<std::string> with;  // clauses: only together with these rules
  std::string title;
  std::string on;      // the line that switches it on
  bool waits = false;  // new in its package, until it is accepted
  std::string pack;    // `on` switches on all of this pack; "" the one alone
  size_t of_pack = 0;  // so many rules

  uint64_t stopped() const { return held + rejected + deferred; }
  // A rule that no message met: not worth a line each, packs that are off have hundreds.
  bool idle() const { return !is_clause && hits == 0 && stopped() + tagged + freed == 0; }
};

using Tallies = std::map<std::pair<bool, std::string>, Tally>;  // rules first

std::string DomainOf(const std::string& address) {
  const mail::Address parsed = mail::Address::Parse(address);
  return parsed.is_null() ? "<>" : parsed.domain().empty() ? "(none)" : parsed.domain();
}

void Count(const Json& record, Tallies* tallies) {
  for (const Json& hit : record.value("rules", Json::array())) {
    if (Word(hit, "mode") == "shadow") {
      ++(*tallies)[{false, Word(hit, "id")}].hits;
    }
  }
  const std::string action = Word(record, "action");
  const bool delivered = action == "accept" || action == "tag";
  for (const Json& effect : record.value("shadow", Json::array())) {
    const bool is_clause = effect.contains("clause");
    Tally& tally = (*tallies)[{is_clause, Word(effect, is_clause ? "clause" : "rule")}];
    const std::string then = Word(effect, "action");
    const uint64_t before = tally.stopped();
    tally.held += then == "quarantine" ? 1 : 0;
    tally.rejected += then == "reject" ? 1 : 0;
    tally.deferred += then == "defer" ? 1 : 0;
    tally.tagged += then == "tag" ? 1 : 0;
    tally.freed += then == "accept" ? 1 : 0;
    if (tally.stopped() > before) {
      tally.otherwise_accepted += delivered ? 1 : 0;
      const std::string domain = DomainOf(Word(record, "from"));
      if (tally.senders.size() < kMostSenders || tally.senders.count(domain) > 0) {
        ++tally.senders[domain];
      }
    }
    for (const Json& rule : effect.value("with", Json::array())) {
      const std::string id = rule.is_string() ? rule.get<std::string>() : "";
      if (tally.with.size() < 20 &&
          std::find(tally.with.begin(), tally.with.end(), id) == tally.with.end()) {
        tally.with.push_back(id);
      }
    }
  }
}

std::string Quoted(const std::string& path) {
  std::string out = "'";
  for (const char c : path) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

// The command that turns the first `mode: shadow` from that line on into enforce; a description
// where the file has none that sed could find (a quoted word, a flow over several lines).
std::string SwitchLine(const Place& place, const std::string& what) {
  const Result<std::string> text = ReadFile(place.file);
  int line = 1;
  for (size_t at = 0; text.ok() && at < text->size(); ++line) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const std::string one = text->substr(at, end - at);
    at = end + 1;
    if (line < place.line) {
      continue;
    }
    const size_t dash = one.find_first_not_of(' ');
    if (line > place.line && dash != std::string::npos && one[dash] == '-' &&
        static_cast<int>(dash) + 1 < place.column) {
      break;  // the next rule or clause
    }
    if (one.find("mode: shadow") != std::string::npos) {
      return "sed -i '" + std::to_string(line) + "s/mode: shadow/mode: enforce/' " +
             Quoted(place.file) + " && gatepost reload";
    }
  }
  return "set 'mode: enforce' in " + what + " at " + place.file + ":" + std::to_string(place.line) +
         ", then gatepost reload";
}

// Titles, ready lines, and those in shadow that no message met.
void AddPresent(const gateway::Config& config, Tallies* tallies) {
  for (auto& [key, tally] : *tallies) {
    tally.is_clause = key.first;
    tally.in_shadow = false;
  }
  Diagnostics diagnostics;
  // As the daemon reads them: a rule that is new in a package waits in shadow, whatever its file
  // says.
  ruleset::Sources sources = config.RuleFolders();
  sources.SetKnownRules(gateway::Packages(config.state).known());
  const Result<std::shared_ptr<const ruleset::RuleSet>> rules =
      ruleset::RuleSet::Load(&sources, &diagnostics);
  if (!rules.ok()) {
    PrintError(
        "the rules cannot be loaded, so lines to switch on are missing: run 'gatepost check'");
    return;
  }
  for (const ruleset::Rule& rule : (*rules)->rules()) {
    const auto known = tallies->find({false, rule.id});
    if (rule.mode == ruleset::Mode::kShadow) {
      Tally& tally = (*tallies)[{false, rule.id}];
      tally.in_shadow = true;
      tally.title = Vietnamese() ? rule.title_vi : rule.title_en;
      tally.waits = rule.arrived;
      if (rule.arrived) {
        tally.on = "gatepost rules accept " + rule.id;
        continue;
      }
      for (const ruleset::Pack& pack : (*rules)->packs()) {
        if (pack.name == rule.pack && !pack.on) {
          tally.pack = pack.name;
          tally.of_pack = pack.rules;
        }
      }
      tally.on = !tally.pack.empty()
                     ? "printf 'pack: " + rule.pack + "\\ndefault: on\\n' > " +
                           Quoted(config.rules.back() + "/" + rule.pack + "-on.yaml") +
                           " && gatepost reload"
                     : SwitchLine(rule.place, rule.id);
    } else if (known != tallies->end()) {
      known->second.title = Vietnamese() ? rule.title_vi : rule.title_en;
    }
  }
  const Result<std::shared_ptr<const policy::Policy>> policy =
      policy::Policy::Load(config.policy, **rules, &diagnostics);
  if (!policy.ok()) {
    PrintError("the policy cannot be loaded: run 'gatepost check'");
    return;
  }
  for (const std::string& name : (*policy)->shadow_clauses()) {
    Tally& tally = (*tallies)[{true, name}];
    tally.is_clause = true;
    tally.in_shadow = true;
    tally.on = SwitchLine((*policy)->FindClause(name)->place, "clause " + name);
  }
}

std::vector<std::pair<uint64_t, std::string>> TopSenders(const Tally& tally) {
  std::vector<std::pair<uint64_t, std::string>> order;
  for (const auto& [domain, count] : tally.senders) {
    order.emplace_back(count, domain);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  order.resize(std::min(order.size(), kTopSenders));
  return order;
}

double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

Json ToJson(const std::string& name, const Tally& tally, uint64_t messages) {
  Json senders = Json::array();
  for (const auto& [count, domain] : TopSenders(tally)) {
    senders.push_back({{"domain", domain}, {"messages", count}});
  }
  return {{tally.is_clause ? "clause" : "rule", name},
          {"title", tally.title},
          {"in_shadow", tally.in_shadow},
          {"waits", tally.waits},
          {"switches_on_pack", tally.pack},
          {"messages", messages},
          {"hits", tally.hits},
          {"would_have_stopped", tally.stopped()},
          {"held", tally.held},
          {"rejected", tally.rejected},
          {"deferred", tally.deferred},
          {"tagged", tally.tagged},
          {"let_go", tally.freed},
          {"otherwise_accepted", tally.otherwise_accepted},
          {"otherwise_accepted_share", Share(tally.otherwise_accepted, tally.stopped())},
          {"with", tally.with},
          {"senders", senders},
          {"switch_on", tally.on}};
}

void Print(const Tallies& tallies, uint64_t messages, const std::string& since) {
  const bool vi = Vietnamese();
  PrintLine(Paint(Colour::kBold,
                  vi ? "Chế độ thử (shadow) từ " + since + ": " + std::to_string(messages) + " thư"
                     : "In shadow since " + since + ": " + std::to_string(messages) + " messages"));
  Table table({vi ? "quy tắc / điều khoản" : "rule / clause", vi ? "trúng" : "hits",
               vi ? "lẽ ra giữ" : "held", vi ? "từ chối" : "rejected", vi ? "gắn nhãn" : "tagged",
               vi ? "vốn được nhận" : "was accepted", vi ? "người gửi nhiều nhất" : "top senders"},
              6);
  size_t idle = 0;
  for (const auto& [key, tally] : tallies) {
    if (tally.idle()) {
      ++idle;
      continue;
    }
    std::string senders;
    for (const auto& [count, domain] : TopSenders(tally)) {
      senders += (senders.empty() ? "" : ", ") + domain + " " + std::to_string(count);
    }
    table.Add(
        {(tally.is_clause ? (vi ? "điều khoản " : "clause ") : std::string()) + key.second,
         tally.is_clause ? "" : std::to_string(tally.hits), std::to_string(tally.held),
         std::to_string(tally.rejected + tally.deferred), std::to_string(tally.tagged),
         tally.stopped() == 0 ? "-" : Percent(Share(tally.otherwise_accepted, tally.stopped())),
         senders});
  }
  std::fputs(table.ToString().c_str(), stdout);
  for (const auto& [key, tally] : tallies) {
    if (tally.idle()) {
      continue;
    }
    if (!tally.in_shadow) {
      PrintLine("\n" + Paint(Colour::kBold, key.second) + "  " +
                (vi ? "không còn ở chế độ thử" : "is no longer in shadow"));
      continue;
    }
    PrintLine("\n" + Paint(Colour::kBold, key.second) + (tally.title.empty() ? "" : "  ") +
              Clean(tally.title));
    if (tally.waits) {
      PrintLine(vi ? "  mới có trong gói, chờ được chấp nhận"
                   : "  new in its package: it waits until it is accepted");
    }
    PrintLine("  " + (vi ? "lẽ ra giữ hoặc từ chối " + std::to_string(tally.stopped()) + " trong " +
                               std::to_string(messages) + " thư"
                         : "would have held or rejected " + std::to_string(tally.stopped()) +
                               " of " + std::to_string(messages) + " messages"));
    if (!tally.with.empty()) {
      std::string with;
      for (const std::string& rule : tally.with) {
        with += (with.empty() ? "" : ", ") + rule;
      }
      PrintLine((vi ? "  chỉ khi bật cùng các quy tắc: " : "  only together with the rules ") +
                with);
    }
    if (!tally.on.empty()) {
      const std::string count = std::to_string(tally.of_pack);
      const std::string scope =
          tally.pack.empty() ? (vi ? "  bật:  " : "  to switch it on:  ")
          : vi ? "  bật (bật cả gói " + tally.pack + ", " + count + " quy tắc):  "
               : "  to switch it on (switches on all of pack " + tally.pack + ", " + count +
                     " rules):  ";
      PrintLine(scope + Paint(Colour::kGreen, tally.on));
    }
  }
  if (idle > 0) {
    PrintLine(vi ? "\n" + std::to_string(idle) +
                       " quy tắc khác ở chế độ thử chưa gặp thư nào; --json kể tên chúng."
                 : "\n" + std::to_string(idle) +
                       " more rules in shadow met no message; --json names them.");
  }
}

}  // namespace

int RulesShadow(const ShadowOptions& options) {
  gateway::Config config;
  if (!ConfigOf(options.common.config, &config)) {
    return kUsage;
  }
  const int64_t since_ms = ParseTime(options.since, NowUnixMs());
  if (since_ms < 0) {
    PrintError("--since " + options.since + ": write 2026-11-23, 30d, 12h or 15m");
    return kUsage;
  }
  Tallies tallies;
  uint64_t messages = 0;
  const Status read = record::ReadLog(
      config.log,
      [&](const Json& record) {
        if (!Word(record, "id").empty() && ParseTime(Word(record, "at"), 0) >= since_ms) {
          ++messages;
          Count(record, &tallies);
        }
        return true;
      },
      since_ms);
  if (!read.ok()) {
    PrintError(read.message());
    return kIncomplete;
  }
  AddPresent(config, &tallies);
  if (options.common.json) {
    for (const auto& [key, tally] : tallies) {
      PrintLine(DumpJson(ToJson(key.second, tally, messages)));
    }
    return kDone;
  }
  if (tallies.empty()) {
    PrintLine(Vietnamese() ? "Không có quy tắc hay điều khoản nào ở chế độ thử (shadow)."
                           : "No rule and no clause is in shadow mode.");
    return kDone;
  }
  Print(tallies, messages, Rfc3339(since_ms).substr(0, 10));
  return kDone;
}

}  // namespace gatepost::cli
