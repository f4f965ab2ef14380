// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/picture_pass.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <string>
#include <unordered_map>

#include "src/decode/pdf.h"
#include "src/inspect/code_links.h"
#include "src/inspect/wire.h"
#include "src/picture/header.h"

namespace gatepost::inspect {

namespace {

// Smaller ones are lines, dots and buttons: the smallest QR code that a telephone reads has 42
// pixels a side, and letters are higher than the lesser side. One that is shown larger than it is
// has 21 at least, a module each.
constexpr uint64_t kLeastPixels = 42ULL * 42;
constexpr uint32_t kLeastSide = 14;
constexpr uint32_t kLeastCodeSide = 21;
constexpr size_t kMostCandidates = 1'000;

struct Candidate {
  size_t leaf = 0;
  picture::Kind kind = picture::Kind::kImage;
  PictureRank rank = PictureRank::kShown;
  uint64_t pixels = 0;
};

bool IsImageOnly(const decode::Unscannable& one, const std::string& path) {
  // Of the whole, or of one page: "scan.pdf/page 3".
  return one.reason == decode::Reason::kImageOnly &&
         (one.path == path || one.path.rfind(path + "/page ", 0) == 0);
}

bool HasImageOnly(const decode::Leaves& leaves, const std::string& path) {
  return std::any_of(leaves.unscannable.begin(), leaves.unscannable.end(),
                     [&path](const decode::Unscannable& one) { return IsImageOnly(one, path); });
}

// Numbers of the pages named so, from 0. Where as many are named as ever are, there may be more.
static_assert(picture::kMostDrawnPages == decode::kListedPdfPages);
std::vector<uint32_t> DrawnPages(const decode::Leaves& leaves, const std::string& path) {
  std::vector<uint32_t> pages;
  const std::string head = path + "/page ";
  for (const decode::Unscannable& one : leaves.unscannable) {
    uint32_t page = 0;
    const char* end = one.path.data() + one.path.size();
    if (IsImageOnly(one, path) && one.path.size() > head.size() &&
        std::from_chars(one.path.data() + head.size(), end, page).ptr == end && page > 0) {
      pages.push_back(page - 1);
    }
  }
  return pages;
}

void NotRead(const std::string& path, decode::Leaves* leaves) {
  leaves->unscannable.push_back({decode::Reason::kNotRead, path});
}

bool WriteAt(int file, Bytes bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(done));
    at += static_cast<uint64_t>(done);
  }
  return true;
}

}  // namespace

bool PicturePass::Put(Bytes bytes, WantedPicture* wanted) {
  if (bytes.size() > kMostPictureBytes - written_ ||
      (file_ >= 0 && !WriteAt(file_, bytes, written_))) {
    return false;
  }
  wanted->offset = written_;
  wanted->length = bytes.size();
  written_ += bytes.size();
  return true;
}

