// Small files written byte by byte, so that a test shows what is odd about them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/limits.h"
#include "src/decode/leaf.h"
#include "src/mail/message.h"

namespace gatepost::decode {

// Little-endian bytes of a number.
std::string Le(uint64_t value, int bytes);
// A DEFLATE stream of one stored block (RFC 1951 3.2.4). REQUIRES: data below 64 KiB.
std::string StoredDeflate(std::string_view data);

// One zip entry; the *_local fields stand in the local header where they differ from the directory.
struct TestEntry {
  std::string name;
  std::string data;  // as unpacked
  bool deflate = false;
  uint16_t flags = 0;
  // Overrides; -1: as it should be.
  int64_t method = -1;
  int64_t local_method = -1;
  int64_t local_packed = -1;
  int64_t crc = -1;
  std::string local_name{};
  bool listed = true;    // in the central directory
  std::string packed{};  // `data` as packed by a method of the override's; empty: packed here
};
std::string MakeZip(const std::vector<TestEntry>& entries, int declared_count = -1);
// A docx of the given parts, with [Content_Types].xml.
std::string MakeOoxml(std::vector<TestEntry> parts);
// The header of a member of a tar archive (ustar): '0' a file, '2' a link to `target`, '5' a
// folder.
std::string TarHeader(const std::string& name, char type, uint64_t size = 0,
                      const std::string& target = "");
// A tar archive of small files.
std::string MakeTar(const std::vector<std::pair<std::string, std::string>>& files);
// A compound file (MS-CFB) with up to three streams below 48 KiB together.
std::string MakeCfb(const std::vector<std::pair<std::string, std::string>>& streams);
// A Word 97 document of 8-bit text whose characters [begin, end) have these single property
// modifiers. REQUIRES: text of at most 900 bytes, short names of fonts (ASCII).
std::string MakeDoc(const std::string& text, size_t begin, size_t end, const std::string& sprms,
                    const std::vector<std::string>& fonts = {});
// An OpenDocument text: its automatic styles, and what stands in <office:body>.
std::string MakeOdt(const std::string& styles, const std::string& body);
std::string Utf16(std::string_view ascii);
std::string Base64(std::string_view data);

// Leaves with the bytes that they may point into.
struct Opened : Leaves {
  Opened(Leaves&& from) : Leaves(std::move(from)) {}  // NOLINT: implicit on purpose
  std::unique_ptr<std::string> bytes;
};
// DecodeDocument of bytes that live as long as the result.
Opened OpenBytes(const std::string& name, std::string bytes, const Limits& limits);

// What was found, for comparing.
bool HasDefect(const Leaves& leaves, mail::DefectId id);
bool HasUnscannable(const Leaves& leaves, Reason reason);
bool HasLeaf(const Leaves& leaves, std::string_view path);
bool AnyLeafContains(const Leaves& leaves, std::string_view bytes);
// All text of a zone.
std::string TextOf(const Leaves& leaves, std::string_view zone);
// All that rules would see: texts of documents, and text leaves as they are.
std::string Everything(const Leaves& leaves);
bool Fact(const Leaves& leaves, const std::string& name);
// "font=text;" of each stretch in a font, all zones.
std::string FontRunsOf(const Leaves& leaves);

// A parsed message that keeps its bytes.
struct ParsedMail {
  explicit ParsedMail(std::string text);
  std::string raw;
  mail::Message message;
};

}  // namespace gatepost::decode
