// The door to libarchive: rar, 7z, tar, cab, iso, lha, cpio, ar and the single-file compressors.
// mtree, raw (but for compressors), xar and the filters that start programs stay off.
// LIMITS: archive_members, archive_ratio (of the whole archive, beyond 1 MiB), leaf_bytes,
// decoded_bytes. Time: libarchive's readers are the risk (endless loops in its RAR reader were
// fixed in 2026); the deadline of the worker bounds them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/openers.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

struct FreeArchive {
  void operator()(struct archive* a) const { archive_read_free(a); }
};
using ArchivePtr = std::unique_ptr<struct archive, FreeArchive>;

void SupportFilters(struct archive* a) {
  archive_read_support_filter_gzip(a);
  archive_read_support_filter_bzip2(a);
  archive_read_support_filter_compress(a);
  archive_read_support_filter_lzma(a);
  archive_read_support_filter_lzip(a);
  archive_read_support_filter_xz(a);
  archive_read_support_filter_lz4(a);
  archive_read_support_filter_zstd(a);
  archive_read_support_filter_rpm(a);
}

enum class Formats { kArchives, kRaw, kZip };

ArchivePtr Open(Bytes bytes, Formats formats) {
  ArchivePtr a(archive_read_new());
  if (a == nullptr) {
    return a;
  }
  if (formats == Formats::kZip) {
    archive_read_support_format_zip_seekable(a.get());
  } else {
    SupportFilters(a.get());
    if (formats == Formats::kRaw) {
      archive_read_support_format_raw(a.get());
    } else {
      archive_read_support_format_7zip(a.get());
      archive_read_support_format_ar(a.get());
      archive_read_support_format_cab(a.get());
      archive_read_support_format_cpio(a.get());
      archive_read_support_format_iso9660(a.get());
      archive_read_support_format_lha(a.get());
      archive_read_support_format_rar(a.get());
      archive_read_support_format_rar5(a.get());
      archive_read_support_format_tar(a.get());
      archive_read_support_format_gnutar(a.get());
    }
  }
  if (archive_read_open_memory(a.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return nullptr;
  }
  return a;
}

// libarchive gives no name where the bytes do not fit the locale.
std::string NameOf(struct archive_entry* entry) {
  if (const char* utf8 = archive_entry_pathname_utf8(entry)) {
    return utf8;
  }
  if (const char* raw = archive_entry_pathname(entry)) {
    return raw;
  }
  if (const wchar_t* wide = archive_entry_pathname_w(entry)) {
    std::string utf16;
    for (; *wide != L'\0'; ++wide) {
      utf16.push_back(static_cast<char>(*wide & 0xff));
      utf16.push_back(static_cast<char>(*wide >> 8 & 0xff));
    }
    return Utf16LeToUtf8(utf16);
  }
  return "?";
}

bool SpeaksOfEncryption(struct archive* a) {
  const char* text = archive_error_string(a);
  if (text == nullptr) {
    return false;
  }
  const std::string low = AsciiLower(Bytes(text));
  return low.find("encrypt") != std::string::npos || low.find("password") != std::string::npos ||
         low.find("passphrase") != std::string::npos;
}

struct Outcome {
  size_t members = 0;
  bool recognised = false;  // a header was read
  bool failed = false;      // broke off
  bool encrypted = false;   // as a whole (names too)
};

class Unpacker {
 public:
  Unpacker(size_t leaf, Collector* out)
      : index_(leaf), leaf_(out->leaf(leaf)), out_(out), packed_(leaf_.bytes.size()) {}

  // `only`: names of the members wanted, null for all; found ones are removed from it.
  Outcome Run(Bytes bytes, Formats formats, std::set<std::string>* only) {
    Outcome outcome;
    const ArchivePtr a = Open(bytes, formats);
    if (a == nullptr) {
      outcome.failed = true;
      return outcome;
    }
    // Headers alone can be many; each costs something even where no data follows.
    for (uint32_t headers = 0; headers <= out_->limits().archive_members * 2; ++headers) {
      struct archive_entry* entry = nullptr;
      const int result = archive_read_next_header(a.get(), &entry);
      if (result == ARCHIVE_EOF) {
        return outcome;
      }
      if (result == ARCHIVE_RETRY) {
        continue;
      }
      if (result == ARCHIVE_FATAL || (result != ARCHIVE_OK && result != ARCHIVE_WARN)) {
        outcome.failed = true;
        outcome.encrypted =
            SpeaksOfEncryption(a.get()) || archive_read_has_encrypted_entries(a.get()) > 0;
        return outcome;
      }
      if (formats == Formats::kRaw && archive_filter_count(a.get()) < 2) {
        return outcome;  // raw takes anything; without a compressor it says nothing
      }
      outcome.recognised = true;
      if (archive_entry_filetype(entry) == AE_IFDIR) {
        continue;
      }
      if (!Take(a.get(), entry, formats, only, &outcome)) {
        return outcome;
      }
    }
    out_->AddUnscannable(Reason::kTooBig, leaf_);
    return outcome;
  }

 private:
  // False: the budget is spent or the archive broke.
  bool Take(struct archive* a, struct archive_entry* entry, Formats formats,
            std::set<std::string>* only, Outcome* outcome) {
    std::string name = formats == Formats::kRaw ? InnerName() : NameOf(entry);
    if (only != nullptr && only->count(name) == 0) {
      return true;
    }
    const std::string path = leaf_.path + "/" + Collector::CleanName(name);
    if (only == nullptr && !out_->TakeMember(path)) {
      return false;
    }
    ++outcome->members;
    if (archive_entry_is_encrypted(entry) != 0) {
      out_->AddUnscannable(Reason::kEncrypted, path);
      out_->SetFact("archive.encrypted");
      out_->AddMember(index_, name, Bytes());
      return true;
    }
    CheckName(name);
    std::string bytes;
    const Read read = ReadData(a, &bytes);
    if (read == Read::kTooBig) {
      out_->AddUnscannable(Reason::kTooBig, path);
    } else if (read == Read::kBroken) {
      if (SpeaksOfEncryption(a)) {
        out_->AddUnscannable(Reason::kEncrypted, path);
        out_->SetFact("archive.encrypted");
      } else if (!leaf_.is_alternative) {
        out_->AddUnscannable(Reason::kDamaged, path);
      }
    } else if (only != nullptr) {
      only->erase(name);
    }
    if (out_->Room() < bytes.size()) {
      bytes.clear();
    }
    out_->AddMember(index_, name, out_->Keep(std::move(bytes)));
    if (out_->Room() == 0) {
      out_->AddUnscannable(Reason::kTooBig, leaf_);
      return false;
    }
    // A member too large to unpack would have to be unpacked to be passed over.
    if (read == Read::kTooBig) {
      out_->AddUnscannable(Reason::kTooBig, leaf_);
      return false;
    }
    return true;
  }

  enum class Read { kWhole, kTooBig, kBroken };

  Read ReadData(struct archive* a, std::string* bytes) {
    constexpr uint64_t kFree = 1ULL << 20;
    const uint64_t by_ratio = std::max(kFree, packed_ * out_->limits().archive_ratio);
    const uint64_t most = std::min(out_->Room(), by_ratio - std::min(by_ratio, unpacked_));
    char buffer[16384];
    for (;;) {
      const la_ssize_t got = archive_read_data(a, buffer, sizeof buffer);
      if (got == 0) {
        return Read::kWhole;
      }
      if (got < 0) {
        return got == ARCHIVE_WARN || got == ARCHIVE_RETRY ? Read::kWhole : Read::kBroken;
      }
      const auto length = static_cast<size_t>(got);
      if (bytes->size() + length > most) {
        return Read::kTooBig;
      }
      bytes->append(buffer, length);
      unpacked_ += length;
    }
  }

  void CheckName(const std::string& name) {
    if (name.find("../") != std::string::npos || name.find("..\\") != std::string::npos ||
        (!name.empty() && name[0] == '/') || std::any_of(name.begin(), name.end(), [](char c) {
          return static_cast<unsigned char>(c) < 0x20;
        })) {
      out_->AddDefect(mail::DefectId::kUnsafeMemberName, leaf_.part);
    }
  }

  // "plan.docx.gz" holds "plan.docx".
  std::string InnerName() const {
    const std::string extension = Extension(leaf_.name);
    const bool compressor = extension == "gz" || extension == "bz2" || extension == "xz" ||
                            extension == "zst" || extension == "lz4" || extension == "z" ||
                            extension == "lzma" || extension == "lz";
    const size_t slash = leaf_.name.find_last_of("/\\");
    std::string name = slash == std::string::npos ? leaf_.name : leaf_.name.substr(slash + 1);
    if (compressor) {
      name.resize(name.rfind('.'));
    }
    return name.empty() ? "data" : name;
  }

  size_t index_;
  const Leaf leaf_;
  Collector* out_;
  uint64_t packed_;
  uint64_t unpacked_ = 0;
};

}  // namespace

