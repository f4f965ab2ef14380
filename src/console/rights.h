// Who may do what: permissions, the roles that are made of them, and the scope (categories of mail,
// units of people) in which a grant holds. Pure data and functions; what is not granted is denied.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/record/held_table.h"

namespace gatepost::console {

// One for each thing that a route of the API needs. kNone: anybody, also without an account;
// kSignedIn: every account.
enum class Permission : uint8_t {
  kNone,
  kSignedIn,
  kList,       // held mail: times, addresses, sizes, rules, states
  kContent,    // subject, headers, text, pictures, parts; each view with a reason, on the record
  kExport,     // take a copy away
  kRelease,    // let it go to its recipients
  kDelete,     // destroy it
  kMark,       // say that it was wrongly held
  kException,  // let such mail pass from now on, until a day (house-wide: it acts for everybody)
  kApprove,    // the second person
  kTrack,      // what was decided about any mail, from the decision log
  kStatistics,   // (house-wide)
  kRules,        // rules and generations, read only
  kApproveRule,  // end exceptions
  kAudit,        // who did what (house-wide)
  kAccess,       // who may do what
  // These are about the whole house: only a grant without bounds gives them (IsHouseWide).
  kIncidents,  // blocks, outbreaks with everybody whom they touched, outages
  kBlock,      // stop a file, a sender or a user for some time, and let go again
  kOutage,     // the record of outages
};
constexpr size_t kPermissionCount = 19;
const char* ToString(Permission permission);
bool IsHouseWide(Permission permission);

enum class Role : uint8_t {
  kMetadataViewer,
  kContentViewer,
  kReleaser,
  kApprover,
  kAuditor,
  kAdministrator,
  kRuleApprover,
};
constexpr size_t kRoleCount = 7;
const char* ToString(Role role);  // "metadata-viewer", ...
bool RoleFromString(std::string_view word, Role* out);
bool Allows(Role role, Permission permission);

// Rights over some mail. Empty lists: all categories, everybody's mail.
struct Grant {
  std::vector<Role> roles;
  std::vector<std::string> categories;
  std::vector<std::string> recipients;  // as record::HeldScope::recipients
  std::string on_behalf_of;             // "" one's own; an account that this one stands in for

  bool Has(Permission permission) const;
};

// What one account may do at this moment.
class Rights {
 public:
  void Add(Grant grant) { grants_.push_back(std::move(grant)); }
  // In whatever scope; what is house-wide only in all of it.
  bool May(Permission permission) const;
  // For mail of that category with that recipient (address in any case).
  bool May(Permission permission, std::string_view category, std::string_view recipient) const;
  // For at least one of the recipients.
  bool MayAny(Permission permission, std::string_view category,
              const std::vector<std::string>& recipients) const;
  // For each of the recipients: what is done for all of them.
  bool MayAll(Permission permission, std::string_view category,
              const std::vector<std::string>& recipients) const;
  // For everybody's mail of every category, by one grant.
  bool MayEverywhere(Permission permission) const;
  // Where lists may look for that permission. `subjects` follow kContent.
  std::vector<record::HeldScope> Scopes(Permission permission) const;
  const std::vector<Grant>& grants() const { return grants_; }

 private:
  std::vector<Grant> grants_;
};

}  // namespace gatepost::console
