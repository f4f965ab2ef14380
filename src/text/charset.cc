// The ladder. ICU converts what is neither UTF-8 nor windows-1252; it also tells where each
// character came from, so the way back is exact for every charset. SPDX-License-Identifier:
// GPL-2.0-or-later
#include "src/text/charset.h"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "src/base/utf8.h"

namespace gatepost::text {

namespace {

constexpr std::array<char16_t, 32> kC1 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

struct Converter {
  struct Closer {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  std::unique_ptr<UConverter, Closer> handle;
};

// Labels that say nothing, and those that mail programs mean otherwise than their name says (as the
// WHATWG Encoding Standard reads them).
std::string Canonical(std::string_view label) {
  std::string name = AsciiLower(AsciiTrim(label));
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'')) {
    name = name.substr(1, name.size() - 2);
  }
  static const std::unordered_map<std::string, std::string> aliases = {
      {"us-ascii", "windows-1252"},
      {"ascii", "windows-1252"},
      {"ansi_x3.4-1968", "windows-1252"},
      {"iso-8859-1", "windows-1252"},
      {"iso8859-1", "windows-1252"},
      {"iso_8859-1", "windows-1252"},
      {"latin1", "windows-1252"},
      {"cp1252", "windows-1252"},
      {"iso-8859-9", "windows-1254"},
      {"iso-8859-11", "windows-874"},
      {"tis-620", "windows-874"},
      {"gb2312", "gb18030"},
      {"gbk", "gb18030"},
      {"x-gbk", "gb18030"},
      {"gb_2312-80", "gb18030"},
      {"chinesebig5", "big5"},
      {"ks_c_5601-1987", "windows-949"},
      {"ks_c_5601", "windows-949"},
      {"euc-kr", "windows-949"},
      {"shift_jis", "ibm-943_P15A-2003"},
      {"x-sjis", "ibm-943_P15A-2003"},
      {"utf8", "utf-8"},
      {"utf-8-mac", "utf-8"},
      {"unicode-1-1-utf-8", "utf-8"},
      {"cp1258", "windows-1258"},
      {"x-cp1258", "windows-1258"},
      {"unicode-1-1-utf-7", "utf-7"},
      {"iso-8859-8-i", "iso-8859-8"},
      {"unicode", "utf-16"},
      {"ucs-2", "utf-16"},
      {"iso-10646-ucs-2", "utf-16"},
      {"x-user-defined", ""},
      {"x-binaryenc", ""},
      {"unknown-8bit", ""},
      {"x-unknown", ""},
      {"unknown", ""},
      {"8bit", ""},
      {"7bit", ""},
      {"binary", ""},
      {"default", ""},
      {"default_charset", ""},
      {"_iso-2022-jp$esc", "iso-2022-jp"},
      {"viscii", ""},
      {"csviscii", ""}};
  const auto found = aliases.find(name);
  return found == aliases.end() ? name : found->second;
}

bool StartsWith(std::string_view s, std::string_view prefix) {
  return s.substr(0, prefix.size()) == prefix;
}

bool IsMultiByte(std::string_view name) {
  for (const std::string_view family :
       {"gb", "big5", "euc", "ibm-943", "windows-949", "windows-932", "windows-936", "windows-950",
        "iso-2022", "hz"}) {
    if (StartsWith(name, family)) {
      return true;
    }
  }
  return false;
}

void AppendPiece(size_t view, size_t source, std::vector<MapPiece>* pieces) {
  const MapPiece piece{static_cast<uint32_t>(view), static_cast<uint32_t>(source)};
  if (pieces->empty()) {
    if (view == source) {
      return;
    }
    if (view != 0) {
      pieces->push_back({0, 0});
    }
  } else if (piece.source - pieces->back().source == piece.view - pieces->back().view) {
    return;
  }
  pieces->push_back(piece);
}

void ReadWindows1252(Bytes bytes, Decoded* out) {
  out->charset = "windows-1252";
  out->utf8.reserve(bytes.size() + bytes.size() / 4);
  for (size_t i = 0; i < bytes.size(); ++i) {
    AppendPiece(out->utf8.size(), i, &out->pieces);
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte < 0x80) {
      out->utf8.push_back(bytes[i]);
    } else {
      AppendUtf8(Windows1252(byte), &out->utf8);
    }
  }
  AppendPiece(out->utf8.size(), bytes.size(), &out->pieces);
}

