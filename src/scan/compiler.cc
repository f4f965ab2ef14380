// LIMITS: a set as a whole may take 60 s of CPU and 0.2 s for each expression.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/compiler.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/scan/child.h"

namespace gatepost::scan {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kSetMs = 60'000;
constexpr int64_t kUsualMs = 10;             // of an ordinary expression, among others
constexpr uint64_t kUsualBytes = 32U << 10;  // and its part of the database
constexpr int64_t kExpressionMs = 200;
constexpr size_t kSealBytes = 64;
constexpr auto kKeepUnused = std::chrono::hours(24 * 30);

// What a child answers, and what the cache holds: numbers little-endian in the machine's order
// (both sides are this program on this machine), texts with their length before them.
class Writer {
 public:
  void Number(uint64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void Text(Bytes text) {
    Number(text.size());
    out_.append(text);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}
  uint64_t Number() {
    uint64_t value = 0;
    if (in_.size() < sizeof(value)) {
      good_ = false;
      return 0;
    }
    std::memcpy(&value, in_.data(), sizeof(value));
    in_.remove_prefix(sizeof(value));
    return value;
  }
  Bytes Text() {
    const uint64_t size = Number();
    if (size > in_.size()) {
      good_ = false;
      return {};
    }
    const Bytes text = in_.substr(0, size);
    in_.remove_prefix(size);
    return text;
  }
  bool good() const { return good_; }

 private:
  Bytes in_;
  bool good_ = true;
};

// In the child: compiles, turning what is refused into prefilters, leaving out what is refused
// again.
std::string CompileHere(CompileSet set) {
  std::vector<std::pair<size_t, std::string>> refused;
  std::vector<size_t> at;  // index of what is left in the original set
  std::vector<HsExpression> left;
  std::vector<uint64_t> prefiltered;
  for (size_t i = 0; i < set.expressions.size(); ++i) {
    HsExpression& expression = set.expressions[i];
    Status known = HsDatabase::Check(expression);
    if (!known.ok() && !expression.prefilter) {
      expression.prefilter = true;
      known = HsDatabase::Check(expression);
    }
    if (!known.ok()) {
      refused.emplace_back(i, known.message());
      continue;
    }
    if (expression.prefilter) {
      prefiltered.push_back(i);
    }
    at.push_back(i);
    left.push_back(std::move(expression));
  }
  std::string blob;
  while (!left.empty()) {
    HsFailure failure;
    const Result<HsDatabase> database = HsDatabase::Compile(left, &failure);
    if (database.ok()) {
      Result<std::string> bytes = database->Serialize();
      blob = bytes.ok() ? std::move(bytes).value() : std::string();
      break;
    }
    size_t bad = failure.index < 0 ? left.size() : static_cast<size_t>(failure.index);
    if (bad >= left.size()) {
      // The library does not say which: each alone tells.
      for (bad = 0; bad < left.size(); ++bad) {
        HsFailure unused;
        if (!HsDatabase::Compile({left[bad]}, &unused).ok()) {
          break;
        }
      }
      bad = bad == left.size() ? 0 : bad;  // all together are too much: with one less, perhaps not
    }
    if (!left[bad].prefilter) {
      left[bad].prefilter = true;
      prefiltered.push_back(at[bad]);
      continue;
    }
    refused.emplace_back(at[bad], failure.message);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(bad));
    at.erase(at.begin() + static_cast<std::ptrdiff_t>(bad));
  }
  Writer writer;
  writer.Number(prefiltered.size());
  for (const uint64_t index : prefiltered) {
    writer.Number(index);
  }
  writer.Number(refused.size());
  for (const auto& [index, message] : refused) {
    writer.Number(index);
    writer.Text(message);
  }
  writer.Text(blob);
  return writer.Take();
}

// False: not an answer, or a blob that this library does not take.
bool ReadAnswer(const CompileSet& set, Bytes answer, CompiledSet* out) {
  Reader reader(answer);
  CompiledSet compiled;
  compiled.prefiltered.assign(set.expressions.size(), false);
  const uint64_t prefiltered = reader.Number();
  for (uint64_t i = 0; i < prefiltered && reader.good(); ++i) {
    const uint64_t index = reader.Number();
    if (index >= set.expressions.size()) {
      return false;
    }
    compiled.prefiltered[index] = true;
  }
  compiled.refused.assign(set.expressions.size(), "");
  const uint64_t refused = reader.Number();
  for (uint64_t i = 0; i < refused && reader.good(); ++i) {
    const uint64_t index = reader.Number();
    const Bytes message = reader.Text();
    if (index >= set.expressions.size() || message.empty()) {
      return false;
    }
    compiled.refused[index] = message;
  }
  const Bytes blob = reader.Text();
  if (!reader.good()) {
    return false;
  }
  if (refused < set.expressions.size()) {
    Result<HsDatabase> database = HsDatabase::Deserialize(blob);
    if (!database.ok()) {
      return false;
    }
    compiled.database = std::move(database).value();
  }
  *out = std::move(compiled);
  return true;
}

std::string NameOf(const CompileSet& set) {
  Sha256 digest;
  digest.Update("gatepost 2 " + HsVersionAndPlatform());
  for (const HsExpression& expression : set.expressions) {
    digest.Update("\n" + std::to_string(expression.id) + (expression.utf8 ? "u" : "b") +
                  (expression.caseless ? "i" : "c") + (expression.prefilter ? "p" : "x") +
                  std::to_string(expression.text.size()) + ":");
    digest.Update(expression.text);
  }
  return digest.FinishHex();
}

// Databases that no start has used for a month leave.
void DropUnused(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    std::error_code ignored;
    const std::string name = at->path().filename().string();
    if (name.find(".hsdb") != std::string::npos &&  // left-over temporary ones too
        fs::file_time_type::clock::now() - at->last_write_time(ignored) > kKeepUnused) {
      fs::remove(at->path(), ignored);
    }
  }
}

