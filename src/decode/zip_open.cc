// Opening a zip leaf: members to leaves, packages to documents, oddities to defects.
// LIMITS: archive_members, archive_ratio, leaf_bytes, decoded_bytes; each hit is recorded.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/archive_words.h"
#include "src/decode/openers.h"
#include "src/decode/package.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"
#include "src/decode/volume.h"
#include "src/decode/zip.h"

namespace gatepost::decode {

namespace {

using mail::DefectId;

void ReportOddities(uint32_t oddities, const Leaf& leaf, Collector* out) {
  static constexpr std::pair<uint32_t, DefectId> kNames[] = {
      {kZipHeadersDisagree, DefectId::kZipHeadersDisagree},
      {kZipOverlap, DefectId::kZipOverlap},
      {kZipDuplicateEntry, DefectId::kZipDuplicateEntry},
      {kZipLeadingData, DefectId::kZipLeadingData},
      {kZipTrailingData, DefectId::kZipTrailingData},
      {kZipConcatenated, DefectId::kZipConcatenated},
      {kZipMethodLie, DefectId::kZipMethodLie},
      {kZipNoDirectory, DefectId::kZipNoDirectory},
      {kZipCountLie, DefectId::kZipCountLie},
      {kZipSizeLie, DefectId::kZipSizeLie},
      {kZipChecksum, DefectId::kZipChecksum},
      {kZipHiddenEntry, DefectId::kZipHiddenEntry},
      {kZipUnsafeName, DefectId::kUnsafeMemberName},
  };
  // A database keeps its documents in pieces; nobody opens it as one of them. The first of several
  // volumes has no directory.
  const bool within = leaf.is_within || IsOtherData(leaf);
  const bool volume = IsVolumeName(leaf.name);
  if (volume && (oddities & kZipNoDirectory) != 0) {
    out->AddUnscannable(Reason::kTruncated, leaf);
  }
  for (const auto& name : kNames) {
    if ((oddities & name.first) == 0) {
      continue;
    }
    if (within) {
      out->AddDefect(name.second, mail::Grade::kB, leaf.part, "within other data");
    } else if (volume && name.first == kZipNoDirectory) {
      out->AddDefect(name.second, mail::Grade::kB, leaf.part, "one of several volumes");
    } else {
      out->AddDefect(name.second, leaf.part);
    }
  }
  if ((oddities & (kZipCaseDuplicate | kZipDuplicateEntry)) == kZipCaseDuplicate) {
    // Two files on one system, one on another: sources of programs have such names.
    out->AddDefect(DefectId::kZipDuplicateEntry, mail::Grade::kB, leaf.part, "but for the case");
  }
}

struct Member {
  std::string name;  // raw
  std::vector<std::string> other_names;
  Bytes bytes;
  bool alternative = false;
};

// What the members together are.
Type PackageType(const std::vector<Member>& members) {
  bool types = false;
  bool office = false;
  for (const Member& member : members) {
    if (member.name == "mimetype" &&
        member.bytes.substr(0, 35) == "application/vnd.oasis.opendocument.") {
      return Type::kOdf;
    }
    types = types || AsciiEqualsIgnoreCase(member.name, "[Content_Types].xml") ||
            AsciiEqualsIgnoreCase(member.name, "_rels/.rels");
    office = office || member.name == "content.xml";
  }
  return types ? Type::kOoxml : office ? Type::kOdf : Type::kZip;
}

std::vector<std::string> OtherNames(const ZipEntry& entry) {
  std::vector<std::string> names;
  std::vector<std::string> raw = entry.unicode_names;
  raw.push_back(entry.local.name);
  for (const std::string& name : raw) {
    if (!name.empty() && name != entry.best().name) {
      names.push_back(Collector::CleanName(name));
    }
  }
  return names;
}

class Opener {
 public:
  Opener(size_t leaf, Collector* out) : index_(leaf), leaf_(out->leaf(leaf)), out_(out) {}