void OpenArchive(size_t leaf, Collector* out) {
  const Leaf container = out->leaf(leaf);
  if (const char* kind = OpaqueContainer(container.bytes)) {
    (void)kind;
    out->AddUnscannable(Reason::kUnknownType, container);
    return;
  }
  Unpacker unpacker(leaf, out);
  Outcome outcome = unpacker.Run(container.bytes, Formats::kArchives, nullptr);
  if (!outcome.recognised && !outcome.encrypted) {
    const Outcome raw = unpacker.Run(container.bytes, Formats::kRaw, nullptr);
    if (raw.recognised) {
      outcome = raw;
    }
  }
  out->leaf(leaf).is_container = outcome.members > 0;
  if (outcome.encrypted) {
    out->AddUnscannable(Reason::kEncrypted, container);
    out->SetFact("archive.encrypted");
  } else if (outcome.failed || !outcome.recognised) {
    out->AddUnscannable(Reason::kDamaged, container);
  }
}

bool UnpackZipMembers(size_t leaf, const std::vector<std::string>& names, Collector* out) {
  std::set<std::string> wanted(names.begin(), names.end());
  Unpacker unpacker(leaf, out);
  unpacker.Run(out->leaf(leaf).bytes, Formats::kZip, &wanted);
  return wanted.empty();
}

}  // namespace gatepost::decode
