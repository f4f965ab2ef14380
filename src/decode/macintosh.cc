// LIMITS: 100 entries of an AppleSingle file; run-length coding expands a BinHex file at most 85
// times, and no further than leaf_bytes. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/macintosh.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr Bytes kLetters = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
constexpr uint8_t kNone = 0xff;
constexpr size_t kMostUnpacked = 64U << 20;
constexpr size_t kMostEntries = 100;

constexpr std::array<uint8_t, 256> MakeTable() {
  std::array<uint8_t, 256> table{};
  for (auto& entry : table) {
    entry = kNone;
  }
  for (size_t i = 0; i < kLetters.size(); ++i) {
    table[static_cast<unsigned char>(kLetters[i])] = static_cast<uint8_t>(i);
  }
  return table;
}
constexpr std::array<uint8_t, 256> kValues = MakeTable();

// Undoes the runs: 90 NN repeats the byte before NN times in all, 90 00 is a 90 itself.
class RunWriter {
 public:
  explicit RunWriter(std::string* out) : out_(out) {}
  void Put(char byte) {
    if (run_) {
      run_ = false;
      const auto count = static_cast<unsigned char>(byte);
      if (count == 0) {
        out_->push_back('\x90');
      } else if (!out_->empty() && out_->size() < kMostUnpacked) {
        out_->append(count - 1U, out_->back());
      }
    } else if (byte == '\x90') {
      run_ = true;
    } else {
      out_->push_back(byte);
    }
  }

 private:
  std::string* out_;
  bool run_ = false;
};

}  // namespace

bool DecodeBinHex(Bytes text, BinHexFile* out, size_t* end) {
  size_t at = text.find(kBinHexLine);
  at = at == Bytes::npos ? 0 : text.find('\n', at);
  while (at != Bytes::npos && at < text.size() && text[at] != ':') {
    if (text[at] != '\n' && text[at] != '\r' && text[at] != ' ' && text[at] != '\t') {
      return false;
    }
    ++at;
  }
  if (at == Bytes::npos || at >= text.size()) {
    return false;
  }
  std::string raw;
  RunWriter writer(&raw);
  uint32_t bits = 0;
  int count = 0;
  for (++at; at < text.size() && text[at] != ':' && raw.size() < kMostUnpacked; ++at) {
    const uint8_t value = kValues[static_cast<unsigned char>(text[at])];
    if (value == kNone) {
      continue;  // line ends, and junk that readers pass over
    }
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      writer.Put(static_cast<char>(bits >> count & 0xff));
    }
  }
  *end = std::min(at + 1, text.size());
  // Name, a zero, type, creator, flags, two lengths, a checksum; then the forks.
  const size_t name = raw.empty() ? 0 : static_cast<unsigned char>(raw[0]);
  const size_t head = 1 + name + 1 + 4 + 4 + 2 + 4 + 4 + 2;
  if (name == 0 || raw.size() < head) {
    return false;
  }
  out->name = raw.substr(1, name);
  const size_t data = BigEndian(raw, head - 10, 4);
  const size_t resource = BigEndian(raw, head - 6, 4);
  out->damaged = raw.size() < head + data + 2 + resource;
  out->data = raw.substr(head, data);
  if (head + data + 2 < raw.size()) {
    out->resource = raw.substr(head + data + 2, resource);
  }
  return true;
}

bool OpenMacintosh(size_t leaf, Collector* out) {
  const Bytes bytes = out->leaf(leaf).bytes;
  const uint32_t magic = BigEndian(bytes, 0, 4);
  if (bytes.size() >= 26 && (magic == 0x00051600 || magic == 0x00051607)) {
    std::string name = out->leaf(leaf).name;
    std::vector<std::pair<uint32_t, Bytes>> forks;
    const size_t entries = std::min<size_t>(BigEndian(bytes, 24, 2), kMostEntries);
    for (size_t i = 0; i < entries; ++i) {
      const size_t at = 26 + 12 * i;
      const uint32_t id = BigEndian(bytes, at, 4);
      const size_t offset = BigEndian(bytes, at + 4, 4);
      if (at + 12 > bytes.size() || offset > bytes.size()) {
        out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
        break;
      }
      const Bytes data = bytes.substr(offset, BigEndian(bytes, at + 8, 4));
      if (id == 3) {
        name = std::string(data.substr(0, 255));
      } else if (id == 1 || id == 2) {
        forks.emplace_back(id, data);
      }
    }
    out->leaf(leaf).is_container = true;
    for (const auto& [id, data] : forks) {
      if (!data.empty()) {
        out->AddMember(leaf, id == 1 ? name : name + ".rsrc", data);
      }
    }
    return true;
  }
  if (bytes.substr(0, kBinHexLine.size()) != kBinHexLine) {
    return false;
  }
  BinHexFile file;
  size_t end = 0;
  if (!DecodeBinHex(bytes, &file, &end) || file.data.size() + file.resource.size() > out->Room()) {
    out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
    return true;
  }
  if (file.damaged) {
    out->AddUnscannable(Reason::kDamaged, out->leaf(leaf));
  }
  out->leaf(leaf).is_container = true;
  out->AddMember(leaf, file.name, out->Keep(std::move(file.data)));
  if (!file.resource.empty()) {
    out->AddMember(leaf, file.name + ".rsrc", out->Keep(std::move(file.resource)));
  }
  return true;
}

}  // namespace gatepost::decode
