// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/blocks.h"

#include <set>
#include <utility>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/utf8.h"

namespace gatepost::record {

namespace {

constexpr size_t kMostBlocks = 1'000;
constexpr const char* kName = "blocks";
constexpr const char* kAdvice = "'gatepost block remove --expired' makes room";

Result<policy::Block> FromJson(const std::string& where, const Json& json) {
  policy::Block one;
  GATEPOST_RETURN_IF_ERROR(
      EachText(where, json, [&one](const std::string& key, const std::string& text) {
        if (key == "created" || key == "expires") {
          int64_t* const at = key == "created" ? &one.created_ms : &one.expires_ms;
          *at = ParseTime(text, 0);
          return *at > 0;
        }
        std::string* const field = key == "id"          ? &one.id
                                   : key == "sha256"    ? &one.sha256
                                   : key == "from"      ? &one.from
                                   : key == "auth_user" ? &one.auth_user
                                   : key == "owner"     ? &one.owner
                                   : key == "reason"    ? &one.reason
                                                        : nullptr;
        if (field != nullptr) {
          *field = text;
        }
        return field != nullptr;
      }));
  if (one.id.empty() || !IsPersonsText(one.id)) {
    return Status::Invalid(where + ": 'id' is missing");
  }
  if (const Status checked = CheckBlock(one); !checked.ok()) {
    return Status::Invalid(where + ": " + checked.message());
  }
  return one;
}

std::vector<Json> ToJson(const policy::Blocks& all) {
  std::vector<Json> out;
  for (const policy::Block& one : all) {
    out.push_back(record::ToJson(one));
  }
  return out;
}

}  // namespace

std::string BlocksFile(const std::string& state_folder) { return state_folder + "/blocks.json"; }

Json ToJson(const policy::Block& block) {
  Json out = {{"id", block.id}};
  for (const auto& [key, value] : {std::pair("sha256", &block.sha256),
                                   {"from", &block.from},
                                   {"auth_user", &block.auth_user}}) {
    if (!value->empty()) {
      out[key] = *value;
    }
  }
  out["owner"] = block.owner;
  out["reason"] = block.reason;
  out["created"] = Rfc3339(block.created_ms);
  out["expires"] = Rfc3339(block.expires_ms);
  return out;
}

Status CheckBlock(const policy::Block& block) {
  const int given = (block.sha256.empty() ? 0 : 1) + (block.from.empty() ? 0 : 1) +
                    (block.auth_user.empty() ? 0 : 1);
  if (given != 1) {
    return Status::Invalid(
        "a block names one thing: a file (--sha256, --file), a sender (--from) or a user who "
        "signs in (--auth-user)");
  }
  if (!block.sha256.empty() && !IsSha256Hex(block.sha256)) {
    return Status::Invalid("'sha256' must be 64 characters of 0-9 and a-f");
  }
  if (!block.from.empty() && block.from != "<>" && !IsSenderPattern(block.from)) {
    return Status::Invalid("'" + PrintableUtf8(block.from, 100) +
                           "' is no sender: write a@b.example, b.example, .b.example, or <> for "
                           "mail without a sender");
  }
  if (!IsPersonsText(block.auth_user)) {
    return Status::Invalid("'auth_user' must be a name of at most 500 bytes");
  }
  if (block.owner.empty() || !IsPersonsText(block.owner)) {
    return Status::Invalid("somebody must answer for a block: 'owner' is missing");
  }
  if (block.reason.empty() || !IsPersonsText(block.reason)) {
    return Status::Invalid("a block needs a reason of at most 500 bytes");
  }
  if (block.expires_ms <= block.created_ms ||
      block.expires_ms - block.created_ms > kLongestBlockMs) {
    return Status::Invalid("a block ends within 366 days");
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> BlockDetails(const std::string& what,
                                                              const policy::Block& block) {
  std::vector<std::pair<std::string, std::string>> details = {
      {"what", what}, {"owner", block.owner}, {"until", Rfc3339(block.expires_ms)}};
  for (const auto& [name, value] :
       {std::pair("block", &block.id), std::pair("sha256", &block.sha256),
        std::pair("from", &block.from), std::pair("auth_user", &block.auth_user)}) {
    if (!value->empty()) {
      details.emplace_back(name, *value);
    }
  }
  return details;
}

Result<policy::Blocks> ReadBlocks(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<Json> list,
                            ReadStanding(file, kName, kMostBlocks, kAdvice));
  policy::Blocks all;
  std::set<std::string> ids;
  for (size_t i = 0; i < list.size(); ++i) {
    GATEPOST_ASSIGN_OR_RETURN(policy::Block one,
                              FromJson(file + ": block " + std::to_string(i + 1), list[i]));
    if (!ids.insert(one.id).second) {
      return Status::Invalid(file + ": the id '" + one.id + "' is given twice");
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<policy::Block> AddBlock(const std::string& file, policy::Block block) {
  block.id = "BL-" + MakeId(block.created_ms).substr(3);
  GATEPOST_RETURN_IF_ERROR(CheckBlock(block));
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, LockStanding(file));
  GATEPOST_ASSIGN_OR_RETURN(policy::Blocks all, ReadBlocks(file));
  if (all.size() >= kMostBlocks) {
    return Status::NoSpace("there are 1,000 blocks; 'gatepost block remove --expired' makes room");
  }
  all.push_back(block);
  GATEPOST_RETURN_IF_ERROR(WriteStanding(file, kName, ToJson(all)));
  return block;
}

Result<policy::Blocks> RemoveBlocks(const std::string& file,
                                    const std::function<bool(const policy::Block&)>& which) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, LockStanding(file));
  GATEPOST_ASSIGN_OR_RETURN(const policy::Blocks all, ReadBlocks(file));
  policy::Blocks removed;
  policy::Blocks rest;
  for (const policy::Block& one : all) {
    (which(one) ? removed : rest).push_back(one);
  }
  if (!removed.empty()) {
    GATEPOST_RETURN_IF_ERROR(WriteStanding(file, kName, ToJson(rest)));
  }
  return removed;
}

}  // namespace gatepost::record
