// LIMITS: expat's own protection against amplification stays on; declared entities stop the parser.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/xml.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <type_traits>

#include "src/base/utf8.h"
#include "src/decode/charset.h"

namespace gatepost::decode {

namespace {

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ParserPtr = std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser>;

struct Context {
  XML_Parser parser = nullptr;
  XmlSink* sink = nullptr;
  bool entities = false;
  std::string root;
};

std::string_view LocalName(const XML_Char* name) {
  const char* separator = std::strrchr(name, ':');
  return separator == nullptr ? std::string_view(name) : std::string_view(separator + 1);
}

void XMLCALL OnStart(void* user, const XML_Char* name, const XML_Char** attributes) {
  auto* context = static_cast<Context*>(user);
  context->sink->Start(LocalName(name), XmlAttributes(attributes));
}

void XMLCALL OnEnd(void* user, const XML_Char* name) {
  static_cast<Context*>(user)->sink->End(LocalName(name));
}

void XMLCALL OnText(void* user, const XML_Char* text, int length) {
  static_cast<Context*>(user)->sink->Text(std::string_view(text, static_cast<size_t>(length)));
}

void XMLCALL OnEntity(void* user, const XML_Char* /*name*/, int /*is_parameter*/,
                      const XML_Char* /*value*/, int /*length*/, const XML_Char* /*base*/,
                      const XML_Char* /*system*/, const XML_Char* /*public_id*/,
                      const XML_Char* /*notation*/) {
  auto* context = static_cast<Context*>(user);
  context->entities = true;
  XML_StopParser(context->parser, XML_FALSE);
}

void XMLCALL OnRoot(void* user, const XML_Char* name, const XML_Char** /*attributes*/) {
  auto* context = static_cast<Context*>(user);
  context->root = std::string(LocalName(name));
  XML_StopParser(context->parser, XML_FALSE);
}

// Beside what expat reads itself: windows-1258 and its like.
int XMLCALL OnEncoding(void* /*data*/, const XML_Char* name, XML_Encoding* info) {
  std::array<int, 256> letters{};
  if (!SingleByteLetters(name, &letters)) {
    return XML_STATUS_ERROR;
  }
  std::copy(letters.begin(), letters.end(), info->map);
  info->data = nullptr;
  info->convert = nullptr;
  info->release = nullptr;
  return XML_STATUS_OK;
}

ParserPtr NewParser(Context* context) {
  ParserPtr parser(XML_ParserCreate(nullptr));
  if (parser != nullptr) {
    context->parser = parser.get();
    XML_SetUserData(parser.get(), context);
    XML_SetEntityDeclHandler(parser.get(), OnEntity);
    XML_SetUnknownEncodingHandler(parser.get(), OnEncoding, nullptr);
  }
  return parser;
}

}  // namespace

std::string_view XmlAttributes::Get(std::string_view local_name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    if (LocalName(pair[0]) == local_name) {
      return pair[1];
    }
  }
  return {};
}

size_t XmlAttributes::size() const {
  size_t count = 0;
  while (pairs_[2 * count] != nullptr) {
    ++count;
  }
  return count;
}

XmlOutcome ParseXml(Bytes xml, XmlSink* sink) {
  XmlOutcome outcome;
  Context context;
  context.sink = sink;
  const ParserPtr parser = NewParser(&context);
  if (parser == nullptr) {
    return outcome;
  }
  XML_SetElementHandler(parser.get(), OnStart, OnEnd);
  XML_SetCharacterDataHandler(parser.get(), OnText);
  // In pieces: expat copies what it is given, and the piece's size is an int.
  constexpr size_t kPiece = 1U << 20;
  size_t at = 0;
  XML_Status status = XML_STATUS_OK;
  do {
    const size_t length = std::min(kPiece, xml.size() - at);
    const bool last = at + length == xml.size();
    status = XML_Parse(parser.get(), xml.data() + at, static_cast<int>(length), last ? 1 : 0);
    at += length;
  } while (status == XML_STATUS_OK && at < xml.size());
  outcome.complete = status == XML_STATUS_OK;
  outcome.entities = context.entities;
  const XML_Index index = XML_GetCurrentByteIndex(parser.get());
  outcome.stopped_at = index < 0 ? 0 : std::min(static_cast<size_t>(index), xml.size());
  return outcome;
}

std::string XmlRoot(Bytes xml) {
  Context context;
  const ParserPtr parser = NewParser(&context);
  if (parser == nullptr) {
    return {};
  }
  XML_SetStartElementHandler(parser.get(), OnRoot);
  const size_t length = std::min<size_t>(xml.size(), 1U << 16);
  XML_Parse(parser.get(), xml.data(), static_cast<int>(length), 0);
  return context.root;
}

std::string StripTags(Bytes xml) {
  std::string out;
  for (size_t i = 0; i < xml.size();) {
    if (xml[i] == '<') {
      const size_t end = xml.find('>', i);
      i = end == Bytes::npos ? xml.size() : end + 1;
      if (!out.empty() && out.back() != '\n') {
        out.push_back('\n');
      }
      continue;
    }
    if (xml[i] == '&') {
      const size_t end = xml.substr(i, 12).find(';');
      const Bytes name = end == Bytes::npos ? Bytes() : xml.substr(i + 1, end - 1);
      char32_t code = 0;
      if (name == "lt") {
        code = '<';
      } else if (name == "gt") {
        code = '>';
      } else if (name == "amp") {
        code = '&';
      } else if (name == "quot") {
        code = '"';
      } else if (name == "apos") {
        code = '\'';
      } else if (name.size() > 1 && name[0] == '#') {
        const bool hex = name[1] == 'x' || name[1] == 'X';
        for (const char c : name.substr(hex ? 2 : 1)) {
          const char low = AsciiLower(c);
          const int digit = low >= '0' && low <= '9'          ? low - '0'
                            : hex && low >= 'a' && low <= 'f' ? low - 'a' + 10
                                                              : -1;
          code = digit < 0 || code > 0x110000
                     ? 0x110000
                     : code * (hex ? 16 : 10) + static_cast<char32_t>(digit);
        }
      }
      if (code != 0) {
        AppendUtf8(code, &out);
        i += end + 1;
        continue;
      }
    }
    out.push_back(xml[i]);
    ++i;
  }
  return out;
}

}  // namespace gatepost::decode
