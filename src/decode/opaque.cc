// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/opaque.h"

#include <algorithm>
#include <array>

#include "src/decode/magic.h"

namespace gatepost::decode {

namespace {

// A disk or a partition: the boot signature with a file system or a partition table that fits.
bool IsDiskImage(Bytes b) {
  constexpr size_t kFirst = 446;  // of four partitions: not or simply bootable, a type, a start
  const bool table = b.size() > 512 && (b[kFirst] & '\x7f') == 0 && b[kFirst + 4] != '\0' &&
                     b.substr(kFirst + 8, 4) != Lit("\0\0\0\0") && (b[kFirst + 11] & '\x80') == 0;
  return At(b, 510, "\x55\xaa") && (At(b, 54, "FAT") || At(b, 82, "FAT32") || At(b, 3, "NTFS ") ||
                                    At(b, 3, "EXFAT") || table || At(b, 512, "EFI PART"));
}

}  // namespace

const char* OpaqueContainer(Bytes b) {
  struct Magic {
    size_t at;
    Bytes bytes;
    const char* name;
  };
  static constexpr std::array<Magic, 23> kMagics = {{
      {0, Lit("\x60\xea"), "arj"},
      {7, Lit("**ACE**"), "ace"},
      {0, Lit("conectix"), "vhd"},
      {0, Lit("vhdxfile"), "vhdx"},
      {0, Lit("MSWIM\x00\x00\x00"), "wim"},
      {0, Lit("ITSF"), "chm"},
      {0, Lit("ALZ\x01"), "alz"},
      {0, Lit("EGGA"), "egg"},
      {0, Lit("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"), "onenote"},
      {0, Lit("hsqs"), "squashfs"},
      {0, Lit("xar!"), "xar"},
      {0, Lit("QFI\xfb"), "qcow2"},
      {0, Lit("KDMV"), "vmdk"},
      {20, Lit("\xdc\xa7\xc4\xfd"), "zoo"},
      {0, Lit("SZDD\x88"), "ms-compress"},
      {0, Lit("KWAJ\x88"), "ms-compress"},
      {0, Lit("(This file must be conv"), "binhex"},
      {0, Lit("\xffWPC"), "wordperfect"},
      {0, Lit("AT&TFORM"), "djvu"},
      {0, Lit("!BDN"), "pst"},
      {0, Lit("\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"), "raw cd"},
      {32, Lit("NXSB"), "apfs"},
      {64, Lit("\x7f\x10\xda\xbe"), "vdi"},
  }};
  for (const Magic& magic : kMagics) {
    if (At(b, magic.at, magic.bytes)) {
      return magic.name;
    }
  }
  if (IsDiskImage(b)) {
    return "img";
  }
  // Two formats end with their name.
  if (b.size() >= 512 && At(b, b.size() - 512, "koly")) {
    return "dmg";
  }
  if (b.size() >= 512 && At(b, b.size() - 512, "conectix")) {
    return "vhd";
  }
  return nullptr;
}

bool NamesOpaqueContainer(std::string_view extension) {
  static constexpr std::string_view kExtensions[] = {
      "ace",  "alz", "arc", "arj", "b1",  "br",  "cpt",   "dmg", "egg",  "esd",  "hc",
      "hwp",  "kgb", "lzo", "lzx", "one", "pak", "paq8",  "pea", "rz",   "sea",  "sit",
      "sitx", "sqx", "swm", "tc",  "uc2", "uha", "uharc", "vhd", "vhdx", "vmdk", "qcow2",
      "wim",  "wpd", "xar", "yz1", "z",   "zoo", "zpaq",  "zz"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

}  // namespace gatepost::decode
