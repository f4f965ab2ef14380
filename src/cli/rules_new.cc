// `gatepost rules new --from FILE`: a rule begun from a message. What it prints loads, passes its
// own examples and finds the message; what it means, its author decides. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/cli/ask.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/phrases.h"
#include "src/cli/rules_common.h"
#include "src/cli/terminal.h"
#include "src/inspect/mail_examples.h"
#include "src/mail/message.h"
#include "src/ruleset/expression.h"
#include "src/ruleset/lint.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"

namespace gatepost::cli {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostGood = 20'000;  // messages below --not
constexpr size_t kPhrases = 3;
constexpr size_t kLineBytes = 160;  // of an example
constexpr size_t kHeaderBytes = 1U << 20;

// In single quotes, as YAML has them; one line, nothing that a terminal obeys.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : PrintableUtf8(text, kLineBytes * 4)) {
    out += c == '\'' ? "''" : std::string(1, c);
  }
  return out + "'";
}

// The part of a line around a phrase, at words' edges.
std::string Around(const std::string& line, const std::string& phrase) {
  const size_t at = line.find(phrase);
  if (line.size() <= kLineBytes || at == std::string::npos) {
    return line.size() <= kLineBytes ? line : phrase;
  }
  const size_t spare = kLineBytes > phrase.size() ? (kLineBytes - phrase.size()) / 2 : 0;
  size_t begin = at - std::min(at, spare);
  begin = begin == 0 ? 0 : std::min(line.find(' ', begin), at);
  begin = begin > 0 && begin < at ? begin + 1 : begin;
  size_t end = std::min(at + phrase.size() + spare, line.size());
  if (end < line.size()) {
    const size_t blank = line.rfind(' ', end);
    end = blank == std::string::npos || blank < at + phrase.size() ? at + phrase.size() : blank;
  }
  return line.substr(begin, end - begin);
}

// The text that a worker reads in a message, without the head lines, and its subject.
struct Content {
  std::string subject;
  std::string text;
};

Content Split(const std::string& readable, const std::string& message, const Limits& limits) {
  size_t end = message.find("\r\n\r\n");
  end = end == std::string::npos ? message.size() : end + 4;
  const mail::Message header =
      mail::Message::Parse(Bytes(message).substr(0, std::min(end, kHeaderBytes)), limits);
  Content content;
  content.subject = header.Text(header.root(), "Subject");
  const size_t blank = readable.find("\n\n");
  content.text = blank == std::string::npos ? readable : readable.substr(blank + 2);
  return content;
}

