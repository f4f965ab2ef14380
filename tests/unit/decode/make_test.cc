// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/decode/make.h"

#include <algorithm>
#include <utility>

#include "src/decode/inflate.h"

namespace gatepost::decode {

std::string Le(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) {
    out.push_back(i < 8 ? static_cast<char>(value >> (8 * i) & 0xff) : '\0');
  }
  return out;
}

std::string StoredDeflate(std::string_view data) {
  const auto length = static_cast<uint16_t>(data.size());
  return "\x01" + Le(length, 2) + Le(static_cast<uint16_t>(~length), 2) + std::string(data);
}

std::string MakeZip(const std::vector<TestEntry>& entries, int declared_count) {
  std::string out;
  std::string directory;
  int listed = 0;
  for (const TestEntry& entry : entries) {
    const std::string packed = !entry.packed.empty() ? entry.packed
                               : entry.deflate       ? StoredDeflate(entry.data)
                                                     : entry.data;
    const auto method =
        static_cast<uint64_t>(entry.method >= 0 ? entry.method : (entry.deflate ? 8 : 0));
    const auto local_method =
        entry.local_method >= 0 ? static_cast<uint64_t>(entry.local_method) : method;
    const uint64_t crc = entry.crc >= 0 ? static_cast<uint64_t>(entry.crc) : Crc32(entry.data);
    const std::string& local_name = entry.local_name.empty() ? entry.name : entry.local_name;
    const auto local_packed =
        entry.local_packed >= 0 ? static_cast<uint64_t>(entry.local_packed) : packed.size();
    const size_t offset = out.size();
    out += "PK\x03\x04" + Le(20, 2) + Le(entry.flags, 2) + Le(local_method, 2) + Le(0, 4) +
           Le(crc, 4) + Le(local_packed, 4) + Le(entry.data.size(), 4) + Le(local_name.size(), 2) +
           Le(0, 2) + local_name + packed;
    if (entry.listed) {
      ++listed;
      directory += "PK\x01\x02" + Le(20, 2) + Le(20, 2) + Le(entry.flags, 2) + Le(method, 2) +
                   Le(0, 4) + Le(crc, 4) + Le(packed.size(), 4) + Le(entry.data.size(), 4) +
                   Le(entry.name.size(), 2) + Le(0, 2) + Le(0, 2) + Le(0, 2) + Le(0, 2) + Le(0, 4) +
                   Le(offset, 4) + entry.name;
    }
  }
  const auto count = static_cast<uint64_t>(declared_count >= 0 ? declared_count : listed);
  const size_t start = out.size();
  return out + directory + "PK\x05\x06" + Le(0, 4) + Le(count, 2) + Le(count, 2) +
         Le(directory.size(), 4) + Le(start, 4) + Le(0, 2);
}

std::string MakeOoxml(std::vector<TestEntry> parts) {
  TestEntry types;
  types.name = "[Content_Types].xml";
  types.data = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
  parts.insert(parts.begin(), types);
  return MakeZip(parts);
}

std::string TarHeader(const std::string& name, char type, uint64_t size,
                      const std::string& target) {
  const auto octal = [](uint64_t value, size_t width) {
    std::string text(width - 1, '0');
    for (size_t i = width - 1; i-- > 0; value >>= 3) {
      text[i] = static_cast<char>('0' + (value & 7));
    }
    return text + std::string(1, '\0');
  };
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 8, octal(0644, 8));
  header.replace(108, 8, octal(0, 8));
  header.replace(116, 8, octal(0, 8));
  header.replace(124, 12, octal(size, 12));
  header.replace(136, 12, octal(0, 12));
  header.replace(148, 8, "        ");
  header[156] = type;
  header.replace(157, target.size(), target);
  header.replace(257, 6, std::string("ustar\0", 6));
  header.replace(263, 2, "00");
  uint64_t sum = 0;
  for (const char c : header) {
    sum += static_cast<unsigned char>(c);
  }
  header.replace(148, 8, octal(sum, 7) + " ");
  return header;
}