// An overlong sequence of UTF-8 (RFC 3629 forbids it, old readers take it): "\xC0\xBC" is '<'. The
// bytes it takes, and the character; 0: none here.
size_t OverlongAt(Bytes bytes, size_t at, char32_t* c) {
  const auto byte = [&](size_t i) {
    return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  const size_t size = first == 0xC0 || first == 0xC1    ? 2
                      : first == 0xE0 && byte(1) < 0xA0 ? 3
                      : first == 0xF0 && byte(1) < 0x90 ? 4
                      : first == 0xF8 && byte(1) < 0x88 ? 5
                      : first == 0xFC && byte(1) < 0x84 ? 6
                                                        : 0;
  *c = size == 2 ? first & 1U : 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) {
      return 0;
    }
    *c = (*c << 6U) | (byte(i) & 0x3FU);
  }
  return size > 0 && *c >= 0x20 && *c <= 0x10FFFF && (*c < 0xD800 || *c > 0xDFFF) ? size : 0;
}

// Valid UTF-8, or with each ill-formed sequence replaced.
void ReadUtf8(Bytes bytes, size_t skip, Decoded* out) {
  out->charset = "utf-8";
  out->utf8.reserve(bytes.size() - skip);
  size_t run = skip;
  AppendPiece(0, skip, &out->pieces);
  for (size_t i = skip; i < bytes.size();) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80) {
      ++i;
      continue;
    }
    const Utf8Unit unit = DecodeUtf8(bytes, i);
    size_t took = unit.bytes;
    if (!unit.valid) {
      out->utf8.append(bytes.substr(run, i - run));
      AppendPiece(out->utf8.size(), i, &out->pieces);
      char32_t overlong = 0;
      const size_t size = OverlongAt(bytes, i, &overlong);
      took = size > 0 ? size : took;
      out->overlong += size > 0 ? 1U : 0U;
      out->repaired = out->repaired || size == 0;
      AppendUtf8(size > 0 ? overlong : kReplacement, &out->utf8);
      run = i + took;
      AppendPiece(out->utf8.size(), run, &out->pieces);
    }
    i += took;
  }
  out->utf8.append(bytes.substr(run));
  if (!out->pieces.empty()) {
    AppendPiece(out->utf8.size(), bytes.size(), &out->pieces);
  }
}

// False: ICU does not know the name. `bytes` from `skip` on.
bool ReadIcu(Bytes bytes, size_t skip, const std::string& name, Decoded* out) {
  if (name.empty() || name.size() > 60) {
    return false;
  }
  UErrorCode status = U_ZERO_ERROR;
  const Converter converter{
      std::unique_ptr<UConverter, Converter::Closer>(ucnv_open(name.c_str(), &status))};
  if (U_FAILURE(status) != 0 || converter.handle == nullptr) {
    return false;
  }
  out->charset = name;
  const char* source = bytes.data() + skip;
  const char* const source_end = bytes.data() + bytes.size();
  std::array<UChar, 2048> chunk{};
  std::array<int32_t, 2048> offsets{};
  char32_t high = 0;
  AppendPiece(0, skip, &out->pieces);
  bool more = true;
  while (more) {
    const char* const chunk_start = source;
    UChar* target = chunk.data();
    status = U_ZERO_ERROR;
    ucnv_toUnicode(converter.handle.get(), &target, chunk.data() + chunk.size(), &source,
                   source_end, offsets.data(), 1, &status);
    more = status == U_BUFFER_OVERFLOW_ERROR;
    const auto base = static_cast<size_t>(chunk_start - bytes.data());
    for (size_t i = 0; i < static_cast<size_t>(target - chunk.data()); ++i) {
      const char32_t unit = chunk[i];
      if (unit >= 0xD800 && unit < 0xDC00) {
        high = unit;
        continue;
      }
      char32_t c = unit;
      if (unit >= 0xDC00 && unit < 0xE000) {
        c = high == 0 ? kReplacement : 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
      }
      high = 0;
      out->repaired = out->repaired || c == kReplacement || c == 0x1A;
      if (offsets[i] >= 0) {
        const size_t at = base + static_cast<size_t>(offsets[i]);
        // A converter may point back into what it kept from the chunk before.
        if (at <= bytes.size() && (out->pieces.empty() || at >= out->pieces.back().source)) {
          AppendPiece(out->utf8.size(), at, &out->pieces);
        }
      }
      AppendUtf8(c, &out->utf8);
    }
  }
  AppendPiece(out->utf8.size(), bytes.size(), &out->pieces);
  return true;
}

struct Bom {
  std::string_view bytes;
  const char* charset;
};