class Cache {
 public:
  explicit Cache(const CompileBudget& budget)
      : folder_(budget.cache_folder), key_(budget.cache_key) {}
  bool on() const { return !folder_.empty() && !key_.empty(); }
  bool Load(const CompileSet& set, CompiledSet* out) const {
    const std::string name = NameOf(set);
    const Result<std::string> file = ReadFile(PathOf(name));
    if (!file.ok()) {
      return false;
    }
    const Result<std::string> content = OpenCacheEntry(key_, name, *file);
    if (!content.ok() || !ReadAnswer(set, *content, out)) {
      return false;
    }
    std::error_code ignored;
    fs::last_write_time(PathOf(name), fs::file_time_type::clock::now(), ignored);
    return true;
  }
  // A cache that cannot be written costs time, nothing else.
  void Store(const CompileSet& set, const std::string& answer) const {
    const std::string name = NameOf(set);
    if (!MakeFolder(folder_, 0700).ok()) {
      return;
    }
    // Whole or not at all for other readers; not durable, the seal tells after a crash.
    const std::string temporary = PathOf(name) + "." + std::to_string(getpid());
    const std::string sealed = SealCacheEntry(key_, name, answer);
    std::ofstream stream(temporary, std::ios::binary);
    stream.write(sealed.data(), static_cast<std::streamsize>(sealed.size()));
    stream.close();
    std::error_code error;
    if (stream.good()) {
      fs::rename(temporary, PathOf(name), error);
    }
    if (!stream.good() || error) {
      fs::remove(temporary, error);
    }
    DropUnused(folder_);
  }

 private:
  std::string PathOf(const std::string& name) const {
    return folder_ + "/" + name.substr(0, 32) + ".hsdb";
  }
  std::string folder_;
  std::string key_;
};

CompileSet PartOf(const CompileSet& set, uint32_t owner) {
  CompileSet part;
  for (size_t i = 0; i < set.expressions.size(); ++i) {
    if (set.owners[i] == owner) {
      part.expressions.push_back(set.expressions[i]);
      part.owners.push_back(owner);
    }
  }
  return part;
}

std::string TooSlow(int64_t ms) {
  return "takes more than " + std::to_string(ms) +
         " ms to compile: write gaps as .* instead of .{0,n}, classes such as [A-Za-zÀ-ỹ] instead "
         "of \\p{L}, no repeat within a repeat; or make it two rules and a condition";
}

