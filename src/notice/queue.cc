// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/queue.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"

namespace gatepost::notice {

namespace {

constexpr uint32_t kTroubled = 3;  // a minute and a half: Postfix was only restarted before that
constexpr size_t kMostWaiting = 100'000;
constexpr int64_t kGiveUpMs = 3 * 86'400'000LL;
constexpr int64_t kRememberMs = 60 * 86'400'000LL;

std::string NameOf(const std::string& key) { return Sha256Hex(key).substr(0, 40) + ".json"; }
std::string QueueFolder(const std::string& folder) { return folder + "/queue"; }

Json ToJson(const Item& item) {
  return {{"v", 1},
          {"key", item.key},
          {"kind", item.kind},
          {"held_id", item.held_id},
          {"about", item.about},
          {"to", item.to},
          {"made_ms", item.made_ms},
          {"due_ms", item.due_ms},
          {"attempts", item.attempts},
          {"trouble", item.trouble},
          {"argv", item.argv},
          {"input", item.input},
          {"message", item.message}};
}

Result<Item> FromJson(const std::string& where, const Json& json) {
  Item item;
  try {
    item.key = json.at("key").get<std::string>();
    item.kind = json.at("kind").get<std::string>();
    item.held_id = json.value("held_id", "");
    item.about = json.value("about", "");
    item.to = json.value("to", "");
    item.made_ms = json.value("made_ms", int64_t{0});
    item.due_ms = json.value("due_ms", int64_t{0});
    item.attempts = json.value("attempts", uint32_t{0});
    item.trouble = json.value("trouble", "");
    item.argv = json.value("argv", std::vector<std::string>());
    item.input = json.value("input", "");
    item.message = json.value("message", "");
  } catch (const Json::exception& error) {
    return Status::Invalid(where + ": is no notice: " + error.what());
  }
  return item;
}

Result<Item> ReadItem(const std::string& path) {
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseJson(path, text));
  return FromJson(path, json);
}

Result<std::vector<std::string>> Names(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (folder == nullptr) {
    return errno == ENOENT ? Result<std::vector<std::string>>(names)
                           : Result<std::vector<std::string>>(Status::FromErrno(path, errno));
  }
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT: a DIR of our own
    std::string name = entry->d_name;
    if (name.size() == 45 && name.compare(40, 5, ".json") == 0) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

// The months whose files may hold what is remembered: this one and the two before.
std::vector<std::string> DoneFiles(const std::string& folder, int64_t now_ms) {
  std::vector<std::string> files;
  for (int64_t at = now_ms - kRememberMs; at <= now_ms; at += 86'400'000) {
    std::string file = folder + "/done-" + Rfc3339(at).substr(0, 7) + ".jsonl";
    if (files.empty() || files.back() != file) {
      files.push_back(std::move(file));
    }
  }
  return files;
}

Status MakeFolders(const std::string& folder) {
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, 0770));
  return MakeFolder(QueueFolder(folder), 0770);
}

}  // namespace

std::string NoticeFolder(const std::string& state_folder) { return state_folder + "/notices"; }

Status Drop(const std::string& folder, const Item& item) {
  GATEPOST_RETURN_IF_ERROR(MakeFolders(folder));
  const std::string path = QueueFolder(folder) + "/" + NameOf(item.key);
  if (access(path.c_str(), F_OK) == 0) {
    return {};
  }
  return WriteFileDurably(path, DumpJson(ToJson(item)) + "\n");
}

Result<std::unique_ptr<Queue>> Queue::Open(const std::string& folder) {
  std::unique_ptr<Queue> queue(new Queue(folder));  // NOLINT: private constructor
  GATEPOST_RETURN_IF_ERROR(MakeFolders(folder));
  GATEPOST_RETURN_IF_ERROR(queue->ReadDone());
  return queue;
}

Status Queue::ReadDone() {
  for (const std::string& file : DoneFiles(folder_, NowUnixMs())) {
    const Result<std::string> text = ReadFile(file);
    if (!text.ok()) {
      if (text.status().code() == Code::kNotFound) {
        continue;
      }
      return text.status();
    }
    for (size_t at = 0; at < text->size();) {
      const size_t end = std::min(text->find('\n', at), text->size());
      const Json line = Json::parse(text->substr(at, end - at), nullptr, false);
      at = end + 1;  // a torn line is one that was not finished
      if (line.is_object() && line.contains("key") && line["key"].is_string()) {
        done_.insert(NameOf(line["key"].get<std::string>()));
      }
    }
  }
  return {};
}

void Queue::Know(const std::string& name, const Item& item) {
  Forget(name);
  const bool check = item.kind.rfind("check", 0) == 0;
  entries_[name] = {item.due_ms, item.made_ms, item.attempts, check, item.trouble};
  waiting_ += check ? 0 : 1;
}

void Queue::Forget(const std::string& name) {
  if (const auto found = entries_.find(name); found != entries_.end()) {
    waiting_ -= found->second.check ? 0 : 1;
    entries_.erase(found);
  }
}

Result<bool> Queue::Add(const Item& item) {
  const std::string name = NameOf(item.key);
  if (done_.count(name) > 0 || entries_.count(name) > 0) {
    return false;
  }
  if (entries_.size() >= kMostWaiting) {
    return Status::NoSpace("too many notices wait to be sent");
  }
  GATEPOST_RETURN_IF_ERROR(Drop(folder_, item));
  Know(name, item);
  return true;
}

