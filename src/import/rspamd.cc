// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/rspamd.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "src/base/bytes.h"
#include "src/base/files.h"
#include "src/import/perl_regex.h"
#include "src/import/ucl.h"
#include "src/ruleset/expression.h"
#include "src/ruleset/names.h"
#include "src/ruleset/words.h"
#include "src/scan/pcre2.h"

namespace gatepost::import {

namespace fs = std::filesystem;

namespace {

bool IsTrue(const std::string& word) { return word == "true" || word == "yes" || word == "on"; }

// An id of letters, digits, '-', '_' and '.'.
std::string AsId(std::string text) {
  for (char& c : text) {
    if (!ruleset::IsId(std::string(1, c))) {
      c = '_';
    }
  }
  return text.substr(0, 64);
}

class Converter {
 public:
  Converter(const std::string& file, Imported* out) : file_(file), out_(out) {
    pack_.name = AsId("rspamd-" + fs::path(file).stem().string());
    pack_.file = pack_.name + ".yaml";
    pack_.imported = "Rspamd, " + fs::path(file).filename().string();
  }

  void Map(const UclSection& map) {
    Entry entry;
    entry.name = map.Text("symbol").empty() ? AsciiUpperId(map.name) : map.Text("symbol");
    entry.kind = "multimap " + map.Text("type");
    entry.place = map.place;
    Convert(map, &entry);
    out_->report.entries.push_back(std::move(entry));
  }

  // Nothing is passed over in silence: freemail_domains, say, is a list of another module's.
  void NotRead(const UclSection& section) {
    Entry entry;
    entry.name = section.name.empty() ? "settings at the top" : section.name;
    entry.kind = "multimap section";
    entry.place = section.place;
    entry.outcome = Outcome::kNot;
    entry.reason =
        "has neither 'map' nor 'type', so it is no map of multimap's: write its entries "
        "into a list, and a rule with 'lists:'";
    out_->report.entries.push_back(std::move(entry));
  }

  NewPack TakePack() { return std::move(pack_); }

