// Pixels to PNG (ISO/IEC 15948), written on the trusted side: whatever a picture worker was made to
// say, what a browser gets is a file of ours and nothing but pixels.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/picture/raster.h"

namespace gatepost::picture {

// 8 bits a channel, without palette, transparency or metadata. "" where width, height and channels
// do not describe the pixels.
std::string EncodePng(const Raster& raster);

}  // namespace gatepost::picture
