// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/outbreak_desk.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "src/base/clock.h"
#include "src/base/command.h"
#include "src/base/ids.h"
#include "src/base/journal.h"
#include "src/gateway/outbreak_words.h"
#include "src/record/decision_log.h"
#include "src/record/house_mail.h"
#include "src/record/standing.h"

namespace gatepost::gateway {

namespace {

constexpr size_t kMostCases = 100;
constexpr size_t kMostDecisions = 5'000;
constexpr size_t kMostRecipients = 20'000;
constexpr int64_t kCommandMs = 60'000;
constexpr int64_t kTryAgainMs = 60'000;
constexpr const char* kName = "outbreaks";

bool KindFromString(const std::string& word, Shared::Kind* out) {
  for (const Shared::Kind one :
       {Shared::Kind::kAttachment, Shared::Kind::kBody, Shared::Kind::kAccount}) {
    if (word == ToString(one)) {
      *out = one;
      return true;
    }
  }
  return false;
}

template <typename Number>
Number NumberOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<Number>() : Number{};
}

std::string Time(int64_t ms) { return ms > 0 ? Rfc3339(ms) : ""; }

int64_t TimeOf(const Json& object, const char* key) {
  const std::string text = Word(object, key);
  return text.empty() ? 0 : ParseTime(text, 0);
}

Result<OutbreakCase> FromJson(const std::string& where, const Json& json) {
  OutbreakCase one;
  if (!json.is_object() || !KindFromString(Word(json, "kind"), &one.kind)) {
    return Status::Invalid(where + ": is no outbreak");
  }
  one.id = Word(json, "id");
  one.what = Word(json, "what");
  one.begun_ms = TimeOf(json, "begun");
  one.seen_ms = TimeOf(json, "seen");
  one.told_ms = TimeOf(json, "told");
  one.messages = NumberOf<uint64_t>(json, "messages");
  one.told_of = NumberOf<uint64_t>(json, "told_of");
  one.tellings = NumberOf<uint32_t>(json, "tellings");
  one.over = json.value("over", Json()) == true;
  one.told_over = json.value("told_over", Json()) == true;
  one.trouble = Word(json, "trouble");
  one.file = Word(json, "file");
  one.type = Word(json, "type");
  for (const Json& number : json.value("name", Json::array())) {
    one.name.push_back(number.is_number_unsigned() ? number.get<uint64_t>() : 0);
  }
  for (const Json& id : json.value("decisions", Json::array())) {
    one.decisions.push_back(id.is_string() ? id.get<std::string>() : "");
  }
  for (const Json& sender : json.value("senders", Json::array())) {
    one.senders.insert(sender.is_string() ? sender.get<std::string>() : "");
  }
  for (const Json& recipient : json.value("recipients", Json::array())) {
    one.recipients[Word(recipient, "rcpt")] = Word(recipient, "action");
  }
  return one;
}

// Of two copies for one person the one that arrived counts: that is what the desk has to clean up.
bool ReachedFurther(const std::string& action, const std::string& than) {
  const auto rank = [](const std::string& one) {
    return one == "accept" || one == "tag" ? 3 : one == "quarantine" ? 2 : one == "reject" ? 1 : 0;
  };
  return rank(action) > rank(than);
}

}  // namespace

const char* ToString(Shared::Kind kind) {
  switch (kind) {
    case Shared::Kind::kAttachment:
      return "attachment";
    case Shared::Kind::kBody:
      return "body";
    case Shared::Kind::kAccount:
      return "account";
  }
  return "";
}

std::string OutbreaksFile(const std::string& state_folder) {
  return state_folder + "/outbreaks.json";
}

Json ToJson(const OutbreakCase& one, bool brief) {
  Json out = {{"id", one.id},
              {"kind", ToString(one.kind)},
              {"what", one.what},
              {"begun", Time(one.begun_ms)},
              {"seen", Time(one.seen_ms)},
              {"told", Time(one.told_ms)},
              {"tellings", one.tellings},
              {"messages", one.messages},
              {"over", one.over},
              {"trouble", one.trouble},
              {"file", one.file},
              {"type", one.type},
              {"senders", one.senders},
              {"recipients", Json::array()}};
  for (const auto& [rcpt, action] : one.recipients) {
    out["recipients"].push_back({{"rcpt", rcpt}, {"action", action}});
  }
  if (!brief) {
    out["told_of"] = one.told_of;
    out["told_over"] = one.told_over;
    out["name"] = one.name;
    out["decisions"] = one.decisions;
  }
  return out;
}

