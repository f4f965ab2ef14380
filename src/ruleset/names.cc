// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/names.h"

#include <algorithm>
#include <array>

#include "src/ruleset/words.h"

namespace gatepost::ruleset {

namespace {

constexpr std::array<const char*, 2> kModes = {"shadow", "enforce"};
constexpr std::array<const char*, 5> kSeverities = {"info", "low", "medium", "high", "critical"};
constexpr std::array<const char*, 6> kLevels = {"",          "mat",   "toi-mat",
                                                "tuyet-mat", "other", "from-match"};

template <typename Enum, size_t kCount>
bool FromString(const std::array<const char*, kCount>& words, std::string_view word, Enum* out) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end() || word.empty()) {
    return false;
  }
  *out = static_cast<Enum>(found - words.begin());
  return true;
}

}  // namespace

const char* ToString(Mode mode) { return kModes.at(static_cast<size_t>(mode)); }
const char* ToString(Severity severity) { return kSeverities.at(static_cast<size_t>(severity)); }
const char* ToString(Level level) { return kLevels.at(static_cast<size_t>(level)); }

bool ModeFromString(std::string_view word, Mode* out) { return FromString(kModes, word, out); }
bool SeverityFromString(std::string_view word, Severity* out) {
  return FromString(kSeverities, word, out);
}
bool LevelFromString(std::string_view word, Level* out) { return FromString(kLevels, word, out); }

const std::vector<std::string>& FixedZones() {
  static const std::vector<std::string> zones = {
      "subject",  "body",      "hidden",       "attachment", "filename",
      "url",      "from",      "from-name",    "to",         "cc",
      "reply-to", "env-from",  "env-to",       "docprops",   "header-footer",
      "fonts",    "rels",      "xml",          "ole",        "html",
      "rtf",      "sa:body",   "sa:body-only", "sa:rawbody", "sa:full",
      "sa:uri",   "sa:fields", "sa:checks"};
  return zones;
}

const std::vector<std::string>& AnyZones() {
  static const std::vector<std::string> zones = {
      "subject", "body", "hidden", "attachment", "filename", "docprops", "header-footer"};
  return zones;
}

namespace {

bool IsFieldName(std::string_view name) {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != ':' && c != '*' && (c < 'A' || c > 'Z');
  });
}

// FIELD, FIELD:raw, FIELD:addr, FIELD:name, and two of these.
bool IsFieldWithReading(std::string_view field) {
  const size_t colon = field.find(':');
  if (!IsFieldName(field.substr(0, colon))) {
    return false;
  }
  for (size_t at = colon; at < field.size();) {
    const size_t next = std::min(field.find(':', at + 1), field.size());
    const std::string_view word = field.substr(at + 1, next - at - 1);
    if (word != "raw" && word != "addr" && word != "name") {
      return false;
    }
    at = next;
  }
  return true;
}

}  // namespace

bool IsZone(std::string_view zone) {
  for (const std::string_view prefix : {"sa:header:", "sa:mime:"}) {
    if (zone.substr(0, prefix.size()) == prefix) {
      return IsFieldWithReading(zone.substr(prefix.size()));
    }
  }
  constexpr std::string_view kHeader = "header:";
  if (zone.substr(0, kHeader.size()) == kHeader) {
    return IsFieldName(zone.substr(kHeader.size()));
  }
  const auto& fixed = FixedZones();
  return std::find(fixed.begin(), fixed.end(), zone) != fixed.end();
}

std::string UnknownZone(const std::string& name) {
  if (name.rfind("header:", 0) == 0 || name.rfind("header ", 0) == 0 || name == "header") {
    return "'" + name +
           "' is no zone: one field is header:NAME, such as header:X-Mailer, the name without "
           "blanks, ':' and '*'";
  }
  return "unknown zone '" + name + "'" + DidYouMean(name, FixedZones());
}

const std::vector<std::string>& KnownFacts() {
  static const std::vector<std::string> facts = {"direction.inbound",
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
                                                 "header.from.own-unauthenticated",
                                                 "header.reply-to.domain",
                                                 "header.count.from",
                                                 "message.size",
                                                 "message.list",
                                                 "message.auto-submitted",
                                                 "message.bounce",
                                                 "message.encrypted",
                                                 "message.signed",
                                                 "shortcut.attached",
                                                 "attachment.count",
                                                 "document.attached",
                                                 "document.encrypted",
                                                 "document.external",
                                                 "document.image-only",
                                                 "document.image-pages",
                                                 "document.launch",
                                                 "picture.code",
                                                 "picture.code-part",
                                                 "picture.pages-left",
                                                 "picture.text",
                                                 "document.macros",
                                                 "archive.encrypted",
                                                 "container.unknown",
                                                 "archive.password-in-mail",
                                                 "executable.attached",
                                                 "encoding.legacy",
                                                 "encoding.charsets",
                                                 "text.invisible",
                                                 "document.dde",
                                                 "document.default-password",
                                                 "document.hidden-sheet",
                                                 "document.hidden-slide",
                                                 "document.hidden-text",
                                                 "document.macro-autorun",
                                                 "document.ole-doubtful",
                                                 "document.ole-object",
                                                 "document.ole-update",
                                                 "document.remote-template",
                                                 "document.signed",
                                                 "document.very-hidden-sheet",
                                                 "executable.embedded",
                                                 "html.base",
                                                 "html.conditional",
                                                 "html.data-uri",
                                                 "html.event-handler",
                                                 "html.form",
                                                 "html.hidden",
                                                 "html.link-mismatch",
                                                 "html.meta-refresh",
                                                 "html.reversed",
                                                 "html.script",
                                                 "html.script-picture",
                                                 "html.script-redirect",
                                                 "html.script-url",
                                                 "html.smuggling",
                                                 "html.srcdoc",
                                                 "text.alternatives-differ",
                                                 "text.bidi",
                                                 "text.block-picture",
                                                 "text.columns",
                                                 "text.entities",
                                                 "text.full-width",
                                                 "text.mark-flood",
                                                 "text.mixed-script",
                                                 "text.overlong",
                                                 "text.reversed",
                                                 "text.selectors",
                                                 "text.spaced",
                                                 "text.styled",
                                                 "text.tags",
                                                 "text.broken-words",
                                                 "text.ill-formed",
                                                 "text.utf7",
                                                 "url.punycode",
                                                 "unscannable.",
                                                 "antivirus.mode",
                                                 "parts.unlisted",
                                                 "virus.found",
                                                 "virus.broken",
                                                 "virus.macros",
                                                 "virus.phishing",
                                                 "virus.signatures",
                                                 "outbreak.count",
                                                 "defects.a",
                                                 "defects.b",
                                                 "defects.c"};
  return facts;
}

bool IsKnownFact(std::string_view name) {
  for (const std::string& fact : KnownFacts()) {
    if (fact.back() == '.' ? name.substr(0, fact.size()) == fact
                           : fact == name || GlobMatches(name, fact)) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::ruleset
