// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/facts.h"

#include <set>

#include "src/inspect/auth_results.h"
#include "src/inspect/codec.h"
#include "src/inspect/wire.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kMostValues = 100;  // of one fact

void Set(const std::string& name, const std::string& value, scan::Facts* facts) {
  if (!value.empty()) {
    (*facts)[name] = CappedUtf8(value, kMostFactValue);
  }
}

void SetTrue(const std::string& name, bool value, scan::Facts* facts) {
  if (value) {
    (*facts)[name] = "true";
  }
}

// Distinct values, joined by one space, in order.
class Joined {
 public:
  void Add(const std::string& value) {
    if (value.empty() || known_.size() >= kMostValues || !known_.insert(value).second) {
      return;
    }
    text_ += text_.empty() ? value : " " + value;
  }
  const std::string& text() const { return text_; }

 private:
  std::set<std::string> known_;
  std::string text_;
};

std::vector<mail::Mailbox> Mailboxes(const mail::Message& message, std::string_view name) {
  std::vector<mail::Mailbox> all;
  for (const mail::Field* field : message.FindFields(message.root(), name)) {
    for (mail::Mailbox& one : mail::ParseAddressList(message.Unfolded(*field))) {
      if (all.size() >= kMostValues) {
        return all;
      }
      all.push_back(std::move(one));
    }
  }
  return all;
}

bool Has(const mail::Message& message, std::string_view name) {
  return !message.FindFields(message.root(), name).empty();
}

std::string LowerValue(const mail::Message& message, std::string_view name) {
  return AsciiLower(AsciiTrim(message.Text(message.root(), name)));
}

// Any pass is a pass; otherwise the first result stands.
const AuthResult* Best(const AuthResults& results, std::string_view method) {
  const AuthResult* best = nullptr;
  for (const AuthResult& one : results.results) {
    if (one.method == method &&
        (best == nullptr || (best->result != "pass" && one.result == "pass"))) {
      best = &one;
    }
  }
  return best;
}

std::string FirstDomain(const AuthResult& result, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::string domain = DomainOf(result.Property(name));
    if (!domain.empty()) {
      return domain;
    }
  }
  return {};
}

bool IsDocument(decode::Type type) {
  switch (type) {
    case decode::Type::kOoxml:
    case decode::Type::kOdf:
    case decode::Type::kOle:
    case decode::Type::kRtf:
    case decode::Type::kPdf:
      return true;
    default:
      return false;
  }
}

}  // namespace

void AddEnvelopeFacts(const mail::Envelope& envelope, const mail::Site& site, scan::Facts* facts) {
  Joined domains;
  for (const mail::Recipient& recipient : envelope.recipients) {
    (*facts)[std::string("direction.") + mail::ToString(recipient.direction)] = "true";
    domains.Add(recipient.address.domain());
  }
  (*facts)["recipients.count"] = std::to_string(envelope.recipients.size());
  Set("recipient.domains", domains.text(), facts);
  SetTrue("sender.null", envelope.sender.is_null(), facts);
  if (!envelope.sender.is_null()) {
    Set("sender.address", envelope.sender.key(), facts);
    Set("sender.domain", envelope.sender.domain(), facts);
  }
  SetTrue("sender.ours", envelope.sender_is_ours, facts);
  SetTrue("sender.own-unauthenticated",
          !envelope.sender_is_ours && !envelope.sender.is_null() &&
              mail::IsOwnDomain(site, envelope.sender),
          facts);
  Set("client.ip", envelope.client_ip, facts);
  SetTrue("client.own", mail::InNetworks(envelope.client_ip, site.own_networks), facts);
  Set("auth.user", envelope.auth_user, facts);
}