  void Run() {
    const Bytes zip = leaf_.bytes;
    const ZipDirectory directory = ReadZipDirectory(zip, out_->limits().archive_members);
    if (out_->passwords() == nullptr &&
        std::any_of(directory.entries.begin(), directory.entries.end(),
                    [](const ZipEntry& entry) { return entry.encrypted(); })) {
      out_->Defer(index_, OpenZip);
      return;
    }
    oddities_ = directory.oddities;
    if (directory.truncated) {
      out_->AddUnscannable(Reason::kTooBig, leaf_);
    }
    if (directory.is_volume) {
      out_->AddUnscannable(Reason::kTruncated, leaf_);
    }
    for (const ZipEntry& entry : directory.entries) {
      words_.Comment(entry.comment);
      if (entry.is_folder()) {
        words_.Folder(entry.best().name);
        continue;
      }
      words_.File(entry.best().name);
      const std::string path = leaf_.path + "/" + Collector::CleanName(entry.best().name);
      if (!out_->TakeMember(path)) {
        break;
      }
      if (out_->Room() == 0) {
        out_->AddUnscannable(Reason::kTooBig, path);
        break;
      }
      if (entry.encrypted()) {
        ReadLocked(zip, entry, path);
      } else {
        ReadMember(ReadZipEntry(zip, entry, out_->Room(), out_->limits().archive_ratio), entry,
                   path);
      }
    }
    AddComment(zip);
    out_->AddText(index_, "docprops", "comment", words_.Take());
    if (words_.cut()) {
      out_->AddUnscannable(Reason::kTooBig, leaf_);
    }
    if (directory.entries.empty() && zip.size() > 22) {
      out_->AddUnscannable(Reason::kDamaged, leaf_);
    }
    ReportOddities(oddities_, leaf_, out_);
    Deliver();
  }

 private:
  // What unpackers show beside the list of files.
  void AddComment(Bytes zip) {
    constexpr size_t kTail = 66'000;  // an end record with the longest comment
    const size_t from = zip.size() > kTail ? zip.size() - kTail : 0;
    const size_t end = zip.substr(from).rfind(Bytes("PK\x05\x06", 4));
    if (end != Bytes::npos && zip.size() - from - end > 22) {
      const Bytes comment =
          zip.substr(from + end + 22).substr(0, LittleEndian(zip).U16(from + end + 20));
      words_.Comment(comment);
    }
  }

  // Encrypted, or said to be: the flag may lie, in one header or in both.
  void ReadLocked(Bytes zip, const ZipEntry& entry, const std::string& path) {
    encrypted_ = true;
    out_->SetFact("archive.encrypted");
    const bool contradicts = entry.in_directory && entry.has_local &&
                             ((entry.central.flags ^ entry.local.flags) & 1) != 0;
    ZipData plain = ReadZipEntry(zip, entry, out_->Room(), out_->limits().archive_ratio);
    if (contradicts || (plain.verified && entry.best().size > 0)) {
      oddities_ |= contradicts ? 0U : kZipMethodLie;
      if (contradicts && !plain.verified) {
        Refuse(entry, path);
      }
      plain.damaged = false;
      plain.unknown_method = false;
      ReadMember(std::move(plain), entry, path);
      return;
    }
    out_->Spend(plain.wasted);
    for (const ZipReading& reading : plain.readings) {
      out_->Spend(reading.bytes.size());
    }
    ZipData opened = Unlock(zip, entry);
    if (opened.verified) {
      out_->SetFact("archive.password-in-mail");
      ReadMember(std::move(opened), entry, path);
    } else {
      if (opened.too_big) {
        out_->AddUnscannable(Reason::kTooBig, path);
      }
      Refuse(entry, path);
      members_.push_back(Member{entry.best().name, OtherNames(entry), Bytes(), false});
    }
  }

  void Refuse(const ZipEntry& entry, const std::string& path) {
    // A header found by its signature alone need not be one.
    if (!leaf_.is_alternative && !(entry.by_signature && IsPlainNoise(entry))) {
      out_->AddUnscannable(Reason::kEncrypted, path);
    }
  }

  static bool IsPlainNoise(const ZipEntry& entry) {
    return entry.local.method > 99 || entry.local.name.empty();
  }

