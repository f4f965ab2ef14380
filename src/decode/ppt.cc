// PowerPoint 97-2003 (MS-PPT), and property sets (MS-OLEPS). Containers are entered by stepping
// over their headers, so nesting needs no stack. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include "src/decode/charset.h"
#include "src/decode/inflate.h"
#include "src/decode/office97.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

LegacyText ReadPpt(Bytes document, uint64_t limit) {
  LegacyText out;
  const LittleEndian in(document);
  uint64_t objects = 0;
  uint64_t at = 0;
  uint64_t blob_end = 0;  // of the BinaryTagDataBlob whose records are being read; 0: none
  while (at + 8 <= document.size() && out.body.size() < limit) {
    if (blob_end != 0 && at + 8 > blob_end) {
      at = blob_end;  // what is no record must not shift what follows
      blob_end = 0;
      continue;
    }
    const uint32_t version = in.U16(at);
    const uint32_t type = in.U16(at + 2);
    const uint32_t length = in.U32(at + 4);
    at += 8;
    if ((version & 0x0f) == 0x0f) {
      continue;
    }
    if (type == 0x138b && blob_end == 0) {
      blob_end = at + length;  // PowerPoint 2002 and later: comments and the like (2.3.20)
      continue;
    }
    if (blob_end != 0 && at + length > blob_end) {
      at = blob_end;
      blob_end = 0;
      continue;
    }
    const Bytes data = in.Slice(at, length);
    at += length;
    std::string text;
    if (type == 0x0fa0 || type == 0x0fba) {  // TextCharsAtom, CString
      text = Utf16LeToUtf8(data);
    } else if (type == 0x0fa8) {  // TextBytesAtom
      text = CodePageToUtf8(1252, data);
    } else if (type == 0x0fb7) {  // FontEntityAtom
      const std::string name = Utf16LeToUtf8(data.substr(0, 64));
      out.fonts += name.substr(0, name.find('\0')) + "\n";
    } else if (type == 0x0400) {  // VBAInfoAtom: where the project is, and whether there is one
      out.macros = out.macros || in.U32(at - length) != 0 || in.U32(at - length + 4) != 0;
    } else if (type == 0x2f14) {  // CryptSession10Container's header atom
      out.encrypted = true;
    } else if (type == 0x1011) {  // ExOleObjStg: instance 1 is its size, then zlib (2.10.34)
      // Behind the size stands a zlib stream: two bytes of header, then DEFLATE.
      const uint64_t room = limit - std::min(limit, objects);
      std::string object = (version >> 4) == 1
                               ? Inflate(in.Slice(at - length + 6, length), room).bytes
                               : std::string(data.substr(0, room));
      objects += object.size();
      if (!object.empty() && objects <= limit) {
        out.objects.push_back(std::move(object));
      } else {
        out.cut = out.cut || objects > limit;
      }
    } else if (type == 0x0fd6 || type == 0x0fd7) {  // ExOleLinkAtom and kin
      out.external = true;
    }
    if (!text.empty()) {
      std::replace(text.begin(), text.end(), '\r', '\n');
      std::replace(text.begin(), text.end(), '\v', '\n');
      out.body += text + "\n";
    }
  }
  return out;
}

std::string ReadPropertySet(Bytes stream) {
  const LittleEndian in(stream);
  std::string out;
  if (in.U16(0) != 0xfffe) {
    return out;
  }
  const uint32_t sets = std::min<uint32_t>(in.U32(24), 2);
  for (uint32_t s = 0; s < sets; ++s) {
    const uint64_t base = in.U32(28 + 20ULL * s + 16);
    const uint32_t count = std::min<uint32_t>(in.U32(base + 4), 1000);
    int code_page = 1252;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t id = in.U32(base + 8 + 8ULL * i);
      const uint64_t at = base + in.U32(base + 12 + 8ULL * i);
      const uint32_t type = in.U16(at);
      const uint32_t length = std::min<uint32_t>(in.U32(at + 4), 65536);
      std::string text;
      if (id == 1 && type == 2) {
        code_page = static_cast<int>(in.U16(at + 4));
      } else if (type == 0x1e) {
        text = code_page == 1200 ? Utf16LeToUtf8(in.Slice(at + 8, length))
                                 : CodePageToUtf8(code_page, in.Slice(at + 8, length));
      } else if (type == 0x1f) {
        text = Utf16LeToUtf8(in.Slice(at + 8, 2ULL * length));
      }
      text = text.substr(0, text.find('\0'));
      if (!text.empty()) {
        out += text + "\n";
      }
    }
  }
  return out;
}

}  // namespace gatepost::decode
