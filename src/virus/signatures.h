// The signature folder as a folder: which files are signatures, what changed. Knows nothing of
// libclamav.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatepost::virus {

struct SignatureFile {
  std::string path;
  std::string name;
  uint64_t size = 0;
  int64_t modified_at_ns = 0;
  bool signed_container = false;  // cvd, cld, cud: has a header with its build time
};

// The files of the folder that libclamav would load, ordered by name. A folder that cannot be read
// has none.
std::vector<SignatureFile> ListSignatures(const std::string& folder);
// Hex digest of names, sizes and times.
std::string DigestOf(const std::vector<SignatureFile>& files);

}  // namespace gatepost::virus
