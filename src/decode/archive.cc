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

#include "src/base/digest.h"
#include "src/decode/archive_words.h"
#include "src/decode/charset.h"
#include "src/decode/disc.h"
#include "src/decode/opaque.h"
#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/sniff.h"
#include "src/decode/unlock.h"
#include "src/decode/volume.h"
#include "src/decode/zip.h"
#include "src/decode/zip_names.h"

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

// Of a disc with several trees, kArchives is the one that libarchive likes best.
enum class Formats { kArchives, kRaw, kJoliet, kOldestTree };

ArchivePtr Open(Bytes bytes, Formats formats) {
  ArchivePtr a(archive_read_new());
  if (a == nullptr) {
    return a;
  }
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
    // Some readers stop at the end marks of the first tar, some go on.
    archive_read_set_format_option(a.get(), "tar", "read_concatenated_archives", "1");
    if (formats != Formats::kArchives) {
      archive_read_set_format_option(a.get(), "iso9660", "rockridge", nullptr);
    }
    if (formats == Formats::kOldestTree) {
      archive_read_set_format_option(a.get(), "iso9660", "joliet", nullptr);
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

bool ErrorHas(struct archive* a, std::initializer_list<std::string_view> words) {
  const char* text = archive_error_string(a);
  const std::string low = text == nullptr ? std::string() : AsciiLower(Bytes(text));
  return std::any_of(words.begin(), words.end(),
                     [&low](std::string_view word) { return low.find(word) != std::string::npos; });
}
bool SpeaksOfEncryption(struct archive* a) {
  return ErrorHas(a, {"encrypt", "password", "passphrase", "crypto"});
}
// A method that this build does not have.
bool SpeaksOfUnknown(struct archive* a) {
  return ErrorHas(a, {"nsupported", "not supported", "unknown compression"});
}

bool IsOtherTree(Formats formats) {
  return formats == Formats::kJoliet || formats == Formats::kOldestTree;
}

constexpr uint64_t kFreeBytes = 1ULL << 20;  // unpacked, whatever the ratio says

struct Outcome {
  size_t members = 0;
  bool recognised = false;  // a header was read
  bool whole = false;       // came to the end
  bool failed = false;      // broke off
  bool encrypted = false;   // as a whole (names too)
  bool unknown = false;     // by a method that is not known
};

class Unpacker {
 public:
  // `unlocked` where the bytes are what a word of the message made of the leaf's.
  Unpacker(size_t leaf, const Unlocked* unlocked, Collector* out)
      : index_(leaf),
        leaf_(out->leaf(leaf)),
        unlocked_(unlocked),
        out_(out),
        packed_(leaf_.bytes.size()) {}

  ArchiveWords& words() { return words_; }

  // What other trees hold of what comes next will be told apart.
  void Remember() { remembers_ = true; }

  Outcome Run(Bytes bytes, Formats formats) {
    Outcome outcome;
    const bool again = IsOtherTree(formats);
    // Another tree holds about what the first one did; entries can be many for one stretch of
    // bytes.
    tree_left_ = again ? first_tree_ + kFreeBytes : UINT64_MAX;
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
        first_tree_ = again ? first_tree_ : unpacked_;
        outcome.whole = true;
        return outcome;
      }
      if (result == ARCHIVE_RETRY) {
        continue;
      }
      if (result == ARCHIVE_FATAL || (result != ARCHIVE_OK && result != ARCHIVE_WARN)) {
        outcome.failed = true;
        outcome.encrypted =
            SpeaksOfEncryption(a.get()) || archive_read_has_encrypted_entries(a.get()) > 0;
        outcome.unknown = !outcome.encrypted && SpeaksOfUnknown(a.get());
        return outcome;
      }
      if (formats == Formats::kRaw && archive_filter_count(a.get()) < 2) {
        return outcome;  // raw takes anything; without a compressor it says nothing
      }
      outcome.recognised = true;
      proof_ = unlocked_ != nullptr && headers < unlocked_->proofs.size()
                   ? unlocked_->proofs[headers]
                   : MemberProof();
      if (archive_entry_filetype(entry) == AE_IFDIR) {
        words_.Folder(NameOf(entry));
        continue;
      }
      if (!Take(a.get(), entry, formats, &outcome)) {
        return outcome;
      }
    }
    out_->AddUnscannable(Reason::kTooBig, leaf_);
    return outcome;
  }

 private:
  // False: the budget is spent or the archive broke.
  bool Take(struct archive* a, struct archive_entry* entry, Formats formats, Outcome* outcome) {
    std::string name = formats == Formats::kRaw ? InnerName(leaf_.name) : NameOf(entry);
    const std::string path = leaf_.path + "/" + Collector::CleanName(name);
    const bool again = IsOtherTree(formats);
    if (!again && !out_->TakeMember(path)) {
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
    words_.File(name);
    CheckLink(entry);
    std::string bytes;
    const Read read = ReadData(a, &bytes);
    if (read == Read::kTooBig) {
      out_->AddUnscannable(Reason::kTooBig, path);
    } else if (read == Read::kBroken || !IsProven(proof_, bytes)) {
      // What breaks behind a lock may have another password.
      if (SpeaksOfEncryption(a) || (unlocked_ != nullptr && !SpeaksOfUnknown(a))) {
        out_->AddUnscannable(Reason::kEncrypted, path);
        out_->SetFact("archive.encrypted");
      } else if (!leaf_.is_alternative) {
        out_->AddUnscannable(SpeaksOfUnknown(a) ? Reason::kUnknownType : Reason::kDamaged, path);
      }
    } else if (MayBeNoise(bytes)) {
      out_->AddUnscannable(Reason::kEncrypted, path);
    }
    if (again || remembers_) {
      // Trees differ in the length of names and the letters in them, which is no contradiction;
      // what kind of file it is called is.
      const std::string digest = Sha256Hex(bytes);
      const std::string kind = Extension(name);  // "" where the name was cut
      const bool known = !known_.insert(digest).second;
      const bool fresh = known_.insert(digest + "." + kind).second && !kind.empty();
      if (again && known && (!fresh || formats == Formats::kOldestTree)) {
        return true;
      }
      if (again && !out_->TakeMember(path)) {
        return false;
      }
      if (again) {
        out_->AddDefect(mail::DefectId::kDiscTreesDisagree, leaf_.part);
      }
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

  // A sender can make the checksum of what is stored fit two words, one in the text and one for the
  // reader; the wrong one makes what is of no kind.
  bool MayBeNoise(Bytes bytes) const {
    return unlocked_ != nullptr && (unlocked_->stored || proof_.stored) && !bytes.empty() &&
           SniffMagic(bytes) == Type::kBinary && !IsMostlyPrintable(bytes);
  }

  enum class Read { kWhole, kTooBig, kBroken };

  Read ReadData(struct archive* a, std::string* bytes) {
    const uint64_t by_ratio = std::max(kFreeBytes, packed_ * out_->limits().archive_ratio);
    const uint64_t most =
        std::min({out_->Room(), by_ratio - std::min(by_ratio, unpacked_), tree_left_});
    char buffer[16384];
    for (;;) {
      const la_ssize_t got = archive_read_data(a, buffer, sizeof buffer);
      if (got == 0) {
        return Read::kWhole;
      }
      if (got < 0) {
        // A warning is a checksum that does not fit.
        const bool warning = got == ARCHIVE_WARN || got == ARCHIVE_RETRY;
        return warning && unlocked_ == nullptr ? Read::kWhole : Read::kBroken;
      }
      const auto length = static_cast<size_t>(got);
      if (bytes->size() + length > most) {
        return Read::kTooBig;
      }
      bytes->append(buffer, length);
      unpacked_ += length;
      tree_left_ -= length;
    }
  }

  void CheckName(const std::string& name) {
    if (IsUnsafeName(name)) {
      out_->AddDefect(mail::DefectId::kUnsafeMemberName, leaf_.part);
    }
  }

  // A link out of the folder: what is written behind it lands elsewhere.
  void CheckLink(struct archive_entry* entry) {
    for (const char* target : {archive_entry_symlink(entry), archive_entry_hardlink(entry)}) {
      words_.Link(target == nullptr ? "" : target);
      if (target != nullptr && IsUnsafeName(target)) {
        out_->AddDefect(mail::DefectId::kUnsafeMemberName, leaf_.part, "a link");
      }
    }
  }

  size_t index_;
  const Leaf leaf_;
  const Unlocked* unlocked_;
  MemberProof proof_{};
  Collector* out_;
  uint64_t packed_;
  uint64_t unpacked_ = 0;
  uint64_t first_tree_ = 0;
  uint64_t tree_left_ = UINT64_MAX;
  ArchiveWords words_;
  bool remembers_ = false;
  std::set<std::string> known_;  // members: their digests, and these with the ends of names
};

}  // namespace

void OpenArchive(size_t leaf, Collector* out) {
  const Leaf container = out->leaf(leaf);
  if (OpaqueContainer(container.bytes) != nullptr) {
    out->AddText(leaf, "attachment", "readable",
                 ReadableStretches(container.bytes, out->limits().text_bytes));
    out->AddUnknownContainer(container.path);
    return;
  }
  if (HoldsUdf(container.bytes)) {
    out->AddUnknownContainer(container.path);
  }
  ReadGzipHeader(leaf, out);
  const Unlocked unlocked = UnlockArchive(container.bytes, out);
  if (unlocked.locked && out->passwords() == nullptr) {
    out->Defer(leaf, OpenArchive);
    return;
  }
  if (unlocked.locked) {
    out->SetFact("archive.encrypted");
    if (unlocked.opened) {
      out->SetFact("archive.password-in-mail");
    }
  }
  const size_t told = out->leaves().unscannable.size();
  const bool rewritten = !unlocked.bytes.empty();
  const Bytes bytes = rewritten ? Bytes(unlocked.bytes) : container.bytes;
  const bool volume =
      IsRarVolume(bytes) || IsCabVolume(container.bytes) || IsVolumeName(container.name);
  if (volume) {
    out->AddUnscannable(Reason::kTruncated, container);
  }
  Unpacker unpacker(leaf, rewritten ? &unlocked : nullptr, out);
  const bool joliet = HoldsJoliet(bytes);
  const bool trees = HoldsIso(bytes) && (joliet || HoldsRockRidge(bytes));
  if (trees) {
    unpacker.Remember();
  }
  Outcome outcome = unpacker.Run(bytes, Formats::kArchives);
  for (const Formats tree : {Formats::kJoliet, Formats::kOldestTree}) {
    if (trees && outcome.whole && (joliet || tree != Formats::kJoliet)) {
      const size_t members = outcome.members;
      outcome = unpacker.Run(bytes, tree);
      outcome.members += members;
    }
  }
  if (!outcome.recognised && !outcome.encrypted) {
    const Outcome raw = unpacker.Run(bytes, Formats::kRaw);
    if (raw.recognised) {
      outcome = raw;
    }
  }
  out->leaf(leaf).is_container = outcome.members > 0;
  out->AddText(leaf, "docprops", "comment", unpacker.words().Take());
  if (unpacker.words().cut()) {
    out->AddUnscannable(Reason::kTooBig, container);
  }
  const std::vector<Unscannable>& refused = out->leaves().unscannable;
  const bool member_locked =
      std::any_of(refused.begin() + static_cast<std::ptrdiff_t>(told), refused.end(),
                  [](const Unscannable& one) { return one.reason == Reason::kEncrypted; });
  const bool stays_locked =
      unlocked.locked && (unlocked.cut || (!unlocked.opened && !member_locked));
  if (outcome.encrypted || stays_locked) {
    out->AddUnscannable(Reason::kEncrypted, container);
    out->SetFact("archive.encrypted");
  } else if (outcome.unknown) {
    out->AddUnknownContainer(container.path);
  } else if ((outcome.failed || !outcome.recognised) && !volume &&
             !(unlocked.locked && member_locked)) {
    out->AddUnscannable(Reason::kDamaged, container);
  }
}

std::string UnpackFirst(Bytes archive, uint64_t limit) {
  std::string out;
  const ArchivePtr a = Open(archive, Formats::kArchives);
  struct archive_entry* entry = nullptr;
  if (a == nullptr || archive_read_next_header(a.get(), &entry) < ARCHIVE_WARN) {
    return out;
  }
  char buffer[16384];
  while (out.size() < limit) {
    const la_ssize_t got =
        archive_read_data(a.get(), buffer, std::min<uint64_t>(sizeof buffer, limit - out.size()));
    if (got <= 0) {
      break;
    }
    out.append(buffer, static_cast<size_t>(got));
  }
  return out;
}

ZipUnpacked UnpackZipPacked(const ZipPacked& packed, uint64_t limit, const std::string& password) {
  ZipUnpacked out;
  const uint64_t most = UINT32_MAX - 1;
  if (packed.data.size() > most) {
    out.too_big = true;
    return out;
  }
  const std::string zip = ZipOfOne(packed, limit);
  const ArchivePtr a(archive_read_new());
  struct archive_entry* entry = nullptr;
  if (a == nullptr || archive_read_support_format_zip_seekable(a.get()) != ARCHIVE_OK ||
      (!password.empty() && archive_read_add_passphrase(a.get(), password.c_str()) != ARCHIVE_OK) ||
      archive_read_open_memory(a.get(), zip.data(), zip.size()) != ARCHIVE_OK) {
    return out;
  }
  const int header = archive_read_next_header(a.get(), &entry);
  if (header != ARCHIVE_OK && header != ARCHIVE_WARN) {
    return out;
  }
  char buffer[16384];
  for (;;) {
    const la_ssize_t got = archive_read_data(a.get(), buffer, sizeof buffer);
    if (got <= 0) {
      // A warning is a checksum or a size that does not fit, which the caller sees itself.
      out.complete = got == 0 || got == ARCHIVE_WARN;
      out.unknown_method = got < 0 && out.bytes.empty() && SpeaksOfUnknown(a.get());
      return out;
    }
    const auto length = static_cast<size_t>(got);
    if (out.bytes.size() + length > limit) {
      out.too_big = true;
      return out;
    }
    out.bytes.append(buffer, length);
  }
}

}  // namespace gatepost::decode