Result<std::vector<OutbreakCase>> ReadOutbreaks(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(
      const std::vector<Json> list,
      record::ReadStanding(file, kName, kMostCases, "remove it while gatepostd stands"));
  std::vector<OutbreakCase> all;
  for (const Json& json : list) {
    GATEPOST_ASSIGN_OR_RETURN(OutbreakCase one, FromJson(file, json));
    all.push_back(std::move(one));
  }
  return all;
}

Status FillIn(const std::string& log, OutbreakCase* one) {
  const std::unordered_set<std::string> ids(one->decisions.begin(), one->decisions.end());
  constexpr int64_t kBeforeMs = Outbreak::kWindowMs + 60'000;
  return record::ReadLog(
      log,
      [&](const Json& record) {
        if (ids.count(Word(record, "id")) == 0) {
          return true;
        }
        one->senders.insert(Word(record, "from"));
        for (const Json& recipient : record.value("recipients", Json::array())) {
          const std::string rcpt = Word(recipient, "rcpt");
          const std::string action = Word(recipient, "action");
          const auto known = one->recipients.find(rcpt);
          if (known == one->recipients.end() && one->recipients.size() < kMostRecipients) {
            one->recipients.emplace(rcpt, action);
          } else if (known != one->recipients.end() && ReachedFurther(action, known->second)) {
            known->second = action;
          }
        }
        for (const Json& part : record.value("parts", Json::array())) {
          if (one->kind == Shared::Kind::kAttachment && Word(part, "sha256") == one->what) {
            one->file = Word(part, "path");
            one->type = Word(part, "type");
          }
        }
        return true;
      },
      one->begun_ms - kBeforeMs);
}

OutbreakDesk::OutbreakDesk(const std::string& state_folder, Outbreak* outbreak)
    : file_(OutbreaksFile(state_folder)), outbreak_(outbreak) {
  Result<std::vector<OutbreakCase>> known = ReadOutbreaks(file_);
  if (known.ok()) {
    cases_ = std::move(known).value();
  } else {
    Journal(Loudness::kWarning, "GP2041",
            "the outbreaks of before cannot be read: those that go on will be told anew",
            {{"reason", known.status().message()}});
  }
}

void OutbreakDesk::Note(const OutbreakOptions& options, const record::Decision& decision,
                        const Spread& spread) {
  if (record::HasMarking(decision) || decision.verdict.clause == "log-unfinished") {
    return;
  }
  const int64_t now_ms = decision.envelope.received_at_ms;
  const std::lock_guard<std::mutex> lock(mutex_);
  bool known = false;
  for (const Shared& shared : spread.all) {
    for (OutbreakCase& one : cases_) {
      if (!one.over && one.kind == shared.kind && SameContent(one.name, shared.name)) {
        one.seen_ms = std::max(one.seen_ms, now_ms);
        ++one.messages;
        if (one.decisions.size() < kMostDecisions) {
          one.decisions.push_back(decision.id);
        }
        known = changed_ = true;
        break;
      }
    }
  }
  if (known) {
    return;  // one alert an outbreak: this mail is part of one, whatever else it shares
  }
  // A file says most and can be blocked; then the letter; then who sends.
  for (const Shared::Kind kind :
       {Shared::Kind::kAttachment, Shared::Kind::kBody, Shared::Kind::kAccount}) {
    const auto spreads =
        std::find_if(spread.all.begin(), spread.all.end(), [&options, kind](const Shared& shared) {
          return shared.kind == kind &&
                 (kind == Shared::Kind::kAccount
                      ? shared.recipients > options.account_above
                      : std::max(shared.senders, shared.recipients) > options.above);
        });
    if (spreads != spread.all.end()) {
      Open(*spreads, now_ms);
      return;
    }
  }
}

void OutbreakDesk::Open(const Shared& shared, int64_t now_ms) {
  OutbreakCase one;
  one.id = "OB-" + MakeId(now_ms).substr(3);
  one.kind = shared.kind;
  one.name = shared.name;
  one.what = shared.what;
  one.begun_ms = one.seen_ms = now_ms;
  one.decisions = outbreak_->Decisions(shared.name);  // this one among them
  one.messages = one.decisions.size();
  cases_.push_back(std::move(one));
  changed_ = true;
  if (cases_.size() > kMostCases) {
    const auto old = std::find_if(cases_.begin(), cases_.end(),
                                  [](const OutbreakCase& before) { return before.over; });
    cases_.erase(old == cases_.end() ? cases_.begin() : old);
  }
}