Status Queue::LookForNew() {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names(QueueFolder(folder_)));
  for (const std::string& name : names) {
    if (entries_.count(name) > 0) {
      continue;
    }
    if (done_.count(name) > 0) {  // a crash between the line and the file
      unlink((QueueFolder(folder_) + "/" + name).c_str());
      continue;
    }
    const Result<Item> item = ReadItem(QueueFolder(folder_) + "/" + name);
    if (!item.ok() && item.status().code() == Code::kInvalid) {
      rename((QueueFolder(folder_) + "/" + name).c_str(),
             (QueueFolder(folder_) + "/" + name + ".broken").c_str());
      continue;
    }
    GATEPOST_RETURN_IF_ERROR(item.status());
    Know(name, *item);
  }
  return {};
}

Result<std::vector<Item>> Queue::Due(int64_t now_ms, size_t most) {
  GATEPOST_RETURN_IF_ERROR(LookForNew());
  std::vector<std::pair<int64_t, std::string>> due;
  for (const auto& [name, entry] : entries_) {
    if (entry.due_ms <= now_ms) {
      due.emplace_back(entry.due_ms, name);
    }
  }
  std::sort(due.begin(), due.end());
  std::vector<Item> items;
  for (const auto& [at, name] : due) {
    if (items.size() >= most) {
      break;
    }
    Result<Item> item = ReadItem(QueueFolder(folder_) + "/" + name);
    if (!item.ok()) {
      Forget(name);  // taken away by hand, or looked at again the next time
      continue;
    }
    items.push_back(std::move(item).value());
  }
  return items;
}

Status Queue::Finish(const Item& item, const std::string& outcome, const std::string& said,
                     int64_t now_ms) {
  const std::string file = folder_ + "/done-" + Rfc3339(now_ms).substr(0, 7) + ".jsonl";
  const std::string line = DumpJson({{"at", Rfc3339(now_ms)},
                                     {"outcome", outcome},
                                     {"kind", item.kind},
                                     {"key", item.key},
                                     {"held_id", item.held_id},
                                     {"to", item.to},
                                     {"said", said}}) +
                           "\n";
  const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) {
    return Status::FromErrno(file, errno);
  }
  GATEPOST_RETURN_IF_ERROR(WriteAll(fd.get(), line));
  if (fsync(fd.get()) != 0) {
    return Status::FromErrno(file, errno);
  }
  const std::string name = NameOf(item.key);
  done_.insert(name);
  Forget(name);
  unlink((QueueFolder(folder_) + "/" + name).c_str());
  return {};
}

Result<bool> Queue::Postpone(Item item, const std::string& trouble, int64_t now_ms) {
  constexpr std::array<int64_t, 6> kWaits = {5'000, 15'000, 60'000, 300'000, 900'000, 1'800'000};
  if (now_ms - item.made_ms > kGiveUpMs) {
    GATEPOST_RETURN_IF_ERROR(Finish(item, "expired", trouble, now_ms));
    return false;
  }
  item.due_ms = now_ms + kWaits.at(std::min<size_t>(item.attempts, kWaits.size() - 1));
  ++item.attempts;
  item.trouble = trouble;
  const std::string name = NameOf(item.key);
  GATEPOST_RETURN_IF_ERROR(
      WriteFileDurably(QueueFolder(folder_) + "/" + name, DumpJson(ToJson(item)) + "\n"));
  Know(name, item);
  return true;
}

std::string Queue::trouble() const {
  const Entry* oldest = nullptr;
  for (const auto& [name, entry] : entries_) {
    if (entry.attempts >= kTroubled && (oldest == nullptr || entry.made_ms < oldest->made_ms)) {
      oldest = &entry;
    }
  }
  return oldest == nullptr ? "" : oldest->trouble;
}

Result<std::vector<Json>> ReadFinished(const std::string& folder, int64_t since_ms) {
  std::vector<Json> out;
  for (const std::string& file : DoneFiles(folder, NowUnixMs())) {
    const Result<std::string> text = ReadFile(file);
    if (!text.ok() && text.status().code() == Code::kNotFound) {
      continue;
    }
    GATEPOST_RETURN_IF_ERROR(text.status());
    for (size_t at = 0; at < text->size();) {
      const size_t end = std::min(text->find('\n', at), text->size());
      Json line = Json::parse(text->substr(at, end - at), nullptr, false);
      at = end + 1;
      if (line.is_object() && line.value("at", "") >= Rfc3339(since_ms)) {
        out.push_back(std::move(line));
      }
    }
  }
  return out;
}

Result<std::vector<Item>> ReadWaiting(const std::string& folder) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> names, Names(QueueFolder(folder)));
  std::vector<Item> out;
  for (const std::string& name : names) {
    if (Result<Item> item = ReadItem(QueueFolder(folder) + "/" + name); item.ok()) {
      item->message.clear();
      out.push_back(std::move(item).value());
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Item& a, const Item& b) { return a.due_ms < b.due_ms; });
  return out;
}

}  // namespace gatepost::notice