 private:
  static std::string AsciiUpperId(std::string name) {
    for (char& c : name) {
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
  }

  // "" and a reason when nothing here reads what the map reads.
  static std::string ZoneOf(const UclSection& map, std::string* reason) {
    const std::string type = map.Text("type");
    const std::string filter = map.Text("filter");
    if (type == "from" || type == "rcpt") {
      return type == "from" ? "env-from" : "env-to";
    }
    if (type == "header") {
      const std::string field = AsciiLower(map.Text("header"));
      for (const char* zone : {"subject", "from", "to", "cc", "reply-to"}) {
        if (field == zone) {
          return filter == "email:name" && field == "from" ? "from-name" : zone;
        }
      }
      if (ruleset::IsZone("header:" + field)) {
        return "header:" + field;
      }
    } else if (type == "url") {
      return "url";
    } else if (type == "filename") {
      return "filename";
    } else if (type == "content") {
      return filter == "full" ? "" : filter == "rawbody" || filter == "rawtext" ? "html" : "body";
    }
    *reason =
        type == "ip" || type == "asn" || type == "country" || type == "dnsbl"
            ? "asks for the client's network: write a clause with own_networks or a milter in front"
        : type.empty() ? "has no type"
                       : "type '" + type + "' reads what rules here do not see";
    return "";
  }

  std::string PathOf(std::string map) const {
    for (const std::string_view prefix :
         {"file://", "fallback+file://", "regexp;", "glob;", "${CONFDIR}/", "$CONFDIR/",
          "${LOCAL_CONFDIR}/", "$LOCAL_CONFDIR/"}) {
      if (map.compare(0, prefix.size(), prefix) == 0) {
        map.erase(0, prefix.size());
      }
    }
    if (map.find("://") != std::string::npos) {
      return "";
    }
    if (fs::path(map).is_absolute()) {
      return map;
    }
    // Beside the file, or beside the folder local.d.
    const fs::path folder = fs::path(file_).parent_path();
    std::error_code error;
    for (const fs::path& base : {folder, folder.parent_path()}) {
      for (const char* below : {"", "local.d"}) {
        const fs::path path = base / below / map;
        if (fs::is_regular_file(path, error)) {
          return path.string();
        }
      }
    }
    return (folder / map).string();
  }

  // The lines of all maps that can be read, comments off.
  bool Lines(const UclSection& map, std::vector<std::string>* out, Entry* entry) const {
    const std::vector<std::string>* maps = map.Find("map");
    if (maps == nullptr) {
      entry->reason = "names no map file (an inline map in a section is not read)";
      return false;
    }
    std::string missing;
    for (const std::string& one : *maps) {
      const std::string path = PathOf(one);
      std::error_code error;
      const bool inline_entry = one.find('/') == std::string::npos &&
                                (maps->size() > 1 || (one.find('@') != std::string::npos &&
                                                      !fs::is_regular_file(PathOf(one), error)));
      if (inline_entry) {
        out->push_back(one);
        continue;
      }
      const Result<std::string> content =
          path.empty() ? Result<std::string>(Status::NotFound("is fetched from the network"))
                       : ReadFile(path);
      if (!content.ok()) {
        missing = "map " + one + ": " +
                  (path.empty() ? "is fetched from the network" : content.status().message());
        continue;
      }
      for (size_t at = 0; at < content->size();) {
        const size_t end = std::min(content->find('\n', at), content->size());
        const std::string line(AsciiTrim(Bytes(*content).substr(at, end - at)));
        at = end + 1;
        if (!line.empty() && line[0] != '#') {
          out->push_back(line);
        }
      }
    }
    if (out->empty() && !missing.empty()) {
      entry->reason = missing;
      return false;
    }
    if (!missing.empty()) {
      entry->outcome = Outcome::kCaveat;
      entry->reason = missing;
    }
    return true;
  }

  void Convert(const UclSection& map, Entry* entry) {
    entry->outcome = Outcome::kConverted;
    if (map.Find("enabled") != nullptr && !IsTrue(map.Text("enabled"))) {
      entry->outcome = Outcome::kOff;
      entry->reason = "enabled = " + map.Text("enabled");
      return;
    }
    std::vector<std::string> lines;
    NewRule rule;
    rule.origin = entry->name;
    rule.id = AsId(entry->name);
    rule.zone = ZoneOf(map, &entry->reason);
    if (rule.zone.empty() || !Lines(map, &lines, entry)) {
      entry->outcome = Outcome::kNot;
      entry->reason = entry->reason.empty() ? "reads the whole message" : entry->reason;
      return;
    }
    if (!seen_.insert(rule.id).second) {
      entry->outcome = Outcome::kNot;
      entry->reason = "another map has the same symbol: give each its own";
      return;
    }
    rule.title_en = map.Text("description");
    const std::string score = map.Text("score");
    std::from_chars(score.data(), score.data() + score.size(), rule.score);
    rule.form = "nfcraw";
    if (IsTrue(map.Text("regexp")) || IsTrue(map.Text("glob"))) {
      Expressions(lines, IsTrue(map.Text("glob")), entry, &rule);
    } else {
      Entries(map, lines, entry, &rule);
    }
    if (rule.match.empty() && rule.lists.empty()) {
      entry->outcome = Outcome::kNot;
      entry->reason = entry->reason.empty() ? "its maps are empty" : entry->reason;
      return;
    }
    const std::string filter = map.Text("filter");
    if (!map.Text("action").empty()) {
      AddCaveat("its action '" + map.Text("action") +
                    "' belongs into a clause of policy.yaml: {rule: " + rule.id + "}",
                entry);
    }
    if (!map.Text("require_symbols").empty()) {
      AddCaveat("require_symbols is left out: write a condition over both rules", entry);
    }
    if (filter.find("tld") != std::string::npos) {
      AddCaveat("filter '" + filter +
                    "': entries match the domain as written, not the registered one above it",
                entry);
    } else if (filter.rfind("email:", 0) == 0 && filter != "email:addr" &&
               filter != "email:domain") {
      AddCaveat("filter '" + filter + "': entries are compared with addresses and domains here",
                entry);
    }
    pack_.rules.push_back(std::move(rule));
  }

  static void SayScored(size_t scored, Entry* entry) {
    if (scored > 0) {
      AddCaveat("the scores or symbols of " + std::to_string(scored) +
                    " single entries are left out: all have the rule's",
                entry);
    }
  }

  // What PCRE2 takes; what the loader refuses besides, Prove takes out with the whole rule.
  static bool IsValid(const std::string& text) {
    scan::Pattern::Options options;
    options.captures = true;
    const Result<scan::Pattern> pattern = scan::Pattern::Compile(text, options);
    return pattern.ok() && !pattern->MatchesEmpty();
  }

  static void Expressions(const std::vector<std::string>& lines, bool glob, Entry* entry,
                          NewRule* rule) {
    size_t refused = 0;
    size_t scored = 0;
    std::string why;
    constexpr size_t kMostExpressions = 64;
    bool first = true;
    for (const std::string& line : lines) {
      if (rule->match.size() >= kMostExpressions) {
        AddCaveat("only the first 64 expressions were taken: split the map", entry);
        break;
      }
      if (glob) {
        std::string expression = "^";
        for (const char c : line) {
          expression += c == '*'   ? ".*"
                        : c == '?' ? "."
                                   : ruleset::QuoteForExpression(std::string(1, c));
        }
        rule->match.push_back(expression + "$");
        rule->caseless = true;
        continue;
      }
      // "/re/flags [score]"
      const size_t end = EndOfPerlRegex(line);
      scored += end != std::string_view::npos && end < line.size() ? 1 : 0;
      const Result<PerlRegex> regex =
          ReadPerlRegex(end == std::string_view::npos ? "/" + line + "/" : line.substr(0, end));
      if (!regex.ok() || !ruleset::Examine(regex->text).errors.empty()) {
        why = regex.ok() ? ruleset::Examine(regex->text).errors[0] : regex.status().message();
        ++refused;
        continue;
      }
      if (!IsValid(regex->text)) {
        why = line.substr(0, 60) + " is not valid, or matches everywhere";
        ++refused;
        continue;
      }
      const bool caseless = regex->caseless;
      rule->caseless = first ? caseless : rule->caseless && caseless;
      rule->match.push_back(caseless ? "(?i)" + regex->text : regex->text);
      first = false;
    }
    SayScored(scored, entry);
    if (refused > 0) {
      AddCaveat(std::to_string(refused) + " expressions were left out: " + why, entry);
    }
  }

  void Entries(const UclSection& map, const std::vector<std::string>& lines, Entry* entry_of,
               NewRule* rule) {
    std::vector<std::string>& list = pack_.lists[AsciiLower(rule->id)];
    size_t scored = 0;
    const bool extension = map.Text("filter") == "extension" || map.Text("filter") == "extensions";
    for (const std::string& line : lines) {
      // "entry", "entry score", "entry symbol:score"
      std::string entry = line.substr(0, line.find_first_of(" \t"));
      const size_t rest = line.find_first_not_of(" \t", entry.size());
      scored += rest != std::string::npos && line[rest] != '#' ? 1 : 0;
      if (extension && !entry.empty() && entry[0] != '.') {
        entry.insert(0, 1, '.');
      }
      list.push_back(entry);
    }
    SayScored(scored, entry_of);
    if (list.empty()) {
      pack_.lists.erase(AsciiLower(rule->id));
    } else {
      rule->lists = {AsciiLower(rule->id)};
    }
  }

  std::string file_;
  Imported* out_;
  NewPack pack_;
  std::set<std::string> seen_;
};

std::vector<std::string> FilesOf(const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    return {path};
  }
  std::vector<std::string> out;
  for (const char* name : {"modules.d/multimap.conf", "multimap.conf", "local.d/multimap.conf",
                           "override.d/multimap.conf"}) {
    const fs::path file = fs::path(path) / name;
    if (fs::is_regular_file(file, error)) {
      out.push_back(file.string());
    }
  }
  return out;
}

}  // namespace

Result<Imported> ImportRspamd(const std::vector<std::string>& paths, Diagnostics* diagnostics) {
  Imported out;
  out.report.source = "Rspamd: " + (paths.empty() ? std::string() : paths[0]);
  size_t number = 0;
  for (const std::string& path : paths) {
    for (const std::string& file : FilesOf(path)) {
      const Result<std::string> content = ReadFile(file);
      if (!content.ok()) {
        return content.status();
      }
      Converter converter(file, &out);
      for (const UclSection& section : ReadUcl(file, *content, diagnostics)) {
        if (section.Find("map") != nullptr || section.Find("type") != nullptr) {
          converter.Map(section);
        } else if (!section.values.empty()) {
          converter.NotRead(section);
        }
      }
      NewPack pack = converter.TakePack();
      if (number++ > 0) {
        pack.name += "-" + std::to_string(number);
        pack.file = pack.name + ".yaml";
      }
      out.packs.push_back(std::move(pack));
    }
  }
  if (out.packs.empty()) {
    return Status::NotFound("no multimap.conf is there: name the file, or the folder /etc/rspamd");
  }
  return out;
}

}  // namespace gatepost::import