std::string MakeTar(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out;
  for (const auto& file : files) {
    out += TarHeader(file.first, '0', file.second.size()) + file.second;
    out.append((512 - file.second.size() % 512) % 512, '\0');
  }
  return out + std::string(1024, '\0');
}

std::string Utf16(std::string_view ascii) {
  std::string out;
  for (const char c : ascii) {
    out.push_back(c);
    out.push_back('\0');
  }
  return out;
}

std::string MakeOdt(const std::string& styles, const std::string& body) {
  return MakeZip({{"mimetype", "application/vnd.oasis.opendocument.text"},
                  {"content.xml", "<office:document-content><office:automatic-styles>" + styles +
                                      "</office:automatic-styles><office:body>" + body +
                                      "</office:body></office:document-content>"}});
}

std::string MakeDoc(const std::string& text, size_t begin, size_t end, const std::string& sprms,
                    const std::vector<std::string>& fonts) {
  constexpr uint64_t kText = 1024;
  std::string word(4096, '\0');
  std::string table(2048, '\0');
  const auto put = [](std::string* to, size_t at, const std::string& value) {
    to->replace(at, value.size(), value);
  };
  put(&word, 0, Le(0xa5ec, 2) + Le(0xc1, 2));
  put(&word, 0x0a, Le(0x0200, 2));
  put(&word, 0x4c, Le(text.size(), 4));
  put(&word, kText, text);
  // One piece of bytes.
  const std::string pieces =
      Le(0, 4) + Le(text.size(), 4) + Le(0, 2) + Le(0x40000000U | 2 * kText, 4) + Le(0, 2);
  const std::string clx = "\x02" + Le(pieces.size(), 4) + pieces;
  put(&table, 0, clx);
  put(&word, 0x01a2, Le(0, 4) + Le(clx.size(), 4));
  if (!fonts.empty()) {
    std::string names = Le(fonts.size(), 2) + Le(0, 2);
    for (const std::string& font : fonts) {
      const std::string body = std::string(39, '\0') + Utf16(font) + std::string(2, '\0');
      names += Le(body.size(), 1) + body;
    }
    put(&table, 512, names);
    put(&word, 0x0112, Le(512, 4) + Le(names.size(), 4));
  }
  // One page of character properties: nothing, the modifiers, nothing.
  put(&table, 1024, Le(kText, 4) + Le(kText + text.size(), 4) + Le(4, 4));
  put(&word, 0x00fa, Le(1024, 4) + Le(12, 4));
  std::string page(512, '\0');
  put(&page, 0,
      Le(kText, 4) + Le(kText + begin, 4) + Le(kText + end, 4) + Le(kText + text.size(), 4) +
          Le(0, 1) + Le(100, 1));
  put(&page, 200, Le(sprms.size(), 1) + sprms);
  page[511] = 3;
  put(&word, 2048, page);
  return MakeCfb({{"WordDocument", word}, {"1Table", table}});
}

std::string FontRunsOf(const Leaves& leaves) {
  std::string out;
  for (const DocumentText& text : leaves.texts) {
    for (const FontRun& run : text.fonts) {
      out += run.font + "=" + text.utf8.substr(run.begin, run.end - run.begin) + ";";
    }
  }
  return out;
}

