// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/exceptions.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/utf8.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

namespace {

constexpr size_t kMostExceptions = 5'000;
constexpr const char* kName = "exceptions";
constexpr const char* kAdvice = "'gatepost exceptions remove --expired' makes room";
constexpr size_t kMostRules = 200;

bool IsRule(const std::string& text) {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != ',' && c != '"';
  });
}

Result<policy::Exception> FromJson(const std::string& where, const Json& json) {
  constexpr std::array<const char*, 8> kKeys = {"id",    "sender", "sha256",  "rules",
                                                "owner", "reason", "created", "expires"};
  if (!json.is_object()) {
    return Status::Invalid(where + ": is not an object");
  }
  policy::Exception one;
  for (const auto& [key, value] : json.items()) {
    const std::string name = key;
    if (std::none_of(kKeys.begin(), kKeys.end(), [&](const char* k) { return name == k; })) {
      return Status::Invalid(where + ": unknown key '" + PrintableUtf8(name, 40) + "'");
    }
    if (name == "rules") {
      if (!value.is_array()) {
        return Status::Invalid(where + ": 'rules' must be a list");
      }
      for (const Json& rule : value) {
        if (!rule.is_string()) {
          return Status::Invalid(where + ": 'rules' must be a list of rule ids");
        }
        one.rules.push_back(rule.get<std::string>());
      }
      continue;
    }
    if (!value.is_string()) {
      return Status::Invalid(where + ": '" + name + "' must be a text");
    }
    const std::string text = value.get<std::string>();
    if (name == "created" || name == "expires") {
      const int64_t at = ParseTime(text, 0);
      if (at <= 0) {
        return Status::Invalid(where + ": '" + name + "' must be a time such as " +
                               "2026-11-23T20:45:00Z");
      }
      (name == "created" ? one.created_ms : one.expires_ms) = at;
      continue;
    }
    (name == "id"       ? one.id
     : name == "sender" ? one.sender
     : name == "sha256" ? one.sha256
     : name == "owner"  ? one.owner
                        : one.reason) = text;
  }
  if (one.id.empty() || !IsRule(one.id)) {
    return Status::Invalid(where + ": 'id' is missing");
  }
  if (const Status checked = CheckException(one); !checked.ok()) {
    return Status::Invalid(where + ": " + checked.message());
  }
  return one;
}

std::vector<Json> ToJson(const policy::Exceptions& all) {
  std::vector<Json> out;
  for (const policy::Exception& one : all) {
    out.push_back(record::ToJson(one));
  }
  return out;
}

// Mail of these kinds never passes by an exception.
constexpr std::array<const char*, 4> kGuarded = {"virus", "marking", "unscannable", "ambiguous"};

}  // namespace

Result<policy::Exceptions> ExceptionsLike(const Held& held, const std::string& log, bool by_file) {
  const auto never = [&held](const std::string& why) {
    return Status::Invalid(held.id + ": " + why);
  };
  if (held.marked) {
    return never("a marking was found, and no exception ever lets such mail pass");
  }
  if (std::find(kGuarded.begin(), kGuarded.end(), held.category) != kGuarded.end()) {
    return never("it is held as '" + held.category +
                 "', and no exception ever lets such mail pass");
  }
  if (held.rules.empty()) {
    return never("no rule hit; clause '" + held.clause +
                 "' holds it for what it is, which an exception cannot take away");
  }
  policy::Exception like;
  like.rules = held.rules;
  if (!by_file) {
    if (held.envelope.sender.is_null()) {
      return never("it has no sender; name its attachments instead");
    }
    like.sender = held.envelope.sender.key();
    return policy::Exceptions{like};
  }
  policy::Exceptions files;
  GATEPOST_RETURN_IF_ERROR(ReadLog(
      log,
      [&](const Json& record) {
        if (record.value("id", "") != held.decision_id) {
          return true;
        }
        for (const Json& part : record.value("parts", Json::array())) {
          like.sha256 = part.is_object() ? part.value("sha256", "") : "";
          if (!like.sha256.empty()) {
            files.push_back(like);
          }
        }
        return false;
      },
      held.held_at_ms - 86'400'000));
  if (files.empty()) {
    return never("the log knows no attachment of it");
  }
  return files;
}

