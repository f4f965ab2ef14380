// LIMITS: "?" in a domain is taken for "*"; where a rule asks for an expression too, it may match
// another address of the field; not converted is check_freemail_replyto, which reads the body.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/freemail.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/import/perl_regex.h"
#include "src/ruleset/names.h"

namespace gatepost::import {

namespace {

constexpr const char* kList = "sa-freemail";

// Who answers there is no person with a mailbox of that provider.
constexpr const char* kNobody =
    "^(?:abuse|support|sales|info|helpdesk|[ck]onta[ck]t|(?:post|host|domain)master|"
    "undisclosed[^\\n]*|request-[a-f0-9]{16}|bounced?-|[^\\n]+=[^\\n]+=[^\\n]+)\\@";

// The arguments of a Perl call in quotes.
std::vector<std::string> Arguments(const std::string& call) {
  std::vector<std::string> out;
  for (size_t at = call.find_first_of("'\""); at != std::string::npos;) {
    const size_t end = call.find(call[at], at + 1);
    if (end == std::string::npos) {
      break;
    }
    out.push_back(call.substr(at + 1, end - at - 1));
    at = call.find_first_of("'\"", end + 1);
  }
  return out;
}

void AddWords(const std::string& value, std::vector<std::string>* out) {
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find_first_of(" \t", at), value.size());
    std::string word = AsciiLower(value.substr(at, end - at));
    std::replace(word.begin(), word.end(), '?', '*');
    if (!word.empty()) {
      out->push_back(std::move(word));
    }
    at = end + 1;
  }
}

}  // namespace

Freemail::Freemail(const CfSettings& settings) {
  for (const Directive& one : settings.others) {
    if (one.key == "freemail_domains") {
      AddWords(one.value, &domains_);
    } else if (one.key == "freemail_welcomelist" || one.key == "freemail_whitelist") {
      AddWords(one.value, &excepted_);
    }
  }
  std::sort(domains_.begin(), domains_.end());
  domains_.erase(std::unique(domains_.begin(), domains_.end()), domains_.end());
  domains_.erase(std::remove_if(domains_.begin(), domains_.end(),
                                [this](const std::string& domain) {
                                  return std::find(excepted_.begin(), excepted_.end(), domain) !=
                                         excepted_.end();
                                }),
                 domains_.end());
}

std::vector<NewRule> Freemail::Convert(const std::string& call, const NewRule& rule,
                                       std::string* why) const {
  const std::string function = call.substr(0, call.find('('));
  const bool from = function == "check_freemail_from";
  if ((!from && function != "check_freemail_header") || domains_.empty()) {
    return {};
  }
  std::vector<std::string> arguments = Arguments(call);
  NewRule listed = rule;
  listed.form = "bytes";
  listed.times = 1;
  listed.lists = {kList};
  listed.unless = {kNobody};
  if (from) {
    listed.zone = "sa:header:from:addr";
    listed.more_zones = {"sa:header:envelope-sender:addr", "sa:header:resent-sender:addr",
                         "sa:header:x-envelope-from:addr", "sa:header:envelopefrom"};
  } else {
    if (arguments.empty()) {
      return {};
    }
    std::string field = AsciiLower(arguments[0].substr(0, arguments[0].find(':')));
    arguments.erase(arguments.begin());
    listed.zone = "sa:header:" + field + (field == "envelopefrom" ? "" : ":addr");
    if (!ruleset::IsZone(listed.zone)) {
      *why = "'" + field + "' is no header field that can be read";
      return {};
    }
  }
  if (arguments.empty()) {
    return {listed};
  }
  // Listed, and of that form.
  NewRule whole = rule;
  listed.id = "__" + rule.id + ".listed";
  listed.part = true;
  listed.title_en.clear();
  listed.title_vi.clear();
  NewRule form = listed;
  form.id = "__" + rule.id + ".form";
  form.lists.clear();
  form.unless.clear();
  form.caseless = true;  // addresses are compared in lower case
  const Result<PerlRegex> regex = ReadPerlRegex("m\x01" + arguments[0] + "\x01");
  if (!regex.ok()) {
    *why = "the expression " + regex.status().message();
    return {};
  }
  form.match = {regex->text};
  whole.calc = listed.id + " && " + form.id;
  return {listed, form, whole};
}

std::vector<NewPack> Freemail::TakePacks() {
  if (domains_.empty()) {
    return {};
  }
  NewPack pack;
  pack.name = "spamassassin-freemail";
  pack.file = "freemail.yaml";
  pack.imported = "SpamAssassin, freemail_domains";
  pack.lists[kList] = std::move(domains_);
  return {std::move(pack)};
}

}  // namespace gatepost::import
