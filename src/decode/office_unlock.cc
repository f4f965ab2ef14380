// LIMITS: the tries of a message; objects of a presentation (ppt.cc), together twice the stream;
// properties behind the lock 100 streams.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/office_unlock.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "src/decode/charset.h"
#include "src/decode/office97.h"
#include "src/decode/office_lock.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

constexpr size_t kWholeStream = SIZE_MAX;
constexpr size_t kSheetBlock = 1024;
constexpr size_t kTextBlock = 512;

enum class Program { kExcel, kWord, kPowerPoint, kAny };

// Who opens a package by a double click: its name says so.
Program ProgramOf(const Leaf& leaf) {
  Program program = Program::kAny;
  for (const std::string& name : leaf.names) {
    const std::string extension = Extension(name);
    const Program one = extension.compare(0, 3, "doc") == 0 || extension.compare(0, 3, "dot") == 0
                            ? Program::kWord
                        : extension.compare(0, 2, "pp") == 0 || extension.compare(0, 3, "pot") == 0
                            ? Program::kPowerPoint
                        : extension.compare(0, 2, "xl") == 0 ? Program::kExcel
                                                             : Program::kAny;
    if (one == Program::kAny || (program != Program::kAny && program != one)) {
      return Program::kAny;
    }
    program = one;
  }
  return program;
}

// What the program tries before it asks; the dearer ones are not tried for the wrong program.
std::vector<std::string_view> DefaultsOf(Program program) {
  std::vector<std::string_view> words;
  if (program == Program::kExcel || program == Program::kAny) {
    words.emplace_back("VelvetSweatshop");
  }
  if (program == Program::kPowerPoint || program == Program::kAny) {
    words.emplace_back("/01Hannes Ruescher/01");
  }
  words.emplace_back("");
  return words;
}

// A word with a digit or a mark in it, no address and no time of day.
bool LooksChosen(const std::string& word) {
  return word.size() >= 4 && word.size() <= 40 &&
         word.find_first_of("0123456789@#!_$%^&*+") != std::string::npos &&
         word.find_first_of(":/ <>") == std::string::npos;
}

