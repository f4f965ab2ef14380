// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/rights.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "src/base/bytes.h"

namespace gatepost::console {

namespace {

constexpr std::array<const char*, kPermissionCount> kPermissionWords = {
    "none",  "signed-in", "list",      "content", "export",     "release", "delete",
    "mark",  "exception", "approve",   "track",   "statistics", "rules",   "approve-rule",
    "audit", "access",    "incidents", "block",   "outage"};

constexpr std::array<const char*, kRoleCount> kRoleWords = {
    "metadata-viewer", "content-viewer", "releaser",     "approver",
    "auditor",         "administrator",  "rule-approver"};

constexpr uint32_t Bits(std::initializer_list<Permission> all) {
  uint32_t bits = 0;
  for (const Permission one : all) {
    bits |= 1U << static_cast<unsigned>(one);
  }
  return bits;
}

// One line a role; nobody gets what does not stand here. An administrator sees no mail, an auditor
// changes nothing, and whoever approves has no need to read.
constexpr std::array<uint32_t, kRoleCount> kAllowed = {
    Bits({Permission::kSignedIn, Permission::kList}),
    Bits({Permission::kSignedIn, Permission::kList, Permission::kContent, Permission::kExport}),
    Bits({Permission::kSignedIn, Permission::kList, Permission::kRelease, Permission::kDelete,
          Permission::kMark, Permission::kException, Permission::kTrack, Permission::kStatistics,
          Permission::kIncidents, Permission::kBlock}),
    Bits({Permission::kSignedIn, Permission::kList, Permission::kApprove}),
    Bits({Permission::kSignedIn, Permission::kList, Permission::kTrack, Permission::kStatistics,
          Permission::kRules, Permission::kAudit, Permission::kAccess, Permission::kIncidents}),
    Bits({Permission::kSignedIn, Permission::kStatistics, Permission::kRules, Permission::kAccess,
          Permission::kIncidents, Permission::kBlock, Permission::kOutage}),
    Bits({Permission::kSignedIn, Permission::kRules, Permission::kApproveRule,
          Permission::kStatistics, Permission::kIncidents, Permission::kBlock}),
};

bool IsAmong(const std::vector<std::string>& list, std::string_view word) {
  return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

const char* ToString(Permission permission) {
  return kPermissionWords[static_cast<size_t>(permission)];
}

bool IsHouseWide(Permission permission) {
  constexpr uint32_t kWide =
      Bits({Permission::kIncidents, Permission::kBlock, Permission::kOutage,
            Permission::kException, Permission::kStatistics, Permission::kAudit});
  return (kWide >> static_cast<unsigned>(permission) & 1U) != 0;
}

const char* ToString(Role role) { return kRoleWords[static_cast<size_t>(role)]; }

bool RoleFromString(std::string_view word, Role* out) {
  for (size_t i = 0; i < kRoleWords.size(); ++i) {
    if (word == kRoleWords[i]) {
      *out = static_cast<Role>(i);
      return true;
    }
  }
  return false;
}

bool Allows(Role role, Permission permission) {
  return permission == Permission::kNone ||
         (kAllowed[static_cast<size_t>(role)] >> static_cast<unsigned>(permission) & 1U) != 0;
}

bool Grant::Has(Permission permission) const {
  return std::any_of(roles.begin(), roles.end(),
                     [&](Role role) { return Allows(role, permission); });
}

bool Rights::May(Permission permission) const {
  if (permission == Permission::kNone || permission == Permission::kSignedIn) {
    return true;
  }
  return IsHouseWide(permission) ? MayEverywhere(permission)
                                 : std::any_of(grants_.begin(), grants_.end(),
                                               [&](const Grant& grant) {
                                                 return grant.Has(permission);
                                               });
}

bool Rights::MayEverywhere(Permission permission) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return grant.Has(permission) && grant.categories.empty() && grant.recipients.empty();
  });
}

bool Rights::MayAll(Permission permission, std::string_view category,
                    const std::vector<std::string>& recipients) const {
  return std::all_of(recipients.begin(), recipients.end(), [&](const std::string& recipient) {
    return May(permission, category, recipient);
  });
}

bool Rights::May(Permission permission, std::string_view category,
                 std::string_view recipient) const {
  const std::string address = AsciiLower(recipient);
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return grant.Has(permission) && IsAmong(grant.categories, category) &&
           record::InRecipients(grant.recipients, address);
  });
}

bool Rights::MayAny(Permission permission, std::string_view category,
                    const std::vector<std::string>& recipients) const {
  return std::any_of(recipients.begin(), recipients.end(), [&](const std::string& recipient) {
    return May(permission, category, recipient);
  });
}

std::vector<record::HeldScope> Rights::Scopes(Permission permission) const {
  std::vector<record::HeldScope> scopes;
  for (const Grant& grant : grants_) {
    if (grant.Has(permission)) {
      scopes.push_back({grant.categories, grant.recipients, grant.Has(Permission::kContent)});
    }
  }
  return scopes;
}

}  // namespace gatepost::console
