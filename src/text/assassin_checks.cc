// What SpamAssassin's functions (eval:) find, as far as it follows from fields, relays and types.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>

#include "src/base/bytes.h"
#include "src/text/assassin.h"
#include "src/text/assassin_uri.h"

namespace gatepost::text {

namespace {

// The last two labels of an address's domain, lower case; "" none.
std::string LastTwoLabels(const std::string& address) {
  const size_t sign = address.rfind('@');
  if (sign == std::string::npos) {
    return "";
  }
  const std::string domain = AsciiLower(address.substr(sign + 1));
  const size_t last = domain.rfind('.');
  const size_t before =
      last == std::string::npos || last == 0 ? std::string::npos : domain.rfind('.', last - 1);
  return before == std::string::npos || before == 0 ? domain : domain.substr(before + 1);
}

}  // namespace

std::string AssassinReader::FieldOf(std::string_view field) {
  std::string value;
  ReadAssassinField(envelope_, message_, message_.root(), field, &relays_, &value);
  return value;
}

Pieces AssassinReader::Checks() {
  Pieces out;
  const auto add = [&out](bool holds, std::string_view name) {
    if (holds) {
      out.Add(name);
    }
  };
  const bool trusted = !relays_.Hops(true).empty();
  const bool untrusted = !relays_.Hops(false).empty();
  add(trusted && !untrusted, "all-trusted");
  add(!trusted && !untrusted, "no-relays");
  const std::string received = FieldOf("received");
  const bool list = FieldOf("mailing-list").find("; run by ezmlm\n") != std::string::npos &&
                    FieldOf("delivered-to").find("mailing list ") != std::string::npos &&
                    received.find("(qmail ") != std::string::npos;
  add(received.empty() || list || received.find("from groups.msn.com (") != std::string::npos,
      "received-removed");
  add(FieldOf("to").empty() && FieldOf("apparently-to").empty(), "missing-to");
  const std::string from = FieldOf("from:addr").substr(0, FieldOf("from:addr").find('\n'));
  const std::string sender = FieldOf("envelopefrom");
  add(AsciiLower(from) == AsciiLower(sender), "sender-is-from");
  const std::string from_domain = LastTwoLabels(from);
  const std::string sender_domain = LastTwoLabels(sender);
  add(!from_domain.empty() && !sender_domain.empty() && from_domain != sender_domain,
      "domains-differ");
  Body();  // reads HTML
  size_t html = 0;
  size_t plain = 0;
  for (const Part& part : parts_) {
    const bool is_html = part.part->type == "text" && part.part->subtype == "html";
    html += is_html ? 1 : 0;
    plain += !is_html && part.part->type == "text" ? 1 : 0;
  }
  const bool as_a_whole = HasPrefix(AsciiLower(FieldOf("content-type:last")), "text/html");
  add(as_a_whole || html > 0, "html-part");
  add(as_a_whole || (html > 0 && plain == 0), "html-only");
  add(has_html_, "html");
  for (const std::string& tag : tags_) {
    out.Add("tag " + tag);
  }
  return out;
}

}  // namespace gatepost::text
