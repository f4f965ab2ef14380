// The type of a leaf: magic numbers first, then how text begins, then name and label.
// LIMITS: looks at the first 4 KiB of text and at fixed places of binaries; never the whole leaf.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sniff.h"

#include <algorithm>
#include <array>

#include "src/decode/magic.h"
#include "src/decode/office97.h"
#include "src/decode/opaque.h"

namespace gatepost::decode {

namespace {

constexpr size_t kTextWindow = 4096;

struct Magic {
  size_t offset;
  Bytes bytes;
  Type type;
};

constexpr std::array<Magic, 61> kMagics = {{
    {0, Lit("PK\x03\x04"), Type::kZip},
    {0, Lit("PK\x05\x06"), Type::kZip},
    {0, Lit("PK\x01\x02"), Type::kZip},  // its beginning is cut off
    {0, Lit("PK\x07\x08"), Type::kZip},
    {0, Lit("PK00PK\x03\x04"), Type::kZip},
    {0, Lit("Rar!\x1a\x07\x00"), Type::kArchive},
    {0, Lit("Rar!\x1a\x07\x01\x00"), Type::kArchive},
    {0, Lit("7z\xbc\xaf\x27\x1c"), Type::kArchive},
    {0, Lit("\x1f\x8b"), Type::kArchive},  // gzip
    {0, Lit("BZh"), Type::kArchive},
    {0,
     Lit("\xfd"
         "7zXZ\x00"),
     Type::kArchive},
    {0, Lit("\x28\xb5\x2f\xfd"), Type::kArchive},  // zstd
    {0, Lit("\x04\x22\x4d\x18"), Type::kArchive},  // lz4
    {0, Lit("\x1f\x9d"), Type::kArchive},          // compress
    {0, Lit("LZIP"), Type::kArchive},
    {0, Lit("MSCF\x00\x00\x00\x00"), Type::kArchive},  // cab
    {0, Lit("!<arch>\n"), Type::kArchive},             // ar, deb
    {0, Lit("\xed\xab\xee\xdb"), Type::kArchive},      // rpm
    {0, Lit("070701"), Type::kArchive},                // cpio
    {0, Lit("070707"), Type::kArchive},
    {0, Lit("SZDD\x88\xf0\x27\x33"), Type::kArchive},
    {0, Lit("KWAJ\x88\xf0\x27\xd1"), Type::kArchive},
    {0, Lit("(This file must be converted with BinHex"), Type::kArchive},
    {0, Lit("\x00\x05\x16\x00\x00\x02"), Type::kArchive},  // AppleSingle
    {0, Lit("\x00\x05\x16\x07\x00\x02"), Type::kArchive},  // AppleDouble
    {257, Lit("ustar"), Type::kArchive},
    {0x8001, Lit("CD001"), Type::kArchive},  // iso 9660
    {0x8801, Lit("CD001"), Type::kArchive},
    {0x8001, Lit("BEA01"), Type::kArchive},  // udf
    {0, Lit("\x60\xea"), Type::kArchive},    // arj
    {7, Lit("**ACE**"), Type::kArchive},
    {0, Lit("conectix"), Type::kArchive},  // vhd
    {0, Lit("vhdxfile"), Type::kArchive},
    {0, Lit("MSWIM\x00\x00\x00"), Type::kArchive},
    {0, Lit("ITSF"), Type::kArchive},  // chm
    {0, Lit("ALZ\x01"), Type::kArchive},
    {0, Lit("EGGA"), Type::kArchive},
    {0, Lit("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"), Type::kArchive},  // OneNote
    {0, Lit("hsqs"), Type::kArchive},                              // squashfs
    {0, Lit("xar!"), Type::kArchive},
    {0, Lit("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Type::kOle},
    {0, Lit("%PDF"), Type::kPdf},
    {0, Lit("%FDF-"), Type::kPdf},
    {0, Lit("{\\rt"), Type::kRtf},
    {0, Lit("\x78\x9f\x3e\x22"), Type::kTnef},
    {0, Lit("\x89PNG\r\n\x1a\n"), Type::kImage},
    {0, Lit("\xff\xd8\xff"), Type::kImage},
    {0, Lit("GIF8"), Type::kImage},
    {0, Lit("II*\x00"), Type::kImage},
    {0, Lit("MM\x00*"), Type::kImage},
    {0,
     Lit("\x7f"
         "ELF"),
     Type::kExecutable},
    {0, Lit("#!"), Type::kExecutable},
    {0, Lit("\xfe\xed\xfa\xce"), Type::kExecutable},
    {0, Lit("\xfe\xed\xfa\xcf"), Type::kExecutable},
    {0, Lit("\xce\xfa\xed\xfe"), Type::kExecutable},
    {0, Lit("\xcf\xfa\xed\xfe"), Type::kExecutable},
    {0, Lit("\xca\xfe\xba\xbe"), Type::kExecutable},               // Mach-O fat, Java class
    {0, Lit("L\x00\x00\x00\x01\x14\x02\x00"), Type::kExecutable},  // .lnk runs what it names
    {0, Lit("-----BEGIN PGP "), Type::kPgp},
    {0, Lit("-----BEGIN PKCS7"), Type::kPkcs7},
    {0, Lit("-----BEGIN CMS"), Type::kPkcs7},
}};

bool IsLha(Bytes b) {
  return b.size() > 21 && b[2] == '-' && b[3] == 'l' && (b[4] == 'h' || b[4] == 'z') && b[6] == '-';
}

bool IsBmp(Bytes b) {
  return At(b, 0, "BM") && b.size() > 18 &&
         (b[14] == 12 || b[14] == 40 || b[14] == 108 || b[14] == 124) && b[15] == 0;
}

// MZ alone is two letters that text may begin with.
bool IsPe(Bytes b) {
  if (!At(b, 0, "MZ")) {
    return false;
  }
  if (b.size() >= 64) {
    const auto at = [b](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(b[i])); };
    const size_t header = at(60) | at(61) << 8 | at(62) << 16 | at(63) << 24;
    if (header < b.size() && (At(b, header, Lit("PE\x00\x00")) || At(b, header, "NE") ||
                              At(b, header, "LE") || At(b, header, "LX"))) {
      return true;
    }
  }
  return b.substr(0, 64).find('\0') != Bytes::npos;  // a DOS program, or a cut one
}

// LZMA by itself: the usual properties, a dictionary of 2^n or 3 * 2^n bytes, a size that is not
// told or not absurd.
bool IsLzma(Bytes b) {
  constexpr size_t kHeader = 13;
  if (b.size() < kHeader || b[0] != 0x5d) {
    return false;
  }
  const auto at = [b](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(b[i])); };
  const uint64_t dictionary = at(1) | at(2) << 8 | at(3) << 16 | at(4) << 24;
  const uint64_t lowest = dictionary & (~dictionary + 1);
  const bool round = dictionary >= 4096 && (dictionary == lowest || dictionary == 3 * lowest);
  uint64_t size = 0;
  for (size_t i = 0; i < 8; ++i) {
    size |= at(5 + i) << (8 * i);
  }
  return round && (size == UINT64_MAX || size < (uint64_t{1} << 40));
}

bool IsWebp(Bytes b) { return At(b, 0, "RIFF") && At(b, 8, "WEBP"); }

// DER or BER: SEQUENCE, then the OID 1.2.840.113549.1.7.x of PKCS#7 within the first bytes.
bool IsPkcs7Der(Bytes b) {
  const Bytes head = b.substr(0, 32);
  return At(b, 0, "\x30") &&
         (head.find(Lit("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07")) != Bytes::npos ||
          head.find(Lit("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01")) != Bytes::npos);
}

// Tar before POSIX has no magic, only a checksum in octal over the header.
bool IsOldTar(Bytes b) {
  if (b.size() < 512 || b[0] == '\0') {
    return false;
  }
  uint32_t sum = 0;
  for (size_t i = 0; i < 512; ++i) {
    sum += (i >= 148 && i < 156) ? 32U : static_cast<unsigned char>(b[i]);
  }
  uint32_t said = 0;
  int digits = 0;
  for (size_t i = 148; i < 156; ++i) {
    if (b[i] >= '0' && b[i] <= '7') {
      said = said * 8 + static_cast<uint32_t>(b[i] - '0');
      ++digits;
    } else if (digits > 0) {
      break;
    }
  }
  return digits >= 4 && said == sum;
}

// Two bytes of magic alone are too few: the name's length follows at 20, the name is text.
bool IsBinaryCpio(Bytes b) {
  if (b.size() < 64 || !(At(b, 0, "\xc7\x71") || At(b, 0, "\x71\xc7"))) {
    return false;
  }
  const bool little = b[0] == '\xc7';
  const auto length = static_cast<unsigned char>(b[little ? 20 : 21]);
  return b[little ? 21 : 20] == '\0' && length > 1 && length < 200 && b.size() > 26U + length &&
         b[25U + length] == '\0' && b[26] > ' ';
}

Bytes SkipBomAndBlanks(Bytes b) {
  if (At(b, 0, "\xef\xbb\xbf")) {
    b.remove_prefix(3);
  }
  const size_t first = b.find_first_not_of(Lit(" \t\r\n\f\v\0"));
  return first == Bytes::npos ? Bytes() : b.substr(first);
}

bool BeginsWithAny(Bytes b, std::initializer_list<Bytes> words) {
  return std::any_of(words.begin(), words.end(),
                     [b](Bytes w) { return AsciiStartsWithIgnoreCase(b, w); });
}

bool ContainsIgnoreCase(Bytes b, Bytes lower) {
  const std::string low = AsciiLower(b);
  return low.find(lower) != std::string::npos;
}

}  // namespace

bool LooksLikeMessage(Bytes b) {
  int known = 0;
  for (int line = 0; line < 40 && !b.empty(); ++line) {
    const size_t end = b.find('\n');
    const Bytes text = b.substr(0, end);
    b = end == Bytes::npos ? Bytes() : b.substr(end + 1);
    if (text.empty() || text == "\r") {
      break;
    }
    if (text[0] == ' ' || text[0] == '\t') {
      if (line == 0) {
        return false;
      }
      continue;
    }
    const size_t colon = text.find(':');
    if (colon == Bytes::npos || colon == 0) {
      return false;
    }
    const Bytes name = text.substr(0, colon);
    const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
      constexpr Bytes kNever = "<>\"{}()/";
      return c > ' ' && c < '\x7F' && kNever.find(c) == Bytes::npos;
    });
    if (!is_name) {
      return false;  // or a catalogue of translations, whose first line is a header behind NULs
    }
    for (const Bytes field :
         {Lit("from"), Lit("to"), Lit("subject"), Lit("date"), Lit("received"), Lit("message-id"),
          Lit("mime-version"), Lit("content-type"), Lit("content-transfer-encoding"),
          Lit("return-path"), Lit("delivered-to")}) {
      if (AsciiEqualsIgnoreCase(name, field)) {
        ++known;
      }
    }
    if (AsciiEqualsIgnoreCase(name, "content-type") && ContainsIgnoreCase(text, "boundary=")) {
      ++known;  // nothing but MIME says that
    }
  }
  return known >= 2;
}

