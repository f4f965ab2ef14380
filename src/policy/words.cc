// Words that conditions are made of: globs and the names of facts.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/clause.h"

namespace gatepost::policy {

// The facts that the inspection sets; a name outside is a warning, because rules and sites may
// have older or newer ones.
const std::set<std::string>& KnownFacts() {
  static const std::set<std::string> kFacts{"direction.inbound",
                                            "direction.outbound",
                                            "direction.internal",
                                            "direction.relay",
                                            "sender.address",
                                            "sender.domain",
                                            "sender.ours",
                                            "sender.null",
                                            "sender.own-unauthenticated",
                                            "recipients.count",
                                            "recipient.domains",
                                            "client.ip",
                                            "client.own",
                                            "auth.user",
                                            "auth.spf",
                                            "auth.dkim",
                                            "auth.dmarc",
                                            "auth.spf.domain",
                                            "auth.dkim.domain",
                                            "auth.dmarc.domain",
                                            "header.from.address",
                                            "header.from.domain",
                                            "header.reply-to.domain",
                                            "header.count.from",
                                            "message.size",
                                            "message.list",
                                            "message.auto-submitted",
                                            "message.bounce",
                                            "message.encrypted",
                                            "attachment.count",
                                            "document.attached",
                                            "document.macros",
                                            "document.encrypted",
                                            "document.external",
                                            "document.image-only",
                                            "archive.encrypted",
                                            "executable.attached",
                                            "encoding.legacy",
                                            "encoding.charsets",
                                            "text.invisible",
                                            "antivirus.mode",
                                            "virus.found",
                                            "virus.macros",
                                            "virus.signatures",
                                            "defects.a",
                                            "defects.b",
                                            "defects.c"};
  return kFacts;
}

bool GlobMatches(std::string_view glob, std::string_view text) {
  size_t g = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') {
    ++g;
  }
  return g == glob.size();
}

}  // namespace gatepost::policy
