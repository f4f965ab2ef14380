// Pictures of one message in a worker. First pass: which are worth reading, and their bytes into a
// file of the daemon's. Second pass, after the daemon had them read: what stands in them is text
// like any other, and what was not read is unscannable. LIMITS: kMostPictures and kMostPictureBytes
// of picture_wire.h; what is more is not-read. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "src/decode/leaf.h"
#include "src/inspect/findings.h"
#include "src/inspect/picture_wire.h"

namespace gatepost::inspect {

class PicturePass {
 public:
  // The first: `file` is open for writing; what an earlier try wrote is overwritten.
  PicturePass(uint64_t most_pixels, int file) : most_pixels_(most_pixels), file_(file) {}
  // The second.
  PicturePass(uint64_t most_pixels, std::vector<PictureAnswer> answers)
      : most_pixels_(most_pixels), answers_(std::move(answers)) {}

  // Between decoding and views. Adds texts, takes image-only away from what was read whole, adds
  // not-read and facts.
  void Visit(decode::Leaves* leaves);

  // After the first pass: what was put into the file.
  const std::vector<WantedPicture>& wanted() const { return wanted_; }
  // For a person, who is to know of every picture: paths of what was passed over (of a kind that is
  // not read, too small, too large, too many), and the other names of what is wanted.
  const std::vector<std::string>& passed_over() const { return passed_over_; }
  std::vector<std::string> OtherNames(const WantedPicture& wanted,
                                      const decode::Leaves& leaves) const;

 private:
  void Choose(decode::Leaves* leaves);
  bool Put(Bytes bytes, WantedPicture* wanted);
  // What the answer means for the reasons of one leaf; true: it was read whole.
  bool Settle(size_t leaf, const PictureAnswer& answer, decode::Leaves* leaves) const;
  bool ShowCornersOfOneCode() const;
  void Apply(size_t leaf, const PictureAnswer& answer, decode::Leaves* leaves) const;

  const uint64_t most_pixels_;
  const int file_ = -1;
  std::vector<PictureAnswer> answers_;
  std::vector<WantedPicture> wanted_;
  std::vector<std::string> passed_over_;
  std::set<size_t> small_;                         // leaves that are looked at for codes alone
  std::vector<std::pair<size_t, size_t>> copies_;  // leaf, and another of the same bytes
  uint64_t written_ = 0;
};

}  // namespace gatepost::inspect