namespace {

Type SniffMarkup(Bytes head) {
  if (BeginsWithAny(
          head, {"<!doctype html", "<html",   "<head",  "<body",   "<script", "<table", "<div",
                 "<meta",          "<style",  "<title", "<iframe", "<svg",    "<base",  "<center",
                 "<font",          "<a href", "<img",   "<br",     "<p>",     "<span",  "<form"})) {
    return Type::kHtml;
  }
  if (BeginsWithAny(head, {"<?xml", "<!doctype", "<!--"})) {
    // A browser shows XHTML and SVG, scripts included.
    const Bytes window = head.substr(0, kTextWindow);
    if (ContainsIgnoreCase(window, "<html") || ContainsIgnoreCase(window, "<svg") ||
        ContainsIgnoreCase(window, "<body")) {
      return Type::kHtml;
    }
    return AsciiStartsWithIgnoreCase(head, "<?xml") ? Type::kXml : Type::kText;
  }
  if (BeginsWithAny(head, {"begin:vcard"})) {
    return Type::kVcard;
  }
  if (BeginsWithAny(head, {"begin:vcalendar"})) {
    return Type::kCalendar;
  }
  return Type::kText;
}

// Named as a PDF, with a header far behind the beginning or with none: readers that mend files open
// both.
bool IsShapedAsPdf(Bytes b) {
  constexpr size_t kHead = 1U << 16;
  constexpr size_t kTail = 2048;
  const size_t end = b.size() > kTail ? b.size() - kTail : 0;
  return (b.substr(0, kHead).find("%PDF-") != Bytes::npos ||
          b.substr(end).find("startxref") != Bytes::npos) &&
         b.find("endobj") != Bytes::npos;
}

}  // namespace