// Each owner's expressions alone against the budget.
std::vector<CompiledSet::Failure> CheckOwners(const CompileSet& set, const CompileBudget& budget) {
  std::vector<uint32_t> owners;
  for (const uint32_t owner : set.owners) {
    if (std::find(owners.begin(), owners.end(), owner) == owners.end()) {
      owners.push_back(owner);
    }
  }
  std::vector<std::function<std::string()>> jobs;
  jobs.reserve(owners.size());
  for (const uint32_t owner : owners) {
    jobs.emplace_back([&set, owner] { return CompileHere(PartOf(set, owner)); });
  }
  std::vector<CompiledSet::Failure> failures;
  const std::vector<ChildAnswer> answers = RunInChildren(jobs, budget.owner_ms);
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].outcome == ChildAnswer::Outcome::kTooSlow) {
      failures.push_back({owners[i], TooSlow(budget.owner_ms)});
    } else if (answers[i].bytes.size() > budget.owner_bytes) {
      failures.push_back({owners[i], "its compiled form is larger than " +
                                         std::to_string(budget.owner_bytes) +
                                         " bytes: make it simpler, or two rules and a condition"});
    }
  }
  return failures;
}

}  // namespace

std::string SealCacheEntry(const std::string& key, const std::string& name,
                           const std::string& content) {
  return HmacSha256Hex(key, name + "\n" + content) + content;
}

Result<std::string> OpenCacheEntry(const std::string& key, const std::string& name,
                                   const std::string& file) {
  if (file.size() < kSealBytes) {
    return Status::NotFound("the cached database is cut short");
  }
  const std::string content = file.substr(kSealBytes);
  if (!EqualSecret(file.substr(0, kSealBytes), HmacSha256Hex(key, name + "\n" + content))) {
    return Status::NotFound("the cached database has a wrong seal");
  }
  return content;
}

std::vector<CompiledSet> CompileSets(const std::vector<CompileSet>& sets,
                                     const CompileBudget& budget) {
  const Cache cache(budget);
  std::vector<CompiledSet> compiled(sets.size());
  std::vector<size_t> todo;
  std::vector<std::function<std::string()>> jobs;
  int64_t limit_ms = kSetMs;
  for (size_t i = 0; i < sets.size(); ++i) {
    if (cache.on() && cache.Load(sets[i], &compiled[i])) {
      continue;
    }
    todo.push_back(i);
    jobs.emplace_back([&set = sets[i]] { return CompileHere(set); });
    limit_ms = std::max(limit_ms,
                        kSetMs + kExpressionMs * static_cast<int64_t>(sets[i].expressions.size()));
  }
  const std::vector<ChildAnswer> answers = RunInChildren(jobs, limit_ms);
  for (size_t j = 0; j < todo.size(); ++j) {
    const CompileSet& set = sets[todo[j]];
    CompiledSet& out = compiled[todo[j]];
    out.refused.assign(set.expressions.size(), "");
    out.prefiltered.assign(set.expressions.size(), false);
    const bool slow = answers[j].outcome == ChildAnswer::Outcome::kTooSlow;
    // What many rules cost together says nothing of one; then each is compiled alone as well.
    const size_t count = set.expressions.size();
    const auto usual_ms =
        static_cast<double>(budget.owner_ms + kUsualMs * static_cast<int64_t>(count));
    if (slow || answers[j].cpu_ms > usual_ms ||
        answers[j].bytes.size() > budget.owner_bytes + kUsualBytes * count) {
      out.failures = CheckOwners(set, budget);
      if (!out.failures.empty()) {
        continue;
      }
    }
    if (slow) {
      out.failures.push_back(
          {set.owners[0], "this and the other rules of its zones take more than " +
                              std::to_string(limit_ms / 1'000) +
                              " s to compile together: load fewer"});
      continue;
    }
    // No child could be had (or it died): here, without a limit, is better than not at all.
    const bool done = answers[j].outcome == ChildAnswer::Outcome::kDone;
    const std::string answer = done ? answers[j].bytes : CompileHere(set);
    if (!ReadAnswer(set, answer, &out)) {
      out.failures.push_back({set.owners[0], "the compiled expressions could not be read back"});
      continue;
    }
    out.cpu_ms = answers[j].cpu_ms;
    if (cache.on() && out.failures.empty()) {
      cache.Store(set, answer);
    }
  }
  return compiled;
}

}  // namespace gatepost::scan