void PicturePass::Choose(decode::Leaves* leaves) {
  std::vector<Candidate> candidates;
  std::unordered_map<size_t, size_t> known;  // hash of the bytes -> leaf
  for (size_t i = 0; i < leaves->leaves.size(); ++i) {
    const decode::Leaf& leaf = leaves->leaves[i];
    Candidate one;
    one.leaf = i;
    if (leaf.type == decode::Type::kPdf) {
      one.kind = picture::Kind::kPdf;
      one.pixels = UINT64_MAX;  // before small pictures
      one.rank = HasImageOnly(*leaves, leaf.path) ? PictureRank::kPaper : PictureRank::kCodes;
    } else if (leaf.type == decode::Type::kImage) {
      const picture::Header header = picture::ReadHeader(leaf.bytes);
      one.pixels = header.pixels();
      if (header.format == picture::Format::kUnknown || header.pixels() == 0) {
        passed_over_.push_back(leaf.path);
        // A format that is not read, or damaged. Thumbnails inside of documents are not worth a
        // word.
        if (leaf.is_attachment && leaf.depth == 0) {
          NotRead(leaf.path, leaves);
        }
        continue;
      }
      const uint32_t side = std::min(header.width, header.height);
      const bool small = one.pixels < kLeastPixels && !HasImageOnly(*leaves, leaf.path);
      if (side < (small ? kLeastCodeSide : kLeastSide) || (!small && one.pixels < kLeastPixels)) {
        passed_over_.push_back(leaf.path);
        continue;
      }
      if (header.least_pixels() > most_pixels_) {
        passed_over_.push_back(leaf.path);
        NotRead(leaf.path, leaves);
        continue;
      }
      if (small) {
        small_.insert(i);
      }
      one.rank = small                              ? PictureRank::kCodes
                 : HasImageOnly(*leaves, leaf.path) ? PictureRank::kPaper
                 : leaf.is_attachment               ? PictureRank::kAttached
                                                    : PictureRank::kShown;
    } else {
      if (leaf.media_type.rfind("image/", 0) == 0 && !leaf.is_container) {
        passed_over_.push_back(leaf.path);  // a drawing in a language of its own, or none at all
        // Text is read as such, but for the pictures that begin like it (PBM, PGM, PPM).
        const bool is_netpbm = leaf.bytes.size() > 2 && leaf.bytes[0] == 'P' &&
                               leaf.bytes[1] >= '1' && leaf.bytes[1] <= '7' &&
                               (leaf.bytes[2] == '\n' || leaf.bytes[2] == ' ');
        if (leaf.is_attachment && leaf.depth == 0 && !leaf.is_alternative &&
            (leaf.type == decode::Type::kBinary || is_netpbm)) {
          NotRead(leaf.path, leaves);
        }
      }
      continue;
    }
    // The same bytes in two places are read once: a second reading of a part, a logo in ten
    // letters.
    const auto [first, is_new] = known.emplace(std::hash<Bytes>()(leaf.bytes), i);
    if (!is_new && leaves->leaves[first->second].bytes == leaf.bytes) {
      copies_.emplace_back(first->second, i);
    } else if (candidates.size() < kMostCandidates) {
      candidates.push_back(one);
    } else {
      passed_over_.push_back(leaf.path);
      if (one.rank != PictureRank::kCodes) {
        NotRead(leaf.path, leaves);
      }
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return a.rank != b.rank ? a.rank < b.rank : a.pixels > b.pixels;
                   });
  for (const Candidate& one : candidates) {
    const decode::Leaf& leaf = leaves->leaves[one.leaf];
    WantedPicture wanted;
    wanted.path = CappedUtf8(leaf.path, kMostPath);
    wanted.leaf = static_cast<uint32_t>(one.leaf);
    wanted.kind = one.kind;
    wanted.rank = one.rank;
    if (one.kind == picture::Kind::kPdf) {
      wanted.drawn_pages = DrawnPages(*leaves, leaf.path);
      const auto known_of = leaves->pictures.find(one.leaf);
      if (known_of != leaves->pictures.end()) {
        for (const decode::PicturePlace& place : known_of->second.places) {
          wanted.regions.push_back({place.page, place.box});
        }
        wanted.code_pages = known_of->second.code_pages;
      }
    }
    if (wanted_.size() < kMostPictures && Put(leaf.bytes, &wanted)) {
      wanted_.push_back(std::move(wanted));
    } else {
      passed_over_.push_back(leaf.path);
      if (wanted.needed()) {
        NotRead(leaf.path, leaves);
      }
      if (leaves->pictures.count(one.leaf) > 0) {
        leaves->facts["picture.pages-left"] = "true";
      }
    }
  }
}

std::vector<std::string> PicturePass::OtherNames(const WantedPicture& wanted,
                                                 const decode::Leaves& leaves) const {
  std::vector<std::string> names;
  for (const auto& [first, copy] : copies_) {
    if (first == wanted.leaf && leaves.leaves[copy].path != wanted.path &&
        !leaves.leaves[copy].is_alternative) {
      names.push_back(leaves.leaves[copy].path);
    }
  }
  return names;
}

