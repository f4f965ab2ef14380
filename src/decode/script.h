// Scripts are not run. What they carry in their strings is decoded, what they are about to do is
// told by the names they use: a file built in the reader's browser passes every gateway unseen.
// LIMITS: strings that a script computes otherwise than by joining, base64, percent or character
// codes stay closed; at most kMostScriptBytes of scripts are looked into. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::decode {

constexpr size_t kMostScriptBytes = 4U << 20U;

struct ScriptSigns {
  bool makes_file = false;         // new Blob, Uint8Array, msSaveBlob...
  bool decodes = false;            // atob, fromCharCode, unescape...
  bool saves = false;              // createObjectURL, .download, msSaveOrOpenBlob
  bool writes = false;             // document.write, innerHTML
  bool redirects = false;          // location =
  std::vector<std::string> texts;  // decoded strings that are HTML or text, UTF-8
  // Strings that may become text of a page: lines without markup, and, joined, what is written at
  // once by document.write and its like.
  std::vector<std::string> literals;
  std::string written;
  std::set<std::string> payloads;  // sniffed types of decoded strings: "zip", "executable"...
  bool keep = false;               // fill files
  std::vector<std::string> files;  // the bytes of payloads and of text that was encoded
  // Saves a file that it makes or decodes, or writes a page that it decodes.
  bool Smuggles() const {
    return (saves && (makes_file || decodes)) || (writes && decodes && !texts.empty()) ||
           !payloads.empty();
  }
};

// Adds to *out. Total, linear.
void ReadScript(std::string_view script, ScriptSigns* out);

// data:[<type>][;base64],<data> (RFC 2397). False: it is no such URI. `*bytes` is decoded.
bool ReadDataUri(std::string_view uri, std::string* media_type, std::string* bytes);

// What decoded bytes are: text is added to out->texts, anything with a known signature to payloads.
void TakePayload(std::string bytes, ScriptSigns* out);

// Files in base64 that stand in a page's text or attributes, where its script fetches them.
void TakeHiddenData(std::string_view page, ScriptSigns* out);

// %XX and %uXXXX undone.
std::string PercentDecoded(std::string_view s);

}  // namespace gatepost::decode
