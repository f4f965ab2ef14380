// One picture to text and codes: what a picture worker does. Total: any bytes give a Reading.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "src/picture/ocr.h"
#include "src/picture/reading.h"

namespace gatepost::picture {

class Reader {
 public:
  // Vietnamese and English; an error names the package that is missing.
  static Result<std::unique_ptr<Reader>> Load(const Settings& settings);

  Reading Read(const Request& request, Bytes bytes);
  // Reads a picture of ours, so that what the libraries load on first use is loaded.
  void WarmUp();

 private:
  Reader() = default;
  // Two engines and not one of two languages: that one leaves out the accents of every third line.
  std::unique_ptr<Ocr> vietnamese_;
  std::unique_ptr<Ocr> english_;
  std::unique_ptr<Ocr> upright_;
};

}  // namespace gatepost::picture
