// Attributes by what they mean to us.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatepost::text {

constexpr size_t kLongestUrl = 2'048;

// Attributes that mean something to us.
enum class Meaning : uint8_t {
  kNone,
  kHidden,
  kStyle,
  kClass,
  kId,
  kBgcolor,
  kBackground,
  kColor,
  kText,
  kFace,
  kSize,
  kUrl,
  kAlternative,  // read where the thing itself is not
  kValue,
  kSrcdoc,
  kDir,
  kDownload,
};
Meaning MeaningOf(std::string_view name);

}  // namespace gatepost::text
