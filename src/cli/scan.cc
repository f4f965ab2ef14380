// `gatepost scan` and `gatepost text`: files in, what the gateway would do or what it reads out.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "src/base/utf8.h"
#include "src/cli/ask.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/scan_report.h"
#include "src/cli/terminal.h"
#include "src/mail/mail_file.h"

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
  return request;
}

std::string BaseName(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

int Scan(const ScanOptions& options) {
  ReportStyle style;
  style.vietnamese = options.lang.empty() ? Vietnamese() : options.lang == "vi";
  style.colour = Colourful();
  style.show_text = options.show_text;
  style.columns = TerminalColumns();
  return AskAboutFiles(
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
      });
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
