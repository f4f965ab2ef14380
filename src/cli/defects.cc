// `gatepost defects`: what is odd about a folder of mails, counted. Before grade C is rejected, an
// administrator runs this over honest mail and sees what would be refused, and why.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "src/base/utf8.h"
#include "src/cli/ask.h"
#include "src/cli/commands.h"
#include "src/cli/terminal.h"
#include "src/mail/defect.h"

namespace gatepost::cli {
namespace {

// All regular files below the folders, sorted; a file that is named itself counts too. False: a
// folder cannot be read (said on stderr).
bool FilesBelow(const std::vector<std::string>& folders, std::vector<std::string>* files) {
  namespace fs = std::filesystem;
  bool complete = true;
  for (const std::string& folder : folders) {
    std::error_code error;
    if (fs::is_regular_file(folder, error)) {
      files->push_back(folder);
      continue;
    }
    auto it = fs::recursive_directory_iterator(folder, error);
    while (!error && it != fs::recursive_directory_iterator()) {
      std::error_code ignored;
      if (it->is_regular_file(ignored)) {
        files->push_back(it->path().string());
      }
      it.increment(error);
    }
    if (error) {
      PrintError(folder + ": " + error.message());
      complete = false;
    }
  }
  std::sort(files->begin(), files->end());
  return complete;
}

struct Count {
  size_t mails = 0;
  size_t times = 0;
};

struct Report {
  size_t mails = 0;
  std::map<char, size_t> worst;  // the worst grade of a mail; '-' where it has no defect
  // The worst grades first.
  std::map<std::pair<char, std::string>, Count, std::greater<>> counts;
  Json grade_c = Json::array();

  double PercentC() const {
    const auto found = worst.find('C');
    return mails == 0 || found == worst.end()
               ? 0
               : 100.0 * static_cast<double>(found->second) / static_cast<double>(mails);
  }
};

std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void Add(const std::string& file, const Json& answer, Report* report) {
  ++report->mails;
  char worst = '-';
  std::set<std::pair<char, std::string>> seen;
  Json of_grade_c = Json::array();
  for (const Json& one : answer["defects"]) {
    const std::string grade = Text(one, "grade");
    const std::pair<char, std::string> key(grade.empty() ? '-' : grade.front(), Text(one, "id"));
    worst = std::max(worst, key.first);
    Count& count = report->counts[key];
    ++count.times;
    count.mails += seen.insert(key).second ? 1 : 0;
    if (key.first == 'C') {
      of_grade_c.push_back(one);
    }
  }
  ++report->worst[worst];
  if (!of_grade_c.empty()) {
    report->grade_c.push_back({{"file", file}, {"defects", std::move(of_grade_c)}});
  }
}

std::string Sentence(const std::string& id) {
  const mail::DefectKind* const kind = mail::FindDefectKind(id);
  return kind == nullptr ? "" : Vietnamese() ? kind->sentence_vi : kind->sentence_en;
}

std::string Percent(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f %%", value);
  return text;
}

void PrintAsJson(const Report& report) {
  Json defects = Json::array();
  for (const auto& [key, count] : report.counts) {
    defects.push_back({{"id", key.second},
                       {"grade", std::string(1, key.first)},
                       {"mails", count.mails},
                       {"times", count.times}});
  }
  Json grades = {{"none", 0}, {"A", 0}, {"B", 0}, {"C", 0}};
  for (const auto& [grade, mails] : report.worst) {
    grades[grade == '-' ? "none" : std::string(1, grade)] = mails;
  }
  PrintLine(DumpJson({{"mails", report.mails},
                      {"worst_grade", grades},
                      {"grade_c_percent", report.PercentC()},
                      {"defects", defects},
                      {"grade_c", report.grade_c}}));
}

void Print(const Report& report) {
  const bool vi = Vietnamese();
  Table table({vi ? "bậc" : "grade", vi ? "số thư" : "mails", vi ? "số lần" : "times",
               vi ? "điều lạ" : "defect", vi ? "nghĩa là" : "meaning"},
              4);
  for (const auto& [key, count] : report.counts) {
    table.Add({std::string(1, key.first), std::to_string(count.mails), std::to_string(count.times),
               key.second, Sentence(key.second)});
  }
  if (!table.empty()) {
    PrintLine(table.ToString());
  }
  for (const Json& mail : report.grade_c) {
    PrintLine(Paint(Colour::kBold, PrintableUtf8(Text(mail, "file"), 400)));
    for (const Json& one : mail["defects"]) {
      PrintLine(
          "  " + Paint(Colour::kRed, Text(one, "id")) + "  " +
          (Text(one, "part").empty() ? "" : (vi ? "phần " : "part ") + Text(one, "part") + "  ") +
          Sentence(Text(one, "id")));
    }
  }
  std::string line = std::to_string(report.mails) + (vi ? " thư" : " mails");
  for (const auto& [grade, mails] : report.worst) {
    line += ", " +
            (grade == '-' ? std::string(vi ? "không có gì lạ" : "without defect")
                          : std::string(vi ? "nặng nhất bậc " : "at worst grade ") + grade) +
            " " + std::to_string(mails);
  }
  PrintLine(line + "; " + (vi ? "bậc C: " : "grade C: ") + Percent(report.PercentC()));
}

}  // namespace

int Defects(const DefectsOptions& options) {
  std::vector<std::string> files;
  const bool complete = FilesBelow(options.folders, &files);
  if (files.empty()) {
    if (complete) {
      PrintError("no files in " + options.folders.front());
    }
    return kIncomplete;
  }
  Report report;
  const int code = AskAboutFiles(
      options.common, files,
      [](const gateway::Config& config, const std::string& file, std::string* bytes) {
        *bytes = AsReceived(std::move(*bytes));
        const std::string domain =
            config.site.own_domains.empty() ? "localhost" : config.site.own_domains.front();
        // Who wrote to whom does not change what is odd.
        return Json{{"do", "scan"},    {"file", file},
                    {"from", ""},      {"rcpt", {"postmaster@" + domain}},
                    {"client_ip", ""}, {"auth", ""}};
      },
      [&report](const std::string& file, const Json& answer) { Add(file, answer, &report); });
  if (code == kUsage) {
    return code;
  }
  if (options.common.json) {
    PrintAsJson(report);
  } else {
    Print(report);
  }
  return code != kDone || !complete || report.PercentC() > options.most_c ? kIncomplete : kDone;
}

}  // namespace gatepost::cli
