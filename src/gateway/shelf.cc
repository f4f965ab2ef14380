// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/shelf.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/journal.h"

namespace gatepost::gateway {

namespace fs = std::filesystem;

namespace {

bool OfLists(const Json& entry) { return Word(entry, "how") == "lists"; }

// What two generations that decide alike have in common.
Json Essence(const Json& entry) {
  return Json::array(
      {entry["folders"], Word(entry["versions"], "rules"), Word(entry["versions"], "policy")});
}

// Of a file that anything may have happened to: what the rest of this file asks of it.
bool IsGeneration(const Json& entry) {
  const auto has = [&](const char* key, Json::value_t type) {
    return entry.contains(key) && entry[key].type() == type;
  };
  return entry.is_object() && has("number", Json::value_t::number_unsigned) &&
         has("files", Json::value_t::array) && has("folders", Json::value_t::array) &&
         has("policy", Json::value_t::object) && has("versions", Json::value_t::object);
}

}  // namespace

std::string Shelf::Path(uint64_t number) const {
  return folder_ + "/" + std::to_string(number) + ".json";
}

Result<std::string> Shelf::PutBlob(const std::string& content) const {
  std::string digest = Sha256Hex(content);
  const std::string path = folder_ + "/blobs/" + digest;
  if (!fs::exists(path)) {
    GATEPOST_RETURN_IF_ERROR(WriteFileDurably(path, content));
    return digest;
  }
  // Read, as a disk may have lost what lies under the right name.
  if (const Result<std::string> there = ReadFile(path); !there.ok() || *there != content) {
    GATEPOST_RETURN_IF_ERROR(WriteFileDurably(path, content));
    Journal(Loudness::kWarning, "GP2028",
            "a kept content of the rules was damaged and was written anew", {{"file", path}});
  }
  return digest;
}

Result<std::string> Shelf::GetBlob(const Json& digest) const {
  if (!digest.is_string() || digest.get<std::string>().size() != 64) {
    return Status::Invalid(folder_ + ": a generation names no content");
  }
  const std::string path = folder_ + "/blobs/" + digest.get<std::string>();
  GATEPOST_ASSIGN_OR_RETURN(std::string content, ReadFile(path));
  if (Sha256Hex(content) != digest.get<std::string>()) {
    return Status::Invalid(path + ": is not what it was when it was kept");
  }
  return content;
}

Result<uint64_t> Shelf::Put(const RuleFiles& files, const Json& about) {
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder_, 0750));
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder_ + "/blobs", 0750));
  Json entry = about;
  entry["v"] = 1;
  entry["folders"] = Json::array();
  for (const ruleset::Sources::Folder& one : files.sources.folders()) {
    entry["folders"].push_back({{"path", one.path}, {"package", one.package}});
  }
  entry["files"] = Json::array();
  for (const auto& [name, content] : files.sources.files()) {
    GATEPOST_ASSIGN_OR_RETURN(const std::string digest, PutBlob(*content));
    entry["files"].push_back({{"folder", name.first}, {"path", name.second}, {"sha256", digest}});
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::string policy, PutBlob(files.policy));
  entry["policy"] = {{"path", files.policy_file}, {"sha256", policy}};
  entry["known_rules"] = nullptr;
  if (files.sources.known_rules() != nullptr) {
    std::string all;
    for (const std::string& id : *files.sources.known_rules()) {
      all += id + "\n";
    }
    GATEPOST_ASSIGN_OR_RETURN(const std::string digest, PutBlob(all));
    entry["known_rules"] = digest;
  }
  uint64_t number = 1;
  bool kept = false;
  for (const Json& one : List()) {
    const auto its = one.value("number", uint64_t{0});
    if (Essence(one) == Essence(entry)) {
      number = its;
      kept = true;
      break;
    }
    number = std::max(number, its + 1);
  }
  if (kept && number == active().number) {
    return number;  // who put it in force, and why, stays
  }
  entry["number"] = number;
  if (kept && OfLists(entry)) {
    entry["how"] = "reload";  // once made by hand, it is not among the first to go
  }
  GATEPOST_RETURN_IF_ERROR(WriteFileDurably(Path(number), DumpJson(entry) + "\n"));
  Clear(number);
  return number;
}