Type SniffMagic(Bytes b) {
  if (At(b, 0, "#!AMR")) {
    return Type::kBinary;  // a voice message of a telephone, no script
  }
  for (const Magic& magic : kMagics) {
    if (At(b, magic.offset, magic.bytes)) {
      if (magic.bytes == "\x60\xea" && b.size() < 30) {
        continue;
      }
      return magic.type;
    }
  }
  if (IsPe(b)) {
    return Type::kExecutable;
  }
  if (IsLzma(b) || IsLha(b) || IsOldTar(b) || IsBinaryCpio(b)) {
    return Type::kArchive;
  }
  if (IsBmp(b) || IsWebp(b)) {
    return Type::kImage;
  }
  if (IsSheetStream(b)) {
    return Type::kOle;
  }
  if (IsPkcs7Der(b)) {
    return Type::kPkcs7;
  }
  // Readers accept a PDF whose header stands within the first KiB (and some, a little later).
  if (b.substr(0, 2048).find("%PDF-") != Bytes::npos) {
    return Type::kPdf;
  }
  if (b.size() >= 512 && OpaqueContainer(b) != nullptr) {
    return Type::kArchive;
  }
  return Type::kBinary;
}

std::string Extension(std::string_view name) {
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) {
    name.remove_suffix(1);
  }
  const size_t slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot > 20) {
    return {};
  }
  return AsciiLower(name.substr(dot + 1));
}

