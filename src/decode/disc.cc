// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/disc.h"

#include "src/decode/magic.h"

namespace gatepost::decode {

namespace {

constexpr size_t kSector = 2048;
constexpr size_t kFirstDescriptor = 16;  // sectors are kept free for a boot loader
constexpr size_t kMostDescriptors = 32;

template <typename Is>
bool AnyDescriptor(Bytes disc, Is is) {
  for (size_t i = 0; i < kMostDescriptors; ++i) {
    const size_t at = (kFirstDescriptor + i) * kSector;
    if (disc.size() <= at) {
      return false;
    }
    if (is(disc.substr(at, kSector))) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool HoldsIso(Bytes disc) { return At(disc, kFirstDescriptor * kSector + 1, "CD001"); }

bool HoldsUdf(Bytes disc) {
  return AnyDescriptor(disc, [](Bytes one) { return At(one, 1, "NSR0"); });
}

// A supplementary descriptor (type 2) whose escape sequence names UCS-2 of one of three levels.
bool HoldsJoliet(Bytes disc) {
  constexpr size_t kEscapes = 88;
  return AnyDescriptor(disc, [](Bytes one) {
    return At(one, 0, "\2CD001") &&
           (At(one, kEscapes, "%/@") || At(one, kEscapes, "%/C") || At(one, kEscapes, "%/E"));
  });
}

// SUSP's first field, in the first record of the root.
bool HoldsRockRidge(Bytes disc) { return disc.find("SP\7\1\xbe\xef") != Bytes::npos; }

}  // namespace gatepost::decode
