// Any text as a policy: it loads or says why; what loads judges without a crash, the same twice.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/base/files.h"
#include "src/policy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost;  // NOLINT: a fuzz target
  if (size > 20'000) {
    return 0;
  }
  const auto fd = MemFd("policy", {reinterpret_cast<const char*>(data), size});
  if (!fd.ok()) {
    return 0;
  }
  const ruleset::RuleSet rules;
  Diagnostics diagnostics;
  const auto policy =
      policy::Policy::Load("/proc/self/fd/" + std::to_string(fd->get()), rules, &diagnostics);
  if (policy.ok() == diagnostics.has_errors()) {
    abort();
  }
  if (!policy.ok()) {
    return 0;
  }
  mail::Envelope envelope;
  for (const char* to : {"postmaster@office.example", "x@there.example"}) {
    mail::Recipient recipient;
    recipient.address = mail::Address::Parse(to);
    envelope.recipients.push_back(recipient);
  }
  envelope.recipients[1].direction = mail::Direction::kOutbound;
  inspect::Findings findings;
  findings.score = 20;
  findings.facts["sender.domain"] = "a b c";
  findings.unscannable.push_back({decode::Reason::kCrashed, ""});
  findings.defects.push_back({"DuplicateFrom", mail::Grade::kC, "1"});
  const policy::Verdict one = (*policy)->Judge(envelope, findings);
  const policy::Verdict two = (*policy)->Judge(envelope, findings);
  if (one.action != two.action || one.clause != two.clause || one.recipients.size() != 2 ||
      (*policy)->ToString().empty()) {
    abort();
  }
  // A mixture of replies never comes out: whoever is refused, all are.
  for (const policy::RecipientVerdict& each : one.recipients) {
    const bool whole =
        one.action == policy::Action::kReject || one.action == policy::Action::kDefer;
    if (whole ? each.action != one.action : each.action > policy::Action::kQuarantine) {
      abort();
    }
  }
  return 0;
}