// UTF-16 or UTF-32 without a BOM shows by where its NUL bytes stand. "" neither.
const char* FindWide(Bytes bytes) {
  const size_t sample = std::min<size_t>(bytes.size(), 4096) & ~size_t{3};
  if (sample < 4) {
    return "";
  }
  std::array<size_t, 4> nul{};
  for (size_t i = 0; i < sample; ++i) {
    nul[i % 4] += bytes[i] == '\0' ? 1U : 0U;
  }
  const size_t each = sample / 4;
  if (nul[2] + nul[3] >= 2 * each - each / 8 && nul[0] + nul[1] * 2 < each * 2) {
    return nul[0] > each / 4 ? "" : "utf-32le";
  }
  if (nul[0] + nul[1] >= 2 * each - each / 8 && nul[3] <= each / 4) {
    return "utf-32be";
  }
  const size_t even = nul[0] + nul[2];
  const size_t odd = nul[1] + nul[3];
  if (odd >= each / 2 + 1 && even <= each / 8) {
    return "utf-16le";
  }
  return even >= each / 2 + 1 && odd <= each / 8 ? "utf-16be" : "";
}

bool HasIso2022Escape(Bytes bytes) {
  for (size_t i = bytes.find('\x1B'); i != Bytes::npos; i = bytes.find('\x1B', i + 1)) {
    if (i + 2 < bytes.size() &&
        ((bytes[i + 1] == '$' && (bytes[i + 2] == '@' || bytes[i + 2] == 'B' ||
                                  bytes[i + 2] == '(' || bytes[i + 2] == ')')) ||
         (bytes[i + 1] == '(' &&
          (bytes[i + 2] == 'B' || bytes[i + 2] == 'J' || bytes[i + 2] == 'I')))) {
      return true;
    }
  }
  return false;
}

struct Utf8Counts {
  size_t valid = 0;     // sequences of two and more
  size_t overlong = 0;  // that are ill-formed only for being too long
  size_t invalid = 0;
};

Utf8Counts CountUtf8(Bytes bytes) {
  Utf8Counts out;
  for (size_t i = 0; i < bytes.size();) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80) {
      ++i;
      continue;
    }
    const Utf8Unit unit = DecodeUtf8(bytes, i);
    char32_t c = 0;
    const size_t overlong = unit.valid ? 0 : OverlongAt(bytes, i, &c);
    ++(unit.valid ? out.valid : overlong > 0 ? out.overlong : out.invalid);
    i += overlong > 0 ? overlong : unit.bytes;
  }
  return out;
}

bool IsUtf16Or32(std::string_view name) {
  return StartsWith(name, "utf-16") || StartsWith(name, "utf-32") || StartsWith(name, "utf16") ||
         StartsWith(name, "utf32") || StartsWith(name, "ucs");
}

// What has a BOM, NUL bytes or 7-bit shifts. False: none of these.
bool ReadMarked(Bytes bytes, const std::string& label, Decoded* out) {
  static constexpr std::array<Bom, 5> kBoms = {Bom{std::string_view("\xFF\xFE\0\0", 4), "utf-32le"},
                                               Bom{std::string_view("\0\0\xFE\xFF", 4), "utf-32be"},
                                               Bom{std::string_view("\xEF\xBB\xBF", 3), "utf-8"},
                                               Bom{std::string_view("\xFF\xFE", 2), "utf-16le"},
                                               Bom{std::string_view("\xFE\xFF", 2), "utf-16be"}};
  for (const Bom& bom : kBoms) {
    if (!StartsWith(bytes, bom.bytes)) {
      continue;
    }
    const std::string_view charset = bom.charset;
    out->label_lied = !label.empty() && label.substr(0, 6) != charset.substr(0, 6) &&
                      !(label == "windows-1252" && charset == "utf-8");
    if (charset == "utf-8") {
      ReadUtf8(bytes, bom.bytes.size(), out);
      return true;
    }
    return ReadIcu(bytes, bom.bytes.size(), bom.charset, out);
  }
  if (bytes.find('\0') != Bytes::npos) {
    const std::string_view wide = FindWide(bytes);
    if (!wide.empty()) {
      out->label_lied = !label.empty() && label.substr(0, 6) != wide.substr(0, 6);
      return ReadIcu(bytes, 0, std::string(wide), out);
    }
  }
  if (label == "utf-7" || StartsWith(label, "iso-2022") || StartsWith(label, "hz")) {
    return ReadIcu(bytes, 0, label, out);
  }
  if (bytes.find('\x1B') != Bytes::npos && HasIso2022Escape(bytes)) {
    out->label_lied = !label.empty();
    return ReadIcu(bytes, 0, bytes.find("\x1B$)C") != Bytes::npos ? "iso-2022-kr" : "iso-2022-jp",
                   out);
  }
  return false;
}

}  // namespace