  // The password that opened the last member first.
  ZipData Unlock(Bytes zip, const ZipEntry& entry) {
    const std::vector<std::string>& words = *out_->passwords();
    const bool aes = entry.best().method == 99;
    ZipData data;
    for (size_t i = 0; i <= words.size(); ++i) {
      const std::string& word = i == 0 ? password_ : words[i - 1];
      if (word.empty()) {
        continue;
      }
      // A try copies what is packed, and AES spends a thousand rounds of hashing on a word.
      const uint64_t cost = 1 + (aes ? 30U : 0U) + entry.best().packed / (256 * 1024);
      if (!out_->TakeTry(static_cast<uint32_t>(std::min<uint64_t>(cost, UINT32_MAX)))) {
        break;
      }
      data = ReadZipEntry(zip, entry, out_->Room(), out_->limits().archive_ratio, word);
      if (data.verified) {
        password_ = std::string(word);
        return data;
      }
      out_->Spend(data.wasted);
      if (data.too_big || out_->Room() == 0) {
        break;
      }
    }
    return data;
  }

  void ReadMember(ZipData data, const ZipEntry& entry, const std::string& path) {
    out_->Spend(data.wasted);
    oddities_ |= data.oddities;
    if (data.too_big) {
      out_->AddUnscannable(Reason::kTooBig, path);
    }
    // What only a signature announces may be no entry at all.
    if (data.damaged && !leaf_.is_alternative && !(entry.by_signature && !data.readings.empty())) {
      out_->AddUnscannable(Reason::kDamaged, path);
    }
    if (data.unknown_method && !leaf_.is_alternative) {
      out_->AddUnknownContainer(path);
    }
    for (ZipReading& reading : data.readings) {
      if (reading.bytes.size() > out_->Room()) {
        out_->AddUnscannable(Reason::kTooBig, path);
        return;
      }
      members_.push_back(Member{entry.best().name, OtherNames(entry),
                                out_->Keep(std::move(reading.bytes)), reading.alternative});
    }
    if (data.readings.empty()) {
      // Its name is still something that a rule may know.
      members_.push_back(Member{entry.best().name, OtherNames(entry), Bytes(), false});
    }
  }

  void Deliver() {
    Type type = PackageType(members_);
    // A program or picture in front stays what it is; the zip behind it is its content.
    if (leaf_.type != Type::kZip) {
      type = Type::kZip;
    } else {
      out_->leaf(index_).type = type;
    }
    std::vector<PackagePart> parts;
    for (const Member& member : members_) {
      PackagePart part{Collector::CleanName(member.name), member.bytes};
      const bool text_part =
          type != Type::kZip && IsXmlPart(part) && (type == Type::kOoxml || IsOdfText(part.name));
      if (type != Type::kZip) {
        parts.push_back(part);
      }
      if (text_part || (type == Type::kOdf && member.name == "mimetype")) {
        continue;
      }
      const std::string_view name(member.name);
      if (name.size() > 4 && name.substr(name.size() - 4) == ".iwa") {
        iwork_ = true;  // text of Pages, Numbers and Keynote
      }
      Leaf& added = out_->AddMember(index_, member.name, member.bytes);
      added.is_alternative = added.is_alternative || member.alternative;
      added.is_component =
          type != Type::kZip && member.name.find("embeddings/") == std::string::npos;
      added.names.insert(added.names.end(), member.other_names.begin(), member.other_names.end());
    }
    out_->leaf(index_).is_container = type == Type::kZip && leaf_.type == Type::kZip;
    if (type == Type::kOoxml) {
      ReadOoxml(index_, parts, out_);
    } else if (type == Type::kOdf) {
      ReadOdf(index_, parts, out_);
    }
    if (iwork_) {
      out_->AddUnknownContainer(leaf_.path);
    }
    if (encrypted_ && type != Type::kZip) {
      out_->SetFact("document.encrypted");
    }
  }

  size_t index_;
  const Leaf leaf_;
  Collector* out_;
  std::vector<Member> members_;
  uint32_t oddities_ = 0;
  bool encrypted_ = false;
  bool iwork_ = false;
  std::string password_;
  ArchiveWords words_;
};

}  // namespace

void OpenZip(size_t leaf, Collector* out) { Opener(leaf, out).Run(); }

}  // namespace gatepost::decode