std::vector<std::string> FilesBelow(const std::vector<std::string>& folders) {
  std::vector<std::string> out;
  for (const std::string& folder : folders) {
    std::error_code error;
    if (fs::is_regular_file(folder, error)) {
      out.push_back(folder);
      continue;
    }
    for (fs::recursive_directory_iterator at(folder, error), none; !error && at != none;
         at.increment(error)) {
      std::error_code ignored;
      if (at->is_regular_file(ignored) && out.size() < kMostGood) {
        out.push_back(at->path().string());
      }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Each file's text, as sandboxed workers read it.
int ReadAll(const Common& common, const std::vector<std::string>& files,
            const std::function<void(const std::string&, std::string)>& take) {
  size_t done = 0;
  const int code = AskAboutFiles(
      common, files,
      [](const gateway::Config& /*config*/, const std::string& /*file*/, std::string* bytes) {
        *bytes = mail::AsReceived(std::move(*bytes));
        return Json{{"do", "read"}, {"name", "message.eml"}};
      },
      [&](const std::string& file, const Json& answer) {
        ++done;
        if (files.size() > 1 && Colourful() && done % 50 == 0) {
          std::fprintf(stderr, "\rread %zu of %zu", done, files.size());
        }
        take(file, answer.value("text", ""));
      });
  if (files.size() > 1 && Colourful()) {
    std::fputs("\r\033[K", stderr);
  }
  return code;
}

struct Draft {
  std::string id;
  std::string source;  // the message's file, for the comment
  std::string subject;
  std::string mail;  // name of the kept mail, beside the rules; "" none
  std::vector<std::string> zones;
  std::vector<Phrase> phrases;
  std::vector<std::string> matching, other;
  size_t good = 0;
};

std::string ToYaml(const Draft& draft) {
  std::string out =
      "# Begun by 'gatepost rules new' from " + PrintableUtf8(draft.source, 200) + ".\n" +
      (draft.good > 0
           ? "# No phrase below stands in any of the " + std::to_string(draft.good) +
                 " good messages that were given.\n"
           : "# With --not FOLDER, phrases of your good mail would have been left out.\n") +
      "# It changes nothing yet (mode: shadow). Read it, then:\n"
      "#   gatepost rules test THIS-FILE      its examples\n"
      "#   gatepost reload                    from then on the log says what it would have done\n"
      "- id: " +
      draft.id + "\n" +
      "  title:\n"
      "    en: " +
      Quoted("Mail like “" + draft.subject + "”") + "\n" +
      "    vi: " + Quoted("Thư giống “" + draft.subject + "”") + "\n" +
      "  # Say here why such mail is not wanted: whoever reads the log will ask.\n"
      "  why: Begun from one message; not reviewed yet.\n"
      "  # Where the phrases stood in the message.\n"
      "  zones: [" +
      Joined(draft.zones, ", ") + "]\n" +
      "  # nfc keeps accents; 'form: fold' would also find the words without them.\n"
      "  form: nfc\n"
      "  caseless: true\n"
      "  # One of these is enough. <B> and <E> are the edges of a word; take out what is not "
      "peculiar.\n"
      "  match:\n";
  for (const Phrase& phrase : draft.phrases) {
    out += "    - " +
           Quoted("<B>" + ruleset::WithBothSpellings(ruleset::QuoteForExpression(phrase.words)) +
                  "<E>") +
           "\n";
  }
  out +=
      "  # What a hit adds to the message's score: the policy tags at 5 and refuses at 15.\n"
      "  score: 2\n"
      "  severity: low\n"
      "  mode: shadow   # enforce, when the log shows that it finds what it should\n"
      "  examples:\n"
      "    match:\n";
  for (const std::string& text : draft.matching) {
    out += "      - {zone: " + draft.zones[0] + ", text: " + Quoted(text) + "}\n";
  }
  if (!draft.mail.empty()) {
    out += "      - {file: " + Quoted(draft.mail) + "}\n";
  }
  out += "    no_match:\n";
  for (const std::string& text : draft.other) {
    out += "      - {zone: " + draft.zones[0] + ", text: " + Quoted(text) + "}\n";
  }
  return out;
}

// Texts that the rule must find and texts that it must not, three of each at least.
void AddExamples(const PhraseFinder& finder, Draft* draft) {
  const auto add = [](std::vector<std::string>* list, const std::string& text) {
    if (std::find(list->begin(), list->end(), text) == list->end()) {
      list->push_back(text);
    }
  };
  for (const Phrase& phrase : draft->phrases) {
    add(&draft->matching, Around(phrase.line, phrase.words));
  }
  for (const char* frame : {"", "- ", "Re: "}) {
    if (draft->matching.size() < 3) {
      add(&draft->matching, frame + draft->phrases[0].words);
    }
  }
  for (const std::string& line : finder.NearMisses(draft->phrases, 3)) {
    add(&draft->other, Around(line, line.substr(0, 0)));
  }
  // A phrase without its last word, without its first, and run together.
  const std::string& words = draft->phrases[0].words;
  std::string joined = words;
  joined.erase(std::remove(joined.begin(), joined.end(), ' '), joined.end());
  for (const std::string& text :
       {words.substr(0, words.rfind(' ')), words.substr(words.find(' ') + 1), joined}) {
    if (draft->other.size() < 3) {
      add(&draft->other, text);
    }
  }
}

// A folder of our own that goes with us.
class Workbench {
 public:
  Workbench() {
    std::string pattern = (fs::temp_directory_path() / "gatepost-new-XXXXXX").string();
    path_ = mkdtemp(pattern.data()) == nullptr ? "" : pattern;
  }
  ~Workbench() {
    std::error_code error;
    if (!path_.empty()) {
      fs::remove_all(path_, error);
    }
  }
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;
  const std::string& path() const { return path_; }
  Status Write(const std::string& name, std::string_view content) const {
    std::ofstream file(path_ + "/" + name, std::ios::binary);
    file << content;
    return file.flush() ? Status::Ok() : Status::FromErrno(path_ + "/" + name, errno);
  }

 private:
  std::string path_;
};

std::shared_ptr<inspect::Inspector> Inspect(const gateway::Config& config,
                                            const std::string& folder, bool run_examples,
                                            Diagnostics* diagnostics) {
  inspect::InspectorOptions options = config.ToInspectorOptions();
  options.rule_folders = {folder};
  options.antivirus.need = inspect::AntivirusOptions::Need::kOff;
  options.pictures.on = false;
  options.run_examples = run_examples;
  options.workers = 1;
  Result<std::shared_ptr<inspect::Inspector>> inspector =
      inspect::Inspector::Start(options, diagnostics);
  if (!inspector.ok() && !diagnostics->has_errors()) {
    diagnostics->Error({}, inspector.status().message());
  }
  return inspector.ok() ? *inspector : nullptr;
}

// The zones in which the phrases really stand when the message is inspected as mail.
std::vector<std::string> ZonesOf(inspect::Inspector* inspector, const std::string& message) {
  const Result<Fd> fd = MemFd("gatepost-new", message);
  if (!fd.ok()) {
    return {};
  }
  mail::Envelope envelope;
  envelope.recipients.push_back({mail::Address::Parse("somebody@example.net"), {}, false});
  const Result<inspect::Findings> findings = inspector->Inspect(envelope, fd->get(), {});
  std::vector<std::string> zones;
  if (findings.ok()) {
    for (const inspect::RuleHit& hit : findings->hits) {
      for (const inspect::Evidence& one : hit.evidence) {
        if (std::find(zones.begin(), zones.end(), one.zone) == zones.end()) {
          zones.push_back(one.zone);
        }
      }
    }
  }
  return zones;
}

// The id for the new rule; "": it was said that the one that was asked for is taken.
std::string FreeId(const gateway::Config& config, const std::string& wanted) {
  Diagnostics unused;  // of rules that do not load nothing is known; 'rules test' says why
  ruleset::Sources sources = config.RuleFolders();
  const auto rules = ruleset::RuleSet::Load(&sources, &unused);
  const auto taken = [&](const std::string& id) {
    return rules.ok() ? (*rules)->Find(id) : nullptr;
  };
  if (!wanted.empty()) {
    const ruleset::Rule* const other = taken(wanted);
    if (other != nullptr) {
      PrintError("the id " + wanted + " is taken (" + PlaceText(other->place) +
                 "): name another with --id");
    }
    return other == nullptr ? wanted : "";
  }
  std::string id;
  for (int number = 1; id.empty() || taken(id) != nullptr; ++number) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "NEW-%03d", number);
    id = text.data();
  }
  return id;
}

}  // namespace

