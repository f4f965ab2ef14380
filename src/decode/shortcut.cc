// Small files that open something else: Windows shortcuts (MS-SHLLINK), and files called url,
// library-ms, searchConnector-ms, settingcontent-ms, iqy, slk, csv with DDE, rdp.
// LIMITS: the first MiB of text files; 64 KiB of a string of a shortcut.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/formula.h"
#include "src/decode/inflate.h"
#include "src/decode/openers.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostText = 1U << 20;

bool IsLink(Bytes b) { return b.substr(0, 8) == Bytes("L\0\0\0\x01\x14\x02\0", 8); }

// Readable stretches of an item list: names in ASCII or UTF-16.
std::string Names(Bytes items) {
  constexpr size_t kShortest = 4;
  std::string out;
  for (const size_t step : {size_t{1}, size_t{2}}) {
    for (size_t start = 0; start < step; ++start) {
      std::string run;
      for (size_t i = start; i < items.size(); i += step) {
        const bool high = step == 2 && i + 1 < items.size() && items[i + 1] != '\0';
        if (items[i] >= ' ' && items[i] < 0x7f && !high) {
          run.push_back(items[i]);
          continue;
        }
        if (run.size() >= kShortest) {
          out += run + "\n";
        }
        run.clear();
      }
      if (run.size() >= kShortest) {
        out += run + "\n";
      }
    }
  }
  return out;
}

std::string ToNul(Bytes b) { return std::string(b.substr(0, b.find('\0'))); }

void OpenLink(size_t leaf, Collector* out) {
  const Bytes bytes = out->leaf(leaf).bytes;
  const LittleEndian in(bytes);
  const uint32_t flags = in.U32(20);
  constexpr uint32_t kHasIdList = 1;
  constexpr uint32_t kHasInfo = 2;
  constexpr uint32_t kFirstString = 4;  // name, relative path, folder, arguments, icon
  constexpr int kStrings = 5;
  constexpr uint32_t kUnicode = 0x80;
  std::string text;
  uint64_t at = 76;
  if ((flags & kHasIdList) != 0) {
    text += Names(in.Slice(at + 2, in.U16(at)));
    at += 2 + in.U16(at);
  }
  if ((flags & kHasInfo) != 0) {
    const Bytes info = in.Slice(at, in.U32(at));
    const LittleEndian fields(info);
    if (fields.U32(16) != 0) {
      text += CodePageToUtf8(1252, ToNul(fields.Slice(fields.U32(16), 4096))) + "\n";
    }
    text += CodePageToUtf8(1252, ToNul(fields.Slice(fields.U32(24), 4096))) + "\n";
    const uint64_t share = fields.U32(20);  // a file on another machine
    if (share != 0) {
      text += CodePageToUtf8(1252, ToNul(fields.Slice(share + fields.U32(share + 8), 4096))) + "\n";
    }
    at += std::max<uint32_t>(in.U32(at), 4);
  }
  for (int i = 0; i < kStrings; ++i) {
    if ((flags & (kFirstString << i)) == 0) {
      continue;
    }
    const uint64_t size = static_cast<uint64_t>(in.U16(at)) * ((flags & kUnicode) != 0 ? 2 : 1);
    const Bytes value = in.Slice(at + 2, size);
    text += ((flags & kUnicode) != 0 ? Utf16LeToUtf8(value) : CodePageToUtf8(1252, value)) + "\n";
    at += 2 + size;
  }
  for (int blocks = 0; in.U32(at) >= 8 && blocks < 100; ++blocks) {
    if (in.U32(at + 4) == 0xa0000001 || in.U32(at + 4) == 0xa0000007) {  // environment, icon
      const std::string wide = Utf16LeToUtf8(in.Slice(at + 268, 520));
      text += ToNul(wide) + "\n";
    }
    at += in.U32(at);
  }
  at += 4;
  out->AddText(leaf, "attachment", "shortcut", std::move(text));
  out->SetFact("shortcut.attached");
  // What hangs behind is for the command that the shortcut runs.
  if (at + 16 < bytes.size() && out->TakeMember(out->leaf(leaf).path)) {
    out->AddMember(leaf, "appended", bytes.substr(at));
  }
}

class LocationSink : public XmlSink {
 public:
  void Start(std::string_view name, const XmlAttributes& /*attributes*/) override {
    keep_ = name == "url" || name == "DeepLink" || name == "domain" || name == "connectedState";
  }
  void End(std::string_view /*name*/) override {
    if (keep_ && !text.empty() && text.back() != '\n') {
      text.push_back('\n');
    }
    keep_ = false;
  }
  void Text(std::string_view utf8) override {
    if (keep_) {
      text.append(utf8);
    }
  }
  std::string text;

