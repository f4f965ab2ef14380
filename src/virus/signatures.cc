// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/virus/signatures.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "src/base/digest.h"

namespace gatepost::virus {

namespace {

// What libclamav 1.x loads from a folder. Lists of exceptions (ign, fp, wdb...) are no signatures
// but change what is found, so they count for the digest.
constexpr std::array kExtensions = {
    "cvd", "cld", "cud", "db",  "hdb", "hdu", "hsb", "hsu",  "mdb", "mdu",  "msb", "msu", "ndb",
    "ndu", "ldb", "ldu", "sdb", "zmd", "rmd", "pdb", "wdb",  "gdb", "cbc",  "ftm", "cdb", "cat",
    "crb", "idb", "ioc", "yar", "fp",  "sfp", "ign", "ign2", "imp", "yara", "info"};

std::string_view ExtensionOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

}  // namespace

std::vector<SignatureFile> ListSignatures(const std::string& folder) {
  std::vector<SignatureFile> files;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  if (dir == nullptr) {
    return files;
  }
  while (const dirent* entry = readdir(dir.get())) {
    const std::string name = entry->d_name;
    const std::string_view extension = ExtensionOf(name);
    if (name.front() == '.' ||
        std::find(kExtensions.begin(), kExtensions.end(), extension) == kExtensions.end()) {
      continue;
    }
    struct stat info {};
    const std::string path = folder + "/" + name;
    if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
      continue;
    }
    SignatureFile file;
    file.path = path;
    file.name = name;
    file.size = static_cast<uint64_t>(info.st_size);
    file.modified_at_ns =
        static_cast<int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
    file.signed_container = extension == "cvd" || extension == "cld" || extension == "cud";
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const SignatureFile& a, const SignatureFile& b) { return a.name < b.name; });
  return files;
}

std::string DigestOf(const std::vector<SignatureFile>& files) {
  Sha256 digest;
  for (const SignatureFile& file : files) {
    digest.Update(file.name + '\n' + std::to_string(file.size) + '\n' +
                  std::to_string(file.modified_at_ns) + '\n');
  }
  return digest.FinishHex();
}

}  // namespace gatepost::virus