int RulesNew(const RulesNewOptions& options) {
  gateway::Config config;
  if (!ConfigOf(options.common.config, &config)) {
    return kUsage;
  }
  const std::string id = FreeId(config, options.id);
  if (id.empty()) {
    return kUsage;
  }
  Result<std::string> file = ReadFile(options.from);
  if (!file.ok()) {
    PrintError(options.from + ": " + file.status().message());
    return kIncomplete;
  }
  const std::string message = mail::AsReceived(std::move(file).value());
  Content content;
  int code = ReadAll(options.common, {options.from}, [&](const std::string&, std::string text) {
    content = Split(text, message, config.limits);
  });
  if (code != kDone) {
    return code;
  }
  PhraseFinder finder(content.subject, content.text);
  Draft draft;
  draft.id = id;
  draft.source = fs::path(options.from).filename().string();
  draft.subject = PrintableUtf8(content.subject.empty() ? draft.source : content.subject, 80);
  if (!options.good.empty()) {
    const std::vector<std::string> good = FilesBelow(options.good);
    if (good.empty()) {
      PrintError(Joined(options.good, ", ") + ": no messages in there");
      return kUsage;
    }
    code = ReadAll(options.common, good, [&](const std::string&, std::string text) {
      finder.AddGood(text);
      ++draft.good;
    });
    if (code == kUsage) {
      return code;
    }
  }
  draft.phrases = finder.Find(kPhrases);
  if (draft.phrases.empty()) {
    PrintError(options.from + ": no run of words in it is peculiar" +
               (draft.good > 0 ? "; all of them stand in the good mail too" : "") +
               ": write the rule by hand (rules/README.md)");
    return kIncomplete;
  }
  AddExamples(finder, &draft);

  // Everywhere first, to see where the phrases stand; then as it will be printed.
  const Workbench bench;
  draft.zones = {"subject", "body", "hidden", "attachment", "filename", "header-footer"};
  Diagnostics diagnostics;
  Status written = bench.Write("new.yaml", ToYaml(draft));
  const auto everywhere =
      written.ok() ? Inspect(config, bench.path(), false, &diagnostics) : nullptr;
  if (everywhere == nullptr) {
    PrintFindings(diagnostics, true);
    PrintError(written.ok() ? "the rule could not be tried" : written.message());
    return kUsage;
  }
  draft.zones = ZonesOf(everywhere.get(), message);
  if (draft.zones.empty()) {
    draft.zones = {"subject", "body"};
  }
  if (options.keep_mail) {
    draft.mail = "examples/" + draft.id + ".eml";
    fs::create_directories(bench.path() + "/examples");
    written = bench.Write(draft.mail, message);
  }
  const std::string yaml = ToYaml(draft);
  if (written.ok()) {
    written = bench.Write("new.yaml", yaml);
  }
  const auto exact = written.ok() ? Inspect(config, bench.path(), true, &diagnostics) : nullptr;
  if (exact != nullptr) {
    inspect::RunMailExamples(exact.get(), config.site, config.limits,
                             {nullptr, nullptr, Vietnamese()}, &diagnostics);
  }
  if (exact == nullptr || diagnostics.has_errors()) {
    PrintFindings(diagnostics, true);
    PrintError("the rule that was begun does not pass its own examples: write it by hand");
    return kIncomplete;
  }
  if (!options.output.empty()) {
    if (fs::exists(options.output)) {
      PrintError(options.output + " exists already: name another file");
      return kUsage;
    }
    if (options.keep_mail) {
      const fs::path folder = fs::path(options.output).parent_path();
      std::error_code error;
      fs::create_directories(folder / "examples", error);
      written = WriteFileDurably((folder / draft.mail).string(), message);
    }
    if (written.ok()) {
      written = WriteFileDurably(options.output, yaml);
    }
    if (!written.ok()) {
      PrintError(written.message());
      return kIncomplete;
    }
  }
  if (options.common.json) {
    Json phrases = Json::array();
    for (const Phrase& phrase : draft.phrases) {
      phrases.push_back(phrase.words);
    }
    PrintLine(DumpJson({{"id", draft.id},
                        {"zones", draft.zones},
                        {"phrases", phrases},
                        {"good", draft.good},
                        {"file", options.output},
                        {"yaml", yaml}}));
  } else if (options.output.empty()) {
    std::fputs(yaml.c_str(), stdout);
  } else {
    PrintLine(options.output + ": rule " + draft.id + " with " +
              std::to_string(draft.phrases.size()) + " phrases; 'gatepost rules test " +
              options.output + "' runs its examples");
  }
  return kDone;
}

}  // namespace gatepost::cli
