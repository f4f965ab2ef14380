// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/checks.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "src/base/bytes.h"

namespace gatepost::import {

std::string CheckOf(const std::string& call) {
  static const std::map<std::string, std::string> checks = {
      {"check_all_trusted", "all-trusted"},
      {"check_no_relays", "no-relays"},
      {"check_for_missing_to_header", "missing-to"},
      {"check_for_matching_env_and_hdr_from", "sender-is-from"},
      {"check_equal_from_domains", "domains-differ"},
      {"gated_through_received_hdr_remover", "received-removed"},
      {"check_for_mime_html", "html-part"},
      {"check_for_mime_html_only", "html-only"},
      {"html_test('html')", "html"}};
  const size_t open = std::min(call.find('('), call.size());
  constexpr std::string_view kTag = "html_tag_exists";
  if (call.compare(0, open, kTag) == 0) {
    const size_t quote = call.find_first_of("'\"", open);
    const size_t end = quote == std::string::npos ? quote : call.find(call[quote], quote + 1);
    return end == std::string::npos ? ""
                                    : "tag " + AsciiLower(call.substr(quote + 1, end - quote - 1));
  }
  const auto found = checks.find(checks.count(call) > 0 ? call : call.substr(0, open));
  return found == checks.end() ? "" : found->second;
}

}  // namespace gatepost::import