std::string MakeCfb(const std::vector<std::pair<std::string, std::string>>& streams) {
  constexpr uint64_t kNone = 0xffffffff;
  constexpr uint64_t kEnd = 0xfffffffe;
  const auto entry = [](const std::string& name, int type, uint64_t right, uint64_t child,
                        uint64_t start, uint64_t size) {
    std::string wide = Utf16(name) + std::string(2, '\0');
    const uint64_t length = wide.size();
    wide.resize(64, '\0');
    return wide + Le(length, 2) + Le(static_cast<uint64_t>(type), 1) + Le(1, 1) + Le(kNone, 4) +
           Le(right, 4) + Le(child, 4) + std::string(36, '\0') + Le(start, 4) + Le(size, 8);
  };
  std::string fat = Le(0xfffffffd, 4) + Le(kEnd, 4);
  std::string directory = entry("Root Entry", 5, kNone, 1, kEnd, 0);
  std::string data;
  uint64_t sector = 2;
  for (size_t i = 0; i < streams.size(); ++i) {
    std::string bytes = streams[i].second;
    // Below 4,096 bytes a stream would live in the mini stream.
    bytes.resize(std::max<size_t>(4096, (bytes.size() + 511) / 512 * 512), '\0');
    directory += entry(streams[i].first, 2, i + 1 < streams.size() ? i + 2 : kNone, kNone, sector,
                       bytes.size());
    for (size_t n = bytes.size() / 512; n > 0; --n) {
      fat += Le(n > 1 ? sector + 1 : kEnd, 4);
      ++sector;
    }
    data += bytes;
  }
  fat.resize(512, '\xff');
  directory.resize(512, '\0');
  std::string header = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + std::string(16, '\0') + Le(0x3e, 2) +
                       Le(3, 2) + Le(0xfffe, 2) + Le(9, 2) + Le(6, 2) + std::string(6, '\0') +
                       Le(0, 4) + Le(1, 4) + Le(1, 4) + Le(0, 4) + Le(4096, 4) + Le(kEnd, 4) +
                       Le(0, 4) + Le(kEnd, 4) + Le(0, 4) + Le(0, 4);
  header.resize(512, '\xff');
  return header + fat + directory + data;
}

std::string Base64(std::string_view data) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < data.size(); i += 3) {
    uint32_t bits = 0;
    const size_t have = std::min<size_t>(3, data.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < have ? static_cast<unsigned char>(data[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      out.push_back(k <= have ? kLetters[bits >> (18 - 6 * k) & 63] : '=');
    }
    if (out.size() % 78 == 76) {
      out += "\r\n";
    }
  }
  return out;
}

Opened OpenBytes(const std::string& name, std::string bytes, const Limits& limits) {
  auto kept = std::make_unique<std::string>(std::move(bytes));
  Opened opened(DecodeDocument(name, *kept, limits));
  opened.bytes = std::move(kept);
  return opened;
}

bool HasDefect(const Leaves& leaves, mail::DefectId id) {
  return std::any_of(leaves.defects.begin(), leaves.defects.end(),
                     [id](const mail::Defect& defect) { return defect.id == id; });
}

bool HasUnscannable(const Leaves& leaves, Reason reason) {
  return std::any_of(leaves.unscannable.begin(), leaves.unscannable.end(),
                     [reason](const Unscannable& u) { return u.reason == reason; });
}

bool HasLeaf(const Leaves& leaves, std::string_view path) {
  return std::any_of(leaves.leaves.begin(), leaves.leaves.end(),
                     [path](const Leaf& leaf) { return leaf.path == path; });
}

bool AnyLeafContains(const Leaves& leaves, std::string_view bytes) {
  return std::any_of(leaves.leaves.begin(), leaves.leaves.end(), [bytes](const Leaf& leaf) {
    return !leaf.is_container && leaf.bytes.find(bytes) != Bytes::npos;
  });
}

std::string TextOf(const Leaves& leaves, std::string_view zone) {
  std::string out;
  for (const DocumentText& text : leaves.texts) {
    if (text.zone == zone) {
      out += text.utf8;
    }
  }
  return out;
}

std::string Everything(const Leaves& leaves) {
  std::string all;
  for (const DocumentText& text : leaves.texts) {
    (all += text.utf8).push_back('\n');
  }
  for (const Leaf& leaf : leaves.leaves) {
    if (leaf.type == Type::kText || leaf.type == Type::kHtml || leaf.type == Type::kXml ||
        leaf.type == Type::kCalendar || leaf.type == Type::kVcard) {
      (all += leaf.bytes).push_back('\n');
    }
  }
  return all;
}

bool Fact(const Leaves& leaves, const std::string& name) {
  const auto found = leaves.facts.find(name);
  return found != leaves.facts.end() && found->second == "true";
}

ParsedMail::ParsedMail(std::string text)
    : raw(std::move(text)), message(mail::Message::Parse(raw, Limits())) {}

}  // namespace gatepost::decode