char32_t Windows1252(unsigned char byte) {
  return byte >= 0x80 && byte < 0xA0 ? char32_t{kC1[byte - 0x80U]} : char32_t{byte};
}

char32_t OneByte(unsigned char byte, const char* charset) {
  Decoded out;
  const char c = static_cast<char>(byte);
  const bool known = ReadIcu(Bytes(&c, 1), 0, charset, &out);
  const Utf8Unit unit =
      known && !out.utf8.empty() ? DecodeUtf8(out.utf8, 0) : Utf8Unit{kReplacement, 1, false};
  return unit.bytes == out.utf8.size() ? unit.code_point : kReplacement;
}

int ByteOf(char32_t c) {
  if (c < 0x100) {
    return static_cast<int>(c);
  }
  const auto found = std::find(kC1.begin(), kC1.end(), c);
  return found == kC1.end() || c > 0xFFFF ? -1 : 0x80 + static_cast<int>(found - kC1.begin());
}

Decoded Decode(Bytes bytes, std::string_view charset_label) {
  Decoded out;
  const std::string label = Canonical(charset_label);
  if (ReadMarked(bytes, label, &out)) {
    return out;
  }
  if (IsAscii(bytes)) {
    out.utf8 = bytes;
    out.charset = "us-ascii";
    out.label_lied = IsUtf16Or32(label);
    return out;
  }
  const Utf8Counts counts = CountUtf8(bytes);
  const bool multi_byte = IsMultiByte(label);
  // Too long a form alone is UTF-8 to a reader who was told so, or where there is no label.
  if (counts.invalid == 0 && counts.overlong > 0 && (label == "utf-8" || label.empty())) {
    ReadUtf8(bytes, 0, &out);
    return out;
  }
  if (counts.invalid + counts.overlong == 0) {
    const bool sure = !multi_byte || counts.valid >= 3;
    Decoded labelled;
    if (sure || !ReadIcu(bytes, 0, label, &labelled) || labelled.repaired) {
      out.label_lied =
          !label.empty() && label != "utf-8" && AsciiLower(charset_label) != "us-ascii";
      ReadUtf8(bytes, 0, &out);
      return out;
    }
    return labelled;
  }
  if (label == "utf-8" || label.empty()) {
    // Damage, or another charset altogether? Mostly well-formed sequences say damage.
    const size_t invalid = counts.invalid + counts.overlong;
    if (counts.valid > invalid || (label == "utf-8" && counts.valid == invalid)) {
      ReadUtf8(bytes, 0, &out);
      return out;
    }
    out.label_lied = !label.empty();
    out.was_told_utf8 = !label.empty();
    ReadWindows1252(bytes, &out);
    return out;
  }
  // Told to be wide, and so it is, though few of its bytes are NUL.
  if (IsUtf16Or32(label) && bytes.size() % 2 == 0) {
    Decoded wide;
    if (ReadIcu(bytes, 0, label, &wide) && !wide.repaired) {
      return wide;
    }
  }
  if (label != "windows-1252" && !IsUtf16Or32(label) && ReadIcu(bytes, 0, label, &out)) {
    return out;
  }
  out.label_lied = label != "windows-1252";
  ReadWindows1252(bytes, &out);
  return out;
}

Decoded DecodeAsUtf8(Bytes bytes) {
  Decoded out;
  ReadUtf8(bytes, 0, &out);
  return out;
}

std::string MetaCharset(Bytes html) {
  // HTML 5 looks through 1,024 bytes; mail programs put more before it.
  const std::string head = AsciiLower(html.substr(0, 4'096));
  for (size_t meta = head.find("<meta"); meta != std::string::npos;
       meta = head.find("<meta", meta + 5)) {
    const size_t close = std::min(head.find('>', meta), head.size());
    size_t at = head.find("charset", meta);
    if (at == std::string::npos || at > close) {
      continue;
    }
    at = head.find_first_not_of(" \t\r\n", at + 7);
    if (at == std::string::npos || head[at] != '=') {
      continue;
    }
    at = head.find_first_not_of(" \t\r\n\"'", at + 1);
    const size_t end = std::min(head.find_first_of(" \t\r\n\"'>;/", at), head.size());
    const std::string name = at < end ? head.substr(at, end - at) : "";
    // Where this could be read byte by byte, it is not wide.
    return IsUtf16Or32(name) ? "utf-8" : name;
  }
  return "";
}

std::string ToUtf8(Bytes bytes, std::string_view charset_label, bool* label_lied) {
  Decoded decoded = Decode(bytes, charset_label);
  if (label_lied != nullptr) {
    *label_lied = decoded.label_lied;
  }
  return std::move(decoded.utf8);
}

}  // namespace gatepost::text
