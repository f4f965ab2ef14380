// `gatepost scan` and `gatepost text`: files in, what the gateway would do or what it reads out.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include <cstdio>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/cli/ask.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/scan_report.h"
#include "src/cli/terminal.h"
#include "src/gateway/packages.h"
#include "src/mail/mail_file.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"

namespace gatepost::cli {

namespace {

constexpr size_t kShownBytes = 400;

// The envelope that the options leave out: Return-Path or From; To and Cc.
Json Request(const ScanOptions& options, const gateway::Config& config, const std::string& file,
             Bytes message) {
  Json request = {{"do", "scan"}, {"file", file}};
  std::string from = options.from;
  std::vector<std::string> rcpt = options.rcpt;
  if (!options.has_from || rcpt.empty()) {
    const mail::Parties parties = mail::PartiesOf(message, config.limits);
    from = options.has_from ? from : parties.sender;
    rcpt = rcpt.empty() ? parties.recipients : rcpt;
    if (rcpt.empty()) {
      // Bcc only, or a list: somebody here got it.
      rcpt.push_back("undisclosed@" + (config.site.own_domains.empty()
                                           ? std::string("localhost")
                                           : config.site.own_domains.front()));
    }
  }
  request["from"] = from;
  request["rcpt"] = rcpt;
  request["client_ip"] = options.client_ip;
  request["auth"] = options.auth;
  request["over_limit"] = "refuse";
  return request;
}

bool IsIpAddress(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string BaseName(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// What lies in the folders now, against what the daemon decides by.
enum class Folders { kSame, kDiffer, kBroken, kRolledBack };

Folders Compare(const gateway::Config& config, const Json& state) {
  if (!state.value("rollback", Json()).is_null()) {
    return Folders::kRolledBack;
  }
  Diagnostics unused;
  ruleset::Sources sources = config.RuleFolders();
  sources.SetKnownRules(gateway::Packages(config.state).known());
  const auto rules = ruleset::RuleSet::Load(&sources, &unused);
  const Result<std::string> policy = ReadFile(config.policy);
  if (!rules.ok() || !policy.ok()) {
    return Folders::kBroken;
  }
  const Json generation = state.value("generation", Json::object());
  return (*rules)->version() == generation.value("rules", "") &&
                 Sha256Hex(*policy) == generation.value("policy", "")
             ? Folders::kSame
             : Folders::kDiffer;
}

// Who answered, and whether that is what the asker may have been editing. "": this program itself.
std::string AnsweredBy(const gateway::Config& config, const Json& state, bool vietnamese) {
  if (state.is_null()) {
    return {};
  }
  const auto number = state.value("generation", Json::object()).value("number", uint64_t{0});
  std::string line =
      vietnamese ? "gatepostd đang chạy đã trả lời" : "answered by the running gatepostd";
  if (number > 0) {
    line += (vietnamese ? ", thế hệ " : ", generation ") + std::to_string(number);
  }
  switch (Compare(config, state)) {
    case Folders::kSame:
      break;
    case Folders::kDiffer:
      line += vietnamese ? "; quy tắc trong các thư mục khác với thế hệ này: gatepost reload"
                         : "; the rules in the folders differ: gatepost reload";
      break;
    case Folders::kBroken:
      line += vietnamese ? "; quy tắc trong các thư mục không nạp được: gatepost check"
                         : "; the rules in the folders do not load: gatepost check";
      break;
    case Folders::kRolledBack:
      line += vietnamese ? "; đang áp dụng thế hệ cũ: gatepost rules rollback --off"
                         : "; a rollback is in force: gatepost rules rollback --off";
      break;
  }
  return line;
}

}  // namespace

int Scan(const ScanOptions& options) {
  if (!options.client_ip.empty() && !IsIpAddress(options.client_ip)) {
    PrintError("--client-ip " + PrintableUtf8(options.client_ip, 100) +
               ": is no address; write an IPv4 or IPv6 address such as 203.0.113.7 or 2001:db8::7");
    return kUsage;
  }
  ReportStyle style;
  style.vietnamese = options.lang.empty() ? Vietnamese() : options.lang == "vi";
  style.colour = Colourful();
  style.show_text = options.show_text;
  style.columns = TerminalColumns();
  std::string answered_by;
  const int exit_code = AskAboutFiles(
      options.common, options.files,
      [&options](const gateway::Config& config, const std::string& file, std::string* bytes) {
        *bytes = mail::AsReceived(std::move(*bytes));
        return Request(options, config, file, *bytes);
      },
      [&options, &style](const std::string& /*file*/, const Json& answer) {
        if (options.common.json) {
          PrintLine(DumpJson(answer));
        } else {
          std::fputs(ScanReportText(answer, style).c_str(), stdout);
        }
      },
      [&](const Inspection& inspection) {
        // For who reads it: it takes as long as reading the rules.
        answered_by = options.common.json
                          ? std::string()
                          : AnsweredBy(inspection.config(), inspection.daemon(), style.vietnamese);
      });
  if (!answered_by.empty()) {
    PrintLine(Paint(Colour::kDim, answered_by));
  }
  return exit_code;
}

int Text(const Common& common, const std::vector<std::string>& files) {
  return AskAboutFiles(
      common, files,
      [](const gateway::Config& /*config*/, const std::string& file, std::string* /*bytes*/) {
        return Json{{"do", "read"}, {"name", BaseName(file)}};
      },
      [&common, &files](const std::string& file, const Json& answer) {
        if (common.json) {
          Json line = {{"file", file}};
          line.update(answer);
          PrintLine(DumpJson(line));
          return;
        }
        if (files.size() > 1) {
          PrintLine(Paint(Colour::kBold, "==> " + file + " <=="));
        }
        const std::string text = answer.value("text", "");
        std::fwrite(text.data(), 1, text.size(), stdout);
        if (!text.empty() && text.back() != '\n') {
          std::fputc('\n', stdout);
        }
        for (const Json& one : answer["unscannable"]) {
          PrintError(file + ": " + PrintableUtf8(one.value("path", ""), kShownBytes) + ": " +
                     one.value("reason", ""));
        }
      });
}

}  // namespace gatepost::cli
