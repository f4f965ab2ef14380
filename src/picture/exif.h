// How a picture is to be turned before anybody looks at it: the orientation that cameras note
// beside the pixels (Exif 2.32, 4.6.4: tag 274), and that programs show it by. LIMITS: JPEG, PNG,
// WebP; 10,000 segments or chunks; 1,000 tags. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"
#include "src/picture/header.h"
#include "src/picture/raster.h"

namespace gatepost::picture {

// 1 to 8; 1 where it says nothing. Total.
int ExifOrientation(Bytes picture, Format format);

// As it is to be looked at.
Raster Oriented(Raster raster, int orientation);
// Left is right in it: 2, 4, 5, 7.
bool IsMirrored(int orientation);

}  // namespace gatepost::picture
