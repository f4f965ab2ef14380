// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/frame.h"

#include "src/base/digest.h"
#include "src/base/encode.h"

namespace gatepost::console {

namespace {

constexpr const char* kStyle =
    "html{color-scheme:light dark}"
    "body{font:15px/1.55 system-ui,sans-serif;margin:16px;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;max-width:100%}"
    "td,th{border:1px solid #8886;padding:2px 8px;vertical-align:top}"
    "blockquote{margin:0 0 0 8px;padding-left:12px;border-left:3px solid #8886}"
    "pre{white-space:pre-wrap}"
    "u.link{text-decoration-style:dotted}"
    "small.target{font:12px ui-monospace,monospace;opacity:.75;margin-left:4px}"
    "i.picture{display:inline-block;border:1px dashed #8888;padding:2px 8px;opacity:.75}";

std::string StyleSource() {
  // CSP level 3: only the style with exactly this digest.
  return "'sha256-" + Base64(Sha256Bytes(kStyle)) + "'";
}

}  // namespace

Response FrameOf(const std::string& safe) {
  Response response;
  response.type = "text/html; charset=utf-8";
  response.body = "<!doctype html><html><head><meta charset=\"utf-8\"><title>-</title><style>" +
                  std::string(kStyle) + "</style></head><body>" + safe + "</body></html>";
  response.headers.emplace_back(
      "Content-Security-Policy",
      "sandbox; default-src 'none'; style-src " + StyleSource() +
          "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'");
  response.headers.emplace_back("X-Frame-Options", "SAMEORIGIN");
  return response;
}

}  // namespace gatepost::console
