// Any bytes as a segment of the decision log: verifying and reading never fail, a writer opens it,
// sets aside what is torn and goes on, and a chain that was whole stays whole.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "src/base/journal.h"
#include "src/record/decision_log.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost;  // NOLINT: a fuzz target
  static const std::string folder = [] {
    SetJournalLoudness(Loudness::kError);
    std::string name = (std::filesystem::temp_directory_path() / "gatepost-fuzz-XXXXXX").string();
    return mkdtemp(name.data()) == nullptr ? std::string() : name;
  }();
  const std::string path = folder + "/log.jsonl";
  std::filesystem::remove(path + ".torn");
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const auto before = record::VerifyLog(path);
  if (!before.ok()) {
    abort();
  }
  record::DecisionLog::Options options;
  options.path = path;
  options.reserve_bytes = 0;
  {
    const auto log = record::DecisionLog::Open(options);
    if (!log.ok() || !(*log)->Append({{"v", 1}, {"id", "last"}}).ok()) {
      abort();
    }
  }
  const auto after = record::VerifyLog(path);
  if (!after.ok() || (before->whole && !after->whole)) {
    abort();
  }
  std::string last;
  const Status read = record::ReadLog(path, [&](const Json& record) {
    const auto id = record.find("id");
    last = id != record.end() && id->is_string() ? id->get<std::string>() : "";
    return true;
  });
  if (!read.ok() || last != "last") {
    abort();
  }
  std::filesystem::remove_all(path);
  return 0;
}
