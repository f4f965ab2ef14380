// The words between the daemon, its inspectors and the picture workers: what is asked for, and what
// was read. Plain values; no library of pictures stands behind this file.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gatepost::picture {

// `pictures:` of the configuration.
struct Settings {
  bool on = false;
  uint64_t pixels = 36'000'000;            // of one picture, unpacked: A4 at 600 dpi
  uint32_t images = 10;                    // pages and pictures of one message
  std::chrono::milliseconds time{10'000};  // for all pictures of one message
  uint32_t workers = 1;
  std::string program;  // "": gatepost-pictures beside this program
  std::string data;     // tessdata; "": where Debian has it
};

enum class Kind : uint8_t { kImage, kPdf };

// A part of a page of a PDF: left, top, right, bottom, permille of the page as it is drawn.
struct Region {
  uint32_t page = 0;  // from 0
  std::array<uint16_t, 4> box{0, 0, 1000, 1000};
};

// One thing to be read.
struct Request {
  Kind kind = Kind::kImage;
  uint64_t offset = 0, length = 0;  // in the file that comes with the request
  uint64_t pixels = 0;              // as Settings
  uint32_t pages = 0;               // at most so many are read as text; 0: codes alone
  uint32_t budget_ms = 0;           // what was read by then is the answer
  // Of a PDF, from 0: pages whose text is no text, whatever a library makes of it. kMostDrawnPages
  // of them stand for all.
  std::vector<uint32_t> drawn_pages;
  // Of a PDF, on pages that have their text: pictures, at most `more` of which are read besides;
  std::vector<Region> regions;
  uint32_t more = 0;
  // pages that may hold a code.
  std::vector<uint32_t> code_pages;
};
constexpr uint32_t kMostDrawnPages = 20;
constexpr uint32_t kMostRegions = 20;
constexpr uint32_t kMostListedCodePages = 20;

enum class Outcome : uint8_t {
  kRead,     // all that there is
  kPartly,   // more pages than `pages`, or the budget was up
  kTooMany,  // too many pixels, nothing was unpacked
  kDamaged,  // the libraries cannot open it
};

struct Reading {
  Outcome outcome = Outcome::kRead;
  std::string text;                // UTF-8, lines
  std::vector<std::string> codes;  // what QR codes and the like say, UTF-8
  uint32_t pages = 0;              // read as text
  uint32_t regions = 0;            // read as text besides
  bool code_part = false;          // corner marks of a QR code, and none that can be read
  uint32_t corner = 0;             // of one such mark: 16ths of a pixel that a module has; 0: none
  // What need not be read was not: regions; pages and frames that may hold a code or text.
  bool regions_left = false;
  bool codes_left = false;
};

// One picture, or one page, to be drawn small for a person.
struct DrawRequest {
  Kind kind = Kind::kImage;
  uint64_t offset = 0, length = 0;  // in the file that comes with the request
  uint64_t pixels = 0;              // as Settings
  uint32_t page = 0;                // of a PDF or TIFF, frame of a GIF; 0 is the first
  uint32_t longest = 0;             // pixels of the longer side, at most
};
constexpr uint32_t kMostLongest = 2'000;

// Of one picture; more text than that is cut.
constexpr size_t kMostText = 256 << 10;
constexpr size_t kMostCodes = 16;
constexpr size_t kMostCodeText = 8 << 10;

}  // namespace gatepost::picture
