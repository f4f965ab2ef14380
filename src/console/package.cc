// The door to libarchive's writing side.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/package.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "src/base/digest.h"

namespace gatepost::console {

namespace {

struct FreeArchive {
  void operator()(archive* one) const { archive_write_free(one); }
};
struct FreeEntry {
  void operator()(archive_entry* one) const { archive_entry_free(one); }
};

// Crockford's base 32 in small letters.
constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";

la_ssize_t Take(archive* /*zip*/, void* out, const void* data, size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

std::string MakePassword() {
  std::string out;
  for (const char byte : RandomBytes(20)) {
    out.push_back(kLetters[static_cast<unsigned char>(byte) & 31U]);
  }
  return out;
}

Result<std::string> PackEncrypted(const std::string& name, Bytes bytes,
                                  const std::string& password) {
  std::string out;
  const std::unique_ptr<archive, FreeArchive> zip(archive_write_new());
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  if (zip == nullptr || entry == nullptr) {
    return Status::Unavailable("no memory for a zip");
  }
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  if (archive_write_set_format_zip(zip.get()) != ARCHIVE_OK ||
      archive_write_set_options(zip.get(), "zip:encryption=aes256") != ARCHIVE_OK ||
      archive_write_set_passphrase(zip.get(), password.c_str()) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(zip.get(), 1) != ARCHIVE_OK ||
      archive_write_open(zip.get(), &out, nullptr, Take, nullptr) != ARCHIVE_OK ||
      archive_write_header(zip.get(), entry.get()) != ARCHIVE_OK ||
      archive_write_data(zip.get(), bytes.data(), bytes.size()) !=
          static_cast<la_ssize_t>(bytes.size()) ||
      archive_write_close(zip.get()) != ARCHIVE_OK) {
    const char* const why = archive_error_string(zip.get());
    return Status::Internal(std::string("zip: ") + (why == nullptr ? "failed" : why));
  }
  return out;
}

}  // namespace gatepost::console
