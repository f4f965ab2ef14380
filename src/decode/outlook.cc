// What messages of Outlook hold, in a .msg (MS-OXMSG) and in winmail.dat (MS-OXTNEF) alike.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include "src/decode/elsewhere.h"
#include "src/decode/openers.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

void AddHtmlBody(size_t leaf, Bytes html, const std::string& charset, Collector* out) {
  if (!out->TakeMember(out->leaf(leaf).path)) {
    return;
  }
  Leaf& member = out->AddMember(leaf, "body.html", html);
  member.name.clear();  // programs show it as the message: nobody gets a file of that name
  member.names.clear();
  member.media_type = "text/html";
  member.charset = charset;
}

void AddReference(size_t leaf, const std::string& place, Collector* out) {
  if (place.empty()) {
    return;
  }
  out->AddText(leaf, "attachment", "reference", place + "\n");
  if (IsElsewhere(place)) {
    out->AddText(leaf, "url", "reference", place + "\n");
  }
  // What a click would run is named like any other attachment, though its bytes are not here.
  const size_t end = std::min(place.find_first_of("?#"), place.size());
  const size_t slash = place.find_last_of("/\\", end == 0 ? 0 : end - 1);
  const std::string name =
      place.substr(slash == std::string::npos ? 0 : slash + 1,
                   slash == std::string::npos ? end : std::max(end, slash + 1) - slash - 1);
  if (IsExecutableExtension(Extension(name)) && out->TakeMember(out->leaf(leaf).path)) {
    out->AddMember(leaf, name, {});
  }
}

}  // namespace gatepost::decode