Result<RuleFiles> Shelf::Get(uint64_t number) const {
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(Path(number)));
  GATEPOST_ASSIGN_OR_RETURN(const Json entry, ParseJson(Path(number), text));
  try {
    std::vector<ruleset::Sources::Folder> folders;
    for (const Json& one : entry.at("folders")) {
      folders.push_back({one.at("path").get<std::string>(), one.at("package").get<bool>(), {}});
    }
    std::map<ruleset::Sources::Name, ruleset::Sources::Content> contents;
    for (const Json& one : entry.at("files")) {
      GATEPOST_ASSIGN_OR_RETURN(std::string content, GetBlob(one.at("sha256")));
      const auto folder = one.at("folder").get<size_t>();
      if (folder >= folders.size()) {
        return Status::Invalid(Path(number) + ": names a folder that it does not list");
      }
      contents[{folder, one.at("path").get<std::string>()}] =
          std::make_shared<const std::string>(std::move(content));
    }
    RuleFiles files;
    files.sources = ruleset::Sources::OfFiles(std::move(folders), std::move(contents));
    files.policy_file = entry.at("policy").at("path").get<std::string>();
    GATEPOST_ASSIGN_OR_RETURN(files.policy, GetBlob(entry.at("policy").at("sha256")));
    if (entry.at("known_rules").is_string()) {
      GATEPOST_ASSIGN_OR_RETURN(const std::string all, GetBlob(entry.at("known_rules")));
      auto known = std::make_shared<std::set<std::string>>();
      for (size_t at = 0; at < all.size();) {
        const size_t end = std::min(all.find('\n', at), all.size());
        known->insert(all.substr(at, end - at));
        at = end + 1;
      }
      files.sources.SetKnownRules(std::move(known));
    }
    return files;
  } catch (const std::exception& error) {
    return Status::Invalid(Path(number) + ": " + error.what());
  }
}

std::vector<Json> Shelf::List() const {
  std::vector<Json> all;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    const std::string name = at->path().stem().string();
    if (at->path().extension() != ".json" ||
        name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    const Result<std::string> text = ReadFile(at->path().string());
    Result<Json> entry = text.ok() ? ParseJson(at->path().string(), *text) : text.status();
    if (entry.ok() && IsGeneration(*entry)) {
      all.push_back(std::move(entry).value());
    }
  }
  std::sort(all.begin(), all.end(), [](const Json& a, const Json& b) {
    const std::string left = Word(a, "at");
    const std::string right = Word(b, "at");
    return left != right ? left > right
                         : a.value("number", uint64_t{0}) > b.value("number", uint64_t{0});
  });
  return all;
}

// Lets the oldest go, and contents that nobody names any more.
void Shelf::Clear(uint64_t keep) const {
  size_t kept = 0;
  size_t of_lists = 0;
  std::set<std::string> named;
  const uint64_t in_force = active().number;
  std::error_code ignored;
  for (const Json& one : List()) {
    const auto number = one.value("number", uint64_t{0});
    const bool safe = number == keep || number == in_force;
    const bool goes = !safe && (OfLists(one) ? of_lists >= kMostOfLists : kept >= kMostKept);
    if (goes) {
      fs::remove(Path(number), ignored);
      continue;
    }
    ++(OfLists(one) ? of_lists : kept);
    for (const Json& file : one["files"]) {
      named.insert(Word(file, "sha256"));
    }
    named.insert(Word(one["policy"], "sha256"));
    named.insert(Word(one, "known_rules"));
  }
  std::error_code error;
  for (fs::directory_iterator at(folder_ + "/blobs", error);
       !error && at != fs::directory_iterator(); at.increment(error)) {
    if (named.count(at->path().filename().string()) == 0) {
      fs::remove(at->path(), ignored);
    }
  }
}

Result<uint64_t> Shelf::Find(const std::string& which) const {
  const std::vector<Json> all = List();
  const uint64_t present = active().number;
  std::string there;
  for (const Json& one : all) {
    const auto number = one.value("number", uint64_t{0});
    const std::string rules = Word(one.value("versions", Json::object()), "rules");
    if (which.empty() ? number != present
                      : which == std::to_string(number) ||
                            (which.size() >= 4 && rules.rfind(which, 0) == 0)) {
      return number;
    }
    there += (there.empty() ? "" : ", ") + std::to_string(number);
  }
  return Status::NotFound(which.empty() ? "no earlier generation is kept"
                                        : "no generation '" + which + "' is kept; there are: " +
                                              (there.empty() ? "none" : there) +
                                              " (gatepost rules generations)");
}

Shelf::Active Shelf::active() const {
  Active active;
  const Result<std::string> text = ReadFile(folder_ + "/active.json");
  if (!text.ok()) {
    active.damaged = text.status().code() != Code::kNotFound;
    return active;
  }
  const Result<Json> json = ParseJson("active.json", *text);
  active.damaged = !json.ok() || !json->is_object() || !json->contains("number") ||
                   !(*json)["number"].is_number_unsigned();
  if (!active.damaged) {
    active.number = (*json)["number"].get<uint64_t>();
    active.rollback = json->value("rollback", Json());
  }
  return active;
}

Status Shelf::SetActive(const Active& wanted) {
  const Active now = active();
  if (!now.damaged && now.number == wanted.number && now.rollback == wanted.rollback) {
    return {};
  }
  return WriteFileDurably(
      folder_ + "/active.json",
      DumpJson({{"number", wanted.number}, {"rollback", wanted.rollback}}) + "\n");
}

}  // namespace gatepost::gateway
