// The table of routes: method, path, the permission that it needs, who answers. Nothing else is
// served but the pages themselves (pages.h).
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/app.h"

namespace gatepost::console {

const std::vector<Route>& Routes() {
  using P = Permission;
  static const std::vector<Route> kRoutes = {
      {"POST", "/api/v1/session", P::kNone, &App::SignIn},
      {"GET", "/api/v1/openapi.json", P::kNone, &App::OpenApi},
      {"GET", "/api/v1/session", P::kSignedIn, &App::Me},
      {"PUT", "/api/v1/session", P::kSignedIn, &App::SetMe},
      {"DELETE", "/api/v1/session", P::kSignedIn, &App::SignOut},
      {"POST", "/api/v1/session/key", P::kSignedIn, &App::Unlock},
      {"DELETE", "/api/v1/session/key", P::kSignedIn, &App::Lock},
      {"GET", "/api/v1/summary", P::kSignedIn, &App::Summary},
      {"GET", "/api/v1/held", P::kList, &App::HeldList},
      {"POST", "/api/v1/held/release", P::kRelease, &App::Release},
      {"POST", "/api/v1/held/delete", P::kDelete, &App::Delete},
      {"POST", "/api/v1/held/wrongly", P::kMark, &App::Wrongly},
      {"POST", "/api/v1/held/request", P::kRelease, &App::Ask},
      {"POST", "/api/v1/held/{id}/decide", P::kApprove, &App::Decide},
      {"POST", "/api/v1/held/{id}/urgent", P::kRelease, &App::Urgent},
      {"POST", "/api/v1/held/{id}/countersign", P::kApprove, &App::Countersign},
      {"GET", "/api/v1/countersignatures", P::kList, &App::Countersigns},
      {"POST", "/api/v1/held/{id}/exception", P::kException, &App::AddException},
      {"GET", "/api/v1/exceptions", P::kRules, &App::Exceptions},
      {"DELETE", "/api/v1/exceptions/{id}", P::kApproveRule, &App::RemoveException},
      {"GET", "/api/v1/held/{id}", P::kList, &App::HeldDetail},
      {"POST", "/api/v1/held/{id}/view", P::kContent, &App::HeldView},
      {"GET", "/api/v1/held/{id}/frame/{key}", P::kContent, &App::HeldFrame},
      {"GET", "/api/v1/held/{id}/picture/{key}", P::kContent, &App::HeldPicture},
      {"POST", "/api/v1/held/{id}/download", P::kExport, &App::HeldDownload},
      {"GET", "/api/v1/held/{id}/download/{key}", P::kExport, &App::HeldPackage},
      {"GET", "/api/v1/blocks", P::kIncidents, &App::Blocks},
      {"POST", "/api/v1/blocks", P::kBlock, &App::AddBlock},
      {"DELETE", "/api/v1/blocks/{id}", P::kBlock, &App::RemoveBlock},
      {"GET", "/api/v1/outbreaks", P::kIncidents, &App::Outbreaks},
      {"GET", "/api/v1/outbreaks/{id}", P::kIncidents, &App::OutbreakDetail},
      {"GET", "/api/v1/outages", P::kIncidents, &App::Outages},
      {"POST", "/api/v1/outages", P::kOutage, &App::StartOutage},
      {"PUT", "/api/v1/outages/{id}", P::kOutage, &App::UpdateOutage},
      {"POST", "/api/v1/outages/{id}/end", P::kOutage, &App::EndOutage},
      {"GET", "/api/v1/decisions", P::kTrack, &App::Decisions},
      {"GET", "/api/v1/statistics", P::kStatistics, &App::Statistics},
      {"GET", "/api/v1/rules", P::kRules, &App::Rules},
      {"GET", "/api/v1/generations", P::kRules, &App::Generations},
      {"GET", "/api/v1/audit", P::kAudit, &App::Audit},
      {"GET", "/api/v1/access", P::kAccess, &App::Access},
  };
  return kRoutes;
}

}  // namespace gatepost::console