std::string ExceptionsFile(const std::string& state_folder) {
  return state_folder + "/exceptions.json";
}

Json ToJson(const policy::Exception& exception) {
  Json out = {{"id", exception.id}};
  if (!exception.sender.empty()) {
    out["sender"] = exception.sender;
  }
  if (!exception.sha256.empty()) {
    out["sha256"] = exception.sha256;
  }
  if (!exception.rules.empty()) {
    out["rules"] = exception.rules;
  }
  out["owner"] = exception.owner;
  out["reason"] = exception.reason;
  out["created"] = Rfc3339(exception.created_ms);
  out["expires"] = Rfc3339(exception.expires_ms);
  return out;
}

Status CheckException(const policy::Exception& exception) {
  if (exception.sender.empty() && exception.sha256.empty() && exception.rules.empty()) {
    return Status::Invalid("an exception names a sender, a file's sha256 or rules");
  }
  if (!exception.sender.empty() && !IsSenderPattern(exception.sender)) {
    return Status::Invalid("'" + PrintableUtf8(exception.sender, 100) +
                           "' is no sender: write a@b.example, b.example or .b.example");
  }
  if (!exception.sha256.empty() && !IsSha256Hex(exception.sha256)) {
    return Status::Invalid("'sha256' must be 64 characters of 0-9 and a-f");
  }
  if (exception.rules.size() > kMostRules ||
      !std::all_of(exception.rules.begin(), exception.rules.end(), IsRule)) {
    return Status::Invalid("'rules' must be at most 200 rule ids, * and ? allowed");
  }
  if (exception.owner.empty() || !IsPersonsText(exception.owner)) {
    return Status::Invalid("somebody must answer for an exception: 'owner' is missing");
  }
  if (exception.reason.empty() || !IsPersonsText(exception.reason)) {
    return Status::Invalid("an exception needs a reason of at most 500 bytes");
  }
  if (exception.expires_ms <= exception.created_ms ||
      exception.expires_ms - exception.created_ms > kLongestExceptionMs) {
    return Status::Invalid("an exception ends within 366 days");
  }
  return {};
}

Result<policy::Exceptions> ReadExceptions(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<Json> list,
                            ReadStanding(file, kName, kMostExceptions, kAdvice));
  policy::Exceptions all;
  std::set<std::string> ids;
  for (size_t i = 0; i < list.size(); ++i) {
    GATEPOST_ASSIGN_OR_RETURN(policy::Exception one,
                              FromJson(file + ": exception " + std::to_string(i + 1), list[i]));
    if (!ids.insert(one.id).second) {
      return Status::Invalid(file + ": the id '" + one.id + "' is given twice");
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<policy::Exception> AddException(const std::string& file, policy::Exception exception) {
  exception.id = "EX-" + MakeId(exception.created_ms).substr(3);
  GATEPOST_RETURN_IF_ERROR(CheckException(exception));
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, LockStanding(file));
  GATEPOST_ASSIGN_OR_RETURN(policy::Exceptions all, ReadExceptions(file));
  if (all.size() >= kMostExceptions) {
    return Status::NoSpace(
        "there are 5,000 exceptions; 'gatepost exceptions remove --expired' makes room");
  }
  all.push_back(exception);
  GATEPOST_RETURN_IF_ERROR(WriteStanding(file, kName, ToJson(all)));
  return exception;
}

Result<policy::Exceptions> RemoveExceptions(
    const std::string& file, const std::function<bool(const policy::Exception&)>& which) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, LockStanding(file));
  GATEPOST_ASSIGN_OR_RETURN(policy::Exceptions all, ReadExceptions(file));
  policy::Exceptions removed;
  policy::Exceptions rest;
  for (policy::Exception& one : all) {
    (which(one) ? removed : rest).push_back(std::move(one));
  }
  if (!removed.empty()) {
    GATEPOST_RETURN_IF_ERROR(WriteStanding(file, kName, ToJson(rest)));
  }
  return removed;
}

}  // namespace gatepost::record