// In which order words are tried. Where few can be, those that look like passwords come before the
// words beside them; what a person gave, or what opened another file, is the very first.
std::vector<size_t> OrderOf(const std::vector<std::string>& words, uint32_t cost) {
  constexpr uint32_t kDear = 100;
  constexpr size_t kFirst = 3;
  std::vector<size_t> order(words.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (cost > kDear && order.size() > kFirst) {
    std::stable_partition(order.begin() + kFirst, order.end(),
                          [&words](size_t i) { return LooksChosen(words[i]); });
  }
  return order;
}

// The place of FilePass; npos: none that Excel obeys. It stands behind the first BOF, and behind
// WRITEPROT at most: elsewhere it locks nothing, and deciphering would hide what is legible.
size_t FilePassOf(Bytes stream) {
  const LittleEndian in(stream);
  size_t at = 0;
  for (int i = 0; i < 3 && at + 4 <= stream.size(); ++i) {
    const uint32_t id = in.U16(at);
    if (i > 0 && id == 0x2f) {
      return at;
    }
    if (id != (i == 0 ? 0x809U : 0x86U)) {
      break;
    }
    at += 4ULL + in.U16(at + 2);
  }
  return Bytes::npos;
}

// Calls put(place, length of its record) for each byte that is locked (MS-XLS 2.2.10): headers of
// records and some records are not, and of BOUNDSHEET not the first four bytes.
template <typename Put>
void ForLockedBytes(Bytes stream, size_t from, const Put& put) {
  static constexpr uint32_t kLegible[] = {0x809, 0x2f, 0x194, 0x195, 0xe1, 0x196, 0x138};
  const LittleEndian in(stream);
  for (size_t at = from; at + 4 <= stream.size();) {
    const uint32_t id = in.U16(at);
    const size_t length = in.U16(at + 2);
    const size_t data = at + 4;
    const size_t end = std::min(data + length, stream.size());
    const bool legible =
        std::find(std::begin(kLegible), std::end(kLegible), id) != std::end(kLegible);
    for (size_t i = data + (id == 0x85 ? 4U : 0U); !legible && i < end; ++i) {
      put(i, length);
    }
    at = data + length;
  }
}

std::string SheetsWithout(const Rc4Lock& lock, Bytes stream, size_t from) {
  const std::string plain = lock.Decipher(stream, 0, kSheetBlock);
  std::string out(stream);
  ForLockedBytes(stream, from, [&](size_t at, size_t) { out[at] = plain[at]; });
  return out;
}

std::string SheetsWithout(const XorLock& lock, Bytes stream, size_t from) {
  std::string out(stream);
  ForLockedBytes(stream, from, [&](size_t at, size_t length) {
    out[at] = lock.OfSheet(stream[at], at + length);
  });
  return out;
}

std::string TextWithout(const Rc4Lock& lock, Bytes stream) {
  return lock.Decipher(stream, 0, kTextBlock);
}

std::string TextWithout(const XorLock& lock, Bytes stream) {
  std::string out(stream);
  for (size_t at = 0; at < out.size(); ++at) {
    out[at] = lock.OfText(out[at], at);
  }
  return out;
}

std::string SlideRecord(uint32_t type, const std::string& data) {
  std::string out(8, '\0');
  PutLittle(type, 2, 2, &out);
  PutLittle(static_cast<uint32_t>(data.size()), 4, 4, &out);
  return out + data;
}

// The objects one behind the other, each deciphered, then a directory of them and the edit that
// leads to it, which stands at `edit`; "": they are not what a presentation has.
std::string SlidesWithout(const Rc4Lock& lock, Bytes stream, const SlideObjects& objects,
                          uint32_t* edit) {
  const LittleEndian in(stream);
  std::string out;
  std::string directory;
  for (const auto& [number, place] : objects.places) {
    if (number == objects.session || place + 8 > stream.size()) {
      continue;
    }
    const std::string head = lock.Decipher(in.Slice(place, 8), number, kWholeStream);
    const uint64_t length = 8ULL + LittleEndian(head).U32(4);
    std::string object = lock.Decipher(in.Slice(place, length), number, kWholeStream);
    PutLittle(static_cast<uint32_t>(object.size() - 8), 4, 4, &object);
    if (out.size() + object.size() > 2 * stream.size()) {
      return {};
    }
    directory.resize(directory.size() + 8);
    PutLittle(1U << 20 | number, directory.size() - 8, 4, &directory);
    PutLittle(static_cast<uint32_t>(out.size()), directory.size() - 4, 4, &directory);
    out += object;
  }
  std::string last(28, '\0');
  PutLittle(static_cast<uint32_t>(out.size()), 12, 4, &last);
  out += SlideRecord(0x1772, directory);
  *edit = static_cast<uint32_t>(out.size());
  return out + SlideRecord(0x0ff5, last);
}

class OfficeUnlocker {
 public:
  OfficeUnlocker(const Leaf& leaf, bool again, OleFile* file, Collector* out)
      : leaf_(leaf), again_(again), file_(file), out_(out) {}

  OfficeUnlocked Run() {
    for (size_t i = 0; i < file_->streams.size(); ++i) {
      by_path_.emplace(file_->streams[i].path, i);
    }
    if (by_path_.size() != file_->streams.size()) {
      return {};  // of two with one name, who knows which one Office takes
    }
    const size_t count = file_->streams.size();
    for (size_t i = 0; i < count; ++i) {
      const std::string name = file_->streams[i].name();
      const std::string path = file_->streams[i].path;
      const std::string folder = path.substr(0, path.size() - name.size());
      if (name == "Workbook" || name == "Book") {
        Sheets(i, folder);
      } else if (name == "WordDocument") {
        Text(i, folder);
      } else if (name == "PowerPoint Document") {
        Slides(i, folder);
      } else if (name == "EncryptedPackage") {
        Package(i, folder);
      }
    }
    auto& streams = file_->streams;
    streams.erase(
        std::remove_if(streams.begin(), streams.end(),
                       [this](const OleStream& one) { return gone_.count(one.path) > 0; }),
        streams.end());
    return std::move(result_);
  }

 private:
  OleStream* Find(const std::string& path) {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : &file_->streams[found->second];
  }

  bool Opens(OfficeLock* lock, Program program) {
    if (lock == nullptr) {
      return false;
    }
    result_.locked = true;
    for (const std::string_view word : DefaultsOf(program)) {
      if (again_ || !out_->TakeTry(lock->cost())) {
        break;
      }
      if (lock->Opens(OfficePassword(word))) {
        result_.by_default = true;
        return true;
      }
    }
    if (out_->passwords() == nullptr) {
      return false;
    }
    for (const size_t i : OrderOf(*out_->passwords(), lock->cost())) {
      if (!out_->TakeTry(lock->cost())) {
        break;
      }
      if (lock->Opens(OfficePassword((*out_->passwords())[i]))) {
        out_->PreferPassword(i);
        result_.by_word = true;
        result_.doubtful = result_.doubtful || !lock->proves();
        return true;
      }
    }
    return false;
  }

  void Sheets(size_t index, const std::string& folder) {
    const Bytes stream = file_->streams[index].bytes;
    const size_t at = FilePassOf(stream);
    if (at == Bytes::npos) {
      return;
    }
    const LittleEndian in(stream);
    const bool biff8 = in.U16(4) >= 0x0600;
    const Bytes pass = in.Slice(at + 4, in.U16(at + 2));
    const LittleEndian in_pass(pass);
    if (biff8 && in_pass.U16(0) == 1) {
      const std::unique_ptr<Rc4Lock> lock = Rc4Lock::Read(in_pass.Slice(2, pass.size()));
      if (Opens(lock.get(), Program::kExcel)) {
        UnlockSheets(*lock, index, at, folder);
        UnlockProperties(*lock, folder + "encryption", folder);
      }
    } else if (pass.size() == (biff8 ? 6 : 4) && (!biff8 || in_pass.U16(0) == 0)) {
      const uint64_t key = biff8 ? 2 : 0;
      XorLock lock(in_pass.U16(key), in_pass.U16(key + 2));
      if (Opens(&lock, Program::kExcel)) {
        UnlockSheets(lock, index, at, folder);
      }
    }
  }

  template <typename Lock>
  void UnlockSheets(const Lock& lock, size_t index, size_t pass, const std::string& folder) {
    result_.streams = true;
    std::string plain = SheetsWithout(lock, file_->streams[index].bytes, pass);
    PutLittle(0, pass, 2, &plain);  // a record that means nothing: places in the stream stay
    file_->streams[index].bytes = std::move(plain);
    // What pivot tables remember is locked alike; its first record says which stream it is.
    const std::string caches = folder + "_SX_DB_CUR/";
    for (OleStream& cache : file_->streams) {
      if (cache.path.compare(0, caches.size(), caches) != 0) {
        continue;
      }
      const uint32_t number = LittleEndian(cache.bytes).U16(8);
      char hex[5] = {};
      std::snprintf(hex, sizeof(hex), "%04X", number);
      if (!AsciiEqualsIgnoreCase(cache.name(), hex)) {
        cache.bytes = SheetsWithout(lock, cache.bytes, 0);
      }
    }
  }

  void Text(size_t index, const std::string& folder) {
    const LittleEndian fib(file_->streams[index].bytes);
    const uint32_t flags = fib.U16(0x0a);
    if ((fib.U16(0) != 0xa5ec && fib.U16(0) != 0xa5dc) || (flags & 0x0100) == 0) {
      return;
    }
    const bool old = fib.U16(2) < 0x00c1;
    OleStream* table = Find(folder + ((flags & 0x0200) != 0 ? "1Table" : "0Table"));
    if (old || (flags & 0x8000) != 0) {
      XorLock lock(fib.U16(0x10), fib.U16(0x0e));
      if (Opens(&lock, Program::kWord)) {
        UnlockText(lock, index, old ? nullptr : table, folder, old ? 0x34 : 0x44);
      }
      return;
    }
    const std::unique_ptr<Rc4Lock> lock = table == nullptr ? nullptr : Rc4Lock::Read(table->bytes);
    if (Opens(lock.get(), Program::kWord)) {
      UnlockText(*lock, index, table, folder, 0x44);
      UnlockProperties(*lock, folder + "EncryptedSummary", folder);
    }
  }

  template <typename Lock>
  void UnlockText(const Lock& lock, size_t index, OleStream* table, const std::string& folder,
                  size_t legible) {
    result_.streams = true;
    std::string& document = file_->streams[index].bytes;
    std::string plain = TextWithout(lock, document);
    plain.replace(0, std::min(legible, plain.size()), document, 0, legible);
    PutLittle(LittleEndian(plain).U16(0x0a) & ~0x8100U, 0x0a, 2, &plain);
    PutLittle(0, 0x0e, 4, &plain);
    document = std::move(plain);
    for (OleStream* other : {table, Find(folder + "Data")}) {
      if (other != nullptr) {
        other->bytes = TextWithout(lock, other->bytes);
      }
    }
  }

  void Slides(size_t index, const std::string& folder) {
    OleStream* user = Find(folder + "Current User");
    if (user == nullptr) {
      return;
    }
    const Bytes stream = file_->streams[index].bytes;
    const LittleEndian in(stream);
    const SlideObjects objects = SlideObjectsOf(stream, LittleEndian(user->bytes).U32(16));
    const auto session = objects.places.find(objects.session);
    if (objects.too_many || objects.session == 0 || session == objects.places.end() ||
        in.U16(session->second + 2) != 0x2f14) {
      return;
    }
    if (LittleEndian(user->bytes).U32(12) != 0xf3d1c4df) {
      result_.doubtful = true;  // one place says that it is locked, the other that it is not
      return;
    }
    const std::unique_ptr<Rc4Lock> lock =
        Rc4Lock::Read(in.Slice(session->second + 8, in.U32(session->second + 4)));
    if (lock == nullptr || !lock->is_crypto_api() || !Opens(lock.get(), Program::kPowerPoint)) {
      return;
    }
    uint32_t edit = 0;
    std::string plain = SlidesWithout(*lock, stream, objects, &edit);
    if (plain.empty()) {
      return;
    }
    result_.streams = true;
    file_->streams[index].bytes = std::move(plain);
    PutLittle(0xe391c05f, 12, 4, &user->bytes);
    PutLittle(edit, 16, 4, &user->bytes);
    UnlockProperties(*lock, folder + "EncryptedSummary", folder);
  }

  // Title, author and the like, in a stream of several (2.3.5.4).
  void UnlockProperties(const Rc4Lock& lock, const std::string& path, const std::string& folder) {
    constexpr uint32_t kMostSets = 100;
    OleStream* found = Find(path);
    if (found == nullptr || !lock.is_crypto_api()) {
      return;
    }
    const std::string stream = found->bytes;
    found->path = folder + "EncryptedSummary";  // which says so where it stays
    const LittleEndian in(stream);
    const std::string head = lock.Decipher(in.Slice(0, 8), 0, kWholeStream);
    const std::string list = lock.Decipher(
        in.Slice(LittleEndian(head).U32(0), LittleEndian(head).U32(4)), 0, kWholeStream);
    const LittleEndian in_list(list);
    const uint32_t count = in_list.U32(0);
    uint64_t at = 4;
    std::vector<OleStream> sets;
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint64_t size = in_list.U32(at + 4);
      const Bytes set = in.Slice(in_list.U32(at), size);
      const uint64_t letters = in_list.U8(at + 10);
      total += size;
      if (count > kMostSets || at + 16 + 2 * letters > list.size() || set.size() != size ||
          total > stream.size()) {
        return;
      }
      sets.push_back(
          OleStream{folder + "properties/" + Utf16LeToUtf8(in_list.Slice(at + 16, 2 * letters)),
                    lock.Decipher(set, in_list.U16(at + 8), kWholeStream)});
      at += 16 + 2 * letters + 2;
    }
    if (sets.empty()) {
      return;
    }
    gone_.insert(found->path);
    for (OleStream& set : sets) {
      file_->streams.push_back(std::move(set));
    }
  }

  void Package(size_t index, const std::string& folder) {
    const OleStream* info = Find(folder + "EncryptionInfo");
    const std::unique_ptr<PackageLock> lock =
        info == nullptr ? nullptr : PackageLock::Read(info->bytes);
    if (!Opens(lock.get(), ProgramOf(leaf_))) {
      return;
    }
    bool short_of = false;
    result_.packages.push_back(lock->Decipher(file_->streams[index].bytes, &short_of));
    result_.short_of = result_.short_of || short_of;
    gone_.insert(folder + "EncryptionInfo");
    gone_.insert(folder + "EncryptedPackage");
  }

  const Leaf& leaf_;
  const bool again_;
  OleFile* file_;
  Collector* out_;
  OfficeUnlocked result_;
  std::map<std::string, size_t> by_path_;
  std::set<std::string> gone_;
};

}  // namespace

OfficeUnlocked UnlockOffice(const Leaf& leaf, bool again, OleFile* file, Collector* out) {
  return OfficeUnlocker(leaf, again, file, out).Run();
}

}  // namespace gatepost::decode
