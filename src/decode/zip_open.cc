// Opening a zip leaf: members to leaves, packages to documents, oddities to defects.
// LIMITS: archive_members, archive_ratio, leaf_bytes, decoded_bytes; each hit is recorded.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/openers.h"
#include "src/decode/package.h"
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
  for (const auto& name : kNames) {
    if ((oddities & name.first) != 0) {
      out->AddDefect(name.second, leaf.part);
    }
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
  for (const std::string* name : {&entry.local.name, &entry.unicode_name}) {
    if (!name->empty() && *name != entry.best().name) {
      names.push_back(Collector::CleanName(*name));
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
    uint32_t oddities = directory.oddities;
    if (directory.truncated) {
      out_->AddUnscannable(Reason::kTooBig, leaf_);
    }
    std::vector<std::string> foreign;
    for (const ZipEntry& entry : directory.entries) {
      if (entry.is_folder()) {
        continue;
      }
      const std::string path = leaf_.path + "/" + Collector::CleanName(entry.best().name);
      if (!out_->TakeMember(path)) {
        break;
      }
      if (out_->Room() == 0) {
        out_->AddUnscannable(Reason::kTooBig, path);
        break;
      }
      ReadMember(zip, entry, path, &foreign, &oddities);
    }
    if (directory.entries.empty() && zip.size() > 22) {
      out_->AddUnscannable(Reason::kDamaged, leaf_);
    }
    ReportOddities(oddities, leaf_, out_);
    Deliver();
    if (!foreign.empty() && !UnpackZipMembers(index_, foreign, out_)) {
      for (const std::string& name : foreign) {
        out_->AddUnscannable(Reason::kUnknownType, leaf_.path + "/" + Collector::CleanName(name));
      }
    }
  }

 private:
  void ReadMember(Bytes zip, const ZipEntry& entry, const std::string& path,
                  std::vector<std::string>* foreign, uint32_t* oddities) {
    const bool contradicts = entry.in_directory && entry.has_local &&
                             ((entry.central.flags ^ entry.local.flags) & 1) != 0;
    if (entry.encrypted()) {
      encrypted_ = true;
      if (!leaf_.is_alternative) {
        out_->AddUnscannable(Reason::kEncrypted, path);
        out_->SetFact("archive.encrypted");
      }
      if (!contradicts) {
        members_.push_back(Member{entry.best().name, OtherNames(entry), Bytes(), false});
        return;
      }
    }
    ZipData data = ReadZipEntry(zip, entry, out_->Room(), out_->limits().archive_ratio);
    out_->Spend(data.wasted);
    *oddities |= data.oddities;
    if (data.too_big) {
      out_->AddUnscannable(Reason::kTooBig, path);
    }
    if (data.damaged && !contradicts && !leaf_.is_alternative) {
      out_->AddUnscannable(Reason::kDamaged, path);
    }
    if (data.unknown_method) {
      foreign->push_back(entry.best().name);
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
      const bool text_part = type != Type::kZip && IsXmlPart(part);
      if (type != Type::kZip) {
        parts.push_back(part);
      }
      if (text_part || (type == Type::kOdf && member.name == "mimetype")) {
        continue;
      }
      Leaf& added = out_->AddMember(index_, member.name, member.bytes);
      added.is_alternative = added.is_alternative || member.alternative;
      added.names.insert(added.names.end(), member.other_names.begin(), member.other_names.end());
    }
    out_->leaf(index_).is_container = type == Type::kZip && leaf_.type == Type::kZip;
    if (type == Type::kOoxml) {
      ReadOoxml(index_, parts, out_);
    } else if (type == Type::kOdf) {
      ReadOdf(index_, parts, out_);
    }
    if (encrypted_ && type != Type::kZip) {
      out_->SetFact("document.encrypted");
    }
  }

  size_t index_;
  const Leaf leaf_;
  Collector* out_;
  std::vector<Member> members_;
  bool encrypted_ = false;
};

}  // namespace

void OpenZip(size_t leaf, Collector* out) { Opener(leaf, out).Run(); }

}  // namespace gatepost::decode
