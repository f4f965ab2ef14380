// `gatepost scan` and `gatepost text`: files in, what the gateway would do or what it reads out.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "src/base/utf8.h"
#include "src/cli/ask.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/mail/message.h"

namespace gatepost::cli {

namespace {

// Only the header is parsed here, in the person's own process; everything below it is for workers.
constexpr size_t kHeaderBytes = 1U << 20;
constexpr size_t kGuessedRecipients = 100;

void AddAddresses(const mail::Message& header, const char* name, std::vector<std::string>* out) {
  for (const mail::Field* field : header.FindFields(header.root(), name)) {
    for (const mail::Mailbox& box : mail::ParseAddressList(header.Unfolded(*field))) {
      if (!box.address.is_null() && out->size() < kGuessedRecipients) {
        out->push_back(box.address.spelling());
      }
    }
  }
}

// The envelope that the options leave out: Return-Path or From; To and Cc.
Json Request(const ScanOptions& options, const gateway::Config& config, const std::string& file,
             Bytes message) {
  Json request = {{"do", "scan"}, {"file", file}};
  std::string from = options.from;
  std::vector<std::string> rcpt = options.rcpt;
  if (!options.has_from || rcpt.empty()) {
    size_t end = message.find("\r\n\r\n");
    end = end == Bytes::npos ? message.size() : end + 4;
    const mail::Message header =
        mail::Message::Parse(message.substr(0, std::min(end, kHeaderBytes)), config.limits);
    if (!options.has_from) {
      std::vector<std::string> senders;
      const auto paths = header.FindFields(header.root(), "return-path");
      if (paths.empty()) {
        AddAddresses(header, "from", &senders);
      } else {
        senders.emplace_back(AsciiTrim(header.Unfolded(*paths.front())));
      }
      from = senders.empty() ? "" : senders.front();
    }
    if (rcpt.empty()) {
      AddAddresses(header, "to", &rcpt);
      AddAddresses(header, "cc", &rcpt);
    }
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

Colour ColourOf(const std::string& action) {
  return action == "accept" ? Colour::kGreen : action == "tag" ? Colour::kYellow : Colour::kRed;
}

std::string Upper(std::string text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? PrintableUtf8(found->get<std::string>(), 400)
                                                     : std::string();
}

void PrintReport(const Json& report) {
  const bool vi = Vietnamese();
  const std::string action = Text(report, "action");
  char score[32];
  std::snprintf(score, sizeof score, "%.1f", report.value("score", 0.0));
  PrintLine(Paint(Colour::kBold, Text(report, "file")) + "  " +
            Paint(ColourOf(action), Upper(action)) + "  " + (vi ? "điểm " : "score ") + score +
            (Text(report, "clause").empty()
                 ? ""
                 : "  " + std::string(vi ? "điều khoản " : "clause ") + Text(report, "clause")) +
            (Text(report, "basis").empty() ? "" : "  (" + Text(report, "basis") + ")"));
  if (!Text(report, "reply").empty()) {
    PrintLine("  " + std::string(vi ? "trả lời" : "reply") + ": " + Text(report, "reply"));
  }
  if (report["recipients"].size() > 1 ||
      action !=
          Text(report["recipients"].empty() ? Json::object() : report["recipients"][0], "action")) {
    for (const Json& one : report["recipients"]) {
      PrintLine("  " + Text(one, "rcpt") + " (" + Text(one, "direction") +
                "): " + Text(one, "action") + "  " + Paint(Colour::kDim, Text(one, "clause")));
    }
  }
  for (const Json& one : report["infections"]) {
    PrintLine(
        "  " +
        Paint(Colour::kRed, std::string(vi ? "mã độc" : "infection") + " " + Text(one, "name")) +
        "  " + Text(one, "path"));
  }
  for (const Json& one : report["unscannable"]) {
    decode::Reason reason{};
    std::string sentence;
    if (decode::ReasonFromString(Text(one, "reason"), &reason)) {
      sentence = vi ? std::string(decode::SentenceVi(reason)) + "; " + decode::AdviceVi(reason)
                    : std::string(decode::SentenceEn(reason)) + "; " + decode::AdviceEn(reason);
    }
    PrintLine("  " + Paint(Colour::kYellow, Text(one, "reason")) + "  " + Text(one, "path") + "  " +
              Paint(Colour::kDim, sentence));
  }
  for (const Json& one : report["defects"]) {
    const mail::DefectKind* const kind = mail::FindDefectKind(Text(one, "id"));
    PrintLine("  " + Text(one, "id") + " (" + Text(one, "grade") + ")  " +
              (Text(one, "part").empty() ? "" : "part " + Text(one, "part") + "  ") +
              Paint(Colour::kDim, kind == nullptr ? ""
                                  : vi            ? kind->sentence_vi
                                                  : kind->sentence_en));
  }
  for (const Json& rule : report["rules"]) {
    std::snprintf(score, sizeof score, "%+.1f", rule.value("score", 0.0));
    PrintLine("  " + Paint(Colour::kBlue, Text(rule, "id")) + "  " +
              Text(rule["title"], vi ? "vi" : "en") + "  " +
              Paint(Colour::kDim, Text(rule, "severity") + " " + score +
                                      (Text(rule, "mode") == "shadow" ? " shadow" : "")));
    for (const Json& place : rule["evidence"]) {
      const std::string text = Text(place, "text");
      PrintLine("      " + Text(place, "path") + (Text(place, "path").empty() ? "" : ", ") +
                Text(place, "view") + (vi ? ", dòng " : ", line ") +
                std::to_string(place.value("line", 0)) + (text.empty() ? "" : ":  " + text));
    }
  }
}

std::string BaseName(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

int Scan(const ScanOptions& options) {
  return AskAboutFiles(
      options.common, options.files,
      [&options](const gateway::Config& config, const std::string& file, std::string* bytes) {
        *bytes = AsReceived(std::move(*bytes));
        return Request(options, config, file, *bytes);
      },
      [&options](const std::string& /*file*/, const Json& answer) {
        if (options.common.json) {
          PrintLine(DumpJson(answer));
        } else {
          PrintReport(answer);
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
          PrintError(file + ": " + Text(one, "path") + ": " + Text(one, "reason"));
        }
      });
}

}  // namespace gatepost::cli
