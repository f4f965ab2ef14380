// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_json.h"

#include <utility>

#include "src/base/clock.h"
#include "src/base/utf8.h"

namespace gatepost::record {

namespace {

// Addresses must come back byte for byte, and JSON holds UTF-8 only.
Json Exact(const std::string& bytes) {
  return IsUtf8(bytes) ? Json(bytes) : Json{{"hex", Hex(bytes)}};
}

int Nibble(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool FromExact(const Json& json, std::string* out) {
  if (json.is_string()) {
    *out = json.get<std::string>();
    return true;
  }
  if (!json.is_object() || !json.contains("hex") || !json["hex"].is_string()) {
    return false;
  }
  const std::string hex = json["hex"].get<std::string>();
  out->clear();
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = Nibble(hex[i]);
    const int low = Nibble(hex[i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    out->push_back(static_cast<char>(high * 16 + low));
  }
  return hex.size() % 2 == 0;
}

// Reads keys of one object; remembers the first that does not fit.
class Reader {
 public:
  Reader(std::string where, const Json& json) : where_(std::move(where)), json_(json) {}

  void Text(const char* key, std::string* out) {
    const Json* value = Get(key);
    if (value != nullptr && !FromExact(*value, out)) {
      Bad(key);
    }
  }
  void Int(const char* key, int64_t* out) {
    const Json* value = Get(key);
    if (value != nullptr && value->is_number_integer()) {
      *out = value->get<int64_t>();
    } else if (value != nullptr) {
      Bad(key);
    }
  }
  void Bool(const char* key, bool* out) {
    const Json* value = Get(key);
    if (value != nullptr && value->is_boolean()) {
      *out = value->get<bool>();
    } else if (value != nullptr) {
      Bad(key);
    }
  }
  void Double(const char* key, double* out) {
    const Json* value = Get(key);
    if (value != nullptr && value->is_number()) {
      *out = value->get<double>();
    } else if (value != nullptr) {
      Bad(key);
    }
  }
  // Null: absent or no list.
  const Json* List(const char* key) {
    const Json* value = Get(key);
    if (value != nullptr && !value->is_array()) {
      Bad(key);
      return nullptr;
    }
    return value;
  }
  void Addresses(const char* key, std::vector<mail::Address>* out) {
    const Json* const list = List(key);
    if (list == nullptr) {
      return;
    }
    std::string text;
    for (const Json& item : *list) {
      if (!FromExact(item, &text)) {
        Bad(key);
      }
      out->push_back(mail::Address::Parse(text));
    }
  }
  void Bad(const char* key) {
    if (status_.ok()) {
      status_ = Status::Invalid(where_ + ": '" + key + "' does not fit");
    }
  }
  const Status& status() const { return status_; }

 private:
  const Json* Get(const char* key) {
    if (!json_.is_object()) {
      Bad(key);
      return nullptr;
    }
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  std::string where_;
  const Json& json_;
  Status status_;
};

bool StateFromString(std::string_view text, HeldState* out) {
  for (const HeldState state :
       {HeldState::kHeld, HeldState::kReleasing, HeldState::kReleased, HeldState::kDeleted}) {
    if (text == ToString(state)) {
      *out = state;
      return true;
    }
  }
  return false;
}

bool DirectionFromString(std::string_view text, mail::Direction* out) {
  for (const mail::Direction one : {mail::Direction::kInbound, mail::Direction::kOutbound,
                                    mail::Direction::kInternal, mail::Direction::kRelay}) {
    if (text == mail::ToString(one)) {
      *out = one;
      return true;
    }
  }
  return false;
}

Json EnvelopeToJson(const mail::Envelope& envelope) {
  Json out;
  out["sender"] = Exact(envelope.sender.spelling());
  out["recipients"] = Json::array();
  for (const mail::Recipient& one : envelope.recipients) {
    out["recipients"].push_back(
        {{"address", Exact(one.address.spelling())}, {"direction", mail::ToString(one.direction)}});
  }
  out["client_ip"] = Exact(envelope.client_ip);
  out["client_name"] = Exact(envelope.client_name);
  out["helo"] = Exact(envelope.helo);
  out["auth_user"] = Exact(envelope.auth_user);
  out["daemon_name"] = Exact(envelope.daemon_name);
  out["queue_id"] = Exact(envelope.queue_id);
  out["tls_version"] = Exact(envelope.tls_version);
  out["smtputf8"] = envelope.smtputf8;
  out["received_at_ms"] = envelope.received_at_ms;
  out["sender_is_ours"] = envelope.sender_is_ours;
  return out;
}

Status EnvelopeFromJson(const std::string& where, const Json& json, mail::Envelope* out) {
  Reader reader(where, json);
  std::string text;
  reader.Text("sender", &text);
  out->sender = mail::Address::Parse(text);
  reader.Text("client_ip", &out->client_ip);
  reader.Text("client_name", &out->client_name);
  reader.Text("helo", &out->helo);
  reader.Text("auth_user", &out->auth_user);
  reader.Text("daemon_name", &out->daemon_name);
  reader.Text("queue_id", &out->queue_id);
  reader.Text("tls_version", &out->tls_version);
  reader.Bool("smtputf8", &out->smtputf8);
  reader.Int("received_at_ms", &out->received_at_ms);
  reader.Bool("sender_is_ours", &out->sender_is_ours);
  if (const Json* list = reader.List("recipients"); list != nullptr) {
    for (const Json& item : *list) {
      Reader one(where, item);
      mail::Recipient recipient;
      text.clear();
      one.Text("address", &text);
      recipient.address = mail::Address::Parse(text);
      text.clear();
      one.Text("direction", &text);
      if (!DirectionFromString(text, &recipient.direction)) {
        one.Bad("direction");
      }
      GATEPOST_RETURN_IF_ERROR(one.status());
      out->recipients.push_back(std::move(recipient));
    }
  }
  return reader.status();
}

Json AddressesToJson(const std::vector<mail::Address>& addresses) {
  Json out = Json::array();
  for (const mail::Address& one : addresses) {
    out.push_back(Exact(one.spelling()));
  }
  return out;
}

bool RequestStateFromString(std::string_view text, RequestState* out) {
  for (const RequestState state : {RequestState::kPending, RequestState::kApproved,
                                   RequestState::kDenied, RequestState::kUsed}) {
    if (text == ToString(state)) {
      *out = state;
      return true;
    }
  }
  return false;
}

Json RequestToJson(const ReleaseRequest& request) {
  Json out = {{"id", request.id},
              {"state", ToString(request.state)},
              {"by", ToValidUtf8(request.by)},
              {"reason", ToValidUtf8(request.reason)},
              {"at_ms", request.at_ms},
              {"expires_at_ms", request.expires_at_ms},
              {"recipients", AddressesToJson(request.recipients)},
              {"decided_by", ToValidUtf8(request.decided_by)},
              {"decision_reason", ToValidUtf8(request.decision_reason)},
              {"decided_at_ms", request.decided_at_ms},
              {"override_infection", request.override_infection}};
  if (request.countersign_by_ms > 0) {
    out["countersign_by_ms"] = request.countersign_by_ms;
  }
  return out;
}

Result<ReleaseRequest> RequestFromJson(const std::string& where, const Json& json) {
  ReleaseRequest request;
  Reader reader(where, json);
  std::string state;
  reader.Text("id", &request.id);
  reader.Text("state", &state);
  if (!RequestStateFromString(state, &request.state)) {
    reader.Bad("state");
  }
  reader.Text("by", &request.by);
  reader.Text("reason", &request.reason);
  reader.Int("at_ms", &request.at_ms);
  reader.Int("expires_at_ms", &request.expires_at_ms);
  reader.Addresses("recipients", &request.recipients);
  reader.Text("decided_by", &request.decided_by);
  reader.Text("decision_reason", &request.decision_reason);
  reader.Int("decided_at_ms", &request.decided_at_ms);
  reader.Bool("override_infection", &request.override_infection);
  reader.Int("countersign_by_ms", &request.countersign_by_ms);
  return reader.status().ok() ? Result<ReleaseRequest>(std::move(request))
                              : Result<ReleaseRequest>(reader.status());
}

}  // namespace

const char* ToString(HeldState state) {
  switch (state) {
    case HeldState::kHeld:
      return "held";
    case HeldState::kReleasing:
      return "releasing";
    case HeldState::kReleased:
      return "released";
    case HeldState::kDeleted:
      return "deleted";
  }
  return "";
}

const char* ToString(RequestState state) {
  switch (state) {
    case RequestState::kPending:
      return "pending";
    case RequestState::kApproved:
      return "approved";
    case RequestState::kDenied:
      return "denied";
    case RequestState::kUsed:
      return "used";
  }
  return "";
}

Json HeldToJson(const Held& held) {
  Json out;
  out["v"] = 1;
  out["id"] = held.id;
  out["state"] = ToString(held.state);
  out["decision_id"] = held.decision_id;
  out["category"] = held.category;
  out["clause"] = held.clause;
  out["marked"] = held.marked;
  out["sealed"] = held.sealed;
  out["held_at_ms"] = held.held_at_ms;
  out["size"] = held.size;
  out["key"] = held.key;
  out["sha256"] = held.sha256;
  out["envelope"] = EnvelopeToJson(held.envelope);
  out["subject"] = ToValidUtf8(held.subject);
  out["header_from"] = ToValidUtf8(held.header_from);
  out["message_id"] = ToValidUtf8(held.message_id);
  out["rules"] = held.rules;
  out["score"] = held.score;
  out["release_id"] = held.release_id;
  out["releasing"] = AddressesToJson(held.releasing);
  out["released"] = Json::array();
  for (const ReleaseMark& one : held.released) {
    out["released"].push_back({{"recipient", Exact(one.recipient.spelling())},
                               {"release_id", one.release_id},
                               {"at_ms", one.at_ms},
                               {"actor", ToValidUtf8(one.actor)}});
  }
  out["last_actor"] = ToValidUtf8(held.last_actor);
  out["changed_at_ms"] = held.changed_at_ms;
  out["tell_sender"] = held.tell_sender;
  if (!held.requests.empty()) {
    out["requests"] = Json::array();
  }
  for (const ReleaseRequest& one : held.requests) {
    out["requests"].push_back(RequestToJson(one));
  }
  return out;
}

Result<Held> HeldFromJson(const std::string& where, const Json& json) {
  Held held;
  Reader reader(where, json);
  std::string state;
  int64_t size = 0;
  reader.Text("id", &held.id);
  reader.Text("state", &state);
  if (!StateFromString(state, &held.state)) {
    reader.Bad("state");
  }
  reader.Text("decision_id", &held.decision_id);
  reader.Text("category", &held.category);
  reader.Text("clause", &held.clause);
  reader.Bool("marked", &held.marked);
  reader.Bool("sealed", &held.sealed);
  reader.Int("held_at_ms", &held.held_at_ms);
  reader.Int("size", &size);
  held.size = size < 0 ? 0 : static_cast<uint64_t>(size);
  reader.Text("key", &held.key);
  reader.Text("sha256", &held.sha256);
  reader.Text("subject", &held.subject);
  reader.Text("header_from", &held.header_from);
  reader.Text("message_id", &held.message_id);
  reader.Double("score", &held.score);
  reader.Text("release_id", &held.release_id);
  reader.Text("last_actor", &held.last_actor);
  reader.Int("changed_at_ms", &held.changed_at_ms);
  reader.Bool("tell_sender", &held.tell_sender);
  if (const Json* list = reader.List("rules"); list != nullptr) {
    for (const Json& item : *list) {
      if (item.is_string()) {
        held.rules.push_back(item.get<std::string>());
      } else {
        reader.Bad("rules");
      }
    }
  }
  std::string text;
  reader.Addresses("releasing", &held.releasing);
  if (const Json* list = reader.List("released"); list != nullptr) {
    for (const Json& item : *list) {
      Reader one(where, item);
      ReleaseMark mark;
      text.clear();
      one.Text("recipient", &text);
      mark.recipient = mail::Address::Parse(text);
      one.Text("release_id", &mark.release_id);
      one.Int("at_ms", &mark.at_ms);
      one.Text("actor", &mark.actor);
      GATEPOST_RETURN_IF_ERROR(one.status());
      held.released.push_back(std::move(mark));
    }
  }
  if (const Json* list = reader.List("requests"); list != nullptr) {
    for (const Json& item : *list) {
      GATEPOST_ASSIGN_OR_RETURN(ReleaseRequest request, RequestFromJson(where, item));
      held.requests.push_back(std::move(request));
    }
  }
  GATEPOST_RETURN_IF_ERROR(reader.status());
  const auto envelope = json.find("envelope");
  if (envelope == json.end()) {
    return Status::Invalid(where + ": 'envelope' is missing");
  }
  GATEPOST_RETURN_IF_ERROR(EnvelopeFromJson(where, *envelope, &held.envelope));
  return held;
}

}  // namespace gatepost::record