void AddAuthenticationFacts(const mail::Message& message, const mail::Site& site,
                            scan::Facts* facts) {
  ResultsWatch watch(site.authserv_id, site.auth_milters);
  AuthResults results;
  for (const mail::Field& field : message.root().fields) {
    if (watch.See(Slice(message.raw(), field.name), message.Unfolded(field), &results) !=
        ResultsWatch::Verdict::kBelieved) {
      continue;
    }
    // Each method stands in one of those that are believed, so none overwrites another.
    if (const AuthResult* spf = Best(results, "spf")) {
      Set("auth.spf", spf->result, facts);
      Set("auth.spf.domain", FirstDomain(*spf, {"smtp.mailfrom", "smtp.helo"}), facts);
    }
    if (const AuthResult* dkim = Best(results, "dkim")) {
      Set("auth.dkim", dkim->result, facts);
      Set("auth.dkim.domain", FirstDomain(*dkim, {"header.d", "header.i"}), facts);
    }
    if (const AuthResult* dmarc = Best(results, "dmarc")) {
      Set("auth.dmarc", dmarc->result, facts);
      Set("auth.dmarc.domain", FirstDomain(*dmarc, {"header.from"}), facts);
    }
  }
}

void AddHeaderFacts(const mail::Envelope& envelope, const mail::Message& message,
                    const mail::Site& site, scan::Facts* facts) {
  Joined addresses;
  Joined domains;
  bool own = false;
  for (const mail::Mailbox& mailbox : Mailboxes(message, "From")) {
    addresses.Add(mailbox.address.key());
    domains.Add(mailbox.address.domain());
    own |= mail::IsOwnDomain(site, mailbox.address);
  }
  Set("header.from.address", addresses.text(), facts);
  Set("header.from.domain", domains.text(), facts);
  SetTrue("header.from.own-unauthenticated", own && !envelope.sender_is_ours, facts);
  (*facts)["header.count.from"] = std::to_string(message.FindFields(message.root(), "From").size());
  Joined reply_to;
  for (const mail::Mailbox& mailbox : Mailboxes(message, "Reply-To")) {
    reply_to.Add(mailbox.address.domain());
  }
  Set("header.reply-to.domain", reply_to.text(), facts);

  const std::string precedence = LowerValue(message, "Precedence");
  SetTrue("message.list",
          Has(message, "List-Id") || Has(message, "List-Unsubscribe") || precedence == "list" ||
              precedence == "bulk",
          facts);
  const std::string automatic = LowerValue(message, "Auto-Submitted");
  SetTrue("message.auto-submitted", !automatic.empty() && automatic != "no", facts);
  const mail::Part& root = message.root();
  const bool report = root.type == "multipart" && root.subtype == "report";
  SetTrue("message.bounce", report || envelope.sender.is_null(), facts);
  (*facts)["message.size"] = std::to_string(message.raw().size());
}

void AddLeafFacts(const mail::Message& message, const decode::Leaves& leaves, scan::Facts* facts) {
  for (const auto& [name, value] : leaves.facts) {
    Set(name, value, facts);
  }
  bool encrypted = false;
  bool document = false;
  bool executable = false;
  size_t attachments = 0;
  for (const mail::Part& part : message.parts()) {
    encrypted |= part.type == "multipart" && part.subtype == "encrypted";
  }
  for (const decode::Leaf& leaf : leaves.leaves) {
    document |= leaf.is_attachment && IsDocument(leaf.type);
    executable |= leaf.type == decode::Type::kExecutable;
    attachments += leaf.is_attachment && leaf.depth == 0 && !leaf.is_alternative ? 1U : 0U;
  }
  SetTrue("message.encrypted", encrypted, facts);
  SetTrue("document.attached", document, facts);
  SetTrue("executable.attached", executable, facts);
  facts->emplace("attachment.count", std::to_string(attachments));
}

void AddOutcomeFacts(const Findings& findings, scan::Facts* facts) {
  size_t grades[3] = {};
  for (const FoundDefect& defect : findings.defects) {
    ++grades[static_cast<size_t>(defect.grade)];
  }
  (*facts)["defects.a"] = std::to_string(grades[0]);
  (*facts)["defects.b"] = std::to_string(grades[1]);
  (*facts)["defects.c"] = std::to_string(grades[2]);
  for (const decode::Unscannable& one : findings.unscannable) {
    (*facts)[std::string("unscannable.") + decode::ToString(one.reason)] = "true";
  }
  SetTrue("virus.found", !findings.infections.empty(), facts);
}

}  // namespace gatepost::inspect