bool PicturePass::Settle(size_t leaf, const PictureAnswer& answer, decode::Leaves* leaves) const {
  const std::string path = leaves->leaves[leaf].path;
  const bool image_only = HasImageOnly(*leaves, path);
  const bool whole = answer.come && answer.reading.outcome == picture::Outcome::kRead;
  if (whole && image_only) {
    leaves->unscannable.erase(
        std::remove_if(leaves->unscannable.begin(), leaves->unscannable.end(),
                       [&path](const decode::Unscannable& one) { return IsImageOnly(one, path); }),
        leaves->unscannable.end());
  }
  // A PDF that has its text was asked for codes alone.
  if (!whole && (image_only ||
                 (leaves->leaves[leaf].type == decode::Type::kImage && small_.count(leaf) == 0))) {
    NotRead(path, leaves);
  }
  const auto places = leaves->pictures.find(leaf);
  const bool left = places != leaves->pictures.end() && (!whole || places->second.more);
  if (left || answer.reading.regions_left || answer.reading.codes_left) {
    leaves->facts["picture.pages-left"] = "true";
  }
  return whole;
}

void PicturePass::Apply(size_t leaf, const PictureAnswer& answer, decode::Leaves* leaves) const {
  const bool whole = Settle(leaf, answer, leaves);
  for (const auto& [first, copy] : copies_) {
    if (first == leaf) {
      Settle(copy, answer, leaves);
    }
  }
  const auto add = [&](const char* name, std::string utf8) {
    decode::DocumentText text;
    text.leaf = leaf;
    text.zone = "attachment";
    text.part_name = name;
    text.utf8 = std::move(utf8);
    leaves->texts.push_back(std::move(text));
  };
  if (!answer.reading.text.empty()) {
    leaves->facts["picture.text"] = "true";
  }
  if (!answer.reading.text.empty() || whole) {
    add("picture", answer.reading.text);  // without a word too: it was read
  }
  if (answer.reading.code_part) {
    leaves->facts["picture.code-part"] = "true";
  }
  if (!answer.reading.codes.empty()) {
    leaves->facts["picture.code"] = "true";
    std::string lines;
    for (const std::string& code : answer.reading.codes) {
      lines += code + "\n";
    }
    // Links in it go to the zone url by themselves, as those of any text.
    add("codes", std::move(lines));
    std::string links;
    for (const std::string& code : answer.reading.codes) {
      links += LinksOfCode(code);
    }
    if (!links.empty()) {
      add("codes", std::move(links));
      leaves->texts.back().zone = "url";
    }
  }
}

// A code in quarters: no picture has two of its marks, but the modules of two have one size.
bool PicturePass::ShowCornersOfOneCode() const {
  constexpr double kAlike = 1.3;
  std::vector<uint32_t> corners;
  for (const PictureAnswer& answer : answers_) {
    if (answer.come && answer.reading.corner > 0) {
      corners.push_back(answer.reading.corner);
    }
  }
  std::sort(corners.begin(), corners.end());
  for (size_t i = 1; i < corners.size(); ++i) {
    if (corners[i] <= kAlike * corners[i - 1]) {
      return true;
    }
  }
  return false;
}

void PicturePass::Visit(decode::Leaves* leaves) {
  Choose(leaves);
  if (file_ >= 0) {
    return;
  }
  for (const WantedPicture& one : wanted_) {
    const auto answer =
        std::find_if(answers_.begin(), answers_.end(), [&one](const PictureAnswer& candidate) {
          return candidate.leaf == one.leaf && candidate.length == one.length;
        });
    Apply(one.leaf, answer == answers_.end() ? PictureAnswer() : *answer, leaves);
  }
  if (ShowCornersOfOneCode()) {
    leaves->facts["picture.code-part"] = "true";
  }
  const auto image_only = [](const decode::Unscannable& one) {
    return one.reason == decode::Reason::kImageOnly;
  };
  if (std::none_of(leaves->unscannable.begin(), leaves->unscannable.end(), image_only)) {
    // Facts say that nobody could read it.
    leaves->facts.erase("document.image-only");
    leaves->facts.erase("document.image-pages");
  }
}

}  // namespace gatepost::inspect
