// What imported rules hit, parts too, as JSON lines; for tests/import/parity.py, which compares
// them with SpamAssassin's own. Not a program of Gatepost's: it reads mails without a sandbox.
// Usage: assassin_hits RULES [--cache FOLDER | --zone ZONE] FILE...   (a rules folder, compiled
// rules kept in a folder; or what a zone holds) SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <string>
#include <vector>

#include "src/base/files.h"
#include "src/base/json.h"
#include "src/base/limits.h"
#include "src/ruleset/rule_set.h"
#include "src/scan/scanner.h"
#include "src/text/assassin.h"
#include "src/text/view.h"

namespace gatepost {
namespace {

// As `gatepost scan` reads a file: without a CRLF, LF is CRLF; a leading "From " line goes.
std::string AsMail(std::string bytes) {
  if (bytes.compare(0, 5, "From ") == 0) {
    bytes.erase(0, bytes.find('\n') == std::string::npos ? bytes.size() : bytes.find('\n') + 1);
  }
  if (bytes.find("\r\n") != std::string::npos) {
    return bytes;
  }
  std::string out;
  for (const char c : bytes) {
    out += c == '\n' ? "\r\n" : std::string(1, c);
  }
  return out;
}

// Is a field of that name before the first Received?
bool StandsAtTop(const mail::Message& message, std::string_view name) {
  for (const mail::Field& field : message.root().fields) {
    const std::string one = AsciiLower(Slice(message.raw(), field.name));
    if (one == name || one == "received") {
      return one == name;
    }
  }
  return false;
}

// Without an envelope SpamAssassin asks the last relay that it does not trust, then the fields that
// a delivery writes.
mail::Envelope EnvelopeOf(const mail::Message& message) {
  std::string sender;
  std::string claimed;
  text::AssassinRelays hops(message);
  const bool has_sender = text::ReadAssassinField({}, message, message.root(),
                                                  "x-sender:first:addr", &hops, &claimed) &&
                          claimed.find('@') != std::string::npos;
  for (const mail::Field* field : message.FindFields(message.root(), "received")) {
    if (has_sender && Slice(message.raw(), field->value).find("(fetchmail") != Bytes::npos) {
      return {};  // fetchmail may have written the field
    }
  }
  const std::string& relays = hops.Hops(false);
  constexpr std::string_view kMark = " envfrom=";
  const size_t at = relays.find(kMark);
  if (at != std::string::npos) {
    sender = relays.substr(at + kMark.size(), relays.find(' ', at + 1) - at - kMark.size());
  }
  for (const char* name : {"x-envelope-from", "envelope-sender", "return-path"}) {
    std::string value;
    if (sender.find('@') == std::string::npos && StandsAtTop(message, name) &&
        text::ReadAssassinField({}, message, message.root(), std::string(name) + ":first:addr",
                                &hops, &value)) {
      sender = value;
    }
  }
  mail::Envelope envelope;
  for (const mail::Mailbox& mailbox : mail::ParseAddressList(sender)) {
    envelope.sender = mailbox.address;
  }
  return envelope;
}

int ShowZone(const std::string& zone, const std::vector<std::string>& files) {
  const Limits limits;
  for (const std::string& file : files) {
    const Result<std::string> bytes = ReadFile(file);
    const std::string raw = AsMail(bytes.ok() ? *bytes : "");
    const mail::Message message = mail::Message::Parse(raw, limits);
    const mail::Envelope envelope = EnvelopeOf(message);
    text::AssassinReader reader(envelope, message);
    const text::Pieces pieces = reader.Read(zone);
    std::printf("== %s\n", file.c_str());
    uint32_t begin = 0;
    for (const uint32_t end : pieces.ends) {
      std::fwrite(pieces.bytes.data() + begin, 1, end - begin, stdout);
      std::fputs("|\n", stdout);
      begin = end + 1;
    }
  }
  return 0;
}

// Each rule's own examples, which came as SpamAssassin's `test` lines.
int RunExamples(const scan::Scanner& scanner) {
  Diagnostics diagnostics;
  scan::RunExamples(scanner, &diagnostics);
  Json run = Json::object();
  for (const ruleset::Rule& rule : scanner.rules().rules()) {
    if (!rule.examples.empty()) {
      run[rule.id] = rule.examples.size();
    }
  }
  Json failed = Json::array();
  for (const Diagnostic& one : diagnostics.all()) {
    failed.push_back(one.ToString());
  }
  std::printf("%s\n", DumpJson({{"examples", run}, {"failed", failed}}).c_str());
  return 0;
}

int Run(const std::string& folder, const std::string& cache,
        const std::vector<std::string>& files) {
  Diagnostics diagnostics;
  const auto rules = ruleset::RuleSet::Load({folder}, &diagnostics);
  if (!rules.ok()) {
    std::fprintf(stderr, "%s\n", rules.status().message().c_str());
    return 2;
  }
  scan::CompileOptions compile;
  compile.cache_folder = cache;
  compile.cache_key = "a test's";
  const auto scanner = scan::Scanner::Compile(*rules, compile, &diagnostics);
  if (!scanner.ok()) {
    std::fprintf(stderr, "%s\n", scanner.status().message().c_str());
    return 2;
  }
  if (files.size() == 1 && files[0] == "--examples") {
    return RunExamples(**scanner);
  }
  const Limits limits;
  for (const std::string& file : files) {
    const Result<std::string> bytes = ReadFile(file);
    if (!bytes.ok()) {
      std::fprintf(stderr, "%s\n", bytes.status().message().c_str());
      return 1;
    }
    const std::string raw = AsMail(*bytes);
    const mail::Message message = mail::Message::Parse(raw, limits);
    const mail::Envelope envelope = EnvelopeOf(message);
    const text::Views views =
        text::BuildViews(envelope, message, decode::Leaves(), (*rules)->wanted(), limits);
    scan::Matches matches = (*scanner)->Scan(views.views, limits);
    (*scanner)->EvaluateConditions(views.facts, views.views, &matches);
    Json hits = Json::object();
    for (size_t i = 0; i < matches.hit.size(); ++i) {
      if (matches.hit[i]) {
        hits[(*rules)->rules()[i].id] = matches.counts[i];
      }
    }
    Json failed = Json::array();
    for (const uint32_t rule : matches.failed) {
      failed.push_back((*rules)->rules()[rule].id);
    }
    std::printf("%s\n", DumpJson({{"file", file}, {"hits", hits}, {"failed", failed}}).c_str());
  }
  return 0;
}

}  // namespace
}  // namespace gatepost

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() > 2 && arguments[1] == "--zone") {
    return gatepost::ShowZone(arguments[2], {arguments.begin() + 3, arguments.end()});
  }
  std::string cache;
  if (arguments.size() > 2 && arguments[1] == "--cache") {
    cache = arguments[2];
    arguments.erase(arguments.begin() + 1, arguments.begin() + 3);
  }
  if (arguments.size() < 2) {
    std::fputs(
        "usage: assassin_hits RULES [--cache FOLDER] FILE... | --zone ZONE FILE... | --examples\n",
        stderr);
    return 2;
  }
  return gatepost::Run(arguments[0], cache, {arguments.begin() + 1, arguments.end()});
}
