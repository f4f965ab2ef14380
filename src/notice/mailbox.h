// The recipients' page without its socket: what is held for whoever has a link, and what they may
// do about it: release their own (categories that the configuration names, through the same release
// as everybody's, inspected again first), ask for the rest. No accounts, no sessions, no scripts:
// the link says who it is. Its own table of routes; nothing else is served.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/mail/envelope.h"
#include "src/notice/link.h"
#include "src/notice/options.h"
#include "src/record/again.h"
#include "src/record/audit_trail.h"
#include "src/record/custody.h"
#include "src/record/held_watch.h"
#include "src/record/quarantine.h"
#include "src/web/message.h"

namespace gatepost::notice {

// The house as the page is told of it.
struct MailboxHouse {
  std::string state, release, node;
  record::CustodyOptions custody;
  mail::Site site;
  Options options;
  // A request of the daemon's control socket with a message: inspections happen there.
  std::function<Result<Json>(const Json& request, int fd)> ask;
  // The release service's key, where the category is its own.
  std::function<std::optional<record::PrivateKey>(const std::string& category)> service_key;
};

// Thread-safe.
class Mailbox {
 public:
  static Result<std::unique_ptr<Mailbox>> Open(MailboxHouse house);
  // Total: an error is a page.
  web::Response Handle(const web::Request& request);
  const Options& options() const { return house_.options; }

 private:
  struct Call;
  struct Route;
  static const std::vector<Route>& Routes();
  Mailbox(MailboxHouse house, LinkSigner signer, UsedLinks used)
      : house_(std::move(house)),
        signer_(signer),
        used_(std::move(used)),
        watch_(house_.state + "/held") {}

  web::Response Answer(const web::Request& request);
  web::Response Front(const Call& call);
  web::Response Style(const Call& call);
  web::Response SendLink(const Call& call);
  web::Response Show(const Call& call);
  web::Response Act(const Call& call);
  web::Response ShowBox(const Call& call);
  web::Response ShowEntry(const Call& call);
  web::Response Release(const Call& call, const record::Held& held);
  web::Response Ask(const Call& call, const record::Held& held);
  // May the reader release it by himself?
  bool MayRelease(const record::Held& held) const;
  Result<record::Reinspection> InspectAgain(const record::Held& held,
                                     const std::string& message) const;

  const MailboxHouse house_;
  const LinkSigner signer_;
  const UsedLinks used_;
  std::unique_ptr<record::Quarantine> quarantine_;
  std::unique_ptr<record::AuditTrail> trail_;
  std::mutex mutex_;  // guards all below
  record::HeldWatch watch_;
  std::map<std::string, int64_t> asked_;  // who asked for a link, and when
};

}  // namespace gatepost::notice
