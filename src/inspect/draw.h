// The pictures of one message as a reviewer may see them: unpacked and made small by a picture
// worker in the sandbox, of which only pixels come back, and written as PNG on this side. No byte of
// the sender's file reaches a browser.
// LIMITS: 24 pictures and pages, 4 pages of one, 1,200 pixels a side, 8 MB together, 20 s.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/inspect/message_fd.h"
#include "src/inspect/picture_wire.h"

namespace gatepost::inspect {

struct DrawnPicture {
  std::string path;   // as decode::Leaf::path
  uint32_t page = 0;   // of a PDF, or an image of several, from 1; 0 for an image of one
  uint32_t pages = 0;  // of the document
  uint32_t width = 0, height = 0;  // pixels, as drawn
  std::string png;
};

struct DrawnPictures {
  std::vector<DrawnPicture> pictures;
  // Paths of what cannot be drawn, or would be too much; "scan.pdf (5-9)": those pages of it.
  std::vector<std::string> left_out;
};

// Blocks. `file` holds what a worker collected. kUnavailable: gatepost-pictures cannot be started.
Result<DrawnPictures> DrawAll(const std::vector<WantedPicture>& wanted, const MessageFd& file,
                              const picture::Settings& settings, bool sandbox);

}  // namespace gatepost::inspect