Status OutbreakDesk::Tell(const Config& config, record::AuditTrail* audit, OutbreakCase* one) {
  GATEPOST_RETURN_IF_ERROR(FillIn(config.log, one));
  const OutbreakOptions& options = config.outbreak;
  const OutbreakWords words = DescribeOutbreak(*one, options.vietnamese, config.node);
  const char* const what = one->over ? "over" : one->tellings > 0 ? "update" : "alert";
  record::AuditEvent event;
  event.kind = record::AuditKind::kAlert;
  event.actor = event.via = "gatepostd";
  event.reason = one->id;
  event.details = {{"what", what},
                   {"kind", ToString(one->kind)},
                   {"content", one->what},
                   {"messages", std::to_string(one->messages)},
                   {"recipients", std::to_string(one->recipients.size())}};
  GATEPOST_RETURN_IF_ERROR(audit->Append(event));
  // The command hears of it even where Postfix takes no mail, and the other way round.
  Status mailed;
  if (!options.mail.empty()) {
    mailed = record::SendHouseMail({config.HouseAddress(), options.mail, words.subject, words.body},
                                   config.node, config.release, NowUnixMs());
  }
  Status ran;
  if (!options.command.empty()) {
    Json json = ToJson(*one, /*brief=*/true);
    json["what_now"] = what;
    json["node"] = config.node;
    json["subject"] = words.subject;
    json["text"] = words.body;
    ran = RunCommand("outbreak: the command", options.command, DumpJson(json) + "\n", kCommandMs);
  }
  // One of two ways that worked is enough: telling both again would be an alert twice.
  const bool told = (!options.mail.empty() && mailed.ok()) ||
                    (!options.command.empty() && ran.ok()) || !options.tells();
  one->trouble = mailed.ok() ? ran.message() : mailed.message();
  if (!one->trouble.empty()) {
    Journal(Loudness::kError, "GP2042", "the IT desk could not be told of an outbreak",
            {{"outbreak", one->id}, {"what", what}, {"reason", one->trouble}});
  }
  return told ? Status() : Status::Unavailable(one->trouble);
}

void OutbreakDesk::Tend(const Config& config, record::AuditTrail* audit) {
  const int64_t now_ms = NowUnixMs();
  std::vector<OutbreakCase> due;
  bool keep = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (OutbreakCase& one : cases_) {
      if (!one.over && one.seen_ms + Outbreak::kWindowMs < now_ms) {
        one.over = changed_ = true;
      }
      const bool news =
          one.messages > one.told_of && one.told_ms + config.outbreak.every_ms < now_ms;
      if ((!one.over && (one.told_ms == 0 || news)) || (one.over && !one.told_over)) {
        due.push_back(one);
      }
    }
    keep = std::exchange(changed_, false);
    if (SteadyMs() < try_again_ms_) {
      due.clear();
    }
  }
  for (OutbreakCase& one : due) {
    if (one.tellings == 0) {
      Journal(Loudness::kWarning, "GP2043", "an outbreak: the same content or account spreads",
              {{"outbreak", one.id},
               {"kind", ToString(one.kind)},
               {"content", one.what},
               {"messages", std::to_string(one.messages)}});
    }
    const uint64_t messages = one.messages;
    const Status told = Tell(config, audit, &one);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto mine = std::find_if(cases_.begin(), cases_.end(),
                                   [&](const OutbreakCase& now) { return now.id == one.id; });
    if (mine == cases_.end()) {
      continue;
    }
    mine->trouble = one.trouble;
    mine->recipients = std::move(one.recipients);
    mine->senders = std::move(one.senders);
    mine->file = one.file;
    mine->type = one.type;
    keep = true;
    if (told.ok()) {
      mine->told_ms = NowUnixMs();
      mine->told_of = messages;
      ++mine->tellings;
      mine->told_over = one.over;
    } else {
      try_again_ms_ = SteadyMs() + kTryAgainMs;
    }
  }
  if (!keep) {
    return;
  }
  std::vector<Json> list;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const OutbreakCase& one : cases_) {
      list.push_back(ToJson(one, /*brief=*/false));
    }
  }
  if (const Status written = record::WriteStanding(file_, kName, list); !written.ok()) {
    Journal(Loudness::kWarning, "GP2044",
            "the known outbreaks could not be kept: after a restart they are told anew",
            {{"reason", written.message()}});
  }
}

Json OutbreakDesk::State() const {
  Json all = Json::array();
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const OutbreakCase& one : cases_) {
    if (!one.over) {
      all.push_back({{"id", one.id},
                     {"kind", ToString(one.kind)},
                     {"what", one.what},
                     {"begun", Time(one.begun_ms)},
                     {"messages", one.messages},
                     {"recipients", one.recipients.size()},
                     {"trouble", one.trouble}});
    }
  }
  return all;
}

}  // namespace gatepost::gateway
