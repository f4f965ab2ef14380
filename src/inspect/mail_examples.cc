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

std::string OtherHits(const Findings& findings, const std::string& id) {
  std::string out;
  size_t named = 0;
  for (const RuleHit& hit : findings.hits) {
    if (hit.id != id && named++ < kMostNamed) {
      out += (out.empty() ? "; it is found by " : ", ") + hit.id;
    }
  }
  return (out.empty() ? "; no other rule finds it" : out) + (named > kMostNamed ? "..." : "");
}

std::string Unread(const Findings& findings) {
  return findings.unscannable.empty() ? std::string()
                                      : std::string("; part of it could not be read (") +
                                            decode::ToString(findings.unscannable[0].reason) + ")";
}

// Where it matched, or that it did.
std::string WhatMatched(const RuleHit& hit) {
  if (hit.evidence.empty()) {
    return "it does";
  }
  const Evidence& one = hit.evidence[0];
  return (one.text.empty() ? std::string("it does") : "'" + one.text + "' does") + " (" +
         (one.path.empty() ? "" : one.path + ", ") + one.zone + ", line " +
         std::to_string(one.line) + ")";
}

// What the message says, as a worker reads it; "" when it cannot.
std::string ReadableText(Inspector* inspector, const std::string& name, int fd) {
  const Result<ReadText> text = inspector->Read(name, fd);
  return text.ok() ? text->utf8 : std::string();
}

void RunOne(Inspector* inspector, const mail::Site& site, const Limits& limits, const Rule& rule,
            const Example& example, Diagnostics* diagnostics) {
  const auto fail = [&](const std::string& message) {
    diagnostics->Error(example.place, "rule " + rule.id + ": " + example.file + " " + message);
  };
  const std::string message = mail::AsReceived(*example.mail);
  const Result<Fd> fd = MemFd("gatepost-example", message);
  if (!fd.ok()) {
    fail("cannot be inspected: " + fd.status().message());
    return;
  }
  const mail::Envelope envelope = EnvelopeFor(message, example.way, site, limits);
  const Result<Findings> findings = inspector->Inspect(envelope, fd->get(), {});
  if (!findings.ok()) {
    fail("cannot be inspected: " + findings.status().message());
    return;
  }
  const auto hit = std::find_if(findings->hits.begin(), findings->hits.end(),
                                [&](const RuleHit& one) { return one.id == rule.id; });
  if ((hit != findings->hits.end()) == example.should_match) {
    return;
  }
  if (!example.should_match) {
    fail("should not match, and " + WhatMatched(*hit));
    return;
  }
  std::string why;
  if (!rule.has_condition) {
    const std::string text = ReadableText(inspector, "example.eml", fd->get());
    const text::Zone zone = "attachment";  // lines as they stand, no quote marks taken off
    why = scan::WouldMatch(rule, rule.form, zone, text)
              ? "; its text has what the rule looks for, in another zone than the rule's, or 'mask', "
                "'unless' or 'first_lines' takes it away: 'gatepost scan' shows the zones"
              : "; " + scan::WhyNot(rule, zone, text);
  }
  fail("should match and does not" + why + OtherHits(*findings, rule.id) + Unread(*findings));
}

}  // namespace

size_t RunMailExamples(Inspector* inspector, const mail::Site& site, const Limits& limits,
                       const std::function<bool(const Rule&)>& chosen, Diagnostics* diagnostics) {
  size_t run = 0;
  for (const Rule& rule : inspector->rules()->rules()) {
    if (chosen != nullptr && !chosen(rule)) {
      continue;
    }
    for (const Example& example : rule.examples) {
      if (!example.file.empty()) {
        ++run;
        RunOne(inspector, site, limits, rule, example, diagnostics);
      }
    }
  }
  return run;
}

}  // namespace gatepost::inspect
