// Files that a page builds in the reader's browser (HTML smuggling): data: URIs, and what the
// strings of its scripts decode into, become members.
// LIMITS: the first kMostScriptBytes of a page, in an encoding that keeps ASCII; see script.h.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/decode/openers.h"
#include "src/decode/script.h"

namespace gatepost::decode {

namespace {

// Where "<script" or "</script" stands from `from` on; npos: nowhere.
size_t FindTag(Bytes page, std::string_view tag, size_t from) {
  for (size_t at = page.find('<', from); at != Bytes::npos; at = page.find('<', at + 1)) {
    if (AsciiStartsWithIgnoreCase(page.substr(at, tag.size()), tag)) {
      return at;
    }
  }
  return Bytes::npos;
}

}  // namespace

void OpenScripts(size_t leaf, Collector* out) {
  const Leaf page = out->leaf(leaf);
  if (page.depth >= out->limits().archive_depth) {
    return;
  }
  const Bytes bytes = page.bytes.substr(0, kMostScriptBytes);
  ScriptSigns signs;
  signs.keep = true;
  for (size_t open = FindTag(bytes, "<script", 0); open != Bytes::npos;) {
    const size_t close = std::min(FindTag(bytes, "</script", open), bytes.size());
    ReadScript(bytes.substr(open, close - open), &signs);
    open = FindTag(bytes, "<script", close);
  }
  if (FindTag(bytes, "<script", 0) != Bytes::npos) {
    TakeHiddenData(bytes, &signs);
  }
  for (size_t at = bytes.find(':'); at != Bytes::npos;) {
    size_t end = at + 1;
    if (at >= 4 && AsciiEqualsIgnoreCase(bytes.substr(at - 4, 4), "data")) {
      end = std::min(bytes.find_first_of("\"'>)`", at), bytes.size());
      std::string media_type;
      std::string data;
      if (ReadDataUri(bytes.substr(at - 4, end - at + 4), &media_type, &data)) {
        TakePayload(std::move(data), &signs);
      }
    }
    at = bytes.find(':', end);
  }
  for (std::string& file : signs.files) {
    if (file.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, page);
      return;
    }
    out->AddMember(leaf, "script", out->Keep(std::move(file))).is_alternative = true;
  }
}

}  // namespace gatepost::decode
