// libclamav behind one door: leaves to infections. Cache off, limits fail closed, every return
// other than clean or virus is "not scanned".
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/base/result.h"
#include "src/decode/leaf.h"

namespace gatepost::virus {

struct Infection {
  std::string name;  // "Eicar-Test-Signature"
  std::string path;  // leaf's path; "" the message as a whole
};

struct ScanResult {
  std::vector<Infection> infections;
  std::vector<decode::Unscannable> unscannable;
  std::map<std::string, std::string>
      facts;  // "virus.macros" -> "true": heuristics that are not infections
};

// One engine a process. Not thread-safe; forked workers use their inherited copy.
class Engine {
 public:
  ~Engine();
  // Loads all signatures of the folder (cvd, cld, hdb, hsb, ndb, ...). scratch_folder is where
  // libclamav may put temporary files at scan time. kNotFound: the folder has no signatures.
  static Result<std::unique_ptr<Engine>> Load(const std::string& database_folder,
                                              const std::string& scratch_folder,
                                              const Limits& limits);
  // The whole raw message, then each leaf that libclamav's own MIME reading may have missed.
  ScanResult Scan(Bytes raw_message, const decode::Leaves& leaves) const;

  uint32_t signatures() const;
  // Seconds since the epoch: the newest signature file's build time (or mtime for plain files).
  int64_t built_at() const;
  // Digest of the folder's names, sizes and times: changes when freshclam brought something new.
  const std::string& version() const;
  static std::string FolderVersion(const std::string& database_folder);

 private:
  struct Loaded;
  explicit Engine(std::unique_ptr<Loaded> loaded);
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace gatepost::virus
