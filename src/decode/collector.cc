// LIMITS: decoded_bytes, leaf_bytes, archive_members, text_bytes, defects; at most 500 unscannable
// entries are listed one by one, after which only a new reason adds one; 40,000 tries of passwords.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/collector.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

constexpr size_t kListedUnscannable = 500;
constexpr size_t kNameBytes = 1000;
constexpr uint32_t kTries = 40'000;  // passwords, of about 50 us each

}  // namespace

uint64_t Collector::Room() const {
  const uint64_t left = limits_.decoded_bytes - std::min(limits_.decoded_bytes, used_bytes_);
  return std::min(left, limits_.leaf_bytes);
}

Bytes Collector::Keep(std::string bytes) {
  used_bytes_ += bytes.size();
  leaves_.storage.push_back(std::move(bytes));
  return leaves_.storage.back();
}

bool Collector::TakeMember(const std::string& path) {
  if (members_ >= limits_.archive_members) {
    AddUnscannable(Reason::kTooBig, path);
    return false;
  }
  ++members_;
  return true;
}

Leaf& Collector::AddMember(size_t parent, std::string_view name, Bytes bytes) {
  const Leaf& above = leaves_.leaves[parent];
  Leaf member;
  member.part = above.part;
  member.part_path = above.part_path;
  member.name = CleanName(name);
  // Deep paths of long names would grow with the square of the depth.
  member.path = PrintableUtf8(above.path, 4 * kNameBytes) + "/" + member.name;
  if (!member.name.empty()) {
    member.names.push_back(member.name);
  }
  member.bytes = bytes;
  member.is_attachment = true;
  member.is_alternative = above.is_alternative;
  member.depth = static_cast<uint16_t>(above.depth + 1);
  return AddPending(std::move(member));
}

Leaf& Collector::AddPending(Leaf leaf) {
  pending_.push_back(std::move(leaf));
  return pending_.back();
}

std::vector<Leaf> Collector::TakePending() { return std::exchange(pending_, {}); }

void Collector::SetPasswords(std::vector<std::string> passwords) {
  passwords_ = std::move(passwords);
  has_passwords_ = true;
}

void Collector::PreferPassword(size_t index) {
  const auto first = passwords_.begin();
  std::rotate(first, first + static_cast<std::ptrdiff_t>(index),
              first + static_cast<std::ptrdiff_t>(index) + 1);
}

std::vector<Collector::Deferred> Collector::TakeDeferred() { return std::exchange(deferred_, {}); }

bool Collector::TakeTry(uint32_t cost) {
  tries_ += std::min(cost, kTries);
  return tries_ <= kTries;
}

void Collector::AddText(size_t leaf, std::string_view zone, std::string_view part_name,
                        std::string text, std::vector<FontRun> fonts) {
  if (text.empty()) {
    return;
  }
  const uint64_t left = limits_.text_bytes - std::min(limits_.text_bytes, used_text_);
  if (text.size() > left) {
    AddUnscannable(Reason::kTooBig, leaves_.leaves[leaf]);
    size_t cut = left;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) {
      --cut;  // between characters
    }
    text.resize(cut);
    if (text.empty()) {
      return;
    }
  }
  used_text_ += text.size();
  if (!IsUtf8(text)) {
    text = ToValidUtf8(text);
    fonts.clear();  // their places moved; readers of fonts give well-formed text, unless cut above
  }
  while (!fonts.empty() && fonts.back().end > text.size()) {
    fonts.back().end = static_cast<uint32_t>(text.size());
    if (fonts.back().begin < fonts.back().end) {
      break;
    }
    fonts.pop_back();
  }
  leaves_.texts.push_back(DocumentText{leaf, std::string(zone), std::string(part_name),
                                       std::move(text), std::move(fonts)});
}

void Collector::AddShown(size_t leaf, std::string_view zone, std::string_view part_name,
                         std::string_view shown, std::string_view all, const FontMarks& marks) {
  std::string lines = LinesBesides(shown, all);
  std::vector<FontRun> fonts = marks.Take(&lines);
  AddText(leaf, zone, std::string(part_name) + " as shown", std::move(lines), std::move(fonts));
}

void Collector::AddUnscannable(Reason reason, const std::string& path) {
  std::vector<Unscannable>& list = leaves_.unscannable;
  if (list.size() >= kListedUnscannable &&
      std::any_of(list.begin(), list.end(),
                  [reason](const Unscannable& u) { return u.reason == reason; })) {
    return;
  }
  if (!list.empty() && list.back().reason == reason && list.back().path == path) {
    return;
  }
  list.push_back(Unscannable{reason, path});
}

void Collector::AddUnscannable(Reason reason, const Leaf& leaf) {
  if (leaf.is_alternative && reason == Reason::kDamaged) {
    return;
  }
  AddUnscannable(reason, leaf.path);
}

void Collector::AddUnknownContainer(const std::string& path) {
  SetFact("container.unknown");
  AddUnscannable(Reason::kUnknownType, path);
}

void Collector::AddDefect(mail::DefectId id, uint32_t part, std::string note) {
  AddDefect(id, mail::KindOf(id).grade, part, std::move(note));
}

void Collector::AddDefect(mail::DefectId id, mail::Grade grade, uint32_t part, std::string note) {
  for (const mail::Defect& defect : leaves_.defects) {
    if (defect.id == id && defect.part == part && defect.grade == grade) {
      return;  // once for each part: a container may have thousands of odd members
    }
  }
  if (leaves_.defects.size() < limits_.defects) {
    leaves_.defects.push_back(mail::Defect{id, grade, part, std::move(note)});
  }
}

std::string Collector::CleanName(std::string_view name) {
  const std::string utf8 = IsUtf8(name) ? std::string(name) : Cp437ToUtf8(name);
  if (utf8.size() <= kNameBytes) {
    return PrintableUtf8(utf8, 4 * kNameBytes);
  }
  // Both ends matter: the folder, and the extension that decides what a double click does.
  const Bytes whole = utf8;
  return PrintableUtf8(whole.substr(0, kNameBytes / 2), kNameBytes) + "..." +
         PrintableUtf8(whole.substr(whole.size() - kNameBytes / 2), 4 * kNameBytes);
}

}  // namespace gatepost::decode