 private:
  bool keep_ = false;
};

// The values of lines that begin with one of the keys.
std::string Values(std::string_view text, std::initializer_list<std::string_view> keys) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = AsciiTrim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    for (const std::string_view key : keys) {
      if (AsciiStartsWithIgnoreCase(line, key)) {
        out.append(line.substr(key.size()));
        out.push_back('\n');
      }
    }
  }
  return out;
}

// A cell that talks to another program: =cmd|' /C calc'!A0. Bars and exclamation marks stand in any
// text, so more is asked of it than of a formula.
bool HasDde(std::string_view text, bool symbolic) {
  for (size_t bar = text.find('|'); bar != std::string_view::npos; bar = text.find('|', bar + 1)) {
    constexpr size_t kAround = 300;
    const size_t from = bar > 40 ? bar - 40 : 0;
    const std::string_view before = text.substr(from, bar - from);
    const size_t cell = before.find_last_of(",;\t\n\"");
    std::string_view name =
        AsciiTrim(cell == std::string_view::npos ? before : before.substr(cell + 1));
    const bool formula =
        !name.empty() && (std::string_view("=+-@").find(name[0]) != std::string_view::npos ||
                          (symbolic && name[0] == 'E'));
    std::string_view after = text.substr(bar + 1, kAround);
    after = after.substr(0, after.find('\n'));
    if (formula && name.size() > 1 && IsTopicAndItem(after)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void OpenActiveMime(size_t leaf, Collector* out) {
  const Bytes bytes = out->leaf(leaf).bytes;
  const size_t zlib = bytes.substr(0, 256).find('\x78', 12);
  if (zlib == Bytes::npos) {
    return;
  }
  Inflated project = Inflate(bytes.substr(zlib + 2), out->Room());
  if (!project.bytes.empty() && out->TakeMember(out->leaf(leaf).path)) {
    out->AddMember(leaf, "project", out->Keep(std::move(project.bytes)));
  }
}

bool OpenShortcut(size_t leaf, Collector* out) {
  const Bytes bytes = out->leaf(leaf).bytes;
  if (IsLink(bytes)) {
    OpenLink(leaf, out);
    return true;
  }
  const Type type = out->leaf(leaf).type;
  if (type != Type::kText && type != Type::kXml && type != Type::kBinary) {
    return false;
  }
  std::string converted;
  std::string_view text = bytes.substr(0, kMostText);
  if (text.substr(0, 2) == "\xff\xfe") {
    converted = Utf16LeToUtf8(text.substr(2));
    text = converted;
  } else if (type == Type::kBinary) {
    return false;
  }
  if (type == Type::kXml) {
    const std::string root = XmlRoot(bytes);
    if (root != "libraryDescription" && root != "searchConnectorDescription" &&
        root != "PCSettings") {
      return false;
    }
    LocationSink sink;
    ParseXml(bytes, &sink);
    out->AddText(leaf, "url", "locations", sink.text);
    out->AddText(leaf, "attachment", "locations", std::move(sink.text));
    out->SetFact("shortcut.attached");
    return true;
  }
  if (text.substr(0, 3) == "\xef\xbb\xbf") {
    text.remove_prefix(3);
  }
  const std::string extension = Extension(out->leaf(leaf).name);
  const std::string head = AsciiLower(text.substr(0, 4096));
  if (head.find("[internetshortcut") != std::string::npos ||
      (extension == "url" && head.find("url=") != std::string::npos)) {
    out->AddText(leaf, "url", "shortcut",
                 Values(text, {"URL=", "BASEURL=", "ORIGURL=", "IconFile=", "WorkingDirectory="}));
  } else if (extension == "rdp" || head.find("full address:s:") != std::string::npos) {
    out->AddText(leaf, "url", "shortcut",
                 Values(text, {"full address:s:", "alternate full address:s:", "gatewayhostname:s:",
                               "remoteapplicationprogram:s:"}));
  } else if (extension == "iqy" ||
             (head.compare(0, 4, "web\r") == 0 || head.compare(0, 4, "web\n") == 0)) {
    out->SetFact("document.external");
  } else if (head.compare(0, 3, "id;") == 0 || extension == "slk" || extension == "csv" ||
             extension == "tsv") {
    if (HasDde(text, head.compare(0, 3, "id;") == 0)) {
      out->SetFact("document.dde");
      out->SetFact("document.external");
    }
    if (head.compare(0, 3, "id;") == 0 && AsciiLower(text).find("exec(") != std::string::npos) {
      out->SetFact("document.macros");
    }
    return true;
  } else {
    return false;
  }
  out->SetFact("shortcut.attached");
  return true;
}

}  // namespace gatepost::decode
