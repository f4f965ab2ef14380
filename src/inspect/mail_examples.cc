// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/mail_examples.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/base/files.h"
#include "src/mail/mail_file.h"
#include "src/scan/probe.h"

namespace gatepost::inspect {

namespace {

using ruleset::Example;
using ruleset::Rule;

constexpr const char* kOutside = "192.0.2.1";  // RFC 5737: nobody's
constexpr const char* kStranger = "somebody@example.net";
constexpr size_t kMostNamed = 8;  // other rules that hit

mail::Envelope EnvelopeFor(Bytes message, Example::Way way, const mail::Site& site,
                           const Limits& limits) {
  const mail::Parties parties = mail::PartiesOf(message, limits);
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse(parties.sender);
  envelope.client_ip = kOutside;
  envelope.auth_user = way == Example::Way::kInbound ? "" : "example";
  for (const std::string& recipient : parties.recipients) {
    envelope.recipients.push_back({mail::Address::Parse(recipient), {}, false});
  }
  if (envelope.recipients.empty()) {
    envelope.recipients.push_back({mail::Address::Parse(kStranger), {}, false});
  }
  mail::ClassifyDirections(site, &envelope);
  // An example is of any house: the way that it names goes before whose domains are ours here.
  for (mail::Recipient& recipient : envelope.recipients) {
    recipient.direction = way == Example::Way::kInbound    ? mail::Direction::kInbound
                          : way == Example::Way::kOutbound ? mail::Direction::kOutbound
                                                           : mail::Direction::kInternal;
  }
  return envelope;
}

// The sentences about one example that failed.
class ExampleWords {
 public:
  explicit ExampleWords(const MailExampleOptions& options) : options_(options) {}
  const char* Say(const char* en, const char* vi) const { return options_.vietnamese ? vi : en; }

  std::string OtherHits(const Findings& findings, const std::string& id) const {
    std::string out;
    size_t named = 0;
    for (const RuleHit& hit : findings.hits) {
      // A condition whose rules were left out may hold for that reason alone.
      const bool told = options_.compiled == nullptr || options_.compiled->count(hit.id) > 0;
      if (hit.id != id && told && named++ < kMostNamed) {
        out +=
            (out.empty() ? Say("; it is found by ", "; các quy tắc khác khớp với thư: ") : ", ") +
            hit.id;
      }
    }
    if (out.empty()) {
      return options_.compiled == nullptr
                 ? Say("; no other rule finds it", "; không quy tắc nào khác khớp với thư")
                 : "";
    }
    return out + (named > kMostNamed ? "..." : "");
  }

  std::string Unread(const Findings& findings) const {
    return findings.unscannable.empty()
               ? std::string()
               : std::string(
                     Say("; part of it could not be read (", "; có phần không đọc được (")) +
                     decode::ToString(findings.unscannable[0].reason) + ")";
  }

  // "and 'words' does (a.pdf, body, line 3)".
  std::string WhatMatched(const RuleHit& hit) const {
    if (hit.evidence.empty()) {
      return Say("should not match, and it does", "không được khớp nhưng lại khớp");
    }
    const Evidence& one = hit.evidence[0];
    const std::string where = " (" + (one.path.empty() ? "" : one.path + ", ") + one.zone +
                              Say(", line ", ", dòng ") + std::to_string(one.line) + ")";
    if (one.text.empty()) {
      return Say("should not match, and it does", "không được khớp nhưng lại khớp") + where;
    }
    return options_.vietnamese ? "không được khớp nhưng lại khớp với '" + one.text + "'" + where
                               : "should not match, and '" + one.text + "' does" + where;
  }

  std::string WhyNot(const Rule& rule, const std::string& text) const {
    const text::Zone zone = "attachment";  // lines as they stand, no quote marks taken off
    if (!scan::WouldMatch(rule, rule.form, zone, text)) {
      return "; " + scan::WhyNot(rule, zone, text, options_.vietnamese);
    }
    return Say(
        "; its text has what the rule looks for, in another zone than the rule's, or 'mask', "
        "'unless' or 'first_lines' takes it away: 'gatepost scan' shows the zones",
        "; trong thư có chữ mà quy tắc tìm, nhưng ở vùng (zone) khác với vùng của quy tắc, hoặc bị "
        "'mask', 'unless' hay 'first_lines' loại đi: 'gatepost scan' cho thấy các vùng");
  }

 private:
  const MailExampleOptions& options_;
};

// What the message says, as a worker reads it; "" when it cannot.
std::string ReadableText(Inspector* inspector, const std::string& name, int fd) {
  const Result<ReadText> text = inspector->Read(name, fd);
  return text.ok() ? text->utf8 : std::string();
}

void RunOne(Inspector* inspector, const mail::Site& site, const Limits& limits, const Rule& rule,
            const Example& example, const ExampleWords& words, Diagnostics* diagnostics) {
  const auto fail = [&](const std::string& message) {
    diagnostics->Error(example.place, words.Say("rule ", "quy tắc ") + rule.id + ": " +
                                          example.file + " " + message);
  };
  const std::string message = mail::AsReceived(*example.mail);
  const Result<Fd> fd = MemFd("gatepost-example", message);
  const std::string cannot = words.Say("cannot be inspected: ", "không kiểm tra được: ");
  if (!fd.ok()) {
    fail(cannot + fd.status().message());
    return;
  }
  const mail::Envelope envelope = EnvelopeFor(message, example.way, site, limits);
  const Result<Findings> findings = inspector->Inspect(envelope, fd->get(), {});
  if (!findings.ok()) {
    fail(cannot + findings.status().message());
    return;
  }
  const auto hit = std::find_if(findings->hits.begin(), findings->hits.end(),
                                [&](const RuleHit& one) { return one.id == rule.id; });
  if ((hit != findings->hits.end()) == example.should_match) {
    return;
  }
  if (!example.should_match) {
    fail(words.WhatMatched(*hit));
    return;
  }
  std::string why;
  if (!rule.has_condition) {
    why = words.WhyNot(rule, ReadableText(inspector, "example.eml", fd->get()));
  }
  fail(words.Say("should match and does not", "phải khớp nhưng không khớp") + why +
       words.OtherHits(*findings, rule.id) + words.Unread(*findings));
}

}  // namespace

size_t RunMailExamples(Inspector* inspector, const mail::Site& site, const Limits& limits,
                       const MailExampleOptions& options, Diagnostics* diagnostics) {
  const ExampleWords words(options);
  size_t run = 0;
  for (const Rule& rule : inspector->rules()->rules()) {
    if (options.chosen != nullptr && !options.chosen(rule)) {
      continue;
    }
    for (const Example& example : rule.examples) {
      if (!example.file.empty()) {
        ++run;
        RunOne(inspector, site, limits, rule, example, words, diagnostics);
      }
    }
  }
  return run;
}

}  // namespace gatepost::inspect
