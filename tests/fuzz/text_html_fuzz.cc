// Any bytes as HTML: well-formed output, soft line ends at line ends, a way back inside the source.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>

#include "src/base/utf8.h"
#include "src/text/view.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string html = gatepost::ToValidUtf8({reinterpret_cast<const char*>(data), size});
  const gatepost::text::HtmlText text = gatepost::text::ReadHtml(html);
  Require(gatepost::IsUtf8(text.visible) && gatepost::IsUtf8(text.hidden));
  for (const std::string& url : text.urls) {
    Require(gatepost::IsUtf8(url));
  }
  for (const uint32_t at : text.soft) {
    Require(at < text.visible.size() && text.visible[at] == '\n');
  }
  uint32_t end = 0;
  for (const gatepost::decode::FontRun& run : text.runs) {
    Require(run.begin >= end && run.begin < run.end && run.end <= text.visible.size());
    end = run.end;
  }
  uint32_t view = 0;
  for (const gatepost::text::MapPiece& piece : text.map) {
    Require(piece.view >= view && piece.view <= text.visible.size());
    Require(piece.source <= html.size());
    view = piece.view;
  }
  return 0;
}