bool IsExecutableExtension(std::string_view extension) {
  static constexpr std::array<std::string_view, 96> kExtensions = {
      "ade", "adp", "app", "appx", "bas", "bat", "chm", "cmd", "com", "cpl", "crt", "dll", "exe",
      "gadget", "hlp", "hta", "inf", "ins", "isp", "jar", "js", "jse", "lib", "lnk", "mde", "msc",
      "msh", "msi", "msp", "mst", "ocx", "pcd", "pif", "ps1", "ps1xml", "ps2", "psc1", "reg", "scf",
      "scr", "sct", "shb", "shs", "sys", "url", "vb", "vbe", "vbs", "vbp", "vxd", "ws", "wsc",
      "wsf", "wsh", "xll", "library-ms", "search-ms", "settingcontent-ms",
      // What Windows runs or installs, and Outlook blocks, besides.
      "a3x", "ahk", "apk", "appinstaller", "application", "appxbundle", "deskthemepack", "diagcab",
      "diagpkg", "fxp", "htc", "jnlp", "mda", "mdt", "mdw", "mdz", "msix", "msixbundle", "msu",
      "ops", "osd", "plg", "ppkg", "prf", "prg", "printerexport", "psd1", "psm1", "pyw", "pyz",
      "pyzw", "searchconnector-ms", "theme", "themepack", "vsmacros", "webpnp", "wll", "xbap"};
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool PromisesContent(std::string_view extension) {
  static constexpr std::string_view kExtensions[] = {
      "zip",  "zipx", "jar",  "war",  "ear",  "apk",  "xpi",  "epub", "kmz",  "cbz",
      "rar",  "7z",   "tar",  "gz",   "tgz",  "bz2",  "tbz",  "tbz2", "xz",   "txz",
      "zst",  "lz",   "lzma", "cab",  "iso",  "lzh",  "lha",  "cpio", "rpm",  "deb",
      "docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xlsb", "pptx", "pptm",
      "ppsx", "potx", "doc",  "dot",  "xls",  "xlt",  "ppt",  "pps",  "odt",  "ods",
      "odp",  "ott",  "rtf",  "pdf",  "vsd",  "vsdx", "pub",  "p7m",  "xps",  "oxps"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

bool IsOtherData(const Leaf& leaf) {
  return leaf.type == Type::kBinary && !leaf.name.empty() &&
         leaf.media_type.find("zip") == std::string::npos &&
         leaf.media_type.find("officedocument") == std::string::npos &&
         !PromisesContent(Extension(leaf.name));
}

bool IsMailbox(Bytes head) {
  const size_t line = head.find('\n');
  return head.substr(0, 5) == "From " && line != Bytes::npos &&
         LooksLikeMessage(head.substr(line + 1));
}

Type Sniff(Bytes bytes, std::string_view name, std::string_view media_type) {
  if (bytes.empty()) {
    return Type::kEmpty;
  }
  const Type magic = SniffMagic(bytes);
  const bool labelled_text = AsciiStartsWithIgnoreCase(media_type, "text/");
  if (magic != Type::kBinary) {
    // Text may speak of a PDF's first line, or begin with letters that happen to be a magic.
    const bool weak = magic == Type::kPdf && bytes.substr(0, 5) != "%PDF-" &&
                      bytes.substr(0, 5) != "%FDF-" && labelled_text && LooksLikeText(bytes, true);
    const bool script_text =
        magic == Type::kExecutable && bytes[0] == '#' && labelled_text && name.empty();
    const bool letters = labelled_text && name.empty() &&
                         (magic == Type::kArchive || magic == Type::kExecutable) &&
                         LooksLikeText(bytes, false) && IsAscii(bytes.substr(0, 64));
    if (!weak && !script_text && !letters) {
      return magic;
    }
  }
  const std::string extension = Extension(name);
  if ((extension == "pdf" || AsciiEqualsIgnoreCase(media_type, "application/pdf")) &&
      magic == Type::kBinary && IsShapedAsPdf(bytes)) {
    return Type::kPdf;
  }
  if (!LooksLikeText(bytes, labelled_text || IsTextExtension(extension))) {
    // A message may well have a body of bytes.
    return !labelled_text && LooksLikeMessage(SkipBomAndBlanks(bytes.substr(0, kTextWindow * 2)))
               ? Type::kMessage
               : Type::kBinary;
  }
  if (extension == "eml" || AsciiEqualsIgnoreCase(media_type, "message/rfc822") ||
      AsciiEqualsIgnoreCase(media_type, "message/global") ||
      AsciiEqualsIgnoreCase(media_type, "text/rfc822-headers")) {
    return Type::kMessage;
  }
  Bytes head = SkipBomAndBlanks(bytes.substr(0, kTextWindow * 2));
  if (extension == "emlx") {
    head.remove_prefix(std::min(head.find_first_not_of("0123456789 \r\n"), head.size()));
  }
  if (IsMailbox(head) && !(labelled_text && name.empty())) {
    return Type::kMessage;
  }
  if (AsciiEqualsIgnoreCase(media_type, "text/html") ||
      AsciiEqualsIgnoreCase(media_type, "application/xhtml+xml") || IsPageExtension(extension)) {
    return Type::kHtml;
  }
  if (AsciiEqualsIgnoreCase(media_type, "text/calendar") || extension == "ics") {
    return Type::kCalendar;
  }
  if (head.substr(0, 4) == "{\\rt") {
    return Type::kRtf;
  }
  if (head.substr(0, 15) == "-----BEGIN PGP ") {
    return Type::kPgp;
  }
  if (labelled_text && name.empty() && AsciiEqualsIgnoreCase(media_type, "text/plain")) {
    return Type::kText;  // shown as it is
  }
  // XML without its first line.
  static constexpr std::string_view kXmlExtensions[] = {"xml", "kml", "gpx",  "plist", "drawio",
                                                        "fb2", "rss", "atom", "xsl",   "xslt",
                                                        "xsd", "gml", "xlf"};
  const bool xml_name = std::find(std::begin(kXmlExtensions), std::end(kXmlExtensions),
                                  extension) != std::end(kXmlExtensions);
  const Type markup = SniffMarkup(head);
  if (markup == Type::kText && xml_name && head.size() > 1 && head[0] == '<' && head[1] != '?') {
    return Type::kXml;
  }
  if (markup == Type::kText && (!labelled_text || extension == "mht" || extension == "mhtml") &&
      LooksLikeMessage(head)) {
    return Type::kMessage;
  }
  return markup;
}

}  // namespace gatepost::decode
