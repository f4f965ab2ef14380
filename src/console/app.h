// The console without its socket: who is asking, may they, then the one function that answers. The
// table of routes (routes.cc) is the only way in; a route that names no permission does not
// compile, and what is not in the table is 404.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/console/accounts.h"
#include "src/console/http.h"
#include "src/console/options.h"
#include "src/console/rights.h"
#include "src/console/sessions.h"
#include "src/record/audit_trail.h"
#include "src/record/decision_index.h"
#include "src/record/held_table.h"
#include "src/record/outages.h"
#include "src/record/quarantine.h"

namespace gatepost::console {

class App;

// One request on its way, with who asks.
struct Call {
  const Request& request;
  std::map<std::string, std::string> path;  // "{id}" of the route
  Json body = Json::object();               // of a change
  Account account;
  Rights rights;
  Session session;

  // A string of the body; "" none.
  std::string Word(const char* key) const;
  bool Flag(const char* key) const;  // what is not `true` is not
  std::vector<std::string> Words(const char* key) const;
};

struct Route {
  const char* method;
  const char* path;  // "/api/v1/held/{id}"
  Permission permission;
  Response (App::*answer)(Call*);
};
const std::vector<Route>& Routes();

// Whom a request is for: all, where it names nobody.
std::vector<std::string> RecipientsOf(const record::Held& held,
                                      const record::ReleaseRequest& request);
Response OutsideUnit();

// Thread-safe.
class App {
 public:
  static Result<std::unique_ptr<App>> Open(House house, Options options);
  ~App();

  // Total: an error is a response.
  Response Handle(const Request& asked);
  // Takes in what was decided since, and lets go of what is over; called every few seconds.
  void Follow();
  const Options& options() const { return options_; }

  // The answers, in the order of the table. Each is called with the route's permission given in
  // some scope; what it shows or does is bounded by Call::rights again.
  Response SignIn(Call* call);
  Response SignOut(Call* call);
  Response Me(Call* call);
  Response SetMe(Call* call);
  Response Unlock(Call* call);
  Response Lock(Call* call);
  Response Summary(Call* call);
  Response HeldList(Call* call);
  Response HeldDetail(Call* call);
  Response HeldView(Call* call);
  Response HeldFrame(Call* call);
  Response HeldPicture(Call* call);
  Response HeldDownload(Call* call);
  Response HeldPackage(Call* call);
  Response Release(Call* call);
  Response Delete(Call* call);
  Response Wrongly(Call* call);
  Response Ask(Call* call);
  Response Decide(Call* call);
  Response Urgent(Call* call);
  Response Countersign(Call* call);
  Response Countersigns(Call* call);
  Response AddException(Call* call);
  Response Exceptions(Call* call);
  Response RemoveException(Call* call);
  Response Blocks(Call* call);
  Response AddBlock(Call* call);
  Response RemoveBlock(Call* call);
  Response Outbreaks(Call* call);
  Response OutbreakDetail(Call* call);
  Response Outages(Call* call);
  Response StartOutage(Call* call);
  Response UpdateOutage(Call* call);
  Response EndOutage(Call* call);
  Response Decisions(Call* call);
  Response Statistics(Call* call);
  Response Rules(Call* call);
  Response Generations(Call* call);
  Response Audit(Call* call);
  Response Access(Call* call);
  Response OpenApi(Call* call);

 private:
  App(House house, Options options);

  // kNone: nobody is signed in. Sets call->account, rights and session.
  bool Identify(Call* call);
  bool FromProxy(const Request& request) const;
  void LookBehindProxy(Request* request) const;
  bool CsrfFits(const Call& call) const;
  // An entry that the asker may see for `permission`; otherwise *no is the answer: the same for
  // what does not exist and what is somebody else's.
  std::optional<record::Held> FindHeld(const Call& call, const std::string& id,
                                       Permission permission, Response* no);
  using Kind = record::AuditKind;
  // On the record, before it is done.
  Status Write(const Call& call, Kind kind, const std::string& held_id, const std::string& reason,
               std::vector<std::pair<std::string, std::string>> details = {});
  record::AuditEvent EventOf(const Call& call, Kind kind, const std::string& held_id,
                             const std::string& reason) const;
  Status Took(const Call& call, Kind kind, const std::string& id, const Status& status);
  Json AccountJson(const Call& call) const;
  Json HeldJson(const Call& call, const record::Held& held) const;
  std::vector<mail::Address> ChosenRecipients(const Call& call, const record::Held& held,
                                              const std::vector<std::string>& wanted) const;
  // Begins the release, with the trail before and after; {id, outcome, message}. urgent_ms: as
  // record::ReleaseOptions.
  Json LetGo(const Call& call, const record::Held& held,
             const std::vector<mail::Address>& recipients, const std::string& reason,
             int64_t urgent_ms);
  // Why this asker cannot release it urgently; Ok: they can.
  Status MayBeUrgent(const record::Held& held) const;
  // Takes what the trail says since the last time into wrongly_ and urgent_.
  Status ReadTrail();
  // With the trail first; {.., open, notice}. what: "start", "update", "end".
  Response PutOutage(const Call& call, const char* what, const record::Outage& outage);
  struct Kept {
    enum class Use : uint8_t { kFrame, kPicture, kCopy } use = Use::kFrame;
    std::string session, held_id, type, bytes, name;
    int64_t until_ms = 0;
  };
  // Keeps bytes for a later GET of the same session; the oldest go first.
  std::string Keep(const Call& call, Kept::Use use, std::string type, std::string bytes,
                   std::string name = "");
  Response HandOut(Call* call, Kept::Use use);
  void Sweep();
  // What gatepostd answers to {"do": what} about this message.
  Result<Json> AskAbout(const char* what, const record::Held& held, Bytes message,
                        const std::string& password);
  void AddPictures(const Call& call, const record::Held& held, Bytes message,
                   const std::string& password, Json* shown);
  // Sealed, and this session has unlocked no key: *no says so.
  bool MissesKey(const Call& call, const record::Held& held, Response* no) const;
  // What `record` is asked with; null where nothing was unlocked.
  static const record::PrivateKey* KeyOf(const Call& call) { return call.session.key.get(); }
  // Free text in what is sealed: entry by entry, with the session's key.
  Result<Json> SearchSealed(const Call& call, record::HeldQuery query);
  bool IsWrongly(const std::string& id);

  const House house_;
  const Options options_;
  Accounts accounts_;
  Sessions sessions_;
  Brake brake_;
  std::mutex password_mutex_;  // one argon2id at a time: its memory is the limit
  std::unique_ptr<record::AuditTrail> trail_;
  std::unique_ptr<record::Quarantine> quarantine_;
  std::unique_ptr<record::DecisionIndex> decisions_;
  record::HeldTable table_;
  std::mutex kept_mutex_;
  std::map<std::string, Kept> kept_;
  size_t kept_bytes_ = 0;
  // Under kept_mutex_: what the trail says, read up to trail_ms_.
  std::set<std::string> wrongly_, urgent_;
  int64_t trail_ms_ = 0;
};

}  // namespace gatepost::console
